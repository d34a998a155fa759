"""Do indices of synchrony agree? Their correlations over the sessions of a corpus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError

_Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two indices go along with one another over sessions.

    Attributes
    ----------
    first, second : int
        Places of the two indices.
    n_sessions, n_dyads : int
        Sessions in which both have a value, and dyads among them.
    pearson, spearman : float
        NaN for fewer than three sessions, or where an index does not vary.
    pearson_low, pearson_high, spearman_low, spearman_high : float
        95 % intervals; NaN for fewer than four dyads.
    """

    first: int
    second: int
    n_sessions: int
    n_dyads: int
    pearson: float
    pearson_low: float
    pearson_high: float
    spearman: float
    spearman_low: float
    spearman_high: float


def agreements(values: Array, dyads: Sequence[str]) -> tuple[Agreement, ...]:
    """Correlate every two indices over the sessions in which both have a value.

    Parameters
    ----------
    values : ndarray of float64, shape (n_sessions, n_indices)
        NaN where a session has no value.
    dyads : sequence of str
        Dyad of every session.

    Returns
    -------
    tuple of Agreement
        One per pair of indices, in their order.

    Raises
    ------
    InputError
        If there is not one dyad for every session.

    Notes
    -----
    Intervals are Fisher's, with the standard error 1 / sqrt(n - 3) for Pearson [1]_ and
    sqrt((1 + r**2 / 2) / (n - 3)) for Spearman [2]_. n counts dyads, so that several sessions
    of one dyad, which are alike, do not make them narrower than they are.

    References
    ----------
    .. [1] Fisher (1915), Biometrika 10(4), 507-521.
    .. [2] Bonett & Wright (2000), Psychometrika 65(1), 23-28.

    Examples
    --------
    >>> x = np.arange(8.0)
    >>> found = agreements(np.stack([x, x**3, -x], axis=1), [f"d{k}" for k in range(8)])
    >>> [(a.first, a.second, round(a.pearson, 2), a.spearman) for a in found]
    [(0, 1, 0.91, 1.0), (0, 2, -1.0, -1.0), (1, 2, -0.91, -1.0)]
    """
    if values.ndim != 2 or values.shape[0] != len(dyads):
        raise InputError("values", values.shape, f"one row for each of the {len(dyads)} sessions")
    names = np.asarray(dyads, dtype=object)
    there = np.isfinite(values)
    found = []
    for i, j in combinations(range(values.shape[1]), 2):
        both = there[:, i] & there[:, j]
        x, y = values[both, i], values[both, j]
        n_dyads = len(set(names[both]))
        pearson, spearman = _r(x, y), _r(_ranks(x), _ranks(y))
        low, high = _interval(pearson, n_dyads, 1.0)
        rank_low, rank_high = _interval(spearman, n_dyads, 1.0 + spearman**2 / 2)
        found.append(
            Agreement(
                first=i,
                second=j,
                n_sessions=int(both.sum()),
                n_dyads=n_dyads,
                pearson=pearson,
                pearson_low=low,
                pearson_high=high,
                spearman=spearman,
                spearman_low=rank_low,
                spearman_high=rank_high,
            )
        )
    return tuple(found)


def _r(x: Array, y: Array) -> float:
    """Pearson's r; NaN for fewer than three values or none that differ."""
    if x.size < 3:
        return math.nan
    dx, dy = x - x.mean(), y - y.mean()
    size = math.sqrt(float(dx @ dx) * float(dy @ dy))
    scale = 1e-12 * x.size * max(1e-300, float(np.abs(x).max()) * float(np.abs(y).max()))
    return min(1.0, max(-1.0, float(dx @ dy) / size)) if size > scale else math.nan


def _ranks(values: Array) -> Array:
    """Ranks from 1; equal values share their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count).astype(np.float64)
    ranks: Array = (last - (count - 1) / 2)[place]
    return ranks


def _interval(r: float, n: int, spread: float) -> tuple[float, float]:
    """Fisher's 95 % interval, with the variance of z times ``spread``."""
    if n < 4 or not math.isfinite(r):
        return math.nan, math.nan
    if abs(r) >= 1.0:
        return r, r
    z, half = math.atanh(r), _Z_95 * math.sqrt(spread / (n - 3))
    return math.tanh(z - half), math.tanh(z + half)
