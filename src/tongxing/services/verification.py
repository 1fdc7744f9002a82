"""Verify: a code was scanned at one of this region's checkpoints (the host's use case).

Runs the pipeline, fetches what it asks for, and records the passage (stage 8) before anything is
answered: a verdict that was told is durable (law 7). Forgery and replay raise an alarm.
"""

import asyncio

import msgspec

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import GATEWAY_DEADLINE_SECONDS
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.verdicts import Verdict
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.sealing import SymmetricKey
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.stages import Scan, StatementFetched, StatementNeeded, scan_picture
from tongxing.recognition.views import AuditorView, GuardView, auditor_view, citizen_view, guard_view
from tongxing.services.peers import Peers, SharedVerdict, StatementRequest
from tongxing.services.ports import Alarm, AlarmStore, Clock, Entropy, PassageStore
from tongxing.services.recording import Recording
from tongxing.services.reference import Reference
from tongxing.services.statements import StatementDesk

PICTURES_AT_ONCE = 2
"""Reading the largest picture that is allowed takes some 100 MB and a core."""


def _due() -> float:
    """Return when, by the loop's clock, a verdict that is begun now must be there to be recorded."""
    return asyncio.get_running_loop().time() + GATEWAY_DEADLINE_SECONDS


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
        passages: PassageStore,
        alarms: AlarmStore,
        views_key: SymmetricKey,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._host = host
        self._reference = reference
        self._statements = statements
        self._peers = peers
        self._passages = passages
        self._alarms = alarms
        self._recording = Recording(passages=passages, views_key=views_key, entropy=entropy)
        self._clock = clock
        self._entropy = entropy
        self._reading = asyncio.Semaphore(PICTURES_AT_ONCE)

    async def verify(self, qr_text: str, place_kind: PlaceKind, device_id: str) -> Verified:
        """Return the verdict on a scanned text, once its passage record is durable.

        Whatever the issuer does, all asking ends ``GATEWAY_DEADLINE_SECONDS`` after the call, so that
        recording has the rest of ``VERDICT_DEADLINE_SECONDS``; how long a busy disk takes is not
        bounded. Raises ``Undecidable`` only before the first bundle, and ``Fault`` or
        ``Refused(OVERLOADED)`` if recording failed.
        """
        return await self._verify(Scan(qr_text, place_kind, self._host), device_id, _due())

    async def verify_picture(self, picture: bytes, place_kind: PlaceKind, device_id: str) -> Verified:
        """As ``verify``, of the one QR code in a picture file; to read it is part of stage (1) and of the time.

        Raises ``Refused(OVERLOADED)`` too where pictures were not read in time.
        """
        due = _due()
        try:
            async with asyncio.timeout_at(due):
                scan = await self._read(picture, place_kind)
        except TimeoutError as late:
            raise Refused(ProblemId.OVERLOADED, "the picture was not read in time") from late
        return await self._verify(scan, device_id, due)

    async def _read(self, picture: bytes, place_kind: PlaceKind) -> Scan:
        """Read a picture in a thread. A thread cannot be stopped: its place stays taken until it ends."""
        await self._reading.acquire()
        reading = asyncio.ensure_future(asyncio.to_thread(scan_picture, picture, place_kind, self._host))
        reading.add_done_callback(lambda _ended: self._reading.release())
        return await asyncio.shield(reading)

    async def _verify(self, scan: Scan, device_id: str, due: float) -> Verified:
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
        ref = await self._recording.record(verdict, device_id)
        if REASONS[verdict.reason].alarm:
            await self._alarms.raise_alarm(Alarm(verdict.at, verdict.reason, ref, verdict.detail))
        return Verified(ref, verdict, guard_view(verdict, ref))

    async def shared_verdict(self, ref: str, asking: RegionId | None) -> SharedVerdict:
        """Return the citizen's view to the gateway of the region that issued the code shown.

        Where no issuer was authenticated there is nobody's gateway to ask: then ``asking`` is None,
        this region's own operator.

        Raises ``Refused``: ``NOT_FOUND`` (unknown, or no longer kept), ``FORBIDDEN`` (another region's).
        """
        verdict = await self._kept(ref)
        if verdict.issuer != asking:
            raise Refused(ProblemId.FORBIDDEN, "the code was not issued by the asking region")
        return SharedVerdict(citizen_view(verdict, ref, self._reference.knowledge), verdict.subject_handle)

    async def trail(self, ref: str) -> AuditorView:
        """Return the auditor's view. Raises ``Refused(NOT_FOUND)``."""
        return auditor_view(await self._kept(ref), ref)

    async def _fetch(self, needed: StatementNeeded, due: float) -> StatementFetched:
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

    async def _kept(self, ref: str) -> Verdict:
        passage = await self._passages.find(ref)
        if passage is None or passage.expires_at <= self._clock.now():
            raise Refused(ProblemId.NOT_FOUND, "no such verdict is kept")
        verdict = self._recording.find_verdict(passage)
        if verdict is None:
            raise Refused(ProblemId.NOT_FOUND, "the verdict is no longer kept")
        return verdict
