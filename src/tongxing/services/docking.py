"""Dock: a region's back end hands its people's records to its own gateway, which reports them to the hub.

Each row is translated by cause under the region's profile and named by subject key; the document
goes to the key service and is kept nowhere. A bad row is set aside with its reason and never blocks
the others. Nothing is acknowledged before it is durable here *and* at the hub (law 7); sending a
batch again counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document
from tongxing.core.words import RegionId
from tongxing.crypto.subject_keys import normalise_document
from tongxing.regions.docking import parse_dock_row
from tongxing.regions.profile import Profile
from tongxing.regions.translation import Translated, translate
from tongxing.services.peers import Hub
from tongxing.services.persons import Persons
from tongxing.services.ports import Clock, ReportStore, SubjectReport
from tongxing.services.reference import Reference
from tongxing.services.subject_keys import SubjectKeyCache


class SetAside(msgspec.Struct, frozen=True):
    """A row that was not taken in: its place in the batch, from 0, and why."""

    index: int
    reason: str


class Docked(msgspec.Struct, frozen=True):
    """What became of a batch: ``stored`` + ``unchanged`` + rows set aside is the number of rows sent."""

    stored: int
    unchanged: int
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    document: Document
    person_ref: str | None
    translated: Translated


class DockingDesk:
    """Takes in the records of one region's own back end."""

    def __init__(
        self,
        *,
        region: RegionId,
        reference: Reference,
        subject_keys: SubjectKeyCache,
        hub: Hub,
        reports: ReportStore,
        persons: Persons,
        clock: Clock,
    ) -> None:
        self._region = region
        self._reference = reference
        self._subject_keys = subject_keys
        self._hub = hub
        self._reports = reports
        self._persons = persons
        self._clock = clock

    async def dock(self, rows: Sequence[Mapping[str, object]]) -> Docked:
        """Take in a batch of at most ``REPORTS_PER_BATCH_MAX`` rows in the region's own words.

        Raises ``Refused``: ``BAD_REQUEST`` (too many), ``UPSTREAM_AWAY`` (nothing was acknowledged;
        send it again).
        """
        if len(rows) > REPORTS_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"more than {REPORTS_PER_BATCH_MAX} rows")
        at = self._clock.now()
        profile = self._reference.knowledge.profiles[self._region]
        revision = int(at.timestamp() * 1000)
        good, aside = self._translate(rows, profile, at, revision)
        if not good:
            return Docked(0, 0, tuple(aside))
        subjects = await self._subject_keys.keys_of_all([row.document for row in good])
        reports = [
            SubjectReport(keys[0], row.translated.report, row.translated.origin)
            for keys, row in zip(subjects, good, strict=True)
        ]
        named = [(row.person_ref, keys) for keys, row in zip(subjects, good, strict=True)]
        await self._persons.remember([(ref, keys) for ref, keys in named if ref is not None], revision)
        count = await self._reports.put_reports(reports)
        await self._hub.push_reports(reports)
        return Docked(count.stored, count.same + count.older, tuple(aside))

    def _translate(
        self, rows: Sequence[Mapping[str, object]], profile: Profile, at: datetime, revision: int
    ) -> tuple[list[_Row], list[SetAside]]:
        good: list[_Row] = []
        aside: list[SetAside] = []
        for index, value in enumerate(rows):
            try:
                row = parse_dock_row(value, profile)
                document = normalise_document(row.document_type, row.document_number)
                good.append(_Row(document, row.person_ref, translate(row.answer, profile, at=at, revision=revision)))
            except Refused as refused:
                aside.append(SetAside(index, refused.detail or str(refused.problem)))
            except (Rejected, Undecidable) as why:
                aside.append(SetAside(index, str(why.reason)))
        return good, aside
