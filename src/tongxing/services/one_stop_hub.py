"""One-stop query at the hub: every region's report, the federation's own, and what all datasets hold, in one answer.

Order, held on purpose:

1. the caller and the person are within their limits;
2. the look is recorded, durably, unless a person asks about themselves;
3. what was handed in is read, and the sources that answer live are asked at once, within one deadline;
4. the federation assesses what all hold together, and every source stands in the answer with its age or its absence.

With more than ``PANELS_AT_ONCE_MAX`` queries at once, or fewer where the node has too much to do (``admission``), no
live source is asked and no finding is told: reports go on.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.calendar import beijing_day, end_of_beijing_day
from tongxing.core.datasets import DATASET_OF, DATASETS, Dataset
from tongxing.core.errors import Refused
from tongxing.core.evidence import Evidence, EvidenceKind
from tongxing.core.limits import (
    FINDINGS_TOLD_MAX,
    ONE_STOP_DEADLINE_SECONDS,
    ONE_STOP_RESERVE_SECONDS,
    ONE_STOPS_PER_GATEWAY_PER_MINUTE,
    ONE_STOPS_PER_SUBJECT_PER_DAY,
    PANELS_AT_ONCE_MAX,
)
from tongxing.core.looks import Look
from tongxing.core.one_stop import FINDING_WORDS, Absence, Finding, Panels, Source
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.digests import sha256
from tongxing.risk.risk_map import RiskMap
from tongxing.services.admission import Admission
from tongxing.services.assessor import Assessor
from tongxing.services.dataset_marks import Heard, heard_of
from tongxing.services.dataset_ports import DatasetMarkStore
from tongxing.services.federation_desk import FederationDesk
from tongxing.services.ingest_ports import IngestStore
from tongxing.services.live_sources import LiveAnswer, LiveSources
from tongxing.services.masked_names import MaskedNames
from tongxing.services.one_stop_ports import OneStop
from tongxing.services.ports import Clock, SubjectReport
from tongxing.services.published import Published
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore, LookStore

_MINUTE: Final = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class OneStopHub:
    """Answers one-stop queries for gateways."""

    assessor: Assessor
    federation: FederationDesk
    looks: LookStore
    limits: LimitStore
    marks: DatasetMarkStore
    ingest: IngestStore
    names: MaskedNames
    live: LiveSources
    published: Published
    clock: Clock
    admission: Admission
    panels_at_once_max: int = PANELS_AT_ONCE_MAX
    deadline_seconds: float = ONE_STOP_DEADLINE_SECONDS
    _at_once: int = field(default=0, init=False)

    async def ask(
        self,
        keys: SubjectKeys,
        caller: RegionId,
        look: Look | None,
        *,
        within_seconds: float | None = None,
        details: bool = True,
    ) -> OneStop:
        """Return everything; ``look`` is None only where a signed-in person asks about themselves.

        Without ``details`` reports alone are told. Raises ``Refused``: ``LIMITED``;
        ``OVERLOADED`` where not even the reports could be read in time.
        """
        within = self.deadline_seconds if within_seconds is None else min(within_seconds, self.deadline_seconds)
        try:
            async with asyncio.timeout(within):
                await self._take_allowances(keys, caller, look)
                if look is not None:
                    await self.looks.record(look)
                if not details:
                    return await self._reports_alone(keys)
                return await self._answer(keys, within - ONE_STOP_RESERVE_SECONDS)
        except TimeoutError as late:
            raise Refused(ProblemId.OVERLOADED, "not even the reports could be read in time") from late

    async def _take_allowances(self, keys: SubjectKeys, caller: RegionId, look: Look | None) -> None:
        at = self.clock.now()
        by_caller = sha256(f"one-stop queries of region {caller} {int(at.timestamp()) // 60}".encode())
        wanted = [Allowance(by_caller, ONE_STOPS_PER_GATEWAY_PER_MINUTE, at + _MINUTE)]
        if look is not None:
            of_subject = sha256(b"one-stop queries of subject " + keys[0] + beijing_day(at).isoformat().encode())
            wanted.append(Allowance(of_subject, ONE_STOPS_PER_SUBJECT_PER_DAY, end_of_beijing_day(at)))
        for allowance in wanted:
            if await self.limits.take(allowance) is not LimitResult.TAKEN:
                raise Refused(ProblemId.LIMITED, "too many people, or too often the same one")

    async def _answer(self, keys: SubjectKeys, within_seconds: float) -> OneStop:
        if self._at_once >= min(self.panels_at_once_max, self.admission.details_at_once_max):
            return await self._reports_alone(keys)
        self._at_once += 1
        try:
            held, told, hint = await asyncio.gather(
                self.assessor.evidence_of(keys),
                self.live.ask_all(keys, within_seconds=max(0.0, within_seconds)),
                self.names.find(keys),
            )
        finally:
            self._at_once -= 1
        pieces = _joined(held, told)
        reports = await self.federation.reports_beside(keys, self.assessor.assess_pieces(pieces))
        sources = (*_region_sources(reports, await self._said(), self.published), *await self._dataset_sources(told))
        risk = self.published.risk or RiskMap.empty()
        at = self.clock.now()
        return OneStop(reports, Panels(_findings(pieces, risk, at), sources, hint), at)

    async def _reports_alone(self, keys: SubjectKeys) -> OneStop:
        reports = await self.federation.reports_of(keys)
        regions = _region_sources(reports, await self._said(), self.published)
        busy = tuple(Source(dataset.value, unavailable=Absence.BUSY) for dataset in Dataset)
        return OneStop(reports, Panels((), (*regions, *busy)), self.clock.now())

    async def _said(self) -> Mapping[RegionId, datetime | None]:
        """Return until when each region's reports are whole, as it said."""
        return {mark.sender: mark.as_of for mark in await self.ingest.watermarks() if mark.dataset == "reports"}

    async def _dataset_sources(self, told: Mapping[Dataset, LiveAnswer | Absence]) -> tuple[Source, ...]:
        heard = heard_of(await self.marks.marks(), await self.ingest.watermarks())
        at = self.clock.now()
        risk = self.published.risk
        if risk is not None and risk.as_of is not None:
            heard[Dataset.COUNTY_RISK] = Heard(risk.as_of, risk.as_of)
        heard[Dataset.DECLARATIONS] = Heard(at, at)
        return tuple(_dataset_source(dataset, heard.get(dataset), told.get(dataset), at) for dataset in Dataset)


def _dataset_source(dataset: Dataset, heard: Heard | None, told: LiveAnswer | Absence | None, at: datetime) -> Source:
    if isinstance(told, LiveAnswer):
        return Source(dataset.value, told.as_of, is_late=_is_late(dataset, told.as_of, at), is_live=True)
    if told is None and heard is None:
        return Source(dataset.value, unavailable=Absence.NOT_DOCKED)
    as_of = None if heard is None else heard.as_of
    # Rows that have come without a word until when they are whole are late, too.
    is_late = heard is not None and (as_of is None or _is_late(dataset, as_of, at))
    return Source(dataset.value, as_of, is_late, is_live=told is not None, unavailable=told)


def _is_late(dataset: Dataset, as_of: datetime, at: datetime) -> bool:
    return at - as_of > DATASETS[dataset].fresh_for


def _region_sources(
    reports: Iterable[SubjectReport], said: Mapping[RegionId, datetime | None], published: Published
) -> tuple[Source, ...]:
    """Return every region of the directory, whether or not it reports anything of the person."""
    reporting = {row.report.issuer for row in reports}
    sources = []
    for region, record in sorted(published.directory.records.items()):
        if region == FEDERATION:
            continue
        if record.suspended:
            absence: Absence | None = Absence.SUSPENDED
        else:
            absence = None if region in reporting or region in said else Absence.NOT_DOCKED
        sources.append(Source(region, said.get(region), unavailable=absence))
    return tuple(sources)


def _joined(held: Sequence[Evidence], told: Mapping[Dataset, LiveAnswer | Absence]) -> tuple[Evidence, ...]:
    """Return of each piece the newest revision, whether it was handed in or told live; a tombstone outranks."""
    newest: dict[tuple[EvidenceKind, str, int], Evidence] = {}
    # Two documents of one person can have one number of a source each, so what was handed in is told apart.
    for index, piece in enumerate(held):
        newest[piece.kind, piece.ref, index] = piece
    by_name = {(piece.kind, piece.ref): (piece.kind, piece.ref, index) for index, piece in enumerate(held)}
    for answer in told.values():
        for piece in () if isinstance(answer, Absence) else answer.evidence:
            name = by_name.setdefault((piece.kind, piece.ref), (piece.kind, piece.ref, -1))
            known = newest.setdefault(name, piece)
            if (piece.revision, piece.retracted) > (known.revision, known.retracted):
                newest[name] = piece
    return tuple(newest.values())


def _findings(pieces: Iterable[Evidence], risk: RiskMap, at: datetime) -> tuple[Finding, ...]:
    told = [
        Finding(
            DATASET_OF[piece.kind],
            piece.kind,
            piece.since,
            piece.until,
            piece.division,
            None if piece.division is None else risk.risk_of_division(piece.division),
            piece.result,
            piece.ref,
            piece.revision,
        )
        for piece in pieces
        if piece.kind in FINDING_WORDS and not piece.retracted and piece.since <= at
    ]
    told.sort(key=lambda each: (each.since, each.kind, each.ref), reverse=True)
    return tuple(told[:FINDINGS_TOLD_MAX])
