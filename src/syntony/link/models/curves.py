"""Least squares over dyads drawn anew: what curves, thresholds and paths share."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.reml import Fit


def bootstrap_over(fit: Fit, rng: np.random.Generator, draws: int) -> Array:
    """Coefficients of studies of dyads drawn anew, the variances kept.

    Parameters
    ----------
    fit : Fit
        Clusters are drawn; they should be dyads.
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    ndarray, shape (draws, p)
        NaN in a draw whose dyads cannot tell the coefficients apart.
    """
    x = fit.design.x
    wx = fit.inverse @ x
    gram = np.einsum("cmp,cmq->cpq", x, wx)
    right = np.einsum("cmp,cm->cp", wx, fit.design.y)
    n = len(gram)
    weights = counts(n, rng, draws)
    return solve_each(np.tensordot(weights, gram, axes=1), weights @ right)


def counts(n: int, rng: np.random.Generator, draws: int) -> Array:
    """How often each of ``n`` dyads is in each of the drawn studies, shape (draws, n)."""
    drawn = rng.integers(n, size=(draws, n))
    out = np.zeros((draws, n))
    np.add.at(out, (np.arange(draws)[:, None], drawn), 1.0)
    return out


def solve_each(gram: Array, right: Array) -> Array:
    """Solve many small systems; NaN where one has no single answer."""
    good = np.linalg.cond(gram) < 1e12
    out = np.full(right.shape, np.nan)
    if good.any():
        out[good] = np.linalg.solve(gram[good], right[good][..., None])[..., 0]
    return out


def middle(draws: Array, free: int) -> tuple[float, float]:
    """95 % interval from draws of dyads, widened for few dyads; NaN where one in 20 has none.

    Parameters
    ----------
    draws : ndarray, shape (n_draws,)
    free : int
        Dyads less coefficients. A percentile interval is too narrow by about the square root of
        dyads over this, and by normal in place of t: both are made good.

    References
    ----------
    .. [1] Hesterberg (2015), The American Statistician 69, 371-386 (expanded percentiles).
       https://doi.org/10.1080/00031305.2015.1089789

    Examples
    --------
    >>> many = np.random.default_rng(1).standard_normal(100_000)
    >>> bool(middle(many, 20)[1] > middle(many, 200)[1] > 1.95)
    True
    """
    from scipy.special import ndtr, stdtrit

    there = draws[np.isfinite(draws)]
    if there.size < 0.95 * draws.size or not there.size or free < 1:
        return float("nan"), float("nan")
    tail = float(ndtr(-stdtrit(free, 0.975) * np.sqrt((free + 2) / free)))
    low, high = np.quantile(there, [tail, 1 - tail])
    return float(low), float(high)
