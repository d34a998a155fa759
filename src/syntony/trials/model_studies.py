"""Made studies at the level of indices and scores, whose coefficients are known.

No signals are made: what is tested is the model, not the way from signals to an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.link.models.centring import centre
from syntony.link.models.values import Sessions

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MadeSessions:
    """Sessions of a made study, the true value of every term, and options of the model."""

    sessions: Sessions
    truth: Mapping[str, float]
    options: Mapping[str, Any] = field(default_factory=dict)


def layout(rng: Rng, therapists: int, dyads: int, sessions: int, missing: float) -> Sessions:
    """Sessions of dyads who share therapists, some of them missing, with an index ``sync``.

    The index differs between therapists (SD .5), dyads (SD .7) and sessions (SD 1).
    """
    of_therapist = 0.5 * rng.standard_normal(therapists)
    of_dyad = 0.7 * rng.standard_normal(dyads)
    home = np.arange(dyads) % therapists
    rows = [
        (d, s)
        for d in range(dyads)
        for s in range(1, sessions + 1)
        if s <= 2 or rng.random() >= missing
    ]
    dyad, number = (np.array(v) for v in zip(*rows, strict=True))
    sync = of_therapist[home[dyad]] + of_dyad[dyad] + rng.standard_normal(len(rows))
    return Sessions(
        dyad=tuple(f"d{d:03d}" for d in dyad),
        number=number,
        therapist=tuple(f"t{home[d]:02d}" for d in dyad),
        columns={"sync": sync},
    )


def _levels(rng: Rng, names: tuple[str, ...], sd: float) -> Array:
    """A random level of everybody named, row by row."""
    known = list(dict.fromkeys(names))
    level = dict(zip(known, sd * rng.standard_normal(len(known)), strict=True))
    return np.array([level[n] for n in names])


def made_within_between(
    rng: Rng, planted: bool, *, therapists: int = 10, dyads: int = 40, sessions: int = 6
) -> MadeSessions:
    """Slopes of a score on the three parts of synchrony; slopes differ between dyads (SD .2)."""
    some = layout(rng, therapists, dyads, sessions, 0.1)
    parts = centre(some, "sync").parts
    true = dict(zip(parts, (0.3, 0.4, 0.5) if planted else (0.0,) * 3, strict=True))
    own = _levels(rng, some.dyad, 0.2)
    outcome = sum((true[k] * parts[k] for k in true), np.zeros(len(some)))
    outcome = outcome + own * parts["sync_ws"] + 0.05 * some.number + _rest(rng, some)
    return MadeSessions(sessions=some.with_columns(outcome=outcome), truth=true)


def _rest(rng: Rng, some: Sessions) -> Array:
    """Levels of dyads (SD .5) and therapists (SD .3), and what is left (SD .8)."""
    rest: Array = _levels(rng, some.dyad, 0.5) + _levels(rng, some.therapist, 0.3)
    return rest + 0.8 * rng.standard_normal(len(some))


def made_few(rng: Rng, planted: bool) -> MadeSessions:
    """The same with six therapists, eighteen dyads and four sessions: as few as are tested."""
    return made_within_between(rng, planted, therapists=6, dyads=18, sessions=4)


def made_next_session(rng: Rng, planted: bool) -> MadeSessions:
    """Scores that remember the session before (.3), and follow its synchrony within dyads."""
    some = layout(rng, 10, 40, 8, 0.0)
    parts = centre(_all_but_last(some), "sync").parts
    slope = 0.3 if planted else 0.0
    level = _levels(rng, some.dyad, 0.5) + _levels(rng, some.therapist, 0.3)
    outcome = np.zeros(len(some))
    pulled = np.zeros(len(some))
    pulled[some.number < some.number.max()] = slope * parts["sync_ws"]
    for i in range(len(some)):
        first = some.number[i] == 1
        before = rng.standard_normal() if first else outcome[i - 1] - level[i]
        pull = 0.0 if first else pulled[i - 1]
        outcome[i] = level[i] + 0.3 * before + pull + 0.7 * rng.standard_normal()
    return MadeSessions(sessions=some.with_columns(outcome=outcome), truth={"sync_ws": slope})


def _all_but_last(some: Sessions) -> Sessions:
    """Sessions that are followed by another."""
    return some.where(some.number < some.number.max())


def made_growth(rng: Rng, planted: bool) -> MadeSessions:
    """Growth over sessions that goes with the dyad's mean synchrony; slopes differ (SD .08)."""
    some = layout(rng, 10, 40, 6, 0.1)
    parts = centre(some, "sync").parts
    true = {"session_x_bd": 0.1 if planted else 0.0, "session_x_bt": 0.0}
    time = some.number - some.number.mean()
    slope = 0.1 + true["session_x_bd"] * parts["sync_bd"] + _levels(rng, some.dyad, 0.08)
    return MadeSessions(
        sessions=some.with_columns(outcome=slope * time + _rest(rng, some)), truth=true
    )


def made_apim(rng: Rng, planted: bool, *, dyads: int = 40, sessions: int = 1) -> MadeSessions:
    """Actor and partner effects of two people; residuals correlate at .4, predictors at .3."""
    names = ("actor_first", "actor_second", "partner_first", "partner_second")
    true = dict(zip(names, (0.4, 0.3, 0.2, 0.3) if planted else (0.0,) * 4, strict=True))
    dyad = np.repeat(np.arange(dyads), sessions)
    number = np.tile(np.arange(1.0, sessions + 1), dyads)
    own = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], size=dyad.size)
    level = rng.multivariate_normal([0, 0], [[0.5, 0.2], [0.2, 0.4]], size=dyads)[dyad]
    rest = rng.multivariate_normal([0, 0], [[1.0, 0.36], [0.36, 0.81]], size=dyad.size)
    some = Sessions(
        dyad=tuple(f"d{d:03d}" for d in dyad),
        number=number,
        columns={"actor_first": own[:, 0], "actor_second": own[:, 1]},
    )
    y = rest + (level if sessions > 1 else 0.0)
    y[:, 0] += true["actor_first"] * own[:, 0] + true["partner_first"] * own[:, 1]
    y[:, 1] += true["actor_second"] * own[:, 1] + true["partner_second"] * own[:, 0]
    kept = true if sessions == 1 else {n.replace("_", "_ws_", 1): v for n, v in true.items()}
    made = some.with_columns(outcome_first=y[:, 0], outcome_second=y[:, 1])
    return MadeSessions(sessions=made, truth=kept)


def made_apim_sessions(rng: Rng, planted: bool) -> MadeSessions:
    """The same over five sessions a dyad; levels of a dyad's two people correlate."""
    return made_apim(rng, planted, dyads=25, sessions=5)


def _once(rng: Rng, dyads: int, **columns: Array) -> Sessions:
    """One session a dyad."""
    return Sessions(
        dyad=tuple(f"d{k:03d}" for k in range(dyads)), number=np.ones(dyads), columns=columns
    )


def made_influence(rng: Rng, planted: bool) -> MadeSessions:
    """Influences of thirty dyads in both directions, and a moderator of one of them."""
    means = (0.15, 0.05) if planted else (0.0, 0.0)
    slopes = (0.1, 0.0) if planted else (0.0, 0.0)
    score = rng.standard_normal(30)
    both = rng.multivariate_normal([0, 0], [[0.04, 0.01], [0.01, 0.03]], size=30)
    centred = score - score.mean()
    columns = {
        f"influence_on_{who}": means[k] + slopes[k] * centred + both[:, k]
        for k, who in enumerate(("first", "second"))
    }
    truth = {
        "influence_first": means[0], "influence_second": means[1], "score_first": slopes[0],
        "score_second": slopes[1], "influence_difference": means[0] - means[1],
    }  # fmt: skip
    return MadeSessions(sessions=_once(rng, 30, score=score, **columns), truth=truth)


def made_surface(rng: Rng, planted: bool) -> MadeSessions:
    """A surface over two ratings that correlate at .4, 50 dyads."""
    rated = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], size=50)
    middle = rated.mean()
    x, y = (rated - middle).T
    slopes = (0.3, 0.2, -0.2, 0.3, -0.2) if planted else (0.0,) * 5
    columns = (x, y, x * x, x * y, y * y)
    outcome = sum((b * c for b, c in zip(slopes, columns, strict=True)), rng.standard_normal(50))
    b1, b2, b3, b4, b5 = slopes
    truth = {"a1": b1 + b2, "a2": b3 + b4 + b5, "a3": b1 - b2, "a4": b3 - b4 + b5}
    made = _once(rng, 50, x=rated[:, 0], y=rated[:, 1], outcome=outcome)
    return MadeSessions(sessions=made, truth=truth, options={"bootstrap": 200})


def made_quadratic(rng: Rng, planted: bool) -> MadeSessions:
    """A score that is highest at a middling synchrony; 25 dyads, four sessions."""
    some = layout(rng, 25, 25, 4, 0.1)
    sync = some.column("sync")
    bent = -0.2 if planted else 0.0
    away = sync - sync.mean()
    outcome = 0.2 * away + bent * away**2 + _levels(rng, some.dyad, 0.5)
    outcome = outcome + 0.8 * rng.standard_normal(len(some))
    made = some.with_columns(outcome=outcome)
    return MadeSessions(sessions=made, truth={"sync2": bent}, options={"bootstrap": 200})


def made_threshold(rng: Rng, planted: bool) -> MadeSessions:
    """A slope that ends at .2; 60 dyads. Without it: a straight line."""
    sync = rng.standard_normal(60)
    rise = np.minimum(sync, 0.2) if planted else 0.5 * sync
    outcome = rise + 0.5 * rng.standard_normal(60)
    bent = {"change_point": 0.2, "slope_below": 1.0, "slope_above": 0.0}
    truth = bent if planted else {"change": 0.0}
    return MadeSessions(
        sessions=_once(rng, 60, sync=sync, outcome=outcome),
        truth=truth,
        options={"draws": 499, "bootstrap": 400 if planted else 20},
    )


def made_mediation(rng: Rng, planted: bool) -> MadeSessions:
    """From synchrony through a mediator to an outcome, 40 dyads.

    Without an effect, synchrony still goes with the mediator, and nothing with the outcome.
    """
    sync = rng.standard_normal(40)
    mediator = 0.5 * sync + rng.standard_normal(40)
    b = 0.5 if planted else 0.0
    outcome = b * mediator + 0.1 * planted * sync + rng.standard_normal(40)
    return MadeSessions(
        sessions=_once(rng, 40, sync=sync, mediator=mediator, outcome=outcome),
        truth={"indirect": 0.5 * b},
        options={"times": (0.0, 1.0, 2.0), "bootstrap": 1000},
    )


WORLDS: Mapping[str, tuple[str, Callable[[Rng, bool], MadeSessions]]] = {
    "within_between": ("within_between", made_within_between),
    "within_between, few": ("within_between", made_few),
    "next_session": ("next_session", made_next_session),
    "growth": ("growth", made_growth),
    "apim": ("apim", made_apim),
    "apim over sessions": ("apim", made_apim_sessions),
    "stability_influence": ("stability_influence", made_influence),
    "response_surface": ("response_surface", made_surface),
    "quadratic": ("quadratic", made_quadratic),
    "threshold": ("threshold", made_threshold),
    "mediation": ("mediation", made_mediation),
}
"""Every made world: the model that is fitted to it, and how it is made."""
