"""Codes of a whole study beside synchrony: rows of sessions, findings over dyads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.seeds import rng_for
from syntony.link.finding import Finding
from syntony.link.moments import SessionClasses, class_findings
from syntony.link.selection import SelectionCase, moment_findings
from syntony.pipeline.corpus import blocks_over
from syntony.pipeline.emotion import Coded, Moving, classes_of, moments_of
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import STRANGERS


@dataclass(frozen=True)
class Emotions:
    """What the codes of the sessions said: rows and findings."""

    code_rows: list[dict[str, Any]]
    moment_rows: list[dict[str, Any]]
    findings: list[Finding]


def course_of(results: Results, index: int) -> Moving | None:
    """Course of the first step on the session clock; None where it has no time."""
    block = results.blocks[index]
    if "step0_time" not in block or not block["step0_time"].size:
        return None
    return Moving(
        time_s=block["step0_time"] + results.facts[index]["start_s"],
        r=block["step0_course"],
        coverage=block.get("step0_course_coverage"),
    )


def emotions_of(results: Results) -> Emotions:
    """Synchrony by class and the contrast of moments, of the first step."""
    code_rows: list[dict[str, Any]] = []
    moment_rows: list[dict[str, Any]] = []
    classes, cases = [], []
    for index in results.asked:
        planned = results.plan.sessions[index]
        coded, moves = results.coded[index], course_of(results, index)
        if coded is None or moves is None:
            continue
        found = classes_of(planned.id, moves, coded, results.recipe)
        classes.append(SessionClasses(session=planned.id, dyad=planned.dyad, classes=found))
        code_rows += [
            c.to_row(session=planned.id, dyad=planned.dyad, coder=coded.coder, step=0)
            for c in found
        ]
        rows, case = _moments(results, index, moves, coded)
        moment_rows += rows
        cases.append(case)
    if not classes:
        return Emotions(code_rows, moment_rows, [])
    recipe = results.recipe
    method = recipe.synchrony[0].method
    dyads = list(dict.fromkeys(c.dyad for c in cases))
    findings = [
        *class_findings(
            classes,
            rng_for(recipe.seed, "classes"),
            method=method,
            bootstrap=recipe.corpus.bootstrap,
        ),
        *moment_findings(
            cases,
            rng_for(recipe.seed, "moments"),
            method=method,
            bootstrap=recipe.corpus.bootstrap,
            block_of=dict(zip(dyads, blocks_over(results, dyads), strict=True)),
        ),
    ]
    return Emotions(code_rows, moment_rows, findings)


def _moments(
    results: Results, index: int, moves: Moving, coded: Coded
) -> tuple[list[dict[str, Any]], SelectionCase]:
    """Rows of a session's moments, and its contrast beside those with strangers."""
    planned, block = results.plan.sessions[index], results.blocks[index]
    found = moments_of(moves, coded, results.recipe)
    rows = []
    windows = None  # read from the disk once for all moments
    if found.choice.moments and "step0_lag" in block:
        windows = block["step0_values"]
    for moment in found.choice.moments:
        inside = (moves.time_s >= moment.start_s) & (moves.time_s < moment.stop_s)
        lag = math.nan if windows is None else _lag_in(windows[inside], block["step0_lag"])
        rows.append(
            {
                "session": planned.id,
                "dyad": planned.dyad,
                "step": 0,
                "kind": moment.kind,
                "start_s": moment.start_s,
                "stop_s": moment.stop_s,
                "strength": moment.strength,
                "third": moment.third,
                "coverage": moment.coverage,
                "matched": moment.matched,
                "lag_s": lag,
                "leader": "",  # not tested: a moment is too short to name one
            }
        )
    strangers = results.plan.partners(index, STRANGERS)
    is_stranger = np.isin(block["partners"], strangers)
    as_second = [
        other["pseudo_contrast"][list(other["partners"]).index(index), 1]
        for i in results.plan.lenders(index, STRANGERS)
        if (other := results.blocks.get(i)) is not None
    ]
    case = SelectionCase(
        session=planned.id,
        dyad=planned.dyad,
        real=found.value(),
        first_with_strangers=block["pseudo_contrast"][is_stranger, 0],
        second_with_strangers=np.array(as_second, dtype=np.float64),
    )
    return rows, case


def _lag_in(rows: Array, lags_s: Array) -> float:
    """Lag of the highest mean correlation of some windows, shape (n_windows, n_lags), if any."""
    if not rows.size or not np.isfinite(rows).any():
        return math.nan
    count = np.isfinite(rows).sum(axis=0)
    means = np.divide(
        np.nansum(rows, axis=0), count, out=np.full(count.shape, -2.0), where=count > 0
    )
    return float(lags_s[int(np.argmax(means))])
