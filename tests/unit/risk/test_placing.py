"""Each entry is placed on the finest numbered division that covers it, in every shape that the lists have."""

import pytest

from tests.unit.risk.lists import placed, risk_map, row
from tongxing.core.reports import OriginRisk
from tongxing.risk.placing import PlacedEntry, Placement


def place(province: str, city: str, county: str, *communities: str, hour: str = "2022-04-15 11时") -> PlacedEntry:
    return placed(row(province, city, county, *communities), hour=hour)[0]


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (("湖北省", "武汉市", "江岸区"), "420102"),
        (("天津市", "天津市", "河西区"), "120103"),
        (("上海市", "上海市", "黄浦区"), "310101"),
        (("重庆市", "重庆市", "云阳县"), "500235"),
        (("北京市", "北京市", "朝阳区"), "110105"),
        (("湖北省", "省直辖县级行政单位", "潜江市"), "429005"),
        (("海南省", "省直辖县级行政单位", "白沙黎族自治县"), "469025"),
        (("河北省", "辛集市", "辛集市"), "130181"),
        (("河北省", "雄县", "雄县"), "130638"),
        (("陕西省", "杨凌示范区", "杨陵区"), "610403"),
        (("湖北省", "武汉市", "经开区（汉南区）"), "420113"),
        (("新疆维吾尔自治区", "乌鲁木齐市", "高新区（新市区）"), "650104"),
        (("甘肃省", "嘉峪关市", "市辖区"), "6202"),
        (("海南省", "儋州市", "市辖区"), "4604"),
        (("广东省", "东莞市", "东莞市"), "4419"),
        (("广东省", "东莞市", ""), "4419"),
        (("黑龙江省", "牡丹江市", "绥芬河市"), "231081"),
    ],
)
def test_a_unit_with_a_number_is_placed_exactly_as_a_whole(names: tuple[str, str, str], number: str) -> None:
    one = place(*names)
    assert (one.placement, one.division, one.zone) == (Placement.EXACT, number, None)


@pytest.mark.parametrize(
    ("names", "community", "number", "zone"),
    [
        (("湖北省", "武汉市", "江岸区"), "甲社区", "420102", "甲社区"),
        (("北京市", "朝阳区", "酒仙桥街道"), "二街坊", "110105", "酒仙桥街道 二街坊"),
        (("广东省", "东莞市", "虎门镇"), "甲村", "4419", "虎门镇 甲村"),
        (("广东省", "中山市", "中山火炬高技术产业开发区"), "甲村", "4420", "中山火炬高技术产业开发区 甲村"),
        (("海南省", "儋州市", "市辖区"), "那大镇", "4604", "那大镇"),
    ],
)
def test_a_street_town_or_community_is_a_zone_of_its_county_and_never_the_county(
    names: tuple[str, str, str], community: str, number: str, zone: str
) -> None:
    one = place(*names, community)
    assert (one.placement, one.division, one.zone) == (Placement.EXACT, number, zone)


def test_a_whole_street_of_beijing_is_a_zone_of_its_district_too() -> None:
    one = place("北京市", "丰台区", "花乡街道")
    assert (one.placement, one.division, one.zone) == (Placement.EXACT, "110106", "花乡街道")


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (("四川省", "成都市", "高新区"), "5101"),
        (("吉林省", "长春市", "经开区"), "2201"),
        (("吉林省", "长春市", "净月区"), "2201"),
        (("陕西省", "西安市", "西咸新区"), "6101"),
        (("广东省", "惠州市", "大亚湾区"), "4413"),
        (("陕西省", "西安市", "国际港务区"), "6101"),
        (("黑龙江省", "大兴安岭地区", "加格达奇区(虚拟)"), "2327"),
        (("重庆市", "重庆市", "两江新区"), "50"),
        (("吉林省", "长白山保护开发区", "池北区"), "22"),
    ],
)
def test_a_development_zone_without_a_number_is_kept_by_name_under_what_holds_it(
    names: tuple[str, str, str], number: str
) -> None:
    one = place(*names)
    assert (one.placement, one.division) == (Placement.ZONE, number)
    assert one.zone is not None
    assert names[2] in one.zone


@pytest.mark.parametrize(
    ("community", "placement", "division"),
    [
        ("第八师石河子市33社区", Placement.EXACT, "659001"),
        ("除已划分为中、高风险区域以外第八师石河子市其它区域", Placement.EXACT, "659001"),
        ("第四师六十二团一连幸福路3巷", Placement.ZONE, "66"),
        ("第八师143团桃源旅游区", Placement.ZONE, "66"),
        ("某小区", Placement.NONE, "66"),
    ],
)
def test_the_corps_is_placed_by_what_its_communities_name(community: str, placement: Placement, division: str) -> None:
    corps = "新疆生产建设兵团"
    one = place(corps, corps, corps, community)
    assert (one.placement, one.division, one.zone) == (placement, division, community)


@pytest.mark.parametrize(
    ("names", "placement", "division"),
    [
        (("湖北省", "武汉市", "幻想县"), Placement.PREFECTURE, "4201"),
        (("河北省", "石家庄市", "市辖区"), Placement.PREFECTURE, "1301"),
        (("湖北省", "幻想市", "幻想县"), Placement.NONE, "42"),
        (("湖北省", "湖北省", ""), Placement.NONE, "42"),
        (("湖北省", "", ""), Placement.NONE, "42"),
        (("幻想省", "武汉市", "江岸区"), Placement.NONE, None),
        (("", "", ""), Placement.NONE, None),
    ],
)
def test_what_is_not_in_the_gazetteer_is_kept_as_far_up_as_it_is_known(
    names: tuple[str, str, str], placement: Placement, division: str | None
) -> None:
    one = place(*names, "甲社区")
    assert (one.placement, one.division) == (placement, division)
    assert one.zone is not None
    assert one.zone.endswith("甲社区")


def test_a_county_name_of_another_city_is_not_taken() -> None:
    assert place("河北省", "石家庄市", "桥东区").division == "1301"
    assert place("河北省", "幻想市", "桥西区").division == "13"


def test_a_renamed_or_renumbered_county_is_found_as_it_was_called_then() -> None:
    assert place("江苏省", "南通市", "崇川区", hour="2020-04-15 9时").division == "320602"
    assert place("江苏省", "南通市", "崇川区", hour="2022-04-15 9时").division == "320613"
    assert place("河北省", "邢台市", "邢台县", hour="2020-04-15 9时").division == "130521"


def test_a_whole_city_is_placed_as_one_only_where_the_row_says_so() -> None:
    whole = place("湖北省", "鄂州市", "")
    part = place("湖北省", "鄂州市", "", "甲社区")
    assert (whole.placement, whole.division, whole.zone) == (Placement.EXACT, "4207", None)
    assert (part.placement, part.division, part.zone) == (Placement.PREFECTURE, "4207", "甲社区")


@pytest.mark.parametrize(
    ("community", "is_rest"),
    [
        ("除高风险区以外的其他地区", True),
        ("除高风险区外其他区域", True),
        ("高风险区以外的其他地区", True),
        ("其它区域", True),
        ("贵阳市云岩区除高、中风险区外的其他区域", True),
        ("除已划分为中、高风险区域以外六十二团其它区域", True),
        ("大石街（除高风险区外）", True),
        ("沙头街道下沙村三坊（高风险区除外）", True),
        ("中高风险区以外的城关区其他所有区域", True),
        ("葛渔城镇全域", False),
        ("万新街蔚秀花园（除9、10、11、14、15、22、23、26号楼）", False),
        ("外滩街道", False),
    ],
)
def test_all_but_the_above_is_recognised_as_the_rest_of_its_unit(community: str, is_rest: bool) -> None:
    assert place("湖北省", "武汉市", "江岸区", community).is_rest is is_rest


def test_every_entry_comes_out_once_and_in_order() -> None:
    rows = [row("湖北省", "武汉市", "江岸区", "甲", "乙"), row("幻想省", "x", "y"), row("北京市", "朝阳区", "z", "丙")]
    out = placed(*rows)
    assert [one.entry.community for one in out] == ["甲", "乙", None, "丙"]


@pytest.mark.parametrize(
    ("names", "community", "county"),
    [
        (("陕西省", "西安市", "西咸新区"), "沣东新城建章路街道孟家村", "610112"),
        (("广东省", "茂名市", "高新区"), "七迳镇山岚村委会上山岚村2号", "440904"),
    ],
)
def test_a_development_zone_is_laid_on_the_county_of_the_street_that_the_entry_names(
    names: tuple[str, str, str], community: str, county: str
) -> None:
    (one,) = placed(row(*names, community))
    assert (one.placement, one.division, one.zone) == (Placement.EXACT, county, f"{names[2]} {community}")
    risks = risk_map(high=[row(*names, community)])
    assert risks.risk_of_division(county) is OriginRisk.MIXED


def test_a_street_that_no_county_is_known_to_hold_leaves_the_zone_with_its_city() -> None:
    (one,) = placed(row("吉林省", "长春市", "经开区", "兴隆山镇分水村"))
    assert (one.placement, one.division) == (Placement.ZONE, "2201")


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (("湖北", "襄阳", "樊城区"), "420606"),
        (("湖北省", "襄阳市", "襄阳市樊城区"), "420606"),
        (("广西", "南宁", "横县"), "450127"),
        (("内蒙古", "锡林郭勒", "锡林浩特市"), "152502"),
        (("北京", "朝阳区", "酒仙桥街道"), "110105"),
    ],
)
def test_a_shortened_name_and_a_city_before_its_county_are_understood(names: tuple[str, str, str], number: str) -> None:
    (one,) = placed(row(*names, "甲社区"))
    assert (one.placement, one.division) == (Placement.EXACT, number)


def test_a_county_whose_kind_is_left_away_is_not_guessed() -> None:
    (one,) = placed(row("江西省", "南昌市", "南昌", "甲社区"))
    assert (one.placement, one.division) == (Placement.PREFECTURE, "3601")
