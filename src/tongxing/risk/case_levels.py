"""Levels of cities and counties from daily case counts, by the rule of February 2020.

The rule (facts, section I), for a county: *low* without any confirmed case, or without a new one for 14
days in a row; *medium* with new ones within 14 days and at most 50 in all, or more than 50 in all but no
cluster outbreak within 14 days; *high* with more than 50 in all and a cluster outbreak within 14 days.

What the counts do not say is assumed, each assumption by a name of its own here (`ASSUMPTIONS`).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tongxing.core.words import Sentence
from tongxing.risk.case_counts import CaseCounts, Place, PlaceKind
from tongxing.risk.divisions import CITY_DIGITS, CORPS, COUNTY_DIGITS, MUNICIPALITIES, PROVINCE_DIGITS, Gazetteer
from tongxing.risk.official_list import AreaLevel, refused

WINDOW: Final = timedelta(days=14)
MANY_CASES: Final = 50
"""The rule's own number: up to 50 in all a place is at most medium."""

CLUSTER_NEW_CASES: Final = 50
"""Stands for a cluster outbreak: more than this many new local cases in the window. See ``ASSUMPTIONS``."""

RULE_FROM: Final = date(2020, 2, 17)
"""The day on which the rule was given; before it no place had such a level."""

OUTSIDE_THE_RULE: Final = frozenset({"71", "81", "82"})

ASSUMPTIONS: Final[dict[str, Sentence]] = {
    "cluster_by_count": Sentence(
        "病例数看不出聚集性疫情：以十四天内新增本地病例超过 50 例代之，50 是规则中唯一的数。",
        "A cluster outbreak cannot be read from counts: more than 50 new local cases within the 14 days stand for it, "
        "50 being the only number that the rule itself has.",
    ),
    "city_as_one_county": Sentence(
        "来源只有地市数：地市按一个县评级；地市非低风险时，没有自己数据的县为混合，不升级。",
        "Where the source counts a city only, the city is rated as if it were one county. If it is not low, its "
        "counties without rows of their own are mixed: none is raised.",
    ),
    "imported_apart": Sentence(
        "来源单列的境外输入病例分开显示，不算本地；没有单列的，仍在地市数内，宁高勿低。",
        "Imported cases count as nobody's local ones where the source sets them apart; where it does not, they stay "
        "within the city's count: rather too high than too low.",
    ),
    "unplaced_is_local": Sentence(
        "来源不明、外地来的、监狱等没有落到地市的病例算本地：不改变任何地市，所在省若有新增即不为低风险。",
        "Cases of unknown source, of people from elsewhere, of prisons and of zones without a number are local ones "
        "that raise no city; a province or municipality with new ones is not low.",
    ),
    "corrections_reach_back": Sentence(
        "累计数调低，是更正以前的数：新增等于当日数减去窗口内的最小数。",
        "A lowered cumulative count corrects what was said before: the new cases are the day's count less the lowest "
        "count of the window.",
    ),
    "missing_days_stand": Sentence(
        "没有数据的日子，沿用最后的累计数；来源从未列出的地方，没有病例。",
        "On a day without a row the last cumulative count stands; a place that the source never names has no case.",
    ),
}


@dataclass(frozen=True, slots=True)
class UnitLevel:
    """A city, municipality or county with cases known of its own: its local cases in all and within 14 days.

    ``level`` is None where the rule does not reach (Taiwan, Hong Kong, Macao).
    """

    number: str
    level: AreaLevel | None
    confirmed: int
    new: int


@dataclass(frozen=True, slots=True)
class CasesApart:
    """Cases of a province that stand on no numbered place: imported, or unplaced local ones."""

    province: str
    kind: PlaceKind
    confirmed: int
    new: int


@dataclass(frozen=True, slots=True)
class CaseLevels:
    """The levels of one day: every unit with its level, in order of number, and the cases shown apart.

    ``remainders`` holds, for cities that also have counties with rows of their own, the level of what is left.
    """

    on: date
    units: tuple[UnitLevel, ...]
    apart: tuple[CasesApart, ...]
    remainders: tuple[UnitLevel, ...] = ()


def rate_cases(confirmed: int, new: int, cluster_from: int = CLUSTER_NEW_CASES) -> AreaLevel:
    """Return the level of a place with so many local cases in all and so many new within the window."""
    if not confirmed or not new:
        return AreaLevel.LOW
    has_cluster = new > cluster_from
    return AreaLevel.HIGH if confirmed > MANY_CASES and has_cluster else AreaLevel.MEDIUM


def rate_case_counts(
    counts: CaseCounts, gazetteer: Gazetteer, *, on: date, cluster_from: int = CLUSTER_NEW_CASES
) -> CaseLevels:
    """Return the levels at the end of ``on``. Pure.

    Raises ``Refused(RISK_LIST_REFUSED)`` if the counts do not reach from 14 days before ``on`` to ``on``, or the
    rule was not there yet.
    """
    if on < RULE_FROM:
        raise refused(f"the rule for levels is of {RULE_FROM}: there were none on {on}")
    if not counts.days or counts.days[0] > on - WINDOW or counts.days[-1] < on:
        raise refused(f"counts from {on - WINDOW} to {on} are needed")
    cases = {place: _count_cases(counts, place, on) for place in counts.series}
    own = {place.number: both for place, both in cases.items() if place.kind is PlaceKind.NUMBERED}
    apart: dict[tuple[str, PlaceKind], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for place, both in cases.items():
        if place.kind in (PlaceKind.IMPORTED, PlaceKind.UNPLACED):
            apart[place.number, place.kind] = _add(apart[place.number, place.kind], both)

    def rated(number: str, both: tuple[int, int]) -> UnitLevel:
        level = None if number in OUTSIDE_THE_RULE else rate_cases(*both, cluster_from)
        return UnitLevel(number, level, *both)

    units, remainders = [], []
    for number in _units(gazetteer, own, on.year):
        inside = [both for other, both in own.items() if other.startswith(number) and other != number]
        both = own.get(number, (0, 0))
        if number in MUNICIPALITIES:
            inside.append(apart.get((number, PlaceKind.UNPLACED), (0, 0)))
        elif inside:
            remainders.append(rated(number, both))
        for other in inside:
            both = _add(both, other)
        units.append(rated(number, both))
    told = tuple(CasesApart(*key, *both) for key, both in sorted(apart.items()) if both[0])
    return CaseLevels(on, tuple(units), told, tuple(remainders))


def _add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _count_cases(counts: CaseCounts, place: Place, on: date) -> tuple[int, int]:
    """Return the cases in all and the new ones of the window (assumptions: corrections, missing days)."""
    by_day = counts.series[place]
    if place.kind is PlaceKind.UNPLACED and on not in by_day:
        return 0, 0  # The source has laid them on a place since.
    start = on - WINDOW
    last = counts.count_on(place, on)
    lowest = min([counts.count_on(place, start), last, *(n for day, n in by_day.items() if start < day <= on)])
    return last, last - lowest


def _units(gazetteer: Gazetteer, own: dict[str, tuple[int, int]], year: int) -> list[str]:
    """Every city in use, every municipality with its districts, every county without a city, and what has own rows."""
    found = {*own, *MUNICIPALITIES}
    for number in gazetteer.numbers():
        division = gazetteer.find(number)
        if division is None or not division.is_in_use(year) or number == CORPS:
            continue
        is_city = len(number) == CITY_DIGITS
        has_no_city = len(number) == COUNTY_DIGITS and number[:CITY_DIGITS] not in gazetteer
        if (is_city or has_no_city) and number[:PROVINCE_DIGITS] not in OUTSIDE_THE_RULE:
            found.add(number)
    return sorted(found)
