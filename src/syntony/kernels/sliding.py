"""Lagged Pearson correlation of short windows that move on by one sample.

Sums over a window are built by doubling (two, four, eight neighbours, then the parts that make
up its length), so that a window of 15 costs six additions instead of fifteen, nothing is ever
subtracted, and no error runs along the series. All windows of a chunk stand side by side.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from syntony.kernels._arrays import Floats, readonly
from syntony.kernels.lagged import exact_pearson

_SMALL = 1e-3  # variance / raw sum of squares, below which a cell is computed again
_CHUNK = 192  # windows taken together


def sliding_pearson(
    x: Floats, y: Floats, window: int, lags: tuple[int, int], *, min_pairs: int = 3
) -> tuple[Floats, Floats]:
    """Pearson r of ``x[t]`` and ``y[t + lag]`` in every window of ``x``, one sample apart.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples_x,), (n_samples_y,)
        NaN marks missing samples. No infinities.
    window : int
        Samples of a window; ``x`` holds at least that many.
    lags : (int, int)
        First and last lag in samples, both included.
    min_pairs : int
        Fewer complete pairs than this give NaN.

    Returns
    -------
    r : ndarray of float64, shape (n_samples_x - window + 1, n_lags)
        In [-1, 1]. NaN where there are too few pairs or one side does not vary at all.
    share : ndarray of float64, same shape
        Complete pairs / ``window``. A pair that falls outside ``y`` is not complete.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> r, share = sliding_pearson(x, np.roll(x, 2), 15, (0, 2))
    >>> r.shape, round(float(r[9, 2]), 12)
    ((26, 3), 1.0)
    """
    shape = (lags[1] - lags[0] + 1, x.size - window + 1)  # a lag after the other in memory
    r, share = np.empty(shape), np.empty(shape)
    _slide(readonly(x), readonly(y), window, lags[0], max(2, min_pairs), r, share)
    return r.T, share.T


@njit(nogil=True, cache=True, error_model="numpy")
def _slide(x, y, window, first_lag, min_pairs, r, share):  # type: ignore[no-untyped-def]
    """Fill ``r`` and ``share`` chunk by chunk."""
    n_lags, n_windows = r.shape
    size = _CHUNK + window + n_lags
    xs, ys = np.zeros((3, size)), np.zeros((3, size))  # centred values, squares, marks
    sums, spare = np.zeros((6, size)), np.zeros((3, size))
    for first in range(0, n_windows, _CHUNK):
        count = min(_CHUNK, n_windows - first)
        span = count + window - 1
        whole = _lay_out(x, first, span, xs)
        whole = _lay_out(y, first + first_lag, span + n_lags - 1, ys) and whole
        if whole:
            _spread(xs, count, window, sums[0], sums[1], spare)
            _spread(ys, count + n_lags - 1, window, sums[2], sums[3], spare)
        for k in range(n_lags):
            _multiply(xs[0], ys[0, k:], span, spare[0])
            _window_sums(spare[0], count, window, sums[4], spare)
            out, part = r[k, first : first + count], share[k, first : first + count]
            if whole:
                doubtful = _correlate_whole(sums, k, window, out, part)
            else:
                doubtful = _correlate_pairs(
                    xs, ys[:, k:], window, min_pairs, sums, spare, out, part
                )
            if doubtful:
                for w in range(count):
                    if out[w] != out[w] and part[w] * window > min_pairs - 0.5:
                        out[w] = exact_pearson(x, y, first + w, window, first_lag + k)


@njit(nogil=True, cache=True, error_model="numpy")
def _multiply(a, b, count, out):  # type: ignore[no-untyped-def]
    """``out = a * b`` over the first ``count``."""
    for i in range(count):
        out[i] = a[i] * b[i]


@njit(nogil=True, cache=True, error_model="numpy")
def _lay_out(v, begin, span, out):  # type: ignore[no-untyped-def]
    """Centred values, their squares and marks of what is present; whether all of it is."""
    total, there = 0.0, 0
    for i in range(max(0, begin), min(v.size, begin + span)):
        if v[i] == v[i]:
            total += v[i]
            there += 1
    mean = total / there if there else 0.0
    for i in range(span):
        at = begin + i
        d = v[at] - mean if 0 <= at < v.size else np.nan
        mark = 1.0 if d == d else 0.0
        d = d if d == d else 0.0
        out[0, i], out[1, i], out[2, i] = d, d * d, mark
    return there == span


@njit(nogil=True, cache=True, error_model="numpy")
def _window_sums(v, count, window, out, spare):  # type: ignore[no-untyped-def]
    """``out[w] = sum(v[w : w + window])`` by doubling; spoils rows 1 and 2 of ``spare``."""
    width, done, left, turn = 1, 0, window, 1
    out[:count] = 0.0
    have = v
    while True:
        more = left > 1
        if left & 1:
            part = have[done:]
            for w in range(count):
                out[w] += part[w]
            done += width
        if not more:
            break
        ahead, double = have[width:], spare[turn]
        for i in range(count + window - 2 * width):
            double[i] = have[i] + ahead[i]
        have, turn, width, left = double, 3 - turn, 2 * width, left >> 1


@njit(nogil=True, cache=True, error_model="numpy")
def _spread(v, count, window, mean, scale, spare):  # type: ignore[no-untyped-def]
    """Mean of every whole window, and 1 / root of its sum of squares; NaN where that cancels."""
    _window_sums(v[0], count, window, mean, spare)
    _window_sums(v[1], count, window, scale, spare)
    for w in range(count):
        s, raw = mean[w], scale[w]
        squares = raw - s * s / window
        scale[w] = 1.0 / np.sqrt(squares) if squares > _SMALL * raw else np.nan
        mean[w] = s / window


@njit(nogil=True, cache=True, error_model="numpy")
def _correlate_whole(sums, k, window, out, part):  # type: ignore[no-untyped-def]
    """Turn sums of products into r where no sample is missing; how many are doubtful."""
    mean_x, scale_x, products = sums[0], sums[1], sums[4]
    mean_y, scale_y = sums[2, k:], sums[3, k:]
    doubtful = 0
    for w in range(out.size):
        r = (products[w] - window * (mean_x[w] * mean_y[w])) * (scale_x[w] * scale_y[w])
        r = 1.0 if r > 1.0 else r
        r = -1.0 if r < -1.0 else r
        doubtful += r != r
        out[w] = r
    part[:] = 1.0
    return doubtful


@njit(nogil=True, cache=True, error_model="numpy")
def _correlate_pairs(xs, ys, window, min_pairs, sums, spare, out, part):  # type: ignore[no-untyped-def]
    """Turn sums of products into r over complete pairs; how many are doubtful or too few."""
    count, span = out.size, out.size + window - 1
    for row in range(5):
        # x, xx, y, yy, n: the values of one side where the other side is present
        a = xs[row] if row < 2 else xs[2]
        b = ys[row - 2] if 2 <= row < 4 else ys[2]
        _multiply(a, b, span, spare[0])
        _window_sums(spare[0], count, window, sums[row if row < 4 else 5], spare)
    x, xx, y, yy, xy, n = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    doubtful = 0
    for w in range(count):
        one = 1.0 / n[w]
        vx, vy = xx[w] - x[w] * x[w] * one, yy[w] - y[w] * y[w] * one
        both = vx * vy
        sure = vx > _SMALL * xx[w] and vy > _SMALL * yy[w] and both > 1e-280 and both < 1e280
        r = (xy[w] - x[w] * y[w] * one) / np.sqrt(both)
        r = 1.0 if r > 1.0 else r
        r = -1.0 if r < -1.0 else r
        r = r if sure and n[w] >= min_pairs else np.nan
        doubtful += r != r
        xy[w] = r
    for w in range(count):
        out[w] = xy[w]
        part[w] = n[w] / window
    return doubtful
