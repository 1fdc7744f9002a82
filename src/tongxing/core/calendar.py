"""The calendar in which rules and lists speak: days and hours of Beijing (UTC+8, no summer time since 1992)."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

_AHEAD: Final = timedelta(hours=8)
BEIJING: Final = timezone(_AHEAD, "Asia/Shanghai")


def beijing_day(at: datetime) -> date:
    """Return the Beijing calendar day of an aware moment: the day whose rules are in force then."""
    if at.tzinfo is UTC:  # as nearly always, and a third of the time
        return (at + _AHEAD).date()
    return at.astimezone(BEIJING).date()


def end_of_beijing_day(at: datetime) -> datetime:
    """Return the Beijing midnight (24:00) that ends the day of an aware moment, in UTC; always later than ``at``."""
    return datetime.combine(beijing_day(at) + timedelta(days=1), time(), BEIJING).astimezone(UTC)
