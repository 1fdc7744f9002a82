"""The tables of the time: proven, thin, and saying on 2020-03-21, 2021-03-23 and 2022-07-01 what the facts say."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.unit.rules.tables import BOOK, EVERY_SHIPPED, EVERY_SITUATION, FLOOR, SHIPPED, shipped_on, situation_of
from tongxing.core.checkpoints import Fever
from tongxing.core.groups import Credential, Group
from tongxing.core.levels import Level
from tongxing.core.proofs import AntigenBand, IsolationBand, RecoveryBand, TestBand
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import FEDERATION, PlaceKind, RegionId
from tongxing.rules.deciding import Decision, compile_stack
from tongxing.rules.fitting import find_example
from tongxing.rules.proof import find_in_book
from tongxing.rules.rows import Demand, Evidence
from tongxing.rules.situations import Situation
from tongxing.rules.tables import RuleTable

SPRING_2020, SPRING_2021, SUMMER_2022 = date(2020, 3, 21), date(2021, 3, 23), date(2022, 7, 1)
REGIONS = tuple(sorted({table.region for table in EVERY_SHIPPED} - {FEDERATION}))
WITHIN_72_H = (TestBand.WITHIN_72_H, TestBand.WITHIN_48_H, TestBand.WITHIN_24_H)

by_table = pytest.mark.parametrize("table", EVERY_SHIPPED, ids=lambda table: str(table.region))
by_region = pytest.mark.parametrize("region", REGIONS)
at_gate = (True, PlaceKind.TRAFFIC_GATE)


def days_of_change() -> tuple[date, ...]:
    """Every day on which any shipped table may begin to say something else, and the three of the facts."""
    spans = [row.days for table in EVERY_SHIPPED for row in table.rows]
    spans += [row.days for table in EVERY_SHIPPED for row in table.not_checked]
    spans += [row.days for table in EVERY_SHIPPED for row in table.ceilings]
    spans += [entry.row.days for table in EVERY_SHIPPED for entry in table.exceptions]
    ends = {span.last + timedelta(days=1) for span in spans if span.last is not None}
    return tuple(sorted({span.first for span in spans} | ends | {SPRING_2020, SPRING_2021, SUMMER_2022}))


def decide(region: str, on: date, *values: object, **others: object) -> Decision:
    return shipped_on(region, on).decide(situation_of(*values, **others))


def test_the_shipped_tables_break_no_law_on_any_day() -> None:
    assert list(find_in_book(BOOK)) == []


@by_region
def test_every_situation_is_decided_on_every_day_and_only_a_high_level_is_stopped(region: RegionId) -> None:
    for day in days_of_change():
        rules = shipped_on(region, day)
        for situation in EVERY_SITUATION:
            stopped = rules.decide(situation).outcome is Outcome.STOP
            assert stopped is (situation.level is Level.HIGH)


@by_region
def test_each_row_of_a_region_says_what_would_not_be_said_without_it(region: RegionId) -> None:
    """Only what differs stands in a region's table: whoever a row decides fares otherwise without it."""
    (table,) = BOOK.versions[region, ""]
    for row in (*table.rows, *(entry.row for entry in table.exceptions)):
        days = [day for day in days_of_change() if row.days.holds(day)]
        assert any(differs_without(table, row.id, day) for day in days), row.id


def differs_without(table: RuleTable, row_id: str, on: date) -> bool:
    stack = BOOK.stack_on(table.region, on)
    assert stack[0] == table
    rows = tuple(row for row in table.rows if row.id != row_id)
    exceptions = tuple(entry for entry in table.exceptions if entry.row.id != row_id)
    without = compile_stack((replace(table, rows=rows, exceptions=exceptions), *stack[1:]), on)
    rules = compile_stack(stack, on)
    rows_and_exceptions = (*table.rows, *(entry.row for entry in table.exceptions))
    (conditions,) = (row.conditions for row in rows_and_exceptions if row.id == row_id)
    example = find_example(conditions, on)
    if example is None:
        return False
    with_it, without_it = rules.decide(example), without.decide(example)
    return (with_it.outcome, with_it.measures) != (without_it.outcome, without_it.measures)


@by_table
def test_each_rule_says_on_what_it_rests(table: RuleTable) -> None:
    rests = [(row.legal_basis, row.evidence) for row in table.rows]
    rests += [(entry.row.legal_basis, entry.row.evidence) for entry in table.exceptions]
    rests += [(row.legal_basis, row.evidence) for row in table.not_checked]
    rests += [(row.legal_basis, row.evidence) for row in table.ceilings]
    assert all(legal_basis and isinstance(evidence, Evidence) for legal_basis, evidence in rests)


def test_every_region_with_a_table_of_its_own_has_a_profile() -> None:
    profiles = {path.stem for path in (SHIPPED.parent / "profiles").glob("*.toml")}
    assert set(REGIONS) <= profiles


@by_region
@pytest.mark.parametrize("place_kind", PlaceKind)
def test_a_low_level_from_a_low_risk_area_passes_everywhere_unless_an_exception_is_registered(
    region: RegionId, place_kind: PlaceKind
) -> None:
    for day in days_of_change():
        decision = decide(region, day, Level.LOW, False, OriginRisk.LOW, True, place_kind)
        assert (decision.outcome is Outcome.PASS) is not decision.by_exception
        if not decision.by_exception:
            assert (decision.measures, decision.reason in {ReasonId.LOW_LEVEL_LOW_ORIGIN, ReasonId.LOW_LEVEL}) == (
                (),
                True,
            )


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
    decision = decide("45", date(2020, 4, 10), level, False, origin, *at_gate)
    assert (decision.outcome, decision.reason) == (outcome, reason)
    assert decision.row.startswith("00/floor/"), "Guangxi says nothing of its own about its traffic gates"


@pytest.mark.parametrize(("region", "last"), [("42", date(2020, 4, 7)), ("11", date(2020, 4, 29))])
def test_conditional_recognition_asks_for_measures_and_stops_by_itself_after_its_last_day(
    region: str, last: date
) -> None:
    low = (Level.LOW, False, OriginRisk.LOW, *at_gate)
    during, after = decide(region, last, *low), decide(region, last + timedelta(days=1), *low)
    assert (during.outcome, during.reason) == (Outcome.PASS_WITH_MEASURES, ReasonId.LOCAL_CONDITION)
    assert during.measures == (Measure.TAKE_TEMPERATURE, Measure.DECLARE_STAY, Measure.REPORT_TO_COMMUNITY)
    assert during.exception is not None
    assert during.exception.registrar.en
    assert during.exception.row.days.last == last
    assert (after.outcome, after.by_exception) == (Outcome.PASS, False)


@by_region
def test_from_2021_03_23_a_low_level_passes_whatever_the_origin(region: RegionId) -> None:
    for origin in OriginRisk:
        arguments = (Level.LOW, False, origin, False, PlaceKind.FACTORY)
        assert decide(region, SPRING_2021, *arguments).outcome is Outcome.PASS
        before = decide(region, SPRING_2021 - timedelta(days=1), *arguments).outcome
        assert (before is Outcome.PASS) is (origin is OriginRisk.LOW)


@pytest.mark.parametrize(
    ("region", "place_kind", "measure"),
    [
        ("11", PlaceKind.TRAFFIC_GATE, Measure.ISOLATE_AT_HOME_14_DAYS),
        ("11", PlaceKind.RESIDENTIAL_COMPOUND, Measure.APPLY_FOR_LOCAL_CODE),
        ("34", PlaceKind.FACTORY, Measure.SHOW_PAPER_PROOF),
        ("42", PlaceKind.TRAFFIC_GATE, Measure.DECLARE_STAY),
        ("4401", PlaceKind.RESIDENTIAL_COMPOUND, Measure.DECLARE_STAY),
        ("45", PlaceKind.RESIDENTIAL_COMPOUND, Measure.APPLY_FOR_LOCAL_CODE),
        ("54", PlaceKind.PUBLIC_INSTITUTION, Measure.ISOLATE_AT_HOME_14_DAYS),
    ],
)
def test_outside_the_floor_regions_asked_for_more_in_2020_and_no_longer_in_2021(
    region: str, place_kind: PlaceKind, measure: Measure
) -> None:
    from_medium_risk = (Level.LOW, False, OriginRisk.MEDIUM, True, place_kind)
    assert measure in decide(region, SPRING_2020, *from_medium_risk).measures
    assert measure not in decide("41", SPRING_2020, *from_medium_risk).measures, "Henan has no table of its own"
    assert decide(region, SPRING_2021, *from_medium_risk).outcome is Outcome.PASS


def test_guangdong_spares_whoever_shows_a_notice_of_release_or_recovered_long_ago_but_guangzhous_compounds_do_not() -> (
    None
):
    person = situation_of(Level.LOW, False, OriginRisk.MEDIUM, *at_gate)
    released = person.changed(isolation=IsolationBand.ENDED_WITHIN_7_DAYS)
    recovered = person.changed(recovery=RecoveryBand.FROM_14_DAYS)
    rules = shipped_on("4403", SPRING_2020)
    assert Measure.OBSERVE_HEALTH_14_DAYS in rules.decide(person).measures
    for shown in (released, recovered):
        assert rules.decide(shown).measures == (Measure.TAKE_TEMPERATURE, Measure.REPORT_TO_COMMUNITY)
        compound = shown.changed(place_kind=PlaceKind.RESIDENTIAL_COMPOUND)
        assert rules.decide(compound).row.startswith("44/")
        assert shipped_on("4401", SPRING_2020).decide(compound).row == "4401/guangzhou/compounds_ask_for_stays"


def test_hubei_takes_a_villages_certificate_of_old_people_without_a_phone() -> None:
    person = situation_of(Level.LOW, False, OriginRisk.LOW, *at_gate, credential=Credential.PAPER)
    old = person.changed(groups=frozenset({Group.ELDERLY_WITHOUT_PHONE}))
    rules = shipped_on("42", SPRING_2020)
    assert Measure.DECLARE_STAY in rules.decide(person).measures
    assert rules.decide(old).measures == (Measure.TAKE_TEMPERATURE, Measure.REPORT_TO_COMMUNITY)


@by_region
def test_a_fever_sends_low_and_medium_to_the_manual_lane_on_every_day_and_no_exception_carries_it_past(
    region: RegionId,
) -> None:
    for day in days_of_change():
        rules = shipped_on(region, day)
        for situation in EVERY_SITUATION:
            if situation.fever is not Fever.FEVER or situation.level is Level.HIGH:
                continue
            decision = rules.decide(situation)
            assert (decision.outcome, decision.reason) == (Outcome.REFER, ReasonId.FEVER_MEASURED_HERE)
            assert not decision.by_exception


@by_region
def test_a_normal_reading_changes_nothing(region: RegionId) -> None:
    for day in days_of_change():
        rules = shipped_on(region, day)
        for situation in EVERY_SITUATION:
            if situation.fever is Fever.NORMAL:
                assert rules.decide(situation) == rules.decide(situation.changed(fever=Fever.NOT_MEASURED))


def test_since_2020_11_24_low_risk_places_read_no_code_but_traffic_gates_do() -> None:
    for before, day in pairwise((date(2020, 11, 23), date(2020, 11, 24))):
        for kind in PlaceKind:
            assert shipped_on("45", before).decide_unchecked(kind, place_risk=OriginRisk.LOW) is None
            unread = shipped_on("45", day).decide_unchecked(kind, place_risk=OriginRisk.LOW)
            assert (unread is None) is (kind is PlaceKind.TRAFFIC_GATE)
            for risk in set(OriginRisk) - {OriginRisk.LOW}:
                assert shipped_on("45", day).decide_unchecked(kind, place_risk=risk) is None


@pytest.mark.parametrize(
    ("demand", "first"),
    [
        (Demand.CODE_ONLY, date(2020, 11, 24)),
        (Demand.SECOND_APPLICATION, date(2021, 3, 23)),
        (Demand.SECOND_CODE, date(2022, 6, 24)),
    ],
)
def test_each_ceiling_begins_with_its_notice_and_has_no_end(demand: Demand, first: date) -> None:
    (ceiling,) = (row for row in FLOOR.ceilings if row.demand is demand)
    assert (ceiling.days.first, ceiling.days.last, ceiling.evidence) == (first, None, Evidence.DOC)


def driver(origin: OriginRisk = OriginRisk.HIGH, **others: object) -> Situation:
    return situation_of(Level.LOW, False, origin, *at_gate, groups=frozenset({Group.FREIGHT}), **others)


@pytest.mark.parametrize("origin", [OriginRisk.MEDIUM, OriginRisk.HIGH, OriginRisk.MIXED])
def test_goods_of_april_2022_go_with_a_test_of_48_h_or_an_antigen_test_and_a_follow_up(origin: OriginRisk) -> None:
    rules = shipped_on("45", SUMMER_2022)
    for band in (TestBand.WITHIN_48_H, TestBand.WITHIN_24_H):
        assert rules.decide(driver(origin, test=band)).outcome is Outcome.PASS
    for band in (TestBand.NONE, TestBand.OLDER, TestBand.WITHIN_7_DAYS, TestBand.WITHIN_72_H):
        followed = rules.decide(driver(origin, test=band, antigen=AntigenBand.NEGATIVE_24_H))
        assert (followed.outcome, followed.measures) == (Outcome.PASS_WITH_MEASURES, (Measure.FOLLOW_UP_TEST,))
        assert rules.decide(driver(origin, test=band)).reason is ReasonId.PROOF_ASKED
    assert rules.decide(driver(origin, test=TestBand.POSITIVE)).reason is ReasonId.POSITIVE_PROOF
    assert rules.decide(driver(origin, test=TestBand.WITHIN_48_H, fever=Fever.FEVER)).outcome is Outcome.REFER


def test_a_driver_from_a_low_risk_area_and_whoever_carries_no_goods_is_asked_for_no_test() -> None:
    rules = shipped_on("45", SUMMER_2022)
    assert rules.decide(driver(OriginRisk.LOW)).outcome is Outcome.PASS
    assert rules.decide(driver().changed(groups=frozenset())).outcome is Outcome.PASS
    assert shipped_on("45", date(2022, 4, 17)).decide(driver()).outcome is Outcome.PASS


def test_no_patient_in_need_is_stopped_at_a_hospital_since_2020_12_10() -> None:
    patient = situation_of(
        Level.HIGH, False, OriginRisk.LOW, True, PlaceKind.PUBLIC_INSTITUTION, groups=frozenset({Group.PATIENT_IN_NEED})
    )
    assert shipped_on("45", date(2020, 12, 9)).decide(patient).outcome is Outcome.STOP
    decision = shipped_on("45", date(2020, 12, 10)).decide(patient)
    assert (decision.outcome, decision.reason) == (Outcome.REFER, ReasonId.GROUP_RULE)
    elsewhere = patient.changed(place_kind=PlaceKind.FACTORY)
    assert shipped_on("45", SUMMER_2022).decide(elsewhere).outcome is Outcome.STOP


@pytest.mark.parametrize("level", [Level.LOW, Level.MEDIUM])
def test_beijing_of_2022_asks_for_a_test_within_72_h_at_public_places(level: Level) -> None:
    person = situation_of(level, False, OriginRisk.LOW, True, PlaceKind.PUBLIC_INSTITUTION)
    rules = shipped_on("11", SUMMER_2022)
    for band in TestBand:
        decision = rules.decide(person.changed(test=band))
        assert (decision.outcome is Outcome.REFER) is (band not in WITHIN_72_H)
        assert decision.by_exception is (level is Level.LOW and band not in WITHIN_72_H)
    assert shipped_on("11", date(2022, 5, 5)).decide(person).outcome is not Outcome.REFER
