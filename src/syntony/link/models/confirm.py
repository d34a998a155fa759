"""The same fit by statsmodels, in every run: two programs, one answer."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.reml import Fit

if TYPE_CHECKING:
    from syntony.link.models.mixed import Ask

AGREE = 0.02
"""Largest difference of a coefficient that counts as the same, in standard errors."""


def confirm(ask: Ask, names: tuple[str, ...], found: Fit) -> tuple[str, list[str]]:
    """Fit the same model with statsmodels and say whether it agrees.

    Without random effects: ordinary least squares. With intercepts of dyads, or of dyads in
    therapists, or with intercepts and slopes of dyads: ``MixedLM`` by REML. Other covariances
    statsmodels cannot express; then the fixed part is fitted by its generalised least squares at
    the covariance that was found.

    Returns
    -------
    told : str
        What was compared, for the column ``method``.
    notes : list of str
        That the two programs differ, where they do.
    """
    x = np.column_stack([ask.x[n] for n in names])
    kind, beta = _by_statsmodels(ask, x, found)
    if beta is None:
        return f"{kind} of statsmodels did not converge", [
            f"{kind} of statsmodels did not converge on this model; our own search did. Run the "
            "R script beside the table before you rely on it."
        ]
    apart = float(np.max(np.abs(beta - found.beta) / np.sqrt(np.diag(found.phi))))
    if apart <= AGREE:
        return f"the same by {kind} of statsmodels", []
    return f"{kind} of statsmodels differs by {apart:.2g} standard errors", [
        f"{kind} of statsmodels gives coefficients that differ by up to {apart:.2g} standard "
        "errors, which may be a search that stopped early. Run the R script beside the table."
    ]


def _by_statsmodels(ask: Ask, x: Array, found: Fit) -> tuple[str, Array | None]:
    """Name of the method and its coefficients; None where it did not converge."""
    from statsmodels.regression.linear_model import GLS, OLS

    parts = {part.name: part for part in ask.random}
    if list(parts) == ["residual"] and found.design.sizes == (1,):
        return "ordinary least squares", np.asarray(OLS(ask.y, x).fit().params)
    slopes = "dyad" in parts and len(parts["dyad"].effects) > 1
    if found.design.sizes[-1] == 1 and not (slopes and len(parts) > 2):
        return "MixedLM", _mixed(ask, x, slopes, found)
    return "generalised least squares", np.asarray(
        GLS(ask.y, x, sigma=_whole_covariance(found)).fit().params
    )


def _mixed(ask: Ask, x: Array, slopes: bool, found: Fit) -> Array | None:
    """Coefficients by ``MixedLM``; None where it did not converge."""
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

    parts = [p for p in ask.random if p.name != "residual"]
    outer = np.asarray(ask.cluster)
    if slopes or len(parts) == 1:
        made = MixedLM(ask.y, x, groups=outer, exog_re=parts[0].z)
    else:
        inner = np.asarray(parts[0].group)
        matrices, labels = [], []
        for name in list(dict.fromkeys(ask.cluster)):
            mine = inner[outer == name]
            own = list(dict.fromkeys(mine.tolist()))
            matrices.append(np.array([[float(m == o) for o in own] for m in mine.tolist()]))
            labels.append([str(o) for o in own])
        order = np.argsort(np.unique(outer, return_inverse=True)[1], kind="stable")
        by_name = dict(
            zip(dict.fromkeys(ask.cluster), zip(matrices, labels, strict=True), strict=True)
        )
        groups = sorted(by_name, key=str)
        spec = VCSpec(
            ["dyad"], [[by_name[g][1] for g in groups]], [[by_name[g][0] for g in groups]]
        )
        made = MixedLM(
            ask.y[order],
            x[order],
            groups=outer[order],
            exog_re=np.ones((len(order), 1)),
            exog_vc=spec,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = made.fit(reml=True, method=["lbfgs", "powell"])
        except (np.linalg.LinAlgError, ValueError):
            return None
    beta = np.asarray(fitted.fe_params)
    return beta if fitted.converged and np.isfinite(beta).all() else None


def _whole_covariance(found: Fit) -> Array:
    """Covariance of all rows, shape (n, n), in the order of the table."""
    n = int(found.design.there.sum())
    out = np.zeros((n, n))
    for c, keep in enumerate(found.design.there):
        rows = found.design.rows[c, keep]
        out[np.ix_(rows, rows)] = np.linalg.inv(found.inverse[c][np.ix_(keep, keep)])
    return out
