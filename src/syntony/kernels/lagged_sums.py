"""Sums of Fisher's z over the windows of one pair, at every lag: nothing else is kept.

A method's figures for a pseudo-pair need no more than these, and without the matrix of
correlations a pair costs a fraction. What belongs to the first person alone, its windows with
mean 0 and sum of squares 1, is made once for all partners. Every pair is computed by itself, so
that its figures do not depend on which others were computed beside it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly
from syntony.kernels.lagged import _ROOM, _TILE, _block, _exact, _join

CAP = math.tanh(10.0)
"""Largest r of which z is taken; beyond it z counts as 10."""

_LEAST = math.exp(-20.0)  # (1 - r) / (1 + r) where z is 10
_AT_MOST = 32  # windows multiplied before a logarithm: (1 - CAP)**32 > 1e-270
_MOST_BLOCKS = 4  # of a window; where windows overlap more, running sums do better
_SMALL = 1e-3  # variance / raw sum of squares, below which a cell is computed again


class FirstPerson(NamedTuple):
    """What all pairs of one first person share: windows cut into blocks, about their means.

    Windows that overlap evenly share blocks; else every window is one block.

    Attributes
    ----------
    near : ndarray of float64, shape (n_blocks, block rounded up to 4)
        Samples less the mean of their block; 0 behind the block.
    begins : ndarray of int64, shape (n_blocks,)
        First sample of every block.
    apart : ndarray of float64, shape (n_windows, blocks of a window)
        Mean of each block less that of the window.
    scale : ndarray of float64, shape (n_windows,)
        1 / root of the sum of squares about the mean of the window; NaN where a sample is
        missing or the window does not vary enough.
    block, hop : int
        Samples of a block, and blocks from one window to the next.
    """

    near: Floats
    begins: Indices
    apart: Floats
    scale: Floats
    block: int
    hop: int


def first_person(x: Floats, starts: Indices, window: int) -> FirstPerson:
    """Make what all pairs of one first person share.

    Parameters
    ----------
    x : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    starts : ndarray of int64, shape (n_windows,)
    window : int

    Examples
    --------
    >>> made = first_person(np.array([1.0, 2.0, 3.0, 5.0, 5.0, 5.0]), np.array([0, 3]), 3)
    >>> made.near[0].tolist(), made.scale.round(6).tolist()
    ([-1.0, 0.0, 1.0, 0.0], [0.707107, nan])
    """
    step = int(starts[1] - starts[0]) if starts.size > 1 else 0
    block, hop = window, 1
    if 0 < step < window and (np.diff(starts) == step).all():
        size = math.gcd(window, step)
        if window // size <= _MOST_BLOCKS:
            block, hop = size, step // size
    per_window = window // block
    n_blocks = (starts.size - 1) * hop + per_window if per_window > 1 else starts.size
    begins = starts[0] + block * np.arange(n_blocks) if per_window > 1 else starts
    made = FirstPerson(
        near=np.zeros((n_blocks, (block + 3) // 4 * 4)),
        begins=readonly(begins),
        apart=np.empty((starts.size, per_window)),
        scale=np.empty(starts.size),
        block=block,
        hop=hop,
    )
    _standardise(readonly(x), readonly(starts), window, (block, hop), *made[:4])
    return made


@kernel
def _standardise(x, starts, window, blocks, near, begins, apart, scale):  # type: ignore[no-untyped-def]
    """Fill what ``FirstPerson`` holds, in two passes."""
    block, hop = blocks
    means = np.empty(begins.size)
    for b in range(begins.size):
        v, total = x[begins[b] : begins[b] + block], 0.0
        for t in range(block):
            total += v[t] - v[0]
        means[b] = v[0] + total / block
        rest = 0.0
        for t in range(block):
            near[b, t] = v[t] - means[b]
            rest += near[b, t]
        rest /= block
        for t in range(block):  # what rounding of an offset left of the mean
            near[b, t] -= rest
        means[b] += rest
    for w in range(starts.size):
        v, total, flat = x[starts[w] : starts[w] + window], 0.0, True
        for t in range(window):
            total += v[t] - v[0]
            flat = flat and v[t] == v[0]
        mean, squares = total / window, 0.0
        for t in range(window):
            squares += ((v[t] - v[0]) - mean) ** 2
        good = squares > 1e-280 and squares < 1e280 and not flat  # False for NaN
        scale[w] = 1.0 / np.sqrt(squares) if good else np.nan
        for j in range(apart.shape[1]):
            apart[w, j] = (means[w * hop + j] - v[0]) - mean


def lagged_z_sums(
    x: Floats,
    y: Floats,
    starts: Indices,
    window: int,
    lags: tuple[int, int],
    *,
    min_pairs: int,
    first: FirstPerson,
) -> Floats:
    """Sums over windows of Fisher's z of ``x[t]`` and ``y[t + lag]``, at every lag.

    Parameters
    ----------
    x, y, starts, window, lags, min_pairs
        As of :func:`syntony.kernels.lagged.lagged_pearson`.
    first : FirstPerson
        Of this ``x``, these starts and this window.

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
    >>> made = first_person(x, starts, 20)
    >>> sums = lagged_z_sums(x, np.roll(x, 2), starts, 20, (0, 2), min_pairs=3, first=made)
    >>> np.round(sums[:, 2], 6).tolist()
    [20.0, 20.0, 2.0]
    """
    n_lags = lags[1] - lags[0] + 1
    wide, per_window = (n_lags + 3) // 4 * 4, first.apart.shape[1]
    sums = np.zeros((3, n_lags))
    scratch = (
        np.zeros(first.near.shape[1] + wide + _ROOM),
        np.zeros((per_window, 3, wide)),
        np.zeros((per_window, 2)),
        np.zeros((7, wide)),
        np.zeros((1, 6 * _TILE)),
        np.zeros(6 * _TILE),
        np.zeros((1, 5)),
        np.zeros(4 * (window + _ROOM)),
        np.zeros(2 * (window + _TILE + _ROOM)),
    )
    plan = (window, lags[0], max(2, min_pairs))
    cut = (first.block, first.hop)
    _sum(readonly(x), readonly(y), readonly(starts), plan, cut, first[:4], scratch, sums)
    return sums


@kernel
def _sum(x, y, starts, plan, cut, first, scratch, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, a window after the other.

    Blocks live in a ring as long as a window: products, sums and sums of squares of y at every
    lag, and the value about which they are taken, NaN where a sample is missing.
    """
    window, first_lag, _ = plan
    block, hop = cut
    near, begins, apart, scale = first
    far, ring, facts, rows = scratch[0], scratch[1], scratch[2], scratch[3]
    n_lags, per_window = sums.shape[1], ring.shape[0]
    span, made = block + n_lags - 1, 0
    r, factors = rows[0], rows[3:6]
    factors[:] = 1.0
    for w in range(starts.size):
        while made < w * hop + per_window:
            slot, begin = made % per_window, begins[made] + first_lag
            facts[slot, 0] = np.nan
            if begin >= 0 and begin + span <= y.size:
                _take_block(
                    near[made], y[begin : begin + span], block, far, ring[slot], facts[slot]
                )
            made += 1
        whole = scale[w] == scale[w]
        for j in range(per_window):
            whole = whole and facts[j, 0] == facts[j, 0]
        if whole:
            doubtful = _join_blocks(ring, facts, (w * hop, block), apart[w], scale[w], n_lags, rows)
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
def _take_block(near, v, block, far, out, facts):  # type: ignore[no-untyped-def]
    """Products with one block of x, sums and squares of y at every lag, about a value amid y."""
    third = (v.size - 1) // 3
    amid = 0.25 * ((v[0] + v[third]) + (v[2 * third] + v[v.size - 1]))
    for i in range(v.size):
        far[i] = v[i] - amid
    every, _ = _sums(far, v.size)
    facts[0] = amid if every == every else np.nan
    if every != every:
        return
    total, squares = _sums(far, block)
    products, s, ss = out[0], out[1], out[2]
    n_lags = v.size - block + 1
    for k in range(n_lags):  # a running sum over few steps
        s[k], ss[k] = total, squares
        if k + 1 < n_lags:
            leaves, comes = far[k], far[k + block]
            total += comes - leaves
            squares += comes * comes - leaves * leaves
    products[:] = 0.0
    for t in range(0, near.size, 4):  # four samples a pass, all lags side by side
        a, b, c, d = near[t], near[t + 1], near[t + 2], near[t + 3]
        u = far[t : t + products.size + 4]
        for k in range(products.size):
            products[k] += (a * u[k] + b * u[k + 1]) + (c * u[k + 2] + d * u[k + 3])


@part
def _join_blocks(ring, facts, where, apart, scale, n_lags, rows):  # type: ignore[no-untyped-def]
    """Correlations of a window into row 0, 2 where doubtful; how many are. Nothing is missing."""
    begin, block = where
    per_window = ring.shape[0]
    r, s, ss, raw = rows[0], rows[1], rows[2], rows[6]
    window, base = block * per_window, facts[begin % per_window, 0]
    r[:] = 0.0
    s[:] = 0.0
    ss[:] = 0.0
    raw[:] = 0.0
    for j in range(per_window):
        slot = (begin + j) % per_window
        moved, off = facts[slot, 0] - base, apart[j]
        xy, y, yy = ring[slot, 0], ring[slot, 1], ring[slot, 2]
        for k in range(n_lags):
            all_y = y[k] + block * moved
            r[k] += xy[k] + off * all_y
            s[k] += all_y
            ss[k] += yy[k] + moved * (2.0 * y[k] + block * moved)
            raw[k] += yy[k] + block * moved * moved  # before anything cancels
    doubtful = 0
    for k in range(n_lags):
        about = ss[k] - s[k] * s[k] / window
        sure = about > _SMALL * raw[k] and about > 1e-280 and about < 1e280
        found = r[k] * scale / np.sqrt(about)
        found = 1.0 if found > 1.0 else found
        found = -1.0 if found < -1.0 else found
        doubtful += not sure
        r[k] = found if sure else 2.0
    return doubtful


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
def _correlate_holed(x, y, start, plan, n_lags, scratch):  # type: ignore[no-untyped-def]
    """Correlations over complete pairs into row 0, 2 where doubtful; how many are.

    ``lagged`` does it, for some lags at a time.
    """
    window, first_lag, min_pairs = plan
    rows, ring, total, facts, near, far = scratch[3:]
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
