"""Marks that a recorder wrote beside its signals: all of them, and each text apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.events import Events
from syntony.core.notes import Note

_MOST_TEXTS = 40
_SHOWN = 12


def to_markers(
    path: Path, times_s: Array | Sequence[float], texts: Sequence[str], *, person: str
) -> tuple[tuple[Events, ...], tuple[Note, ...]]:
    """Events of marks with a text: kind ``marker`` holds all, ``marker_...`` those of one text.

    Parameters
    ----------
    path : Path
        For the note.
    times_s : array_like, shape (n_marks,)
        In any order.
    texts : sequence of str, length n_marks
    person : str

    Returns
    -------
    events : tuple of Events
        Empty where there are no marks; one text apart only where several differ.
    notes : tuple of Note
        ``marker-texts``: which texts there are and how often.

    Examples
    --------
    >>> events, notes = to_markers(Path("a.acq"), [2.0, 1.0], ["Breathe In", "Start"], person="P")
    >>> [e.kind for e in events]
    ['marker', 'marker_start', 'marker_breathe_in']
    >>> notes[0].text
    "Marks: 'Start' 1, 'Breathe In' 1."
    """
    times = np.asarray(times_s, dtype=np.float64)
    order = np.argsort(times, kind="stable")
    times = times[order]
    words = [" ".join(texts[i].split()) for i in order]
    if not times.size:
        return (), ()
    events = [Events(times_s=times, kind="marker", person=person)]
    counts = Counter(words)
    if len(counts) > 1 and len(counts) <= _MOST_TEXTS:
        groups: dict[str, list[float]] = {}
        for time, word in zip(times.tolist(), words, strict=True):
            groups.setdefault(_kind(word), []).append(time)
        events += [Events(times_s=np.array(t), kind=k, person=person) for k, t in groups.items()]
    shown = ", ".join(f"{word!r} {count}" for word, count in list(counts.items())[:_SHOWN])
    more = f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
    return tuple(events), (Note(path.name, "marker-texts", f"Marks: {shown}{more}."),)


def _kind(text: str) -> str:
    """Kind of the marks of one text, in plain letters."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40]
    return f"marker_{plain or 'blank'}"


def rising(values: Array, rate_hz: float, start_s: float) -> Array:
    """Times (s) at which a marker channel leaves zero, or takes another value than zero.

    Examples
    --------
    >>> rising(np.array([0.0, 0.0, 1.0, 1.0, 0.0, 2.0]), 2.0, 10.0)
    array([11. , 12.5])
    """
    there = np.nan_to_num(values)
    before = np.concatenate([[0.0], there[:-1]])
    return start_s + np.flatnonzero((there != 0) & (there != before)) / rate_hz
