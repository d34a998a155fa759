"""Cross-correlation of whole segments, each of one person with each of the other.

Products of all pairs at one lag are one matrix product. The sum of Fisher z over pairs is the
logarithm of a product, ``sum(atanh r) = ln(prod(1 + r) / prod(1 - r)) / 2``, and needs one
logarithm where it would need sixteen. No fast-math; not parallel: the pipeline owns the cores.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly

Z_CAP = 10.0
"""Largest |z| that a pair adds to a sum."""

_LOW = 2.0 / (1.0 + math.exp(2.0 * Z_CAP))  # 1 - r and 1 + r of the capped z
_HIGH = 2.0 - _LOW
_TOGETHER = 16  # factors: the smallest product, e^(-20 * 16), is far from underflow
_EDGE = 1e-9


class Crossed(NamedTuple):
    """What :func:`cross_segments` gives.

    ``r`` and ``share`` have shape (n_segments, n_lags): both people's own segments. ``sums``
    has shape (3, n_lags, n_segments): z, absolute z and absolute r of the first's segment with
    the other segments of the second, added up; ``counts``, shape (n_segments,), says over how
    many.
    """

    r: Floats
    share: Floats
    sums: Floats
    counts: Floats


class _Sides(NamedTuple):
    """Standardised segments that can be used, 0 where missing, and which ones they are."""

    u: Floats
    v: Floats
    first: Indices
    second: Indices
    marks: tuple[NDArray[np.float32], NDArray[np.float32]] | None


def standardised(segments: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Segments about their own mean, of squared sum 1, and which of them vary.

    Parameters
    ----------
    segments : ndarray of float64, shape (n_segments, length)
        NaN marks missing samples.

    Returns
    -------
    u : ndarray of float64, shape (n_segments, length)
        0 where missing. Mean and variance are those of the samples that are there; with
        samples missing the squared sum is less than 1 by their share.
    varies : ndarray of bool, shape (n_segments,)
        False where a segment has no sample or does not vary at all.

    Examples
    --------
    >>> u, varies = standardised(np.array([[1.0, 3.0], [2.0, 2.0]]))
    >>> u[0].round(3).tolist(), varies.tolist()
    ([-0.707, 0.707], [True, False])
    """
    there = segments == segments
    count = np.maximum(there.sum(axis=1, keepdims=True), 1).astype(np.float64)
    low = np.where(there, segments, np.inf).min(axis=1)
    high = np.where(there, segments, -np.inf).max(axis=1)
    u = np.where(there, segments, 0.0)
    for _ in range(2):  # the second pass takes out what rounding left of a large mean
        u -= np.where(there, u.sum(axis=1, keepdims=True) / count, 0.0)
    squares = (u * u).sum(axis=1, keepdims=True)
    varies = (low < high) & (squares[:, 0] > 0.0)
    squares[~varies] = 1.0
    u /= np.sqrt(squares * (segments.shape[1] / count))
    return u, varies


def cross_segments(x: Floats, y: Floats, max_lag: int, *, min_share: float = 1.0) -> Crossed:
    """Correlate segments as a whole at every lag: own pairs, and all strange ones in sum.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_segments, length)
        Segment by segment. NaN marks missing samples.
    max_lag : int
        Largest lag in samples in both directions, under ``length``.
    min_share : float
        A pair of segments is left out unless at every lag at least this share of its products
        has both samples.

    Returns
    -------
    Crossed
        NaN in ``r`` where a pair is left out or one of both does not vary at all.

    Notes
    -----
    ``r[k] = (1 - |k| / n) * mean(a[t] * b[t + k])`` over the products that exist, with ``a``
    and ``b`` standardised by mean and variance of their whole segments (divisor n). With
    nothing missing this is ``sum(a[t] * b[t + k]) / n``, the biased cross-correlation.

    Examples
    --------
    >>> x = np.sin(np.arange(40) / 3.0).reshape(2, 20)
    >>> found = cross_segments(x, x, 1)
    >>> found.r.shape, found.counts.tolist(), round(float(found.r[0, 1]), 12)
    ((2, 3), [1.0, 1.0], 1.0)
    """
    n_segments, length = x.shape
    n_lags = 2 * max_lag + 1
    sides = _sides(x, y, min_share)
    share = _own_share(x, y, max_lag)
    r = np.full((n_segments, n_lags), np.nan)
    sums, counts = np.zeros((3, n_lags, n_segments)), np.zeros(n_segments)
    if not (sides.first.size and sides.second.size):
        return Crossed(r, share, sums, counts)
    valid = _valid(sides, length, max_lag, min_share)
    both, row, column = np.intersect1d(sides.second, sides.first, return_indices=True)
    strange = valid.copy()
    strange[row, column] = False
    counts[sides.first] = strange.sum(axis=0)
    table = np.empty((sides.second.size, sides.first.size))
    whole = bool(valid.all())
    for j in range(n_lags):
        _products(sides, length, j - max_lag, table)
        own = np.clip(table[row, column], -1.0, 1.0)
        r[both, j] = np.where(valid[row, column], own, np.nan)
        if whole:
            table[row, column] = 0.0
        else:
            table[~strange] = 0.0
        sums[:, j, sides.first] = pair_sums(table)
    return Crossed(r, share, sums, counts)


def pair_means(
    x: Floats, y: Floats, max_lag: int, *, min_share: float = 1.0
) -> tuple[Floats, Floats]:
    """Mean z and mean absolute z over the lags, of every segment with every segment.

    Parameters as in :func:`cross_segments`.

    Returns
    -------
    z, absolute : ndarray of float64, shape (n_segments, n_segments)
        Row: segment of ``x``; column: segment of ``y``. NaN where the pair is left out.

    Examples
    --------
    >>> x = np.sin(np.arange(60) / 3.0).reshape(3, 20)
    >>> z, absolute = pair_means(x, x, 2)
    >>> bool((z <= absolute).all()), z.shape
    (True, (3, 3))
    """
    n_segments, length = x.shape
    n_lags = 2 * max_lag + 1
    sides = _sides(x, y, min_share)
    out = np.full((2, n_segments, n_segments), np.nan)
    if not (sides.first.size and sides.second.size):
        return out[0], out[1]
    table = np.empty((sides.second.size, sides.first.size))
    total = np.zeros((2, *table.shape))
    for j in range(n_lags):
        _products(sides, length, j - max_lag, table)
        with np.errstate(divide="ignore"):
            z = np.clip(np.arctanh(np.clip(table, -1.0, 1.0)), -Z_CAP, Z_CAP)
        total[0] += z
        total[1] += np.abs(z)
    valid = _valid(sides, length, max_lag, min_share)
    total[:, ~valid] = np.nan
    out[:, sides.first[:, None], sides.second] = total.transpose(0, 2, 1) / n_lags
    return out[0], out[1]


def _sides(x: Floats, y: Floats, min_share: float) -> _Sides:
    """Standardise both people; leave out segments that no pair can use."""
    kept, marks, which = [], [], []
    for v in (x, y):
        u, use = standardised(v)
        there = v == v
        use &= there.sum(axis=1) >= min_share * v.shape[1] - _EDGE
        which.append(np.flatnonzero(use))
        kept.append(u[use])
        marks.append(there[use])
    gappy = not (marks[0].all() and marks[1].all())
    told = (marks[0].astype(np.float32), marks[1].astype(np.float32)) if gappy else None
    return _Sides(kept[0], kept[1], which[0], which[1], told)


def _span(length: int, lag: int) -> tuple[slice, slice]:
    """Samples of the first and of the second that meet at this lag inside the segments."""
    start, stop = max(0, -lag), length - max(0, lag)
    return slice(start, stop), slice(start + lag, stop + lag)


def _products(sides: _Sides, length: int, lag: int, table: Floats) -> None:
    """Fill ``table[h, i]`` with r of the first's segment i and the second's segment h."""
    mine, theirs = _span(length, lag)
    np.matmul(sides.v[:, theirs], sides.u[:, mine].T, out=table)
    if sides.marks is not None:
        there = (sides.marks[1][:, theirs] @ sides.marks[0][:, mine].T).astype(np.float64)
        table *= (length - abs(lag)) / np.maximum(there, 1.0)


def _valid(sides: _Sides, length: int, max_lag: int, min_share: float) -> NDArray[np.bool_]:
    """Which pairs have products enough at every lag; rows are the second's segments."""
    valid = np.ones((sides.second.size, sides.first.size), dtype=np.bool_)
    if sides.marks is None:
        return valid
    for lag in range(-max_lag, max_lag + 1):
        mine, theirs = _span(length, lag)
        there = sides.marks[1][:, theirs] @ sides.marks[0][:, mine].T
        valid &= there >= max(1.0, min_share * (length - abs(lag)) - _EDGE)
    return valid


def _own_share(x: Floats, y: Floats, max_lag: int) -> Floats:
    """Complete products of both people's own segments / products, at every lag."""
    n_segments, length = x.shape
    share = np.ones((n_segments, 2 * max_lag + 1))
    a, b = x == x, y == y
    if not (a.all() and b.all()):
        for j in range(2 * max_lag + 1):
            mine, theirs = _span(length, j - max_lag)
            share[:, j] = (a[:, mine] & b[:, theirs]).mean(axis=1)
    return share


def pair_sums(r: Floats) -> Floats:
    """Sums of z, absolute z and absolute r over the rows of a table of correlations.

    Parameters
    ----------
    r : ndarray of float64, shape (n_rows, n_columns)
        No NaN. ``|z|`` is held at 10.

    Returns
    -------
    ndarray of float64, shape (3, n_columns)

    Examples
    --------
    >>> pair_sums(np.array([[0.5], [-0.25]])).round(6)[:, 0].tolist()
    [0.293893, 0.804719, 0.75]
    """
    out = np.empty((3, r.shape[1]))
    _pair_sums(readonly(r), np.empty((3, r.shape[1])), out)
    return out


@kernel
def _pair_sums(r, room, out):  # type: ignore[no-untyped-def]
    """Multiply some rows, then take one logarithm."""
    plus, minus, larger = room[0], room[1], room[2]
    out[:] = 0.0
    for start in range(0, r.shape[0], _TOGETHER):
        room[:] = 1.0
        for h in range(start, min(start + _TOGETHER, r.shape[0])):
            row = r[h]
            for i in range(row.size):
                a = min(_HIGH, max(_LOW, 1.0 + row[i]))
                b = min(_HIGH, max(_LOW, 1.0 - row[i]))
                plus[i] *= a
                minus[i] *= b
                larger[i] *= max(a, b)
            for i in range(row.size):
                out[2, i] += abs(row[i])
        for i in range(room.shape[1]):
            out[0, i] += 0.5 * math.log(plus[i] / minus[i])
            out[1, i] += 0.5 * math.log(larger[i] * larger[i] / (plus[i] * minus[i]))


def cross_pearson(a: Floats, b: Floats, *, min_pairs: int = 3) -> Floats:
    """Pearson r of every row of one table with every row of another, pair by pair complete.

    Parameters
    ----------
    a, b : ndarray of float64, shape (n_a, length), (n_b, length)
        NaN marks missing samples.
    min_pairs : int
        Fewer complete pairs than this give NaN.

    Returns
    -------
    ndarray of float64, shape (n_a, n_b)
        In [-1, 1]. NaN where there are too few pairs or one side does not vary at all.

    Examples
    --------
    >>> cross_pearson(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 4.0, 6.0], [1.0, 0.0, -1.0]]))
    array([[ 1., -1.]])
    """
    out = np.empty((a.shape[0], b.shape[0]))
    _cross_pearson(readonly(a), readonly(b), max(2, min_pairs), out)
    return out


@kernel
def _cross_pearson(a, b, min_pairs, out):  # type: ignore[no-untyped-def]
    """Fill ``out``, in two passes about the mean of the complete pairs."""
    for i in range(a.shape[0]):
        for h in range(b.shape[0]):
            out[i, h] = _pearson(a[i], b[h], min_pairs)


@part
def _pearson(a, b, min_pairs):  # type: ignore[no-untyped-def]
    """Pearson r of the complete pairs of two rows."""
    count, a0, b0, sum_a, sum_b = 0, 0.0, 0.0, 0.0, 0.0
    flat_a, flat_b = True, True
    for t in range(a.size):
        if a[t] != a[t] or b[t] != b[t]:
            continue
        if count == 0:
            a0, b0 = a[t], b[t]
        count += 1
        flat_a, flat_b = flat_a and a[t] == a0, flat_b and b[t] == b0
        sum_a += a[t] - a0
        sum_b += b[t] - b0
    if count < min_pairs or flat_a or flat_b:
        return np.nan
    mean_a, mean_b, aa, bb, ab = sum_a / count, sum_b / count, 0.0, 0.0, 0.0
    for t in range(a.size):
        da, db = (a[t] - a0) - mean_a, (b[t] - b0) - mean_b
        if da == da and db == db:
            aa += da * da
            bb += db * db
            ab += da * db
    if not (aa > 0.0 and bb > 0.0):
        return np.nan
    return min(1.0, max(-1.0, ab / (np.sqrt(aa) * np.sqrt(bb))))
