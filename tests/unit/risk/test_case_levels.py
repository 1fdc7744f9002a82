"""Levels from case counts: the rule of February 2020, and each named assumption shown by an example."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.risk.lists import GAZETTEER, PACKAGE, SHARED
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.risk.case_counts import CASES_MAX_BYTES, CaseCounts, CaseOddityKind, PlaceKind, parse_case_counts
from tongxing.risk.case_levels import (
    ASSUMPTIONS,
    CLUSTER_NEW_CASES,
    MANY_CASES,
    CaseLevels,
    UnitLevel,
    rate_case_counts,
    rate_cases,
)
from tongxing.risk.level_table import count_low_counties, encode_level_table, map_case_levels, parse_level_table
from tongxing.risk.official_list import AreaLevel

HEAD = "date,country,countryCode,province,provinceCode,city,cityCode,confirmed,suspected,cured,dead"
ON = date(2020, 3, 21)
START = ON - timedelta(days=14)
LOW, MEDIUM, HIGH = AreaLevel
REAL = SHARED / "cases" / "china-cities-2020-02-01_2020-04-10.csv"
SHIPPED = PACKAGE / "data" / "risk" / "levels-2020-03-21.csv"
NO_DATA = "NO DATA: shared/data/cases is not beside the repository; the shipped table was not recomputed"


def case_row(day: date, province: str, city: str, number: str, confirmed: int | str) -> str:
    return f"{day},中国,CN,{province},,{city},{number},{confirmed},0,0,0"


def table(*rows: str) -> bytes:
    """Return a table of the rows, with one row a day that makes it reach from 14 days before to the day."""
    fill = [case_row(START + timedelta(days=n), "西藏自治区", "拉萨市", "540100", 1) for n in range(15)]
    return "\n".join([HEAD, *fill, *rows]).encode()


def counts_of(*rows: str) -> CaseCounts:
    return parse_case_counts(table(*rows), GAZETTEER, up_to=ON)


def levels_of(*rows: str) -> CaseLevels:
    return rate_case_counts(counts_of(*rows), GAZETTEER, on=ON)


def unit(levels: CaseLevels, number: str) -> UnitLevel:
    return next(one for one in levels.units if one.number == number)


def city(before: int, after: int, name: str = "南宁市", number: str = "450100") -> tuple[str, str]:
    """Rows of a city of Guangxi at the start of the window and on the day."""
    return (
        case_row(START, "广西壮族自治区", name, number, before),
        case_row(ON, "广西壮族自治区", name, number, after),
    )


@pytest.mark.parametrize(
    ("confirmed", "new", "level"),
    [
        (0, 0, LOW),
        (50_000, 0, LOW),
        (1, 1, MEDIUM),
        (MANY_CASES, MANY_CASES, MEDIUM),
        (MANY_CASES + 1, 1, MEDIUM),
        (MANY_CASES + 1, CLUSTER_NEW_CASES, MEDIUM),
        (MANY_CASES + 1, CLUSTER_NEW_CASES + 1, HIGH),
    ],
)
def test_the_rule_of_february_2020(confirmed: int, new: int, level: AreaLevel) -> None:
    assert rate_cases(confirmed, new) is level


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 100), st.integers(0, 100))
def test_more_cases_never_give_a_lower_level(confirmed: int, new: int, more: int, newer: int) -> None:
    assert rate_cases(confirmed + more, new + newer).rank >= rate_cases(confirmed, new).rank


def test_a_city_without_a_new_case_for_14_days_is_low_and_one_with_any_is_not() -> None:
    assert unit(levels_of(*city(80, 80)), "4501") == UnitLevel("4501", LOW, 80, 0)
    assert unit(levels_of(*city(80, 81)), "4501") == UnitLevel("4501", MEDIUM, 81, 1)
    assert unit(levels_of(*city(80, 131)), "4501") == UnitLevel("4501", HIGH, 131, 51)


def test_a_case_of_the_fifteenth_day_back_counts_no_more() -> None:
    rows = (
        case_row(START - timedelta(days=1), "广西壮族自治区", "南宁市", "450100", 3),
        case_row(START, "广西壮族自治区", "南宁市", "450100", 4),
    )
    assert unit(levels_of(*rows), "4501").new == 0
    later = case_row(START + timedelta(days=1), "广西壮族自治区", "南宁市", "450100", 5)
    assert unit(levels_of(*rows, later), "4501").new == 1


def test_a_city_that_the_source_never_names_has_no_case() -> None:
    assert unit(levels_of(), "4502") == UnitLevel("4502", LOW, 0, 0)


def test_imported_cases_are_shown_apart_and_raise_nobody() -> None:
    levels = levels_of(
        *city(1, 1),
        case_row(START, "广西壮族自治区", "境外输入", "4500y0", 0),
        case_row(ON, "广西壮族自治区", "境外输入", "4500y0", 70),
    )
    (apart,) = levels.apart
    assert (apart.province, apart.kind, apart.confirmed, apart.new) == ("45", PlaceKind.IMPORTED, 70, 70)
    assert all(one.level is LOW for one in levels.units if one.number.startswith("45"))
    assert map_case_levels(levels, GAZETTEER).risk_of_division("45") is OriginRisk.LOW


def test_local_cases_of_unknown_place_raise_no_city_and_do_not_leave_the_province_low() -> None:
    levels = levels_of(*city(1, 1), case_row(ON, "广西壮族自治区", "未公布来源", "4500xx", 2))
    risks = map_case_levels(levels, GAZETTEER)
    assert risks.risk_of_division("4501") is OriginRisk.LOW
    assert risks.risk_of_division("45") is OriginRisk.MIXED
    municipality = levels_of(case_row(ON, "上海市", "外地来沪", "3100xy", 2))
    assert unit(municipality, "31").level is MEDIUM
    assert unit(municipality, "310101").level is LOW


def test_a_lowered_count_corrects_what_was_said_before() -> None:
    nanning = ("广西壮族自治区", "南宁市", "450100")
    middle = case_row(START + timedelta(days=5), *nanning, 29)
    assert unit(levels_of(*city(25, 17), middle), "4501") == UnitLevel("4501", LOW, 17, 0)
    dip = case_row(START + timedelta(days=5), *nanning, 20)
    assert unit(levels_of(*city(25, 22), dip), "4501").new == 2
    assert counts_of(*city(25, 17)).oddity_counts[CaseOddityKind.NEGATIVE_CORRECTION] == 1


def test_on_a_missing_day_the_last_count_stands() -> None:
    (first, _) = city(25, 0)
    assert unit(levels_of(first), "4501") == UnitLevel("4501", LOW, 25, 0)
    rows = [case_row(day, "西藏自治区", "拉萨市", "540100", 1) for day in (START, ON)]
    counts = parse_case_counts("\n".join([HEAD, *rows]).encode(), GAZETTEER, up_to=ON)
    assert counts.oddity_counts == {CaseOddityKind.MISSING_DAY: 1}


def test_a_county_with_rows_of_its_own_has_its_level_and_its_neighbours_are_mixed_only_by_what_is_left() -> None:
    heng = ("广西壮族自治区", "横县", "450127")
    county = (case_row(START, *heng, 0), case_row(ON, *heng, 3))
    levels = levels_of(*city(5, 5), *county)
    risks = map_case_levels(levels, GAZETTEER)
    assert unit(levels, "4501") == UnitLevel("4501", MEDIUM, 8, 3)
    assert risks.risk_of_division("450127") is OriginRisk.MEDIUM
    assert risks.risk_of_division("450102") is OriginRisk.LOW
    assert map_case_levels(levels_of(*city(5, 6), *county), GAZETTEER).risk_of_division("450102") is OriginRisk.MIXED


def test_a_city_above_low_raises_none_of_its_counties_and_leaves_none_low() -> None:
    risks = map_case_levels(levels_of(*city(80, 200)), GAZETTEER)
    assert risks.risk_of_division("4501") is OriginRisk.HIGH
    assert {risks.risk_of_division(number) for number in GAZETTEER.counties_of("4501")} == {OriginRisk.MIXED}
    assert risks.risk_of_division("45") is OriginRisk.MIXED
    assert risks.risk_of_division("42") is OriginRisk.LOW


def test_the_rule_does_not_reach_taiwan_hong_kong_and_macao() -> None:
    levels = levels_of(case_row(ON, "香港特别行政区", "香港特别行政区", "810000", 273))
    assert unit(levels, "81").level is None
    assert map_case_levels(levels, GAZETTEER).risk_of_division("81") is OriginRisk.UNKNOWN


@pytest.mark.parametrize(
    ("province", "name", "number", "found"),
    [
        ("陕西省", "韩城", "715400", "610581"),
        ("西藏自治区", "那曲", "542400", "5406"),
        ("新疆维吾尔自治区", "第八师石河子市", "", "659001"),
        ("湖北省", "恩施土家族苗族自治州", "422800", "4228"),
        ("湖北省", "仙桃市", "429004", "429004"),
    ],
)
def test_shortened_renumbered_and_foreign_numbers_are_laid_on_the_division_meant(
    province: str, name: str, number: str, found: str
) -> None:
    assert unit(levels_of(case_row(ON, province, name, number, 2)), found).confirmed == 2


def test_a_number_whose_name_is_another_divisions_is_not_believed() -> None:
    counts = counts_of(case_row(ON, "重庆市", "两江新区", "500101", 17))
    assert [one.detail for one in counts.oddities] == ["50 两江新区 is no numbered division"]


def test_a_row_that_stands_twice_is_told_and_the_larger_counts() -> None:
    again = case_row(ON, "广西壮族自治区", "南宁市", "450100", 7)
    counts = counts_of(*city(5, 5), again)
    assert counts.oddity_counts == {CaseOddityKind.DUPLICATE_ROW: 1}
    assert "广西壮族自治区 南宁市, 2020-03-21) stands there twice" in counts.oddities[0].detail
    assert unit(rate_case_counts(counts, GAZETTEER, on=ON), "4501").confirmed == 7


def test_a_total_that_its_rows_do_not_make_is_told() -> None:
    counts = counts_of(*city(5, 5), case_row(ON, "广西壮族自治区", "", "", 6))
    assert [one.detail for one in counts.oddities] == ["45 on 2020-03-21: the total is 6, its rows make 5"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff", "not UTF-8"),
        (b"date,city\n", "lacks the column country"),
        (f"{HEAD}\n2020-03-21,中国".encode(), "line 2 of the table of cases is too short"),
        (f"{HEAD}\n{case_row(ON, '广西壮族自治区', '南宁市', '450100', -1)}".encode(), "line 2: no count"),
        (f"{HEAD}\n{case_row(ON, '广西壮族自治区', '南宁市', '450100', '9' * 40)}".encode(), "line 2: no count"),
        (f"{HEAD}\n{case_row(ON, '幻想省', '南宁市', '450100', 1)}".encode(), "line 2: no province"),
        (f"{HEAD}\nyesterday,中国,CN,,,,,1,0,0,0".encode(), "line 2: no day"),
        (HEAD.encode(), "no row of China"),
        (b"x" * (CASES_MAX_BYTES + 1), "bytes"),
        (f'{HEAD}\n2020-03-21,"中'.encode(), "no CSV"),
    ],
)
def test_what_is_no_table_of_cases_is_refused_by_line(data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said) as refusal:
        parse_case_counts(data, GAZETTEER, up_to=ON)
    assert refusal.value.problem is ProblemId.RISK_LIST_REFUSED


def test_levels_need_the_whole_window_and_the_rule() -> None:
    counts = counts_of()
    for day, said in (
        (ON + timedelta(days=1), "are needed"),
        (ON - timedelta(days=1), "are needed"),
        (date(2020, 2, 16), "the rule"),
    ):
        with pytest.raises(Refused, match=said):
            rate_case_counts(counts, GAZETTEER, on=day)


def test_a_table_of_levels_comes_back_as_it_was_written() -> None:
    levels = levels_of(*city(80, 200), case_row(ON, "上海市", "境外输入", "3100y0", 42))
    assert parse_level_table(encode_level_table(levels, GAZETTEER, ["from a test"])) == levels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("number\n", "other columns"),
        ("# on: 2020-03-21\nnumber,name,kind,level,confirmed,new\n4501,南宁市,unit,purple,1,0\n", "line 3.*no level"),
        ("# on: 2020-03-21\nnumber,name,kind,level,confirmed,new\n4501,南宁市,street,low,1,0\n", "line 3.*no kind"),
        ("# on: 2020-03-21\nnumber,name,kind,level,confirmed,new\n450,南宁市,unit,low,1,0\n", "line 3.*no number"),
        ("# on: 2020-03-21\nnumber,name,kind,level,confirmed,new\n4501,南宁市,unit,low,x,0\n", "line 3.*no count"),
        ("# on: 2020-03-21\nnumber,name,kind,level,confirmed,new\n4501,南宁市\n", "line 3.*2 fields"),
        ("# on: 2020-03-21\nnumber,name,kind,level,confirmed,new\n" + 2 * "4501,a,unit,low,1,0\n", "twice"),
        ("number,name,kind,level,confirmed,new\n", "does not name its day"),
        ("# on: today\nnumber,name,kind,level,confirmed,new\n", "of no day"),
    ],
)
def test_a_broken_table_of_levels_is_refused_by_line(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        parse_level_table(text.encode())


def test_the_shipped_table_names_its_source_its_command_and_every_assumption() -> None:
    head = [line for line in SHIPPED.read_text("utf-8").splitlines() if line.startswith("#")]
    assert any(line.startswith("# Source: ") and "MIT" in line and "SHA-256" in line for line in head)
    assert "# Made by: tongxing risk levels --cases FILE --on 2020-03-21 --out FILE" in head
    assert [line for line in head if "Assumed" in line] == [
        f"# Assumed ({name}): {said.en}" for name, said in ASSUMPTIONS.items()
    ]


def test_on_2020_03_21_wuhan_is_high_and_most_cities_are_low() -> None:
    levels = parse_level_table(SHIPPED.read_bytes())
    assert [one.number for one in levels.units if one.level is HIGH] == ["4201"]
    assert sum(one.level is MEDIUM for one in levels.units) == 14
    assert sum(one.level is LOW for one in levels.units) == 450


def test_the_published_98_percent_of_low_counties_lies_within_what_the_city_counts_allow() -> None:
    share = count_low_counties(parse_level_table(SHIPPED.read_bytes()), GAZETTEER)
    assert share.surely_low / share.counties < 0.98 < share.at_most_low / share.counties
    assert (share.surely_low, share.at_most_low, share.counties) == (2733, 2837, 2852)


@pytest.mark.skipif(not REAL.is_file(), reason=NO_DATA)
def test_the_shipped_table_is_what_the_rule_makes_of_the_real_counts() -> None:
    counts = parse_case_counts(REAL.read_bytes(), GAZETTEER, up_to=ON)
    assert rate_case_counts(counts, GAZETTEER, on=ON) == parse_level_table(SHIPPED.read_bytes())
