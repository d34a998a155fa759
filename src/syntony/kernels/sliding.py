"""Lagged Pearson correlation of short windows that move on by one sample.

Sums over a window are built by doubling (two, four, eight neighbours, then the parts that make
up its length), so that a window of 15 costs six additions instead of fifteen, nothing is ever
subtracted, and no error runs along the series. All windows of a chunk stand side by side.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from syntony.kernels._arrays import Floats, kernel, part, readonly
from syntony.kernels.lagged import mend_doubtful

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
        Complete pairs / ``window``. A pair that falls outside ``y`` is not complete. Read-only
        where no sample is missing: it is shared between calls.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> r, share = sliding_pearson(x, np.roll(x, 2), 15, (0, 2))
    >>> r.shape, round(float(r[9, 2]), 12)
    ((26, 3), 1.0)
    """
    r, share = sliding_maps(x, y[None], window, lags, min_pairs=min_pairs)
    return r[0], share[0]


def sliding_maps(
    x: Floats, ys: Floats, window: int, lags: tuple[int, int], *, min_pairs: int = 3
) -> tuple[Floats, Floats]:
    """Pearson r of ``x`` beside every row of ``ys``, cell by cell that of :func:`sliding_pearson`.

    Parameters
    ----------
    x : ndarray of float64, shape (n_samples_x,)
    ys : ndarray of float64, shape (n_rows, n_samples_y)
    window, lags, min_pairs
        As of :func:`sliding_pearson`.

    Returns
    -------
    r, share : ndarray of float64, shape (n_rows, n_samples_x - window + 1, n_lags)
        The values of a lag lie in one piece in memory.

    Examples
    --------
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> r, _ = sliding_maps(x, np.stack([x, -x]), 15, (0, 0))
    >>> r[:, 0, 0].round(12).tolist()
    [1.0, -1.0]
    """
    n_lags, n_windows = lags[1] - lags[0] + 1, x.size - window + 1
    x, ys, min_pairs = readonly(x), readonly(ys), max(2, min_pairs)
    shape = (len(ys), n_lags, n_windows)  # a lag after the other in memory
    r, known = np.empty(shape), not (np.isnan(x).any() or np.isnan(ys).any())
    share = np.empty((len(ys), 0, 0) if known else shape)
    size = _CHUNK + window + n_lags
    sides, sums, spare = np.zeros((2, 3, size)), np.zeros((6, size)), np.zeros((3, size))
    doubtful = np.zeros(len(ys), dtype=np.int64)
    for k, y in enumerate(ys):  # a kernel over rows would take a second more to compile
        plan = (window, lags[0], min_pairs)
        doubtful[k] = _slide(x, y, plan, sides, sums, spare, r[k], share[k])
    if known:
        share = np.broadcast_to(_share_of_whole(x.size, ys.shape[1], window, lags), shape)
    starts = readonly(np.arange(n_windows))
    for k in np.flatnonzero(doubtful).tolist():
        some = readonly(share[k])
        mend_doubtful(x, ys[k], starts, window, lags[0], min_pairs, r[k].T, some.T)
    return r.transpose(0, 2, 1), share.transpose(0, 2, 1)


@lru_cache(maxsize=8)
def _share_of_whole(n_x: int, n_y: int, window: int, lags: tuple[int, int]) -> Floats:
    """Share of complete pairs where no sample is missing; the same for every draw."""
    first = np.arange(n_x - window + 1)[None, :]
    lag = np.arange(lags[0], lags[1] + 1)[:, None]
    pairs = np.minimum(first + window, n_y - lag) - np.maximum(first, -lag)
    share: Floats = np.maximum(pairs, 0) / window
    share.flags.writeable = False
    return share


@kernel
def _slide(x, y, plan, sides, sums, spare, r, share):  # type: ignore[no-untyped-def]
    """Fill ``r`` and ``share`` chunk by chunk; how many cells are doubtful (NaN in ``r``).

    An empty ``share`` is left alone.

    ``sides`` holds centred values, their squares and marks of both; ``sums`` those of x, xx,
    y, yy, n, xy over windows. Where no sample of a chunk is missing, the first four are taken
    once, for all lags, and turned into means and 1 / roots of sums of squares.
    """
    window, first_lag, min_pairs = plan
    n_lags, n_windows = r.shape
    xs, ys = sides[0], sides[1]
    doubtful = 0
    for first in range(0, n_windows, _CHUNK):
        count = min(_CHUNK, n_windows - first)
        whole = _lay_out(x, first, count + window - 1, xs)
        whole = _lay_out(y, first + first_lag, count + window + n_lags - 2, ys) and whole
        for k in range(n_lags):
            for row in range(5 if whole and k else 0, 6):
                a, b, places = ys[row % 2, k:], xs[2], count
                if row == 4:
                    a = ys[2, k:]
                elif row == 5:
                    a, b = ys[0, k:], xs[0]
                elif row < 2:
                    a, b = xs[row], ys[2, k:]
                elif whole:
                    a, b, places = ys[row % 2], ys[2], count + n_lags - 1
                _window_sums(a, b, places, window, sums[row], spare)
            if whole and k == 0:
                _spread(sums[0], sums[1], count, window)
                _spread(sums[2], sums[3], count + n_lags - 1, window)
            out, told = r[k, first : first + count], spare[1, :count]
            if share.size:
                told = share[k, first : first + count]
            if whole:
                doubtful += _correlate_whole(sums, k, window, out, told)
            else:
                doubtful += _correlate_pairs(sums, window, min_pairs, out, told)
    return doubtful


@part
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


@part
def _window_sums(a, b, count, window, out, spare):  # type: ignore[no-untyped-def]
    """``out[w] = sum((a * b)[w : w + window])`` by doubling; spoils ``spare``."""
    have = spare[0]
    for i in range(count + window - 1):
        have[i] = a[i] * b[i]
    width, done, left, turn = 1, 0, window, 1
    out[:count] = 0.0
    while left:
        if left & 1:
            ready = have[done:]
            for w in range(count):
                out[w] += ready[w]
            done += width
        left >>= 1
        ahead, double = have[width:], spare[turn]
        for i in range(count + window - 2 * width if left else 0):
            double[i] = have[i] + ahead[i]
        have, turn, width = double, 3 - turn, 2 * width


@part
def _spread(mean, scale, count, window):  # type: ignore[no-untyped-def]
    """Turn sums into means, sums of squares into 1 / root about them; NaN where that cancels."""
    for w in range(count):
        s, raw = mean[w], scale[w]
        squares = raw - s * s / window
        scale[w] = 1.0 / np.sqrt(squares) if squares > _SMALL * raw else np.nan
        mean[w] = s / window


@part
def _correlate_whole(sums, k, window, out, told):  # type: ignore[no-untyped-def]
    """Correlate where no sample is missing; how many are doubtful."""
    mean_x, scale_x, products = sums[0], sums[1], sums[5]
    mean_y, scale_y = sums[2, k:], sums[3, k:]
    doubtful = 0
    for w in range(out.size):
        r = (products[w] - window * (mean_x[w] * mean_y[w])) * (scale_x[w] * scale_y[w])
        r = 1.0 if r > 1.0 else r
        r = -1.0 if r < -1.0 else r
        doubtful += r != r
        out[w] = r
    told[:] = 1.0
    return doubtful


@part
def _correlate_pairs(sums, window, min_pairs, out, told):  # type: ignore[no-untyped-def]
    """Correlate over complete pairs; how many are doubtful."""
    x, xx, y, yy, n, xy = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    doubtful = 0
    for w in range(out.size):
        one = 1.0 / n[w]
        vx, vy = xx[w] - x[w] * x[w] * one, yy[w] - y[w] * y[w] * one
        both = vx * vy
        sure = vx > _SMALL * xx[w] and vy > _SMALL * yy[w] and both > 1e-280 and both < 1e280
        r = (xy[w] - x[w] * y[w] * one) / np.sqrt(both)
        r = 1.0 if r > 1.0 else r
        r = -1.0 if r < -1.0 else r
        enough = n[w] >= min_pairs
        doubtful += enough and not sure
        xy[w] = r if sure and enough else np.nan
    for w in range(out.size):
        out[w] = xy[w]
        told[w] = n[w] / window
    return doubtful
