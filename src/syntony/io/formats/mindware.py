"""MindWare HRV: files of intervals, one column for each segment of time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.registry import reader
from syntony.io.text import decode, read_lines, split_lines

_RATES = (50.0, 20_000.0)
_LENGTHS = (5.0, 3600.0)
_UNITS = {"ms": 1.0, "s": 1000.0}


def _sniff(path: Path, head: bytes) -> bool:
    """Claim columns of intervals under a rate and the length of a column."""
    if not head or b"\t" not in head:
        return False
    try:
        lines = split_lines(path, decode(path, head))[:-1][:40]
        rows = [[float(c) for c in x.rstrip().split("\t") if c.strip()] for x in lines]
    except (FileError, ValueError):
        return False
    if len(rows) < 4 or not all(rows[:4]) or len(rows[0]) < 2:
        return False
    rest = rows[0][1:] + rows[1][1:] + [v for r in rows[2:] for v in r]
    beats = [v for v in rest if 200 <= v <= 3000 or 0.2 <= v <= 3.0]
    given = _RATES[0] <= rows[0][0] <= _RATES[1] and _LENGTHS[0] <= rows[1][0] <= _LENGTHS[1]
    return given and len(beats) == len(rest) and not 0 < rows[1][0] - rows[0][0] < 60


@reader(name="mindware", title="MindWare intervals (IBI)", suffixes=(".txt", ".ibi"), sniff=_sniff)
def read_mindware(path: Path, *, person: str, unit: str | None) -> Recording:
    """Read a file of intervals as MindWare HRV takes and writes it.

    Parameters
    ----------
    path : Path
        Columns apart by tabs, each of one segment of time; the first two entries of the
        first column are the sampling rate and the length of a segment.
    person : str
    unit : str
        Of the intervals: ``ms`` or ``s``. The file does not say.

    Returns
    -------
    Recording
        Events ``rr`` in ms, column after column, from the start of the first segment.

    Raises
    ------
    FileError
        Text in a cell, a gap within a column, intervals that no heart has in that unit.

    Notes
    -----
    Written from MindWare's knowledge base (KB0023); not checked against a real file, and a note
    of the reader says so. Where the intervals of a column do not fill its segment, the next
    column begins all the same where its segment does, and a note counts these.
    """
    path = Path(path)
    lines = read_lines(path)
    if unit not in _UNITS:
        raise FileError(
            path, f"{len(lines)} rows of intervals without a unit", "'ms' or 's'", "Pass unit."
        )
    length, columns = _columns(path, lines)
    factor = _UNITS[unit]
    middle = float(np.median(np.concatenate(columns))) * factor
    if not 200.0 <= middle <= 3000.0:
        other = "s" if unit == "ms" else "ms"
        raise FileError(
            path, f"a median interval of {middle:g} ms", "200 to 3000 ms", f"Pass unit={other!r}?"
        )
    times, values, moved, end = [], [], 0, 0.0
    for k, column in enumerate(columns):
        seconds = column * factor / 1000.0
        begin = k * length
        # An interval may reach over the border of two segments: it belongs to where it ends.
        if k == 0 or abs(begin - end) <= 2 * float(seconds.max(initial=0.0)):
            begin = end
        elif begin > end:
            moved += 1
            times.append(np.array([begin]))
            values.append(np.array([np.nan]))
        else:
            begin = end
            moved += 1
        times.append(begin + np.cumsum(seconds))
        values.append(column * factor)
        end = float(times[-1][-1]) if column.size else end
    text = "Read as MindWare's knowledge base describes it; not checked against a real file."
    notes = [Note(path.name, "format-from-documentation", text)]
    if moved:
        text = f"{moved} of {len(columns)} columns do not begin where the one before them ends."
        notes.append(Note(path.name, "gap", text))
    beats = Events(
        times_s=np.concatenate(times),
        values=np.concatenate(values),
        unit="ms",
        kind="rr",
        person=person,
    )
    return Recording(events=(beats,), clock=str(path), notes=tuple(notes))


def _columns(path: Path, lines: list[str]) -> tuple[float, list[Array]]:
    """Length of a segment in seconds, and the intervals of each column."""
    columns: list[list[float]] = []
    closed: set[int] = set()
    for i, line in enumerate(lines):
        for k, cell in enumerate(line.split("\t")):
            if k >= len(columns):
                columns.append([])
                if i:
                    closed.add(k)
            if not cell.strip():
                closed.add(k)
                continue
            try:
                value = float(cell)
            except ValueError:
                value = float("nan")
            if not 0 < value < 1e7 or k in closed:
                raise FileError(
                    path,
                    repr(cell.strip()[:40]) + (" below an empty cell" if k in closed else ""),
                    "intervals above 0, in columns without gaps",
                    line=i + 1,
                    column=str(k + 1),
                )
            columns[k].append(value)
    if len(columns[0]) < 3:
        raise FileError(path, "no interval", "rate, length of a column, then intervals")
    rate, length = columns[0][:2]
    if not (_RATES[0] <= rate <= _RATES[1] and _LENGTHS[0] <= length <= _LENGTHS[1]):
        raise FileError(
            path,
            f"{rate:g} and {length:g} at the top",
            "samples per second and seconds per column",
            line=1,
        )
    return length, [np.array(columns[0][2:]), *[np.array(c) for c in columns[1:] if c]]
