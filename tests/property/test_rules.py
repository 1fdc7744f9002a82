"""Properties of rule tables: deciding agrees with reading top down, and rests on the inputs that it names."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.rules_made import CATCH_ALL, FIRST, ROWS, SITUATIONS, possible_situations, table_of
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.words import FEDERATION
from tongxing.rules.book import RuleBook
from tongxing.rules.deciding import compile_stack
from tongxing.rules.inputs import INPUT, INPUTS
from tongxing.rules.rows import STANDING_CLAIMS, RuleRow
from tongxing.rules.situations import Situation, encode_situation, is_possible, parse_situation
from tongxing.rules.tables import RuleTable, parse_rule_table

OFFSETS = st.integers(0, 280)
SOME_EXCEPTIONS = ROWS.map(lambda rows: rows[:2])


def read_top_down(table: RuleTable, situation: Situation, on: date) -> RuleRow | None:
    """Decide as an official would with a finger on the page."""
    for row in [*(entry.row for entry in table.exceptions), *table.rows]:
        fits = True
        for entry in INPUTS:
            held = getattr(situation, entry.attribute)
            if entry.many:
                some, none = (getattr(row.conditions, key) for key in entry.keys)
                fits = fits and not any(value in none for value in held)
                fits = fits and (not some or any(value in some for value in held))
            else:
                fits = fits and (held is None or held in getattr(row.conditions, entry.name))
        if fits and row.days.first <= on and (row.days.last is None or on <= row.days.last):
            return row
    return None


@given(rows=ROWS, exceptions=SOME_EXCEPTIONS, offset=OFFSETS, situations=st.lists(SITUATIONS, min_size=1, max_size=20))
def test_the_compiled_table_agrees_with_reading_it_top_down(
    rows: tuple[RuleRow, ...], exceptions: tuple[RuleRow, ...], offset: int, situations: list[Situation]
) -> None:
    table, on = table_of(rows, exceptions), FIRST + timedelta(days=offset)
    compiled = compile_stack((table,), on)
    for situation in situations:
        row = read_top_down(table, situation, on)
        if row is None:
            assert compiled.find_row(situation) is None
            with pytest.raises(Undecidable) as undecidable:
                compiled.decide(situation)
            own = STANDING_CLAIMS.get(situation.standing, ReasonId.NO_RULE_IN_FORCE)
            assert undecidable.value.reason is own
            continue
        decision = compiled.decide(situation)
        assert (decision.outcome, decision.measures) == (row.outcome, row.measures)
        assert decision.row == f"99/trial/{row.id}"
        assert (decision.exception is not None) is (row in exceptions)


@given(local=ROWS, national=ROWS, offset=OFFSETS, situation=possible_situations())
def test_what_a_local_table_leaves_open_is_decided_by_the_one_above_it(
    local: tuple[RuleRow, ...], national: tuple[RuleRow, ...], offset: int, situation: Situation
) -> None:
    on = FIRST + timedelta(days=offset)
    tables = table_of(local), table_of((*national, CATCH_ALL), region="00", table_id="floor")
    book = RuleBook({(tables[0].region, ""): tables[:1], (FEDERATION, ""): tables[1:]})
    decision = compile_stack(book.stack_on(tables[0].region, on), on).decide(situation)
    row = read_top_down(tables[0], situation, on)
    if row is not None:
        assert decision.row == f"99/trial/{row.id}"
        return
    above = read_top_down(tables[1], situation, on)
    assert above is not None
    assert decision.row == f"00/floor/{above.id}"


@given(rows=ROWS, offset=OFFSETS, situation=possible_situations(), other=possible_situations())
def test_a_decision_rests_on_the_inputs_that_it_names_and_on_no_other(
    rows: tuple[RuleRow, ...], offset: int, situation: Situation, other: Situation
) -> None:
    on = FIRST + timedelta(days=offset)
    compiled = compile_stack((table_of((*rows, CATCH_ALL)),), on)
    decision = compiled.decide(situation)
    kept = {INPUT[name].attribute: getattr(situation, INPUT[name].attribute) for name in decision.inputs_used}
    assert compiled.decide(other.changed(**kept)) is decision


@given(rows=ROWS, offset=OFFSETS, situations=st.lists(possible_situations(), max_size=10))
def test_what_an_official_reads_changes_only_where_a_row_begins_or_ends(
    rows: tuple[RuleRow, ...], offset: int, situations: list[Situation]
) -> None:
    table, on = table_of((*rows, CATCH_ALL)), FIRST + timedelta(days=offset + 1)
    if any(row.days.holds(on) is not row.days.holds(on - timedelta(days=1)) for row in table.rows):
        return
    before, after = compile_stack((table,), on - timedelta(days=1)), compile_stack((table,), on)
    assert all(before.decide(one) == after.decide(one) for one in situations)


@given(situation=SITUATIONS)
def test_a_situation_comes_back_from_its_runnable_input(situation: Situation) -> None:
    assert parse_situation(encode_situation(situation)) == situation
    assert situation.sentence().zh
    assert situation.sentence().en


@given(situation=possible_situations())
def test_the_possible_situations_of_these_tests_are_possible(situation: Situation) -> None:
    assert is_possible(situation, FIRST)


@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse_rule_table(data)
    assert refused.value.problem is ProblemId.RULES_REFUSED
