"""Scores over the sessions of every dyad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, padded, shorten
from syntony.report.numbers import compact


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Scores of one person over sessions; ``second`` where it is the second role."""

    name: str
    numbers: Array
    scores: Array
    second: bool = False


def courses_figure(
    courses: Sequence[Course],
    *,
    label: str,
    roles: Sequence[str],
    bounds: tuple[float, float],
    width: int,
) -> Drawing:
    """Draw one line a person over the numbers of sessions, the mean of each role above them.

    Parameters
    ----------
    courses : sequence of Course
        NaN is missing and breaks a line.
    label : str
        What is scored.
    roles : sequence of str
        One or two: dots and full lines are the first, diamonds the second.
    bounds : tuple of float
        Lowest and highest score that the scale allows; never left.
    width : int
        Pixels.
    """
    top, height = 44, 240
    drawing = Drawing(width, top + height + 40)
    drawing.text(4, 12, label, "t lab")
    _legend(drawing, roles)
    numbers = np.concatenate([c.numbers for c in courses])
    seen = np.concatenate([c.scores for c in courses])
    low, high = padded(seen[np.isfinite(seen)])
    scale_y = Scale(max(low, bounds[0]), min(high, bounds[1]), top + height, top)
    first, last = float(numbers.min()), float(numbers.max())
    reach = 0.5 if first == last else 0.04 * (last - first)
    scale_x = Scale(first - reach, last + reach, LEFT, width - RIGHT)
    drawing.y_axis(scale_y, LEFT, about=5, grid_to=width - RIGHT)
    for course in courses:
        _course(drawing, course, scale_x, scale_y)
    for second in sorted({c.second for c in courses}):
        _mean_line(drawing, [c for c in courses if c.second == second], scale_x, scale_y, second)
    _whole_numbers(drawing, sorted(set(numbers.tolist())), scale_x, top + height)
    return drawing


def _legend(drawing: Drawing, roles: Sequence[str]) -> None:
    """Name the roles by their marks."""
    x = float(LEFT)
    for second, role in enumerate(roles):
        if second:
            drawing.diamond(x, 26, 4, "fill p1")
        else:
            drawing.dot(x, 26, 4, "fill p0")
        words = shorten(role, 20)
        drawing.text(x + 10, 30, words, "t")
        x += 34 + 7 * len(words)


def _course(drawing: Drawing, course: Course, scale_x: Scale, scale_y: Scale) -> None:
    """Draw one person: a faint line, and a mark for every session."""
    xs, ys = scale_x.many(course.numbers), scale_y.many(course.scores)
    if course.numbers.size > 1:
        drawing.path(xs, ys, "line faint")
    for x, y, number, score in zip(xs, ys, course.numbers, course.scores, strict=True):
        if not np.isfinite(y):
            continue
        words = f"{course.name}, session {number:g}: {compact(float(score))}"
        if course.second:
            drawing.diamond(float(x), float(y), 2.4, "fill p1 see")
        else:
            drawing.dot(float(x), float(y), 2.6, "fill p0 see", hint=words)


def _mean_line(
    drawing: Drawing, courses: Sequence[Course], scale_x: Scale, scale_y: Scale, second: bool
) -> None:
    """Draw the mean of a role at every number of a session that several people have."""
    numbers = sorted({n for c in courses for n in c.numbers.tolist()})
    means = []
    for number in numbers:
        there = np.array([s for c in courses for s in c.scores[c.numbers == number]])
        there = there[np.isfinite(there)]
        means.append(there.mean() if there.size > 1 else np.nan)
    xs, ys = scale_x.many(np.array(numbers)), scale_y.many(np.array(means))
    if len(numbers) > 1:
        drawing.path(xs, ys, "line p1" if second else "line p0")
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if np.isfinite(y):
            drawing.line(x - 7, y, x + 7, y, "line ink")


def _whole_numbers(drawing: Drawing, numbers: Sequence[float], scale: Scale, y: float) -> None:
    """Write the number of every session, or of some where there are many."""
    drawing.line(scale.start, y, scale.stop, y, "axis")
    every = max(1, round(len(numbers) / 12))
    for number in list(numbers)[::every]:
        drawing.line(scale(number), y, scale(number), y + 4, "axis")
        drawing.text(scale(number), y + 15, f"{number:g}", "t", anchor="middle")
    drawing.text((scale.start + scale.stop) / 2, y + 31, "session", "t lab", anchor="middle")
