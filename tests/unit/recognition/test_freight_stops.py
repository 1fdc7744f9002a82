"""Goods on the way: a stop of up to four hours is no stay; what lasts longer is, however it was cut in pieces."""

from datetime import timedelta

import pytest
from hypothesis import given

from tests.property.test_assessing import evidence, rank
from tests.unit.recognition.evidence import AT, HIGH, LOW, MEDIUM, contact, declaration, stay
from tests.world import risk_section
from tongxing.core.causes import Cause
from tongxing.core.evidence import Evidence, EvidenceKind
from tongxing.core.limits import FREIGHT_STOP_MAX
from tongxing.recognition.assessing import assess
from tongxing.risk.risk_map import parse_risk_section

RISK = parse_risk_section(risk_section())
HOME = stay(LOW, since=-20)
HOUR = timedelta(hours=1)


def stop(begins: timedelta, length: timedelta, division: str = HIGH) -> Evidence:
    since = AT + begins
    return Evidence(EvidenceKind.STAY, f"stop{begins}{length}", 0, since, since + length, division)


def causes_of(*held: Evidence, is_freight: bool = True) -> list[Cause]:
    assessed = assess([declaration(), *held], RISK, at=AT, is_freight=is_freight)
    return [cause.cause for cause in assessed.report.causes]


@pytest.mark.parametrize(
    ("length", "counts"),
    [
        (timedelta(0), False),
        (HOUR, False),
        (FREIGHT_STOP_MAX, False),
        (FREIGHT_STOP_MAX + timedelta(seconds=1), True),
        (24 * HOUR, True),
    ],
)
def test_a_stop_of_a_driver_of_goods_counts_from_more_than_four_hours_on(length: timedelta, *, counts: bool) -> None:
    assert (causes_of(HOME, stop(-48 * HOUR, length)) == [Cause.FROM_HIGH_RISK_AREA]) is counts


def test_of_anybody_else_every_stop_counts() -> None:
    assert causes_of(HOME, stop(-48 * HOUR, HOUR), is_freight=False) == [Cause.FROM_HIGH_RISK_AREA]


def test_a_stop_is_no_origin_either() -> None:
    held = [declaration(), HOME, stop(-48 * HOUR, HOUR)]
    driver, traveller = (assess(held, RISK, at=AT, is_freight=is_freight).origin for is_freight in (True, False))
    assert driver is not None
    assert traveller is not None
    assert (driver.division, traveller.division) == (LOW, HIGH)


def test_who_declares_nothing_but_stops_has_not_said_where_they_come_from() -> None:
    """Unknown, and not the best of the stops."""
    assert assess([declaration(), stop(-48 * HOUR, HOUR, LOW)], RISK, at=AT, is_freight=True).origin is None


def test_a_stay_cut_in_pieces_is_still_a_stay() -> None:
    pieces = [stop(-48 * HOUR + number * 2 * HOUR, 2 * HOUR) for number in range(3)]
    assert causes_of(HOME, *pieces[:2]) == [Cause.NOTHING_FOUND]
    assert causes_of(HOME, *pieces) == [Cause.FROM_HIGH_RISK_AREA]


def test_two_stops_on_the_way_there_and_back_are_two_stops() -> None:
    assert causes_of(HOME, stop(-48 * HOUR, 3 * HOUR), stop(-24 * HOUR, 3 * HOUR)) == [Cause.NOTHING_FOUND]


def test_where_a_driver_still_is_is_never_a_stop() -> None:
    assert causes_of(HOME, stay(HIGH, since=-0.05)) == [Cause.FROM_HIGH_RISK_AREA]


def test_a_long_stay_that_ends_within_the_fourteen_days_counts_whole() -> None:
    """Its first piece is older than fourteen days; that does not make a stop of the rest."""
    first, second = stop(-15 * 24 * HOUR, 23 * HOUR), stop(-15 * 24 * HOUR + 23 * HOUR, 2 * HOUR)
    assert causes_of(HOME, first, second) == [Cause.FROM_HIGH_RISK_AREA]


def test_a_contact_counts_for_a_driver_as_for_anybody() -> None:
    assert causes_of(HOME, contact()) == [Cause.CLOSE_CONTACT]


@given(evidence)
def test_driving_goods_never_raises_a_level(held: list[Evidence]) -> None:
    driver, traveller = (assess(held, RISK, at=AT, is_freight=is_freight).report for is_freight in (True, False))
    assert rank(driver) <= rank(traveller)


def test_the_divisions_of_these_tests_are_not_all_low() -> None:
    assert len({RISK.risk_of_division(division) for division in (HIGH, MEDIUM, LOW)}) == 3
