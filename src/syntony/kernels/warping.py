"""Dynamic time warping inside a band, missing samples allowed.

The table of costs is filled along its antidiagonals, on which no cell waits for another, so
that several are computed at once. Antidiagonal ``s`` holds the cells ``(i, s - i)``, kept by
``i``; ``y`` is read backwards. A missing sample is passed one for one: its cells cost nothing
and are entered from the diagonal only, so that nothing can be skipped for free.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly

_DIAGONAL, _FIRST, _SECOND = 0, 1, 2  # who moves on in the last step: both, x alone, y alone


def warping_cost(x: Floats, y: Floats, band: int) -> float:
    """Lowest sum of squared differences along a path through two series.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_x,), (n_y,)
        NaN marks missing samples.
    band : int
        Largest ``|i - j|`` of the path (Sakoe & Chiba).

    Returns
    -------
    float
        Infinite where no path leads to the end: the ends lie further apart than the band, or
        series of two lengths hold too many gaps. NaN without any samples.

    Examples
    --------
    >>> import numpy as np
    >>> warping_cost(np.array([0, 1, 2.0]), np.array([0, 0, 1, 2.0]), 1)
    0.0
    """
    if not (x.size and y.size):
        return math.nan
    if abs(x.size - y.size) > band:
        return math.inf
    room = np.full((3, x.size + 2), np.inf)
    gaps = bool(np.isnan(x).any() or np.isnan(y).any())
    if gaps:
        none = np.empty((0, 0), dtype=np.int8)
        return float(_fill_with_gaps(readonly(x), readonly(y[::-1]), band, room, none))
    return float(_fill(readonly(x), readonly(y[::-1]), band, room))


def warping_path(x: Floats, y: Floats, band: int) -> tuple[float, Indices]:
    """Lowest cost as :func:`warping_cost`, and the path that has it.

    Returns
    -------
    cost : float
    path : ndarray of int64, shape (n_steps, 2)
        Samples of ``x`` and ``y`` laid on each other, from the first to the last of both. Of
        equal ways the one along the diagonal.

    Examples
    --------
    >>> import numpy as np
    >>> warping_path(np.array([0, 1, 2.0]), np.array([0, 0, 1, 2.0]), 1)[1].tolist()
    [[0, 0], [0, 1], [1, 2], [2, 3]]
    """
    path = np.empty((x.size + y.size, 2), dtype=np.int64)
    if not (x.size and y.size) or abs(x.size - y.size) > band:
        return (math.inf if x.size and y.size else math.nan), path[:0]
    came = np.empty((x.size + y.size - 1, min(x.size, band + 1)), dtype=np.int8)
    room = np.full((3, x.size + 2), np.inf)
    cost = float(_fill_with_gaps(readonly(x), readonly(y[::-1]), band, room, came))
    if cost == math.inf:
        return cost, path[:0]
    steps = _trace(x.size, y.size, band, came, path)
    return cost, path[:steps][::-1].copy()


@part
def _limits(s, n, m, band):  # type: ignore[no-untyped-def]
    """First ``i`` of antidiagonal ``s`` inside table and band, and the one after its last."""
    return max(0, s - m + 1, (s - band + 1) // 2), min(n - 1, s, (s + band) // 2) + 1


@kernel
def _fill(x, back, band, room):  # type: ignore[no-untyped-def]
    """Cost of the last cell; nothing is missing."""
    n, m = x.size, back.size
    before, last, now = room[0], room[1], room[2]
    d = x[0] - back[m - 1]
    last[1] = d * d
    for s in range(1, n + m - 1):
        low, high = _limits(s, n, m, band)
        xs = x[low:high]
        ys = back[m - 1 - s + low : m - 1 - s + high]
        up, left = last[low:high], last[low + 1 : high + 1]
        diagonal, out = before[low:high], now[low + 1 : high + 1]
        for k in range(xs.size):
            d = xs[k] - ys[k]
            best = up[k] if up[k] < left[k] else left[k]
            best = best if best < diagonal[k] else diagonal[k]
            out[k] = best + d * d
        now[low], now[high + 1] = np.inf, np.inf
        before, last, now = last, now, before
    return last[n]


@kernel
def _fill_with_gaps(x, back, band, room, came):  # type: ignore[no-untyped-def]
    """As ``_fill``; samples may be missing, and where each cell came from may be asked for."""
    n, m = x.size, back.size
    traced = came.size > 0
    before, last, now = room[0], room[1], room[2]
    d = x[0] - back[m - 1]
    last[1] = d * d if d == d else 0.0
    for s in range(1, n + m - 1):
        low, high = _limits(s, n, m, band)
        for i in range(low, high):
            d = x[i] - back[m - 1 - s + i]
            best, way = before[i], _DIAGONAL
            if d == d:
                if last[i] < best:
                    best, way = last[i], _FIRST
                if last[i + 1] < best:
                    best, way = last[i + 1], _SECOND
                best += d * d
            now[i + 1] = best
            if traced:
                came[s, i - low] = way
        now[low], now[high + 1] = np.inf, np.inf
        before, last, now = last, now, before
    return last[n]


@kernel
def _trace(n, m, band, came, path):  # type: ignore[no-untyped-def]
    """Follow the way back from the last cell; how many steps it took."""
    return _way_back(n, m, band, came, path)


@part
def _way_back(n, m, band, came, path):  # type: ignore[no-untyped-def]
    """Write the path from its end."""
    i, j, steps = n - 1, m - 1, 0
    while True:
        path[steps, 0], path[steps, 1] = i, j
        steps += 1
        if i + j == 0:
            return steps
        way = came[i + j, i - _limits(i + j, n, m, band)[0]]
        if way != _SECOND:
            i -= 1
        if way != _FIRST:
            j -= 1


def warped_windows(
    x: Floats, y: Floats, starts: Indices, window: int, band: int, min_count: int
) -> tuple[Floats, Indices, Floats]:
    """Warp windows of two signals onto each other, each side z-scored within its window.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    starts : ndarray of int64, shape (n_windows,)
        First sample of every window of both.
    window : int
        Samples of a window.
    band : int
        Largest distance of two samples laid on each other.
    min_count : int
        A window needs this many samples present on either side, and as many at once.

    Returns
    -------
    apart : ndarray of float64, shape (n_windows,)
        Root of the mean squared difference over the steps of the path at which both sides have
        a sample, in standard deviations (divisor n); NaN where too little is there or a side
        does not vary.
    steps : ndarray of int64, shape (n_windows,)
        How many such steps the path has.
    lag : ndarray of float64, shape (n_windows, window)
        Mean offset, in samples, of the samples of ``y`` laid on each sample of ``x``; NaN where
        that one is missing.
    """
    apart, steps = np.full(starts.size, np.nan), np.zeros(starts.size, dtype=np.int64)
    lag = np.full((starts.size, window), np.nan)
    room = np.empty((3, window + 2))
    sides = np.empty((2, window))
    came = np.empty((2 * window - 1, min(window, band + 1)), dtype=np.int8)
    path = np.empty((2 * window, 2), dtype=np.int64)
    _windows(
        readonly(x),
        readonly(y),
        readonly(starts),
        (band, max(2, min_count)),
        (room, sides, came, path),
        (apart, steps, lag),
    )
    return apart, steps, lag


@kernel
def _windows(x, y, starts, limits, scratch, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` window by window."""
    band, min_count = limits
    room, sides, came, path = scratch
    apart, steps, lag = out
    n = sides.shape[1]
    for w in range(starts.size):
        a, b = x[starts[w] : starts[w] + n], y[starts[w] : starts[w] + n]
        both = 0
        for k in range(n):
            both += a[k] == a[k] and b[k] == b[k]
        if both < min_count or not (_scale(a, sides[0], False) and _scale(b, sides[1], True)):
            continue
        room[:] = np.inf
        total = _fill_with_gaps(sides[0], sides[1], band, room, came)
        length, counted = _way_back(n, n, band, came, path), 0
        at = -1
        found, sum_ = 0, 0
        for p in range(length - 1, -1, -1):
            i, j = path[p, 0], path[p, 1]
            if a[i] == a[i] and b[j] == b[j]:
                counted += 1
            if i != at:
                at, found, sum_ = i, 0, 0
            found += 1
            sum_ += j - i
            if a[i] == a[i]:
                lag[w, i] = sum_ / found
        steps[w] = counted
        apart[w] = math.sqrt(total / counted)


@part
def _scale(v, out, backwards):  # type: ignore[no-untyped-def]
    """Write the z-scores (divisor n) of what is present; False where nothing varies."""
    base, count, total = 0.0, 0, 0.0
    flat = True
    for k in range(v.size):
        if v[k] == v[k]:
            if count == 0:
                base = v[k]
            count += 1
            total += v[k] - base
            flat = flat and v[k] == base
    if flat:
        return False
    mean, square = total / count, 0.0
    for k in range(v.size):
        d = v[k] - base - mean
        if d == d:
            square += d * d
    sd = math.sqrt(square / count)
    if not sd > 0.0:
        return False
    for k in range(v.size):
        out[v.size - 1 - k if backwards else k] = (v[k] - base - mean) / sd
    return True
