"""An even axis under stamps of arrival: bursts and delays, as over Bluetooth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.axis import Axis, find_axis, refuse_absurd, refuse_pause

_WINDOW = 100
_LEAST_GAP_S = 0.1
_BACKWARDS_S = 1.0


def arrival_axis(path: Path, times_s: Array, lines: Ints, column: str) -> Axis:
    """Find the even axis of a device whose samples are even and whose stamps are not.

    Where nine in ten steps are alike the stamps are taken as they are (:func:`find_axis`). Else
    each row is one step of a steady device, the axis is the line through the stamps, and a delay
    is a gap only where the rows after it do not catch up.

    Parameters
    ----------
    path, times_s, lines, column
        As for :func:`find_axis`.

    Raises
    ------
    FileError
        One sample, or time that runs backwards by more than a second or stands still throughout.
    """
    if times_s.size < 2:
        raise FileError(path, "one sample", "at least two", "Is this the whole file?")
    refuse_absurd(path, times_s, lines, column)
    steps = np.diff(times_s)
    middle = float(np.median(steps))
    alike = np.abs(steps - middle) <= 0.1 * middle
    if middle > 0 and (steps > 0).all() and alike.mean() >= 0.9:
        return find_axis(path, times_s, lines, column)
    if (steps < -_BACKWARDS_S).any():
        at = int(np.argmax(steps < -_BACKWARDS_S))
        raise FileError(
            path,
            f"time that runs back by {-steps[at]:.3g} s",
            "stamps that go on",
            "Was the clock set, or are two recordings in one file?",
            line=int(lines[at + 1]),
            column=column,
        )
    step = _steady(times_s)
    if not step > 1e-7:
        raise FileError(path, "time that stands still", "stamps that go on", column=column)
    skipped = _lost(times_s, steps, step)
    refuse_pause(path, int(skipped.sum()), (times_s, steps, step), lines, column)
    places: Ints = np.concatenate([[0], np.cumsum(1 + skipped)]).astype(np.int64)
    fit, start = np.polyfit(places.astype(np.float64), times_s, 1)
    stray = float(np.abs(times_s - (start + places * fit)).max())
    return Axis(
        rate_hz=1.0 / float(fit),
        start_s=float(start),
        places=places,
        notes=_notes(path, skipped, stray, float(fit)),
    )


def _steady(times: Array) -> float:
    """Step of the device (s): the median slope over many rows, which bursts do not move."""
    width = min(_WINDOW, max(1, times.size // 4))
    return float(np.median(times[width:] - times[:-width])) / width


def _lost(times: Array, steps: Array, step: float) -> Ints:
    """Rows lost before each row but the first: where the delay stays."""
    lost = np.zeros(steps.size, dtype=np.int64)
    late = times - step * np.arange(times.size)
    since = 0
    for at in np.flatnonzero(steps > max(2.5 * step, _LEAST_GAP_S)).tolist():
        before = late[max(since, at + 1 - _WINDOW) : at + 1].min()
        after = late[at + 1 : at + 1 + _WINDOW].min()
        if after - before > max(2.5 * step, _LEAST_GAP_S):
            lost[at] = int(np.rint((after - before) / step))
            since = at + 1
    return lost


def _notes(path: Path, skipped: Ints, stray: float, step: float) -> tuple[Note, ...]:
    """Say how far the stamps stray, and what is missing."""
    text = (
        f"Stamps of arrival stray from an even axis of {1 / step:.4g} Hz by up to {stray:.3g} s; "
        "the samples are taken as evenly spaced."
    )
    notes = [Note(path.name, "jitter", text)]
    if skipped.any():
        text = (
            f"{int((skipped > 0).sum())} gaps that the stamps did not catch up, "
            f"{skipped.sum() * step:.4g} s without samples; they are kept as missing."
        )
        notes.append(Note(path.name, "gap", text))
    return tuple(notes)
