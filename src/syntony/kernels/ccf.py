"""The classical cross-correlation function inside windows: one mean and divisor for all lags."""

from __future__ import annotations

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly


def window_ccf(
    x: Floats, y: Floats, starts: Indices, window: int, n_lags: int, *, min_pairs: int = 3
) -> tuple[Floats, Floats]:
    """Cross-correlation function of ``x[t]`` and ``y[t + lag]``, both inside the window.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples. No infinities.
    starts : ndarray of int64, shape (n_windows,)
        First sample of every window; it lies whole inside the signals.
    window : int
        Samples of a window.
    n_lags : int
        Largest lag in samples, in both directions; less than ``window``.
    min_pairs : int
        A window with fewer samples of either signal, or fewer complete pairs at lag 0, is NaN.

    Returns
    -------
    c : ndarray of float64, shape (n_windows, 2 * n_lags + 1)
        In [-1, 1]. NaN where there is too little or one side does not vary at all.
    share : ndarray of float64, same shape
        Complete pairs / pairs that the window can hold at this lag.

    Notes
    -----
    ``c[k] = S[k] / (n[k] + |k|) / sqrt(v_x v_y)``: S sums products about each signal's mean
    over the window, n counts its complete pairs, and v is the mean square about that mean. With
    nothing missing the divisor is the length of the window at every lag.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([0.0, 1.0, 0.0, -1.0]), np.array([1.0, 0.0, 1.0, 0.0])
    >>> window_ccf(x, y, np.array([0]), 4, 1)[0].round(12).tolist()
    [[0.0, 0.0, 0.353553390593]]
    """
    shape = (starts.size, 2 * n_lags + 1)
    c, share = np.empty(shape), np.empty(shape)
    scratch = np.zeros((4, window))
    x, y = readonly(x), readonly(y)
    _fill(x, y, readonly(starts), n_lags, max(2, min_pairs), scratch, c, share)
    return c, share


@kernel
def _fill(x, y, starts, n_lags, min_pairs, scratch, c, share):  # type: ignore[no-untyped-def]
    """Fill ``c`` and ``share``."""
    window = scratch.shape[1]
    a, b, there_a, there_b = scratch[0], scratch[1], scratch[2], scratch[3]
    for w in range(starts.size):
        span = slice(starts[w], starts[w] + window)
        n_x, square_x = _centre(x[span], a, there_a)
        n_y, square_y = _centre(y[span], b, there_b)
        whole = n_x == window and n_y == window
        both = np.sqrt(square_x / n_x) * np.sqrt(square_y / n_y)
        at_once = _dot(there_a, there_b)
        sound = square_x > 0.0 and square_y > 0.0 and at_once >= min_pairs
        for k in range(c.shape[1]):
            lag = k - n_lags
            head, tail = max(0, -lag), max(0, lag)
            length = window - abs(lag)
            pairs = length * 1.0
            if not whole:
                pairs = _dot(there_a[head : head + length], there_b[tail : tail + length])
            share[w, k] = pairs / length
            c[w, k] = np.nan
            if sound and pairs:
                total = _dot(a[head : head + length], b[tail : tail + length])
                c[w, k] = min(1.0, max(-1.0, total / (pairs + abs(lag)) / both))


@part
def _centre(v, out, there):  # type: ignore[no-untyped-def]
    """Write ``v`` less its mean, 0 where missing, and marks; count and sum of squares."""
    n, first, total, flat = 0, 0.0, 0.0, True
    for i in range(v.size):
        there[i] = 1.0 if v[i] == v[i] else 0.0
        if v[i] == v[i]:
            first = v[i] if n == 0 else first
            flat = flat and v[i] == first
            n += 1
            total += v[i] - first
    mean, squares = total / n, 0.0
    for i in range(v.size):
        out[i] = (v[i] - first) - mean if v[i] == v[i] else 0.0
        squares += out[i] * out[i]
    return n, 0.0 if flat else squares


@part
def _dot(a, b):  # type: ignore[no-untyped-def]
    """Sum of products, in strands so that adds overlap."""
    p, q, r, s = 0.0, 0.0, 0.0, 0.0
    whole = a.size - a.size % 4
    for i in range(0, whole, 4):
        p += a[i] * b[i]
        q += a[i + 1] * b[i + 1]
        r += a[i + 2] * b[i + 2]
        s += a[i + 3] * b[i + 3]
    for i in range(whole, a.size):
        p += a[i] * b[i]
    return (p + q) + (r + s)
