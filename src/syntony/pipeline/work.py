"""One session: the real pair, its surrogates, and the real pair as long as its strangers are.

A pure function of the Run folder's features, the recipe and the plan; the result is one
block, written whole or not at all. Pseudo-pairs are computed apart, in ``strangers``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe, Step, Surrogate
from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.core.files import read_arrays, write_arrays
from syntony.core.seeds import rng_for
from syntony.pipeline.plan import PARTNERS
from syntony.pipeline.prepare import Features, read_features
from syntony.pipeline.steps import couple, statistics
from syntony.pipeline.strangers import cut
from syntony.surrogates import registry as surrogate_list
from syntony.synchrony import registry as method_list
from syntony.synchrony.registry import Method

BAND_DRAWS = 199


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretches:
    """What one session has in common with each session that it shares pseudo-pairs with.

    Attributes
    ----------
    others : ndarray of int64, shape (n_others,)
        Places in the plan, ascending.
    start_s, stop_s : ndarray of float64, shape (n_others,)
        On the session clock; the stop is not after the start where there is nothing.
    """

    others: Ints
    start_s: Array
    stop_s: Array


@dataclass(frozen=True)
class WorkTask:
    """What one worker needs to compute one session.

    ``asked``: it is asked about; else it only lends its people, and nothing is to be done.
    """

    folder: Path
    recipe: Recipe
    session: str
    asked: bool
    shared: Stretches


@dataclass(frozen=True)
class Work:
    """The same, with the features."""

    recipe: Recipe
    asked: bool
    own: Features
    shared: Stretches


def block_path(folder: Path, session: str) -> Path:
    """Where the results of one session lie."""
    return folder / "blocks" / f"{session}.npz"


def do_session(task: WorkTask) -> str:
    """Compute one session and write its block; give the session's name."""
    own = read_features(task.folder, task.session)
    arrays = compute(Work(task.recipe, task.asked, own, task.shared))
    write_arrays(block_path(task.folder, task.session), arrays)
    return task.session


def is_done(task: WorkTask) -> bool:
    """Whether the session's block lies there and was made with the partners it would have now.

    They change where a session that could not be prepared was tried again.
    """
    path = block_path(task.folder, task.session)
    if not path.exists():
        return False
    with np.load(path, allow_pickle=False) as saved:
        return np.array_equal(saved["cut_partners"], task.shared.others)


def shared_stretches(others: Ints, spans_s: Array, index: int) -> Stretches:
    """What session ``index`` has in common with others.

    Parameters
    ----------
    others : ndarray of int64, shape (n_others,)
        Places in the plan, ascending.
    spans_s : ndarray of float64, shape (n_sessions, 2)
        Where every session starts and stops on its clock.
    index : int
    """
    return Stretches(
        others=others,
        start_s=np.maximum(spans_s[index, 0], spans_s[others, 0]),
        stop_s=np.minimum(spans_s[index, 1], spans_s[others, 1]),
    )


def compute(work: Work) -> dict[str, Any]:
    """Everything about one session but its pseudo-pairs, as named arrays."""
    parts: dict[str, Any] = {"cut_partners": work.shared.others}
    if not work.asked:
        return parts
    own = work.own
    for number, step in enumerate(work.recipe.synchrony):
        parts |= _named(number, observe(step, own.first, own.second, own.rate_hz))
    for item in work.recipe.surrogates:
        if item.name != PARTNERS:
            parts |= within(work.recipe, item, own)
    return parts | _real_cuts(work)


def observe(step: Step, x: Array, y: Array, rate_hz: float) -> dict[str, Any]:
    """The real pair: its whole coupling, statistics, lag profile, course and spectrum."""
    entry = method_list.get(step.method)
    coupling = couple(step, x, y, rate_hz)
    found: dict[str, Any] = {
        "values": coupling.values,
        "reach": np.array(coupling.reach_s),
        "stats": statistics(step, coupling),
    }
    if coupling.coverage is not None:
        found["coverage"] = coupling.coverage
    found |= {dim: coupling.coords[dim] for dim in coupling.dims}
    return found | _curves(entry, coupling) | _coverage_over_time(coupling)


def _curves(entry: Method, coupling: Coupling) -> dict[str, Array]:
    """What is drawn of a coupling: over lags, over time, over frequencies; where it has them."""
    curves = {
        "profile": None if entry.profile is None else entry.profile(coupling),
        "course": coupling.over_time(),
        "spectrum": over_frequency(coupling),
    }
    return {name: values for name, values in curves.items() if values is not None}


def _coverage_over_time(coupling: Coupling) -> dict[str, Array]:
    """Coverage beside the course, where it is told."""
    coverage = coupling.coverage_over_time()
    return {} if coverage is None else {"course_coverage": coverage}


def over_frequency(coupling: Coupling) -> Array | None:
    """One value per frequency, averaged over what else there is; None without frequencies."""
    if "frequency" not in coupling.dims:
        return None
    others = tuple(k for k, dim in enumerate(coupling.dims) if dim != "frequency")
    there = np.isfinite(coupling.values)
    total = np.where(there, coupling.values, 0.0).sum(axis=others)
    with np.errstate(invalid="ignore"):
        spectrum: Array = total / there.sum(axis=others)
    return spectrum


def _named(number: int, found: dict[str, Any]) -> dict[str, Any]:
    """Names of a step's arrays inside the block."""
    return {f"step{number}_{name}": values for name, values in found.items()}


def within(recipe: Recipe, item: Surrogate, own: Features) -> dict[str, Any]:
    """Draws from the pair itself; one draw serves every method."""
    entry = surrogate_list.get(item.name)
    draw = entry.draw
    if draw is None:
        raise InputError("surrogate", item.name, "one that draws from the pair itself")
    rng = rng_for(recipe.seed, "within", item.name, own.session)
    stats: list[list[Array]] = [[] for _ in recipe.synchrony]
    curves: list[dict[str, list[Array]]] = [{} for _ in recipe.synchrony]
    try:  # a session can be too short for a surrogate: the first draw says so
        first = draw(own.second, rng, rate_hz=own.rate_hz, **item.options)
    except InputError as error:
        return {f"refused_{item.name}": np.array(str(error))}
    for k in range(item.count):
        y = draw(own.second, rng, rate_hz=own.rate_hz, **item.options) if k else first
        for number, step in enumerate(recipe.synchrony):
            coupling = couple(step, own.first, y, own.rate_hz)
            stats[number].append(statistics(step, coupling))
            for name, values in _curves(method_list.get(step.method), coupling).items():
                if k < BAND_DRAWS or name == "profile":
                    curves[number].setdefault(name, []).append(values)
    parts: dict[str, Any] = {}
    for number in range(len(recipe.synchrony)):
        parts[f"step{number}_null_{item.name}"] = np.array(stats[number])
        for name, drawn in curves[number].items():
            parts[f"step{number}_{name}_{item.name}"] = np.stack(_band(np.array(drawn)))
    return parts


def _band(draws: Array) -> tuple[Array, Array]:
    """Central 95 % of the draws at every place; NaN where a place has none."""
    ordered = np.sort(draws, axis=0)
    count = np.isfinite(draws).sum(axis=0)
    place = np.arange(draws.shape[1])
    low = ordered[np.floor(0.025 * np.maximum(count - 1, 0)).astype(int), place]
    high = ordered[np.ceil(0.975 * np.maximum(count - 1, 0)).astype(int), place]
    return np.where(count > 0, low, np.nan), np.where(count > 0, high, np.nan)


def _real_cuts(work: Work) -> dict[str, Any]:
    """The real pair at the length it shares with every other session.

    A pseudo-pair is cut to the shorter recording; the real index of this session is computed
    at every such length, so that like is compared with like.
    """
    own, shared = work.own, work.shared
    spans_s = np.stack([shared.start_s, shared.stop_s], axis=1)
    there = shared.stop_s > shared.start_s
    known, which = np.unique(spans_s[there], axis=0, return_inverse=True)
    xs, ys = (
        [cut(values, own, float(start), float(stop)) for start, stop in known]
        for values in (own.first, own.second)
    )
    parts: dict[str, Any] = {}
    for number, step in enumerate(work.recipe.synchrony):
        entry = method_list.get(step.method)
        cuts = np.full((there.size, len(entry.statistics)), np.nan)
        if known.size:
            told = entry.of_pairs(xs, ys, rate_hz=own.rate_hz, **step.options)
            cuts[there] = told[which.ravel()]
        parts[f"step{number}_cut"] = cuts
    return parts


def read_block(folder: Path, session: str) -> dict[str, Any]:
    """Read what ``do_session`` wrote."""
    return read_arrays(block_path(folder, session))
