"""The risk of every division under one list: on the hot path one lookup in a dict.

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

Without a list every origin is unknown. Spec: domain sheet, *Origin*; docs/adr/0007.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Self

from tongxing.core.calendar import beijing_day
from tongxing.core.reports import Origin, OriginRisk, Precision
from tongxing.risk.divisions import CITY_DIGITS, CORPS, CORPS_CITIES, COUNTY_DIGITS, PROVINCE_DIGITS, Gazetteer
from tongxing.risk.official_list import AreaLevel, refused
from tongxing.risk.placing import PlacedEntry, PlacedList
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

RISK_SECTION_MAX_BYTES: Final = 1024 * 1024
NUMBERS_MAX: Final = 20_000
_DIGITS: Final = {
    Precision.EXACT: COUNTY_DIGITS,
    Precision.CITY: CITY_DIGITS,
    Precision.PROVINCE: PROVINCE_DIGITS,
}
_SECTION_LISTS: Final = (OriginRisk.LOW, OriginRisk.MEDIUM, OriginRisk.HIGH, OriginRisk.MIXED)


class RiskMap:
    """The risk of each known division. Immutable; safe to share between threads."""

    __slots__ = ("_risks", "as_of")

    def __init__(self, as_of: datetime | None, risks: Mapping[str, OriginRisk]) -> None:
        self.as_of = as_of
        self._risks = dict(risks)

    @classmethod
    def empty(cls) -> Self:
        """Return the map without any list: every origin is unknown."""
        return cls(None, {})

    @classmethod
    def of(cls, placed: PlacedList, gazetteer: Gazetteer) -> Self:
        """Return the map of a placed list over all numbers of the gazetteer."""
        return cls(placed.as_of, _Rating(placed, gazetteer).rate_all())

    def risk_of(self, origin: Origin) -> OriginRisk:
        """Return the risk of an origin, by its division as far as its precision reaches."""
        digits = _DIGITS.get(origin.precision)
        if origin.division is None or digits is None:
            return OriginRisk.UNKNOWN
        return self.risk_of_division(origin.division[:digits])

    def risk_of_division(self, number: str) -> OriginRisk:
        """Return the risk of a number of 2, 4 or 6 digits; ``441900`` and ``4419`` are the same city."""
        risk = self._risks.get(number)
        if risk is None:
            risk = self._risks.get(_without_zeros(number), OriginRisk.UNKNOWN)
        return risk

    def numbers_at(self, risk: OriginRisk) -> tuple[str, ...]:
        """Return every number with this risk, in order."""
        return tuple(sorted(number for number, known in self._risks.items() if known is risk))


def _without_zeros(number: str) -> str:
    if len(number) == COUNTY_DIGITS and number.endswith("0000"):
        return number[:PROVINCE_DIGITS]
    return number.removesuffix("00")


@dataclass(slots=True)
class _Marks:
    """What the list says of one number: levels of the whole, and levels of parts of it."""

    whole: set[AreaLevel] = field(default_factory=set)
    parts: set[AreaLevel] = field(default_factory=set)


class _Rating:
    """The working of ``RiskMap.of``."""

    def __init__(self, placed: PlacedList, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._year = beijing_day(placed.as_of).year
        self._marks: dict[str, _Marks] = defaultdict(_Marks)
        for entry in placed.entries:
            self._mark(entry)

    def _mark(self, placed: PlacedEntry) -> None:
        if placed.division is None:
            return
        marks = self._marks[placed.division]
        (marks.whole if placed.zone is None else marks.parts).add(placed.entry.level)

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


def encode_risk_section(risk_map: RiskMap) -> bytes:
    """Return the bundle's section ``risk``: canonical CBOR of the hour and the numbers at each risk.

    Numbers are written as whole numbers (no division's number begins with a zero); what is in none of
    the four lists is unknown.
    """
    return encode_canonical(
        {
            "as_of_seconds": None if risk_map.as_of is None else int(risk_map.as_of.timestamp()),
            **{risk.value: [int(number) for number in risk_map.numbers_at(risk)] for risk in _SECTION_LISTS},
        }
    )


def parse_risk_section(data: bytes) -> RiskMap:
    """Return the map in a bundle's section of at most ``RISK_SECTION_MAX_BYTES``.

    Raises ``Refused(RISK_LIST_REFUSED)``: not canonical CBOR, another shape, a number that no division
    can have, the same number twice, or numbers without an hour.
    """
    try:
        content = parse_canonical(data, RISK_SECTION_MAX_BYTES)
    except WireError as error:
        raise refused(f"risk section: {error}") from error
    if not isinstance(content, dict) or content.keys() != {"as_of_seconds", *(risk.value for risk in _SECTION_LISTS)}:
        raise refused("risk section: not the hour and the four lists")
    risks: dict[str, OriginRisk] = {}
    for risk in _SECTION_LISTS:
        for number in _read_numbers(content[risk.value]):
            if number in risks:
                raise refused(f"risk section: {number} stands twice")
            risks[number] = risk
    return RiskMap(_read_as_of(content["as_of_seconds"], has_numbers=bool(risks)), risks)


def _read_numbers(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > NUMBERS_MAX:
        raise refused("risk section: not a list of numbers, or too long")
    for number in value:
        if not isinstance(number, int) or len(str(number)) not in (PROVINCE_DIGITS, CITY_DIGITS, COUNTY_DIGITS):
            raise refused("risk section: a number that no division can have")
    return [str(number) for number in value]


def _read_as_of(value: object, *, has_numbers: bool) -> datetime | None:
    if value is None and not has_numbers:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 32:
        raise refused("risk section: no possible hour")
    return datetime.fromtimestamp(value, UTC)
