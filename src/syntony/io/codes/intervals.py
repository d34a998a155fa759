"""Codes interval by interval: a column for each, 0 or 1."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import (
    Peek,
    Table,
    by_onset,
    event_at,
    low,
    read_rows,
    table_of,
    tiers_of,
)
from syntony.io.codes.tables import EMPTY, unread
from syntony.io.codes.value import CodeEvent, CodeFile

_NUMBERED = re.compile(r"(.*?)\s*0*(\d+)")
_INTERVALS = 5


def _series(header: tuple[str, ...]) -> dict[str, list[str]]:
    """Columns that are numbered 1, 2, 3 ... behind one name: the intervals of a code."""
    found: dict[str, list[str]] = {}
    for name in header:
        match = _NUMBERED.fullmatch(name)
        if match and int(match.group(2)) == len(found.get(match.group(1), [])) + 1:
            found.setdefault(match.group(1), []).append(name)
    return {k: v for k, v in found.items() if len(v) >= _INTERVALS}


def _is_intervals(peek: Peek) -> bool:
    """Claim a table with numbered columns of 0 and 1."""
    header = low(peek.rows[0].cells) if peek.rows else ()
    columns = [header.index(n) for names in _series(header).values() for n in names]
    cells = [r.cells[c] for r in peek.rows[1:4] for c in columns if c < len(r.cells)]
    return bool(cells) and all(c in {"0", "1"} or c.lower() in EMPTY for c in cells)


@code_reader(
    name="intervals",
    title="Codes interval by interval (numbered columns)",
    suffixes=(".csv", ".tsv", ".txt", ".xlsx"),
    sniff=_is_intervals,
    source="a public table of couples coded in 48 intervals of 10 s (CRAN package DySeq)",
)
def read_intervals(path: Path, *, interval_s: float | None, session: str = "") -> CodeFile:
    """Read a table with one row a session and one column an interval: ``CODE01``, ``CODE02`` ...

    Parameters
    ----------
    path : Path
    interval_s : float
        Length of an interval (s): the table does not say.
    session : str, optional
        Column that names the session; without it the first.

    Returns
    -------
    CodeFile
        One event of ``interval_s`` for every 1; the name before the numbers is code and tier.
        An empty interval is missing, which a note counts; 0 is an interval without the code.

    Raises
    ------
    FileError
        With line and column: a cell other than 0, 1 or missing; no interval length given.
    """
    rows, notes = read_rows(path)
    if not rows:
        raise FileError(path, "no rows", "a table with a header")
    table = table_of(path, rows, [session] if session else list(rows[0].cells[:1]))
    series = _series(table.names)
    if not series:
        raise FileError(path, f"columns {list(table.names)[:20]}", "numbered ones: CODE01, CODE02")
    if interval_s is None or not (math.isfinite(interval_s) and interval_s > 0):
        hint = f"Pass interval_s. Codes here: {sorted(series)}."
        raise FileError(path, "no length of the intervals", "seconds above 0", hint)
    name = low([session])[0] if session else table.names[0]
    events, missing = _intervals(path, table, series, name, float(interval_s))
    if missing:
        notes.append(Note(path.name, "missing-intervals", f"{missing} intervals were not coded."))
    notes += unread(table, [name, *(c for columns in series.values() for c in columns)])
    ordered = by_onset(events)
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(notes))


def read_interval_tracks(
    path: Path, *, session: str = ""
) -> tuple[tuple[str, ...], dict[str, Array]]:
    """Read the same table as tracks, where what was not coded stays apart from what was not shown.

    Returns
    -------
    sessions : tuple of str
        In the order of the rows.
    tracks : dict of str to ndarray of float64, shape (n_sessions, n_intervals)
        Code to 1, 0, or NaN where the cell is missing.

    Raises
    ------
    FileError
        With line and column: a cell other than 0, 1 or missing, a session twice, no numbered
        columns.
    """
    rows, _ = read_rows(path)
    if not rows:
        raise FileError(path, "no rows", "a table with a header")
    table = table_of(path, rows, [session] if session else list(rows[0].cells[:1]))
    series = _series(table.names)
    if not series:
        raise FileError(path, f"columns {list(table.names)[:20]}", "numbered ones: CODE01, CODE02")
    name = low([session])[0] if session else table.names[0]
    sessions = [cells[name] for _, cells in table.rows]
    for k, (line, _) in enumerate(table.rows):
        if sessions[k] in sessions[:k] or not sessions[k]:
            raise FileError(path, repr(sessions[k]), "each session once", line=line, column=name)
    tracks = {}
    for columns in series.values():
        title = table.title(columns[0]).rstrip("0123456789").rstrip()
        tracks[title] = np.array(
            [[_cell(path, line, cells, c) for c in columns] for line, cells in table.rows]
        )
    return tuple(sessions), tracks


def _cell(path: Path, line: int, cells: Mapping[str, str], column: str) -> float:
    """One interval: 1, 0 or missing."""
    cell = cells[column].lower()
    if cell in EMPTY:
        return math.nan
    if cell not in {"0", "0.0", "1", "1.0"}:
        raise FileError(path, repr(cell[:40]), "0, 1 or n/a", line=line, column=column)
    return float(cell)


def _intervals(
    path: Path, table: Table, series: Mapping[str, list[str]], name: str, long_s: float
) -> tuple[list[CodeEvent], int]:
    """One event for every 1, and how many intervals are missing."""
    events, missing = [], 0
    for line, cells in table.rows:
        for columns in series.values():
            title = table.title(columns[0])
            code = title.rstrip("0123456789").rstrip()
            for i, column in enumerate(columns):
                cell = cells[column].lower()
                if cell in EMPTY:
                    missing += 1
                elif cell in {"1", "1.0"}:
                    said: dict[str, Any] = {
                        "code": code,
                        "tier": code,
                        "session": cells[name],
                        "element": column,
                    }
                    events.append(
                        event_at(path, line=line, onset_s=i * long_s, duration_s=long_s, **said)
                    )
                elif cell not in {"0", "0.0"}:
                    raise FileError(path, repr(cell[:40]), "0, 1 or n/a", line=line, column=column)
    return events, missing
