"""Where a checkpoint stands is a city or county of GB/T 2260 inside its region, or nothing."""

import re

import pytest

from tongxing.app.packaged import load_gazetteer
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.risk.divisions import CITY_DIGITS, PROVINCE_DIGITS
from tongxing.risk.own_division import parse_own_division


@pytest.mark.parametrize(
    ("told", "host", "number"),
    [
        ("", "45", ""),
        ("450102", "45", "450102"),
        ("4501", "45", "4501"),
        ("450100", "45", "4501"),
        ("441900", "44", "4419"),
        ("440103", "4401", "440103"),
        ("4401", "4401", "4401"),
        ("429004", "42", "429004"),
        ("110101", "11", "110101"),
        ("659001", "66", "659001"),
        ("330103", "33", "330103"),
    ],
    ids=[
        "untold",
        "county",
        "city",
        "city of 6",
        "no counties",
        "in city",
        "city",
        "no city",
        "Beijing",
        "Corps",
        "old",
    ],
)
def test_a_city_or_county_inside_the_region_is_taken(told: str, host: str, number: str) -> None:
    assert parse_own_division(told, RegionId(host), load_gazetteer()) == number


@pytest.mark.parametrize(
    ("told", "host", "why"),
    [
        ("45", "45", "a number of GB/T 2260 with 4 or 6 digits is needed, not '45'"),
        ("45010", "45", "a number of GB/T 2260 with 4 or 6 digits is needed, not '45010'"),
        ("450102001", "45", "a number of GB/T 2260 with 4 or 6 digits is needed, not '450102001'"),
        ("450102\n", "45", "a number of GB/T 2260 with 4 or 6 digits is needed"),
        ("４５０１０２", "45", "a number of GB/T 2260 with 4 or 6 digits is needed"),
        ("南宁市兴宁区", "45", "a number of GB/T 2260 with 4 or 6 digits is needed, not '南宁市兴宁区'"),
        ("450000", "45", "450000 is a whole province; the checkpoint's city or county is needed"),
        ("4500", "45", "4500 is a whole province; the checkpoint's city or county is needed"),
        ("420106", "45", "420106 lies outside region 45"),
        ("440303", "4401", "440303 lies outside region 4401"),
        ("654002", "66", "654002 lies outside region 66"),
        ("450102", FEDERATION, "450102 lies outside region 00"),
        ("459999", "45", "GB/T 2260 has no number 459999"),
        ("1101", "11", "GB/T 2260 has no number 1101"),
    ],
)
def test_what_is_wrong_is_said(told: str, host: str, why: str) -> None:
    with pytest.raises(Refused, match=re.escape(f"division: {why}")) as refused:
        parse_own_division(told, RegionId(host), load_gazetteer())
    assert refused.value.problem is ProblemId.BAD_REQUEST


def test_every_city_and_county_of_the_gazetteer_can_have_a_checkpoint() -> None:
    numbers = [number for number in load_gazetteer().numbers() if len(number) >= CITY_DIGITS]
    read = [parse_own_division(number, RegionId(number[:PROVINCE_DIGITS]), load_gazetteer()) for number in numbers]
    assert read == numbers
