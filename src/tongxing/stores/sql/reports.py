"""Reports: for each subject and issuer the newest one. The database compares, so that no order matters.

A body is ``wire.report_bodies``'s: of two bodies the stricter report's is the greater one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tongxing.core.errors import Fault, Refused
from tongxing.core.limits import KEPT_PER_PUT_MAX, REPORTS_PER_BATCH_MAX, SUBJECTS_PER_LOOKUP_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.services.ports import PutCount, ReportsOfMany, SubjectReport
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row
from tongxing.stores.sql.statements import rows_of
from tongxing.stores.sql.writer import GroupCommitWriter
from tongxing.wire import report_bodies
from tongxing.wire.cbor import WireError
from tongxing.wire.report_bodies import KeptReport, keep_report
from tongxing.wire.report_lines import encode_report_line

_UNLESS_OLDER: Final = """
    ON CONFLICT (subject, issuer) DO UPDATE
    SET revision = excluded.revision, retracted = excluded.retracted, body = excluded.body
    WHERE (excluded.revision, excluded.retracted, excluded.body) > (reports.revision, reports.retracted, reports.body)
"""
_QUEUE: Final = Insertion(
    "outbox_reports",
    ("subject", "issuer", "line"),
    "ON CONFLICT (subject, issuer) DO UPDATE SET line = excluded.line",
)
_COLUMNS: Final = ("subject", "issuer", "revision", "retracted", "body")
PUT_REPORT: Final = Insertion("reports", _COLUMNS, _UNLESS_OLDER)
_PUT_TELLING: Final = Insertion("reports", _COLUMNS, f"{_UNLESS_OLDER} RETURNING subject, issuer")
_HELD: Final = "SELECT subject, issuer, body FROM reports WHERE (subject, issuer) IN"
_REPORTS_OF: Final = "SELECT body FROM reports WHERE subject = ? AND retracted <= ? ORDER BY issuer"

_REPORTS_OF_EACH: Final = """
    SELECT reports.subject, reports.body FROM ({keys}) AS asked CROSS JOIN reports
    WHERE reports.subject = asked.column1 AND reports.retracted <= ?
"""
_REPORTS_BY: Final = "SELECT subject, body FROM reports WHERE subject > ? AND issuer = ? ORDER BY subject LIMIT ?"

_Key = tuple[bytes, str]


@dataclass(frozen=True, slots=True)
class _Put:
    """Rows of which no two have the same subject and issuer; and the lines of those that the hub is to have."""

    rows: tuple[KeptReport, ...]
    lines: Mapping[KeptReport, bytes]


class SqlReportStore:
    """``ReportStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put_reports(self, rows: Sequence[SubjectReport], *, for_hub: bool = False) -> PutCount:
        """Take in reports; see the port."""
        _check_count(rows, REPORTS_PER_BATCH_MAX)
        kept = [_keep(row) for row in rows]
        if not for_hub:
            return await self._put(kept, {})
        lines: dict[KeptReport, bytes] = {}
        for row, each in zip(rows, kept, strict=True):
            lines[each] = encode_report_line(row.subject, row.report, row.origin)
        return await self._put(kept, lines)

    async def put_kept(self, rows: Sequence[KeptReport]) -> PutCount:
        """Take in reports in the form in which they are kept; see the port."""
        _check_count(rows, KEPT_PER_PUT_MAX)
        return await self._put(rows, {})

    async def _put(self, rows: Sequence[KeptReport], lines: Mapping[KeptReport, bytes]) -> PutCount:
        newest: dict[_Key, KeptReport] = {}
        same = 0
        for row in rows:
            known = newest.setdefault(row[:2], row)
            if known is not row:
                if row > known:
                    newest[row[:2]] = row
                elif row == known:
                    same += 1
        older = len(rows) - same - len(newest)
        put = await self._writer.write(_put_all, _Put(tuple(newest.values()), lines), rows=len(newest))
        return PutCount(put.stored, put.same + same, put.older + older)

    async def reports_of(self, subject: SubjectKey, *, with_retracted: bool = False) -> tuple[SubjectReport, ...]:
        """Return the newest report of each issuer; see the port."""
        rows = await self._reader.rows(_REPORTS_OF, (subject, int(with_retracted)))
        return _parse_all([(subject, encoded) for (encoded,) in rows])

    async def reports_of_many(self, subjects: Iterable[SubjectKey], *, with_retracted: bool = False) -> ReportsOfMany:
        """Return for each subject the newest report of each issuer; see the port."""
        found: dict[SubjectKey, tuple[SubjectReport, ...]] = dict.fromkeys(subjects, ())
        if len(found) > SUBJECTS_PER_LOOKUP_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"at most {SUBJECTS_PER_LOOKUP_MAX} subjects are looked up at once")
        rows = await self._reader.rows_of_each(_REPORTS_OF_EACH, tuple(found), (int(with_retracted),))
        parse = report_bodies.parse_body
        try:
            for subject, encoded in rows:
                row, of_others = SubjectReport(subject, *parse(encoded)), found[subject]
                found[subject] = (row,) if not of_others else tuple(sorted((*of_others, row), key=_issuer))
        except WireError as error:
            raise _unreadable(error) from error
        return found

    async def reports_by(self, issuer: RegionId, after: bytes, limit: int) -> tuple[SubjectReport, ...]:
        """Return one issuer's reports from a subject on; see the port."""
        return _parse_all(await self._reader.rows(_REPORTS_BY, (after, issuer, limit)))


def _issuer(row: SubjectReport) -> RegionId:
    return row.report.issuer


def _parse_all(rows: Sequence[Row]) -> tuple[SubjectReport, ...]:
    parse = report_bodies.parse_body
    try:
        return tuple([SubjectReport(subject, *parse(encoded)) for subject, encoded in rows])
    except WireError as error:
        raise _unreadable(error) from error


def _unreadable(error: WireError) -> Fault:
    return Fault(f"a report in the store cannot be read: {error}")


def _check_count(rows: Sequence[object], most: int) -> None:
    if len(rows) > most:
        raise Refused(ProblemId.BAD_REQUEST, f"at most {most} reports are taken at once")


def _keep(row: SubjectReport) -> KeptReport:
    """Return the columns; refuse what could not be read back, so that no row can spoil its subject."""
    try:
        return keep_report(row.subject, row.report, row.origin)
    except WireError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"a report that cannot be kept: {error}") from error


def encode_body(row: SubjectReport) -> bytes:
    """Return all of a row but its subject. Raises WireError for what could not be read back."""
    return report_bodies.encode_body(row.report, row.origin)


def parse_body(subject: SubjectKey, encoded: bytes) -> SubjectReport:
    """Read what ``encode_body`` wrote; raises WireError."""
    return SubjectReport(subject, *report_bodies.parse_body(encoded))


def _put_all(connection: RecordConnection, puts: Sequence[_Put]) -> list[PutCount]:
    # In the order of their first subjects: processes that put the same ones seldom wait for one another in a circle.
    order = sorted(range(len(puts)), key=lambda place: tuple(puts[place].rows[:1]))
    counts = {place: _put(connection, puts[place]) for place in order}
    return [counts[place] for place in range(len(puts))]


def _put(connection: RecordConnection, put: _Put) -> PutCount:
    stored = _put_and_queue(connection, put) if put.lines else connection.insert(PUT_REPORT, put.rows)
    if stored == len(put.rows):
        return PutCount(stored, 0, 0)
    # What was stored is held now, and what was held already is too.
    held = {row[:2]: row[2] for row in rows_of(connection, _HELD, [row[:2] for row in put.rows])}
    same = sum(held.get(row[:2]) == row[-1] for row in put.rows) - stored
    return PutCount(stored, same, len(put.rows) - stored - same)


def _put_and_queue(connection: RecordConnection, put: _Put) -> int:
    stored = set(connection.insert_returning(_PUT_TELLING, put.rows))
    queued = [(*row[:2], put.lines[row]) for row in put.rows if row[:2] in stored]
    if queued:
        connection.insert(_QUEUE, queued)
    return len(stored)
