"""Properties of the nearest change: taking it does alter the outcome, for the better, and nothing less would."""

from datetime import timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tests.property.rules_made import CATCH_ALL, FIRST, ROWS, possible_situations, table_of
from tongxing.core.verdicts import Outcome
from tongxing.rules.comparing import burden_of
from tongxing.rules.deciding import Decision, compile_stack
from tongxing.rules.nearest import Step, apply, find_nearest_change
from tongxing.rules.rows import RuleRow
from tongxing.rules.situations import Situation, is_possible

NEVER_CHANGED = {"place_kind", "groups"}
REPORT = {"level", "causes", "colour_only", "standing"}


LETS_THROUGH = {Outcome.PASS, Outcome.PASS_WITH_MEASURES}


def alters(before: Decision, after: Decision) -> bool:
    """Tell whether the outcome is another, and for the better unless it was a plain PASS."""
    if before.outcome is Outcome.PASS:
        return after.outcome is not Outcome.PASS
    return after.outcome in LETS_THROUGH and after.outcome is not before.outcome


def lightens(before: Decision, after: Decision) -> bool:
    return before.outcome is after.outcome and burden_of(after.measures) < burden_of(before.measures)


def subject(step: Step) -> str:
    """Return what a person has to care for: the origin, the report, or the one input."""
    return "report" if step.input in REPORT else step.input.removesuffix("_precision").removesuffix("_risk")


@given(rows=ROWS, offset=st.integers(0, 280), situation=possible_situations())
def test_the_nearest_change_alters_the_outcome_and_no_part_of_it_would(
    rows: tuple[RuleRow, ...], offset: int, situation: Situation
) -> None:
    on = FIRST + timedelta(days=offset)
    rules = compile_stack((table_of((*rows, CATCH_ALL)),), on)
    before = rules.decide(situation)
    change = find_nearest_change(rules, situation, on)
    if change is None:
        return
    after = apply(change, situation)
    assert is_possible(after, on)
    if change.day != on:
        later = compile_stack(rules.tables, change.day)
        assert (later.decide(after), change.steps) == (change.decision_after, ())
        assert alters(before, change.decision_after) or lightens(before, change.decision_after)
        return
    assert rules.decide(after) == change.decision_after
    better = alters if alters(before, change.decision_after) else lightens
    assert better(before, change.decision_after)
    assert not NEVER_CHANGED & {step.input for step in change.steps}
    assert all(step.before != step.after for step in change.steps)
    subjects = sorted({subject(step) for step in change.steps})
    for count in range(1, len(subjects)):
        for some in combinations(subjects, count):
            part = situation.changed(**{step.input: step.after for step in change.steps if subject(step) in some})
            assert not is_possible(part, on) or not better(before, rules.decide(part))


@given(rows=ROWS, situation=possible_situations())
def test_the_nearest_change_is_the_same_however_often_it_is_asked_for(
    rows: tuple[RuleRow, ...], situation: Situation
) -> None:
    first, second = (compile_stack((table_of((*rows, CATCH_ALL)),), FIRST) for _ in range(2))
    assert find_nearest_change(first, situation, FIRST) == find_nearest_change(second, situation, FIRST)
