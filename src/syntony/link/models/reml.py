"""Linear mixed models by restricted maximum likelihood, cluster by cluster.

The covariance of a cluster is a sum of known matrices times unknown variances and covariances,
``V = sum_k c_k K_k``; each set of random effects is a block ``G = L L'`` whose entries are the
``c_k``. How rows are laid out: ``layout.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.link.models.layout import Design, entries

ZERO = 1e-4
"""A standard deviation below this share of the residual's is at its bound, zero."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """Coefficients and variances where the restricted likelihood is highest.

    Attributes
    ----------
    design : Design
    beta : ndarray, shape (p,)
    variances : ndarray, shape (k,)
        ``c_k``, in the order of the kernels.
    inverse : ndarray, shape (n_clusters, m, m)
        Inverse of the covariance of each cluster; 0 in padded rows and columns.
    phi : ndarray, shape (p, p)
        Inverse of X'V^-1 X.
    deviance : float
        -2 log restricted likelihood.
    converged, singular : bool
        Whether the search ended at a maximum; whether a variance there is 0 or a correlation 1.
    """

    design: Design
    beta: Array
    variances: Array
    inverse: Array
    phi: Array
    deviance: float
    converged: bool
    singular: bool


def fit(design: Design) -> Fit:
    """Search the variances at which the restricted likelihood is highest.

    Returns
    -------
    Fit
        ``converged`` is False where the search did not end at a maximum.

    References
    ----------
    .. [1] Bates, Maechler, Bolker & Walker (2015), Journal of Statistical Software 67(1), section 3
       (the restricted likelihood; variances enter through a Cholesky factor).
       https://doi.org/10.18637/jss.v067.i01
    """
    from scipy.optimize import minimize

    scale = _spread(design)
    if not scale > 0:
        return _end(design, np.zeros(len(design.kernels)), False, False)
    eased = scale / np.array(design.spans)
    lower, start = _start(design.sizes)

    def search(begin: Array) -> Any:
        return minimize(
            _objective,
            begin,
            args=(design, eased),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0 if low else None, None) for low in lower],
            options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7},
        )

    best = search(start)
    for away in (0.005, 0.02, 0.1, 0.3):
        moved = np.where(lower & (best.x < away), away, best.x)
        risen = _objective(moved, design, eased)[1] < 0
        if (risen & lower & (best.x < away)).any() or not _is_top(best, lower):
            again = search(moved)
            best = again if again.fun < best.fun else best
    told = _is_top(best, lower)
    factors = _factors(best.x, design.sizes, eased)
    singular = any(
        _is_flat(f / e)
        for f, e in zip(factors[:-1], _per_block(eased, design.sizes)[:-1], strict=True)
    )
    return _end(design, _variances(factors), told, singular)


def _spread(design: Design) -> float:
    """Standard deviation of what the fixed part leaves without random effects."""
    x, y = design.x[design.there], design.y[design.there]
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    free = y.size + design.spare - x.shape[1]
    total = float(rest @ rest)
    return float(np.sqrt(total / free)) if free > 0 and total > 1e-18 * float(y @ y) else 0.0


def _start(sizes: tuple[int, ...]) -> tuple[Bools, Array]:
    """Which parameters are diagonal (never below zero), and where the search begins."""
    lower, start = [], []
    for place, size in enumerate(sizes):
        for a, b in entries(size):
            lower.append(a == b)
            last = place == len(sizes) - 1
            start.append((0.8 if last else 0.45) if a == b else 0.0)
    return np.array(lower), np.array(start)


def _per_block(values: Array, sizes: tuple[int, ...]) -> list[Array]:
    """Split a value per effect into columns, one per block."""
    edges = np.cumsum((0, *sizes))
    return [values[a:b, None] for a, b in pairwise(edges)]


def _factors(theta: Array, sizes: tuple[int, ...], eased: Array) -> list[Array]:
    """Lower triangular factor of every block from the parameters of the search."""
    out, k = [], 0
    for size, ease in zip(sizes, _per_block(eased, sizes), strict=True):
        factor = np.zeros((size, size))
        for a, b in entries(size):
            factor[b, a] = theta[k]
            k += 1
        out.append(ease * factor)
    return out


def _variances(factors: Sequence[Array]) -> Array:
    """Entries of every ``L L'`` in the order of the kernels."""
    return np.array([(f @ f.T)[a, b] for f in factors for a, b in entries(len(f))])


def _is_flat(factor: Array) -> bool:
    """Whether a set of random effects has a direction without variance."""
    return bool((np.linalg.svd(factor, compute_uv=False) < 10 * ZERO).any())


def _objective(theta: Array, design: Design, eased: Array) -> tuple[float, Array]:
    """-2 log restricted likelihood and its slope in the parameters of the search."""
    factors = _factors(theta, design.sizes, eased)
    variances = _variances(factors)
    solved = _solve(design, variances)
    if solved is None:
        return 1e12, np.zeros_like(theta)
    deviance, slope = solved[0], _slope_in_variances(design, variances, solved)
    out, k = [], 0
    for factor, ease in zip(factors, _per_block(eased, design.sizes), strict=True):
        size = len(factor)
        inner = np.zeros((size, size))
        for a, b in entries(size):
            inner[a, b] = inner[b, a] = slope[k] if a == b else slope[k] / 2
            k += 1
        full = 2 * inner @ factor * ease
        out += [full[b, a] for a, b in entries(size)]
    return deviance, np.array(out)


def _is_top(found: Any, lower: Bools) -> bool:
    """Whether the search ended where the likelihood is level, bounds aside."""
    level = np.abs(found.jac)[~(lower & (found.x < ZERO))] < 1e-2
    return bool(np.isfinite(found.fun) and found.fun < 1e11 and level.all())


Solved = tuple[float, Array, Array, Array, Array]


def _solve(design: Design, variances: Array) -> Solved | None:
    """Deviance, coefficients, inverse covariances, phi and V^-1 (y - X beta); or nothing."""
    m = design.y.shape[1]
    if design.spare and not variances[-1] > 0:
        return None
    covariance = np.tensordot(variances, design.kernels, axes=1)
    covariance[:, range(m), range(m)] += ~design.there
    try:
        lower = np.linalg.cholesky(covariance)
        half = np.linalg.inv(lower)
        inverse = half.transpose(0, 2, 1) @ half
        wx = inverse @ design.x
        gram = np.einsum("cmp,cmq->pq", design.x, wx)
        root = np.linalg.cholesky(gram)
        phi = np.linalg.inv(gram)
    except np.linalg.LinAlgError:
        return None
    beta = phi @ np.einsum("cmp,cm->p", wx, design.y)
    rest = design.y - design.x @ beta
    pulled = np.einsum("cmn,cn->cm", inverse, rest)
    n, p = int(design.there.sum()) + design.spare, design.x.shape[2]
    deviance = (
        (n - p) * np.log(2 * np.pi)
        + (design.spare * float(np.log(variances[-1])) if design.spare else 0.0)
        + 2 * float(np.log(np.einsum("cii->ci", lower)).sum())
        + 2 * float(np.log(np.diag(root)).sum())
        + float((rest * pulled).sum())
    )
    return deviance, beta, inverse, phi, pulled


def _slope_in_variances(design: Design, variances: Array, solved: Solved) -> Array:
    """Slope of the deviance in every ``c_k``."""
    _, _, inverse, phi, pulled = solved
    wx = inverse @ design.x
    flat = design.kernels.reshape(len(design.kernels), -1)
    weight = inverse - wx @ phi @ wx.transpose(0, 2, 1) - pulled[:, :, None] * pulled[:, None, :]
    slope: Array = flat @ weight.ravel()
    if design.spare:
        slope[-1] += design.spare / variances[-1]
    return slope


def _end(design: Design, variances: Array, converged: bool, singular: bool) -> Fit:
    """Put a fit together; NaN everywhere where the equations cannot be solved."""
    solved = _solve(design, variances)
    p = design.x.shape[2]
    if solved is None:
        none = np.full((p, p), np.nan)
        return Fit(
            design=design, beta=none[0], variances=variances, phi=none, deviance=float("nan"),
            inverse=np.full(design.kernels.shape[1:], np.nan), converged=False, singular=True,
        )  # fmt: skip
    deviance, beta, inverse, phi, _ = solved
    inverse = inverse * (design.there[:, :, None] & design.there[:, None, :])
    return Fit(
        design=design, beta=beta, variances=variances, phi=phi, deviance=deviance,
        inverse=inverse, converged=converged, singular=singular,
    )  # fmt: skip
