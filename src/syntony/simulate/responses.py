"""Responses found in a skin conductance signal by undoing the shape of a response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.simulate.skin import DECAY_S, PEAK, RISE_S, responses

SMOOTH_S = 0.4
BLOCK_S = 30.0
RING_S, RING_SHARE = 2.5, 0.1
NOISE_SDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What was found in one signal.

    Attributes
    ----------
    onsets_s : ndarray of float64, shape (n_found,)
        Ascending, in seconds from the first sample.
    heights_us : ndarray of float64, shape (n_found,)
    rest_us : ndarray of float64, shape (n_samples,)
        The signal less these responses: tonic level, drift and noise. NaN where missing.
    """

    onsets_s: Array
    heights_us: Array
    rest_us: Array


def driver(values: Array, rate_hz: float) -> Array:
    """Impulses whose responses add up to the signal: height in uS times samples.

    Sampled, a response is the output of a filter with two poles, so that three neighbouring
    samples give its input exactly, for any onset on the grid. A constant level of ``L``
    gives a small constant.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        In uS.
    rate_hz : float

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        NaN at the ends and beside missing samples.

    Examples
    --------
    >>> y = responses(np.array([2.0]), np.array([0.5]), start_s=0.0, step_s=0.25, n_samples=40)
    >>> d = driver(y, 4.0)
    >>> int(np.nanargmax(d)), float(np.nanmax(d).round(6))
    (8, 0.5)
    """
    slow, fast = np.exp(-1.0 / (rate_hz * DECAY_S)), np.exp(-1.0 / (rate_hz * RISE_S))
    out = np.full(values.size, np.nan)
    if values.size > 2:
        inverse = values[2:] - (slow + fast) * values[1:-1] + slow * fast * values[:-2]
        out[1:-1] = inverse * PEAK / (slow - fast)
    return out


def find_responses(values: Array, rate_hz: float, *, least_us: float = 0.05) -> Found:
    """Find responses and their heights in a signal.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        In uS; NaN where missing.
    rate_hz : float
    least_us : float, default 0.05
        Smallest height. Where the signal is noisy it is raised to four SDs of the noise.

    Returns
    -------
    Found

    Notes
    -----
    The driver is smoothed by a bell of SD 0.4 s, freed of its median in blocks of 30 s, and its
    maxima are taken. A maximum within 2.5 s of one ten times as high is the ringing of a
    filter. Two responses less than about a second apart are found as one; see the fit for what
    is done about this.

    Examples
    --------
    >>> onsets, heights = np.array([5.0, 9.25, 20.0]), np.array([0.3, 0.2, 1.0])
    >>> y = 6 + responses(onsets, heights, start_s=0.0, step_s=0.25, n_samples=240)
    >>> found = find_responses(y, 4.0)
    >>> found.onsets_s.tolist(), found.heights_us.round(2).tolist()
    ([5.0, 9.25, 20.0], [0.3, 0.2, 1.0])
    """
    raw = driver(values, rate_hz)
    there = np.isfinite(raw)
    if there.sum() < 3:
        return Found(onsets_s=np.empty(0), heights_us=np.empty(0), rest_us=values.copy())
    raw = raw - _median_by_block(raw, round(BLOCK_S * rate_hz))
    smooth = _bell(np.where(there, raw, 0.0), SMOOTH_S * rate_hz)
    height = smooth * (SMOOTH_S * rate_hz * np.sqrt(2.0 * np.pi) if SMOOTH_S * rate_hz > 0.5 else 1)
    low = -height[there & (height < 0)]
    noise = 1.4826 * float(np.median(low)) if low.size else 0.0
    top = _maxima(height, there) & (height > max(least_us, NOISE_SDS * noise))
    places = _without_ringing(np.flatnonzero(top), height, round(RING_S * rate_hz))
    onsets, heights = places / rate_hz, height[places]
    rest = values - responses(
        onsets, heights, start_s=0.0, step_s=1.0 / rate_hz, n_samples=values.size
    )
    return Found(onsets_s=onsets, heights_us=heights, rest_us=rest)


def _maxima(height: Array, there: Bools) -> Bools:
    """Places higher than both neighbours, all three of them present."""
    top = np.zeros(height.size, dtype=np.bool_)
    inner = height[1:-1]
    top[1:-1] = (inner > height[:-2]) & (inner >= height[2:])
    top[1:-1] &= there[1:-1] & there[:-2] & there[2:]
    return top


def _without_ringing(places: Ints, height: Array, reach: int) -> Ints:
    """Leave out maxima beside a far higher one."""
    if places.size < 2:
        return places
    tall = height[places]
    near = np.abs(places[:, None] - places[None, :]) <= reach
    highest = np.where(near, tall[None, :], 0.0).max(axis=1)
    kept: Ints = places[tall >= RING_SHARE * highest]
    return kept


def _bell(values: Array, sd: float) -> Array:
    """Smooth by a bell of unit sum; as they are where it is narrower than half a sample."""
    if sd <= 0.5:
        return values
    reach = min(int(np.ceil(4 * sd)), (values.size - 1) // 2)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sd) ** 2)
    smooth: Array = np.convolve(values, weights / weights.sum(), mode="same")
    return smooth


def _median_by_block(values: Array, size: int) -> Array:
    """Median of every block of samples, joined by straight lines; NaN left out."""
    starts = np.arange(0, values.size, max(1, size))
    parts = [values[s : s + size] for s in starts]
    known = [
        (s + p.size / 2, np.median(p[np.isfinite(p)]))
        for s, p in zip(starts, parts, strict=True)
        if np.isfinite(p).any()
    ]
    at, level = np.array(known).T
    joined: Array = np.interp(np.arange(values.size), at, level)
    return joined
