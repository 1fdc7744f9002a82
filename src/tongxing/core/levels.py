"""Level and standing: two words that are never folded into one another.

A *level* is what is exchanged between regions; its two-digit values follow the national value
domain as integrators used it (facts, section B; inferred, the standard's table was not seen).
A *standing* says whether a report can be used at all.
"""

from collections.abc import Iterable
from enum import StrEnum


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


def worst_level(levels: Iterable[Level]) -> Level:
    """Return the highest of ``levels``; at least one is needed."""
    return max(levels, key=_RANK.__getitem__)
