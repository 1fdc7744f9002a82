"""Numbered batches at the hub: every row is stored or set aside by line and reason, once, in any order."""

import asyncio
import gzip
import io
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.contract.implementations import Stores, open_sqlite
from tests.contract.samples import GUANGXI, HUBEI, row
from tests.fakes.access_stores import HandSetClock
from tests.world import AT
from tongxing.app.columns import WorkerColumns
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.limits import INGEST_ROWS_MAX, INGEST_UNPACKED_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.services.ingest_ports import BatchName, IngestedBatch, RowAside, RowForm
from tongxing.services.ingesting import ANOTHERS, BATCHES_AT_ONCE, REPORTS, IngestDesk, ReportSink
from tongxing.services.ports import PutCount, SubjectReport
from tongxing.wire.packing import Packing
from tongxing.wire.report_lines import encode_report_line

pytestmark = pytest.mark.anyio


def name(number: int = 1) -> BatchName:
    return BatchName(HUBEI, REPORTS, number)


def lines(*rows: SubjectReport) -> bytes:
    return b"".join(encode_report_line(each.subject, each.report, each.origin) + b"\n" for each in rows)


@dataclass
class Bench:
    """A hub's desk on a real store."""

    stores: Stores
    clock: HandSetClock = field(default_factory=lambda: HandSetClock(AT))

    def desk(self) -> IngestDesk:
        return IngestDesk(self.stores.ingest, {REPORTS: ReportSink(self.stores.reports)}, WorkerColumns(), self.clock)

    async def held(self, number: int) -> SubjectReport | None:
        found = await self.stores.reports.reports_of(row(number).subject, with_retracted=True)
        return found[0] if found else None


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    stores = await open_sqlite(tmp_path)
    yield Bench(stores)
    await stores.aclose()


def counts(batch: IngestedBatch) -> tuple[int, int, int, int, int]:
    return batch.rows, batch.stored, batch.unchanged, batch.outranked, batch.set_aside


async def test_each_row_is_stored_unchanged_outranked_or_set_aside_with_its_line_and_reason(bench: Bench) -> None:
    desk = bench.desk()
    await desk.take_in(name(1), lines(row(1, revision=5), row(2)))
    body = (
        lines(row(1, revision=4), row(2), row(3)) + b"not JSON\n\n" + lines(row(4, issuer=GUANGXI)) + b'{"subject":1}'
    )
    assert counts(await desk.take_in(name(2), body)) == (6, 1, 1, 1, 3)
    aside = await desk.set_aside(name(2), 0, 100)
    assert [(each.line, each.reason) for each in aside][:2] == [(4, "not JSON"), (6, ANOTHERS)]
    assert aside[2].line == 7
    assert await bench.held(3) is not None
    assert await bench.held(4) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(level="00"),
        lambda value: value.pop("subject"),
        lambda value: value.update(subject=value["subject"][:-2]),
        lambda value: value.update(subject="g" + value["subject"][1:]),
        lambda value: value.update(subject=" " * 66),
        lambda value: value["report"].update(level="99"),
        lambda value: value["report"].update(revision=-1),
        lambda value: value["report"].update(revision=True),
        lambda value: value["report"].update(name="王小明"),
        lambda value: value["report"].pop("standing"),
        lambda value: value["report"].update(causes=[{"cause": "nothing_found"}] * 99),
        lambda value: value.update(origin={"precision": "city"}),
        lambda value: value.update(report=[[[[[[]]]]]]),
    ],
)
async def test_a_row_that_is_not_as_it_must_be_is_set_aside_and_its_reason_repeats_nothing_of_it(
    bench: Bench, change: Callable[[dict[str, Any]], Any]
) -> None:
    value = json.loads(lines(row(1)))
    change(value)
    batch = await bench.desk().take_in(name(), json.dumps(value).encode() + b"\n" + lines(row(2)))
    assert counts(batch) == (2, 1, 0, 0, 1)
    (aside,) = await bench.desk().set_aside(name(), 0, 10)
    assert not any(secret in aside.reason for secret in ("王", row(1).subject.hex()[:12], "99"))


async def test_a_member_given_twice_is_set_aside_since_readers_would_differ(bench: Bench) -> None:
    body = lines(row(1)).replace(b'"revision":1', b'"revision":1,"revision":9')
    assert counts(await bench.desk().take_in(name(), body)) == (1, 0, 0, 0, 1)


async def test_a_batch_sent_again_is_told_as_it_was_and_other_bytes_under_its_number_are_refused(bench: Bench) -> None:
    desk = bench.desk()
    first = await desk.take_in(name(), lines(row(1)))
    assert await desk.take_in(name(), lines(row(1))) == first == await desk.find(name())
    with pytest.raises(Refused) as refused:
        await desk.take_in(name(), lines(row(2)))
    assert refused.value.problem is ProblemId.CONFLICT
    assert await bench.held(2) is None


async def test_last_weeks_batches_replayed_under_new_numbers_change_nothing(bench: Bench) -> None:
    desk = bench.desk()
    week = [lines(row(1, revision=day, level=Level.HIGH if day < 7 else Level.LOW)) for day in range(1, 8)]
    for number, body in enumerate(week, start=1):
        await desk.take_in(name(number), body)
    held = await bench.held(1)
    for number, body in enumerate(week, start=8):
        batch = await desk.take_in(name(number), body)
        assert batch.stored == 0
    assert await bench.held(1) == held


async def test_in_whatever_order_batches_come_the_same_is_held(tmp_path: Path) -> None:
    """Late arrivals, corrections and a retraction: five batches about three people, in ten orders."""
    bodies = [
        lines(row(1, revision=1), row(2, revision=1)),
        lines(row(1, revision=3, level=Level.HIGH)),
        lines(row(2, revision=2, retracted=True), row(3)),
        lines(row(1, revision=2)),
        lines(row(2, revision=2, level=Level.HIGH)),
    ]
    results = []
    for seed in range(10):
        stores = await open_sqlite(_folder(tmp_path, seed))
        bench = Bench(stores)
        order = random.Random(seed).sample(range(len(bodies)), len(bodies))
        for place in order:
            await bench.desk().take_in(name(place + 1), bodies[place])
        results.append([await bench.held(number) for number in (1, 2, 3)])
        await stores.aclose()
    assert all(result == results[0] for result in results)
    first, second, _third = results[0]
    assert first is not None
    assert second is not None
    assert (first.report.level, second.report.retracted) == (Level.HIGH, True)


def _folder(tmp_path: Path, seed: int) -> Path:
    folder = tmp_path / str(seed)
    folder.mkdir()
    return folder


async def test_two_processes_of_the_hub_that_take_in_one_batch_at_once_count_it_once(bench: Bench) -> None:
    body = lines(*(row(number) for number in range(1, 900)))
    one, other = await asyncio.gather(bench.desk().take_in(name(), body), bench.desk().take_in(name(), body))
    assert one == other
    assert one.rows == one.stored + one.unchanged == 899


class StuckSink:
    """Takes nothing in until it is let go."""

    rows_at_once = 1

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def put(self, sender: object, numbered: Sequence[tuple[int, bytes]]) -> tuple[PutCount, list[RowAside]]:  # noqa: ARG002
        await self.go.wait()
        return PutCount(len(numbered), 0, 0), []


async def test_one_who_pushes_too_much_is_told_to_wait_and_takes_nobody_elses_turn(bench: Bench) -> None:
    sink = StuckSink()
    desk = IngestDesk(bench.stores.ingest, {REPORTS: sink}, WorkerColumns(), bench.clock)
    first = asyncio.create_task(desk.take_in(name(1), b"x"))
    await asyncio.sleep(0.05)
    with pytest.raises(Refused) as refused:
        await desk.take_in(name(2), b"x")
    assert refused.value.problem is ProblemId.OVERLOADED
    other = asyncio.create_task(desk.take_in(BatchName(GUANGXI, REPORTS, 1), b"x"))
    await asyncio.sleep(0.05)
    sink.go.set()
    assert ((await first).stored, (await other).stored) == (1, 1)
    assert (await desk.take_in(name(2), b"x")).stored == 1
    assert BATCHES_AT_ONCE > 1


async def test_a_batch_that_was_cut_short_is_taken_in_whole_when_it_comes_again(bench: Bench) -> None:
    class FailsOnce(ReportSink):
        failed = False
        rows_at_once = 400

        async def put(self, sender: Any, numbered: Sequence[tuple[int, bytes]]) -> tuple[PutCount, list[RowAside]]:
            if numbered[0][0] > 1 and not self.failed:
                self.failed = True
                raise Refused(ProblemId.OVERLOADED)
            return await super().put(sender, numbered)

    desk = IngestDesk(bench.stores.ingest, {REPORTS: FailsOnce(bench.stores.reports)}, WorkerColumns(), bench.clock)
    body = lines(*(row(number) for number in range(1, 1_500)))
    with pytest.raises(Refused):
        await desk.take_in(name(), body)
    assert (await desk.find(name())).taken_at is None
    done = await desk.take_in(name(), body)
    assert (done.rows, done.stored + done.unchanged) == (1_499, 1_499)
    assert await bench.held(1_499) is not None


class WatchedSink:
    """Counts who is in it and how many rows each brought; one portion may fail, and those behind it then take long."""

    rows_at_once = 100

    def __init__(self, failing: int | None = None) -> None:
        self.inside = self.most = self.finished = 0
        self.sizes: list[int] = []
        self.failing = failing

    async def put(self, sender: object, numbered: Sequence[tuple[int, bytes]]) -> tuple[PutCount, list[RowAside]]:  # noqa: ARG002
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.sizes.append(len(numbered))
        place = len(self.sizes)
        try:
            await asyncio.sleep(0.001 if self.failing is None or place <= self.failing else 5)
            if place == self.failing:
                raise Refused(ProblemId.OVERLOADED)
        finally:
            self.inside -= 1
        self.finished += 1
        return PutCount(len(numbered), 0, 0), []


async def test_a_portion_is_read_while_the_one_before_is_written_and_never_more(bench: Bench) -> None:
    sink = WatchedSink()
    desk = IngestDesk(bench.stores.ingest, {REPORTS: sink}, WorkerColumns(), bench.clock)
    done = await desk.take_in(name(), b"x\n" * 1_050)
    assert (done.rows, done.stored) == (1_050, 1_050)
    assert (sink.most, sink.sizes) == (2, [100] * 10 + [50])


async def test_who_sends_at_once_with_others_brings_smaller_portions(bench: Bench) -> None:
    sink = WatchedSink()
    desk = IngestDesk(bench.stores.ingest, {REPORTS: sink}, WorkerColumns(), bench.clock)
    names = [BatchName(RegionId(region), REPORTS, 1) for region in ("42", "45", "36", "43")]
    done = await asyncio.gather(*(desk.take_in(each, b"x\n" * 300) for each in names))
    assert [each.stored for each in done] == [300] * 4
    assert max(sink.sizes[:-8]) < 100


async def test_of_a_batch_that_fails_nothing_goes_on_behind_its_back(bench: Bench) -> None:
    sink = WatchedSink(failing=3)
    desk = IngestDesk(bench.stores.ingest, {REPORTS: sink}, WorkerColumns(), bench.clock)
    with pytest.raises(Refused):
        await desk.take_in(name(), b"x\n" * 1_050)
    assert (sink.inside, sink.finished) == (0, 2)
    assert (await desk.find(name())).taken_at is None


async def test_others_get_their_turn_while_a_batch_is_read(bench: Bench) -> None:
    """Counted in turns, not in time: of 4,000 rows no more than a few hundred are read in one."""
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(take_turns())
    sink = ReportSink(bench.stores.reports)
    await sink.put(HUBEI, [(number, b"{}") for number in range(1, sink.rows_at_once + 1)])
    other.cancel()
    assert turns >= 10


@pytest.mark.parametrize(
    ("packing", "pack"),
    [(Packing.GZIP, gzip.compress), (Packing.ZSTD, zstandard.ZstdCompressor().compress)],
)
async def test_packed_batches_are_read_and_what_is_cut_off_or_too_large_is_refused(
    bench: Bench, packing: Packing, pack: Callable[[bytes], bytes]
) -> None:
    desk, packed = bench.desk(), pack(lines(row(1), row(2)))
    assert (await desk.take_in(name(1), packed, packing)).stored == 2
    assert (await desk.take_in(name(2), packed + pack(lines(row(3))), packing)).rows == 3
    bomb = pack(b"\n" * (INGEST_UNPACKED_MAX_BYTES + 1))
    for wrong in (packed[:-5], b"x" + packed, bomb, lines(row(1)), packed + b"x"):
        with pytest.raises(Refused) as refused:
            await desk.take_in(name(3), wrong, packing)
        assert refused.value.problem is ProblemId.BAD_REQUEST
    with pytest.raises(Refused):
        await desk.find(name(3))


async def test_a_batch_of_too_many_rows_no_dataset_or_no_number_is_refused(bench: Bench) -> None:
    desk = bench.desk()
    for named, body, problem in (
        (name(), b"{}\n" * (INGEST_ROWS_MAX + 1), ProblemId.BAD_REQUEST),
        (name(0), b"", ProblemId.BAD_REQUEST),
        (BatchName(HUBEI, "rumours", 1), b"", ProblemId.NOT_FOUND),
    ):
        with pytest.raises(Refused) as refused:
            await desk.take_in(named, body)
        assert refused.value.problem is problem
    assert counts(await desk.take_in(name(), b"")) == (0, 0, 0, 0, 0)


def table_of(*rows: SubjectReport) -> pa.Table:
    return pa.Table.from_pylist([json.loads(line) for line in lines(*rows).splitlines()])


def as_arrow(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def as_arrow_file(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def as_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


FILES: dict[str, tuple[RowForm, Callable[[pa.Table], bytes]]] = {
    "arrow stream": (RowForm.ARROW, as_arrow),
    "arrow file": (RowForm.ARROW, as_arrow_file),
    "parquet": (RowForm.PARQUET, as_parquet),
}


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_of_columns_says_the_same_as_its_lines(bench: Bench, kind: str) -> None:
    form, write = FILES[kind]
    rows = [row(1, level=Level.HIGH), row(2, retracted=True), row(3)]
    table = table_of(*rows)
    subjects = pa.array([bytes.fromhex(each.as_py()) for each in table["subject"]], pa.binary(33))
    table = table.set_column(0, "subject", subjects)
    assert (await bench.desk().take_in(name(), write(table), form=form)).stored == 3
    assert [await bench.held(number) for number in (1, 2, 3)] == rows


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_of_columns_that_is_cut_off_or_foreign_is_refused_whole(bench: Bench, kind: str) -> None:
    form, write = FILES[kind]
    good = write(table_of(row(1), row(2)))
    for wrong in (b"", good[:-9], good[: len(good) // 2], b"PAR1" + b"\xff" * 64 + b"PAR1", lines(row(1))):
        with pytest.raises(Refused) as refused:
            await bench.desk().take_in(name(), wrong, form=form)
        assert refused.value.problem is ProblemId.BAD_REQUEST
    many = pa.table({"subject": pa.array(["x"]).take(pa.array([0] * (INGEST_ROWS_MAX + 1)))})
    with pytest.raises(Refused):
        await bench.desk().take_in(name(), write(many), form=form)


async def test_a_few_bytes_that_stand_for_a_gigabyte_are_refused_by_a_process_of_their_own(bench: Bench) -> None:
    """One long text in a dictionary, which each of 20,000 rows repeats."""
    text = pa.array(["x" * 200_000])
    table = pa.table({"subject": pa.DictionaryArray.from_arrays(pa.array([0] * INGEST_ROWS_MAX, pa.int32()), text)})
    for form, write in ((RowForm.PARQUET, as_parquet), (RowForm.ARROW, as_arrow)):
        body = write(table)
        assert len(body) < 1_000_000
        with pytest.raises(Refused) as refused:
            await bench.desk().take_in(name(), body, form=form)
        assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_nothing_is_missing_up_to_the_moment_that_a_sender_last_said_and_not_of_the_future(bench: Bench) -> None:
    desk = bench.desk()
    assert await desk.watermark(HUBEI, REPORTS) is None
    await desk.take_in(name(4), lines(row(1)))
    mark = await desk.say_complete(HUBEI, REPORTS, AT.replace(year=AT.year + 1))
    assert (mark.number, mark.as_of) == (4, AT)
    assert await desk.watermark(HUBEI, REPORTS) == mark
