"""What a reading at a gate says: a fever from 37.3 °C on, and nothing at all until the person has confirmed it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.checkpoints import DECICELSIUS_MAX, DECICELSIUS_MIN, PASSAGE_KEPT, Fever, Temperature, fever_of
from tongxing.core.limits import VERDICT_KEPT
from tongxing.core.words import PlaceKind


@pytest.mark.parametrize(
    ("decicelsius", "fever"), [(300, Fever.NORMAL), (372, Fever.NORMAL), (373, Fever.FEVER), (450, Fever.FEVER)]
)
def test_a_confirmed_reading_is_a_fever_from_373_tenths_on(decicelsius: int, fever: Fever) -> None:
    assert fever_of(decicelsius, confirmed=True) is fever


@given(reading=st.none() | st.integers())
def test_without_the_persons_confirmation_nothing_was_measured(reading: int | None) -> None:
    assert fever_of(reading, confirmed=False) is Fever.NOT_MEASURED
    assert fever_of(None, confirmed=True) is Fever.NOT_MEASURED


@pytest.mark.parametrize("decicelsius", [DECICELSIUS_MIN - 1, DECICELSIUS_MAX + 1, 0, -370, 3_700])
def test_a_temperature_that_nobody_can_have_is_no_reading(decicelsius: int) -> None:
    with pytest.raises(ValueError, match="from 300 to 450"):
        Temperature(decicelsius, confirmed=True)


def test_every_kind_of_place_says_how_long_it_remembers_and_longer_than_the_verdict_is_readable() -> None:
    assert set(PASSAGE_KEPT) == set(PlaceKind)
    assert all(kept >= VERDICT_KEPT for kept in PASSAGE_KEPT.values())
