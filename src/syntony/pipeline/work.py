"""One session: the real pair, its surrogates, and the real pair as long as its strangers are.

A pure function of the Run folder's features, the recipe and the plan; the result is one
block, written whole or not at all. Pseudo-pairs are computed apart, in ``strangers``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe, Step, Surrogate
from syntony.core.arrays import Array, Bools, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.core.files import read_arrays, write_arrays
from syntony.core.seeds import rng_for
from syntony.pipeline.emotion import Coded
from syntony.pipeline.plan import Plan
from syntony.pipeline.prepare import Features, features_of
from syntony.pipeline.searches import LEAST_DRAWS, kept_of, kept_of_draws, search
from syntony.pipeline.steps import (
    couple,
    couple_draws,
    over_frequency,
    profile_of,
    statistics,
)
from syntony.pipeline.strangers import (
    SideBySide,
    admissible_pairs,
    by_first,
    compute_pairs,
    cut,
    without_strangers,
)
from syntony.surrogates import registry as surrogate_list
from syntony.surrogates.registry import Draw
from syntony.surrogates.registry import Surrogate as Entry
from syntony.surrogates.shared_course import slow_course
from syntony.synchrony import registry as method_list

BAND_DRAWS = 199
TOGETHER = 16
"""Draws of a signal that go through a method together: enough that the kernels alone take time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Partners:
    """What one session has in common with each session that it shares pseudo-pairs with.

    Attributes
    ----------
    others : ndarray of int64, shape (n_others,)
        Places in the plan, ascending.
    start_s, stop_s : ndarray of float64, shape (n_others,)
        On the session clock; the stop is not after the start where there is nothing.
    rules : mapping of str to two ndarrays of int64
        By surrogate that takes partners: places that lend their second person to this
        session's first, and places that lend their first person to its second.
    """

    others: Ints
    start_s: Array
    stop_s: Array
    rules: Mapping[str, tuple[Ints, Ints]]

    @classmethod
    def of(
        cls, plan: Plan, usable: Sequence[bool], wanted: Bools, spans_s: Array, index: int
    ) -> Partners:
        """Find those of session ``index``.

        Parameters
        ----------
        plan : Plan
        usable : sequence of bool
        wanted : ndarray of bool, shape (n, n)
            Whose pseudo-pairs are computed (:func:`admissible_pairs`).
        spans_s : ndarray of float64, shape (n, 2)
            Where every session starts and stops on its clock.
        index : int
        """
        others = np.flatnonzero(wanted[index] | wanted[:, index])
        there = np.array(usable, dtype=bool)
        rules = {
            name: tuple(
                np.array([k for k in some if there[k]], dtype=np.int64)
                for some in (plan.partners(index, name), plan.lenders(index, name))
            )
            for name in plan.allowed
        }
        return cls(
            others=others,
            start_s=np.maximum(spans_s[index, 0], spans_s[others, 0]),
            stop_s=np.minimum(spans_s[index, 1], spans_s[others, 1]),
            rules={name: (lent, lend) for name, (lent, lend) in rules.items()},
        )


@dataclass(frozen=True)
class WorkTask:
    """What one worker needs to compute one session.

    ``asked``: it is asked about; else it only lends its people, and nothing is to be done.
    ``names`` are those of the sessions it shares pseudo-pairs with, by place in the plan;
    ``threads``: cores that are free for it.
    """

    folder: Path
    recipe: Recipe
    session: str
    asked: bool
    partners: Partners
    names: Mapping[int, str]
    threads: int = 1


@dataclass(frozen=True)
class Work:
    """The same, with its features and a way to get at those of its partners."""

    recipe: Recipe
    asked: bool
    own: Features
    partners: Partners
    features: Callable[[int], Features]
    threads: int = 1


def block_path(folder: Path, session: str) -> Path:
    """Where the results of one session lie."""
    return folder / "blocks" / f"{session}.npz"


def do_session(task: WorkTask) -> str:
    """Compute one session and write its block; give the session's name."""
    work = Work(
        task.recipe,
        task.asked,
        features_of(task.folder, task.session),
        task.partners,
        lambda place: features_of(task.folder, task.names[place]),
        task.threads,
    )
    write_arrays(block_path(task.folder, task.session), compute(work))
    return task.session


def is_done(task: WorkTask) -> bool:
    """Whether the session's block lies there and was made with the partners it would have now.

    They change where a session that could not be prepared was tried again.
    """
    path = block_path(task.folder, task.session)
    if not path.exists():
        return False
    with np.load(path, allow_pickle=False) as saved:
        return np.array_equal(saved["cut_partners"], task.partners.others)


def compute(work: Work) -> dict[str, Any]:
    """Everything about one session but its pseudo-pairs, as named arrays."""
    parts: dict[str, Any] = {"cut_partners": work.partners.others} | slow_courses(work.own)
    if not work.asked:
        return parts
    own, steps = work.own, work.recipe.synchrony
    real = [couple(step, own.first, own.second, own.rate_hz) for step in steps]
    for number, step in enumerate(steps):
        parts |= _named(number, observe(step, real[number]))
    for item in work.recipe.surrogates:
        if not surrogate_list.takes_partners(item.name):
            parts |= within(work.recipe, item, own, real, threads=work.threads)
        else:
            parts |= beside_partners(work, item.name)
    return parts | _real_cuts(work)


def compute_all(
    recipe: Recipe,
    plan: Plan,
    features: Sequence[Features],
    coded: Sequence[Coded | None],
) -> dict[int, dict[str, Any]]:
    """Everything about sessions in memory, pseudo-pairs included, by place in the plan."""
    usable = [True] * len(features)
    wanted = admissible_pairs(plan, usable)
    pairs = compute_pairs(recipe, np.argwhere(wanted), features.__getitem__, coded.__getitem__)
    beside, none = by_first([pairs], len(recipe.synchrony)), without_strangers(recipe)
    spans_s = np.array([[f.start_s, f.stop_s] for f in features])
    blocks = {}
    for index, own in enumerate(features):
        partners = Partners.of(plan, usable, wanted, spans_s, index)
        work = Work(recipe, index < plan.analysed, own, partners, features.__getitem__)
        blocks[index] = compute(work) | beside.get(index, none)
    return blocks


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


def within(
    recipe: Recipe, item: Surrogate, own: Features, real: list[Coupling], *, threads: int = 1
) -> dict[str, Any]:
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
    more = (
        draw(own.second, rng, rate_hz=own.rate_hz, **item.options) for _ in range(1, item.count)
    )
    with ThreadPoolExecutor(threads) as pool:
        spread = pool.map if threads > 1 else map
        for lots in _in_lots(chain([first], more), threads):
            for number, step in enumerate(recipe.synchrony):
                for told_of_lot, curves in spread(partial(_couple_lot, step, own), lots):
                    stats[number].extend(told_of_lot)
                    for name, rows in curves.items():
                        kept[number].setdefault(name, []).extend(rows)
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


def _in_lots(draws: Iterator[Array], threads: int) -> Iterator[list[tuple[int, Array]]]:
    """Draws as rows, ``TOGETHER`` a thread, each lot with the number of its first draw."""
    low = 0
    while rows := list(islice(draws, TOGETHER * threads)):
        ys = np.array(rows)
        yield [(low + k, ys[k : k + TOGETHER]) for k in range(0, len(ys), TOGETHER)]
        low += len(ys)


def _couple_lot(
    step: Step, own: Features, lot: tuple[int, Array]
) -> tuple[Iterable[Array], Mapping[str, Iterable[Array]]]:
    """Statistics of some draws, and what the searches and the bands need of them."""
    low, ys = lot
    in_band = max(0, BAND_DRAWS - low)
    drawn = couple_draws(step, own.first, ys, own.rate_hz)
    if drawn is not None:
        course = {"course": np.array(drawn.over_time()[:in_band])}  # a view would keep all
        return drawn.statistics, kept_of_draws(step, drawn, low) | course
    stats: list[Array] = []
    kept: dict[str, list[Array]] = {}
    for k, y in enumerate(ys):
        coupling = couple(step, own.first, y, own.rate_hz)
        stats.append(statistics(step, coupling))
        curves = kept_of(step, coupling, low + k)
        over_time = coupling.over_time() if k < in_band else None
        if over_time is not None:
            curves["course"] = over_time
        for name, values in curves.items():
            kept.setdefault(name, []).append(values)
    return stats, kept


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


def beside_partners(work: Work, name: str) -> dict[str, Any]:
    """Search the session beside pairs of its people with partners, on one stretch of the clock.

    It is the stretch that nine in ten pairs reach; who does not is left out, and the real pair
    is searched there too, so that like is compared with like.
    """
    own, steps = work.own, work.recipe.synchrony
    pairs = _some(work, _pairs_with_partners(work.partners, name))
    if len(pairs) < LEAST_DRAWS:
        return {}
    starts, stops = (np.array([end[k] for *_, end in pairs]) for k in (0, 1))
    span = (
        float(np.quantile(starts, 0.9, method="higher")),
        float(np.quantile(stops, 0.1, method="lower")),
    )
    reach = [(lent, j) for lent, j, (start, stop) in pairs if start <= span[0] and stop >= span[1]]
    if len(reach) < LEAST_DRAWS or span[1] <= span[0]:
        return {}
    used = [(own, work.features(j)) if lent else (work.features(j), own) for lent, j in reach]
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


def _pairs_with_partners(
    partners: Partners, name: str
) -> list[tuple[bool, int, tuple[float, float]]]:
    """Every partner of a rule: whether it lends its second person, its place, what both have."""
    place = {int(j): k for k, j in enumerate(partners.others)}
    lent, lend = partners.rules[name]
    pairs = []
    for is_lent, some in ((True, lent), (False, lend)):
        for j in some.tolist():
            start, stop = (float(v[place[j]]) for v in (partners.start_s, partners.stop_s))
            if stop > start:
                pairs.append((is_lent, j, (start, stop)))
    return pairs


def _some(
    work: Work, pairs: list[tuple[bool, int, tuple[float, float]]]
) -> list[tuple[bool, int, tuple[float, float]]]:
    """At most as many pairs as the recipe allows, drawn without looking."""
    most = work.recipe.stretches.strangers
    if len(pairs) <= most:
        return pairs
    rng = rng_for(work.recipe.seed, "strangers", work.own.session)
    return [pairs[k] for k in np.sort(rng.choice(len(pairs), most, replace=False))]


def _or_none(step: Step, x: Array, y: Array, rate_hz: float) -> Coupling | None:
    """The coupling, or None where the common stretch is too short for one window."""
    try:
        return couple(step, x, y, rate_hz)
    except InputError:
        return None


def _real_cuts(work: Work) -> dict[str, Any]:
    """The real pair at the length it shares with every other session.

    A pseudo-pair is cut to the shorter recording; the real index of this session is computed
    at every such length, so that like is compared with like.
    """
    own, shared = work.own, work.partners
    spans_s = np.stack([shared.start_s, shared.stop_s], axis=1)
    there = shared.stop_s > shared.start_s
    known, which = np.unique(spans_s[there], axis=0, return_inverse=True)
    both = SideBySide.of(np.zeros((len(known), 2), dtype=np.int64), known, {0: own})
    parts: dict[str, Any] = {}
    for number, step in enumerate(work.recipe.synchrony):
        cuts = np.full((there.size, len(method_list.get(step.method).statistics)), np.nan)
        cuts[there] = both.statistics(step)[which.ravel()]
        parts[f"step{number}_cut"] = cuts
    return parts


def read_block(folder: Path, session: str) -> dict[str, Any]:
    """Read what ``do_session`` wrote."""
    return read_arrays(block_path(folder, session))
