"""Model: whether a score grows faster where there is more synchrony."""

from __future__ import annotations

import numpy as np

from syntony.link.models.registry import Column, model
from syntony.link.models.values import Fitted, Sessions, not_testable
from syntony.link.models.within_between import fit_parts


@model(
    name="growth",
    title="Growth: change of a score over sessions, by synchrony",
    question="Does a score change faster over the sessions in dyads (and with therapists) that "
    "have more synchrony?",
    not_when="Dyads have fewer than three sessions, or change is not about straight.",
    formula="outcome ~ session * (sync_bd + sync_bt) + sync_ws + (1 + session | dyad) + (1 | "
    "therapist)",
    columns=(
        Column(name="outcome", explain="the score"),
        Column(name="sync", explain="the index of synchrony"),
    ),
    cites=("Satterthwaite1946", "Hemerik2020"),
    sentence="Growth of the score over sessions was regressed on the mean synchrony of dyads (less "
    "that of their therapist) and of therapists, with intercepts and slopes of dyads over sessions "
    "and intercepts of therapists (restricted maximum likelihood, "
    "@Satterthwaite1946).",
)
def growth(sessions: Sessions, rng: np.random.Generator) -> Fitted:
    """Join the growth of a score over sessions to the mean synchrony of dyads and therapists.

    Parameters
    ----------
    sessions : Sessions
        Columns ``outcome`` and ``sync``.
    rng : numpy.random.Generator

    Returns
    -------
    Fitted
        Key terms ``session_x_bd`` and ``session_x_bt``: change a session, per unit of synchrony.
    """
    used = sessions.complete("outcome", "sync")
    if len(used) < 3 * len(set(used.dyad)):
        few = len(used) / max(1, len(set(used.dyad)))
        return not_testable(used, f"{few:.1f} sessions a dyad, under 3: no growth to be seen")
    products = {"session_x_bd": "sync_bd", "session_x_bt": "sync_bt"}
    return fit_parts(used, rng, extra={}, slope_of="session", times=products)
