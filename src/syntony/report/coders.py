"""How far the coders agree, on the study page: sentence, figure, tables, where to look again."""

from __future__ import annotations

from math import isfinite
from typing import Any

from syntony.report import tables
from syntony.report.figures.chance import Row, rows_figure
from syntony.report.numbers import (
    MISSING,
    clock,
    correlation,
    count,
    fixed,
    minutes,
    percent,
)
from syntony.report.parts import Exhibit, exhibit
from syntony.report.run_folder import RunFolder

RowList = list[dict[str, Any]]
MEASURES = {
    "kappa": "κ, second by second",
    "kappa_tolerance": "κ, within the tolerance",
    "kappa_events": "κ, event by event",
    "kappa_linear": "κ of ordered valence, linear weights",
    "kappa_quadratic": "κ of ordered valence, quadratic weights",
    "alpha_nominal": "Krippendorff's α",
    "alpha_ordinal": "Krippendorff's α of ordered valence",
    "icc_2_1": "ICC(2,1) of the share of a session",
    "icc_2_k": "ICC(2,k) of the share of a session",
}
MOST = 20


def coders_section(folder: RunFolder) -> dict[str, Any]:
    """Everything that the template shows of coders; empty where nobody was coded by two."""
    rows = [r for r in folder.tables["agreement"].rows() if not r["session"]]
    if not rows:
        return {}
    parts = list(folder.tables["disagreements"].rows())
    return {
        "words": words_on_coders(rows),
        "figure": _figure(rows),
        "table": tables.html_table(rows, COLUMNS, group=_pair),
        "sessions": tables.html_table(_worst_first(folder), SESSIONS),
        "list": tables.html_table(parts[:MOST], LIST, none="They part nowhere."),
        "list_title": f"Where to look again: the {min(MOST, len(parts))} longest of "
        f"{count(len(parts), 'stretch', 'stretches')} on which two coders part",
    }


def words_on_coders(rows: RowList) -> list[str]:
    """Say in sentences how far the coders agree: interval first, limits as a note."""
    said = []
    for pair in dict.fromkeys((r["coder_a"], r["coder_b"]) for r in rows if r["coder_b"]):
        mine = {
            (r["measure"], r["code"]): r
            for r in rows
            if (r["coder_a"], r["coder_b"]) == pair and not r["role"]
        }
        said.append(_of_pair(pair, mine))
    if len(said) > 1:
        alpha = next(
            (r for r in rows if not r["role"] and not r["code"] and not r["coder_b"]), None
        )
        if alpha is not None:
            said.insert(0, f"Over all coders at once, Krippendorff's α is {_value(alpha)}.")
    said.append(
        "Intervals (95 %) come from drawing whole sessions, never seconds: neighbouring seconds "
        "are no independent judgments. Under .67 conclusions are hard to draw, from .80 on they "
        "are customarily trusted: a note, no gate. A rare code can have a low κ where coders "
        "agree on nearly every second, so read κ beside how often the code occurs. Tolerance "
        "raises κ, also that of coders who never saw the same session."
    )
    return said


def _of_pair(pair: tuple[str, str], rows: dict[tuple[str, str], dict[str, Any]]) -> str:
    """Sentences on two coders."""
    kappa, near, events = (rows[k, ""] for k in ("kappa", "kappa_tolerance", "kappa_events"))
    whom = f"{pair[0]} and {pair[1]} both coded {count(kappa['n_sessions'], 'session')}"
    lone = kappa["one_s"]
    left = f"; {minutes(lone)} that one of them left uncoded are in no class" if lone else ""
    said = [f"{whom} ({minutes(kappa['both_s'])} with a code of each{left})."]
    if not isfinite(kappa["value"]):
        said.append(f"Their agreement beyond chance is {kappa['status']}.")
    else:
        said.append(
            f"They agree on {percent(kappa['raw'], 0)} of the seconds; beyond chance that is "
            f"κ = {_value(kappa)} second by second, {_value(near)} within the tolerance, and "
            f"{_value(events)} event by event, where what one of them did not see counts as a "
            "disagreement."
        )
    by_code = [r for (m, c), r in rows.items() if m == "kappa" and c and isfinite(r["value"])]
    if len(by_code) > 1:
        least = min(by_code, key=lambda r: r["value"])
        said.append(
            f"They agree least on {least['code']} (κ = {_value(least)}; "
            f"{percent(least['prevalence_a'], 0)} and {percent(least['prevalence_b'], 0)} of "
            "the seconds)."
        )
    return " ".join(said)


def _value(row: dict[str, Any]) -> str:
    """Coefficient with its interval."""
    return f"{correlation(row['value'])} {_interval(row)}".strip()


def _interval(row: dict[str, Any]) -> str:
    if not (isfinite(row["low"]) and isfinite(row["high"])):
        return "(no interval)" if isfinite(row["value"]) else ""
    return f"[{correlation(row['low'])}, {correlation(row['high'])}]"


def _figure(rows: RowList) -> Exhibit | None:
    """One line a code: kappa of the only pair, or alpha over all coders."""
    pairs = {(r["coder_a"], r["coder_b"]) for r in rows if r["coder_b"]}
    measure = "kappa" if len(pairs) == 1 else "alpha_nominal"
    shown = [
        r
        for r in rows
        if r["measure"] == measure
        and not r["role"]
        and isfinite(r["value"])
        and bool(r["coder_b"]) == (measure == "kappa")
    ]
    if not shown:
        return None
    lines = [
        Row(
            label=r["code"] or "all codes",
            value=r["value"],
            low=r["low"],
            high=r["high"],
            words=f"{percent(r['prevalence_a'], 0)} of the seconds" if r["code"] else "",
        )
        for r in shown
    ]
    label = MEASURES[measure]
    words = (
        f"Agreement as {label}, of all codes and of each code against everything else, "
        "with 95 % from drawing sessions. 0 is what chance gives, 1 is full agreement."
    )
    return exhibit(words, lambda w: rows_figure(lines, label=label, width=w, zero=True))


def _worst_first(folder: RunFolder) -> RowList:
    """Sessions by kappa, the lowest first."""
    rows = [r for r in folder.tables["agreement"].rows() if r["session"]]
    return sorted(rows, key=lambda r: (not isfinite(r["value"]), r["value"]))


def _pair(row: tables.Row) -> str:
    names = " and ".join(n for n in (row["coder_a"], row["coder_b"]) if n)
    return f"{names} · {row['role'] or 'everybody'}"


COLUMNS = (
    tables.Column("code", lambda r: r["code"] or "all codes", False),
    tables.Column("measure", lambda r: MEASURES.get(r["measure"], r["measure"]), False),
    tables.Column("sessions", tables.number("n_sessions", 0)),
    tables.Column("units", lambda r: f"{fixed(r['units'], 0)} {r['unit']}s"),
    tables.Column("prevalence, A", lambda r: percent(r["prevalence_a"], 1)),
    tables.Column("prevalence, B", lambda r: percent(r["prevalence_b"], 1)),
    tables.Column("agree on", lambda r: percent(r["raw"], 0)),
    tables.Column("value", lambda r: correlation(r["value"])),
    tables.Column("95 %", lambda r: _interval(dict(r)) or MISSING),
    tables.Column("limits .67, .80", tables.text("reading"), False),
    tables.Column("status", tables.text("status"), False),
)

SESSIONS = (
    tables.Column("session", tables.text("session"), False),
    tables.Column("coders", lambda r: f"{r['coder_a']}, {r['coder_b']}", False),
    tables.Column("coded by both, min", lambda r: fixed(r["both_s"] / 60, 1)),
    tables.Column("by one only, min", lambda r: fixed(r["one_s"] / 60, 1)),
    tables.Column("agree on", lambda r: percent(r["raw"], 0)),
    tables.Column("κ", lambda r: correlation(r["value"])),
    tables.Column("status", tables.text("status"), False),
)

LIST = (
    tables.Column("session", tables.text("session"), False),
    tables.Column("role", tables.text("role"), False),
    tables.Column("from", lambda r: clock(r["start_s"])),
    tables.Column("to", lambda r: clock(r["stop_s"])),
    tables.Column("s", lambda r: fixed(r["seconds"], 1)),
    tables.Column("coder A", lambda r: f"{r['coder_a']}: {r['code_a']}", False),
    tables.Column("coder B", lambda r: f"{r['coder_b']}: {r['code_b']}", False),
)
