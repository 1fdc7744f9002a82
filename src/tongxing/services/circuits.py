"""Circuit breakers: a source that keeps failing is left alone for a while, so that nobody waits for it in vain.

Closed: everybody asks. After ``FAILURES_MAX`` failures in a row it opens: nobody asks for ``PAUSE``. Then one caller
tries; what comes of it closes the circuit or opens it again. A trial that is never ended counts as failed after
another ``PAUSE``. Sans IO: whoever asks says the time.
"""

from datetime import datetime, timedelta
from typing import Final

FAILURES_MAX: Final = 5
PAUSE: Final = timedelta(seconds=10)


class Circuit:
    """The circuit of one source."""

    __slots__ = ("_failures", "_paused_until")

    def __init__(self) -> None:
        self._failures = 0
        self._paused_until: datetime | None = None

    def may_ask(self, at: datetime) -> bool:
        """True if the caller may ask now; while the circuit is open, once a pause and for one caller only."""
        if self._paused_until is None:
            return True
        if at < self._paused_until:
            return False
        self._paused_until = at + PAUSE  # this caller tries, everybody else waits for what comes of it
        return True

    def succeeded(self) -> None:
        """Note an answer: the circuit is closed."""
        self._failures = 0
        self._paused_until = None

    def failed(self, at: datetime) -> None:
        """Note that no usable answer came in time."""
        self._failures += 1
        if self._failures >= FAILURES_MAX:
            self._paused_until = at + PAUSE
