"""The nearest change: for each row of each shipped table, and in the words of the examples that people were told."""

from datetime import date

import pytest

from tests.unit.rules.examples import find_decided
from tests.unit.rules.tables import HEAD, LOW_LOW, REST, SHIPPED, STOP_HIGH, row, situation_of, table
from tongxing.core.causes import Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.groups import Group
from tongxing.core.levels import Level, Standing
from tongxing.core.proofs import TestBand
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.rules.book import parse_rule_book
from tongxing.rules.deciding import compile_stack
from tongxing.rules.nearest import apply, find_nearest_change
from tongxing.rules.situations import Situation, is_possible

ON = date(2020, 4, 1)
BOOK = parse_rule_book({path.name: path.read_bytes() for path in SHIPPED.glob("*.toml")})
DAYS = sorted({row.days.first for table in BOOK.tables for row in table.rows} | {ON})
PLACES = sorted({place for place in BOOK.versions if place[1] or len(place[0]) > 1})
WORDS_MAX = 400

FREIGHT = row(
    "freight_with_test",
    'level = ["low"], group_any = ["freight"], test = ["within_48_h", "within_24_h"], fever = ["normal"]',
    "PASS",
    "proof_shown",
    'overrides = ["freight", "from_medium", "from_high", "mixed", "unknown"]',
) + row(
    "freight",
    'level = ["low"], group_any = ["freight"]',
    "PASS_WITH_MEASURES",
    "proof_asked",
    'measures = ["follow_up_test"]\noverrides = ["low_low", "mixed", "unknown"]',
).replace('"freight"]', '"freight"], test = ["unknown", "none", "older", "within_7_days", "within_72_h"]')
TRIAL = compile_stack((table(HEAD, STOP_HIGH, FREIGHT, LOW_LOW, REST),), ON)
LOW = situation_of(Level.LOW, False, OriginRisk.MIXED, True, PlaceKind.TRAFFIC_GATE)


@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_each_row_of_each_shipped_table_decides_somebody_for_whom_there_is_a_nearest_change(
    place: tuple[str, str],
) -> None:
    region, site = RegionId(place[0]), place[1]
    for on in DAYS:
        stack = BOOK.stack_on(region, on, site)
        if not stack:
            continue
        rules = compile_stack(stack, on)
        for position in range(len(stack[0].exceptions_in_force(on)) + len(stack[0].rows_in_force(on))):
            situation = find_decided(rules, position, on)
            assert situation is not None, rules.decision_of(position).row
            change = find_nearest_change(rules, situation, on)
            assert change is not None, situation.sentence().en
            after = apply(change, situation)
            then = compile_stack(BOOK.stack_on(region, change.day, site), change.day)
            assert is_possible(after, change.day)
            assert then.decide(after) == change.decision_after
            before = rules.decide(situation)
            assert (change.decision_after.outcome, change.decision_after.measures) != (before.outcome, before.measures)
            assert change.steps or change.day > on
            assert len(change.sentence.en) < WORDS_MAX


def test_a_newer_test_is_told_by_the_oldest_that_is_new_enough() -> None:
    driver = LOW.changed(groups=frozenset({"freight"}), fever=Fever.NORMAL, test=TestBand.WITHIN_72_H)
    driver = driver.changed(groups=TRIAL.rows[1].conditions.group_any)
    change = find_nearest_change(TRIAL, driver, ON)
    assert change is not None
    assert [(step.input, step.after) for step in change.steps] == [("test", TestBand.WITHIN_48_H)]
    assert (
        change.sentence.en
        == "A negative nucleic acid test not older than 48 h would let you through with nothing asked."
    )
    assert change.sentence.zh == "若48小时内核酸阴性，即可通行，无需再办理措施。"


def test_whoever_is_referred_for_want_of_a_test_is_told_that_it_would_let_them_through() -> None:
    on = date(2022, 7, 1)
    driver = situation_of(Level.LOW, False, OriginRisk.MEDIUM, True, PlaceKind.TRAFFIC_GATE)
    change = find_nearest_change(
        compile_stack(BOOK.stack_on(RegionId("45"), on), on), driver.changed(groups=frozenset({Group.FREIGHT})), on
    )
    assert change is not None
    assert change.sentence.en == "A negative nucleic acid test not older than 48 h would let you through."
    assert change.sentence.zh == "若48小时内核酸阴性，即可通行。"


def test_whoever_may_pass_already_is_told_what_would_be_left_to_do() -> None:
    rules = compile_stack(BOOK.stack_on(RegionId("42"), ON), ON)
    change = find_nearest_change(
        rules, situation_of(Level.LOW, False, OriginRisk.MEDIUM, True, PlaceKind.TRAFFIC_GATE), ON
    )
    assert change is not None
    assert change.sentence.en == (
        "14 days since leaving the area at risk would leave you less to do (take the temperature; "
        "declare the stays of the last 14 days; report to the community of the destination)."
    )
    assert change.sentence.zh.startswith("若离开风险地区满14天，则只须办理较少的措施（测量体温、")


def test_several_changes_are_told_together_where_no_single_one_helps() -> None:
    driver = LOW.changed(groups=TRIAL.rows[1].conditions.group_any, test=TestBand.NONE)
    change = find_nearest_change(TRIAL, driver, ON)
    assert change is not None
    assert change.sentence.en == (
        "A negative nucleic acid test not older than 48 h and an exactly declared stay in a low-risk area "
        "would let you through with nothing asked."
    )
    assert change.decision_after.outcome is Outcome.PASS


def test_who_stayed_nobody_knows_where_is_told_to_declare_it() -> None:
    change = find_nearest_change(TRIAL, LOW.changed(origin_precision=Precision.PROVINCE), ON)
    assert change is not None
    assert change.sentence.en == "An exactly declared stay in a low-risk area would let you through."
    assert {step.input for step in change.steps} == {"origin_risk", "origin_precision"}


def test_whoever_is_stopped_is_told_what_clears_each_of_their_causes() -> None:
    held = frozenset({Cause.CLOSE_CONTACT, Cause.FROM_HIGH_RISK_AREA})
    stopped = situation_of(Level.HIGH, False, OriginRisk.LOW, True, PlaceKind.FACTORY, causes=held)
    change = find_nearest_change(TRIAL, stopped, ON)
    assert change is not None
    assert "a test of one's own does not end it" in change.sentence.en
    assert "14 days after leaving it" in change.sentence.en
    assert change.decision_after.outcome is Outcome.PASS


@pytest.mark.parametrize("standing", [each for each in Standing if each is not Standing.CURRENT])
def test_a_report_that_is_not_current_is_helped_by_one_that_is(standing: Standing) -> None:
    unusable = Situation(
        None,
        False,
        OriginRisk.UNKNOWN,
        False,
        PlaceKind.FACTORY,
        standing=standing,
        origin_precision=Precision.NONE,
    )
    change = find_nearest_change(TRIAL, unusable, ON)
    assert change is not None
    assert "current report" in change.sentence.en
    assert change.decision_after.outcome is Outcome.PASS


def test_no_change_leads_to_a_person_who_cannot_be() -> None:
    """A low level beside a close contact is no such person: the contact has to end too."""
    contact = situation_of(
        Level.LOW, False, OriginRisk.MEDIUM, True, PlaceKind.FACTORY, causes=frozenset({Cause.CLOSE_CONTACT})
    )
    change = find_nearest_change(TRIAL, contact, ON)
    assert change is not None
    assert {step.input for step in change.steps} == {"origin_risk", "causes"}
    assert is_possible(apply(change, contact), ON)


def test_whoever_passes_is_told_what_would_have_stood_against_it() -> None:
    passing = situation_of(Level.LOW, False, OriginRisk.LOW, True, PlaceKind.FACTORY)
    change = find_nearest_change(TRIAL, passing, ON)
    assert change is not None
    assert change.decision_after.outcome is Outcome.REFER
    assert change.sentence.en == "An unknown origin would send you to the manual lane."


def test_where_nothing_that_a_person_can_change_helps_nothing_is_told() -> None:
    closed = compile_stack(
        (table(HEAD, row("closed", "", "REFER", "group_rule").replace("{  }", '{ group_any = ["child"] }')),), ON
    )
    child = LOW.changed(groups=closed.rows[0].conditions.group_any)
    assert find_nearest_change(closed, child, ON) is None


def test_a_row_that_only_has_to_begin_is_waited_for() -> None:
    days = "first_day = 2020-05-01\nlast_day = 2020-06-01"
    opened = row("opened", 'group_any = ["child"], level = ["low"]', "PASS", "low_level", days)
    closed = row("closed", 'group_any = ["child"]', "REFER", "group_rule")
    rules = compile_stack((table(HEAD, opened, closed),), ON)
    change = find_nearest_change(rules, LOW.changed(groups=rules.rows[0].conditions.group_any), ON)
    assert change is not None
    assert (change.steps, change.day) == ((), date(2020, 5, 1))


def test_under_an_exception_that_nothing_helps_against_the_day_of_its_end_is_told() -> None:
    rules = compile_stack(BOOK.stack_on(RegionId("42"), ON), ON)
    arrival = situation_of(Level.LOW, False, OriginRisk.LOW, True, PlaceKind.TRAFFIC_GATE)
    change = find_nearest_change(rules, arrival, ON)
    assert change is not None
    assert (change.steps, change.day) == ((), date(2020, 4, 8))
    assert change.sentence.en == (
        "The rules here change on 2020-04-08, which would let you through with nothing asked."
    )
    assert change.sentence.zh == "自2020-04-08起，此处的规则有变，即可通行，无需再办理措施。"
