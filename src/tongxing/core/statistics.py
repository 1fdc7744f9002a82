"""Statistics: what is counted, by day and region, and nothing of any one person.

A count is of people's reports (held at the hub) or of passages (counted by each region's gateway). Counts are kept as
they are and told only through ``core.small_cells``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from tongxing.core.levels import STANDING_WORDS, Level, Standing
from tongxing.core.reports import Report
from tongxing.core.verdicts import Outcome
from tongxing.core.words import RegionId, Sentence

UNKNOWN_ORIGIN: Final = ""
"""The issuer of passages of which none was known."""


class CountKind(StrEnum):
    """What is counted; the key of a count of each kind."""

    LEVELS = "levels"
    """People with a report of the region; the key is a ``REPORT_STATES``."""

    CAUSES = "causes"
    """People of whom the region holds a cause, which is the key. Somebody with two counts under both."""

    ORIGINS = "origins"
    """Passages in the region; the key is the region whose code was shown, or ``UNKNOWN_ORIGIN``."""

    REASONS = "reasons"
    """Passages in the region; the key is ``reason_key`` of their outcome and reason."""


PASSAGE_KINDS: Final = (CountKind.ORIGINS, CountKind.REASONS)

_LEVEL_STATES: Final[Mapping[Level, str]] = {Level.LOW: "low", Level.MEDIUM: "medium", Level.HIGH: "high"}

REPORT_STATES: Final[Mapping[str, Sentence]] = {
    "low": Sentence("低风险", "low"),
    "medium": Sentence("中风险", "medium"),
    "high": Sentence("高风险", "high"),
    **{standing.value: words for standing, words in STANDING_WORDS.items() if standing is not Standing.CURRENT},
}
"""What a report can amount to: its level while it is current, else its standing."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many there were of one kind and key in one region on one day (Beijing)."""

    kind: CountKind
    region: RegionId
    key: str
    number: int


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day of which there are counts, and when they were last made."""

    day: date
    counted_at: datetime


def state_of(report: Report, at: datetime) -> str:
    """Return what a report amounts to at a moment, one of ``REPORT_STATES``."""
    standing = report.standing_at(at)
    if standing is Standing.CURRENT and report.level is not None:
        return _LEVEL_STATES[report.level]
    return standing.value


def state_of_level(level: Level) -> str:
    """Return what a current report of a level amounts to, one of ``REPORT_STATES``."""
    return _LEVEL_STATES[level]


def reason_key(outcome: Outcome, reason: str) -> str:
    """Return the key of passages that ended so."""
    return f"{outcome}.{reason}"
