"""What changes from one risk list to the next: which areas appeared, went or changed, and which divisions' risk.

A `RiskState` is what one list says: the areas that it names, each with its levels, and the risk of every
number that follows. History is kept as changes between states, so that the level of any division, street or
community at any past moment, and since when it had it, is a look-up.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tongxing.core.reports import OriginRisk
from tongxing.risk.case_levels import CaseLevels
from tongxing.risk.divisions import Gazetteer
from tongxing.risk.level_table import end_of_day, map_case_levels
from tongxing.risk.official_list import AreaLevel
from tongxing.risk.placing import PlacedList, Placement
from tongxing.risk.risk_map import RiskMap


class RiskSource(StrEnum):
    """Who says what the areas are: the platform's list, or the rule of February 2020 over case counts."""

    OFFICIAL_LIST = "official_list"
    CASE_COUNTS = "case_counts"


@dataclass(frozen=True, slots=True, order=True)
class AreaName:
    """An area as its list names it; ``community`` is empty for a whole unit."""

    province: str
    city: str
    county: str
    community: str

    def __str__(self) -> str:
        names = (self.province, self.city, self.county, self.community)
        return " ".join(name for number, name in enumerate(names) if name and name not in names[:number])


@dataclass(frozen=True, slots=True)
class Area:
    """Where an area was placed, and its levels: nearly always one; two where the list contradicts itself."""

    division: str | None
    placement: Placement
    levels: tuple[AreaLevel, ...]

    @property
    def level(self) -> AreaLevel:
        """The highest."""
        return max(self.levels, key=lambda level: level.rank)


@dataclass(frozen=True, slots=True)
class RiskState:
    """What one list says. ``risks`` holds every number whose risk is known."""

    as_of: datetime
    source: RiskSource
    areas: Mapping[AreaName, Area]
    risks: Mapping[str, OriginRisk]


def state_of_list(placed: PlacedList, risk_map: RiskMap) -> RiskState:
    """Return what an official list says, by its places and the map made of them."""
    levels: dict[AreaName, set[AreaLevel]] = defaultdict(set)
    places: dict[AreaName, tuple[str | None, Placement]] = {}
    for one in placed.entries:
        entry = one.entry
        name = AreaName(entry.province, entry.city, entry.county, entry.community or "")
        levels[name].add(entry.level)
        places[name] = (one.division, one.placement)
    areas = {
        name: Area(*places[name], tuple(sorted(found, key=lambda level: level.rank))) for name, found in levels.items()
    }
    return RiskState(placed.as_of, RiskSource.OFFICIAL_LIST, areas, risk_map.known())


def state_of_case_levels(levels: CaseLevels, gazetteer: Gazetteer) -> RiskState:
    """Return what levels computed from case counts say: no areas, only divisions."""
    risk_map = map_case_levels(levels, gazetteer)
    return RiskState(end_of_day(levels.on), RiskSource.CASE_COUNTS, {}, risk_map.known())


@dataclass(frozen=True, slots=True)
class AreaChange:
    """An area that a list names otherwise than the one before: ``before`` or ``after`` is None where it is absent."""

    name: AreaName
    before: AreaLevel | None
    after: AreaLevel | None


@dataclass(frozen=True, slots=True)
class RiskChange:
    """A division whose risk is another than before; unknown where one of both says nothing of it."""

    number: str
    before: OriginRisk
    after: OriginRisk


@dataclass(frozen=True, slots=True)
class StateDiff:
    """The difference of two states, in order of names and of numbers."""

    areas: tuple[AreaChange, ...]
    risks: tuple[RiskChange, ...]

    @property
    def appeared(self) -> int:
        """How many areas are named that were not."""
        return sum(change.before is None for change in self.areas)

    @property
    def gone(self) -> int:
        """How many areas are named no more."""
        return sum(change.after is None for change in self.areas)

    @property
    def changed(self) -> int:
        """How many areas have another level."""
        return len(self.areas) - self.appeared - self.gone


def diff_states(before: RiskState | None, after: RiskState) -> StateDiff:
    """Return what a list changes; against None everything in it is new. Pure."""
    old_areas = {} if before is None else before.areas
    old_risks = {} if before is None else before.risks
    areas = []
    for name in sorted(old_areas.keys() | after.areas.keys()):
        was, now = old_areas.get(name), after.areas.get(name)
        if (was and was.levels) != (now and now.levels):
            areas.append(AreaChange(name, was.level if was else None, now.level if now else None))
    risks = []
    for number in sorted(old_risks.keys() | after.risks.keys()):
        one, other = old_risks.get(number, OriginRisk.UNKNOWN), after.risks.get(number, OriginRisk.UNKNOWN)
        if one is not other:
            risks.append(RiskChange(number, one, other))
    return StateDiff(tuple(areas), tuple(risks))
