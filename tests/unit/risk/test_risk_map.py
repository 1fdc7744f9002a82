"""The risk of an origin under a list: a street never raises its county, and unknown is never low."""

from datetime import UTC, datetime

import pytest

from tests.unit.risk.lists import official, risk_map, row
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision
from tongxing.risk.risk_map import RiskMap, encode_risk_section, parse_risk_section
from tongxing.wire.cbor import encode_canonical

LOW, MEDIUM, HIGH, MIXED, UNKNOWN = OriginRisk
SPRING = "2020-03-20 9时"


def origin(division: str | None, precision: Precision = Precision.EXACT) -> Origin:
    return Origin(division, precision, OriginBasis.DECLARED_STAY)


def hubei(county: str, *communities: str) -> dict[str, object]:
    return row("湖北省", "武汉市", county, *communities)


def test_a_county_listed_as_a_whole_has_its_level_and_its_neighbours_stay_low() -> None:
    risks = risk_map(SPRING, high=[hubei("江岸区")], middle=[hubei("青山区")])
    assert risks.risk_of(origin("420102")) is HIGH
    assert risks.risk_of(origin("420107")) is MEDIUM
    assert risks.risk_of(origin("420103")) is LOW
    assert risks.risk_of(origin("450103")) is LOW


def test_a_city_or_province_with_anything_above_low_inside_is_mixed_and_any_other_is_low() -> None:
    risks = risk_map(SPRING, middle=[hubei("青山区")])
    assert risks.risk_of(origin("4201", Precision.CITY)) is MIXED
    assert risks.risk_of(origin("42", Precision.PROVINCE)) is MIXED
    assert risks.risk_of(origin("4205", Precision.CITY)) is LOW
    assert risks.risk_of(origin("45", Precision.PROVINCE)) is LOW


def test_a_division_counts_only_as_far_as_its_precision_reaches() -> None:
    risks = risk_map(SPRING, middle=[hubei("青山区")])
    assert risks.risk_of(origin("420102", Precision.CITY)) is MIXED
    assert risks.risk_of(origin("420500", Precision.PROVINCE)) is MIXED
    assert risks.risk_of(origin("420107", Precision.NONE)) is UNKNOWN


@pytest.mark.parametrize("division", [None, "", "429999", "990101", "99", "4299", "420173", "江岸区", "42010", "00"])
def test_an_origin_that_the_gazetteer_does_not_have_is_unknown_and_never_low(division: str | None) -> None:
    risks = risk_map(SPRING, middle=[hubei("青山区")])
    assert risks.risk_of(origin(division)) is UNKNOWN


def test_without_a_list_every_origin_is_unknown() -> None:
    assert RiskMap.empty().risk_of(origin("420102")) is UNKNOWN
    assert RiskMap.empty().risk_of(origin("45", Precision.PROVINCE)) is UNKNOWN


def test_an_empty_list_in_force_says_that_everything_is_low() -> None:
    assert risk_map(SPRING).risk_of(origin("420102")) is LOW


def test_one_street_never_raises_its_county_and_never_leaves_it_low() -> None:
    risks = risk_map(high=[row("北京市", "朝阳区", "酒仙桥街道", "二街坊"), hubei("江岸区", "甲社区")])
    assert risks.risk_of(origin("110105")) is MIXED
    assert risks.risk_of(origin("420102")) is MIXED
    assert risks.risk_of(origin("110101")) is LOW


def test_a_development_zone_or_unknown_name_touches_its_city_and_no_county_of_it() -> None:
    zone = row("四川省", "成都市", "高新区")
    typing_error = row("湖北省", "黄石市", "幻想县")
    risks = risk_map(high=[zone, typing_error])
    assert risks.risk_of(origin("5101", Precision.CITY)) is MIXED
    assert risks.risk_of(origin("4202", Precision.CITY)) is MIXED
    assert risks.risk_of(origin("510104")) is LOW
    assert risks.risk_of(origin("420202")) is LOW


def test_the_rest_of_a_county_says_that_the_county_is_not_all_of_one_level() -> None:
    rest = hubei("江岸区", "除高风险区以外的其他地区")
    assert risk_map(low=[rest]).risk_of(origin("420102")) is LOW
    assert risk_map(middle=[rest]).risk_of(origin("420102")) is MIXED
    assert risk_map(high=[hubei("江岸区", "甲社区")], low=[rest]).risk_of(origin("420102")) is MIXED


def test_a_whole_county_that_the_list_itself_contradicts_is_mixed() -> None:
    rest = hubei("江岸区", "其它区域")
    assert risk_map(high=[hubei("江岸区")], low=[rest]).risk_of(origin("420102")) is MIXED
    assert risk_map(high=[hubei("江岸区")], middle=[hubei("江岸区")]).risk_of(origin("420102")) is MIXED
    assert risk_map(high=[hubei("江岸区"), hubei("江岸区", "甲社区")]).risk_of(origin("420102")) is HIGH


def test_a_whole_city_raises_its_counties_because_the_list_names_it_and_not_for_a_street() -> None:
    whole = risk_map(high=[row("湖北省", "鄂州市", "")])
    assert whole.risk_of(origin("4207", Precision.CITY)) is HIGH
    assert whole.risk_of(origin("420704")) is HIGH
    part = risk_map(high=[row("湖北省", "鄂州市", "", "甲社区")])
    assert part.risk_of(origin("4207", Precision.CITY)) is MIXED
    assert part.risk_of(origin("420704")) is LOW


def test_a_name_without_a_number_never_raises_a_province_or_the_corps() -> None:
    corps = "新疆生产建设兵团"
    risks = risk_map(high=[row("湖北省", "", ""), row(corps, corps, corps)])
    assert risks.risk_of(origin("42", Precision.PROVINCE)) is MIXED
    assert risks.risk_of(origin("66", Precision.PROVINCE)) is MIXED
    assert risks.risk_of(origin("420102")) is LOW
    assert risks.risk_of(origin("659001")) is LOW


def test_a_city_of_the_corps_speaks_for_the_corps_and_for_its_province() -> None:
    corps = "新疆生产建设兵团"
    risks = risk_map(high=[row(corps, corps, corps, "第八师石河子市3社区")])
    assert risks.risk_of(origin("659001")) is MIXED
    assert risks.risk_of(origin("66", Precision.PROVINCE)) is MIXED
    assert risks.risk_of(origin("65", Precision.PROVINCE)) is MIXED


@pytest.mark.parametrize("number", ["4419", "441900"])
def test_a_city_without_counties_is_found_by_both_ways_of_writing_its_number(number: str) -> None:
    risks = risk_map(high=[row("广东省", "东莞市", "东莞市")])
    assert risks.risk_of(origin(number)) is HIGH
    assert risks.risk_of(origin("420000")) is LOW


def test_a_retired_number_has_what_its_successors_have() -> None:
    risks = risk_map("2022-04-15 11时", high=[row("浙江省", "杭州市", "拱墅区")])
    assert risks.risk_of(origin("330103")) is HIGH
    assert risks.risk_of(origin("330104")) is LOW
    split = risk_map("2022-04-15 11时", high=[row("浙江省", "杭州市", "钱塘区")])
    assert split.risk_of(origin("330104")) is MIXED


def test_a_number_given_after_the_list_has_what_its_predecessors_have_or_is_unknown() -> None:
    risks = risk_map(SPRING, high=[row("贵州省", "毕节市", "黔西县")])
    assert risks.risk_of(origin("520581")) is HIGH
    assert risks.risk_of(origin("330113")) is UNKNOWN


def test_a_list_that_still_uses_a_retired_name_speaks_for_its_successor() -> None:
    risks = risk_map("2022-04-15 11时", high=[row("浙江省", "杭州市", "下城区"), row("贵州省", "毕节市", "黔西县")])
    assert risks.risk_of(origin("520581")) is HIGH
    assert risks.risk_of(origin("330105")) is MIXED
    assert risks.risk_of(origin("3301", Precision.CITY)) is MIXED


def test_the_section_gives_back_every_risk_and_the_hour() -> None:
    risks = risk_map(SPRING, high=[hubei("江岸区")], middle=[hubei("青山区", "甲社区")])
    read = parse_risk_section(encode_risk_section(risks))
    assert read.as_of == official(SPRING).as_of == datetime(2020, 3, 20, 1, tzinfo=UTC)
    for risk in (LOW, MEDIUM, HIGH, MIXED):
        assert read.numbers_at(risk) == risks.numbers_at(risk)
    assert encode_risk_section(read) == encode_risk_section(risks)


def test_the_section_without_a_list_gives_back_that_nothing_is_known() -> None:
    read = parse_risk_section(encode_risk_section(RiskMap.empty()))
    assert read.as_of is None
    assert read.risk_of(origin("420102")) is UNKNOWN


SECTION = {"as_of_seconds": 1_584_666_000, "low": [11], "medium": [], "high": [420102], "mixed": [42]}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {**SECTION, "more": 1},
        {**SECTION, "as_of_seconds": None},
        {**SECTION, "as_of_seconds": 0},
        {**SECTION, "as_of_seconds": True},
        {**SECTION, "as_of_seconds": "2020"},
        {**SECTION, "low": 11},
        {**SECTION, "low": ["11"]},
        {**SECTION, "low": [True]},
        {**SECTION, "low": [-1]},
        {**SECTION, "low": [420]},
        {**SECTION, "low": [42010]},
        {**SECTION, "low": [10_000_000]},
        {**SECTION, "low": [42]},
        {**SECTION, "low": [11, 11]},
        {**SECTION, "low": list(range(100_000, 120_001))},
    ],
)
def test_a_section_of_another_shape_is_refused(content: object) -> None:
    with pytest.raises(Refused) as refused:
        parse_risk_section(encode_canonical(content))
    assert refused.value.problem is ProblemId.RISK_LIST_REFUSED


def test_a_section_that_is_not_canonical_is_refused() -> None:
    good = encode_canonical(SECTION)
    assert parse_risk_section(good).risk_of(origin("420102")) is HIGH
    for bad in (b"", good[:-1], good + b"\x00", b"\xff" + good, b"\x00" * 2_000_000):
        with pytest.raises(Refused):
            parse_risk_section(bad)
