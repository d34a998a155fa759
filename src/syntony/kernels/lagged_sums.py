"""Sums of Fisher's z over the windows of many pairs, at every lag: nothing else is kept.

A method's figures for a pseudo-pair need no more than these. What belongs to one person alone
is made once for all pairs (``lagged_people``); what is left to a pair is the products. Every
pair is computed by itself, in a fixed order of operations, so that its figures do not depend on
which others were computed beside it. Matrix products over many people are not used: OpenBLAS
rounds 1 % of the cells of 95 x 96 people otherwise than those of 96 x 96.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, Indices, copy_cells, kernel, part, readonly
from syntony.kernels.lagged import _ROOM, _TILE, _block, _exact, _join
from syntony.kernels.lagged_people import DOUBTFUL, HOPELESS, WHOLE, Cut, FirstPeople, SecondPeople

CAP = math.tanh(10.0)
"""Largest r of which z is taken; beyond it z counts as 10."""

_LEAST = math.exp(-20.0)  # (1 - r) / (1 + r) where z is 10
_AT_MOST = 32  # windows multiplied before a logarithm: (1 - CAP)**32 > 1e-270


def lagged_z_sums(first: FirstPeople, second: SecondPeople, pairs: Indices, cut: Cut) -> Floats:
    """Sums over windows of Fisher's z of ``x[t]`` and ``y[t + lag]``, at every lag.

    Parameters
    ----------
    first, second : FirstPeople, SecondPeople
        Made with this ``cut``.
    pairs : ndarray of int64, shape (n_pairs, 3)
        Row of the first and of the second person, and the samples to which both are cut. The
        same two at growing lengths, one after the other, cost little more than once.
    cut : Cut

    Returns
    -------
    ndarray of float64, shape (n_pairs, 3, n_lags)
        Sum of z, sum of its absolute value, and how many windows have one; z is held within
        +-10. A window whose correlation would be NaN counts nowhere.

    Notes
    -----
    Fisher's z is half the logarithm of ``(1 + r) / (1 - r)``: factors are multiplied over up to
    32 windows, and one logarithm does for all of them. A window is computed over complete pairs,
    as in :mod:`syntony.kernels.lagged`, where a sample is missing or a lag leaves the recording.

    Examples
    --------
    >>> from syntony.kernels.lagged_people import first_people, second_people
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> cut = Cut.of(np.array([0, 10, 20]), 10.0, 20, 2, 3)
    >>> one, other = first_people([x], cut), second_people([np.roll(x, 2)], cut)
    >>> sums = lagged_z_sums(one, other, np.array([[0, 0, 40]]), cut)
    >>> np.round(sums[0, :, 4], 6).tolist()
    [30.0, 30.0, 3.0]
    """
    wide, per_window = cut.wide, cut.per_window
    sums = np.zeros((len(pairs), 3, 2 * cut.n_lags + 1))
    scratch = (
        np.zeros(first.near.shape[2] + wide + _ROOM),
        np.zeros((per_window, wide)),
        np.zeros(wide),
        np.zeros((1, 6 * _TILE)),
        np.zeros(6 * _TILE),
        np.zeros((1, 5)),
        np.zeros(4 * (cut.window + _ROOM)),
        np.zeros(2 * (cut.window + _TILE + _ROOM)),
    )
    tags = np.zeros(per_window, dtype=np.int64)
    kept = (np.zeros((3, wide)), np.zeros((3, wide)))
    _sum_pairs(
        readonly(np.asarray(pairs, dtype=np.int64)),
        (cut.starts, cut.begins, cut.plan),
        tuple(readonly(v) for v in first),
        tuple(readonly(v) for v in second),
        (tags, kept, scratch),
        sums,
    )
    return sums


def z_sums(r: Floats) -> Floats:
    """Sums over windows of Fisher's z, of correlations that are there.

    Parameters
    ----------
    r : ndarray of float64, shape (..., n_windows, n_lags)
        NaN where a window has no value.

    Returns
    -------
    ndarray of float64, shape (..., 3, n_lags)
        As a pair's of :func:`lagged_z_sums`.

    Examples
    --------
    >>> z_sums(np.tanh(np.array([[0.5, np.nan], [-0.25, np.nan]]))).round(12).tolist()
    [[0.25, 0.0], [0.75, 0.0], [2.0, 0.0]]
    """
    maps = readonly(r.reshape(-1, *r.shape[-2:]))
    sums = np.zeros((len(maps), 3, r.shape[-1]))
    _sum_maps(maps, np.ones((3, r.shape[-1])), sums)
    return sums.reshape(*r.shape[:-2], 3, r.shape[-1])


@kernel
def _sum_maps(maps, factors, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, one map after the other; ``factors`` are ones."""
    for d in range(maps.shape[0]):
        for w in range(maps.shape[1]):
            _multiply(maps[d, w], factors, sums[d])
            if w % _AT_MOST == _AT_MOST - 1:
                _take_logarithms(factors, sums[d])
        _take_logarithms(factors, sums[d])


@kernel
def _sum_pairs(pairs, cut, first, second, room, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, a pair after the other.

    Windows whose lags stay inside the recording are the same at every length: they are gone
    through once for all lengths of a pair, and those at the end for each.
    """
    starts, _, (window, _, _, n_lags, _) = cut
    tags, (so_far, factors), scratch = room
    totals = np.zeros((3, sums.shape[2]))
    begin, before = np.int64(0), (-1, -1, 0)  # no literal: parts are compiled for each of those
    done, at = begin, begin
    for p in range(pairs.shape[0]):
        i, j, samples = pairs[p, 0], pairs[p, 1], pairs[p, 2]
        if before[0] != i or before[1] != j or samples < before[2]:
            tags[:] = -1
            so_far[:] = 1.0
            totals[:] = 0.0
            done, at = begin, begin
        before = (i, j, samples)
        one = (first[1][i], first[2][i], first[3][i], first[4][i])
        other = (second[1][j], second[2][j], second[3][j], second[4][j])
        x, y = first[0][i, :samples], second[0][j, :samples]
        while at < starts.size and starts[at] + window + n_lags <= samples:
            at += 1
        stop = at
        while stop < starts.size and starts[stop] + window <= samples:
            stop += 1
        _take_windows(x, y, done, at, cut, one, other, tags, so_far, scratch, totals)
        done = at
        copy_cells(so_far, factors)
        copy_cells(totals, sums[p])
        _take_windows(x, y, at, stop, cut, one, other, tags, factors, scratch, sums[p])
        _take_logarithms(factors, sums[p])


@part
def _take_windows(x, y, begin, end, cut, one, other, tags, factors, scratch, sums):  # type: ignore[no-untyped-def]
    """Multiply the cells of windows [from, to) of a pair into its factors."""
    starts, begins, (window, block, hop, n_lags, min_pairs) = cut
    near, apart, scale, state = one
    amid, apart_y, scale_y, state_y = other
    far, ring, r = scratch[0], scratch[1], scratch[2]
    for w in range(begin, end):
        if state[w] == WHOLE and state_y[w] <= DOUBTFUL and starts[w] + window + n_lags <= y.size:
            for b in range(w * hop, w * hop + ring.shape[0]):
                if tags[b % ring.shape[0]] != b:
                    tags[b % ring.shape[0]] = b
                    begin = begins[b] - n_lags
                    v = y[begin : begin + block + 2 * n_lags]
                    _multiply_block(near[b], v, amid[b], far, ring[b % ring.shape[0]])
            _join_blocks(ring, w * hop, apart[w], apart_y[w], scale[w], scale_y[w], r)
            if state_y[w] == DOUBTFUL:
                for k in range(sums.shape[1]):
                    if r[k] != r[k]:
                        r[k] = _exact(x, y, starts[w], window, k - n_lags)
            _multiply(r, factors, sums)
        elif state[w] != HOPELESS and state_y[w] != HOPELESS:
            _correlate_holed(x, y, starts[w], (window, n_lags, min_pairs), scratch, sums.shape[1])
            _multiply(r, factors, sums)
        if w % _AT_MOST == _AT_MOST - 1:
            _take_logarithms(factors, sums)


@part
def _multiply_block(near, v, amid, far, products):  # type: ignore[no-untyped-def]
    """Products of one block of x with y at every lag."""
    for i in range(v.size):
        far[i] = v[i] - amid
    products[:] = 0.0
    for t in range(0, near.size, 4):  # four samples a pass, all lags side by side
        a, b, c, d = near[t], near[t + 1], near[t + 2], near[t + 3]
        u = far[t : t + products.size + 4]
        for k in range(products.size):
            products[k] += (a * u[k] + b * u[k + 1]) + (c * u[k + 2] + d * u[k + 3])


@part
def _join_blocks(ring, begin, apart, apart_y, scale, scale_y, r):  # type: ignore[no-untyped-def]
    """Correlations of a window in which nothing is missing."""
    products = ring[0]
    for k in range(r.size):
        r[k] = products[k]
    for j in range(1, ring.shape[0]):
        products = ring[j]
        for k in range(r.size):
            r[k] += products[k]
    for j in range(ring.shape[0] - 1):
        off, moved = apart[j], apart_y[j]
        for k in range(r.size):
            r[k] += off * moved[k]
    for k in range(r.size):
        r[k] *= scale * scale_y[k]


@part
def _multiply(r, factors, sums):  # type: ignore[no-untyped-def]
    """Multiply 1 + r, 1 - r and the larger of both into the products; count what is there.

    A cell without a value multiplies by 1 and does not count.
    """
    plus, minus, larger, counts = factors[0], factors[1], factors[2], sums[2]
    for k in range(counts.size):
        counts[k] += 1.0 if r[k] == r[k] else 0.0
    for k in range(r.size):
        v = r[k] if r[k] == r[k] else 0.0
        a = _LEAST if v < -CAP else (1.0 if v > CAP else 1.0 + v)
        b = _LEAST if v > CAP else (1.0 if v < -CAP else 1.0 - v)
        plus[k] *= a
        minus[k] *= b
        larger[k] *= a if a > b else b


@part
def _take_logarithms(factors, sums):  # type: ignore[no-untyped-def]
    """Add half the logarithms of the products to the sums, and begin anew."""
    for k in range(sums.shape[1]):
        plus, minus = np.log(factors[0, k]), np.log(factors[1, k])
        sums[0, k] += 0.5 * (plus - minus)
        sums[1, k] += np.log(factors[2, k]) - 0.5 * (plus + minus)
    factors[:] = 1.0


@part
def _correlate_holed(x, y, start, plan, scratch, n_lags):  # type: ignore[no-untyped-def]
    """Correlations of a window over complete pairs, as ``lagged`` takes them."""
    window, back, min_pairs = plan
    r, ring, total, facts, near, far = scratch[2:]
    xs = x[start : start + window]
    for first in range(0, n_lags, _TILE):
        some = min(_TILE, n_lags - first)
        _block(xs, y, start - back + first, some, ring[0], facts[0], near, far)
        _join(ring, facts, some, min_pairs, total)
        for k in range(some):
            v, lag = total[5 * _TILE + k], first + k - back
            doubtful = v != v and total[k] >= min_pairs
            r[first + k] = _exact(x, y, start, window, lag) if doubtful else v
