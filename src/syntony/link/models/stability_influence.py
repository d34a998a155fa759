"""Model: stability and influence of every dyad, over dyads and with what differs between them."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.registry import Column, model
from syntony.link.models.two_rows import Two, fit_two
from syntony.link.models.values import Fitted, Sessions


@model(
    name="stability_influence",
    title="Influence over dyads: in which direction, and in which dyads",
    question="Over dyads, does each person follow the other's earlier state; one more than the "
    "other; and more so in dyads with a higher score?",
    not_when="The step `stability_influence` is not in the recipe, or its delay was chosen by "
    "looking at the same data.",
    formula="influence ~ 0 + direction + direction:moderator, residuals of a dyad correlated",
    columns=(
        Column(
            name="influence_on_first",
            explain="the second person's influence on the first",
            default="stability_influence.influence_on_first",
        ),
        Column(
            name="influence_on_second",
            explain="the first person's influence on the second",
            default="stability_influence.influence_on_second",
        ),
    ),
    more="moderators: what differs between dyads",
    cites=("Thorson2018", "Satterthwaite1946", "Hemerik2020"),
    sentence="Influences of every dyad (@Thorson2018), averaged over its sessions, were compared "
    "over dyads and regressed on moderators, both directions at once with correlated residuals "
    "(restricted maximum likelihood, @Satterthwaite1946).",
)
def stability_influence(
    sessions: Sessions,
    rng: np.random.Generator,
    *,
    roles: tuple[str, str] = ("first", "second"),
) -> Fitted:
    """Mean influences over dyads, their difference, and what goes with them.

    Parameters
    ----------
    sessions : Sessions
        Columns ``influence_on_first``, ``influence_on_second``; every other column moderates.
    rng : numpy.random.Generator
    roles : tuple of str
        Names of the two people in the terms.

    Returns
    -------
    Fitted
        ``influence_<role>``: the mean influence on that role, at the mean of the moderators;
        ``influence_difference``: on the first less on the second; ``<moderator>_<role>``.
    """
    names = ("influence_on_first", "influence_on_second")
    moderators = [k for k in sessions.columns if k not in names]
    dyads = sessions.complete(*names, *moderators)
    means = over_dyads(dyads)
    outcome = np.column_stack([means.column(n) for n in names])
    both = {
        k: np.column_stack([v := means.column(k) - means.column(k).mean(), v]) for k in moderators
    }
    level = np.ones(outcome.shape)
    two = Two(
        outcome=outcome,
        predictors={"influence": level, **both},
        keys=("influence", *both),
        roles=roles,
    )
    return fit_two(means, two, rng, intercepts=False)


def over_dyads(sessions: Sessions) -> Sessions:
    """Mean of every column over the sessions of each dyad; one row a dyad.

    Examples
    --------
    >>> some = Sessions(dyad=("a", "a", "b"), number=[1, 2, 1], columns={"sync": [1, 3, 5]})
    >>> over_dyads(some).column("sync").tolist()
    [2.0, 5.0]
    """
    names = list(dict.fromkeys(sessions.dyad))
    rows = {d: [i for i, e in enumerate(sessions.dyad) if e == d] for d in names}

    def mean(values: Array) -> Array:
        return np.array([_mean(values[rows[d]]) for d in names])

    return Sessions(
        dyad=tuple(names),
        number=np.ones(len(names)),
        therapist=tuple(sessions.therapist[rows[d][0]] for d in names)
        if sessions.therapist
        else (),
        columns={k: mean(v) for k, v in sessions.columns.items()},
    )


def _mean(values: Array) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else float("nan")
