"""What each of many people brings to the lagged correlation of many pairs, made once.

Of first persons, windows about their means; of second persons, the scale of every window at
every lag. Windows that overlap evenly share the blocks into which they are cut.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly

_MOST_BLOCKS = 4  # of a window; where windows overlap more, running sums do better
_SMALL = 1e-3  # variance / raw sum of squares, below which a cell is computed again
WHOLE, DOUBTFUL, HOLED, HOPELESS = 0, 1, 2, 3
"""What a window of a person is: whole, whole with sums that cancel at some lag, missing samples,
or without a value beside anybody."""


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
    blocks = np.zeros((cut.begins.size, 2, cut.wide)), np.zeros(cut.begins.size)
    scratch = (np.zeros(cut.block + cut.wide), *blocks)
    _lay_second(values, cut.starts, cut.begins, cut.plan, *made[1:], scratch)
    return made


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
            state[p, w] = HOPELESS if there < min_pairs or not varies else HOLED
            if there < window or not varies:
                continue
            total, squares = 0.0, 0.0
            for t in range(window):
                total += v[t] - v[0]
            mean = total / window
            for t in range(window):
                squares += ((v[t] - v[0]) - mean) ** 2
            if squares > 1e-280 and squares < 1e280:
                state[p, w] = WHOLE
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
    far, blocks, every = scratch
    reach, n = block + 2 * n_lags, y.shape[1]
    for p in range(y.shape[0]):
        for b in range(begins.size):
            begin = begins[b] - n_lags
            amid[p, b] = np.nan
            if begin >= 0 and begin + reach <= n:
                v = y[p, begin : begin + reach]
                amid[p, b], every[b] = _sum_block(v, block, far, blocks[b])
        for w in range(starts.size):
            low, high = max(0, starts[w] - n_lags), min(n, starts[w] + window + n_lags)
            there, varies = _look(y[p, low:high])
            state[p, w] = HOPELESS if there < min_pairs or not varies else HOLED
            if varies and there == window + 2 * n_lags:
                some = slice(w * hop, w * hop + window // block)
                sums = (amid[p, some], blocks[some], every[some])
                doubtful = _scale(sums, block, 2 * n_lags + 1, apart[p, w], scale[p, w])
                state[p, w] = DOUBTFUL if doubtful else WHOLE


@part
def _sum_block(v, block, far, out):  # type: ignore[no-untyped-def]
    """Sums and sums of squares at every lag, about a value amid the samples.

    Returns that value, and the sum of squares of all samples.
    """
    third = (v.size - 1) // 3
    amid = 0.25 * ((v[0] + v[third]) + (v[2 * third] + v[v.size - 1]))
    total, squares, every = 0.0, 0.0, 0.0
    for i in range(v.size):
        far[i] = v[i] - amid
        every += far[i] * far[i]
    for i in range(block):
        total += far[i]
        squares += far[i] * far[i]
    for k in range(v.size - block + 1):  # a running sum over few steps
        out[0, k], out[1, k] = total, squares
        leaves, comes = far[k], far[min(k + block, v.size - 1)]
        total += comes - leaves
        squares += comes * comes - leaves * leaves
    return amid, every


@part
def _scale(blocks, block, n_lags, apart, scale):  # type: ignore[no-untyped-def]
    """Join the blocks of a window: its scale at every lag, NaN where sums cancel; how many do.

    They cancel beside all samples that the running sums have held: what was taken out again
    leaves its rounding behind.
    """
    amid, sums, every = blocks
    last, doubtful, raw = amid.size - 1, 0, 0.0
    for j in range(amid.size):
        raw += every[j] + block * (amid[j] - amid[0]) ** 2
    for k in range(n_lags):
        s, ss = 0.0, 0.0
        off = amid[last] - amid[0]
        behind = sums[last, 0, k] + block * off
        for j in range(amid.size):
            moved = amid[j] - amid[0]
            one = sums[j, 0, k] + block * moved
            s += one
            ss += sums[j, 1, k] + moved * (2.0 * sums[j, 0, k] + block * moved)
            if j < last:
                apart[j, k] = one - behind
        about = ss - s * s / (block * amid.size)
        sure = about > _SMALL * raw and about > 1e-280 and about < 1e280
        doubtful += not sure
        scale[k] = 1.0 / np.sqrt(about) if sure else np.nan
    return doubtful
