"""The report of one import: how many entries were placed how exactly, and what in the list is odd.

An oddity is told, never repaired: the platform's list stays the platform's. Each has a kind of a closed
list and a sentence that names where it stands.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tongxing.core.calendar import beijing_day
from tongxing.risk.divisions import Gazetteer
from tongxing.risk.official_list import AreaLevel, ListEntry, OfficialList
from tongxing.risk.placing import PlacedEntry, PlacedList, Placement

ODDITIES_TOLD_MAX: Final = 100
"""How many oddities a report names; the rest it counts."""


class OddityKind(StrEnum):
    """What can be odd in a list that is well-formed."""

    COUNT_DISAGREES = "count_disagrees"
    DUPLICATE_ENTRY = "duplicate_entry"
    TWO_LEVELS = "two_levels"
    WHOLE_AND_PARTS = "whole_and_parts"
    UNKNOWN_DIVISION = "unknown_division"
    RETIRED_DIVISION = "retired_division"
    AREA_NAME_DISAGREES = "area_name_disagrees"


@dataclass(frozen=True, slots=True)
class Oddity:
    """One oddity: its kind, and a sentence that says where."""

    kind: OddityKind
    detail: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of one import. ``share_of`` tells a placement's share of all entries.

    ``whole_units`` are entries without a community, ``rests`` those that say "all but the above".
    ``oddities`` holds at most ``ODDITIES_TOLD_MAX``; ``oddity_counts`` counts all of them by kind.
    """

    as_of: datetime
    entries: int
    by_placement: Mapping[Placement, int]
    by_level: Mapping[AreaLevel, int]
    whole_units: int
    rests: int
    oddity_counts: Mapping[OddityKind, int]
    oddities: tuple[Oddity, ...]

    def share_of(self, placement: Placement) -> float:
        """Return the share (0 to 1) of a placement; 0 in an empty list."""
        return self.by_placement[placement] / self.entries if self.entries else 0.0


def report_import(official: OfficialList, placed: PlacedList) -> ImportReport:
    """Return the report of a list and its places. Pure: the same list gives the same report."""
    placements = Counter(one.placement for one in placed.entries)
    levels = Counter(entry.level for entry in official.entries)
    kinds: Counter[OddityKind] = Counter()
    told: list[Oddity] = []
    for oddity in _find_oddities(official, placed):
        kinds[oddity.kind] += 1
        if len(told) < ODDITIES_TOLD_MAX:
            told.append(oddity)
    return ImportReport(
        as_of=official.as_of,
        entries=len(placed.entries),
        by_placement={placement: placements[placement] for placement in Placement},
        by_level={level: levels[level] for level in AreaLevel},
        whole_units=sum(entry.community is None for entry in official.entries),
        rests=sum(one.is_rest for one in placed.entries),
        oddity_counts=dict(kinds),
        oddities=tuple(told),
    )


def report_nothing(as_of: datetime) -> ImportReport:
    """Return the report of what has no entries: levels that were computed, not listed."""
    nothing = OfficialList(as_of, (), {})
    return report_import(nothing, PlacedList(as_of, (), Gazetteer(())))


def _find_oddities(official: OfficialList, placed: PlacedList) -> Iterator[Oddity]:
    yield from _find_count_oddities(official)
    yield from _find_repeated(official.entries)
    yield from _find_whole_and_parts(placed.entries)
    for one in placed.entries:
        if one.placement in (Placement.PREFECTURE, Placement.NONE):
            yield Oddity(OddityKind.UNKNOWN_DIVISION, f"{_where(one.entry)} is not in the gazetteer")
    yield from _find_retired(placed)
    for entry in _first_of_each_row(official.entries):
        names = [entry.province, entry.city, entry.county]
        distinct = [name for position, name in enumerate(names) if name and name not in names[:position]]
        if entry.area_name and entry.area_name.split() not in (" ".join(names).split(), distinct):
            yield Oddity(OddityKind.AREA_NAME_DISAGREES, f"{_where(entry)} calls itself {entry.area_name!r}")


def _find_count_oddities(official: OfficialList) -> Iterator[Oddity]:
    """The platform counts communities; whole units may be counted or not (facts, section I)."""
    for level, stated in official.stated_counts.items():
        entries = [entry for entry in official.entries if entry.level is level]
        communities = sum(entry.community is not None for entry in entries)
        if stated not in (communities, len(entries)):
            yield Oddity(
                OddityKind.COUNT_DISAGREES,
                f"{level}: the list states {stated}, it holds {communities} communities "
                f"and {len(entries) - communities} whole units",
            )


def _find_retired(placed: PlacedList) -> Iterator[Oddity]:
    """Names of divisions that were abolished or renumbered before the list, or made after it."""
    year = beijing_day(placed.as_of).year
    for one in placed.entries:
        division = placed.gazetteer.find(one.division or "")
        if division is not None and not division.is_in_use(year):
            now = f", now {' '.join(division.became)}" if division.became else ""
            yield Oddity(
                OddityKind.RETIRED_DIVISION, f"{_where(one.entry)} is {one.division}, not in use in {year}{now}"
            )


def _find_repeated(entries: Iterable[ListEntry]) -> Iterator[Oddity]:
    levels: dict[tuple[str, str, str, str | None], set[AreaLevel]] = defaultdict(set)
    for entry in entries:
        seen = levels[entry.province, entry.city, entry.county, entry.community]
        if entry.level in seen:
            yield Oddity(OddityKind.DUPLICATE_ENTRY, f"{_where(entry)} stands there twice")
        elif seen:
            yield Oddity(OddityKind.TWO_LEVELS, f"{_where(entry)} is listed as {', '.join(sorted(seen))} too")
        seen.add(entry.level)


def _find_whole_and_parts(entries: Iterable[PlacedEntry]) -> Iterator[Oddity]:
    """A unit listed as a whole beside parts at another level: it can't all be at that level."""
    levels: dict[tuple[str, str, str], set[AreaLevel]] = defaultdict(set)
    wholes: dict[tuple[str, str, str], ListEntry] = {}
    for one in entries:
        unit = (one.entry.province, one.entry.city, one.entry.county)
        levels[unit].add(one.entry.level)
        if one.entry.community is None:
            wholes.setdefault(unit, one.entry)
    for unit, entry in wholes.items():
        others = levels[unit] - {entry.level}
        if others:
            detail = f"{_where(entry)} is listed as a whole, and has parts listed as {', '.join(sorted(others))}"
            yield Oddity(OddityKind.WHOLE_AND_PARTS, detail)


def _first_of_each_row(entries: Iterable[ListEntry]) -> Iterator[ListEntry]:
    last: tuple[AreaLevel, int] | None = None
    for entry in entries:
        if (entry.level, entry.row) != last:
            last = (entry.level, entry.row)
            yield entry


def _where(entry: ListEntry) -> str:
    names = " ".join(name for name in (entry.province, entry.city, entry.county, entry.community) if name)
    return f"{entry.level} row {entry.row} ({names[:80]})"
