"""How far real dyads lie above pseudo-dyads: d and Cliff's delta, with intervals over dyads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.surrogates.decision import ROUNDING

AT_ONCE = 2**18  # cells of a block: two megabytes stay near the processor


def cliffs_delta(a: ArrayLike, b: ArrayLike) -> float:
    """Share of pairs with ``a > b`` less the share with ``a < b``; NaN left out.

    Examples
    --------
    >>> cliffs_delta([2.0, 3.0], [1.0, 2.0])
    0.75
    """
    one, two = (np.asarray(v, dtype=np.float64).ravel() for v in (a, b))
    one, two = one[~np.isnan(one)], np.sort(two[~np.isnan(two)])
    if not one.size or not two.size:
        return float("nan")
    below = np.searchsorted(two, one, side="left").sum()
    above = (two.size - np.searchsorted(two, one, side="right")).sum()
    return float((below - above) / (one.size * two.size))


def superiority(a: ArrayLike, b: ArrayLike) -> float:
    """Probability that a value of ``a`` exceeds one of ``b``, a tie counted as half.

    Examples
    --------
    >>> superiority([2.0, 3.0], [1.0, 2.0])
    0.875
    """
    return (cliffs_delta(a, b) + 1.0) / 2.0


def effect_d(
    real: ArrayLike, pseudo_by_dyad: ArrayLike, rng: np.random.Generator, bootstrap: int = 2000
) -> tuple[float, float, float]:
    """How far real dyads lie above pseudo-dyads, in SDs of the pseudo-dyads, sign kept.

    ``d = (mean real - mean pseudo) / SD pseudo``. The interval comes from drawing dyads, not
    pairs: a dyad that is drawn brings its real value and all pseudo values of its two people
    with the people of the other dyads drawn.

    Parameters
    ----------
    real : array_like, shape (n_dyads,)
    pseudo_by_dyad : array_like, shape (n_dyads, n_dyads)
        [i, j]: first person of dyad i beside the second person of dyad j; NaN where there is
        no such pair, and on the diagonal.
    rng : numpy.random.Generator
    bootstrap : int, default 2000
        Samples of dyads; 0 leaves the interval out.

    Returns
    -------
    d, low, high : float
        With a 95 % interval. NaN where there is no value or no spread.
        Dyads whose real value is NaN are left out on both sides.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Notes
    -----
    The interval is the expanded percentile interval [1]_: samples of n dyads vary too little, by
    (n - 1) / n, and the normal tail is too short for few dyads, so the quantiles of the samples
    are read at ``Phi(-+ sqrt(n / (n - 1)) t(n - 1))`` with the 97.5 % point of Student's t instead
    of at 2.5 and 97.5 %. With 100 dyads that is hardly a difference; with 12 it is 2.299 in place
    of 1.960 normal units.

    References
    ----------
    .. [1] Hesterberg (2015), The American Statistician 69, 371-386 (expanded percentile
       interval). https://arxiv.org/abs/1411.5279

    Examples
    --------
    >>> pseudo = np.array([[np.nan, 0.0, 1.0], [2.0, np.nan, 0.0], [1.0, 2.0, np.nan]])
    >>> round(effect_d([3.0, 3.0, 3.0], pseudo, np.random.default_rng(0), 0)[0], 6)
    2.236068
    """
    d, samples, n = drawn_dyads(real, pseudo_by_dyad, rng, bootstrap, d_of_weights)
    return d, *_interval(samples, n)


def effect_delta(
    real: ArrayLike, pseudo_by_dyad: ArrayLike, rng: np.random.Generator, bootstrap: int = 2000
) -> tuple[float, float, float]:
    """Cliff's delta of real beside pseudo-dyads, with its interval over dyads.

    The share of (real, pseudo) comparisons in which the real value is higher less the share in
    which it is lower; the probability of superiority is (delta + 1) / 2. Ranks only: neither
    a transformation nor a single extreme dyad changes much. The interval comes from drawing
    dyads, as that of :func:`effect_d`.

    Parameters
    ----------
    real : array_like, shape (n_dyads,)
        A dyad whose value is NaN is left out on both sides.
    pseudo_by_dyad : array_like, shape (n_dyads, n_dyads)
        [i, j]: first person of dyad i beside the second person of dyad j; NaN where there is no
        such pair, and on the diagonal.
    rng : numpy.random.Generator
    bootstrap : int, default 2000
        Samples of dyads; 0 leaves the interval out.

    Returns
    -------
    delta, low, high : float
        With a 95 % interval, read as that of :func:`effect_d`; NaN where there is no value.

    Raises
    ------
    InputError
        If the shapes do not fit.

    References
    ----------
    .. [1] Cliff (1993), Psychological Bulletin 114(3), 494-509.
       https://doi.org/10.1037/0033-2909.114.3.494

    Examples
    --------
    >>> pseudo = np.array([[np.nan, 0.0, 1.0], [2.0, np.nan, 0.0], [1.0, 2.0, np.nan]])
    >>> effect_delta([3.0, 1.0, 3.0], pseudo, np.random.default_rng(0), 0)[0].__round__(6)
    0.666667
    """
    delta, samples, n = drawn_dyads(real, pseudo_by_dyad, rng, bootstrap, delta_of_weights)
    return delta, *_interval(samples, n)


def drawn_dyads(
    real: ArrayLike,
    pseudo_by_dyad: ArrayLike,
    rng: np.random.Generator,
    bootstrap: int,
    of_weights: Callable[[Array, Array, Array], Array],
) -> tuple[float, Array, int]:
    """Give an effect, its values in samples of dyads, and how many dyads there are.

    Parameters
    ----------
    real, pseudo_by_dyad, rng, bootstrap
        As of :func:`effect_d`.
    of_weights : callable
        ``(weights, real, pseudo)``: the effect for each row of dyad weights, shape (n_rows,).

    Returns
    -------
    value : float
        NaN where there is none.
    samples : ndarray of float64, shape (at most bootstrap,)
        Those that have a value; none where ``value`` has none.
    n : int
        Dyads whose real value is there.
    """
    value = np.asarray(real, dtype=np.float64)
    pseudo = np.asarray(pseudo_by_dyad, dtype=np.float64)
    if value.ndim != 1 or pseudo.shape != (value.size, value.size):
        raise InputError("pseudo_by_dyad", pseudo.shape, f"({value.size}, {value.size}), as real")
    there = np.isfinite(value)
    value, pseudo = value[there], pseudo[np.ix_(there, there)]
    if not np.isfinite(pseudo).any():
        return float("nan"), np.empty(0), value.size
    effect = float(of_weights(np.ones((1, value.size)), value, pseudo)[0])
    if not bootstrap or not np.isfinite(effect):
        return effect, np.empty(0), value.size
    even = np.full(value.size, 1.0 / value.size)
    weights = rng.multinomial(value.size, even, size=bootstrap).astype(np.float64)
    samples = of_weights(weights, value, pseudo)
    return effect, samples[np.isfinite(samples)], value.size


def _interval(samples: Array, n: int) -> tuple[float, float]:
    """95 % interval of an effect over n dyads; NaN without samples."""
    if not samples.size:
        return float("nan"), float("nan")
    low, high = np.quantile(samples, expanded_shares(n))
    return float(low), float(high)


def expanded_shares(n: int) -> tuple[float, float]:
    """Shares of a bootstrap distribution over n cases at which a 95 % interval is read.

    Those of :func:`effect_d`, see its Notes.

    Examples
    --------
    >>> round(expanded_shares(12)[0], 4), expanded_shares(1)[0]
    (0.0108, 0.025)
    """
    from scipy.special import ndtr, stdtrit

    if n < 2:
        return 0.025, 0.975
    share = float(ndtr(-np.sqrt(n / (n - 1)) * stdtrit(n - 1, 0.975)))
    return share, 1.0 - share


def d_of_weights(weights: Array, real: Array, pseudo: Array) -> Array:
    """Compute d for each row of dyad weights; a pair counts as often as both its dyads."""
    has = np.isfinite(pseudo)
    middle = float(pseudo[has].mean())  # squares of values far from 0 would cancel
    real, pseudo = real - middle, pseudo - middle
    filled = np.where(has, pseudo, 0.0)
    count, total, squares = (
        ((weights @ m) * weights).sum(axis=1) for m in (has.astype(np.float64), filled, filled**2)
    )
    out = np.full(len(weights), np.nan)
    enough = count > 1.5
    mean = total[enough] / count[enough]
    spread = np.maximum(0.0, squares[enough] - count[enough] * mean**2) / (count[enough] - 1)
    sure = spread > ROUNDING * squares[enough]
    d = np.full(mean.size, np.nan)
    d[sure] = ((weights[enough] @ real / real.size) - mean)[sure] / np.sqrt(spread[sure])
    out[enough] = d
    return out


def delta_of_weights(weights: Array, real: Array, pseudo: Array) -> Array:
    """Compute delta for each row of dyad weights; a pair counts as often as both its dyads."""
    first, second = np.nonzero(np.isfinite(pseudo))
    order = np.argsort(pseudo[first, second], kind="stable")
    first, second = first[order], second[order]
    values = pseudo[first, second]
    below = np.searchsorted(values, real, side="left")
    upto = np.searchsorted(values, real, side="right")
    rows = max(1, AT_ONCE // max(values.size, 1))
    out = np.full(len(weights), np.nan)
    for k in range(0, len(weights), rows):
        some = np.ascontiguousarray(weights[k : k + rows].T)  # by dyad: whole rows are gathered
        sums = np.zeros((values.size + 1, some.shape[1]))
        np.cumsum(some[first] * some[second], axis=0, out=sums[1:])
        total = sums[-1]
        higher = sums[below] - (total - sums[upto])
        np.divide(
            (some * higher).sum(axis=0),
            some.sum(axis=0) * total,
            out=out[k : k + rows],
            where=total > 0,
        )
    return out
