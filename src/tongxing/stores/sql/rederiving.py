"""Rows under subject keys of older versions on SQL: a version's keys are a range, its number being their first byte."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from tongxing.core.subjects import SubjectKey
from tongxing.services.dataset_ports import SealedName
from tongxing.services.rederiving_ports import Copied, HeldTable, KeyCount
from tongxing.stores.rows import check_subject, encode_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection
from tongxing.stores.sql.datasets import KEEP_NAME
from tongxing.stores.sql.evidence import PUT_EVIDENCE
from tongxing.stores.sql.reports import PUT_REPORT
from tongxing.stores.sql.statements import rows_of
from tongxing.stores.sql.writer import GroupCommitWriter


@dataclass(frozen=True, slots=True)
class _Moved:
    """How rows of a table are put under another key: ``name`` columns besides the subject, then ``rank`` columns."""

    put: Insertion
    name: int
    rank: int

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns by which a row is known again."""
        return self.put.columns[: 1 + self.name + self.rank]


_MOVED: Final = {HeldTable.REPORTS: _Moved(PUT_REPORT, 1, 3), HeldTable.EVIDENCE: _Moved(PUT_EVIDENCE, 2, 7)}
_NAMES: Final = {HeldTable.REPORTS: "issuer", HeldTable.EVIDENCE: "kind", HeldTable.NAMES: "''"}

_OLD: Final = "SELECT DISTINCT subject FROM {table} WHERE subject > ? AND subject < ? ORDER BY subject LIMIT ?"
_UNKNOWN: Final = """
    NOT EXISTS (SELECT 1 FROM subject_links WHERE subject_links.subject = {table}.subject AND subject_links.newer >= ?)
"""
_COUNT: Final = """
    SELECT {name}, COUNT(*), SUM(CASE WHEN subject < ? THEN 1 ELSE 0 END),
        SUM(CASE WHEN subject < ? AND {unknown} THEN 1 ELSE 0 END)
    FROM {table} GROUP BY 1 ORDER BY 1
"""
_PEOPLE: Final = """
    SELECT COUNT(*) FROM
    (SELECT subject FROM reports WHERE subject < ? UNION SELECT subject FROM evidence WHERE subject < ?) AS old
    WHERE {unknown}
"""
_ERASE_NAME: Final = "DELETE FROM masked_names WHERE subject = ? AND sealed = ?"


class SqlRederivingStore:
    """``RederivingStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def old_subjects(self, table: HeldTable, below: int, after: bytes, limit: int) -> tuple[SubjectKey, ...]:
        """Return subjects under older keys; see the port."""
        rows = await self._reader.rows(_OLD.format(table=table.value), (after, bytes((below,)), limit))
        return tuple(SubjectKey(subject) for (subject,) in rows)

    async def copy(self, table: HeldTable, newer: Sequence[tuple[SubjectKey, SubjectKey]]) -> Copied:
        """Put what is held under another key, too; see the port."""
        for pair in newer:
            for key in pair:
                check_subject(key)
        return await self._writer.run(partial(_copy, moved=_MOVED[table], newer=dict(newer)))

    async def erase(self, table: HeldTable, copied: Copied) -> int:
        """Erase what was copied; see the port."""
        return await self._writer.run(partial(_erase, moved=_MOVED[table], copied=copied))

    async def exchange_name(self, old: SealedName, new: SealedName) -> bool:
        """Put a name in another's place; see the port."""
        check_subject(new.subject)
        return await self._writer.run(partial(_exchange, old=old, new=new))

    async def count(self, version: int) -> tuple[tuple[KeyCount, ...], int]:
        """Count; see the port."""
        below = bytes((version,))
        counts: list[KeyCount] = []
        for table, name in _NAMES.items():
            statement = _COUNT.format(table=table.value, name=name, unknown=_UNKNOWN.format(table=table.value))
            rows = await self._reader.rows(statement, (below, below, below))
            counts += [KeyCount(table, said, int(held), int(old), int(left)) for said, held, old, left in rows]
        people = await self._reader.row(_PEOPLE.format(unknown=_UNKNOWN.format(table="old")), (below, below, below))
        return tuple(counts), 0 if people is None else int(people[0])


def _copy(connection: RecordConnection, *, moved: _Moved, newer: dict[SubjectKey, SubjectKey]) -> Copied:
    query = f"SELECT {', '.join(moved.put.columns)} FROM {moved.put.table} WHERE subject IN"  # noqa: S608 - constants
    rows = rows_of(connection, query, [(old,) for old in newer])
    best: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    ranked = slice(1 + moved.name, 1 + moved.name + moved.rank)
    for row in rows:
        led = (newer[SubjectKey(bytes(row[0]))], *row[1:])
        known = best.setdefault(led[: 1 + moved.name], led)
        if led[ranked] > known[ranked]:
            best[led[: 1 + moved.name]] = led
    if best:
        connection.insert(moved.put, list(best.values()))
    return tuple(tuple(row) for row in rows)


def _erase(connection: RecordConnection, *, moved: _Moved, copied: Copied) -> int:
    columns = moved.compared
    statement = f"DELETE FROM {moved.put.table} WHERE ({', '.join(columns)}) = ({', '.join('?' * len(columns))})"  # noqa: S608
    return sum(connection.execute(statement, row[: len(columns)]).rowcount for row in copied)


def _exchange(connection: RecordConnection, *, old: SealedName, new: SealedName) -> bool:
    if connection.execute(_ERASE_NAME, (old.subject, old.sealed)).rowcount == 0:
        return False
    connection.insert(KEEP_NAME, [(new.subject, new.sealed, encode_moment(new.kept_until))])
    return True
