"""Statements that several tables share: rows that are held already, and forgetting in bounded steps."""

from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Final, TypeVar

from tongxing.stores.sql.connections import Insertion, RecordConnection, Row, Values
from tongxing.stores.sql.writer import GroupCommitWriter

Kept = TypeVar("Kept")

_ROWS_PER_STATEMENT: Final = (256, 64, 16, 4, 1)
"""Few sizes, so that each statement is compiled once and found again in the driver's cache."""

FORGOTTEN_PER_STEP: Final = 500
"""How many rows one step erases, so that writers wait for milliseconds only."""


def portions(rows: Sequence[Kept]) -> Iterator[Sequence[Kept]]:
    """Cut ``rows`` into portions whose sizes are those that statements are compiled for."""
    start = 0
    for size in _ROWS_PER_STATEMENT:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


def rows_of(connection: RecordConnection, query: str, keys: Sequence[Values]) -> list[Row]:
    """Return the rows of ``keys``, all equally long: ``query`` ends where the list of keys begins."""
    found: list[Row] = []
    for portion in portions(keys):
        statement = _listed(query, len(portion), len(portion[0]))
        found += connection.execute(statement, [value for key in portion for value in key]).fetchall()
    return found


@cache
def _listed(head: str, rows: int, columns: int) -> str:
    """Return ``head`` with a list of so many keys behind it."""
    return f"{head} (VALUES {_placeholders(rows, columns)})"


@cache
def insertion_of(insertion: Insertion, rows: int) -> str:
    """Return the statement that inserts so many rows."""
    return f"{insertion.head} VALUES {_placeholders(rows, len(insertion.columns))} {insertion.then}"


def _placeholders(rows: int, columns: int) -> str:
    return ",".join([f"({','.join('?' * columns)})"] * rows)


async def change_in_steps(
    writer: GroupCommitWriter, statement: str, moment_us: int, *, before: tuple[str, ...] = (), turn: str = ""
) -> int:
    """Run ``statement`` (parameters: moment, limit) until it finds fewer rows than its limit; return how many.

    The statements ``before`` it take the same parameters and are part of each step, which takes its ``turn`` first.
    """
    changed = 0
    while True:
        count = await writer.run(partial(_change, statements=(*before, statement), moment_us=moment_us, turn=turn))
        changed += count
        if count < FORGOTTEN_PER_STEP:
            return changed


def _change(connection: RecordConnection, *, statements: tuple[str, ...], moment_us: int, turn: str) -> int:
    changed = 0
    if turn:
        connection.take_turn(turn)
    for statement in statements:
        changed = connection.execute(statement, (moment_us, FORGOTTEN_PER_STEP)).rowcount
    return changed
