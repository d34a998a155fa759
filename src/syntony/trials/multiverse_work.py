"""The work of a multiverse: signals once a session, each coupling once, blocks that resume."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from syntony.body.features import prepare
from syntony.config import Recipe, Step
from syntony.core.arrays import Array, Bools
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError, SyntonyError
from syntony.core.files import read_arrays, write_arrays, write_text
from syntony.core.seeds import rng_for
from syntony.pipeline.plan import STRANGERS, Plan, Planned
from syntony.pipeline.prepare import Features, facts_of, prepared_path
from syntony.pipeline.same import why_twins
from syntony.pipeline.source import Source
from syntony.pipeline.steps import couple
from syntony.pipeline.strangers import cut, together
from syntony.surrogates import registry as surrogate_list
from syntony.synchrony import registry as method_list
from syntony.trials.multiverse_paths import Lane, Preparation, narrowed

SHIFTS = ("shift_thirds", "circular_shift")


@dataclass(frozen=True)
class SessionTask:
    """What one worker needs to prepare one session in every way."""

    source: Source
    preparations: tuple[Preparation, ...]
    planned: Planned
    folder: Path


@dataclass(frozen=True)
class LaneTask:
    """What one worker needs to compute one coupling for every pair."""

    folder: Path
    recipe: Recipe
    plan: Plan
    lane: Lane
    shifts: int


def strangers_of(plan: Plan) -> Bools:
    """Who of the sessions asked about may lend a second person to whom, as strangers."""
    n = plan.analysed
    mask = plan.allowed.get(STRANGERS)
    return np.zeros((n, n), dtype=bool) if mask is None else mask[:n, :n]


def features_path(folder: Path, session: str) -> Path:
    """Where the features of a session lie, of every preparation."""
    return folder / "signals" / f"{session}.npz"


def lane_path(folder: Path, lane: Lane) -> Path:
    """Where the results of a lane lie."""
    return folder / "blocks" / f"{lane.name}.npz"


def prepare_all(task: SessionTask) -> str:
    """Make every feature of one session and write it; a reason where there is none."""
    session_id = task.planned.id
    arrays: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    facts: dict[str, Any] = {"session": session_id, "failed": ""}
    people = task.planned.first, task.planned.second
    try:
        session = task.source.load(session_id)
    except SyntonyError as error:
        reasons = dict.fromkeys(map(str, range(len(task.preparations))), str(error))
    else:
        for k, way in enumerate(task.preparations):
            try:
                made = prepare(session, people, way.signal, way.body)
            except SyntonyError as error:
                reasons[str(k)] = str(error)
                continue
            if why := why_twins(made.notes):
                reasons[str(k)] = why
                continue
            arrays |= {
                f"{k}_first": made.first.values,
                f"{k}_second": made.second.values,
                f"{k}_grid": np.array([made.first.start_s, made.first.rate_hz]),
            }
            if "units" not in facts:
                facts |= facts_of(task.planned, session, made)
            facts.setdefault("unit_of", {})[str(k)] = [made.first.unit, made.second.unit]
    if not arrays:
        facts["failed"] = next(iter(reasons.values()))
    write_arrays(features_path(task.folder, session_id), arrays)
    write_text(
        prepared_path(task.folder, session_id), json.dumps(facts | {"refused": reasons}, indent=1)
    )
    return str(facts["failed"])


@lru_cache(maxsize=1024)
def _arrays(folder: Path, session: str) -> Mapping[str, Array]:
    """Read all features of a session, once per process."""
    return read_arrays(features_path(folder, session))


def forget() -> None:
    """Drop what was read of other folders."""
    _arrays.cache_clear()


def features_at(folder: Path, session: str, lane: Lane) -> Features | None:
    """Both features of a session as a lane compares them; None where there are none."""
    whole = _whole(folder, session, lane)
    return None if whole is None else trimmed(whole, lane.trims_s)


def _whole(folder: Path, session: str, lane: Lane) -> Features | None:
    """The same before anything is trimmed."""
    held, k = _arrays(folder, session), lane.preparation
    if f"{k}_first" not in held:
        return None
    start_s, rate_hz = (float(v) for v in held[f"{k}_grid"])
    return Features(
        session=session,
        start_s=start_s,
        rate_hz=rate_hz,
        first=held[f"{k}_first"],
        second=held[f"{k}_second"],
    )


def trimmed(whole: Features, trims_s: tuple[float, float]) -> Features | None:
    """Cut the start and the end off; None where nothing is left."""
    if not any(trims_s):
        return whole
    start, stop = (round(t * whole.rate_hz) for t in trims_s)
    kept = slice(start, whole.first.size - stop)
    if kept.stop - kept.start < 2:
        return None
    return Features(
        session=whole.session,
        start_s=whole.start_s + start / whole.rate_hz,
        rate_hz=whole.rate_hz,
        first=whole.first[kept],
        second=whole.second[kept],
    )


def do_lane(task: LaneTask) -> str:
    """Compute one coupling for every real and every pseudo-pair, and write the block."""
    whole = [_whole(task.folder, s.id, task.lane) for s in task.plan.sessions]
    arrays = compute_lane(task.lane, task.plan, whole, task.recipe, shifts=task.shifts)
    write_arrays(lane_path(task.folder, task.lane), arrays)
    return task.lane.name


def compute_lane(
    lane: Lane, plan: Plan, whole: list[Features | None], recipe: Recipe, *, shifts: int
) -> dict[str, Any]:
    """Every aggregate of one lane, of strangers or of shifts: the content of its block."""
    held = [None if w is None else trimmed(w, lane.trims_s) for w in whole]
    if not shifts:
        return lane_by_strangers(lane, plan, held)
    moved = [[] if w is None else shifted_of(w, lane.trims_s, recipe, shifts) for w in whole]
    return lane_by_shifts(lane, plan, held, moved, shifts)


def lane_by_strangers(lane: Lane, plan: Plan, held: list[Features | None]) -> dict[str, Any]:
    """Every aggregate of a lane for real pairs, strangers, and real pairs at their lengths.

    Returns
    -------
    dict
        ``real``, shape (n_asked, n_readings); ``pseudo`` and ``real_cut``, shape (n_asked,
        n_asked, n_readings), as :func:`syntony.surrogates.study.study_test` has them;
        ``refused``: why a pair had no coupling, where one had none.
    """
    n, width = plan.analysed, len(lane.readings)
    real = np.full((n, width), np.nan)
    pseudo, real_cut = np.full((n, n, width), np.nan), np.full((n, n, width), np.nan)
    look, allowed = _Look(lane), strangers_of(plan)
    for i in range(n):
        own = held[i]
        if own is None:
            continue
        real[i] = look(own.first, own.second, own.rate_hz)
        known = {(own.start_s, own.stop_s): real[i]}
        for j in np.flatnonzero(allowed[i]).tolist():
            other = held[j]
            span = None if other is None else together(own, other)
            if other is None or span is None:
                continue
            x, y = cut(own.first, own, *span), cut(other.second, other, *span)
            pseudo[i, j] = look(x, y, own.rate_hz)
            if span not in known:
                known[span] = look(x, cut(own.second, own, *span), own.rate_hz)
            real_cut[i, j] = known[span]
    return {"real": real, "pseudo": pseudo, "real_cut": real_cut, "refused": np.array(look.refused)}


def lane_by_shifts(
    lane: Lane,
    plan: Plan,
    held: list[Features | None],
    moved: list[list[Features | None]],
    count: int,
) -> dict[str, Any]:
    """Every aggregate of a lane for real pairs, and for each shift of each session.

    Returns
    -------
    dict
        ``real``, shape (n_asked, n_readings); ``shifted``, shape (n_asked, n_readings,
        n_draws); ``refused``.
    """
    n, width = plan.analysed, len(lane.readings)
    real, shifted = np.full((n, width), np.nan), np.full((n, width, count), np.nan)
    look = _Look(lane)
    for i in range(n):
        own = held[i]
        if own is None:
            continue
        real[i] = look(own.first, own.second, own.rate_hz)
        for k, draw in enumerate(moved[i]):
            if draw is not None:
                shifted[i, :, k] = look(draw.first, draw.second, draw.rate_hz)
    return {"real": real, "shifted": shifted, "refused": np.array(look.refused)}


def shifted_of(
    whole: Features, trims_s: tuple[float, float], recipe: Recipe, count: int
) -> list[Features | None]:
    """Both features of a session with the second person's shifted, once for each draw.

    Every path meets the same shifts: places are drawn for the whole session, before anything
    is trimmed, from a stream that hangs on session and draw alone.
    """
    name, options = shift_of(recipe)
    draw = surrogate_list.get(name).draw
    if draw is None:
        raise InputError("surrogate", name, "one that draws from the pair itself")
    places = np.arange(float(whole.second.size))
    out: list[Features | None] = []
    for k in range(count):
        rng = rng_for(recipe.seed, "multiverse", "shift", whole.session, k)
        try:
            order = draw(places, rng, rate_hz=whole.rate_hz, **options).astype(np.int64)
        except InputError:  # too short for a shift
            return [None] * count
        out.append(trimmed(replace(whole, second=whole.second[order]), trims_s))
    return out


def shift_of(recipe: Recipe) -> tuple[str, dict[str, Any]]:
    """Name and options of the recipe's shift with a fixed guard; else the shift within thirds."""
    for item in recipe.surrogates:
        if item.name in SHIFTS and not isinstance(item.options.get("guard_s"), str):
            return item.name, dict(item.options)
    return SHIFTS[0], surrogate_list.get(SHIFTS[0]).settle({})


class _Look:
    """Reads every aggregate of a lane off one coupling; remembers why one could not be made."""

    def __init__(self, lane: Lane) -> None:
        self.refused = ""
        self._step: Step = lane.step
        self._summarise = method_list.get(lane.step.method).summarise
        lags = dict.fromkeys(r.max_lag_s for r in lane.readings)
        self._reads = {
            lag: [(k, r.statistic) for k, r in enumerate(lane.readings) if r.max_lag_s == lag]
            for lag in lags
        }
        self._width = len(lane.readings)

    def __call__(self, x: Array, y: Array, rate_hz: float) -> Array:
        """Give the aggregates, shape (n_readings,); NaN where no window fits."""
        out = np.full(self._width, np.nan)
        try:
            coupling: Coupling = couple(self._step, x, y, rate_hz)
        except InputError as error:
            self.refused = self.refused or str(error)
            return out
        for lag, reads in self._reads.items():
            found = self._summarise(coupling if lag is None else narrowed(coupling, lag))
            for k, name in reads:
                out[k] = found[name]
        return out


def seconds_of(lane: Lane, plan: Plan, held: list[Features | None]) -> float:
    """CPU seconds that a lane takes for one pair: the first that there is, computed twice."""
    own = next((f for f in held[: plan.analysed] if f is not None), None)
    if own is None:
        return 0.0
    look = _Look(lane)
    look(own.first, own.second, own.rate_hz)  # may compile
    began = time.process_time()
    look(own.first, own.second, own.rate_hz)
    return time.process_time() - began
