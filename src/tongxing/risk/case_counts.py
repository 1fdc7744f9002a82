"""Daily cumulative case counts of cities, read strictly from a table, each row laid on a numbered division.

The form is that of the public tables of early 2020: CSV with a header, one row a day and place:
``date, country, countryCode, province, provinceCode, city, cityCode, confirmed, suspected, cured, dead``.
A row without a city is its province's total. Rows are of four kinds (`PlaceKind`): a numbered place, a
province's total, imported cases, and local cases that the source lays on no numbered place. The counts
are cumulative, so a day without a row keeps the last count known. Nothing is corrected here but where a
row stands; what is odd is told by name.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

from tongxing.risk.divisions import CITY_DIGITS, CORPS_CITIES, COUNTY_DIGITS, PROVINCE_DIGITS, Gazetteer
from tongxing.risk.official_list import refused

CASES_MAX_BYTES: Final = 16 * 1024 * 1024
CASE_ROWS_MAX: Final = 200_000
CASES_MAX: Final = 10_000_000
COLUMNS: Final = ("date", "country", "province", "provinceCode", "city", "cityCode", "confirmed")
"""The columns that are needed; others are not looked at."""

CHINA: Final = "中国"
IMPORTED_WORD: Final = "境外"
"""A row with this word in its place counts people who brought the infection from abroad."""

ODDITIES_TOLD_MAX: Final = 100
_KINDS_OF_NAME: Final = ("", "市", "县", "区", "地区", "自治州")
"""What the source leaves away at the end of a name (公主岭 for 公主岭市)."""


class PlaceKind(StrEnum):
    """What a row counts."""

    NUMBERED = "numbered"
    TOTAL = "total"
    IMPORTED = "imported"
    UNPLACED = "unplaced"


class CaseOddityKind(StrEnum):
    """What can be odd in a table that is well-formed."""

    NEGATIVE_CORRECTION = "negative_correction"
    DUPLICATE_ROW = "duplicate_row"
    UNPLACED_NAME = "unplaced_name"
    WITHDRAWN_PLACE = "withdrawn_place"
    TOTAL_DISAGREES = "total_disagrees"
    MISSING_DAY = "missing_day"


@dataclass(frozen=True, slots=True)
class CaseOddity:
    """One oddity: its kind, and a sentence that says where."""

    kind: CaseOddityKind
    detail: str


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What a series counts: the number of a division (of the province unless numbered) and, if unplaced, its name."""

    number: str
    kind: PlaceKind
    name: str = ""


@dataclass(slots=True)
class CaseCounts:
    """Cumulative confirmed cases of each place by day, and what is odd. ``days`` are those with any row, in order."""

    series: Mapping[Place, Mapping[date, int]]
    days: tuple[date, ...]
    oddity_counts: Counter[CaseOddityKind] = field(default_factory=Counter)
    oddities: list[CaseOddity] = field(default_factory=list)

    def tell(self, kind: CaseOddityKind, detail: str) -> None:
        """Count an oddity, and name it as long as few are named."""
        self.oddity_counts[kind] += 1
        if len(self.oddities) < ODDITIES_TOLD_MAX:
            self.oddities.append(CaseOddity(kind, detail))

    def count_on(self, place: Place, day: date) -> int:
        """Return the cumulative count of a place at the end of a day: the last one known, 0 before the first."""
        known = [known for known in self.series.get(place, ()) if known <= day]
        return self.series[place][max(known)] if known else 0


def parse_case_counts(data: bytes, gazetteer: Gazetteer, *, up_to: date) -> CaseCounts:
    """Read a table of at most ``CASES_MAX_BYTES``; rows after ``up_to`` are not looked at beyond their form.

    Raises ``Refused(RISK_LIST_REFUSED)`` by line: too large, not UTF-8, no CSV, columns missing, a day, a count or
    a province that cannot be.
    """
    series: dict[Place, dict[date, int]] = defaultdict(dict)
    counts = CaseCounts(series, ())
    days: set[date] = set()
    placing = _CasePlacing(gazetteer, up_to.year)
    for line, day, row in _read_rows(data):
        confirmed = _read_count(row["confirmed"], line)
        if row["country"] != CHINA or day > up_to:
            continue
        place = placing.find(row["province"], row["city"], row["cityCode"], line)
        days.add(day)
        if day in series[place]:
            names = f"{row['province']} {row['city']}"
            counts.tell(
                CaseOddityKind.DUPLICATE_ROW, f"line {line} ({names}, {day}) stands there twice: the larger counts"
            )
            confirmed = max(confirmed, series[place][day])
        series[place][day] = confirmed
    counts.days = tuple(sorted(days))
    _tell_oddities(counts)
    return counts


def _read_rows(data: bytes) -> Iterator[tuple[int, date, dict[str, str]]]:
    if len(data) > CASES_MAX_BYTES:
        raise refused(f"the table of cases has more than {CASES_MAX_BYTES} bytes")
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise refused(f"the table of cases lacks the column {missing[0]}")
        for number, row in enumerate(reader, 2):
            if number > CASE_ROWS_MAX:
                raise refused(f"the table of cases has more than {CASE_ROWS_MAX} rows")
            if any(row[column] is None for column in COLUMNS):
                raise refused(f"line {number} of the table of cases is too short")
            yield number, _read_day(row["date"], number), row
    except UnicodeDecodeError as error:
        raise refused(f"the table of cases is not UTF-8: {error}") from error
    except csv.Error as error:
        raise refused(f"the table of cases is no CSV: {error}") from error


def _read_day(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refused(f"line {line}: no day: {text[:20]!r}") from error


def _read_count(text: str, line: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(CASES_MAX)) and int(text) <= CASES_MAX):
        raise refused(f"line {line}: no count of cases: {text[:20]!r}")
    return int(text)


class _CasePlacing:
    """Lays names on numbers; remembers what it found, as the same places come back each day."""

    def __init__(self, gazetteer: Gazetteer, year: int) -> None:
        self._gazetteer = gazetteer
        self._year = year
        self._found: dict[tuple[str, str, str], Place] = {}

    def find(self, province: str, city: str, number: str, line: int) -> Place:
        key = (province, city, number)
        if key not in self._found:
            above = self._gazetteer.find_province(province)
            if above is None:
                raise refused(f"line {line}: no province: {province[:20]!r}")
            self._found[key] = self._place(above, province, city, number)
        return self._found[key]

    def _place(self, above: str, province: str, city: str, number: str) -> Place:
        if not city:
            return Place(above, PlaceKind.TOTAL)
        if IMPORTED_WORD in city:
            return Place(above, PlaceKind.IMPORTED)
        if city == province:  # Taiwan, Hong Kong and Macao have one row besides the total.
            return Place(above, PlaceKind.NUMBERED)
        found = self._by_number(above, city, number) or self._by_name(above, city)
        if found is None:
            return Place(above, PlaceKind.UNPLACED, city)
        return Place(self._in_use(found), PlaceKind.NUMBERED)

    def _by_number(self, above: str, city: str, number: str) -> str | None:
        """A number counts only where its division's name agrees: the source's own numbers are no division's."""
        short = number[:CITY_DIGITS] if number.endswith("00") else number
        division = self._gazetteer.find(short)
        if division is None or not short.startswith(above) or len(short) not in (CITY_DIGITS, COUNTY_DIGITS):
            return None
        agrees = any(name.startswith(city) or city.startswith(name) for name in division.names)
        return short if agrees else None

    def _by_name(self, above: str, city: str) -> str | None:
        for kind in _KINDS_OF_NAME:
            name = city + kind
            found = self._gazetteer.find_city(above, name, self._year)
            found = found or self._gazetteer.find_county(above, name, self._year)
            if found is not None:
                return found
        if CORPS_CITIES.startswith(above):  # 第八师石河子市
            for number in self._gazetteer.counties_of(CORPS_CITIES):
                division = self._gazetteer.find(number)
                if division is not None and any(name in city for name in division.names):
                    return number
        return None

    def _in_use(self, number: str) -> str:
        division = self._gazetteer.find(number)
        if division is not None and not division.is_in_use(self._year) and len(division.became) == 1:
            return division.became[0]
        return number


def _tell_oddities(counts: CaseCounts) -> None:
    if not counts.days:
        raise refused("the table of cases has no row of China up to that day")
    span = (counts.days[-1] - counts.days[0]).days + 1
    if span != len(counts.days):
        missing = span - len(counts.days)
        counts.tell(CaseOddityKind.MISSING_DAY, f"{missing} of {span} days have no row: the last count known stands")
    last_of_province: dict[str, date] = {}
    for place, by_day in counts.series.items():
        province = place.number[:PROVINCE_DIGITS]
        last_of_province[province] = max(last_of_province.get(province, counts.days[0]), *by_day)
    for place, by_day in sorted(counts.series.items()):
        said = f"{place.number} {place.name}".strip()
        days = sorted(by_day)
        for before, after in pairwise(days):
            if by_day[after] < by_day[before]:
                change = f"{by_day[before]} became {by_day[after]} on {after}"
                counts.tell(CaseOddityKind.NEGATIVE_CORRECTION, f"{said} ({place.kind}): {change}")
        if place.kind is PlaceKind.UNPLACED:
            counts.tell(CaseOddityKind.UNPLACED_NAME, f"{said} is no numbered division")
        if days[-1] < last_of_province[place.number[:PROVINCE_DIGITS]] and by_day[days[-1]]:
            counts.tell(CaseOddityKind.WITHDRAWN_PLACE, f"{said} ({place.kind}) was last named on {days[-1]}")
    _tell_totals(counts)


def _tell_totals(counts: CaseCounts) -> None:
    """Compare each province's stated total with its rows, on the last day."""
    day = counts.days[-1]
    sums: Counter[str] = Counter()
    for place, by_day in counts.series.items():
        if place.kind is not PlaceKind.TOTAL:
            sums[place.number[:PROVINCE_DIGITS]] += by_day.get(day, 0)
    for place, by_day in sorted(counts.series.items()):
        if place.kind is PlaceKind.TOTAL and day in by_day and by_day[day] != sums[place.number]:
            detail = f"{place.number} on {day}: the total is {by_day[day]}, its rows make {sums[place.number]}"
            counts.tell(CaseOddityKind.TOTAL_DISAGREES, detail)
