"""Figures of codes joined with synchrony: around the onsets of a code, and codes moved in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, padded


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A course over seconds around something, beside chance.

    ``low`` and ``high`` are the band of chance for one place, for reading; ``band_low`` and
    ``band_high`` that of chance's courses as a whole, empty where there is none. ``blur_s``: so
    far to both sides of 0 windows blur.
    """

    lag_s: Array
    values: Array
    low: Array
    high: Array
    band_low: Array
    band_high: Array
    blur_s: float = float("nan")


def locked_figure(
    locked: Locked, *, y_label: str, x_label: str, sides: tuple[str, str], width: int
) -> Drawing:
    """Draw the course, the band of chance for one place (grey) and as a whole (dashed)."""
    top, height = 30, 170
    drawing = Drawing(width, top + height + 54)
    step = float(locked.lag_s[1] - locked.lag_s[0]) if locked.lag_s.size > 1 else 1.0
    across = Scale(
        float(locked.lag_s[0]) - step / 2, float(locked.lag_s[-1]) + step / 2, LEFT, width - RIGHT
    )
    seen = [*locked.values, *locked.low, *locked.high, *locked.band_low, *locked.band_high, 0.0]
    up = Scale(*padded(seen), top + height, top)
    if np.isfinite(locked.blur_s) and locked.blur_s > 0:
        left, right = (
            across(max(-locked.blur_s, across.low)),
            across(min(locked.blur_s, across.high)),
        )
        drawing.box(left, top, right - left, height, "blur", hint="blurred by the window")
    drawing.y_axis(up, LEFT, about=4, grid_to=width - RIGHT)
    xs = across.many(locked.lag_s)
    drawing.area(xs, up.many(locked.low), up.many(locked.high), "band")
    for edge in (locked.band_low, locked.band_high):
        if edge.size:
            drawing.path(xs, up.many(edge), "line dash")
    if up.low < 0 < up.high:
        drawing.line(LEFT, up(0), width - RIGHT, up(0), "zero")
    drawing.line(across(0), top, across(0), top + height, "zero")
    drawing.path(xs, up.many(locked.values), "line ink")
    if locked.lag_s.size <= 60:
        for x, y in zip(xs.tolist(), up.many(locked.values).tolist(), strict=True):
            if np.isfinite(y):
                drawing.dot(x, y, 2.2, "fill ink")
    drawing.x_axis(across, top + height, about=8 if width > 500 else 6)
    y = top + height + 32
    drawing.text(across(0) - 14, y, f"← {sides[0]}", "t lab", anchor="end")
    drawing.text(across(0) + 14, y, f"{sides[1]} →", "t lab")
    drawing.text(across(0), y + 15, x_label, "t", anchor="middle")
    drawing.text(4, 12, y_label, "t lab")
    return drawing
