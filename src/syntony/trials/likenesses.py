"""The likeness of a study or of a run: features read, figures fitted, the fit looked at."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from syntony.config import Recipe
from syntony.core.arrays import Array
from syntony.core.errors import FileError, SyntonyError
from syntony.core.run import Run
from syntony.core.seeds import rng_for
from syntony.pipeline.executors import each
from syntony.pipeline.plan import Plan
from syntony.pipeline.prepare import (
    PrepareTask,
    prepare_session,
    prepared_path,
    read_features,
    read_prepared,
    signals_path,
)
from syntony.pipeline.source import Source
from syntony.simulate.likeness import Likeness, Model, Seen, fit_likeness
from syntony.simulate.responses import find_responses
from syntony.simulate.twins import make_twins
from syntony.surrogates.memory import memory_s
from syntony.trials.twin_study import NULL, cleaning_of, like_cleaned

LOOKED_AT = 3
SLOW_S = 60.0


def seen_in_run(run: Run) -> list[Seen]:
    """Features of every usable session of a run, from its folder alone.

    Raises
    ------
    FileError
        If the folder holds no sessions or lacks the signals of one.
    """
    path = run.path / "sessions.parquet"
    if not path.exists():
        raise FileError(path, "no table of sessions", "a run that came to its end", "Resume it.")
    rows = [r for r in pq.read_table(path).to_pylist() if not r["failed"]]
    seen = []
    for row in rows:
        signals = signals_path(run.path, row["session"])
        if not signals.exists():
            raise FileError(signals, "no such file", "both people's features", "Run it again.")
        error = row["clock_error_s"]
        seen.append(
            _seen(
                run.path,
                row["session"],
                dyad=row["dyad"],
                kind=row["type"],
                number=row["number"],
                people=(row["person_a"], row["person_b"]),
                roles=(row["role_a"], row["role_b"]),
                clock_error_s=math.nan if error is None else float(error),
            )
        )
    return seen


def seen_in_study(
    source: Source,
    recipe: Recipe,
    plan: Plan,
    folder: Path,
    *,
    jobs: int,
    on_progress: Callable[[int, int], None],
) -> list[Seen]:
    """Features of every session of a study that can be prepared; made in ``folder``.

    Raises
    ------
    SyntonyError
        If no session can be used.
    """
    todo = [
        PrepareTask(source, recipe, planned, folder)
        for planned in plan.sessions
        if not prepared_path(folder, planned.id).exists()
    ]
    done = len(plan.sessions) - len(todo)
    for _ in each(prepare_session, todo, jobs=jobs if len(todo) > 4 * jobs else 1):
        done += 1
        on_progress(done, len(plan.sessions))
    seen, reasons = [], []
    stimulus = {row.id: row.stimulus for row in source.rows}
    for planned in plan.sessions:
        if not prepared_path(folder, planned.id).exists():
            continue
        facts = read_prepared(folder, planned.id)
        if facts["failed"]:
            reasons.append(f"{planned.id}: {facts['failed']}")
            continue
        errors = [
            facts["clocks"].get(p.id, {}).get("error_s") for p in (planned.first, planned.second)
        ]
        seen.append(
            _seen(
                folder,
                planned.id,
                dyad=planned.dyad,
                kind=planned.type,
                number=planned.number,
                people=(planned.first.id, planned.second.id),
                roles=(planned.first.role, planned.second.role),
                clock_error_s=math.fsum(math.nan if e is None else e for e in errors),
                stimulus=stimulus[planned.id],
            )
        )
    if not seen:
        raise SyntonyError("No session can be used. " + " ".join(reasons[:3]))
    return seen


def _seen(
    folder: Path,
    session: str,
    *,
    dyad: str,
    kind: str,
    number: int,
    people: tuple[str, str],
    roles: tuple[str, str],
    clock_error_s: float,
    stimulus: str = "",
) -> Seen:
    """One session with its features."""
    features = read_features(folder, session)
    return Seen(
        id=session,
        dyad=dyad,
        type=kind,
        number=number,
        people=people,
        roles=roles,
        start_s=features.start_s,
        rate_hz=features.rate_hz,
        clock_error_s=clock_error_s,
        first=features.first,
        second=features.second,
        stimulus=stimulus,
    )


def model_of(recipe: Recipe) -> Model:
    """Response trains where both people's feature is cleaned skin conductance, else noise.

    Examples
    --------
    >>> model_of(Recipe()), model_of(Recipe(signal="hr"))
    ('responses', 'noise')
    """
    return "responses" if recipe.signals == ("eda", "eda") else "noise"


def fit(seen: Sequence[Seen], recipe: Recipe, *, seed: int, dyads: int | None = None) -> Likeness:
    """Fit the likeness of all sessions; keep that of some dyads drawn at random, if asked."""
    model = model_of(recipe)
    clean = like_cleaned(recipe, model, seen[0].rate_hz)
    likeness = fit_likeness(seen, model=model, seed=seed, clean=clean)
    there = likeness.dyads
    if dyads is None or dyads >= len(there):
        return likeness
    drawn = rng_for(seed, "dyads").permutation(len(there))[:dyads]
    return likeness.of_dyads([there[k] for k in sorted(drawn.tolist())])


@dataclass(frozen=True)
class _Quantity:
    """One thing that is looked at in the data and in the twins."""

    name: str
    unit: str
    of: Callable[[Array, float], float]


def fit_table(
    seen: Sequence[Seen], likeness: Likeness, recipe: Recipe, seed: int
) -> list[dict[str, Any]]:
    """The data beside a few twin studies: how alike they are.

    Returns
    -------
    list of dict
        ``quantity``, ``unit``, ``data``, ``data_low``, ``data_high`` (median and quartiles over
        people and sessions) and the same of ``twins``; None where it has no value.
    """
    ids = {s.id for s in likeness.sessions}
    data = [v for s in seen if s.id in ids for v in s.both]
    clean = cleaning_of(recipe, likeness)
    twins = [
        v
        for k in range(LOOKED_AT)
        for t in make_twins(likeness, seed=seed, path=(NULL.name, k), clean=clean)
        for v in (t.first, t.second)
    ]
    rows = []
    for quantity in _quantities(likeness):
        sides = {
            side: [quantity.of(v, likeness.rate_hz) for v in bodies]
            for side, bodies in (("data", data), ("twins", twins))
        }
        row: dict[str, Any] = {"quantity": quantity.name, "unit": quantity.unit}
        for side, values in sides.items():
            row |= _summary(side, np.array(values))
        rows.append(row)
    return rows


def _summary(side: str, values: Array) -> dict[str, float | None]:
    """Median and quartiles, of four figures."""
    there = values[np.isfinite(values)]
    if not there.size:
        return dict.fromkeys((side, f"{side}_low", f"{side}_high"), None)
    low, middle, high = (float(f"{q:.4g}") for q in np.quantile(there, [0.25, 0.5, 0.75]))
    return {side: middle, f"{side}_low": low, f"{side}_high": high}


def _quantities(likeness: Likeness) -> list[_Quantity]:
    """What is looked at; responses only where the twins are made of them."""
    listed = [
        _Quantity("missing", "share", lambda v, _: float(np.isnan(v).mean())),
        _Quantity("spread (SD)", "of the signal", lambda v, _: _sd(v)),
        _Quantity("memory without slow drift", "s", lambda v, hz: _memory(v - _slow(v, hz), hz)),
        _Quantity("share of the variance that is slow (60 s)", "share", _slow_share),
    ]
    if likeness.model == "responses":
        listed.insert(0, _Quantity("responses", "per min", _response_rate))
    return listed


def _sd(values: Array) -> float:
    there = values[np.isfinite(values)]
    return float(there.std()) if there.size else math.nan


def _response_rate(values: Array, rate_hz: float) -> float:
    """Responses found per valid minute."""
    minutes = np.isfinite(values).sum() / rate_hz / 60.0
    return find_responses(values, rate_hz).onsets_s.size / minutes if minutes > 0 else math.nan


def _slow(values: Array, rate_hz: float) -> Array:
    """Running mean over 60 s of what is there."""
    size = max(1, round(SLOW_S * rate_hz))
    there = np.isfinite(values)
    weights = np.ones(min(size, values.size))
    total = np.convolve(np.where(there, values, 0.0), weights, mode="same")
    count = np.convolve(there.astype(np.float64), weights, mode="same")
    return np.where(there, total / np.maximum(count, 1.0), np.nan)


def _memory(values: Array, rate_hz: float) -> float:
    """Memory in seconds; NaN where it cannot be told."""
    try:
        return memory_s(values, rate_hz)
    except SyntonyError:
        return math.nan


def _slow_share(values: Array, rate_hz: float) -> float:
    whole = _sd(values)
    return (_sd(_slow(values, rate_hz)) / whole) ** 2 if whole > 0 else math.nan
