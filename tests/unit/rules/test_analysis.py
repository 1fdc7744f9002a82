"""A table that breaks a law is refused with a counter-example that a person can check."""

from datetime import date

import pytest

from tests.unit.rules.tables import (
    FLOOR,
    FROM_HIGH,
    FROM_MEDIUM,
    HEAD,
    HEAD_UNTIL_2021,
    LOW_LOW,
    MEASURES,
    MEDIUM,
    MIXED,
    REST,
    STOP_HIGH,
    UNKNOWN,
    decide,
    row,
    table,
)
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind
from tongxing.rules.analysis import check_table, days_of_change, find_all
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.tables import RuleTable

EXCEPTION = """
[[exception]]
id = "local"
when = {{ {when} }}
measures = ["take_temperature"]
why = {{ zh = "试验", en = "trial" }}
registrar = {{ zh = "试验", en = "trial" }}
legal_basis = "试验"
evidence = "assumed"
first_day = 2020-03-20
last_day = 2020-04-07
"""


def refusal(checked: RuleTable) -> Finding:
    with pytest.raises(RulesRefused) as refused:
        check_table(checked, FLOOR)
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert refused.value.finding.sentence.en in refused.value.detail
    return refused.value.finding


def test_the_small_table_of_these_tests_breaks_no_law() -> None:
    check_table(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, REST), FLOOR)


def test_a_gap_is_told_with_the_situation_that_no_row_decides() -> None:
    finding = refusal(table(HEAD_UNTIL_2021, STOP_HIGH, REST))
    assert finding.kind is FindingKind.GAP
    assert (finding.situation.level, finding.situation.origin_risk) == (Level.LOW, OriginRisk.LOW)
    assert (
        "no row decides a person at a traffic gate (low level, from a low-risk area, other regions not consulted)"
        in finding.sentence.en
    )
    assert "没有任何一行规则适用" in finding.sentence.zh


def test_in_a_gap_that_nobody_proved_away_the_person_is_undecided_and_never_passes() -> None:
    with pytest.raises(Undecidable) as undecidable:
        decide(
            table(HEAD, STOP_HIGH, REST), date(2020, 4, 1), Level.LOW, False, OriginRisk.LOW, True, PlaceKind.FACTORY
        )
    assert undecidable.value.reason is ReasonId.NO_RULE_IN_FORCE


def test_a_table_below_the_floor_is_refused_with_the_person_who_is_owed_a_pass() -> None:
    finding = refusal(
        table(
            HEAD_UNTIL_2021, STOP_HIGH, REST,
            row("low_low", 'level = ["low"], origin_risk = ["low"]', "PASS_WITH_MEASURES", "local_condition", MEASURES),
        )
    )  # fmt: skip
    assert finding.kind is FindingKind.BELOW_FLOOR
    assert (finding.situation.level, finding.situation.origin_risk) == (Level.LOW, OriginRisk.LOW)
    assert "the national floor (00/floor/low_level_low_origin) owes a plain PASS" in finding.sentence.en
    assert "99/trial/low_low says PASS_WITH_MEASURES" in finding.sentence.en


@pytest.mark.parametrize(
    "only_there",
    ['place_kind = ["factory"]', "colour_only = true", "others_consulted = false"],
)
def test_the_floor_is_proven_for_each_place_and_kind_of_evidence(only_there: str) -> None:
    when = f'level = ["low"], origin_risk = ["low"], {only_there}'
    finding = refusal(
        table(
            HEAD_UNTIL_2021, STOP_HIGH,
            row("hidden", when, "PASS_WITH_MEASURES", "local_condition", MEASURES + '\noverrides = ["low_low"]'),
            LOW_LOW, REST,
        )
    )  # fmt: skip
    assert finding.kind is FindingKind.BELOW_FLOOR


def test_a_table_that_falls_below_the_floor_of_a_later_day_is_refused_with_that_day() -> None:
    finding = refusal(table(HEAD, STOP_HIGH, LOW_LOW, REST))
    assert finding.kind is FindingKind.BELOW_FLOOR
    assert finding.day == date(2021, 3, 23)


def test_a_registered_exception_may_depart_from_the_floor_while_it_lasts() -> None:
    low = 'level = ["low"], origin_risk = ["low"]'
    checked = table(HEAD_UNTIL_2021, EXCEPTION.format(when=low), STOP_HIGH, LOW_LOW, REST)
    check_table(checked, FLOOR)
    assert date(2020, 4, 8) in days_of_change(checked)


def test_an_exception_does_not_cover_a_row_that_goes_on_after_it() -> None:
    low = 'level = ["low"], origin_risk = ["low"]'
    finding = refusal(
        table(
            HEAD_UNTIL_2021, EXCEPTION.format(when=low), STOP_HIGH, REST,
            row("low_low", low, "PASS_WITH_MEASURES", "local_condition", MEASURES),
        )
    )  # fmt: skip
    assert finding.kind is FindingKind.BELOW_FLOOR
    assert finding.day == date(2020, 3, 18)


def test_an_exception_to_what_nobody_is_owed_is_refused() -> None:
    when = 'level = ["low"], origin_risk = ["mixed"]'
    finding = refusal(table(HEAD_UNTIL_2021, EXCEPTION.format(when=when), STOP_HIGH, LOW_LOW, REST))
    assert finding.kind is FindingKind.NEEDLESS_EXCEPTION


def test_a_conflict_without_a_declared_override_is_refused() -> None:
    finding = refusal(
        table(HEAD_UNTIL_2021, STOP_HIGH, row("all_low", 'level = ["low"]', "PASS", "low_level"), LOW_LOW, REST)
    )
    assert finding.kind is FindingKind.CONFLICT
    assert "'all_low' and 'from_medium' differ" in finding.sentence.en


def test_a_row_that_can_never_decide_is_refused() -> None:
    finding = refusal(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, REST, LOW_LOW.replace("low_low", "low_again")))
    assert finding.kind is FindingKind.DEAD_ROW
    assert "'low_again' decides in no situation on any day" in finding.sentence.en


def test_a_higher_level_with_a_better_outcome_is_refused() -> None:
    more = 'measures = ["take_temperature", "stay_at_observation_point"]'
    asks_more = FROM_MEDIUM.replace(MEASURES, more)
    asked = table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, MEDIUM, asks_more, FROM_HIGH, MIXED, UNKNOWN)
    finding = refusal(asked)
    assert finding.kind is FindingKind.LEVEL_NOT_MONOTONE
    assert "with level MEDIUM in its place row 99/trial/medium says PASS_WITH_MEASURES" in finding.sentence.en


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("colour_only = true", "a colour only"),
        ("others_consulted = false", "other regions not consulted"),
    ],
)
def test_less_known_may_refer_but_never_change_the_outcome_otherwise(when: str, told: str) -> None:
    more = 'measures = ["report_to_community"]\noverrides = ["from_medium"]'
    changed = row(
        "less", f'level = ["low"], origin_risk = ["medium"], {when}', "PASS_WITH_MEASURES", "origin_medium", more
    )
    finding = refusal(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, changed, REST))
    assert finding.kind is FindingKind.UNKNOWN_NOT_MONOTONE
    assert told in finding.sentence.en


def test_an_unknown_origin_that_passes_where_a_known_one_is_asked_for_more_is_refused() -> None:
    unknown = row("unknown", 'level = ["low"], origin_risk = ["unknown"]', "PASS", "low_level")
    medium_unknown = row("medium_unknown", 'level = ["medium"], origin_risk = ["unknown"]', "REFER", "origin_unknown")
    others = MEDIUM + FROM_MEDIUM + FROM_HIGH + MIXED
    finding = refusal(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, others, unknown, medium_unknown))
    assert finding.kind is FindingKind.UNKNOWN_NOT_MONOTONE
    assert "an unknown origin" in finding.sentence.en


def test_every_finding_is_told_not_only_the_first() -> None:
    findings = list(find_all(table(HEAD, STOP_HIGH), FLOOR))
    assert len([one for one in findings if one.kind is FindingKind.GAP]) == 2 * 480
