"""Looking up what all regions say of a person, among 10^5 to 2·10^7 subjects, and the bytes that they take.

Through the store's port, combined, in process, one at a time; all sizes stand on one server (for SQLite: in files) and
take turns, so that what disturbs one disturbs all. Subjects are drawn uniformly, and the system holds the files in
memory as far as it has any. The baseline is the driver alone, with the same keys in the same turn. Pages are told by
EXPLAIN (ANALYZE, BUFFERS), or counted with an empty page cache.

Sizes above a million are loaded only where they are kept (``--keep FOLDER``): to load all takes some half an hour, of
which PostgreSQL is seven minutes, and 25 GB; once loaded, a run takes some four minutes.
"""

import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.figures import Figure, Result, Scale, percentile, quartiles
from benchmarks.index_memory import measure_index
from benchmarks.loaded_records import Bare, LoadedRecord, postgres_records, sqlite_records
from benchmarks.machine import RESULTS
from benchmarks.many_subjects import AT, NOT_GREEN_ONE_IN, REPORTS_PER_TEN_SUBJECTS, all_templates, subject_of
from tongxing.core.reports import Report
from tongxing.core.subjects import SUBJECT_KEY_BYTES
from tongxing.recognition.combining import combine_reports
from tongxing.services.ports import ReportStore
from tongxing.stores.sql.stores import NodeStores

LOADED_EACH_TIME: Final = 1_000_000
LISTED: Final = 100
LOOKUPS_A_TURN: Final = 50
LISTS_A_TURN: Final = 2
PAGES_OF: Final = 400
NATION: Final = 1_400_000_000
_TURNS_FIRST: Final = 20
_SHOWN: Final = ("server_version", "shared_buffers", "max_wal_size", "checkpoint_timeout", "fsync", "wal_compression")


def measure_lookups(scale: Scale) -> Result:
    """Measure PostgreSQL, if there is one, SQLite, and the index, if there is one."""
    sizes = scale.subjects if scale.keep is not None else tuple(n for n in scale.subjects if n <= LOADED_EACH_TIME)
    setting: dict[str, str | int | float] = {
        "subjects are drawn": "uniformly, after every file was read once and indexes into the server",
        "reports per ten subjects": REPORTS_PER_TEN_SUBJECTS,
        "not green, one in": NOT_GREEN_ONE_IN,
        "bytes of a body, mean": round(statistics.mean(len(body) for *_, body in all_templates()), 1),
        "lookups of each size": scale.rounds * LOOKUPS_A_TURN,
        "lists of each size": scale.rounds * LISTS_A_TURN,
    }
    figures: list[Figure] = []
    with contextlib.ExitStack() as leaving:
        if scale.keep is None:
            folder = Path(leaving.enter_context(tempfile.TemporaryDirectory(dir=RESULTS)))
        else:
            folder = scale.keep
        with postgres_records(sizes, scale.keep, _tell) as in_postgres:
            if in_postgres:
                figures += _measure("PostgreSQL", in_postgres, scale.rounds)
                setting |= _shown(in_postgres[0].address)
                setting |= _loading("PostgreSQL", in_postgres)
        with sqlite_records(sizes, folder / "sqlite", _tell) as in_sqlite:
            figures += _measure("SQLite", in_sqlite, scale.rounds)
            setting |= _loading("SQLite", in_sqlite)
            figures += measure_index(in_sqlite[0].path, sizes[0])
    return Result("lookups", tuple(figures), setting)


@dataclass(slots=True)
class _Taken:
    """What was measured of one size: seconds of each look-up, and of each list."""

    record: LoadedRecord
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    our_lists: list[float] = field(default_factory=list)
    bare_lists: list[float] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew: what came first was to get warm."""
        for taken in (self.ours, self.bare, self.our_lists, self.bare_lists):
            del taken[:]


def _measure(database: str, records: Sequence[LoadedRecord], rounds: int) -> list[Figure]:
    taken = asyncio.run(_take_turns(records, rounds))
    figures = [figure for each in taken for figure in _figures(database, each)]
    small, large = taken[0], taken[-1]
    figures.append(
        Figure(
            f"{database}, p99 of the largest over that of the smallest",
            1e6 * percentile(large.ours, 99),
            "µs",
            f"{small.record.subjects:,} subjects, p99",
            1e6 * percentile(small.ours, 99),
            "ratio at most 1.5",
        )
    )
    payload = _payload_bytes()
    whole = large.record.size().whole / large.record.subjects
    figures.append(
        Figure(f"{database}, disk for 1.4e9 subjects", NATION * whole / 1e9, "GB", "keys and bodies alone",
               NATION * payload / 1e9)
    )  # fmt: skip
    return figures


async def _take_turns(records: Sequence[LoadedRecord], rounds: int) -> list[_Taken]:
    source = random.Random(7)
    async with contextlib.AsyncExitStack() as leaving:
        sides: list[tuple[_Taken, ReportStore, tuple[Bare, Bare]]] = []
        for record in records:
            stores: NodeStores = await record.open()
            leaving.push_async_callback(stores.aclose)
            sides.append((_Taken(record), stores.reports, await leaving.enter_async_context(record.bare())))
        for turn in range(-min(rounds, _TURNS_FIRST), rounds):
            if turn == 0:
                for taken, *_ in sides:
                    taken.forget()
            for taken, reports, bare in sides:
                await _take_turn(taken, reports, bare, source, ours_first=turn % 2 == 0)
        return [taken for taken, *_ in sides]


async def _take_turn(
    taken: _Taken,
    reports: ReportStore,
    bare: tuple[Bare, Bare],
    source: random.Random,
    *,
    ours_first: bool,
) -> None:
    def draw(count: int) -> list[bytes]:
        return [subject_of(number) for number in source.sample(range(taken.record.subjects), count)]

    async def look_up(key: Any) -> None:  # noqa: ANN401 - a key
        _combine([row.report for row in await reports.reports_of(key)])

    async def look_up_each(keys: Any) -> None:  # noqa: ANN401 - keys
        found = await reports.reports_of_many(keys)
        assert len(found) == len(keys)

    keys, lists = draw(LOOKUPS_A_TURN), [draw(LISTED) for _ in range(LISTS_A_TURN)]
    ours: list[tuple[Any, Any, list[float]]] = [
        (look_up, keys, taken.ours),
        (look_up_each, lists, taken.our_lists),
    ]
    others = [(bare[0], keys, taken.bare), (bare[1], lists, taken.bare_lists)]
    for call, asked, times in (*ours, *others) if ours_first else (*others, *ours):
        await _time_each(call, asked, times)


async def _time_each(call: Callable[[Any], Awaitable[object]], asked: Sequence[object], times: list[float]) -> None:
    for each in asked:
        started = time.perf_counter()
        await call(each)
        times.append(time.perf_counter() - started)


def _combine(reports: Sequence[Report]) -> Report:
    return combine_reports(reports[0], reports[1:], at=AT)


def _figures(database: str, taken: _Taken) -> list[Figure]:
    record = taken.record
    name = f"{database}, {record.subjects:,} subjects"
    figures = [
        Figure(
            f"{name}: lookup, p{percent}",
            1e6 * percentile(taken.ours, percent),
            "µs",
            f"the driver alone, p{percent}",
            1e6 * percentile(taken.bare, percent),
        )
        for percent in (50, 99)
    ]
    rates = [LISTED / seconds for seconds in taken.our_lists]
    figures.append(
        Figure(
            f"{name}: by lists of {LISTED}",
            statistics.median(rates),
            "persons/s",
            "the driver alone",
            LISTED / statistics.median(taken.bare_lists),
            "ratio at least 0.5",
            quartiles(rates),
        )
    )
    source = random.Random(11)
    pages = record.pages([subject_of(source.randrange(record.subjects)) for _ in range(PAGES_OF)])
    figures.append(
        Figure(
            f"{name}: pages a lookup, most of {PAGES_OF}",
            max(pages),
            "pages",
            "the mean",
            statistics.mean(pages),
            "bounded and flat",
        )
    )
    whole = record.size().whole / record.subjects
    figures.append(Figure(f"{name}: disk", whole, "B a subject", "keys and bodies alone", _payload_bytes()))
    return figures


def _payload_bytes() -> float:
    """Return the bytes of a subject's rows as they are: keys, issuers, revisions and bodies."""
    body = statistics.mean(len(issuer) + 8 + len(body) for issuer, _, _, body in all_templates())
    return (SUBJECT_KEY_BYTES + body) * REPORTS_PER_TEN_SUBJECTS / 10


def _shown(address: str) -> dict[str, str | int | float]:
    with psycopg.connect(address) as connection:
        return {name: str(connection.execute(f"SHOW {name}".encode()).fetchall()[0][0]) for name in _SHOWN}


def _loading(database: str, records: Sequence[LoadedRecord]) -> dict[str, str | int | float]:
    return {f"{database} loaded, {each.subjects:,} (s)": round(each.size().seconds, 1) for each in records}


def _tell(progress: str) -> None:
    print(progress, flush=True)
