"""Tab-separated tables with a header, as BIDS has them; every cell remembers its line."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from syntony.core.errors import FileError
from syntony.io.text import decode, read_bytes, split_lines

NOTHING = "n/a"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: where it stands and what it says. ``n/a`` is the empty text."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def text(self, column: str, default: str = "") -> str:
        """Cell as text, or the default where it is empty or the column is not there."""
        return self.cells.get(column, "") or default

    def required(self, column: str) -> str:
        """Cell as text; an empty one is refused."""
        cell = self.cells.get(column, "")
        if not cell:
            raise self.error("an empty cell", "a value", column=column)
        return cell

    def number(self, column: str, *, missing: float | None = None) -> float:
        """Cell as a finite number; ``missing`` stands for an empty one, else it is refused."""
        cell = self.cells.get(column, "")
        if not cell and missing is not None:
            return missing
        try:
            if "_" in cell:
                raise ValueError
            value = float(cell)
        except ValueError:
            raise self.error(repr(cell), "a number", "Mend the cell.", column=column) from None
        if not np.isfinite(value):
            raise self.error(repr(cell), "a finite number", "Write n/a.", column=column)
        return value

    def error(self, found: str, expected: str, hint: str = "", *, column: str) -> FileError:
        """Make an error that names this cell."""
        return FileError(self.path, found, expected, hint, line=self.line, column=column)


def read_tsv(
    path: Path, required: Sequence[str], *, only: Mapping[str, Container[str]] | None = None
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Read a table: its columns and its rows.

    ``only`` names cells that a row must have to be given back, for columns that are there;
    every row is checked all the same.

    Raises
    ------
    FileError
        If the file is missing or empty, a required column is absent or there twice, or a row
        has another number of cells.
    """
    lines = split_lines(path, decode(path, read_bytes(path)))
    if not lines:
        raise FileError(path, "nothing but blanks", f"a header {list(required)}", line=1)
    names = tuple(cell.strip() for cell in lines[0].split("\t"))
    if len(set(names)) < len(names):
        raise FileError(path, f"columns {list(names)}", "each column once", line=1)
    for name in required:
        if name not in names:
            raise FileError(
                path,
                f"columns {list(names)}",
                f"a column {name!r}",
                "Cells are separated by tabs.",
                line=1,
                column=name,
            )
    wanted = [(names.index(c), texts) for c, texts in (only or {}).items() if c in names]
    rows = []
    for i, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(names):
            raise FileError(
                path,
                f"{len(cells)} cells",
                f"{len(names)}: {list(names)}",
                "Cells are separated by tabs; n/a stands for nothing.",
                line=i,
            )
        if any(cells[at].strip() not in texts for at, texts in wanted):
            continue
        said = {
            n: "" if c.strip() == NOTHING else c.strip() for n, c in zip(names, cells, strict=True)
        }
        rows.append(Row(path, i, said))
    return names, tuple(rows)


def tsv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    r"""Write a table as text; empty cells, None and NaN become ``n/a``.

    Examples
    --------
    >>> tsv_text(["a", "b"], [{"a": 1.5, "b": ""}])
    'a\tb\n1.5\tn/a\n'
    """
    lines = ["\t".join(columns)]
    lines += ["\t".join(_cell(row.get(name)) for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    """One cell: numbers in the shortest form that reads back the same, text on one line."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and value != value):
        return NOTHING
    text = repr(value) if isinstance(value, float) else str(value)
    return " ".join(text.split()) or NOTHING
