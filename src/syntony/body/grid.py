"""The one resampling: a signal onto the grid on which two people are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from syntony.body.filters import zero_phase
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.signal import Signal

_NEAR = 1e-6  # samples: two clocks agree if they differ by less
_ALIAS_ORDER = 8
_ALIAS_SHARE = 0.4  # cut-off of the anti-alias filter, as a share of the grid's rate
_SAME_RATE = 1.01  # rates closer than this need no anti-alias filter


def grid_count(rate_hz: float, start_s: float, stop_s: float) -> int:
    """Count grid points ``start_s + k / rate_hz`` that lie in [start_s, stop_s).

    Examples
    --------
    >>> grid_count(4.0, 0.0, 1.0), grid_count(3.0, 0.0, 0.34)
    (4, 2)
    """
    return max(0, int(np.ceil((stop_s - start_s) * rate_hz - _NEAR)))


def to_grid(signal: Signal, *, rate_hz: float, start_s: float, stop_s: float) -> Signal:
    """Lay a signal onto the grid ``start_s + k / rate_hz``, k = 0, 1, ..., before ``stop_s``.

    A signal that already lies on the grid passes through untouched. Where the grid is
    more than 1 % slower than the signal, a zero-phase Butterworth low-pass (order 8 each
    way, cut-off 0.4 times the rate of the grid) comes first, on valid stretches only.
    Between two samples the value is that of cubic convolution [1]_, which reproduces
    samples and parabolas; beside a gap, where one of its four samples is missing, the
    straight line between the two neighbours.

    Parameters
    ----------
    signal : Signal
        NaN marks missing samples.
    rate_hz : float
        Samples per second of the grid; any ratio to the rate of the signal.
    start_s, stop_s : float
        On the clock of the signal, in seconds; may lie outside of it.

    Returns
    -------
    Signal
        Same unit, kind and person. A grid point is NaN unless it lies on a valid sample
        or between two neighbouring valid samples: nothing is drawn across a gap or
        beyond the ends. ``valid_share`` of the result says how much is there.

    Raises
    ------
    InputError
        If ``rate_hz`` is no rate, or ``stop_s`` lies before ``start_s``.

    References
    ----------
    .. [1] Keys (1981), IEEE Transactions on Acoustics, Speech, and Signal Processing
       29(6), 1153-1160. https://doi.org/10.1109/TASSP.1981.1163711

    Examples
    --------
    >>> s = Signal(values=[0, 1, 2, np.nan, 4], rate_hz=2.0, start_s=0.0, unit="uS",
    ...            kind="eda", person="P01")
    >>> to_grid(s, rate_hz=4.0, start_s=0.25, stop_s=2.25).values.tolist()
    [0.5, 1.0, 1.5, 2.0, nan, nan, nan, 4.0]
    """
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    if not (np.isfinite(start_s) and np.isfinite(stop_s) and stop_s >= start_s):
        raise InputError("start_s, stop_s", (start_s, stop_s), "a start and a stop not before it")
    count = grid_count(rate_hz, start_s, stop_s)
    first = (start_s - signal.start_s) * signal.rate_hz  # in samples of the signal
    step = signal.rate_hz / rate_hz
    last_off = abs((step - 1.0) * max(count - 1, 0))
    if last_off < _NEAR and abs(first - round(first)) < _NEAR:
        values = _slice(signal.values, round(first), count)
    else:
        source = signal.values
        if step > _SAME_RATE:
            source = _without_aliases(signal, rate_hz)
        values = _between_samples(source, first + step * np.arange(count, dtype=np.float64))
    return replace(signal, values=values, rate_hz=rate_hz, start_s=start_s)


def _without_aliases(signal: Signal, rate_hz: float) -> Array:
    """Remove what the grid is too slow to carry."""
    cutoff_hz = _ALIAS_SHARE * rate_hz
    pad = int(np.ceil(3 * signal.rate_hz / cutoff_hz))
    return zero_phase(signal.values, signal.rate_hz, cutoff_hz, order=_ALIAS_ORDER, pad_samples=pad)


def _slice(values: Array, first: int, count: int) -> Array:
    """Take ``count`` samples from ``first`` on; NaN where there are none."""
    out = np.full(count, np.nan)
    low, high = max(0, first), min(values.size, first + count)
    if high > low:
        out[low - first : high - first] = values[low:high]
    return out


def _between_samples(values: Array, at: Array) -> Array:
    """Read ``values`` at fractional sample numbers by cubic convolution (Keys, a = -1/2)."""
    whole = np.floor(at + _NEAR)
    part = np.where(np.abs(at - np.rint(at)) < _NEAR, 0.0, at - whole)
    padded = np.concatenate(([np.nan] * 2, values, [np.nan] * 3))  # one gap on either side
    index = np.clip(whole.astype(np.int64), -2, values.size) + 2
    # Sample numbers beyond both ends read NaN, and so does everything next to them.
    before, left = padded[np.maximum(index - 1, 0)], padded[index]
    right, after = padded[index + 1], padded[index + 2]
    t = part
    cubic = left + 0.5 * t * (
        right
        - before
        + t
        * (2 * before - 5 * left + 4 * right - after + t * (3 * (left - right) + after - before))
    )
    line = left + t * (right - left)
    drawn = np.where(np.isnan(cubic), line, cubic)
    return np.asarray(np.where(t == 0.0, left, drawn))
