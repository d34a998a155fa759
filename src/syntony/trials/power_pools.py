"""Pools of simulated dyads, measured once; studies are drawn from them.

Simulating, preparing and pairing everybody with everybody is the cost of a power analysis. A
pool is one made study as large as the largest study asked about, put through the chain once.
A smaller study is a draw of its therapists with their dyads, together with the cells of the
pool's matrices that belong to them: over pools, such a draw is distributed as a study made
from the start, so power averaged over pools is that of fresh studies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.arrays import Array, Bools, Ints
from syntony.core.files import read_arrays, write_arrays
from syntony.core.seeds import rng_for
from syntony.link.intervals import by_dyad
from syntony.link.moments import CODED
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.corpus import observed
from syntony.pipeline.emotion import classes_of
from syntony.pipeline.emotions import course_of
from syntony.pipeline.pairs import Results, draws_of
from syntony.pipeline.plan import STRANGERS
from syntony.simulate.answers import empathy_items, empathy_sum
from syntony.simulate.session import dyad_coupling, true_score
from syntony.simulate.study import make_study
from syntony.surrogates.decision import p_values
from syntony.surrogates.registry import takes_partners
from syntony.surrogates.study import by_dyad as dyads_of
from syntony.trials.power_setup import PowerSetup, power_recipe, study_setup

POSITIVE = CODED.index("shared_positive")


@dataclass(frozen=True)
class PoolTask:
    """What one worker needs to make one pool."""

    folder: Path
    setup: PowerSetup
    recipe: Recipe
    pool: int

    @property
    def path(self) -> Path:
        """Where the pool lies."""
        return self.folder / "blocks" / f"pool{self.pool:03d}.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """What the chain measured of one pool of n dyads.

    Attributes
    ----------
    first, second : ndarray of int64, shape (n,)
        Number of each dyad's patient and therapist.
    index : ndarray of float64, shape (n, n_sessions)
        Synchrony index of every session; NaN where there is none.
    coupling : ndarray of float64, shape (n,)
        Planted coupling of each dyad, standard normal.
    real, pseudo, real_cut, allowed : ndarray, shape (n,) and (n, n)
        As ``surrogates.study.study_test`` takes them; no pair is allowed where the recipe asks
        for no strangers.
    own : dict of str to ndarray of float64, shape (n, 1 + draws)
        By surrogate: the index of each dyad, then its draws.
    emotion : ndarray of float64, shape (n, 1 + draws)
        Shared positive less other coded seconds, then with the codes rotated.
    session_p : dict of str to ndarray of float64, shape (n * n_sessions,)
        One-sided p of every session, by surrogate.
    """

    first: Ints
    second: Ints
    index: Array
    coupling: Array
    real: Array
    pseudo: Array
    real_cut: Array
    allowed: Bools
    own: dict[str, Array]
    emotion: Array
    session_p: dict[str, Array]

    @property
    def size(self) -> int:
        """Dyads in the pool."""
        return self.real.size

    def to_arrays(self) -> dict[str, Any]:
        """Named arrays, for a file."""
        plain = {
            k: getattr(self, k) for k in self.__dataclass_fields__ if k not in ("own", "session_p")
        }
        return (
            plain
            | {f"own_{k}": v for k, v in self.own.items()}
            | {f"session_p_{k}": v for k, v in self.session_p.items()}
        )

    @classmethod
    def from_arrays(cls, arrays: dict[str, Any]) -> Pool:
        """Read back what ``to_arrays`` gave."""
        groups: dict[str, dict[str, Array]] = {"own": {}, "session_p": {}}
        plain = {}
        for name, values in arrays.items():
            for group in groups:
                if name.startswith(f"{group}_"):
                    groups[group][name.removeprefix(f"{group}_")] = values
                    break
            else:
                plain[name] = values
        return cls(**plain, own=groups["own"], session_p=groups["session_p"])


def do_pool(task: PoolTask) -> int:
    """Make one pool and write it, unless it lies there; give its number."""
    if not task.path.exists():
        write_arrays(task.path, make_pool(task.setup, task.recipe, task.pool).to_arrays())
    return task.pool


def read_pool(task: PoolTask) -> Pool:
    """Read a pool that was made."""
    return Pool.from_arrays(read_arrays(task.path))


def make_pool(setup: PowerSetup, recipe: Recipe, pool: int) -> Pool:
    """Simulate a pool of dyads and put it through the chain.

    Parameters
    ----------
    setup : PowerSetup
    recipe : Recipe
        Its first step and its surrogates are measured.
    pool : int
        From 0; decides the seed.

    Returns
    -------
    Pool

    Raises
    ------
    InputError
        If the recipe does not suit made studies, or a session cannot be prepared.
    """
    made = study_setup(setup, pool, recipe)
    results, _ = analyse_sessions(make_study(made).sessions, power_recipe(recipe, setup))
    sessions = [results.plan.sessions[i] for i in results.asked]
    names = list(dict.fromkeys(s.dyad for s in sessions))
    people = {s.dyad: (s.first.id, s.second.id) for s in sessions}
    values, labels = observed(results, 0, 0)
    first, second = (
        np.unique([people[n][side] for n in names], return_inverse=True)[1].astype(np.int64)
        for side in (0, 1)
    )
    return Pool(
        first=first,
        second=second,
        index=values.reshape(len(names), setup.sessions_per_dyad),
        coupling=np.array([dyad_coupling(made, k + 1) for k in range(len(names))]),
        own={
            item.name: _of_own(results, item.name, names)
            for item in results.recipe.surrogates
            if not takes_partners(item.name)
        },
        emotion=_of_emotion(results, names),
        session_p={item.name: _session_p(results, item.name) for item in results.recipe.surrogates},
        **_of_strangers(results, labels, values),
    )


def _of_strangers(results: Results, labels: list[str], values: Array) -> dict[str, Any]:
    """Real and pseudo indices, one row and column a dyad."""
    here = np.ix_(results.asked, results.asked)
    pseudo, real_cut = (m[..., 0][here] for m in results.pseudo(0))
    there = results.plan.allowed.get(STRANGERS)
    allowed = np.zeros(pseudo.shape, dtype=bool) if there is None else there[here]
    _, real, pseudo, real_cut, allowed = dyads_of(labels, values, pseudo, real_cut, allowed)
    return {"real": real, "pseudo": pseudo, "real_cut": real_cut, "allowed": allowed}


def _of_own(results: Results, name: str, names: list[str]) -> Array:
    """Index and draws of one surrogate, a row a dyad; NaN where it was refused."""
    key, draws = f"step0_null_{name}", _draws(results, name)
    rows = np.full((len(results.asked), 1 + draws), np.nan)
    for k, i in enumerate(results.asked):
        if key in results.blocks[i]:
            block = results.blocks[i]
            rows[k] = np.r_[block["step0_stats"][0], block[key][:, 0]]
    return _a_row_a_dyad(rows, results, names)


def _draws(results: Results, name: str) -> int:
    """How many draws the recipe asks of a surrogate."""
    return next(s.count for s in results.recipe.surrogates if s.name == name)


def _of_emotion(results: Results, names: list[str]) -> Array:
    """Contrast of shared positive emotion and its rotations, a row a dyad."""
    rows = np.full((len(results.asked), 1 + results.recipe.emotion.rotations), np.nan)
    for k, i in enumerate(results.asked):
        coded, moves = results.coded[i], course_of(results, i)
        if coded is None or moves is None:
            continue
        found = classes_of(results.plan.sessions[i].id, moves, coded, results.recipe)[POSITIVE]
        if np.isfinite(found.contrast) and found.null.size == rows.shape[1] - 1:
            rows[k] = np.r_[found.contrast, found.null]
    return _a_row_a_dyad(rows, results, names)


def _a_row_a_dyad(rows: Array, results: Results, names: list[str]) -> Array:
    """Average sessions within dyads; a dyad without a value keeps a row of NaN."""
    found, means = by_dyad(rows, [results.plan.sessions[i].dyad for i in results.asked])
    out = np.full((len(names), rows.shape[1]), np.nan)
    out[[names.index(n) for n in found]] = means
    return out


def _session_p(results: Results, name: str) -> Array:
    """One-sided p of every session against its own chance; NaN where there is none."""
    out = np.full(len(results.asked), np.nan)
    for k, i in enumerate(results.asked):
        null = draws_of(results, i, 0, 0, name)
        if null.size:
            out[k] = p_values(float(results.blocks[i]["step0_stats"][0]), null)[0]
    return out


def ratings(pool: Pool, setup: PowerSetup, recipe: Recipe, rng: np.random.Generator) -> Array:
    """Draw empathy ratings of the pool's dyads anew, given their planted coupling.

    Bodies do not depend on ratings, so every study may have ratings of its own; the figures
    are those of the sixteen items that ``simulate.answers`` makes.

    Returns
    -------
    ndarray of float64, shape (n_dyads, n_sessions)
    """
    made = study_setup(setup, 0, recipe)
    score = true_score(made, pool.coupling, rng.standard_normal(pool.size))
    off = made.session_spread * rng.standard_normal(pool.index.shape)
    ticked = empathy_items(rng, (score[:, None] + off).ravel())
    return empathy_sum(ticked).reshape(pool.index.shape)


def rng_of(setup: PowerSetup, *path: str | int) -> np.random.Generator:
    """Stream of one piece of the work."""
    return rng_for(setup.seed, "power studies", *path)
