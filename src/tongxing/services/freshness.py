"""The directory of datasets: who owns each, how fresh it is promised to be, and how fresh it is.

Invariant: what was never heard of is *silent*, never fresh; the lag is reckoned from the moment up to which nothing is
missing, by the hub's own clock, and never from when something was said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tongxing.core.datasets import DATASETS, Dataset
from tongxing.core.words import FEDERATION, RegionId, Sentence
from tongxing.services.dataset_marks import Heard, heard_of
from tongxing.services.dataset_ports import DatasetMarkStore
from tongxing.services.ingest_ports import IngestedBatch, IngestStore
from tongxing.services.ingesting import BATCH_NUMBER_MAX, REPORTS
from tongxing.services.ports import Clock
from tongxing.services.published import Published

REPORTS_FRESH_FOR: Final = timedelta(hours=1)
"""What a region promises of its reports (assumed): it tells each change at once, and hourly that all is told."""

REPORTS_TITLE: Final = Sentence("赋码状态", "reports")


class Freshness(StrEnum):
    """How a dataset keeps its promise."""

    FRESH = "fresh"
    LATE = "late"
    SILENT = "silent"
    SUSPENDED = "suspended"


FRESHNESS_WORDS: Final = {
    Freshness.FRESH: Sentence("及时", "as promised"),
    Freshness.LATE: Sentence("迟于承诺", "later than promised"),
    Freshness.SILENT: Sentence("尚无数据", "nothing has come yet"),
    Freshness.SUSPENDED: Sentence("已暂停", "suspended"),
}


@dataclass(frozen=True, slots=True)
class DatasetState:
    """One dataset of one sender (None: a national source). ``as_of``: nothing until then is missing."""

    dataset: str
    title: Sentence
    region: RegionId | None
    owner: Sentence
    fresh_for: timedelta
    freshness: Freshness
    as_of: datetime | None
    heard_at: datetime | None
    last_batch: IngestedBatch | None


@dataclass(frozen=True, slots=True)
class FreshnessDesk:
    """Tells the directory of datasets, at the hub."""

    ingest: IngestStore
    marks: DatasetMarkStore
    published: Published
    clock: Clock

    async def states(self) -> tuple[DatasetState, ...]:
        """Return the reports of every region in the directory, by number, then the national sources."""
        at = self.clock.now()
        return (*(await self._of_regions(at)), *(await self._of_sources(at)))

    async def _of_regions(self, at: datetime) -> list[DatasetState]:
        marks = {mark.sender: mark for mark in await self.ingest.watermarks() if mark.dataset == REPORTS}
        states = []
        for region, record in sorted(self.published.directory.records.items()):
            if region not in self.published.profiles:
                continue  # it docks nothing: the hub itself, or a region across a border
            mark = marks.get(region)
            # A gateway with an empty outbox says that nothing is missing, though its back end has docked nobody yet.
            as_of = None if mark is None or mark.number == 0 else mark.as_of
            freshness = Freshness.SUSPENDED if record.suspended else _freshness(as_of, REPORTS_FRESH_FOR, at)
            batches = await self.ingest.batches_of(region, REPORTS, BATCH_NUMBER_MAX, 1) if mark is not None else ()
            heard_at = None if mark is None else mark.told_at
            last = batches[0] if batches else None
            of_region = (REPORTS, REPORTS_TITLE, region, record.name, REPORTS_FRESH_FOR)
            states.append(DatasetState(*of_region, freshness, as_of, heard_at, last))
        return states

    async def _of_sources(self, at: datetime) -> list[DatasetState]:
        heard = heard_of(await self.marks.marks(), await self.ingest.watermarks())
        if (risk := self.published.risk) is not None and risk.as_of is not None:
            heard[Dataset.COUNTY_RISK] = Heard(risk.as_of, risk.as_of)  # published as whole lists, in the bundle
        states = []
        for dataset, row in DATASETS.items():
            if dataset is Dataset.DECLARATIONS:
                continue  # people declare when they travel: nothing is promised of it
            said = heard.get(dataset)
            as_of, heard_at = (None, None) if said is None else (said.as_of, said.heard_at)
            # Of whom rows have come and who never said until when they are whole, nothing is as promised.
            is_unsaid = said is not None and as_of is None
            freshness = Freshness.LATE if is_unsaid else _freshness(as_of, row.fresh_for, at)
            batches = () if said is None else await self.ingest.batches_of(FEDERATION, dataset, BATCH_NUMBER_MAX, 1)
            last = batches[0] if batches else None
            of_source = (dataset.value, row.title, None, row.owner, row.fresh_for)
            states.append(DatasetState(*of_source, freshness, as_of, heard_at, last))
        return states


def _freshness(as_of: datetime | None, fresh_for: timedelta, at: datetime) -> Freshness:
    if as_of is None:
        return Freshness.SILENT
    return Freshness.FRESH if at - as_of <= fresh_for else Freshness.LATE
