"""The matrix of correlations between indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import RIGHT, Drawing, map_png, shorten
from syntony.report.numbers import correlation

_PALE = 1.6  # colours stay pale enough for the numbers on them


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Correlations of every two indices, shape (n, n); the diagonal is not read."""

    names: Sequence[str]
    values: Array


def matrix_figure(matrix: Matrix, *, width: int) -> Drawing:
    """Draw a square of coloured cells with their numbers; columns carry the numbers of the rows.

    On a small screen, and with many indices, cells become too small for a number: the pointer
    still tells it, and so does the table.
    """
    n = len(matrix.names)
    is_wide = width > 500
    longest = max(len(name) for name in matrix.names)
    left = 30 + min(7.2 * longest, 262.0 if is_wide else 110.0)
    cell = min(56.0, (width - RIGHT - left) / n)
    height = max(18.0, cell) if is_wide else cell
    height = min(height, 34.0)
    top = 22.0
    drawing = Drawing(width, top + n * height + 8)
    values = matrix.values.copy()
    values[np.diag_indices(n)] = 0.0
    drawing.picture(left, top, n * cell, n * height, map_png(values, _PALE))
    for k, name in enumerate(matrix.names):
        y = top + (k + 0.5) * height + 4
        if height >= 11:
            drawing.text(22, y, f"{k + 1}", "t", anchor="end")
            drawing.text(
                28,
                y,
                shorten(name, int((left - 34) / (7.0 if is_wide else 6.8))),
                "t lab" if is_wide else "t",
            )
        if cell >= 11:
            size = "t" if cell >= 16 else "t micro"
            drawing.text(left + (k + 0.5) * cell, top - 6, f"{k + 1}", size, anchor="middle")
        drawing.box(left + k * cell, top + k * height, cell, height, "diagonal")
    for i in range(n):
        for j in range(n):
            if i != j:
                _cell(drawing, matrix, (i, j), (left + j * cell, top + i * height, cell, height))
    drawing.box(left, top, n * cell, n * height, "frame")
    return drawing


def _cell(
    drawing: Drawing,
    matrix: Matrix,
    at: tuple[int, int],
    box: tuple[float, float, float, float],
) -> None:
    """Write the number of one cell, and say at the pointer whose it is."""
    i, j = at
    x, y, wide, high = box
    said = correlation(float(matrix.values[i, j]))
    kind = "Spearman" if j > i else "Pearson"
    drawing.box(
        x, y, wide, high, "clear", hint=f"{matrix.names[i]}, {matrix.names[j]}: {kind} {said}"
    )
    size = "t num" if wide >= 30 else "t tiny num"
    if wide >= 20:
        drawing.text(x + wide / 2, y + high / 2 + 3.5, said, size, anchor="middle")
