"""What the page of a corpus shows: quality and synchrony by site, year and device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any
from urllib.parse import quote

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.report import labels, phrases, tables, wording
from syntony.report.figures.chance import Row, rows_figure
from syntony.report.figures.corpus import Funnel, funnel_figure
from syntony.report.numbers import MISSING, count, digits, fixed, interval, p_value, percent
from syntony.report.parts import Exhibit, common_context, exhibit
from syntony.report.run_folder import RunFolder, Table
from syntony.report.session_page import first_rows, has_strangers, index_name

RowList = list[dict[str, Any]]
NAN = float("nan")
ENOUGH = 0.8
"""Share of valid data under which a recording is called poor, as a window would be left out."""

_BY = {
    "site": "site",
    "year": "year",
    "device": "device",
    "type": "type of session",
    "number": "number of the session",
}
_LIMITS = (
    "Exploratory. Nobody drew by lot who is recorded where, when and with what: groups differ in "
    "people, rooms and therapists as well. Dyads of one therapist are no independent dyads, and "
    "the strangers of a group come from the whole study. A difference between groups is not "
    "tested here."
)


def has_groups(folder: RunFolder) -> bool:
    """Whether the run holds sessions that are sorted by anything."""
    return len(folder.tables["groups"]) > 0


def corpus_context(folder: RunFolder, linked: Mapping[str, str]) -> dict[str, Any]:
    """Everything the template of the corpus page needs."""
    held = folder.tables
    rows = list(held["groups"].rows())
    lead = first_rows(held["pairs"])
    sessions = len(held["sessions"])
    parts = [_part(rows, by) for by in dict.fromkeys(r["by"] for r in rows)]
    points = _points(held, lead)
    return {
        **common_context(folder, strangers=has_strangers(held["pairs"])),
        "facts": " · ".join(
            [count(sessions, "session"), *(count(p["many"], p["unit"]) for p in parts)]
        ),
        "limits": _LIMITS,
        "parts": parts,
        "funnel": _funnel(points, index_name(lead)) if points is not None else None,
        "poor": _poor(held, points, linked) if points is not None else "",
        "tested": sum(isfinite(r["q"]) for r in rows),
    }


def _part(rows: RowList, by: str) -> dict[str, Any]:
    """One kind of group: its figures and its tables."""
    mine = [r for r in rows if r["by"] == by]
    synchrony = [r for r in mine if r["what"] == "synchrony"]
    quality = [r for r in mine if r["what"] == "quality"]
    return {
        "by": by,
        "unit": {"type": "type", "number": "number"}.get(by, by),
        "title": f"By {_BY.get(by, by)}",
        "many": len({r["group"] for r in mine}),
        "synchrony": [_synchrony(some) for some in _by_step(synchrony)],
        "valid": _valid([r for r in quality if r["statistic"] == "valid"]),
        "results": _results(sorted(synchrony, key=lambda r: r["step"])),
        "causes": _causes(quality),
    }


def _by_step(rows: RowList) -> Iterator[RowList]:
    """Rows of one step of the recipe at a time."""
    for step in dict.fromkeys(r["step"] for r in rows):
        yield [r for r in rows if r["step"] == step]


def _synchrony(rows: RowList) -> Exhibit:
    """Real less chance in every group."""
    name = labels.statistic(rows[0]["method"], rows[0]["statistic"])
    chance = _chance(rows)
    return exhibit(
        f"{labels.method(rows[0]['method'])}: {name}, real dyads less {chance}, mean over the "
        "dyads of a group with its 95 % interval. At 0 a group shows what chance gives. Groups "
        "without an interval or marked as not tested hold too few dyads to say anything of.",
        lambda w: rows_figure(
            [_difference(r) for r in rows], label=f"{name}, less {chance}", width=w, zero=True
        ),
    )


def _chance(rows: RowList) -> str:
    """Name what the real index is read beside."""
    if rows[0]["surrogate"] == wording.STRANGERS:
        return "strangers"
    return labels.surrogate(rows[0]["surrogate"]).lower() if rows[0]["surrogate"] else "nothing"


def _difference(row: Mapping[str, Any]) -> Row:
    words = f"{count(int(row['n_dyads']), 'dyad')}, {count(int(row['n_sessions']), 'session')}"
    words += f"; q = {p_value(row['q'])}" if row["status"] == "ok" else "; not tested"
    return Row(
        label=row["group"],
        value=row["difference"],
        low=row["low"],
        high=row["high"],
        words=words,
    )


def _valid(rows: RowList) -> Exhibit | None:
    """Share of valid data in every group."""
    if not rows:
        return None
    return exhibit(
        "Share of a recording that is valid, mean over both people and over the dyads of a group "
        "with its 95 % interval.",
        lambda w: rows_figure(
            [
                Row(
                    label=r["group"],
                    value=r["value"],
                    low=r["low"],
                    high=r["high"],
                    words=f"{percent(r['value'])} of {count(int(r['n_sessions']), 'session')}",
                )
                for r in rows
            ],
            label="valid share",
            width=w,
        ),
    )


def _results(rows: RowList) -> Any:
    """Every group beside its chance, in numbers."""

    def places(r: Mapping[str, Any]) -> int:
        return digits(*(r[k] for k in ("value", "null_mean", "low", "high") if isfinite(r[k])))

    columns = (
        tables.Column("group", tables.text("group"), False),
        tables.Column("dyads", tables.number("n_dyads", 0)),
        tables.Column("sessions", tables.number("n_sessions", 0)),
        tables.Column("real", lambda r: fixed(r["value"], places(r))),
        tables.Column("chance, mean", lambda r: fixed(r["null_mean"], places(r))),
        tables.Column("difference", lambda r: fixed(r["difference"], places(r))),
        tables.Column("95 %", lambda r: interval(r["low"], r["high"], places(r))),
        tables.Column("p two-sided", lambda r: p_value(r["p_two"])),
        tables.Column("q", lambda r: p_value(r["q"])),
        tables.Column("", lambda r: "" if r["status"] == "ok" else r["status"], False),
    )
    return tables.html_table(
        rows,
        columns,
        none="No synchrony over dyads was computed.",
        group=lambda r: (
            f"{labels.method(r['method'])} · {labels.statistic(r['method'], r['statistic'])}"
        ),
    )


def _causes(rows: RowList) -> Any:
    """What was lost in every group, by cause."""
    causes = list(dict.fromkeys(r["statistic"] for r in rows if r["statistic"] != "valid"))
    groups = list(dict.fromkeys(r["group"] for r in rows))
    share = {(r["group"], r["statistic"]): r["value"] for r in rows}
    columns = [
        tables.Column("group", lambda g: g["group"], False),
        tables.Column("valid", lambda g: tables.share_bar(share.get((g["group"], "valid"), NAN))),
        *(
            tables.Column(
                labels.cause(cause),
                lambda g, cause=cause: (  # type: ignore[misc]
                    percent(share[g["group"], cause]) if (g["group"], cause) in share else MISSING
                ),
            )
            for cause in causes
        ),
    ]
    return tables.html_table(
        [{"group": g} for g in groups], columns, none="This run holds no table of quality."
    )


def _points(held: Mapping[str, Table], lead: RowList) -> RowList | None:
    """Every session that has an index: valid minutes, index less chance, valid shares."""
    if not lead:
        return None
    valid = {
        (r["session"], r["role"]): r["share"] for r in held["quality"].where(cause="valid").rows()
    }
    facts = {r["session"]: r for r in held["sessions"].rows()}
    same = held["pairs"].where(
        step=lead[0]["step"], statistic=lead[0]["statistic"], surrogate=lead[0]["surrogate"]
    )
    points = []
    for row in same.rows():
        mine = facts[row["session"]]
        shares = [valid.get((row["session"], mine[role]), NAN) for role in ("role_a", "role_b")]
        least, chance = min(shares), row["null_mean"] if isfinite(row["null_mean"]) else 0.0
        points.append(
            mine
            | {
                "valid_a": shares[0],
                "valid_b": shares[1],
                "least": least,
                "minutes": least * mine["duration_s"] / 60,
                "apart": row["value"] - chance,
                "low": row["low"] - chance,
                "high": row["high"] - chance,
            }
        )
    points = [p for p in points if isfinite(p["minutes"]) and isfinite(p["apart"])]
    return points or None


def _is_poor(points: RowList) -> Bools:
    """Recordings of which less than ``ENOUGH`` is valid, or far less than of the others.

    Far less: under Tukey's fence, the lower quartile less one and a half interquartile ranges.
    """
    least = _column(points, "least")
    low, high = np.quantile(least, [0.25, 0.75])
    fence: Bools = (least < ENOUGH) | (least < low - 1.5 * (high - low))
    return fence


def _column(points: RowList, name: str) -> Array:
    return np.array([p[name] for p in points], dtype=np.float64)


def _funnel(points: RowList, name: str) -> Exhibit:
    """Every session over how much of it is valid."""
    found = Funnel(
        names=[p["session"] for p in points],
        minutes=_column(points, "minutes"),
        apart=_column(points, "apart"),
        low=_column(points, "low"),
        high=_column(points, "high"),
        poor=_is_poor(points),
    )
    poor = int(found.poor.sum())
    return exhibit(
        f"Every session: {name} less its chance, over the minutes that are valid in both people; "
        "shaded, the central 95 % of its own chance. Short or broken recordings spread more "
        f"widely, to both sides. {phrases.upper(count(poor, 'session'))} ringed: less than "
        f"{percent(ENOUGH)} valid in one of the two people, or far less than in the others.",
        lambda w: funnel_figure(found, label=f"{name}, less chance", width=w),
    )


def _poor(held: Mapping[str, Table], points: RowList, linked: Mapping[str, str]) -> Any:
    """List the recordings to look at, the poorest first."""
    from markupsafe import Markup, escape

    poor = sorted(
        (p for p, bad in zip(points, _is_poor(points), strict=True) if bad),
        key=lambda p: (p["least"], p["session"]),
    )
    marks = [m for m in ("site", "year", "device") if any(p.get(m) for p in points)]

    def link(p: Mapping[str, Any]) -> Any:
        name = escape(p["session"])
        href = linked.get(p["session"])
        return Markup(f'<a href="{escape(quote(href))}">{name}</a>') if href else name

    roles = (points[0]["role_a"], points[0]["role_b"])
    columns = [
        tables.Column("session", link, False),
        tables.Column("dyad", tables.text("dyad"), False),
        *(tables.Column(m, tables.text(m), False) for m in marks),
        tables.Column(f"{roles[0]}, valid", lambda p: tables.share_bar(p["valid_a"])),
        tables.Column(f"{roles[1]}, valid", lambda p: tables.share_bar(p["valid_b"])),
        tables.Column("minutes valid", lambda p: fixed(p["minutes"], 1)),
        tables.Column("less chance", lambda p: fixed(p["apart"], 2)),
    ]
    return tables.html_table(poor, columns, none="No recording stands out as poor.")
