"""Model: synchrony (or a score) as a surface over two people's ratings of one thing."""

from __future__ import annotations

import numpy as np

from syntony.link.models.polynomial import fit_polynomial
from syntony.link.models.registry import Column, model
from syntony.link.models.values import Fitted, Sessions

SURFACE = {
    "a1": {"x": 1.0, "y": 1.0},
    "a2": {"x2": 1.0, "xy": 1.0, "y2": 1.0},
    "a3": {"x": 1.0, "y": -1.0},
    "a4": {"x2": 1.0, "xy": -1.0, "y2": 1.0},
}
CONGRUENCE = (
    "a1 and a2 are slope and curvature of the surface where the two ratings are equal, a3 and a4 "
    "where they are opposite. A negative a4 alone does not show that agreement matters: the "
    "surface may peak beside the line of equal ratings."
)


@model(
    name="response_surface",
    title="Response surface: an outcome over two ratings of one thing",
    question="Where patient and therapist rate the same thing, does the outcome go with its level, "
    "with who rates higher, or with how far apart they are?",
    not_when="The two ratings are not on one scale, or one of them hardly varies.",
    formula="outcome ~ x + y + I(x^2) + I(x*y) + I(y^2) + (1 | dyad)",
    columns=(
        Column(name="outcome", explain="what is predicted, such as synchrony"),
        Column(name="x", explain="the first person's rating"),
        Column(name="y", explain="the second person's rating, on the same scale"),
    ),
    cites=("Shanock2010", "Satterthwaite1946"),
    sentence="The outcome was regressed on both ratings, their squares and their product, centred "
    "at their common mean, with intercepts of dyads where these had several sessions; slopes and "
    "curvatures along the lines of equal and of opposite ratings (a1 to a4, @Shanock2010) have "
    "intervals from t and from {bootstrap} draws of dyads.",
)
def response_surface(
    sessions: Sessions, rng: np.random.Generator, *, bootstrap: int = 2000
) -> Fitted:
    """Fit the surface and its slopes and curvatures along the two lines.

    Parameters
    ----------
    sessions : Sessions
        Columns ``outcome``, ``x``, ``y``.
    rng : numpy.random.Generator
    bootstrap : int, default 2000
        Studies of dyads drawn anew.

    Returns
    -------
    Fitted
        Terms ``x``, ``y``, ``x2``, ``xy``, ``y2`` and ``a1`` to ``a4``.

    References
    ----------
    .. [1] a1 = b1 + b2, a2 = b3 + b4 + b5, a3 = b1 - b2, a4 = b3 - b4 + b5 of
       Z = b0 + b1 X + b2 Y + b3 X^2 + b4 XY + b5 Y^2.
    """
    used = sessions.complete("outcome", "x", "y")
    if not len(used):
        return fit_polynomial(used, {}, (), rng, contrasts={}, bootstrap=bootstrap)[0]
    middle = (used.column("x").mean() + used.column("y").mean()) / 2
    x, y = used.column("x") - middle, used.column("y") - middle
    columns = {"x": x, "y": y, "x2": x * x, "xy": x * y, "y2": y * y}
    fitted, _, _ = fit_polynomial(
        used, columns, tuple(columns), rng, contrasts=SURFACE, bootstrap=bootstrap
    )
    if fitted.status != "ok":
        return fitted
    return with_notes(
        fitted, f"Ratings are centred at {middle:.4g}, their common mean.", CONGRUENCE
    )


def with_notes(fitted: Fitted, *more: str) -> Fitted:
    """Add notes to a model."""
    from dataclasses import replace

    return replace(fitted, notes=(*fitted.notes, *more))
