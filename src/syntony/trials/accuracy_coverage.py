"""Made studies of ratings through the statistics of accuracy: what intervals hold, what passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.seeds import rng_for
from syntony.link.accuracy.continuous import bias_of
from syntony.link.accuracy.pooling import pooled
from syntony.link.accuracy.reaction import lag_profiles, reaction_lag
from syntony.link.accuracy.study import (
    Comparison,
    against_rotations,
    against_strangers,
    compare,
)
from syntony.link.accuracy.truth_bias import truth_and_bias
from syntony.simulate.ratings import RatingSetup, make_ratings

PLANTED = RatingSetup(rate_hz=1.0, reaction_lag_s=0.0, perceiver_lag_s=1.0)
NOTHING = replace(PLANTED, accuracy=0.0, accuracy_spread=0.0, own=0.0, perceiver_lag_s=0.0)
DRAWS = 199


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedDyads:
    """How large a made study is: one session of ``minutes`` a dyad.

    Every perceiver is in ``per_perceiver`` dyads (the last in what is left), and ``habit`` is the
    share of the variance of accuracy over dyads that goes with the perceiver.
    """

    dyads: int = 20
    minutes: float = 10.0
    per_perceiver: int = 1
    habit: float = 0.0

    @property
    def perceivers(self) -> list[int]:
        """Number of the perceiver of each dyad."""
        return [k // self.per_perceiver for k in range(self.dyads)]


def truth_of(setup: RatingSetup) -> dict[str, float]:
    """What is true of the numbers that are estimated.

    Examples
    --------
    >>> found = truth_of(PLANTED)
    >>> round(found["accuracy"], 2), round(found["bias"], 2)
    (0.6, -0.3)
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    rho = np.tanh(setup.accuracy + setup.accuracy_spread * nodes)
    mean = float(weights @ rho / weights.sum())
    alone = setup.own / (1 - setup.shared**2)  # weight of the own state beside the truth
    return {
        "accuracy": setup.accuracy,
        "bias": setup.bias,
        "truth_force": setup.slope * (mean - setup.shared * alone),
        "bias_force": setup.slope * alone,
        "reaction_lag": setup.perceiver_lag_s,
    }


def made_ratings(seed: int, setup: RatingSetup, size: RatedDyads) -> tuple[Array, Array, Array]:
    """Perceived, target's own and perceiver's own ratings, each (n_dyads, n_samples)."""
    rows = []
    for dyad, perceiver in enumerate(size.perceivers):
        rng = rng_for(seed, "rated", dyad)
        apart = float(rng.standard_normal())
        if size.habit:
            often = float(rng_for(seed, "perceiver", perceiver).standard_normal())
            apart = sqrt(size.habit) * often + sqrt(1 - size.habit) * apart
        z = setup.accuracy + setup.accuracy_spread * apart
        made = make_ratings(rng, setup, accuracy=z, duration_s=60.0 * size.minutes)
        rows.append((made.perceived, made.target, made.own))
    perceived, target, own = (np.stack(column) for column in zip(*rows, strict=True))
    return perceived, target, own


def intervals_of(seed: int, setup: RatingSetup, size: RatedDyads) -> dict[str, tuple[float, ...]]:
    """Value and interval of every estimate of one made study.

    Examples
    --------
    >>> found = intervals_of(1, PLANTED, RatedDyads(dyads=6, minutes=4.0))
    >>> sorted(found)
    ['accuracy', 'bias', 'bias_force', 'reaction_lag', 'truth_force']
    """
    perceived, target, own = made_ratings(seed, setup, size)
    names = [f"d{k}" for k in range(size.dyads)]
    lag = round(setup.perceiver_lag_s * setup.rate_hz)
    how = Comparison(rate_hz=setup.rate_hz, lag="fixed", lag_s=setup.perceiver_lag_s, rotations=0)
    z = compare(perceived, target, names, how, seed=seed, names=names).z
    moved = np.roll(perceived, -lag, axis=1)[:, : perceived.shape[1] - lag]
    kept = target[:, : moved.shape[1]], own[:, : moved.shape[1]]
    fits = [truth_and_bias(p, t, o) for p, t, o in zip(moved, *kept, strict=True)]
    bias = np.array([bias_of(p, t) for p, t in zip(perceived, target, strict=True)])
    lags = range(-5, 6)
    found = reaction_lag(
        lag_profiles(perceived, target, lags=lags, least=60),
        np.array(lags) / setup.rate_hz,
        rng_for(seed, "rated", "lag"),
        bootstrap=499,
    )
    told = {
        "accuracy": pooled(z),
        "bias": pooled(bias),
        "truth_force": pooled(np.array([f.truth_force for f in fits])),
        "bias_force": pooled(np.array([f.bias_force for f in fits])),
    }
    out: dict[str, tuple[float, ...]] = {k: (v.value, v.low, v.high) for k, v in told.items()}
    return out | {"reaction_lag": (found.value_s, found.low_s, found.high_s)}


def shared_intervals_of(
    seed: int, setup: RatingSetup, size: RatedDyads
) -> dict[str, tuple[float, ...]]:
    """Value and interval of mean accuracy of one study, with perceivers taken together or not.

    Examples
    --------
    >>> size = RatedDyads(dyads=6, minutes=4.0, per_perceiver=2, habit=0.5)
    >>> found = shared_intervals_of(1, PLANTED, size)
    >>> sorted(found), found["dyads"][0] == found["blocks"][0]
    (['blocks', 'dyads'], True)
    """
    perceived, target, _ = made_ratings(seed, setup, size)
    names = [f"d{k}" for k in range(size.dyads)]
    how = Comparison(rate_hz=setup.rate_hz, lag="fixed", lag_s=setup.perceiver_lag_s, rotations=0)
    z = compare(perceived, target, names, how, seed=seed, names=names).z
    told = {"dyads": pooled(z), "blocks": pooled(z, blocks=size.perceivers)}
    return {k: (v.value, v.low, v.high) for k, v in told.items()}


def alarms_of(
    seed: int, setup: RatingSetup, size: RatedDyads, *, lag: str = "zero"
) -> dict[str, float]:
    """One-sided p of a study, beside strangers and beside rotations.

    Examples
    --------
    >>> found = alarms_of(1, NOTHING, RatedDyads(dyads=6, minutes=4.0))
    >>> sorted(found)
    ['pseudo_dyads', 'rating_rotation']
    """
    perceived, target, _ = made_ratings(seed, setup, size)
    names = [f"d{k}" for k in range(size.dyads)]
    how = Comparison(rate_hz=setup.rate_hz, lag=lag, rotations=DRAWS)
    found = compare(perceived, target, names, how, seed=seed, names=names)
    facts: dict[str, Any] = {"finding": "accuracy", "label": "made"}
    strangers = against_strangers(
        found,
        names,
        ~np.eye(size.dyads, dtype=bool),
        (names, names),
        rng_for(seed, "rated", "derangements"),
        facts=facts,
        draws=DRAWS,
        bootstrap=99,
    )
    turned = against_rotations(found, names, facts=facts)
    return {strangers.surrogate: strangers.p_one, turned.surrogate: turned.p_one}
