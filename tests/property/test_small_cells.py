"""Of a table that is told, nobody can reckon what is withheld: a solver tries, over whole numbers, with every sum."""

from collections import Counter
from datetime import date
from random import Random

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.small_cells import SMALL_CELL, ToldTable, withhold_linked, withhold_small
from tongxing.core.statistics import CountKind, DayCount, state_of_level
from tongxing.core.words import RegionId
from tongxing.services.statistics import tell_tables

COUNTS = st.one_of(st.just(0), st.integers(1, SMALL_CELL + 4), st.integers(0, 500))
TABLES = st.integers(1, 4).flatmap(
    lambda columns: st.lists(st.lists(COUNTS, min_size=columns, max_size=columns), min_size=1, max_size=4)
)


def grid_of(told: ToldTable) -> list[list[int | None]]:
    rows = [[*row, total] for row, total in zip(told.cells, told.row_totals, strict=True)]
    return [*rows, [*told.totals, told.total]]


def sums_of(cells: list[list[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in cells]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


@settings(deadline=None, max_examples=150)
@given(TABLES)
def test_no_withheld_number_follows_from_those_that_are_told(cells: list[list[int]]) -> None:
    told, true = grid_of(withhold_small(cells, len(cells[0]))), sums_of(cells)
    names = [[z3.Int(f"x{row}_{column}") for column in range(len(true[0]))] for row in range(len(true))]
    solver = z3.Solver()
    for row, counts in enumerate(told):
        for column, count in enumerate(counts):
            solver.add(names[row][column] >= 1 if count is None else names[row][column] == count)
        solver.add(z3.Sum(names[row][:-1]) == names[row][-1])
    for down in zip(*names, strict=True):
        solver.add(z3.Sum(down[:-1]) == down[-1])
    for row, counts in enumerate(told):
        for column, count in enumerate(counts):
            if count is None:
                solver.push()
                solver.add(names[row][column] != true[row][column])
                assert solver.check() == z3.sat, (cells, row, column)
                solver.pop()


@settings(deadline=None)
@given(TABLES)
def test_what_is_told_is_true_and_never_small_and_no_zero_is_withheld(cells: list[list[int]]) -> None:
    for told, true in zip(grid_of(withhold_small(cells, len(cells[0]))), sums_of(cells), strict=True):
        for number, count in zip(told, true, strict=True):
            assert number in (None, count)
            assert number is None or not 0 < number < SMALL_CELL
            assert number == 0 or count


@settings(deadline=None)
@given(TABLES)
def test_withheld_numbers_with_a_told_sum_are_together_not_small(cells: list[list[int]]) -> None:
    told, true = grid_of(withhold_small(cells, len(cells[0]))), sums_of(cells)
    for told_lines, true_lines in ((told, true), (zip(*told, strict=True), zip(*true, strict=True))):
        for (*inside, total), counts in zip(told_lines, true_lines, strict=True):
            withheld = [count for number, count in zip(inside, counts[:-1], strict=True) if number is None]
            assert not withheld or total is None or sum(withheld) >= SMALL_CELL


@settings(deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_of_two_tables_with_the_same_sums_one_does_not_tell_what_the_other_withholds(
    cells: list[list[int]], random: Random
) -> None:
    others = [[0, 0, 0] for _ in cells]
    for row, counts in enumerate(cells):
        for count in counts:
            others[row][random.randrange(3)] += count
    first, second = withhold_linked(cells, others, (len(cells[0]), 3))
    assert [total is None for total in first.row_totals] == [total is None for total in second.row_totals]


def test_a_table_without_small_cells_is_told_whole() -> None:
    assert withhold_small([[10, 0], [20, 30]], 2) == ToldTable(((10, 0), (20, 30)), (10, 50), (30, 30), 60)


def test_one_small_cell_takes_others_with_it() -> None:
    told = withhold_small([[3, 100, 50], [40, 60, 70], [80, 90, 10]], 3)
    assert told.cells[0][0] is None
    assert sum(count is None for row in told.cells for count in row) >= 4
    assert told.total == 503


def test_a_table_of_nobody_has_nothing_to_withhold() -> None:
    assert withhold_small([], 2) == ToldTable((), (), (0, 0), 0)


CAUSES_TOLD = (Cause.NOTHING_FOUND, Cause.CONFIRMED_CASE, Cause.SUSPECTED_CASE, Cause.FROM_MEDIUM_RISK_AREA)
DAY = date(2021, 4, 1)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(COUNTS, min_size=4, max_size=4), min_size=1, max_size=3))
def test_causes_and_levels_read_together_tell_nothing_that_either_withholds(cells: list[list[int]]) -> None:
    """Of people with one cause each, as most have: the causes of a level add up to its count."""
    state_of = {cause: state_of_level(CAUSES[cause].level_on(DAY)) for cause in CAUSES_TOLD}
    counts = Counter[tuple[CountKind, RegionId, str]]()
    for number, numbers in enumerate(cells):
        region = RegionId(f"{11 + number}")
        for cause, count in zip(CAUSES_TOLD, numbers, strict=True):
            counts[CountKind.CAUSES, region, cause] += count
            counts[CountKind.LEVELS, region, state_of[cause]] += count
    tables = tell_tables([DayCount(*key, number) for key, number in counts.items() if number], DAY)
    levels, causes = tables[CountKind.LEVELS], tables[CountKind.CAUSES]
    solver, names = z3.Solver(), dict[tuple[str, str], z3.ArithRef]()

    def add(row: str, column: str, told: int | None) -> z3.ArithRef:
        name = names[row, column] = z3.Int(f"{row} {column}")
        solver.add(name >= 1 if told is None else name == told)
        return name

    for row, told, total in zip(
        (*levels.regions, "all"),
        (*levels.told.cells, levels.told.totals),
        (*levels.told.row_totals, levels.told.total),
        strict=True,
    ):
        solver.add(
            z3.Sum([add(row, key, cell) for key, cell in zip(levels.keys, told, strict=True)]) == add(row, "all", total)
        )
    for key in (*levels.keys, "all"):
        solver.add(z3.Sum([names[row, key] for row in levels.regions]) == names["all", key])
    for row, told in zip(causes.regions, causes.told.cells, strict=True):
        parts: dict[str, list[z3.ArithRef]] = {}
        for key, cell in zip(causes.keys, told, strict=True):
            parts.setdefault(state_of[Cause(key)], []).append(add(row, key, cell))
        for state, held in parts.items():
            solver.add(z3.Sum(held) == names[row, state])
    withheld = {
        *(
            (region, key)
            for region, told in zip(levels.regions, levels.told.cells, strict=True)
            for key, cell in zip(levels.keys, told, strict=True)
            if cell is None
        ),
        *(
            (region, key)
            for region, told in zip(causes.regions, causes.told.cells, strict=True)
            for key, cell in zip(causes.keys, told, strict=True)
            if cell is None
        ),
    }
    for where in sorted(withheld):
        true = counts[CountKind.CAUSES if where[1] in tuple(Cause) else CountKind.LEVELS, RegionId(where[0]), where[1]]
        solver.push()
        solver.add(names[where] != true)
        assert solver.check() == z3.sat, where
        solver.pop()
