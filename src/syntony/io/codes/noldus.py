"""Event logs that Noldus' The Observer XT exports, as text or workbook."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.codes.pairing import Mark, Moment, pair_states
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import (
    Peek,
    Row,
    Table,
    by_onset,
    note_at,
    read_rows,
    seconds_in,
    table_of,
    tiers_of,
)
from syntony.io.codes.value import CodeFile

_TIMES = (
    "time relative sf",
    "relative time (seconds)",
    "relative time seconds",
    "time relative s",
    "time relative hmsf",
    "time relative hms",
)
_MARKS: Mapping[str, Mark] = {
    "state start": "start",
    "state stop": "stop",
    "point": "point",
    "state point": "point",
    "point event": "point",
}


def _sniff(peek: Peek) -> bool:
    header = peek.header("Behavior", "Event_Type") or peek.header("Behaviour", "Event_Type")
    return any(name in header for name in _TIMES)


@code_reader(
    name="noldus",
    title="Noldus Observer XT export",
    suffixes=(".txt", ".csv", ".xlsx"),
    sniff=_sniff,
    source="column names as public analysis scripts use them; no genuine export was at hand, "
    "so compare the first import with the Observer itself",
)
def read_noldus(path: Path) -> CodeFile:
    """Read an event log of The Observer XT, from text (also UTF-16) or ``.xlsx``.

    Each ``State start`` is joined with the next ``State stop`` of the same observation,
    subject and behaviour; where there is none, the duration in its own row counts.

    Returns
    -------
    CodeFile
        ``session`` is the observation, modifiers are joined by ``|``. A row without a
        behaviour is a point without a code, with a note.

    Raises
    ------
    FileError
        With the line: a stop without a start, an event type or time that is none.
    MissingPackage
        For a workbook without openpyxl (extra ``data``).
    """
    rows, notes = read_rows(path)
    found = _header(path, rows)
    moments, late = [], []
    for line, cells in found.rows:
        moments.append(_moment(path, found, line, cells))
        if not moments[-1].said["code"]:
            text = f"The row at {moments[-1].time_s:g} s names no behaviour."
            late.append(note_at(path, line, "no-code", text))
    events, open_ = pair_states(path, moments)
    ordered = by_onset(events)
    every: list[Note] = [*notes, *late, *open_]
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(every))


def _header(path: Path, rows: tuple[Row, ...]) -> Table:
    """Find the table; American and British spelling."""
    try:
        table = table_of(path, rows, ("Behavior", "Event_Type"))
    except FileError:
        table = table_of(path, rows, ("Behaviour", "Event_Type"))
    if not table.first_of(*_TIMES):
        names = list(table.names)
        hint = "Export Time_Relative_sf (seconds) too."
        raise FileError(path, f"columns {names}", "a relative time", hint, line=table.header_line)
    return table


def _moment(path: Path, table: Table, line: int, cells: Mapping[str, str]) -> Moment:
    """One row of the log."""
    when, length = table.first_of(*_TIMES), table.first_of("duration sf", "duration (seconds)")
    code = cells[table.first_of("behavior", "behaviour")]
    kind = cells["event type"].strip().lower()
    if kind not in _MARKS and (kind or code):
        raise FileError(
            path,
            repr(cells["event type"]),
            f"one of {sorted(_MARKS)}",
            line=line,
            column="Event_Type",
        )
    mark = _MARKS.get(kind, "point")
    said = {
        "session": cells.get(table.first_of("observation", "observation name"), ""),
        "person": cells.get("subject", ""),
        "code": code,
        "modifier": "|".join(
            cells[n] for n in table.names if n.startswith("modifier") and cells[n]
        ),
        "comment": cells.get("comment", ""),
        "coder": cells.get(table.first_of("coder", "observer"), ""),
    }
    long = cells.get(length, "") if length and mark == "start" else ""
    return Moment(
        time_s=seconds_in(path, cells[when], line=line, column=when),
        mark=mark,
        key=(said["session"], said["person"], code),
        said=said,
        line=line,
        length_s=seconds_in(path, long, line=line, column=length) if long else math.nan,
    )
