"""What the page of a study shows: three findings beside chance, then what they stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from syntony.core.run import TABLES
from syntony.report import labels, phrases, preregistration, tables, wording, wording_study
from syntony.report.card import card_context
from syntony.report.coders import coders_section
from syntony.report.convergence import convergence_exhibit
from syntony.report.joined import joined_context
from syntony.report.models import model_parts
from syntony.report.numbers import correlation, count, fixed, interval, p_value
from syntony.report.parts import common_context
from syntony.report.questionnaires import questionnaires_part
from syntony.report.ratings import study_ratings
from syntony.report.run_folder import RunFolder, Table
from syntony.report.sequences import sequence_sections
from syntony.report.session_page import first_rows, has_strangers, index_name, signals_of
from syntony.report.stretches import study_stretches
from syntony.report.study_exhibits import (
    emotion_exhibits,
    empathy_exhibit,
    empathy_row,
    lead_synchrony,
    quality_exhibit,
    rows_of,
    same_statistic,
    synchrony_exhibits,
)

RowList = list[dict[str, Any]]
NAN = float("nan")
MANY_METHODS = 3


def study_context(folder: RunFolder, linked: Mapping[str, str]) -> dict[str, Any]:
    """Everything the template of the study page needs; ``linked`` is session to file name."""
    held = folder.tables
    lead = first_rows(held["pairs"])
    name = index_name(lead)
    links = list(held["links"].rows())
    strangers = has_strangers(held["pairs"])
    study = folder.origin.get("study", {})
    agreement, agreement_table = convergence_exhibit(folder)
    return {
        **common_context(folder, strangers=strangers),
        "facts": _facts(folder, lead),
        "registered": preregistration.sentence(folder.origin.get("preregistration")),
        "findings": findings(folder, links, lead, name),
        "only": _only_session(folder, lead, linked, name),
        "index_name": name,
        "explain": labels.explained(lead[0]["method"], lead[0]["statistic"]) if lead else "",
        "stretches": study_stretches(links, lead[0]["step"] if lead else 0.0),
        "synchrony": synchrony_exhibits(folder, links, lead, name),
        "agreement": agreement,
        "agreement_table": agreement_table,
        "emotion": emotion_exhibits(links),
        "joined": joined_context(folder, links, lead[0]["step"] if lead else 0.0, _roles(lead)),
        "coders": coders_section(folder),
        "sequences": sequence_sections(folder),
        "lacks_course": _lacks_course(folder, lead),
        "empathy": empathy_exhibit(folder, links, name),
        "sensitivity": _sensitivity(links),
        "questionnaires": questionnaires_part(folder),
        "ratings": study_ratings(folder, links),
        "many_methods": len(held["pairs"].different("step")) > MANY_METHODS,
        "contrasts": contrasts(links, lead),
        "models": model_parts(folder),
        "calibration": card_context(folder),
        "links": tables.html_table(
            links, tables.LINKS, none="This run holds no findings over dyads.", group=_group_of
        ),
        "quality": quality_exhibit(held, study),
        "causes": _causes(held["quality"]),
        "sessions": _sessions(held, lead, linked, name),
        "notes": _notes(folder, linked),
        "tables": _table_list(folder),
        "linked": {s: quote(f) for s, f in linked.items()},
    }


def _only_session(
    folder: RunFolder, lead: RowList, linked: Mapping[str, str], name: str
) -> dict[str, str]:
    """Headline and address of the one session of a run; empty where there are more."""
    sessions = list(folder.tables["sessions"].rows())
    if len(sessions) != 1:
        return {}
    one = sessions[0]
    roles = (str(one["role_a"]), str(one["role_b"]))
    return {
        "session": str(one["session"]),
        "href": quote(linked.get(one["session"], "")),
        "words": wording.headline(lead, roles, signals=signals_of(one), index=name),
        "leader": wording.lead(lead[0]) if lead and isfinite(lead[0]["lag_s"]) else "",
    }


def _group_of(row: Mapping[str, Any]) -> str:
    """Name finding and method, as the line over their rows."""
    method = f" · {labels.method(row['method'])}" if row["method"] else ""
    return f"{phrases.upper(str(row['finding']).replace('_', ' '))}{method}"


def _roles(lead: RowList) -> tuple[str, str]:
    """Roles of the first and of the second person."""
    return (str(lead[0]["role_a"]), str(lead[0]["role_b"])) if lead else ("first", "second")


def _facts(folder: RunFolder, lead: RowList) -> str:
    """One line under the title: how many, of what, by which method."""
    study = folder.origin.get("study", {})
    parts = [
        count(study.get("dyads", 0), "dyad"),
        count(study.get("people", 0), "person", "people"),
        count(study.get("sessions", 0), "session"),
        _compared(folder),
    ]
    if lead:
        parts.append(labels.method(lead[0]["method"]))
    return " · ".join(p for p in parts if p)


def _compared(folder: RunFolder) -> str:
    """Name the feature of both people, or that of each."""
    signal = folder.recipe.get("signal", "")
    if isinstance(signal, str):
        return labels.signal(signal)
    roles = folder.recipe.get("roles") or ("first", "second")
    return wording.whose(roles, signal, between="with").replace("the ", "")


def findings(folder: RunFolder, links: RowList, lead: RowList, name: str) -> list[dict[str, Any]]:
    """Put the three findings together as they stand at the head of the page."""
    truth = folder.origin.get("study", {}).get("truth")
    synchrony = lead_synchrony(links, lead)
    leader = next(iter(rows_of(links, "leader", lead)), None)
    emotion, moments = rows_of(links, "emotion", lead), rows_of(links, "moments", lead)
    empathy = empathy_row(links)
    first = next((r for r in emotion if r["label"] == "shared_positive"), None)
    mean = wording_study.study_synchrony(synchrony, name)
    agree = wording_study.agreement_over_dyads(synchrony)
    lacking = _lacks_course(folder, lead)
    return [
        {
            "title": "Synchrony",
            **_number(
                synchrony[0] if synchrony else None,
                wording_study.short_mean_of(name),
            ),
            "words": [
                f"{mean} {agree}",
                *_twins(folder),
                *_shared_shape(folder),
                _leader(leader, lead),
            ],
            "truth": wording_study.planted(truth, "synchrony", "leader"),
        },
        {
            "title": "Emotion",
            **_number(first, wording_study.on_scale("shared positive less the rest", first)),
            "words": [lacking]
            if lacking and not emotion
            else [wording_study.study_emotion(emotion), wording_study.study_moments(moments)],
            "truth": wording_study.planted(truth, "emotion"),
        },
        {
            "title": "Empathy",
            **_number(empathy, f"{name} with {_scale(empathy)}"),
            "words": [
                wording_study.study_empathy(empathy, name),
                wording_study.about_power(empathy),
            ],
            "truth": wording_study.planted(truth, "empathy"),
        },
    ]


def _shared_shape(folder: RunFolder) -> list[str]:
    """What the run says of a slow course that strangers have too; nothing where they have none."""
    return [note.text for note in folder.notes if note.code == "shared-shape"]


def _twins(folder: RunFolder) -> list[str]:
    """Count the sessions left out because both people's signal is one recording; else nothing."""
    out = {n.where for n in folder.notes if n.code == "session-left-out"}
    same = {n.where.partition("/")[0] for n in folder.notes if n.code == "same-recording"}
    left = sorted(out & same)
    return [wording_study.twins_left_out(left)] if left else []


def _lacks_course(folder: RunFolder, lead: RowList) -> str:
    """Say that no code can be read beside a method without time; else nothing."""
    held = folder.coupling(str(lead[0]["session"]), int(lead[0]["step"])) if lead else None
    if held is None or held.time_s.size:
        return ""
    return f"{wording.lacks_time(labels.method(lead[0]['method']))} So no code is read beside it."


def _leader(row: Mapping[str, Any] | None, lead: RowList) -> str:
    """Who leads over dyads; of a method without lags, that it has none."""
    if row is None and lead:
        name = lead[0]["method"]
        return wording.lacks_lags(labels.method(name), labels.delays(name))
    return wording_study.study_leader(row)


def contrasts(links: RowList, lead: RowList) -> list[str]:
    """Say the contrast of session types, of the index that the page leads with."""
    wanted = lead[0]["statistic"] if lead else ""
    rows = [r for r in rows_of(links, "contrast", lead) if r["statistic"] == wanted]
    return [wording_study.study_contrast(r, index_name(lead)) for r in rows]


def _scale(row: Mapping[str, Any] | None) -> str:
    return phrases.scale_name(row["label"]) if row else "empathy"


def _number(row: Mapping[str, Any] | None, unit: str) -> dict[str, str]:
    """Write the number of a finding with interval and unit, or that it was not testable."""
    if row is None:
        return {"number": "not in this run", "interval": "", "unit": ""}
    if row["status"] != "ok":
        return {"number": "not testable", "interval": "", "unit": ""}
    if row["finding"] == "empathy":
        number = f"r = {correlation(row['value'])}"
        return {
            "number": number,
            "interval": phrases.r_interval(row["low"], row["high"]),
            "unit": unit,
        }
    is_difference = row["finding"] != "synchrony"
    n = tables.decimals(row)
    value = phrases.signed(row["value"], n) if is_difference else fixed(row["value"], n)
    return {"number": value, "interval": interval(row["low"], row["high"], n), "unit": unit}


def _sensitivity(links: RowList) -> Markup:
    """Show whether the link holds when the index is read against each surrogate."""
    rows = [r for r in links if r["finding"] == "empathy"]
    columns = (
        tables.Column("scale", lambda r: phrases.scale_name(r["label"]), False),
        tables.Column("index", lambda r: labels.statistic(r["method"], r["statistic"]), False),
        tables.Column("read", _read_as, False),
        tables.Column("dyads", tables.number("n_dyads", 0)),
        tables.Column("r", lambda r: correlation(r["value"])),
        tables.Column("95 %", lambda r: phrases.r_interval(r["low"], r["high"])),
        tables.Column("Spearman", lambda r: correlation(wording.detail(r).get("spearman", NAN))),
        tables.Column("p two-sided", lambda r: p_value(r["p_two"])),
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
    return f"{phrases.signed(float(change))} without {facts.get('largest_change_without', '')}"


def _causes(quality: Table) -> Markup:
    """Sum what was lost over all sessions, by role and cause."""
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
        for (r, s, c), v in sorted(total.items(), key=lambda item: item[0][:2])
    ]
    columns = (
        tables.Column("role", tables.text("role"), False),
        tables.Column("signal", lambda r: labels.signal(r["signal"]), False),
        tables.Column("cause", lambda r: labels.cause(r["cause"]), False),
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
        same = same_statistic(held["pairs"], lead[0])
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
    columns = [
        tables.Column("session", lambda r: _link(str(r["session"]), linked), False),
        tables.Column("dyad", tables.text("dyad"), False),
        tables.Column("type", tables.text("type"), False),
        tables.Column("both, min", lambda r: fixed(r["overlap_s"] / 60, 1)),
        tables.Column(f"{roles[0]}, valid", lambda r: tables.share_bar(r["valid_a"])),
        tables.Column(f"{roles[1]}, valid", lambda r: tables.share_bar(r["valid_b"])),
        tables.Column(
            name,
            lambda r: (
                fixed(r["value"], tables.decimals(r)) + (" (capped)" if r["capped"] is True else "")
            ),
        ),
        tables.Column("chance, 95 %", lambda r: interval(r["low"], r["high"], tables.decimals(r))),
        tables.Column("reach it", tables._reach),
    ]
    if any(isfinite(r["lag_s"]) for r in rows):
        columns.append(tables.Column("who leads", wording.lead, False))
    return tables.html_table(rows, columns, none="This run holds no sessions.")


def _link(session: str, linked: Mapping[str, str]) -> Markup:
    if session not in linked:
        return escape(session)
    return Markup(f'<a href="{escape(quote(linked[session]))}">{escape(session)}</a>')


def _notes(folder: RunFolder, linked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Count notes by code, each with where it was made."""
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


def _table_list(folder: RunFolder) -> list[dict[str, str]]:
    """List the tables of the run, with what they hold and how to get them."""
    counts = folder.row_counts
    return [
        {
            "name": name,
            "holds": TABLES[name],
            "rows": count(counts[name], "row") if name in counts else "not in this run",
            "parquet": f"../{name}.parquet" if name in counts else "",
            "csv": f"../tables/{name}.csv"
            if (folder.path / "tables" / f"{name}.csv").is_file()
            else "",
        }
        for name in TABLES
    ]
