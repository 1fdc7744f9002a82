"""What is erased from the record is dropped from the index with it, and the whole index at the shutdown."""

from collections.abc import Sequence

from tongxing.core.subjects import SubjectKey
from tongxing.stores.sql.connections import Reader
from tongxing.stores.sql.retention import SqlRetentionStore
from tongxing.stores.sql.writer import GroupCommitWriter
from tongxing.stores.valkey.index import HotIndex
from tongxing.stores.valkey.reports import key_of


class HotRetentionStore(SqlRetentionStore):
    """``RetentionStore`` of a record that has an index before it."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader, index: HotIndex) -> None:
        super().__init__(writer, reader)
        self._index = index

    async def _erased_of(self, subjects: Sequence[SubjectKey]) -> None:
        await self._index.drop([key_of(subject) for subject in subjects])
