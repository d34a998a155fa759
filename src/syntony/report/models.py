"""The section on models of a study's page: sentence, figures, coefficients, what was checked."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from markupsafe import Markup

from syntony.report import phrases, tables, wording_models
from syntony.report.figures.chance import Row, rows_figure
from syntony.report.figures.within_dyads import within_figure
from syntony.report.numbers import compact, interval, p_value
from syntony.report.parts import Exhibit, exhibit
from syntony.report.run_folder import RunFolder

RowLike = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPart:
    """What the page shows of one model; ``files`` are the R script and its rows."""

    title: str
    about: str
    words: Sequence[str]
    exhibits: Sequence[Exhibit]
    terms: Markup
    checks: Markup
    notes: str
    method: str
    files: Sequence[str]


def model_parts(folder: RunFolder) -> list[ModelPart]:
    """One part a model, in the order of the recipe; none where the run has no models."""
    held = folder.tables["models"]
    return (
        [
            _part(folder, str(name), list(held.where(name=name).rows()))
            for name in held.different("name")
        ]
        if len(held)
        else []
    )


def _part(folder: RunFolder, name: str, rows: list[dict[str, Any]]) -> ModelPart:
    """Put one model together."""
    first = rows[0]
    fitted = [r for r in rows if r["term"]]
    checks = folder.tables["model_checks"]
    mine = list(checks.where(name=name).rows()) if len(checks) else []
    files = [f"models/{name}.R", f"models/{name}.csv"]
    outcome = phrases.scale_name(str(first["outcome"]))
    return ModelPart(
        title=name.replace("_", " "),
        about=" · ".join(t for t in (outcome, str(first["predictor"])) if t),
        words=wording_models.sentences(rows),
        exhibits=[e for e in (_within(folder, name, rows), _forest(fitted)) if e is not None],
        terms=tables.html_table(fitted, _TERMS, none=str(first["status"])),
        checks=tables.html_table(mine, _CHECKS, none="Nothing was fitted, so nothing was checked."),
        notes=str(first["note"] or ""),
        method=str(first["method"] or ""),
        files=[f for f in files if (folder.path / f).is_file()],
    )


def _forest(rows: list[dict[str, Any]]) -> Exhibit | None:
    """Coefficients with their intervals, per SD; intercepts are left out."""
    shown = [
        r
        for r in rows
        if isfinite(r["low"])
        and not str(r["term"]).startswith("intercept")
        and not str(r["term"]).startswith("before")
    ]
    if not shown:
        return None
    lines = []
    for row in shown:
        by = wording_models.per_sd(row)
        low, high, value = row["low"] * by, row["high"] * by, row["estimate"] * by
        words = f"{phrases.signed(value)} {interval(low, high)}"
        lines.append(Row(label=str(row["term"]), value=value, low=low, high=high, words=words))
    return exhibit(
        wording_models.about_forest(str(rows[0]["outcome"])),
        lambda w: rows_figure(
            lines, label="coefficient, per SD of its predictor", width=w, zero=True
        ),
    )


def _within(folder: RunFolder, name: str, rows: list[dict[str, Any]]) -> Exhibit | None:
    """Sessions within dyads, of the model that asks about them."""
    term = next((r for r in rows if r["term"] == "sync_ws"), None)
    text = folder.text(f"models/{name}.csv")
    if term is None or term["model"] != "within_between" or not text:
        return None
    held = list(csv.DictReader(text.splitlines()))
    dyads = [r["dyad"] for r in held]
    x = np.array([float(r["sync_ws"]) for r in held])
    y = np.array([float(r["outcome"]) for r in held])
    for dyad in dict.fromkeys(dyads):
        mine = np.array([d == dyad for d in dyads])
        y[mine] -= y[mine].mean()
    outcome = str(term["outcome"])
    labels = (
        "synchrony, less the dyad's mean",
        f"{phrases.scale_name(outcome)}, less the dyad's mean",
    )
    return exhibit(
        wording_models.about_within(len(set(dyads)), outcome),
        lambda w: within_figure(dyads, x, y, term["estimate"], labels=labels, width=w),
    )


def _around(row: RowLike) -> str:
    """Interval with as many figures as the estimate."""
    if not isfinite(row["low"]):
        return "–"
    return f"[{compact(row['low'])}, {compact(row['high'])}]"


def _drawn(row: RowLike) -> str:
    """Interval of drawing dyads anew."""
    if not isfinite(row["boot_low"]):
        return "–"
    return f"[{compact(row['boot_low'])}, {compact(row['boot_high'])}]"


_TERMS = (
    tables.Column("term", tables.text("term"), False),
    tables.Column("estimate", lambda r: compact(r["estimate"])),
    tables.Column("95 %", _around),
    tables.Column("95 %, dyads drawn anew", _drawn),
    tables.Column("df", tables.number("df", 1)),
    tables.Column("p", lambda r: p_value(r["p"])),
    tables.Column("p, signs of clusters turned", lambda r: p_value(r["p_flip"])),
    tables.Column("q over all models", lambda r: p_value(r["q_exploratory"])),
    tables.Column("SD of predictor", lambda r: compact(r["spread"])),
    tables.Column("status", tables.text("status"), False),
)
_CHECKS = (
    tables.Column("looked at", tables.text("check"), False),
    tables.Column("value", lambda r: compact(r["value"])),
    tables.Column("p", lambda r: p_value(r["p"])),
    tables.Column("says", tables.text("words"), False),
)
