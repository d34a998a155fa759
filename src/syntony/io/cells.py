"""Cells of a text table: cut out of the lines, and turned into numbers."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError
from syntony.io.layout import COMMENT, MISSING, Layout

_BLOCK = 1 << 16
_NARROW = 4


def data_rows(path: Path, lines: list[str], layout: Layout) -> tuple[list[str], Ints]:
    """Pick the rows of the table out of the lines, without blank lines and comments.

    Returns
    -------
    rows : list of str
    numbers : ndarray of int64, shape (n_rows,)
        Line number (from 1) of each row.

    Raises
    ------
    FileError
        On a blank line in a table of one column: a lost sample, or nothing at all?
    """
    rows = lines[layout.first :]
    numbers: Ints = np.arange(layout.first + 1, len(lines) + 1, dtype=np.int64)
    text = "\n".join(rows)
    if any(mark in text for mark in ("\n\n", "\n#", "\n%", "\n ", "\n\t")):
        if layout.width == 1:
            _refuse_blank(path, rows, numbers)
        keep = [i for i, x in enumerate(rows) if x.strip() and not x.lstrip().startswith(COMMENT)]
        return [rows[i] for i in keep], numbers[keep]
    return rows, numbers


def _refuse_blank(path: Path, rows: list[str], numbers: Ints) -> None:
    """Raise on the first blank line between numbers."""
    for row, number in zip(rows, numbers, strict=True):
        if not row.strip():
            raise FileError(
                path,
                "a blank line",
                "a number in every line",
                "Write n/a where a sample is missing; else delete the line.",
                line=int(number),
            )


def fast_columns(rows: list[str], layout: Layout, wanted: Sequence[int]) -> dict[int, Array] | None:
    """Read plain numeric columns at once; None where something in them needs a closer look."""
    mark = layout.separator if layout.width > 1 else "\n"
    narrow = layout.width <= _NARROW or not mark
    if not narrow and any(x.count(mark) != layout.width - 1 for x in rows):
        return None
    usecols = None if narrow else tuple(wanted)
    delimiter = (mark or None) if layout.width > 1 else None
    for patch in (False, True):
        if patch or layout.decimal == ",":
            rows = _patched(rows, mark, comma=layout.decimal == ",", missing=patch)
        try:
            table = np.loadtxt(rows, delimiter=delimiter, comments=None, ndmin=2, usecols=usecols)
        except ValueError:  # text, an empty cell, a quote or a ragged row: found one by one
            continue
        break
    else:
        return None
    if table.shape != (len(rows), layout.width if narrow else len(wanted)):
        return None
    places = wanted if narrow else range(len(wanted))
    return {c: np.ascontiguousarray(table[:, i]) for c, i in zip(wanted, places, strict=True)}


def _patched(rows: list[str], mark: str, *, comma: bool, missing: bool) -> list[str]:
    """Rows with a decimal point, and with ``nan`` for the usual marks of a missing value."""
    text = "\n".join(rows)
    if comma:
        text = text.replace(",", ".")
    if missing:
        for word in ("n/a", "N/A", "NA", "null", "NULL"):
            text = text.replace(word, "nan")
        if mark.strip() or mark == "\t":
            for _ in range(2):  # a cell between two empty cells is met in the second round
                text = text.replace(mark + mark, f"{mark}nan{mark}")
            text = text.replace(f"\n{mark}", f"\nnan{mark}").replace(f"{mark}\n", f"{mark}nan\n")
            text = f"nan{text}" if text.startswith(mark) else text
            text = f"{text}nan" if text.endswith(mark) else text
    return text.split("\n")


def cut_columns(
    path: Path, rows: list[str], numbers: Ints, layout: Layout, wanted: Sequence[int]
) -> dict[int, list[str]]:
    """Cut the wanted columns out of the rows, as text: position to one cell per row.

    Raises
    ------
    FileError
        If a row has more or fewer cells than the others.
    """
    cells: dict[int, list[str]] = {c: [] for c in wanted}
    for at in range(0, len(rows), _BLOCK):
        flat = _cut_block(path, rows[at : at + _BLOCK], numbers[at : at + _BLOCK], layout)
        for c in wanted:
            cells[c] += flat[c :: layout.width]
    if layout.decimal == ",":
        for c in wanted:
            cells[c] = "\n".join(cells[c]).replace(",", ".").split("\n")
    return cells


def _cut_block(path: Path, rows: list[str], numbers: Ints, layout: Layout) -> list[str]:
    """Cells of some rows, one after another; every row must have the same count."""
    mark, width = layout.separator, layout.width
    if width == 1:
        return [x.strip().strip('"') for x in rows]
    if any('"' in x for x in rows):
        return _cut_quoted(path, rows, numbers, layout)
    if mark:
        counts = [x.count(mark) + 1 for x in rows]
        flat = mark.join(rows).split(mark)
    else:
        parts = [x.split() for x in rows]
        counts = list(map(len, parts))
        flat = [cell for part in parts for cell in part]
    _refuse_ragged(path, counts, numbers, width)
    return flat


def _cut_quoted(path: Path, rows: list[str], numbers: Ints, layout: Layout) -> list[str]:
    """Cells of rows with quotes; a quote must close on its own line."""
    mark = layout.separator
    clean = rows if mark else [" ".join(x.split()) for x in rows]
    flat: list[str] = []
    counts = []
    for row, number in zip(clean, numbers, strict=True):
        try:
            cells = next(csv.reader([row], delimiter=mark or " ", strict=True))
        except csv.Error as error:
            raise FileError(
                path, str(error), "quotes that close on their line", line=int(number)
            ) from error
        counts.append(len(cells))
        flat += cells
    _refuse_ragged(path, counts, numbers, layout.width)
    return flat


def _refuse_ragged(path: Path, counts: list[int], numbers: Ints, width: int) -> None:
    """Raise on the first row of another width."""
    if counts.count(width) == len(counts):
        return
    at = next(i for i, n in enumerate(counts) if n != width)
    last = at == len(counts) - 1
    raise FileError(
        path,
        f"{counts[at]} cells",
        f"{width} as in the other rows",
        "The file seems to be cut off: export it again." if last else "Mend the row.",
        line=int(numbers[at]),
    )


def to_numbers(
    path: Path,
    cells: list[str] | Array,
    numbers: Ints,
    column: str,
    missing: tuple[str, ...] = (),
) -> Array:
    """Turn cells into numbers; marks of missing values become NaN.

    Raises
    ------
    FileError
        With line and column, for text and for infinities.
    """
    values = (
        cells if isinstance(cells, np.ndarray) else _floats(path, cells, numbers, column, missing)
    )
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        at = int(infinite[0])
        raise FileError(
            path,
            f"an infinite value ({infinite.size} of them)",
            "finite numbers",
            "If it marks a missing sample, pass it in missing.",
            line=int(numbers[at]),
            column=column,
        )
    for mark in missing:
        try:
            values[values == float(mark)] = np.nan
        except ValueError:  # a mark that is a word was dealt with cell by cell
            continue
    return values


def _floats(
    path: Path, cells: list[str], numbers: Ints, column: str, missing: tuple[str, ...]
) -> Array:
    """Turn cells into numbers, at once where all are numbers."""
    if not any("_" in x for x in cells):  # Python reads 1_000 as a number
        try:
            return np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            pass
    return _one_by_one(path, cells, numbers, column, missing)


def _one_by_one(
    path: Path, cells: list[str], numbers: Ints, column: str, missing: tuple[str, ...]
) -> Array:
    """Turn cells into numbers with an eye on each."""
    marks = MISSING | {m.strip().lower() for m in missing}
    values = np.empty(len(cells))
    for i, cell in enumerate(cells):
        text = cell.strip()
        if text.lower() in marks:
            values[i] = np.nan
            continue
        try:
            if "_" in text:
                raise ValueError
            values[i] = float(text)
        except ValueError:
            raise FileError(
                path,
                repr(text[:60]),
                "a number",
                "If it marks a missing sample, pass it in missing; else mend the cell.",
                line=int(numbers[i]),
                column=column,
            ) from None
    return values
