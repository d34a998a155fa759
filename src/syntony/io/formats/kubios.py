"""Kubios HRV: the beat intervals in its results, as text or CSV."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.registry import reader
from syntony.io.text import read_lines

_CUT = re.compile(r"[\t,;]")
_TIME = re.compile(r"\s*time\b\s*(?:\((?P<unit>s|ms)\))?\s*", re.I)
_BEAT = re.compile(r"\s*(?:rri?|ibi|nn|rr interval)\b\s*(?:\((?P<unit>s|ms)\))?\s*", re.I)
_UNITS = re.compile(r"\s*\((s|ms)\)\s*")
_LONGEST_S, _LATEST_S = 3600.0, 1e9  # of an interval, of a recording
_SCALE = {"s": 1.0, "ms": 1e-3}


def _sniff(path: Path, head: bytes) -> bool:
    """Claim text that names the program at its beginning."""
    return b"kubios hrv" in head[:2000].lower() and b"\0" not in head


@reader(
    name="kubios", title="Kubios HRV results (intervals)", suffixes=(".txt", ".csv"), sniff=_sniff
)
def read_kubios(path: Path, *, person: str) -> Recording:
    """Read the beat intervals in the results that Kubios HRV saves as text or CSV.

    Parameters
    ----------
    path : Path
        Results with the columns time and RR; the first such table is read.
    person : str

    Returns
    -------
    Recording
        Events ``rr`` in ms. Where time grows by more than the interval, beats are missing in
        between: the beat at which an interval begins is put in with a missing one.

    Raises
    ------
    FileError
        No such table, no unit, or intervals that no heart has.

    Notes
    -----
    Written from the manual of Kubios HRV; not checked against a real file, and a note of the
    reader says so. Kubios saves intervals as it corrected them: what was an artefact
    cannot be seen any more. Plain lists of intervals are read as ``rr_list``.
    """
    path = Path(path)
    lines = read_lines(path)
    at, unit_time, unit_beat = _table_at(path, lines)
    rows, numbers = [], []
    for i, line in enumerate(lines[at:], start=at):
        cells = [c.strip() for c in _CUT.split(line)]
        try:
            rows.append((float(cells[0]), float(cells[1])))
            numbers.append(i + 1)
        except (ValueError, IndexError):
            if rows:
                break
    table = np.array(rows).reshape(-1, 2)
    if len(table) < 2 or not np.isfinite(table).all():
        raise FileError(path, f"{len(table)} intervals", "at least two, all finite", line=at)
    times, seconds = table[:, 0] * _SCALE[unit_time], table[:, 1] * _SCALE[unit_beat]
    wrong = (seconds <= 0) | (seconds > _LONGEST_S) | (np.abs(times) > _LATEST_S)
    bad = np.flatnonzero(wrong | (np.diff(times, prepend=times[0] - 1) <= 0))
    if bad.size or not 0.2 <= np.median(seconds) <= 3.0:
        where = int(bad[0]) if bad.size else 0
        raise FileError(
            path,
            f"time {times[where]:g} s and interval {seconds[where]:g} s",
            "later times and intervals that a heart has",
            line=numbers[where],
        )
    begins = times - seconds
    gaps = np.flatnonzero(np.diff(times) > seconds[1:] + 0.02) + 1
    every = np.concatenate([times, begins[gaps]])
    values = np.concatenate([seconds * 1000.0, np.full(gaps.size, np.nan)])
    order = np.argsort(every, kind="stable")
    text = "Read as the manual describes it; not checked against a real file of Kubios HRV."
    notes = [Note(path.name, "format-from-documentation", text)]
    if gaps.size:
        notes.append(Note(path.name, "gap", f"{gaps.size} gaps between beats; kept as missing."))
    beats = Events(times_s=every[order], values=values[order], unit="ms", kind="rr", person=person)
    return Recording(events=(beats,), clock=str(path), notes=tuple(notes))


def _table_at(path: Path, lines: list[str]) -> tuple[int, str, str]:
    """Line after the header of the intervals, and the units of time and interval."""
    for i, line in enumerate(lines):
        cells = _CUT.split(line)
        if len(cells) < 2:
            continue
        time, beat = _TIME.fullmatch(cells[0]), _BEAT.fullmatch(cells[1])
        if not (time and beat):
            continue
        below = _CUT.split(lines[i + 1]) if i + 1 < len(lines) else []
        under = [m[1] if (m := _UNITS.fullmatch(c)) else "" for c in [*below, "", ""][:2]]
        units = (time["unit"] or under[0]).lower(), (beat["unit"] or under[1]).lower()
        if "" in units:
            raise FileError(path, "no unit of time and RR", "(s) or (ms)", line=i + 1)
        return i + 1, *units
    raise FileError(
        path,
        "no table of time and RR",
        "the intervals among the results",
        "Save the results with the RR data, or export the intervals as text (rr_list).",
    )
