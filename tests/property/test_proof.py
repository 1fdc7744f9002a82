"""The solver's answer on small tables is the one of plain enumeration, and what it calls possible is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, product
from types import MappingProxyType
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.property.rules_made import DAYS, FIRST, OUTCOMES, SITUATIONS, make_row, table_of
from tongxing.core.causes import Cause
from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.rules.comparing import Answer
from tongxing.rules.encoding import Encoding
from tongxing.rules.findings import Finding, FindingKind
from tongxing.rules.fitting import why_impossible
from tongxing.rules.inputs import INPUT, INPUTS
from tongxing.rules.laws import CODE_ONLY, PAIR_LAWS, PairLaw
from tongxing.rules.proof import find_all
from tongxing.rules.rows import FORBIDDEN_MEASURES, CeilingRow, Conditions, Days, Demand, Evidence, RuleRow
from tongxing.rules.situations import Situation, is_possible
from tongxing.rules.stacks import Stack, Version, versions_of
from tongxing.rules.tables import RuleTable

USUAL = Situation(Level.LOW, False, OriginRisk.LOW, True, PlaceKind.FACTORY)
NEUTRAL: Mapping[str, set[Any]] = {"cause": {Cause.NOTHING_FOUND}, "group": set()}
NAMES = [entry.name for entry in INPUTS]


@st.composite
def small_tables(draw: st.DrawFn) -> tuple[RuleTable, RuleTable]:
    """Draw a table and a national one whose rows ask for two inputs beside the level; some rows are exceptions."""
    asked = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
    rows = [draw(_row(asked, position)) for position in range(draw(st.integers(1, 4)))]
    cut = draw(st.integers(0, 1))
    national = [draw(_row(asked, position)) for position in range(draw(st.integers(0, 2)))]
    ceiling = CeilingRow(
        "top", draw(st.sampled_from(Demand)), frozenset({PlaceKind.FACTORY}), "试验", Evidence.ASSUMED, Days(FIRST)
    )
    floor = replace(table_of(tuple(national), region="00", table_id="floor"), ceilings=(ceiling,))
    return table_of(tuple(rows[cut:]), tuple(rows[:cut])), floor


@st.composite
def _row(draw: st.DrawFn, asked: list[str], position: int) -> RuleRow:
    conditions: dict[str, frozenset[Any]] = {}
    for name in {"level", *draw(st.sets(st.sampled_from(asked)))}:
        key = draw(st.sampled_from(INPUT[name].keys))
        values = sorted(INPUT[name].values, key=str)
        conditions[key] = draw(st.frozensets(st.sampled_from(values), min_size=1, max_size=4))
    row = make_row(position, Conditions(**conditions), draw(OUTCOMES), draw(DAYS))
    assume(not why_impossible(row.conditions, row.days))
    return replace(row, overrides=frozenset(draw(st.sets(st.sampled_from(["row_1", "row_2", "row_3"])))))


FEW: Mapping[str, list[Any]] = {
    "standing": [Standing.CURRENT, Standing.EXPIRED],
    "level": [*Level, None],
    "cause": [frozenset(), frozenset({Cause.NOTHING_FOUND})],
    "colour_only": [False, True],
    "origin_risk": [OriginRisk.LOW, OriginRisk.UNKNOWN],
    "origin_precision": [Precision.EXACT, Precision.NONE],
}
"""Of an input that no row asks for, what other inputs need."""


class People:
    """Everybody who can be told apart by some rows: of what no row asks for, a value or two are enough."""

    def __init__(self, rows: Sequence[RuleRow]) -> None:
        self.named = {name for row in rows for name in row.conditions.named_inputs}
        self._choices = {entry.name: self._choices_of(entry.name, rows) for entry in INPUTS}

    def _choices_of(self, name: str, rows: Sequence[RuleRow]) -> list[Any]:
        if name not in self.named:
            return FEW.get(name, [getattr(USUAL, INPUT[name].attribute)])
        if not INPUT[name].many:
            return [*INPUT[name].values, *([None] if name == "level" else [])]
        told = {value for row in rows for key in INPUT[name].keys for value in getattr(row.conditions, key)}
        return [frozenset(held) for size in range(3) for held in combinations(sorted(told | NEUTRAL[name]), size)]

    def on(self, day: date, also: Mapping[str, Any] = MappingProxyType({})) -> Iterator[Situation]:
        """Yield them, as far as they are possible; ``also`` gives more inputs a value of their own."""
        choices = {**self._choices, **{name: [value] for name, value in also.items() if name not in self.named}}
        for values in product(*choices.values()):
            person = Situation(**{INPUT[name].attribute: value for name, value in zip(choices, values, strict=True)})
            if is_possible(person, day):
                yield person


def second_people(law: PairLaw, first: Situation, on: date) -> Iterator[Situation]:
    """Yield everybody who differs from ``first`` as the law says."""
    changes: list[list[tuple[str, Any]]] = []
    for name, pairs in law.differing.items():
        attribute = INPUT[name].attribute
        held = getattr(first, attribute)
        if INPUT[name].many:
            changes.append([(attribute, frozenset())] if held else [])
        else:
            changes.append([(attribute, after) for before, after in pairs if before == held])
    for changed in product(*changes):
        second = first.changed(**dict(changed))
        if is_possible(second, on):
            yield second


class Enumerated:
    """What is wrong with a table, by looking at everybody on every day of change."""

    def __init__(self, table: RuleTable, floor: RuleTable) -> None:
        self._floor = floor
        self._exceptions = {entry.row.id for entry in table.exceptions}
        own = (*(entry.row for entry in table.exceptions), *table.rows)
        self._people = People([*own, *floor.rows])
        self.found: set[tuple[FindingKind, tuple[str, ...]]] = set()
        self._alive: set[str] = set()
        for day in Stack(Version(table, table.days), (), versions_of([floor])).days_of_change():
            rows = [row for row in own if row.days.holds(day)]
            self._look_at_each(rows, [row for row in floor.rows if row.days.holds(day)], day)
            self._look_at_pairs(rows, day)
        self.found |= {(FindingKind.DEAD_ROW, (row.id,)) for row in own if row.id not in self._alive}

    def _look_at_each(self, rows: Sequence[RuleRow], national: Sequence[RuleRow], day: date) -> None:
        for fever, place in product((Fever.NORMAL, Fever.FEVER), (PlaceKind.FACTORY, PlaceKind.TRAFFIC_GATE)):
            for person in self._people.on(day, {"fever": fever, "place_kind": place}):
                row = first_of(rows, person)
                if row is None:
                    self.found |= {(FindingKind.GAP, ())} if person.standing is Standing.CURRENT else set()
                    continue
                self._alive.add(row.id)
                self._look_at_floor(row, first_of(national, person), person)
                self._look_at_one(row, person)
                self._look_for_conflicts(row, rows, person)

    def _look_at_floor(self, row: RuleRow, due: RuleRow | None, person: Situation) -> None:
        if person.fever is Fever.FEVER:
            return
        if due is not None and due.outcome is Outcome.PASS:
            if row.outcome is not Outcome.PASS and row.id not in self._exceptions:
                self.found.add((FindingKind.BELOW_FLOOR, (row.id, due.id)))
        elif row.id in self._exceptions:
            self.found.add((FindingKind.NEEDLESS_EXCEPTION, (row.id,)))

    def _look_at_one(self, row: RuleRow, person: Situation) -> None:
        if row.outcome is Outcome.STOP and person.standing is not Standing.CURRENT:
            self.found.add((FindingKind.STOP_WITHOUT_REPORT, (row.id,)))
        for ceiling in self._floor.ceilings:
            if person.place_kind in ceiling.place_kinds and FORBIDDEN_MEASURES.get(ceiling.demand) in row.measures:
                self.found.add((FindingKind.ABOVE_CEILING, (row.id,)))

    def _look_for_conflicts(self, row: RuleRow, rows: Sequence[RuleRow], person: Situation) -> None:
        is_exception = row.id in self._exceptions
        for later in rows[rows.index(row) + 1 :]:
            if (later.id in self._exceptions) is not is_exception:
                continue
            if later.outcome is not row.outcome and later.id not in row.overrides and later.conditions.fit(person):
                self.found.add((FindingKind.CONFLICT, (row.id, later.id)))

    def _look_at_pairs(self, rows: Sequence[RuleRow], day: date) -> None:
        everywhere: list[tuple[PairLaw, dict[str, Any]]] = [(law, {}) for law in PAIR_LAWS]
        if any(ceiling.demand is Demand.CODE_ONLY for ceiling in self._floor.ceilings):
            everywhere.append((CODE_ONLY, {}))
        for law, there in everywhere:
            if not law.differing.keys() & self._people.named:
                continue  # the same row decides both
            for first in self._people.on(day, {**there, **self._begin(law)}):
                row = first_of(rows, first)
                if row is None or (law is CODE_ONLY and first.place_kind is not PlaceKind.FACTORY):
                    continue
                for second in second_people(law, first, day):
                    other = first_of(rows, second)
                    if other is not None and law.breaks(_answer(row), _answer(other)):
                        self.found.add((law.kind, (row.id, other.id)))

    def _begin(self, law: PairLaw) -> dict[str, Any]:
        """Return for what no row asks a value from which the law leads on."""
        single = {name: pairs for name, pairs in law.differing.items() if not INPUT[name].many}
        return {name: min(pairs, key=repr)[0] for name, pairs in single.items() if name not in FEW}


def first_of(rows: Sequence[RuleRow], person: Situation) -> RuleRow | None:
    return next((row for row in rows if row.conditions.fit(person)), None)


def _answer(row: RuleRow) -> Answer:
    return Answer(row.outcome, frozenset(row.measures))


def named(findings: tuple[Finding, ...]) -> set[tuple[FindingKind, tuple[str, ...]]]:
    return {(one.kind, tuple(name.rpartition("/")[2] for name in one.rows)) for one in findings}


@given(tables=small_tables())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
def test_the_solver_finds_what_enumeration_finds_and_nothing_else(tables: tuple[RuleTable, RuleTable]) -> None:
    table, floor = tables
    enumerated = Enumerated(table, floor).found
    proven = named(find_all(table, floor=floor))
    assert {kind for kind, _ in proven} == {kind for kind, _ in enumerated}
    assert proven <= enumerated


@settings(max_examples=30)
@given(situations=st.lists(SITUATIONS, min_size=1, max_size=20), on=st.dates(date(2020, 3, 1), date(2022, 12, 31)))
def test_the_encoding_calls_possible_whom_the_situations_do(situations: list[Situation], on: date) -> None:
    encoding = Encoding([on], (), ())
    for situation in situations:
        held = [
            unknown if is_held(situation, entry.name, value) else encoding.none_of(unknown)
            for entry in INPUTS
            for value, unknown in encoding.one.unknowns(entry.name).items()
        ]
        assert encoding.is_open(held) is is_possible(situation, on)


def is_held(situation: Situation, name: str, value: object) -> bool:
    held = getattr(situation, INPUT[name].attribute)
    return value in held if INPUT[name].many else held == value
