"""Ingest: reports until they are durable, beside what the database takes without us.

From the bytes of a batch of JSON lines (``IngestDesk``), and from report values (``put_reports``, four under
way); new reports, then a newer revision of each. The baseline writes the very same encoded rows
into a table of the same schema in the same server, or file with the same settings, in one transaction: on PostgreSQL
by COPY into a temporary table and one upsert from there, on SQLite by ``executemany`` of the upsert. Rounds alternate.
"""

import asyncio
import gc
import random
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.machine import RESULTS
from tests.real_servers import find_postgres, running_postgres
from tongxing.app.columns import WorkerColumns
from tongxing.app.system import SystemClock
from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import INGEST_ROWS_MAX, REPORTS_PER_BATCH_MAX
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.services.ingest_ports import BatchName
from tongxing.services.ingesting import REPORTS, IngestDesk, ReportSink
from tongxing.services.ports import PutCount, SubjectReport
from tongxing.stores.postgres import stores as postgres
from tongxing.stores.postgres.opening import connect, prepare
from tongxing.stores.sql.reports import encode_body
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.opening import open_writer
from tongxing.stores.sqlite.stores import open_stores
from tongxing.wire.report_lines import encode_report_line

ROUNDS: Final = 7
VALUES_AT_ONCE: Final = 4
"""So many puts of a thousand values are under way: one is encoded while others are written."""

WANTED: Final = "ratio at least 0.5"
_SENDER: Final = RegionId("42")
_AT: Final = datetime(2020, 3, 21, 10, tzinfo=UTC)
_UPSERT: Final = """
    ON CONFLICT (subject, issuer) DO UPDATE
    SET revision = excluded.revision, retracted = excluded.retracted, body = excluded.body
    WHERE (excluded.revision, excluded.retracted, excluded.body) > (reports.revision, reports.retracted, reports.body)
"""
_COLUMNS: Final = "subject, issuer, revision, retracted, body"
_FROM_ARRIVED: Final = f"INSERT INTO reports ({_COLUMNS}) SELECT {_COLUMNS} FROM arrived {_UPSERT}"  # noqa: S608 - ours

_Row = tuple[bytes, str, int, int, bytes]


@dataclass(frozen=True, slots=True)
class _Database:
    """One kind of store: how ours is opened, and the bare writing of rows."""

    name: str
    bare_name: str
    open_stores: Callable[[], Awaitable[NodeStores]]
    write_bare: Callable[[Sequence[_Row]], None]


def measure_ingesting(scale: Scale) -> Result:
    """Measure PostgreSQL (where there is one) and SQLite, each from lines and from values, new and replaced."""
    rows, rounds = min(scale.records, INGEST_ROWS_MAX), min(ROUNDS, scale.rounds)
    figures: list[Figure] = []
    for opened in (_on_postgres, _on_sqlite):
        with opened() as database:
            if database is not None:
                figures += asyncio.run(_measure(database, rows, rounds))
    found = find_postgres()
    setting: dict[str, str | int | float] = {
        "rows a round": rows,
        "rounds": rounds,
        "PostgreSQL": "none" if found is None else found.version,
    }
    return Result("ingesting", tuple(figures), setting)


@contextmanager
def _on_postgres() -> Iterator[_Database | None]:
    if find_postgres() is None:
        yield None
        return
    with running_postgres() as server:
        for name in ("ours", "bare"):
            with psycopg.connect(server.url(), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {name}".encode())
            prepare(server.url(name))
        with closing(connect(server.url("bare"))) as bare:
            bare.execute(b"CREATE TEMPORARY TABLE arrived (LIKE reports) ON COMMIT DELETE ROWS")

            def write_bare(rows: Sequence[_Row]) -> None:
                with bare.transaction():
                    with bare.cursor().copy(f"COPY arrived ({_COLUMNS}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
                        copy.set_types(["bytea", "text", "int8", "int4", "bytea"])
                        for row in rows:
                            copy.write_row(row)
                    bare.execute(_FROM_ARRIVED.encode())

            async def open_ours() -> NodeStores:
                return await postgres.open_stores(server.url("ours"))

            yield _Database("PostgreSQL", "bare COPY and upsert", open_ours, write_bare)


@contextmanager
def _on_sqlite() -> Iterator[_Database]:
    with tempfile.TemporaryDirectory(dir=RESULTS) as folder, closing(open_writer(Path(folder) / "bare.db")) as bare:

        def write_bare(rows: Sequence[_Row]) -> None:
            bare.execute("BEGIN IMMEDIATE")
            bare.executemany(f"INSERT INTO reports ({_COLUMNS}) VALUES (?, ?, ?, ?, ?) {_UPSERT}", rows)  # noqa: S608
            bare.execute("COMMIT")

        async def open_ours() -> NodeStores:
            return open_stores(Path(folder) / "ours.db")

        yield _Database("SQLite", "bare executemany upsert", open_ours, write_bare)


async def _measure(database: _Database, rows: int, rounds: int) -> list[Figure]:
    stores = await database.open_stores()
    desk = IngestDesk(stores.ingest, {REPORTS: ReportSink(stores.reports)}, WorkerColumns(), SystemClock())
    source, numbers = random.Random(1), iter(range(1, 1 << 30))
    rates: dict[tuple[str, str], tuple[list[float], list[float]]] = {}

    async def from_lines(given: Sequence[SubjectReport]) -> float:
        body = b"".join(encode_report_line(row.subject, row.report, row.origin) + b"\n" for row in given)
        started = _start()
        taken = await desk.take_in(BatchName(_SENDER, REPORTS, next(numbers)), body)
        seconds = time.perf_counter() - started
        assert taken.stored == len(given)
        return seconds

    async def from_values(given: Sequence[SubjectReport]) -> float:
        cut = [given[at : at + REPORTS_PER_BATCH_MAX] for at in range(0, len(given), REPORTS_PER_BATCH_MAX)]
        started = _start()
        counts: list[PutCount] = []
        putting: deque[asyncio.Task[PutCount]] = deque()
        for portion in cut:
            if len(putting) == VALUES_AT_ONCE:
                counts.append(await putting.popleft())
            putting.append(asyncio.create_task(stores.reports.put_reports(portion)))
            await asyncio.sleep(0)
        counts += [await each for each in putting]
        seconds = time.perf_counter() - started
        assert sum(count.stored for count in counts) == len(given)
        return seconds

    for number in range(rounds):
        for way, put in (("a batch of lines", from_lines), ("values", from_values)):
            subjects = [SubjectKey(b"\x01" + source.randbytes(32)) for _ in range(rows)]
            for revision, kind in ((1, "new"), (2, "replaced")):
                given = [_report(subject, revision, source) for subject in subjects]
                ours, bare = rates.setdefault((way, kind), ([], []))
                for of_ours in (True, False) if number % 2 else (False, True):
                    if of_ours:
                        ours.append(rows / await put(given))
                    else:
                        bare.append(rows / _bare_seconds(database, given))
    await stores.aclose()
    return [
        Figure(
            f"ingest to {database.name} from {way}, {kind} reports",
            statistics.median(ours),
            "1/s",
            database.bare_name,
            statistics.median(bare),
            WANTED,
            quartiles(ours),
        )
        for (way, kind), (ours, bare) in rates.items()
    ]


def _bare_seconds(database: _Database, given: Sequence[SubjectReport]) -> float:
    rows = [(row.subject, str(row.report.issuer), row.report.revision, 0, encode_body(row)) for row in given]
    started = _start()
    database.write_bare(rows)
    return time.perf_counter() - started


def _start() -> float:
    gc.collect()
    return time.perf_counter()


def _report(subject: SubjectKey, revision: int, source: random.Random) -> SubjectReport:
    """Return a report of a usual size: one in twenty people has a cause that keeps them."""
    as_of = _AT + timedelta(seconds=source.randrange(86_400))
    kept = source.random() < 0.05
    cause = source.choice(list(Cause)[1:]) if kept else Cause.NOTHING_FOUND
    report = Report(
        issuer=_SENDER,
        standing=Standing.CURRENT,
        level=Level.HIGH if kept else Level.LOW,
        causes=(HeldCause(cause, as_of - timedelta(hours=source.randrange(300)), as_of + timedelta(days=14)),),
        revision=revision,
        as_of=as_of,
        valid_until=as_of + timedelta(days=3),
        sources_checked=("健康申报", "cases"),
    )
    division = f"42{source.randrange(1, 14):02}{source.randrange(1, 8):02}"
    return SubjectReport(subject, report, Origin(division, Precision.EXACT, OriginBasis.DECLARED_STAY))
