"""The assignment problem, exactly: rows to columns at the least total cost, rows may stay free.

Kuhn-Munkres with potentials (shortest augmenting paths), O(rows^2 x columns). Clusters of shots
that compete for each other are small; everything unambiguous never comes here.
"""

from __future__ import annotations

from collections.abc import Callable

_INFINITE = float("inf")


def assign(rows: int, columns: int, gain: Callable[[int, int], float | None]) -> dict[int, int]:
    """Row -> column with the greatest total gain. None and gains <= 0 are never assigned."""
    # every row has a column of its own beside the real ones: to stay free costs nothing
    width = columns + rows
    costs = [[_cost(gain(row, column)) for column in range(columns)] + [0.0] * rows
             for row in range(rows)]
    row_of = _augmented(costs, rows, width)
    found = {}
    for column in range(columns):
        row = row_of[column + 1] - 1
        if row >= 0 and costs[row][column] < 0:
            found[row] = column
    return found


def _cost(gain: float | None) -> float:
    return 1e9 if gain is None or gain <= 0 else -gain


def _augmented(costs: list[list[float]], rows: int, width: int) -> list[int]:
    """The row (from 1) that each column (from 1) is given to; 0 for none."""
    row_potential, column_potential = [0.0] * (rows + 1), [0.0] * (width + 1)
    row_of = [0] * (width + 1)
    for row in range(1, rows + 1):
        row_of[0] = row
        at = 0
        least, seen = [_INFINITE] * (width + 1), [False] * (width + 1)
        way = [0] * (width + 1)
        while row_of[at]:
            seen[at] = True
            here, delta, following = row_of[at], _INFINITE, 0
            line, potential = costs[here - 1], row_potential[here]
            for column in range(1, width + 1):
                if seen[column]:
                    continue
                reduced = line[column - 1] - potential - column_potential[column]
                if reduced < least[column]:
                    least[column], way[column] = reduced, at
                if least[column] < delta:
                    delta, following = least[column], column
            for column in range(width + 1):
                if seen[column]:
                    row_potential[row_of[column]] += delta
                    column_potential[column] -= delta
                else:
                    least[column] -= delta
            at = following
        while at:
            row_of[at] = row_of[way[at]]
            at = way[at]
    return row_of
