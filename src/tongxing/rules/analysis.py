"""Analysis of a whole table: totality, conflicts, the national floor, monotonicity. All enumerated.

Nothing here is sampled: the situations are few and what a table says changes only on the days where
a row begins or ends, so every situation of every such span of days is looked at.
Spec: design, law 5; domain sheet, *The national floor and ceiling* and *What must be monotone*.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from tongxing.core.levels import Level
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import OUTCOME_WORDS, Outcome
from tongxing.core.words import Sentence
from tongxing.rules.deciding import Decision, decisions_on, gap_at
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.rows import RuleRow
from tongxing.rules.situations import EVERY_SITUATION, Situation
from tongxing.rules.tables import RuleTable

_LINE = {Outcome.PASS: 0, Outcome.PASS_WITH_MEASURES: 1, Outcome.STOP: 2}
"""The line of outcomes from best to worst. ``REFER`` is not on it."""


def check_table(table: RuleTable, floor: RuleTable | None = None) -> None:
    """Check ``table`` on every day of its life; raise ``RulesRefused`` with the first counter-example.

    Without ``floor`` (for the floor itself) the check against it is left out.
    """
    for finding in find_all(table, floor):
        raise RulesRefused(f"{table.region}/{table.id}", finding)


def find_all(table: RuleTable, floor: RuleTable | None = None) -> Iterator[Finding]:
    """Yield every finding, day by day of change; at most a few per situation and day."""
    for on in days_of_change(table, floor):
        gaps = find_gaps(table, on)
        yield from gaps
        yield from find_conflicts(table, on)
        if gaps:
            continue
        if floor is not None:
            yield from find_below_floor(table, floor, on)
        yield from find_level_breaches(table, on)
        yield from find_unknown_breaches(table, on)
    yield from find_dead_rows(table)


def days_of_change(table: RuleTable, floor: RuleTable | None = None) -> tuple[date, ...]:
    """Return the days of ``table``'s life on which it, or the floor under it, may say something new."""
    spans = [table.days]
    for one in (table, floor) if floor is not None else (table,):
        spans.extend([one.days, *(row.days for row in one.rows)])
        spans.extend(entry.row.days for entry in one.exceptions)
    days = {span.first for span in spans}
    days |= {span.last + timedelta(days=1) for span in spans if span.last is not None}
    return tuple(sorted(day for day in days if table.days.holds(day)))


def find_gaps(table: RuleTable, on: date) -> tuple[Finding, ...]:
    """Return each situation that no row in force on a day decides."""
    decided = decisions_on(table, on)
    return tuple(gap_at(on, situation) for situation in EVERY_SITUATION if situation not in decided)


def find_conflicts(table: RuleTable, on: date) -> tuple[Finding, ...]:
    """Return each row that an earlier one with another outcome cuts short without saying so."""
    findings = []
    rows = table.rows_in_force(on)
    for position, later in enumerate(rows):
        for earlier in rows[:position]:
            situation = _first_shared(earlier, later)
            if situation is None or earlier.outcome is later.outcome or later.id in earlier.overrides:
                continue
            words = situation.sentence()
            findings.append(
                Finding(
                    FindingKind.CONFLICT,
                    on,
                    situation,
                    Sentence(
                        f"{on.isoformat()}：{words.zh}，“{earlier.id}”与“{later.id}”结论不同，而未声明何者优先。",
                        f"on {on.isoformat()} rows {earlier.id!r} and {later.id!r} differ for {words.en}, "
                        f"and {earlier.id!r} does not declare that it overrides",
                    ),
                )
            )
    return tuple(findings)


def _first_shared(earlier: RuleRow, later: RuleRow) -> Situation | None:
    shared = (situation for situation in EVERY_SITUATION if earlier.conditions.fit(situation))
    return next((situation for situation in shared if later.conditions.fit(situation)), None)


def find_dead_rows(table: RuleTable) -> tuple[Finding, ...]:
    """Return each row or exception that decides in no situation on any day: it was meant to, and cannot."""
    alive = {decision.row for on in days_of_change(table) for decision in decisions_on(table, on).values()}
    rows = [*table.rows, *(entry.row for entry in table.exceptions)]
    return tuple(
        Finding(
            FindingKind.DEAD_ROW,
            row.days.first,
            next(row.conditions.situations()),
            Sentence(
                f"“{row.id}”在任何一天、任何情形下都不起作用。",
                f"row {row.id!r} decides in no situation on any day",
            ),
        )
        for row in rows
        if table.public_name(row.id) not in alive
    )


def find_below_floor(table: RuleTable, floor: RuleTable, on: date) -> tuple[Finding, ...]:
    """Return each situation in which the floor owes a plain PASS and the table gives less.

    A registered exception in force covers exactly the situations that it names, and an exception that
    names a situation in which nothing is owed is a finding too: it would be a hidden ordinary row.
    """
    owed = decisions_on(floor, on) if floor.days.holds(on) else {}
    findings = []
    for situation, decision in decisions_on(table, on).items():
        due = owed.get(situation)
        is_owed = due is not None and due.outcome is Outcome.PASS
        if decision.by_exception and not is_owed:
            findings.append(_needless(on, situation, decision))
        elif is_owed and due is not None and decision.outcome is not Outcome.PASS and not decision.by_exception:
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


def find_level_breaches(table: RuleTable, on: date) -> tuple[Finding, ...]:
    """Return where a higher level gets a better outcome, or the same one with less asked (rule a).

    ``REFER`` is not on the line of outcomes, so a pair with a ``REFER`` in it is not compared.
    """
    decided = decisions_on(table, on)
    findings = []
    for situation in EVERY_SITUATION:
        for higher in Level:
            if higher.rank <= situation.level.rank:
                continue
            low, high = decided[situation], decided[replace(situation, level=higher)]
            if Outcome.REFER in (low.outcome, high.outcome) or not _is_better(high, low):
                continue
            findings.append(_breach(FindingKind.LEVEL_NOT_MONOTONE, on, situation, low, high, f"level {higher.name}"))
    return tuple(findings)


def _is_better(one: Decision, other: Decision) -> bool:
    if one.outcome is other.outcome:
        return set(one.measures) < set(other.measures)
    return _LINE[one.outcome] < _LINE[other.outcome]


def find_unknown_breaches(table: RuleTable, on: date) -> tuple[Finding, ...]:
    """Return where knowing less changes the outcome into something other than ``REFER`` (rule c).

    Less is known with an unknown origin, with a colour only, and with other regions not consulted.
    The same outcome with fewer measures is a breach too: nobody gains by hiding where they were.
    """
    decided = decisions_on(table, on)
    findings = []
    for situation in EVERY_SITUATION:
        for less, told in _with_less_known(situation):
            known, unknown = decided[situation], decided[less]
            same = unknown.outcome is known.outcome and set(unknown.measures) >= set(known.measures)
            if unknown.outcome is Outcome.REFER or same:
                continue
            findings.append(_breach(FindingKind.UNKNOWN_NOT_MONOTONE, on, situation, known, unknown, told))
    return tuple(findings)


def _with_less_known(situation: Situation) -> Iterator[tuple[Situation, str]]:
    if situation.origin_risk is not OriginRisk.UNKNOWN:
        yield replace(situation, origin_risk=OriginRisk.UNKNOWN), "an unknown origin"
    if not situation.colour_only:
        yield replace(situation, colour_only=True), "a colour only"
    if situation.others_consulted:
        yield replace(situation, others_consulted=False), "other regions not consulted"


def _breach(
    kind: FindingKind, on: date, situation: Situation, before: Decision, after: Decision, change: str
) -> Finding:
    words = situation.sentence()
    return Finding(
        kind,
        on,
        situation,
        Sentence(
            f"{on.isoformat()}：{words.zh}，“{before.row}”的结论是“{OUTCOME_WORDS[before.outcome].zh}”；"
            f"其他不变而改为 {change} 时，“{after.row}”却给出“{OUTCOME_WORDS[after.outcome].zh}”。",
            f"on {on.isoformat()} row {before.row} says {before.outcome} to {words.en}; "
            f"with {change} in its place row {after.row} says {after.outcome}{_measures(after)}",
        ),
    )


def _measures(decision: Decision) -> str:
    return f" with {', '.join(decision.measures)}" if decision.measures else ""
