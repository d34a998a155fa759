"""Figures of a multiverse: the curve of all paths over their choices, and what choices matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.report.figures.svg import RIGHT, Drawing, Scale, padded, shorten
from syntony.report.numbers import fixed

ROW, GAP = 11.0, 9.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Every path of a multiverse with a value.

    Attributes
    ----------
    values, low, high : ndarray of float64, shape (n_paths,)
        Effects in any order, with their intervals.
    band_low, band_high : ndarray of float64, shape (n_paths,) or (0,)
        Central 95 % of sorted curves of the draws.
    rows : mapping of str to mapping
        Choice, in words, to its values, in words, to the paths that have it (bool, shape
        (n_paths,)).
    primary : int or None
        Place of the primary path.
    """

    values: Array
    low: Array
    high: Array
    band_low: Array
    band_high: Array
    rows: Mapping[str, Mapping[str, Bools]]
    primary: int | None


def curve_figure(curve: Curve, *, label: str, width: int) -> Drawing:
    """Draw the paths sorted by effect over the matrix of their choices."""
    left = 190 if width > 500 else 118
    top, height = 26, 230 if width > 500 else 180
    rows = sum(len(v) for v in curve.rows.values())
    below = top + height + 18
    drawing = Drawing(width, below + rows * ROW + len(curve.rows) * (GAP + ROW) + 6)
    order = np.argsort(curve.values, kind="stable")
    n = order.size
    columns = Scale(0.0, float(n), left, width - RIGHT)
    xs = columns.many(np.arange(n, dtype=np.float64) + 0.5)
    values = curve.values[order]
    seen = [*curve.low.tolist(), *curve.high.tolist(), *values.tolist(), 0.0]
    seen += [*curve.band_low.tolist(), *curve.band_high.tolist()]
    scale = Scale(*padded(seen), top + height, top)
    drawing.y_axis(scale, left, about=5, grid_to=width - RIGHT)
    drawing.text(4, 12, label, "t lab")
    drawing.area(xs, scale.many(curve.low[order]), scale.many(curve.high[order]), "own")
    if curve.band_low.size:
        low, high = scale.many(curve.band_low), scale.many(curve.band_high)
        drawing.area(xs, low, high, "band")
        drawing.path(xs, low, "line edge-of-band")
        drawing.path(xs, high, "line edge-of-band")
    drawing.line(left, scale(0.0), width - RIGHT, scale(0.0), "zero")
    _marks(drawing, xs, scale.many(values), 0.1, "dots")
    drawing.text(width - RIGHT, top + height + 12, f"{n:,} paths", "t", anchor="end")
    _matrix(drawing, curve, order, xs, left, below)
    if curve.primary is not None and np.isfinite(curve.values[curve.primary]):
        place = int(np.flatnonzero(order == curve.primary)[0])
        x, y = float(xs[place]), scale(float(values[place]))
        drawing.line(x, y, x, drawing.height - 4, "line primary thin")
        drawing.dot(x, y, 4.5, "ring solid", hint=f"primary path: {fixed(values[place])}")
        right = x > width - 110
        drawing.text(
            x + (-8 if right else 8),
            y - 8,
            "primary",
            "t strong",
            anchor="end" if right else "start",
        )
    return drawing


def _marks(drawing: Drawing, xs: Array, ys: Array, length: float, kind: str) -> None:
    """Draw one short upright mark a point, all in one piece."""
    there = np.isfinite(xs) & np.isfinite(ys)
    parts = "".join(
        f"M{x:.1f} {y:.1f}v{length:g}"
        for x, y in zip(xs[there].tolist(), ys[there].tolist(), strict=True)
    )
    if parts:
        drawing.add(f'<path class="{kind}" d="{parts}"/>')


def _matrix(
    drawing: Drawing, curve: Curve, order: Ints, xs: Array, left: float, top: float
) -> None:
    """Draw, for every value of every choice, which paths have it."""
    y, right = top, float(drawing.width - RIGHT)
    room = int((left - 14) / 5.6)
    for choice, values in curve.rows.items():
        y += GAP
        drawing.text(4, y + 8, shorten(choice, room + 4), "t choice")
        y += ROW
        for value, has in values.items():
            drawing.text(left - 8, y + 8.5, shorten(value, room), "t small", anchor="end")
            drawing.line(left, y + ROW - 0.5, right, y + ROW - 0.5, "grid")
            there = xs[has[order]]
            _marks(drawing, there, np.full(there.size, y + 1.5), ROW - 3.5, "tick")
            y += ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One choice: its share with interactions, and by itself (NaN where it is not known)."""

    name: str
    share: float
    alone: float


def choices_figure(bars: Sequence[Bar], *, width: int) -> Drawing:
    """Draw a bar a choice: light with all its interactions, dark by itself."""
    left, row, top = 150 if width > 500 else 118, 22, 8
    drawing = Drawing(width, top + row * len(bars) + 40)
    largest = max([1e-9, *(b.share for b in bars)])
    scale = Scale(0.0, 100 * min(1.0, largest * 1.12), left, width - RIGHT - 40)
    bottom = top + row * len(bars)
    for k, bar in enumerate(bars):
        y = top + k * row
        drawing.text(left - 8, y + 14, shorten(bar.name, 26), "t lab", anchor="end")
        drawing.box(left, y + 4, scale(100 * bar.share) - left, row - 9, "fill light")
        if np.isfinite(bar.alone):
            drawing.box(left, y + 4, scale(100 * bar.alone) - left, row - 9, "fill p0")
        drawing.text(scale(100 * bar.share) + 6, y + 14, f"{100 * bar.share:.0f} %", "t")
    drawing.x_axis(scale, bottom + 2, label="share of the variance of the effects, %", about=5)
    return drawing
