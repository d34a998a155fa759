"""Standard errors and degrees of freedom that hold with few dyads; flips, influence, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.reml import Fit
from syntony.link.models.values import NAN, Term

MIN_BLOCKS = 6
FLIPS = 1999


def spread_of_variances(fit: Fit) -> Array:
    """Asymptotic covariance of the estimated variances, from their expected information.

    A variance that is estimated as 0 counts as estimated, so that degrees of freedom allow for it.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    ndarray, shape (k, k)
    """
    design, phi, inverse = fit.design, fit.phi, fit.inverse
    wx = inverse @ design.x
    kernels = design.kernels
    k = len(kernels)
    pulled = kernels @ wx[None]  # K W X
    first = np.einsum("cmp,kcmq->kpq", wx, pulled)  # X'W K W X
    wk = inverse[None] @ kernels
    second = np.einsum("kcmp,cmn,lcnq->klpq", pulled, inverse, pulled)  # X'WK W KWX
    information = np.empty((k, k))
    for a in range(k):
        for b in range(a, k):
            value = (
                float((wk[a] * wk[b].transpose(0, 2, 1)).sum())
                - 2 * float(np.trace(phi @ second[a, b]))
                + float(np.trace(phi @ first[a] @ phi @ first[b]))
            )
            information[a, b] = information[b, a] = value / 2
    if design.spare:
        information[-1, -1] += design.spare / fit.variances[-1] ** 2 / 2
    return _inverted(information)


def _inverted(information: Array) -> Array:
    """Inverse of a symmetric matrix on a common scale; directions without information left out."""
    size = np.sqrt(np.maximum(np.diag(information), 1e-300))
    out: Array = np.linalg.pinv(information / np.outer(size, size), rcond=1e-8, hermitian=True)
    return np.asarray(out / np.outer(size, size))


def degrees_of_freedom(fit: Fit, spread: Array, contrast: Array) -> float:
    """Degrees of freedom of a contrast: twice its squared variance over the variance of that.

    References
    ----------
    .. [1] Satterthwaite (1946), Biometrics Bulletin 2, 110-114. https://doi.org/10.2307/3002019
    """
    wx = fit.inverse @ fit.design.x
    along = wx @ (fit.phi @ contrast)
    slope = np.einsum("cm,kcmn,cn->k", along, fit.design.kernels, along)
    variance = float(contrast @ fit.phi @ contrast)
    doubt = float(slope @ spread @ slope)
    return 2 * variance**2 / doubt if doubt > 0 else NAN


def t_term(name: str, estimate: float, se: float, df: float, **facts: object) -> Term:
    """A term with its interval and p from a t distribution."""
    from scipy.special import stdtr, stdtrit

    if not (np.isfinite(se) and se > 0 and np.isfinite(df) and df > 0):
        return Term(name=name, estimate=estimate, **facts)  # type: ignore[arg-type]
    half = float(stdtrit(df, 0.975)) * se
    return Term(
        name=name, estimate=estimate, se=se, df=df, low=estimate - half, high=estimate + half,
        p=2 * float(stdtr(df, -abs(estimate) / se)), **facts,  # type: ignore[arg-type]
    )  # fmt: skip


def flipped(fit: Fit, contrast: int, rng: np.random.Generator, draws: int = FLIPS) -> float:
    """Second opinion: p of a coefficient when the signs of whole clusters are turned.

    Each cluster adds its part to the score of the coefficient, taken where the coefficient is
    zero and orthogonal to the other coefficients. Without an effect, every part is as likely
    positive as negative; no distribution is assumed. Up to 12 clusters: every turning.

    Returns
    -------
    float
        Two-sided p; NaN under 6 clusters.

    References
    ----------
    .. [1] Hemerik, Goeman & Finos (2020), Journal of the Royal Statistical Society B 82,
       841-864. https://doi.org/10.1111/rssb.12369
    """
    parts = score_parts(fit, contrast)
    n = parts.size
    if n < MIN_BLOCKS:
        return NAN
    seen = abs(float(parts.sum())) - 1e-12 * float(np.abs(parts).sum())
    if n <= 12:
        signs = 1 - 2 * ((np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1)
        return float((np.abs(signs @ parts) >= seen).mean())
    signs = rng.integers(2, size=(draws, n)) * 2 - 1
    return float((1 + np.count_nonzero(np.abs(signs @ parts) >= seen)) / (draws + 1))


def score_parts(fit: Fit, column: int) -> Array:
    """Part of each cluster in the score of one coefficient where it is zero, (n_clusters,)."""
    x, y, w = fit.design.x, fit.design.y, fit.inverse
    others = np.delete(x, column, axis=2)
    wo = w @ others
    gram = np.einsum("cmp,cmq->pq", others, wo)
    both = np.stack([x[:, :, column], y], axis=2)
    made = np.linalg.solve(gram, np.einsum("cmp,cmq->pq", wo, both))
    left = both - others @ made
    parts: Array = np.einsum("cm,cmn,cn->c", left[:, :, 0], w, left[:, :, 1])
    return parts


def without_each(fit: Fit, who: Sequence[object]) -> tuple[list[object], Array]:
    """Coefficients without each dyad, the variances kept.

    Parameters
    ----------
    fit : Fit
    who : sequence, length n_rows
        Dyad of every row, in the order of the table.

    Returns
    -------
    names : list
    beta : ndarray, shape (n_names, p)
        NaN where the rest cannot tell the coefficients apart.
    """
    design = fit.design
    wx = fit.inverse @ design.x
    wy = np.einsum("cmn,cn->cm", fit.inverse, design.y)
    gram = np.einsum("cmp,cmq->pq", design.x, wx)
    right = np.einsum("cmp,cm->p", wx, design.y)
    names = list(dict.fromkeys(who))
    code = {name: k for k, name in enumerate(names)}
    place = np.array([code[w] for w in who])
    out = np.full((len(names), gram.shape[0]), np.nan)
    for c, rows in enumerate(design.rows):
        mine = np.where(design.there[c], place[rows], -1)
        for k in np.unique(mine[mine >= 0]):
            some = np.flatnonzero(mine == k)
            pivot = np.linalg.inv(fit.inverse[c][np.ix_(some, some)])
            a = gram - wx[c, some].T @ pivot @ wx[c, some]
            b = right - wx[c, some].T @ pivot @ wy[c, some]
            if np.linalg.cond(a) < 1e12:
                out[k] = np.linalg.solve(a, b)
    return names, out


def white_residuals(fit: Fit) -> tuple[Array, Array]:
    """Residuals made independent with variance 1, and fitted values, each (n_rows,)."""
    there = fit.design.there
    expected = fit.design.x @ fit.beta
    left, fitted = [], []
    for c, keep in enumerate(there):
        w = fit.inverse[c][np.ix_(keep, keep)]
        upper = np.linalg.cholesky(w).T
        left.append(upper @ (fit.design.y[c] - expected[c])[keep])
        fitted.append(expected[c][keep])
    return np.concatenate(left), np.concatenate(fitted)
