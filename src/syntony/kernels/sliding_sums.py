"""Sums over the sliding windows of one pair, at every lag: the correlations are not kept.

The windows are those of ``sliding``, whose parts do the work; a pair's figures do not depend on
which others were computed beside it. The stretches at both ends, where some lag leaves the
recording, are taken by themselves, so that the rest counts as whole.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, kernel, part, readonly
from syntony.kernels.lagged import _exact
from syntony.kernels.sliding import (
    _CHUNK,
    _correlate_pairs,
    _correlate_whole,
    _lay_out,
    _spread,
    _window_sums,
)

CAP = math.tanh(10.0)
"""Largest r of which z is taken; beyond it z counts as 10."""

_LEAST = math.exp(-20.0)  # (1 - r) / (1 + r) where z is 10
_AT_MOST = 32  # chunks multiplied before a logarithm: (1 - CAP)**32 > 1e-270


def sliding_sums(
    x: Floats, y: Floats, window: int, lags: tuple[int, int, int], *, min_pairs: int = 3
) -> tuple[Floats, Floats]:
    """Sums of r of ``x[t]`` and ``y[t + lag]`` over all windows, one sample apart.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples. No infinities.
    window : int
        Samples of a window; ``x`` holds at least that many.
    lags : (int, int, int)
        First and last lag in samples, both included, and the samples between lags.
    min_pairs : int
        Windows of fewer complete pairs than this count nowhere.

    Returns
    -------
    signed : ndarray of float64, shape (2, n_lags)
        Sum of the positive r; minus the sum of the negative ones.
    zero : ndarray of float64, shape (4,)
        At lag 0: sum of Fisher's z, held within +-10, sum of its absolute value, windows that
        have a value, windows in which it is positive.

    Examples
    --------
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> signed, zero = sliding_sums(x, np.roll(x, 2), 15, (0, 2, 1))
    >>> round(float(signed[0, 2]), 2), float(zero[2])
    (26.0, 26.0)
    """
    n_lags = (lags[1] - lags[0]) // lags[2] + 1
    signed, zero = np.zeros((2, n_lags)), np.zeros(4)
    size = _CHUNK + window + lags[1] - lags[0] + 1
    scratch = (
        np.zeros((2, 3, size)),
        np.zeros((6, size)),
        np.zeros((3, size)),
        np.ones((3, _CHUNK)),
        np.empty((2, _CHUNK)),
    )
    plan = (window, lags[0], lags[2], max(2, min_pairs))
    _sum(readonly(x), readonly(y), plan, scratch, signed, zero)
    return signed, zero


@kernel
def _sum(x, y, plan, scratch, signed, zero):  # type: ignore[no-untyped-def]
    """Fill ``signed`` and ``zero``, a chunk of windows after the other."""
    window, first_lag, stride, _ = plan
    n_windows, reach = x.size - window + 1, (signed.shape[1] - 1) * stride
    before = min(n_windows, max(0, -first_lag))
    after = max(before, n_windows - max(0, first_lag + reach))
    first, chunks = 0, 0
    while first < n_windows:
        stop = n_windows
        if first < before:
            stop = before
        elif first < after:
            stop = after
        count = min(_CHUNK, stop - first)
        _take_chunk(x, y, plan, (first, count), scratch, signed, zero)
        first, chunks = first + count, chunks + 1
        if chunks % _AT_MOST == 0 or first >= n_windows:
            _take_logarithms(scratch[3], zero)


@part
def _take_chunk(x, y, plan, where, scratch, signed, zero):  # type: ignore[no-untyped-def]
    """Add the windows of one chunk at every lag.

    Where nothing is missing, means and scales of both sides are taken once for all lags.
    """
    window, first_lag, stride, min_pairs = plan
    first, count = where
    sides, sums, spare, factors, cells = scratch
    n_lags = signed.shape[1]
    span, xs, ys = (n_lags - 1) * stride, sides[0], sides[1]
    whole = _lay_out(x, first, count + window - 1, xs)
    whole = _lay_out(y, first + first_lag, count + window + span - 1, ys) and whole
    if whole:
        _window_sums(xs[0], xs[2], count, window, sums[0], spare)
        _window_sums(xs[1], xs[2], count, window, sums[1], spare)
        _window_sums(ys[0], ys[2], count + span, window, sums[2], spare)
        _window_sums(ys[1], ys[2], count + span, window, sums[3], spare)
        _spread(sums[0], sums[1], count, window)
        _spread(sums[2], sums[3], count + span, window)
    for k in range(n_lags):
        ahead, r, told = k * stride, cells[0, :count], cells[1, :count]
        _window_sums(ys[0, ahead:], xs[0], count, window, sums[5], spare)
        if whole:
            doubtful = _correlate_whole(sums, ahead, window, r, told)
        else:
            _window_sums(xs[0], ys[2, ahead:], count, window, sums[0], spare)
            _window_sums(xs[1], ys[2, ahead:], count, window, sums[1], spare)
            _window_sums(ys[0, ahead:], xs[2], count, window, sums[2], spare)
            _window_sums(ys[1, ahead:], xs[2], count, window, sums[3], spare)
            _window_sums(ys[2, ahead:], xs[2], count, window, sums[4], spare)
            doubtful = _correlate_pairs(sums, window, min_pairs, r, told)
        lag = first_lag + ahead
        for w in range(count if doubtful else 0):
            if r[w] != r[w] and told[w] * window > min_pairs - 0.5:
                r[w] = _exact(x, y, first + w, window, lag)
        above, below = 0.0, 0.0
        for w in range(count):
            above += max(r[w], 0.0) if r[w] == r[w] else 0.0
            below -= min(r[w], 0.0) if r[w] == r[w] else 0.0
        signed[0, k] += above
        signed[1, k] += below
        if lag == 0:
            _multiply(r, factors, zero)


@part
def _multiply(r, factors, zero):  # type: ignore[no-untyped-def]
    """Multiply 1 + r, 1 - r and the larger of both into products, a strand for every place."""
    for w in range(r.size):
        v = r[w]
        zero[2] += v == v
        zero[3] += v > 0.0
        v = v if v == v else 0.0
        a = _LEAST if v < -CAP else (1.0 if v > CAP else 1.0 + v)
        b = _LEAST if v > CAP else (1.0 if v < -CAP else 1.0 - v)
        factors[0, w] *= a
        factors[1, w] *= b
        factors[2, w] *= max(a, b)


@part
def _take_logarithms(factors, zero):  # type: ignore[no-untyped-def]
    """Add half the logarithms of the products to the sums, and begin anew."""
    for w in range(factors.shape[1]):
        plus, minus = np.log(factors[0, w]), np.log(factors[1, w])
        zero[0] += 0.5 * (plus - minus)
        zero[1] += np.log(factors[2, w]) - 0.5 * (plus + minus)
    factors[:] = 1.0
