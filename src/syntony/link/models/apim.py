"""Model: actor and partner effects of two distinguishable people."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.link.models.centring import centre
from syntony.link.models.next_session import NICKELL
from syntony.link.models.registry import Column, model
from syntony.link.models.two_rows import Two, fit_two
from syntony.link.models.values import Fitted, Sessions


@model(
    name="apim",
    title="Actor and partner effects (APIM) of two people who can be told apart",
    question="Does a person's outcome go with that person's own predictor (actor), with the "
    "other's (partner), and with who leads in their synchrony?",
    not_when="The two people of a dyad have no roles that tell them apart.",
    formula="outcome ~ 0 + role + role:(actor + partner + shared) + (0 + role | dyad) + "
    "(0 + role | session)",
    columns=(
        Column(name="outcome", per="person", explain="the score, of each person"),
        Column(
            name="actor",
            per="person",
            explain="what each person brings: the actor effect is that on the own outcome, the "
            "partner effect that on the other's",
            required=False,
        ),
    ),
    more="predictors that both people share, such as synchrony in which one of them leads",
    cites=("Kenny2006", "Satterthwaite1946", "Hemerik2020"),
    sentence="An actor-partner interdependence model for distinguishable dyads [@Kenny2006] was "
    "fitted by restricted maximum likelihood: each role has coefficients and a residual variance "
    "of its own, residuals of one session are correlated, and with several sessions so are the "
    "levels of a dyad; predictors were then taken apart within and between dyads (score of the "
    "session before as a predictor: {previous}); degrees of freedom after @Satterthwaite1946.",
)
def apim(
    sessions: Sessions,
    rng: np.random.Generator,
    *,
    previous: bool = False,
    roles: tuple[str, str] = ("first", "second"),
) -> Fitted:
    """Fit actor and partner effects, and effects of what both people share.

    Parameters
    ----------
    sessions : Sessions
        Columns ``outcome_first``, ``outcome_second``; ``actor_first`` and ``actor_second`` where
        there is a predictor of each person; every other column is shared by both.
    rng : numpy.random.Generator
    previous : bool, default False
        Take each person's outcome of the session before as a predictor.
    roles : tuple of str
        Names of the two people in the terms.

    Returns
    -------
    Fitted
        Terms ``actor_<role>``, ``partner_<role>``, ``<shared>_<role>``: effects on the outcome of
        that role. With several sessions a dyad each has a part ``_ws`` and a part ``_bd``.

    Raises
    ------
    InputError
        If there is nothing to predict with.
    """
    outcome = _both(sessions, "outcome")
    shared = {k: v for k, v in sessions.columns.items() if not k.endswith(("_first", "_second"))}
    given = {k: np.column_stack([v, v]) for k, v in shared.items()}
    if "actor_first" in sessions.columns:
        own = _both(sessions, "actor")
        given = {"actor": own, "partner": own[:, ::-1], **given}
    if not given and not previous:
        raise InputError("columns", sorted(sessions.columns), "a predictor beside the outcome")
    there = np.asarray(np.isfinite(outcome).any(axis=1)).tolist()
    several = sum(there) > len({d for d, t in zip(sessions.dyad, there, strict=True) if t})
    predictors = _apart(sessions, given, outcome) if several else given
    keys = tuple(predictors)
    notes = []
    if previous:
        predictors = {"before": before(sessions, outcome), **predictors}
        notes.append(NICKELL.replace("synchrony only", "the other predictors only"))
    two = Two(outcome=outcome, predictors=predictors, keys=keys or ("before",), roles=roles)
    return fit_two(sessions, two, rng, notes=tuple(notes))


def _both(sessions: Sessions, name: str) -> Array:
    """A column of each person, shape (n_sessions, 2)."""
    return np.column_stack([sessions.column(f"{name}_first"), sessions.column(f"{name}_second")])


def _apart(sessions: Sessions, given: dict[str, Array], outcome: Array) -> dict[str, Array]:
    """Within-dyad and between-dyad parts of every predictor, person by person."""
    out: dict[str, Array] = {}
    for name, values in given.items():
        parts: dict[str, Array] = {}
        for k in range(2):
            keep = np.isfinite(values[:, k]) & np.isfinite(outcome[:, k])
            if not keep.any():
                continue
            some = sessions.with_columns(value=values[:, k]).where(keep)
            plain = Sessions(dyad=some.dyad, number=some.number, columns=some.columns)
            for part, found in centre(plain, "value").parts.items():
                title = part.replace("value", name)
                parts.setdefault(title, np.full(outcome.shape, np.nan))[keep, k] = found
        out |= {k: v for k, v in parts.items() if np.isfinite(v).any(axis=0).all()}
    return out


def before(sessions: Sessions, values: Array) -> Array:
    """Values of the session before in the same dyad; NaN where there is none."""
    at = {
        (d, n): i
        for i, (d, n) in enumerate(zip(sessions.dyad, sessions.number.tolist(), strict=True))
    }
    out = np.full(values.shape, np.nan)
    for (d, n), i in at.items():
        if (d, n - 1) in at:
            out[i] = values[at[d, n - 1]]
    return out
