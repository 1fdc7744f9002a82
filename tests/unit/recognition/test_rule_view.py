"""What is told of the rule that decided: everything to the person, its name to the auditor, nothing to the guard."""

import msgspec
import pytest

from tests.world import AT, GUANGXI, HUBEI, HUBEI_CODE, World, decide, report_of
from tongxing.core.causes import CAUSES, Cause
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision
from tongxing.core.verdicts import Outcome, Verdict
from tongxing.core.words import RegionId
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.rule_view import describe_rule
from tongxing.recognition.views import auditor_view, citizen_view, guard_view
from tongxing.rules.deciding import CompiledRules
from tongxing.rules.nearest import apply, find_nearest_change

WORLD = World()
COUNTY = Origin("421182", Precision.EXACT, OriginBasis.DECLARED_STAY)


def verdict_at(host: RegionId, *causes: Cause, world: World = WORLD) -> tuple[Verdict, Knowledge]:
    knowledge = world.knowledge(host)
    statement = world.statement(report_of(*causes), origin=COUNTY, audience=host)
    return decide(knowledge, HUBEI_CODE, answer=lambda _: statement), knowledge


def rules_of(knowledge: Knowledge) -> CompiledRules:
    rules = knowledge.find_rules(AT)
    assert rules is not None
    return rules


def test_the_citizen_reads_row_basis_inputs_and_the_nearest_change() -> None:
    verdict, knowledge = verdict_at(GUANGXI, Cause.CLOSE_CONTACT)
    assert verdict.outcome is Outcome.STOP
    view = citizen_view(verdict, "ref", knowledge)
    assert view.rule is not None
    assert (view.rule.row, view.row) == (verdict.row, verdict.row)
    assert view.rule.legal_basis
    assert view.rule.exception is None
    held = {each.input: [words.en for words in each.held or ()] for each in view.rule.inputs_used}
    assert held["level"] == ["high level"]
    change = find_nearest_change(rules_of(knowledge), verdict.situation, AT.date())
    assert change is not None
    assert view.rule.nearest_change is not None
    assert view.rule.nearest_change.en == change.sentence.en
    after = rules_of(knowledge).decide(apply(change, verdict.situation))
    assert after.outcome is not verdict.outcome


def test_a_verdict_by_an_exception_names_it_with_reason_end_and_registrar() -> None:
    verdict, knowledge = verdict_at(HUBEI)
    assert verdict.origin_risk is OriginRisk.LOW
    view = citizen_view(verdict, "ref", knowledge)
    assert view.rule is not None
    told = view.rule.exception
    assert told is not None
    assert told.id == verdict.row == "42/hubei/conditional_recognition"
    assert told.until is not None
    assert told.until.isoformat() == "2020-04-07"
    assert (bool(told.why.zh), bool(told.registrar.zh), bool(told.legal_basis)) == (True, True, True)


@pytest.mark.parametrize("host", [GUANGXI, HUBEI])
def test_the_guard_is_told_nothing_of_the_rule_and_the_auditor_no_value_of_an_input(host: RegionId) -> None:
    verdict, knowledge = verdict_at(host)
    guard = msgspec.json.encode(guard_view(verdict, "ref")).decode()
    assert not [word for word in ("rule", "row", "legal_basis", "floor", "exception", "low level") if word in guard]
    view = auditor_view(verdict, "ref", knowledge)
    assert view.rule is not None
    assert view.rule.inputs_used
    assert all(each.held is None for each in view.rule.inputs_used)


def test_the_auditor_learns_in_which_inputs_the_nearest_change_lies_and_no_cause_from_it() -> None:
    verdict, knowledge = verdict_at(GUANGXI, Cause.CLOSE_CONTACT)
    view = auditor_view(verdict, "ref", knowledge)
    assert view.rule is not None
    assert view.rule.nearest_change is not None
    assert view.rule.nearest_change.en == "If level and causes were otherwise, it would be: PASS."
    told = msgspec.json.encode(view).decode()
    words = CAUSES[Cause.CLOSE_CONTACT]
    assert not [each for each in (words.name.zh, words.name.en, words.clears.zh, words.clears.en) if each in told]


def test_where_nothing_decided_by_a_row_nothing_is_told_of_one() -> None:
    knowledge = WORLD.knowledge()
    verdict = decide(knowledge, "no code")
    assert citizen_view(verdict, "ref", knowledge).rule is None


def test_nobody_is_told_a_way_through_that_the_rules_of_now_do_not_have() -> None:
    """The book was replaced after the verdict, and decides otherwise."""
    verdict, _ = verdict_at(HUBEI)
    other = World()
    del other.rules["42.toml"]
    assert describe_rule(verdict, other.knowledge(HUBEI), with_values=True) is None
