"""The mixed model of a run: its rows, its findings, and the same as a script for R."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syntony.config import Recipe
from syntony.config.models import MOMENT_MODEL
from syntony.link.codes import CLASSES
from syntony.link.finding import Finding
from syntony.link.intervals import beside
from syntony.link.joined.seconds import CodedSeconds
from syntony.link.moment_model import MomentFit, fit_moments, rotation_test
from syntony.link.moment_model_r import model_data, model_script
from syntony.link.moment_rows import OUTCOMES, moment_rows
from syntony.pipeline.rerun import write_script

NAME = MOMENT_MODEL


def modelled(
    sessions: list[CodedSeconds], recipe: Recipe, facts: Mapping[str, Any], folder: Path | None
) -> tuple[list[Finding], list[dict[str, Any]]]:
    """Fit the model of every outcome, test it by rotation, and write it for R."""
    joined = recipe.joined
    rows = moment_rows(sessions, thin_s=joined.thin_s, degree=joined.time_degree)
    outcomes = OUTCOMES if sessions[0].scale == "fisher_z" else OUTCOMES[:1]
    fits = [fit_moments(rows, o, slope=joined.slope) for o in outcomes]
    if fits[0].status != "ok":
        return [_finding(fit, "shared_positive", {}, facts) for fit in fits], []
    turned = rotation_test(
        sessions,
        rows,
        seed=recipe.seed,
        thin_s=joined.thin_s,
        rotations=joined.model_rotations,
        min_rotation_s=recipe.emotion.min_rotation_s,
    )
    findings, table = [], []
    for fit in fits:
        beside_it = turned[fit.outcome]
        table += _rows(fit, beside_it)
        findings += [_finding(fit, term, beside_it, facts) for term in fit.terms if term in CLASSES]
    if folder is not None:
        data = model_data(rows, thin_s=joined.thin_s)
        write_script(folder, NAME, model_script(fits, rows), data)
    return findings, table


def _chance(term: str, beside_it: Mapping[str, Any]) -> dict[str, Any]:
    if term not in beside_it:
        return {}
    observed, null = beside_it[term]
    chance = beside(observed, null)
    return {
        "null_mean": chance.mean,
        "null_low": chance.low,
        "null_high": chance.high,
        "z": chance.z,
        "p_one": chance.p_one,
        "p_two": chance.p_two,
        "draws": null.size,
        "detail": {"least_squares": observed},
    }


def _finding(
    fit: MomentFit, term: str, beside_it: Mapping[str, Any], facts: Mapping[str, Any]
) -> Finding:
    """One class of one outcome, with the interval of the model and the p of rotated codes."""
    estimate, se = fit.of(term)
    chance = _chance(term, beside_it)
    detail = {
        "se": se,
        "p_model": fit.p(term),
        "reference": fit.reference,
        "slope": fit.slope,
        "rows": fit.n_rows,
        "remarks": list(fit.remarks),
        "random": dict(fit.random),
        **chance.pop("detail", {}),
    }
    return Finding(
        finding=NAME,
        label=term,
        statistic=fit.outcome,
        surrogate="rotation",
        n_dyads=fit.n_dyads,
        n_sessions=fit.n_sessions,
        value=estimate,
        low=estimate - fit.reach * se,
        high=estimate + fit.reach * se,
        status=fit.status,
        detail=detail,
        **facts,
        **chance,
    )


def _rows(fit: MomentFit, beside_it: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of ``moment_model``: fixed effects, then what varies at random."""
    keys = {"outcome": fit.outcome, "reference": fit.reference}
    shared: dict[str, Any] = {
        "n_rows": fit.n_rows,
        "n_sessions": fit.n_sessions,
        "n_dyads": fit.n_dyads,
    }
    shared["remarks"] = "; ".join(fit.remarks)
    rows = []
    for term in fit.terms:
        estimate, se = fit.of(term)
        chance = _chance(term, beside_it)
        rows.append(
            keys
            | {
                "part": "fixed",
                "term": term,
                "estimate": estimate,
                "se": se,
                "low": estimate - fit.reach * se,
                "high": estimate + fit.reach * se,
                "p_model": fit.p(term),
                "p_rotation": chance.get("p_two", math.nan),
                "least_squares": chance.get("detail", {}).get("least_squares", math.nan),
                "draws": chance.get("draws", 0),
            }
            | shared
        )
    rows += [
        keys | {"part": "random", "term": term, "estimate": value, "draws": 0} | shared
        for term, value in fit.random.items()
    ]
    return rows
