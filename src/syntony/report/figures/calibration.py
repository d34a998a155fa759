"""Figures of the calibration card: rates beside what is claimed, and what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, shorten, tick_text
from syntony.report.numbers import percent

_KINDS = ("p0", "p1", "ink", "raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One line: a share of false positives with its interval."""

    label: str
    value: float
    low: float
    high: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLine:
    """Share found at each planted place, with its interval, shape (n_places,) each."""

    label: str
    at: Array
    found: Array
    low: Array
    high: Array


def rates_figure(rates: Sequence[Rate], *, claimed: float, width: int) -> Drawing:
    """Draw one line per claim: the share that passed, its interval, and the share claimed."""
    step, top = 42, 22
    bottom = top + step * len(rates)
    drawing = Drawing(width, bottom + 38)
    highest = max([r.high for r in rates if np.isfinite(r.high)] + [2.0 * claimed])
    scale = Scale(0.0, min(1.0, 1.05 * highest), LEFT, width - RIGHT)
    x = scale(claimed)
    drawing.line(x, top - 6, x, bottom, "seen")
    drawing.text(x + 5, top - 8, f"{percent(claimed, 0)} is claimed", "t")
    for k, rate in enumerate(rates):
        y = top + k * step
        room = int((width - LEFT - RIGHT - 6.4 * len(rate.words)) / 6.9)
        drawing.text(LEFT, y + 14, shorten(rate.label, max(8, room)), "t lab")
        drawing.text(width - RIGHT, y + 14, rate.words, "t", anchor="end")
        drawing.line(scale.start, y + 28, scale.stop, y + 28, "grid")
        if np.isfinite(rate.low) and np.isfinite(rate.high):
            drawing.line(scale(rate.low), y + 28, scale(rate.high), y + 28, "line ink")
        if np.isfinite(rate.value):
            said = percent(rate.value)
            drawing.dot(scale(rate.value), y + 28, 4.5, "fill ink edge", hint=said)
    _percent_axis(drawing, scale, bottom, about=6 if width > 500 else 4)
    drawing.text((scale.start + scale.stop) / 2, bottom + 32, "passed", "t lab", anchor="middle")
    return drawing


def _percent_axis(drawing: Drawing, scale: Scale, y: float, *, about: int) -> None:
    """Ticks in per cent under a line."""
    drawing.line(scale.start, y, scale.stop, y, "axis")
    for value in scale.ticks(about):
        x = scale(value)
        drawing.line(x, y, x, y + 4, "axis")
        drawing.text(
            x, y + 15, percent(value, 0 if value * 100 % 1 < 1e-6 else 1), "t", anchor="middle"
        )


def power_figure(
    panels: Sequence[tuple[str, Sequence[PowerLine]]], *, enough: float, width: int
) -> Drawing:
    """Draw one panel for shares and one for delays, side by side, or one over the other.

    Parameters
    ----------
    panels : sequence of (label of the axis, lines)
        At most four lines a panel, the same ones in each.
    enough : float
        Power that is held to be enough, drawn as a dashed line.
    width : int
    """
    beside = width > 500
    lines = panels[0][1] if panels else ()
    legend = 18 * len(lines)
    tall = 150
    high = tall + 62
    drawing = Drawing(width, legend + 14 + (high if beside else high * len(panels)))
    for k, line in enumerate(lines):
        drawing.line(LEFT, 8 + 18 * k, LEFT + 22, 8 + 18 * k, f"line {_KINDS[k]}")
        _mark(drawing, LEFT + 11, 8 + 18 * k, k)
        drawing.text(LEFT + 30, 12 + 18 * k, shorten(line.label, int((width - 90) / 6.6)), "t lab")
    span = (width - RIGHT - (len(panels) - 1) * 40) / len(panels) if beside else width - RIGHT
    for k, (label, own) in enumerate(panels):
        left = (k * (span + 40) if beside else 0) + LEFT
        right = left + span - LEFT
        top = legend + 22 + (0 if beside else k * high)
        _panel(drawing, (left, right, top, top + tall), label, own, enough)
    return drawing


def _panel(
    drawing: Drawing,
    box: tuple[float, float, float, float],
    label: str,
    lines: Sequence[PowerLine],
    enough: float,
) -> None:
    """Draw the lines of one panel over its axes."""
    left, right, top, bottom = box
    y = Scale(0.0, 1.0, bottom, top)
    places = sorted({float(v) for line in lines for v in line.at})
    edge = (places[-1] - places[0]) * 0.06 if len(places) > 1 else 0.5
    x = Scale(places[0] - edge, places[-1] + edge, left, right)
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.line(left, y(value), right, y(value), "grid")
        drawing.text(left - 6, y(value) + 3.5, percent(value, 0), "t", anchor="end")
    drawing.line(left, y(enough), right, y(enough), "seen")
    for value in places:
        drawing.line(x(value), bottom, x(value), bottom + 4, "axis")
        drawing.text(x(value), bottom + 15, tick_text(value, places), "t", anchor="middle")
    drawing.line(left, bottom, right, bottom, "axis")
    drawing.text((left + right) / 2, bottom + 31, label, "t lab", anchor="middle")
    for k, line in enumerate(lines):
        order = np.argsort(line.at)
        xs = x.many(line.at[order]) + 3.0 * (k - (len(lines) - 1) / 2.0)
        ys = y.many(line.found[order])
        drawing.path(xs, ys, f"line {_KINDS[k]}")
        for at, value, low, high in zip(
            xs.tolist(),
            ys.tolist(),
            line.low[order].tolist(),
            line.high[order].tolist(),
            strict=True,
        ):
            if np.isfinite(low) and np.isfinite(high):
                drawing.line(at, y(low), at, y(high), f"line {_KINDS[k]} thin")
            if np.isfinite(value):
                _mark(drawing, at, value, k)


def _mark(drawing: Drawing, x: float, y: float, k: int) -> None:
    """A mark that tells the lines apart by its shape too."""
    if k == 0:
        drawing.dot(x, y, 3.6, "fill p0")
    elif k == 1:
        drawing.diamond(x, y, 3.4, "fill p1")
    else:
        drawing.triangle(x, y, 3.6, "fill ink" if k == 2 else "fill null", up=k == 2)
