"""The book of rules: every version of every table, found by region, site and day.

File names say whose table it is: ``45.toml``, ``4501.toml``, ``45-north_station.toml`` for one site, and
``national.toml`` for floor and ceiling; a version from a later day on adds it: ``45@2021-03-23.toml``. A later
version replaces the earlier one from its first day on. The tables that hold at a place are a *stack*, most local
first: site, city, province, national. Spec: design, *Formats*: bundle; issue "rules", *Rule tables*.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.rules.rows import RegisteredException
from tongxing.rules.tables import RuleTable, parse_rule_table

NATIONAL_FILE: Final = "national"
TABLES_MAX: Final = 2048
"""Versions in one book: each of 400 regions can change its rules some times."""

_FILE_NAME: Final = re.compile(
    r"(?P<region>national|[0-9]{4}|[0-9]{2})(-(?P<site>[a-z0-9][a-z0-9_]{0,47}))?"
    r"(@(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}))?\.toml"
)
_PROVINCE_DIGITS: Final = 2

_Place = tuple[RegionId, str]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every version of every table, by region and site, in the order of their first days. Immutable.

    ``names`` are the files' names, by region, site and first day.
    """

    versions: Mapping[_Place, tuple[RuleTable, ...]]
    names: Mapping[tuple[RegionId, str, date], str] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[RuleTable, ...]:
        """Every version of every table, by region, site and first day."""
        return tuple(table for place in sorted(self.versions) for table in self.versions[place])

    def table_on(self, region: RegionId, site: str, on: date) -> RuleTable | None:
        """Return the version in force of a region's or site's own table on a Beijing day, or None."""
        begun = [table for table in self.versions.get((region, site), ()) if table.days.first <= on]
        return begun[-1] if begun and begun[-1].days.holds(on) else None

    def stack_on(self, region: RegionId, on: date, site: str = "") -> tuple[RuleTable, ...]:
        """Return the tables that hold at a place on a day, most local first; a place without any has the national."""
        places: list[_Place] = [(region, site)] if site else []
        places.append((region, ""))
        if len(region) > _PROVINCE_DIGITS:
            places.append((RegionId(region[:_PROVINCE_DIGITS]), ""))
        if region != FEDERATION:
            places.append((FEDERATION, ""))
        found = (self.table_on(*place, on) for place in places)
        return tuple(table for table in found if table is not None)

    def days_of_change(self) -> tuple[date, ...]:
        """Return the first days of all versions, in order."""
        return tuple(sorted({table.days.first for table in self.tables}))

    def exceptions_on(self, on: date) -> tuple[tuple[RuleTable, RegisteredException], ...]:
        """Return every registered exception in force on a day, with the table in which it stands."""
        in_force = (self.table_on(*place, on) for place in sorted(self.versions))
        return tuple((table, entry) for table in in_force if table for entry in table.exceptions_in_force(on))


def parse_rule_book(files: Mapping[str, bytes]) -> RuleBook:
    """Return the book of a set of files, by name.

    Raises ``Refused(RULES_REFUSED)`` naming the file: a name that is none of the forms above or not its table's own,
    whatever ``parse_rule_table`` refuses, two versions from one day or with numbers out of order, and a version
    with a last day that reaches into the next, and one id for the tables of two places of a region.
    """
    if len(files) > TABLES_MAX:
        raise _refused(f"{len(files)} tables, at most {TABLES_MAX} are allowed")
    versions: dict[_Place, list[tuple[str, RuleTable]]] = {}
    for name in sorted(files):
        table = parse_named_table(name, files[name])
        versions.setdefault((table.region, table.site), []).append((name, table))
    _check_names(versions)
    for held in versions.values():
        held.sort(key=lambda each: each[1].days.first)
        for (earlier_name, earlier), (later_name, later) in pairwise(held):
            _check_succession(earlier_name, earlier, later_name, later)
    return RuleBook(
        {place: tuple(table for _, table in held) for place, held in versions.items()},
        {(*place, table.days.first): name for place, held in versions.items() for name, table in held},
    )


def parse_named_table(name: str, data: bytes) -> RuleTable:
    """Return the table in a file, which is the one that the file's name says."""
    named = _FILE_NAME.fullmatch(name)
    if named is None:
        raise _refused(f"{name[:80]!r} is no name of a rule table")
    try:
        table = parse_rule_table(data)
    except Refused as refusal:
        raise _refused(f"{name}: {refusal.detail}") from refusal
    region = FEDERATION if named["region"] == NATIONAL_FILE else RegionId(named["region"])
    if (region, named["site"] or "") != (table.region, table.site):
        whose = f"site {table.site} of region {table.region}" if table.site else f"region {table.region}"
        raise _refused(f"{name} holds the table of {whose}")
    if named["day"] is not None and named["day"] != table.days.first.isoformat():
        raise _refused(f"{name} holds a table from {table.days.first.isoformat()} on")
    return table


def file_name_of(book: RuleBook, table: RuleTable) -> str:
    """Return the name under which a version of a table goes into ``book``: that of the version it replaces, if any."""
    held = book.names.get((table.region, table.site, table.days.first))
    if held is not None:
        return held
    region = NATIONAL_FILE if table.region == FEDERATION else table.region
    site = f"-{table.site}" if table.site else ""
    day = f"@{table.days.first.isoformat()}" if (table.region, table.site) in book.versions else ""
    return f"{region}{site}{day}.toml"


def _check_names(versions: Mapping[_Place, Sequence[tuple[str, RuleTable]]]) -> None:
    """Verdicts name rows as ``region/table/row``: within a region, no two places share a table's id."""
    places: dict[tuple[RegionId, str], tuple[str, str]] = {}
    for (region, site), held in versions.items():
        for name, table in held:
            first_site, first_name = places.setdefault((region, table.id), (site, name))
            if first_site != site:
                raise _refused(f"{first_name} and {name} are tables of two places with one id, {table.id!r}")


def _check_succession(earlier_name: str, earlier: RuleTable, later_name: str, later: RuleTable) -> None:
    first, last = later.days.first, earlier.days.last
    if earlier.days.first == first:
        raise _refused(f"{earlier_name} and {later_name} are both in force from {first.isoformat()} on")
    if last is not None and last >= first:
        raise _refused(
            f"{earlier_name} is in force until {last.isoformat()}, {later_name} from {first.isoformat()} on: "
            "the days overlap"
        )
    if later.version <= earlier.version:
        raise _refused(
            f"{later_name} is version {later.version}, and {earlier_name} before it version {earlier.version}"
        )


def _refused(detail: str) -> Refused:
    return Refused(ProblemId.RULES_REFUSED, detail)
