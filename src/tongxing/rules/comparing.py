"""Comparing two decisions: which asks less of a person. The laws and the nearest change use the same words.

Outcomes stand on one line, PASS before PASS_WITH_MEASURES before STOP; ``REFER`` is not on it. Between
two lists of measures the heaviest one that is not in both decides: else a table could answer better
evidence, or a lower level, with another and heavier measure, and no law would see it.
Spec: domain sheet, *Outcomes* and *What must be monotone*.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tongxing.core.verdicts import Measure, Outcome

LINE: Mapping[Outcome, int] = {Outcome.PASS: 0, Outcome.PASS_WITH_MEASURES: 1, Outcome.STOP: 2}
"""The line of outcomes from best to worst. ``REFER`` is not on it."""

FROM_LIGHT_TO_HEAVY: tuple[Measure, ...] = (
    Measure.TAKE_TEMPERATURE,
    Measure.DECLARE_STAY,
    Measure.REPORT_TO_COMMUNITY,
    Measure.SHOW_SECOND_CODE,
    Measure.SHOW_PAPER_PROOF,
    Measure.APPLY_FOR_LOCAL_CODE,
    Measure.FOLLOW_UP_TEST,
    Measure.TEST_ON_ARRIVAL,
    Measure.SHOW_TEST_48_H,
    Measure.OBSERVE_HEALTH_14_DAYS,
    Measure.ISOLATE_AT_HOME_14_DAYS,
    Measure.STAY_AT_OBSERVATION_POINT,
)
"""Every measure by what it costs a person: the federation's choice (no published order could be read)."""

_WEIGHT: Mapping[Measure, int] = {measure: 1 << place for place, measure in enumerate(FROM_LIGHT_TO_HEAVY)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is told, whichever row tells it: the outcome and what is asked."""

    outcome: Outcome
    measures: frozenset[Measure] = frozenset()


def burden_of(measures: Iterable[Measure]) -> int:
    """Return a number that is larger for the heavier of two sets of measures, and equal only for equal ones."""
    return sum(_WEIGHT[measure] for measure in frozenset(measures))


def is_better(one: Answer, other: Answer) -> bool:
    """True if ``one`` is strictly better for the person. Never with a ``REFER`` among the two."""
    if Outcome.REFER in (one.outcome, other.outcome):
        return False
    if one.outcome is other.outcome:
        return burden_of(one.measures) < burden_of(other.measures)
    return LINE[one.outcome] < LINE[other.outcome]


def is_treated_worse(first: Answer, second: Answer) -> bool:
    """True if the second fares worse; to be sent to the manual lane is worse than to pass."""
    return is_better(first, second) or (
        second.outcome is Outcome.REFER and first.outcome in (Outcome.PASS, Outcome.PASS_WITH_MEASURES)
    )


def asks_at_most(mild: Answer, strict: Answer) -> bool:
    """True if ``mild`` asks nothing that ``strict`` does not, and both stop or neither does.

    The manual lane asks for more than any measure does, and for less than nothing.
    """
    if Outcome.STOP in (mild.outcome, strict.outcome):
        return mild.outcome is strict.outcome
    if Outcome.REFER in (mild.outcome, strict.outcome):
        return strict.outcome is Outcome.REFER
    return LINE[mild.outcome] <= LINE[strict.outcome] and mild.measures <= strict.measures


def keeps(known: Answer, unknown: Answer) -> bool:
    """True if ``unknown`` says what ``known`` does, with nothing less asked, or refers to the manual lane."""
    if unknown.outcome is Outcome.REFER:
        return True
    return unknown.outcome is known.outcome and unknown.measures >= known.measures
