"""Plain tables of apps: a header of names, then rows of as many cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError
from syntony.io.cells import to_numbers
from syntony.io.formats.naming import once_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells by column, in rows whose lines are known."""

    path: Path
    names: tuple[str, ...]
    cells: Mapping[str, list[str]]
    lines: Ints

    def numbers(self, name: str) -> Array:
        """One column as numbers; an empty cell is missing."""
        return to_numbers(self.path, self.cells[name], self.lines, name)

    def one(self, start: str) -> str:
        """Name of the column that begins so, in any case; empty where there is none."""
        return next((n for n in self.names if n.lower().startswith(start.lower())), "")


def read_table(path: Path, lines: Sequence[str], at: int, mark: str) -> Table:
    """Read a table whose header is line ``at`` (from 0).

    Raises
    ------
    FileError
        No row, or a row with another number of cells than the header.
    """
    names = [n.strip() for n in lines[at].split(mark)]
    while names and not names[-1]:
        names.pop()
    names = once_each(names)
    rows = [(i + 1, x) for i, x in enumerate(lines) if i > at and x.strip()]
    if not rows or not names:
        raise FileError(path, f"the header {lines[at][:80]!r} and {len(rows)} rows", "a table")
    columns: list[list[str]] = [[] for _ in names]
    for number, row in rows:
        cells = row.split(mark)
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(names):
            hint = "The file seems to be cut off." if number == rows[-1][0] else "Mend the row."
            raise FileError(
                path, f"{len(cells)} cells", f"{len(names)} as in the header", hint, line=number
            )
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell.strip())
    return Table(
        path=path,
        names=tuple(names),
        cells=dict(zip(names, columns, strict=True)),
        lines=np.array([n for n, _ in rows], dtype=np.int64),
    )
