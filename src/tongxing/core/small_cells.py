"""Small cells: which numbers of a table are withheld, so that nobody learns of few people what they are.

Invariants, for whoever reads the table with its sums:

1. A count of 1 to ``SMALL_CELL - 1`` is never told; 0 is.
2. Complementary suppression: no withheld number follows from those that are told. Each can have another value with
   every told number and sum as it is and no withheld number below 1 (that it is not 0 is known, since zeros are told).
3. The withheld numbers of one row or column do not add up to a small cell where their sum is known.

Spec: Fellegi 1972; for two-way tables the second is decided exactly, as a cycle in the network of withheld cells
(Gusfield 1988), over whole numbers. Sums are cells like any other: the last row and the last column.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SMALL_CELL: Final = 10
"""Fewer people than that are few (assumed; statistical offices use 3 to 10)."""

_Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ToldTable:
    """Counts as they may be told, None where withheld; ``totals`` are the columns', ``total`` is all."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    totals: tuple[int | None, ...]
    total: int | None


def withhold_small(
    cells: Sequence[Sequence[int]], columns: int, withheld_totals: Collection[int] = frozenset()
) -> ToldTable:
    """Return a table with its sums, small cells and what would tell them withheld.

    ``cells`` are rows of ``columns`` counts, none negative. The sums of the rows ``withheld_totals`` are withheld
    too: another table with the same sums withholds them.
    """
    grid = [[*row, sum(row)] for row in cells]
    grid.append([sum(row[column] for row in grid) for column in range(columns + 1)])
    hidden = {
        (row, column)
        for row, counts in enumerate(grid)
        for column, count in enumerate(counts)
        if 0 < count < SMALL_CELL
    }
    hidden |= {(row, columns) for row in withheld_totals if grid[row][columns]}
    while (lacking := _line_to_widen(grid, hidden) or _cell_to_free(grid, hidden)) is not None:
        hidden.add(lacking)
    told = [
        [None if (row, at) in hidden else count for at, count in enumerate(counts)] for row, counts in enumerate(grid)
    ]
    return ToldTable(
        tuple(tuple(row[:columns]) for row in told[:-1]),
        tuple(row[columns] for row in told[:-1]),
        tuple(told[-1][:columns]),
        told[-1][columns],
    )


def withhold_linked(
    first: Sequence[Sequence[int]], second: Sequence[Sequence[int]], columns: tuple[int, int]
) -> tuple[ToldTable, ToldTable]:
    """Return two tables whose rows have the same sums: what one withholds of these, the other does not tell."""
    withheld: set[int] = set()
    while True:
        told = withhold_small(first, columns[0], withheld), withhold_small(second, columns[1], withheld)
        found = {row for table in told for row, total in enumerate(table.row_totals) if total is None}
        if found == withheld:
            return told
        withheld = found


def _lines(grid: Sequence[Sequence[int]]) -> Iterator[list[_Cell]]:
    """Rows and columns; the last cell of each is its sum."""
    for row in range(len(grid)):
        yield [(row, column) for column in range(len(grid[0]))]
    for column in range(len(grid[0])):
        yield [(row, column) for row in range(len(grid))]


def _line_to_widen(grid: Sequence[Sequence[int]], hidden: Collection[_Cell]) -> _Cell | None:
    """Return a cell to withhold in a line whose told sum says too much of few withheld cells; None if there is none."""
    for *inside, total in _lines(grid):
        withheld = [cell for cell in inside if cell in hidden]
        is_alone = not withheld and total in hidden
        is_known = withheld and total not in hidden and sum(_count(grid, cell) for cell in withheld) < SMALL_CELL
        if is_alone or is_known or (len(withheld) == 1 and total not in hidden):
            found = _smallest(grid, hidden, [*inside, *([] if is_alone else [total])])
            if found is not None:
                return found
    return None


def _cell_to_free(grid: Sequence[Sequence[int]], hidden: Collection[_Cell]) -> _Cell | None:
    """Return a cell to withhold so that one that follows from what is told no longer does; None if none follows."""
    steps = _residual(grid, hidden)
    for row, column in sorted(hidden):
        if _can_vary(steps, (row, column)):
            continue
        beside = [cell for cell in _cells(grid) if cell[0] == row or cell[1] == column]
        found = _smallest(grid, hidden, beside) or _smallest(grid, hidden, list(_cells(grid)))
        if found is not None:
            return found
    return None


def _residual(grid: Sequence[Sequence[int]], hidden: Collection[_Cell]) -> dict[int, set[int]]:
    """Return the network of changes: rows are nodes from 0, columns negative; an edge lets one cell grow or shrink.

    A sum enters its line with the other sign, so that what lets a cell grow lets a sum shrink.
    """
    steps: dict[int, set[int]] = {}
    for row, column in hidden:
        is_sum = (row == len(grid) - 1) != (column == len(grid[0]) - 1)
        can_shrink = grid[row][column] > 1
        if can_shrink or not is_sum:
            steps.setdefault(row, set()).add(~column)
        if can_shrink or is_sum:
            steps.setdefault(~column, set()).add(row)
    return steps


def _can_vary(steps: dict[int, set[int]], cell: _Cell) -> bool:
    """True if a cycle of changes goes through the cell and not straight back."""
    row, column = cell
    return any(
        end in steps.get(start, ()) and _reaches(steps, end, start) for start, end in ((row, ~column), (~column, row))
    )


def _reaches(steps: dict[int, set[int]], start: int, end: int) -> bool:
    """True if ``end`` is reached from ``start`` by more than the one step between them."""
    seen, waiting = {start}, deque([start])
    while waiting:
        node = waiting.popleft()
        for after in steps.get(node, ()):
            if after == end:
                if node != start:
                    return True
                continue
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return False


def _cells(grid: Sequence[Sequence[int]]) -> Iterator[_Cell]:
    for row, counts in enumerate(grid):
        for column in range(len(counts)):
            yield row, column


def _count(grid: Sequence[Sequence[int]], cell: _Cell) -> int:
    return grid[cell[0]][cell[1]]


def _smallest(grid: Sequence[Sequence[int]], hidden: Collection[_Cell], cells: Sequence[_Cell]) -> _Cell | None:
    """Return the told cell to lose first: a count rather than a sum, and the smallest of those; never a zero."""

    def cost(cell: _Cell) -> tuple[bool, int, _Cell]:
        return cell[0] == len(grid) - 1 or cell[1] == len(grid[0]) - 1, _count(grid, cell), cell

    told = [cell for cell in cells if cell not in hidden and _count(grid, cell)]
    return min(told, key=cost, default=None)
