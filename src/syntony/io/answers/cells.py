"""Separated text as a grid of cells: quotes, breaks inside them, the line that each row is on."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.answers.value import AnswerRow
from syntony.io.text import MAX_LINE, decode, read_bytes

_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Grid:
    """A file cut into cells: the head, and each further row with the line it begins on."""

    path: Path
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[Note, ...] = ()

    def answer_rows(self, *, after: int = 0) -> tuple[AnswerRow, ...]:
        """Rows by column name, without the first few under the head.

        Raises
        ------
        FileError
            If a row has another number of cells than the head.
        """
        made = []
        for line, cells in self.rows[after:]:
            if len(cells) != len(self.head):
                raise FileError(
                    self.path,
                    f"{len(cells)} cells",
                    f"{len(self.head)}, as in the head",
                    "Is a quote not closed, or the separator also in the text?",
                    line=line,
                )
            said = {n: c.strip() for n, c in zip(self.head, cells, strict=True)}
            made.append(AnswerRow(self.path, line, said))
        return tuple(made)


def read_grid(path: Path) -> Grid:
    """Cut a file into cells.

    Raises
    ------
    FileError
        If it is missing, empty, binary or of one column, a name in the head is missing or
        stands twice, or nothing is under the head.
    """
    data = read_bytes(path)
    text = decode(path, data)
    notes = _encoding_notes(path, data)
    separator = _separator(text)
    rows: list[tuple[int, tuple[str, ...]]] = []
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(c.strip() for c in cells):
                rows.append((begins, tuple(cells)))
            begins = reader.line_num + 1
    except csv.Error as error:
        hint = "Is a quote not closed?"
        raise FileError(path, str(error), "separated text", hint, line=begins) from error
    if not rows:
        raise FileError(path, "nothing but blanks", "a head with the names of columns", line=1)
    head = tuple(c.strip() for c in rows[0][1])
    _check_head(path, head, rows[0][0])
    if len(rows) < 2:
        raise FileError(path, "a head and nothing under it", "rows of answers", line=rows[0][0])
    return Grid(path, head, tuple(rows[1:]), notes)


def _separator(text: str) -> str:
    """Comma, semicolon or tab: the one that the first line with any holds most often."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    counts = Counter({mark: first.count(mark) for mark in _SEPARATORS})
    return max(_SEPARATORS, key=lambda mark: counts[mark])


def _encoding_notes(path: Path, data: bytes) -> tuple[Note, ...]:
    """Say where the text is not UTF-8, so that letters may come out wrong."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        text = f"Line {line} is not UTF-8; read as Latin-1. Export as UTF-8 if letters look wrong."
        return (Note(path.name, "encoding", text),)
    return ()


def _check_head(path: Path, head: Sequence[str], line: int) -> None:
    """Refuse names that are missing or stand twice."""
    twice = [name for name, n in Counter(head).items() if n > 1 and name]
    if twice:
        raise FileError(path, f"columns that stand twice: {twice[:8]}", "each name once", line=line)
    if not all(head):
        place = head.index("") + 1
        raise FileError(path, f"no name for column {place}", "a name for each", line=line)
    if len(head) < 2:
        found = f"one column, {head[0][:60]!r}"
        hint = "Cells are separated by commas, semicolons or tabs."
        raise FileError(path, found, "several columns", hint, line=line)
