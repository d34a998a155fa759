"""Tables with units in their heads: HTML for the page, CSV twins beside Parquet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from syntony.report import labels
from syntony.report.numbers import (
    MISSING,
    compact,
    fixed,
    interval,
    minutes,
    p_value,
    percent,
    reached,
)

Cell = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Column:
    """Head with its unit, what a cell says, and whether it is a number (set right)."""

    head: str
    cell: Cell
    is_number: bool = True


def html_table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], *, none: str = ""
) -> Markup:
    """Make a table; with no rows, a sentence in its place.

    Text is escaped; a cell that is ``Markup`` is taken as it is.

    Examples
    --------
    >>> html_table([{"s": "<b>"}], [Column("session", lambda r: r["s"], False)])
    Markup('<div class="scroll"><table><thead><tr><th>session</th></tr></thead><tbody>\
<tr><td>&lt;b&gt;</td></tr></tbody></table></div>')
    """
    body = []
    for row in rows:
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


def write_csv(columns: Mapping[str, Sequence[Any]], path: Path) -> None:
    """Write a CSV twin: a head line, full precision, empty where missing.

    Parameters
    ----------
    columns : mapping of name to values of equal length
    path : Path
        Written beside and then moved into place.
    """
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for cells in zip(*columns.values(), strict=True):
            writer.writerow([_csv_cell(v) for v in cells])
    part.replace(path)


def _csv_cell(value: Any) -> object:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if hasattr(value, "item"):
        return _csv_cell(value.item())
    return repr(value) if isinstance(value, float) else value


def text(name: str) -> Cell:
    """Cell that shows a column of text."""
    return lambda row: row.get(name) or MISSING


def number(name: str, digits: int = 2) -> Cell:
    """Cell that shows a number with set decimals."""
    return lambda row: fixed(row.get(name, float("nan")), digits)


def _reach(row: Mapping[str, Any]) -> str:
    many = reached(row.get("p_one", float("nan")), row.get("draws", float("nan")))
    return MISSING if many is None else f"{many:,} of {row['draws']:,.0f}"


def _value(row: Mapping[str, Any]) -> str:
    return fixed(row["value"]) + (" (capped)" if row.get("capped") is True else "")


PAIRS = (
    Column("method", lambda r: labels.method(r["method"]), False),
    Column("statistic", lambda r: labels.statistic(r["method"], r["statistic"]), False),
    Column("value", _value),
    Column("Fisher z", number("fisher_z")),
    Column(
        "chance", lambda r: labels.surrogate(r["surrogate"]) if r["surrogate"] else "none", False
    ),
    Column("mean", number("null_mean")),
    Column("95 %", lambda r: interval(r["low"], r["high"])),
    Column("reach it", _reach),
    Column("p one-sided", lambda r: p_value(r["p_one"])),
    Column("p two-sided", lambda r: p_value(r["p_two"])),
    Column("z against draws", number("z_surrogate")),
    Column("lag, s", number("lag_s", 1)),
    Column("leader", text("leader"), False),
    Column("clock error, s", number("clock_error_s")),
    Column("coverage, %", lambda r: fixed(100 * r["coverage"], 0)),
    Column("span", text("span"), False),
    Column("from, s", lambda r: compact(r["t_start_s"])),
    Column("to, s", lambda r: compact(r["t_stop_s"])),
)

QUALITY = (
    Column("person", lambda r: f"{r['role']} ({r['person']})", False),
    Column("signal", lambda r: labels.signal(r["signal"]), False),
    Column("cause", lambda r: labels.CAUSES.get(r["cause"], r["cause"]), False),
    Column("time, s", number("seconds", 1)),
    Column("count", lambda r: compact(r["count"])),
    Column("share, %", lambda r: fixed(100 * r["share"], 1)),
)

MOMENTS = (
    Column("kind", text("kind"), False),
    Column("from, s", number("start_s", 0)),
    Column("to, s", number("stop_s", 0)),
    Column("mean r", number("strength")),
    Column("third", number("third", 0)),
    Column("lag, s", number("lag_s", 1)),
    Column("leader", text("leader"), False),
    Column("coverage, %", lambda r: fixed(100 * r["coverage"], 0)),
)

CODES = (
    Column("class", lambda r: labels.CLASSES.get(r["class"], r["class"]), False),
    Column("coder", text("coder"), False),
    Column("time, s", number("seconds", 0)),
    Column("share, %", lambda r: fixed(100 * r["share"], 1)),
    Column("mean z", number("mean_z")),
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
    Column("finding", text("finding"), False),
    Column("label", lambda r: labels.CLASSES.get(r["label"], r["label"]), False),
    Column("statistic", lambda r: labels.statistic(r["method"], r["statistic"]), False),
    Column("dyads", number("n_dyads", 0)),
    Column("sessions", number("n_sessions", 0)),
    Column("value", number("value")),
    Column("95 % over dyads", lambda r: interval(r["low"], r["high"])),
    Column(
        "chance", lambda r: labels.surrogate(r["surrogate"]) if r["surrogate"] else MISSING, False
    ),
    Column("mean", number("null_mean")),
    Column("95 %", lambda r: interval(r["null_low"], r["null_high"])),
    Column("reach it", _reach),
    Column("p one-sided", lambda r: p_value(r["p_one"])),
    Column("p two-sided", lambda r: p_value(r["p_two"])),
    Column("z", number("z")),
    Column("d", number("d")),
    Column("d 95 %", lambda r: interval(r["d_low"], r["d_high"])),
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


def share_bar(share: float) -> Markup:
    """A bar as wide as a share, with its percentage, for a table cell."""
    if share is None or not isfinite(share):
        return Markup(MISSING)
    wide = round(100 * max(0.0, min(1.0, share)))
    return Markup(f'<span class="bar"><i style="width:{wide}%"></i></span>{percent(share, 0)}')
