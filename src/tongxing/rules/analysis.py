"""Analysis of a whole table: totality, conflicts, the national floor, monotonicity. All enumerated.

Only of the inputs that there were first; the others are taken as usual.
Nothing here is sampled: the situations are few and what a table says changes only on the days where
a row begins or ends, so every situation of every such span of days is looked at.
Spec: design, law 5; domain sheet, *The national floor and ceiling* and *What must be monotone*.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from itertools import product
from typing import Any, Final

from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Level
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import OUTCOME_WORDS, Measure, Outcome
from tongxing.core.words import PlaceKind, Sentence
from tongxing.rules.deciding import Decision
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.rows import Conditions, Days, RuleRow
from tongxing.rules.situations import Situation
from tongxing.rules.tables import RuleTable

OLD_INPUTS: Final = frozenset(
    {"level", "colour_only", "origin_risk", "origin_precision", "others_consulted", "place_kind", "fever"}
)
"""What is enumerated; every other input is as usual."""


def _situation(values: tuple[Any, ...]) -> Situation:
    precision = Precision.NONE if values[2] is OriginRisk.UNKNOWN else Precision.EXACT
    return Situation(*values).changed(origin_precision=precision)


EVERY_SITUATION: Final[tuple[Situation, ...]] = tuple(
    _situation(values) for values in product(Level, (False, True), OriginRisk, (False, True), PlaceKind, Fever)
)
"""All 720 situations that are as usual in every other input, in a fixed order."""


def replace(situation: Situation, **values: Any) -> Situation:  # noqa: ANN401 - the fields have many types
    """Return the situation with other values; an unknown origin has no precision."""
    if "origin_risk" in values:
        unknown = values["origin_risk"] is OriginRisk.UNKNOWN
        values["origin_precision"] = Precision.NONE if unknown else Precision.EXACT
    return situation.changed(**values)


def situations_of(conditions: Conditions) -> Iterator[Situation]:
    """Yield each enumerated situation that fits."""
    if not conditions.fit(
        EVERY_SITUATION[0].changed(**{name: next(iter(getattr(conditions, name))) for name in OLD_INPUTS})
    ):
        return
    for values in product(
        conditions.level,
        conditions.colour_only,
        conditions.origin_risk,
        conditions.others_consulted,
        conditions.place_kind,
        conditions.fever,
    ):
        situation = _situation(values)
        if situation.origin_precision in conditions.origin_precision:
            yield situation


def decisions_on(table: RuleTable, on: date) -> dict[Situation, Decision]:
    """Return what the rows in force on a day decide, first hit first; situations in a gap are absent."""
    decisions: dict[Situation, Decision] = {}
    entries = {entry.row.id: entry for entry in table.exceptions_in_force(on)}
    for row in (*(entry.row for entry in entries.values()), *table.rows_in_force(on)):
        name = table.public_name(row.id)
        decision = Decision(name, row.outcome, row.reason, row.measures, exception=entries.get(row.id))
        for situation in situations_of(row.conditions):
            decisions.setdefault(situation, decision)
    return decisions


def gap_at(on: date, situation: Situation) -> Finding:
    """Return the finding that no row decides ``situation`` on a day."""
    words = situation.sentence()
    return Finding(
        FindingKind.GAP,
        on,
        situation,
        Sentence(
            f"{on.isoformat()}：{words.zh}，没有任何一行规则适用。",
            f"on {on.isoformat()} no row decides {words.en}",
        ),
    )


_LEVEL_ZH = {Level.LOW: "低", Level.MEDIUM: "中", Level.HIGH: "高"}
_UNKNOWN_ORIGIN = Sentence("来处不明", "an unknown origin")
_COLOUR_ONLY = Sentence("来源只给出颜色", "a colour only")
_NORMAL_READING = Sentence("测得体温正常", "a normal temperature measured")
_FEVER_READING = Sentence("测得发热", "a fever measured")
_NOT_CONSULTED = Sentence("未查询其他地区", "other regions not consulted")
_Decisions = Mapping[Situation, Decision]

_LINE = {Outcome.PASS: 0, Outcome.PASS_WITH_MEASURES: 1, Outcome.STOP: 2}
"""The line of outcomes from best to worst. ``REFER`` is not on it."""


def check_table(table: RuleTable, floor: RuleTable | None = None) -> None:
    """Check ``table`` on every day of its life; raise ``RulesRefused`` with the first counter-example.

    Without ``floor`` (for the floor itself) the check against it is left out.
    """
    for finding in find_all(table, floor):
        raise RulesRefused(f"{table.region}/{table.id}", finding)


def find_all(table: RuleTable, floor: RuleTable | None = None) -> Iterator[Finding]:
    """Yield every finding: conflicts, then day by day of change, then rows that never decide."""
    yield from find_conflicts(table)
    alive: set[str] = set()
    for on in days_of_change(table, floor):
        decided = decisions_on(table, on)
        alive.update(decision.row for decision in decided.values())
        gaps = [gap_at(on, situation) for situation in EVERY_SITUATION if situation not in decided]
        yield from gaps
        if gaps:
            continue
        if floor is not None:
            owed = decisions_on(floor, on) if floor.days.holds(on) else {}
            yield from find_below_floor(decided, owed, on)
        yield from find_level_breaches(decided, on)
        yield from find_unknown_breaches(decided, on)
        yield from find_fever_breaches(decided, on)
    yield from _find_dead_rows(table, alive)


def days_of_change(table: RuleTable, floor: RuleTable | None = None) -> tuple[date, ...]:
    """Return the days of ``table``'s life on which it, or the floor under it, may say something new."""
    spans = [table.days]
    for one in (table, floor) if floor is not None else (table,):
        spans.extend([one.days, *(row.days for row in one.rows)])
        spans.extend(entry.row.days for entry in one.exceptions)
    days = {span.first for span in spans}
    days |= {span.last + timedelta(days=1) for span in spans if span.last is not None}
    return tuple(sorted(day for day in days if table.days.holds(day)))


def find_conflicts(table: RuleTable) -> tuple[Finding, ...]:
    """Return each row that an earlier one with another outcome cuts short without saying so."""
    findings = []
    for position, later in enumerate(table.rows):
        for earlier in table.rows[:position]:
            day = _first_shared_day(earlier.days, later.days)
            situation = _first_shared_situation(earlier, later)
            if day is None or situation is None:
                continue
            if earlier.outcome is not later.outcome and later.id not in earlier.overrides:
                findings.append(_conflict(day, situation, earlier, later))
    return tuple(findings)


def _first_shared_day(one: Days, other: Days) -> date | None:
    day = max(one.first, other.first)
    return day if one.holds(day) and other.holds(day) else None


def _first_shared_situation(one: RuleRow, other: RuleRow) -> Situation | None:
    return next((each for each in situations_of(one.conditions) if other.conditions.fit(each)), None)


def _conflict(on: date, situation: Situation, earlier: RuleRow, later: RuleRow) -> Finding:
    words = situation.sentence()
    return Finding(
        FindingKind.CONFLICT,
        on,
        situation,
        Sentence(
            f"{on.isoformat()}：{words.zh}，“{earlier.id}”与“{later.id}”结论不同，而未声明何者优先。",
            f"on {on.isoformat()} rows {earlier.id!r} and {later.id!r} differ for {words.en}, "
            f"and {earlier.id!r} does not declare that it overrides",
        ),
    )


def _find_dead_rows(table: RuleTable, alive: AbstractSet[str]) -> Iterator[Finding]:
    """A row or exception that decides in no situation on any day was meant to, and cannot."""
    for row in [*table.rows, *(entry.row for entry in table.exceptions)]:
        if table.public_name(row.id) in alive or set(row.conditions.named_inputs) - OLD_INPUTS:
            continue
        yield Finding(
            FindingKind.DEAD_ROW,
            row.days.first,
            next(situations_of(row.conditions)),
            Sentence(
                f"“{row.id}”在任何一天、任何情形下都不起作用。",
                f"row {row.id!r} decides in no situation on any day",
            ),
        )


def find_below_floor(decided: _Decisions, owed: _Decisions, on: date) -> tuple[Finding, ...]:
    """Return each situation in which the floor owes a plain PASS and the table gives less.

    A registered exception in force covers exactly the situations that it names, and an exception that
    names a situation in which nothing is owed is a finding too: it would be a hidden ordinary row.
    Where a symptom is measured here the floor does not hold, whatever its own rows say.
    """
    findings = []
    for situation in EVERY_SITUATION:
        if situation.fever is Fever.FEVER:
            continue
        decision, due = decided[situation], owed.get(situation)
        if due is None or due.outcome is not Outcome.PASS:
            if decision.by_exception:
                findings.append(_needless(on, situation, decision))
        elif decision.outcome is not Outcome.PASS and not decision.by_exception:
            findings.append(_below(on, situation, decision, due))
    return tuple(findings)


def _below(on: date, situation: Situation, decision: Decision, due: Decision) -> Finding:
    words, said = situation.sentence(), OUTCOME_WORDS[decision.outcome]
    return Finding(
        FindingKind.BELOW_FLOOR,
        on,
        situation,
        Sentence(
            f"{on.isoformat()}：{words.zh}，全国底线（{due.row}）要求直接通行，而“{decision.row}”的结论是“{said.zh}”，且未登记例外。",
            f"on {on.isoformat()} the national floor ({due.row}) owes a plain PASS to {words.en}, "
            f"but row {decision.row} says {decision.outcome} and no registered exception covers it",
        ),
    )


def _needless(on: date, situation: Situation, decision: Decision) -> Finding:
    words = situation.sentence()
    return Finding(
        FindingKind.NEEDLESS_EXCEPTION,
        on,
        situation,
        Sentence(
            f"{on.isoformat()}：{words.zh}，全国底线并无要求，“{decision.row}”不应登记为例外。",
            f"on {on.isoformat()} exception {decision.row} names {words.en}, to whom the floor owes nothing: "
            "it must be an ordinary row",
        ),
    )


def find_level_breaches(decided: _Decisions, on: date) -> tuple[Finding, ...]:
    """Return where a higher level gets a better outcome, or the same one with less asked (rule a).

    ``REFER`` is not on the line of outcomes, so a pair with a ``REFER`` in it is not compared.
    """
    findings = []
    for situation in EVERY_SITUATION:
        for higher in Level:
            if situation.level is None or higher.rank <= situation.level.rank:
                continue
            low, high = decided[situation], decided[replace(situation, level=higher)]
            if Outcome.REFER in (low.outcome, high.outcome) or not _is_better(high, low):
                continue
            findings.append(
                _breach(
                    FindingKind.LEVEL_NOT_MONOTONE,
                    on,
                    situation,
                    low,
                    high,
                    Sentence(f"等级{_LEVEL_ZH[higher]}", f"level {higher.name}"),
                )
            )
    return tuple(findings)


def _is_better(one: Decision, other: Decision) -> bool:
    if one.outcome is other.outcome:
        return set(one.measures) < set(other.measures)
    return _LINE[one.outcome] < _LINE[other.outcome]


def find_unknown_breaches(decided: _Decisions, on: date) -> tuple[Finding, ...]:
    """Return where knowing less changes the outcome into something other than ``REFER`` (rule c).

    Less is known with an unknown origin, with a colour only, and with other regions not consulted.
    The same outcome with fewer measures is a breach too: nobody gains by hiding where they were.
    """
    findings = []
    for situation in EVERY_SITUATION:
        for less, told in _with_less_known(situation):
            known, unknown = decided[situation], decided[less]
            same = unknown.outcome is known.outcome and set(unknown.measures) >= set(known.measures)
            if unknown.outcome is Outcome.REFER or same:
                continue
            findings.append(_breach(FindingKind.UNKNOWN_NOT_MONOTONE, on, situation, known, unknown, told))
    return tuple(findings)


def find_fever_breaches(decided: _Decisions, on: date) -> tuple[Finding, ...]:
    """Return where a fever measured here helps or condemns, or where a normal reading hurts (rule b).

    A fever may ask for measures, for more of them, or for the manual lane; it never spares anything,
    and since it is no report it never stops: ``STOP`` with a fever is ``STOP`` without. A normal
    reading is never worse than none. To have no reading is no unknown, so (c) does not compare it.
    """
    findings = []
    for situation in EVERY_SITUATION:
        if situation.fever is not Fever.NOT_MEASURED:
            continue
        without = decided[situation]
        normal = decided[replace(situation, fever=Fever.NORMAL)]
        fever = decided[replace(situation, fever=Fever.FEVER)]
        if not _is_at_most(normal, without):
            findings.append(_breach(FindingKind.FEVER_NOT_MONOTONE, on, situation, without, normal, _NORMAL_READING))
        # Whoever was measured need not be asked to be.
        spared = dataclasses.replace(without, measures=tuple(set(without.measures) - {Measure.TAKE_TEMPERATURE}))
        findings.extend(
            _breach(FindingKind.FEVER_NOT_MONOTONE, on, situation, told, fever, _FEVER_READING)
            for told, mild in ((without, spared), (normal, normal))
            if not _is_at_most(mild, fever)
        )
    return tuple(findings)


def _is_at_most(mild: Decision, strict: Decision) -> bool:
    """True if ``mild`` asks nothing that ``strict`` does not, and both stop or neither does."""
    if Outcome.STOP in (mild.outcome, strict.outcome):
        return mild.outcome is strict.outcome
    if Outcome.REFER in (mild.outcome, strict.outcome):
        return strict.outcome is Outcome.REFER
    return _LINE[mild.outcome] <= _LINE[strict.outcome] and set(mild.measures) <= set(strict.measures)


def _with_less_known(situation: Situation) -> Iterator[tuple[Situation, Sentence]]:
    if situation.origin_risk is not OriginRisk.UNKNOWN:
        yield replace(situation, origin_risk=OriginRisk.UNKNOWN), _UNKNOWN_ORIGIN
    if not situation.colour_only:
        yield replace(situation, colour_only=True), _COLOUR_ONLY
    if situation.others_consulted:
        yield replace(situation, others_consulted=False), _NOT_CONSULTED


def _breach(
    kind: FindingKind, on: date, situation: Situation, before: Decision, after: Decision, change: Sentence
) -> Finding:
    words = situation.sentence()
    return Finding(
        kind,
        on,
        situation,
        Sentence(
            f"{on.isoformat()}：{words.zh}，“{before.row}”的结论是“{OUTCOME_WORDS[before.outcome].zh}”；"
            f"其他不变而改为{change.zh}时，“{after.row}”却给出“{OUTCOME_WORDS[after.outcome].zh}”。",
            f"on {on.isoformat()} row {before.row} says {before.outcome} to {words.en}; "
            f"with {change.en} in its place row {after.row} says {after.outcome}{_measures(after)}",
        ),
    )


def _measures(decision: Decision) -> str:
    return f" with {', '.join(decision.measures)}" if decision.measures else ""
