"""Compiling the tables of a place for one day, and deciding by them: pure, and by bits on the hot path.

The rows of a stack stand in one order, the most local table's first, the exceptions of each table before its rows;
the first row that fits decides. Each value of each input has a whole number whose bits are the rows that
accept it, so that deciding is one AND for each input and the lowest bit that is left; nothing is enumerated.
That every possible situation has a row is proven when tables are published; one without a row is undecidable.
Spec: design, *The pipeline*, stage 7; domain sheet, *Outcomes*.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind
from tongxing.rules.inputs import INPUTS, Input
from tongxing.rules.rows import STANDING_CLAIMS, Conditions, NotCheckedRow, RegisteredException, RuleRow
from tongxing.rules.situations import Situation
from tongxing.rules.tables import RuleTable


@dataclass(frozen=True, slots=True)
class Decision:
    """What the tables say: the row as ``region/table/row``, the outcome, why, and what is asked.

    ``exception`` is the registered exception that decided, if one did: the verdict has to say so. ``inputs_used``
    are the names of the inputs on which it rests: with the same values there, whatever the others are, the
    same row decides.
    """

    row: str
    outcome: Outcome
    reason: ReasonId
    measures: tuple[Measure, ...] = ()
    exception: RegisteredException | None = None
    legal_basis: str = ""
    inputs_used: tuple[str, ...] = ()

    @property
    def by_exception(self) -> bool:
        """True if a registered exception decided."""
        return self.exception is not None


class CompiledRules:
    """The tables of one place on one day. Safe to share between threads.

    ``inputs_asked`` names the inputs that any row looks at; ``skips_codes`` is True if some place reads none.
    """

    __slots__ = (
        "_all",
        "_decisions",
        "_masks",
        "_placed",
        "_sets",
        "_unchecked",
        "inputs_asked",
        "on",
        "rows",
        "skips_codes",
        "tables",
    )

    def __init__(self, tables: Sequence[RuleTable], on: date) -> None:
        self.tables = tuple(tables)
        self.on = on
        placed = [(table, row, entry) for table in tables for row, entry in _rows_in_order(table, on)]
        self.rows: tuple[RuleRow, ...] = tuple(row for _, row, _ in placed)
        conditions = [row.conditions for row in self.rows]
        self.inputs_asked = frozenset(name for each in conditions for name in each.named_inputs)
        self._all = (1 << len(conditions)) - 1
        self._masks = tuple(_masks_of(conditions, self._all))
        self._sets = tuple(_SetMasks(entry, conditions) for entry in INPUTS if entry.many and _asked(entry, conditions))
        self._placed = tuple(placed)
        self._decisions: list[Decision | None] = [None] * len(placed)
        self._unchecked = _unchecked_of(tables, on)
        self.skips_codes = bool(self._unchecked)

    def decide(self, situation: Situation) -> Decision:
        """Return the decision. Raises ``Undecidable``: with its standing's reason for a report that is not current
        and has no row of its own, and ``NO_RULE_IN_FORCE`` for anything else that no row decides.
        """  # noqa: D205 - the first sentence needs the line
        position = self.find_row(situation)
        if position is None:
            reason = STANDING_CLAIMS.get(situation.standing, ReasonId.NO_RULE_IN_FORCE)
            raise Undecidable(reason, f"no row on {self.on.isoformat()}")
        return self._decisions[position] or self.decision_of(position)

    def find_row(self, situation: Situation) -> int | None:
        """Return the position of the first row that fits, or None."""
        left = self._all
        for value_of, masks in self._masks:
            left &= masks[value_of(situation)]
        for each in self._sets:
            left &= each.mask(situation)
        return (left & -left).bit_length() - 1 if left else None

    def decision_of(self, position: int) -> Decision:
        """Return what the row at a position decides: the same value each time, made when it is first asked for."""
        known = self._decisions[position]
        if known is None:
            table, row, entry = self._placed[position]
            used = _inputs_used(position, [each.conditions for each in self.rows])
            name = table.public_name(row.id)
            known = Decision(name, row.outcome, row.reason, row.measures, entry, row.legal_basis, used)
            self._decisions[position] = known
        return known

    def decide_unchecked(
        self,
        place_kind: PlaceKind,
        fever: Fever = Fever.NOT_MEASURED,
        place_risk: OriginRisk = OriginRisk.UNKNOWN,
    ) -> Decision | None:
        """Return the decision of a place where no code is read, or None where codes are read.

        ``place_risk`` is that of the checkpoint's own division. Codes are read everywhere of whoever is
        measured with a fever.
        """
        return None if fever is Fever.FEVER else self._unchecked.get((place_kind, place_risk))


def compile_stack(tables: Sequence[RuleTable], on: date) -> CompiledRules:
    """Compile the tables of a place, most local first, for the Beijing day ``on``.

    Tables that are not in force on that day are left out. Raises ``Undecidable(NO_RULE_IN_FORCE)`` if none is.
    """
    in_force = [table for table in tables if table.days.holds(on)]
    if not in_force:
        names = ", ".join(f"{table.region}/{table.id}" for table in tables) or "no table"
        raise Undecidable(ReasonId.NO_RULE_IN_FORCE, f"{names} on {on.isoformat()}")
    return CompiledRules(in_force, on)


_Row = tuple[RuleRow, RegisteredException | None]


def _rows_in_order(table: RuleTable, on: date) -> Iterable[_Row]:
    yield from ((entry.row, entry) for entry in table.exceptions_in_force(on))
    yield from ((row, None) for row in table.rows_in_force(on))


def _asked(entry: Input, conditions: Iterable[Conditions]) -> bool:
    return any(entry.name in each.named_inputs for each in conditions)


_ValueOf = Callable[[Situation], Any]


def _masks_of(conditions: Sequence[Conditions], everything: int) -> Iterable[tuple[_ValueOf, Mapping[Any, int]]]:
    """Yield for each input of one value that tells rows apart: how to get it, and the rows that accept each value."""
    for entry in INPUTS:
        if entry.many:
            continue
        accepting = {
            value: sum(1 << place for place, each in enumerate(conditions) if value in getattr(each, entry.name))
            for value in entry.values
        }
        if entry.name == "level":
            accepting = {**accepting, None: everything}
        if any(mask != everything for mask in accepting.values()):
            yield attrgetter(entry.name), accepting


class _SetMasks:
    """The rows that accept each set of values of one input; made when a set is first met, of which there are few."""

    __slots__ = ("_any", "_free", "_known", "_none", "_value_of")

    def __init__(self, entry: Input, conditions: Sequence[Conditions]) -> None:
        some_key, none_key = entry.keys
        self._value_of = attrgetter(entry.attribute)
        self._free = sum(1 << place for place, each in enumerate(conditions) if not getattr(each, some_key))
        self._any, self._none = (
            {
                value: sum(1 << place for place, each in enumerate(conditions) if value in getattr(each, key))
                for value in entry.values
            }
            for key in (some_key, none_key)
        )
        self._known: dict[frozenset[Any], int] = {}

    def mask(self, situation: Situation) -> int:
        """Return the rows that accept what the situation holds."""
        held = self._value_of(situation)
        known = self._known.get(held)
        if known is None:
            wanted, refused = self._free, 0
            for value in held:
                wanted |= self._any[value]
                refused |= self._none[value]
            known = self._known[held] = wanted & ~refused
        return known


def _inputs_used(position: int, conditions: Sequence[Conditions]) -> tuple[str, ...]:
    """Return the inputs on which the row at ``position`` rests: those that it names, and those by which the rows
    before it that could have fitted as well were passed over.
    """  # noqa: D205 - the first sentence needs the line
    own = conditions[position]
    used = set(own.named_inputs)
    for earlier in conditions[:position]:
        doubtful = [entry for entry in INPUTS if not _is_met(entry, own, earlier)]
        if not any(_is_barred(entry, own, earlier) for entry in doubtful):
            used.update(entry.name for entry in doubtful)
    return tuple(entry.name for entry in INPUTS if entry.name in used)


def _is_met(entry: Input, own: Conditions, earlier: Conditions) -> bool:
    """True if whoever fits ``own`` has what ``earlier`` asks of this input."""
    if entry.many:
        some, none = (getattr(earlier, key) for key in entry.keys)
        own_some, own_none = (getattr(own, key) for key in entry.keys)
        return (not some or (bool(own_some) and own_some <= some)) and none <= own_none
    held: frozenset[Any] = getattr(own, entry.name)
    return held.issubset(getattr(earlier, entry.name))


def _is_barred(entry: Input, own: Conditions, earlier: Conditions) -> bool:
    """True if nobody who fits ``own`` has what ``earlier`` asks of this input."""
    if entry.many:
        some, none = (getattr(earlier, key) for key in entry.keys)
        own_some, own_none = (getattr(own, key) for key in entry.keys)
        return (bool(some) and some <= own_none) or (bool(own_some) and own_some <= none)
    held: frozenset[Any] = getattr(own, entry.name)
    return held.isdisjoint(getattr(earlier, entry.name))


def _unchecked_of(tables: Sequence[RuleTable], on: date) -> Mapping[tuple[PlaceKind, OriginRisk], Decision]:
    """Return by kind of place and its own risk what the first ``not_checked`` row that fits decides."""
    found: dict[tuple[PlaceKind, OriginRisk], Decision] = {}
    rows: list[tuple[RuleTable, NotCheckedRow]] = [(table, row) for table in tables for row in table.not_checked]
    for table, row in rows:
        if not row.days.holds(on):
            continue
        decision = Decision(
            table.public_name(row.id),
            Outcome.PASS,
            ReasonId.NOT_CHECKED_HERE,
            legal_basis=row.legal_basis,
            inputs_used=("place_kind",),
        )
        for kind in row.place_kinds:
            for risk in row.place_risks:
                found.setdefault((kind, risk), decision)
    return found
