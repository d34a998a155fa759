"""What was asked first and what was looked at beside it: primary and exploratory rows.

Every kind of finding has one primary row, the one the report leads with. All others of its kind
are exploratory: their p stands as it is, and beside it q, adjusted for how many were looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.link.finding import Finding
from syntony.surrogates.multiplicity import false_discovery_rate
from syntony.synchrony import registry as method_list

PRIMARY, EXPLORATORY = "primary", "exploratory"
LAG = "best_lag_s"  # a lag is no amount of synchrony: in no family
_TWO_SIDED = (
    *("leader", "empathy", "contrast", "sequences", "accuracy_link"),
    *("phase", "event_locked", "epochs", "emotion_lag", "dose", "moment_model"),
)


def with_families(findings: Sequence[Finding]) -> list[Finding]:
    """Label every finding over dyads, and adjust the p of the exploratory ones of each kind.

    p is the one-sided one where only high values are a finding (synchrony, stretches, emotion,
    moments), else the two-sided one.
    """
    marked = list(findings)
    for kind in dict.fromkeys(f.finding for f in marked):
        mine = [k for k, f in enumerate(marked) if f.finding == kind]
        first = _first(marked, mine)
        rest = [k for k in mine if k != first]
        side = "p_two" if kind in _TWO_SIDED else "p_one"
        q = false_discovery_rate([getattr(marked[k], side) for k in rest])
        marked[first] = replace(marked[first], family=PRIMARY)
        for k, value in zip(rest, q.tolist(), strict=True):
            marked[k] = replace(marked[k], family=EXPLORATORY, q_exploratory=value)
    return marked


def _first(findings: Sequence[Finding], mine: Sequence[int]) -> int:
    """Row that the report leads with: of the moments that beside strangers, else the first."""
    chosen = [k for k in mine if findings[k].surrogate == "selection_null"]
    return (chosen or list(mine))[0]


def mark_pairs(rows: Iterable[dict[str, Any]], recipe: Recipe) -> list[dict[str, Any]]:
    """Label the rows of sessions; q is adjusted within a session.

    Primary is the first statistic of the first step beside the first surrogate.
    """
    marked = list(rows)
    first = (
        0,
        method_list.get(recipe.synchrony[0].method).statistics[0].name,
        recipe.surrogates[0].name if recipe.surrogates else "",
    )
    by_session: dict[str, list[dict[str, Any]]] = {}
    for row in marked:
        if row["statistic"] == LAG:
            continue
        if (row["step"], row["statistic"], row["surrogate"]) == first:
            row["family"] = PRIMARY
            continue
        row["family"] = EXPLORATORY
        by_session.setdefault(row["session"], []).append(row)
    for rest in by_session.values():
        p = np.array([row.get("p_one", np.nan) for row in rest], dtype=np.float64)
        for row, q in zip(rest, false_discovery_rate(p).tolist(), strict=True):
            row["q_exploratory"] = q
    return marked
