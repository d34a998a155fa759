"""From time stamps to an even axis: the rate, the jitter, the gaps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError
from syntony.core.notes import Note

_BLOCK = 32
_TWO_RATES = 1.1
MOST_EMPTY = 20
"""Places on the axis for each sample that is there; more say that a stamp is damaged."""

_LONGEST_S, _SHORTEST_S = 1e12, 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axis:
    """An even axis under uneven stamps.

    Attributes
    ----------
    rate_hz : float
    start_s : float
        Time of the first sample, on the clock of the stamps.
    places : ndarray of int64, shape (n_rows,)
        Index on the axis of each row, ascending from 0; what is skipped is missing.
    notes : tuple of Note
    """

    rate_hz: float
    start_s: float
    places: Ints
    notes: tuple[Note, ...] = ()

    def lay(self, values: Array) -> Array:
        """Put the rows on the axis: NaN where no row is."""
        out = np.full(int(self.places[-1]) + 1, np.nan)
        out[self.places] = values
        return out


def find_axis(path: Path, times_s: Array, lines: Ints, column: str) -> Axis:
    """Find the even axis that the time stamps of a table follow.

    The step is the median of the differences, refined by the mean of the regular ones
    (stamps are often rounded). A longer difference is a gap of as many samples as fit.

    Parameters
    ----------
    path : Path
    times_s : ndarray, shape (n_rows,)
        Seconds, no NaN.
    lines : ndarray of int, shape (n_rows,)
        Line number of each row, for messages.
    column : str
        Name of the time column.

    Raises
    ------
    FileError
        One sample, time that stands still or runs backwards, two rates, or stamps
        that stray from every even axis by more than half a step.
    """
    if times_s.size < 2:
        raise FileError(path, "one sample", "at least two", "Is this the whole file?", line=1)
    refuse_absurd(path, times_s, lines, column)
    steps = np.diff(times_s)
    _refuse_disorder(path, times_s, steps, lines, column)
    step = _typical(steps)
    if not step > _SHORTEST_S:
        raise FileError(path, f"steps of {step:g} s", "steps of a recording", column=column)
    _refuse_two_rates(path, steps, step, lines, column)
    skipped = np.maximum(1, np.rint(steps / step)).astype(np.int64)
    places = _places(times_s, skipped, step)
    refuse_pause(path, int(places[-1]), (times_s, steps, step), lines, column)
    fit_step, start = _line_through(places, times_s)
    rate = _round_rate(1.0 / fit_step, int(places[-1]))
    stray = np.abs(times_s - (start + places * fit_step)) / fit_step
    worst = int(np.argmax(stray))
    if stray[worst] > (0.5 if skipped.max() == 1 else 1.0):
        raise FileError(
            path,
            f"a stamp {stray[worst] * fit_step:.3g} s off an even axis of {rate:g} Hz",
            "stamps within half a step of it",
            "If the device sampled evenly, give rate_hz instead of time_column.",
            line=int(lines[worst]),
            column=column,
        )
    return Axis(
        rate_hz=rate,
        start_s=float(times_s[0]),
        places=places,
        notes=_notes(path, steps, skipped, step, float(stray[worst]), rate),
    )


def is_too_empty(places: float, samples: int) -> bool:
    """Whether an axis would have far more places than samples: it is never laid then."""
    return places > MOST_EMPTY * samples + 100_000


def refuse_pause(
    path: Path, places: int, axis: tuple[Array, Array, float], lines: Ints, column: str
) -> None:
    """Raise on the longest pause where the axis would be too empty.

    Parameters
    ----------
    path, column
        For the message.
    places : int
        On the axis.
    axis : (ndarray, ndarray, float)
        Stamps, steps between them, usual step (s).
    lines : ndarray of int64
        Line of each stamp in the file.
    """
    times_s, steps, step = axis
    if is_too_empty(places, times_s.size):
        at = int(np.argmax(steps))
        raise FileError(
            path,
            f"a pause of {steps[at]:g} s in a recording with steps of {step:g} s",
            f"at least one row in {MOST_EMPTY}",
            "Mend the stamp, or cut the file in two.",
            line=int(lines[at + 1]),
            column=column,
        )


def refuse_absurd(path: Path, times: Array, lines: Ints, column: str) -> None:
    """Raise on the first stamp that no clock can have given, as a damaged cell holds."""
    bad = np.flatnonzero(~(np.abs(times) < _LONGEST_S))
    if bad.size:
        raise FileError(
            path,
            f"the time {times[bad[0]]:g} s",
            f"less than {_LONGEST_S:g} s",
            "Mend the cell.",
            line=int(lines[bad[0]]),
            column=column,
        )


def _refuse_disorder(path: Path, times: Array, steps: Array, lines: Ints, column: str) -> None:
    """Raise on the first stamp that is not later than the one before."""
    bad = np.flatnonzero(steps <= 0)
    if not bad.size:
        return
    at = int(bad[0])
    again = steps[at] == 0
    raise FileError(
        path,
        f"the time {times[at + 1]:.10g} s {'again' if again else 'after'} {times[at]:.10g} s"
        + (f" ({bad.size} such rows)" if bad.size > 1 else ""),
        "a later time in every row",
        "If stamps are rounded, give rate_hz instead of time_column."
        if again
        else "Time runs backwards: was the clock set, or are two recordings in one file?",
        line=int(lines[at + 1]),
        column=column,
    )


def _typical(steps: Array) -> float:
    """Mean of the steps that are no gap, seen from the median."""
    middle = float(np.median(steps))
    return float(steps[steps < 1.75 * middle].mean())


def _refuse_two_rates(path: Path, steps: Array, step: float, lines: Ints, column: str) -> None:
    """Raise where stretches of the file have clearly different steps."""
    count = min(64, steps.size // _BLOCK)
    if count < 2:
        return
    edges = np.linspace(0, steps.size, count + 1).astype(int)
    blocks = np.array([_typical(steps[a:b]) for a, b in pairwise(edges)])
    if blocks.max() <= _TWO_RATES * blocks.min():
        return
    first = blocks[0]
    other = int(np.argmax(np.maximum(blocks / first, first / blocks)))
    far = np.abs(np.log(steps / first)) > np.abs(np.log(steps / blocks[other]))
    near = np.flatnonzero(far[edges[max(0, other - 1)] : edges[other + 1]])
    at = edges[max(0, other - 1)] + (int(near[0]) if near.size else 0)
    raise FileError(
        path,
        f"{1 / first:.4g} Hz at the start and {1 / blocks[other]:.4g} Hz from here",
        "one sampling rate in a file",
        "Cut the file where the rate changes.",
        line=int(lines[at + 1]),
        column=column,
    )


def _places(times: Array, skipped: Ints, step: float) -> Ints:
    """Count samples within a run; where a run begins after a gap is read off the clock."""
    places = np.concatenate([[0], np.cumsum(skipped)]).astype(np.int64)
    begins = np.flatnonzero(skipped > 1) + 1
    for a, b in zip(begins, [*begins, times.size][1:], strict=False):
        clock = int(np.rint((times[a] - times[0]) / step))
        moved = max(clock, int(places[a - 1]) + 1) - int(places[a])
        places[a:b] += moved
    return places


def _line_through(places: Ints, times: Array) -> tuple[float, float]:
    """Least squares line of time over place: step and start, in seconds."""
    x = places - places.mean()
    y = times - times.mean()
    step = float((x @ y) / (x @ x))
    return step, float(times.mean() - step * places.mean())


def _round_rate(rate_hz: float, last: int) -> float:
    """Drop digits that rounded stamps put in, where that moves the last sample by < 0.1."""
    for digits in range(7):
        nice = round(rate_hz, digits)
        if nice > 0 and abs(nice / rate_hz - 1) * last < 0.1:
            return nice
    step = round(1 / rate_hz, 3)
    if step > 0 and abs(1 / (step * rate_hz) - 1) * last < 0.1:
        return 1 / step
    return rate_hz


def _notes(
    path: Path, steps: Array, skipped: Ints, step: float, stray: float, rate: float
) -> tuple[Note, ...]:
    """Say how many gaps there are, and how far the stamps stray."""
    notes = []
    gaps = skipped > 1
    if gaps.any():
        lost = float((skipped[gaps] - 1).sum()) / rate
        text = (
            f"{int(gaps.sum())} gaps in the time column, {lost:.4g} s without samples "
            f"(longest {float(steps.max()):.4g} s); they are kept as missing."
        )
        notes.append(Note(path.name, "gap", text))
    if stray > 0.1:
        text = f"Stamps stray from an even axis of {rate:g} Hz by up to {stray * step:.3g} s."
        notes.append(Note(path.name, "jitter", text))
    return tuple(notes)
