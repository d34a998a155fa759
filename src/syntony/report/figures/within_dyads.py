"""Figure of sessions within dyads: each dyad's line, and the slope that they have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, padded


def within_figure(
    dyads: Sequence[str], x: Array, y: Array, slope: float, *, labels: tuple[str, str], width: int
) -> Drawing:
    """Draw deviations of sessions from the mean of their dyad, a faint line a dyad.

    Parameters
    ----------
    dyads : sequence of str
        Dyad of every session.
    x, y : ndarray of float64, shape (n_sessions,)
        Deviations from the dyad's mean.
    slope : float
        Drawn through the middle; NaN leaves it out.
    labels : tuple of str
        Of the two axes.
    width : int
        Pixels.
    """
    top, height = 26, 250
    drawing = Drawing(width, top + height + 40)
    scale_x = Scale(*padded(x), LEFT, width - RIGHT)
    scale_y = Scale(*padded(y), top + height, top)
    drawing.y_axis(scale_y, LEFT, about=5, grid_to=width - RIGHT)
    for name in dict.fromkeys(dyads):
        mine = np.array([d == name for d in dyads])
        own_x, own_y = x[mine], y[mine]
        spread = float((own_x**2).sum())
        if spread > 0 and mine.sum() > 1:
            ends = np.array([own_x.min(), own_x.max()])
            line = ends * float(own_x @ own_y) / spread
            line = np.clip(line, scale_y.low, scale_y.high)
            drawing.path(scale_x.many(ends), scale_y.many(line), "line faint")
    for name, a, b in zip(dyads, x.tolist(), y.tolist(), strict=True):
        drawing.dot(scale_x(a), scale_y(b), 2.4, "fill p0 see", hint=name)
    if np.isfinite(slope):
        ends = np.array([x.min(), x.max()])
        drawn = np.clip(slope * ends, scale_y.low, scale_y.high)
        drawing.path(scale_x.many(ends), scale_y.many(drawn), "line ink")
    drawing.x_axis(scale_x, top + height, label=labels[0], about=6 if width > 500 else 4)
    drawing.text(4, 12, labels[1], "t lab")
    return drawing
