"""Assumptions of a model, looked at and told: residuals, single dyads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syntony.link.models.reml import Fit
from syntony.link.models.small_sample import white_residuals, without_each
from syntony.link.models.values import Check

if TYPE_CHECKING:
    from syntony.link.models.mixed import Ask

SUSPECT = 0.01
FEWEST = 12


def checks_of(ask: Ask, names: tuple[str, ...], found: Fit) -> tuple[tuple[Check, ...], list[str]]:
    """Look at residuals and at the influence of single dyads.

    Residuals are taken after the estimated covariance is out of them, so that they should be
    independent, of one variance and normal.

    Returns
    -------
    checks : tuple of Check
    notes : list of str
        What did not hold.
    """
    checks = [*_residuals(found), *_influence(ask, names, found)]
    return tuple(checks), [
        c.words for c in checks if c.name in ("normality", "variance") and c.p < SUSPECT
    ]


def _residuals(found: Fit) -> list[Check]:
    """Normality and even variance of the residuals."""
    from scipy.stats import shapiro
    from statsmodels.stats.diagnostic import het_breuschpagan

    left, fitted = white_residuals(found)
    if left.size < FEWEST or not np.ptp(left) > 0:
        return []
    w, p = shapiro(left[:4999])
    normal = (
        "Residuals are further from normal than chance gives (Shapiro-Wilk). With many dyads "
        "intervals of coefficients bear it; with few, lean on the second opinion."
        if p < SUSPECT
        else "Residuals look normal (Shapiro-Wilk)."
    )
    checks = [Check(name="normality", value=float(w), p=float(p), words=normal)]
    if np.ptp(fitted) > 0:
        lm, p_even, *_ = het_breuschpagan(left, np.column_stack([np.ones(left.size), fitted]))
        even = (
            "Residuals spread more at some fitted values than at others (Breusch-Pagan): standard "
            "errors may be off; lean on the second opinion."
            if p_even < SUSPECT
            else "Residuals spread evenly over the fitted values (Breusch-Pagan)."
        )
        checks.append(Check(name="variance", value=float(lm), p=float(p_even), words=even))
    return checks


def _influence(ask: Ask, names: tuple[str, ...], found: Fit) -> list[Check]:
    """The dyad without which a key term changes most."""
    if len(set(ask.dyad)) < 3:
        return []
    dyads, without = without_each(found, ask.dyad)
    checks = []
    for name in ask.keys:
        if name not in names or name in ask.untested:
            continue
        k = names.index(name)
        change = without[:, k] - found.beta[k]
        if not np.isfinite(change).any():
            continue
        most = int(np.nanargmax(np.abs(change)))
        se = float(np.sqrt(found.phi[k, k]))
        words = (
            f"Without dyad {dyads[most]}, {name} would be {without[most, k]:.3g} instead of "
            f"{found.beta[k]:.3g}: {abs(change[most]) / se:.1f} standard errors."
        )
        checks.append(Check(name=f"influence on {name}", value=float(change[most]), words=words))
    return checks
