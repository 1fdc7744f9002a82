"""The report of an import: what was placed how, and everything odd told by name. With the platform's real answers."""

import json
from pathlib import Path

import pytest

from tests.unit.risk.lists import AT, GAZETTEER, PACKAGE, SHARED, answer, encode, risk_map, row
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision
from tongxing.risk.import_report import ODDITIES_TOLD_MAX, ImportReport, OddityKind, report_import
from tongxing.risk.official_list import AreaLevel, parse_official_list
from tongxing.risk.placing import PlacedList, Placement, place_list
from tongxing.risk.risk_map import RiskMap

FILES = sorted((SHARED / "risk-lists").glob("*.json")) if (SHARED / "risk-lists").is_dir() else []
NO_DATA = "NO DATA: the seven answers in shared/data/risk-lists are not beside the repository; none was imported"
EXPECTED = {
    "2022041511": (203, 184, 19),
    "2022070610": (303, 292, 11),
    "2022080100": (1_205, 1_184, 21),
    "2022090900": (3_359, 3_303, 56),
    "2022100108": (1_711, 1_700, 11),
    "2022112408": (2_234, 2_169, 65),
    "2022121308": (3_265, 3_166, 99),
}
"""Entries, exact, zone. Every entry of the seven files is one or the other."""


def report_of(data: bytes) -> ImportReport:
    official = parse_official_list(data, at=AT)
    return report_import(official, place_list(official, GAZETTEER))


def place_file(path: Path) -> PlacedList:
    return place_list(parse_official_list(path.read_bytes(), at=AT), GAZETTEER)


def kinds(data: bytes) -> dict[OddityKind, int]:
    return dict(report_of(data).oddity_counts)


def test_the_seven_real_files_are_there_or_this_is_said_aloud() -> None:
    if not FILES:
        pytest.skip(NO_DATA)
    assert [path.name[:10] for path in FILES] == sorted(EXPECTED)


@pytest.mark.skipif(not FILES, reason=NO_DATA)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:10])
def test_every_entry_of_a_real_file_is_placed_and_none_is_dropped(path: Path) -> None:
    report = report_of(path.read_bytes())
    entries, exact, zone = EXPECTED[path.name[:10]]
    assert report.entries == entries
    assert report.by_placement == {
        Placement.EXACT: exact,
        Placement.ZONE: zone,
        Placement.PREFECTURE: 0,
        Placement.NONE: 0,
    }
    content = json.loads(path.read_bytes())["data"]
    rows = [one for key in ("highlist", "middlelist", "lowlist") for one in content.get(key, [])]
    assert report.entries == sum(max(1, len(one["communitys"])) for one in rows)


@pytest.mark.skipif(not FILES, reason=NO_DATA)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:10])
def test_of_each_real_file_nearly_all_entries_are_named_with_a_precision_and_nine_in_ten_exactly(path: Path) -> None:
    report = report_of(path.read_bytes())
    assert report.share_of(Placement.EXACT) >= 0.9
    assert 1 - report.share_of(Placement.NONE) >= 0.995


@pytest.mark.skipif(not FILES, reason=NO_DATA)
def test_where_the_real_files_name_the_county_too_the_street_tells_the_same_in_nearly_all_entries() -> None:
    """What the table of streets says of zones cannot be checked; what it says of counties can."""
    agrees, differs = 0, 0
    for path in FILES:
        for one in place_file(path).entries:
            has_county = one.division is not None and len(one.division) == 6 and one.zone == one.entry.community
            if has_county and one.division is not None and one.entry.community is not None:
                by_street = GAZETTEER.find_county_by_street(one.division[:4], one.entry.community)
                agrees += by_street == one.division
                differs += by_street not in (None, one.division)
    assert agrees > 6_000
    assert agrees / (agrees + differs) >= 0.995


@pytest.mark.skipif(not FILES, reason=NO_DATA)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:10])
def test_in_a_real_file_each_exact_place_bears_a_name_that_the_row_names(path: Path) -> None:
    for one in place_file(path).entries:
        by_street = GAZETTEER.find_county_by_street((one.division or "")[:4], one.entry.community or "")
        if one.placement is Placement.EXACT and one.division not in (None, by_street):
            division = GAZETTEER.find(one.division or "")
            named = (one.entry.city, one.entry.county, one.entry.community or "")
            assert division is not None
            assert any(name in text for name in division.names for text in named), one


@pytest.mark.skipif(not FILES, reason=NO_DATA)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:10])
def test_in_a_real_file_no_county_is_raised_that_the_list_does_not_name_as_a_whole(path: Path) -> None:
    placed = place_file(path)
    risks = RiskMap.of(placed)
    named_whole = {one.division for one in placed.entries if one.zone is None}
    for level in (OriginRisk.HIGH, OriginRisk.MEDIUM):
        assert set(risks.numbers_at(level)) <= named_whole | _retired(named_whole)
    for one in placed.entries:
        if one.division is not None and one.entry.level is not AreaLevel.LOW:
            assert risks.risk_of_division(one.division) is not OriginRisk.LOW


def _retired(whole: set[str | None]) -> set[str]:
    """Return the retired numbers all of whose successors are named as a whole."""
    found = set()
    for number in GAZETTEER.numbers():
        division = GAZETTEER.find(number)
        if division is not None and division.became and set(division.became) <= whole:
            found.add(number)
    return found


@pytest.mark.skipif(not FILES, reason=NO_DATA)
def test_the_oddities_of_the_real_files_are_told() -> None:
    told = {path.name[:10]: report_of(path.read_bytes()).oddity_counts for path in FILES}
    assert told == {
        **{name: {} for name in EXPECTED},
        "2022090900": {OddityKind.TWO_LEVELS: 1},
        "2022112408": {OddityKind.WHOLE_AND_PARTS: 79},
    }


def test_the_demos_small_list_names_whole_counties_only_and_is_of_spring_2020() -> None:
    data = (PACKAGE / "simulation" / "small_risk_list.json").read_bytes()
    report = report_of(data)
    assert (report.entries, report.whole_units, report.by_placement[Placement.EXACT]) == (4, 4, 4)
    assert (report.as_of.year, report.as_of.month, report.oddities) == (2020, 3, ())
    risks = RiskMap.of(place_list(parse_official_list(data, at=AT), GAZETTEER))
    stays = {"420102": OriginRisk.HIGH, "420106": OriginRisk.MEDIUM, "420107": OriginRisk.MEDIUM}
    stays |= {"420502": OriginRisk.LOW, "450103": OriginRisk.LOW}
    for division, risk in stays.items():
        assert risks.risk_of(Origin(division, Precision.EXACT, OriginBasis.DECLARED_STAY)) is risk


def test_shares_are_of_all_entries_and_an_empty_list_has_none() -> None:
    report = report_of(
        encode(answer(high=[row("湖北省", "武汉市", "江岸区", "甲", "乙", "丙"), row("幻想省", "", "")]))
    )
    assert report.share_of(Placement.EXACT) == 0.75
    assert report.share_of(Placement.NONE) == 0.25
    assert report_of(encode(answer())).share_of(Placement.EXACT) == 0.0


def test_counts_that_disagree_are_told_and_whole_units_may_be_counted_or_not() -> None:
    value = answer(high=[row("湖北省", "武汉市", "江岸区", "甲", "乙"), row("湖北省", "武汉市", "青山区")])
    for stated, odd in ((2, False), (3, False), (1, True), (4, True)):
        value["data"]["hcount"] = stated
        assert (OddityKind.COUNT_DISAGREES in kinds(encode(value))) is odd
    (oddity,) = report_of(encode(value)).oddities
    assert oddity.detail == "high: the list states 4, it holds 2 communities and 1 whole units"


def test_duplicates_two_levels_and_contradictions_are_told_by_row_and_name() -> None:
    one = row("湖北省", "武汉市", "江岸区", "甲社区")
    report = report_of(
        encode(answer(high=[one, one, row("湖北省", "武汉市", "江岸区")], middle=[one]))
    )  # fmt: skip
    assert report.oddity_counts == {
        OddityKind.DUPLICATE_ENTRY: 1,
        OddityKind.TWO_LEVELS: 1,
        OddityKind.WHOLE_AND_PARTS: 1,
    }
    assert report.entries == 4
    assert "high row 2 (湖北省 武汉市 江岸区 甲社区) stands there twice" in [one.detail for one in report.oddities]


def test_an_unknown_division_is_told_by_row_and_name() -> None:
    report = report_of(encode(answer(middle=[row("湖北省", "武汉市", "幻想县", "甲社区")])))
    assert [(one.kind, one.detail) for one in report.oddities] == [
        (OddityKind.UNKNOWN_DIVISION, "medium row 1 (湖北省 武汉市 幻想县 甲社区) is not in the gazetteer")
    ]


def test_an_abolished_division_and_one_not_yet_made_are_told_by_name_and_by_what_they_became() -> None:
    rows = [row("广西壮族自治区", "南宁市", "横县"), row("广西壮族自治区", "南宁市", "横州市")]
    for hour, said in (
        ("2022-04-15 11时", "high row 1 (广西壮族自治区 南宁市 横县) is 450127, not in use in 2022, now 450181"),
        ("2019-04-15 11时", "high row 2 (广西壮族自治区 南宁市 横州市) is 450181, not in use in 2019"),
    ):
        report = report_of(encode(answer(hour, high=rows)))
        assert [one.detail for one in report.oddities if one.kind is OddityKind.RETIRED_DIVISION] == [said]


def test_a_row_whose_own_name_disagrees_is_told_and_a_shortened_one_is_not() -> None:
    short = {**row("河北省", "辛集市", "辛集市"), "area_name": "河北省 辛集市"}
    other = {**row("河北省", "石家庄市", "长安区"), "area_name": "河北省 邯郸市 邯山区"}
    assert kinds(encode(answer(high=[short]))) == {}
    assert kinds(encode(answer(high=[other]))) == {OddityKind.AREA_NAME_DISAGREES: 1}


def test_a_report_counts_all_oddities_and_names_the_first_hundred() -> None:
    report = report_of(encode(answer(high=[row("幻想省", "x", "y", *[str(n) for n in range(500)])])))
    assert report.oddity_counts == {OddityKind.UNKNOWN_DIVISION: 500}
    assert len(report.oddities) == ODDITIES_TOLD_MAX


def test_the_same_list_gives_the_same_map_whatever_the_order_of_its_rows() -> None:
    rows = [
        row("湖北省", "武汉市", "江岸区"),
        row("湖北省", "武汉市", "青山区", "甲"),
        row("四川省", "成都市", "高新区"),
    ]
    one, other = risk_map(high=rows), risk_map(high=rows[::-1])
    assert all(one.numbers_at(risk) == other.numbers_at(risk) for risk in OriginRisk)
