"""Statements that several tables share: many rows in one statement, and forgetting in bounded steps."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Final, TypeVar

from tongxing.stores.sqlite.writer import GroupCommitWriter

Value = str | bytes | int | None
Values = Sequence[Value]

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


def insert_rows(connection: sqlite3.Connection, head: str, rows: Sequence[Values], tail: str = "") -> None:
    """Insert ``rows``, all equally long, by as few statements as possible: ``head VALUES (…),(…) tail``."""
    for portion in portions(rows):
        statement = _statement(head, tail, len(portion), len(portion[0]))
        connection.execute(statement, [value for row in portion for value in row])


def insert_rows_returning(
    connection: sqlite3.Connection, head: str, rows: Sequence[Values], tail: str
) -> list[tuple[object, ...]]:
    """As ``insert_rows``, for a ``tail`` that ends in RETURNING: give back what it returns, in any order."""
    returned: list[tuple[object, ...]] = []
    for portion in portions(rows):
        statement = _statement(head, tail, len(portion), len(portion[0]))
        returned += connection.execute(statement, [value for row in portion for value in row]).fetchall()
    return returned


@cache
def _statement(head: str, tail: str, rows: int, columns: int) -> str:
    row = f"({','.join('?' * columns)})"
    return f"{head} VALUES {','.join([row] * rows)} {tail}"


async def change_in_steps(
    writer: GroupCommitWriter, statement: str, moment_us: int, *, before: tuple[str, ...] = ()
) -> int:
    """Run ``statement`` (parameters: moment, limit) until it finds fewer rows than its limit; return how many.

    The statements ``before`` it take the same parameters and are part of each step.
    """
    changed = 0
    while True:
        count = await writer.run(partial(_change, statements=(*before, statement), moment_us=moment_us))
        changed += count
        if count < FORGOTTEN_PER_STEP:
            return changed


def _change(connection: sqlite3.Connection, *, statements: tuple[str, ...], moment_us: int) -> int:
    changed = 0
    for statement in statements:
        changed = connection.execute(statement, (moment_us, FORGOTTEN_PER_STEP)).rowcount
    return changed
