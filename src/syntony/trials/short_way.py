"""The chance of a session by the shorter way: of every draw and stranger the first statistic only.

Draws, partners, lengths and streams of random numbers are those of a run; only the way from a draw
to its number is shorter (:func:`syntony.synchrony.many_draws.first_statistic`), which tests hold
to the chain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from syntony.config import Recipe, Step, Surrogate
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.pipeline.pairs import Results, draws_of
from syntony.pipeline.plan import Plan
from syntony.pipeline.prepare import Features
from syntony.pipeline.strangers import cut, together
from syntony.surrogates import registry as surrogate_list
from syntony.surrogates.decision import evidence
from syntony.surrogates.registry import takes_partners
from syntony.synchrony import registry as method_list
from syntony.synchrony.many_draws import first_statistic


def chance_of(
    recipe: Recipe, plan: Plan, features: Sequence[Features], index: int
) -> dict[str, Any]:
    """Draws and pseudo-pairs of one session, under the names that a block has.

    Every table of statistics has its usual width; all but the first column are NaN.
    """
    parts: dict[str, Any] = {}
    for item in recipe.surrogates:
        if not takes_partners(item.name):
            parts |= _own_draws(recipe, item, features[index])
    return parts | _beside_partners(recipe, plan, features, index)


def sessions_alone(results: Results, number: int, surrogate: str) -> Iterator[tuple[float, int]]:
    """Upper p of the first statistic of every session by itself, and its number of draws."""
    for index in results.asked:
        null = draws_of(results, index, number, 0, surrogate)
        if null.size:
            observed = float(results.blocks[index][f"step{number}_stats"][0])
            yield evidence(observed, null, surrogate, results.recipe.seed).p_one, null.size


def _own_draws(recipe: Recipe, item: Surrogate, own: Features) -> dict[str, Any]:
    """Draws of a surrogate that acts on the pair itself; one draw serves every method."""
    draw = surrogate_list.get(item.name).draw
    if draw is None:
        raise InputError("surrogate", item.name, "one that draws from the pair itself")
    rng = rng_for(recipe.seed, "within", item.name, own.session)
    try:  # a session can be too short for a surrogate
        drawn = [
            draw(own.second, rng, rate_hz=own.rate_hz, **item.options) for _ in range(item.count)
        ]
    except InputError as error:
        return {f"refused_{item.name}": np.array(str(error))}
    return {
        f"step{number}_null_{item.name}": _as_first(step, _firsts(step, own.first, drawn, own))
        for number, step in enumerate(recipe.synchrony)
    }


def _beside_partners(
    recipe: Recipe, plan: Plan, features: Sequence[Features], index: int
) -> dict[str, Any]:
    """The first person beside every partner, and the real pair cut to every such length."""
    own = features[index]
    partners = plan.partners(index)
    others = sorted({*partners, *plan.lenders(index)})
    spans = {j: together(own, features[j]) for j in others}
    parts: dict[str, Any] = {
        "partners": np.array(partners, dtype=np.int64),
        "cut_partners": np.array(others, dtype=np.int64),
    }
    for number, step in enumerate(recipe.synchrony):
        pseudo = dict.fromkeys(partners, math.nan)
        real = dict.fromkeys(others, math.nan)
        for span in {s for s in spans.values() if s is not None}:
            here = [j for j in others if spans[j] == span]
            lent = [j for j in here if j in pseudo]
            second = [cut(features[j].second, features[j], *span) for j in lent]
            second.append(cut(own.second, own, *span))
            found = _firsts(step, cut(own.first, own, *span), second, own)
            pseudo |= dict(zip(lent, found[:-1].tolist(), strict=True))
            real |= dict.fromkeys(here, float(found[-1]))
        parts[f"step{number}_pseudo"] = _as_first(step, np.array([pseudo[j] for j in partners]))
        parts[f"step{number}_cut"] = _as_first(step, np.array([real[j] for j in others]))
    return parts


def _firsts(step: Step, x: Array, drawn: Sequence[Array], own: Features) -> Array:
    """First statistics of one signal beside many; NaN where the stretch is too short."""
    try:
        return first_statistic(
            step.method, x, np.stack(drawn), rate_hz=own.rate_hz, options=step.options
        )
    except InputError:
        return np.full(len(drawn), np.nan)


def _as_first(step: Step, values: Array) -> Array:
    """Lay first statistics out as all of them are; the others are NaN."""
    table = np.full((values.size, len(method_list.get(step.method).statistics)), np.nan)
    table[:, 0] = values
    return table
