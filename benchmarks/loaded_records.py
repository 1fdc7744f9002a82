"""Records that hold many subjects: loaded by the databases' own bulk ways, and found again by a later run.

The tables are the product's, made by its migrations. A portion and the mark that it is there are one transaction, so
that loading goes on where it was broken off; rows of another encoding are thrown away and loaded anew.
"""

import contextlib
import os
import shutil
import sqlite3
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
from psycopg import AsyncRawCursor, sql

from benchmarks.machine import ROOT
from benchmarks.many_subjects import COLUMNS, fingerprint, rows_of
from tests.real_servers import RunningPostgres, find_postgres
from tongxing.core.subjects import SUBJECT_KEY_BYTES
from tongxing.stores.postgres import stores as postgres
from tongxing.stores.postgres.opening import prepare
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.opening import open_reader, open_writer
from tongxing.stores.sqlite.stores import open_stores

PORTION: Final = 250_000
SQLITE_PORTION: Final = 2_000_000
"""Each portion changes most pages of the file, which are written once for each."""

POINT: Final = "SELECT body FROM reports WHERE subject = {} AND retracted <= 0 ORDER BY issuer"
_MARKS: Final = (
    "CREATE TABLE IF NOT EXISTS benchmark_portions (made_by TEXT, subjects BIGINT, seconds DOUBLE PRECISION)"
)
_COPY: Final = f"COPY reports ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_INSERT: Final = f"INSERT INTO reports ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - constants
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END: Final = b"\xff\xff"
_PIECES_AT_ONCE: Final = 3_000
_PAGE_BYTES: Final = 4096
_LOADING_CACHE_KIB: Final = 2_000_000

Bare = Callable[[Any], Awaitable[object]]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes on disk of the table of reports, with its index."""

    whole: int
    index: int
    seconds: float


class LoadedRecord(Protocol):
    """A record of so many subjects."""

    @property
    def subjects(self) -> int:
        """How many."""
        ...

    async def open(self) -> NodeStores:
        """Open the product's stores on it."""
        ...

    def bare(self) -> contextlib.AbstractAsyncContextManager[tuple[Bare, Bare]]:
        """Give two awaitable calls on a connection of the driver: a point look-up, and one of a list of keys."""
        ...

    def pages(self, keys: list[bytes]) -> list[int]:
        """Return how many pages are read to look up each key."""
        ...

    def size(self) -> Size:
        """Return what it takes on disk, and how long it took to load."""
        ...


@dataclass(frozen=True, slots=True)
class PostgresRecord:
    """A database of a server that runs."""

    subjects: int
    address: str

    def load(self, tell: Tell) -> None:
        """Load what is not there yet."""
        prepare(self.address)
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(_MARKS)
            made_by = fingerprint()
            if connection.execute("SELECT 1 FROM benchmark_portions WHERE made_by <> %s", [made_by]).fetchone():
                connection.execute("TRUNCATE reports, benchmark_portions")
            marks = connection.execute("SELECT subjects FROM benchmark_portions").fetchall()
            for first in range(sum(count for (count,) in marks), self.subjects, PORTION):
                end = min(first + PORTION, self.subjects)
                started = time.perf_counter()
                with connection.transaction():
                    with connection.cursor().copy(_COPY) as copy:
                        for piece in _copied(first, end):
                            copy.write(piece)
                    seconds = time.perf_counter() - started
                    mark = [made_by, end - first, seconds]
                    connection.execute("INSERT INTO benchmark_portions VALUES (%s, %s, %s)", mark)
                tell(f"PostgreSQL, {self.subjects:,}: {end:,} loaded")
            if (0,) not in marks:
                started = time.perf_counter()
                connection.execute("VACUUM (ANALYZE) reports")
                connection.execute("CHECKPOINT")
                mark = [made_by, 0, time.perf_counter() - started]
                connection.execute("INSERT INTO benchmark_portions VALUES (%s, %s, %s)", mark)

    def warm(self) -> None:
        """Have the server hold the indexes, as it does after a day's look-ups; nothing where it cannot be told to."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_prewarm'").fetchone():
                connection.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
                connection.execute(
                    "SELECT pg_prewarm(indexrelid) FROM pg_index JOIN pg_inherits ON inhrelid = indrelid"
                    " WHERE inhparent = 'reports'::regclass"
                )

    async def open(self) -> NodeStores:
        """Open the product's stores."""
        return await postgres.open_stores(self.address)

    @contextlib.asynccontextmanager
    async def bare(self) -> AsyncIterator[tuple[Bare, Bare]]:
        """Give a point look-up and one of a list."""
        point = POINT.format("$1").encode()
        each = b"SELECT r.subject, r.body FROM unnest($1::bytea[]) AS k(s) JOIN reports r ON r.subject = k.s"
        async with await psycopg.AsyncConnection.connect(
            self.address, autocommit=True, cursor_factory=AsyncRawCursor
        ) as connection:

            async def look_up(key: bytes) -> list[Any]:
                cursor = connection.cursor(binary=True)
                return await (await cursor.execute(point, (key,))).fetchall()

            async def look_up_each(keys: list[bytes]) -> list[Any]:
                cursor = connection.cursor(binary=True)
                return await (await cursor.execute(each, (keys,))).fetchall()

            yield look_up, look_up_each

    def pages(self, keys: list[bytes]) -> list[int]:
        """Return how many pages are hit or read, by EXPLAIN (ANALYZE, BUFFERS)."""
        found = []
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("SET plan_cache_mode = force_generic_plan")
            connection.execute(f"PREPARE look_up (bytea) AS {POINT.format('$1')}".encode())
            for key in keys:
                ask = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE look_up ({})").format(sql.Literal(key))
                (told,) = connection.execute(ask).fetchall()[0]
                plan = told[0]["Plan"]
                found.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
        return found

    def size(self) -> Size:
        """Return the bytes of all partitions."""
        with psycopg.connect(self.address) as connection:
            rows = connection.execute(
                "SELECT sum(pg_total_relation_size(inhrelid))::bigint, sum(pg_indexes_size(inhrelid))::bigint,"
                " (SELECT sum(seconds) FROM benchmark_portions)"
                " FROM pg_inherits WHERE inhparent = 'reports'::regclass"
            ).fetchall()
        return Size(*rows[0])


@dataclass(frozen=True, slots=True)
class SqliteRecord:
    """A file."""

    subjects: int
    path: Path

    def load(self, tell: Tell) -> None:
        """Load what is not there yet."""
        with contextlib.closing(open_writer(self.path)) as connection:
            connection.execute(_MARKS)
            connection.execute(f"PRAGMA cache_size = -{_LOADING_CACHE_KIB}")
            connection.execute("PRAGMA synchronous = NORMAL")
            made_by = fingerprint()
            if connection.execute("SELECT 1 FROM benchmark_portions WHERE made_by <> ?", [made_by]).fetchone():
                connection.execute("DELETE FROM reports")
                connection.execute("DELETE FROM benchmark_portions")
                connection.execute("VACUUM")
            (held,) = connection.execute("SELECT coalesce(sum(subjects), 0) FROM benchmark_portions").fetchone()
            for first in range(held, self.subjects, SQLITE_PORTION):
                end = min(first + SQLITE_PORTION, self.subjects)
                started = time.perf_counter()
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_INSERT, sorted(rows_of(first, end)))
                mark = [made_by, end - first, time.perf_counter() - started]
                connection.execute("INSERT INTO benchmark_portions VALUES (?, ?, ?)", mark)
                connection.execute("COMMIT")
                tell(f"SQLite, {self.subjects:,}: {end:,} loaded")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def open(self) -> NodeStores:
        """Open the product's stores."""
        return open_stores(self.path)

    @contextlib.asynccontextmanager
    async def bare(self) -> AsyncIterator[tuple[Bare, Bare]]:
        """Give a point look-up and one of a list."""
        point = POINT.format("?")
        with contextlib.closing(open_reader(self.path)) as connection:

            async def look_up(key: bytes) -> list[Any]:
                return connection.execute(point, (key,)).fetchall()

            async def look_up_each(keys: list[bytes]) -> list[Any]:
                places = ",".join("?" * len(keys))
                each = f"SELECT subject, body FROM reports WHERE subject IN ({places}) AND retracted <= 0"  # noqa: S608
                return connection.execute(each, keys).fetchall()

            yield look_up, look_up_each

    def pages(self, keys: list[bytes]) -> list[int]:
        """Return how many pages of the tree are read when none is held in memory: the bytes that the process reads."""
        point, found = POINT.format("?"), []
        with contextlib.closing(open_reader(self.path)) as connection:
            connection.execute("PRAGMA mmap_size = 0")  # what is mapped is not read
            connection.execute(point, keys[:1]).fetchall()  # reads the schema too
            for key in keys:
                connection.execute("PRAGMA shrink_memory")
                before = _bytes_read()
                connection.execute(point, (key,)).fetchall()
                found.append((_bytes_read() - before) // _PAGE_BYTES - 1)  # without the file's first page
        return found

    def size(self) -> Size:
        """Return the bytes of the file: its tables are their own index."""
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            (seconds,) = connection.execute("SELECT sum(seconds) FROM benchmark_portions").fetchone()
        return Size(self.path.stat().st_size, 0, seconds)


@contextlib.contextmanager
def postgres_records(sizes: tuple[int, ...], keep: Path | None, tell: Tell) -> Iterator[list[PostgresRecord]]:
    """Run a server with the settings of ``deploy/postgresql.conf``, with a database of each size; none without one."""
    found = find_postgres()
    if found is None:
        yield []
        return
    folder = None if keep is None else keep / "postgres"
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    settings = ROOT / "deploy" / "postgresql.conf"
    with contextlib.ExitStack() as leaving:
        if folder is None:
            copied = Path(f"/tmp/tongxing-{time.monotonic_ns()}.conf")  # noqa: S108 - any user's server must read it
            leaving.callback(copied.unlink)
        else:
            copied = folder / "postgresql.conf"
        shutil.copyfile(settings, copied)
        copied.chmod(0o644)
        chosen = [f"config_file={copied}"]
        if keep is not None:  # as the file says of itself: a quarter of the machine's memory
            chosen.append(f"shared_buffers={os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 4 >> 20}MB")
        server = RunningPostgres(found, kept_in=folder, settings=chosen)
        leaving.callback(server.stop)
        records = []
        for subjects in sizes:
            name = f"subjects_{subjects}"
            with psycopg.connect(server.url(), autocommit=True) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            records.append(PostgresRecord(subjects, server.url(name)))
            records[-1].load(tell)
        _read_all(server.folder / "data" / "base")
        for record in records:
            record.warm()
        yield records


@contextlib.contextmanager
def sqlite_records(sizes: tuple[int, ...], folder: Path, tell: Tell) -> Iterator[list[SqliteRecord]]:
    """Give a file of each size."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [SqliteRecord(subjects, folder / f"subjects-{subjects}.sqlite") for subjects in sizes]
    for record in records:
        record.load(tell)
    _read_all(folder)
    yield records


def _copied(first: int, end: int) -> Iterator[bytes]:
    """Return the rows as binary COPY takes them, in pieces."""
    tails: dict[tuple[str, int, int, bytes], bytes] = {}
    pieces = [_COPY_HEAD]
    head = struct.pack(">hi", len(COLUMNS), SUBJECT_KEY_BYTES)
    for subject, issuer, revision, retracted, body in rows_of(first, end):
        values = (issuer, revision, retracted, body)
        tail = tails.get(values)
        if tail is None:
            fields = (issuer.encode(), struct.pack(">q", revision), struct.pack(">i", retracted), body)
            tail = tails[values] = b"".join(struct.pack(">i", len(field)) + field for field in fields)
        pieces += (head, subject, tail)
        if len(pieces) > _PIECES_AT_ONCE:
            yield b"".join(pieces)
            pieces = []
    yield b"".join([*pieces, _COPY_END])


def _read_all(folder: Path) -> None:
    """Have the system hold every file, as far as its memory goes."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb", buffering=0) as file:
                while file.read(1 << 20):
                    pass


def _bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])
