"""Tables whose times are minutes and seconds, as of Innovative Moments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import (
    Peek,
    by_onset,
    event_at,
    low,
    read_rows,
    seconds_in,
    table_of,
    tiers_of,
)
from syntony.io.codes.tables import CODES, TEXTS, column_of, odd
from syntony.io.codes.value import CodeFile

_TYPES = ("tipo", "type")
_MINUTES = re.compile(r"(\d+:)?\d+:\d\d([.,]\d+)?")


def _is_minutes(peek: Peek) -> bool:
    """Claim a table of start and end in minutes with a column of types."""
    header = low(peek.rows[0].cells) if peek.rows else ()
    if not {"start", "end"} <= set(header) or not column_of(header, *_TYPES):
        return False
    at = header.index("start")
    below = [r.cells[at] for r in peek.rows[1:] if len(r.cells) > at]
    return not column_of(header, *CODES) and bool(below) and bool(_MINUTES.fullmatch(below[0]))


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
    texts = {k: table.first_of(*TEXTS[k]) for k in ("person", "coder", "tier", "session")}
    rest = [
        n for n in table.names if n and n not in {"start", "end", column, comment, *texts.values()}
    ]
    events = []
    for line, cells in table.rows:
        start, end = (seconds_in(path, cells[n], line=line, column=n) for n in ("start", "end"))
        words: dict[str, Any] = {k: cells[n] for k, n in texts.items() if n}
        event = event_at(
            path,
            line=line,
            onset_s=start,
            stop_s=end,
            code=cells[column],
            comment=cells.get(comment, ""),
            modifier="|".join(f"{table.title(n)}={cells[n]}" for n in rest if cells[n]),
            **words,
        )
        events.append(event)
        notes += odd(path, event)
    ordered = by_onset(events)
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(notes))
