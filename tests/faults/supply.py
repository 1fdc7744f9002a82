"""People and reports for whoever sends while things break: none twice on one ground, so that all can be counted.

A report is told from every other by the second as of which it is: that is its number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from tongxing.core.calendar import BEIJING
from tongxing.core.words import RegionId
from tongxing.simulation.federation import SEED, Federation
from tongxing.simulation.people import Person, dock_row
from tongxing.simulation.sandbox.profile_people import make_people_of
from tongxing.simulation.scenes import FOUNDED_AT

FIRST_AS_OF: Final = datetime(2020, 3, 24, 0, 0, tzinfo=BEIJING)
"""Before any record that the federation's own people have."""

REVISIONS_PER_SECOND: Final = 1_000
"""A docked report's revision is its second and how strict it is."""

REPORTS_MAX: Final = 30_000
TURNING_MAX: Final = 4_000

Row = dict[str, Any]


@dataclass
class Supply:
    """What one region's back end has to say, in the order in which it is said; the federation's people are left out."""

    federation: Federation
    region: RegionId
    _said: int = 0
    _turned: int = 0

    @cached_property
    def people(self) -> list[Person]:
        """All people of the supply: those who turn first, then those of whom one report is made each."""
        own = len(self.federation.people[self.region])
        count = own + TURNING_MAX + REPORTS_MAX
        profile = self.federation.grounds.profile(self.region)
        return list(make_people_of(profile, count=count, seed=SEED, at=FOUNDED_AT))[own:]

    @property
    def next_number(self) -> int:
        """The number of the next report."""
        return self._said

    def take(self, count: int) -> list[tuple[int, Row]]:
        """Return the next reports with their numbers, each of another person. Raises IndexError at the end."""
        first, self._said = self._said, self._said + count
        return [(number, self.row_of(number)) for number in range(first, first + count)]

    def row_of(self, number: int, before: timedelta = timedelta()) -> Row:
        """Return the report with a number, or what was said of that person so long before."""
        at = FIRST_AS_OF + timedelta(seconds=number) - before
        return as_of(dock_row(self.people[TURNING_MAX + number], at), at)

    def turning(self) -> Iterator[tuple[Row, Row]]:
        """Yield what is said first and then of people who turn red, each as of seconds before any numbered report.

        In Hubei's words.
        """
        while True:
            nth, self._turned = self._turned, self._turned + 1
            at = FIRST_AS_OF - timedelta(seconds=2 * (TURNING_MAX - nth))
            row = dock_row(self.people[nth], at)
            green = {**row, "status": "green", "told": ["wjyc"]}
            red = {**row, "status": "red", "told": ["qzbl"]}
            yield as_of(green, at), as_of(red, at + timedelta(seconds=1))


def as_of(row: Row, at: datetime) -> Row:
    """Return a row as of a moment."""
    return {**row, "since_seconds": None, "refreshed_at_seconds": int(at.timestamp())}
