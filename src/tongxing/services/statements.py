"""Answer another gateway: what this region's back end says of whoever shows one of its codes (the issuer's use case).

The answer is a signed statement for one audience and one query, with a handle to the subject that
nobody can join across queries. A back end's secrets and documents stay here. A one-time code is
claimed before the back end is asked and released if the back end failed, so that a code is used up
by being checked and not by an outage.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Standing
from tongxing.core.limits import BACK_END_DEADLINE_SECONDS
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.words import RegionId
from tongxing.crypto.digests import is_same_secret, sha256
from tongxing.crypto.keys import PublicKey
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.families import FAMILIES, NAMING_ALONE, NATIONAL
from tongxing.regions.profile import Profile
from tongxing.regions.translation import translate
from tongxing.services.known_reports import find_own_report
from tongxing.services.peers import BackEnd
from tongxing.services.persons import Persons
from tongxing.services.ports import (
    Alarm,
    AlarmStore,
    ClaimResult,
    Clock,
    ReportStore,
    TicketStore,
)
from tongxing.services.reference import Reference
from tongxing.services.stating import (
    DriversBehindPasses,
    ExtensionDesk,
    MintedCodes,
    StatementSigner,
    Told,
    credential_id_of,
)
from tongxing.wire.transit_pass import is_transit_pass

ONE_TIME_CODE_KEPT = timedelta(days=1)
"""A one-time code of a back end stays used for so long; its own life is a minute or so."""

_HELD_AFTER = frozenset({ReasonId.TICKET_USED, ReasonId.TICKET_EXPIRED, ReasonId.TICKET_UNKNOWN})
"""After these answers a claimed code stays claimed: the back end has spoken."""


class StatementDesk:
    """Makes this region's signed statements."""

    def __init__(  # noqa: PLR0913 - the node's own parts, given once
        self,
        *,
        region: RegionId,
        reference: Reference,
        back_end: BackEnd,
        credentials: Mapping[str, str],
        tickets: TicketStore,
        extensions: ExtensionDesk,
        reports: ReportStore,
        persons: Persons,
        minted: MintedCodes,
        passes: DriversBehindPasses,
        alarms: AlarmStore,
        signer: StatementSigner,
        code_key: PublicKey,
        clock: Clock,
    ) -> None:
        self._region = region
        self._reference = reference
        self._back_end = back_end
        self._credentials = credentials
        self._tickets = tickets
        self._extensions = extensions
        self._reports = reports
        self._alarms = alarms
        self._persons = persons
        self._minted = minted
        self._passes = passes
        self._signer = signer
        self._code_key = code_key
        self._clock = clock

    async def answer(
        self, audience: RegionId, query_id: bytes, qr_text: str | None, extension_token: bytes | None
    ) -> bytes:
        """Return the statement about whoever shows ``qr_text``, or behind an extension token.

        Raises ``Rejected`` or ``Undecidable`` with the reason why there is none, which the host
        turns into ``REFER``; forgery and replay are alarmed here too.
        """
        at = self._clock.now()
        try:
            if qr_text is not None:
                told = await self.tell(qr_text, query_id, at)
            elif extension_token is not None:
                told = await self._look_behind(extension_token, audience, at)
            else:
                raise Refused(ProblemId.BAD_REQUEST, "neither a code nor an extension token is given")
        except (Rejected, Undecidable) as why:
            if REASONS[why.reason].alarm:
                await self._alarms.raise_alarm(Alarm(at, why.reason, None, f"asked by region {audience}"))
            raise
        if told.sealed_by is None or audience != self._region:
            # What a converted code's source sealed for this gateway is of no use to another.
            sealed = self.seal_consultation(told, audience, query_id, at)
            told = replace(told, consultation=sealed, sealed_by=None)
        return self._signer.sign(told, audience, query_id, at)

    def seal_consultation(self, told: Told, audience: RegionId, query_id: bytes, at: datetime) -> bytes | None:
        """Return of whom was told, for the hub alone; None where this gateway does not know."""
        return self._persons.seal_consultation(told.keys, audience, query_id, at, is_freight=told.is_freight)

    async def tell(self, qr_text: str, query_id: bytes, at: datetime) -> Told:
        """Return what is said now of whoever shows ``qr_text``, unsigned: by what was minted here, or the back end.

        Raises as ``answer``, and alarms nobody.
        """
        minted = await self._minted.find_told(qr_text, at)
        return minted if minted is not None else await self._ask_back_end(qr_text, query_id, at)

    def is_handle_of(self, handle: str, qr_text: str) -> bool:
        """True if ``handle`` was given to whoever showed ``qr_text``, a code of this region."""
        if qr_text.startswith(NATIONAL.prefix) or is_transit_pass(qr_text):
            return handle == credential_id_of(qr_text, self._code_key)
        query_id, _, _ = handle.partition(".")
        try:
            expected = self._signer.handle(bytes.fromhex(query_id), sha256(qr_text.encode()))
        except ValueError:
            return False
        return is_same_secret(handle.encode(), expected.encode())

    async def _ask_back_end(self, qr_text: str, query_id: bytes, at: datetime) -> Told:
        profile = self._reference.knowledge.profiles[self._region]
        if not FAMILIES[profile.family].recognises(qr_text, profile):
            raise Rejected(ReasonId.TICKET_UNKNOWN, "not a code of this region")
        digest = sha256(qr_text.encode())
        if profile.one_time_code:
            claimed = await self._tickets.claim(b"code" + digest, at + ONE_TIME_CODE_KEPT, at)
            if claimed is not ClaimResult.CLAIMED:
                raise Rejected(ReasonId.TICKET_USED)
        try:
            answer = await self._drive(profile, qr_text, query_id, at)
        except (Rejected, Undecidable) as why:
            if profile.one_time_code and why.reason not in _HELD_AFTER:
                await self._tickets.release(b"code" + digest)
            raise
        translated = translate(answer, profile, at=at, revision=int(at.timestamp() * 1000))
        keys = None
        if translated.report.standing is not Standing.MISMATCH:  # else nobody knows who that is
            keys = await self._persons.find_keys(answer.person_ref)
        if keys is not None and profile.family in NAMING_ALONE:
            docked = await find_own_report(self._reports, keys, self._region)
            if docked is not None:
                return Told(docked.report, docked.origin, translated.masked_hint, digest, keys=keys)
        return Told(translated.report, translated.origin, translated.masked_hint, digest, keys=keys)

    async def _drive(self, profile: Profile, qr_text: str, query_id: bytes, at: datetime) -> SourceAnswer:
        asking = FAMILIES[profile.family].ask(qr_text, profile, at, query_id.hex(), self._credentials)
        try:
            async with asyncio.timeout(BACK_END_DEADLINE_SECONDS):
                request = next(asking)
                while True:
                    answer = await self._back_end.exchange(request, timeout_seconds=BACK_END_DEADLINE_SECONDS)
                    request = asking.send(answer)
        except StopIteration as finished:
            answered: SourceAnswer = finished.value
            return answered
        except TimeoutError as late:
            raise Undecidable(ReasonId.SOURCE_SLOW, f"no answer in {BACK_END_DEADLINE_SECONDS} s") from late

    async def _look_behind(self, token: bytes, audience: RegionId, at: datetime) -> Told:
        behind_pass = await self._passes.find_told(token, audience, at)
        if behind_pass is not None:
            return behind_pass
        extension = await self._extensions.redeem(token, at)
        for row in await self._reports.reports_of(extension.subject):
            if row.report.issuer == self._region:
                return Told(row.report, row.origin, None, extension.credential_id)
        raise Undecidable(ReasonId.NO_RECORD)
