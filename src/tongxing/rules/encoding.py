"""Encoding: a stack of rule tables, two people and a day as Boolean unknowns, and the questions asked of them.

Each value of an input is one unknown, of which exactly one holds; causes and groups are one unknown each.
The days are unknowns too, one for each span in which nothing changes, so that one question covers a table's
whole life. The rows are encoded once for each of the two people; a law is a question about both, under the
assumption that they are equal in every input in which the law does not let them differ.

Nothing here knows a law. Every question has a bound on the solver's work (``WORK_MAX``, in the solver's own
units, so that the same table is refused on every machine): beyond it ``ProofTooLarge`` is raised, never an answer.
Spec: docs/adr/0020.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import z3

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.groups import Group
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import OriginRisk, Precision
from tongxing.rules.comparing import Answer
from tongxing.rules.inputs import INPUT, INPUTS, Input, Value
from tongxing.rules.laws import Relation
from tongxing.rules.rows import Conditions, RuleRow
from tongxing.rules.situations import Situation

WORK_MAX: Final = 20_000_000
"""The solver's resource units for one table; the largest table that can be read needs a tenth of it."""


class ProofTooLarge(Exception):
    """A question was not answered within ``WORK_MAX``."""


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row in its stack: its public name, the spans of days in which it is in force, and whose it is.

    ``own``: the table under proof holds it.
    """

    name: str
    row: RuleRow
    spans: frozenset[int]
    own: bool
    by_exception: bool

    @property
    def answer(self) -> Answer:
        """What the row tells."""
        return Answer(self.row.outcome, frozenset(self.row.measures))


@dataclass(frozen=True, slots=True)
class Counter:
    """A day and two people that answer a question with yes."""

    day: date
    one: Situation
    other: Situation


class Person:
    """One person as unknowns, and the constraints that only possible people meet (``situations.is_possible``)."""

    def __init__(self, name: str, context: Any) -> None:  # noqa: ANN401 - the solver's own values have no types
        self._context = context
        self._values: dict[str, dict[Value, Any]] = {
            entry.name: {
                value: z3.Bool(f"{name}.{entry.name}.{place}", context) for place, value in enumerate(_domain(entry))
            }
            for entry in INPUTS
        }

    def unknowns(self, name: str) -> Mapping[Value, Any]:
        """Return the unknown of each value of an input: it says that the input holds the value."""
        return self._values[name]

    def holds(self, name: str, *values: Value) -> Any:  # noqa: ANN401 - likewise
        """Return that an input holds one of ``values``."""
        return z3.Or(*(self._values[name][value] for value in values), self._context)

    def fits(self, conditions: Conditions) -> list[Any]:
        """Return what the person must hold to fit a row's conditions."""
        parts = []
        for entry in INPUTS:
            if entry.many:
                some, none = (getattr(conditions, key) for key in entry.keys)
                parts += [self.holds(entry.name, *sorted(some))] if some else []
                parts += [z3.Not(self._values[entry.name][value]) for value in sorted(none)]
                continue
            accepted = getattr(conditions, entry.name)
            if not accepted.issuperset(entry.values):
                some = [value for value in entry.values if value in accepted]
                parts.append(self.holds(entry.name, *some, *([None] if entry.name == "level" else [])))
        return parts

    def constraints(self, days: Sequence[date], is_day: Sequence[Any]) -> Iterator[Any]:
        """Yield what makes the unknowns one person, and a possible one."""
        for entry in INPUTS:
            if not entry.many:
                yield z3.PbEq([(unknown, 1) for unknown in self._values[entry.name].values()], 1)
        current, colour_only = self.holds("standing", Standing.CURRENT), self.holds("colour_only", True)  # noqa: FBT003 - a value of the input
        yield z3.Not(self.holds("level", None)) == current
        yield z3.Implies(colour_only, current)
        yield self.holds("origin_precision", Precision.NONE) == self.holds("origin_risk", OriginRisk.UNKNOWN)
        yield z3.Not(z3.And(self.holds("group", Group.CHILD), self.holds("group", Group.ELDERLY_WITHOUT_PHONE)))
        for cause in Cause:
            held = self.holds("cause", cause)
            yield z3.Implies(held, z3.And(current, z3.Not(colour_only)))
            for least in (Level.MEDIUM, Level.HIGH):
                then = [one for day, one in zip(days, is_day, strict=True) if CAUSES[cause].level_on(day) is least]
                if then:
                    enough = self.holds("level", *(level for level in Level if level.rank >= least.rank))
                    yield z3.Implies(z3.And(held, z3.Or(*then, self._context)), enough)


def _domain(entry: Input) -> tuple[Value, ...]:
    return (*entry.values, None) if entry.name == "level" else tuple(entry.values)


class Deciding:
    """How a stack decides one person: which rows fit, which one fires, and what the person is told."""

    def __init__(self, person: Person, stack: Sequence[PlacedRow], is_day: Sequence[Any], name: str) -> None:
        context = is_day[0].ctx
        self.rows = tuple(stack)
        self.fits: list[Any] = []
        self.fires: list[Any] = []
        self.meaning: list[Any] = []
        undecided: Any = z3.BoolVal(True, context)  # noqa: FBT003 - a constant of the solver
        by_answer: dict[Answer, list[Any]] = {}
        for place, placed in enumerate(stack):
            fits, fires, rest = (z3.Bool(f"{name}.{word}.{place}", context) for word in ("fits", "fires", "rest"))
            in_force = z3.Or(*(is_day[span] for span in sorted(placed.spans)), context)
            self.meaning += [
                fits == z3.And(in_force, *person.fits(placed.row.conditions)),
                fires == z3.And(undecided, fits),
                rest == z3.And(undecided, z3.Not(fits)),
            ]
            undecided = rest
            self.fits.append(fits)
            self.fires.append(fires)
            by_answer.setdefault(placed.answer, []).append(fires)
        self.undecided = undecided
        self.told: dict[Answer, Any] = {}
        for place, (answer, rows) in enumerate(by_answer.items()):
            self.told[answer] = z3.Bool(f"{name}.told.{place}", context)
            self.meaning.append(self.told[answer] == z3.Or(rows))


class Encoding:
    """Two people and a day under one stack, and the first of them under the national table alone."""

    def __init__(self, days: Sequence[date], stack: Sequence[PlacedRow], national: Sequence[PlacedRow]) -> None:
        self.days = tuple(days)
        self._context = z3.Context()
        self._solver = z3.SolverFor("QF_FD", self._context)
        self._solver.set("random_seed", 0)
        self.is_day = [z3.Bool(f"day.{place}", self._context) for place in range(len(days))]
        self._solver.add(z3.PbEq([(one, 1) for one in self.is_day], 1))
        self.one, self.other = Person("one", self._context), Person("other", self._context)
        self.decided = Deciding(self.one, stack, self.is_day, "one")
        self.decided_other = Deciding(self.other, stack, self.is_day, "other")
        self.owed = Deciding(self.one, national, self.is_day, "owed")
        for person in (self.one, self.other):
            self._solver.add(*person.constraints(self.days, self.is_day))
        for deciding in (self.decided, self.decided_other, self.owed):
            self._solver.add(*deciding.meaning)
        self._equal = {entry.name: self._equality(entry) for entry in INPUTS}
        self._goals = 0
        self._work = 0
        self._model: Any = None

    def _equality(self, entry: Input) -> Any:  # noqa: ANN401 - likewise
        equal = z3.Bool(f"equal.{entry.name}", self._context)
        other = self.other.unknowns(entry.name)
        for value, unknown in self.one.unknowns(entry.name).items():
            self._solver.add(z3.Implies(equal, unknown == other[value]))
        return equal

    def any_of(self, parts: Iterable[Any]) -> Any:  # noqa: ANN401 - likewise
        """Return that at least one of ``parts`` holds; of none, nothing does."""
        return z3.Or(*parts, self._context)

    def all_of(self, *parts: Any) -> Any:  # noqa: ANN401 - likewise
        """Return that all of ``parts`` hold."""
        return z3.And(*parts, self._context)

    def none_of(self, *parts: Any) -> Any:  # noqa: ANN401 - likewise
        """Return that not all of ``parts`` hold together."""
        return z3.Not(self.all_of(*parts))

    def goal(self, *parts: Any) -> Any:  # noqa: ANN401 - likewise
        """Return an unknown under whose assumption all of ``parts`` hold."""
        self._goals += 1
        goal = z3.Bool(f"goal.{self._goals}", self._context)
        self._solver.add(z3.Implies(goal, self.all_of(*parts)))
        return goal

    def equal_but(self, differing: Mapping[str, Relation]) -> list[Any]:
        """Return the assumptions that the two differ as ``differing`` says, and are equal in every other input."""
        assumed = [equal for name, equal in self._equal.items() if name not in differing]
        for name, pairs in differing.items():
            first, second = self.one.unknowns(name), self.other.unknowns(name)
            if INPUT[name].many:
                told = self.any_of(first.values())
                assumed.append(self.goal(told, *(z3.Not(each) for each in second.values())))
            else:
                ways = (z3.And(first[one], second[other]) for one, other in sorted(pairs, key=repr))
                assumed.append(self.goal(self.any_of(ways)))
        return assumed

    def find(self, assumed: Sequence[Any], varied: Iterable[str] = ()) -> Counter | None:
        """Return the plainest day and people under which all of ``assumed`` hold, or None if there are none.

        Plainest: the earliest span, then input by input the first value of its table that still answers, so that
        the answer depends on the tables only. ``varied`` names the inputs in which the second person may
        differ; in all others it is the first one again. Raises ``ProofTooLarge``.
        """
        if not self._holds(assumed):
            return None
        fixed = list(assumed)
        day = self._settle(fixed, [[one] for one in self.is_day])
        one = {entry.name: self._settle_input(fixed, self.one, entry) for entry in INPUTS}
        other = {**one, **{name: self._settle_input(fixed, self.other, INPUT[name]) for name in varied}}
        return Counter(self.days[day], _person(one), _person(other))

    def is_open(self, assumed: Sequence[Any]) -> bool:
        """True if there is any day and person under which all of ``assumed`` hold. Raises ``ProofTooLarge``."""
        return self._holds(assumed)

    def _settle_input(self, fixed: list[Any], person: Person, entry: Input) -> Any:  # noqa: ANN401 - of any input
        unknowns = person.unknowns(entry.name)
        if not entry.many:
            values = sorted(unknowns, key=lambda value: value != _PLAIN.get(entry.name, value))
            return values[self._settle(fixed, [[unknowns[value]] for value in values])]
        if self._settle(fixed, [[z3.Not(one) for one in unknowns.values()], []]) == 0:
            return frozenset()
        told = (self._settle(fixed, [[z3.Not(one)], [one]]) for one in unknowns.values())
        return frozenset(value for value, held in zip(unknowns, told, strict=True) if held)

    def _settle(self, fixed: list[Any], choices: Sequence[Sequence[Any]]) -> int:
        """Fix the first of ``choices`` that can hold with what is fixed, and return its place. The last one must."""
        for place, choice in enumerate(choices[:-1]):
            there = all(z3.is_true(self._model.eval(each, model_completion=True)) for each in choice)
            if there or self._holds([*fixed, *choice]):
                fixed += choice
                return place
        fixed += choices[-1]
        return len(choices) - 1

    def _holds(self, assumed: Sequence[Any]) -> bool:
        self._solver.set("rlimit", max(1, WORK_MAX - self._work))
        answer = self._solver.check(*assumed)
        self._work = int(self._solver.statistics().get_key_value("rlimit count"))
        if answer == z3.unknown:
            raise ProofTooLarge(self._solver.reason_unknown())
        if answer == z3.sat:
            self._model = self._solver.model()
        return bool(answer == z3.sat)

    @property
    def work(self) -> int:
        """What the solver has spent so far, in its own units."""
        return self._work


def _person(held: Mapping[str, Any]) -> Situation:
    return Situation(**{INPUT[name].attribute: value for name, value in held.items()})


_PLAIN: Final[Mapping[str, Value]] = {"origin_precision": Precision.EXACT}
"""The plainest value of an input where it is not the first of its table."""
