"""Power over the number of dyads, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, padded
from syntony.report.numbers import percent


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCurve:
    """Powers of one question; ``needed`` is (n, low, high), each None where it is outside.

    ``low`` and ``high`` have NaN where a power has no interval.
    """

    dyads: Sequence[int]
    power: Array
    low: Array
    high: Array
    wanted: float
    alpha: float
    needed: tuple[float | None, float | None, float | None] = (None, None, None)


def power_figure(curve: PowerCurve, *, width: int) -> Drawing:
    """Draw power as dots with intervals, the wanted power, alpha, and the number needed."""
    top, height = 26, 230 if width > 500 else 200
    bottom = top + height
    drawing = Drawing(width, bottom + 40)
    low, high = padded([*map(float, curve.dyads)])
    x, y = Scale(low, high, LEFT, width - RIGHT), Scale(0.0, 1.0, bottom, top)
    drawing.y_axis(y, LEFT, about=5, grid_to=width - RIGHT)
    drawing.text(4, 12, "power", "t lab")
    n, n_low, n_high = curve.needed
    if n is not None:
        left, right = (low if n_low is None else n_low), (high if n_high is None else n_high)
        start, stop = x(max(left, low)), x(min(right, high))
        drawing.box(start, top, max(1.0, stop - start), height, "band")
        drawing.line(x(n), y(curve.wanted), x(n), bottom, "seen")
        side = "end" if x(n) > width - 90 else "start"
        shift = -6 if side == "end" else 6
        drawing.text(x(n) + shift, bottom - 8, f"{n:.0f} dyads", "t strong", anchor=side)
    drawing.line(LEFT, y(curve.wanted), width - RIGHT, y(curve.wanted), "seen")
    drawing.line(LEFT, y(curve.alpha), width - RIGHT, y(curve.alpha), "phase")
    drawing.text(width - RIGHT, y(curve.alpha) - 4, "alpha", "t", anchor="end")
    places = x.many(np.asarray(curve.dyads, dtype=np.float64))
    drawing.path(places, y.many(curve.power), "line ink thin")
    for place, dyads, value, a, b in zip(
        places.tolist(), curve.dyads, curve.power, curve.low, curve.high, strict=True
    ):
        words = f"{dyads} dyads: {percent(float(value), 0)}"
        if np.isfinite(a) and np.isfinite(b):
            drawing.line(place, y(float(a)), place, y(float(b)), "line ink")
            words += f" [{percent(float(a), 0)}, {percent(float(b), 0)}]"
        drawing.dot(place, y(float(value)), 4.0, "fill ink edge", hint=words)
    drawing.x_axis(x, bottom, label="dyads", about=8 if width > 500 else 5)
    return drawing
