"""Sums of Fisher's z over the windows of one pair, at every lag: nothing else is kept.

A method's figures for a pseudo-pair need no more than these, and without the matrix of
correlations a pair costs a fraction. What belongs to the first person alone, its windows with
mean 0 and sum of squares 1, is made once for all partners. Every pair is computed by itself, so
that its figures do not depend on which others were computed beside it.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly
from syntony.kernels.lagged import _ROOM, _TILE, _block, _exact, _join

CAP = math.tanh(10.0)
"""Largest r of which z is taken; beyond it z counts as 10."""

_LEAST = math.exp(-20.0)  # (1 - r) / (1 + r) where z is 10
_AT_MOST = 32  # windows multiplied before a logarithm: (1 - CAP)**32 > 1e-270
_SMALL = 1e-3  # variance / raw sum of squares, below which a cell is computed again


def standardised_windows(x: Floats, starts: Indices, window: int) -> tuple[Floats, Floats]:
    """Windows of the first person with mean 0 and sum of squares 1.

    Parameters
    ----------
    x : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    starts : ndarray of int64, shape (n_windows,)
    window : int

    Returns
    -------
    near : ndarray of float64, shape (n_windows, window rounded up to 4)
        0 behind the window, and in a window that cannot be standardised.
    firm : ndarray of float64, shape (n_windows,)
        1.0; or 0.0 where a sample is missing or the window does not vary enough.

    Examples
    --------
    >>> near, firm = standardised_windows(np.array([1.0, 2.0, 3.0, 3.0, 3.0]), np.array([0, 2]), 3)
    >>> firm.tolist(), round(float((near[0] ** 2).sum()), 12)
    ([1.0, 0.0], 1.0)
    """
    near = np.zeros((starts.size, (window + 3) // 4 * 4))
    firm = np.empty(starts.size)
    _standardise(readonly(x), readonly(starts), window, near, firm)
    return near, firm


@kernel
def _standardise(x, starts, window, near, firm):  # type: ignore[no-untyped-def]
    """Fill ``near`` and ``firm``, in two passes."""
    for w in range(starts.size):
        v, out = x[starts[w] : starts[w] + window], near[w]
        total, flat = 0.0, True
        for t in range(window):
            total += v[t] - v[0]
            flat = flat and v[t] == v[0]
        mean, squares = total / window, 0.0
        for t in range(window):
            out[t] = (v[t] - v[0]) - mean
            squares += out[t] * out[t]
        good = squares > 1e-280 and squares < 1e280 and not flat  # False for NaN
        scale = 1.0 / np.sqrt(squares) if good else 0.0
        for t in range(window):
            out[t] = out[t] * scale if good else 0.0
        firm[w] = 1.0 if good else 0.0


def lagged_z_sums(
    x: Floats,
    y: Floats,
    starts: Indices,
    window: int,
    lags: tuple[int, int],
    *,
    min_pairs: int,
    near: Floats,
    firm: Floats,
) -> Floats:
    """Sums over windows of Fisher's z of ``x[t]`` and ``y[t + lag]``, at every lag.

    Parameters
    ----------
    x, y, starts, window, lags, min_pairs
        As of :func:`syntony.kernels.lagged.lagged_pearson`.
    near, firm : ndarray
        Of :func:`standardised_windows`, for this ``x``.

    Returns
    -------
    ndarray of float64, shape (3, n_lags)
        Sum of z, sum of its absolute value, and how many windows have one; z is held within
        +-10. A window whose correlation would be NaN counts nowhere.

    Notes
    -----
    Fisher's z is half the logarithm of ``(1 + r) / (1 - r)``: factors are multiplied over up to
    32 windows, and one logarithm does for all of them.

    Examples
    --------
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> starts = np.array([5, 15])
    >>> near, firm = standardised_windows(x, starts, 20)
    >>> told = dict(min_pairs=3, near=near, firm=firm)
    >>> sums = lagged_z_sums(x, np.roll(x, 2), starts, 20, (0, 2), **told)
    >>> np.round(sums[:, 2], 6).tolist()
    [20.0, 20.0, 2.0]
    """
    n_lags = lags[1] - lags[0] + 1
    wide = (n_lags + 3) // 4 * 4
    sums = np.zeros((3, n_lags))
    scratch = (
        np.zeros(near.shape[1] + wide + _ROOM),
        np.zeros((6, wide)),
        np.zeros((1, 6 * _TILE)),
        np.zeros(6 * _TILE),
        np.zeros((1, 5)),
        np.zeros(4 * (window + _ROOM)),
        np.zeros(2 * (window + _TILE + _ROOM)),
    )
    plan = (window, lags[0], max(2, min_pairs))
    _sum(readonly(x), readonly(y), readonly(starts), plan, near, firm, scratch, sums)
    return sums


@kernel
def _sum(x, y, starts, plan, near, firm, scratch, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, a window after the other."""
    window, first_lag, _ = plan
    far, rows = scratch[0], scratch[1]
    n_lags = sums.shape[1]
    span = window + n_lags - 1
    r, factors = rows[0], rows[3:]
    factors[:] = 1.0
    for w in range(starts.size):
        begin = starts[w] + first_lag
        whole = firm[w] == 1.0 and begin >= 0 and begin + span <= y.size
        whole = whole and _centre(y[begin : begin + span], far)
        if whole:
            doubtful = _correlate_whole(near[w], far, window, n_lags, rows)
        else:
            doubtful = _correlate_holed(x, y, starts[w], plan, n_lags, scratch)
        for k in range(n_lags if doubtful else 0):
            if r[k] == 2.0:
                r[k] = _exact(x, y, starts[w], window, first_lag + k)
        if not whole or doubtful:
            for k in range(n_lags):  # a cell without a value multiplies by 1 and does not count
                sums[2, k] += r[k] == r[k]
                r[k] = r[k] if r[k] == r[k] else 0.0
        else:
            for k in range(n_lags):
                sums[2, k] += 1.0
        _multiply(r, n_lags, factors)
        if w % _AT_MOST == _AT_MOST - 1 or w == starts.size - 1:
            _take_logarithms(factors, n_lags, sums)


@part
def _centre(v, far):  # type: ignore[no-untyped-def]
    """Write ``v`` less a value amid it to ``far``; False where a sample is missing."""
    third = (v.size - 1) // 3
    amid = 0.25 * ((v[0] + v[third]) + (v[2 * third] + v[v.size - 1]))
    for i in range(v.size):
        far[i] = v[i] - amid
    total, _ = _sums(far, v.size)
    return total == total


@part
def _sums(v, n):  # type: ignore[no-untyped-def]
    """Sum and sum of squares of the first ``n``, in eight strands so that adds overlap."""
    a, b, c, d, aa, bb, cc, dd = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    e, f, g, h, ee, ff, gg, hh = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(0, n - 7, 8):
        a, b, c, d = a + v[i], b + v[i + 1], c + v[i + 2], d + v[i + 3]
        e, f, g, h = e + v[i + 4], f + v[i + 5], g + v[i + 6], h + v[i + 7]
        aa, bb = aa + v[i] * v[i], bb + v[i + 1] * v[i + 1]
        cc, dd = cc + v[i + 2] * v[i + 2], dd + v[i + 3] * v[i + 3]
        ee, ff = ee + v[i + 4] * v[i + 4], ff + v[i + 5] * v[i + 5]
        gg, hh = gg + v[i + 6] * v[i + 6], hh + v[i + 7] * v[i + 7]
    for i in range(n - n % 8, n):
        a += v[i]
        aa += v[i] * v[i]
    return (
        ((a + b) + (c + d)) + ((e + f) + (g + h)),
        ((aa + bb) + (cc + dd)) + ((ee + ff) + (gg + hh)),
    )


@part
def _correlate_whole(near, far, window, n_lags, rows):  # type: ignore[no-untyped-def]
    """Correlations into row 0, 2 where doubtful; how many are. Nothing is missing."""
    r, s, ss = rows[0], rows[1], rows[2]
    total, squares = _sums(far, window)
    for k in range(n_lags):  # a running sum over few steps
        s[k], ss[k] = total, squares
        leaves, comes = far[k], far[k + window]
        total += comes - leaves
        squares += comes * comes - leaves * leaves
    r[:] = 0.0
    for t in range(0, near.size, 4):  # four samples a pass, all lags side by side
        a, b, c, d = near[t], near[t + 1], near[t + 2], near[t + 3]
        v = far[t : t + r.size + 4]
        for k in range(r.size):
            r[k] += (a * v[k] + b * v[k + 1]) + (c * v[k + 2] + d * v[k + 3])
    doubtful = 0
    for k in range(n_lags):
        about = ss[k] - s[k] * s[k] / window
        sure = about > _SMALL * ss[k] and about > 1e-280 and about < 1e280
        found = r[k] / np.sqrt(about)
        found = 1.0 if found > 1.0 else found
        found = -1.0 if found < -1.0 else found
        doubtful += not sure
        r[k] = found if sure else 2.0
    return doubtful


@part
def _correlate_holed(x, y, start, plan, n_lags, scratch):  # type: ignore[no-untyped-def]
    """Correlations over complete pairs into row 0, 2 where doubtful; how many are.

    ``lagged`` does it, for some lags at a time.
    """
    window, first_lag, min_pairs = plan
    _, rows, ring, total, facts, near, far = scratch
    xs, every = x[start : start + window], 0
    for first in range(0, n_lags, _TILE):
        some = min(_TILE, n_lags - first)
        _block(xs, y, start + first_lag + first, some, ring[0], facts[0], near, far)
        doubtful = _join(ring, facts, some, min_pairs, total)
        every += doubtful
        for k in range(some):
            found, few = total[5 * _TILE + k], total[k] < min_pairs
            rows[0, first + k] = 2.0 if found != found and not few else found
    return every


@part
def _multiply(r, n_lags, factors):  # type: ignore[no-untyped-def]
    """Multiply 1 + r, 1 - r and the larger of both into the products of every lag."""
    plus, minus, larger = factors[0], factors[1], factors[2]
    for k in range(n_lags):
        v = r[k]
        a = _LEAST if v < -CAP else (1.0 if v > CAP else 1.0 + v)
        b = _LEAST if v > CAP else (1.0 if v < -CAP else 1.0 - v)
        plus[k] *= a
        minus[k] *= b
        larger[k] *= a if a > b else b


@part
def _take_logarithms(factors, n_lags, sums):  # type: ignore[no-untyped-def]
    """Add half the logarithms of the products to the sums, and begin anew."""
    for k in range(n_lags):
        plus, minus = np.log(factors[0, k]), np.log(factors[1, k])
        sums[0, k] += 0.5 * (plus - minus)
        sums[1, k] += np.log(factors[2, k]) - 0.5 * (plus + minus)
    factors[:] = 1.0
