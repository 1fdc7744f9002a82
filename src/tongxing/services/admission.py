"""Admission: how many requests a node works on at once, and whose turn comes first when that is not enough.

The bound is found, not set. Whoever runs the event loop tells some times in each ``WINDOW_SECONDS`` how late its timer
came: what waits for its turn waits as long. While even the shortest wait of a window is above the target there is a
standing queue, and the bound falls to a part of what was in flight; otherwise it rises a little (additive increase,
multiplicative decrease, as TCP's; the shortest wait tells a queue from a burst, as CoDel's, RFC 8289, section 3.1).
What waits for another system delays nobody here, and moves nothing.

Each priority has a share of the bound: pages are turned away first, then queries; verdicts, and reports that are
handed in, have all of it; what tells of the node's health is apart. Details of a query have a share as well, so that
detail goes before any query does. Sans IO.
"""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from tongxing.core.limits import QUEUEING_SECONDS_MAX, REQUESTS_IN_FLIGHT_MAX, REQUESTS_IN_FLIGHT_MIN

WINDOW_SECONDS: Final = 0.1
SAMPLES_A_WINDOW: Final = 5
HEALTH_AT_ONCE_MAX: Final = 64
DETAIL_SHARE: Final = Fraction(1, 2)
_FALLS_TO: Final = 0.8
_RISES_BY: Final = 0.02


class Priority(StrEnum):
    """What a request is for, the most urgent first."""

    HEALTH = "health"
    VERDICT = "verdict"
    QUERY = "query"
    PAGE = "page"


SHARES: Final[Mapping[Priority, Fraction]] = MappingProxyType(
    {Priority.VERDICT: Fraction(1), Priority.QUERY: Fraction(3, 4), Priority.PAGE: Fraction(1, 2)}
)
"""Of the bound; a request is turned away while so many of any kind are in flight. Health has a bound of its own."""


class Admission:
    """Counts what one node works on. ``most`` is the highest that the bound ever is."""

    def __init__(self, most: int = REQUESTS_IN_FLIGHT_MAX, queueing_seconds_max: float = QUEUEING_SECONDS_MAX) -> None:
        self._most = most
        self._least = min(most, REQUESTS_IN_FLIGHT_MIN)
        self._target = queueing_seconds_max
        self._bound = float(most)
        self._in_flight = 0
        self._health = 0
        self._peak = 0
        self._shortest = float("inf")
        self._samples = 0
        self._places: dict[Priority, int] = {}
        self._share_out()
        self.turned_away: Counter[Priority] = Counter()

    @property
    def bound(self) -> int:
        """So many may be in flight now."""
        return int(self._bound)

    @property
    def in_flight(self) -> int:
        """So many are."""
        return self._in_flight

    @property
    def details_at_once_max(self) -> int:
        """So many queries at once are answered with details."""
        return max(1, int(self._bound * DETAIL_SHARE))

    @property
    def is_pressed(self) -> bool:
        """True if there is any priority of which the next request would be turned away."""
        return self._in_flight >= self._lowest

    def has_room(self, priority: Priority) -> bool:
        """True if a request of this priority would be let in."""
        if priority is Priority.HEALTH:
            return self._health < HEALTH_AT_ONCE_MAX
        return self._in_flight < self._places[priority]

    def enter(self, priority: Priority) -> bool:
        """Let a request in, or count it as turned away and return False. Whoever was let in leaves again."""
        if not self.has_room(priority):
            self.turned_away[priority] += 1
            return False
        if priority is Priority.HEALTH:
            self._health += 1
            return True
        self._in_flight += 1
        self._peak = max(self._peak, self._in_flight)
        return True

    def leave(self, priority: Priority) -> None:
        """Note that a request is answered."""
        if priority is Priority.HEALTH:
            self._health -= 1
        else:
            self._in_flight -= 1

    def note_waited(self, seconds: float) -> None:
        """Take one sample of how long what is ready waits for its turn; a window's last one moves the bound."""
        self._shortest = min(self._shortest, seconds)
        self._samples += 1
        if self._samples < SAMPLES_A_WINDOW:
            return
        if self._shortest <= self._target:
            self._bound = min(float(self._most), self._bound + max(1.0, self._bound * _RISES_BY))
        elif self._peak > self._least:
            self._bound = max(float(self._least), min(self._bound, self._peak) * _FALLS_TO)
        self._shortest, self._samples, self._peak = float("inf"), 0, self._in_flight
        self._share_out()

    def _share_out(self) -> None:
        self._places = {priority: max(1, int(self._bound * share)) for priority, share in SHARES.items()}
        self._lowest = min(self._places.values())
