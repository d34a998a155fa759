"""What the page of a study shows: three findings beside chance, then what they stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any
from urllib.parse import quote

import numpy as np
from markupsafe import Markup, escape

from syntony.core.arrays import Array
from syntony.core.seeds import rng_for
from syntony.report import labels, tables, wording
from syntony.report.figures_chance import (
    NullRow,
    Profile,
    Row,
    null_figure,
    profile_figure,
    rows_figure,
)
from syntony.report.figures_study import (
    DyadPoint,
    QualityCell,
    Scatter,
    quality_figure,
    scatter_figure,
    strip_figure,
)
from syntony.report.figures_time import NARROW, WIDE
from syntony.report.numbers import correlation, count, fixed, interval, reached
from syntony.report.parts import Exhibit, common_context, exhibit
from syntony.report.run_folder import TABLES, RunFolder, Table
from syntony.report.session_page import first_rows, has_strangers, index_name

RowList = list[dict[str, Any]]
NAN = float("nan")


def study_context(folder: RunFolder, linked: Mapping[str, str]) -> dict[str, Any]:
    """Everything the template of the study page needs; ``linked`` is session to file name."""
    held = folder.tables
    lead = first_rows(held["pairs"])
    name = index_name(lead)
    links = list(held["links"].rows())
    strangers = has_strangers(held["pairs"])
    study = folder.origin.get("study", {})
    return {
        **common_context(folder, strangers=strangers),
        "facts": _facts(folder, lead),
        "findings": findings(folder, links, lead, name),
        "strangers": strangers,
        "index_name": name,
        "explain": labels.explained(lead[0]["method"], lead[0]["statistic"]) if lead else "",
        "synchrony": _synchrony_exhibits(folder, links, lead, name),
        "emotion": _emotion_exhibits(links),
        "empathy": _empathy_exhibit(folder, links, name),
        "sensitivity": _sensitivity(links),
        "contrasts": [wording.study_contrast(r, name) for r in links if r["finding"] == "contrast"],
        "links": tables.html_table(
            links, tables.LINKS, none="This run holds no findings over dyads."
        ),
        "quality": _quality_exhibit(held, study),
        "causes": _causes(held["quality"]),
        "sessions": _sessions(held, lead, linked, name),
        "notes": _notes(folder, linked),
        "tables": _table_list(held),
        "linked": {s: quote(f) for s, f in linked.items()},
    }


def _facts(folder: RunFolder, lead: RowList) -> str:
    """One line under the title: how many, of what, by which method."""
    study = folder.origin.get("study", {})
    parts = [
        count(study.get("dyads", 0), "dyad"),
        count(study.get("people", 0), "person", "people"),
        count(study.get("sessions", 0), "session"),
        labels.signal(str(folder.recipe.get("signal", ""))),
    ]
    if lead:
        parts.append(labels.method(lead[0]["method"]))
    return " · ".join(p for p in parts if p)


def _of(links: RowList, finding: str, lead: RowList) -> RowList:
    """Rows of one finding that rest on the leading index, strangers first."""
    step = lead[0]["step"] if lead else 0.0
    rows = [r for r in links if r["finding"] == finding and r["step"] == step]
    return sorted(rows, key=lambda r: r["surrogate"] != wording.STRANGERS)


def _lead_synchrony(links: RowList, lead: RowList) -> RowList:
    """Rows of the study-level mean of the leading statistic."""
    wanted = lead[0]["statistic"] if lead else ""
    return [r for r in _of(links, "synchrony", lead) if r["statistic"] == wanted]


def _empathy_row(links: RowList) -> dict[str, Any] | None:
    """The plain link of index and score: the one that is not read against a surrogate."""
    rows = [r for r in links if r["finding"] == "empathy"]
    plain = [r for r in rows if r["surrogate"] in ("permutation", "")]
    return (plain or rows or [None])[0]


def findings(folder: RunFolder, links: RowList, lead: RowList, name: str) -> list[dict[str, str]]:
    """The three findings as they stand at the head of the page."""
    truth = folder.origin.get("study", {}).get("truth")
    synchrony = _lead_synchrony(links, lead)
    leader = next(iter(_of(links, "leader", lead)), None)
    emotion, moments = _of(links, "emotion", lead), _of(links, "moments", lead)
    empathy = _empathy_row(links)
    first = next((r for r in emotion if r["label"] == "shared_positive"), None)
    return [
        _finding(
            "Synchrony",
            _number(synchrony[0] if synchrony else None),
            [
                wording.study_synchrony(synchrony, name),
                wording.agreement_over_dyads(synchrony),
                wording.study_leader(leader),
            ],
            [wording.planted(truth, "synchrony"), wording.planted(truth, "leader")],
        ),
        _finding(
            "Emotion",
            _number(first, is_difference=True),
            [wording.study_emotion(emotion), wording.study_moments(moments)],
            [wording.planted(truth, "emotion")],
        ),
        _finding(
            "Empathy",
            _number(empathy, is_r=True),
            [wording.study_empathy(empathy, name), wording.about_power(empathy)],
            [wording.planted(truth, "empathy")],
        ),
    ]


def _finding(
    title: str, figure: tuple[str, str], said: Sequence[str], truth: Sequence[str]
) -> dict[str, str]:
    return {
        "title": title,
        "number": figure[0],
        "interval": figure[1],
        "words": " ".join(s for s in said if s),
        "truth": " ".join(dict.fromkeys(t for t in truth if t)),
    }


def _number(
    row: Mapping[str, Any] | None, *, is_r: bool = False, is_difference: bool = False
) -> tuple[str, str]:
    """The number of a finding and its interval, or that it could not be tested."""
    if row is None:
        return "not in this run", ""
    if row["status"] != "ok":
        return "not testable", ""
    if is_r:
        return f"r = {correlation(row['value'])}", wording.r_interval(row["low"], row["high"])
    value = wording.signed(row["value"]) if is_difference else fixed(row["value"])
    return value, interval(row["low"], row["high"])


def _synchrony_exhibits(
    folder: RunFolder, links: RowList, lead: RowList, name: str
) -> dict[str, Exhibit]:
    """Figures of finding 1: means beside chance, real beside strangers, dyads, lag profile."""
    shown: dict[str, Exhibit] = {}
    rows = [r for r in _lead_synchrony(links, lead) if isfinite(r["null_low"])]
    if rows:
        shown["means"] = exhibit(
            wording.about_means(rows),
            lambda w: rows_figure([_mean_row(r) for r in rows], label=f"mean {name}", width=w),
            WIDE,
            NARROW,
        )
    if not lead:
        return shown
    same = _same_statistic(folder.tables["pairs"], lead[0])
    real = same.where(surrogate=lead[0]["surrogate"]).numbers("value")
    pseudo = folder.tables["pseudo"].where(step=lead[0]["step"], statistic=lead[0]["statistic"])
    if len(pseudo):
        draws = [
            NullRow(words=count(len(real), "real pair"), draws=real),
            NullRow(
                words=count(len(pseudo), "pair of strangers", "pairs of strangers"),
                draws=pseudo.numbers("value"),
            ),
        ]
        mean = float(np.nanmean(real)) if np.isfinite(real).any() else NAN
        shown["pairs"] = exhibit(
            wording.about_pairs(real, pseudo.numbers("value")),
            lambda w: null_figure(draws, mean, label=name, width=w, words="mean of real pairs"),
            WIDE,
            NARROW,
        )
    points = _dyad_points(same.where(surrogate=lead[0]["surrogate"]))
    if points:
        shown["strip"] = exhibit(
            wording.about_strip(lead[0]["surrogate"], len(points)),
            lambda w: strip_figure(points, label=name, width=w),
            WIDE,
            NARROW,
        )
    return shown | _profile_exhibit(folder, links, lead, name)


def _mean_row(row: Mapping[str, Any]) -> Row:
    many = reached(row["p_one"], row["draws"])
    words = "" if many is None else f"{many:,} of {row['draws']:,.0f} reach it"
    return Row(
        label=labels.surrogate(row["surrogate"]),
        words=words,
        **{k: row[k] for k in ("value", "low", "high", "null_mean", "null_low", "null_high")},
    )


def _same_statistic(pairs: Table, lead: Mapping[str, Any]) -> Table:
    """Rows of all sessions on the leading statistic."""
    keys = ("step", "statistic", "span", "signal_a", "signal_b")
    return pairs.where(**{k: lead[k] for k in keys})


def _dyad_points(rows: Table) -> list[DyadPoint]:
    """Values and chance of every session, by dyad."""
    points = []
    for dyad in rows.different("dyad"):
        mine = rows.where(dyad=dyad)
        points.append(
            DyadPoint(
                dyad=str(dyad),
                values=mine.numbers("value"),
                lows=mine.numbers("low"),
                highs=mine.numbers("high"),
                null_means=mine.numbers("null_mean"),
            )
        )
    return points


def _profile_exhibit(
    folder: RunFolder, links: RowList, lead: RowList, name: str
) -> dict[str, Exhibit]:
    """Mean lag profile over dyads with its interval, one faint line a dyad behind it."""
    sessions = folder.tables["sessions"]
    found = [
        (dyad, folder.coupling(str(session), int(lead[0]["step"])))
        for session, dyad in zip(sessions.words("session"), sessions.words("dyad"), strict=True)
    ]
    whole = [(d, m) for d, m in found if m is not None and m.profile.size == m.lag_s.size > 1]
    if not whole:
        return {}
    lags = whole[0][1].lag_s
    whole = [(d, m) for d, m in whole if np.array_equal(m.lag_s, lags)]
    by_dyad: dict[str, list[Array]] = {}
    for dyad, held in whole:
        by_dyad.setdefault(dyad, []).append(held.profile)
    means = np.array([mean_there(np.array(v)) for v in by_dyad.values()])
    seed = int(folder.recipe.get("seed", 0))
    low, high = mean_interval(means, seed)
    profile = Profile(
        lag_s=lags, values=mean_there(means), low=low, high=high, behind=list(means), own_band=True,
        clock_error_s=_largest(sessions.numbers("clock_error_s")),
    )  # fmt: skip
    truth = folder.origin.get("study", {}).get("truth") or {}
    roles = _roles(folder)
    planted = truth.get("delay_s")
    leader = next(iter(_of(links, "leader", lead)), None)
    return {
        "profile": exhibit(
            wording.about_mean_profile(leader, len(means)),
            lambda w: profile_figure(
                profile, roles, y_label=f"mean {name}", width=w,
                planted=float(planted) if isinstance(planted, int | float) else NAN,
            ),
            WIDE,
            NARROW,
        )
    }  # fmt: skip


def mean_there(values: Array) -> Array:
    """Mean of the finite values down the first axis; NaN where there are none."""
    there = np.isfinite(values)
    number = there.sum(axis=0)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def mean_interval(values: Array, seed: int) -> tuple[Array, Array]:
    """Central 95 % of the mean over 1,000 resamples of the dyads; NaN for fewer than three."""
    if len(values) < 3:
        none = np.full(values.shape[1], np.nan)
        return none, none
    rows = rng_for(seed, "report", "profile").integers(len(values), size=(1000, len(values)))
    weights = np.zeros((1000, len(values)))
    np.add.at(weights, (np.arange(1000)[:, None], rows), 1.0)
    there = np.isfinite(values)
    total = weights @ np.where(there, values, 0.0)
    number = weights @ there.astype(np.float64)
    draws = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    none = ~np.isfinite(draws).any(axis=0)
    draws[:, none] = 0.0
    low, high = np.nanquantile(draws, [0.025, 0.975], axis=0)
    low[none] = high[none] = np.nan
    return low, high


def _largest(values: Array) -> float:
    there = values[np.isfinite(values)]
    return float(there.max()) if there.size else NAN


def _roles(folder: RunFolder) -> tuple[str, str]:
    """The two roles of the study, first and second."""
    first = folder.tables["sessions"].first()
    if first:
        return str(first["role_a"]), str(first["role_b"])
    roles = folder.origin.get("study", {}).get("roles") or ("first", "second")
    return str(roles[0]), str(roles[1])


def _emotion_exhibits(links: RowList) -> dict[str, Exhibit]:
    """Figures of finding 2: the classes, and high against low moments."""
    shown = {}
    emotion = [r for r in links if r["finding"] == "emotion" and isfinite(r["value"])]
    if emotion:
        rows = [_finding_row(r, labels.CLASSES.get(r["label"], r["label"])) for r in emotion]
        label = "synchrony in the class less that of the other coded seconds, Fisher z"
        shown["classes"] = exhibit(
            wording.about_study_classes(),
            lambda w: rows_figure(
                rows,
                label=label if w > 500 else "class less the rest, Fisher z",
                width=w,
                zero=True,
            ),
            WIDE,
            NARROW,
        )
    moments = [r for r in links if r["finding"] == "moments" and isfinite(r["value"])]
    if moments:
        lines = [_finding_row(r, labels.surrogate(r["surrogate"])) for r in moments]
        text = f"{moments[0]['label']} codes, high less low moments, share of coded seconds"
        shown["moments"] = exhibit(
            wording.about_selection(moments),
            lambda w: rows_figure(
                lines, label=text if w > 500 else "high less low moments, share", width=w, zero=True
            ),
            WIDE,
            NARROW,
        )
    return shown


def _finding_row(row: Mapping[str, Any], label: str) -> Row:
    """One line of a figure from a row of the findings."""
    many = reached(row["p_one"], row["draws"])
    reach = "" if many is None else f" · {many:,} of {row['draws']:,.0f} reach it"
    words = f"{wording.signed(row['value'])}{reach}"
    names = ("value", "low", "high", "null_mean", "null_low", "null_high")
    return Row(label=label, words=words, **{k: row[k] for k in names})


def _empathy_exhibit(folder: RunFolder, links: RowList, name: str) -> Exhibit | None:
    """The scatter of index and score, with the dyads that weigh most named."""
    row = _empathy_row(links)
    facts = wording.detail(row) if row else {}
    if not row or not all(facts.get(k) for k in ("dyads", "index", "score")):
        return None
    x, y = (np.asarray(facts[k], dtype=np.float64) for k in ("index", "score"))
    without = {k: v for k, v in (facts.get("without") or {}).items() if isinstance(v, int | float)}
    heavy = sorted(without, key=lambda d: -abs(without[d] - row["value"]))[:3]
    points = Scatter(names=[str(d) for d in facts["dyads"]], x=x, y=y, label=frozenset(heavy))
    seed = int(folder.recipe.get("seed", 0))
    words = wording.about_scatter(row, {d: without[d] for d in heavy})
    return exhibit(
        words,
        lambda w: scatter_figure(
            points, labels=(name, wording.scale_name(row["label"])), seed=seed, width=w
        ),
        WIDE,
        NARROW,
    )


def _sensitivity(links: RowList) -> Markup:
    """Does the link hold when the index is read against each surrogate, or by another method?"""
    rows = [r for r in links if r["finding"] == "empathy"]
    columns = (
        tables.Column("scale", lambda r: wording.scale_name(r["label"]), False),
        tables.Column("index", lambda r: labels.statistic(r["method"], r["statistic"]), False),
        tables.Column("read", _read_as, False),
        tables.Column("dyads", tables.number("n_dyads", 0)),
        tables.Column("r", lambda r: correlation(r["value"])),
        tables.Column("95 %", lambda r: wording.r_interval(r["low"], r["high"])),
        tables.Column("Spearman", lambda r: correlation(wording.detail(r).get("spearman", NAN))),
        tables.Column("p two-sided", lambda r: tables.p_value(r["p_two"])),
        tables.Column("largest change", _largest_change, False),
        tables.Column("status", tables.text("status"), False),
    )
    return tables.html_table(rows, columns, none="No questionnaire scores were in this run.")


def _read_as(row: Mapping[str, Any]) -> str:
    read = wording.detail(row).get("read_as")
    title = labels.surrogate(row["surrogate"])
    if read == "minus_null_mean":
        return f"less the mean of: {title}"
    return f"z against: {title}" if read == "z" else "as it is"


def _largest_change(row: Mapping[str, Any]) -> str:
    facts = wording.detail(row)
    change = facts.get("largest_change")
    if not isinstance(change, int | float):
        return "–"
    return f"{wording.signed(float(change))} without {facts.get('largest_change_without', '')}"


def _quality_exhibit(held: Mapping[str, Table], study: Mapping[str, Any]) -> Exhibit | None:
    """Heat strip of what is missing in all sessions."""
    sessions = list(held["sessions"].rows())
    valid = held["quality"].where(cause="valid")
    if not sessions or not len(valid):
        return None
    share = {(r["session"], r["role"]): r["share"] for r in valid.rows()}
    roles = (str(sessions[0]["role_a"]), str(sessions[0]["role_b"]))
    cells = [
        QualityCell(session=str(s["session"]), who=k, lost=1 - share.get((s["session"], s[r]), NAN))
        for s in sessions
        for k, r in enumerate(("role_a", "role_b"))
    ]
    names = [str(s["session"]) for s in sessions]
    return exhibit(
        wording.about_all_quality([c.lost for c in cells]),
        lambda w: quality_figure(names, cells, roles, width=w),
        WIDE,
        NARROW,
    )


def _causes(quality: Table) -> Markup:
    """What was lost over all sessions, by person's role and cause."""
    total: dict[tuple[str, str, str], list[float]] = {}
    for row in quality.rows():
        key = (str(row["role"]), str(row["signal"]), str(row["cause"]))
        kept = total.setdefault(key, [0.0, 0.0, 0.0, 0.0])
        for k, name in enumerate(("seconds", "count", "share")):
            if isfinite(row[name]):
                kept[k] += row[name]
        touched = row["share"] if isfinite(row["share"]) else row["count"]
        kept[3] += bool(touched > 0)
    rows = [
        {"role": r, "signal": s, "cause": c, "seconds": v[0], "count": v[1], "sessions": v[3]}
        for (r, s, c), v in total.items()
    ]
    columns = (
        tables.Column("role", tables.text("role"), False),
        tables.Column("signal", lambda r: labels.signal(r["signal"]), False),
        tables.Column("cause", lambda r: labels.CAUSES.get(r["cause"], r["cause"]), False),
        tables.Column("time, min", lambda r: fixed(r["seconds"] / 60, 1)),
        tables.Column("count", tables.number("count", 0)),
        tables.Column("sessions", tables.number("sessions", 0)),
    )
    return tables.html_table(rows, columns, none="This run holds no table of quality.")


def _sessions(
    held: Mapping[str, Table], lead: RowList, linked: Mapping[str, str], name: str
) -> Markup:
    """One line a session: its index beside chance, its quality, the way to its page."""
    best = {}
    if lead:
        same = _same_statistic(held["pairs"], lead[0])
        for row in same.rows():
            if row["surrogate"] == lead[0]["surrogate"]:
                best[row["session"]] = row
    valid = {
        (r["session"], r["role"]): r["share"] for r in held["quality"].where(cause="valid").rows()
    }
    none = dict.fromkeys(
        ("value", "low", "high", "p_one", "draws", "lag_s", "clock_error_s", "coverage"), NAN
    )
    rows = []
    for session in held["sessions"].rows():
        found = best.get(session["session"], {**none, "leader": "", "capped": False})
        shares = [valid.get((session["session"], session[r]), NAN) for r in ("role_a", "role_b")]
        rows.append({**session, **found, "valid_a": shares[0], "valid_b": shares[1]})
    roles = (rows[0]["role_a"], rows[0]["role_b"]) if rows else ("first", "second")
    columns = (
        tables.Column("session", lambda r: _link(str(r["session"]), linked), False),
        tables.Column("dyad", tables.text("dyad"), False),
        tables.Column("type", tables.text("type"), False),
        tables.Column("both, min", lambda r: fixed(r["overlap_s"] / 60, 1)),
        tables.Column(f"{roles[0]}, valid", lambda r: tables.share_bar(r["valid_a"])),
        tables.Column(f"{roles[1]}, valid", lambda r: tables.share_bar(r["valid_b"])),
        tables.Column(
            name, lambda r: fixed(r["value"]) + (" (capped)" if r["capped"] is True else "")
        ),
        tables.Column("chance, 95 %", lambda r: interval(r["low"], r["high"])),
        tables.Column("reach it", tables._reach),
        tables.Column("who leads", wording.lead, False),
    )
    return tables.html_table(rows, columns, none="This run holds no sessions.")


def _link(session: str, linked: Mapping[str, str]) -> Markup:
    if session not in linked:
        return escape(session)
    return Markup(f'<a href="{escape(quote(linked[session]))}">{escape(session)}</a>')


def _notes(folder: RunFolder, linked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Notes counted by code, each with where it was made."""
    counts = Counter(n.code for n in folder.notes)
    shown = []
    for code, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        rows = [n for n in folder.notes if n.code == code]
        places = [
            {
                "where": n.where,
                "href": quote(linked[n.where.split("/")[0]])
                if n.where.split("/")[0] in linked
                else "",
                "text": n.text,
            }
            for n in rows
        ]
        shown.append({"code": code, "number": number, "notes": places})
    return shown


def _table_list(held: Mapping[str, Table]) -> list[dict[str, str]]:
    """The tables of the run, with what they hold and how to get them."""
    return [
        {
            "name": name,
            "holds": TABLES[name],
            "rows": count(len(table), "row") if table.there else "not in this run",
            "parquet": f"../{name}.parquet" if table.there else "",
            "csv": f"../tables/{name}.csv" if table.there else "",
        }
        for name, table in held.items()
    ]
