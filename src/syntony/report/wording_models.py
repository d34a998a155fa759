"""Sentences on models: the finding with its interval, before any p."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from syntony.report.numbers import compact, count, interval, p_said, p_value
from syntony.report.phrases import scale_name, signed, upper

RowLike = Mapping[str, Any]

_WHERE = {
    "sync_ws": "in sessions with one SD more synchrony than is usual for the dyad",
    "sync_bd": "in dyads with one SD more synchrony than other dyads{of_therapist}",
    "sync_bt": "with therapists whose dyads have one SD more synchrony than those of other "
    "therapists",
    "session_x_bd": "a session, in dyads with one unit more synchrony than other "
    "dyads{of_therapist}",
    "session_x_bt": "a session, with therapists whose dyads have one unit more synchrony",
}
"""Where a score is higher or lower, by the term that says so."""
_UNSCALED = ("session_x_", "influence_", "a", "b", "direct", "indirect", "change", "turning")


def sentences(rows: Sequence[RowLike]) -> list[str]:
    """One sentence a key term of a model, or one that says why there is none."""
    first = rows[0]
    if first["status"] != "ok" and not first["term"]:
        return [f"{upper(str(first['status']))}."]
    nested = any(r["term"] == "sync_bt" for r in rows)
    asked = [r for r in rows if r["key"] or (r["term"] in _WHERE and r["status"] != "ok")]
    return [_sentence(row, nested) for row in asked]


def _sentence(row: RowLike, nested: bool) -> str:
    """One term in words."""
    term, outcome = str(row["term"]), scale_name(str(row["outcome"])) or "the outcome"
    if row["status"] != "ok":
        return f"{term}: {row['status']}."
    by = per_sd(row)
    size, low, high = row["estimate"] * by, row["low"] * by, row["high"] * by
    if not isfinite(size):
        return f"{term}: no change beyond chance{_p(row)}."
    found = f"{signed(size)} {interval(low, high)}"
    if term in _WHERE:
        where = _WHERE[term].format(of_therapist=" of the same therapist" if nested else "")
        change = "changes by" if term.startswith("session_x") else "differs by"
        return f"{upper(outcome)} {change} {found} {where}{_over(row)}{_p(row)}."
    unit = f" for one SD ({compact(row['spread'])}) of the predictor" if by != 1 else ""
    return f"{term}: {found}{unit}{_over(row)}{_p(row)}."


def per_sd(row: RowLike) -> float:
    """By what a coefficient is multiplied to be read per SD of its predictor; 1 where it is not."""
    term, spread = str(row["term"]), row["spread"]
    plain = any(term == u or (u.endswith("_") and term.startswith(u)) for u in _UNSCALED)
    return 1.0 if plain or not isfinite(spread) or spread <= 0 else float(spread)


def _over(row: RowLike) -> str:
    return f", over {count(row['n_sessions'], 'session')} of {count(row['n_dyads'], 'dyad')}"


def _p(row: RowLike) -> str:
    """Both p-values, the second opinion named."""
    if not isfinite(row["p"]):
        return ""
    df = f" with {compact(round(row['df'], 1))} df" if isfinite(row["df"]) else ""
    flip = f"; turning the signs of whole clusters: {p_value(row['p_flip'])}"
    return f" ({p_said(row['p'])}{df}{flip if isfinite(row['p_flip']) else ''})"


def about_forest(outcome: str) -> str:
    """Beside the figure of coefficients."""
    return (
        f"Every dot is a coefficient of the model of {scale_name(outcome)}, per SD of its "
        "predictor; the line is its 95 % interval. A line that crosses zero leaves the sign open."
    )


def about_within(dyads: int, outcome: str) -> str:
    """Beside the figure of sessions within dyads."""
    return (
        f"Every faint line is one of {count(dyads, 'dyad')}: its sessions, each as a deviation "
        f"from the dyad's own mean, in synchrony and in {scale_name(outcome)}; the heavy line has "
        "the slope of the model. Differences between dyads are not in this figure."
    )
