"""Properties of rule tables: deciding agrees with reading top down, and no single change slips below the floor."""

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.tables import FLOOR, GUANGXI, HUBEI
from tongxing.core.checkpoints import Fever
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import PlaceKind, RegionId, Sentence
from tongxing.rules.analysis import check_table, days_of_change, find_fever_breaches
from tongxing.rules.deciding import compile_table, decisions_on
from tongxing.rules.findings import FindingKind, RulesRefused
from tongxing.rules.rows import Conditions, Days, Evidence, RegisteredException, RuleRow
from tongxing.rules.situations import EVERY_SITUATION, Situation
from tongxing.rules.tables import RuleTable, parse_rule_table

FIRST, LAST = date(2020, 3, 18), date(2020, 12, 31)


def some_of(values: type[StrEnum]) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(list(values)), min_size=1)


CONDITIONS = st.builds(
    Conditions,
    some_of(Level),
    st.frozensets(st.booleans(), min_size=1),
    some_of(OriginRisk),
    st.frozensets(st.booleans(), min_size=1),
    some_of(PlaceKind),
    some_of(Fever),
)
DAYS = st.builds(
    lambda start, length: Days(FIRST + timedelta(days=start), FIRST + timedelta(days=start + length)),
    st.integers(0, 200),
    st.integers(0, 200),
)
OUTCOMES = st.sampled_from(
    [
        (Outcome.PASS, ()),
        (Outcome.PASS_WITH_MEASURES, (Measure.TAKE_TEMPERATURE,)),
        (Outcome.REFER, ()),
        (Outcome.STOP, ()),
    ]
)


def make_row(
    position: int, conditions: Conditions, outcome: tuple[Outcome, tuple[Measure, ...]], days: Days
) -> RuleRow:
    return RuleRow(
        f"row_{position}", conditions, outcome[0], outcome[1], ReasonId.LOCAL_CONDITION, "试验", Evidence.ASSUMED, days
    )


ROWS = st.lists(st.tuples(CONDITIONS, OUTCOMES, DAYS), max_size=8).map(
    lambda parts: tuple(make_row(position, *part) for position, part in enumerate(parts))
)
CATCH_ALL = make_row(99, Conditions(), (Outcome.REFER, ()), Days(FIRST, LAST))


def table_of(rows: tuple[RuleRow, ...], exceptions: tuple[RuleRow, ...] = ()) -> RuleTable:
    why = Sentence("试验", "trial")
    registered = tuple(RegisteredException(row, why) for row in exceptions)
    return RuleTable(RegionId("99"), "trial", why, Days(FIRST, LAST), rows, registered)


def read_top_down(table: RuleTable, situation: Situation, on: date) -> RuleRow | None:
    """Decide as an official would with a finger on the page."""
    for row in [*(entry.row for entry in table.exceptions), *table.rows]:
        fits = (
            situation.level in row.conditions.levels
            and situation.colour_only in row.conditions.colour_only
            and situation.origin_risk in row.conditions.origin_risks
            and situation.others_consulted in row.conditions.others_consulted
            and situation.place_kind in row.conditions.place_kinds
            and situation.fever in row.conditions.fevers
        )
        if fits and row.days.first <= on and (row.days.last is None or on <= row.days.last):
            return row
    return None


@given(rows=ROWS, exceptions=ROWS.map(lambda rows: rows[:2]), offset=st.integers(0, 280))
def test_the_compiled_table_agrees_with_reading_it_top_down(
    rows: tuple[RuleRow, ...], exceptions: tuple[RuleRow, ...], offset: int
) -> None:
    table, on = table_of((*rows, CATCH_ALL), exceptions), FIRST + timedelta(days=offset)
    compiled = compile_table(table, on)
    for situation in EVERY_SITUATION:
        row = read_top_down(table, situation, on)
        assert row is not None
        decision = compiled.decide(
            situation.level,
            situation.colour_only,
            situation.origin_risk,
            situation.others_consulted,
            situation.place_kind,
            situation.fever,
        )
        assert (decision.outcome, decision.measures) == (row.outcome, row.measures)
        assert decision.row == f"99/trial/{row.id}"


@given(rows=ROWS, offset=st.integers(0, 280))
def test_a_table_compiles_if_and_only_if_every_situation_has_a_row(rows: tuple[RuleRow, ...], offset: int) -> None:
    table, on = table_of(rows), FIRST + timedelta(days=offset)
    gaps = [situation for situation in EVERY_SITUATION if read_top_down(table, situation, on) is None]
    if not gaps:
        assert compile_table(table, on).on == on
        return
    with pytest.raises(RulesRefused) as refused:
        compile_table(table, on)
    assert refused.value.finding.kind is FindingKind.GAP
    assert refused.value.finding.situation == gaps[0]


@given(rows=ROWS, offset=st.integers(0, 280))
def test_what_an_official_reads_on_a_day_that_is_not_one_of_change_is_what_was_read_the_day_before(
    rows: tuple[RuleRow, ...], offset: int
) -> None:
    table, on = table_of((*rows, CATCH_ALL)), FIRST + timedelta(days=offset + 1)
    if on in days_of_change(table):
        return
    before, after = compile_table(table, on - timedelta(days=1)), compile_table(table, on)
    assert all(before.decide_situation(one) == after.decide_situation(one) for one in EVERY_SITUATION)


@given(
    table=st.sampled_from([HUBEI, GUANGXI]),
    conditions=CONDITIONS,
    outcome=OUTCOMES.filter(lambda outcome: outcome[0] is not Outcome.PASS),
)
def test_a_row_put_first_is_refused_whenever_it_takes_what_the_floor_owes(
    table: RuleTable, conditions: Conditions, outcome: tuple[Outcome, tuple[Measure, ...]]
) -> None:
    everything = frozenset(row.id for row in table.rows)
    added = replace(make_row(1, conditions, outcome, table.days), overrides=everything)
    changed = replace(table, rows=(added, *table.rows), exceptions=())
    takes = any(
        compile_table(FLOOR, on).decide_situation(situation).outcome is Outcome.PASS
        for on in days_of_change(table, FLOOR)
        for situation in conditions.situations()
    )
    if not takes:
        return
    with pytest.raises(RulesRefused) as refused:
        check_table(changed, FLOOR)
    counter = refused.value.finding
    if counter.kind is FindingKind.BELOW_FLOOR:
        owed = compile_table(FLOOR, counter.day).decide_situation(counter.situation)
        given_instead = compile_table(changed, counter.day).decide_situation(counter.situation)
        assert owed.outcome is Outcome.PASS
        assert given_instead.outcome is not Outcome.PASS


@given(rows=ROWS, offset=st.integers(0, 280))
def test_a_table_without_a_finding_stops_nobody_and_spares_nobody_for_a_fever(
    rows: tuple[RuleRow, ...], offset: int
) -> None:
    """Where nothing is found, a fever changes PASS to measures or the manual lane, measures to more or to it."""
    on = FIRST + timedelta(days=offset)
    decided = decisions_on(table_of((*rows, CATCH_ALL)), on)
    found = {finding.situation for finding in find_fever_breaches(decided, on)}
    strictness = {Outcome.PASS: 0, Outcome.PASS_WITH_MEASURES: 1, Outcome.REFER: 2}
    for situation in EVERY_SITUATION:
        if situation.fever is not Fever.NORMAL or replace(situation, fever=Fever.NOT_MEASURED) in found:
            continue
        normal, fever = decided[situation], decided[replace(situation, fever=Fever.FEVER)]
        assert (normal.outcome is Outcome.STOP) is (fever.outcome is Outcome.STOP)
        if normal.outcome is not Outcome.STOP:
            assert strictness[normal.outcome] <= strictness[fever.outcome]
        if fever.outcome is not Outcome.REFER:
            assert set(normal.measures) <= set(fever.measures)


@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse_rule_table(data)
    assert refused.value.problem is ProblemId.RULES_REFUSED
