"""Turning requests away: a 503 that was written beforehand, with a moment to come again drawn by chance.

A request that comes whole in one piece is answered without being parsed, and its connection goes on: to open another
costs both sides more than the answer. Where it ends is believed only of a head that says so once and plainly (RFC 9112,
section 6.3); after anything else the connection is closed, so that what follows is never taken for another request.
"""

import asyncio
import random
from dataclasses import dataclass
from typing import Final

import structlog

from tongxing.api.calls import PROBLEM_FORM
from tongxing.api.metrics import Metrics
from tongxing.api.priorities import priority_of
from tongxing.api.problems import Failure
from tongxing.core.limits import RETRY_AFTER_SECONDS_MAX
from tongxing.core.problems import ProblemId
from tongxing.services.admission import SAMPLE_SECONDS, Admission

TOO_MANY: Final = "too many requests are being worked on"
_TELLS_EVERY_SAMPLES: Final = 50
_chance: Final = random.Random()  # noqa: S311 - spreads callers in time, and guards nothing
_BODY: Final = Failure(ProblemId.OVERLOADED, TOO_MANY).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes to send, and whether the connection ends with them."""

    data: bytes
    closes: bool


def retry_after() -> int:
    """Return the seconds after which somebody who was turned away should come again: 1 to the most, by chance."""
    return _chance.randint(1, RETRY_AFTER_SECONDS_MAX)


def _written(seconds: int, *, closes: bool) -> Answer:
    lines = (
        "HTTP/1.1 503 Service Unavailable",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        f"retry-after: {seconds}",
        f"content-type: {PROBLEM_FORM.media_type}",
        f"content-length: {len(_BODY)}",
        *(["connection: close"] if closes else []),
    )
    return Answer("\r\n".join([*lines, "", ""]).encode() + _BODY, closes)


_SECONDS: Final = range(1, RETRY_AFTER_SECONDS_MAX + 1)
_GOES_ON: Final = tuple(_written(seconds, closes=False) for seconds in _SECONDS)
_CLOSES: Final = tuple(_written(seconds, closes=True) for seconds in _SECONDS)
_CLOSES_BARE: Final = tuple(Answer(told.data[: -len(_BODY)], closes=True) for told in _CLOSES)
"""For HEAD, whose answer has no body (RFC 9110, section 9.3.2): what follows would be taken for another's."""

_LENGTH_DIGITS_MAX: Final = 15


class Doorkeeper:
    """Turns away at the connection whom ``admission`` has no room for."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    @property
    def is_busy(self) -> bool:
        """True if anybody at all would be turned away now."""
        return self._admission.is_pressed

    def turn_away(self, data: bytes) -> Answer | None:
        """Return the answer for a request that begins with ``data``; None to let it go on to be parsed.

        A request whose first line is not whole goes on: who it is for is found out when it is parsed.
        """
        line_end = data.find(b"\r\n")
        words = data[: max(0, line_end)].split(b" ")
        if len(words) != 3:  # noqa: PLR2004 - method, target, version
            return None
        priority = priority_of(words[1].partition(b"?")[0])
        if self._admission.has_room(priority):
            return None
        self._admission.enter(priority)
        if words[0] == b"HEAD":
            return _chance.choice(_CLOSES_BARE)
        return _chance.choice(_GOES_ON if _ends_with(data) else _CLOSES)


def _ends_with(data: bytes) -> bool:
    """True if ``data`` is one whole request of HTTP/1.1 and nothing more, beyond doubt."""
    head_end = data.find(b"\r\n\r\n")
    if head_end < 0:
        return False
    head = data[: head_end + 2].lower()
    if head.count(b"content-length") > 1 or b"transfer-encoding" in head or b"\r\nconnection:" in head:
        return False
    if b" http/1.1\r\n" not in head or b"upgrade" in head or b"\r\nexpect:" in head:
        return False
    if b"\r\n " in head or b"\r\n\t" in head:  # a line that goes on (RFC 9112, section 5.2)
        return False
    length = 0
    at = head.find(b"\r\ncontent-length: ")
    if at >= 0:
        told = head[at + 18 : head.find(b"\r\n", at + 18)]
        if not told.isdigit() or len(told) > _LENGTH_DIGITS_MAX:
            return False
        length = int(told)
    elif b"content-length" in head:
        return False
    return len(data) == head_end + 4 + length


async def keep_admission(admission: Admission, metrics: Metrics) -> None:
    """Measure how late a timer comes, and tell of whom was turned away, for ever."""
    loop = asyncio.get_running_loop()
    while True:
        for _ in range(_TELLS_EVERY_SAMPLES):
            due = loop.time() + SAMPLE_SECONDS
            await asyncio.sleep(SAMPLE_SECONDS)
            admission.note_late(loop.time() - due)
        tell_turned_away(admission, metrics)


def tell_turned_away(admission: Admission, metrics: Metrics) -> None:
    """Count and log whom was turned away since the last time."""
    counted = dict(admission.turned_away)
    admission.turned_away.clear()
    for priority, count in counted.items():
        metrics.requests_turned_away(priority, count)
        structlog.get_logger().warning("turned_away", priority=priority, count=count, bound=admission.bound)
