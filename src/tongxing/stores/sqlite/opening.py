"""Open the file of a node: is it ours, is it of a version we know, can it be written.

Order: (1) look, without changing anything, whose file it is; (2) write-ahead log; (3) migrate, in
one transaction; (4) one connection for the writer, one for reading. Whatever does not fit is a
``Fault`` that says so, and leaves the file as it was. A new file, and with it its log, can be read
by its owner only.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from tongxing.core.errors import Fault, Refused
from tongxing.stores.migrations import NEWEST
from tongxing.stores.sql.stores import check_writable
from tongxing.stores.sqlite.faults import is_busy, store_error
from tongxing.stores.sqlite.transactions import SqliteConnection

APPLICATION_ID: Final = 0x746F6E67
"""Marks a SQLite file as ours: "tong" in ASCII. Spec: sqlite.org/fileformat2.html, section 1.3.9."""

BUSY_SECONDS: Final = 5.0
"""How long the writer waits for another process that holds the file; then callers are refused."""

READ_BUSY_SECONDS: Final = 0.2
"""Readers never wait for writers in a write-ahead log; only for its recovery after a crash."""

OWNER_ONLY: Final = 0o600
"""SQLite gives the log and its index the mode of the file itself."""

MAPPED_BYTES: Final = 1 << 31
"""Of the file's beginning readers map so much, and SQLite no more: a lookup is a third faster than by reads."""

_WRITER_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",  # the log is synced at each commit, not only at checkpoints
    "PRAGMA secure_delete = ON",  # what is purged is overwritten, not only unlinked
    "PRAGMA wal_autocheckpoint = 2000",
    "PRAGMA journal_size_limit = 67108864",
)


def open_writer(path: Path) -> SqliteConnection:
    """Open ``path`` for writing, new or ours, migrated to the newest version. Raises Fault."""
    _make_private(path)
    with _told_as_fault(path), ExitStack() as on_failure:
        connection = _connect(path, BUSY_SECONDS)
        on_failure.callback(connection.close)
        _prepare(connection, path)
        on_failure.pop_all()
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open ``path``, which ``open_writer`` has prepared, for reading only. Raises Fault."""
    with _told_as_fault(path):
        connection = _connect(path, READ_BUSY_SECONDS)
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
    return connection


def _make_private(path: Path) -> None:
    """Make a new file with mode 0600 before SQLite would make it with what the umask leaves."""
    with suppress(OSError):  # it exists, or cannot be made: SQLite tells which
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))


def _connect(path: Path, busy_seconds: float) -> SqliteConnection:
    return sqlite3.connect(
        path,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=SqliteConnection,
    )


@contextmanager
def _told_as_fault(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if is_busy(error):
            raise Fault(f"the store {path}: another process keeps it locked") from error
        told = store_error(error, path)
        raise (Fault(told.detail) if isinstance(told, Refused) else told) from error


def _prepare(connection: SqliteConnection, path: Path) -> None:
    revision = _check_ours(connection, path)
    _use_write_ahead_log(connection, path)
    for pragma in _WRITER_PRAGMAS:
        connection.execute(pragma)
    if revision != NEWEST:
        _migrate(path)
    check_writable(connection)


def _check_ours(connection: sqlite3.Connection, path: Path) -> str | None:
    """Return the revision of the file, None if it is new."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application_id != APPLICATION_ID:
        if application_id == 0 and tables == 0:
            return None
        raise Fault(f"the store {path}: it is not one of ours, but a SQLite file of another program")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    revision = str(row[0]) if row else "none"
    if not revision.isdecimal():
        raise Fault(f"the store {path}: its version {revision!r} is none of ours")
    if int(revision) > int(NEWEST):
        raise Fault(
            f"the store {path}: it was written by a newer version (schema {revision}, this program knows {NEWEST})"
        )
    return revision


def _use_write_ahead_log(connection: sqlite3.Connection, path: Path) -> None:
    """Switch to the log. Two processes that start at once may disturb each other: the later one retries."""
    last_try = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > last_try:
                raise
            time.sleep(0.02)
        else:
            if mode != "wal":
                raise Fault(f"the store {path}: no write-ahead log can be kept there (journal mode is {mode!r})")
            return


def _migrate(path: Path) -> None:
    """Bring the file to the newest schema: all steps and our mark in one transaction, or nothing."""
    # Loaded here because a node whose file is up to date needs neither Alembic nor SQLAlchemy.
    import sqlalchemy  # noqa: PLC0415

    from tongxing.stores.migrating import migrate  # noqa: PLC0415

    engine = sqlalchemy.create_engine(
        "sqlite://", creator=lambda: _connect(path, BUSY_SECONDS), poolclass=sqlalchemy.NullPool
    )
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection)
    except sqlalchemy.exc.DBAPIError as error:
        raise error.orig or error from error
    finally:
        engine.dispose()
