"""Ports with a watch beside them: each call is passed on unchanged, and how long it took is told.

So that neither use cases nor connectors know of metrics. What failed is told by its kind; its error
goes on to the caller.
"""

import time
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.recognition.views import CitizenView
from tongxing.regions.answers import BackEndAnswer, BackEndRequest
from tongxing.services.declarations import Declaration
from tongxing.services.minting import MadeCode
from tongxing.services.observing import Observer, Stretch, Upstream, UpstreamResult
from tongxing.services.peers import BackEnd, Hub, Peers, SharedVerdict, StatementRequest
from tongxing.services.ports import PassageRecord, PassageStore, RecordedEnding, SubjectReport
from tongxing.services.report_sums import ReportSums
from tongxing.trust.directory import DirectoryRecord

_RESULTS: dict[ReasonId, UpstreamResult] = {
    ReasonId.GATEWAY_AWAY: UpstreamResult.AWAY,
    ReasonId.GATEWAY_SLOW: UpstreamResult.SLOW,
    ReasonId.SOURCE_AWAY: UpstreamResult.AWAY,
    ReasonId.SOURCE_SLOW: UpstreamResult.SLOW,
    ReasonId.SOURCE_UNREADABLE: UpstreamResult.UNREADABLE,
}


class _Watch:
    """Times one call to another system. ``await`` is the caller's: this only looks at how it ends."""

    def __init__(self, observer: Observer, upstream: Upstream) -> None:
        self._observer = observer
        self._upstream = upstream

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        self._observer.upstream_answered(self._upstream, _result_of(error), time.perf_counter() - self._started)


def _result_of(error: BaseException | None) -> UpstreamResult:
    match error:
        case None:
            return UpstreamResult.ANSWERED
        case Rejected() | Undecidable():
            return _RESULTS.get(error.reason, UpstreamResult.REFUSED)
        case Refused():
            return UpstreamResult.AWAY if error.problem is ProblemId.UPSTREAM_AWAY else UpstreamResult.REFUSED
        case _:
            # The caller's deadline cancelled the call.
            return UpstreamResult.SLOW


@dataclass(frozen=True, slots=True)
class ObservedBackEnd:
    """A ``BackEnd`` that is watched."""

    inner: BackEnd
    observer: Observer

    async def exchange(self, request: BackEndRequest, *, timeout_seconds: float) -> BackEndAnswer:
        """As the port."""
        with _Watch(self.observer, Upstream.BACK_END):
            return await self.inner.exchange(request, timeout_seconds=timeout_seconds)


@dataclass(frozen=True, slots=True)
class ObservedPeers:
    """``Peers`` that are watched."""

    inner: Peers
    observer: Observer

    async def request_statement(
        self, issuer: DirectoryRecord, request: StatementRequest, *, timeout_seconds: float
    ) -> bytes:
        """As the port."""
        with _Watch(self.observer, Upstream.GATEWAY):
            return await self.inner.request_statement(issuer, request, timeout_seconds=timeout_seconds)

    async def request_citizen_view(self, host: DirectoryRecord, ref: str, *, timeout_seconds: float) -> SharedVerdict:
        """As the port."""
        with _Watch(self.observer, Upstream.GATEWAY):
            return await self.inner.request_citizen_view(host, ref, timeout_seconds=timeout_seconds)


@dataclass(frozen=True, slots=True)
class ObservedHub:
    """A ``Hub`` that is watched."""

    inner: Hub
    observer: Observer

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.derive_subject_keys(documents)

    async def query_reports(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[SubjectReport, ...]:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.query_reports(keys, timeout_seconds=timeout_seconds)

    async def consult(
        self, issuer: RegionId, query_id: bytes, sealed: bytes, asked: AbstractSet[ProofKind], *, timeout_seconds: float
    ) -> bytes:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.consult(issuer, query_id, sealed, asked, timeout_seconds=timeout_seconds)

    async def declare(self, keys: SubjectKeys, declaration: Declaration) -> datetime:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.declare(keys, declaration)

    async def make_national_code(self, keys: SubjectKeys, masked_hint: str) -> MadeCode:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.make_national_code(keys, masked_hint)

    async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.explain(host, ref, qr_texts)

    async def send_batch(self, dataset: str, number: int, body: bytes) -> None:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            await self.inner.send_batch(dataset, number, body)

    async def say_complete(self, dataset: str, as_of: datetime) -> None:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            await self.inner.say_complete(dataset, as_of)

    async def sum_reports(self, after: bytes, until: bytes | None) -> ReportSums:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.sum_reports(after, until)

    async def last_batch(self, dataset: str) -> int:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.last_batch(dataset)

    async def fetch_bundle(self, number: int | None) -> bytes | None:
        """As the port."""
        with _Watch(self.observer, Upstream.HUB):
            return await self.inner.fetch_bundle(number)


@dataclass(frozen=True, slots=True)
class ObservedPassages:
    """A ``PassageStore`` whose writes are watched: stage (8)."""

    inner: PassageStore
    observer: Observer

    async def record(self, *passages: PassageRecord) -> None:
        """As the port."""
        started = time.perf_counter()
        await self.inner.record(*passages)
        seconds = time.perf_counter() - started
        for _ in passages:
            self.observer.stretch_took(Stretch.RECORD, seconds)

    async def find(self, ref: str) -> PassageRecord | None:
        """As the port."""
        return await self.inner.find(ref)

    async def purge_views(self, at: datetime) -> int:
        """As the port."""
        return await self.inner.purge_views(at)

    async def record_ending(self, ending: RecordedEnding) -> RecordedEnding:
        """As the port."""
        return await self.inner.record_ending(ending)

    async def find_ending(self, ref: str) -> RecordedEnding | None:
        """As the port."""
        return await self.inner.find_ending(ref)

    async def purge_passages(self, at: datetime) -> int:
        """As the port."""
        return await self.inner.purge_passages(at)
