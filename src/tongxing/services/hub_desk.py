"""The hub's two desks for gateways: the key service, and taking in and combining their reports.

Only the hub holds the secret behind subject keys: document numbers can be enumerated, so a plain
hash would be no pseudonym (design, *Words*; law 8). While a secret is rotated two versions count: the
service tells both keys of a document and remembers that they are one subject's, and reports are found
under either. A gateway can write its own region's reports only (law 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tongxing.core.errors import Refused
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.reports import Report
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_keys
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import PutCount, ReportStore, SubjectLinkStore, SubjectReport


@dataclass(frozen=True, slots=True)
class KeyService:
    """Derives subject keys for gateways; keeps and logs no document. ``secrets``: the current version first."""

    secrets: tuple[SubjectSecret, ...]
    links: SubjectLinkStore

    async def derive(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        """Return the keys of each document, in order; raises ``Refused(BAD_REQUEST)`` for too many."""
        if len(documents) > REPORTS_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"more than {REPORTS_PER_BATCH_MAX} documents")
        subjects = tuple(derive_subject_keys(self.secrets, document) for document in documents)
        if len(self.secrets) > 1 and subjects:
            await self.links.link(subjects)
        return subjects


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """Takes in regions' reports and tells what all say of one subject."""

    reports: ReportStore
    documents: DocumentBook

    async def take_in(self, rows: Sequence[SubjectReport], sender: RegionId) -> PutCount:
        """Keep a batch; durable when it returns. Raises ``Refused(FORBIDDEN)`` if a row is another region's."""
        if any(row.report.issuer != sender for row in rows):
            raise Refused(ProblemId.FORBIDDEN, "a region reports for itself only")
        return await self.reports.put_reports(rows)

    async def reports_of(self, keys: SubjectKeys) -> tuple[SubjectReport, ...]:
        """Return each region's report of a person, by issuer number, none overwritten by another's.

        What one issuer reported under several keys of one document counts as one: its highest revision, and nothing
        where that is a retraction. What it reported of another document of the person stands beside it.
        """
        person = await self.documents.documents_of(keys)
        rows = [row for document in person.documents for row in await self._of_document(document)]
        return tuple(sorted(rows, key=lambda row: row.report.issuer))

    async def document_of(self, keys: SubjectKeys) -> SubjectKeys:
        """Return the keys of every version of the one document that is asked about."""
        return (await self.documents.documents_of(keys)).asked

    async def _of_document(self, keys: SubjectKeys) -> list[SubjectReport]:
        newest: dict[RegionId, SubjectReport] = {}
        for key in reversed(keys):  # the oldest first: what is led over to a newer key meanwhile is met there
            for row in await self.reports.reports_of(key, with_retracted=True):
                known = newest.setdefault(row.report.issuer, row)
                if _outranks(row.report, known.report):
                    newest[row.report.issuer] = row
        return [row for row in newest.values() if not row.report.retracted]


def _outranks(report: Report, known: Report) -> bool:
    return (report.revision, report.retracted) > (known.revision, known.retracted)
