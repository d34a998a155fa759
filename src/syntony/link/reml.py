"""Linear mixed model with random effects per group, by REML, whatever lies on the boundary.

The profiled criterion needs products of small matrices only, so that a fit takes milliseconds,
and a variance of 0 is an ordinary answer here and no failure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reml:
    """A fitted linear mixed model.

    Attributes
    ----------
    estimate, se : ndarray of float64, shape (p,)
        Fixed effects.
    cov : ndarray of float64, shape (q, q)
        Covariance of the group's own effects.
    nested : float
        Variance of the units inside groups; NaN where there are none.
    residual : float
        Residual variance.
    criterion : float
        REML deviance at the optimum.
    converged : bool
    """

    estimate: Array
    se: Array
    cov: Array
    nested: float
    residual: float
    criterion: float
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Products:
    """Products of the columns, over all rows and by group (padded to one number of units)."""

    n: int
    q: int
    xx: Array
    xy: Array
    yy: float
    zz: Array
    zx: Array
    zy: Array


def fit_reml(y: Array, fixed: Array, effects: Array, group: Ints, unit: Ints | None = None) -> Reml:
    """Fit y = X b + Z u + e with u drawn anew for every group.

    Parameters
    ----------
    y : ndarray of float64, shape (n,)
    fixed : ndarray of float64, shape (n, p)
        Columns of the fixed effects, of full rank.
    effects : ndarray of float64, shape (n, q)
        Columns whose effects differ between groups, with any covariance; ones for intercepts.
    group : ndarray of int64, shape (n,)
    unit : ndarray of int64, shape (n,), optional
        Unit inside a group (a session of a dyad), each with an intercept of its own.

    Returns
    -------
    Reml

    Raises
    ------
    InputError
        If the fixed effects are not of full rank, or there are no more rows than columns.

    Notes
    -----
    The criterion is profiled over fixed effects and residual variance and minimised over the
    Cholesky factor of the relative covariance, as in [1]_ (eq. 39 to 42).

    References
    ----------
    .. [1] Bates, Maechler, Bolker & Walker (2015), Journal of Statistical Software 67(1).
       https://doi.org/10.18637/jss.v067.i01

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> group = np.repeat(np.arange(30), 20)
    >>> x = np.stack([np.ones(600), rng.standard_normal(600)], axis=1)
    >>> y = x @ [1.0, 0.5] + rng.standard_normal(30)[group] + rng.standard_normal(600)
    >>> found = fit_reml(y, x, x[:, :1], group)
    >>> found.estimate.round(1).tolist(), round(float(found.cov[0, 0]) ** 0.5, 1)
    ([1.2, 0.5], 1.0)
    """
    from scipy.optimize import minimize

    n, p = fixed.shape
    if n <= p or np.linalg.matrix_rank(fixed) < p:
        raise InputError("fixed", f"{n} rows, {p} columns", "columns that say different things")
    parts = _products(y, fixed, effects, group, unit)
    q = effects.shape[1]
    lower = np.tril_indices(q)
    count = lower[0].size + (unit is not None)
    on_diagonal = np.r_[lower[0] == lower[1], [True] * (unit is not None)]

    def deviance(theta: Array) -> float:
        return _profile(theta, parts, q)[0]

    # unbounded: the sign of a column of the factor says nothing, so that 0 is no wall
    starts = [np.where(on_diagonal, 0.3, slant) for slant in (0.0, -0.3, 0.3)]
    rough = [minimize(deviance, s, method="L-BFGS-B").x for s in starts[: 3 if q > 1 else 1]]
    first = min(rough, key=deviance)
    simplex = np.vstack([first, first + 0.05 * np.eye(count)])
    options = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 400 * count, "initial_simplex": simplex}
    best = minimize(deviance, first, method="Nelder-Mead", options=options)
    value, beta, cov, sigma2 = _profile(best.x, parts, q)
    factor = _factor(best.x, q)
    return Reml(
        estimate=beta,
        se=np.sqrt(np.diag(cov)),
        cov=sigma2 * factor @ factor.T,
        nested=float(sigma2 * best.x[-1] ** 2) if unit is not None else float("nan"),
        residual=sigma2,
        criterion=value,
        converged=bool(best.success),
    )


def _products(y: Array, fixed: Array, effects: Array, group: Ints, unit: Ints | None) -> _Products:
    """Everything about the data that the criterion needs."""
    names = np.unique(group)
    most = 0
    if unit is not None:
        most = max(np.unique(unit[group == g]).size for g in names)
    q, p = effects.shape[1] + most, fixed.shape[1]
    zz, zx, zy = np.zeros((names.size, q, q)), np.zeros((names.size, q, p)), None
    zy = np.zeros((names.size, q))
    for k, name in enumerate(names):
        mine = group == name
        z = np.zeros((int(mine.sum()), q))
        z[:, : effects.shape[1]] = effects[mine]
        if unit is not None:
            units = np.unique(unit[mine])
            z[:, effects.shape[1] : effects.shape[1] + units.size] = unit[mine][:, None] == units
        zz[k], zx[k], zy[k] = z.T @ z, z.T @ fixed[mine], z.T @ y[mine]
    return _Products(
        n=y.size, q=q, xx=fixed.T @ fixed, xy=fixed.T @ y, yy=float(y @ y), zz=zz, zx=zx, zy=zy
    )


def _factor(theta: Array, q: int) -> Array:
    """Lower triangular factor of the relative covariance of the group's own effects."""
    lower = np.tril_indices(q)
    out = np.zeros((q, q))
    out[lower] = theta[: lower[0].size]
    return out


def _profile(theta: Array, parts: _Products, q: int) -> tuple[float, Array, Array, float]:
    """REML deviance, fixed effects, their covariance and residual variance at one factor."""
    whole = np.zeros((parts.q, parts.q))
    whole[:q, :q] = _factor(theta, q)
    if parts.q > q:
        whole[q:, q:] = theta[-1] * np.eye(parts.q - q)
    inner = whole.T @ parts.zz @ whole + np.eye(parts.q)
    root = np.linalg.cholesky(inner)
    of_x = np.linalg.solve(root, whole.T @ parts.zx)
    of_y = np.linalg.solve(root, (parts.zy @ whole)[..., None])[..., 0]
    xx = parts.xx - np.einsum("gqp,gqr->pr", of_x, of_x)
    xy = parts.xy - np.einsum("gqp,gq->p", of_x, of_y)
    beta = np.linalg.solve(xx, xy)
    free = parts.n - beta.size
    left = max(parts.yy - float(np.sum(of_y**2)) - float(beta @ xy), 1e-300)
    sigma2 = left / free
    logs = 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())
    value = logs + float(np.linalg.slogdet(xx)[1]) + free * (1 + np.log(2 * np.pi * sigma2))
    return value, beta, sigma2 * np.linalg.inv(xx), sigma2
