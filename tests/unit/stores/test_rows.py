"""Moments go into columns and back without loss, in their order; texts that not every store can keep are refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Refused
from tongxing.stores.rows import check_text, encode_moment, parse_moment

zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - given a zone


@given(moment=moments)
def test_a_moment_comes_back_as_it_was(moment: datetime) -> None:
    assert parse_moment(encode_moment(moment)) == moment
    assert encode_moment(moment) == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@given(one=moments, other=moments)
def test_moments_keep_their_order(one: datetime, other: datetime) -> None:
    assert (encode_moment(one) < encode_moment(other)) is (one < other)


def test_a_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(TypeError):
        encode_moment(datetime(2020, 3, 21))  # noqa: DTZ001 - that is the claim


def test_a_text_that_not_every_store_can_keep_is_refused() -> None:
    with pytest.raises(Refused):
        check_text("the site", "a\0b")
