"""The page of a multiverse: made from its folder, and only from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from syntony.core.arrays import Array, Bools
from syntony.core.errors import FileError
from syntony.core.files import write_text
from syntony.report import multiverse_words as words
from syntony.report import preregistration, tables
from syntony.report.figures.multiverse import Bar, Curve, choices_figure, curve_figure
from syntony.report.numbers import correlation, count, fixed, interval
from syntony.report.parts import Exhibit, common_context, exhibit
from syntony.report.run_folder import RunFolder, Table, read_table

KIND = "multiverse"
NOT_HERE = "–"


def write_multiverse_report(path: Path | str) -> Path:
    """Write the report of a multiverse, from the files of its folder alone.

    Returns
    -------
    Path
        ``report/index.html``: one file without scripts that loads nothing.

    Raises
    ------
    FileError
        If the folder holds no finished multiverse.
    """
    from syntony.report.page import environment, typeset

    folder = RunFolder(Path(path))
    out = folder.path / "report"
    out.mkdir(exist_ok=True)
    html = environment().get_template("multiverse.html").render(page_context(folder))
    return write_text(out / "index.html", typeset(html))


def page_context(folder: RunFolder) -> dict[str, Any]:
    """Everything the template needs."""
    joint = _joint(folder)
    table = read_table(folder.path / "paths.parquet")
    choices = [json.loads(c) for c in table.words("choices")]
    test = joint["synchrony"]
    unit = "SD" if test["null"] == "derangements" else "SD of the shifts"
    study = folder.origin.get("study", {})
    return {
        **common_context(folder, strangers=True),
        "facts": _facts(joint, study),
        "registered": preregistration.sentence(folder.origin.get("preregistration")),
        "findings": _findings(joint, unit),
        "primary": words.primary(joint),
        "curve": _curve(joint, table, choices, "synchrony"),
        "bars": _bars(joint["choices"]["synchrony"]),
        "empathy_curve": _curve(joint, table, choices, "empathy"),
        "empathy_bars": _bars(joint["choices"]["empathy"]),
        "empathy_words": words.empathy(joint),
        "dropped": joint["dropped"],
        "merged": joint["merged"],
        "cells": joint["cells"],
        "paths": _table(table, joint),
        "notes": folder.notes,
        "grid_json": folder.text("grid.json"),
    }


def _joint(folder: RunFolder) -> dict[str, Any]:
    path = folder.path / "joint.json"
    if not path.is_file():
        raise FileError(path, "no such file", "a finished multiverse", "Go on with --resume.")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _facts(joint: Mapping[str, Any], study: Mapping[str, Any]) -> str:
    n = len(joint["dyads"])
    said = f"{count(n, 'dyad')}, {count(study.get('sessions', 0), 'session')}"
    if joint["strangers"]:
        said += f", {count(joint['strangers'], 'pair')} of strangers"
    return f"{said}; {words.counts(joint)}"


def _findings(joint: Mapping[str, Any], unit: str) -> list[dict[str, Any]]:
    """Three statements: synchrony over all paths, empathy over all paths, what matters most."""
    test, link = joint["synchrony"], joint["empathy"]
    shares = joint["choices"]["synchrony"]
    sign = "d" if test["null"] == "derangements" else "z"
    found = [
        {
            "title": "Synchrony, over all paths",
            "number": f"{sign} = {fixed(test['median'])}"
            if test["status"] == "ok"
            else "not testable",
            "unit": "median over paths" if test["status"] == "ok" else "",
            "words": [words.synchrony(joint), words.shares(test), words.who(joint)],
        }
    ]
    if link is not None:
        found.append(
            {
                "title": "Link with empathy, over all paths",
                "number": f"r = {correlation(link['median'])}"
                if link["status"] == "ok"
                else "not testable",
                "unit": "median over paths" if link["status"] == "ok" else "",
                "words": [words.empathy(joint), words.shares(link)],
            }
        )
    found.append(
        {
            "title": "The choice that matters most",
            "number": words.noun(shares[0]["choice"]) if shares else "none",
            "unit": "for synchrony" if shares else "",
            "words": [words.most(shares, unit)],
        }
    )
    return found


def _curve(
    joint: Mapping[str, Any], table: Table, choices: list[dict[str, str]], what: str
) -> Exhibit | None:
    """Draw the curve of effects, or of correlations; None where there is none."""
    test = joint[what]
    if test is None:
        return None
    names = ("effect", "low", "high") if what == "synchrony" else ("r", "r_low", "r_high")
    values, low, high = (table.numbers(n) for n in names)
    there = np.flatnonzero(np.isfinite(values))
    if there.size < 2:
        return None
    kept = [choices[k] for k in there.tolist()]
    own = np.flatnonzero(np.asarray([bool(v) for v in table.columns["primary"].tolist()])[there])
    curve = Curve(
        values=values[there],
        low=low[there],
        high=high[there],
        band_low=_band(test["band_low"], there.size),
        band_high=_band(test["band_high"], there.size),
        rows=_matrix_rows(joint["choice_names"], kept),
        primary=int(own[0]) if own.size else None,
    )
    if what == "empathy":
        label, name = "correlation with the score, r", "r over dyads"
    elif test["null"] == "derangements":
        label, name = "effect, d", "d: real beside pseudo-dyads, in SDs of the pseudo-dyads"
    else:
        label, name = "effect, z", "real beside shifted, in SDs over the shifts"
    return exhibit(
        words.about_curve(joint, test, name),
        lambda width: curve_figure(curve, label=label, width=width),
    )


def _band(values: list[float], n: int) -> Array:
    return np.array(values if len(values) == n else [], dtype=np.float64)


def _matrix_rows(names: list[str], choices: list[dict[str, str]]) -> dict[str, dict[str, Bools]]:
    """Which paths have each value of each choice, in words; numbers in their order."""
    out: dict[str, dict[str, Bools]] = {}
    for name in names:
        column = [c[name] for c in choices]
        values = [v for v in dict.fromkeys(column) if v != NOT_HERE]
        if all(_is_number(v) for v in values):
            values.sort(key=float)
        out[words.choice(name)] = {
            words.value(name, v): np.array([c == v for c in column]) for v in values
        }
    return out


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _bars(shares: list[dict[str, Any]]) -> Exhibit | None:
    """Draw what each choice does."""
    if not shares:
        return None
    bars = [
        Bar(
            name=words.choice(s["choice"]),
            share=s["share"],
            alone=float("nan") if s["alone"] is None else s["alone"],
        )
        for s in shares
    ]
    return exhibit(words.about_choices(), lambda width: choices_figure(bars, width=width))


def _table(table: Table, joint: Mapping[str, Any]) -> Markup:
    """Every path with its choices and its effect, largest first."""
    rows = list(table.rows())
    rows.sort(key=lambda r: (not np.isfinite(r["effect"]), -r["effect"], r["path"]))
    for row in rows:
        row["said"] = json.loads(row["choices"])
    names: list[str] = joint["choice_names"]
    columns = [
        tables.Column(
            words.choice(name),
            lambda r, name=name: words.value(name, r["said"][name]),  # type: ignore[misc]
            False,
        )
        for name in names
    ]
    columns += [
        tables.Column("effect", lambda r: fixed(r["effect"])),
        tables.Column("95 %", lambda r: interval(r["low"], r["high"])),
    ]
    if joint["empathy"] is not None:
        columns += [
            tables.Column("r", lambda r: correlation(r["r"])),
            tables.Column("95 %", lambda r: interval(r["r_low"], r["r_high"])),
        ]
    columns.append(
        tables.Column("", lambda r: _remark(r), False),
    )
    return tables.html_table(rows, columns, none="No path.")


def _remark(row: Mapping[str, Any]) -> str:
    if row["status"] != "ok":
        return str(row["status"])
    return "primary" if row["primary"] else ""


def in_words(path: Path) -> list[str]:
    """What a multiverse came to, one sentence or two a line, for the shell."""
    folder = RunFolder(path)
    joint = _joint(folder)
    unit = "SD" if joint["synchrony"]["null"] == "derangements" else "SD of the shifts"
    lines = [
        words.counts(joint) + ".",
        words.synchrony(joint),
        words.shares(joint["synchrony"]),
        words.primary(joint),
        "The choice that matters most: " + words.most(joint["choices"]["synchrony"], unit),
    ]
    if joint["empathy"] is not None:
        lines.append("Empathy: " + words.empathy(joint))
    registered = preregistration.sentence(folder.origin.get("preregistration"))
    return [line for line in [*lines, registered] if line]
