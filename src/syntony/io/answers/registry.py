"""The list of exports of answers: one function each, found by content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from syntony.core.errors import InputError
from syntony.io.answers.cells import Grid, read_grid
from syntony.io.answers.value import AnswerTable

Read = Callable[[Grid], AnswerTable]
Sniff = Callable[[Grid], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReader:
    """One kind of export; ``source`` says how well it is known."""

    name: str
    title: str
    source: str
    sniff: Sniff
    read: Read


_READERS: dict[str, AnswerReader] = {}


def answer_reader(*, name: str, title: str, source: str, sniff: Sniff) -> Callable[[Read], Read]:
    """Put a function ``(grid) -> AnswerTable`` on the list."""

    def keep(read: Read) -> Read:
        if name in _READERS:
            raise InputError("format", name, "a name that is not yet on the list")
        _READERS[name] = AnswerReader(name=name, title=title, source=source, sniff=sniff, read=read)
        return read

    return keep


def answer_readers() -> Mapping[str, AnswerReader]:
    """Every kind of export by name."""
    return MappingProxyType(_READERS)


def read_answers(path: Path | str, *, format: str = "") -> AnswerTable:
    """Read a table of answers as it was exported, from comma, semicolon or tab separated text.

    Parameters
    ----------
    path : path
    format : str, optional
        ``"qualtrics"``, ``"redcap"`` or ``"plain"``; without it the content decides.

    Returns
    -------
    AnswerTable
        Cells as text, each row with its line; previews and tests are left aside with a note.

    Raises
    ------
    FileError
        If it is missing, empty or binary, a column stands twice, or a row has another number
        of cells than the head.
    InputError
        If the format is not on the list.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.read_answers("no-such-file.csv")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    if format and format not in _READERS:
        raise InputError("format", format, f"one of {sorted(_READERS)}")
    grid = read_grid(Path(path))
    last = _READERS["plain"]
    if format:
        return _READERS[format].read(grid)
    others = (r for r in _READERS.values() if r is not last)
    return next((r for r in others if r.sniff(grid)), last).read(grid)
