"""Of a table that is told, nobody can reckon what is withheld: a solver tries, over whole numbers, with every sum."""

from random import Random

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxing.core.small_cells import SMALL_CELL, ToldTable, withhold_linked, withhold_small

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
