"""Looking for breaches: each law about one person or two, as a question to the solver, and its counter-examples.

Every counter-example that the solver gives is decided again by reading the rows top down, so that what a
publisher is shown never rests on the encoding alone.
Spec: design, law 5; domain sheet, *The national floor and ceiling* and *What must be monotone*.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Standing
from tongxing.core.verdicts import Outcome
from tongxing.core.words import Sentence
from tongxing.rules.encoding import Counter, Deciding, Encoding, PlacedRow
from tongxing.rules.findings import Finding, FindingKind
from tongxing.rules.fitting import find_example
from tongxing.rules.laws import CODE_ONLY, PAIR_LAWS, PairLaw
from tongxing.rules.rows import FORBIDDEN_MEASURES, CeilingRow, Days, Demand, RuleRow
from tongxing.rules.situations import Situation
from tongxing.rules.stacks import Stack, Version
from tongxing.rules.telling import (
    tell_above_ceiling,
    tell_below_floor,
    tell_conflict,
    tell_day,
    tell_dead_row,
    tell_gap,
    tell_needless,
    tell_pair,
    tell_stop,
)

FINDINGS_PER_LAW_MAX: Final = 4
"""So many pairs of rows are told for one law; one is enough to refuse."""


class Breaches:
    """One stack in front of the solver."""

    def __init__(self, stack: Stack) -> None:
        self._own = stack.own
        self._national = stack.national
        self._days = stack.days_of_change()
        self._ask = Encoding(self._days, stack.place_rows(self._days), stack.place_national_rows(self._days))

    @property
    def work(self) -> int:
        """What the solver has spent so far, in its own units."""
        return self._ask.work

    def find(self) -> Iterator[Finding]:
        """Yield every breach, each once for each row or pair of rows. Raises ``ProofTooLarge``."""
        yield from self._find_gaps()
        yield from self._find_conflicts()
        yield from self._find_below_floor()
        yield from self._find_needless_exceptions()
        yield from self._find_above_ceiling()
        yield from self._find_stops_without_report()
        for law in PAIR_LAWS:
            yield from self._find_pairs(law, ())
        yield from self._find_dead_rows()

    def _find_gaps(self) -> Iterator[Finding]:
        """Whoever has a current report is decided; any other standing has its own reason for the manual lane."""
        found = self._ask.find([self._ask.decided.undecided, self._ask.one.holds("standing", Standing.CURRENT)])
        if found is not None:
            yield self._finding(FindingKind.GAP, found, (), tell_gap(found.one))

    def _find_conflicts(self) -> Iterator[Finding]:
        """A row that decides where a later one of the same table would say something else has to declare it.

        An exception likewise, of the later exceptions; that it goes before all rows is what it is registered for.
        """
        decided = self._ask.decided
        own = [(at, row) for at, row in enumerate(decided.rows) if row.own]
        open_pairs = {
            (at, place): (earlier, later)
            for position, (at, earlier) in enumerate(own)
            for place, later in own[position + 1 :]
            if later.by_exception is earlier.by_exception
            and later.row.outcome is not earlier.row.outcome
            and later.row.id not in earlier.row.overrides
            and earlier.spans & later.spans
        }
        for _ in range(FINDINGS_PER_LAW_MAX):
            both = [self._ask.all_of(decided.fires[at], decided.fits[place]) for at, place in open_pairs]
            found = self._ask.find([self._ask.goal(self._ask.any_of(both))])
            if found is None:
                return
            first = self._fired(decided, found.day, found.one)
            differing = [
                pair
                for pair, (earlier, later) in open_pairs.items()
                if earlier is first and self._fits(later, found.day, found.one)
            ]
            earlier, later = open_pairs.pop(differing[0])
            rows = (earlier, later)
            yield self._finding(FindingKind.CONFLICT, found, rows, tell_conflict(found.one, earlier.row, later.row))

    def _find_below_floor(self) -> Iterator[Finding]:
        """Where the floor owes a plain PASS and no symptom is measured here, only an exception gives less."""
        ask = self._ask
        goal = ask.goal(self._is_owed(), self._says(ask.decided, _is_less_than_owed), self._no_symptom())
        for found, fired, due in self._each([goal], (ask.decided, "one"), (ask.owed, "one")):
            sentence = tell_below_floor(found.one, due.name, fired.name, fired.row.outcome)
            yield self._finding(FindingKind.BELOW_FLOOR, found, (fired, due), sentence)

    def _find_needless_exceptions(self) -> Iterator[Finding]:
        """An exception that names somebody to whom nothing is owed would be a hidden ordinary row."""
        ask = self._ask
        if not self._national:
            return
        hidden = self._says(ask.decided, lambda placed: placed.own and placed.by_exception)
        goal = ask.goal(ask.none_of(self._is_owed()), hidden, self._no_symptom())
        for found, fired in self._each([goal], (ask.decided, "one")):
            yield self._finding(FindingKind.NEEDLESS_EXCEPTION, found, (fired,), tell_needless(found.one, fired.name))

    def _is_owed(self) -> Any:  # noqa: ANN401 - the solver's own values have no types
        return self._says(self._ask.owed, lambda placed: placed.row.outcome is Outcome.PASS)

    def _no_symptom(self) -> Any:  # noqa: ANN401 - likewise
        return self._ask.one.holds("fever", Fever.NOT_MEASURED, Fever.NORMAL)

    def _find_above_ceiling(self) -> Iterator[Finding]:
        for version in self._national:
            for ceiling in version.table.ceilings:
                there = [*self._there(version, ceiling)]
                if ceiling.demand is Demand.CODE_ONLY:
                    yield from self._find_pairs(CODE_ONLY, there)
                else:
                    yield from self._find_forbidden(ceiling, there)

    def _there(self, version: Version, ceiling: CeilingRow) -> Iterator[Any]:
        """Yield when and where a ceiling holds."""
        ask = self._ask
        yield ask.goal(ask.any_of(ask.is_day[place] for place in self._spans_of(version.days, ceiling.days)))
        yield ask.goal(ask.one.holds("place_kind", *sorted(ceiling.place_kinds)))

    def _spans_of(self, *spans: Days) -> list[int]:
        return [place for place, day in enumerate(self._days) if all(span.holds(day) for span in spans)]

    def _find_forbidden(self, ceiling: CeilingRow, there: Sequence[Any]) -> Iterator[Finding]:
        ask, measure = self._ask, FORBIDDEN_MEASURES[ceiling.demand]
        goal = ask.goal(self._says(ask.decided, lambda placed: measure in placed.row.measures))
        for found, fired in self._each([goal, *there], (ask.decided, "one")):
            sentence = tell_above_ceiling(found.one, fired.name, ceiling)
            yield self._finding(FindingKind.ABOVE_CEILING, found, (fired,), sentence)

    def _find_stops_without_report(self) -> Iterator[Finding]:
        ask = self._ask
        away = ask.one.holds("standing", *(standing for standing in Standing if standing is not Standing.CURRENT))
        goal = ask.goal(away, self._says(ask.decided, lambda placed: placed.row.outcome is Outcome.STOP))
        for found, fired in self._each([goal], (ask.decided, "one")):
            yield self._finding(FindingKind.STOP_WITHOUT_REPORT, found, (fired,), tell_stop(found.one, fired.name))

    def _find_pairs(self, law: PairLaw, there: Sequence[Any]) -> Iterator[Finding]:
        ask = self._ask
        broken = [
            ask.all_of(first, second)
            for answer, first in ask.decided.told.items()
            for other, second in ask.decided_other.told.items()
            if law.breaks(answer, other)
        ]
        if not broken:
            return
        assumed = [ask.goal(ask.any_of(broken)), *ask.equal_but(law.differing), *there]
        for found, first, second in self._each(
            assumed, (ask.decided, "one"), (ask.decided_other, "other"), varied=law.differing
        ):
            sentence = tell_pair(found.one, (first.name, first.row), found.other, (second.name, second.row))
            yield self._finding(law.kind, found, (first, second), sentence, found.other)

    def _find_dead_rows(self) -> Iterator[Finding]:
        """A row that decides nobody on any day was meant to, and cannot.

        Not of a row that ends early only because a later version of the table takes its place.
        """
        decided, table = self._ask.decided, self._own.table
        at = {placed.row.id: place for place, placed in enumerate(decided.rows) if placed.own}
        for row in (*(entry.row for entry in table.exceptions), *table.rows):
            if _is_cut_short(row.days, self._own):
                continue
            place = at.get(row.id)
            if place is not None and self._ask.is_open([decided.fires[place]]):
                continue
            day, person = self._whom_it_fits(row, place)
            yield Finding(
                FindingKind.DEAD_ROW,
                day,
                person,
                tell_day(day, tell_dead_row(row)),
                self._own.name,
                (table.public_name(row.id),),
            )

    def _whom_it_fits(self, row: RuleRow, place: int | None) -> tuple[date, Situation]:
        """Return the plainest person whom a row was meant to decide; ``place`` is None if it is in force on no day."""
        found = None if place is None else self._ask.find([self._ask.decided.fits[place]])
        if found is not None:
            return found.day, found.one
        person = find_example(row.conditions, row.days.first)
        if person is None:
            raise LookupError(f"row {row.id!r} was read although it fits nobody")
        return row.days.first, person

    def _says(self, deciding: Deciding, wanted: Any) -> Any:  # noqa: ANN401 - likewise
        """Return that a row of which ``wanted`` is true decides."""
        return self._ask.any_of(
            fires for fires, placed in zip(deciding.fires, deciding.rows, strict=True) if wanted(placed)
        )

    def _each(
        self, assumed: Sequence[Any], *who: tuple[Deciding, str], varied: Iterable[str] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield counter-examples with the rows that decide them, each row or pair of rows once."""
        assumed = list(assumed)
        for _ in range(FINDINGS_PER_LAW_MAX):
            found = self._ask.find(assumed, varied)
            if found is None:
                return
            fired = [self._fired(deciding, found.day, getattr(found, person)) for deciding, person in who]
            yield found, *fired
            seen = (
                deciding.fires[deciding.rows.index(placed)] for (deciding, _), placed in zip(who, fired, strict=True)
            )
            assumed.append(self._ask.goal(self._ask.none_of(*seen)))

    def _fits(self, placed: PlacedRow, day: date, person: Situation) -> bool:
        return self._days.index(day) in placed.spans and placed.row.conditions.fit(person)

    def _fired(self, deciding: Deciding, day: date, person: Situation) -> PlacedRow:
        """Return the row that decides, read top down and not by the encoding."""
        return next(placed for placed in deciding.rows if self._fits(placed, day, person))

    def _finding(
        self,
        kind: FindingKind,
        found: Counter,
        rows: Sequence[PlacedRow],
        sentence: Sentence,
        other: Situation | None = None,
    ) -> Finding:
        names = tuple(placed.name for placed in rows)
        return Finding(kind, found.day, found.one, tell_day(found.day, sentence), self._own.name, names, other)


def _is_less_than_owed(placed: PlacedRow) -> bool:
    return placed.row.outcome is not Outcome.PASS and not placed.by_exception


def _is_cut_short(days: Days, own: Version) -> bool:
    last, declared = own.days.last, own.table.days.last
    return last is not None and last != declared and (days.last is None or days.last > last)
