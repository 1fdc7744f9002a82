"""Transit passes: make one for a driver, a vehicle and a route; say what is behind one; withdraw it.

- A pass is made with a back end's ticket, as a code is, for somebody whose current report is of the low level.
- It carries no status. Each gate on the route asks for the issuer's statement of that moment by the pass's
  extension token; a region off the route is told nothing.
- Withdrawn by the back end, or because the driver's report rose above the low level: it does not come back
  with a later report. A withdrawal never hides a status: who is above low is told as that, so that a row may
  stop them.

Spec: docs/specs/transit-pass.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import CLOCK_SKEW, TRANSIT_PASS_LIFE_MAX
from tongxing.core.masking import mask_name
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.subjects import Document, SubjectKey, SubjectKeys
from tongxing.core.transit import Plate, Route, is_on_route
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.recognition.combining import STANDING_REASONS
from tongxing.services.known_reports import find_own_report
from tongxing.services.making_tickets import MakingTickets
from tongxing.services.ports import Clock, Entropy, ReportStore
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.stating import Told
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.wire.transit_pass import (
    EXTENSION_TOKEN_BYTES,
    PASS_ID_BYTES,
    TransitPassClaims,
    encode_transit_pass,
)


@dataclass(frozen=True, slots=True, repr=False)
class KeptPass:
    """What the issuer holds behind one pass. ``sealed`` holds the driver's keys, masked hint and route.

    ``pass_id`` is 32 hex digits; ``token_digest`` is of the extension token, which is never kept.
    """

    pass_id: str
    token_digest: bytes
    subject: SubjectKey
    sealed: bytes
    expires_at: datetime
    withdrawn: bool = False


class TransitPassStore(Protocol):
    """The transit passes of one region. Contract of every write as in ``services.ports``."""

    async def save(self, kept: KeptPass) -> None:
        """Keep a pass. The same again counts once; another under its id or digest: Refused(CONFLICT)."""
        ...

    async def find(self, token_digest: bytes) -> KeptPass | None:
        """Return the pass behind a token, ended and withdrawn ones too: the caller judges. Hot."""
        ...

    async def withdraw(self, pass_id: str) -> None:
        """Withdraw a pass for good; again counts once. Raises Refused(NOT_FOUND) for an unknown one."""
        ...

    async def withdraw_of(self, subjects: Sequence[SubjectKeys]) -> int:
        """Withdraw every pass of each subject, under all of its keys; return how many were withdrawn by this."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended not after ``at``; return how many."""
        ...


class _Kept(msgspec.Struct, frozen=True):
    keys: tuple[bytes, ...]
    hint: str
    route: Route


_DECODER = msgspec.msgpack.Decoder(_Kept)


@dataclass(frozen=True, slots=True)
class Journey:
    """What a pass is asked for. ``valid_from`` is None for *from now on*; aware times."""

    plate: Plate
    route: Route
    valid_until: datetime
    valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class MadePass:
    """A transit pass to draw or print; ``pass_id`` names it for withdrawing."""

    qr_text: str
    pass_id: str
    valid_from: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TransitPassDesk:
    """Makes this region's transit passes, and says what is behind one."""

    region: RegionId
    key: SigningKey
    subject_keys: SubjectKeyCache
    reports: ReportStore
    passes: TransitPassStore
    tickets: MakingTickets
    sealed: SealedRecords
    clock: Clock
    entropy: Entropy

    async def make(self, serial: str, random: bytes, document: Document, name: str, journey: Journey) -> MadePass:
        """Use a ticket up and return a pass for the driver with ``document``; durable when it returns.

        Raises ``Refused``: ``TICKET_UNUSABLE``; ``BAD_REQUEST`` (begins in the past, ends before it begins, or
        later than ``TRANSIT_PASS_LIFE_MAX`` from now); ``CODE_NOT_CONFIRMED`` with the reason where the region holds no
        current report of the low level; ``UPSTREAM_AWAY`` (the ticket can then be used again).
        """
        at = self.clock.now().replace(microsecond=0)
        ticket = await self.tickets.find(serial, random, at)
        valid_from, expires_at = _span_of(journey, at)
        keys = await self.subject_keys.keys_of(document)
        await self.tickets.use_up(ticket, at)
        await self._check_driver(keys, at)
        pass_id, token = self.entropy(PASS_ID_BYTES), self.entropy(EXTENSION_TOKEN_BYTES)
        claims = TransitPassClaims(
            issuer=self.region,
            pass_id=pass_id,
            issued_at=int(at.timestamp()),
            valid_from=int(valid_from.timestamp()),
            expires_at=int(expires_at.timestamp()),
            extension_token=token,
            plate=journey.plate,
            route=journey.route,
        )
        public = self.key.public
        qr_text = encode_transit_pass(claims, alg=public.cose_alg, kid=public.kid, sign=self.key.sign)
        content = msgspec.msgpack.encode(_Kept(tuple(keys), mask_name(name), journey.route))
        digest = sha256(token)
        sealed = self.sealed.seal(content, digest)
        await self.passes.save(KeptPass(pass_id.hex(), digest, keys[0], sealed, expires_at))
        return MadePass(qr_text, pass_id.hex(), valid_from, expires_at)

    async def withdraw(self, pass_id: str) -> None:
        """Withdraw a pass for good. Raises ``Refused(NOT_FOUND)``: never made here, or forgotten after its end."""
        await self.passes.withdraw(pass_id)

    async def find_told(self, token: bytes, audience: RegionId, at: datetime) -> Told | None:
        """Return what the region says now of the driver behind a token; None if no pass has that token.

        Raises ``Rejected``: ``TRANSIT_EXPIRED``, ``TRANSIT_OFF_ROUTE`` (the asking region is not on it),
        ``TRANSIT_WITHDRAWN``; or ``Undecidable(NO_RECORD)``.
        """
        digest = sha256(token)
        kept = await self.passes.find(digest)
        if kept is None:
            return None
        if kept.expires_at <= at:
            raise Rejected(ReasonId.TRANSIT_EXPIRED)
        content = _DECODER.decode(self.sealed.open(kept.sealed, digest))
        if not is_on_route(audience, content.route):
            raise Rejected(ReasonId.TRANSIT_OFF_ROUTE, f"asked by region {audience}")
        keys: SubjectKeys = tuple(SubjectKey(key) for key in content.keys)
        own = await find_own_report(self.reports, keys, self.region)
        if kept.withdrawn and (own is None or not _is_above_low(own.report, at)):
            raise Rejected(ReasonId.TRANSIT_WITHDRAWN)
        if own is None:
            raise Undecidable(ReasonId.NO_RECORD)
        return Told(
            own.report, own.origin, content.hint or None, bytes.fromhex(kept.pass_id), keys=keys, is_freight=True
        )

    async def _check_driver(self, keys: SubjectKeys, at: datetime) -> None:
        own = await find_own_report(self.reports, keys, self.region)
        if own is None:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, str(ReasonId.NO_RECORD))
        standing = own.report.standing_at(at)
        if standing is not Standing.CURRENT:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, str(STANDING_REASONS[standing]))
        if own.report.level is not Level.LOW:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, "the driver's level is above low")


def _span_of(journey: Journey, at: datetime) -> tuple[datetime, datetime]:
    """Return from when to when a pass is valid, in whole seconds of UTC; ``at`` is such a moment."""
    asked_from = at if journey.valid_from is None else journey.valid_from.astimezone(UTC).replace(microsecond=0)
    expires_at = journey.valid_until.astimezone(UTC).replace(microsecond=0)
    if asked_from < at - CLOCK_SKEW:
        raise Refused(ProblemId.BAD_REQUEST, "a transit pass cannot begin in the past")
    valid_from = max(asked_from, at)
    if not valid_from < expires_at:
        raise Refused(ProblemId.BAD_REQUEST, "a transit pass ends before it begins")
    if expires_at > at + TRANSIT_PASS_LIFE_MAX:
        hours = int(TRANSIT_PASS_LIFE_MAX.total_seconds()) // 3600
        raise Refused(ProblemId.BAD_REQUEST, f"a transit pass ends {hours} hours after it is made at the latest")
    return valid_from, expires_at


def _is_above_low(report: Report, at: datetime) -> bool:
    return report.standing_at(at) is Standing.CURRENT and report.level is not Level.LOW
