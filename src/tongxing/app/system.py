"""The real clock and the real source of randomness: the only place outside ``simulation/`` that has them."""

import os
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return datetime.now(UTC)


def system_entropy(count: int, /) -> bytes:
    """Return ``count`` bytes from the operating system."""
    return os.urandom(count)
