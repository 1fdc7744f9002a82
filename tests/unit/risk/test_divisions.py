"""The gazetteer knows every county by number and by name, as it was called in each year."""

import csv

import pytest

from tests.unit.risk.lists import GAZETTEER, PACKAGE, SHARED
from tongxing.core.errors import Fault
from tongxing.risk.divisions import parse_divisions

NO_DATA = "NO DATA: shared/data/divisions is not beside the repository; the table was compared with nothing"
DATA = (PACKAGE / "data" / "divisions" / "divisions.csv").read_bytes()


@pytest.mark.parametrize(
    ("above", "name", "year", "number"),
    [
        ("4201", "江岸区", 2020, "420102"),
        ("42", "江岸区", 2020, "420102"),
        ("1305", "邢台县", 2020, "130521"),
        ("1305", "信都区", 2022, "130503"),
        ("1305", "桥西区", 2019, "130503"),
        ("3206", "崇川区", 2020, "320602"),
        ("3206", "崇川区", 2022, "320613"),
        ("3206", "崇川区", 2031, "320613"),
        ("3206", "崇川区", 2015, "320602"),
        ("2203", "公主岭市", 2019, "220381"),
        ("2201", "公主岭市", 2022, "220184"),
        ("2327", "漠河市", 2022, "232701"),
        ("46", "白沙黎族自治县", 2022, "469025"),
        ("1301", "辛集市", 2022, "130181"),
        ("11", "朝阳区", 2022, "110105"),
        ("4201", "朝阳区", 2022, None),
        ("13", "桥西区", 2022, None),
        ("4101", "高新区", 2022, None),
        ("2327", "加格达奇区", 2022, None),
    ],
)
def test_a_county_is_found_by_its_name_in_the_year_of_the_list(
    above: str, name: str, year: int, number: str | None
) -> None:
    assert GAZETTEER.find_county(above, name, year) == number


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("江岸区", ("420102",)),
        ("武汉市江岸区", ("420102",)),
        ("湖北省江岸区", ("420102",)),
        ("湖北省 武汉市 江岸区", ("420102",)),
        ("朝阳区", ("110105", "220104")),
        ("北京市朝阳区", ("110105",)),
        ("湖南省武汉市江岸区", ()),
        ("武汉市湖北省江岸区", ()),
        ("在江岸区", ()),
        ("", ()),
    ],
)
def test_a_division_is_found_by_its_name_alone_or_after_those_of_what_it_lies_in(
    name: str, numbers: tuple[str, ...]
) -> None:
    assert GAZETTEER.find_all_named(name) == numbers


def test_cities_without_counties_are_their_own_finest_division() -> None:
    leaves = {number for number in GAZETTEER.numbers() if len(number) == 4 and GAZETTEER.is_leaf(number)}
    assert leaves == {"4419", "4420", "4604", "6202"}


def test_the_corps_has_the_federations_number_and_is_no_division() -> None:
    assert GAZETTEER.find_province("新疆生产建设兵团") == "66"
    assert "66" not in GAZETTEER
    assert {"659001", "659008"} <= set(GAZETTEER.counties_of("6590"))


def test_a_retired_number_knows_what_it_became_and_a_renamed_one_both_names() -> None:
    retired = GAZETTEER.find("330103")
    renamed = GAZETTEER.find("130502")
    assert retired is not None
    assert renamed is not None
    assert (retired.names, retired.last_year, retired.became) == (("下城区",), 2020, ("330105",))
    assert (renamed.names, renamed.last_year, renamed.became) == (("桥东区", "襄都区"), None, ())
    assert GAZETTEER.predecessors_of("330105") == ("330103",)


def test_every_retired_number_says_what_it_became() -> None:
    retired = [GAZETTEER.find(number) for number in GAZETTEER.numbers()]
    assert [one.number for one in retired if one is not None and one.last_year is not None and not one.became] == []


def test_the_numbers_of_statistics_for_development_zones_are_left_out() -> None:
    assert [number for number in GAZETTEER.numbers() if len(number) == 6 and number[4] == "7"] == []


@pytest.mark.skipif(not (SHARED / "divisions").is_dir(), reason=NO_DATA)
def test_the_table_holds_every_county_of_the_state_of_2023() -> None:
    with (SHARED / "divisions" / "areas.csv").open(encoding="utf-8") as file:
        areas = [one for one in csv.DictReader(file) if one["code"][4] != "7"]
    missing = []
    for area in areas:
        division = GAZETTEER.find(area["code"]) or GAZETTEER.find(area["code"][:4])
        if division is None or area["name"] not in division.names or division.last_year is not None:
            missing.append((area["code"], area["name"]))
    # Four forestry districts that only statistics number.
    assert [name for _, name in missing] == ["加格达奇区", "松岭区", "新林区", "呼中区"]
    assert len(areas) > 2_800


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"number,name\n11,x\n",
        DATA.splitlines(keepends=True)[0] + b"1,x,,,\n",
        DATA.splitlines(keepends=True)[0] + b"11,,,,\n",
        DATA.splitlines(keepends=True)[0] + "11,北京市,,2020,12\n".encode(),
    ],
)
def test_a_broken_table_of_our_own_is_our_fault(data: bytes) -> None:
    with pytest.raises(Fault):
        parse_divisions(data)
