"""What the page of a study shows of codes joined with synchrony, moment by moment."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.report import labels, tables, wording_joined
from syntony.report.figures.joined import Locked, locked_figure
from syntony.report.numbers import fixed, interval, p_value
from syntony.report.parts import Exhibit, exhibit
from syntony.report.phrases import signed
from syntony.report.run_folder import RunFolder, Table
from syntony.report.wording import detail

RowList = list[dict[str, Any]]
NAN = float("nan")
_NONE: Array = np.empty(0)


def joined_context(
    folder: RunFolder, links: RowList, step: float, roles: tuple[str, str]
) -> dict[str, Any]:
    """Figures, sentences and tables; empty where no code was joined with synchrony."""
    mine = [r for r in links if r["step"] == step]

    def of(finding: str) -> RowList:
        return [r for r in mine if r["finding"] == finding]

    events, orders, phases = of("event_locked"), of("emotion_lag"), of("phase")
    if not (events or orders or phases):
        return {}
    first = [r for r in events if r["label"] == "shared_positive"]
    window = next((float(detail(r)["window_s"]) for r in orders if r["status"] == "ok"), NAN)
    lead = next((r for r in first if r["statistic"] == "synchrony"), None)
    models = of("moment_model")
    chief = next((r for r in models if r["label"] == "shared_positive"), None)
    shared = [r for r in orders if r["label"] == "shared_positive"]
    return {
        "event_words": "" if lead is None else wording_joined.event_locked(lead, roles),
        "figures": _locked_figures(folder.tables["event_locked"], first, roles, window),
        "order_words": " ".join(wording_joined.order(r) for r in orders),
        "order": _order_figure(folder.tables["emotion_lag"], shared, window),
        "words": [
            *(wording_joined.epochs(r) for r in of("epochs") if r["label"] == "shared_positive"),
            wording_joined.dose([r for r in of("dose") if r["label"] == "shared_positive"]),
            *([] if chief is None else [wording_joined.model(chief)]),
        ],
        "model_words": ""
        if chief is None or chief["status"] != "ok"
        else wording_joined.about_model(dict(detail(chief))),
        "phases": _phase_table(phases),
        "codes": _event_table(events, roles),
        "model": _model_table(folder.tables["moment_model"], roles),
    }


def _locked_figures(
    table: Table, rows: RowList, roles: tuple[str, str], window_s: float
) -> list[Exhibit]:
    """Synchrony around the onsets of shared positive emotion, then both people's level."""
    shown = []
    for row in rows:
        mine = table.where(code=row["label"], outcome=row["statistic"])
        if not len(mine):
            continue
        is_sync = row["statistic"] == "synchrony"
        locked = Locked(
            lag_s=mine.numbers("lag_s"),
            values=mine.numbers("mean"),
            low=mine.numbers("null_low"),
            high=mine.numbers("null_high"),
            band_low=mine.numbers("band_low"),
            band_high=mine.numbers("band_high"),
            blur_s=window_s / 2 if is_sync else NAN,
        )
        name = wording_joined.outcome_name(row["statistic"], roles)
        unit = "" if is_sync else ", SD"
        label = f"{name} less the session’s mean{unit}"
        words = (
            wording_joined.about_locked(window_s)
            if is_sync
            else wording_joined.event_locked(row, roles)
        )
        shown.append(exhibit(words, lambda w, locked=locked, label=label: _draw(locked, label, w)))  # type: ignore[misc]
    return shown


def _draw(locked: Locked, label: str, width: int) -> Any:
    return locked_figure(
        locked,
        y_label=label,
        x_label="s from the onset of shared positive emotion",
        sides=("before", "after"),
        width=width,
    )


def _order_figure(table: Table, rows: RowList, window_s: float) -> Exhibit | None:
    """Synchrony of shared positive emotion with the codes moved in time."""
    mine = table.where(None, **{"class": "shared_positive"})
    if not len(mine) or not rows or rows[0]["status"] != "ok":
        return None
    locked = Locked(
        lag_s=mine.numbers("lag_s"),
        values=mine.numbers("contrast"),
        low=mine.numbers("low"),
        high=mine.numbers("high"),
        band_low=_NONE,
        band_high=_NONE,
        blur_s=window_s,
    )
    return exhibit(
        wording_joined.about_order(),
        lambda w: locked_figure(
            locked,
            y_label="shared positive less the rest",
            x_label="lag, s",
            sides=("emotion first", "synchrony first"),
            width=w,
        ),
    )


def _phase_table(rows: RowList) -> Any:
    """In-phase and anti-phase synchrony of every class beside each other."""
    columns = (
        tables.Column("class", lambda r: labels.emotion(r["label"]), False),
        tables.Column("outcome", lambda r: _phase(r["statistic"]), False),
        tables.Column("dyads", tables.number("n_dyads", 0)),
        tables.Column("class less the rest", lambda r: signed(r["value"], 3)),
        tables.Column("95 %", lambda r: interval(r["low"], r["high"], 3)),
        tables.Column("rotated codes, 95 %", lambda r: interval(r["null_low"], r["null_high"], 3)),
        tables.Column("p two-sided", lambda r: p_value(r["p_two"])),
        tables.Column("q", _q),
    )
    return tables.html_table(rows, columns, none="This method has no phase.")


def _phase(statistic: str) -> str:
    return "in phase, max(r, 0)" if statistic.startswith("in_") else "anti-phase, max(−r, 0)"


def _q(row: Mapping[str, Any]) -> str:
    return p_value(row["q_exploratory"]) if isfinite(row["q_exploratory"]) else "first asked"


def _event_table(rows: RowList, roles: tuple[str, str]) -> Any:
    """Every code and every course: after the onset, and anywhere around it."""
    columns = (
        tables.Column("code", lambda r: wording_joined.code_name(r["label"]), False),
        tables.Column("of", lambda r: wording_joined.outcome_name(r["statistic"], roles), False),
        tables.Column("used", lambda r: detail(r).get("used", "")),
        tables.Column("found", lambda r: detail(r).get("found", "")),
        tables.Column("after the onset", lambda r: signed(r["value"])),
        tables.Column("95 %", lambda r: interval(r["low"], r["high"])),
        tables.Column("p two-sided", lambda r: p_value(r["p_two"])),
        tables.Column("p anywhere", lambda r: p_value(detail(r).get("p_max", NAN))),
        tables.Column("q", _q),
        tables.Column("status", tables.text("status"), False),
    )
    return tables.html_table(rows, columns, none="No code was looked at.")


def epochs_table(table: Table) -> Any:
    """Epochs of every class of one session beside random epochs; nothing without codes."""
    columns = (
        tables.Column("class", lambda r: labels.emotion(r["class"]), False),
        tables.Column("epochs", tables.number("epochs", 0)),
        tables.Column("seconds", tables.number("seconds", 0)),
        tables.Column("mean in them", tables.number("mean")),
        tables.Column("random epochs, 95 %", lambda r: interval(r["low"], r["high"])),
        tables.Column("p two-sided", lambda r: p_value(r["p_two"])),
        tables.Column("status", tables.text("status"), False),
    )
    return tables.html_table(table.rows(), columns) if len(table) else ""


def _model_table(table: Table, roles: tuple[str, str]) -> Any:
    """Every term of the mixed model, outcome by outcome."""
    columns = (
        tables.Column("term", lambda r: wording_joined.term_name(r["term"], roles), False),
        tables.Column("estimate", lambda r: fixed(r["estimate"], 3)),
        tables.Column("SE", lambda r: fixed(r["se"], 3)),
        tables.Column("95 %", lambda r: interval(r["low"], r["high"], 3)),
        tables.Column("p, model", lambda r: p_value(r["p_model"])),
        tables.Column("p, rotated codes", lambda r: p_value(r["p_rotation"])),
    )
    return tables.html_table(
        table.rows(),
        columns,
        none="No mixed model was fitted.",
        group=lambda r: (
            f"{wording_joined.OUTCOMES[r['outcome']]}, {r['part']} part, "
            f"classes less {labels.emotion(r['reference'])}"
        ),
    )
