"""Counts of what is held and of what is past its end, real deletion, and the reports of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.core.retention import KEPT_AFTER_SHUTDOWN, KEPT_THINGS, REPORT_KEPT
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.services.retention import Backup, Deleted, KeptReport, SignReport
from tongxing.stores.rows import check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row
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
_ERASE_PERSONS: Final = """
    DELETE FROM persons WHERE ref_digest IN (SELECT ref_digest FROM persons WHERE revision <= ? LIMIT ?)
"""
_UNDER_A_KEY: Final = (
    *("reports", "evidence", "masked_names", "looks", "person_links", "cases"),
    *("printed_codes", "transit_passes"),
)
"""Tables whose rows are of a subject: while one holds a row a link of its keys is needed."""
_NOTHING_UNDER: Final = " AND ".join(
    f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.subject IN (subject_links.subject, subject_links.newer))"  # noqa: S608 - our own names
    for table in _UNDER_A_KEY
)
ORPHANS: Final = {
    "subject_links": f"CAST(? AS BIGINT) IS NOT NULL AND {_NOTHING_UNDER}",
    "person_links": """
        said_at_us <= ?
        AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.subject IN (person_links.subject, person_links.other))
    """,
}
"""What nothing needs any more, by table; the one value is a moment."""
_ERASE_ORPHANS: Final = {
    table: f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {ORPHANS[table]} LIMIT ?)"  # noqa: S608 - of constants alone
    for table, key in (("subject_links", "subject"), ("person_links", "subject, other, region"))
}
REGIONS_OWN: Final = {
    "reports": "issuer",
    "person_links": "region",
    "ingest_batches": "sender",
    "ingest_set_aside": "sender",
    "ingest_watermarks": "sender",
}
"""Which tables hold what regions handed in, and by which column."""
_REPORTS_BY: Final = "SELECT subject FROM reports WHERE issuer = ? AND subject > ? ORDER BY subject LIMIT ?"
_ERASE_REPORT_BY: Final = "DELETE FROM reports WHERE subject = ? AND issuer = ?"
_NOTE: Final = Insertion(
    "deletion_counts",
    ("deleted_from", "number"),
    "ON CONFLICT (deleted_from) DO UPDATE SET number = deletion_counts.number + excluded.number",
)
_NOTED: Final = "SELECT deleted_from, number FROM deletion_counts"
_FORGET_NOTED: Final = "DELETE FROM deletion_counts"
_ADD_BACKUP: Final = Insertion("backups", ("place", "made_at_us", "ends_at_us"), "ON CONFLICT DO NOTHING")
_BACKUPS: Final = "SELECT place, made_at_us, ends_at_us FROM backups ORDER BY ends_at_us, place"
_FORGET_BACKUP: Final = "DELETE FROM backups WHERE place = ?"
PLACE_MAX_CHARACTERS: Final = 512
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
                ticks = encode_moment(at - kept) // (thing.tick // timedelta(microseconds=1))
                overdue[table] = await self._count(query, ticks)
        overdue["reports"] = await self._count_reports_before(at - REPORT_KEPT)
        for table, condition in ORPHANS.items():
            query = f"SELECT count(*) FROM {table} WHERE {condition}"  # noqa: S608 - our own names
            overdue[table] = await self._count(query, encode_moment(at - REPORT_KEPT))
        return overdue

    async def _count_reports_before(self, moment: datetime) -> int:
        """Count by what each report says, read once more: not by what deletes."""
        found, after = 0, (b"", "")
        while rows := await self._reader.rows(_REPORTS, (*after, _PAGE)):
            found += sum(_speaks_of(row) < moment for row in rows)
            after = rows[-1][0], rows[-1][1]
        return found

    async def forget_reports(self, before: datetime) -> int:
        """Erase reports; see the port."""
        erased, after = 0, (b"", "")
        while rows := await self._reader.rows(_REPORTS, (*after, _PAGE)):
            old = [row[:3] for row in rows if _speaks_of(row) < before]
            if old:
                erased += await self._writer.run(partial(_erase_reports, keys=old))
                await self._erased_of([SubjectKey(row[0]) for row in old])
            after = rows[-1][0], rows[-1][1]
        return erased

    async def forget_alarms(self, before: datetime) -> int:
        """Erase alarms; see the port."""
        return await change_in_steps(self._writer, _ERASE_ALARMS, encode_moment(before))

    async def forget_batches(self, before: datetime) -> int:
        """Erase batches; see the port."""
        return await change_in_steps(self._writer, _ERASE_BATCHES, encode_moment(before), before=(_ERASE_ASIDE,))

    async def forget_persons(self, before: datetime) -> int:
        """Erase whom ids mean; see the port."""
        return await change_in_steps(self._writer, _ERASE_PERSONS, encode_moment(before) // 1000)

    async def forget_links(self, before: datetime) -> Deleted:
        """Erase links; see the port."""
        moment = encode_moment(before)
        return {table: await change_in_steps(self._writer, erase, moment) for table, erase in _ERASE_ORPHANS.items()}

    async def forget_region(self, region: RegionId) -> Deleted:
        """Erase what a region handed in; see the port."""
        erased, after = 0, b""
        while rows := await self._reader.rows(_REPORTS_BY, (region, after, _PAGE)):
            subjects = [SubjectKey(subject) for (subject,) in rows]
            erased += await self._writer.run(partial(_erase_reports_by, region=region, subjects=subjects))
            await self._erased_of(subjects)
            after = subjects[-1]
        others = await self._writer.run(partial(_erase_of_region, region=region))
        return {"reports": erased, **others}

    async def count_of_region(self, region: RegionId) -> Deleted:
        """Return how many rows a region handed in; see the port."""
        counts = {}
        for table, column in REGIONS_OWN.items():
            query = f"SELECT count(*) FROM {table} WHERE {column} = ?"  # noqa: S608 - our own names
            counts[table] = await self._count(query, region)
        return counts

    async def note_deleted(self, table: str, count: int) -> None:
        """Remember what was deleted; see the port."""
        await self._writer.run(partial(_note_deleted, table=table, count=count))

    async def add_report(self, at: datetime, sign: SignReport, *, with_noted: bool = True) -> KeptReport:
        """Keep the next report; see the port."""
        return await self._writer.run(partial(_add_report, at=at, sign=sign, with_noted=with_noted))

    async def note_backup(self, backup: Backup) -> None:
        """Keep that there is a copy; see the port."""
        check_text("the place", backup.place, PLACE_MAX_CHARACTERS)
        await self._writer.run(partial(_note_backup, backup=backup))

    async def backups(self) -> tuple[Backup, ...]:
        """Return the catalogue; see the port."""
        rows = await self._reader.rows(_BACKUPS, ())
        return tuple(Backup(place, parse_moment(made), parse_moment(ends)) for place, made, ends in rows)

    async def forget_backup(self, place: str) -> bool:
        """Take a copy out of the catalogue; see the port."""
        return bool(await self._writer.run(lambda connection: connection.execute(_FORGET_BACKUP, (place,)).rowcount))

    async def _erased_of(self, subjects: Sequence[SubjectKey]) -> None:
        """Called when reports of these were erased: whoever stands before the record forgets them too."""

    async def erase_all(self, at: datetime, sign: SignReport) -> KeptReport:
        """Erase everything; see the port."""
        return await self._writer.run(partial(_erase_all, at=at, sign=sign))

    async def reports(self, limit: int) -> tuple[KeptReport, ...]:
        """Return the reports; see the port."""
        return tuple(map(_parse, await self._reader.rows(_LAST, (limit,))))

    async def _count(self, query: str, *values: int | str) -> int:
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


def _add_report(connection: RecordConnection, *, at: datetime, sign: SignReport, with_noted: bool) -> KeptReport:
    before = _last(connection)
    noted: dict[str, int] = {}
    if with_noted:
        noted = dict(connection.execute(_NOTED).fetchall())
        connection.execute(_FORGET_NOTED)
    return _add(connection, before, at, sign(before, noted))


def _note_deleted(connection: RecordConnection, *, table: str, count: int) -> None:
    connection.take_turn("deletion reports")
    connection.insert(_NOTE, [(table, count)])


def _note_backup(connection: RecordConnection, *, backup: Backup) -> None:
    row = (backup.place, encode_moment(backup.made_at), encode_moment(backup.ends_at))
    if connection.insert(_ADD_BACKUP, [row]) == 0:
        raise Refused(ProblemId.CONFLICT, f"a backup is noted at {backup.place} already")


def _erase_reports_by(connection: RecordConnection, *, region: RegionId, subjects: Sequence[SubjectKey]) -> int:
    return sum(connection.execute(_ERASE_REPORT_BY, (subject, region)).rowcount for subject in subjects)


def _erase_of_region(connection: RecordConnection, *, region: RegionId) -> Deleted:
    return {
        table: connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (region,)).rowcount  # noqa: S608 - our own names
        for table, column in REGIONS_OWN.items()
        if table != "reports"
    }


def _erase_all(connection: RecordConnection, *, at: datetime, sign: SignReport) -> KeptReport:
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
