"""Sums of Fisher's z over the windows of many pairs, at every lag: nothing else is kept.

A method's figures for a pseudo-pair need no more than these. What belongs to one person alone
is made once for all pairs: of first persons, windows about their means; of second persons, the
scale of every window at every lag. What is left to a pair is the products. Every pair is
computed by itself, in a fixed order of operations, so that its figures do not depend on which
others were computed beside it (a matrix product over all of them would round by its shape).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
_WHOLE, _DOUBTFUL, _HOLED, _HOPELESS = 0, 1, 2, 3  # what a window of a person is


@dataclass(frozen=True, slots=True)
class Cut:
    """Where windows lie and how they are cut into blocks, which windows that overlap share.

    Attributes
    ----------
    starts : ndarray of int64, shape (n_windows,)
        First sample of every window, for the longest signal; a shorter one has the first of them.
    begins : ndarray of int64, shape (n_blocks,)
        First sample of every block.
    window, block, hop : int
        Samples of a window and of a block, and blocks from one window to the next.
    n_lags : int
        Largest lag in samples, in both directions.
    min_pairs : int
        Windows of fewer complete pairs than this have no value.
    """

    starts: Indices
    begins: Indices
    window: int
    block: int
    hop: int
    n_lags: int
    min_pairs: int

    @classmethod
    def of(cls, starts: Indices, step: float, window: int, n_lags: int, min_pairs: int) -> Cut:
        """Cut windows whose starts are ``step`` samples apart, each start rounded by itself.

        Examples
        --------
        >>> Cut.of(np.array([0, 60, 120]), 60.0, 120, 20, 96).begins.tolist()
        [0, 60, 120, 180]
        """
        whole, block, hop = round(step), window, 1
        if abs(step - whole) < 1e-9 and 0 < whole < window:
            size = math.gcd(window, whole)
            if window // size <= _MOST_BLOCKS:
                block, hop = size, whole // size
        begins = starts
        if block < window:
            begins = block * np.arange((starts.size - 1) * hop + window // block)
        plan = (window, block, hop, n_lags, max(2, min_pairs))
        return cls(readonly(starts), readonly(begins), *plan)

    @property
    def per_window(self) -> int:
        """Blocks of a window."""
        return self.window // self.block

    @property
    def wide(self) -> int:
        """How many lags there are, rounded up to four."""
        return (2 * self.n_lags + 4) // 4 * 4

    @property
    def plan(self) -> tuple[int, int, int, int, int]:
        """Numbers that kernels take."""
        return self.window, self.block, self.hop, self.n_lags, self.min_pairs


class FirstPeople(NamedTuple):
    """What all pairs of first persons share.

    Attributes
    ----------
    values : ndarray of float64, shape (n_people, n_samples)
        NaN where a sample is missing and behind the end of a shorter recording.
    near : ndarray of float64, shape (n_people, n_blocks, block rounded up to 4)
        Samples less the mean of their block; 0 behind the block.
    apart : ndarray of float64, shape (n_people, n_windows, blocks of a window)
        Mean of each block less that of the window.
    scale : ndarray of float64, shape (n_people, n_windows)
        1 / root of the sum of squares about the mean of the window.
    state : ndarray of int64, shape (n_people, n_windows)
        Whether the window is whole, misses samples, or cannot have a value.
    """

    values: Floats
    near: Floats
    apart: Floats
    scale: Floats
    state: Indices


class SecondPeople(NamedTuple):
    """What all pairs of second persons share.

    Attributes
    ----------
    values : ndarray of float64, shape (n_people, n_samples)
    amid : ndarray of float64, shape (n_people, n_blocks)
        A value amid the samples that a block touches at its lags, about which sums are taken.
    apart : ndarray of float64, shape (n_people, n_windows, blocks of a window - 1, lags)
        Sum of each block less that of the last one, at every lag.
    scale : ndarray of float64, shape (n_people, n_windows, lags)
        1 / root of the sum of squares about the mean, at every lag; NaN where sums cancel.
    state : ndarray of int64, shape (n_people, n_windows)
        As of first persons, for the window and its lags.
    """

    values: Floats
    amid: Floats
    apart: Floats
    scale: Floats
    state: Indices


def _stack(signals: Sequence[Floats]) -> Floats:
    """One signal a row, NaN behind the end of shorter ones."""
    values = np.full((len(signals), max(v.size for v in signals)), np.nan)
    for row, v in zip(values, signals, strict=True):
        row[: v.size] = v
    return readonly(values)


def first_people(signals: Sequence[Floats], cut: Cut) -> FirstPeople:
    """Make what all pairs of first persons share.

    Parameters
    ----------
    signals : sequence of ndarray of float64, shape (n_samples,)
        Lengths may differ; NaN marks missing samples.
    cut : Cut

    Examples
    --------
    >>> cut = Cut.of(np.array([0, 3]), 3.0, 3, 0, 2)
    >>> made = first_people([np.array([1.0, 2.0, 3.0, 5.0, 5.0, 5.0])], cut)
    >>> made.near[0, 0].tolist(), made.scale[0].round(3).tolist(), made.state[0].tolist()
    ([-1.0, 0.0, 1.0, 0.0], [0.707, 0.0], [0, 3])
    """
    values, shape = _stack(signals), (len(signals), cut.starts.size)
    made = FirstPeople(
        values=values,
        near=np.zeros((len(signals), cut.begins.size, (cut.block + 3) // 4 * 4)),
        apart=np.zeros((*shape, cut.per_window)),
        scale=np.zeros(shape),
        state=np.zeros(shape, dtype=np.int64),
    )
    _lay_first(values, cut.starts, cut.begins, cut.plan, *made[1:])
    return made


def second_people(signals: Sequence[Floats], cut: Cut) -> SecondPeople:
    """Make what all pairs of second persons share; parameters as of :func:`first_people`.

    Examples
    --------
    >>> cut = Cut.of(np.array([0, 3]), 3.0, 3, 1, 2)
    >>> made = second_people([np.array([1.0, 2.0, 3.0, 5.0, 4.0, 2.0, 7.0])], cut)
    >>> made.state[0].tolist(), made.scale[0, 1, :3].round(3).tolist()
    ([2, 0], [0.707, 0.463, 0.281])
    """
    values, shape = _stack(signals), (len(signals), cut.starts.size)
    made = SecondPeople(
        values=values,
        amid=np.zeros((len(signals), cut.begins.size)),
        apart=np.zeros((*shape, cut.per_window - 1, cut.wide)),
        scale=np.zeros((*shape, cut.wide)),
        state=np.zeros(shape, dtype=np.int64),
    )
    scratch = np.zeros(cut.block + cut.wide), np.zeros((cut.begins.size, 2, cut.wide))
    _lay_second(values, cut.starts, cut.begins, cut.plan, *made[1:], scratch)
    return made


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


@kernel
def _lay_first(x, starts, begins, plan, near, apart, scale, state):  # type: ignore[no-untyped-def]
    """Fill what ``FirstPeople`` holds, in two passes."""
    window, block, hop, _, min_pairs = plan
    means = np.empty(begins.size)
    for p in range(x.shape[0]):
        for b in range(begins.size):
            means[b] = _centre(x[p, begins[b] : begins[b] + block], near[p, b])
        for w in range(starts.size):
            v = x[p, starts[w] : starts[w] + window]
            there, varies = _look(v)
            state[p, w] = _HOPELESS if there < min_pairs or not varies else _HOLED
            if there < window or not varies:
                continue
            total, squares = 0.0, 0.0
            for t in range(window):
                total += v[t] - v[0]
            mean = total / window
            for t in range(window):
                squares += ((v[t] - v[0]) - mean) ** 2
            if squares > 1e-280 and squares < 1e280:
                state[p, w] = _WHOLE
                scale[p, w] = 1.0 / np.sqrt(squares)
                for j in range(apart.shape[2]):
                    apart[p, w, j] = (means[w * hop + j] - v[0]) - mean


@part
def _centre(v, out):  # type: ignore[no-untyped-def]
    """Write a block less its mean to ``out``; give the mean."""
    total, rest = 0.0, 0.0
    for t in range(v.size):
        total += v[t] - v[0]
    mean = v[0] + total / v.size
    for t in range(v.size):
        out[t] = v[t] - mean
        rest += out[t]
    rest /= v.size
    for t in range(v.size):  # what rounding of an offset left of the mean
        out[t] -= rest
    return mean + rest


@part
def _look(v):  # type: ignore[no-untyped-def]
    """How many samples are there, and whether any two of them differ."""
    there, varies, known = 0, False, np.nan
    for t in range(v.size):
        if v[t] == v[t]:
            varies = varies or (there > 0 and v[t] != known)
            known = v[t]
            there += 1
    return there, varies


@kernel
def _lay_second(y, starts, begins, plan, amid, apart, scale, state, scratch):  # type: ignore[no-untyped-def]
    """Fill what ``SecondPeople`` holds."""
    window, block, hop, n_lags, min_pairs = plan
    far, blocks = scratch
    reach, n = block + 2 * n_lags, y.shape[1]
    for p in range(y.shape[0]):
        for b in range(begins.size):
            begin = begins[b] - n_lags
            amid[p, b] = np.nan
            if begin >= 0 and begin + reach <= n:
                amid[p, b] = _sum_block(y[p, begin : begin + reach], block, far, blocks[b])
        for w in range(starts.size):
            low, high = max(0, starts[w] - n_lags), min(n, starts[w] + window + n_lags)
            there, varies = _look(y[p, low:high])
            state[p, w] = _HOPELESS if there < min_pairs or not varies else _HOLED
            if varies and there == window + 2 * n_lags:
                some = slice(w * hop, w * hop + window // block)
                centres, sums = amid[p, some], blocks[some]
                doubtful = _scale(centres, sums, block, 2 * n_lags + 1, apart[p, w], scale[p, w])
                state[p, w] = _DOUBTFUL if doubtful else _WHOLE


@part
def _sum_block(v, block, far, out):  # type: ignore[no-untyped-def]
    """Sums and sums of squares at every lag, about a value amid the samples; that value."""
    third = (v.size - 1) // 3
    amid = 0.25 * ((v[0] + v[third]) + (v[2 * third] + v[v.size - 1]))
    total, squares = 0.0, 0.0
    for i in range(v.size):
        far[i] = v[i] - amid
    for i in range(block):
        total += far[i]
        squares += far[i] * far[i]
    for k in range(v.size - block + 1):  # a running sum over few steps
        out[0, k], out[1, k] = total, squares
        leaves, comes = far[k], far[min(k + block, v.size - 1)]
        total += comes - leaves
        squares += comes * comes - leaves * leaves
    return amid


@part
def _scale(amid, sums, block, n_lags, apart, scale):  # type: ignore[no-untyped-def]
    """Join the blocks of a window: its scale at every lag, NaN where sums cancel; how many do."""
    last, doubtful = amid.size - 1, 0
    for k in range(n_lags):
        s, ss, raw = 0.0, 0.0, 0.0
        off = amid[last] - amid[0]
        behind = sums[last, 0, k] + block * off
        for j in range(amid.size):
            moved = amid[j] - amid[0]
            one = sums[j, 0, k] + block * moved
            s += one
            ss += sums[j, 1, k] + moved * (2.0 * sums[j, 0, k] + block * moved)
            raw += sums[j, 1, k] + block * moved * moved  # before anything cancels
            if j < last:
                apart[j, k] = one - behind
        about = ss - s * s / (block * amid.size)
        sure = about > _SMALL * raw and about > 1e-280 and about < 1e280
        doubtful += not sure
        scale[k] = 1.0 / np.sqrt(about) if sure else np.nan
    return doubtful


@kernel
def _sum_pairs(pairs, cut, first, second, room, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, a pair after the other.

    Windows whose lags stay inside the recording are the same at every length: they are gone
    through once for all lengths of a pair, and those at the end for each.
    """
    starts, _, (window, _, _, n_lags, _) = cut
    tags, (so_far, factors), scratch = room
    totals = np.zeros((3, sums.shape[2]))
    done, before, at = 0, (-1, -1, 0), 0
    for p in range(pairs.shape[0]):
        i, j, samples = pairs[p, 0], pairs[p, 1], pairs[p, 2]
        if before[0] != i or before[1] != j or samples < before[2]:
            tags[:] = -1
            so_far[:] = 1.0
            totals[:] = 0.0
            done, at = 0, 0
        before = (i, j, samples)
        one = (first[1][i], first[2][i], first[3][i], first[4][i])
        other = (second[1][j], second[2][j], second[3][j], second[4][j])
        x, y = first[0][i, :samples], second[0][j, :samples]
        while at < starts.size and starts[at] + window + n_lags <= samples:
            at += 1
        stop = at
        while stop < starts.size and starts[stop] + window <= samples:
            stop += 1
        _take_windows(x, y, (done, at), cut, one, other, tags, so_far, scratch, totals)
        done = at
        factors[:], sums[p] = so_far, totals
        _take_windows(x, y, (at, stop), cut, one, other, tags, factors, scratch, sums[p])
        _take_logarithms(factors, sums[p])


@part
def _take_windows(x, y, which, cut, one, other, tags, factors, scratch, sums):  # type: ignore[no-untyped-def]
    """Multiply the cells of windows [from, to) of a pair into its factors."""
    starts, begins, (window, block, hop, n_lags, min_pairs) = cut
    near, apart, scale, state = one
    amid, apart_y, scale_y, state_y = other
    far, ring, r = scratch[0], scratch[1], scratch[2]
    for w in range(which[0], which[1]):
        if state[w] == _WHOLE and state_y[w] <= _DOUBTFUL and starts[w] + window + n_lags <= y.size:
            for b in range(w * hop, w * hop + ring.shape[0]):
                if tags[b % ring.shape[0]] != b:
                    tags[b % ring.shape[0]] = b
                    begin = begins[b] - n_lags
                    v = y[begin : begin + block + 2 * n_lags]
                    _multiply_block(near[b], v, amid[b], far, ring[b % ring.shape[0]])
            _join_blocks(ring, w * hop, apart[w], apart_y[w], scale[w], scale_y[w], r)
            if state_y[w] == _DOUBTFUL:
                for k in range(sums.shape[1]):
                    if r[k] != r[k]:
                        r[k] = _exact(x, y, starts[w], window, k - n_lags)
            _multiply(r, factors, sums)
        elif state[w] != _HOPELESS and state_y[w] != _HOPELESS:
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
    r[:] = ring[0]
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
