"""Times of foreign codes: unix seconds as somebody signed them, against a moment. Spec: RFC 7519, section 4.1."""

from datetime import UTC, datetime
from typing import Final

from tongxing.core.errors import Rejected
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.reasons import ReasonId

LATEST_SECONDS: Final = 1 << 33
"""The year 2242, in seconds since 1970. Later times are milliseconds, or nothing at all."""


def check_times(not_before: float, expires_at: float | None, at: datetime) -> None:
    """Check unix seconds against a moment. Raises ``Rejected``: implausible, not active yet, expired.

    Spec: RFC 7519, sections 4.1.4 and 4.1.5.
    """
    if not 0 <= not_before < LATEST_SECONDS or not 0 <= (expires_at or 0) < LATEST_SECONDS:
        raise Rejected(ReasonId.TIME_IMPLAUSIBLE, "a time that is no unix seconds")
    now = at.timestamp()
    if not_before > now + CLOCK_SKEW.total_seconds():
        raise Rejected(ReasonId.FOREIGN_NOT_ACTIVE, f"{int(not_before - now)} seconds ahead")
    if expires_at is not None and now >= expires_at:
        raise Rejected(ReasonId.FOREIGN_EXPIRED, f"{int(now - expires_at)} seconds ago")


def moment_of(seconds: float | None) -> datetime | None:
    """Return the moment of unix seconds, aware UTC; None for one that no calendar has."""
    if seconds is None or not 0 <= seconds < LATEST_SECONDS:
        return None
    return datetime.fromtimestamp(seconds, UTC)
