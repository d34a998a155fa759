"""A table of answers as it was exported: every cell remembers its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from syntony.core.errors import FileError
from syntony.core.notes import Note


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row: the line it begins on, and its cells as text."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def error(self, found: str, expected: str, hint: str = "", *, column: str = "") -> FileError:
        """Make an error that names this row, and a cell of it."""
        where = column or None
        return FileError(self.path, found, expected, hint, line=self.line, column=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTable:
    """What one export holds.

    Attributes
    ----------
    path : Path
    format : str
        Name of the reader.
    columns : tuple of str
    rows : tuple of AnswerRow
    texts : mapping of column to str
        Wording of the question, where the export holds it.
    rated_at : str
        Column that says when a row was filled in; empty where none is known to.
    zone : str
        Time zone of the stamps, where the export names it.
    notes : tuple of Note
        Rows that were left aside, and what else was noticed, by line.
    """

    path: Path
    format: str
    columns: tuple[str, ...]
    rows: tuple[AnswerRow, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    rated_at: str = ""
    zone: str = ""
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", MappingProxyType(dict(self.texts)))


def lines_in_words(rows: list[AnswerRow]) -> str:
    """Name the lines of rows, the first eight of them.

    Examples
    --------
    >>> lines_in_words([AnswerRow(Path("a"), k, {}) for k in (4, 7)])
    'line 4, 7'
    """
    named = ", ".join(str(r.line) for r in rows[:8])
    return f"line {named}" + (f" and {len(rows) - 8} more" if len(rows) > 8 else "")
