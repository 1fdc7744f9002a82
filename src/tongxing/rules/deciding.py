"""Compiling a table for one day, and deciding by it: on the hot path one lookup in a dict.

A compiled table holds the decision of every situation. A table that leaves one undecided is refused
with that situation; a day on which the table is not in force at all is undecidable, never a pass.
Spec: design, *The pipeline*, stage 7; domain sheet, *Outcomes*.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind, Sentence
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.rows import RuleRow
from tongxing.rules.situations import EVERY_SITUATION, Situation
from tongxing.rules.tables import RuleTable


@dataclass(frozen=True, slots=True)
class Decision:
    """What a table says: the row as ``region/table/row``, the outcome, why, and what is asked.

    ``by_exception`` is set when a registered exception decided: the verdict has to say so.
    """

    row: str
    outcome: Outcome
    reason: ReasonId
    measures: tuple[Measure, ...] = ()
    by_exception: bool = False


class CompiledTable:
    """One table on one day. Immutable; safe to share between threads."""

    __slots__ = ("_decisions", "_unchecked", "on", "table")

    def __init__(
        self,
        table: RuleTable,
        on: date,
        decisions: Mapping[Situation, Decision],
        unchecked: Mapping[PlaceKind, Decision],
    ) -> None:
        self.table = table
        self.on = on
        self._decisions = {_key(situation): decision for situation, decision in decisions.items()}
        self._unchecked = dict(unchecked)

    def decide(
        self,
        level: Level,
        colour_only: bool,  # noqa: FBT001 - an input of the table like the others, in their order
        origin_risk: OriginRisk,
        others_consulted: bool,  # noqa: FBT001 - likewise
        place_kind: PlaceKind,
        fever: Fever = Fever.NOT_MEASURED,
    ) -> Decision:
        """Return the decision for a person with a *current* report. Total: every input has one."""
        return self._decisions[level, colour_only, origin_risk, others_consulted, place_kind, fever]

    def decide_situation(self, situation: Situation) -> Decision:
        """Return the decision of a situation given as one value."""
        return self._decisions[_key(situation)]

    def decide_unchecked(self, place_kind: PlaceKind, fever: Fever = Fever.NOT_MEASURED) -> Decision | None:
        """Return the decision of a place where no code is read, or None where codes are read.

        They are read everywhere of whoever is measured with a fever.
        """
        decision = self._unchecked.get(place_kind)
        return None if decision is None or fever is Fever.FEVER else decision


def _key(situation: Situation) -> tuple[Level, bool, OriginRisk, bool, PlaceKind, Fever]:
    return (
        situation.level,
        situation.colour_only,
        situation.origin_risk,
        situation.others_consulted,
        situation.place_kind,
        situation.fever,
    )


def compile_table(table: RuleTable, on: date) -> CompiledTable:
    """Compile ``table`` for the Beijing day ``on``.

    Raises ``Undecidable(NO_RULE_IN_FORCE)`` on a day outside the table's own days, and
    ``RulesRefused`` naming the first situation that no row in force decides.
    """
    if not table.days.holds(on):
        raise Undecidable(ReasonId.NO_RULE_IN_FORCE, f"{table.region}/{table.id} on {on.isoformat()}")
    decisions = decisions_on(table, on)
    for situation in EVERY_SITUATION:
        if situation not in decisions:
            raise RulesRefused(f"{table.region}/{table.id}", gap_at(on, situation))
    unchecked = {
        kind: Decision(table.public_name(row.id), Outcome.PASS, ReasonId.NOT_CHECKED_HERE)
        for row in reversed(table.not_checked)
        if row.days.holds(on)
        for kind in row.place_kinds
    }
    return CompiledTable(table, on, decisions, unchecked)


def decisions_on(table: RuleTable, on: date) -> dict[Situation, Decision]:
    """Return what the rows in force on a day decide, first hit first; situations in a gap are absent."""
    decisions: dict[Situation, Decision] = {}
    _put(decisions, table, (entry.row for entry in table.exceptions_in_force(on)), by_exception=True)
    _put(decisions, table, table.rows_in_force(on), by_exception=False)
    return decisions


def _put(
    decisions: dict[Situation, Decision], table: RuleTable, rows: Iterable[RuleRow], *, by_exception: bool
) -> None:
    for row in rows:
        decision = Decision(table.public_name(row.id), row.outcome, row.reason, row.measures, by_exception)
        for situation in row.conditions.situations():
            decisions.setdefault(situation, decision)


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
