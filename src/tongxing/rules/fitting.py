"""Whom conditions can fit: refusing a ``when`` that fits nobody, and an example person for one that does.

Conditions ask for each input apart, so that they fit nobody only where two inputs that hang together
are asked for the opposite; ``is_possible`` says which those are.
"""

from datetime import date
from itertools import product
from typing import Any

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import OriginRisk, Precision
from tongxing.rules.inputs import INPUTS, Input
from tongxing.rules.rows import Conditions, Days
from tongxing.rules.situations import Situation, is_possible


def why_impossible(conditions: Conditions, days: Days) -> str:
    """Return why ``conditions`` fit nobody on any day of ``days``; empty if they fit somebody."""
    named = set(conditions.named_inputs)
    if Standing.CURRENT not in conditions.standing and named & {"level", "cause", "colour_only"}:
        return "nothing but its standing is known of a report that is not current"
    if len(conditions.standing) > 1:
        return "each standing has rows of its own"
    for some, none in ((conditions.cause_any, conditions.cause_none), (conditions.group_any, conditions.group_none)):
        if some and some <= none:
            return "it asks for what it excludes"
    if conditions.cause_any and conditions.colour_only == {True}:
        return "a mere colour tells no cause"
    known = conditions.origin_risk - {OriginRisk.UNKNOWN}
    if not (known and conditions.origin_precision - {Precision.NONE}) and not (
        OriginRisk.UNKNOWN in conditions.origin_risk and Precision.NONE in conditions.origin_precision
    ):
        return "nothing is known of an origin's place if and only if its risk is unknown"
    if conditions.cause_any and not _has_possible_level(conditions, days):
        return "no level that it accepts is as high as that of a cause it asks for"
    return ""


def find_example(conditions: Conditions, on: date) -> Situation | None:
    """Return a possible situation that fits on a day, as usual as can be; None if there is none."""
    for values in product(*(_choices(conditions, entry) for entry in INPUTS)):
        situation = Situation(**{entry.attribute: value for entry, value in zip(INPUTS, values, strict=True)})
        if is_possible(situation, on):
            return situation
    return None


def _has_possible_level(conditions: Conditions, days: Days) -> bool:
    """True if on some day of ``days`` a level that is accepted is as high as that of a cause that is asked for."""
    changes = {days.first}
    for cause in conditions.cause_any:
        changes |= {entry.since for entry in CAUSES[cause].levels if days.holds(entry.since)}
    return any(
        level.rank >= CAUSES[cause].level_on(on).rank
        for on in changes
        for cause in conditions.cause_any - conditions.cause_none
        for level in conditions.level
    )


def _choices(conditions: Conditions, entry: Input) -> list[Any]:
    """Return the values of an input to try: all that hang together with another input, else the most usual one."""
    if entry.many:
        some, none = (getattr(conditions, key) for key in entry.keys)
        wanted = [frozenset({value}) for value in entry.values if value in some - none]
        plain = entry.name == "cause" and Cause.NOTHING_FOUND not in none and Level.LOW in conditions.level
        usual = [frozenset({Cause.NOTHING_FOUND})] if plain else []
        return wanted or [*usual, frozenset()]
    if Standing.CURRENT not in conditions.standing and entry.name in {"level", "colour_only"}:
        return [None if entry.name == "level" else False]
    accepted = [value for value in entry.values if value in getattr(conditions, entry.name)]
    return accepted if entry.name in _HANGING_TOGETHER else accepted[:1]


_HANGING_TOGETHER = frozenset({"level", "colour_only", "origin_risk", "origin_precision"})
