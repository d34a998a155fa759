"""Plain tables of codes, read and written; what they share with other tables."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path

from syntony.core.errors import FileError, InputError
from syntony.core.files import write_text
from syntony.core.notes import Note
from syntony.io.codes.registry import code_reader, code_writer
from syntony.io.codes.source import (
    Peek,
    Row,
    Table,
    by_onset,
    event_at,
    low,
    note_at,
    read_rows,
    seconds_in,
    table_of,
    tiers_of,
)
from syntony.io.codes.value import CodeEvent, CodeFile

ONSETS = ("onset", "start", "onset s", "start s", "start (s)", "begin", "begin time", "start time")
_STOPS = ("stop", "end", "offset", "stop s", "end s", "stop (s)", "end time", "stop time")
_LENGTHS = ("duration", "duration s", "duration (s)")
CODES = ("code", "label", "annotation", "emotion", "trial type")
TEXTS: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "subject", "participant", "speaker", "participant id"),
    "coder": ("coder", "rater", "observer", "annotator"),
    "tier": ("tier",),
    "modifier": ("modifier", "modifiers"),
    "comment": ("comment", "comments", "note", "notes"),
    "session": ("session", "session id", "observation", "observation id"),
}
_COLUMNS = (
    "onset",
    "duration",
    *("person", "code", "coder", "tier", "modifier", "comment", "session"),
)
_UNITS = {"s": 1.0, "ms": 1e-3}
EMPTY = {"", "n/a", "na", "nan"}


def column_of(names: tuple[str, ...], *wanted: str) -> str:
    """First of the wanted columns that is there; empty where none is."""
    return next((n for n in wanted if n in names), "")


def _is_table(peek: Peek) -> bool:
    """Claim a table with a column of onsets and one of codes."""
    header = low(peek.rows[0].cells) if peek.rows else ()
    return bool(
        column_of(header, *ONSETS)
        and column_of(header, *CODES)
        and "behavior" not in header
        and "event type" not in header
    )


@code_reader(
    name="table",
    title="Plain table of codes",
    suffixes=(".csv", ".tsv", ".txt", ".xlsx"),
    sniff=_is_table,
    source="our own: as the tables in the folder codes of a study",
)
def read_table(
    path: Path, *, code: str = "", onset: str = "", stop: str = "", tier: str = "", unit: str = "s"
) -> CodeFile:
    """Read a table with one event per row.

    Columns are known by their names: onset or start; duration, or stop or end; code or label;
    person, coder, tier, modifier, comment, session. Times are numbers or ``hh:mm:ss``.

    Parameters
    ----------
    path : Path
    code, onset, stop, tier : str, optional
        Names of these columns, where they are called otherwise.
    unit : str
        Of times that are numbers: ``"s"`` or ``"ms"``.

    Returns
    -------
    CodeFile
        Without a column of durations or stops every event is a point; an empty cell in one
        is an unknown length (NaN) with a note. Onsets may lie before zero, since the session
        clock may. Columns that are not read are named in a note.

    Raises
    ------
    FileError
        With line and column: no column of onsets or codes, a row of another width, a time
        that is none, a stop before its start.
    """
    if unit not in _UNITS:
        raise InputError("unit", unit, f"one of {sorted(_UNITS)}")
    rows, notes = read_rows(path)
    table = _plain(path, rows, code, onset)
    names = _named(table, {"code": code, "onset": onset, "stop": stop, "tier": tier})
    if not names["onset"] or not names["code"]:
        lacks = "codes" if names["onset"] else "onsets"
        hint = "Pass the name of the column: code=, onset=."
        raise FileError(
            path, f"columns {list(table.names)}", f"one of {lacks}", hint, line=table.header_line
        )
    events = []
    for line, cells in table.rows:
        start = seconds_in(path, cells[names["onset"]], line=line, column=names["onset"])
        scale = 1.0 if ":" in cells[names["onset"]] else _UNITS[unit]
        length = _length(path, names, cells, line, start * scale, _UNITS[unit])
        said = {k: cells.get(names[k], "") for k in ("code", *TEXTS) if names[k]}
        event = event_at(
            path, line=line, onset_s=start * scale, duration_s=length, below_zero=True, **said
        )
        events.append(event)
        notes += odd(path, event)
    notes += unread(table, names.values())
    ordered = by_onset(events)
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(notes))


def _plain(path: Path, rows: tuple[Row, ...], code: str, onset: str) -> Table:
    """Table whose header is its first row."""
    if not rows:
        raise FileError(path, "no rows", "a table with a header")
    wanted = [n for n in (code, onset) if n]
    return table_of(path, rows, wanted or list(rows[0].cells[:1]))


def _named(table: Table, given: Mapping[str, str]) -> dict[str, str]:
    """Which column holds what; empty where none does."""
    names = {
        "onset": table.first_of(*ONSETS),
        "stop": table.first_of(*_STOPS),
        "length": table.first_of(*_LENGTHS),
        "code": table.first_of(*CODES),
        **{k: table.first_of(*known) for k, known in TEXTS.items()},
    }
    for what, name in given.items():
        if name:
            names[what] = low([name])[0]
            if names[what] not in table.names:
                raise FileError(
                    table.path, f"columns {list(table.names)}", f"{name!r}", line=table.header_line
                )
    return names


def _length(
    path: Path,
    names: Mapping[str, str],
    cells: Mapping[str, str],
    line: int,
    start_s: float,
    unit: float,
) -> float:
    """Duration of a row (s): 0 without a column of it, NaN where its cell is empty."""
    for what in ("length", "stop"):
        column = names[what]
        if column and cells[column].lower() not in EMPTY:
            scale = 1.0 if ":" in cells[column] else unit
            value = seconds_in(path, cells[column], line=line, column=column) * scale
            return value if what == "length" else value - start_s
    return math.nan if names["length"] or names["stop"] else 0.0


def unread(table: Table, used: Iterable[str]) -> list[Note]:
    """Name the columns that were left aside."""
    left = [table.title(n) for n in table.names if n and n not in set(used)]
    text = f"Columns {left} were not read."
    return [Note(table.path.name, "columns-not-read", text)] if left else []


def odd(path: Path, event: CodeEvent) -> Iterator[Note]:
    """What is odd about one row."""
    if not event.code:
        yield note_at(path, event.line, "no-code", f"The row at {event.onset_s:g} s has no code.")
    if math.isnan(event.duration_s):
        text = f"{event.code!r} at {event.onset_s:g} s has no duration."
        yield note_at(path, event.line, "no-stop", text)


@code_writer("table")
def write_table(path: Path, events: tuple[CodeEvent, ...]) -> None:
    """Write events as a table, comma-separated for ``.csv``, else by tabs; n/a is unknown."""
    text = StringIO(newline="")
    mark = "," if path.suffix.lower() == ".csv" else "\t"
    writer = csv.writer(text, delimiter=mark, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for event in events:
        length = "n/a" if math.isnan(event.duration_s) else repr(event.duration_s)
        texts = [getattr(event, name) for name in _COLUMNS[2:]]
        writer.writerow([repr(event.onset_s), length, *texts])
    write_text(path, text.getvalue())
