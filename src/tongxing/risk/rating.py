"""From a placed list to the risk of every number of the gazetteer.

What a placed list says becomes, for each number of the gazetteer, one ``OriginRisk``:

- a whole county listed, and nothing in it at another level: that level;
- areas above low in it, named or contradicting the whole: *mixed*. Who is known only by the county may
  or may not come from there, so neither admits nor condemns. A street never raises its county, nor a
  zone or an unknown name its city's counties;
- nothing above low in it: low. The list in force says so by not naming it;
- a city or province: its level where the list names it as a whole, else low if nothing inside is above
  low, else mixed (domain sheet, *Origin*);
- a number retired before the list, or not yet given: what its successors or predecessors have, and
  without any *unknown*, like each number that the gazetteer does not have.

Spec: domain sheet, *Origin*; docs/adr/0007.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tongxing.core.calendar import beijing_day
from tongxing.core.reports import OriginRisk
from tongxing.risk.divisions import CITY_DIGITS, CORPS, CORPS_CITIES, COUNTY_DIGITS, PROVINCE_DIGITS
from tongxing.risk.official_list import AreaLevel
from tongxing.risk.placing import PlacedEntry, PlacedList, Placement


def rate_divisions(placed: PlacedList) -> dict[str, OriginRisk]:
    """Return the risk of every number, the Corps' 66 among them."""
    return _Rating(placed).rate_all()


@dataclass(slots=True)
class _Marks:
    """What the list says of one number: levels of the whole, and levels of parts of it."""

    whole: set[AreaLevel] = field(default_factory=set)
    parts: set[AreaLevel] = field(default_factory=set)


class _Rating:
    """The working of ``rate_divisions``: what the list says of each number, and the rules over it."""

    def __init__(self, placed: PlacedList) -> None:
        self._gazetteer = placed.gazetteer
        self._year = beijing_day(placed.as_of).year
        self._marks: dict[str, _Marks] = defaultdict(_Marks)
        for entry in placed.entries:
            self._mark(entry)

    def _mark(self, placed: PlacedEntry) -> None:
        if placed.division is None:
            return
        marks = self._marks[placed.division]
        # Only what was surely found speaks for a whole division; a name that was not found never does.
        is_whole = placed.zone is None and placed.placement is Placement.EXACT
        (marks.whole if is_whole else marks.parts).add(placed.entry.level)

    def rate_all(self) -> dict[str, OriginRisk]:
        numbers = self._gazetteer.numbers()
        risks = {number: self._rate_leaf(number) for number in numbers if self._gazetteer.is_leaf(number)}
        for digits in (CITY_DIGITS, PROVINCE_DIGITS):
            inside: dict[str, set[OriginRisk]] = defaultdict(set)
            for number, risk in risks.items():
                if self._counts_above(number):
                    inside[number[:digits]].add(risk)
            for number in numbers:
                if len(number) == digits and number not in risks:
                    risks[number] = self._rate_above(number, inside[number])
        corps = {risk for number, risk in risks.items() if number.startswith(CORPS_CITIES)}
        risks[CORPS] = self._rate_above(CORPS, corps)
        return risks

    def _counts_above(self, number: str) -> bool:
        """True if a number says something of the city and province above: in use, or named by the list."""
        division = self._gazetteer.find(number)
        return number in self._marks or (division is not None and division.is_in_use(self._year))

    def _rate_leaf(self, number: str) -> OriginRisk:
        own = self._marks.get(number)
        above = self._marks.get(number[:CITY_DIGITS]) if len(number) == COUNTY_DIGITS else None
        inherited = above.whole if above is not None else set()
        if own is not None or inherited:
            marks = own or _Marks()
            return _risk_of_marks(marks.whole or inherited, marks.parts)
        division = self._gazetteer.find(number)
        if division is None:
            return OriginRisk.UNKNOWN
        if not division.is_in_use(self._year):
            is_retired = division.last_year is not None and division.last_year < self._year
            others = division.became if is_retired else self._gazetteer.predecessors_of(number)
            return _join(self._risk_by_marks(other) for other in others) if others else OriginRisk.UNKNOWN
        # The list may still use a number, or name, that has become a part of this one.
        older = [other for other in self._gazetteer.predecessors_of(number) if other in self._marks]
        was_there = [OriginRisk.LOW] if division.first_year is None else []
        return _join([*was_there, *map(self._risk_by_marks, older)]) if older else OriginRisk.LOW

    def _risk_by_marks(self, number: str) -> OriginRisk:
        marks = self._marks.get(number, _Marks())
        return _risk_of_marks(marks.whole, marks.parts)

    def _rate_above(self, number: str, inside: Iterable[OriginRisk]) -> OriginRisk:
        marks = self._marks.get(number, _Marks())
        own = _risk_of_marks(marks.whole, marks.parts)
        others = set(inside) - {OriginRisk.LOW, OriginRisk.UNKNOWN}
        if marks.whole and own is not OriginRisk.MIXED and others <= {own}:
            return own
        return OriginRisk.MIXED if others or own is not OriginRisk.LOW else OriginRisk.LOW


def _risk_of_marks(whole: set[AreaLevel], parts: set[AreaLevel]) -> OriginRisk:
    levels = whole | parts
    if levels <= {AreaLevel.LOW}:
        return OriginRisk.LOW
    if whole and len(levels) == 1:
        return OriginRisk(levels.pop().value)
    return OriginRisk.MIXED


def _join(risks: Iterable[OriginRisk]) -> OriginRisk:
    different = set(risks)
    return different.pop() if len(different) == 1 else OriginRisk.MIXED
