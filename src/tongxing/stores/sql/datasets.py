"""How far datasets have come, and masked names apart from all else, on SQL."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.datasets import Dataset
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.services.dataset_ports import DatasetMark, SealedName
from tongxing.stores.rows import check_bytes, check_subject, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter

SEALED_NAME_MAX_BYTES: Final = 256

_MARK: Final = """
    INSERT INTO dataset_marks (dataset, as_of_us, heard_at_us) VALUES (?, ?, ?)
    ON CONFLICT (dataset) DO UPDATE SET
        as_of_us = CASE WHEN excluded.as_of_us > dataset_marks.as_of_us
            THEN excluded.as_of_us ELSE dataset_marks.as_of_us END,
        heard_at_us = CASE WHEN excluded.heard_at_us > dataset_marks.heard_at_us
            THEN excluded.heard_at_us ELSE dataset_marks.heard_at_us END
"""
_MARKS: Final = "SELECT dataset, as_of_us, heard_at_us FROM dataset_marks ORDER BY dataset"
KEEP_NAME: Final = Insertion(
    "masked_names",
    ("subject", "sealed", "kept_until_us"),
    """
    ON CONFLICT (subject) DO UPDATE SET sealed = excluded.sealed, kept_until_us = excluded.kept_until_us
    WHERE (excluded.kept_until_us, excluded.sealed) > (masked_names.kept_until_us, masked_names.sealed)
    """,
)
_FIND: Final = "SELECT sealed, kept_until_us FROM masked_names WHERE subject = ?"
_FORGET: Final = """
    DELETE FROM masked_names WHERE subject IN
    (SELECT subject FROM masked_names WHERE kept_until_us <= ? LIMIT ?)
"""


class SqlDatasetMarkStore:
    """``DatasetMarkStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def mark(self, marks: Sequence[DatasetMark]) -> None:
        """Move marks on; see the port."""
        rows = [(each.dataset.value, encode_moment(each.as_of), encode_moment(each.heard_at)) for each in marks]
        await self._writer.run(partial(_execute_all, statement=_MARK, rows=sorted(rows)))

    async def marks(self) -> tuple[DatasetMark, ...]:
        """Return all marks; see the port."""
        return tuple(
            DatasetMark(Dataset(name), parse_moment(as_of_us), parse_moment(heard_at_us))
            for name, as_of_us, heard_at_us in await self._reader.rows(_MARKS, ())
        )


class SqlSealedNameStore:
    """``SealedNameStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def keep(self, names: Sequence[SealedName]) -> None:
        """Keep names; see the port."""
        longest: dict[bytes, tuple[int, bytes]] = {}
        for name in names:
            check_subject(name.subject)
            check_bytes("the sealed name", name.sealed, 1, SEALED_NAME_MAX_BYTES)
            row = encode_moment(name.kept_until), name.sealed
            longest[name.subject] = max(row, longest.get(name.subject, row))
        if longest:
            rows = [(subject, sealed, until) for subject, (until, sealed) in sorted(longest.items())]
            await self._writer.run(partial(_insert, rows=rows))

    async def find(self, keys: SubjectKeys) -> SealedName | None:
        """Return the name; see the port."""
        found: SealedName | None = None
        for key in reversed(keys):  # the oldest first: what is led over to a newer key meanwhile is met there
            row = await self._reader.row(_FIND, (key,))
            if row is not None:
                found = SealedName(SubjectKey(key), row[0], parse_moment(row[1]))
        return found

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended; see the port."""
        return await change_in_steps(self._writer, _FORGET, encode_moment(at))


def _execute_all(connection: RecordConnection, *, statement: str, rows: Sequence[Values]) -> None:
    for row in rows:
        connection.execute(statement, row)


def _insert(connection: RecordConnection, *, rows: Sequence[Values]) -> None:
    connection.insert(KEEP_NAME, rows)
