"""When the index counts. It is exact though nothing is asked of its durability.

1. An entry counts only under the name of the current era, which the record holds. A process knows the era for
   ``LEASE_SECONDS`` from when it asked for it; after that it asks the record for everything.
2. A write is committed to the record, then the era is read there, then the entries of what was written are
   dropped from the index, then the write is acknowledged.
3. If an entry cannot be dropped by a server on which the era began (the index is away, or has failed over: some
   process may still ask the old server), the era is closed in the record, and the write acknowledged once every
   process's knowledge of the old one has ended. A write that finds the era closed by another waits as long, once.
4. Who finds it closed for a while and reaches the index begins another era: an empty index, filled by reading.

So of a write that was acknowledged no process reads what was before it, whatever Valkey lost or brought back.
Clocks are each process's own and only measure how long something took.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from tongxing.core.errors import TongxingError
from tongxing.stores.sql.eras import IndexEra, SqlIndexEraStore

LEASE_SECONDS: Final = 1.0
_REFRESHES_A_LEASE: Final = 4
REOPEN_SECONDS: Final = 3.0


class Eras:
    """What one process knows of the era. ``find_masters`` tells the run ids of all masters, or none if one is away."""

    def __init__(
        self,
        store: SqlIndexEraStore,
        find_masters: Callable[[], Awaitable[frozenset[str]]],
        *,
        lease_seconds: float = LEASE_SECONDS,
        reopen_seconds: float = REOPEN_SECONDS,
    ) -> None:
        self._store = store
        self._find_masters = find_masters
        self._lease_seconds = lease_seconds
        self._reopen_seconds = reopen_seconds
        self._known: IndexEra | None = None
        self._known_since = 0.0
        self._closed_since = 0.0

    async def begin(self) -> None:
        """Begin the first era of a record, unless there is one, and learn which it is."""
        await self._store.begin(await self._find_masters())
        await self.read()

    def trusted(self) -> str | None:
        """Return the era whose entries count for this process now, or None while none do."""
        known = self._known
        if known is None or not known.is_open or time.monotonic() - self._known_since >= self._lease_seconds:
            return None
        return known.name

    async def read(self) -> IndexEra:
        """Return the era that the record holds now."""
        asked = time.monotonic()
        era = await self._store.current()
        if era != self._known and not era.is_open:
            self._closed_since = time.monotonic()
        self._known, self._known_since = era, asked
        return era

    async def close(self, name: str) -> None:
        """Close the era ``name``; return once no process trusts its entries any more."""
        await self._store.follow(name, frozenset())
        await self.wait_out(await self.read())

    async def wait_out(self, era: IndexEra) -> None:
        """Return once no process trusts entries of an era before this one, which is closed."""
        if not era.is_open:
            await asyncio.sleep(max(0.0, self._closed_since + self._lease_seconds - time.monotonic()))

    async def keep(self) -> None:
        """Renew what is known, and begin another era where one was closed for long enough, for ever."""
        while True:
            try:
                era = await self.read()
                is_over = time.monotonic() - self._closed_since >= self._reopen_seconds
                if not era.is_open and is_over:
                    await self._open(era)
            except TongxingError:
                pass  # the record is away: the lease ends, and whoever asks the record is told why
            await asyncio.sleep(self._lease_seconds / _REFRESHES_A_LEASE)

    async def _open(self, closed: IndexEra) -> None:
        masters = await self._find_masters()
        if masters:
            await self._store.follow(closed.name, masters)
