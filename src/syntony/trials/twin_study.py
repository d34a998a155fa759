"""One twin study through the recipe of its study: what is claimed, in plain numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from syntony.body.filters import zero_phase
from syntony.config import Recipe
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.io.study import SessionRow
from syntony.pipeline.corpus import against, leader_findings
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import Plan, make_plan
from syntony.pipeline.prepare import Features
from syntony.pipeline.steps import couple
from syntony.pipeline.work import observe
from syntony.simulate.likeness import Clean, Likeness
from syntony.simulate.tonic import clean_nothing
from syntony.simulate.twins import Twin, make_twins
from syntony.trials.short_way import chance_of, sessions_alone

ALPHA = 0.05
SESSION, STUDY = "session", "study"
LEADER = "leader"
KEPT = ("stats", "profile", "lag")


@dataclass(frozen=True, order=True)
class Condition:
    """What is planted in a twin study: nothing where the share is 0."""

    share: float = 0.0
    delay_s: float = 0.0

    @property
    def name(self) -> str:
        """For files and streams: ``"null"``, or share and delay."""
        return f"share {self.share:g}, delay {self.delay_s:g} s" if self.share else "null"


NULL = Condition()


@dataclass(frozen=True)
class TwinTask:
    """What one worker needs for one twin study."""

    likeness: Likeness
    recipe: Recipe
    seed: int
    condition: Condition
    number: int


@dataclass(frozen=True)
class FromTwins:
    """The sessions of a twin study, as the plan wants them."""

    likeness: Likeness

    title: str = "twins"
    simulated: bool = True
    truth: Mapping[str, Any] | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the first session."""
        return tuple(p.role for p in self.likeness.sessions[0].people)

    @property
    def rows(self) -> tuple[SessionRow, ...]:
        """Every session with its two people."""
        return tuple(
            SessionRow(
                id=s.id,
                dyad=s.dyad,
                number=s.number,
                type=s.type,
                people=tuple(Person(id=p.id, role=p.role) for p in s.people),
                stimulus=s.stimulus,
            )
            for s in self.likeness.sessions
        )

    @property
    def analysed(self) -> int:
        """All of them."""
        return len(self.likeness.sessions)

    def load(self, session: str) -> Session:
        """Twins are made as features: there is no recording to read."""
        raise InputError("session", session, "a recording; twins have none")

    def inputs(self, session: str) -> list[Path]:
        """None."""
        return []


def cleaning_of(recipe: Recipe, likeness: Likeness) -> Clean:
    """What twins go through in place of the cleaning: the low-pass of skin conductance."""
    return like_cleaned(recipe, likeness.model, likeness.rate_hz)


def like_cleaned(recipe: Recipe, model: str, rate_hz: float) -> Clean:
    """The low-pass of the recipe for response trains; nothing for noise, or above the grid.

    Examples
    --------
    >>> like_cleaned(Recipe(), "noise", 4.0) is clean_nothing
    True
    """
    eda = recipe.body.eda
    if model != "responses" or not 0 < eda.low_pass_hz < rate_hz / 2.0:
        return clean_nothing
    pad = int(np.ceil(3 * rate_hz / eda.low_pass_hz))

    def clean(values: Array) -> Array:
        return zero_phase(
            values, rate_hz, eda.low_pass_hz, order=eda.low_pass_order, pad_samples=pad
        )

    return clean


def results_of(task: TwinTask) -> Results:
    """Make a twin study and put it through synchrony and chance, as a run does it.

    The draws, the strangers and the lengths are those of a run; of a draw only the first
    statistic of each method is kept, by the shorter way of
    :func:`syntony.synchrony.many_draws.first_statistic`.
    """
    likeness, path = task.likeness, (task.condition.name, task.number)
    twins = make_twins(
        likeness,
        seed=task.seed,
        path=path,
        share=task.condition.share,
        delay_s=task.condition.delay_s,
        clean=cleaning_of(task.recipe, likeness),
    )
    own = int(rng_for(task.seed, *path, "recipe").integers(2**31))
    recipe = task.recipe.model_copy(update={"seed": own})
    plan = make_plan(recipe, FromTwins(likeness))
    features = [_features(likeness, k, twin) for k, twin in enumerate(twins)]
    facts = [_facts(recipe, likeness, k) for k in range(len(twins))]
    blocks = {k: _block(recipe, plan, features, k) for k in range(len(features))}
    return Results(recipe, plan, facts, blocks, [None] * len(features))


def _block(recipe: Recipe, plan: Plan, features: Sequence[Features], index: int) -> dict[str, Any]:
    """What a run has of one session, as far as first statistics and the leader need it."""
    own = features[index]
    parts: dict[str, Any] = {}
    for number, step in enumerate(recipe.synchrony):
        found = observe(step, couple(step, own.first, own.second, own.rate_hz))
        parts |= {f"step{number}_{name}": found[name] for name in KEPT if name in found}
    return parts | chance_of(recipe, plan, features, index)


def _features(likeness: Likeness, k: int, twin: Twin) -> Features:
    """Both features on the clock of the session they are a twin of."""
    session = likeness.sessions[k]
    return Features(
        session=session.id,
        start_s=session.start_s,
        rate_hz=likeness.rate_hz,
        first=twin.first,
        second=twin.second,
    )


def _facts(recipe: Recipe, likeness: Likeness, k: int) -> dict[str, Any]:
    """What the later stages ask of a session; each clock has half of the remaining error."""
    session = likeness.sessions[k]
    error = session.clock_error_s / 2.0
    return {
        "failed": "",
        "kinds": list(recipe.signals),
        "start_s": session.start_s,
        "duration_s": session.samples / likeness.rate_hz,
        "clocks": {p.id: {"error_s": error} for p in session.people},
        "notes": [],
        "spans": [],
    }


def do_twin(task: TwinTask) -> dict[str, Any]:
    """Make, analyse and judge one twin study; one row of plain numbers.

    Returns
    -------
    dict
        ``condition``, ``number``, ``seconds``, and ``claims``: level, step and surrogate to
        [claimed, tested], where one study is one test at the level of the study.
    """
    began = time.perf_counter()
    claims = claims_in(results_of(task))
    return {
        "condition": task.condition.name,
        "number": task.number,
        "seconds": round(time.perf_counter() - began, 3),
        "claims": claims,
    }


def claims_in(results: Results) -> dict[str, list[int]]:
    """Count what a study claims at .05: its first statistics, and its leaders.

    Returns
    -------
    dict of str to [int, int]
        ``"session|0|pseudo_dyads"`` (sessions claimed, sessions tested),
        ``"study|0|pseudo_dyads"``, ``"study|0||leader"``. What could not reach .05 with its draws
        was not tested.
    """
    counts: dict[str, list[int]] = {}

    def count(claimed: bool, *key: object) -> None:
        kept = counts.setdefault("|".join(map(str, key)), [0, 0])
        kept[0] += bool(claimed)
        kept[1] += 1

    facts = {"finding": "synchrony", "label": ""}
    for number in range(len(results.recipe.synchrony)):
        for item in results.recipe.surrogates:
            for p, draws in sessions_alone(results, number, item.name):
                if math.isfinite(p) and 1.0 / (draws + 1) <= ALPHA:
                    count(p <= ALPHA, SESSION, number, item.name)
            found = against(results, number, 0, item.name, facts | {"step": number})
            if found.status == "ok" and 1.0 / (found.draws + 1) <= ALPHA:
                count(found.p_one <= ALPHA, STUDY, number, item.name)
    for found in leader_findings(results):
        if found.status == "ok":
            count(found.label in found.detail["roles"], STUDY, found.step, "", LEADER)
    return counts
