"""The nearest change: the fewest and easiest things that, were they otherwise, would alter what the tables say.

Whoever was not let through is told what would help: a newer test, a stay declared exactly, a second reading,
a report that is cleared. Whoever was, what would have stood against it. Never a change of the place, of who one
is, or into a situation that nobody can be in. A literal table of *moves* says what can change and in which
order of ease; the first combination of the fewest moves that alters the outcome is the answer.
Spec: issue "rules", *Evaluation*; domain sheet, *Three views of one verdict*.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any, Final

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Undecidable
from tongxing.core.groups import CREDENTIAL_WORDS, Credential
from tongxing.core.levels import Level, Standing
from tongxing.core.proofs import (
    BAND_WORDS,
    FAVOURABLE,
    Band,
    IsolationBand,
    ProofKind,
    RecoveryBand,
    TestBand,
    VaccinationBand,
)
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import MEASURE_WORDS, Outcome
from tongxing.core.words import Sentence
from tongxing.rules.comparing import Answer, is_better, is_treated_worse
from tongxing.rules.deciding import CompiledRules, Decision, compile_stack
from tongxing.rules.inputs import INPUTS, Value
from tongxing.rules.rows import RuleRow
from tongxing.rules.situations import Situation, is_possible
from tongxing.rules.tables import RuleTable

MOVES_MAX: Final = 4
"""No advice names more things than this."""

Held = Value | frozenset[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One input of a situation, by the name of its field, as it is and as it would be."""

    input: str
    before: Held
    after: Held


@dataclass(frozen=True, slots=True)
class Change:
    """What would have to be otherwise, what the tables say then, and both in a sentence to the person.

    ``day`` is the Beijing day on which they say it: a later one, without any step, where a row only has to end.
    """

    steps: tuple[Step, ...]
    decision_after: Decision
    sentence: Sentence
    day: date


@dataclass(frozen=True, slots=True)
class _Move:
    """One thing that can be otherwise: the fields that change together, and its words as a thing to have."""

    subject: str
    fields: dict[str, Held]
    words: Sentence


def apply(change: Change, situation: Situation) -> Situation:
    """Return the situation with every step of ``change`` taken."""
    return situation.changed(**{step.input: step.after for step in change.steps})


def find_nearest_change(rules: CompiledRules, situation: Situation, on: date) -> Change | None:
    """Return the fewest and easiest changes that alter the outcome on a day, or None if none of the moves does.

    Towards a better outcome (PASS before PASS_WITH_MEASURES, either before REFER and STOP), or away from a plain
    PASS. Where none is found: to lighter measures, then to the day on which a row that is in the way has ended.
    Among as many moves the easiest decide; ease is the order of the table of moves. Deterministic, and at most
    some thousand evaluations.
    """
    try:
        decision = rules.decide(situation)
    except Undecidable:
        decision = None
    passes = decision is not None and decision.outcome is Outcome.PASS
    moves = _by_subject(_hindering(situation) if passes else _helping(situation, on))
    moves = [[move for move in each if _is_looked_at(rules, move)] for each in moves]
    moves = [each for each in moves if each]
    lighter: tuple[tuple[_Move, ...], Decision] | None = None
    for chosen in _fewest_first(moves):
        after = _decide_after(rules, situation, chosen, on)
        if after is None:
            continue
        if _alters(decision, after):
            return _change(situation, chosen, decision, after, on)
        if lighter is None and _lightens(decision, after):
            lighter = chosen, after
    if lighter is not None:
        return _change(situation, lighter[0], decision, lighter[1], on)
    return _wait(rules, situation, decision, on)


def _fewest_first(moves: list[list[_Move]]) -> Iterator[tuple[_Move, ...]]:
    for count in range(1, min(MOVES_MAX, len(moves)) + 1):
        for subjects in combinations(moves, count):
            yield from product(*subjects)


def _wait(rules: CompiledRules, situation: Situation, before: Decision | None, on: date) -> Change | None:
    """Return the first later day on which the same tables say something better to the same person."""
    days = {row.days.first for table in rules.tables for row in _rows(table)}
    days |= {row.days.last + timedelta(days=1) for table in rules.tables for row in _rows(table) if row.days.last}
    for day in sorted(day for day in days if day > on):
        tables = [table for table in rules.tables if table.days.holds(day)]
        if not tables or not is_possible(situation, day):
            continue
        later = compile_stack(tables, day)
        position = later.find_row(situation)
        after = None if position is None else later.decision_of(position)
        if after is not None and (_alters(before, after) or _lightens(before, after)):
            ending = _ending(before, after)
            sentence = Sentence(
                f"自{day.isoformat()}起，此处的规则有变，{ending.zh}。",
                f"The rules here change on {day.isoformat()}, which {ending.en}.",
            )
            return Change((), after, sentence, day)
    return None


def _rows(table: RuleTable) -> Iterator[RuleRow]:
    yield from table.rows
    yield from (entry.row for entry in table.exceptions)


def _decide_after(rules: CompiledRules, situation: Situation, chosen: tuple[_Move, ...], on: date) -> Decision | None:
    changed = situation
    for move in chosen:
        changed = changed.changed(**move.fields)
    if not is_possible(changed, on):
        return None
    position = rules.find_row(changed)
    return None if position is None else rules.decision_of(position)


def _alters(before: Decision | None, after: Decision) -> bool:
    """True if ``after`` has what is looked for: a better outcome than ``before``, or another than a plain PASS."""
    was = Outcome.REFER if before is None else before.outcome
    if was is Outcome.PASS:
        return after.outcome is not Outcome.PASS
    return is_treated_worse(Answer(after.outcome), Answer(was))


def _lightens(before: Decision | None, after: Decision) -> bool:
    """True if both let the person through and ``after`` asks for less."""
    if before is None or not before.outcome is after.outcome is Outcome.PASS_WITH_MEASURES:
        return False
    return is_better(*(Answer(each.outcome, frozenset(each.measures)) for each in (after, before)))


def _by_subject(moves: Iterable[_Move]) -> list[list[_Move]]:
    """Group the moves that exclude one another, in the order of the first of each."""
    grouped: dict[str, list[_Move]] = {}
    for move in moves:
        grouped.setdefault(move.subject, []).append(move)
    return list(grouped.values())


def _is_looked_at(rules: CompiledRules, move: _Move) -> bool:
    """True if any row asks for an input that the move changes; any other move is in vain."""
    return not rules.inputs_asked.isdisjoint(_NAMES[field] for field in move.fields)


_NAMES: Final = {entry.attribute: entry.name for entry in INPUTS}
_UNHELPFUL: Final[frozenset[Band]] = frozenset(
    {TestBand.OLDER, VaccinationBand.PARTIAL, IsolationBand.UNDER_WAY, RecoveryBand.WITHIN_14_DAYS}
)


def _helping(situation: Situation, on: date) -> Iterator[_Move]:
    """Yield what would help, the easiest first: the order is part of the answer."""
    yield from _better_proofs(situation)
    if situation.origin_risk is not OriginRisk.LOW or situation.origin_precision is not Precision.EXACT:
        yield _origin(situation)
    if situation.fever is not Fever.NORMAL:
        yield _Move(
            "fever", {"fever": Fever.NORMAL}, Sentence("此处复测体温正常", "a normal temperature measured here")
        )
    if not situation.others_consulted:
        yield _Move(
            "others", {"others_consulted": True}, Sentence("查询到其他地区的报告", "the answers of other regions")
        )
    if situation.credential is not Credential.CODE:
        yield _Move("credential", {"credential": Credential.CODE}, CREDENTIAL_WORDS[Credential.CODE])
    if situation.colour_only and situation.level is not None:
        yield _Move(
            "clear", _told(situation, on), Sentence("来源给出具体原因", "causes told by your source, not only a colour")
        )
    if situation.standing is not Standing.CURRENT:
        yield _current(situation)
    elif situation.level is not Level.LOW or situation.causes - {Cause.NOTHING_FOUND}:
        yield _cleared(situation)


def _better_proofs(situation: Situation) -> Iterator[_Move]:
    """Each band that is more favourable than the one held, the least demanding first; nobody falls ill to pass."""
    for kind in (ProofKind.TEST, ProofKind.ANTIGEN, ProofKind.VACCINATION, ProofKind.ISOLATION, ProofKind.RECOVERY):
        held: Band = getattr(situation, kind.value)
        order = FAVOURABLE[kind]
        if held not in order and kind in {ProofKind.ISOLATION, ProofKind.RECOVERY} and held.value == "none":
            continue
        better = order[order.index(held) + 1 :] if held in order else order
        for band in better:
            if band.value not in {"none", "positive"} and band not in _UNHELPFUL:
                yield _Move(kind.value, {kind.value: band}, BAND_WORDS[kind][band])


def _origin(situation: Situation) -> _Move:
    words = (
        Sentence("申报精确的、位于低风险地区的停留地", "an exactly declared stay in a low-risk area")
        if situation.origin_risk in {OriginRisk.UNKNOWN, OriginRisk.MIXED, OriginRisk.LOW}
        else Sentence("离开风险地区满14天", "14 days since leaving the area at risk")
    )
    return _Move("origin", {"origin_risk": OriginRisk.LOW, "origin_precision": Precision.EXACT}, words)


def _told(situation: Situation, on: date) -> dict[str, Held]:
    """A cause is told that has just this level."""
    cause = next(cause for cause, entry in CAUSES.items() if entry.level_on(on) is situation.level)
    return {"colour_only": False, "causes": frozenset({cause})}


def _current(situation: Situation) -> _Move:
    fields: dict[str, Held] = {"standing": Standing.CURRENT, "level": Level.LOW}
    fields["causes"] = frozenset({Cause.NOTHING_FOUND})
    words = Sentence("有一份有效的、等级低的报告", "a current report of low level")
    if situation.origin_risk is OriginRisk.UNKNOWN:
        fields |= {"origin_risk": OriginRisk.LOW, "origin_precision": Precision.EXACT}
        words = Sentence(f"{words.zh}，其中来处为低风险地区", f"{words.en} that says you come from a low-risk area")
    return _Move("clear", fields, words)


def _cleared(situation: Situation) -> _Move:
    """What clears each cause is told in the national table's own words."""
    fields: dict[str, Held] = {"level": Level.LOW}
    if not situation.colour_only:
        fields["causes"] = frozenset({Cause.NOTHING_FOUND})
    held = [CAUSES[cause] for cause in sorted(situation.causes - {Cause.NOTHING_FOUND})]
    if not held:
        return _Move("clear", fields, Sentence("所属地区将您的等级更新为低", "a report of low level from your region"))
    zh = "；".join(f"“{entry.name.zh}”解除（{entry.clears.zh}）" for entry in held)
    en = "; ".join(f"the end of “{entry.name.en}” ({entry.clears.en})" for entry in held)
    return _Move("clear", fields, Sentence(zh, en))


def _hindering(situation: Situation) -> Iterator[_Move]:
    """Yield what would stand against whoever passes, the likeliest first."""
    if situation.fever is not Fever.FEVER:
        yield _Move("fever", {"fever": Fever.FEVER}, Sentence("此处测得发热", "a fever measured here"))
    for kind in ProofKind:
        held: Band = getattr(situation, kind.value)
        order = FAVOURABLE[kind]
        worse = order[: order.index(held)] if held in order else order[:1] if held.value == "unknown" else ()
        for band in reversed(worse):
            yield _Move(kind.value, {kind.value: band}, BAND_WORDS[kind][band])
    for risk, words in _WORSE_ORIGINS:
        if risk is not situation.origin_risk:
            precision = Precision.NONE if risk is OriginRisk.UNKNOWN else situation.origin_precision
            if precision is Precision.NONE and risk is not OriginRisk.UNKNOWN:
                precision = Precision.EXACT
            yield _Move("origin", {"origin_risk": risk, "origin_precision": precision}, words)
    if situation.others_consulted:
        yield _Move(
            "others", {"others_consulted": False}, Sentence("无法查询其他地区", "other regions that cannot be asked")
        )
    for level, words in _WORSE_LEVELS:
        if situation.level is not None and level.rank > situation.level.rank:
            yield _Move("clear", {"level": level, "causes": frozenset()}, words)


_WORSE_ORIGINS: Final = (
    (OriginRisk.UNKNOWN, Sentence("来处不明", "an unknown origin")),
    (OriginRisk.MIXED, Sentence("来自风险不一的地区", "an origin in an area of mixed risk")),
    (OriginRisk.MEDIUM, Sentence("来自中风险地区", "an origin in a medium-risk area")),
    (OriginRisk.HIGH, Sentence("来自高风险地区", "an origin in a high-risk area")),
)
_WORSE_LEVELS: Final = (
    (Level.MEDIUM, Sentence("报告等级为中", "a report of medium level")),
    (Level.HIGH, Sentence("报告等级为高", "a report of high level")),
)
_AFTER: Final = {
    Outcome.PASS: Sentence("即可通行", "would let you through"),
    Outcome.PASS_WITH_MEASURES: Sentence("即可在办理措施后通行", "would let you through with measures"),
    Outcome.REFER: Sentence("则须转人工确认", "would send you to the manual lane"),
    Outcome.STOP: Sentence("则不得通行", "would stop you"),
}
_LEFT_TO_DO: Final = Sentence("则只须办理较少的措施", "would leave you less to do")


def _ending(before: Decision | None, after: Decision) -> Sentence:
    """Say what is decided then; to whoever may pass already, what is left to do."""
    passed = before is not None and before.outcome is Outcome.PASS_WITH_MEASURES
    if passed and after.outcome is Outcome.PASS:
        return Sentence("即可通行，无需再办理措施", "would let you through with nothing asked")
    ending = _LEFT_TO_DO if passed and after.outcome is Outcome.PASS_WITH_MEASURES else _AFTER[after.outcome]
    if not after.measures:
        return ending
    words = [MEASURE_WORDS[measure] for measure in after.measures]
    return Sentence(
        f"{ending.zh}（{'、'.join(each.zh for each in words)}）",
        f"{ending.en} ({'; '.join(each.en for each in words)})",
    )


def _change(
    situation: Situation, chosen: tuple[_Move, ...], before: Decision | None, after: Decision, on: date
) -> Change:
    fields: dict[str, Held] = {}
    for move in chosen:
        fields |= move.fields
    steps = tuple(
        Step(entry.attribute, getattr(situation, entry.attribute), fields[entry.attribute])
        for entry in INPUTS
        if entry.attribute in fields and fields[entry.attribute] != getattr(situation, entry.attribute)
    )
    ending = _ending(before, after)
    zh = f"若{'，且'.join(move.words.zh for move in chosen)}，{ending.zh}。"
    en = f"{' and '.join(move.words.en for move in chosen)} {ending.en}"
    return Change(steps, after, Sentence(zh, f"{en[0].upper()}{en[1:]}."), on)
