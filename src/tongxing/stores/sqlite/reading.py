"""Reading: one connection on the caller's own thread.

A point lookup takes a few microseconds, which is less than handing it to another thread would; in a
write-ahead log it waits for no writer. Every query is read to its end at once: an open one would
hold on to an old state and keep the log from being trimmed.
"""

import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tongxing.stores.sql.connections import Row, Values
from tongxing.stores.sqlite.faults import store_error

KEYS_PER_STATEMENT: Final = 250
KEYS_STEP: Final = 10


class SqliteReader:
    """``Reader`` on one file. ``connection`` is its own from here on."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    async def rows(self, query: str, values: Values) -> list[Row]:
        """Return all rows; raises Fault, or Refused(OVERLOADED) while another process recovers the log.

        A text or number that no column can hold is not found, like any other that is not there.
        """
        try:
            return self._connection.execute(query, values).fetchall()
        except (UnicodeEncodeError, OverflowError):
            return []
        except sqlite3.Error as error:
            raise store_error(error, self._path) from error

    async def row(self, query: str, values: Values) -> Row | None:
        """Return the one row there can be, or None."""
        rows = await self.rows(query, values)
        return rows[0] if rows else None

    async def rows_of_each(self, query: str, keys: Sequence[bytes], values: Values = ()) -> list[Row]:
        """Return the rows of many keys; see the port."""
        found: list[Row] = []
        for start in range(0, len(keys), KEYS_PER_STATEMENT):
            portion = keys[start : start + KEYS_PER_STATEMENT]
            # So that few statements are compiled; no row has a key that is null.
            nulls = [None] * (-len(portion) % KEYS_STEP)
            places = len(portion) + len(nulls)
            found += await self.rows(_with_keys(query, places), (*portion, *nulls, *values))
        return found

    async def aclose(self) -> None:
        """Close the file."""
        self._connection.close()


@cache
def _with_keys(query: str, places: int) -> str:
    return query.replace("{keys}", "VALUES " + ",".join(["(?)"] * places))
