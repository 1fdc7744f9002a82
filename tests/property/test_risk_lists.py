"""Lists of any month, garbled as lists are: every entry comes out, and nothing is raised that no row names whole."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.risk.lists import AT, GAZETTEER, answer, encode, row
from tongxing.core.reports import OriginRisk
from tongxing.risk.import_report import OddityKind, report_import
from tongxing.risk.official_list import parse_official_list
from tongxing.risk.placing import Placement, place_list
from tongxing.risk.risk_map import RiskMap

COUNTIES = [number for number in GAZETTEER.numbers() if len(number) == 6 and number[:4] in GAZETTEER]
GARBLED = st.sampled_from(
    ["", "幻想县", "高新区", "市辖区", "经开区（汉南区）", "全域", "城区", "开发区", "新区", " ", "县", "區", "🜁"]
)
COMMUNITIES = st.lists(
    st.sampled_from(["甲社区", "除高风险区以外的其他地区", "兴隆山镇分水村", "建章路街道孟家村", "全域"]), max_size=3
)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A row of a real county in which one name may be garbled, shortened, doubled or missing."""
    number = draw(st.sampled_from(COUNTIES))
    names = [GAZETTEER.name_of(part) for part in (number[:2], number[:4], number)]
    change = draw(st.integers(0, 4))
    if change == 1:
        names[draw(st.integers(0, 2))] = draw(GARBLED)
    elif change == 2:
        place = draw(st.integers(0, 2))
        names[place] = names[place][:-1] or names[place]
    elif change == 3:
        names[2] = names[1] + names[2]
    elif change == 4:
        names = names[1:] + names[:1]
    return row(names[0], names[1], names[2], *draw(COMMUNITIES))


@given(st.lists(rows(), max_size=8), st.lists(rows(), max_size=4), st.sampled_from([2020, 2021, 2022]))
def test_no_division_is_raised_that_no_row_names_as_a_whole(
    high: list[dict[str, Any]], middle: list[dict[str, Any]], year: int
) -> None:
    official = parse_official_list(encode(answer(f"{year}-03-05 09时", high=high, middle=middle)), at=AT)
    placed = place_list(official, GAZETTEER)
    assert [one.entry for one in placed.entries] == list(official.entries)
    whole = {one.division for one in placed.entries if one.placement is Placement.EXACT and one.zone is None}
    named = {one.division for one in placed.entries if one.zone is None and _is_called_so(one.entry, one.division)}
    assert whole <= named
    risks = RiskMap.of(placed)
    for level in (OriginRisk.HIGH, OriginRisk.MEDIUM):
        for number in risks.numbers_at(level):
            division = GAZETTEER.find(number)
            kin = {number, number[:4], *GAZETTEER.predecessors_of(number), *(division.became if division else ())}
            assert kin & whole, number


@given(st.lists(rows(), min_size=1, max_size=8), st.integers(-3, 3))
def test_what_is_odd_is_told_and_never_dropped(listed: list[dict[str, Any]], miscounted: int) -> None:
    value = answer("2022-03-05 09时", high=[*listed, listed[0]])
    stated = max(0, value["data"]["hcount"] + miscounted)
    value["data"]["hcount"] = stated
    official = parse_official_list(encode(value), at=AT)
    report = report_import(official, place_list(official, GAZETTEER))
    assert report.entries == sum(max(1, len(one["communitys"])) for one in [*listed, listed[0]])
    assert report.oddity_counts[OddityKind.DUPLICATE_ENTRY] >= 1
    entries, communities = report.entries, report.entries - report.whole_units
    is_odd = stated not in (communities, entries)
    assert (report.oddity_counts.get(OddityKind.COUNT_DISAGREES, 0) == 1) is is_odd


def _is_called_so(entry: Any, number: str | None) -> bool:
    """True if the last name of a row holds the full name of a division, or of what is left of it without its kind."""
    division = GAZETTEER.find(number or "")
    last = entry.county or entry.city or entry.province
    return division is not None and any(name in last or name[:-1] in last for name in division.names)
