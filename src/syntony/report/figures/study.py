"""Figures over all dyads: the strip, the scatter with empathy, the quality of all sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, padded, shorten
from syntony.report.numbers import fixed, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class DyadPoint:
    """One dyad in the strip: the values of its sessions, each beside its own chance."""

    dyad: str
    values: Array
    lows: Array
    highs: Array
    null_means: Array

    @property
    def mean(self) -> float:
        """Mean over the sessions that have a value."""
        there = self.values[np.isfinite(self.values)]
        return float(there.mean()) if there.size else float("nan")


def strip_figure(points: Sequence[DyadPoint], *, label: str, width: int) -> Drawing:
    """Draw one column a dyad, lowest first: its sessions over the 95 % of their own chance."""
    order = sorted(points, key=lambda p: (not np.isfinite(p.mean), p.mean, p.dyad))
    top, height = 24, 200
    column = (width - LEFT - RIGHT) / max(1, len(order))
    names = column >= 9
    longest = max((len(p.dyad) for p in order), default=1)
    room = 8 + 5.6 * min(longest, 12) if names else 8
    drawing = Drawing(width, top + height + room + 22)
    seen = [v for p in order for group in (p.values, p.lows, p.highs) for v in group]
    scale = Scale(*padded([*seen, 0.0]), top + height, top)
    drawing.y_axis(scale, LEFT, about=5, grid_to=width - RIGHT)
    drawing.text(4, 12, label, "t lab")
    half = min(7.0, max(1.0, column * 0.36))
    for k, point in enumerate(order):
        _dyad_column(drawing, point, scale, LEFT + (k + 0.5) * column, half)
        if names:
            x = LEFT + (k + 0.5) * column
            drawing.text(
                x + 3, top + height + 8, shorten(point.dyad, 12), "t tiny", anchor="end", turn=-90
            )
    drawing.line(LEFT, top + height, width - RIGHT, top + height, "axis soft")
    words = f"{len(order)} dyads, lowest first"
    drawing.text(
        (LEFT + width - RIGHT) / 2, top + height + room + 14, words, "t lab", anchor="middle"
    )
    return drawing


def _dyad_column(drawing: Drawing, point: DyadPoint, scale: Scale, x: float, half: float) -> None:
    """Draw chance bars, session dots and, where there are several, the mean of one dyad."""
    for low, high, middle in zip(point.lows, point.highs, point.null_means, strict=True):
        if np.isfinite(low) and np.isfinite(high):
            drawing.box(
                x - half, scale(high), 2 * half, scale(low) - scale(high), "fill chance see"
            )
        if np.isfinite(middle):
            drawing.line(x - half, scale(middle), x + half, scale(middle), "nullmean")
    several = int(np.isfinite(point.values).sum()) > 1
    for value in point.values:
        if np.isfinite(value):
            words = f"{point.dyad}: {fixed(value, 3)}"
            drawing.dot(
                x,
                scale(value),
                min(4.0, half + 0.6) * (0.7 if several else 1),
                "fill ink edge",
                hint=words,
            )
    if several:
        drawing.line(x - half, scale(point.mean), x + half, scale(point.mean), "line ink")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """Two numbers per dyad, and the dyads that weigh most."""

    names: Sequence[str]
    x: Array
    y: Array
    label: frozenset[str] = frozenset()


def scatter_figure(points: Scatter, *, labels: tuple[str, str], seed: int, width: int) -> Drawing:
    """Draw dyads as points, the least-squares line, and its 95 % over resampled studies."""
    top, height = 26, 270 if width > 500 else 240
    drawing = Drawing(width, top + height + 40)
    scale_x = Scale(*padded(points.x), LEFT, width - RIGHT)
    scale_y = Scale(*padded(points.y), top + height, top)
    drawing.y_axis(scale_y, LEFT, about=5, grid_to=width - RIGHT)
    if len(points.x) >= 4 and np.ptp(points.x) > 0:
        grid = np.linspace(scale_x.low, scale_x.high, 40)
        low, high = _line_band(points.x, points.y, grid, seed)
        low, high = (np.clip(v, scale_y.low, scale_y.high) for v in (low, high))
        drawing.area(scale_x.many(grid), scale_y.many(low), scale_y.many(high), "own")
        slope, base = _line(points.x, points.y)
        ends = np.array([points.x.min(), points.x.max()])
        drawing.path(scale_x.many(ends), scale_y.many(slope * ends + base), "line ink")
    for name, x, y in zip(points.names, points.x.tolist(), points.y.tolist(), strict=True):
        marked = name in points.label
        words = f"{name}: {fixed(x)}, {fixed(y, 1)}"
        drawing.dot(
            scale_x(x),
            scale_y(y),
            4.5 if marked else 3.6,
            "ring solid" if marked else "fill p0 see",
            hint=words,
        )
    for name, x, y in zip(points.names, points.x.tolist(), points.y.tolist(), strict=True):
        if name in points.label:
            right = scale_x(x) > width - 90
            drawing.text(
                scale_x(x) + (-8 if right else 8),
                scale_y(y) - 6,
                shorten(name, 14),
                "t strong",
                anchor="end" if right else "start",
            )
    drawing.x_axis(scale_x, top + height, label=labels[0], about=6 if width > 500 else 4)
    drawing.text(4, 12, labels[1], "t lab")
    return drawing


def _line(x: Array, y: Array) -> tuple[float, float]:
    """Slope and height of the least-squares line."""
    dx = x - x.mean()
    slope = float((dx * (y - y.mean())).sum() / (dx**2).sum())
    return slope, float(y.mean() - slope * x.mean())


def _line_band(x: Array, y: Array, grid: Array, seed: int) -> tuple[Array, Array]:
    """Central 95 % of the lines through 1,000 resamples of the dyads."""
    from syntony.core.seeds import rng_for

    rows = rng_for(seed, "report", "line band").integers(len(x), size=(1000, len(x)))
    xs, ys = x[rows], y[rows]
    dx = xs - xs.mean(axis=1, keepdims=True)
    spread = (dx**2).sum(axis=1)
    usable = spread > 0
    slope = (dx[usable] * ys[usable]).sum(axis=1) / spread[usable]
    lines = (
        slope[:, None] * (grid - xs[usable].mean(axis=1)[:, None])
        + ys[usable].mean(axis=1)[:, None]
    )
    low, high = np.quantile(lines, [0.025, 0.975], axis=0)
    return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityCell:
    """Share lost by one person in one session."""

    session: str
    who: int
    lost: float


def quality_figure(
    sessions: Sequence[str], cells: Sequence[QualityCell], roles: tuple[str, str], *, width: int
) -> Drawing:
    """Draw one column a session, one row a person: the darker, the more is missing.

    More than a fifth missing is crossed; no data at all is an empty frame.
    """
    row, top, left = 26, 20, LEFT
    drawing = Drawing(width, top + 2 * (row + 18) + 34)
    column = (width - left - RIGHT) / max(1, len(sessions))
    place = {s: k for k, s in enumerate(sessions)}
    for who, role in enumerate(roles):
        y = top + who * (row + 20)
        if who == 0:
            drawing.dot(left + 4, y - 8, 4, "fill p0")
        else:
            drawing.diamond(left + 4, y - 8, 4, "fill p1")
        drawing.text(left + 14, y - 4, shorten(role, 24), "t lab")
    gap = 0.8 if column > 4 else 0.2
    for cell in cells:
        x = left + place[cell.session] * column
        y = top + cell.who * (row + 20)
        words = f"{cell.session}, {roles[cell.who]}: {percent(cell.lost)} missing"
        if not np.isfinite(cell.lost):
            drawing.box(x, y, column - gap, row, "frame", hint=words)
            continue
        level = min(9, int(np.ceil(cell.lost * 20)))
        drawing.box(x, y, column - gap, row, f"heat h{level}", hint=words)
        if cell.lost > 0.2:
            drawing.line(x + 1, y + 2, x + column - gap - 1, y + row - 2, "cross")
            drawing.line(x + 1, y + row - 2, x + column - gap - 1, y + 2, "cross")
    y = top + 2 * (row + 18) + 6
    order = ", in the order of the study" if width > 500 else ""
    drawing.text(left, y + 8, f"{len(sessions)} sessions{order}", "t")
    for level in range(10):
        drawing.box(width - RIGHT - 150 + level * 9, y, 9, 9, f"heat h{level}")
    drawing.text(width - RIGHT - 156, y + 8, "0", "t", anchor="end")
    drawing.text(width - RIGHT - 56, y + 8, "45 % and more" if width > 500 else "45 % +", "t")
    return drawing
