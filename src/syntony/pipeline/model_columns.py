"""Columns of a recipe's models: one value per session of every score, index or number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.io.tsv import read_tsv
from syntony.link.models.registry import Column
from syntony.pipeline.corpus import observed
from syntony.pipeline.model_variables import EXTERNAL, INDEX, SCORE, Variable, variable_of
from syntony.pipeline.pairs import Results
from syntony.pipeline.source import FromStudy, Source


def columns_of(
    texts: Mapping[str, str],
    listed: Sequence[Column],
    results: Results,
    source: Source,
    scores: Sequence[Mapping[str, Any]],
) -> dict[str, Array]:
    """Every column of a model, one value per session asked about."""
    per = {c.name: c.per for c in listed}
    out: dict[str, Array] = {}
    for name, text in texts.items():
        found = variable_of(text, results.recipe)
        if per.get(name) != "person":
            out[name] = values_of_variable(found, results, source, scores)
            continue
        if found.kind != SCORE:
            raise InputError(
                "models", text, f"instrument.scale for {name}, which is of each person"
            )
        for side, role in zip(("first", "second"), results.recipe.roles or (), strict=True):
            own = Variable(SCORE, found.name, role=role)
            out[f"{name}_{side}"] = values_of_variable(own, results, source, scores)
    return out


def values_of_variable(
    found: Variable, results: Results, source: Source, scores: Sequence[Mapping[str, Any]]
) -> Array:
    """One value per session asked about; NaN where it has none."""
    sessions = [results.plan.sessions[i] for i in results.asked]
    if found.kind == INDEX:
        return observed(results, found.step, found.column)[0]
    if found.kind == EXTERNAL:
        return _external(found.name, [s.id for s in sessions], source)
    instrument, _, scale = found.name.partition(".")
    rows = [r for r in scores if r["instrument"] == instrument and r["scale"] == scale]
    if not rows:
        there = sorted({f"{r['instrument']}.{r['scale']}" for r in scores})
        raise InputError("models", found.name, f"a score of this study, one of {there}")
    who = {p.id: p.role for s in sessions for p in (s.first, s.second)}
    held: dict[str, list[float]] = {}
    for row in rows:
        if not found.role or who.get(row["person"]) == found.role:
            held.setdefault(row["session"], []).append(row["value"])
    return np.array([_mean(held.get(s.id, [])) for s in sessions])


def _mean(values: Sequence[float]) -> float:
    there = [v for v in values if np.isfinite(v)]
    return float(np.mean(there)) if there else float("nan")


def _external(name: str, sessions: Sequence[str], source: Source) -> Array:
    """A column of numbers of sessions.tsv."""
    if not isinstance(source, FromStudy):
        raise InputError("models", f"sessions.{name}", "a study on disk, which has sessions.tsv")
    columns, rows = read_tsv(source.study.root / "sessions.tsv", ["session_id"])
    if name not in columns:
        raise InputError("models", f"sessions.{name}", f"one of {list(columns)} in sessions.tsv")
    held = {r.required("session_id"): r.number(name, missing=float("nan")) for r in rows}
    return np.array([held.get(s, np.nan) for s in sessions])
