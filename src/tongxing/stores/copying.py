"""Copies a node's record from a SQLite file to an empty PostgreSQL database, whole or not at all.

Order: (1) the file is brought to this version and kept from every writer; (2) the database is brought to it too,
and must hold no row; (3) every table is copied in one transaction; (4) what arrived is read back and compared
row by row with the file; (5) commit. The file stays as it was: the node is told the database's address then.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Table

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.stores.postgres.faults import store_name
from tongxing.stores.postgres.opening import Connection, connect, prepare, told_as_fault
from tongxing.stores.schema import METADATA
from tongxing.stores.sqlite.opening import open_writer
from tongxing.stores.sqlite.transactions import SqliteConnection

_ROWS_AT_ONCE: Final = 5_000

_TYPES: Final = """
    SELECT attname, atttypid::bigint FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0
"""


@dataclass(frozen=True, slots=True)
class CopyProgress:
    """How far one table is: in ``checked`` rows when they are compared, else in those that were sent."""

    table: str
    done: int
    total: int
    checked: bool


def copy_record(source: Path, address: str, tell: Callable[[CopyProgress], None]) -> dict[str, int]:
    """Copy the record in the file ``source`` to the database at ``address``; return the rows of each table.

    ``tell`` is called for every few thousand rows. Raises Refused(BAD_REQUEST) for a file that is not there,
    Refused(CONFLICT) for a database that holds rows, Fault for what cannot be read or written.
    """
    if not source.is_file():
        raise Refused(ProblemId.BAD_REQUEST, f"{source}: there is no such file")
    name = store_name(address)
    prepare(address)
    with contextlib.closing(open_writer(source)) as held, told_as_fault(name):
        held.execute("BEGIN IMMEDIATE")
        with contextlib.closing(connect(address)) as target, target.transaction():
            tables = METADATA.sorted_tables
            _check_empty(target, tables, name)
            copied = {table.name: _copy(held, target, table, tell) for table in tables}
            for table in tables:
                _compare(held, target, table, copied[table.name], tell)
                _number_on(target, table)
        held.execute("ROLLBACK")
    return copied


def _check_empty(target: Connection, tables: Sequence[Table], name: str) -> None:
    for table in tables:
        target.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table.name)))
        found = target.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table.name))).fetchall()
        if found:
            raise Refused(ProblemId.CONFLICT, f"the store {name} holds rows already ({table.name}); name an empty one")


def _copy(held: SqliteConnection, target: Connection, table: Table, tell: Callable[[CopyProgress], None]) -> int:
    (total,) = held.execute(f"SELECT count(*) FROM {table.name}").fetchone()  # noqa: S608 - our own names
    columns = [column.name for column in table.columns]
    types: dict[str, int] = dict(target.execute(_TYPES, (table.name,)).fetchall())
    copy_in = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    done = 0
    with target.cursor().copy(copy_in.encode()) as copy:
        copy.set_types([types[column] for column in columns])
        for rows in _portions(held.execute(f"SELECT {', '.join(columns)} FROM {table.name}")):  # noqa: S608 - as above
            for row in rows:
                copy.write_row(row)
            done += len(rows)
            tell(CopyProgress(table.name, done, total, checked=False))
    return done


def _compare(
    held: SqliteConnection, target: Connection, table: Table, total: int, tell: Callable[[CopyProgress], None]
) -> None:
    """Raise Fault unless both hold the same rows, in the order of the key, which is that of bytes in both."""
    columns = ", ".join(column.name for column in table.columns)
    key = ", ".join(column.name for column in table.primary_key.columns)
    query = f"SELECT {columns} FROM {table.name} ORDER BY {key}"  # noqa: S608 - our own names
    checked = 0
    with target.cursor(f"compare_{table.name}", binary=True) as arrived:
        sent, there = _portions(held.execute(query)), _portions(arrived.execute(query.encode()))
        for left, right in zip_longest(sent, there, fillvalue=()):
            if tuple(left) != tuple(right):
                raise Fault(f"{table.name} did not arrive as it was sent; nothing was kept")
            checked += len(left)
            tell(CopyProgress(table.name, checked, total, checked=True))


def _number_on(target: Connection, table: Table) -> None:
    """Have rows that come later numbered after those that were copied."""
    for column in table.columns:
        sequence = target.execute("SELECT pg_get_serial_sequence($1, $2)", (table.name, column.name)).fetchall()[0][0]
        if sequence is not None:
            highest = sql.SQL("SELECT setval({}, coalesce(max({}), 0) + 1, false) FROM {}")
            names = sql.Literal(sequence), sql.Identifier(column.name), sql.Identifier(table.name)
            target.execute(highest.format(*names))


def _portions(cursor: Any) -> Iterator[Sequence[tuple[Any, ...]]]:  # noqa: ANN401 - either driver's
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        yield rows
