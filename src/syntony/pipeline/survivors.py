"""From the searches of every session to rows, and to how many sessions chance alone would find."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from syntony.config import Step
from syntony.core.arrays import Array
from syntony.link.finding import Finding
from syntony.link.intervals import share_interval, tail
from syntony.pipeline.pairs import Results
from syntony.pipeline.searches import LEAST_DRAWS, PEAK, SEARCH, STRETCH, is_even, sides_of
from syntony.pipeline.steps import is_correlation
from syntony.surrogates.peaks import claim_leader
from syntony.surrogates.registry import takes_partners

NONE = math.nan


def survivor_rows(results: Results) -> Iterator[dict[str, Any]]:
    """Rows of ``survivors``: one per stretch, step and surrogate, on the session clock."""
    for index, number, step, name in _all(results):
        stretches = results.blocks[index].get(f"step{number}_stretches_{name}", ())
        facts = _named(SEARCH, results.blocks[index].get(f"step{number}_search_{name}"))
        for row in stretches:
            yield _base(results, index, number, step, name) | _stretch(
                results, index, step, _named(STRETCH, row), facts
            )


def search_rows(results: Results) -> Iterator[dict[str, Any]]:
    """Rows of ``searches``: what was searched, beside how many draws, and what was found."""
    for index, number, step, name in _all(results):
        base, block = _base(results, index, number, step, name), results.blocks[index]
        yield base | {"over": "time"} | _over_time(results, index, number, name)
        for over, key in (("lag", "peak_lag"), ("frequency", "peak_frequency")):
            peak = block.get(f"step{number}_{key}_{name}")
            if peak is not None:
                yield base | {"over": over} | _peak(results, index, over, _named(PEAK, peak))


def stretch_findings(results: Results) -> Iterator[Finding]:
    """How many sessions have a surviving stretch, beside how many chance alone would give."""
    alpha = results.recipe.stretches.alpha
    for number, step in enumerate(results.recipe.synchrony):
        for item in results.recipe.surrogates:
            searched = [
                i for i in results.asked if f"step{number}_search_{item.name}" in results.blocks[i]
            ]
            facts: dict[str, Any] = {
                "finding": "stretches",
                "label": "sessions with a surviving stretch",
                "step": number,
                "method": step.method,
                "surrogate": item.name,
                "n_sessions": len(searched),
                "n_dyads": len({results.plan.sessions[i].dyad for i in searched}),
            }
            if not searched:
                yield Finding(**facts, status="not testable: no session could be searched")
                continue
            key = f"step{number}_stretches_{item.name}"
            found = [i for i in searched if len(results.blocks[i][key])]
            low, high = share_interval(len(found), len(searched))
            yield Finding(
                **facts,
                value=len(found) / len(searched),
                low=low,
                high=high,
                null_mean=alpha,
                p_one=tail(len(found), len(searched), alpha),
                detail={
                    "sessions_found": len(found),
                    "sessions_expected": alpha * len(searched),
                    "stretches": sum(len(results.blocks[i][key]) for i in searched),
                    "alpha": alpha,
                },
            )


def _all(results: Results) -> Iterator[tuple[int, int, Step, str]]:
    """Every session, step and surrogate."""
    for index in results.asked:
        for number, step in enumerate(results.recipe.synchrony):
            for item in results.recipe.surrogates:
                yield index, number, step, item.name


def _named(names: tuple[str, ...], row: Array | None) -> dict[str, float]:
    """Numbers of a block by name."""
    return {} if row is None else dict(zip(names, row.tolist(), strict=True))


def _base(results: Results, index: int, number: int, step: Step, name: str) -> dict[str, Any]:
    """What rows of one session, step and surrogate have in common."""
    planned = results.plan.sessions[index]
    return {
        "session": planned.id,
        "dyad": planned.dyad,
        "step": number,
        "method": step.method,
        "surrogate": name,
        "clock_error_s": results.clock_error_s(index),
    }


def _stretch(
    results: Results,
    index: int,
    step: Step,
    row: Mapping[str, float],
    facts: Mapping[str, float],
) -> dict[str, Any]:
    """A stretch on the session clock, with its phase in words and whoever may be named."""
    planned, begin = results.plan.sessions[index], results.facts[index]["start_s"]
    kept = ("strength", "lag_s", "lead", "p_lead", "coverage", "mass", "p")
    sign = int(row["sign"])
    phase = ("in phase" if sign > 0 else "anti-phase") if sides_of(step) == "two" else "high"
    return {name: row[name] for name in kept} | {
        "start_s": row["start_s"] + begin,
        "stop_s": row["stop_s"] + begin,
        "scale": "fisher_z" if is_correlation(step) else "plain",
        "sign": sign,
        "phase": phase,
        "leader": claim_leader(
            row["lag_s"],
            results.clock_error_s(index),
            (planned.first.role, planned.second.role),
            p_peak=row["p"],
            p_lead=row["p_lead"],
            side=int(np.sign(row["lead"])) if math.isfinite(row["lead"]) else 0,
        ),
        "draws": int(facts["draws"]),
    }


def _over_time(results: Results, index: int, number: int, name: str) -> dict[str, Any]:
    """How a session was searched over time, or why it was not."""
    block, begin = results.blocks[index], results.facts[index]["start_s"]
    row = _named(SEARCH, block.get(f"step{number}_search_{name}"))
    if not row:
        return {"status": _why_not(block, number, name)}
    return {
        "status": "ok",
        "draws": int(row["draws"]),
        "draws_missing": int(row["missing"]),
        "places": int(row["places"]),
        "start_s": row["start_s"] + begin,
        "stop_s": row["stop_s"] + begin,
        "lag_s": row["lag_s"],
        "found": len(block[f"step{number}_stretches_{name}"]),
    }


def _why_not(block: Mapping[str, Any], number: int, name: str) -> str:
    """Say why a session was not searched over time."""
    time_s = block.get(f"step{number}_time")
    if f"refused_{name}" in block:
        return f"not searched: {block[f'refused_{name}']}"
    if time_s is None or time_s.size < 2:
        return "not searched: the method has no course over time"
    if not is_even(time_s):
        return "not searched: the windows do not lie evenly"
    if takes_partners(name):
        return f"not searched: fewer than {LEAST_DRAWS} pairs with partners reach over the session"
    return "not searched"


def _peak(results: Results, index: int, over: str, row: Mapping[str, float]) -> dict[str, Any]:
    """Highest point over lags or frequencies; over lags, who may be named."""
    found: dict[str, Any] = {
        "status": "ok" if row["places"] else "no value",
        "draws": int(row["draws"]),
        "draws_missing": int(row["missing"]),
        "places": int(row["places"]),
        "value": row["value"],
        "p": row["p"],
    }
    if over == "frequency":
        return found | {"frequency_hz": row["at"]}
    kept = ("lead", "lead_low", "lead_high", "p_lead")
    return (
        found
        | {"lag_s": row["at"], "leader": lag_leader(results, index, row)}
        | {k: row[k] for k in kept}
    )


def lag_leader(results: Results, index: int, row: Mapping[str, float]) -> str:
    """Who may be named by the lag profile of a session beside one surrogate."""
    planned = results.plan.sessions[index]
    return claim_leader(
        row["at"],
        results.clock_error_s(index),
        (planned.first.role, planned.second.role),
        p_peak=row["p"],
        p_lead=row["p_lead"],
        side=int(row["side"]),
    )
