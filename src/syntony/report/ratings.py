"""What the pages show of ratings: accuracy over dyads, and the ratings of one session."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from markupsafe import Markup

from syntony.core.rated import RATERS
from syntony.report import labels, tables, wording_ratings
from syntony.report.figures.chance import Row, rows_figure
from syntony.report.figures.ratings import Lane, lanes_figure
from syntony.report.figures.study import DyadPoint, strip_figure
from syntony.report.figures.time import Frame
from syntony.report.numbers import fixed, interval, p_value, reached
from syntony.report.parts import Exhibit, exhibit
from syntony.report.run_folder import RunFolder, Table
from syntony.report.wording import detail

RowList = list[dict[str, Any]]


def study_ratings(folder: RunFolder, links: RowList) -> dict[str, Any]:
    """Everything of the section on ratings; empty where nothing was rated."""
    rated, rows = folder.tables["ratings"], folder.tables["accuracy"]
    found = [r for r in links if r["finding"] == "accuracy"]
    if not len(rated) and not found:
        return {}
    truth = folder.origin.get("study", {}).get("truth")
    return {
        "perceivers": [_perceiver(links, p) for p in _different(found, "perceiver")],
        "lags": [wording_ratings.lag_words(r) for r in links if r["finding"] == "reaction_lag"],
        "beside": wording_ratings.beside_words(
            [r for r in links if r["finding"] == "physiology_rating"]
        ),
        "links": wording_ratings.link_words([r for r in links if r["finding"] == "accuracy_link"]),
        "measures": _measures_exhibit(found),
        "dyads": _dyads_exhibit(rows),
        "raters": _raters(rated),
        "agreement": wording_ratings.agreement_words(list(rated.where(session="").rows())),
        "table": _table(found),
        "planted": wording_ratings.planted_words(truth),
    }


def _different(rows: RowList, name: str) -> list[str]:
    """Different values of a detail, in order."""
    return list(dict.fromkeys(str(detail(r).get(name, "")) for r in rows))


def _perceiver(links: RowList, perceiver: str) -> list[str]:
    """Sentences on one perceiver: what they followed, how far off, and the model."""
    mine = [r for r in links if detail(r).get("perceiver") == perceiver]
    said = []
    by_measure: dict[str, RowList] = {}
    for row in mine:
        if row["finding"] == "accuracy":
            by_measure.setdefault(str(detail(row).get("measure")), []).append(row)
    for measure, rows in by_measure.items():
        said.append(
            wording_ratings.bias_words(rows[0])
            if measure == "bias"
            else wording_ratings.accuracy_words(rows)
        )
    said.append(wording_ratings.model_words([r for r in mine if r["finding"] == "truth_and_bias"]))
    return [words for words in said if words]


def _name(row: Mapping[str, Any]) -> str:
    """Name a measure with its perceiver."""
    facts = detail(row)
    measure = wording_ratings.MEASURES.get(str(facts.get("measure")), str(facts.get("measure")))
    return f"{facts.get('perceiver')}: {measure}"


def _measures_exhibit(found: RowList) -> Exhibit | None:
    """Mean z of every measure over dyads, beside the first kind of chance that was tested."""
    best: dict[str, dict[str, Any]] = {}
    for row in found:
        if detail(row).get("measure") not in ("bias", "inferences"):
            best.setdefault(row["label"], row)
    rows = [
        Row(
            label=_name(row),
            words=_reach(row),
            **{k: row[k] for k in ("value", "low", "high", "null_mean", "null_low", "null_high")},
        )
        for row in best.values()
        if isfinite(row["value"])
    ]
    if not rows:
        return None
    return exhibit(
        wording_ratings.about_measures(),
        lambda w: rows_figure(rows, label="mean Fisher z over dyads", width=w, zero=True),
    )


def _reach(row: Mapping[str, Any]) -> str:
    many = reached(row["p_one"], row["draws"])
    return "" if many is None else f"{many:,} of {row['draws']:,.0f} reach it"


def _dyads_exhibit(rows: Table) -> Exhibit | None:
    """Accuracy of every dyad over its own chance; similarity where nobody rated the other."""
    for measure in ("accuracy", "similarity"):
        mine = rows.where(measure=measure)
        if len(mine):
            break
    else:
        return None
    perceiver, chance = mine.words("perceiver")[0], mine.words("surrogate")[0]
    mine = mine.where(perceiver=perceiver, surrogate=chance)
    points = [_point(mine.where(dyad=d), str(d)) for d in mine.different("dyad")]
    if len(points) < 2:
        return None
    name = wording_ratings.MEASURES[measure]
    return exhibit(
        wording_ratings.about_dyads(f"{name} ({perceiver})", chance, len(points)),
        lambda w: strip_figure(points, label=f"{name}, Fisher z", width=w),
    )


def _point(rows: Table, dyad: str) -> DyadPoint:
    return DyadPoint(
        dyad=dyad,
        values=rows.numbers("fisher_z"),
        lows=rows.numbers("low"),
        highs=rows.numbers("high"),
        null_means=rows.numbers("null_mean"),
    )


def _raters(rated: Table) -> Markup:
    """Who rated whom, in how many sessions, how long, how far outside raters agree."""
    kinds: dict[tuple[str, str, str], RowList] = {}
    for row in rated.rows():
        if not row["session"]:
            continue  # over all sessions: said in words
        kinds.setdefault((row["role"], row["what"], row["rater"]), []).append(row)
    rows = [
        {"role": role, "what": what, "rater": rater, "sessions": len(held)}
        | {
            k: _mean([r[k] for r in held])
            for k in ("seconds", "missing", "mean", "sd", "agreement", "icc_2_1", "icc_2_k")
        }
        | {"flat": sum(bool(r["flat"]) for r in held)}
        for (role, what, rater), held in kinds.items()
    ]
    columns = (
        tables.Column("about", tables.text("role"), False),
        tables.Column("what", tables.text("what"), False),
        tables.Column("rated by", tables.text("rater"), False),
        tables.Column("sessions", tables.number("sessions", 0)),
        tables.Column("rated, min", lambda r: fixed(r["seconds"] / 60, 1)),
        tables.Column("missing, %", lambda r: fixed(100 * r["missing"], 1)),
        tables.Column("mean", tables.number("mean")),
        tables.Column("SD", tables.number("sd")),
        tables.Column("never moved", tables.number("flat", 0)),
        tables.Column("mean r of raters", tables.number("agreement")),
        tables.Column("ICC(2,1) of moments", tables.number("icc_2_1")),
        tables.Column("ICC(2,k) of moments", tables.number("icc_2_k")),
    )
    return tables.html_table(rows, columns, none="Nothing was rated.")


def _mean(values: list[float]) -> float:
    there = np.array([v for v in values if isfinite(v)])
    return float(there.mean()) if there.size else float("nan")


def _table(found: RowList) -> Markup:
    """Every measure beside every kind of chance."""
    columns = (
        tables.Column("measure", _name, False),
        tables.Column(
            "chance",
            lambda r: labels.short_surrogate(r["surrogate"]) if r["surrogate"] else "–",
            False,
        ),
        tables.Column("dyads", tables.number("n_dyads", 0)),
        tables.Column("value", tables.number("value")),
        tables.Column("95 % over dyads", lambda r: interval(r["low"], r["high"])),
        tables.Column("chance, 95 %", lambda r: interval(r["null_low"], r["null_high"])),
        tables.Column("p one-sided", lambda r: p_value(r["p_one"])),
        tables.Column("mean lag, s", _mean_lag),
        tables.Column("status", tables.text("status"), False),
    )
    return tables.html_table(found, columns, none="No two ratings could be compared.")


def _mean_lag(row: Mapping[str, Any]) -> str:
    lag_s = detail(row).get("mean_lag_s")
    return fixed(float(lag_s), 1) if isinstance(lag_s, int | float) else "–"


def session_ratings(folder: RunFolder, session: str, frame: Frame) -> Exhibit | None:
    """Ratings of one session, a lane for each person rated; None where there are none."""
    held = folder.ratings(session)
    names = [n for n in held.columns if n != "time_s"]
    if not names:
        return None
    time_s = held.numbers("time_s")
    lanes = []
    for role in dict.fromkeys(n.partition("|")[0] for n in names):
        mine = [n for n in names if n.partition("|")[0] == role]
        what = mine[0].partition("|")[2].rpartition("_by_")[0]
        lanes.append(
            Lane(
                title=f"{what} of the {role}",
                role=role,
                courses=tuple((n.rpartition("_by_")[2], held.numbers(n)) for n in mine),
            )
        )
    return exhibit(
        wording_ratings.about_lanes(sum(not n.endswith(f"_by_{RATERS}") for n in names)),
        lambda w: lanes_figure(time_s, lanes, frame, width=w),
    )
