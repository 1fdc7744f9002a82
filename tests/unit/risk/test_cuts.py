"""The shapes of the seven real lists, in seven small committed ones: what is claimed is tested without the files too.

Each cut has the hour, the lists and the irregular shapes of one real answer; provinces, cities and counties are real,
since the gazetteer must find them, and every street and community is invented.
"""

from pathlib import Path

import pytest

from tests.unit.risk.lists import AT, GAZETTEER
from tongxing.core.reports import OriginRisk
from tongxing.risk.import_report import ImportReport, OddityKind, report_import
from tongxing.risk.official_list import AreaLevel, parse_official_list
from tongxing.risk.placing import PlacedList, Placement, place_list
from tongxing.risk.risk_map import RiskMap

CUTS = sorted((Path(__file__).parent / "cuts").glob("*.json"))
EXPECTED: dict[str, tuple[int, int, dict[OddityKind, int]]] = {
    "2022-04-15": (5, 1, {}),
    "2022-07-06": (5, 0, {}),
    "2022-08-01": (5, 1, {}),
    "2022-09-09": (5, 1, {OddityKind.TWO_LEVELS: 1}),
    "2022-10-01": (5, 1, {}),
    "2022-11-24": (7, 0, {OddityKind.WHOLE_AND_PARTS: 1}),
    "2022-12-13": (4, 2, {}),
}
"""Exact, zone, and what is odd. Every entry of the seven is one or the other."""

SHAPES: dict[str, tuple[str, str, str, Placement, str]] = {
    "Beijing: district and street": ("2022-04-15", "朝阳区", "幻光街道", Placement.EXACT, "110105"),
    "two names of one unit": ("2022-04-15", "武汉市", "经开区（汉南区）", Placement.EXACT, "420113"),
    "a zone that is named like a district": ("2022-04-15", "长春市", "净月区", Placement.ZONE, "2201"),
    "a whole unit": ("2022-04-15", "牡丹江市", "绥芬河市", Placement.EXACT, "231081"),
    "a city without counties": ("2022-07-06", "东莞市", "幻门镇", Placement.EXACT, "4419"),
    "a county that its province runs": (
        "2022-07-06",
        "省直辖县级行政单位",
        "白沙黎族自治县",
        Placement.EXACT,
        "469025",
    ),
    "Tianjin: the city twice": ("2022-08-01", "天津市", "河西区", Placement.EXACT, "120103"),
    "a development zone": ("2022-08-01", "成都市", "高新区", Placement.ZONE, "5101"),
    "a new area of a municipality": ("2022-09-09", "重庆市", "两江新区", Placement.ZONE, "50"),
    "a city by its districts": ("2022-10-01", "嘉峪关市", "市辖区", Placement.EXACT, "6202"),
    "a county-level city twice": ("2022-11-24", "辛集市", "辛集市", Placement.EXACT, "130181"),
    "a zone and district by one name": ("2022-12-13", "乌鲁木齐市", "高新区（新市区）", Placement.EXACT, "650104"),
}


def place(path: Path) -> PlacedList:
    return place_list(parse_official_list(path.read_bytes(), at=AT), GAZETTEER)


def report_of(path: Path) -> ImportReport:
    official = parse_official_list(path.read_bytes(), at=AT)
    return report_import(official, place_list(official, GAZETTEER))


def test_there_is_a_cut_of_each_real_list() -> None:
    assert [path.stem for path in CUTS] == sorted(EXPECTED)


@pytest.mark.parametrize("path", CUTS, ids=lambda path: path.stem)
def test_every_entry_of_a_cut_is_placed_and_none_is_dropped(path: Path) -> None:
    report = report_of(path)
    exact, zone, odd = EXPECTED[path.stem]
    assert report.entries == exact + zone
    assert {placement: count for placement, count in report.by_placement.items() if count} == {
        placement: count for placement, count in ((Placement.EXACT, exact), (Placement.ZONE, zone)) if count
    }
    assert report.oddity_counts == odd


@pytest.mark.parametrize("shape", SHAPES)
def test_each_irregular_shape_is_placed_where_it_is(shape: str) -> None:
    cut, city, county, placement, division = SHAPES[shape]
    (path,) = [path for path in CUTS if path.stem == cut]
    found = [one for one in place(path).entries if (one.entry.city, one.entry.county) == (city, county)]
    assert found
    assert {(one.placement, one.division) for one in found} == {(placement, division)}


def test_the_corps_is_placed_by_the_names_inside_of_its_communities() -> None:
    corps = [one for one in place(CUTS[-1]).entries if one.entry.city == "新疆生产建设兵团"]
    assert [(one.placement, one.division) for one in corps] == [(Placement.EXACT, "659001"), (Placement.ZONE, "66")]


@pytest.mark.parametrize("path", CUTS, ids=lambda path: path.stem)
def test_in_a_cut_no_county_is_raised_that_is_not_named_as_a_whole_and_none_named_is_low(path: Path) -> None:
    placed = place(path)
    risks = RiskMap.of(placed)
    named_whole = {one.division for one in placed.entries if one.zone is None}
    for level in (OriginRisk.HIGH, OriginRisk.MEDIUM):
        assert set(risks.numbers_at(level)) <= named_whole
    for one in placed.entries:
        if one.division is not None and one.entry.level is not AreaLevel.LOW:
            assert risks.risk_of_division(one.division) is not OriginRisk.LOW


def test_all_but_the_above_is_told_as_the_rest_of_its_unit() -> None:
    rests = [one for path in CUTS for one in place(path).entries if one.is_rest]
    assert len(rests) == sum(report_of(path).rests for path in CUTS) == 6
    assert {one.entry.level for one in rests} == {AreaLevel.LOW}
