"""What a verdict tells of the rule that decided: to the person concerned and to the auditor, never to a guard.

The rule is found again by its name in the book of rules on the day of the verdict, so nothing of this is made
while anybody waits at a gate. Where the book no longer has it, or decides otherwise by now, that is left out:
nobody is told a way through that is none.
Spec: law 6; issue "rules", *Evaluation*.
"""

from datetime import date

import msgspec

from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import OUTCOME_WORDS, Verdict
from tongxing.core.words import Sentence
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.view_words import Words, words_of
from tongxing.rules.deciding import CompiledRules, Decision
from tongxing.rules.inputs import INPUT, INPUTS
from tongxing.rules.nearest import Change, find_nearest_change
from tongxing.rules.rows import RegisteredException
from tongxing.rules.situations import Situation


class InputView(msgspec.Struct, frozen=True):
    """One input on which a decision rests, and what it held; the auditor is not told what it held."""

    input: str
    name: Words
    held: tuple[Words, ...] | None = None


class ExceptionView(msgspec.Struct, frozen=True):
    """The registered exception that decided: why, on what legal basis, until when, who registered it."""

    id: str
    why: Words
    legal_basis: str
    first_day: date
    until: date | None
    registrar: Words


class RuleView(msgspec.Struct, frozen=True):
    """The row that decided, in words, and the nearest change that would alter the outcome.

    The auditor is told in which inputs, and not what would clear which cause.
    """

    row: str
    legal_basis: str
    inputs_used: tuple[InputView, ...]
    nearest_change: Words | None = None
    exception: ExceptionView | None = None


def describe_rule(verdict: Verdict, knowledge: Knowledge, *, with_values: bool) -> RuleView | None:
    """Return what decided a verdict; None where no row did, or it is in no book any more.

    ``with_values`` tells what the inputs held as well: for the person concerned alone.
    """
    if verdict.row is None:
        return None
    rules = knowledge.find_rules(verdict.at, verdict.site)
    if rules is None:
        return None
    if verdict.situation is None:
        unchecked = _find_unchecked(verdict, rules)
        return None if unchecked is None else _describe(unchecked, None, rules, with_values=with_values)
    situation: Situation = verdict.situation
    position = rules.find_row(situation)
    if position is None:
        return None
    decision = rules.decision_of(position)
    if (decision.row, decision.outcome) != (verdict.row, verdict.outcome):
        return None
    return _describe(decision, situation, rules, with_values=with_values)


def describe_exception(entry: RegisteredException, row: str) -> ExceptionView:
    """Return a registered exception, which stands in the row ``row``, in words."""
    return ExceptionView(
        row,
        words_of(entry.why),
        entry.row.legal_basis,
        entry.row.days.first,
        entry.row.days.last,
        words_of(entry.registrar),
    )


def describe_inputs(names: tuple[str, ...], situation: Situation | None, *, with_values: bool) -> tuple[InputView, ...]:
    """Return inputs in words, with what a situation holds if that may be told."""
    return tuple(
        InputView(name, words_of(INPUT[name].words), _held(name, situation) if with_values and situation else None)
        for name in names
    )


def _find_unchecked(verdict: Verdict, rules: CompiledRules) -> Decision | None:
    told = (rules.decide_unchecked(verdict.place_kind, place_risk=risk) for risk in OriginRisk)
    return next((decision for decision in told if decision is not None and decision.row == verdict.row), None)


def _describe(decision: Decision, situation: Situation | None, rules: CompiledRules, *, with_values: bool) -> RuleView:
    change = None if situation is None else find_nearest_change(rules, situation, rules.on)
    nearest = None if change is None else change.sentence if with_values else _without_values(change)
    return RuleView(
        row=decision.row,
        legal_basis=decision.legal_basis,
        inputs_used=describe_inputs(decision.inputs_used, situation, with_values=with_values),
        nearest_change=None if nearest is None else words_of(nearest),
        exception=None if decision.exception is None else describe_exception(decision.exception, decision.row),
    )


def _without_values(change: Change) -> Sentence:
    """Say a change by its inputs alone: what would clear a cause tells the cause."""
    if not change.steps:
        return change.sentence
    changed = {step.input for step in change.steps}
    names = [entry.words for entry in INPUTS if entry.attribute in changed]
    after = OUTCOME_WORDS[change.decision_after.outcome]
    return Sentence(
        f"若{'、'.join(words.zh for words in names)}有变，结论可为“{after.zh}”。",
        f"If {' and '.join(words.en for words in names)} were otherwise, it would be: {after.en}.",
    )


def _held(name: str, situation: Situation) -> tuple[Words, ...]:
    entry = INPUT[name]
    if entry.many:
        return tuple(words_of(entry.values[value]) for value in sorted(getattr(situation, entry.attribute)))
    value = situation.value(name)
    return () if value is None else (words_of(entry.values[value]),)
