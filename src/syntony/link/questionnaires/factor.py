"""One common factor behind the items of a scale, by maximum likelihood; many tables at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints

FLOOR = 0.005
"""Least share of an item's variance that is its own: below, the item is the factor itself."""

_STEPS = 500
_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class OneFactor:
    """Loadings and residual variances of a one-factor model.

    Attributes
    ----------
    loadings, residuals : ndarray of float64, shape (n_tables, n_items)
        In the units of the items; loadings sum to 0 or more. NaN where a covariance matrix
        cannot be used.
    found : ndarray of bool, shape (n_tables,)
        Whether the search came to rest.
    """

    loadings: Array
    residuals: Array
    found: Bools

    @property
    def at_floor(self) -> Bools:
        """Whether some item would have less than ``FLOOR`` of its variance for itself."""
        own = self.residuals / (self.loadings**2 + self.residuals)
        return np.asarray((own < 1.2 * FLOOR).any(axis=1))


def one_factor(covariances: Array) -> OneFactor:
    """Fit one common factor to covariance matrices by maximum likelihood.

    The EM algorithm of Rubin and Thayer with the extrapolation of Varadhan and Roland
    (SQUAREM), kept only where it raises the likelihood.

    Parameters
    ----------
    covariances : ndarray of float64, shape (n_tables, n_items, n_items)
        At least three items; with two a factor is not identified.

    Returns
    -------
    OneFactor

    References
    ----------
    .. [1] Rubin and Thayer (1982), Psychometrika 47, 69-76.
       https://doi.org/10.1007/BF02293851
    .. [2] Varadhan and Roland (2008), Scandinavian Journal of Statistics 35, 335-353.
       https://doi.org/10.1111/j.1467-9469.2007.00585.x

    Examples
    --------
    >>> true = np.array([0.9, 0.7, 0.5])
    >>> fit = one_factor((np.outer(true, true) + np.diag([0.19, 0.51, 0.75]))[None])
    >>> fit.loadings[0].round(3).tolist(), bool(fit.found[0])
    ([0.9, 0.7, 0.5], True)
    """
    count, k, _ = covariances.shape
    spread = np.sqrt(np.maximum(np.einsum("bii->bi", covariances), 0.0))
    usable = np.isfinite(covariances).all(axis=(1, 2)) & (spread > 0).all(axis=1)
    loadings, residuals = np.full((count, k), np.nan), np.full((count, k), np.nan)
    found = np.zeros(count, dtype=bool)
    left = np.flatnonzero(usable)
    if left.size:
        scale = spread[left]
        whole = covariances[left] / (scale[:, :, None] * scale[:, None, :])
        at = _start(whole)
        for _ in range(_STEPS):
            new = _leap(whole, at)
            done = np.abs(new - at).max(axis=1) < _TOLERANCE
            at = new
            if done.any():
                _keep(loadings, residuals, found, left[done], at[done], scale[done])
                left, whole, at, scale = (v[~done] for v in (left, whole, at, scale))
            if not left.size:
                break
        _keep(loadings, residuals, found, left, at, scale, rested=False)
    return OneFactor(loadings=loadings, residuals=residuals, found=found)


def _start(correlations: Array) -> Array:
    """Loadings of the first principal axis, and the logarithm of what they leave."""
    values, axes = np.linalg.eigh(correlations)
    first = axes[:, :, -1] * np.sqrt(np.maximum(values[:, -1:], 0))
    first *= np.where(first.sum(axis=1, keepdims=True) < 0, -1, 1) * 0.9
    own = np.clip(1 - first**2, 0.05, 1.0)
    return np.concatenate([first, np.log(own)], axis=1)


def _leap(correlations: Array, at: Array) -> Array:
    """Two steps of EM and a leap along them, where it raises the likelihood."""
    one = _step(correlations, at)
    two = _step(correlations, one)
    gone, bend = one - at, two - 2 * one + at
    size = np.sqrt((bend**2).sum(axis=1, keepdims=True))
    length = np.sqrt((gone**2).sum(axis=1, keepdims=True)) / np.maximum(size, 1e-300)
    far = at + 2 * length * gone + length**2 * bend
    k = at.shape[1] // 2
    far[:, k:] = np.clip(far[:, k:], np.log(FLOOR), 2.0)
    far = _step(correlations, far)
    misfits = _misfit(correlations, far), _misfit(correlations, two)
    better = np.isfinite(far).all(axis=1) & (misfits[0] <= misfits[1]) & (size[:, 0] > 1e-12)
    return np.where(better[:, None], far, two)


def _step(correlations: Array, at: Array) -> Array:
    """One step of EM for the loadings and the logarithms of the residual variances."""
    k = at.shape[1] // 2
    loadings, own = at[:, :k], np.exp(at[:, k:])
    slope = loadings / own
    slope /= 1 + (loadings * slope).sum(axis=1, keepdims=True)
    beside = np.einsum("bij,bj->bi", correlations, slope)
    spread = 1 - (slope * loadings).sum(axis=1) + (slope * beside).sum(axis=1)
    fresh = beside / spread[:, None]
    rest = np.einsum("bii->bi", correlations) - fresh * beside
    return np.concatenate([fresh, np.log(np.maximum(rest, FLOOR))], axis=1)


def _misfit(correlations: Array, at: Array) -> Array:
    """Minus twice the log likelihood per person, up to a constant."""
    k = at.shape[1] // 2
    loadings, own = at[:, :k], np.exp(at[:, k:])
    slope = loadings / own
    whole = 1 + (loadings * slope).sum(axis=1)
    inside = np.einsum("bi,bij,bj->b", slope, correlations, slope) / whole
    fit: Array = at[:, k:].sum(axis=1) + np.log(whole)
    fit += (np.einsum("bii->bi", correlations) / own).sum(axis=1) - inside
    return fit


def _keep(
    loadings: Array,
    residuals: Array,
    found: Bools,
    rows: Ints,
    at: Array,
    scale: Array,
    *,
    rested: bool = True,
) -> None:
    """Write what was found back in the units of the items."""
    if not len(rows):
        return
    k = scale.shape[1]
    turned = np.where(at[:, :k].sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    loadings[rows] = at[:, :k] * turned * scale
    residuals[rows] = np.exp(at[:, k:]) * scale**2
    found[rows] = rested
