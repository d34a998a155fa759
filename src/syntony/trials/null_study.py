"""One made study of a null world, judged as a run judges it, with only first statistics computed.

The draws, the strangers and the tests are those of the chain: the same streams of random numbers,
the same lengths, the functions of ``pipeline.corpus``. Only the way from a draw to its number is
shorter (:func:`syntony.synchrony.many_draws.first_statistic`), which a test holds to the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from syntony.config import Corpus, Emotion, Recipe, Step, Surrogate
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.corpus import against_own, against_partners, leader_findings
from syntony.pipeline.pairs import Results, partner_draws
from syntony.pipeline.plan import STRANGERS, make_plan
from syntony.pipeline.prepare import Features, features_from
from syntony.pipeline.source import FromMemory
from syntony.pipeline.strangers import cut, together
from syntony.simulate.study import demo_setup, make_study
from syntony.surrogates import registry as surrogate_list
from syntony.surrogates.decision import evidence
from syntony.surrogates.registry import takes_partners
from syntony.synchrony import registry as method_list
from syntony.synchrony.many_draws import first_statistic

CLAIM = 0.05
METHODS = ("marci", "lagged_correlation")


@dataclass(frozen=True, slots=True, kw_only=True)
class NullStudy:
    """Which study is made and what is asked of it.

    Attributes
    ----------
    world : str
        Of ``syntony.simulate.worlds.WORLDS``.
    methods, surrogates : tuple of str
        Every method is tested beside every surrogate; one draw serves all methods.
    dyads, minutes, draws
        Size of the study, and draws of every surrogate (and re-pairings of the study).
    """

    world: str
    methods: tuple[str, ...] = METHODS
    surrogates: tuple[str, ...] = (STRANGERS, "shift_thirds")
    dyads: int = 12
    minutes: float = 15.0
    draws: int = 99

    @property
    def recipe(self) -> Recipe:
        """The recipe of the study: defaults but for the numbers of draws."""
        return Recipe(
            synchrony=tuple(Step(method=name) for name in self.methods),
            surrogates=tuple(Surrogate(name=n, count=self.draws) for n in self.surrogates),
            emotion=Emotion(rotations=19),
            corpus=Corpus(derangements=self.draws, bootstrap=199),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one method said of one study beside one surrogate.

    ``p_one`` is that of the study; ``sessions`` counts those tested by themselves, and
    ``passed`` those of them with p_one at or below .05.
    """

    method: str
    surrogate: str
    p_one: float
    sessions: int
    passed: int


def outcomes(seed: int, asked: NullStudy) -> tuple[list[Outcome], dict[str, str]]:
    """Make a study, test it, and tell what was claimed.

    Parameters
    ----------
    seed : int
        Of the study and of its recipe.
    asked : NullStudy

    Returns
    -------
    list of Outcome
        One for every method and surrogate, first statistic.
    dict of str to str
        Method to the role that is named as leader, or "neither" or "not resolvable".

    Examples
    --------
    >>> found, leaders = outcomes(1, NullStudy(world="stationary", dyads=6, minutes=5.0, draws=19))
    >>> [(o.method, o.surrogate) for o in found][:2], sorted(leaders)
    ([('marci', 'pseudo_dyads'), ('marci', 'shift_thirds')], ['lagged_correlation', 'marci'])
    """
    results = null_results(seed, asked)
    found = [
        _outcome(results, number, item.name)
        for number in range(len(asked.methods))
        for item in results.recipe.surrogates
    ]
    return found, {f.method: f.label for f in leader_findings(results)}


def null_results(seed: int, asked: NullStudy) -> Results:
    """Results of a made study, as a run has them, of which only first statistics are filled in."""
    setup = demo_setup(seed=seed, world=asked.world, dyads=asked.dyads, minutes=asked.minutes)
    made = make_study(setup).sessions
    sessions = [replace(session, spans=(), answers=()) for session in made]  # nobody asks for them
    recipe = asked.recipe.model_copy(update={"seed": seed})
    plain, prepared = analyse_sessions(sessions, recipe.model_copy(update={"surrogates": ()}))
    chosen = recipe.model_copy(
        update={"synchrony": plain.recipe.synchrony, "roles": plain.recipe.roles}
    )
    plan = make_plan(chosen, FromMemory(tuple(sessions)))
    features = [features_from(s.id, made) for s, made in zip(sessions, prepared, strict=True)]
    blocks = {
        index: dict(block) | _chance(chosen, features, index, plan.partners(index))
        for index, block in plain.blocks.items()
    }
    return Results(chosen, plan, plain.facts, blocks, plain.coded)


def _chance(
    recipe: Recipe, features: Sequence[Features], index: int, partners: list[int]
) -> dict[str, Any]:
    """Draws and strangers of one session, under the names that a block has."""
    parts: dict[str, Any] = {}
    for item in recipe.surrogates:
        if takes_partners(item.name):
            parts |= _strangers(recipe, features, index, partners)
        else:
            parts |= _own(recipe, item, features[index])
    return parts


def _own(recipe: Recipe, item: Surrogate, own: Features) -> dict[str, Any]:
    """Draws of the pair's own surrogate; one draw serves every method."""
    draw = surrogate_list.get(item.name).draw
    if draw is None:
        raise InputError("surrogate", item.name, "one that draws from the pair itself")
    rng = rng_for(recipe.seed, "within", item.name, own.session)
    drawn = np.empty((item.count, own.second.size))
    try:
        for k in range(item.count):
            drawn[k] = draw(own.second, rng, rate_hz=own.rate_hz, **item.options)
    except InputError as error:
        return {f"refused_{item.name}": np.array(str(error))}
    return {
        f"step{number}_null_{item.name}": _first_column(
            step, first_statistic(step.method, own.first, drawn, rate_hz=own.rate_hz)
        )
        for number, step in enumerate(recipe.synchrony)
    }


def _first_column(step: Step, values: Array) -> Array:
    """Lay first statistics out as all of them are; the others are NaN."""
    table = np.full((values.size, len(method_list.get(step.method).statistics)), np.nan)
    table[:, 0] = values
    return table


def _strangers(
    recipe: Recipe, features: Sequence[Features], index: int, partners: list[int]
) -> dict[str, Any]:
    """The first person beside every stranger, and the real pair cut to every such length."""
    own = features[index]
    places = np.array(partners, dtype=np.int64)
    parts: dict[str, Any] = {"partners": places, "cut_partners": places}
    spans = [together(own, features[j]) for j in partners]
    for number, step in enumerate(recipe.synchrony):
        pseudo, real = (np.full(len(partners), np.nan) for _ in range(2))
        known: dict[tuple[float, float], float] = {}
        for k, (j, span) in enumerate(zip(partners, spans, strict=True)):
            if span is None:
                continue
            x = cut(own.first, own, *span)
            pseudo[k] = _one(step, x, cut(features[j].second, features[j], *span), own.rate_hz)
            if span not in known:
                known[span] = _one(step, x, cut(own.second, own, *span), own.rate_hz)
            real[k] = known[span]
        parts[f"step{number}_pseudo"] = _first_column(step, pseudo)
        parts[f"step{number}_cut"] = _first_column(step, real)
    return parts


def _one(step: Step, x: Array, y: Array, rate_hz: float) -> float:
    """First statistic of one pair."""
    return float(first_statistic(step.method, x, y[None], rate_hz=rate_hz)[0])


def _outcome(results: Results, number: int, surrogate: str) -> Outcome:
    """Study and sessions of one method beside one surrogate."""
    method = results.recipe.synchrony[number].method
    name = method_list.get(method).statistics[0].name
    facts: dict[str, Any] = {
        "finding": "synchrony",
        "label": name,
        "statistic": name,
        "step": number,
        "method": method,
    }
    if takes_partners(surrogate):
        found = against_partners(results, number, 0, surrogate, facts)
    else:
        found = against_own(results, number, 0, surrogate, facts)
    p = np.array(list(_session_p(results, number, surrogate)))
    return Outcome(
        method=method,
        surrogate=surrogate,
        p_one=found.p_one,
        sessions=int(np.isfinite(p).sum()),
        passed=int((p <= CLAIM).sum()),
    )


def _session_p(results: Results, number: int, surrogate: str) -> Iterator[float]:
    """Upper p of every session by itself; NaN where it has none."""
    for index in results.asked:
        block: Mapping[str, Any] = results.blocks[index]
        if takes_partners(surrogate):
            null = partner_draws(results, index, number, 0, surrogate)
        elif f"step{number}_null_{surrogate}" in block:
            null = block[f"step{number}_null_{surrogate}"][:, 0]
        else:
            continue
        observed = float(block[f"step{number}_stats"][0])
        yield evidence(observed, null, surrogate, results.recipe.seed).p_one
