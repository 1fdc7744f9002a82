"""A fever measured here: it may ask for more, never for less, and condemns nobody; the floor does not hold then."""

from datetime import date

import pytest

from tests.unit.rules.tables import (
    EVERY_SITUATION,
    FLOOR,
    HEAD_UNTIL_2021,
    LOW_LOW,
    MEASURES,
    REST,
    STOP_HIGH,
    row,
    situation_of,
    table,
)
from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.rules.deciding import compile_stack
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.proof import check_table, find_all
from tongxing.rules.tables import RuleTable, parse_rule_table

LOW = 'level = ["low"], origin_risk = ["low"]'
WITH_FEVER = 'fever = ["fever"]'


def fever_row(outcome: str, when: str = 'level = ["low", "medium"]', more: str = "") -> str:
    overrides = 'overrides = ["low_low", "medium", "from_medium", "from_high", "mixed", "unknown"]'
    return row("fever", f"{when}, {WITH_FEVER}", outcome, "fever_measured_here", f"{more}\n{overrides}")


def kinds_of(*parts: str) -> set[FindingKind]:
    return {finding.kind for finding in find_all(table(*parts), floor=FLOOR)}


def refusal(checked: RuleTable) -> Finding:
    with pytest.raises(RulesRefused) as refused:
        check_table(checked, floor=FLOOR)
    return refused.value.finding


def refused_kind(checked: RuleTable) -> FindingKind:
    return refusal(checked).kind


def test_a_table_written_before_there_were_readings_is_as_good_as_it_was() -> None:
    """It names no fever, so a reading changes nothing in it, and it breaks no law."""
    before = table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, REST)
    assert list(find_all(before, floor=FLOOR)) == []
    compiled = compile_stack((before,), date(2020, 4, 1))
    low = (Level.LOW, False, OriginRisk.LOW, True, PlaceKind.FACTORY)
    assert {compiled.decide(situation_of(*low, fever)).outcome for fever in Fever} == {Outcome.PASS}


@pytest.mark.parametrize(
    "fevered",
    [
        fever_row("REFER"),
        fever_row("PASS_WITH_MEASURES", LOW, MEASURES),
        fever_row("REFER", 'level = ["low"], place_kind = ["factory"]'),
    ],
    ids=["referred", "with measures", "at factories"],
)
def test_a_region_may_ask_for_more_of_whoever_has_a_fever_though_the_floor_owes_a_pass(fevered: str) -> None:
    check_table(table(HEAD_UNTIL_2021, STOP_HIGH, fevered, LOW_LOW, REST), floor=FLOOR)


def test_the_floor_holds_as_ever_for_whoever_has_none() -> None:
    """A row that names every reading takes from those without a fever what they are owed."""
    any_reading = row(
        "cautious",
        f'{LOW}, fever = ["not_measured", "fever"]',
        "PASS_WITH_MEASURES",
        "local_measures",
        MEASURES + '\noverrides = ["low_low"]',
    )
    assert refused_kind(table(HEAD_UNTIL_2021, STOP_HIGH, any_reading, LOW_LOW, REST)) is FindingKind.BELOW_FLOOR
    normal = any_reading.replace('"not_measured", "fever"', '"normal"')
    assert refused_kind(table(HEAD_UNTIL_2021, STOP_HIGH, normal, LOW_LOW, REST)) is FindingKind.BELOW_FLOOR


def test_a_fever_that_opens_a_way_is_refused_with_the_counter_example() -> None:
    spared = row(
        "spared",
        f'level = ["low"], origin_risk = ["medium"], {WITH_FEVER}',
        "PASS",
        "low_level",
        'overrides = ["from_medium"]',
    )
    finding = refusal(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, spared, REST))
    assert finding.kind is FindingKind.FEVER_NOT_MONOTONE
    assert "with all else equal but “a fever measured”, row 99/trial/spared says “PASS”" in finding.sentence.en
    assert "测得发热" in finding.sentence.zh


def test_to_be_measured_is_no_favour_to_whoever_turns_out_to_have_a_fever() -> None:
    """Without a reading the temperature is to be taken; whoever let it be taken passes, whatever it was."""
    when = 'level = ["low"], origin_risk = ["medium"], fever = ["normal", "fever"]'
    taken = row("taken", when, "PASS", "low_level", 'overrides = ["from_medium"]')
    finding = refusal(table(HEAD_UNTIL_2021, STOP_HIGH, LOW_LOW, taken, REST))
    assert (finding.kind, finding.situation.fever) == (FindingKind.FEVER_NOT_MONOTONE, Fever.NOT_MEASURED)


def test_a_fever_is_no_report_so_it_neither_stops_nor_lifts_a_stop() -> None:
    lifted = row(
        "lifted", f'level = ["high"], {WITH_FEVER}', "REFER", "fever_measured_here", 'overrides = ["level_high"]'
    )
    assert refused_kind(table(HEAD_UNTIL_2021, lifted, STOP_HIGH, LOW_LOW, REST)) is FindingKind.FEVER_NOT_MONOTONE
    with pytest.raises(Refused, match="fever_measured_here says PASS_WITH_MEASURES or REFER, the row STOP"):
        table(HEAD_UNTIL_2021, STOP_HIGH, fever_row("STOP"))


def test_fewer_measures_with_a_fever_are_refused_but_not_to_be_measured_again_is_no_favour() -> None:
    when = 'level = ["medium"], origin_risk = ["low", "medium", "high"]'
    asked = REST.replace(MEASURES, 'measures = ["take_temperature", "report_to_community"]')
    fewer = fever_row("PASS_WITH_MEASURES", when, MEASURES)
    assert FindingKind.FEVER_NOT_MONOTONE in kinds_of(HEAD_UNTIL_2021, STOP_HIGH, fewer, LOW_LOW, asked)
    report = 'measures = ["report_to_community"]'
    measured = fever_row("PASS_WITH_MEASURES", when, report) + row(
        "calm", f'{when}, fever = ["normal"]', "PASS_WITH_MEASURES", "level_medium", report
    )
    assert FindingKind.FEVER_NOT_MONOTONE not in kinds_of(HEAD_UNTIL_2021, STOP_HIGH, measured, LOW_LOW, asked)


def test_a_normal_reading_that_hurts_is_refused() -> None:
    hurt = row(
        "hurt",
        'level = ["low"], origin_risk = ["medium"], fever = ["normal", "fever"]',
        "PASS_WITH_MEASURES",
        "origin_medium",
        'measures = ["take_temperature", "stay_at_observation_point"]',
    )
    assert FindingKind.FEVER_NOT_MONOTONE in kinds_of(HEAD_UNTIL_2021, STOP_HIGH, hurt, LOW_LOW, REST)


def test_the_reason_of_a_fever_is_told_to_nobody_without_one() -> None:
    untrue = row("untrue", 'level = ["low"], fever = ["normal", "fever"]', "REFER", "fever_measured_here")
    with pytest.raises(Refused, match="reaches further than the reason fever_measured_here says"):
        table(HEAD_UNTIL_2021, STOP_HIGH, untrue)


def test_a_row_that_names_a_fever_may_ask_for_it_to_be_taken_first() -> None:
    """As in Henan: level low and a normal temperature. To leave the reading out is no unknown."""
    when = 'level = ["low"], origin_risk = ["medium"], fever = ["normal"]'
    normal = row("normal", when, "PASS", "low_level", 'overrides = ["from_medium"]')
    check_table(table(HEAD_UNTIL_2021, STOP_HIGH, fever_row("REFER"), normal, LOW_LOW, REST), floor=FLOOR)


def test_where_nothing_is_checked_a_fever_is_looked_at_all_the_same() -> None:
    unchecked = """
[[not_checked]]
id = "offices"
place_kind = ["public_institution"]
legal_basis = "国办发〔2020〕45号"
evidence = "doc"
first_day = 2020-03-18
"""
    read = parse_rule_table((HEAD_UNTIL_2021 + STOP_HIGH + LOW_LOW + REST + unchecked).encode())
    compiled = compile_stack((read,), date(2020, 4, 1))
    decided = {fever: compiled.decide_unchecked(PlaceKind.PUBLIC_INSTITUTION, fever) for fever in Fever}
    assert decided[Fever.FEVER] is None
    assert decided[Fever.NORMAL] is not None
    assert decided[Fever.NORMAL] is decided[Fever.NOT_MEASURED]


def test_a_situation_says_in_words_what_was_measured() -> None:
    situation = next(one for one in EVERY_SITUATION if one.fever is Fever.FEVER)
    assert situation.sentence().en.endswith("a fever measured)")
    assert situation.sentence().zh.endswith("测得发热）")
    assert "measured" not in situation.changed(fever=Fever.NOT_MEASURED).sentence().en


@pytest.mark.parametrize(
    ("when", "told"),
    [('fever = ["hot"]', "Invalid enum value 'hot'"), ("fever = []", "fever is empty or names a value twice")],
)
def test_a_reading_that_is_none_is_refused_by_name(when: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        table(HEAD_UNTIL_2021, row("bad", when, "REFER", "fever_measured_here"))
