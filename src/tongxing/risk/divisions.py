"""The gazetteer: divisions of GB/T 2260 by number and by name, over the states of several years.

A division has two digits (province), four (prefecture or city) or six (county). A city without
counties (Dongguan, Zhongshan, Danzhou, Jiayuguan) is its own finest division. The Production and
Construction Corps is no division of GB/T 2260; it has the federation's number 66 and reaches over
the cities numbered 6590xx. Development zones have no number at all.

Names and numbers change, so every row of the table says in which yearly states it was seen, and what
a retired division became. Where the table comes from, and what was left out: docs/adr/0007.
Spec: GB/T 2260-2007 and its later amendments.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tongxing.core.errors import Fault
from tongxing.risk.streets import NO_STREETS, Streets, parse_streets

PROVINCE_DIGITS: Final = 2
CITY_DIGITS: Final = 4
COUNTY_DIGITS: Final = 6
CORPS: Final = "66"
CORPS_NAME: Final = "新疆生产建设兵团"
CORPS_CITIES: Final = "6590"
MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50"})
"""Provinces that are one city: their districts stand right under them."""

OLDEST_STATE: Final = 2017
NEWEST_STATE: Final = 2023
_COLUMNS: Final = ["number", "name", "first_year", "last_year", "became"]


@dataclass(frozen=True, slots=True)
class Division:
    """One number with all names that it had; ``last_year`` is None while it is in use.

    ``first_year`` and ``last_year`` are states in which it was seen, not the days of the change:
    a number last seen in 2020 was retired in 2020 or 2021. ``became`` names its successors.
    """

    number: str
    names: tuple[str, ...]
    first_year: int | None = None
    last_year: int | None = None
    became: tuple[str, ...] = ()

    def is_in_use(self, year: int) -> bool:
        """True if the number was surely or possibly in use in ``year``."""
        begun = self.first_year is None or self.first_year <= year
        return begun and (self.last_year is None or year <= self.last_year)


class Gazetteer:
    """All divisions, found by number and by name. Immutable after it is made."""

    __slots__ = ("_by_name", "_by_number", "_counties", "_streets", "_successor_of")

    def __init__(self, divisions: Iterable[Division], streets: Streets = NO_STREETS) -> None:
        self._streets = streets
        self._by_number = {division.number: division for division in divisions}
        self._by_name: dict[tuple[str, str], list[Division]] = defaultdict(list)
        self._counties: dict[str, list[str]] = defaultdict(list)
        self._successor_of: dict[str, list[str]] = defaultdict(list)
        for division in self._by_number.values():
            for name in division.names:
                self._by_name[_above(division.number), name].append(division)
                if len(division.number) == COUNTY_DIGITS:
                    self._by_name[division.number[:PROVINCE_DIGITS], name].append(division)
            if len(division.number) == COUNTY_DIGITS:
                self._counties[division.number[:CITY_DIGITS]].append(division.number)
            for number in division.became:
                self._successor_of[number].append(division.number)

    def __contains__(self, number: str) -> bool:
        return number in self._by_number

    def find(self, number: str) -> Division | None:
        """Return the division with a number, in use or retired, or None."""
        return self._by_number.get(number)

    def name_of(self, number: str) -> str:
        """Return the newest name of a number, empty for one that is not in the table."""
        division = self._by_number.get(number)
        return "" if division is None else division.names[-1]

    def numbers(self) -> tuple[str, ...]:
        """Return every number, in order."""
        return tuple(sorted(self._by_number))

    def counties_of(self, city: str) -> tuple[str, ...]:
        """Return the numbers of all counties, in use or retired, of a four-digit number."""
        return tuple(self._counties.get(city, ()))

    def predecessors_of(self, number: str) -> tuple[str, ...]:
        """Return the retired numbers whose division became this one, or a part of it."""
        return tuple(self._successor_of.get(number, ()))

    def is_leaf(self, number: str) -> bool:
        """True if a numbered division can have no finer one inside: a county, or a city without counties."""
        return len(number) == COUNTY_DIGITS or (len(number) == CITY_DIGITS and number not in self._counties)

    def is_without_city(self, number: str) -> bool:
        """True for a county that its province runs directly, as Xiantao; a municipality's district is none."""
        return (
            len(number) == COUNTY_DIGITS
            and number[:CITY_DIGITS] not in self._by_number
            and number[:PROVINCE_DIGITS] not in MUNICIPALITIES
        )

    def find_province(self, name: str) -> str | None:
        """Return the number of a province-level unit by its full name; the Corps has 66."""
        if name == CORPS_NAME:
            return CORPS
        return _only(self._by_name.get(("", name), ()), None)

    def find_city(self, province: str, name: str, year: int) -> str | None:
        """Return the four-digit number of a city or prefecture of a province by its full name."""
        return _only((one for one in self._by_name.get((province, name), ()) if len(one.number) == CITY_DIGITS), year)

    def find_county(self, above: str, name: str, year: int) -> str | None:
        """Return the six-digit number of a county by its full name under a city or a whole province.

        Where several numbers had the name, those in use in ``year`` count; None if none or still several.
        """
        found = [one for one in self._by_name.get((above, name), ()) if len(one.number) == COUNTY_DIGITS]
        return _only(found, year)

    def find_all_named(self, name: str) -> tuple[str, ...]:
        """Return the numbers of all divisions that have or had a full name, in order: 朝阳区 is two of them.

        The names of what a division lies in may stand before its own: 北京市朝阳区, 湖北省 武汉市 江岸区.
        """
        told = "".join(name.split())
        return tuple(sorted(number for number in self._by_number if self._is_called(number, told)))

    def _is_called(self, number: str, told: str) -> bool:
        own = next((name for name in self._by_number[number].names if told.endswith(name)), None)
        return own is not None and self._lies_in(number, told.removesuffix(own))

    def _lies_in(self, number: str, told: str) -> bool:
        """True if ``told`` is the names of some divisions above ``number``, the highest first, or empty."""
        above = _above(number)
        if not told or not above:
            return not told
        return self._lies_in(above, told) or (above in self._by_number and self._is_called(above, told))

    def find_county_by_street(self, city: str, text: str) -> str | None:
        """Return the county of a city in which the street or town that a text begins with surely lies, or None."""
        county = self._streets.find_county(city, text)
        return county if county in self._by_number else None


def _above(number: str) -> str:
    return number[:-2]


def _only(found: Iterable[Division], year: int | None) -> str | None:
    divisions = list(found)
    if len(divisions) > 1 and year is not None:
        # Within the span of the known states the right one was in use; beyond it the nearest state counts.
        nearest = min(max(year, OLDEST_STATE), NEWEST_STATE)
        divisions = [division for division in divisions if division.is_in_use(nearest)]
    return divisions[0].number if len(divisions) == 1 else None


def parse_divisions(data: bytes, streets: bytes | None = None) -> Gazetteer:
    """Read the table shipped as ``tongxing/data/divisions/divisions.csv`` (UTF-8, one name a row).

    ``streets`` is the table beside it; without it no zone is laid on a county. Raises ``Fault``: the table is ours.
    """
    rows = list(csv.reader(data.decode().splitlines()))
    if not rows or rows[0] != _COLUMNS:
        raise Fault("the table of divisions has other columns")
    by_number: dict[str, list[Division]] = defaultdict(list)
    for number, name, first, last, became in rows[1:]:
        if not (number.isdecimal() and len(number) in (PROVINCE_DIGITS, CITY_DIGITS, COUNTY_DIGITS) and name):
            raise Fault(f"the table of divisions has an impossible row: {number!r}")
        by_number[number].append(
            Division(number, (name,), int(first) if first else None, int(last) if last else None, tuple(became.split()))
        )
    gazetteer = Gazetteer(
        (_merge(states) for states in by_number.values()), NO_STREETS if streets is None else parse_streets(streets)
    )
    for number in gazetteer.numbers():
        division = gazetteer.find(number)
        if division is not None and any(successor not in gazetteer for successor in division.became):
            raise Fault(f"the table of divisions names an unknown successor of {number}")
    return gazetteer


def _merge(states: list[Division]) -> Division:
    """Join the rows of one number: a division that was renamed but kept its number."""
    firsts = [state.first_year for state in states]
    lasts = [state.last_year for state in states]
    return Division(
        number=states[0].number,
        names=tuple(state.names[0] for state in states),
        first_year=None if None in firsts else min(year for year in firsts if year is not None),
        last_year=None if None in lasts else max(year for year in lasts if year is not None),
        became=tuple(number for state in states for number in state.became),
    )
