"""Every session of a corpus: what it shows beyond chance, over how much of it is valid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, padded, shorten
from syntony.report.numbers import digits, fixed

MOST_NAMES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Sessions: valid minutes of both people, index less chance, and the band of chance."""

    names: Sequence[str]
    minutes: Array
    apart: Array
    low: Array
    high: Array
    poor: Bools


def funnel_figure(found: Funnel, *, label: str, width: int) -> Drawing:
    """Draw a dot a session over the central 95 % of its own chance; poor recordings as rings."""
    top, height = 26, 280 if width > 500 else 240
    drawing = Drawing(width, top + height + 40)
    x = Scale(*padded(found.minutes), LEFT, width - RIGHT)
    seen = np.concatenate([found.apart, found.low, found.high, [0.0]])
    y = Scale(*padded(seen[np.isfinite(seen)]), top + height, top)
    drawing.y_axis(y, LEFT, about=5, grid_to=width - RIGHT)
    half = min(4.0, max(0.8, 160.0 / max(1, len(found.names))))
    for at, low, high in zip(found.minutes, found.low, found.high, strict=True):
        if np.isfinite(low) and np.isfinite(high):
            drawing.box(x(at) - half, y(high), 2 * half, y(low) - y(high), "fill chance see")
    drawing.line(LEFT, y(0.0), width - RIGHT, y(0.0), "nullmean")
    places = digits(*(v for v in found.apart.tolist() if np.isfinite(v)))
    named = 0
    for name, at, apart, poor in zip(
        found.names, found.minutes.tolist(), found.apart.tolist(), found.poor.tolist(), strict=True
    ):
        words = f"{name}: {fixed(at, 1)} min valid, {fixed(apart, places)}"
        size, kind = (4.5, "ring solid") if poor else (3.2, "fill p0 see")
        drawing.dot(x(at), y(apart), size, kind, hint=words)
        if poor and named < MOST_NAMES:
            named += 1
            right = x(at) > width - 90
            drawing.text(
                x(at) + (-8 if right else 8),
                y(apart) - 6,
                shorten(name, 14),
                "t strong",
                anchor="end" if right else "start",
            )
    drawing.x_axis(
        x, top + height, label="minutes valid in both people", about=6 if width > 500 else 4
    )
    drawing.text(4, 12, label, "t lab")
    return drawing
