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


def middle(draws: Array) -> tuple[float, float]:
    """Central 95 % of the draws that have a value; NaN where one in twenty has none."""
    there = draws[np.isfinite(draws)]
    if there.size < 0.95 * draws.size or not there.size:
        return float("nan"), float("nan")
    low, high = np.quantile(there, [0.025, 0.975])
    return float(low), float(high)
