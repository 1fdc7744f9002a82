"""The tables that are shipped: total, above the floor, monotone, on every day of their lives."""

from datetime import date, timedelta

import pytest

from tests.unit.rules.tables import BEIJING, EVERY_SHIPPED, EVERY_SITUATION, FLOOR, GUANGXI, HUBEI, SHIPPED, decide
from tongxing.core.levels import Level
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind
from tongxing.rules.analysis import check_table, days_of_change, find_all
from tongxing.rules.deciding import compile_stack
from tongxing.rules.rows import Evidence
from tongxing.rules.tables import RuleTable

SPRING = date(2020, 4, 10)
by_region = pytest.mark.parametrize("table", EVERY_SHIPPED, ids=lambda table: str(table.region))


@by_region
def test_a_shipped_table_decides_every_situation_on_every_day_of_change(table: RuleTable) -> None:
    for day in days_of_change(table, FLOOR):
        compiled = compile_stack((table,), day)
        for situation in EVERY_SITUATION:
            assert isinstance(compiled.decide(situation).outcome, Outcome)


@by_region
def test_a_shipped_table_breaks_no_law_on_any_day(table: RuleTable) -> None:
    assert list(find_all(table, None if table is FLOOR else FLOOR)) == []
    check_table(table, None if table is FLOOR else FLOOR)


@by_region
def test_only_a_high_level_is_stopped_and_it_always_is(table: RuleTable) -> None:
    for day in days_of_change(table):
        compiled = compile_stack((table,), day)
        for situation in EVERY_SITUATION:
            stopped = compiled.decide(situation).outcome is Outcome.STOP
            assert stopped is (situation.level is Level.HIGH)


@by_region
def test_each_rule_says_on_what_it_rests(table: RuleTable) -> None:
    rows = [*table.rows, *(entry.row for entry in table.exceptions)]
    assert all(row.legal_basis and isinstance(row.evidence, Evidence) for row in rows)


@pytest.mark.parametrize("place_kind", PlaceKind)
def test_a_low_level_from_a_low_risk_area_passes_in_guangxi_with_nothing_asked(place_kind: PlaceKind) -> None:
    decision = decide(GUANGXI, SPRING, Level.LOW, False, OriginRisk.LOW, True, place_kind)
    assert (decision.outcome, decision.measures) == (Outcome.PASS, ())
    assert decision.reason is ReasonId.LOW_LEVEL_LOW_ORIGIN
    assert decision.row == "45/guangxi/low_level_low_origin"


@pytest.mark.parametrize(
    ("level", "origin", "outcome", "reason"),
    [
        (Level.HIGH, OriginRisk.LOW, Outcome.STOP, ReasonId.LEVEL_HIGH),
        (Level.HIGH, OriginRisk.UNKNOWN, Outcome.STOP, ReasonId.LEVEL_HIGH),
        (Level.MEDIUM, OriginRisk.LOW, Outcome.PASS_WITH_MEASURES, ReasonId.LEVEL_MEDIUM),
        (Level.MEDIUM, OriginRisk.HIGH, Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_HIGH),
        (Level.LOW, OriginRisk.MEDIUM, Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_MEDIUM),
        (Level.LOW, OriginRisk.HIGH, Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_HIGH),
        (Level.LOW, OriginRisk.MIXED, Outcome.REFER, ReasonId.ORIGIN_MIXED),
        (Level.LOW, OriginRisk.UNKNOWN, Outcome.REFER, ReasonId.ORIGIN_UNKNOWN),
    ],
)
def test_guangxi_decides_the_other_people_of_spring_2020_by_these_reasons(
    level: Level, origin: OriginRisk, outcome: Outcome, reason: ReasonId
) -> None:
    decision = decide(GUANGXI, SPRING, level, False, origin, True, PlaceKind.TRAFFIC_GATE)
    assert (decision.outcome, decision.reason) == (outcome, reason)


def test_every_region_with_a_profile_has_a_table_of_its_own() -> None:
    profiles = {path.stem for path in (SHIPPED.parent / "profiles").glob("*.toml")}
    assert {str(table.region) for table in EVERY_SHIPPED} == profiles | {"00"}


@pytest.mark.parametrize(
    ("table", "last_day"),
    [(HUBEI, date(2020, 4, 7)), (BEIJING, date(2020, 4, 29))],
    ids=["hubei", "beijing"],
)
def test_an_exception_asks_for_measures_and_stops_by_itself_after_its_last_day(
    table: RuleTable, last_day: date
) -> None:
    (exception,) = table.exceptions
    last = exception.row.days.last
    assert last == last_day
    low = (Level.LOW, False, OriginRisk.LOW, True, PlaceKind.TRAFFIC_GATE)
    during = decide(table, last, *low)
    after = decide(table, last + timedelta(days=1), *low)
    assert (during.outcome, during.reason) == (Outcome.PASS_WITH_MEASURES, ReasonId.LOCAL_CONDITION)
    assert during.measures == (Measure.TAKE_TEMPERATURE, Measure.DECLARE_STAY, Measure.REPORT_TO_COMMUNITY)
    assert during.by_exception
    assert (after.outcome, after.by_exception) == (Outcome.PASS, False)


def test_from_2021_03_23_a_low_level_passes_whatever_the_origin() -> None:
    for origin in OriginRisk:
        arguments = (Level.LOW, False, origin, False, PlaceKind.FACTORY)
        assert decide(GUANGXI, date(2021, 3, 23), *arguments).outcome is Outcome.PASS
        before = decide(GUANGXI, date(2021, 3, 22), *arguments).outcome
        assert (before is Outcome.PASS) is (origin is OriginRisk.LOW)
