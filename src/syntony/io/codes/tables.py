"""Codes in plain tables, in tables of minutes, and interval by interval."""

from __future__ import annotations

import csv
import math
import re
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
_CODES = ("code", "label", "annotation", "emotion", "trial type")
_TEXTS: Mapping[str, tuple[str, ...]] = {
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
_EMPTY = {"", "n/a", "na", "nan"}
_TYPES = ("tipo", "type")
_MINUTES = re.compile(r"(\d+:)?\d+:\d\d([.,]\d+)?")
_NUMBERED = re.compile(r"(.*?)\s*0*(\d+)")
_INTERVALS = 5


def _column_of(names: tuple[str, ...], *wanted: str) -> str:
    return next((n for n in wanted if n in names), "")


def _is_table(peek: Peek) -> bool:
    """Claim a table with a column of onsets and one of codes."""
    header = low(peek.rows[0].cells) if peek.rows else ()
    return bool(
        _column_of(header, *ONSETS)
        and _column_of(header, *_CODES)
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
        said = {k: cells.get(names[k], "") for k in ("code", *_TEXTS) if names[k]}
        event = event_at(
            path, line=line, onset_s=start * scale, duration_s=length, below_zero=True, **said
        )
        events.append(event)
        notes += _odd(path, event)
    notes += _unread(table, names.values())
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
        "code": table.first_of(*_CODES),
        **{k: table.first_of(*known) for k, known in _TEXTS.items()},
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
        if column and cells[column].lower() not in _EMPTY:
            scale = 1.0 if ":" in cells[column] else unit
            value = seconds_in(path, cells[column], line=line, column=column) * scale
            return value if what == "length" else value - start_s
    return math.nan if names["length"] or names["stop"] else 0.0


def _unread(table: Table, used: Iterable[str]) -> list[Note]:
    """Name the columns that were left aside."""
    left = [table.title(n) for n in table.names if n and n not in set(used)]
    text = f"Columns {left} were not read."
    return [Note(table.path.name, "columns-not-read", text)] if left else []


def _odd(path: Path, event: CodeEvent) -> Iterator[Note]:
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


def _is_minutes(peek: Peek) -> bool:
    """Claim a table of start and end in minutes with a column of types."""
    header = low(peek.rows[0].cells) if peek.rows else ()
    if not {"start", "end"} <= set(header) or not _column_of(header, *_TYPES):
        return False
    at = header.index("start")
    below = [r.cells[at] for r in peek.rows[1:] if len(r.cells) > at]
    return not _column_of(header, *_CODES) and bool(below) and bool(_MINUTES.fullmatch(below[0]))


@code_reader(
    name="minutes",
    title="Table of minutes (Innovative Moments)",
    suffixes=(".csv", ".tsv", ".txt", ".xlsx"),
    sniff=_is_minutes,
    source="the public sample of DyadSync: start;end;livello;tipo;grado;parole;note",
)
def read_minutes(path: Path, *, code: str = "") -> CodeFile:
    """Read a table whose times are ``mm:ss``, as of Innovative Moments.

    Parameters
    ----------
    path : Path
    code : str, optional
        Column that is the code; without it ``tipo`` or ``type``. ``note`` is the comment;
        the other columns go to ``modifier`` as ``name=value`` joined by ``|``.

    Raises
    ------
    FileError
        With line and column: a time that is none, an end before its start.
    """
    rows, notes = read_rows(path)
    table = table_of(path, rows, ("start", "end", *([code] if code else [])))
    column = low([code])[0] if code else table.first_of(*_TYPES)
    if not column:
        raise FileError(path, f"columns {list(table.names)}", "a column of codes", "Pass code.")
    comment = table.first_of("note", "notes", "comment")
    texts = {k: table.first_of(*_TEXTS[k]) for k in ("person", "coder", "tier", "session")}
    rest = [
        n for n in table.names if n and n not in {"start", "end", column, comment, *texts.values()}
    ]
    events = []
    for line, cells in table.rows:
        start, end = (seconds_in(path, cells[n], line=line, column=n) for n in ("start", "end"))
        event = event_at(
            path,
            line=line,
            onset_s=start,
            stop_s=end,
            code=cells[column],
            comment=cells.get(comment, ""),
            modifier="|".join(f"{table.title(n)}={cells[n]}" for n in rest if cells[n]),
            **{k: cells[n] for k, n in texts.items() if n},
        )
        events.append(event)
        notes += _odd(path, event)
    ordered = by_onset(events)
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(notes))


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
    return bool(cells) and all(c in {"0", "1"} or c.lower() in _EMPTY for c in cells)


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
    notes += _unread(table, [name, *(c for columns in series.values() for c in columns)])
    ordered = by_onset(events)
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(notes))


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
                if cell in _EMPTY:
                    missing += 1
                elif cell in {"1", "1.0"}:
                    said = {"code": code, "tier": code, "session": cells[name], "element": column}
                    events.append(
                        event_at(path, line=line, onset_s=i * long_s, duration_s=long_s, **said)
                    )
                elif cell not in {"0", "0.0"}:
                    raise FileError(path, repr(cell[:40]), "0, 1 or n/a", line=line, column=column)
    return events, missing
