"""One row a session, dyads with levels of their own: the road of surface and curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.curves import bootstrap_over, middle
from syntony.link.models.mixed import MIN_DYADS, Answer, Ask, answer, intercept, residual
from syntony.link.models.rscript import data_of, lmer_script
from syntony.link.models.values import Fitted, Sessions, Term, not_testable


def fit_polynomial(
    used: Sessions,
    x: Mapping[str, Array],
    keys: tuple[str, ...],
    rng: np.random.Generator,
    *,
    contrasts: Mapping[str, Mapping[str, float]],
    bootstrap: int,
) -> tuple[Fitted, Answer, Array]:
    """Fit one equation over sessions; intervals from t, and from drawing dyads anew.

    Returns
    -------
    Fitted, Answer
    draws : ndarray, shape (bootstrap, p)
        Coefficients of the drawn studies; empty where nothing was fitted.
    """
    dyads = len(set(used.dyad))
    none = np.empty((0, 0))
    if dyads < MIN_DYADS:
        many = "one dyad only" if dyads == 1 else f"{dyads} dyads"
        return not_testable(used, f"{many}, under {MIN_DYADS}"), Answer(status="not testable"), none
    random = [intercept("dyad", used.dyad)] if dyads < len(used) else []
    random.append(residual(len(used)))
    whole = {"intercept": np.ones(len(used)), **x}
    ask = Ask(
        y=used.column("outcome"), x=whole, random=random, cluster=used.dyad, dyad=used.dyad,
        keys=keys, contrasts=contrasts,
    )  # fmt: skip
    found = answer(ask, rng)
    draws = none if found.fit is None else bootstrap_over(found.fit, rng, bootstrap)
    weights = {n: {n: 1.0} for n in found.names} | dict(contrasts)
    free = dyads - len(found.names)
    terms = tuple(_with_draws(t, weights, found.names, draws, free) for t in found.terms)
    shared = 0 < len(set(used.therapist)) < dyads
    told = (SHARED,) if shared else ()
    columns = {"outcome": ask.y, **x}
    fitted = Fitted(
        n_sessions=len(used), n_dyads=dyads, n_therapists=len(set(used.therapist)), terms=terms,
        status=found.status, method=found.method, random=found.random, behind=(found,),
        notes=(*told, *found.notes), script=lmer_script(found.names or tuple(whole), random),
        data=data_of(used, columns),
    )  # fmt: skip
    return fitted, found, draws


SHARED = (
    "Some dyads share a person: this model takes dyads as independent, so intervals may be narrow."
)


def _with_draws(
    term: Term,
    weights: Mapping[str, Mapping[str, float]],
    names: tuple[str, ...],
    draws: Array,
    free: int,
) -> Term:
    """Lay the interval of the drawn studies beside that of t."""
    if not draws.size or term.name not in weights:
        return term
    low, high = middle(draws @ np.array([weights[term.name].get(n, 0.0) for n in names]), free)
    return replace(term, boot_low=low, boot_high=high)
