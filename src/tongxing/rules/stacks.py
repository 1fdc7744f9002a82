"""What a table is proven with: the version under proof, what stands under it, the national table, day by day.

A version holds from its first day until its last or the day before the next version's first. What a place's rules
say can change only on a day of change of one of the tables in its stack, so each span of days between two of
them is proven once. A proof depends on nothing but the ``Stack``: equal stacks need no second proof.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from tongxing.core.causes import CAUSES
from tongxing.core.words import FEDERATION, RegionId
from tongxing.rules.book import RuleBook
from tongxing.rules.encoding import PlacedRow
from tongxing.rules.rows import Days, RuleRow
from tongxing.rules.tables import RuleTable

_DAY = timedelta(days=1)
_PROVINCE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a table and the days on which it is the one in force."""

    table: RuleTable
    days: Days

    @property
    def name(self) -> str:
        """``region/table``, or ``region-site/table``."""
        site = f"-{self.table.site}" if self.table.site else ""
        return f"{self.table.region}{site}/{self.table.id}"


@dataclass(frozen=True, slots=True)
class Stack:
    """A version under proof; what it falls through to, most local first; and the national table of those days."""

    own: Version
    below: tuple[Version, ...] = ()
    national: tuple[Version, ...] = ()

    def days_of_change(self) -> tuple[date, ...]:
        """Return the days of the version's life on which it, or what it is proven with, may say something new."""
        spans = [self.own.days]
        for version in {self.own, *self.below, *self.national}:
            table = version.table
            spans += [version.days, *(row.days for row in table.rows), *(row.days for row in table.ceilings)]
            spans += [entry.row.days for entry in table.exceptions]
        days = {span.first for span in spans}
        days |= {span.last + _DAY for span in spans if span.last is not None and span.last < date.max}
        days |= {entry.since for cause in CAUSES.values() for entry in cause.levels}
        return tuple(sorted(day for day in days if self.own.days.holds(day)))

    def place_rows(self, days: Sequence[date]) -> tuple[PlacedRow, ...]:
        """Return every row that is in force in some span, in the order in which they decide."""
        return tuple(
            placed for version in (self.own, *self.below) for placed in _place(version, days, own=version is self.own)
        )

    def place_national_rows(self, days: Sequence[date]) -> tuple[PlacedRow, ...]:
        """Return the national table's rows, as they would decide alone."""
        return tuple(placed for version in self.national for placed in _place(version, days, own=False))


def _place(version: Version, days: Sequence[date], *, own: bool) -> Iterator[PlacedRow]:
    table = version.table
    rows: list[tuple[RuleRow, bool]] = [(entry.row, True) for entry in table.exceptions]
    rows += [(row, False) for row in table.rows]
    for row, by_exception in rows:
        spans = frozenset(place for place, day in enumerate(days) if version.days.holds(day) and row.days.holds(day))
        if spans:
            yield PlacedRow(table.public_name(row.id), row, spans, own, by_exception)


def stacks_of(book: RuleBook) -> Iterator[Stack]:
    """Yield what has to be proven of a book: each version of each table with all that it stands on."""
    versions = {place: versions_of(tables) for place, tables in book.versions.items()}
    for region, site in sorted(versions):
        below = [each for place in _places_below(region, site) for each in versions.get(place, ())]
        for own in versions[region, site]:
            under = tuple(each for each in below if _overlap(own.days, each.days))
            national = tuple(each for each in versions.get((FEDERATION, ""), ()) if _overlap(own.days, each.days))
            yield Stack(own, under, national)


def versions_of(tables: Sequence[RuleTable]) -> tuple[Version, ...]:
    """Return the versions of one table, in the order of their first days, with the days on which each holds."""
    ends = [following.days.first - _DAY for following in tables[1:]]
    return tuple(
        Version(table, Days(table.days.first, _earlier(table.days.last, end)))
        for table, end in zip_longest(tables, ends)
    )


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _places_below(region: RegionId, site: str) -> Iterator[tuple[RegionId, str]]:
    if site:
        yield region, ""
    if len(region) > _PROVINCE_DIGITS:
        yield RegionId(region[:_PROVINCE_DIGITS]), ""
    if region != FEDERATION:
        yield FEDERATION, ""


def _overlap(one: Days, other: Days) -> bool:
    return (one.last is None or other.first <= one.last) and (other.last is None or one.first <= other.last)
