"""Model: synchrony of a session and the score of the next one."""

from __future__ import annotations

import numpy as np

from syntony.core.errors import InputError
from syntony.link.models.registry import Column, model
from syntony.link.models.values import Fitted, Sessions
from syntony.link.models.within_between import fit_parts

NICKELL = (
    "The score of the session before is a predictor here, and dyads differ in their level: its own "
    "coefficient is biased upward with few sessions a dyad. Read the coefficient of synchrony only."
)


@model(
    name="next_session",
    title="Next session: synchrony now, the score of the session that follows",
    question="Is the score of the next session higher after a session with more synchrony than is "
    "usual for the dyad, given the score of this session?",
    not_when="Sessions are not numbered, or the score is given less than every session.",
    formula="outcome ~ before + sync_ws + sync_bd + sync_bt + session + (1 | dyad) + (1 | "
    "therapist)",
    columns=(
        Column(name="outcome", explain="the score; that of the next session is the outcome"),
        Column(name="sync", explain="the index of synchrony"),
    ),
    cites=("Satterthwaite1946", "Hemerik2020"),
    sentence="The score of the session that followed (number + 1) was regressed on the score of "
    "this session and on the within-dyad, between-dyad and between-therapist parts of its "
    "synchrony, with intercepts of dyads and therapists (restricted maximum likelihood, "
    "@Satterthwaite1946).",
)
def next_session(sessions: Sessions, rng: np.random.Generator) -> Fitted:
    """Join the synchrony of a session to the score of the next.

    Parameters
    ----------
    sessions : Sessions
        Columns ``outcome`` and ``sync``; ``number`` says which session follows which.
    rng : numpy.random.Generator

    Returns
    -------
    Fitted
        Key terms ``sync_ws``, ``sync_bd``, ``sync_bt``; ``before`` is the score of this session.

    Raises
    ------
    InputError
        If a dyad has two sessions of one number.
    """
    later = following(sessions, "outcome")
    moved = sessions.with_columns(before=sessions.column("outcome"), outcome=later)
    used = moved.complete("outcome", "before", "sync")
    return fit_parts(
        used, rng, extra={"before": used.column("before")}, slope_of="", notes=(NICKELL,)
    )


def following(sessions: Sessions, name: str, steps: int = 1) -> np.ndarray:
    """Value of a column ``steps`` sessions later in the same dyad; NaN where there is none.

    Examples
    --------
    >>> some = Sessions(dyad=("a", "a", "a"), number=[1, 2, 4], columns={"o": [5, 6, 7]})
    >>> following(some, "o").tolist()
    [6.0, nan, nan]
    """
    at: dict[tuple[str, float], int] = {}
    for i, key in enumerate(zip(sessions.dyad, sessions.number.tolist(), strict=True)):
        if key in at:
            raise InputError("number", key[1], f"sessions of dyad {key[0]} with different numbers")
        at[key] = i
    values = sessions.column(name)
    found = [
        at.get((d, k + steps), -1)
        for d, k in zip(sessions.dyad, sessions.number.tolist(), strict=True)
    ]
    return np.array([values[i] if i >= 0 else np.nan for i in found])
