"""Datavyu project files (.opf): a zip with the cells of every column."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.archive import members_of
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import Peek, by_onset, event_at, note_at
from syntony.io.codes.value import CodeEvent, CodeFile, Tier
from syntony.io.text import decode, split_lines

_TIME = r"(\d+):(\d\d):(\d\d):(\d\d\d)"
_CELL = re.compile(rf"{_TIME},{_TIME},(.*)")
_COLUMN = re.compile(r"(.+) \((MATRIX|TEXT|NOMINAL),[^)]*\)(?:-(.*))?")
_COMMA = re.compile(r"(?<!\\),")


def _sniff(peek: Peek) -> bool:
    """Claim a zip that holds ``db`` and ``project``."""
    if not peek.is_zip:
        return False
    if peek.path.suffix.lower() == ".opf":
        return True  # damaged or not, the reader says what is wrong
    try:
        with zipfile.ZipFile(peek.path) as archive:
            return {"db", "project"} <= set(archive.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return False


@code_reader(
    name="datavyu",
    title="Datavyu (.opf)",
    suffixes=(".opf",),
    sniff=_sniff,
    source="read against genuine files with matrix columns; columns of other types on made files",
)
def read_datavyu(path: Path, *, argument: str = "") -> CodeFile:
    """Read a Datavyu project: one event per cell, the column as its tier.

    Parameters
    ----------
    path : Path
    argument : str, optional
        Argument of the cells that is the code (such as ``look``); without it the first of
        each column. The others go to ``modifier``, as ``name=value`` joined by ``|``.

    Returns
    -------
    CodeFile
        A cell whose offset was never set (0 before a later onset) has unknown length (NaN)
        and a note.

    Raises
    ------
    FileError
        With the line of ``db``: damaged or hostile zip, another database version, a line that
        is no cell, a stop before its start.
    """
    members = members_of(path, ("db", "project"))
    if "db" not in members:
        raise FileError(path, "a zip without 'db'", "a Datavyu project", "Save it in Datavyu.")
    lines = split_lines(path, decode(path, members["db"]))
    if not lines or lines[0].strip() != "#4":
        seen = lines[0][:20] if lines else ""
        hint = "Save it with Datavyu 1.0 or later."
        raise FileError(path, f"a database {seen!r}", "version '#4'", hint, line=1)
    events: list[CodeEvent] = []
    notes: list[Note] = []
    columns: dict[str, tuple[str, list[str]]] = {}
    name = ""
    for number, text in enumerate(lines[1:], start=2):
        cell, column = _CELL.fullmatch(text), _COLUMN.fullmatch(text)
        if cell and name:
            events.append(_event(path, number, cell, name, columns[name], argument, notes))
        elif column:
            name = column.group(1).strip()
            if name in columns:
                raise FileError(path, f"the column {name!r} twice", "once", line=number)
            columns[name] = (column.group(2), _arguments(path, number, column.group(3), argument))
        elif text.strip():
            raise FileError(path, repr(text[:60]), "a column or a cell of one", line=number)
    if not columns:
        raise FileError(path, "no columns", "a column with cells", line=1)
    counts = [
        Tier(name=n, count=sum(e.tier == n for e in events), kind=k)
        for n, (k, _) in columns.items()
    ]
    return CodeFile(path=path, events=by_onset(events), tiers=tuple(counts), notes=tuple(notes))


def _arguments(path: Path, line: int, text: str | None, wanted: str) -> list[str]:
    """Names of the arguments of a column, the one that is the code first."""
    names = [a.partition("|")[0].strip() for a in text.split(",")] if text else []
    if wanted and names and wanted not in names:
        raise FileError(path, f"arguments {names}", f"one named {wanted!r}", line=line)
    return names


def _event(
    path: Path,
    line: int,
    cell: re.Match[str],
    tier: str,
    column: tuple[str, list[str]],
    wanted: str,
    notes: list[Note],
) -> CodeEvent:
    """One cell as an event."""
    kind, names = column
    start, stop = _seconds(cell.groups()[:4]), _seconds(cell.groups()[4:8])
    values = list(_values(path, line, kind, cell.group(9)))
    if kind == "MATRIX" and len(values) != len(names):
        raise FileError(path, f"{len(values)} values", f"{len(names)}: {names}", line=line)
    at = names.index(wanted) if wanted and names else 0
    rest = [
        f"{n}={v}" for i, (n, v) in enumerate(zip(names, values, strict=False)) if i != at and v
    ]
    said: dict[str, Any] = {"code": values[at], "modifier": "|".join(rest), "tier": tier}
    length = stop - start
    if stop == 0 < start:
        length = math.nan
        notes.append(
            note_at(path, line, "no-stop", f"The cell at {start:g} s of {tier!r} has no offset.")
        )
    if not values[at]:
        what = f"value of {names[at]!r}" if names else "text"
        text = f"The cell at {start:g} s of {tier!r} has no {what}."
        notes.append(note_at(path, line, "no-code", text))
    return event_at(path, line=line, onset_s=start, duration_s=length, **said)


def _values(path: Path, line: int, kind: str, text: str) -> Iterator[str]:
    """Values of a cell, without the strokes that protect its marks."""
    if kind == "MATRIX":
        if not (text.startswith("(") and text.endswith(")")):
            hint = "Is the file cut off?"
            raise FileError(path, repr(text[-60:]), "values in brackets", hint, line=line)
        parts = _COMMA.split(text[1:-1])
    else:
        parts = [text]
    for part in parts:
        yield re.sub(r"\\(.)", r"\1", part).strip()


def _seconds(parts: tuple[str, ...]) -> float:
    hours, minutes, seconds, thousandths = map(int, parts)
    return (hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + thousandths) / 1000
