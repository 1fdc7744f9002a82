"""The hub's two desks for gateways: the key service, and taking in and combining their reports.

Only the hub holds the secret behind subject keys: document numbers can be enumerated, so a plain
hash would be no pseudonym (design, *Words*; law 8). A gateway can write its own region's reports only
(law 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tongxing.core.errors import Refused
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKey
from tongxing.core.words import RegionId
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_key
from tongxing.services.ports import PutCount, ReportStore, SubjectReport


@dataclass(frozen=True, slots=True)
class KeyService:
    """Derives subject keys for gateways; keeps and logs no document."""

    secret: SubjectSecret

    def derive(self, documents: Sequence[Document]) -> tuple[SubjectKey, ...]:
        """Return a key for each document, in order; raises ``Refused(BAD_REQUEST)`` for too many."""
        if len(documents) > REPORTS_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"more than {REPORTS_PER_BATCH_MAX} documents")
        return tuple(derive_subject_key(self.secret, document) for document in documents)


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """Takes in regions' reports and tells what all say of one subject."""

    reports: ReportStore

    async def take_in(self, rows: Sequence[SubjectReport], sender: RegionId) -> PutCount:
        """Keep a batch; durable when it returns. Raises ``Refused(FORBIDDEN)`` if a row is another region's."""
        if any(row.report.issuer != sender for row in rows):
            raise Refused(ProblemId.FORBIDDEN, "a region reports for itself only")
        return await self.reports.put_reports(rows)

    async def reports_of(self, subject: SubjectKey) -> tuple[SubjectReport, ...]:
        """Return each region's report of a subject, none overwritten by another's."""
        return await self.reports.reports_of(subject)
