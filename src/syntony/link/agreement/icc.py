"""Intra-class correlations of ratings by several coders, with their F intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.link.questionnaires.clusters import Weighted, clustered_interval

NAN = float("nan")
TITLES = {
    "icc_1_1": "one coder, each unit rated by others",
    "icc_2_1": "one coder of all that could have rated; level counts",
    "icc_3_1": "one of these coders; level does not count",
    "icc_1_k": "mean of k coders, each unit rated by others",
    "icc_2_k": "mean of k coders of all that could have rated; level counts",
    "icc_3_k": "mean of these k coders; level does not count",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Icc:
    """One intra-class correlation with its 95 % interval; NaN where it is not defined."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """Mean squares of a table of units by coders."""

    n: int
    k: int
    rows: float
    columns: float
    error: float
    within: float


def intraclass(ratings: ArrayLike, *, level: float = 0.95) -> dict[str, Icc]:
    """All six intra-class correlations of Shrout and Fleiss.

    Parameters
    ----------
    ratings : array_like of float, shape (n_units, n_coders)
        A unit that lacks a rating (NaN) is left out whole.
    level : float, default 0.95

    Returns
    -------
    dict of str to Icc
        ``icc_1_1`` (each unit by other coders), ``icc_2_1`` (coders are a sample; level
        counts), ``icc_3_1`` (these coders; level does not count), and the same for the mean
        of k coders, ``icc_1_k`` ...; NaN under two units, or where the units do not differ.

    Raises
    ------
    InputError
        If there are fewer than two coders.

    References
    ----------
    .. [1] Shrout & Fleiss (1979), Psychological Bulletin 86(2), 420-428.
       https://doi.org/10.1037/0033-2909.86.2.420

    Examples
    --------
    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8],
    ...          [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> {name: round(found.value, 2) for name, found in intraclass(table).items()}
    {'icc_1_1': 0.17, 'icc_2_1': 0.29, 'icc_3_1': 0.71, 'icc_1_k': 0.44, 'icc_2_k': 0.62, \
'icc_3_k': 0.91}
    """
    given = np.asarray(ratings, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] < 2:
        raise InputError("ratings", given.shape, "shape (n_units, n_coders) with two coders")
    whole: Array = given[np.isfinite(given).all(axis=1)]
    means = _means(whole)
    if means is None:
        return {name: Icc(name=name, value=NAN, low=NAN, high=NAN) for name in TITLES}
    made = [_one_way(means, level), _two_way(means, level), _fixed(means, level)]
    single = [Icc(name=f"icc_{k + 1}_1", **found) for k, found in enumerate(made)]
    several = [
        Icc(name=f"icc_{k + 1}_k", **{n: _of_mean(v, means.k) for n, v in found.items()})
        for k, found in enumerate(made)
    ]
    return {found.name: found for found in [*single, *several]}


def intraclass_over(
    ratings: Array, clusters: ArrayLike, rng: np.random.Generator, *, draws: int = 2000
) -> dict[str, Icc]:
    """ICC(2,1) and ICC(2,k) with intervals that know which units hang together.

    Parameters
    ----------
    ratings : ndarray of float64, shape (n_units, n_coders)
        A unit that lacks a rating (NaN) is left out whole.
    clusters : array_like of int, shape (n_units,)
        Units of one number are no independent cases: sessions of one dyad, say.
    rng : numpy.random.Generator
    draws : int, default 2000

    Returns
    -------
    dict of str to Icc
        ``icc_2_1``, ``icc_2_k``; where every unit is its own cluster, as of :func:`intraclass`.
        Else, at either end, the wider of F's and of the BCa interval over drawn clusters; NaN
        under 4 clusters.

    Examples
    --------
    >>> table = np.array([[1.0, 2], [2, 2], [5, 6], [6, 6], [3, 4], [4, 4], [8, 9], [9, 9]])
    >>> found = intraclass_over(table, [0, 0, 1, 1, 2, 2, 3, 3], np.random.default_rng(1))
    >>> found["icc_2_1"].value == intraclass(table)["icc_2_1"].value
    True
    """
    plain = intraclass(ratings)
    chosen = {name: plain[name] for name in ("icc_2_1", "icc_2_k")}
    has = np.isfinite(ratings).all(axis=1)
    member = np.unique(np.asarray(clusters)[has], return_inverse=True)[1]
    many = int(member.max()) + 1 if member.size else 0
    if many == member.size or not np.isfinite(chosen["icc_2_1"].value):
        return chosen
    statistic = _two_way_of_weights(ratings[has], member)
    _, low, high = clustered_interval(statistic, many, rng, draws=draws)
    if np.isfinite(low):  # drawing few clusters forgets that raters are a sample too
        low, high = min(low, chosen["icc_2_1"].low), max(high, chosen["icc_2_1"].high)
    k = ratings.shape[1]
    limits = {"icc_2_1": (low, high), "icc_2_k": (_of_mean(low, k), _of_mean(high, k))}
    return {
        name: replace(found, low=limits[name][0], high=limits[name][1])
        for name, found in chosen.items()
    }


def _two_way_of_weights(x: Array, member: Ints) -> Weighted:
    """ICC(2,1) by how often each cluster is in."""
    k = x.shape[1]

    def of(weights: Array) -> Array:
        w = weights[:, member]
        n = w.sum(axis=1)
        columns = w @ x / n[:, None]
        grand, rows = columns.mean(axis=1), x.mean(axis=1)
        between = k * (w * (rows - grand[:, None]) ** 2).sum(axis=1)
        over = n * ((columns - grand[:, None]) ** 2).sum(axis=1)
        apart = x - rows[:, None] - (columns - grand[:, None])[:, None, :]
        error = np.einsum("dn,dnk->d", w, apart**2)
        with np.errstate(invalid="ignore", divide="ignore"):
            r, c, e = between / (n - 1), over / (k - 1), error / ((n - 1) * (k - 1))
            out: Array = (r - e) / (r + (k - 1) * e + k * (c - e) / n)
        return out

    return of


def _means(x: Array) -> _Means | None:
    """Mean squares; None where units are too few or all alike."""
    n, k = x.shape
    if n < 2 or np.ptp(x) == 0:
        return None
    grand, rows, columns = x.mean(), x.mean(axis=1), x.mean(axis=0)
    between = k * float(((rows - grand) ** 2).sum())
    over = n * float(((columns - grand) ** 2).sum())
    inside = float(((x - rows[:, None]) ** 2).sum())
    error = float(((x - rows[:, None] - columns + grand) ** 2).sum())
    return _Means(
        n=n,
        k=k,
        rows=between / (n - 1),
        columns=over / (k - 1),
        error=error / ((n - 1) * (k - 1)),
        within=inside / (n * (k - 1)),
    )


def _one_way(m: _Means, level: float) -> dict[str, float]:
    """Each unit by other coders."""
    value = _over(m.rows - m.within, m.rows + (m.k - 1) * m.within)
    return {"value": value} | _f_limits(m, m.within, m.n * (m.k - 1), level)


def _fixed(m: _Means, level: float) -> dict[str, float]:
    """These very coders."""
    value = _over(m.rows - m.error, m.rows + (m.k - 1) * m.error)
    return {"value": value} | _f_limits(m, m.error, (m.n - 1) * (m.k - 1), level)


def _f_limits(m: _Means, error: float, freedom: int, level: float) -> dict[str, float]:
    """Limits from the F ratio of the units' mean square to that of the error."""
    from scipy.special import fdtri  # scipy.stats takes a second to load

    if error <= 0:
        return {"low": 1.0, "high": 1.0}
    share, ratio = (1 + level) / 2, m.rows / error
    low = ratio / float(fdtri(m.n - 1, freedom, share))
    high = ratio * float(fdtri(freedom, m.n - 1, share))
    return {"low": (low - 1) / (low + m.k - 1), "high": (high - 1) / (high + m.k - 1)}


def _two_way(m: _Means, level: float) -> dict[str, float]:
    """Coders are a sample of coders; limits by Satterthwaite's degrees of freedom."""
    from scipy.special import fdtri

    n, k = m.n, m.k
    value = _over(m.rows - m.error, m.rows + (k - 1) * m.error + k * (m.columns - m.error) / n)
    if m.error <= 0 or not np.isfinite(value):
        return {"value": value, "low": NAN, "high": NAN}
    f = m.columns / m.error
    bent = n * (1 + (k - 1) * value) - k * value
    above = (k - 1) * (n - 1) * (k * value * f + bent) ** 2
    below = (n - 1) * k**2 * value**2 * f**2 + bent**2
    freedom = above / below
    share = (1 + level) / 2
    up, down = float(fdtri(n - 1, freedom, share)), float(fdtri(freedom, n - 1, share))
    rest = k * m.columns + (k * n - k - n) * m.error
    low = n * (m.rows - up * m.error) / (up * rest + n * m.rows)
    high = n * (down * m.rows - m.error) / (rest + n * down * m.rows)
    return {"value": value, "low": low, "high": high}


def _of_mean(value: float, k: int) -> float:
    """Reliability of the mean of k coders (Spearman-Brown)."""
    return _over(k * value, 1 + (k - 1) * value)


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 1e-12 or whole < -1e-12 else NAN
