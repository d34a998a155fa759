"""A clock that was set, or lost time, amid a recording: found by moments that both devices marked.

Before and after the jump the moments agree at different offsets. Where between two of them the
clock jumped nobody saw: the recording is cut there, and what cannot be placed is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from syntony.align.markers import (
    DRIFT_SPAN_S,
    MAX_DRIFT_PPM,
    SEARCH_S,
    TOLERANCE_S,
    ClockFit,
    Jump,
    checked,
    drift_of,
    fit_markers,
    offsets_to_try,
    pair_up,
    widened,
)
from syntony.core.arrays import Array, Ints
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal

LEAST = 3  # moments that a stretch of its own needs
SHARE = 2 / 3  # of the moments of both devices in it that must agree
_PRICE = 2.5  # moments that a jump must win
_DRIFT = MAX_DRIFT_PPM * 1e-6


def fit_with_jumps(
    reference_s: ArrayLike, device_s: ArrayLike, *, guess_s: float | None = None
) -> ClockFit:
    """Fit one clock to another as ``fit_markers`` does, and find where it jumped.

    Parameters
    ----------
    reference_s, device_s : array_like of float, shape (n_markers,)
        Times of the moments on either clock, ascending.
    guess_s : float, optional
        Offset that start stamps suggest.

    Returns
    -------
    ClockFit
        With ``jumps`` where the offset changed: three moments or more on either side, and two
        thirds of all that both devices caught there, agree with an offset of their own, and
        three more agree so than with any one offset. Jumps under about a second are not told
        from inexact presses; they show in ``error_s``.

    Raises
    ------
    InputError
        As ``fit_markers``.

    Examples
    --------
    >>> one = np.array([10.0, 70.0, 95.0, 300.0, 340.0, 420.0])
    >>> other = one - np.array([5.0, 5.0, 5.0, 8.5, 8.5, 8.5])
    >>> fit_with_jumps(one, other).jumps
    (Jump(after_s=90.0, before_s=291.5, by_s=3.5),)
    """
    a, b = checked("reference_s", reference_s), checked("device_s", device_s)
    stretches = _stretches(a, b, guess_s)
    if len(stretches) < 2:
        return fit_markers(a, b, guess_s=guess_s)
    longest = max(stretches, key=lambda p: float(np.ptp(b[p[:, 1]])))
    slope = 0.0
    if float(np.ptp(b[longest[:, 1]])) >= DRIFT_SPAN_S:
        slope, _ = drift_of(a, b, longest, (0.0, _DRIFT))
    offsets, left = [], []
    for pairs in stretches:
        apart = a[pairs[:, 0]] - b[pairs[:, 1]] * (1 + slope)
        offsets.append(float(np.median(apart)))
        left.append(offsets[-1] - apart)
    together = np.concatenate(stretches)
    residuals = np.concatenate(left)
    return ClockFit(
        offset_s=offsets[0],
        drift_ppm=slope * 1e6,
        error_s=widened(residuals, fitted=len(stretches) + (slope != 0)),
        pairs=together,
        residuals_s=residuals,
        span_s=float(np.ptp(a[together[:, 0]])),
        jumps=tuple(
            Jump(after_s=float(b[p[-1, 1]]), before_s=float(b[q[0, 1]]), by_s=later - earlier)
            for (p, q), (earlier, later) in zip(pairwise(stretches), pairwise(offsets), strict=True)
        ),
    )


def _stretches(a: Array, b: Array, guess_s: float | None) -> list[Ints]:
    """Pairs of every stretch of the clock that has an offset of its own; one or none without jump.

    Of all ways to give each moment of the device an offset, the one at which most agree, less
    ``_PRICE`` for every change (a path through a table of offsets and moments).
    """
    tries = offsets_to_try(a, b, guess_s, SEARCH_S)
    reach = TOLERANCE_S + _DRIFT * float(np.ptp(b))
    found = [(t, pair_up(a, b + t, reach)) for t in tries]
    found = [(t, pairs) for t, pairs in found if len(pairs) >= LEAST]
    if not found or max(len(p) for _, p in found) > min(a.size, b.size) - LEAST:
        return []  # nothing is left over that a jump could explain
    agree = np.zeros((len(found), b.size))
    for k, (_, pairs) in enumerate(found):
        agree[k, pairs[:, 1]] = 1.0
    stretches = [
        pairs[(pairs[:, 1] >= low) & (pairs[:, 1] <= high)]
        for pairs, low, high in ((found[k][1], low, high) for k, low, high in _path(agree))
    ]
    sound = all(_is_sound(pairs) for pairs in stretches) and all(
        p[-1, 0] < q[0, 0] for p, q in pairwise(stretches)
    )
    return stretches if sound else []


def _path(agree: Array) -> list[tuple[int, int, int]]:
    """Best row of a table for every column: (row, first column, last column) of each stretch."""
    score, came = agree[:, 0].copy(), np.zeros(agree.shape, dtype=np.int64)
    rows = np.arange(agree.shape[0])
    for j in range(1, agree.shape[1]):
        top = int(np.argmax(score))
        moves = score[top] - _PRICE > score
        came[:, j] = np.where(moves, top, rows)
        score = np.where(moves, score[top] - _PRICE, score) + agree[:, j]
    at, last, found = int(np.argmax(score)), agree.shape[1] - 1, []
    for j in range(agree.shape[1] - 1, 0, -1):
        if came[at, j] != at:
            found.append((at, j, last))
            at, last = int(came[at, j]), j - 1
    found.append((at, 0, last))
    return found[::-1]


def _is_sound(pairs: Ints) -> bool:
    """Whether enough of what both devices caught from the first to the last pair agrees."""
    if len(pairs) < LEAST:
        return False
    spans = pairs[-1] - pairs[0] + 1
    return bool((len(pairs) >= SHARE * spans).all())


def cut_at_jumps(
    recording: Recording, fit: ClockFit, start_s: float
) -> list[tuple[float, Recording]]:
    """Cut a recording where its clock jumped.

    Parameters
    ----------
    recording : Recording
    fit : ClockFit
        On the clock on which second zero of the recording lies at ``start_s``.
    start_s : float

    Returns
    -------
    list of (float, Recording)
        One for each stretch of the clock, with nothing in it where no sample lies there, and the
        second of the whole recording from which its times count. The cut is at the longest gap
        that all signals have between the last moment before a jump and the first after it;
        without a gap, or where a clock was set back by more than that, what lies between the
        two is in neither.
    """
    if not fit.jumps:
        return [(0.0, recording)]
    edges = [(-np.inf, -np.inf), *(_edge(recording, j, start_s) for j in fit.jumps)]
    ends = [*(low for low, _ in edges[1:]), np.inf]
    begins = [high for _, high in edges]
    return [
        (max(low, 0.0), _within(recording, low, high))
        for low, high in zip(begins, ends, strict=True)
    ]


def _edge(recording: Recording, jump: Jump, start_s: float) -> tuple[float, float]:
    """Until when the stretch before a jump is kept, and from when the one after it."""
    low, high = jump.after_s - start_s, jump.before_s - start_s
    gap = (low, high)
    for signal in recording.signals:
        gap = _longest_gap(signal, *gap)
    left_s = gap[1] - gap[0] + jump.by_s  # of the gap, once the clock has jumped
    return gap if recording.signals and gap[1] > gap[0] and left_s >= 0 else (low, high)


def _longest_gap(signal: Signal, low: float, high: float) -> tuple[float, float]:
    """Longest stretch in which a signal has no sample, between two times; (0, 0) without."""
    times = signal.times_s[np.isfinite(signal.values)]
    inside = times[(times > low) & (times < high)]
    marks = np.concatenate(([low], inside, [high]))
    k = int(np.argmax(np.diff(marks)))
    if marks[k + 1] - marks[k] <= 1.5 / signal.rate_hz:
        return 0.0, 0.0
    return float(marks[k]), float(marks[k + 1])


def _within(recording: Recording, low: float, high: float) -> Recording:
    """Give what lies from one time to another, both included, counted from the first."""
    begin, signals = max(low, 0.0), []
    for s in recording.signals:
        some = np.flatnonzero((s.times_s >= low - 1e-9) & (s.times_s <= high + 1e-9))
        if some.size:
            first, last = int(some[0]), int(some[-1])
            kept = replace(
                s, values=s.values[first : last + 1], start_s=float(s.times_s[first]) - begin
            )
            signals.append(kept)
    events = []
    for e in recording.events:
        there = (e.times_s >= low - 1e-9) & (e.times_s <= high + 1e-9)
        if there.any():
            values = None if e.values is None else e.values[there]
            events.append(replace(e, times_s=e.times_s[there] - begin, values=values))
    return replace(recording, signals=tuple(signals), events=tuple(events))


def jump_notes(fits: Mapping[str, ClockFit]) -> list[Note]:
    """Say where clocks jumped, and how much could not be placed."""
    notes = []
    for person, fit in fits.items():
        for jump in fit.jumps:
            text = (
                f"The clock of {person} jumped by {jump.by_s:+.2f} s, somewhere between "
                f"{jump.after_s:.1f} and {jump.before_s:.1f} s of its own. The recording is cut "
                f"there: at its longest gap if that explains it, else those "
                f"{jump.before_s - jump.after_s:.1f} s are left out, for nothing places them."
            )
            notes.append(Note(person, "clock-jump", text))
    return notes
