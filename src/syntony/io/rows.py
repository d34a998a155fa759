"""Columns of numbers of a long text file, read in blocks: the rows of a recorder's export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NoReturn

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.io.layout import MISSING
from syntony.io.text import MAX_LINE, size_of

_BLOCK = 1 << 20
_NULLS = [*sorted(MISSING), "NA", "N/A", "NaN", "nan", "null", "NULL"]


def first_lines(path: Path, count: int) -> list[str]:
    """Read the first lines of a text file without their ends; a very long line is refused.

    Raises
    ------
    FileError
        As :func:`syntony.io.text.size_of`, and for binary content.
    """
    size_of(path)
    lines = []
    with path.open("rb") as file:
        for number in range(1, count + 1):
            line = file.readline(MAX_LINE + 1)
            if not line:
                break
            if len(line) > MAX_LINE or b"\0" in line:
                found = "binary content" if b"\0" in line else f"a line beyond {MAX_LINE:,} bytes"
                raise FileError(path, found, "lines of text", "Export as text.", line=number)
            lines.append(_decode(line))
    if lines:
        lines[0] = lines[0].removeprefix("\ufeff")
    return lines


def _decode(line: bytes) -> str:
    """One line as text: UTF-8, else Latin-1."""
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip("\r\n")


def read_columns(
    path: Path, names: Sequence[str], wanted: Sequence[str], *, skip: int, separator: str
) -> dict[str, Array]:
    """Read the wanted columns of a table of numbers, a megabyte at a time.

    Parameters
    ----------
    path : Path
    names : sequence of str
        One different name for each column.
    wanted : sequence of str
        Names of columns to read.
    skip : int
        Lines above the first row.
    separator : str
        One character.

    Returns
    -------
    dict of str to ndarray of float64, shape (n_rows,)
        Empty cells and the usual marks of a missing value are NaN.

    Raises
    ------
    FileError
        With its line: a row of another width, a blank line, text; no rows.
    """
    import pyarrow as pa
    from pyarrow import csv

    size_of(path)
    lines, blank = _count_lines(path)
    if blank:
        _refuse_blank(path, skip, len(names))
    most = min(lines, path.stat().st_size // len(names) + 1)
    out = {name: np.empty(most) for name in wanted}  # taken from memory only where it is filled
    rows = 0
    try:
        with csv.open_csv(
            path,
            read_options=csv.ReadOptions(
                column_names=list(names), skip_rows=skip, block_size=_BLOCK, use_threads=False
            ),
            parse_options=csv.ParseOptions(
                delimiter=separator, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.float64() for name in wanted},
                include_columns=list(wanted),
                null_values=_NULLS,
                check_utf8=False,
            ),
        ) as stream:
            for batch in stream:
                for name, column in zip(wanted, batch.columns, strict=True):
                    held = column.to_numpy(zero_copy_only=False)
                    out[name][rows : rows + held.size] = held
                rows += batch.num_rows
    except pa.ArrowInvalid as error:
        _refuse(path, names, wanted, skip, separator, str(error))
    if not rows:
        _no_rows(path, skip)
    return {name: values[:rows] for name, values in out.items()}


def _count_lines(path: Path) -> tuple[int, bool]:
    """Lines of a file, the last one counted also without its end; and whether one is blank."""
    count, blank, before = 1, False, b""
    with path.open("rb") as file:
        while piece := file.read(_BLOCK):
            count += piece.count(b"\n") + piece.count(b"\r")
            joined = before + piece
            blank = blank or any(two in joined for two in (b"\n\n", b"\n\r\n", b"\r\r"))
            before = piece[-2:]
    return count, blank


def _refuse_blank(path: Path, skip: int, width: int) -> None:
    """Raise for a blank line among the rows: a lost sample, or nothing at all?"""
    for number, line in enumerate(_lines(path, skip), start=skip + 1):
        if not line.strip() and width > 1:
            hint = "Delete the line, or write a row of empty cells where a sample is missing."
            raise FileError(path, "a blank line", f"{width} cells in every row", hint, line=number)


def _no_rows(path: Path, skip: int) -> NoReturn:
    """Raise for a table without rows."""
    raise FileError(path, "no rows of numbers", f"rows from line {skip + 1} on", "Is it whole?")


def _refuse(
    path: Path, names: Sequence[str], wanted: Sequence[str], skip: int, mark: str, told: str
) -> NoReturn:
    """Find the first row that is wrong and raise for it."""
    places = [names.index(name) for name in wanted]
    number = skip
    for number, line in enumerate(_lines(path, skip), start=skip + 1):
        cells = line.split(mark)
        if len(cells) != len(names):
            found = f"{len(cells)} cells" if line.strip() else "a blank line"
            hint = "Mend the row; where it is the last one, the file is cut off: export it again."
            raise FileError(path, found, f"{len(names)} in every row", hint, line=number)
        for at in places:
            if not _is_number(cells[at]):
                raise FileError(
                    path,
                    repr(cells[at][:60]),
                    "a number",
                    "Mend the cell.",
                    line=number,
                    column=names[at],
                )
    if number == skip:
        _no_rows(path, skip)
    raise FileError(path, f"a table that cannot be read ({told[:120]})", "rows of numbers")


def _lines(path: Path, skip: int) -> Iterator[str]:
    """Rows of a file one by one, each at most as long as a line may be."""
    with path.open("rb") as file:
        for _ in islice(iter(lambda: file.readline(MAX_LINE), b""), skip):
            pass
        while line := file.readline(MAX_LINE):
            yield _decode(line)


def _is_number(cell: str) -> bool:
    """Whether a cell is a number or a usual mark of a missing value."""
    if cell in _NULLS:
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell
