"""Counts of what is held and of what is past its end, real deletion, and the reports of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Fault
from tongxing.core.retention import KEPT_AFTER_SHUTDOWN, KEPT_THINGS
from tongxing.core.subjects import SubjectKey
from tongxing.services.retention import KeptReport, SignReport, SignShutdown
from tongxing.stores.rows import encode_moment, parse_moment
from tongxing.stores.sql.connections import Reader, RecordConnection, Row
from tongxing.stores.sql.reports import parse_body
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter
from tongxing.wire.cbor import WireError

_PAGE: Final = 200
_REPORTS: Final = """
    SELECT subject, issuer, revision, body FROM reports WHERE (subject, issuer) > (?, ?)
    ORDER BY subject, issuer LIMIT ?
"""
_ERASE_REPORT: Final = "DELETE FROM reports WHERE subject = ? AND issuer = ? AND revision = ?"
_ERASE_ALARMS: Final = "DELETE FROM alarms WHERE id IN (SELECT id FROM alarms WHERE at_us <= ? ORDER BY at_us LIMIT ?)"
_OLD_BATCHES: Final = """
    SELECT sender, dataset, number FROM ingest_batches WHERE received_at_us <= ?
    ORDER BY received_at_us, sender, dataset, number LIMIT ?
"""
_ERASE_ASIDE: Final = f"DELETE FROM ingest_set_aside WHERE (sender, dataset, number) IN ({_OLD_BATCHES})"  # noqa: S608 - of constants alone
_ERASE_BATCHES: Final = f"DELETE FROM ingest_batches WHERE (sender, dataset, number) IN ({_OLD_BATCHES})"  # noqa: S608 - of constants alone
_LAST: Final = "SELECT number, at_us, signed FROM deletion_reports ORDER BY number DESC LIMIT ?"
_ADD: Final = "INSERT INTO deletion_reports (number, at_us, signed) VALUES (?, ?, ?)"


class SqlRetentionStore:
    """``RetentionStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def count_held(self) -> Mapping[str, int]:
        """Return how many rows each table holds; see the port."""
        return {table: await self._count(f"SELECT count(*) FROM {table}") for table in KEPT_THINGS}  # noqa: S608 - our own names

    async def count_overdue(self, at: datetime) -> Mapping[str, int]:
        """Return how many rows are past their end; see the port."""
        overdue: dict[str, int] = {}
        for table, thing in KEPT_THINGS.items():
            column, kept = thing.ends_column, thing.kept
            if column is not None and kept is not None:
                query = f"SELECT count(*) FROM {table} WHERE {column} <= ?"  # noqa: S608 - our own names
                overdue[table] = await self._count(query, encode_moment(at - kept))
        return overdue

    async def forget_reports(self, before: datetime) -> int:
        """Erase reports; see the port."""
        erased, after = 0, (b"", "")
        while rows := await self._reader.rows(_REPORTS, (*after, _PAGE)):
            old = [row[:3] for row in rows if _speaks_of(row) < before]
            if old:
                erased += await self._writer.run(partial(_erase_reports, keys=old))
            after = rows[-1][0], rows[-1][1]
        return erased

    async def forget_alarms(self, before: datetime) -> int:
        """Erase alarms; see the port."""
        return await change_in_steps(self._writer, _ERASE_ALARMS, encode_moment(before))

    async def forget_batches(self, before: datetime) -> int:
        """Erase batches; see the port."""
        return await change_in_steps(self._writer, _ERASE_BATCHES, encode_moment(before), before=(_ERASE_ASIDE,))

    async def add_report(self, at: datetime, sign: SignReport) -> KeptReport:
        """Keep the next report; see the port."""
        return await self._writer.run(partial(_add_report, at=at, sign=sign))

    async def erase_all(self, at: datetime, sign: SignShutdown) -> KeptReport:
        """Erase everything; see the port."""
        return await self._writer.run(partial(_erase_all, at=at, sign=sign))

    async def reports(self, limit: int) -> tuple[KeptReport, ...]:
        """Return the reports; see the port."""
        return tuple(map(_parse, await self._reader.rows(_LAST, (limit,))))

    async def _count(self, query: str, *values: int) -> int:
        row = await self._reader.row(query, values)
        return 0 if row is None else int(row[0])


def _speaks_of(row: Row) -> datetime:
    try:
        return parse_body(SubjectKey(row[0]), row[3]).report.as_of
    except WireError as error:
        raise Fault(f"a report in the store cannot be read: {error}") from error


def _erase_reports(connection: RecordConnection, *, keys: Sequence[Row]) -> int:
    # By the revision that was read: one that has come since is newer and stays.
    return sum(connection.execute(_ERASE_REPORT, key).rowcount for key in keys)


def _last(connection: RecordConnection) -> KeptReport | None:
    connection.take_turn("deletion reports")
    rows = connection.execute(_LAST, (1,)).fetchall()
    return _parse(rows[0]) if rows else None


def _add(connection: RecordConnection, before: KeptReport | None, at: datetime, signed: bytes) -> KeptReport:
    added = KeptReport(1 if before is None else before.number + 1, at, signed)
    connection.execute(_ADD, (added.number, encode_moment(at), signed))
    return added


def _add_report(connection: RecordConnection, *, at: datetime, sign: SignReport) -> KeptReport:
    before = _last(connection)
    return _add(connection, before, at, sign(before))


def _erase_all(connection: RecordConnection, *, at: datetime, sign: SignShutdown) -> KeptReport:
    before = _last(connection)
    erased = {
        table: connection.execute(f"DELETE FROM {table}").rowcount  # noqa: S608 - our own names
        for table in KEPT_THINGS
        if table not in KEPT_AFTER_SHUTDOWN
    }
    return _add(connection, before, at, sign(before, erased))


def _parse(row: Row) -> KeptReport:
    number, at_us, signed = row
    return KeptReport(number, parse_moment(at_us), signed)
