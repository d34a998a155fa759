"""Moments that a signal holds: claps and taps in sound or acceleration, edges of a trigger."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.signal import Signal

_BIN_S = 0.01
_TIMES = 12.0  # above the usual level, in robust standard deviations
_SHARE = 0.3  # of the loudest


def find_claps(signal: Signal, *, apart_s: float = 0.3) -> Array:
    """Find claps, taps or knocks: sudden, short, far above what is usual.

    Parameters
    ----------
    signal : Signal
        Sound, or one axis of acceleration; NaN is silence.
    apart_s : float
        Of claps nearer to each other only the first counts (s).

    Returns
    -------
    ndarray of float64, shape (n_claps,)
        When each begins: where its rise passes half of its height, between two samples. On the
        clock of the signal, ascending.

    Notes
    -----
    The rise is the distance of a sample from the median of the signal, its largest value in
    every 10 ms. A clap stands 12 robust standard deviations above the usual rise, and at least
    three tenths as high as the highest.

    Examples
    --------
    >>> sound = np.zeros(1000)
    >>> sound[[300, 700]] = 1.0
    >>> s = Signal(values=sound, rate_hz=100, start_s=2.0, unit="g", kind="acc_z", person="P01")
    >>> find_claps(s).round(3).tolist()
    [4.995, 8.995]
    """
    there = np.isfinite(signal.values)
    if not there.any():
        return np.empty(0)
    rise = np.where(there, np.abs(signal.values - np.median(signal.values[there])), 0.0)
    per_bin = max(1, round(_BIN_S * signal.rate_hz))
    tops = np.maximum.reduceat(rise, np.arange(0, rise.size, per_bin))
    usual = float(np.median(tops))
    spread = 1.4826 * float(np.median(np.abs(tops - usual)))
    level = max(usual + _TIMES * spread, _SHARE * float(rise.max()))
    if not rise.max() > usual:
        return np.empty(0)
    found: list[float] = []
    last = -np.inf
    for k in np.flatnonzero(tops >= level):
        time = signal.start_s + _passes(rise, int(k) * per_bin, per_bin) / signal.rate_hz
        if time - last >= apart_s:
            found.append(time)
            last = time
    return np.array(found)


def _passes(rise: Array, begin: int, length: int) -> float:
    """Place at which the rise of a bin passes half of its top, between two samples."""
    half = float(rise[begin : begin + length].max()) / 2
    first = begin + int(np.argmax(rise[begin : begin + length] >= half))
    while first > 0 and rise[first - 1] >= half:
        first -= 1
    if first == 0:
        return 0.0
    low, high = float(rise[first - 1]), float(rise[first])
    return first - 1 + (half - low) / (high - low)


def find_edges(signal: Signal) -> Array:
    """Find where a trigger goes up: a signal of two levels, such as TTL.

    Parameters
    ----------
    signal : Signal
        A trigger channel, digital or analogue.

    Returns
    -------
    ndarray of float64, shape (n_edges,)
        When it passes the middle of both levels, having been in the lower quarter before; on
        the clock of the signal, ascending. A missing sample (NaN) hides its edge.

    Raises
    ------
    InputError
        If it has no two levels.

    Examples
    --------
    >>> s = Signal(values=[0, 0, 5, 5, 0, 5], rate_hz=10, start_s=0, unit="V", kind="trigger",
    ...     person="P01")
    >>> find_edges(s).round(2).tolist()
    [0.15, 0.45]
    """
    v = signal.values
    there = v[np.isfinite(v)]
    low, high = (float(there.min()), float(there.max())) if there.size else (0.0, 0.0)
    between = np.mean((there > low + 0.25 * (high - low)) & (there < high - 0.25 * (high - low)))
    if not high > low or between > 0.2:
        raise InputError(
            "trigger", f"{signal.kind} of {signal.person}", "a channel with two levels"
        )
    low_mark, middle = low + 0.25 * (high - low), low + 0.5 * (high - low)
    found, was_low = [], False
    for k in range(v.size):
        if not np.isfinite(v[k]):
            was_low = False
        elif v[k] <= low_mark:
            was_low = True
        elif v[k] >= middle and was_low:
            found.append(k - 1 + (middle - v[k - 1]) / (v[k] - v[k - 1]))
            was_low = False
    return signal.start_s + np.array(found, dtype=np.float64) / signal.rate_hz
