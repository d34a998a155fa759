"""Ratings of one session over time: a lane for each person rated, a line for each rater."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.rated import RATERS, SELF
from syntony.report.figures.svg import Drawing, Scale, envelope, padded, shorten
from syntony.report.figures.time import Frame

MEAN, OUTSIDE = "line ink", ("line ink thin", "line dash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Ratings of one person (``role``): each with its rater, ``self``, a role or a name."""

    title: str
    role: str
    courses: tuple[tuple[str, Array], ...]


def lanes_figure(time_s: Array, lanes: Sequence[Lane], frame: Frame, *, width: int) -> Drawing:
    """Draw one lane a person rated; the raters of a lane share its scale.

    Parameters
    ----------
    time_s : ndarray of float64, shape (n_samples,)
        On the session clock.
    lanes : sequence of Lane
    frame : Frame
        Minutes that all figures of the session share.
    width : int
        Pixels.
    """
    lane, gap, top = (96 if width > 500 else 84), 34, 34
    bottom = top + len(lanes) * lane + (len(lanes) - 1) * gap
    drawing = Drawing(width, bottom + 36)
    times = frame.time_scale(width)
    for k, one in enumerate(lanes):
        upper = top + k * (lane + gap)
        _one_lane(drawing, time_s, one, frame.roles, times, (upper, upper + lane))
    drawing.x_axis(times, bottom, label="session time, minutes", about=10 if width > 500 else 5)
    return drawing


def _one_lane(
    drawing: Drawing,
    time_s: Array,
    lane: Lane,
    roles: tuple[str, str],
    times: Scale,
    box: tuple[float, float],
) -> None:
    """Draw title, key and courses of one lane."""
    upper, lower = box
    there = np.concatenate([v[np.isfinite(v)] for _, v in lane.courses])
    drawing.text(times.start, upper - 8, shorten(lane.title, 30), "t lab")
    drawing.line(times.start, lower, times.stop, lower, "axis soft")
    if not there.size:
        drawing.text((times.start + times.stop) / 2, (upper + lower) / 2, "no rating", "t lab")
        return
    scale = Scale(*padded(there), lower - 6, upper)
    drawing.y_axis(scale, times.start, about=4, grid_to=times.stop)
    place, outside = times.stop, 0
    for rater, values in sorted(lane.courses, key=lambda c: c[0] == RATERS):  # the mean on top
        who = lane.role if rater == SELF else rater
        if who in roles:
            style = f"line p{roles.index(who)}"
        elif rater == RATERS:
            style = MEAN
        else:
            style, outside = OUTSIDE[outside % 2], outside + 1
        xs, ys = envelope(
            times.many(time_s / 60), scale.many(values), int(times.stop - times.start)
        )
        drawing.path(xs, ys, style)
        words = "mean of raters" if rater == RATERS else shorten(f"by {rater}", 16)
        drawing.text(place, upper - 8, words, "t", anchor="end")
        drawing.line(
            place - 6.2 * len(words) - 22,
            upper - 12,
            place - 6.2 * len(words) - 6,
            upper - 12,
            style,
        )
        place -= 6.2 * len(words) + 34
