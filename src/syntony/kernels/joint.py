"""Correlation of two signals where a third, moved by a lag, is present too."""

from __future__ import annotations

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly

_SMALL = 1e-3  # variance / raw sum of squares, below which a cell is computed again


def pearson_where(
    x: Floats, y: Floats, third: Floats, starts: Indices, window: int, lags: tuple[int, int]
) -> Floats:
    """Pearson r of ``x[t]`` and ``y[t]`` over the t at which ``third[t + lag]`` is present.

    Parameters
    ----------
    x, y, third : ndarray of float64, shape (n_samples,)
        NaN marks missing samples. No infinities.
    starts : ndarray of int64, shape (n_windows,)
        First sample of every window; the window lies whole inside the signals.
    window : int
        Samples of a window.
    lags : (int, int)
        First and last lag in samples, both included.

    Returns
    -------
    ndarray of float64, shape (n_windows, n_lags)
        NaN where fewer than two such pairs are there or one side does not vary.

    Notes
    -----
    The sums of a window are taken once, about its means; for each lag the few pairs whose third
    sample is missing are taken out. Where that leaves a variance small beside what was summed,
    the cell is computed again in two passes.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([0.0, 1.0, 2.0, 9.0]), np.array([5.0, 4.0, 3.0, 9.0])
    >>> third = np.array([1.0, 1.0, 1.0, np.nan])
    >>> pearson_where(x, y, third, np.array([0]), 4, (0, 0)).tolist()
    [[-1.0]]
    """
    out = np.empty((starts.size, lags[1] - lags[0] + 1))
    scratch = np.zeros((2, window))
    signals = (readonly(x), readonly(y), readonly(third))
    _fill(*signals, readonly(starts), window, lags[0], scratch, out)
    return out


@kernel
def _fill(x, y, third, starts, window, first_lag, scratch, out):  # type: ignore[no-untyped-def]
    """Fill ``out``."""
    a, b = scratch[0], scratch[1]
    for w in range(starts.size):
        start = starts[w]
        n = _centre(x[start : start + window], y[start : start + window], a, b)
        sx, sy, xx, yy, xy = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(window):
            if a[i] == a[i]:
                sx += a[i]
                sy += b[i]
                xx += a[i] * a[i]
                yy += b[i] * b[i]
                xy += a[i] * b[i]
        for k in range(out.shape[1]):
            m, tx, ty, txx, tyy, txy = n, sx, sy, xx, yy, xy
            at = start + first_lag + k
            for i in range(window):
                if _present(third, at + i) or a[i] != a[i]:
                    continue
                m -= 1
                tx -= a[i]
                ty -= b[i]
                txx -= a[i] * a[i]
                tyy -= b[i] * b[i]
                txy -= a[i] * b[i]
            one = 1.0 / m
            vx, vy = txx - tx * tx * one, tyy - ty * ty * one
            if vx > _SMALL * xx and vy > _SMALL * yy and 1e-280 < vx * vy < 1e280:
                out[w, k] = min(1.0, max(-1.0, (txy - tx * ty * one) / np.sqrt(vx * vy)))
            else:
                out[w, k] = _exact(a, b, third, at)


@part
def _present(v, i):  # type: ignore[no-untyped-def]
    """Whether there is a sample at ``i``."""
    return 0 <= i < v.size and v[i] == v[i]


@part
def _centre(xs, ys, a, b):  # type: ignore[no-untyped-def]
    """Write both less their means over complete pairs, NaN elsewhere; how many pairs."""
    n, x0, y0, sx, sy = 0, 0.0, 0.0, 0.0, 0.0
    for i in range(xs.size):
        if xs[i] == xs[i] and ys[i] == ys[i]:
            if n == 0:
                x0, y0 = xs[i], ys[i]
            n += 1
            sx += xs[i] - x0
            sy += ys[i] - y0
    for i in range(xs.size):
        there = xs[i] == xs[i] and ys[i] == ys[i]
        a[i] = (xs[i] - x0) - sx / n if there else np.nan
        b[i] = (ys[i] - y0) - sy / n if there else np.nan
    return n


@part
def _exact(a, b, third, at):  # type: ignore[no-untyped-def]
    """Pearson r of one cell in two passes; NaN where one side does not vary at all."""
    n, a0, b0, sa, sb = 0, 0.0, 0.0, 0.0, 0.0
    flat_a, flat_b = True, True
    for i in range(a.size):
        if a[i] != a[i] or not _present(third, at + i):
            continue
        if n == 0:
            a0, b0 = a[i], b[i]
        n += 1
        flat_a, flat_b = flat_a and a[i] == a0, flat_b and b[i] == b0
        sa += a[i] - a0
        sb += b[i] - b0
    if flat_a or flat_b:
        return np.nan
    ma, mb, aa, bb, ab = sa / n, sb / n, 0.0, 0.0, 0.0
    for i in range(a.size):
        if a[i] == a[i] and _present(third, at + i):
            da, db = (a[i] - a0) - ma, (b[i] - b0) - mb
            aa += da * da
            bb += db * db
            ab += da * db
    if not (aa > 0.0 and bb > 0.0):
        return np.nan
    return min(1.0, max(-1.0, ab / (np.sqrt(aa) * np.sqrt(bb))))
