"""Stretches that survive chance as both pages show them: sentence, table, ribbon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from syntony.report import labels, tables
from syntony.report.numbers import MISSING, clock, correlation, fixed, interval, p_value, percent
from syntony.report.run_folder import Table
from syntony.report.tables import Column
from syntony.report.wording import detail, order_of
from syntony.report.wording_stretches import (
    about_frequency_search,
    about_lag_search,
    about_sessions_found,
    about_stretches,
)

RowList = list[dict[str, Any]]
NAN = float("nan")

SURVIVORS = (
    Column("chance", lambda r: labels.short_surrogate(r["surrogate"]), False),
    Column("from", lambda r: clock(r["start_s"])),
    Column("to", lambda r: clock(r["stop_s"])),
    Column("length, s", lambda r: fixed(r["stop_s"] - r["start_s"], 0)),
    Column("strength", lambda r: _strength(r)),
    Column("phase", tables.text("phase"), False),
    Column("lag, s", tables.number("lag_s", 1)),
    Column("leader", tables.text("leader"), False),
    Column("p of the lead", lambda r: p_value(r["p_lead"])),
    Column("coverage, %", lambda r: fixed(100 * r["coverage"], 0)),
    Column("p", lambda r: p_value(r["p"])),
    Column("draws", tables.number("draws", 0)),
)

FOUND = (
    Column("method", lambda r: labels.method(r["method"]), False),
    Column("chance", lambda r: labels.short_surrogate(r["surrogate"]), False),
    Column("sessions searched", tables.number("n_sessions", 0)),
    Column("with a stretch", lambda r: _count(r, "sessions_found", 0)),
    Column("by chance alone", lambda r: _count(r, "sessions_expected", 1)),
    Column("share, 95 %", lambda r: f"{percent(r['value'], 0)} {_interval(r)}"),
    Column("so many or more by chance", lambda r: p_value(r["p_one"])),
    Column("stretches", lambda r: _count(r, "stretches", 0)),
    Column("family", lambda r: r.get("family") or MISSING, False),
    Column("q", lambda r: p_value(r.get("q_exploratory", NAN))),
    Column("status", tables.text("status"), False),
)


def _strength(row: Mapping[str, Any]) -> str:
    """Mean of the course over a stretch, with the r that it is where it is Fisher z."""
    if row["scale"] != "fisher_z":
        return fixed(row["strength"])
    return f"z {fixed(row['strength'])} (r {correlation(_r_of(row['strength']))})"


def _r_of(z: float) -> float:
    from math import isfinite, tanh

    return tanh(z) if isfinite(z) else z


def _count(row: Mapping[str, Any], name: str, digits: int) -> str:
    """Write a number of the detail of a finding."""
    return fixed(float(detail(row).get(name, NAN)), digits)


def _interval(row: Mapping[str, Any]) -> str:
    """Write the interval of a share in per cent."""
    return interval(100 * row["low"], 100 * row["high"], 0)


def strangers_first(rows: Iterable[dict[str, Any]]) -> RowList:
    """Rows with those beside strangers before the others."""
    return sorted(rows, key=order_of)


def session_stretches(
    mine: Mapping[str, Table], recipe: Mapping[str, Any], step: float
) -> dict[str, Any]:
    """Sentence on the leading step, and the table of all steps of a session."""
    searches, survivors = mine["searches"], mine["survivors"]
    if not searches.there:
        return {"words": "This run was made without a search for stretches.", "table": ""}
    alpha = float(recipe.get("stretches", {}).get("alpha", 0.05))
    rows = sorted(survivors.rows(), key=lambda r: (r["step"], order_of(r)))
    return {
        "words": about_stretches(
            strangers_first(searches.where(step=step, over="time").rows()), alpha
        ),
        "table": tables.html_table(
            rows,
            SURVIVORS,
            none="No stretch of this session survives.",
            group=lambda r: labels.method(r["method"]),
        ),
    }


def ribbons(survivors: Table, step: float) -> list[tuple[str, RowList]]:
    """Stretches of one step to be marked under its course, one row a surrogate."""
    rows = strangers_first(survivors.where(step=step).rows())
    names = list(dict.fromkeys(r["surrogate"] for r in rows))
    return [(name, [r for r in rows if r["surrogate"] == name]) for name in names]


def search_words(searches: Table, step: float, over: str, roles: Sequence[str]) -> str:
    """Sentence on the search over lags or frequencies of one step, strangers first."""
    rows = strangers_first(searches.where(step=step, over=over).rows())
    tell = (lambda r: about_lag_search(r, roles)) if over == "lag" else about_frequency_search
    return next((words for row in rows if (words := tell(row))), "")


def study_stretches(links: RowList, step: float) -> dict[str, Any]:
    """Sentence on the leading step, and how many sessions have a stretch by every method."""
    rows = [r for r in links if r["finding"] == "stretches"]
    if not rows:
        return {}
    return {
        "words": about_sessions_found([r for r in rows if r["step"] == step]),
        "table": Markup(tables.html_table(rows, FOUND)),
    }
