"""Many made studies through the chain in memory: what it claims where nothing is coupled.

Used by the slow tests and the benchmarks. A study is made, analysed and judged without a
file; what is kept of it is one row of plain numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.seeds import rng_for
from syntony.link.dyadic import fisher_interval, pearson
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.corpus import leader_findings, observed
from syntony.pipeline.emotions import emotions_of
from syntony.pipeline.empathy import score_rows
from syntony.pipeline.findings import main_findings
from syntony.simulate.study import demo_setup, make_study

CLAIM = 0.05


def claims_of(
    seed: int, *, world: str, recipe: Recipe, dyads: int = 20, minutes: float = 25.0
) -> dict[str, bool]:
    """Which findings a made study would claim at 5 in 100.

    Parameters
    ----------
    seed : int
        Of the study; the recipe's own seed is replaced by it.
    world : str
        One of ``syntony.simulate.worlds.WORLDS``.
    recipe : Recipe
    dyads, minutes
        Size of the study.

    Returns
    -------
    dict of str to bool
        ``synchrony/<method>`` (first statistic, pseudo-dyads, towards more),
        ``emotion`` (shared positive against the other seconds), ``moments`` (high against low,
        beside the selection null), ``empathy/<method>`` (permutation), ``leader/<method>``
        (somebody is named).
    """
    made = make_study(demo_setup(seed=seed, world=world, dyads=dyads, minutes=minutes))
    results, _ = analyse_sessions(made.sessions, recipe.model_copy(update={"seed": seed}))
    claims: dict[str, bool] = {}
    firsts: set[tuple[str, int, str]] = set()
    for found in main_findings(results):
        key = (found.finding, found.step, found.surrogate)
        if key in firsts or found.status != "ok":
            continue
        if found.finding == "synchrony":
            firsts.add(key)
            claims[f"synchrony/{found.method}/{found.surrogate}"] = found.p_one <= CLAIM
        elif found.finding == "leader":
            claims[f"leader/{found.method}"] = found.label in ("patient", "therapist")
        elif found.finding == "emotion" and found.label == "shared_positive":
            claims["emotion"] = found.p_two <= CLAIM
        elif found.finding == "moments" and found.surrogate == "selection_null":
            claims["moments"] = found.p_two <= CLAIM
        elif found.finding == "empathy" and found.surrogate == "permutation":
            claims[f"empathy/{found.method}"] = found.p_two <= CLAIM
    return claims


def recovered(
    seed: int, *, recipe: Recipe, dyads: int = 60, minutes: float = 50.0
) -> dict[str, Any]:
    """What a coupled study gives back: r with its interval, who leads, the emotion effect.

    Returns
    -------
    dict
        ``r``, ``low``, ``high`` (first statistic of the first step against the score),
        ``leader`` (as named), ``lag_s``, ``emotion_p`` (shared positive, towards more).
    """
    made = make_study(demo_setup(seed=seed, dyads=dyads, minutes=minutes))
    results, _ = analyse_sessions(made.sessions, recipe.model_copy(update={"seed": seed}))
    rows, _ = score_rows(results)
    score = {row["session"]: row["value"] for row in rows}
    index, _ = observed(results, 0, 0)
    rated = np.array([score[results.plan.sessions[i].id] for i in results.asked])
    r = pearson(index, rated)
    low, high = fisher_interval(r, index.size)
    leader = next(iter(leader_findings(results)))
    emotion = [f for f in emotions_of(results).findings if f.label == "shared_positive"]
    return {
        "r": r,
        "low": low,
        "high": high,
        "leader": leader.label,
        "lag_s": leader.value,
        "emotion_p": emotion[0].p_one if emotion else math.nan,
    }


def expected_link(
    dyads: int, *, seed: int, recipe: Recipe, minutes: float = 50.0, at_once: int = 100
) -> dict[str, Any]:
    """Correlation of the measured index with the score over many made dyads.

    Parameters
    ----------
    dyads : int
    seed : int
        Must not be that of the demo: its dyads stay unseen.
    recipe : Recipe
        Its first step and statistic are measured.
    minutes : float
    at_once : int
        Dyads held in memory together.

    Returns
    -------
    dict
        ``r``, ``low``, ``high`` (Fisher, 95 %), ``dyads``, ``minutes``, ``seed``, ``method``,
        ``statistic``.
    """
    index: list[float] = []
    rated: list[float] = []
    for block in range(math.ceil(dyads / at_once)):
        own = int(rng_for(seed, "expected", block).integers(2**31))
        setup = demo_setup(seed=own, dyads=min(at_once, dyads - len(index)), minutes=minutes)
        results, _ = analyse_sessions(make_study(setup).sessions, recipe)
        rows, _ = score_rows(results)
        index += observed(results, 0, 0)[0].tolist()
        rated += [row["value"] for row in rows]
    r = pearson(np.array(index), np.array(rated))
    low, high = fisher_interval(r, len(index))
    return {
        "r": round(r, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "dyads": len(index),
        "minutes": minutes,
        "seed": seed,
        "method": recipe.synchrony[0].method,
    }
