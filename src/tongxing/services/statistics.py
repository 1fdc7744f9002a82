"""Statistics at the hub: counts by region, level, cause, day and origin, told with small cells withheld.

The hub counts what it holds of today anew, in small portions; each gateway counts its own passages and tells numbers
alone (``PassageCounter``). A day that has passed stays as it was counted last.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from tongxing.core.calendar import BEIJING, beijing_day
from tongxing.core.causes import CAUSES, Cause
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.small_cells import SMALL_CELL, ToldTable, withhold_linked, withhold_small
from tongxing.core.statistics import (
    PASSAGE_KINDS,
    REPORT_STATES,
    CountedDay,
    CountKind,
    DayCount,
    reason_key,
    state_of,
    state_of_level,
)
from tongxing.core.verdicts import Outcome
from tongxing.core.words import RegionId
from tongxing.services.ports import Clock, SubjectReport

COUNTS_KEPT: Final = timedelta(days=400)
DAYS_TOLD_MAX: Final = 400
SERIES_DAYS: Final = 31
_REPORTS_AT_ONCE: Final = 200
"""So many reports are counted before others get their turn: some 10 ms."""


@dataclass(frozen=True, slots=True)
class PassageCount:
    """Passages of one day that ended alike: whose code was shown ("" if unknown), and what became of it."""

    issuer: str
    outcome: Outcome
    reason: str
    number: int


class StatisticsStore(Protocol):
    """Counts by day. Writes as ``services.ports`` says: durable when they return."""

    async def put_day(
        self, day: date, kinds: Collection[CountKind], region: RegionId | None, counts: Sequence[DayCount], at: datetime
    ) -> None:
        """Keep the counts of a day in place of all that were held of these kinds, of one region or of every one."""
        ...

    async def counts_of(self, day: date) -> tuple[DayCount, ...]:
        """Return what was counted of a day, by kind, region and key."""
        ...

    async def days(self, limit: int) -> tuple[CountedDay, ...]:
        """Return the days of which there are counts, the latest first."""
        ...

    async def forget_before(self, day: date) -> int:
        """Erase the counts of earlier days; return how many."""
        ...

    async def count_passages(self, since: datetime, until: datetime) -> tuple[PassageCount, ...]:
        """Count this node's own passages from one moment to before another."""
        ...

    async def reports_after(self, subject: bytes, issuer: str, limit: int) -> tuple[SubjectReport, ...]:
        """Return reports that count, by subject and issuer, from behind one on.

        A retracted one does not; of a subject with two keys the one under the newer does.
        """
        ...


class PassageCountHub(Protocol):
    """Where a gateway tells its counts."""

    async def tell_passages(self, day: date, origins: Mapping[str, int], reasons: Mapping[str, int]) -> None:
        """Tell the hub how many passages a day had. Raises ``Refused(UPSTREAM_AWAY)``."""
        ...


@dataclass(frozen=True, slots=True)
class PassageCounter:
    """A gateway's: counts its own passages by day and tells the hub numbers alone."""

    store: StatisticsStore
    hub: PassageCountHub
    clock: Clock

    async def tell(self) -> None:
        """Count and tell yesterday, which may have ended since, and today so far."""
        today = beijing_day(self.clock.now())
        for day in (today - timedelta(days=1), today):
            begins = datetime.combine(day, time(), BEIJING)
            origins, reasons = Counter[str](), Counter[str]()
            for count in await self.store.count_passages(begins, begins + timedelta(days=1)):
                origins[count.issuer] += count.number
                reasons[reason_key(count.outcome, count.reason)] += count.number
            await self.hub.tell_passages(day, origins, reasons)


@dataclass(frozen=True, slots=True)
class NamedTable:
    """One table of a day: its rows are regions, its columns keys; ``has_totals`` where the columns add up."""

    kind: CountKind
    regions: tuple[RegionId, ...]
    keys: tuple[str, ...]
    told: ToldTable
    has_totals: bool


@dataclass(frozen=True, slots=True)
class StatisticsDesk:
    """The hub's: counts, takes in and tells."""

    store: StatisticsStore
    clock: Clock

    async def recount(self) -> None:
        """Count the reports that are held now, as today's counts in place of earlier ones."""
        at = self.clock.now()
        counts: Counter[tuple[CountKind, RegionId, str]] = Counter()
        subject, issuer = b"", ""
        while rows := await self.store.reports_after(subject, issuer, _REPORTS_AT_ONCE):
            for row in rows:
                report = row.report
                counts[CountKind.LEVELS, report.issuer, state_of(report, at)] += 1
                for cause in {held.cause for held in report.causes}:
                    counts[CountKind.CAUSES, report.issuer, cause] += 1
            subject, issuer = rows[-1].subject, rows[-1].report.issuer
            await asyncio.sleep(0)
        told = [DayCount(kind, region, key, number) for (kind, region, key), number in counts.items()]
        await self.store.put_day(beijing_day(at), (CountKind.LEVELS, CountKind.CAUSES), None, told, at)

    async def take_in(
        self, region: RegionId, day: date, origins: Mapping[str, int], reasons: Mapping[str, int]
    ) -> None:
        """Keep a region's counts of one day's passages in place of what it told before.

        Raises ``Refused(BAD_REQUEST)`` for a day that is neither today nor lately past, or counts that differ.
        """
        at = self.clock.now()
        if not beijing_day(at) - COUNTS_KEPT < day <= beijing_day(at + timedelta(minutes=5)):
            raise Refused(ProblemId.BAD_REQUEST, "counts are taken of today and of the days before")
        if sum(origins.values()) != sum(reasons.values()):
            raise Refused(ProblemId.BAD_REQUEST, "passages by origin and by reason are not equally many")
        counts = [
            DayCount(kind, region, key, number)
            for kind, numbers in zip(PASSAGE_KINDS, (origins, reasons), strict=True)
            for key, number in numbers.items()
            if number
        ]
        await self.store.put_day(day, PASSAGE_KINDS, region, counts, at)

    async def days(self) -> tuple[CountedDay, ...]:
        """Return the days of which there are counts, the latest first."""
        return await self.store.days(DAYS_TOLD_MAX)

    async def series(self, until: date) -> tuple[tuple[date, NamedTable], ...]:
        """Return the levels of the last ``SERIES_DAYS`` counted days up to one, the earliest first."""
        days = [counted.day for counted in await self.days() if counted.day <= until][:SERIES_DAYS]
        counted = [(day, await self.store.counts_of(day)) for day in reversed(days)]
        levels = [(day, [one for one in counts if one.kind is CountKind.LEVELS]) for day, counts in counted]
        return tuple([(day, tell_tables(counts, day)[CountKind.LEVELS]) for day, counts in levels])

    async def tables_of(self, day: date) -> Mapping[CountKind, NamedTable]:
        """Return the tables of a day as they may be told."""
        counts = await self.store.counts_of(day)
        return await asyncio.to_thread(tell_tables, counts, day)


def tell_tables(counts: Sequence[DayCount], day: date) -> Mapping[CountKind, NamedTable]:
    """Return the tables of a day's counts, small cells withheld; those of passages share their sums by region."""
    numbers = {(count.kind, count.region, count.key): count.number for count in counts}
    told: dict[CountKind, NamedTable] = {}
    for kinds in ((CountKind.LEVELS,), PASSAGE_KINDS, (CountKind.CAUSES,)):
        regions = tuple(sorted({count.region for count in counts if count.kind in kinds}))
        keys = {kind: _keys(kind, counts) for kind in kinds}
        cells = [[[numbers.get((kind, region, key), 0) for key in keys[kind]] for region in regions] for kind in kinds]
        tables: tuple[ToldTable, ...]
        if len(kinds) > 1:
            tables = withhold_linked(cells[0], cells[1], (len(keys[kinds[0]]), len(keys[kinds[1]])))
        elif kinds == (CountKind.CAUSES,):
            levels = told[CountKind.LEVELS]
            tables = (_without_sums(cells[0], [_group(region, keys[kinds[0]], levels, day) for region in regions]),)
        else:
            tables = (withhold_small(cells[0], len(keys[kinds[0]])),)
        for kind, table in zip(kinds, tables, strict=True):
            told[kind] = NamedTable(kind, regions, keys[kind], table, kind is not CountKind.CAUSES)
    return told


def _group(
    region: RegionId, causes: Sequence[str], levels: NamedTable, day: date
) -> tuple[tuple[tuple[int, ...], bool], ...]:
    """Return the columns of causes by the level that each gives, and whether the region's count of that level is told.

    Most people have one cause: so the causes of a level add up to its count, or nearly, and tell it.
    """
    held = region in levels.regions
    row = levels.told.cells[levels.regions.index(region)] if held else [None] * len(levels.keys)
    groups: dict[str, list[int]] = {}
    for column, cause in enumerate(causes):
        level = CAUSES[Cause(cause)].level_on(day) if cause in tuple(Cause) else None
        groups.setdefault("" if level is None else state_of_level(level), []).append(column)
    return tuple(
        (tuple(columns), state == "" or row[levels.keys.index(state)] is not None) for state, columns in groups.items()
    )


def _without_sums(
    cells: Sequence[Sequence[int]], groups: Sequence[tuple[tuple[tuple[int, ...], bool], ...]]
) -> ToldTable:
    """Return a table whose columns do not add up, since somebody with two causes counts twice: no sums are told.

    Of causes that give one level, none is told where the level's count is not, and no few people are left over
    between the level's count and those that are told.
    """
    told = tuple(_tell_causes(row, of) for row, of in zip(cells, groups, strict=True))
    return ToldTable(told, tuple(None for _ in cells), tuple(None for _ in (cells[0] if cells else ())), None)


def _tell_causes(row: Sequence[int], groups: tuple[tuple[tuple[int, ...], bool], ...]) -> tuple[int | None, ...]:
    withheld: set[int] = set()
    for columns, is_told in groups:
        held = sorted((column for column in columns if row[column]), key=lambda column: (row[column], column))
        hidden = [column for column in held if not is_told or row[column] < SMALL_CELL]
        others = [column for column in held if column not in hidden]
        while hidden and others and (len(hidden) == 1 or sum(row[column] for column in hidden) < SMALL_CELL):
            hidden.append(others.pop(0))
        withheld.update(hidden)
    return tuple(None if column in withheld else count for column, count in enumerate(row))


def _keys(kind: CountKind, counts: Sequence[DayCount]) -> tuple[str, ...]:
    if kind is CountKind.LEVELS:
        return tuple(REPORT_STATES)
    return tuple(sorted({count.key for count in counts if count.kind is kind}))
