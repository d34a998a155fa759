"""One common factor behind the items of a scale, by maximum likelihood; many tables at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints

FLOOR = 0.005
"""Least share of an item's variance that is its own: below, the item is the factor itself."""

_STEPS = 300
_HALVINGS = 12
_TOLERANCE = 1e-6


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

    Fisher scoring on loadings and residual variances, halving a step that would not raise the
    likelihood; no residual variance falls below ``FLOOR`` of its item's.

    Parameters
    ----------
    covariances : ndarray of float64, shape (n_tables, n_items, n_items)
        At least three items; with two a factor is not identified.

    Returns
    -------
    OneFactor

    References
    ----------
    .. [1] Jöreskog (1967), Some contributions to maximum likelihood factor analysis,
       Psychometrika 32(4), 443-482.

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
        misfit = _misfit(whole, at)
        for _ in range(_STEPS):
            at, misfit, moved = _move(whole, at, misfit)
            done = moved < _TOLERANCE
            if done.any():
                _keep(loadings, residuals, found, left[done], at[done], scale[done])
                on = ~done
                left, whole, at, scale, misfit = left[on], whole[on], at[on], scale[on], misfit[on]
            if not left.size:
                break
        _keep(loadings, residuals, found, left, at, scale, rested=False)
    return OneFactor(loadings=loadings, residuals=residuals, found=found)


def _start(correlations: Array) -> Array:
    """Loadings of the first principal axis, and what they leave."""
    values, axes = np.linalg.eigh(correlations)
    first = axes[:, :, -1] * np.sqrt(np.maximum(values[:, -1:], 0))
    first *= np.where(first.sum(axis=1, keepdims=True) < 0, -1, 1) * 0.9
    return np.concatenate([first, np.clip(1 - first**2, 0.1, 1.0)], axis=1)


def _move(correlations: Array, at: Array, misfit: Array) -> tuple[Array, Array, Array]:
    """One step of Fisher scoring: where it leads, the misfit there, and how far it went."""
    k = at.shape[1] // 2
    loadings, own = at[:, :k], at[:, k:]
    inverse = _inverse(loadings, own)
    whole = inverse @ correlations
    pull = inverse - whole @ inverse
    along = np.einsum("bij,bj->bi", inverse, loadings)
    slope = np.concatenate(
        [2 * np.einsum("bij,bj->bi", pull, loadings), np.einsum("bii->bi", pull)], axis=1
    )
    size = np.einsum("bi,bi->b", loadings, along)[:, None, None]
    bend = np.empty((len(at), 2 * k, 2 * k))
    bend[:, :k, :k] = 2 * (inverse * size + along[:, :, None] * along[:, None, :])
    bend[:, :k, k:] = 2 * inverse * along[:, None, :]
    bend[:, k:, :k] = np.swapaxes(bend[:, :k, k:], 1, 2)
    bend[:, k:, k:] = inverse**2
    held = np.zeros_like(at, dtype=bool)
    held[:, k:] = (own <= FLOOR) & (slope[:, k:] > 0)  # would leave its bound
    slope[held] = 0.0
    bend[held[:, :, None] | held[:, None, :]] = 0.0
    rows, items = np.nonzero(held)
    bend[rows, items, items] = 1.0
    ridge = 1e-9 * np.eye(2 * k)
    step = -np.linalg.solve(bend + ridge, slope[:, :, None])[:, :, 0]
    return _halved(correlations, at, step, misfit)


def _halved(
    correlations: Array, at: Array, step: Array, misfit: Array
) -> tuple[Array, Array, Array]:
    """Go along a step, or a half, a quarter ... of it, until the misfit does not grow."""
    k = at.shape[1] // 2
    length = np.ones(len(at))
    best, fit = at.copy(), misfit.copy()
    waiting = np.ones(len(at), dtype=bool)
    for _ in range(_HALVINGS):
        tried = at + length[:, None] * step
        tried[:, k:] = np.maximum(tried[:, k:], FLOOR)
        there = _misfit(correlations, tried)
        good = waiting & (there <= misfit + 1e-12)
        best[good], fit[good] = tried[good], there[good]
        waiting &= ~good
        if not waiting.any():
            break
        length[waiting] /= 2
    return best, fit, np.abs(best - at).max(axis=1)


def _inverse(loadings: Array, own: Array) -> Array:
    """Inverse of the covariances that the model implies (Sherman and Morrison)."""
    slope = loadings / own
    whole = 1 + (loadings * slope).sum(axis=1)
    k = loadings.shape[1]
    out: Array = -slope[:, :, None] * slope[:, None, :] / whole[:, None, None]
    out[:, np.arange(k), np.arange(k)] += 1 / own
    return out


def _misfit(correlations: Array, at: Array) -> Array:
    """Minus twice the log likelihood per person, up to a constant."""
    k = at.shape[1] // 2
    loadings, own = at[:, :k], at[:, k:]
    slope = loadings / own
    whole = 1 + (loadings * slope).sum(axis=1)
    inside = np.einsum("bi,bij,bj->b", slope, correlations, slope) / whole
    fit: Array = np.log(own).sum(axis=1) + np.log(whole)
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
    residuals[rows] = at[:, k:] * scale**2
    found[rows] = rested
