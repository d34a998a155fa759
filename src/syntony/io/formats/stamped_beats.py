"""Beat intervals with the stamps of the phone that received them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note

_LOST_S = 3.0


def beats_from_stamps(
    path: Path, stamps_s: Array, intervals_ms: Array, lines: Ints, *, person: str
) -> tuple[Events, tuple[Note, ...]]:
    """Times of beats whose intervals came in packets.

    A sensor sends several intervals at once, so that stamps say when a packet came, not
    when the heart beat. Within a run of beats the time is therefore the sum of the
    intervals, laid so that no beat is later than its stamp. Where stamps run more than 3 s
    ahead of that sum, beats were lost: a new run begins, and the beat at which its first
    interval begins is put in with a missing interval.

    Some apps stamp the beginning of an interval: where stamps grow by the interval before
    rather than by their own, that is seen and allowed for.

    Raises
    ------
    FileError
        No beat, an interval of zero or less, or stamps that run backwards.
    """
    _refuse(path, stamps_s, intervals_ms, lines)
    seconds = intervals_ms / 1000.0
    notes = []
    if _mark_the_beginning(stamps_s, seconds):
        stamps_s = stamps_s + seconds
        text = "Stamps mark the beginning of an interval; a beat is at its end."
        notes.append(Note(path.name, "stamps-at-beginning", text))
    late = stamps_s - np.cumsum(seconds)
    begins = [0]
    anchor = late[0]
    for i in range(1, late.size):
        if late[i] > anchor + _LOST_S:
            begins.append(i)
            anchor = late[i]
        anchor = min(anchor, late[i])
    times: list[Array] = []
    values: list[Array] = []
    sums = np.cumsum(seconds)
    for first, stop in zip(begins, [*begins[1:], late.size], strict=True):
        run = sums[first:stop] + late[first:stop].min()
        before = max(float(run[0] - seconds[first]), float(times[-1][-1]) if times else -np.inf)
        times.append(np.concatenate([[before], run]))
        values.append(np.concatenate([[np.nan], intervals_ms[first:stop]]))
    if len(begins) > 1:
        text = f"{len(begins)} runs of beats; between them beats were lost on the way."
        notes.append(Note(path.name, "beats-lost", text))
    text = "Times are sums of intervals laid by the stamps of the phone: good to about a second."
    notes.append(Note(path.name, "phone-stamps", text))
    beats = Events(
        times_s=np.maximum.accumulate(np.concatenate(times)),
        values=np.concatenate(values),
        unit="ms",
        kind="rr",
        person=person,
    )
    return beats, tuple(notes)


def _refuse(path: Path, stamps: Array, intervals: Array, lines: Ints) -> None:
    """Raise on the first row that is no beat."""
    bad = np.flatnonzero(~(intervals > 0) | np.isnan(stamps))
    if bad.size or not intervals.size:
        at = int(bad[0]) if bad.size else 0
        found = f"the interval {intervals[at]:g} ms" if intervals.size else "no beat"
        raise FileError(path, found, "intervals above 0", line=int(lines[at]) if bad.size else None)
    back = np.flatnonzero(np.diff(stamps) < 0)
    if back.size:
        at = int(back[0]) + 1
        raise FileError(
            path,
            f"the time {stamps[at]:.10g} s after {stamps[at - 1]:.10g} s",
            "ascending times",
            "Was the phone's clock set?",
            line=int(lines[at]),
        )


def _mark_the_beginning(stamps: Array, seconds: Array) -> bool:
    """Whether stamps grow by the interval before each, to a few milliseconds."""
    if stamps.size < 4:
        return False
    growth = np.diff(stamps)
    own = float(np.median(np.abs(growth - seconds[1:])))
    before = float(np.median(np.abs(growth - seconds[:-1])))
    return before < 0.003 and before < own / 2
