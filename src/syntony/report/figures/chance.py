"""Figures of chance: lag profile, draws beside the observed value, intervals in rows, scatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, padded, shorten
from syntony.report.numbers import digits, fixed, seconds

MOST_DOTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NullRow:
    """Draws of one surrogate, with the words that are written over them, and fewer of them."""

    words: str
    draws: Array
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of an interval figure; NaN leaves a piece out."""

    label: str
    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    null_mean: float = float("nan")
    null_low: float = float("nan")
    null_high: float = float("nan")
    words: str = ""
    planted: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One value a lag, with a band of chance or of uncertainty and faint lines behind."""

    lag_s: Array
    values: Array
    low: Array
    high: Array
    behind: Sequence[Array] = ()
    own_band: bool = False
    clock_error_s: float = float("nan")


def profile_figure(
    profile: Profile,
    roles: tuple[str, str],
    *,
    y_label: str,
    width: int,
    planted: float = float("nan"),
) -> Drawing:
    """Draw strength against lag, the peak with its leader, and the lags below the clock error.

    Positive lags: the second person follows the first.
    """
    top, height = 44, 170
    drawing = Drawing(width, top + height + 52)
    lags = profile.lag_s
    scale_x = Scale(float(lags[0]), float(lags[-1]), LEFT + 6, width - RIGHT - 6)
    seen = [
        *profile.values,
        *profile.low,
        *profile.high,
        *(v for b in profile.behind for v in b),
        0.0,
    ]
    scale_y = Scale(*padded(seen), top + height, top)
    error = profile.clock_error_s
    if np.isfinite(error) and error > 0:
        left = scale_x(max(-error, scale_x.low))
        right = scale_x(min(error, scale_x.high))
        drawing.box(left, top, right - left, height, "blur", hint=f"clock error {seconds(error)}")
    drawing.y_axis(scale_y, LEFT, about=4, grid_to=width - RIGHT)
    xs = scale_x.many(lags)
    drawing.area(
        xs,
        scale_y.many(profile.low),
        scale_y.many(profile.high),
        "own" if profile.own_band else "band",
    )
    for line in profile.behind:
        drawing.path(xs, scale_y.many(line), "line faint")
    drawing.line(scale_x(0), top, scale_x(0), top + height, "zero")
    drawing.path(xs, scale_y.many(profile.values), "line ink")
    if len(lags) <= 60:
        for x, y in zip(xs.tolist(), scale_y.many(profile.values).tolist(), strict=True):
            if np.isfinite(y):
                drawing.dot(x, y, 2.2, "fill ink")
    _peak(drawing, profile, scale_x, scale_y)
    if np.isfinite(planted):
        drawing.line(scale_x(planted), top, scale_x(planted), top + height, "truth")
        drawing.text(scale_x(planted) + 4, top + height - 6, "planted", "t truthtext")
    drawing.x_axis(scale_x, top + height, about=8 if width > 500 else 7)
    _lead_words(drawing, roles, scale_x, top + height + 32)
    drawing.text(4, 12, y_label, "t lab")
    return drawing


def _peak(drawing: Drawing, profile: Profile, scale_x: Scale, scale_y: Scale) -> None:
    """Mark the highest point and write its lag."""
    if not np.isfinite(profile.values).any():
        middle = (scale_x.start + scale_x.stop) / 2
        drawing.text(
            middle,
            (scale_y.start + scale_y.stop) / 2,
            "no value at any lag",
            "t lab",
            anchor="middle",
        )
        return
    k = int(np.nanargmax(profile.values))
    x, y = scale_x(float(profile.lag_s[k])), scale_y(float(profile.values[k]))
    drawing.dot(x, y, 5, "ring")
    side = "end" if x > scale_x.stop - 90 else "start" if x < scale_x.start + 90 else "middle"
    drawing.text(x, y - 10, f"peak at {seconds(float(profile.lag_s[k]))}", "t strong", anchor=side)


def _lead_words(drawing: Drawing, roles: tuple[str, str], scale: Scale, y: float) -> None:
    """Write under the axis who leads on which side."""
    middle = scale(0) if scale.low < 0 < scale.high else (scale.start + scale.stop) / 2
    first, second = (shorten(r, 16) for r in roles)
    drawing.text(middle - 14, y, f"← {second} leads", "t lab", anchor="end")
    drawing.text(middle + 14, y, f"{first} leads →", "t lab")
    drawing.text(middle, y + 15, "lag, s", "t", anchor="middle")


def null_figure(
    rows: Sequence[NullRow], observed: float, *, label: str, width: int, words: str = "observed"
) -> Drawing:
    """Draw the draws of every surrogate over one axis, and the observed value as a line.

    Up to 200 draws are dots, one each; more are bars of counts.
    """
    room, top = 40, 34
    there = [row.draws[np.isfinite(row.draws)] for row in rows]
    talls = [62 if draws.size > 80 else 40 for draws in there]
    bottom = top + sum(talls) + len(rows) * room - 6
    drawing = Drawing(width, bottom + 36)
    scale = Scale(
        *padded([*np.concatenate([*there, np.empty(0)]).tolist(), observed]), LEFT, width - RIGHT
    )
    if np.isfinite(observed):
        x = scale(observed)
        drawing.line(x, top - 18, x, bottom, "seen")
        side = "end" if x + 8 * len(words) + 40 > width else "start"
        drawing.text(
            x + (-6 if side == "end" else 6),
            top - 14,
            f"{words} {fixed(observed, digits(observed))}",
            "t strong",
            anchor=side,
        )
    for k, (row, draws) in enumerate(zip(rows, there, strict=True)):
        tall = talls[k]
        upper = top + sum(talls[:k]) + k * room
        words = row.words if width > 500 else row.short or row.words
        drawing.text(LEFT, upper + 12, words, "t lab")
        base = upper + room - 8 + tall
        drawing.line(scale.start, base, scale.stop, base, "axis soft")
        if not draws.size:
            drawing.text(LEFT + 4, base - 10, "no draw has a value", "t")
        elif draws.size <= MOST_DOTS:
            _stacked(drawing, scale, draws, base, tall - 8)
        else:
            _bars(drawing, scale, draws, base, tall - 8)
    drawing.x_axis(scale, bottom, label=label, about=7 if width > 500 else 5)
    return drawing


def _stacked(drawing: Drawing, scale: Scale, draws: Array, base: float, tall: float) -> None:
    """Stack one dot per draw over its place on the axis."""
    radius = 3.0
    cells = np.round((scale.many(draws) - scale.start) / (2 * radius)).astype(int)
    step = min(2 * radius, tall / max(1, int(np.bincount(cells - cells.min()).max())))
    level: dict[int, int] = {}
    order = np.argsort(draws, kind="stable")
    for cell, value in zip(cells[order].tolist(), draws[order].tolist(), strict=True):
        k = level.get(cell, 0)
        level[cell] = k + 1
        drawing.dot(
            scale.start + cell * 2 * radius,
            base - radius - 1 - k * step,
            radius - 0.4,
            "fill null",
            hint=fixed(value, 3),
        )


def _bars(drawing: Drawing, scale: Scale, draws: Array, base: float, tall: float) -> None:
    """Draw counts of draws in bars five pixels wide."""
    pixels = scale.many(draws)
    edges = np.arange(scale.start, scale.stop + 5, 5.0)
    counts, _ = np.histogram(pixels, bins=edges)
    most = counts.max() or 1
    for left, number in zip(edges[:-1].tolist(), counts.tolist(), strict=True):
        if number:
            height = max(1.0, tall * number / most)
            drawing.box(left + 0.5, base - height, 4, height, "fill null")


def rows_figure(rows: Sequence[Row], *, label: str, width: int, zero: bool = False) -> Drawing:
    """Draw one line per row: the value with its interval over what chance gives.

    The wide grey bar is the 95 % of chance, its tick the mean of chance; the dot is the value,
    the thin line its 95 % interval.
    """
    is_long = any(6.9 * len(r.label) + 6.2 * len(r.words) + 12 > width - LEFT - RIGHT for r in rows)
    step, top = (60, 8) if is_long else (44, 8)
    bottom = top + step * len(rows) + 4
    drawing = Drawing(width, bottom + 36)
    names = ("value", "low", "high", "null_low", "null_high", "planted")
    seen = [getattr(r, n) for r in rows for n in names] + ([0.0] if zero else [])
    scale = Scale(*padded(seen), LEFT, width - RIGHT)
    if zero and scale.low < 0 < scale.high:
        drawing.line(scale(0), top, scale(0), bottom, "zero")
    for k, row in enumerate(rows):
        y = top + k * step
        drawing.text(LEFT, y + 12, shorten(row.label, int((width - LEFT) / 7.2)), "t lab")
        if is_long:
            drawing.text(LEFT, y + 28, row.words, "t")
        else:
            drawing.text(width - RIGHT, y + 12, row.words, "t", anchor="end")
        _one_row(drawing, row, scale, y + step - 17)
    drawing.x_axis(scale, bottom, label=label, about=7 if width > 500 else 5)
    return drawing


def _one_row(drawing: Drawing, row: Row, scale: Scale, y: float) -> None:
    """Draw bar, tick, whisker and dot of one row."""
    drawing.line(scale.start, y, scale.stop, y, "grid")
    if np.isfinite(row.null_low) and np.isfinite(row.null_high):
        left, right = scale(row.null_low), scale(row.null_high)
        drawing.box(left, y - 6, right - left, 12, "fill chance", hint="95 % of chance")
    if np.isfinite(row.null_mean):
        drawing.line(scale(row.null_mean), y - 6, scale(row.null_mean), y + 6, "nullmean")
    if np.isfinite(row.low) and np.isfinite(row.high):
        drawing.line(scale(row.low), y, scale(row.high), y, "line ink")
    if np.isfinite(row.planted):
        drawing.line(scale(row.planted), y - 10, scale(row.planted), y + 10, "truth")
    if np.isfinite(row.value):
        drawing.dot(scale(row.value), y, 4.5, "fill ink edge", hint=fixed(row.value, 3))
