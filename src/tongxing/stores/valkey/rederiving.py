"""What is led over to newer subject keys, behind the hot index: entries go as the rows under their keys change."""

from collections.abc import Sequence

from tongxing.core.subjects import SubjectKey
from tongxing.services.dataset_ports import SealedName
from tongxing.services.rederiving_ports import Copied, HeldTable, KeyCount, RederivingStore
from tongxing.stores.valkey.index import HotIndex
from tongxing.stores.valkey.reports import key_of


class HotRederivingStore:
    """``RederivingStore`` before another: of reports the entries of both keys are dropped, the new one's first."""

    def __init__(self, record: RederivingStore, index: HotIndex) -> None:
        self._record = record
        self._index = index

    async def old_subjects(self, table: HeldTable, below: int, after: bytes, limit: int) -> tuple[SubjectKey, ...]:
        """Return subjects under older keys; see the port."""
        return await self._record.old_subjects(table, below, after, limit)

    async def copy(self, table: HeldTable, newer: Sequence[tuple[SubjectKey, SubjectKey]]) -> Copied:
        """Put what is held under another key, too; see the port."""
        return await self._index.to_its_end(self._copy(table, newer))

    async def erase(self, table: HeldTable, copied: Copied) -> int:
        """Erase what was copied; see the port."""
        return await self._index.to_its_end(self._erase(table, copied))

    async def exchange_name(self, old: SealedName, new: SealedName) -> bool:
        """Put a name in another's place; see the port."""
        return await self._record.exchange_name(old, new)

    async def count(self, version: int) -> tuple[tuple[KeyCount, ...], int]:
        """Count; see the port."""
        return await self._record.count(version)

    async def _copy(self, table: HeldTable, newer: Sequence[tuple[SubjectKey, SubjectKey]]) -> Copied:
        copied = await self._record.copy(table, newer)
        if table is HeldTable.REPORTS:
            await self._index.drop([key_of(new) for _, new in newer])
        return copied

    async def _erase(self, table: HeldTable, copied: Copied) -> int:
        erased = await self._record.erase(table, copied)
        if table is HeldTable.REPORTS:
            await self._index.drop([key_of(SubjectKey(bytes(row[0]))) for row in copied])
        return erased
