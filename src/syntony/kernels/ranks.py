"""Windowed lagged Spearman correlation: ranks inside every window, missing samples allowed.

A sample's score is the number of samples of its window below it less the number above it. It is
twice its rank, less ``window + 1``: ties get their middle rank, a window's scores add up to 0,
and all sums are whole numbers, so nothing is rounded before the last division. A window that
moves on by one sample changes every score by what the leaving and the coming sample add.
"""

from __future__ import annotations

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly


def lagged_spearman(
    x: Floats,
    y: Floats,
    starts: Indices,
    window: int,
    lags: tuple[int, int],
    *,
    min_pairs: int = 3,
) -> tuple[Floats, Floats]:
    """Spearman's rho of ``x[t]`` and ``y[t + lag]`` in windows of ``x``, pair by pair complete.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples_x,), (n_samples_y,)
        NaN marks missing samples. No infinities.
    starts : ndarray of int64, shape (n_windows,)
        First sample of every window; the window lies whole inside ``x``.
    window : int
        Samples of a window.
    lags : (int, int)
        First and last lag in samples, both included.
    min_pairs : int
        Fewer complete pairs than this give NaN.

    Returns
    -------
    rho : ndarray of float64, shape (n_windows, n_lags)
        In [-1, 1]; ranks are taken among the complete pairs of the cell, equal values get their
        middle rank. NaN where there are too few pairs or one side does not vary at all.
    share : ndarray of float64, shape (n_windows, n_lags)
        Complete pairs / ``window``. A pair that falls outside ``y`` is not complete.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(8.0)
    >>> rho, share = lagged_spearman(x, np.exp(x), np.array([0]), 8, (-1, 0))
    >>> rho.tolist(), share.tolist()
    ([[1.0, 1.0]], [[0.875, 1.0]])
    """
    shape = (starts.size, lags[1] - lags[0] + 1)
    rho, share = np.empty(shape), np.empty(shape)
    if starts.size:
        before = max(0, -int(starts.min()) - lags[0])
        after = max(0, int(starts.max()) + window + lags[1] - y.size)
        edges = (np.full(before, np.nan), np.full(after, np.nan))
        around = np.concatenate([edges[0], y, edges[1]])
        scratch = np.zeros((2, window))
        plan = (window, lags[0] + before, max(2, min_pairs))
        scores = np.zeros(x.size), np.zeros(around.size)
        _fill(readonly(x), readonly(around), readonly(starts), plan, scores, scratch, rho, share)
    return rho, share


@kernel
def _fill(x, y, starts, plan, scores, scratch, rho, share):  # type: ignore[no-untyped-def]
    """Fill ``rho`` and ``share``; ``y`` begins ``plan[1]`` samples before the first lag's."""
    window, first_lag, min_pairs = plan
    at_x, at_y = -1, -1
    for w in range(starts.size):
        at_x = _move(x, scores[0], at_x, starts[w], window)
        xs, sx = x[at_x : at_x + window], scores[0][at_x : at_x + window]
        gone_x = _missing(xs)
        square_x = _dot(sx, sx)
        for k in range(rho.shape[1]):
            at_y = _move(y, scores[1], at_y, starts[w] + first_lag + k, window)
            ys, sy = y[at_y : at_y + window], scores[1][at_y : at_y + window]
            if gone_x or _missing(ys):
                pairs, rho[w, k] = _among_pairs(xs, ys, sx, sy, min_pairs, scratch)
                share[w, k] = pairs / window
            else:
                share[w, k] = 1.0
                rho[w, k] = _ratio(_dot(sx, sy), square_x, _dot(sy, sy))
                if window < min_pairs:
                    rho[w, k] = np.nan


@part
def _move(v, scores, at, to, window):  # type: ignore[no-untyped-def]
    """Bring the scores of the window at ``at`` (-1: none yet) to the window at ``to``."""
    if at < 0 or to < at or 2 * (to - at) > window:
        scores[to : to + window] = 0.0
        for n in range(window):
            scores[to + n] = _enter(v[to : to + n], scores[to : to + n], v[to + n])
        return to
    for first in range(at + 1, to + 1):
        last = first + window - 1
        _leave(v[first:last], scores[first:last], v[first - 1])
        scores[last] = _enter(v[first:last], scores[first:last], v[last])
    return to


@part
def _enter(v, scores, new):  # type: ignore[no-untyped-def]
    """Let a sample join: the others' scores change; gives its own. NaN changes nothing."""
    below = 0
    for i in range(v.size):
        low, high = v[i] < new, v[i] > new
        below += low
        below -= high
        scores[i] += (1.0 if high else 0.0) - (1.0 if low else 0.0)
    return float(below)


@part
def _leave(v, scores, old):  # type: ignore[no-untyped-def]
    """Take a sample out of the others' scores."""
    for i in range(v.size):
        scores[i] -= (1.0 if v[i] > old else 0.0) - (1.0 if v[i] < old else 0.0)


@part
def _missing(v):  # type: ignore[no-untyped-def]
    """Count what is NaN."""
    gone = 0
    for i in range(v.size):
        gone += v[i] != v[i]
    return gone


@part
def _dot(a, b):  # type: ignore[no-untyped-def]
    """Sum of products, in strands so that adds overlap (whole numbers: any order is exact)."""
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


@part
def _ratio(products, square_x, square_y):  # type: ignore[no-untyped-def]
    """Correlation of scores; NaN where one side's are all equal."""
    both = square_x * square_y
    if both == 0.0:
        return np.nan
    return min(1.0, max(-1.0, products / np.sqrt(both)))


@part
def _among_pairs(xs, ys, sx, sy, min_pairs, scratch):  # type: ignore[no-untyped-def]
    """Count of complete pairs and rho among them: the others leave the scores."""
    pairs = 0
    for i in range(xs.size):
        pairs += xs[i] == xs[i] and ys[i] == ys[i]
    if pairs < min_pairs:
        return pairs, np.nan
    tx, ty = scratch[0], scratch[1]
    for i in range(xs.size):
        tx[i], ty[i] = sx[i], sy[i]
    for i in range(xs.size):
        there_x, there_y = xs[i] == xs[i], ys[i] == ys[i]
        if there_x and not there_y:
            _leave(xs, tx, xs[i])
        elif there_y and not there_x:
            _leave(ys, ty, ys[i])
    for i in range(xs.size):
        if xs[i] != xs[i] or ys[i] != ys[i]:
            tx[i], ty[i] = 0.0, 0.0
    return pairs, _ratio(_dot(tx, ty), _dot(tx, tx), _dot(ty, ty))
