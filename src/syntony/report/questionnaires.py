"""Section on questionnaires: sentences, figures and tables, from the tables of the run alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from syntony.core.files import write_text
from syntony.core.run import TABLES
from syntony.report import tables
from syntony.report import wording_questionnaires as wording
from syntony.report.figures.questionnaires import Course, courses_figure
from syntony.report.figures.study import Scatter, scatter_figure
from syntony.report.numbers import correlation, count, fixed, interval, p_value
from syntony.report.parts import Exhibit, common_context, exhibit
from syntony.report.phrases import r_interval, signed
from syntony.report.run_folder import RunFolder

Row = dict[str, Any]
MOST_FIGURES = 6
KIND = "questionnaires"


def write_questionnaires_report(folder: RunFolder) -> Path:
    """Write the page of a folder that holds questionnaires alone: ``report/index.html``."""
    from syntony.report.page import environment, typeset

    out = folder.path / "report"
    out.mkdir(exist_ok=True)
    study = folder.origin.get("study", {})
    parts = [
        count(study.get("dyads", 0), "dyad"),
        count(study.get("people", 0), "person", "people"),
        count(study.get("sessions", 0), "session"),
    ]
    html = (
        environment()
        .get_template("questionnaires_page.html")
        .render(
            **common_context(folder, strangers=True),
            facts=" · ".join(parts),
            questionnaires=questionnaires_part(folder),
            notes=folder.notes,
            tables=[t for t in TABLES if (folder.path / f"{t}.parquet").is_file()],
        )
    )
    return write_text(out / "index.html", typeset(html))


def questionnaires_in_words(path: Path) -> list[str]:
    """Sentences on the questionnaires of a Run folder, one a line."""
    part = questionnaires_part(RunFolder(path))
    if not part:
        return ["No questionnaire could be scored."]
    told = [*part["reliability"], *part["likeness"], *part["change"], part["timing"]]
    return [line for line in told if line]


def questionnaires_part(folder: RunFolder) -> dict[str, Any]:
    """Everything the section needs; empty where nobody answered anything that was scored."""
    held = folder.tables
    reliability, likeness = list(held["reliability"].rows()), list(held["likeness"].rows())
    if not reliability:
        return {}
    change = list(held["change"].rows())
    scores = list(held["scores"].rows())
    words = [wording.about_reliability(r) for r in reliability]
    return {
        "reliability": words,
        "likeness": [wording.about_likeness(r) for r in likeness],
        "change": _change_words(change),
        "timing": _timing(scores, folder),
        "figures": _figures(folder, scores, likeness),
        "reliability_table": tables.html_table(reliability, _RELIABILITY),
        "likeness_table": tables.html_table(likeness, _LIKENESS) if likeness else Markup(""),
        "change_table": tables.html_table([r for r in change if r["person"]], _CHANGE)
        if change
        else Markup(""),
    }


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[k]) for k in ("instrument", "scale", "role", "about_role"))


def _change_words(change: list[Row]) -> list[str]:
    """One sentence for every scale and role that was scored more than once."""
    people: dict[tuple[str, ...], list[Row]] = {}
    for row in change:
        if row["person"]:
            people.setdefault(_key(row), []).append(row)
    return [wording.about_change(r, people[_key(r)]) for r in change if not r["person"]]


def _timing(scores: list[Row], folder: RunFolder) -> str:
    """When ratings were given; one of each questionnaire, whatever its scales."""
    seen = {
        (r["session"], r["person"], r["about"], r["instrument"]): r["minutes_after"] for r in scores
    }
    later = sum(n.code == "rated-later" for n in folder.notes)
    return wording.about_timing(list(seen.values()), later)


def _figures(folder: RunFolder, scores: list[Row], likeness: list[Row]) -> list[Exhibit]:
    """Courses over sessions where there are several; two people's scores where both answered."""
    shown: list[Exhibit] = []
    named = list(dict.fromkeys((r["instrument"], r["scale"]) for r in scores))
    for name in named:
        rows = [r for r in scores if (r["instrument"], r["scale"]) == name and isfinite(r["value"])]
        if len({r["number"] for r in rows}) > 1:
            shown.append(_courses(rows))
    seed = int(folder.recipe.get("seed", 0))
    shown += [_scatter(r, scores, seed) for r in likeness if r["status"].startswith("ok")]
    return shown[:MOST_FIGURES]


def _courses(rows: list[Row]) -> Exhibit:
    """Scores of everybody over sessions."""
    roles = list(dict.fromkeys(str(r["role"]) for r in rows))[:2]
    people: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row["role"] in roles:
            people.setdefault((row["dyad"], row["person"], row["about"]), []).append(row)
    courses = [
        Course(
            name=f"{who[0]}, {who[1]}",
            numbers=np.array([r["number"] for r in mine]),
            scores=np.array([r["value"] for r in mine]),
            second=roles.index(mine[0]["role"]) == 1,
        )
        for who, mine in (
            (w, sorted(m, key=lambda r: float(r["number"]))) for w, m in people.items()
        )
    ]
    label, bounds = wording.label_of(rows[0]), (rows[0]["low"], rows[0]["high"])
    return exhibit(
        wording.about_courses(label, len(courses)),
        lambda w: courses_figure(courses, label=label, roles=roles, bounds=bounds, width=w),
    )


def _scatter(row: Row, scores: list[Row], seed: int) -> Exhibit:
    """Means of both people of every dyad beside each other."""
    sides: list[dict[str, list[float]]] = []
    for role in (row["role_a"], row["role_b"]):
        held: dict[str, list[float]] = {}
        for r in scores:
            same = all(r[k] == row[k] for k in ("instrument", "scale")) and r["role"] == role
            if same and isfinite(r["value"]) and _target(r) == row["target"]:
                held.setdefault(str(r["dyad"]), []).append(r["value"])
        sides.append(held)
    dyads = [d for d in sides[0] if d in sides[1]]
    x, y = (np.array([np.mean(side[d]) for d in dyads]) for side in sides)
    label = wording.label_of(row)
    axes = f"{row['role_a']}: {label}", f"{row['role_b']}: {label}"
    points = Scatter(names=dyads, x=x, y=y)
    return exhibit(
        wording.about_scatter(row),
        lambda w: scatter_figure(points, labels=axes, seed=seed, width=w),
    )


def _target(row: Mapping[str, Any]) -> str:
    return "" if not row["about"] else "self" if row["about"] == row["person"] else "other"


_RELIABILITY = (
    tables.Column("scale", wording.label_of, False),
    tables.Column("who answered", wording.who_answered, False),
    tables.Column("people", tables.number("people", 0)),
    tables.Column("items", tables.number("items", 0)),
    tables.Column("with a gap", tables.number("left_out", 0)),
    tables.Column("omega", lambda r: correlation(r["omega"])),
    tables.Column("95 %", lambda r: r_interval(r["omega_low"], r["omega_high"])),
    tables.Column("alpha", lambda r: correlation(r["alpha"])),
    tables.Column("95 %", lambda r: r_interval(r["alpha_low"], r["alpha_high"])),
    tables.Column("95 % (Feldt)", lambda r: r_interval(r["feldt_low"], r["feldt_high"])),
    tables.Column("weakest item", tables.text("weakest_item"), False),
    tables.Column("r with the rest", lambda r: correlation(r["weakest_r"])),
    tables.Column("status", tables.text("status"), False),
)

_LIKENESS = (
    tables.Column("scale", wording.label_of, False),
    tables.Column("of", lambda r: f"{r['role_a']} and {r['role_b']}", False),
    tables.Column("dyads", tables.number("dyads", 0)),
    tables.Column("r", lambda r: correlation(r["r"])),
    tables.Column("95 %", lambda r: r_interval(r["r_low"], r["r_high"])),
    tables.Column("95 % (Fisher)", lambda r: r_interval(r["fisher_low"], r["fisher_high"])),
    tables.Column("ICC, pairwise", lambda r: correlation(r["icc"])),
    tables.Column("95 %", lambda r: r_interval(r["icc_low"], r["icc_high"])),
    tables.Column("p of r", lambda r: p_value(r["p_r"])),
    tables.Column("p of ICC", lambda r: p_value(r["p_icc"])),
    tables.Column("status", tables.text("status"), False),
)

_CHANGE = (
    tables.Column("scale", wording.label_of, False),
    tables.Column("dyad", tables.text("dyad"), False),
    tables.Column("person", tables.text("person"), False),
    tables.Column("sessions", tables.number("sessions", 0)),
    tables.Column("first", tables.number("first", 1)),
    tables.Column("last", tables.number("last", 1)),
    tables.Column("difference", lambda r: signed(r["difference"], 1)),
    tables.Column(
        "95 %, by error alone",
        lambda r: interval(r["difference_low"], r["difference_high"], 1),
    ),
    tables.Column("RCI", tables.number("rci")),
    tables.Column("limit", lambda r: fixed(r["limit"], 1)),
    tables.Column("beyond the limit", tables.text("beyond_error"), False),
    tables.Column("points a session", lambda r: signed(r["slope"])),
    tables.Column("95 %", lambda r: interval(r["slope_low"], r["slope_high"])),
)
