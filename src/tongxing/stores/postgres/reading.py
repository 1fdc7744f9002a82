"""Reading from PostgreSQL: a few connections, each asked without blocking the event loop.

A pool belongs to the event loop on which it was opened. Where the server was restarted, a read is asked once
more on a new connection: reading changes nothing.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import AsyncRawCursor
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.stores.postgres.faults import store_error, store_name
from tongxing.stores.postgres.opening import CONNECT_SECONDS
from tongxing.stores.postgres.transactions import numbered
from tongxing.stores.sql.connections import Row, Values

CONNECTIONS_MAX: Final = 8
WAITING_MAX: Final = 2_048
"""How many reads may wait for a connection; one more is refused at once."""

READ_SECONDS: Final = 5
_NOT_THERE: Final = (psycopg.DataError, UnicodeEncodeError, OverflowError)

_KEYS: Final = "SELECT unnest(?::bytea[]) AS column1"

_Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class PostgresReader:
    """``Reader`` on PostgreSQL. ``open`` before use, on the loop that will use it."""

    def __init__(self, address: str, *, connections_max: int = CONNECTIONS_MAX) -> None:
        self._name = store_name(address)
        self._pool: AsyncConnectionPool[_Connection] = AsyncConnectionPool(
            address,
            min_size=1,
            max_size=connections_max,
            max_waiting=WAITING_MAX,
            timeout=READ_SECONDS,
            open=False,
            name=f"readers of {self._name}",
            configure=_configure,
            kwargs={
                "autocommit": True,
                "connect_timeout": CONNECT_SECONDS,
                "cursor_factory": AsyncRawCursor,
                "application_name": "tongxing",
            },
        )

    async def open(self) -> None:
        """Connect. Raises Fault."""
        await self._pool.open()

    async def rows(self, query: str, values: Values) -> list[Row]:
        """Return all rows; see the port."""
        statement = numbered(query).encode()
        try:
            try:
                return await self._ask(statement, values)
            except psycopg.OperationalError as error:
                if isinstance(error, (PoolTimeout, PoolClosed)) or error.sqlstate not in _LOST:
                    raise
                await self._pool.check()
                return await self._ask(statement, values)
        except _NOT_THERE:
            return []
        except PoolClosed:
            raise Fault(f"the store {self._name} is closed") from None
        except PoolTimeout as error:
            raise Refused(ProblemId.OVERLOADED, "no connection to the store became free") from error
        except psycopg.Error as error:
            raise store_error(error, self._name) from error

    async def row(self, query: str, values: Values) -> Row | None:
        """Return the one row there can be, or None."""
        rows = await self.rows(query, values)
        return rows[0] if rows else None

    async def rows_of_each(self, query: str, keys: Sequence[bytes], values: Values = ()) -> list[Row]:
        """Return the rows of many keys; see the port.

        As a table to join with: each key is then sought in its own partition. ``= ANY`` seeks all of them in every one.
        """
        asked: list[Any] = [list(keys), *values]
        return await self.rows(query.replace("{keys}", _KEYS), asked)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def _ask(self, statement: bytes, values: Values) -> list[Row]:
        cancelled = _cancellations()
        async with self._pool.connection() as connection:
            cursor = connection.cursor(binary=True)
            await cursor.execute(statement, values)
            rows = await cursor.fetchall()
        if _cancellations() > cancelled:
            # The pool waits by asyncio.wait_for, which up to Python 3.11 can lose a cancellation.
            raise asyncio.CancelledError
        return rows


def _cancellations() -> int:
    """Return how often the running task was asked to end."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


_LOST: Final = (None, "57P01", "57P02", "57P03")
"""The connection was lost, or the server is stopping or starting."""


async def _configure(connection: _Connection) -> None:
    connection.adapters.register_dumper(int, Int8Dumper)
    await connection.execute(f"SET statement_timeout = '{READ_SECONDS}s'".encode())
