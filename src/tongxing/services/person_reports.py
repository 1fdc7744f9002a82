"""A gateway reads reports by person: what is held of another document of theirs counts as much.

A gateway knows the links that its own region says. Whoever reads here gets for each issuer one report: of each
document the newest, of several documents the worst that was not taken back, so that no green of one document hides
the red of another. What is written goes to the store as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Report
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import PutCount, ReportsOfMany, ReportStore, SubjectReport
from tongxing.wire.report_bodies import KeptReport

_NO_END: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PersonReports:
    """Implements ``services.ports.ReportStore`` over one that is read by document."""

    reports: ReportStore
    documents: DocumentBook

    async def put_reports(self, rows: Sequence[SubjectReport], *, for_hub: bool = False) -> PutCount:
        """Take in reports; see the port."""
        return await self.reports.put_reports(rows, for_hub=for_hub)

    async def put_kept(self, rows: Sequence[KeptReport]) -> PutCount:
        """Take in reports in the form in which they are kept; see the port."""
        return await self.reports.put_kept(rows)

    async def reports_by(self, issuer: RegionId, after: bytes, limit: int) -> tuple[SubjectReport, ...]:
        """Return one issuer's reports by document; see the port."""
        return await self.reports.reports_by(issuer, after, limit)

    async def reports_of_many(self, subjects: Iterable[SubjectKey], *, with_retracted: bool = False) -> ReportsOfMany:
        """Return what ``reports_of`` does of each person, one after another: each may have several documents."""
        asked = dict.fromkeys(subjects)
        return {subject: await self.reports_of(subject, with_retracted=with_retracted) for subject in asked}

    async def reports_of(self, subject: SubjectKey, *, with_retracted: bool = False) -> tuple[SubjectReport, ...]:
        """Return one report of each issuer about the person, by issuer number."""
        person = await self.documents.documents_of((subject,))
        if len(person.documents) == 1 and len(person.asked) == 1:
            return await self.reports.reports_of(subject, with_retracted=with_retracted)
        worst: dict[RegionId, SubjectReport] = {}
        for document in person.documents:
            for row in await self._newest_of(document):
                known = worst.setdefault(row.report.issuer, row)
                if _weight(row.report) > _weight(known.report):
                    worst[row.report.issuer] = row
        return tuple(row for _, row in sorted(worst.items()) if with_retracted or not row.report.retracted)

    async def _newest_of(self, document: SubjectKeys) -> list[SubjectReport]:
        newest: dict[RegionId, SubjectReport] = {}
        for key in reversed(document):  # the oldest first: what is led over to a newer key meanwhile is met there
            for row in await self.reports.reports_of(key, with_retracted=True):
                known = newest.setdefault(row.report.issuer, row)
                if (row.report.revision, row.report.retracted) > (known.report.revision, known.report.retracted):
                    newest[row.report.issuer] = row
        return list(newest.values())


def _weight(report: Report) -> tuple[bool, int, bool, datetime, int]:
    """Weigh what one issuer says of several documents: worst first, then what can be used, and for longest."""
    return (
        not report.retracted,
        (report.level or Level.LOW).rank,
        report.standing is Standing.CURRENT,
        report.valid_until or _NO_END,
        report.revision,
    )
