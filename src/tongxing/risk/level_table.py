"""The small table of one day's levels, as it ships: written from case counts, read to a ``RiskMap``.

CSV (UTF-8) behind a head of lines that begin with ``#``: where the counts come from, by which command the
table was made, what is assumed. Columns ``number, name, kind, level, confirmed, new``; ``kind`` is *unit* (a
city, a municipality, a county with rows of its own), *remainder* (what is left of a city beside such counties),
*imported* or *unplaced* (cases of a province shown apart, without a level).
"""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from tongxing.core.calendar import BEIJING, end_of_beijing_day
from tongxing.core.reports import OriginRisk
from tongxing.risk.case_counts import PlaceKind
from tongxing.risk.case_levels import OUTSIDE_THE_RULE, CaseLevels, CasesApart, UnitLevel
from tongxing.risk.divisions import CITY_DIGITS, CORPS, CORPS_CITIES, COUNTY_DIGITS, PROVINCE_DIGITS, Gazetteer
from tongxing.risk.official_list import AreaLevel, refused
from tongxing.risk.risk_map import RiskMap

TABLE_MAX_BYTES: Final = 1024 * 1024
_COLUMNS: Final = ["number", "name", "kind", "level", "confirmed", "new"]
_UNIT: Final = "unit"
_REMAINDER: Final = "remainder"
_ON: Final = "# on: "
_COUNT_DIGITS_MAX: Final = 8


def encode_level_table(levels: CaseLevels, gazetteer: Gazetteer, head: Sequence[str]) -> bytes:
    """Return the table; ``head`` are its lines of explanation, without ``#``."""
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in head)
    text.write(f"{_ON}{levels.on}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for kind, units in ((_UNIT, levels.units), (_REMAINDER, levels.remainders)):
        for unit in units:
            division = gazetteer.find(unit.number)
            name = division.names[-1] if division is not None else ""
            writer.writerow([unit.number, name, kind, unit.level or "", unit.confirmed, unit.new])
    for apart in levels.apart:
        division = gazetteer.find(apart.province)
        name = division.names[-1] if division is not None else ""
        writer.writerow([apart.province, name, apart.kind, "", apart.confirmed, apart.new])
    return text.getvalue().encode()


def parse_level_table(data: bytes) -> CaseLevels:
    """Read a table of at most ``TABLE_MAX_BYTES``.

    Raises ``Refused(RISK_LIST_REFUSED)`` by line: too large, not UTF-8, no day, other columns, a number, kind,
    level or count that cannot be, a unit twice.
    """
    if len(data) > TABLE_MAX_BYTES:
        raise refused(f"the table of levels has more than {TABLE_MAX_BYTES} bytes")
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError as error:
        raise refused(f"the table of levels is not UTF-8: {error}") from error
    head = [line for line in lines if line.startswith("#")]
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    if not rows or rows[0] != _COLUMNS:
        raise refused("the table of levels has other columns")
    units: dict[tuple[str, str], UnitLevel] = {}
    apart = []
    for number, row in enumerate(rows[1:], len(head) + 2):
        if len(row) != len(_COLUMNS):
            raise refused(f"line {number} of the table of levels has {len(row)} fields")
        kind = row[2]
        if kind in (PlaceKind.IMPORTED, PlaceKind.UNPLACED):
            apart.append(CasesApart(row[0], PlaceKind(kind), *_read_counts(row, number)))
        elif kind not in (_UNIT, _REMAINDER):
            raise refused(f"line {number} of the table of levels: no kind: {kind[:20]!r}")
        elif (kind, row[0]) in units:
            raise refused(f"line {number} of the table of levels: {row[0]} stands twice")
        else:
            units[kind, row[0]] = UnitLevel(row[0], _read_level(row[3], number), *_read_counts(row, number))
    return CaseLevels(
        on=_read_day(head),
        units=tuple(unit for (kind, _), unit in units.items() if kind == _UNIT),
        apart=tuple(apart),
        remainders=tuple(unit for (kind, _), unit in units.items() if kind == _REMAINDER),
    )


def _read_day(head: Sequence[str]) -> date:
    days = [line.removeprefix(_ON) for line in head if line.startswith(_ON)]
    if len(days) != 1:
        raise refused("the head of the table of levels does not name its day once")
    try:
        return date.fromisoformat(days[0])
    except ValueError as error:
        raise refused(f"the table of levels is of no day: {days[0][:20]!r}") from error


def _read_level(text: str, line: int) -> AreaLevel | None:
    if not text:
        return None
    try:
        return AreaLevel(text)
    except ValueError as error:
        raise refused(f"line {line} of the table of levels: no level: {text[:20]!r}") from error


def _read_counts(row: Sequence[str], line: int) -> tuple[int, int]:
    number, counts = row[0], row[4:]
    if not (number.isascii() and number.isdecimal() and len(number) in (PROVINCE_DIGITS, CITY_DIGITS, COUNTY_DIGITS)):
        raise refused(f"line {line} of the table of levels: no number of a division: {number[:20]!r}")
    if not all(text.isascii() and text.isdecimal() and len(text) <= _COUNT_DIGITS_MAX for text in counts):
        raise refused(f"line {line} of the table of levels: no count of cases")
    confirmed, new = map(int, counts)
    return confirmed, new


def map_case_levels(levels: CaseLevels, gazetteer: Gazetteer) -> RiskMap:
    """Return the risk of every number at the end of that day.

    A unit has its level. A county without rows of its own is low if its city (or what is left of it) is low, else
    mixed: which of them the cases are from is not known. A province is low if all in it is low and it has no new
    unplaced case, else mixed; a municipality is a unit. What the rule does not reach is unknown.
    """
    return RiskMap(end_of_day(levels.on), _rate(levels, gazetteer))


def end_of_day(day: date) -> datetime:
    """Return the Beijing midnight that ends a day: the moment that its levels speak of."""
    return end_of_beijing_day(datetime.combine(day, time(12), BEIJING))


def _rate(levels: CaseLevels, gazetteer: Gazetteer) -> dict[str, OriginRisk]:
    risks = {unit.number: OriginRisk(unit.level) for unit in levels.units if unit.level is not None}
    left = {**risks, **{unit.number: OriginRisk(unit.level) for unit in levels.remainders if unit.level is not None}}
    unplaced = {one.province for one in levels.apart if one.kind is PlaceKind.UNPLACED and one.new}
    for number in gazetteer.numbers():
        if number in risks or len(number) != COUNTY_DIGITS or number[:PROVINCE_DIGITS] in OUTSIDE_THE_RULE:
            continue
        above = left.get(number[:CITY_DIGITS], left.get(number[:PROVINCE_DIGITS]))
        if above is not None:
            risks[number] = OriginRisk.LOW if above is OriginRisk.LOW else OriginRisk.MIXED
    for number in gazetteer.numbers():
        division = gazetteer.find(number)
        if number not in risks and division is not None and division.became:
            now = {risks.get(successor, OriginRisk.UNKNOWN) for successor in division.became}
            risks[number] = now.pop() if len(now) == 1 else OriginRisk.MIXED
    inside: dict[str, set[OriginRisk]] = defaultdict(set)
    for number, risk in risks.items():
        inside[number[:PROVINCE_DIGITS]].add(risk)
        if number.startswith(CORPS_CITIES):
            inside[CORPS].add(risk)
    for number, found in inside.items():
        is_low = found == {OriginRisk.LOW} and number not in unplaced
        risks.setdefault(number, OriginRisk.LOW if is_low else OriginRisk.MIXED)
    return {number: risk for number, risk in risks.items() if number in gazetteer or number == CORPS}


@dataclass(frozen=True, slots=True)
class CountyShare:
    """How many counties are surely low by the city counts, and how many can be at most, of how many."""

    surely_low: int
    at_most_low: int
    counties: int


def count_low_counties(levels: CaseLevels, gazetteer: Gazetteer) -> CountyShare:
    """Compare with a published share of low counties as far as counts of cities allow.

    Of a city that is not low at least one county is not, and no more than it has new cases or counties.
    """
    risks = map_case_levels(levels, gazetteer)
    leaves = [
        number for number in gazetteer.numbers() if gazetteer.is_leaf(number) and _counts(gazetteer, number, levels.on)
    ]
    low = sum(risks.risk_of_division(number) is OriginRisk.LOW for number in leaves)
    spared = 0
    for unit in levels.units:
        if unit.level in (AreaLevel.MEDIUM, AreaLevel.HIGH) and len(unit.number) < COUNTY_DIGITS:
            mixed = [n for n in leaves if n.startswith(unit.number) and risks.risk_of_division(n) is OriginRisk.MIXED]
            spared += max(0, len(mixed) - 1)
    return CountyShare(low, low + spared, len(leaves))


def _counts(gazetteer: Gazetteer, number: str, on: date) -> bool:
    division = gazetteer.find(number)
    return division is not None and division.is_in_use(on.year) and number[:PROVINCE_DIGITS] not in OUTSIDE_THE_RULE
