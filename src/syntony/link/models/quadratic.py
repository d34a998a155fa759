"""Model: is a middling synchrony best?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from syntony.link.models.curves import middle
from syntony.link.models.polynomial import fit_polynomial
from syntony.link.models.registry import Column, model
from syntony.link.models.values import Fitted, Sessions, Term


@model(
    name="quadratic",
    title="Quadratic: is a middling synchrony best?",
    question="Does a score rise with synchrony up to a point and fall beyond it?",
    not_when="Few dyads have high or low synchrony: the ends decide a parabola.",
    formula="outcome ~ sync + I(sync^2) + (1 | dyad)",
    columns=(
        Column(name="outcome", explain="the score"),
        Column(name="sync", explain="the index of synchrony"),
    ),
    cites=("Satterthwaite1946", "Hemerik2020"),
    sentence="Whether a middling synchrony goes with the highest score was tested by the square of "
    "synchrony (centred at its mean), with intercepts of dyads where these had several sessions; "
    "the turning point has an interval from {bootstrap} draws of dyads.",
)
def quadratic(sessions: Sessions, rng: np.random.Generator, *, bootstrap: int = 2000) -> Fitted:
    """Fit a parabola and its turning point.

    Parameters
    ----------
    sessions : Sessions
        Columns ``outcome`` and ``sync``.
    rng : numpy.random.Generator
    bootstrap : int, default 2000

    Returns
    -------
    Fitted
        Terms ``sync``, ``sync2`` (key; below 0: highest in the middle) and ``turning_point``, given
        only where the interval of ``sync2`` leaves out 0.
    """
    used = sessions.complete("outcome", "sync")
    if not len(used):
        return fit_polynomial(used, {}, (), rng, contrasts={}, bootstrap=bootstrap)[0]
    centre = float(used.column("sync").mean())
    x = used.column("sync") - centre
    fitted, found, draws = fit_polynomial(
        used, {"sync": x, "sync2": x * x}, ("sync2",), rng, contrasts={}, bootstrap=bootstrap
    )
    if fitted.status != "ok":
        return fitted
    one, two = (found.names.index(n) for n in ("sync", "sync2"))
    bent = fitted.term("sync2")
    if bent.low <= 0 <= bent.high:
        turn = Term(
            name="turning_point", estimate=np.nan,
            status="not testable: the interval of sync2 holds 0, so the curve may not turn at all",
        )  # fmt: skip
    else:
        at = centre - draws[:, one] / (2 * draws[:, two])
        low, high = middle(at, fitted.n_dyads - len(found.names))
        value = centre - fitted.term("sync").estimate / (2 * bent.estimate)
        turn = Term(
            name="turning_point", estimate=value, low=low, high=high, boot_low=low, boot_high=high
        )
    note = f"Synchrony is centred at {centre:.4g}, its mean; turning_point is on its own scale."
    return replace(fitted, terms=(*fitted.terms, turn), notes=(*fitted.notes, note))
