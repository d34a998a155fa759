"""One made study of a null world, judged as a run judges it, with only first statistics computed.

Draws, strangers and tests are those of the chain, by the way of ``trials.short_way``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from syntony.config import Corpus, Emotion, Recipe, Step, Surrogate
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.corpus import against, leader_findings
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import STRANGERS, make_plan
from syntony.pipeline.prepare import features_from
from syntony.pipeline.source import FromMemory
from syntony.simulate.study import demo_setup, make_study
from syntony.synchrony import registry as method_list
from syntony.trials.short_way import chance_of, sessions_alone

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
        index: dict(block) | chance_of(chosen, plan, features, index)
        for index, block in plain.blocks.items()
    }
    return Results(chosen, plan, plain.facts, blocks, plain.coded)


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
    found = against(results, number, 0, surrogate, facts)
    p = np.array([p for p, _ in sessions_alone(results, number, surrogate)])
    return Outcome(
        method=method,
        surrogate=surrogate,
        p_one=found.p_one,
        sessions=int(np.isfinite(p).sum()),
        passed=int((p <= CLAIM).sum()),
    )
