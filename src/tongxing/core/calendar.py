"""The calendar in which rules and lists speak: days and hours of Beijing (UTC+8, no summer time since 1992)."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")


def beijing_day(at: datetime) -> date:
    """Return the Beijing calendar day of an aware moment: the day whose rules are in force then."""
    return at.astimezone(BEIJING).date()
