"""Level and standing: two words that are never folded into one another.

A *level* is what is exchanged between regions; its two-digit values follow the national value
domain as integrators used it (facts, section B; inferred, the standard's table was not seen).
A *standing* says whether a report can be used at all.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from tongxing.core.words import Sentence


class Level(StrEnum):
    """The national level of a subject: low, medium or high."""

    LOW = "00"
    MEDIUM = "01"
    HIGH = "10"

    @property
    def rank(self) -> int:
        """0 for low, 1 for medium, 2 for high: for comparing, never for the wire."""
        return _RANK[self]


_RANK = {Level.LOW: 0, Level.MEDIUM: 1, Level.HIGH: 2}


class Standing(StrEnum):
    """Whether a report can be used. Only ``CURRENT`` carries a usable level."""

    CURRENT = "current"
    PENDING = "pending"
    EXPIRED = "expired"
    NO_RECORD = "no_record"
    MISMATCH = "mismatch"
    SOURCE_AWAY = "source_away"


STANDING_WORDS: Final[Mapping[Standing, Sentence]] = {
    Standing.CURRENT: Sentence("报告有效", "a current report"),
    Standing.PENDING: Sentence("报告待审核", "a report still pending"),
    Standing.EXPIRED: Sentence("报告已过期", "an expired report"),
    Standing.NO_RECORD: Sentence("没有记录", "no record"),
    Standing.MISMATCH: Sentence("身份信息不符", "identity data that do not match"),
    Standing.SOURCE_AWAY: Sentence("来源无法查询", "a source that cannot be reached"),
}


def worst_level(levels: Iterable[Level]) -> Level:
    """Return the highest of ``levels``; at least one is needed."""
    return max(levels, key=_RANK.__getitem__)
