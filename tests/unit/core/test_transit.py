"""Plates, routes and names of divisions."""

import pytest

from tongxing.app.packaged import load_gazetteer
from tongxing.core.provinces import PROVINCE_NAMES, name_division
from tongxing.core.transit import is_on_route, normalise_plate, parse_route
from tongxing.core.words import RegionId, Sentence


@pytest.mark.parametrize("typed", ["鄂A12345", "鄂a12345", "鄂A·12345", " 鄂A 12345 ", "鄂A-12345"])
def test_a_plate_has_one_spelling_however_it_is_typed(typed: str) -> None:
    assert normalise_plate(typed) == "鄂A12345"


@pytest.mark.parametrize("typed", ["", "A12345", "鄂12345", "鄂A12345678", "鄂A1234O", "鄂A12345<b>", "鄂" * 17])
def test_what_is_no_plate_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not a licence plate"):
        normalise_plate(typed)


@pytest.mark.parametrize(
    ("region", "route", "is_on"),
    [
        ("45", ("45",), True),
        ("45", ("42", "450100"), True),
        ("4501", ("45",), True),
        ("4501", ("450105",), True),
        ("4501", ("4502",), False),
        ("45", ("42", "43", "44"), False),
    ],
)
def test_a_region_is_on_a_route_that_names_it_a_part_of_it_or_what_holds_it(
    region: str, route: tuple[str, ...], is_on: bool
) -> None:
    assert is_on_route(RegionId(region), parse_route(route)) is is_on


def test_every_province_of_the_gazetteer_has_a_name_in_both_languages() -> None:
    gazetteer = load_gazetteer()
    provinces = {number for number in gazetteer.numbers() if len(number) == 2}
    assert provinces <= PROVINCE_NAMES.keys()
    for number in provinces:
        division = gazetteer.find(number)
        assert division is not None
        assert any(PROVINCE_NAMES[number].zh in name for name in division.names)


def test_a_part_of_a_province_is_named_with_its_number() -> None:
    assert name_division("42") == Sentence("湖北", "Hubei")
    assert name_division("450105") == Sentence("广西450105", "Guangxi 450105")
    assert name_division("99") == Sentence("99", "99")
