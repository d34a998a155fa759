"""One session with all its chance: the real pair, its surrogates, its strangers.

A pure function of the Run folder's features, the recipe and the plan; the result is one
block, written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe, Step, Surrogate
from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.core.files import read_arrays, write_arrays
from syntony.core.seeds import rng_for
from syntony.pipeline.emotion import Coded, contrast_with, moving
from syntony.pipeline.plan import Plan
from syntony.pipeline.prepare import Features, read_coded, read_features
from syntony.pipeline.searches import LEAST_DRAWS, kept_of, search
from syntony.pipeline.steps import couple, over_frequency, profile_of, statistics
from syntony.surrogates import registry as surrogate_list
from syntony.surrogates.registry import Draw
from syntony.surrogates.registry import Surrogate as Entry
from syntony.surrogates.shared_course import slow_course
from syntony.synchrony import registry as method_list

BAND_DRAWS = 199
StrangePair = tuple[Features, Features, tuple[float, float]]


@dataclass(frozen=True)
class WorkTask:
    """What one worker needs to compute one session."""

    folder: Path
    recipe: Recipe
    plan: Plan
    index: int
    usable: tuple[bool, ...]


@dataclass(frozen=True)
class Work:
    """The same, with a way to get at the features of every session of the plan."""

    recipe: Recipe
    plan: Plan
    index: int
    usable: tuple[bool, ...]
    features: Callable[[int], Features]
    codes: Callable[[int], Coded | None]

    @property
    def own(self) -> Features:
        """Features of the session asked about."""
        return self.features(self.index)


def block_path(folder: Path, session: str) -> Path:
    """Where the results of one session lie."""
    return folder / "blocks" / f"{session}.npz"


def do_session(task: WorkTask) -> str:
    """Compute one session and write its block; give the session's name."""
    ids = [s.id for s in task.plan.sessions]
    work = Work(
        task.recipe,
        task.plan,
        task.index,
        task.usable,
        lambda index: features_of(task.folder, ids[index]),
        lambda index: codes_of(task.folder, ids[index]),
    )
    arrays = compute(work)
    write_arrays(block_path(task.folder, ids[task.index]), arrays)
    return ids[task.index]


def is_done(task: WorkTask) -> bool:
    """Whether the session's block lies there and was made with the partners it would have now.

    They change where a session that could not be prepared was tried again.
    """
    path = block_path(task.folder, task.plan.sessions[task.index].id)
    if not path.exists():
        return False
    partners, others = _partners(task)
    with np.load(path, allow_pickle=False) as saved:
        cuts = saved["cut_partners"].tolist() if "cut_partners" in saved.files else others
        return saved["partners"].tolist() == partners and cuts == others


def _partners(work: WorkTask | Work) -> tuple[list[int], list[int]]:
    """Usable sessions that lend their second person, and all with which a length is shared."""
    partners = [j for j in work.plan.partners(work.index) if work.usable[j]]
    reverse = [j for j in work.plan.lenders(work.index) if work.usable[j]]
    return partners, sorted({*partners, *reverse})


@lru_cache(maxsize=4096)
def features_of(folder: Path, session: str) -> Features:
    """Features of a session, read once per process."""
    return read_features(folder, session)


@lru_cache(maxsize=4096)
def codes_of(folder: Path, session: str) -> Coded | None:
    """Codes of a session, read once per process; None where there are none."""
    return read_coded(folder, session)


def forget() -> None:
    """Drop what was read of other runs: a folder may have been made anew under its name."""
    features_of.cache_clear()
    codes_of.cache_clear()


def compute(work: Work) -> dict[str, Any]:
    """Everything about one session, as named arrays."""
    parts: dict[str, Any] = {}
    own = work.own
    parts |= slow_courses(own)
    if work.index < work.plan.analysed:
        steps = work.recipe.synchrony
        real = [couple(step, own.first, own.second, own.rate_hz) for step in steps]
        for number, step in enumerate(steps):
            parts |= _named(number, observe(step, real[number]))
        for item in work.recipe.surrogates:
            if not surrogate_list.takes_partners(item.name):
                parts |= within(work.recipe, item, own, real)
            else:
                parts |= beside_partners(work, item.name)
    return parts | strangers(work)


def slow_courses(own: Features) -> dict[str, Array]:
    """Slow course of both people of a session, and its first minute on the session clock."""
    first, second = (
        slow_course(values, rate_hz=own.rate_hz, start_s=own.start_s)
        for values in (own.first, own.second)
    )
    return {
        "slow_from": np.array(first[0], dtype=np.float64),
        "slow_first": first[1],
        "slow_second": second[1],
    }


def observe(step: Step, coupling: Coupling) -> dict[str, Any]:
    """The real pair: its whole coupling, statistics, lag profile, course and spectrum."""
    found: dict[str, Any] = {
        "values": coupling.values,
        "reach": np.array(coupling.reach_s),
        "stats": statistics(step, coupling),
    }
    if coupling.coverage is not None:
        found["coverage"] = coupling.coverage
    found |= {dim: coupling.coords[dim] for dim in coupling.dims}
    return found | _curves(step, coupling) | _coverage_over_time(coupling)


def _curves(step: Step, coupling: Coupling) -> dict[str, Array]:
    """What is drawn of a coupling: over lags, over time, over frequencies; where it has them."""
    curves = {
        "profile": profile_of(step, coupling),
        "course": coupling.over_time(),
        "spectrum": over_frequency(coupling),
    }
    return {name: values for name, values in curves.items() if values is not None}


def _coverage_over_time(coupling: Coupling) -> dict[str, Array]:
    """Coverage beside the course, where it is told."""
    coverage = coupling.coverage_over_time()
    return {} if coverage is None else {"course_coverage": coverage}


def _named(number: int, found: dict[str, Any]) -> dict[str, Any]:
    """Names of a step's arrays inside the block."""
    return {f"step{number}_{name}": values for name, values in found.items()}


def within(recipe: Recipe, item: Surrogate, own: Features, real: list[Coupling]) -> dict[str, Any]:
    """Draws from the pair itself; one draw serves every method."""
    entry = surrogate_list.get(item.name)
    draw, told = listening(entry)
    rng = rng_for(recipe.seed, "within", item.name, own.session)
    stats: list[list[Array]] = [[] for _ in recipe.synchrony]
    kept: list[dict[str, list[Array]]] = [{} for _ in recipe.synchrony]
    try:  # a session can be too short for a surrogate: the first draw says so
        first = draw(own.second, rng, rate_hz=own.rate_hz, **item.options)
    except InputError as error:
        return {f"refused_{item.name}": np.array(str(error))}
    for k in range(item.count):
        y = draw(own.second, rng, rate_hz=own.rate_hz, **item.options) if k else first
        for number, step in enumerate(recipe.synchrony):
            coupling = couple(step, own.first, y, own.rate_hz)
            stats[number].append(statistics(step, coupling))
            course = coupling.over_time() if k < BAND_DRAWS else None
            curves = kept_of(step, coupling, k) | ({} if course is None else {"course": course})
            for name, values in curves.items():
                kept[number].setdefault(name, []).append(values)
    parts: dict[str, Any] = {f"told_{item.name}_{k}": np.array(v) for k, v in told.items()}
    for number, step in enumerate(recipe.synchrony):
        parts[f"step{number}_null_{item.name}"] = np.array(stats[number])
        found: dict[str, Any] = search(step, real[number], kept[number], recipe.stretches)
        for name in ("profile", "course", "spectrum"):
            if name in kept[number]:
                found[name] = np.stack(_band(np.array(kept[number][name])))
        parts |= {f"step{number}_{name}_{item.name}": values for name, values in found.items()}
        kept[number].clear()  # before the next step needs the memory
    return parts


def listening(entry: Entry) -> tuple[Draw, dict[str, list[float]]]:
    """The draw of a surrogate, and where the facts of each draw are collected, if it has any."""
    draw, told = entry.draw, entry.told
    collected: dict[str, list[float]] = {}
    if draw is None:
        raise InputError("surrogate", entry.name, "one that draws from the pair itself")
    if told is None:
        return draw, collected

    def draw_and_listen(*args: Any, **options: Any) -> Array:
        came_out = told(*args, **options)
        for name, value in came_out.facts.items():
            collected.setdefault(name, []).append(value)
        return came_out.values

    return draw_and_listen, collected


def _band(draws: Array) -> tuple[Array, Array]:
    """Central 95 % of the draws at every place; NaN where a place has none."""
    ordered = np.sort(draws, axis=0)
    count = np.isfinite(draws).sum(axis=0)
    place = np.arange(draws.shape[1])
    low = ordered[np.floor(0.025 * np.maximum(count - 1, 0)).astype(int), place]
    high = ordered[np.ceil(0.975 * np.maximum(count - 1, 0)).astype(int), place]
    return np.where(count > 0, low, np.nan), np.where(count > 0, high, np.nan)


def together(one: Features, other: Features) -> tuple[float, float] | None:
    """Stretch of the session clock that both sessions have, or None."""
    start, stop = max(one.start_s, other.start_s), min(one.stop_s, other.stop_s)
    return (start, stop) if stop > start else None


def cut(values: Array, own: Features, start_s: float, stop_s: float) -> Array:
    """Samples of one session inside a stretch of the session clock."""
    first = round((start_s - own.start_s) * own.rate_hz)
    return values[first : first + round((stop_s - start_s) * own.rate_hz)]


def strangers(work: Work) -> dict[str, Any]:
    """Pair the first person with every admissible partner, once for all rules, from session start.

    A pseudo-pair is cut to the shorter recording; the real index of this session is
    computed at every such length, so that like is compared with like.
    """
    steps, own = work.recipe.synchrony, work.own
    partners, others = _partners(work)
    parts: dict[str, Any] = {"partners": np.array(partners, dtype=np.int64)}
    seconds = np.full(len(partners), np.nan)
    contrasts = np.full((len(partners), 2), np.nan)
    pseudo = [np.full((len(partners), _width(s)), np.nan) for s in steps]
    for k, j in enumerate(partners):
        other = work.features(j)
        span = together(own, other)
        if span is None:
            continue
        seconds[k] = span[1] - span[0]
        x, y = cut(own.first, own, *span), cut(other.second, other, *span)
        for number, step in enumerate(steps):
            coupling = _or_none(step, x, y, own.rate_hz)
            if coupling is None:
                continue
            pseudo[number][k] = statistics(step, coupling)
            if number == 0:
                moves = moving(coupling, span[0])
                codes = work.codes(work.index), work.codes(j)
                contrasts[k] = [contrast_with(moves, c, work.recipe) for c in codes]
    parts["pseudo_seconds"], parts["pseudo_contrast"] = seconds, contrasts
    if work.index < work.plan.analysed:
        parts |= _real_cuts(work, others)
    for number in range(len(steps)):
        parts[f"step{number}_pseudo"] = pseudo[number]
    return parts


def beside_partners(work: Work, name: str) -> dict[str, Any]:
    """Search the session beside pairs of its people with partners, on one stretch of the clock.

    It is the stretch that nine in ten pairs reach; who does not is left out, and the real pair
    is searched there too, so that like is compared with like.
    """
    own, steps = work.own, work.recipe.synchrony
    pairs = _some(work, _pairs_with_partners(work, name))
    if len(pairs) < LEAST_DRAWS:
        return {}
    starts, stops = (np.array([end[k] for *_, end in pairs]) for k in (0, 1))
    span = (
        float(np.quantile(starts, 0.9, method="higher")),
        float(np.quantile(stops, 0.1, method="lower")),
    )
    used = [(a, b) for a, b, (start, stop) in pairs if start <= span[0] and stop >= span[1]]
    if len(used) < LEAST_DRAWS or span[1] <= span[0]:
        return {}
    parts: dict[str, Any] = {}
    for number, step in enumerate(steps):
        real = _or_none(step, cut(own.first, own, *span), cut(own.second, own, *span), own.rate_hz)
        if real is None:
            continue
        drawn: dict[str, list[Array]] = {}
        for k, (a, b) in enumerate(used):
            x, y = cut(a.first, a, *span), cut(b.second, b, *span)
            coupling = _or_none(step, x, y, own.rate_hz)
            there = kept_of(step, real if coupling is None else coupling, k)
            for key, values in there.items():
                one = values if coupling is not None else np.full_like(values, np.nan)
                drawn.setdefault(key, []).append(one)
        found = search(step, real, drawn, work.recipe.stretches, offset_s=span[0] - own.start_s)
        parts |= {f"step{number}_{key}_{name}": values for key, values in found.items()}
    return parts


def _pairs_with_partners(work: Work, name: str) -> list[StrangePair]:
    """Both people of the session beside every partner of a rule, with the stretch they share."""
    own = work.own
    lent = [work.features(j) for j in work.plan.partners(work.index, name) if work.usable[j]]
    lend = [work.features(j) for j in work.plan.lenders(work.index, name) if work.usable[j]]
    pairs = [*((own, other) for other in lent), *((other, own) for other in lend)]
    spans = [together(a, b) for a, b in pairs]
    return [(a, b, s) for (a, b), s in zip(pairs, spans, strict=True) if s is not None]


def _some(work: Work, pairs: list[StrangePair]) -> list[StrangePair]:
    """At most as many pairs as the recipe allows, drawn without looking."""
    most = work.recipe.stretches.strangers
    if len(pairs) <= most:
        return pairs
    rng = rng_for(work.recipe.seed, "strangers", work.own.session)
    return [pairs[k] for k in np.sort(rng.choice(len(pairs), most, replace=False))]


def _width(step: Step) -> int:
    """How many statistics a step has."""
    return len(method_list.get(step.method).statistics)


def _or_none(step: Step, x: Array, y: Array, rate_hz: float) -> Coupling | None:
    """The coupling, or None where the common stretch is too short for one window."""
    try:
        return couple(step, x, y, rate_hz)
    except InputError:
        return None


def _real_cuts(work: Work, others: list[int]) -> dict[str, Any]:
    """The real pair at the length it shares with every partner's session."""
    steps, own = work.recipe.synchrony, work.own
    cuts = [np.full((len(others), _width(s)), np.nan) for s in steps]
    known: dict[tuple[float, float], list[Array | None]] = {}
    for k, j in enumerate(others):
        span = together(own, work.features(j))
        if span is None:
            continue
        if span not in known:
            x, y = cut(own.first, own, *span), cut(own.second, own, *span)
            couplings = [_or_none(step, x, y, own.rate_hz) for step in steps]
            known[span] = [
                None if c is None else statistics(s, c)
                for s, c in zip(steps, couplings, strict=True)
            ]
        for number, found in enumerate(known[span]):
            if found is not None:
                cuts[number][k] = found
    parts: dict[str, Any] = {"cut_partners": np.array(others, dtype=np.int64)}
    for number in range(len(steps)):
        parts[f"step{number}_cut"] = cuts[number]
    return parts


def read_block(folder: Path, session: str) -> dict[str, Any]:
    """Read what ``do_session`` wrote."""
    return read_arrays(block_path(folder, session))
