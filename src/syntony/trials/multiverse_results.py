"""From the blocks of a multiverse to its table of paths, its joint tests and its words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.arrays import Array, Bools, Ints
from syntony.core.files import read_arrays, write_text
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.link.intervals import by_dyad as mean_by_dyad
from syntony.link.many_links import JointLink, exchange_blocks, joint_link
from syntony.pipeline.empathy import chosen_scores, score_rows
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import Plan
from syntony.pipeline.prepare import read_prepared
from syntony.pipeline.tables import write_table
from syntony.report.methods import bibliography, cited_keys
from syntony.report.multiverse_words import methods_of_paths
from syntony.surrogates.many_paths import JointTest, complete, joint_shift_test, joint_test
from syntony.surrogates.study import by_dyad
from syntony.trials.multiverse_choices import choice_shares
from syntony.trials.multiverse_grid import Multiverse
from syntony.trials.multiverse_paths import GridPath, Laid, Lane, described
from syntony.trials.multiverse_work import lane_path, shift_of, strangers_of

NONE = float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """What the blocks hold, one row a path, one column a dyad.

    ``pseudo`` and ``real_cut`` have shape (n_paths, n_dyads, n_dyads) where strangers were
    computed, ``shifted`` (n_paths, n_dyads, n_draws) where shifts were; ``refused`` says of
    each path why a session had no coupling.
    """

    paths: Ints
    dyads: tuple[str, ...]
    real: Array
    pseudo: Array
    real_cut: Array
    shifted: Array
    allowed: Bools
    refused: tuple[str, ...]


def read_columns(folder: Path, plan: Plan, lanes: tuple[Lane, ...], *, shifts: int) -> Columns:
    """Read every block and make one value per dyad of its sessions."""
    blocks = ((lane, read_arrays(lane_path(folder, lane))) for lane in lanes)
    return columns_of(blocks, plan, shifts=shifts)


def columns_of(
    blocks: Iterable[tuple[Lane, Mapping[str, Any]]], plan: Plan, *, shifts: int
) -> Columns:
    """Make one value per dyad of what each lane's block holds of its sessions."""
    n = plan.analysed
    labels = [s.dyad for s in plan.sessions[:n]]
    allowed = strangers_of(plan)
    found: dict[int, tuple[Array, ...]] = {}
    refused: dict[int, str] = {}
    dyads: tuple[str, ...] = tuple(dict.fromkeys(labels))
    may = np.zeros((len(dyads), len(dyads)), dtype=bool)
    for lane, block in blocks:
        for k, reading in enumerate(lane.readings):
            refused[reading.path] = str(block["refused"])
            real = block["real"][:, k]
            if shifts:
                together = np.concatenate([real[:, None], block["shifted"][:, k]], axis=1)
                means = _by_dyad(together, labels, dyads)
                found[reading.path] = (means[:, 0], means[:, 1:])
                continue
            _, mean, pseudo, cut, may = by_dyad(
                labels,
                real,
                block["pseudo"][:, :, k],
                block["real_cut"][:, :, k],
                allowed,
            )
            found[reading.path] = (mean, pseudo, cut)
    order = sorted(found)
    none = np.empty((len(order), len(dyads), 0))
    return Columns(
        paths=np.array(order),
        dyads=dyads,
        real=np.array([found[p][0] for p in order]),
        pseudo=none if shifts else np.array([found[p][1] for p in order]),
        real_cut=none if shifts else np.array([found[p][2] for p in order]),
        shifted=np.array([found[p][1] for p in order]) if shifts else none,
        allowed=may,
        refused=tuple(refused[p] for p in order),
    )


def _by_dyad(values: Array, labels: list[str], dyads: tuple[str, ...]) -> Array:
    """Means over each dyad's sessions, one row a dyad; NaN where it has no value."""
    names, means = mean_by_dyad(values, labels)
    out = np.full((len(dyads), values.shape[1]), np.nan)
    out[[dyads.index(n) for n in names]] = means
    return out


def write_results(
    folder: Path,
    recipe: Recipe,
    grid: Multiverse,
    plan: Plan,
    laid: Laid,
    lanes: tuple[Lane, ...],
    *,
    shifts: int,
) -> None:
    """Test all paths together and write table, joint results, notes and methods."""
    columns = read_columns(folder, plan, lanes, shifts=shifts)
    kept, dyads = complete(columns.real)
    status = _why_left_out(columns, kept, dyads)
    people = people_of(plan, columns.dyads)
    test = joint_of(columns, kept, dyads, people, recipe, grid, shifts)
    link, label = _link(folder, recipe, grid, plan, columns, kept, dyads, people)
    numbers = columns.paths[kept].tolist()
    effects = _of_path(len(laid.paths), numbers, test.effects)
    used = [laid.paths[p] for p in numbers]
    rows = _rows(laid, numbers, test, link, status, len(dyads))
    write_table(folder, "paths", rows)
    joint = {
        **_counts(laid, columns, kept, dyads, status, shifts),
        "primary": _primary(laid.paths, effects),
        "choice_names": list(laid.paths[0].choices),
        "synchrony": _test_as_dict(test, shifts),
        "empathy": None if link is None else _link_as_dict(link, label),
        "choices": {
            "synchrony": [
                asdict(c) for c in choice_shares(test.effects, [p.choices for p in used])
            ],
            "empathy": []
            if link is None
            else [asdict(c) for c in choice_shares(link.r, [p.choices for p in used])],
        },
    }
    joint["shift"] = shift_of(recipe)[0] if shifts else ""
    write_text(folder / "joint.json", json.dumps(_plain(joint), indent=1, allow_nan=False))
    _write_words(folder, recipe, grid, plan, joint)


def _why_left_out(columns: Columns, kept: Ints, dyads: Ints) -> dict[int, str]:
    """Say of each path that is left out why it is."""
    stays = set(kept.tolist())
    out = {}
    for row, path in enumerate(columns.paths.tolist()):
        if row in stays:
            continue
        lacking = int((~np.isfinite(columns.real[row])).sum())
        if lacking == len(columns.dyads):
            out[path] = "no session has a value: " + (columns.refused[row] or "too little is valid")
        else:
            out[path] = f"{lacking} of {len(columns.dyads)} dyads have no value: " + (
                columns.refused[row] or "too little is valid"
            )
    return out


def people_of(plan: Plan, dyads: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Who is first and second in each dyad; several in one role count as one person."""
    sessions = plan.sessions[: plan.analysed]
    first = [sorted({s.first.id for s in sessions if s.dyad == d}) for d in dyads]
    second = [sorted({s.second.id for s in sessions if s.dyad == d}) for d in dyads]
    return ["+".join(ids) for ids in first], ["+".join(ids) for ids in second]


def joint_of(
    columns: Columns,
    kept: Ints,
    dyads: Ints,
    people: tuple[list[str], list[str]],
    recipe: Recipe,
    grid: Multiverse,
    shifts: int,
) -> JointTest:
    """Test all paths together."""
    rng = rng_for(recipe.seed, "multiverse", "joint")
    real = columns.real[np.ix_(kept, dyads)]
    if shifts:
        shifted = columns.shifted[np.ix_(kept, dyads)]
        return joint_shift_test(real, shifted, rng, bootstrap=grid.bootstrap)
    here = np.ix_(kept, dyads, dyads)
    return joint_test(
        real,
        columns.pseudo[here],
        columns.real_cut[here],
        columns.allowed[np.ix_(dyads, dyads)],
        rng,
        draws=grid.draws,
        bootstrap=grid.bootstrap,
        min_dyads=recipe.corpus.min_dyads,
        labels=[columns.dyads[k] for k in dyads.tolist()],
        people=([people[0][k] for k in dyads.tolist()], [people[1][k] for k in dyads.tolist()]),
    )


def _link(
    folder: Path,
    recipe: Recipe,
    grid: Multiverse,
    plan: Plan,
    columns: Columns,
    kept: Ints,
    dyads: Ints,
    people: tuple[list[str], list[str]],
) -> tuple[JointLink | None, str]:
    """Correlate the recipe's score with every path; None where there is no score."""
    facts = [read_prepared(folder, s.id) for s in plan.sessions]
    usable: dict[int, dict[str, Any]] = {k: {} for k, f in enumerate(facts) if not f["failed"]}
    results = Results(recipe, plan, facts, usable, [])
    scores, _ = score_rows(results)
    chosen = chosen_scores(results, scores)
    if not chosen:
        return None, ""
    by_session: dict[str, list[float]] = {}
    for row in chosen:
        by_session.setdefault(row["session"], []).append(row["value"])
    sessions = plan.sessions[: plan.analysed]
    values = np.array([np.mean(by_session.get(s.id, [np.nan])) for s in sessions])
    rated = _by_dyad(values[:, None], [s.dyad for s in sessions], columns.dyads)[:, 0]
    blocks = exchange_blocks(*people)
    found = joint_link(
        columns.real[np.ix_(kept, dyads)],
        rated[dyads],
        blocks[dyads].tolist(),
        rng_for(recipe.seed, "multiverse", "empathy"),
        draws=grid.permutations,
    )
    return found, f"{chosen[0]['instrument']}.{chosen[0]['scale']}"


def _rows(
    laid: Laid,
    numbers: list[int],
    test: JointTest,
    link: JointLink | None,
    status: Mapping[int, str],
    n_dyads: int,
) -> list[dict[str, Any]]:
    """Rows of ``paths``: an effect with its interval, never a p."""
    place = {path: k for k, path in enumerate(numbers)}
    rows = []
    for path in laid.paths:
        k = place.get(path.number)
        row: dict[str, Any] = {
            "path": path.number,
            "primary": path.is_primary,
            "signal": described_signal(path),
            "method": path.step.method,
            "statistic": path.statistic,
            "trim_start_s": path.trims_s[0],
            "trim_stop_s": path.trims_s[1],
            "options": json.dumps(path.step.options, sort_keys=True),
            "choices": json.dumps(dict(path.choices), ensure_ascii=False),
            "n_dyads": n_dyads if k is not None else 0,
            "status": "ok" if k is not None else status.get(path.number, "units do not suit"),
        }
        if k is not None:
            row |= {"effect": test.effects[k], "low": test.low[k], "high": test.high[k]}
            if not np.isfinite(test.effects[k]) and test.status == "ok":
                row["status"] = "the index does not vary over strangers"
            if link is not None:
                row |= {"r": link.r[k], "r_low": link.low[k], "r_high": link.high[k]}
        rows.append(row)
    return rows


def described_signal(path: GridPath) -> str:
    """Name of the feature or features compared."""
    signal = path.recipe.signal
    return signal if isinstance(signal, str) else " and ".join(signal)


def _of_path(count: int, numbers: list[int], values: Array) -> Array:
    """Values by the number of the path; NaN where a path is left out."""
    out = np.full(count, np.nan)
    out[numbers] = values
    return out


def _primary(paths: tuple[GridPath, ...], effects: Array) -> dict[str, Any]:
    """Where the primary path lies among all."""
    own = next(p for p in paths if p.is_primary)
    there = effects[np.isfinite(effects)]
    value = float(effects[own.number])
    larger = int((there > value).sum()) if np.isfinite(value) else None
    return {
        "path": own.number,
        "says": described(own),
        "effect": value,
        "larger": larger,
        "of": there.size,
    }


def _counts(
    laid: Laid,
    columns: Columns,
    kept: Ints,
    dyads: Ints,
    status: Mapping[int, str],
    shifts: int,
) -> dict[str, Any]:
    """How many cells, paths and dyads there were, and which were left out why."""
    late: dict[str, list[int]] = {}
    for path, reason in status.items():
        late.setdefault(reason, []).append(path)
    dropped = [asdict(d) for d in laid.dropped]
    dropped += [
        {"reason": reason, "cells": len(which), "example": described(laid.paths[which[0]])}
        for reason, which in late.items()
    ]
    stays = set(dyads.tolist())
    return {
        "cells": laid.cells,
        "merged": laid.merged,
        "dropped": dropped,
        "paths": int(kept.size),
        "dyads": [d for k, d in enumerate(columns.dyads) if k in stays],
        "dyads_left_out": [d for k, d in enumerate(columns.dyads) if k not in stays],
        "strangers": 0 if shifts else int(columns.allowed.sum()),
    }


def _curves(effects: Array, draws: Array) -> dict[str, list[float]]:
    """Central 95 %, and the median, of the draws' curves, each sorted for itself."""
    usable = np.isfinite(effects)
    rows = draws[:, usable]
    rows = rows[np.isfinite(rows).all(axis=1)]
    if not len(rows):
        return {"band_low": [], "band_high": [], "band_middle": []}
    curves = np.sort(rows, axis=1)
    low, middle, high = np.quantile(curves, [0.025, 0.5, 0.975], axis=0)
    return {
        "band_low": low.tolist(),
        "band_high": high.tolist(),
        "band_middle": middle.tolist(),
    }


_TOLD = (
    "median",
    "median_p_one",
    "median_p_two",
    "same_sign",
    "same_sign_p",
    "beyond",
    "beyond_p",
    "n_dyads",
    "status",
)


def _test_as_dict(test: JointTest, shifts: int) -> dict[str, Any]:
    """The joint test of synchrony, for JSON."""
    missing = int((~np.isfinite(test.draws[:, np.isfinite(test.effects)]).all(axis=1)).sum())
    return {
        **{name: getattr(test, name) for name in _TOLD},
        "null": "shifts" if shifts else "derangements",
        "draws": len(test.draws),
        "draws_missing": missing,
        **_curves(test.effects, test.draws),
    }


def _link_as_dict(link: JointLink, label: str) -> dict[str, Any]:
    """The joint test of the link with a score, for JSON."""
    return {
        **{name: getattr(link, name) for name in _TOLD},
        "label": label,
        "null": "permutations",
        "draws": len(link.draws),
        "blocks": list(link.blocks),
        **_curves(link.r, link.draws),
    }


def _plain(value: Any) -> Any:
    """The same for JSON: NaN becomes null, numpy numbers become plain."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _write_words(
    folder: Path, recipe: Recipe, grid: Multiverse, plan: Plan, joint: dict[str, Any]
) -> None:
    """Write notes, methods paragraph and references."""
    notes = list(plan.notes)
    for planned in plan.sessions:
        facts = read_prepared(folder, planned.id)
        if facts["failed"]:
            notes.append(Note(planned.id, "session-left-out", facts["failed"]))
    notes += [
        Note("grid", "paths-dropped", f"{d['cells']}: {d['reason']}") for d in joint["dropped"]
    ]
    lines = [json.dumps(asdict(n), ensure_ascii=False) + "\n" for n in notes]
    write_text(folder / "notes.jsonl", "".join(lines))
    origin = json.loads((folder / "origin.json").read_text("utf-8"))
    paragraph = methods_of_paths(
        json.loads(recipe.model_dump_json()), json.loads(grid.model_dump_json()), origin, joint
    )
    write_text(folder / "methods.md", paragraph)
    write_text(folder / "references.bib", bibliography(cited_keys(paragraph)))
