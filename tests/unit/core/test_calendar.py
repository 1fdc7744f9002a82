from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.calendar import BEIJING, beijing_day


def test_the_day_begins_at_midnight_in_beijing() -> None:
    assert beijing_day(datetime(2020, 3, 20, 15, 59, 59, tzinfo=UTC)) == date(2020, 3, 20)
    assert beijing_day(datetime(2020, 3, 20, 16, 0, tzinfo=UTC)) == date(2020, 3, 21)


@given(st.integers(0, 1 << 32), st.integers(-14 * 60, 14 * 60))
def test_a_moment_has_one_day_whatever_the_zone_it_is_told_in(seconds: int, minutes: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    told = at.astimezone(timezone(timedelta(minutes=minutes)))
    assert beijing_day(at) == beijing_day(told) == at.astimezone(BEIJING).date()
