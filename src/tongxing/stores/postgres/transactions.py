"""Writing on PostgreSQL: one connection of the writer's own, connected anew where it was lost.

Other processes write at the same time. What they write to the same rows is waited for, so a statement after
``ON CONFLICT DO NOTHING`` sees it; what rests on other rows takes turns by an advisory lock.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from tongxing.core.errors import TongxingError
from tongxing.stores.postgres.faults import is_passing, store_error, store_name
from tongxing.stores.postgres.opening import Connection, connect
from tongxing.stores.sql.connections import Insertion, Result, Row, Values
from tongxing.stores.sql.statements import insertion_of, portions

COPY_FROM_ROWS: Final = 200
"""So many rows and more are copied to a staging table and inserted from there; fewer go in one statement or two."""

_PLACE: Final = re.compile(r"\?(\d*)")


@cache
def numbered(statement: str) -> str:
    """Return a statement with ``$1`` for each ``?`` or ``?1``, as the server takes it."""
    count = 0

    def number(place: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"${place[1] or count}"

    return _PLACE.sub(number, statement)


class PostgresConnection:
    """``RecordConnection`` over the driver's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._column_types: dict[str, Mapping[str, int]] = {}
        self._filled: set[str] = set()

    @property
    def driver(self) -> Connection:
        """The driver's own."""
        return self._connection

    def begin(self) -> None:
        """Begin a transaction."""
        self._filled.clear()
        self.execute("BEGIN")

    def execute(self, statement: str, values: Values = ()) -> Result:
        """Run one statement."""
        cursor = self._connection.cursor(binary=bool(values))
        return cursor.execute(numbered(statement).encode(), values or None)

    def insert(self, insertion: Insertion, rows: Sequence[Values]) -> int:
        """Insert rows; return how many were."""
        if len(rows) >= COPY_FROM_ROWS:
            return self._copied(insertion, rows).rowcount
        return sum(result.rowcount for result in self._inserted(insertion, rows))

    def insert_returning(self, insertion: Insertion, rows: Sequence[Values]) -> list[Row]:
        """As ``insert``; give back what its RETURNING returns."""
        if len(rows) >= COPY_FROM_ROWS:
            return self._copied(insertion, rows).fetchall()
        return [row for result in self._inserted(insertion, rows) for row in result.fetchall()]

    def take_turn(self, name: str) -> None:
        """Wait for every other transaction that took its turn under ``name``."""
        self.execute("SELECT pg_advisory_xact_lock(hashtext(?))", (f"tongxing: {name}",))

    def _inserted(self, insertion: Insertion, rows: Sequence[Values]) -> list[Result]:
        ordered = sorted(rows, key=_key)
        return [
            self.execute(insertion_of(insertion, len(portion)), [value for row in portion for value in row])
            for portion in portions(ordered)
        ]

    def _copied(self, insertion: Insertion, rows: Sequence[Values]) -> Result:
        """Insert by COPY to a table of this session, which no index slows and no other process sees."""
        columns = ", ".join(insertion.columns)
        staging = f"staging_{insertion.table}"
        types = self._types_of(insertion.table)
        made = f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} (LIKE {insertion.table}) ON COMMIT DELETE ROWS"
        self.execute(made)
        if staging in self._filled:  # in this transaction: the end of one empties it, and to do so again costs most
            self.execute(f"TRUNCATE {staging}")
        self._filled.add(staging)
        copy_in = f"COPY {staging} ({columns}) FROM STDIN (FORMAT BINARY)"
        with self._connection.cursor().copy(copy_in.encode()) as copy:
            copy.set_types([types[column] for column in insertion.columns])
            for row in sorted(rows, key=_key):
                copy.write_row(row)
        return self.execute(f"{insertion.head} SELECT {columns} FROM {staging} {insertion.then}")  # noqa: S608 - ours

    def _types_of(self, table: str) -> Mapping[str, int]:
        if table not in self._column_types:
            found = self.execute(
                "SELECT attname, atttypid::bigint FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0",
                (table,),
            )
            self._column_types[table] = dict(found.fetchall())
        return self._column_types[table]


def _key(row: Values) -> Any:  # noqa: ANN401 - of one type in each table
    """Rows go in by the order of what leads their key: two processes so seldom wait for one another in a circle."""
    return row[0]


class PostgresTransactions:
    """``Transactions`` on PostgreSQL; connects when the first one begins."""

    errors: Final = psycopg.Error
    faults_of_one_write: Final = (psycopg.IntegrityError, psycopg.DataError)

    def __init__(self, address: str) -> None:
        self._address = address
        self._held: PostgresConnection | None = None
        self.name: Final = store_name(address)

    def begin(self) -> PostgresConnection:
        """Begin; connect anew where the server was restarted since the last time."""
        held = self._held
        if held is not None and not held.driver.closed:
            try:
                held.begin()
            except psycopg.OperationalError:
                held.driver.close()
            else:
                return held
        self._held = held = PostgresConnection(connect(self._address))
        held.begin()
        return held

    def commit(self) -> None:
        """Commit; the server's log is synced. Raises psycopg.Error where the server rolled back instead."""
        if self._held is None:
            raise psycopg.InternalError("there is no transaction to commit")
        cursor = self._held.driver.execute("COMMIT")
        if cursor.statusmessage != "COMMIT":
            raise psycopg.InternalError(f"the transaction ended with {cursor.statusmessage}")

    def roll_back(self) -> None:
        """Undo the transaction, if there is one; a lost connection has undone it."""
        held = self._held
        if held is None or held.driver.closed:
            return
        if held.driver.info.transaction_status is not TransactionStatus.IDLE:
            try:
                held.execute("ROLLBACK")
            except psycopg.Error:
                held.driver.close()

    def is_passing(self, error: Exception) -> bool:
        """True where others' writes came in the way."""
        return is_passing(error)

    def explain(self, error: Exception) -> TongxingError:
        """Say what went wrong with the database."""
        return store_error(error, self.name)

    def close(self) -> None:
        """Close the connection."""
        if self._held is not None:
            self._held.driver.close()
