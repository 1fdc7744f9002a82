"""Admission: how many requests a node works on at once, and whose turn comes first when that is not enough.

The bound is found, not set. Whoever runs the event loop tells every ``SAMPLE_SECONDS`` how late its timer came: with
nothing waiting for its turn it comes at once. Where it mostly comes late, and three quarters of the answers took longer
than they should, there is a queue here: the bound falls to a part of what was in flight. Otherwise it rises a little
(additive increase, multiplicative decrease, as TCP's). Slow answers alone move nothing: then others are waited for.

Each priority has a share of the bound: pages are turned away first, then queries; verdicts, and reports that are
handed in, have all of it; what tells of the node's health is apart. Details of a query have a share as well, so that
detail goes before any query does. Nobody works on a request whose body is still coming: such ones are counted apart
and ask for room when they are whole, so that whoever lets bodies trickle in takes no place from a verdict. Sans IO.
"""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from tongxing.core.limits import ANSWER_TARGET_SECONDS, REQUESTS_IN_FLIGHT_MAX, REQUESTS_IN_FLIGHT_MIN

SAMPLE_SECONDS: Final = 0.02
SAMPLES_A_WINDOW: Final = 5
ANSWERS_A_WINDOW: Final = 8
SAMPLES_A_WINDOW_MAX: Final = 50
"""A window has so many samples and so many answers; without these it ends after a second."""

LATE_SECONDS: Final = 0.0015
"""Timers go by milliseconds: one of the next is not late."""

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

    def __init__(self, most: int = REQUESTS_IN_FLIGHT_MAX, target_seconds: float = ANSWER_TARGET_SECONDS) -> None:
        self._most = most
        self._least = min(most, REQUESTS_IN_FLIGHT_MIN)
        self._target = target_seconds
        self._bound = float(most)
        self._in_flight = 0
        self._coming = 0
        self._health = 0
        self._peak = 0
        self._late = 0
        self._samples = 0
        self._took: list[float] = []
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
    def has_detail(self) -> bool:
        """True if there is room to answer one query more with details."""
        return self._in_flight <= self.details_at_once_max

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

    def await_body(self, priority: Priority) -> bool:
        """Let a request wait for its body, or count it as turned away and return False; ``body_ended`` ends it."""
        if self._coming >= self._most or not self.has_room(priority):
            self.turned_away[priority] += 1
            return False
        self._coming += 1
        return True

    def body_ended(self) -> None:
        """Note that a body is whole, or will not come."""
        self._coming -= 1

    def leave(self, priority: Priority, seconds: float) -> None:
        """Note that a request is answered, and after how long."""
        if priority is Priority.HEALTH:
            self._health -= 1
        else:
            self._in_flight -= 1
            self._took.append(seconds)

    def note_late(self, seconds: float) -> None:
        """Take one sample of how late a timer came; a window's last one moves the bound."""
        self._late += seconds > LATE_SECONDS
        self._samples += 1
        if self._samples < SAMPLES_A_WINDOW:
            return
        if len(self._took) < ANSWERS_A_WINDOW and self._samples < SAMPLES_A_WINDOW_MAX:
            return
        if not self._is_queueing():
            self._bound = min(float(self._most), self._bound + max(1.0, self._bound * _RISES_BY))
        elif self._peak > self._least:
            self._bound = max(float(self._least), min(self._bound, self._peak) * _FALLS_TO)
        self._late, self._samples, self._peak = 0, 0, self._in_flight
        self._took.clear()
        self._share_out()

    def _is_queueing(self) -> bool:
        """True if what is ready mostly waits, and three quarters of the answers were slow (or none came at all)."""
        if 2 * self._late <= self._samples:
            return False
        return not self._took or sorted(self._took)[len(self._took) // 4] > self._target

    def _share_out(self) -> None:
        self._places = {priority: max(1, int(self._bound * share)) for priority, share in SHARES.items()}
        self._lowest = min(self._places.values())
