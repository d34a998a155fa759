"""Linear mixed models by restricted maximum likelihood, cluster by cluster.

The covariance of a cluster is a sum of known matrices times unknown variances and covariances,
``V = sum_k c_k K_k``; each set of random effects is a block ``G = L L'`` whose entries are the
``c_k``. Clusters of unlike size are padded: a padded row has no data and a variance of 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools, Ints

ZERO = 1e-4
"""A standard deviation below this share of the residual's is at its bound, zero."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Random:
    """One set of random effects: ``z`` has a column per effect, ``group`` who shares them."""

    name: str
    effects: tuple[str, ...]
    group: Sequence[object]
    z: Array


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Rows laid out by cluster, padded to the largest.

    Attributes
    ----------
    y : ndarray, shape (n_clusters, m)
    x : ndarray, shape (n_clusters, m, p)
    there : ndarray of bool, shape (n_clusters, m)
    rows : ndarray of int, shape (n_clusters, m)
        Place of each cell in the table that was given; -1 where padded.
    kernels : ndarray, shape (k, n_clusters, m, m)
    sizes : tuple of int
        Effects in each block.
    """

    y: Array
    x: Array
    there: Bools
    rows: Ints
    kernels: Array
    sizes: tuple[int, ...]


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


def lay_out(y: Array, x: Array, cluster: Sequence[object], random: Sequence[Random]) -> Design:
    """Sort rows into clusters and make the matrices of which their covariance is the sum.

    Parameters
    ----------
    y : ndarray, shape (n,)
    x : ndarray, shape (n, p)
    cluster : sequence, length n
        Rows of different clusters are independent; every group must lie in one cluster.
    random : sequence of Random
        The last is the residual.
    """
    order: dict[object, list[int]] = {}
    for i, name in enumerate(cluster):
        order.setdefault(name, []).append(i)
    m = max(map(len, order.values()))
    rows = np.full((len(order), m), -1)
    for c, members in enumerate(order.values()):
        rows[c, : len(members)] = members
    there = rows >= 0
    kernels = []
    for part in random:
        codes = {name: k for k, name in enumerate(dict.fromkeys(part.group))}
        group = np.array([codes[g] for g in part.group])[rows]
        same = (group[:, :, None] == group[:, None, :]) & there[:, :, None] & there[:, None, :]
        z = part.z[rows]
        for a, b in _entries(part.z.shape[1]):
            outer = z[:, :, None, a] * z[:, None, :, b]
            kernels.append(same * (outer if a == b else outer + outer.transpose(0, 2, 1)))
    return Design(
        np.where(there, y[rows], 0.0),
        np.where(there[..., None], x[rows], 0.0),
        there,
        rows,
        np.array(kernels),
        tuple(part.z.shape[1] for part in random),
    )


def _entries(size: int) -> list[tuple[int, int]]:
    """Entries of a symmetric matrix on and above its diagonal."""
    return list(combinations_with_replacement(range(size), 2))


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
    eased = np.array([scale / s for s in _sizes_of_effects(design)])
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
    free = y.size - x.shape[1]
    total = float(rest @ rest)
    return float(np.sqrt(total / free)) if free > 0 and total > 1e-18 * float(y @ y) else 0.0


def _sizes_of_effects(design: Design) -> list[float]:
    """Root mean square of each effect's column, so that all are searched on one scale."""
    sizes, k = [], 0
    for size in design.sizes:
        for a, b in _entries(size):
            if a == b:
                diagonal = np.einsum("cii->ci", design.kernels[k])[design.there]
                seen = diagonal[diagonal > 0]
                sizes.append(float(np.sqrt(seen.mean())) if seen.size else 1.0)
            k += 1
    return sizes


def _start(sizes: tuple[int, ...]) -> tuple[Bools, Array]:
    """Which parameters are diagonal (never below zero), and where the search begins."""
    lower, start = [], []
    for place, size in enumerate(sizes):
        for a, b in _entries(size):
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
        for a, b in _entries(size):
            factor[b, a] = theta[k]
            k += 1
        out.append(ease * factor)
    return out


def _variances(factors: Sequence[Array]) -> Array:
    """Entries of every ``L L'`` in the order of the kernels."""
    return np.array([(f @ f.T)[a, b] for f in factors for a, b in _entries(len(f))])


def _is_flat(factor: Array) -> bool:
    """Whether a set of random effects has a direction without variance."""
    return bool((np.linalg.svd(factor, compute_uv=False) < 10 * ZERO).any())


def _objective(theta: Array, design: Design, eased: Array) -> tuple[float, Array]:
    """-2 log restricted likelihood and its slope in the parameters of the search."""
    factors = _factors(theta, design.sizes, eased)
    solved = _solve(design, _variances(factors))
    if solved is None:
        return 1e12, np.zeros_like(theta)
    deviance, slope = solved[0], _slope_in_variances(design, solved)
    out, k = [], 0
    for factor, ease in zip(factors, _per_block(eased, design.sizes), strict=True):
        size = len(factor)
        inner = np.zeros((size, size))
        for a, b in _entries(size):
            inner[a, b] = inner[b, a] = slope[k] if a == b else slope[k] / 2
            k += 1
        full = 2 * inner @ factor * ease
        out += [full[b, a] for a, b in _entries(size)]
    return deviance, np.array(out)


def _is_top(found: Any, lower: Bools) -> bool:
    """Whether the search ended where the likelihood is level, bounds aside."""
    level = np.abs(found.jac)[~(lower & (found.x < ZERO))] < 1e-2
    return bool(np.isfinite(found.fun) and found.fun < 1e11 and level.all())


Solved = tuple[float, Array, Array, Array, Array]


def _solve(design: Design, variances: Array) -> Solved | None:
    """Deviance, coefficients, inverse covariances, phi and V^-1 (y - X beta); or nothing."""
    m = design.y.shape[1]
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
    n, p = int(design.there.sum()), design.x.shape[2]
    deviance = (
        (n - p) * np.log(2 * np.pi)
        + 2 * float(np.log(np.einsum("cii->ci", lower)).sum())
        + 2 * float(np.log(np.diag(root)).sum())
        + float((rest * pulled).sum())
    )
    return deviance, beta, inverse, phi, pulled


def _slope_in_variances(design: Design, solved: Solved) -> Array:
    """Slope of the deviance in every ``c_k``."""
    _, _, inverse, phi, pulled = solved
    wx = inverse @ design.x
    flat = design.kernels.reshape(len(design.kernels), -1)
    weight = inverse - wx @ phi @ wx.transpose(0, 2, 1) - pulled[:, :, None] * pulled[:, None, :]
    slope: Array = flat @ weight.ravel()
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
