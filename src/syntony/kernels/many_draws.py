"""One signal beside many others of its length, a single number for each: no map is kept.

The cells are those of ``lagged`` and ``sliding``, taken one signal after the other with the same
scratch; only their sums leave. Fisher's z is half the logarithm of ``(1 + r) / (1 - r)``, so one
logarithm does for many cells that are multiplied first.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly
from syntony.kernels.lagged import (
    _correlate,
    _cut_up,
    _even_step,
    _overlap_much,
    _scratch,
    lagged_pearson,
    mend_doubtful,
)
from syntony.kernels.many_pairs import CAP
from syntony.kernels.sliding import _CHUNK, _slide
from syntony.kernels.slopes import _HOWS, How, _slopes

_LEAST = math.exp(-20.0)  # (1 - r) / (1 + r) where z is 10
_AT_MOST = 32  # cells multiplied before the logarithm: (1 - CAP)**32 > 1e-270


def lagged_sums_of_z(
    x: Floats,
    ys: Floats,
    starts: Indices,
    window: int,
    lags: tuple[int, int],
    *,
    min_pairs: int = 3,
) -> tuple[Floats, Floats]:
    """Sum of Fisher z over windows and lags of ``x`` beside every row of ``ys``.

    Parameters
    ----------
    x : ndarray of float64, shape (n_samples,)
        NaN marks missing samples. No infinities.
    ys : ndarray of float64, shape (n_draws, n_samples)
    starts, window, lags, min_pairs
        As of :func:`syntony.kernels.lagged.lagged_pearson`.

    Returns
    -------
    total, count : ndarray of float64, shape (n_draws,)
        Sum of z, held within +-10 cell by cell, and the number of cells that have a value.

    Examples
    --------
    >>> x = np.sin(np.arange(80) / 3.0)
    >>> total, count = lagged_sums_of_z(x, np.stack([x[::-1], x]), np.array([5, 30]), 20, (-2, 2))
    >>> count.tolist(), bool(total[1] > total[0])
    ([10.0, 10.0], True)
    """
    x, ys, starts, min_pairs = readonly(x), readonly(ys), readonly(starts), max(2, min_pairs)
    sums = np.empty((2, len(ys)))
    step = _even_step(starts)
    if step > 0 and _overlap_much(window, step):
        for k, y in enumerate(ys):
            r, _ = lagged_pearson(x, y, starts, window, lags, min_pairs=min_pairs)
            _one_sum(np.ascontiguousarray(r), sums[:, k])
        return sums[0], sums[1]
    block, per_window, hop = _cut_up(window, step)
    plan = (block, per_window, hop, lags[0], min_pairs)
    room = np.empty((2, starts.size, lags[1] - lags[0] + 1))
    _lagged_sums(x, ys, starts, plan, _scratch(block, per_window), room, sums)
    return sums[0], sums[1]


@kernel
def _lagged_sums(x, ys, starts, plan, scratch, room, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, one signal after the other."""
    block, per_window, _, first_lag, min_pairs = plan
    r, share = room[0], room[1]
    for d in range(ys.shape[0]):
        if _correlate(x, ys[d], starts, plan, scratch, r, share):
            mend_doubtful(x, ys[d], starts, block * per_window, first_lag, min_pairs, r, share)
        _sum_of_z(r, sums[:, d])


@kernel
def _one_sum(r, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with the sum of z and the count."""
    _sum_of_z(r, out)


@part
def _sum_of_z(r, out):  # type: ignore[no-untyped-def]
    """Sum of z over all cells that have a value, and how many they are."""
    total, count, plus, minus, pending = 0.0, 0, 1.0, 1.0, 0
    for w in range(r.shape[0]):
        for k in range(r.shape[1]):
            v = r[w, k]
            if v != v:
                continue
            a, b = 1.0 + v, 1.0 - v
            if v > CAP:
                a, b = 1.0, _LEAST
            elif v < -CAP:
                a, b = _LEAST, 1.0
            plus *= a
            minus *= b
            count += 1
            pending += 1
            if pending == _AT_MOST:
                total += np.log(plus) - np.log(minus)
                plus, minus, pending = 1.0, 1.0, 0
    total += np.log(plus) - np.log(minus)
    out[0], out[1] = 0.5 * total, count


def slope_balances(
    slopes: Floats,
    ys: Floats,
    starts: Indices,
    length: int,
    how: How,
    window: int,
    *,
    min_share: float,
    min_pairs: int,
) -> tuple[Floats, Floats]:
    """Sums of positive and of negative correlations of slopes, for every row of ``ys``.

    Parameters
    ----------
    slopes : ndarray of float64, shape (n_slopes,)
        Slope series of the first person.
    ys : ndarray of float64, shape (n_draws, n_samples)
        Signals of the second; NaN marks missing samples.
    starts, length, how, min_share
        As of :func:`syntony.kernels.slopes.moving_slopes`, ``n_slopes`` starts.
    window, min_pairs
        Slopes of a window, and pairs of them that must be present; windows are one slope apart.

    Returns
    -------
    positive, negative : ndarray of float64, shape (n_draws,)
        Sum of the positive correlations; minus the sum of the negative ones.

    Examples
    --------
    >>> y = np.sin(np.arange(400) / 9.0)
    >>> starts = np.arange(0, 380, 4)
    >>> from syntony.kernels.slopes import moving_slopes
    >>> s = moving_slopes(y, starts, 20, "mean_gradient")
    >>> up, down = slope_balances(
    ...     s, np.stack([y, -y]), starts, 20, "mean_gradient", 15, min_share=1.0, min_pairs=12
    ... )
    >>> [round(v) for v in up.tolist()], [round(v) for v in down.tolist()]
    ([81, 0], [0, 81])
    """
    slopes, ys, starts = readonly(slopes), readonly(ys), readonly(starts)
    least = max(2, int(np.ceil(min_share * length - 1e-9)))
    size = _CHUNK + window + 1
    room = (np.zeros((2, 3, size)), np.zeros((6, size)), np.zeros((3, size)))
    n_windows = slopes.size - window + 1
    maps, series = np.empty((2, 1, n_windows)), np.empty(slopes.size)
    every, sums = readonly(np.arange(n_windows)), np.empty((2, len(ys)))
    plan = (starts, length, _HOWS[how], least, every, window, max(2, min_pairs))
    _balances(slopes, ys, plan, room, maps, series, sums)
    return sums[0], sums[1]


@kernel
def _balances(x, ys, plan, room, maps, series, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, one signal after the other."""
    starts, length, how, least, every, window, min_pairs = plan
    sides, inner, spare = room
    for d in range(ys.shape[0]):
        _slopes(ys[d], starts, length, how, least, series)
        if _slide(x, series, (window, 0, min_pairs), sides, inner, spare, maps[0], maps[1]):
            mend_doubtful(x, series, every, window, 0, min_pairs, maps[0].T, maps[1].T)
        above, below = 0.0, 0.0
        for w in range(maps.shape[2]):
            v = maps[0, 0, w]
            above += v if v > 0.0 else 0.0
            below -= v if v < 0.0 else 0.0
        sums[0, d], sums[1, d] = above, below
