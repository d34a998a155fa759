"""Two outcomes a session, one of each person, with correlated residuals: the actor-partner core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.link.models.layout import Random
from syntony.link.models.mixed import MIN_DYADS, Ask, answer
from syntony.link.models.rscript import HEAD, tail
from syntony.link.models.values import Fitted, Sessions, not_testable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Two:
    """What is known of both people of every session.

    ``outcome`` has shape (n_sessions, 2), the first person's and the second's. ``predictors`` map
    a name to the same shape: what predicts the first person's outcome, and the second's.
    """

    outcome: Array
    predictors: Mapping[str, Array]
    keys: tuple[str, ...]
    roles: tuple[str, str]


def fit_two(
    sessions: Sessions,
    two: Two,
    rng: np.random.Generator,
    *,
    notes: tuple[str, ...] = (),
    intercepts: bool = True,
) -> Fitted:
    """Fit both equations at once: residuals of one session are correlated.

    Every predictor has a coefficient of its own for each person, ``<name>_<role>``; the terms
    ``<name>_difference`` are the first person's less the second's. A row lacks a value: that
    person's row is left out, the other's stays.
    """
    present = np.isfinite(two.outcome)
    for values in two.predictors.values():
        present &= np.isfinite(values)
    dyads = {
        d for d, some in zip(sessions.dyad, np.any(present, axis=1).tolist(), strict=True) if some
    }
    if len(dyads) < MIN_DYADS:
        many = "one dyad only" if len(dyads) == 1 else f"{len(dyads)} dyads"
        return not_testable(sessions, f"{many}, under {MIN_DYADS}", *notes)
    session, person = np.nonzero(present)
    dyad = [sessions.dyad[i] for i in session]
    x: dict[str, Array] = {}
    for k, role in enumerate(two.roles):
        if intercepts:
            x[f"intercept_{role}"] = (person == k).astype(np.float64)
        for name, values in two.predictors.items():
            x[f"{name}_{role}"] = np.where(person == k, values[session, person], 0.0)
    several = len(set(session.tolist())) > len(dyads)
    ask = Ask(
        y=two.outcome[session, person],
        x=x,
        random=_random(two.roles, dyad, session, person, several),
        cluster=dyad,
        dyad=dyad,
        keys=tuple(f"{n}_{r}" for n in two.keys for r in two.roles),
        contrasts={
            f"{n}_difference": {f"{n}_{two.roles[0]}": 1.0, f"{n}_{two.roles[1]}": -1.0}
            for n in two.keys
        },
    )
    found = answer(ask, rng)
    who = {
        "dyad": dyad,
        "number": sessions.number[session],
        "person": person + 1,
        "role": [two.roles[k] for k in person],
    }
    return Fitted(
        n_sessions=len(set(session.tolist())),
        n_dyads=len(dyads),
        n_therapists=len({sessions.therapist[i] for i in session}) if sessions.therapist else 0,
        terms=found.terms,
        status=found.status,
        method=found.method,
        random=found.random,
        behind=(found,),
        notes=(*notes, *_therapists(sessions), *found.notes),
        script=two_script(found.names or tuple(x), several),
        data={**who, "outcome": ask.y, **x},
    )


def _random(
    roles: tuple[str, str], dyad: list[str], session: Ints, person: Ints, several: bool
) -> list[Random]:
    """Levels of both people of a dyad, where it has several sessions, and both residuals."""
    z = np.column_stack([person == 0, person == 1]).astype(np.float64)
    parts = [Random(name="residual", effects=roles, group=session.tolist(), z=z)]
    return [Random(name="dyad", effects=roles, group=dyad, z=z), *parts] if several else parts


def _therapists(sessions: Sessions) -> list[str]:
    """Say what is not in the model where therapists see several dyads."""
    if len(set(sessions.therapist)) in (0, len(set(sessions.dyad))):
        return []
    return [
        "Some dyads share a person: this model takes dyads as independent, so intervals may be "
        "narrow."
    ]


def two_script(names: tuple[str, ...], several: bool) -> str:
    """Script with nlme (one session a dyad) or glmmTMB (several)."""
    fixed = " + ".join(["0", *names])
    if several:
        fit = (
            "library(glmmTMB)\n"
            "rows$meeting <- factor(paste(rows$dyad, rows$number))\n"
            "rows$role <- factor(rows$role)\n"
            f"fit <- glmmTMB(outcome ~ {fixed} + us(0 + role | dyad) + us(0 + role | meeting),\n"
            "               dispformula = ~ 0, REML = TRUE, data = rows)\n"
        )
        take = "fixef(fit)$cond"
    else:
        fit = (
            "library(nlme)\n"
            f'fit <- gls(outcome ~ {fixed}, data = rows, method = "REML",\n'
            "           correlation = corSymm(form = ~ person | dyad),\n"
            "           weights = varIdent(form = ~ 1 | role))\n"
        )
        take = "coef(fit)"
    text = HEAD + fit + tail(take)
    return text.replace("vcov(fit)", "vcov(fit)$cond") if several else text
