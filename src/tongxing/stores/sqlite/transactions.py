"""Writing on one SQLite file: one transaction at a time, which keeps every other process out of the file."""

import sqlite3
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Final

from tongxing.core.errors import TongxingError
from tongxing.stores.sql.connections import Insertion, Row, Values
from tongxing.stores.sql.statements import insertion_of, portions
from tongxing.stores.sqlite.faults import store_error


class SqliteConnection(sqlite3.Connection):
    """``RecordConnection`` by the driver's own connection, so that a statement costs nothing more."""

    def insert(self, insertion: Insertion, rows: Sequence[Values]) -> int:
        """Insert rows by as few statements as possible; return how many were."""
        return sum(
            self.execute(insertion_of(insertion, len(portion)), [value for row in portion for value in row]).rowcount
            for portion in portions(_in_order(rows))
        )

    def insert_returning(self, insertion: Insertion, rows: Sequence[Values]) -> list[Row]:
        """As ``insert``; give back what its RETURNING returns."""
        returned: list[Row] = []
        for portion in portions(_in_order(rows)):
            values = [value for row in portion for value in row]
            returned += self.execute(insertion_of(insertion, len(portion)), values).fetchall()
        return returned

    def take_turn(self, name: str) -> None:
        """Do nothing: who writes is alone in the file already."""


def _in_order(rows: Sequence[Values]) -> Sequence[Values]:
    """Return rows by what leads their key: each page of the tree is then touched once, at two thirds of the time."""
    return sorted(rows, key=itemgetter(0)) if len(rows) > 1 else rows


class SqliteTransactions:
    """``Transactions`` on SQLite. ``connection`` is its own from here on."""

    errors: Final = sqlite3.Error
    faults_of_one_write: Final = (
        sqlite3.IntegrityError,
        sqlite3.DataError,
        sqlite3.InterfaceError,
        sqlite3.ProgrammingError,
    )

    def __init__(self, connection: SqliteConnection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self.name: Final = str(path)

    def begin(self) -> SqliteConnection:
        """Begin; every other process on the file waits, or is told that it is busy."""
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def commit(self) -> None:
        """Commit; the log is synced."""
        self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Undo the transaction, if there is one."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def is_passing(self, error: Exception) -> bool:  # noqa: ARG002 - the protocol's
        """False: the driver has waited for others as long as we wait at all."""
        return False

    def explain(self, error: Exception) -> TongxingError:
        """Say what went wrong with the file."""
        if isinstance(error, sqlite3.Error):
            return store_error(error, self._path)
        raise error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
