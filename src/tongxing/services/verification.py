"""Verify: a code was scanned at one of this region's checkpoints (the host's use case).

Runs the pipeline, fetches what it asks for, and records the passage (stage 8) before anything is
answered: a verdict that was told is durable (law 7). Forgery and replay raise an alarm.
"""

import asyncio
from dataclasses import dataclass

import msgspec

from tongxing.core.border import is_border_between
from tongxing.core.checkpoints import Temperature
from tongxing.core.entered import NOTHING_ENTERED, Entered
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import CONSULTATION_DEADLINE_SECONDS, GATEWAY_DEADLINE_SECONDS, VERDICT_DEADLINE_SECONDS
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.verdicts import Direction, Ending, Outcome, Seen, Verdict
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.sealing import SymmetricKey
from tongxing.crypto.site_pseudonyms import SitePseudonyms
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.stages import (
    Fetched,
    Needed,
    OthersFetched,
    OthersNeeded,
    Scan,
    StatementFetched,
    StatementNeeded,
    scan_picture,
)
from tongxing.recognition.views import (
    AuditorView,
    EndingView,
    GuardView,
    auditor_view,
    citizen_view,
    ending_view,
    guard_view,
)
from tongxing.services.peers import Hub, Peers, SharedVerdict, StatementRequest
from tongxing.services.ports import Alarm, AlarmStore, Clock, Entropy, PassageStore, RecordedEnding
from tongxing.services.recording import Recording
from tongxing.services.reference import Reference
from tongxing.services.statements import StatementDesk

PICTURES_AT_ONCE = 2
"""Reading the largest picture that is allowed takes some 100 MB and a core."""

_OWN_WORK_SECONDS = 0.05
"""What is kept of a scan's time for recording it."""


@dataclass(frozen=True, slots=True)
class Passing:
    """Who passes where: the checkpoint's device and site, its kind of place, and what the guard says besides.

    ``division`` is where the site stands, as it was enrolled; no guard and no scan says it.
    """

    device_id: str
    site: str
    place_kind: PlaceKind
    direction: Direction | None = None
    temperature: Temperature | None = None
    entered: Entered = NOTHING_ENTERED
    division: str = ""

    def scan(self, qr_text: str, host: RegionId) -> Scan:
        """Return the pipeline's input for a text that was shown here."""
        temperature = self.temperature
        return Scan(
            qr_text,
            self.place_kind,
            host,
            None,
            self.direction,
            None if temperature is None else temperature.decicelsius,
            temperature is not None and temperature.confirmed,
            self.site,
            self.division,
            groups=self.entered.groups,
            proofs=self.entered.proofs,
            asked=self.entered.kinds_asked,
            foreign_texts=self.entered.foreign_texts,
            document_name=self.entered.document_name,
        )


@dataclass(frozen=True, slots=True)
class _Due:
    """When, by the loop's clock, asking the issuer ends, and after it asking what other regions say."""

    issuer: float
    others: float


def _due() -> _Due:
    """Return when asking must end for a verdict that is begun now, so that it can still be recorded in time."""
    now = asyncio.get_running_loop().time()
    return _Due(now + GATEWAY_DEADLINE_SECONDS, now + VERDICT_DEADLINE_SECONDS - _OWN_WORK_SECONDS)


class Verified(msgspec.Struct, frozen=True, gc=False):
    """A verdict that has been recorded, under its reference."""

    ref: str
    verdict: Verdict
    guard: GuardView


class Verification:
    """Decides and records passages of one host region."""

    def __init__(  # noqa: PLR0913 - the node's own parts, given once
        self,
        *,
        host: RegionId,
        reference: Reference,
        statements: StatementDesk,
        peers: Peers,
        hub: Hub,
        passages: PassageStore,
        alarms: AlarmStore,
        views_key: SymmetricKey,
        pseudonyms: SitePseudonyms,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._host = host
        self._reference = reference
        self._statements = statements
        self._peers = peers
        self._hub = hub
        self._passages = passages
        self._alarms = alarms
        self._recording = Recording(passages=passages, views_key=views_key, pseudonyms=pseudonyms, entropy=entropy)
        self._clock = clock
        self._entropy = entropy
        self._reading = asyncio.Semaphore(PICTURES_AT_ONCE)

    async def verify(self, qr_text: str, passing: Passing) -> Verified:
        """Return the verdict on a scanned text, once its passage record is durable.

        Whatever the issuer does, asking it ends ``GATEWAY_DEADLINE_SECONDS`` after the call, and asking the
        hub what other regions say with ``VERDICT_DEADLINE_SECONDS`` less what recording takes; how long a
        busy disk takes is not bounded. Raises ``Undecidable`` only before the first bundle, and ``Fault`` or
        ``Refused(OVERLOADED)`` if recording failed.
        """
        return await self._verify(passing.scan(qr_text, self._host), passing.device_id, _due())

    async def verify_picture(self, picture: bytes, passing: Passing) -> Verified:
        """As ``verify``, of the one QR code in a picture file; to read it is part of stage (1) and of the time.

        Raises ``Refused(OVERLOADED)`` too where pictures were not read in time.
        """
        due = _due()
        try:
            async with asyncio.timeout_at(due.issuer):
                scan = await self._read(picture, passing.scan("", self._host))
        except TimeoutError as late:
            raise Refused(ProblemId.OVERLOADED, "the picture was not read in time") from late
        return await self._verify(scan, passing.device_id, due)

    async def _read(self, picture: bytes, scan: Scan) -> Scan:
        """Read a picture in a thread. A thread cannot be stopped: its place stays taken until it ends."""
        await self._reading.acquire()
        reading = asyncio.ensure_future(asyncio.to_thread(scan_picture, picture, scan))
        reading.add_done_callback(lambda _ended: self._reading.release())
        return await asyncio.shield(reading)

    async def _verify(self, scan: Scan, device_id: str, due: _Due) -> Verified:
        knowledge = self._reference.knowledge
        deciding = decide_passage(scan, knowledge, at=self._clock.now())
        verdict: Verdict
        try:
            needed = next(deciding)
            while True:
                try:
                    fetched = await self._fetch(needed, due)
                except (Rejected, Undecidable) as why:
                    needed = deciding.throw(why)
                else:
                    needed = deciding.send(fetched)
        except StopIteration as decided:
            verdict = decided.value
        return await self.record(verdict, scan.site, device_id)

    async def shared_verdict(self, ref: str, asking: RegionId | None) -> SharedVerdict:
        """Return the citizen's view to the gateway of the region that issued the code shown.

        Or, of a typed document, of a region that knows the person: by the handle it can tell whose verdict it is.
        Where no issuer was authenticated there is nobody's gateway to ask: then ``asking`` is None,
        this region's own operator.

        Raises ``Refused``: ``NOT_FOUND`` (unknown, or no longer kept), ``FORBIDDEN`` (another region's).
        """
        verdict = await self._kept(ref)
        if verdict.issuer != asking and asking not in verdict.told_at:
            raise Refused(ProblemId.FORBIDDEN, "the code was not issued by the asking region")
        return SharedVerdict(citizen_view(verdict, ref, self._reference.knowledge), verdict.subject_handle)

    async def guard_again(self, ref: str) -> GuardView:
        """Return the guard's view of a verdict once more, while it is kept. Raises ``Refused(NOT_FOUND)``."""
        return guard_view(await self._kept(ref), ref)

    async def trail(self, ref: str) -> AuditorView:
        """Return the auditor's view, with the ending of a ``REFER``. Raises ``Refused(NOT_FOUND)``."""
        verdict = await self._kept(ref)
        ended = await self._passages.find_ending(ref)
        return auditor_view(verdict, ref, self._reference.knowledge, None if ended is None else _ending_view(ended))

    async def end_referral(self, ref: str, seen: Seen, outcome: Ending, device_id: str) -> EndingView:
        """Record how the ``REFER`` named ``ref`` ended in the manual lane; return what was recorded, once durable.

        An ending changes neither the verdict nor its alarms. Raises ``Refused``: ``NOT_FOUND`` (no such
        passage), ``CONFLICT`` (not a ``REFER``, or ended otherwise before).
        """
        passage = await self._passages.find(ref)
        if passage is None:
            raise Refused(ProblemId.NOT_FOUND, "no such passage is kept")
        if passage.outcome is not Outcome.REFER:
            raise Refused(ProblemId.CONFLICT, f"a {passage.outcome} has no manual lane to end in")
        ending = RecordedEnding(ref, self._clock.now(), device_id, seen, outcome)
        return _ending_view(await self._passages.record_ending(ending))

    async def _fetch(self, needed: Needed, due: _Due) -> Fetched:
        if is_border_between(self._host, needed.issuer):
            raise Undecidable(ReasonId.CARRY_ACROSS)
        if isinstance(needed, StatementNeeded):
            return await self._fetch_statement(needed, due.issuer)
        return await self._consult(needed, due.others)

    async def _consult(self, needed: OthersNeeded, due: float) -> OthersFetched:
        """Ask the hub for ``CONSULTATION_DEADLINE_SECONDS`` at most, and not beyond the scan's own end."""
        left_seconds = min(CONSULTATION_DEADLINE_SECONDS, due - asyncio.get_running_loop().time())
        if left_seconds <= 0:
            raise Undecidable(ReasonId.GATEWAY_SLOW, "no time is left to consult other regions")
        try:
            data = await self._hub.consult(
                needed.issuer, needed.query_id, needed.sealed, needed.asked, timeout_seconds=left_seconds
            )
        except Refused as refused:
            raise Undecidable(ReasonId.GATEWAY_AWAY, f"the hub was not consulted: {refused.problem}") from refused
        return OthersFetched(data)

    async def _fetch_statement(self, needed: StatementNeeded, due: float) -> StatementFetched:
        query_id = self._entropy(16)
        try:
            async with asyncio.timeout_at(due):
                if needed.issuer == self._host:
                    data = await self._statements.answer(self._host, query_id, needed.qr_text, needed.extension_token)
                else:
                    record = self._reference.knowledge.directory.active_record(needed.issuer)
                    request = StatementRequest(
                        query_id.hex(),
                        needed.qr_text,
                        needed.extension_token.hex() if needed.extension_token is not None else None,
                    )
                    data = await self._peers.request_statement(
                        record, request, timeout_seconds=GATEWAY_DEADLINE_SECONDS
                    )
        except TimeoutError as late:
            raise Undecidable(ReasonId.GATEWAY_SLOW, f"no answer {GATEWAY_DEADLINE_SECONDS} s after the scan") from late
        return StatementFetched(data, query_id)

    async def record(self, verdict: Verdict, site: str, device_id: str) -> Verified:
        """Record the passage that a verdict is about (stage 8); durable when it returns. Forgery is alarmed."""
        ref = await self._recording.record(verdict, site, device_id)
        if REASONS[verdict.reason].alarm:
            await self._alarms.raise_alarm(Alarm(verdict.at, verdict.reason, ref, verdict.detail))
        return Verified(ref, verdict, guard_view(verdict, ref))

    async def _kept(self, ref: str) -> Verdict:
        passage = await self._passages.find(ref)
        if passage is None or passage.expires_at <= self._clock.now():
            raise Refused(ProblemId.NOT_FOUND, "no such verdict is kept")
        verdict = self._recording.find_verdict(passage)
        if verdict is None:
            raise Refused(ProblemId.NOT_FOUND, "the verdict is no longer kept")
        return verdict


def _ending_view(ended: RecordedEnding) -> EndingView:
    return ending_view(ended.at, ended.device_id, ended.seen, ended.outcome)
