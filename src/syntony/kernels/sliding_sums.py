"""Sums over the sliding windows of many pairs, at every lag: the correlations are not kept.

The windows are those of ``sliding``. What belongs to one person alone, means and scales of all
windows, is made once for all pairs, a chunk of windows about a centre of its own; what is left
to a pair is the products. Every pair is computed by itself, in a fixed order of operations, so
that its figures do not depend on which others were computed beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from syntony.kernels._arrays import Floats, Indices, copy_cells, kernel, part, readonly
from syntony.kernels.lagged import _exact
from syntony.kernels.sliding import (
    _CHUNK,
    _correlate_pairs,
    _lay_out,
    _spread,
    _window_sums,
)

CAP = math.tanh(10.0)
"""Largest r of which z is taken; beyond it z counts as 10."""

_LEAST = math.exp(-20.0)  # (1 - r) / (1 + r) where z is 10
_AT_MOST = 16  # chunks before a logarithm; a place has two cells of each: (1 - CAP)**36 > 1e-303


@dataclass(frozen=True, slots=True)
class Sliding:
    """Windows one sample apart, and their lags.

    Attributes
    ----------
    window : int
        Samples of a window.
    reach, stride : int
        Largest lag in samples, in both directions, and samples between lags, which divide it.
    min_pairs : int
        Windows of fewer complete pairs than this count nowhere.
    """

    window: int
    reach: int
    stride: int
    min_pairs: int

    @property
    def plan(self) -> tuple[int, int, int, int]:
        """Numbers that kernels take."""
        return self.window, self.reach, self.stride, max(2, self.min_pairs)


class Series(NamedTuple):
    """What all pairs of first, or of second, persons share: all but the first a chunk a row.

    The windows of a chunk are those of the first person; where these are of second persons, as
    many before and behind as lags reach are among them.

    Attributes
    ----------
    values : ndarray of float64, shape (n_people, n_samples)
        NaN where a sample is missing and behind the end of a shorter series.
    centred : ndarray of float64, shape (n_people, n_chunks, samples of a chunk)
        Samples about their mean, up to the first that is missing; then 0.
    mean, scale : ndarray of float64, shape (n_people, n_chunks, windows)
        Of every window: mean of the centred samples, and 1 / root of the sum of squares about
        it, NaN where that cancels.
    whole : ndarray of int64, shape (n_people, n_chunks)
        How many windows there are, all lags included, before a sample is missing.
    """

    values: Floats
    centred: Floats
    mean: Floats
    scale: Floats
    whole: Indices


def lay_series(people: Sequence[Floats], windows: Sliding, *, first: bool) -> Series:
    """Make what all pairs of first, or of second, persons share.

    Parameters
    ----------
    people : sequence of ndarray of float64, shape (n_samples,)
        Lengths may differ; NaN marks missing samples. No infinities.
    windows : Sliding
    first : bool
        Whether they are first persons.

    Examples
    --------
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> lay_series([x, x[:20]], Sliding(15, 2, 1, 3), first=True).whole.tolist()
    [[24], [4]]
    """
    values = np.full((len(people), max(v.size for v in people)), np.nan)
    for row, v in zip(values, people, strict=True):
        row[: v.size] = v
    values, spread = readonly(values), 0 if first else windows.reach
    n_windows = values.shape[1] - windows.window + 1 - windows.reach
    shape = (len(people), max(0, math.ceil(n_windows / _CHUNK)))
    places = _CHUNK + 2 * spread
    made = Series(
        values=values,
        centred=np.zeros((*shape, places + windows.window - 1)),
        mean=np.zeros((*shape, places)),
        scale=np.zeros((*shape, places)),
        whole=np.zeros(shape, dtype=np.int64),
    )
    size = places + windows.window + 1
    room = (np.zeros((3, size)), np.zeros((3, size)))
    _lay_series(values, (windows.window, windows.reach, spread), room, *made[1:])
    return made


def sliding_sums(
    first: Series, second: Series, pairs: Indices, windows: Sliding
) -> tuple[Floats, Floats]:
    """Sums of r of ``x[t]`` and ``y[t + lag]`` over all windows, one sample apart.

    Parameters
    ----------
    first, second : Series
        Made with these ``windows``.
    pairs : ndarray of int64, shape (n_pairs, 3)
        Row of the first and of the second person, and the samples to which both are cut. The
        same two at growing lengths, one after the other, cost little more than once.
    windows : Sliding

    Returns
    -------
    signed : ndarray of float64, shape (n_pairs, 2, n_lags)
        Sum of the positive r; minus the sum of the negative ones.
    zero : ndarray of float64, shape (n_pairs, 4)
        At lag 0: sum of Fisher's z, held within +-10, sum of its absolute value, windows that
        have a value, windows in which it is positive.

    Examples
    --------
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> windows = Sliding(15, 2, 1, 3)
    >>> one, other = (lay_series([v], windows, first=v is x) for v in (x, np.roll(x, 2)))
    >>> signed, zero = sliding_sums(one, other, np.array([[0, 0, 40]]), windows)
    >>> round(float(signed[0, 0, 4]), 2), float(zero[0, 2])
    (26.0, 26.0)
    """
    n_lags = 2 * (windows.reach // windows.stride) + 1
    signed, zero = np.zeros((len(pairs), 2, n_lags)), np.zeros((len(pairs), 4))
    size = _CHUNK + windows.window + 2 * windows.reach + 1
    scratch = (
        np.zeros((2, 3, size)),
        np.zeros((6, size)),
        np.zeros((3, size)),
        np.empty((2, _CHUNK)),
    )
    _sum_pairs(
        readonly(np.asarray(pairs, dtype=np.int64)),
        windows.plan,
        tuple(readonly(v) for v in first),
        tuple(readonly(v) for v in second),
        (np.ones((3, _CHUNK)), np.ones((3, _CHUNK)), scratch),
        signed,
        zero,
    )
    return signed, zero


@kernel
def _lay_series(values, plan, room, centred, mean, scale, whole):  # type: ignore[no-untyped-def]
    """Fill what ``Series`` holds, a chunk after the other."""
    window, reach, spread = plan
    marks, spare = room
    marks[2] = 1.0
    for p in range(values.shape[0]):
        for c in range(centred.shape[1]):
            begin, out = reach + c * _CHUNK - spread, centred[p, c]
            there, total = 0, 0.0
            while there < out.size and begin + there < values.shape[1]:
                v = values[p, begin + there]
                if v != v:
                    break
                total += v
                there += 1
            for i in range(there):
                out[i] = values[p, begin + i] - total / there
                marks[1, i] = out[i] * out[i]
            places = there - window + 1
            whole[p, c] = max(0, min(_CHUNK, places - 2 * spread))
            if whole[p, c]:
                _window_sums(out, marks[2], places, window, mean[p, c], spare)
                _window_sums(marks[1], marks[2], places, window, scale[p, c], spare)
                _spread(mean[p, c], scale[p, c], places, window)


@kernel
def _sum_pairs(pairs, plan, first, second, room, signed, zero):  # type: ignore[no-untyped-def]
    """Fill ``signed`` and ``zero``, a pair after the other.

    Chunks whose lags stay inside the recording are the same at every length: they are gone
    through once for all lengths of a pair, and what comes behind for each.
    """
    window, reach, _, _ = plan
    so_far, factors, scratch = room
    sums, told, before = np.zeros(signed.shape[1:]), np.zeros(4), (-1, -1, 0)
    begin, size = np.int64(0), so_far.shape[1]  # not literals: parts are compiled for each of those
    done = begin
    for p in range(pairs.shape[0]):
        i, j, samples = pairs[p, 0], pairs[p, 1], pairs[p, 2]
        x, y = first[0][i, :samples], second[0][j, :samples]
        one = (first[1][i], first[2][i], first[3][i], first[4][i])
        other = (second[1][j], second[2][j], second[3][j], second[4][j])
        n_windows = max(0, samples - window + 1)
        head, end = min(n_windows, reach), max(min(n_windows, reach), n_windows - reach)
        if (
            before[0] != i
            or before[1] != j
            or samples < before[2]
            or before[2] < window + 2 * reach
        ):
            sums[:], told[:], so_far[:], done = 0.0, 0.0, 1.0, begin
            _take_holed(x, y, plan, begin, head, so_far, scratch, sums, told)
        before = (i, j, samples)
        while reach + (done + 1) * size <= end:
            _take_chunk(x, y, plan, done, size, one, other, so_far, scratch, sums, told)
            done += 1
            if done % _AT_MOST == 0:
                _take_logarithms(so_far, told)
        copy_cells(sums, signed[p])
        copy_cells(so_far, factors)
        for k in range(told.size):
            zero[p, k] = told[k]
        left, out = end - head - done * size, (signed[p], zero[p])
        if left > 0:
            _take_chunk(x, y, plan, done, left, one, other, factors, scratch, out[0], out[1])
        _take_holed(x, y, plan, end, n_windows, factors, scratch, out[0], out[1])
        _take_logarithms(factors, zero[p])


@part
def _take_chunk(x, y, plan, chunk, count, one, other, factors, scratch, signed, zero):  # type: ignore[no-untyped-def]
    """Add the first windows of a chunk at every lag: as far as nothing is missing, then holed."""
    window, reach, stride, _ = plan
    xs, mean_x, scale_x = one[0][chunk], one[1][chunk], one[2][chunk]
    ys, mean_y, scale_y = other[0][chunk], other[1][chunk], other[2][chunk]
    first, whole = reach + chunk * _CHUNK, min(count, min(one[3][chunk], other[3][chunk]))
    r, sums = scratch[3][0, :whole], scratch[1][5]
    for k in range(signed.shape[1] if whole else 0):
        ahead = k * stride
        _window_sums(ys[ahead:], xs, whole, window, sums, scratch[2])
        my, sy, doubtful = mean_y[ahead:], scale_y[ahead:], 0
        for w in range(whole):
            v = (sums[w] - window * (mean_x[w] * my[w])) * (scale_x[w] * sy[w])
            v = 1.0 if v > 1.0 else v
            v = -1.0 if v < -1.0 else v
            doubtful += v != v
            r[w] = v
        for w in range(whole if doubtful else 0):
            if r[w] != r[w]:
                r[w] = _exact(x, y, first + w, window, ahead - reach)
        _add_signed(r, signed[:, k])
        if ahead == reach:
            _multiply(r, factors, zero)
    _take_holed(x, y, plan, first + whole, first + count, factors, scratch, signed, zero)


@part
def _take_holed(x, y, plan, begin, end, factors, scratch, signed, zero):  # type: ignore[no-untyped-def]
    """Add windows [begin, end), over complete pairs, at every lag."""
    for first in range(begin, end, _CHUNK):
        if first > begin:
            _take_logarithms(factors, zero)
        count = min(_CHUNK, end - first)
        _take_some_holed(x, y, plan, first, count, factors, scratch, signed, zero)


@part
def _take_some_holed(x, y, plan, first, count, factors, scratch, signed, zero):  # type: ignore[no-untyped-def]
    """Add a chunk of them."""
    window, reach, stride, min_pairs = plan
    sides, sums, spare, cells = scratch
    xs, ys = sides[0], sides[1]
    _lay_out(x, first, count + window - 1, xs)
    _lay_out(y, first - reach, count + window + 2 * reach - 1, ys)
    for k in range(signed.shape[1]):
        ahead, r, told = k * stride, cells[0, :count], cells[1, :count]
        _window_sums(ys[0, ahead:], xs[0], count, window, sums[5], spare)
        _window_sums(xs[0], ys[2, ahead:], count, window, sums[0], spare)
        _window_sums(xs[1], ys[2, ahead:], count, window, sums[1], spare)
        _window_sums(ys[0, ahead:], xs[2], count, window, sums[2], spare)
        _window_sums(ys[1, ahead:], xs[2], count, window, sums[3], spare)
        _window_sums(ys[2, ahead:], xs[2], count, window, sums[4], spare)
        doubtful = _correlate_pairs(sums, window, min_pairs, r, told)
        for w in range(count if doubtful else 0):
            if r[w] != r[w] and told[w] * window > min_pairs - 0.5:
                r[w] = _exact(x, y, first + w, window, ahead - reach)
        _add_signed(r, signed[:, k])
        if ahead == reach:
            _multiply(r, factors, zero)


@part
def _add_signed(r, out):  # type: ignore[no-untyped-def]
    """Add the positive r, and the negative ones, in four strands so that adds overlap."""
    a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for w in range(0, r.size - 3, 4):
        v0, v1, v2, v3 = r[w], r[w + 1], r[w + 2], r[w + 3]
        a, e = a + (v0 if v0 > 0.0 else 0.0), e + (v0 if v0 < 0.0 else 0.0)
        b, f = b + (v1 if v1 > 0.0 else 0.0), f + (v1 if v1 < 0.0 else 0.0)
        c, g = c + (v2 if v2 > 0.0 else 0.0), g + (v2 if v2 < 0.0 else 0.0)
        d, h = d + (v3 if v3 > 0.0 else 0.0), h + (v3 if v3 < 0.0 else 0.0)
    for w in range(r.size - r.size % 4, r.size):
        a, e = a + (r[w] if r[w] > 0.0 else 0.0), e + (r[w] if r[w] < 0.0 else 0.0)
    out[0] += (a + b) + (c + d)
    out[1] -= (e + f) + (g + h)


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
