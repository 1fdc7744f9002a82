"""My code: what a signed-in citizen shows, and why a checkpoint decided on it as it did (law 6).

A code is made from the subject keys of the session or of a bound member, never from anything that the
caller names. Beside the code goes a receipt: sealed for the very citizen, it proves later that a verdict
was given on a code of theirs. A guard who has scanned the code has no receipt. Nothing of it is kept here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import CODES_PER_CITIZEN_PER_MINUTE
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.core.ways import Way
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.recognition.views import CitizenView
from tongxing.services.citizens import Citizen
from tongxing.services.codes import CodeDesk
from tongxing.services.explanations import ExplanationDesk
from tongxing.services.family import BondGround, FamilyDesk, Member
from tongxing.services.peers import Hub
from tongxing.services.ports import Clock
from tongxing.services.reference import Reference
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore

_MINUTE: Final = timedelta(minutes=1)
_FEDERATIONS: Final = "00:"
"""Begins what a receipt of the federation's code holds: the text itself, which proves to the hub who held it."""


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code to draw now. ``receipt`` is None where its verdicts are not the asking citizen's to be told."""

    qr_text: str
    expires_at: datetime
    hint: str
    receipt: bytes | None


@dataclass(frozen=True, slots=True)
class CitizenCodeDesk:
    """Makes codes for signed-in citizens and explains verdicts on them."""

    region: RegionId
    reference: Reference
    code_desk: CodeDesk
    explanations: ExplanationDesk
    family: FamilyDesk
    hub: Hub
    limits: LimitStore
    sealed: SealedRecords
    clock: Clock

    async def make(self, citizen: Citizen, bond_id: str | None) -> ShownCode:
        """Return a code of the citizen's or a bound member's own: of the federation where the region adopts it (way 3).

        Raises Refused: NOT_FOUND (no such member of theirs), WAY_NOT_USED, LIMITED, CODE_NOT_CONFIRMED, UPSTREAM_AWAY.
        """
        await self._take_one(citizen)
        shown = Member(citizen.keys, citizen.hint, BondGround.CONSENT)
        if bond_id is not None:
            shown = await self.family.find_member(citizen, bond_id)
        profile, at = self.reference.knowledge.profiles[self.region], self.clock.now()
        if profile.qr is None:
            profile.check_uses_way(Way.ADOPTION, at)
        if profile.uses_way(Way.ADOPTION, at):
            made = await self.hub.make_national_code(shown.keys, shown.hint)
            proof = _FEDERATIONS + made.qr_text
        else:
            made = await self.code_desk.make_for(shown.keys, shown.hint)
            proof = self.code_desk.handle_of(made.qr_text)
        is_told = bond_id is None or shown.ground is BondGround.GUARDIAN
        receipt = self.sealed.seal(proof.encode(), _about(citizen.keys[0])) if is_told else None
        return ShownCode(made.qr_text, made.expires_at, shown.hint, receipt)

    async def explain(self, citizen: Citizen, host: RegionId, ref: str, receipts: Sequence[bytes]) -> CitizenView:
        """Return the citizen's view of verdict ``ref``, if it was given on a code that one of ``receipts`` is for.

        Or on their document, typed by a guard. Of the federation's codes the hub asks the host.
        Raises Refused: FORBIDDEN (another's receipt or verdict), NOT_FOUND, UPSTREAM_AWAY.
        """
        # A browser that several people use holds other people's receipts too: they open nothing here.
        opened = [self._open(citizen, receipt) for receipt in receipts]
        proofs = {proof for proof in opened if proof is not None}
        if receipts and not proofs:
            raise Refused(ProblemId.FORBIDDEN, "no receipt is for a code of yours")
        federations = [proof.removeprefix(_FEDERATIONS) for proof in proofs if proof.startswith(_FEDERATIONS)]
        if federations:
            try:
                return await self.hub.explain(host, ref, federations)
            except Refused as refused:
                # It may still be on the document, or on a code from before the region adopted the national one.
                if refused.problem is not ProblemId.FORBIDDEN:
                    raise
        return await self.explanations.explain_own(host, ref, proofs, citizen.keys)

    async def _take_one(self, citizen: Citizen) -> None:
        at = self.clock.now()
        minute = int(at.timestamp()) // 60
        key = sha256(b"code" + citizen.keys[0] + minute.to_bytes(8, "big"))
        taken = await self.limits.take(Allowance(key, CODES_PER_CITIZEN_PER_MINUTE, at + _MINUTE))
        if taken is not LimitResult.TAKEN:
            raise Refused(ProblemId.LIMITED, f"at most {CODES_PER_CITIZEN_PER_MINUTE} codes a minute")

    def _open(self, citizen: Citizen, receipt: bytes) -> str | None:
        for key in citizen.keys:
            handle = self.sealed.open_shown(receipt, _about(key))
            if handle is not None:
                return handle.decode()
        return None


def _about(key: SubjectKey) -> bytes:
    return b"receipt" + key
