"""Sums of reports by day, the same whatever the order: what both sides of a reconciliation compare.

A day's digest is the sum, modulo 2**256, of the SHA-256 of each report's line (``wire.report_lines``) whose ``as_of``
falls on that Beijing day: parts of it add up, so that reports are gone through a stretch of subjects at a time.
A sum of hashes compares honest sides; it convicts no liar.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tongxing.core.calendar import beijing_day
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.services.ports import ReportStore, SubjectReport
from tongxing.wire.report_lines import encode_report_line

MODULUS: Final = 1 << 256
STRETCH_ROWS: Final = 2_000
"""So many reports of one region are gone through by one call: some 100 ms."""


@dataclass(frozen=True, slots=True)
class DaySum:
    """How many reports one day has, and the sum of their digests, below 2**256."""

    count: int
    total: int

    def __add__(self, other: "DaySum") -> "DaySum":
        """Return the sum of two parts of a day."""
        return DaySum(self.count + other.count, (self.total + other.total) % MODULUS)


NOTHING: Final = DaySum(0, 0)
DaySums = Mapping[date, DaySum]


@dataclass(frozen=True, slots=True)
class ReportSums:
    """The sums of one stretch of subjects; ``next_after`` is where the next one begins, None at the end."""

    days: DaySums
    next_after: bytes | None


def sum_by_day(rows: Iterable[SubjectReport]) -> DaySums:
    """Return the sums of reports by the Beijing day of their ``as_of``."""
    days: dict[date, DaySum] = {}
    for row in rows:
        line = encode_report_line(row.subject, row.report, row.origin)
        day = beijing_day(row.report.as_of)
        days[day] = days.get(day, NOTHING) + DaySum(1, int.from_bytes(sha256(line), "big"))
    return days


def add_days(one: DaySums, other: DaySums) -> DaySums:
    """Return both added up, day by day."""
    return {day: one.get(day, NOTHING) + other.get(day, NOTHING) for day in one.keys() | other.keys()}


def differing_days(here: DaySums, there: DaySums) -> frozenset[date]:
    """Return the days on which both sides do not hold the same."""
    return frozenset(day for day in here.keys() | there.keys() if here.get(day, NOTHING) != there.get(day, NOTHING))


async def sum_stretch(reports: ReportStore, issuer: RegionId, after: bytes, until: bytes | None) -> ReportSums:
    """Return the sums of an issuer's reports behind ``after``, up to and with ``until``: at most ``STRETCH_ROWS``."""
    rows = await reports.reports_by(issuer, after, STRETCH_ROWS)
    within = [row for row in rows if until is None or row.subject <= until]
    is_end = len(rows) < STRETCH_ROWS or len(within) < len(rows)
    return ReportSums(sum_by_day(within), None if is_end else rows[-1].subject)
