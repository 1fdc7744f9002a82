"""What the ports' classes need of a database, whichever it is.

Statements are SQL that SQLite and PostgreSQL both take, with ``?`` or ``?1`` for values. A statement never
counts on an error to learn that a row is held (a failed statement ends PostgreSQL's transaction): it says
``ON CONFLICT DO NOTHING`` and compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tongxing.core.errors import TongxingError

Value = str | bytes | int | None
Values = Sequence[Value]
Row = tuple[Any, ...]


class Result(Protocol):
    """What came of a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        ...

    def fetchone(self) -> Row | None:
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Row]:
        """Return the rows that are left."""
        ...


@dataclass(frozen=True, slots=True)
class Insertion:
    """Rows go into ``columns`` of ``table``; ``then`` is what follows them: ON CONFLICT …, RETURNING …."""

    table: str
    columns: tuple[str, ...]
    then: str = ""

    @property
    def head(self) -> str:
        """The statement up to its values."""
        return f"INSERT INTO {self.table} ({', '.join(self.columns)})"


class RecordConnection(Protocol):
    """A database inside one writing transaction."""

    def execute(self, statement: str, values: Values = ()) -> Result:
        """Run one statement."""
        ...

    def insert(self, insertion: Insertion, rows: Sequence[Values]) -> int:
        """Insert rows, each as long as the columns, by as few statements as possible; return how many were."""
        ...

    def insert_returning(self, insertion: Insertion, rows: Sequence[Values]) -> list[Row]:
        """As ``insert``, for one that ends in RETURNING: give back what it returns, in any order."""
        ...

    def take_turn(self, name: str) -> None:
        """Wait until no other transaction, of any process, is between this call and its end under ``name``.

        For a write that rests on what it read of other rows.
        """
        ...


class Transactions(Protocol):
    """One connection of the writer's own, and what its errors mean."""

    @property
    def name(self) -> str:
        """What an operator knows the store by; never a secret."""
        ...

    @property
    def errors(self) -> type[Exception]:
        """The class of everything that the driver raises."""
        ...

    @property
    def faults_of_one_write(self) -> tuple[type[Exception], ...]:
        """Errors of the driver that a single write can be guilty of; every other one fails the whole batch."""
        ...

    def begin(self) -> RecordConnection:
        """Begin a writing transaction; connect anew where the connection was lost."""
        ...

    def commit(self) -> None:
        """Commit; durable on stable storage when it returns."""
        ...

    def roll_back(self) -> None:
        """Undo the transaction, if there is one and whatever state it is in."""
        ...

    def is_passing(self, error: Exception) -> bool:
        """True if the same transaction may well go through when it is tried again at once."""
        ...

    def explain(self, error: Exception) -> TongxingError:
        """Say what went wrong: a Fault, or OVERLOADED where the store is only busy."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Reader(Protocol):
    """The reading side of a store."""

    async def rows(self, query: str, values: Values) -> list[Row]:
        """Return all rows; raises Fault, or Refused(OVERLOADED) where the store is only busy.

        A text or number that no column can hold is not found, like any other that is not there.
        """
        ...

    async def row(self, query: str, values: Values) -> Row | None:
        """Return the one row there can be, or None."""
        ...

    async def rows_of_each(self, query: str, keys: Sequence[bytes], values: Values = ()) -> list[Row]:
        """Return the rows of many keys, none of them twice, in any order: as fast as the database can.

        ``query`` holds ``{keys}`` where a table of them belongs, whose one column is ``column1``; its own
        ``values`` come behind it. Raises as ``rows``.
        """
        ...

    async def aclose(self) -> None:
        """Close it. Idempotent."""
        ...
