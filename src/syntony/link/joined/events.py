"""Event-locked averages: synchrony and both signals around the onsets of a code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.link.joined.pool import all_turns
from syntony.link.joined.seconds import runs

MIN_VALID = 0.8  # of a window's seconds, for an event to be used
CAUSES = ("overlap", "unseen", "edge", "missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Where one looks around an onset.

    Attributes
    ----------
    before_s, after_s : int
        Seconds before and after the onset.
    bin_s : int
        Length of the pieces in which values are averaged; both others are whole bins.
    """

    before_s: int = 30
    after_s: int = 60
    bin_s: int = 5

    def __post_init__(self) -> None:
        if self.bin_s < 1 or self.after_s < self.bin_s or self.before_s < 0:
            got = (self.before_s, self.after_s, self.bin_s)
            raise InputError("before_s, after_s, bin_s", got, "bin_s from 1 s to after_s")
        if self.before_s % self.bin_s or self.after_s % self.bin_s:
            hint = "Take, for example, before_s = 30, after_s = 60, bin_s = 5."
            both = (self.before_s, self.after_s)
            raise InputError("before_s, after_s", both, f"whole bins of {self.bin_s} s", hint)

    @property
    def starts_s(self) -> Ints:
        """Where each bin starts, from the onset, shape (bins,)."""
        return np.arange(-self.before_s, self.after_s, self.bin_s, dtype=np.int64)

    @property
    def centres_s(self) -> Array:
        """Middle of each bin, from the onset, shape (bins,)."""
        return np.asarray(self.starts_s + self.bin_s / 2, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCount:
    """How many onsets a code has in a session, how many are used, and why others are not.

    Attributes
    ----------
    found, used : int
    overlap : int
        The same code began less than ``before_s`` before.
    unseen : int
        The second before is not coded, so that nobody saw the code begin.
    edge : int
        The window reaches beyond the first or the last value.
    missing : int
        Less than four fifths of the window's seconds have a value.
    """

    found: int
    used: int
    overlap: int
    unseen: int
    edge: int
    missing: int


def onsets(code: Ints, *, apart_s: int) -> tuple[Ints, int, int]:
    """Seconds in which a code begins and was seen to begin, none soon after another.

    Parameters
    ----------
    code : ndarray of int64, shape (seconds,)
        1 on, 0 off, -1 not coded.
    apart_s : int
        An onset that comes less than this after the one before is left out as overlapping.

    Returns
    -------
    kept : ndarray of int64
    overlap, unseen : int
        How many were left out, each for one cause, in this order.

    Examples
    --------
    >>> code = np.array([0, 1, 0, 0, 1, 1, -1, 1, 0, 0, 0, 1])
    >>> kept, overlap, unseen = onsets(code, apart_s=3)
    >>> kept.tolist(), overlap, unseen
    ([1, 4, 11], 0, 1)
    """
    starts, _ = runs(code == 1)
    if not starts.size:
        return starts, 0, 0
    close = np.concatenate([[False], np.diff(starts) < apart_s])
    seen = np.zeros(starts.size, dtype=bool)
    seen[starts > 0] = code[starts[starts > 0] - 1] == 0
    seen[starts == 0] = False
    keep = ~close & seen
    return starts[keep], int(close.sum()), int((~close & ~seen).sum())


def _allowed(values: Array, window: Window) -> tuple[Bools, Bools]:
    """Seconds around which a window lies inside the recording, and is whole enough too."""
    there = np.isfinite(values)
    place = np.arange(values.size)
    inside = np.zeros(values.size, dtype=bool)
    if there.any():
        first, last = np.flatnonzero(there)[[0, -1]]
        inside = (place - window.before_s >= first) & (place + window.after_s <= last + 1)
    so_far = np.concatenate([[0], np.cumsum(there)])
    low = np.clip(place - window.before_s, 0, values.size)
    high = np.clip(place + window.after_s, 0, values.size)
    share = (so_far[high] - so_far[low]) / (window.before_s + window.after_s)
    return inside, inside & (share >= MIN_VALID)


def count_events(code: Ints, values: Array, window: Window) -> EventCount:
    """Count the onsets of a code, those that can be used, and why the others cannot.

    Parameters
    ----------
    code : ndarray of int64, shape (seconds,)
    values : ndarray of float64, shape (seconds,)
        What is averaged around them.
    window : Window

    Examples
    --------
    >>> code = np.zeros(300, dtype=int)
    >>> code[[10, 100, 110, 280]] = 1
    >>> found = count_events(code, np.ones(300), Window())
    >>> found.found, found.used, found.overlap, found.edge
    (4, 1, 1, 2)
    """
    kept, overlap, unseen = onsets(code, apart_s=window.before_s)
    inside, allowed = _allowed(values, window)
    used, edge = int(allowed[kept].sum()), int((~inside[kept]).sum())
    return EventCount(
        found=kept.size + overlap + unseen,
        used=used,
        overlap=overlap,
        unseen=unseen,
        edge=edge,
        missing=kept.size - used - edge,
    )


def locked(values: Array, codes: list[Ints], shifts: Ints, *, window: Window) -> Array:
    """Average a course around the onsets of codes, as they lie and with the codes turned.

    Parameters
    ----------
    values : ndarray of float64, shape (seconds,)
        NaN where missing.
    codes : list of ndarray of int64, shape (seconds,)
    shifts : ndarray of int64, shape (draws,)
        Turns of the codes, in seconds, from ``rotation_offsets``.
    window : Window

    Returns
    -------
    ndarray of float64, shape (1 + draws, n_codes, bins)
        Mean over the seconds of all usable events less the mean of the session; row 0 is the
        observed one. In every turn an event is usable by the same rule (edge, missing) where
        it then lies. NaN where there is none; NaN throughout where no event can be used as coded.

    Notes
    -----
    Every turn is computed at once: for one bin the sum over events of the bin's values is a
    circular cross-correlation of the onsets with the sums of the bin over all places.

    Examples
    --------
    >>> code = np.zeros(600, dtype=int)
    >>> code[[100, 300, 450]] = 1
    >>> course = np.convolve(code, np.ones(20))[:600]
    >>> means = locked(course, [code], np.array([60, 70]), window=Window())
    >>> means[0, 0, 5:11].round(2).tolist()
    [-0.1, 0.9, 0.9, 0.9, 0.9, -0.1]
    """
    n = values.size
    there = np.isfinite(values)
    centre = float(values[there].mean()) if there.any() else 0.0
    totals = np.concatenate([[0.0], np.cumsum(np.where(there, values - centre, 0.0))])
    counts = np.concatenate([[0.0], np.cumsum(there)])
    _, allowed = _allowed(values, window)
    starts = np.arange(n) + window.starts_s[:, None]
    low, high = np.clip(starts, 0, n), np.clip(starts + window.bin_s, 0, n)
    sums = np.fft.rfft(allowed * (totals[high] - totals[low]), axis=1)
    seconds = allowed * (counts[high] - counts[low])
    if (seconds == seconds[0]).all():  # nothing is missing: every bin has the same seconds
        seconds = seconds[:1]
    number = np.fft.rfft(seconds, axis=1)
    out = np.full((1 + shifts.size, len(codes), window.starts_s.size), np.nan)
    for k, code in enumerate(codes):
        kept, _, _ = onsets(code, apart_s=window.before_s)
        if not kept.size or not allowed[kept].any():
            continue
        marks = np.conj(np.fft.rfft(np.bincount(kept, minlength=n).astype(np.float64)))
        total = np.fft.irfft(sums * marks, n, axis=1)
        many = np.rint(np.fft.irfft(number * marks, n, axis=1))
        means = np.divide(total, many, out=np.full(total.shape, np.nan), where=many > 0)
        out[:, k] = all_turns(means.T, shifts)
    return out
