"""Tables with units in their heads: HTML for the page, CSV twins beside Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from markupsafe import Markup, escape

from syntony.report import labels
from syntony.report.numbers import (
    MISSING,
    compact,
    digits,
    fixed,
    interval,
    minutes,
    p_value,
    percent,
    reached,
)

Row = Mapping[str, Any]
Cell = Callable[[Row], object]


@dataclass(frozen=True, slots=True)
class Column:
    """Head with its unit, what a cell says, and whether it is a number (set right)."""

    head: str
    cell: Cell
    is_number: bool = True


def html_table(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    none: str = "",
    group: Cell | None = None,
) -> Markup:
    """Make a table; with no rows, a sentence in its place.

    Text is escaped; a cell that is ``Markup`` is taken as it is. ``group`` names the part a row
    belongs to: where it changes, a line with its name comes between.

    Examples
    --------
    >>> html_table([{"s": "<b>"}], [Column("session", lambda r: r["s"], False)])
    Markup('<div class="scroll"><table><thead><tr><th>session</th></tr></thead><tbody>\
<tr><td>&lt;b&gt;</td></tr></tbody></table></div>')
    """
    body, part = [], None
    for row in rows:
        if group is not None and group(row) != part:
            part = group(row)
            body.append(f'<tr class="group"><th colspan="{len(columns)}">{escape(part)}</th></tr>')
        cells = []
        for column in columns:
            kind = ' class="n"' if column.is_number else ""
            cells.append(f"<td{kind}>{escape(column.cell(row))}</td>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    if not body:
        return Markup(f'<p class="none">{escape(none)}</p>')
    heads = "".join(
        f'<th class="n">{escape(c.head)}</th>' if c.is_number else f"<th>{escape(c.head)}</th>"
        for c in columns
    )
    return Markup(
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def text(name: str) -> Cell:
    """Cell that shows a column of text."""
    return lambda row: row.get(name) or MISSING


def number(name: str, digits: int = 2) -> Cell:
    """Cell that shows a number with set decimals."""
    return lambda row: fixed(row.get(name, float("nan")), digits)


def _reach(row: Mapping[str, Any]) -> str:
    many = reached(row.get("p_one", float("nan")), row.get("draws", float("nan")))
    return MISSING if many is None else f"{many:,} of {row['draws']:,.0f}"


def decimals(row: Mapping[str, Any]) -> int:
    """Decimals that a row's value needs beside its chance and its interval."""
    return digits(*(row.get(k, 0.0) for k in ("value", "low", "high", "null_low", "null_high")))


def beside(name: str) -> Cell:
    """Cell that shows a number with the decimals of its row."""
    return lambda row: fixed(row.get(name, float("nan")), decimals(row))


def _value(row: Mapping[str, Any]) -> str:
    return fixed(row["value"], decimals(row)) + (" (capped)" if row.get("capped") is True else "")


def _about(row: Mapping[str, Any]) -> str:
    """Say what a finding over dyads is about, no name twice."""
    what = labels.emotion(row["label"])
    name = labels.statistic(row["method"], row["statistic"]) if row["statistic"] else ""
    if row["finding"] == "synchrony":
        return name or what
    return " · ".join(dict.fromkeys(p for p in (what.replace("_", " "), name) if p))


def _chance(none: str) -> Callable[[Row], str]:
    """Short title of the surrogate of a row, or what to say where there is none."""
    return lambda r: labels.short_surrogate(r["surrogate"]) if r["surrogate"] else none


def _explored(row: Row) -> str:
    """Adjusted p of an exploratory row; of the one asked first, that it is."""
    if row.get("family") == "primary":
        return "primary"
    return p_value(row.get("q_exploratory", float("nan")))


def _delta(row: Row) -> str:
    """Cliff's delta with its interval over dyads."""
    none = float("nan")
    delta, low, high = (row.get(f"cliffs_delta{k}", none) for k in ("", "_low", "_high"))
    return f"{fixed(delta)} {interval(low, high)}" if isfinite(delta) else MISSING


PAIRS = (
    Column("statistic", lambda r: labels.statistic(r["method"], r["statistic"]), False),
    Column("value", _value),
    Column("Fisher z", number("fisher_z")),
    Column("chance", _chance("none"), False),
    Column("mean", beside("null_mean")),
    Column("95 %", lambda r: interval(r["low"], r["high"], decimals(r))),
    Column("reach it", _reach),
    Column("p one-sided", lambda r: p_value(r["p_one"])),
    Column("p two-sided", lambda r: p_value(r["p_two"])),
    Column("z against draws", number("z_surrogate")),
    Column("q among explored", _explored),
)

RUNS = (
    Column("method", lambda r: labels.method(r["method"]), False),
    Column(
        "signals",
        lambda r: " with ".join(
            dict.fromkeys(labels.signal(r[k]) for k in ("signal_a", "signal_b"))
        ),
        False,
    ),
    Column("span", text("span"), False),
    Column("from, s", lambda r: compact(r["t_start_s"])),
    Column("to, s", lambda r: compact(r["t_stop_s"])),
    Column("coverage, %", lambda r: fixed(100 * r["coverage"], 0)),
    Column("lag of the peak, s", number("lag_s", 1)),
    Column("leader", text("leader"), False),
    Column("clock error, s", number("clock_error_s")),
    Column("note", lambda r: r.get("note") or "", False),
)
_RUN_KEYS = (
    "step", "method", "signal_a", "signal_b", "span", "t_start_s", "t_stop_s", "coverage", "lag_s",
    "leader", "clock_error_s", "note",
)  # fmt: skip


def run_rows(pairs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One row for each method and span of a session: what its statistics share."""
    seen = {tuple(str(row.get(k, "")) for k in _RUN_KEYS): row for row in pairs}
    return list(seen.values())


MOMENTS = (
    Column("kind", text("kind"), False),
    Column("from, s", number("start_s", 0)),
    Column("to, s", number("stop_s", 0)),
    Column("mean", number("strength")),
    Column("third", number("third", 0)),
    Column("lag of highest mean, s", number("lag_s", 1)),
    Column("coverage, %", lambda r: fixed(100 * r["coverage"], 0)),
)

CODES = (
    Column("class", lambda r: labels.emotion(r["class"]), False),
    Column("coder", text("coder"), False),
    Column("time, s", number("seconds", 0)),
    Column("share, %", lambda r: fixed(100 * r["share"], 1)),
    Column("mean", number("mean")),
    Column("scale", lambda r: labels.scale(r.get("scale", "")), False),
    Column("rotated: mean", number("null_mean")),
    Column("rotated: 95 %", lambda r: interval(r["low"], r["high"])),
    Column("in phase", number("in_phase")),
    Column("anti-phase", number("anti_phase")),
    Column("reach it", _reach),
    Column("p one-sided", lambda r: p_value(r["p_one"])),
    Column("p two-sided", lambda r: p_value(r["p_two"])),
    Column("z against draws", number("z_surrogate")),
)

SCORES = (
    Column("instrument", text("instrument"), False),
    Column("scale", lambda r: str(r["scale"]).replace("_", " "), False),
    Column("who answered", text("person"), False),
    Column("about", text("about"), False),
    Column("score", lambda r: compact(r["value"])),
    Column("items missing", number("missing", 0)),
)

LINKS = (
    Column("about", _about, False),
    Column("chance", _chance(MISSING), False),
    Column("dyads", number("n_dyads", 0)),
    Column("sessions", number("n_sessions", 0)),
    Column("value", beside("value")),
    Column("95 % over dyads", lambda r: interval(r["low"], r["high"], decimals(r))),
    Column("chance, mean", beside("null_mean")),
    Column("chance, 95 %", lambda r: interval(r["null_low"], r["null_high"], decimals(r))),
    Column("reach it", _reach),
    Column("p one-sided", lambda r: p_value(r["p_one"])),
    Column("p two-sided", lambda r: p_value(r["p_two"])),
    Column("z", number("z")),
    Column(
        "d",
        lambda r: (
            f"{fixed(r['d'])} {interval(r['d_low'], r['d_high'])}" if isfinite(r["d"]) else MISSING
        ),
    ),
    Column("Cliff’s delta", _delta),
    Column("q among explored", _explored),
    Column("status", text("status"), False),
)

CLOCKS = (
    Column("session", text("session"), False),
    Column("source", text("clock_source"), False),
    Column("error, s", number("clock_error_s")),
    Column("duration", lambda r: minutes(r["duration_s"])),
    Column("overlap", lambda r: minutes(r["overlap_s"])),
    Column("left over, first, s", number("left_over_a_s", 1)),
    Column("left over, second, s", number("left_over_b_s", 1)),
)


def _columns_of(who: tuple[str, str], held: Mapping[Any, Row]) -> list[Column]:
    """Time, count and share of one person, cause by cause."""
    nothing = dict.fromkeys(("seconds", "count", "share"), float("nan"))

    def found(row: Row) -> Row:
        return held.get((row["signal"], row["cause"], *who), nothing)

    return [
        Column(f"{who[0]} ({who[1]}), s", lambda r: fixed(found(r)["seconds"], 1)),
        Column("count", lambda r: compact(found(r)["count"])),
        Column("share, %", lambda r: fixed(100 * found(r)["share"], 1)),
    ]


def quality_table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """One line a cause, three columns a person: time, count, share."""
    people = list(dict.fromkeys((str(r["role"]), str(r["person"])) for r in rows))
    held = {(r["signal"], r["cause"], str(r["role"]), str(r["person"])): r for r in rows}
    columns = [
        Column("signal", lambda r: labels.signal(r["signal"]), False),
        Column("cause", lambda r: labels.cause(r["cause"]), False),
    ]
    for who in people:
        columns += _columns_of(who, held)
    lines = [
        {"signal": s, "cause": c} for s, c in dict.fromkeys((r["signal"], r["cause"]) for r in rows)
    ]
    return html_table(lines, columns, none="This run holds no table of quality.")


def share_bar(share: float) -> Markup:
    """Draw a bar as wide as a share, with its percentage, for a table cell."""
    if share is None or not isfinite(share):
        return Markup(MISSING)
    wide = round(100 * max(0.0, min(1.0, share)))
    return Markup(f'<span class="bar"><i style="width:{wide}%"></i></span>{percent(share, 0)}')
