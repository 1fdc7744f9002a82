"""Counted uses: the record counts; that an allowance is used up stands in the index, and spares the record the rest.

Who asks too much costs the record nothing any more, which is when it matters. A count only grows, so what the
index tells stays true; each window of time has a key of its own.
"""

from datetime import datetime

from tongxing.services.way_ports import Allowance, LimitResult, LimitStore
from tongxing.stores.rows import encode_moment
from tongxing.stores.valkey.index import HotIndex


class HotLimitStore:
    """``LimitStore`` before another, which stays the only one that holds anything."""

    def __init__(self, record: LimitStore, index: HotIndex) -> None:
        self._record = record
        self._index = index
        self._forgotten_us: int | None = None

    async def take(self, allowance: Allowance) -> LimitResult:
        """Use an allowance once; see the port."""
        key, ends_at_us = b"u:" + allowance.key, encode_moment(allowance.ends_at)
        most = await self._index.look(key)
        is_forgotten = self._forgotten_us is not None and ends_at_us <= self._forgotten_us
        if most is not None and not is_forgotten and allowance.at_most <= int.from_bytes(most):
            return LimitResult.LIMITED
        result = await self._record.take(allowance)
        if result is LimitResult.LIMITED and allowance.at_most > 0:
            await self._index.tell(key, allowance.at_most.to_bytes(8))
        return result

    async def forget_expired(self, at: datetime) -> int:
        """Erase the counts that ended; see the port."""
        forgotten = await self._record.forget_expired(at)
        self._forgotten_us = max(encode_moment(at), self._forgotten_us or encode_moment(at))
        return forgotten
