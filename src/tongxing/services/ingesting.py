"""Take in numbered batches: the hub's side of docking (issue: aggregation), for any dataset.

Order: (1) there is room: one batch of a sender at a time, a few in all, else OVERLOADED before anything is read;
(2) unpack within a bound; (3) begin the batch under its number and digest, so that other bytes under the number are
refused before a row of theirs counts; (4) each row is read by itself and put, or set aside with its reason, one portion
being read while the store writes the one before; (5) finish.
A batch that is cut short at any point is sent again whole: its rows count once, by their own revisions.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import INGEST_ROWS_MAX, INGEST_UNPACKED_MAX_BYTES, KEPT_PER_PUT_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.services.ingest_ports import (
    BatchName,
    ColumnReader,
    DatasetSink,
    IngestedBatch,
    IngestStore,
    RowAside,
    RowForm,
    Watermark,
)
from tongxing.services.ports import Clock, PutCount, ReportStore
from tongxing.services.watermarks import WatermarkBook
from tongxing.wire.cbor import WireError
from tongxing.wire.packing import Packing, unpack
from tongxing.wire.report_bodies import KeptReport
from tongxing.wire.report_lines import keep_report_line

REPORTS: Final = "reports"
"""The dataset of regions' reports."""

ANOTHERS: Final = "a region reports for itself only"

BATCHES_AT_ONCE: Final = 4
_LINES_AT_ONCE: Final = 400
"""So many rows are read before others get their turn: some 2 ms."""

_PORTIONS_AT_ONCE: Final = 2
"""One is read while the store writes the one before."""

BATCH_NUMBER_MAX: Final = (1 << 53) - 1


class IngestDesk:
    """Takes in batches of every dataset that has a sink."""

    def __init__(
        self, store: IngestStore, sinks: Mapping[str, DatasetSink], columns: ColumnReader, clock: Clock
    ) -> None:
        self._store = store
        self._columns = columns
        self._sinks = sinks
        self._clock = clock
        self._busy: set[tuple[RegionId, str]] = set()
        self._marks = WatermarkBook(store, clock)

    async def take_in(
        self,
        name: BatchName,
        body: bytes,
        packing: Packing = Packing.NONE,
        form: RowForm = RowForm.JSON_LINES,
    ) -> IngestedBatch:
        """Take in a batch; durable when it returns. The same again is told as it was.

        Raises ``Refused``: NOT_FOUND (no such dataset), OVERLOADED (send it again a little later), CONFLICT (other
        bytes have this number), BAD_REQUEST (too many rows, not so packed, not of that form).
        """
        sink = self._sink_of(name.dataset)
        if not 1 <= name.number <= BATCH_NUMBER_MAX:
            raise Refused(ProblemId.BAD_REQUEST, "batches are numbered from 1")
        with self._turn(name.sender, name.dataset):
            digest = await asyncio.to_thread(sha256, body)
            held = await self._store.find(name)
            if held is not None and held.digest == digest and held.taken_at is not None:
                return held
            lines = _split(await self._unpack(body, packing, form))
            begun = await self._store.begin(name, digest, self._clock.now())
            if begun.taken_at is not None:
                return begun
            return await self._put_all(begun, sink, lines)

    async def find(self, name: BatchName) -> IngestedBatch:
        """Return what became of a batch. Raises ``Refused(NOT_FOUND)``."""
        held = await self._store.find(name)
        if held is None:
            raise Refused(ProblemId.NOT_FOUND, "no such batch has come")
        return held

    async def set_aside(self, name: BatchName, after: int, limit: int) -> tuple[RowAside, ...]:
        """Return rows of a batch that were set aside. Raises ``Refused(NOT_FOUND)`` for no such batch."""
        await self.find(name)
        return await self._store.set_aside(name, after, limit)

    async def say_complete(self, sender: RegionId, dataset: str, as_of: datetime) -> Watermark:
        """Keep up to which moment a sender has sent all. A moment of the future counts as now."""
        self._sink_of(dataset)
        at = self._clock.now()
        return await self._store.say_complete(sender, dataset, min(as_of, at), at)

    async def watermark(self, sender: RegionId, dataset: str) -> Watermark | None:
        """Return how far one sender is; None if the hub never heard of it."""
        self._sink_of(dataset)
        every = await self._store.watermarks()
        return next((each for each in every if (each.sender, each.dataset) == (sender, dataset)), None)

    async def _unpack(self, body: bytes, packing: Packing, form: RowForm) -> bytes:
        try:
            content = await asyncio.to_thread(unpack, body, packing, INGEST_UNPACKED_MAX_BYTES)
        except WireError as wrong:
            raise Refused(ProblemId.BAD_REQUEST, str(wrong)) from wrong
        return content if form is RowForm.JSON_LINES else await self._columns.read(content, form)

    async def marks_of(self, dataset: str, senders: AbstractSet[RegionId]) -> tuple[Watermark, ...]:
        """Return how far some senders are, as it was a second ago or less: every answer about a person tells it."""
        return await self._marks.marks_of(dataset, senders)

    def _sink_of(self, dataset: str) -> DatasetSink:
        sink = self._sinks.get(dataset)
        if sink is None:
            raise Refused(ProblemId.NOT_FOUND, "there is no such dataset")
        return sink

    @contextmanager
    def _turn(self, sender: RegionId, dataset: str) -> Iterator[None]:
        """Give a sender its turn: one that pushes ten times its volume takes nobody else's."""
        whose = (sender, dataset)
        if whose in self._busy or len(self._busy) >= BATCHES_AT_ONCE:
            raise Refused(ProblemId.OVERLOADED, "batches are being taken in; send this one again")
        self._busy.add(whose)
        try:
            yield
        finally:
            self._busy.remove(whose)

    async def _put_all(
        self, begun: IngestedBatch, sink: DatasetSink, lines: Sequence[tuple[int, bytes]]
    ) -> IngestedBatch:
        done, aside = replace(begun, rows=len(lines)), []
        putting: deque[asyncio.Task[tuple[PutCount, list[RowAside]]]] = deque()
        start = 0
        try:
            while start < len(lines) or putting:
                if start < len(lines) and len(putting) < _PORTIONS_AT_ONCE:
                    # The store's time is shared by those who send at once: alone one has the largest portions.
                    portion = lines[start : start + max(1, sink.rows_at_once // len(self._busy))]
                    start += len(portion)
                    putting.append(asyncio.create_task(sink.put(begun.name.sender, portion)))
                else:
                    count, bad = await putting.popleft()
                    aside += bad
                    done = _add(done, count, len(bad))
        finally:
            for each in putting:
                each.cancel()
            await asyncio.gather(*putting, return_exceptions=True)
        return await self._store.finish(replace(done, taken_at=self._clock.now()), aside)


class ReportSink:
    """Where regions' reports go. Implements ``DatasetSink``."""

    rows_at_once: int = KEPT_PER_PUT_MAX

    def __init__(self, reports: ReportStore) -> None:
        self._reports = reports
        self._reading = asyncio.Lock()

    async def put(self, sender: RegionId, lines: Sequence[tuple[int, bytes]]) -> tuple[PutCount, list[RowAside]]:
        """Take in reports of the sender's own."""
        good: list[KeptReport] = []
        aside: list[RowAside] = []
        async with self._reading:  # one portion after the other: of two at once none would be ready for the store
            for start in range(0, len(lines), _LINES_AT_ONCE):
                for number, line in lines[start : start + _LINES_AT_ONCE]:
                    try:
                        good.append(_read_report(line, sender))
                    except WireError as wrong:
                        aside.append(RowAside(number, str(wrong)))
                await asyncio.sleep(0)
        return (await self._reports.put_kept(good) if good else PutCount(0, 0, 0)), aside


def _read_report(line: bytes, sender: RegionId) -> KeptReport:
    read = keep_report_line(line)
    if read.issuer != sender:
        raise WireError(ANOTHERS)
    return read


def _split(content: bytes) -> list[tuple[int, bytes]]:
    if content.count(b"\n") > INGEST_ROWS_MAX:
        raise Refused(ProblemId.BAD_REQUEST, f"a batch has at most {INGEST_ROWS_MAX} lines")
    return [(number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]


def _add(done: IngestedBatch, count: PutCount, aside: int) -> IngestedBatch:
    return replace(
        done,
        stored=done.stored + count.stored,
        unchanged=done.unchanged + count.same,
        outranked=done.outranked + count.older,
        set_aside=done.set_aside + aside,
    )
