"""Reports by subject: read from the index where it holds them, else from the record, and filled in."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Final

from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.services.ports import PutCount, ReportsOfMany, ReportStore, SubjectReport
from tongxing.stores.sql.reports import encode_body, parse_body
from tongxing.stores.valkey.index import HotIndex
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.report_bodies import KeptReport

ENTRY_MAX_BYTES: Final = 1024 * 1024


class HotReportStore:
    """``ReportStore`` before another, which stays the only one that holds anything."""

    def __init__(self, record: ReportStore, index: HotIndex) -> None:
        self._record = record
        self._index = index

    async def put_reports(self, rows: Sequence[SubjectReport], *, for_hub: bool = False) -> PutCount:
        """Take in reports; see the port."""
        return await self._index.to_its_end(self._put(self._record.put_reports(rows, for_hub=for_hub), rows))

    async def put_kept(self, rows: Sequence[KeptReport]) -> PutCount:
        """Take in reports in the form in which they are kept; see the port."""
        return await self._index.to_its_end(self._put(self._record.put_kept(rows), rows))

    async def reports_by(self, issuer: RegionId, after: bytes, limit: int) -> tuple[SubjectReport, ...]:
        """Return one issuer's reports from a subject on: asked of the record, since the index has no order."""
        return await self._record.reports_by(issuer, after, limit)

    async def reports_of_many(self, subjects: Iterable[SubjectKey], *, with_retracted: bool = False) -> ReportsOfMany:
        """Return the reports of a list of subjects: one statement of the record costs less than an entry for each."""
        return await self._record.reports_of_many(subjects, with_retracted=with_retracted)

    async def reports_of(self, subject: SubjectKey, *, with_retracted: bool = False) -> tuple[SubjectReport, ...]:
        """Return the newest report of each issuer; see the port."""
        found = await self._index.find(key_of(subject))
        rows = None if found.content is None else _parse(subject, found.content)
        if rows is None:
            rows = await self._record.reports_of(subject, with_retracted=True)
            await self._index.fill(key_of(subject), found, _encode(rows))
        return rows if with_retracted else tuple(row for row in rows if not row.report.retracted)

    async def _put(self, putting: Awaitable[PutCount], rows: Sequence[SubjectReport | KeptReport]) -> PutCount:
        count = await putting
        await self._index.drop([key_of(row.subject) for row in rows])
        return count


def key_of(subject: SubjectKey) -> bytes:
    """Return under which key of the index a subject's reports stand."""
    return b"r:" + subject


def _encode(rows: Sequence[SubjectReport]) -> bytes:
    return encode_canonical([encode_body(row) for row in rows])


def _parse(subject: SubjectKey, content: bytes) -> tuple[SubjectReport, ...] | None:
    """Return the rows; None where they cannot be read, as those of another version: the record is asked then."""
    try:
        bodies = parse_canonical(content, ENTRY_MAX_BYTES)
        if not isinstance(bodies, list) or not all(isinstance(body, bytes) for body in bodies):
            return None
        return tuple(parse_body(subject, body) for body in bodies)
    except WireError:
        return None
