"""Figures over the minutes of a session: both signals, synchrony with codes, the lag map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.report.figures.svg import (
    LEFT,
    RIGHT,
    Drawing,
    Scale,
    envelope,
    map_png,
    padded,
    shorten,
    stretches,
)
from syntony.report.numbers import clock, fixed, minutes, p_value
from syntony.report.run_folder import Map, Table

_VALENCES = ("positive", "neutral", "negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all figures of one session share: who, on which minutes."""

    roles: tuple[str, str]
    people: tuple[str, str]
    start_s: float
    stop_s: float

    def time_scale(self, width: int) -> Scale:
        """Minutes to pixels, the same in every figure, so that they line up on the page."""
        return Scale(self.start_s / 60, self.stop_s / 60, LEFT, width - RIGHT)


def signals_figure(
    signals: Table, frame: Frame, spans: Table, *, lanes: Sequence[str], width: int
) -> Drawing:
    """Draw one lane a person, each on its own scale; what is missing is left white and marked.

    Parameters
    ----------
    signals : Table
        ``time_s`` (s) and a column per role; NaN is missing.
    frame : Frame
    spans : Table
        Phases of the session, named at the top.
    lanes : sequence of str
        Unit of each person's signal, with its name where the two differ.
    width : int
        Pixels.
    """
    lane, gap, top = (96 if width > 500 else 84), 30, 44
    drawing = Drawing(width, top + 2 * lane + gap + 36)
    times = frame.time_scale(width)
    bottom = top + 2 * lane + gap
    _phases(drawing, spans, times, (top, bottom))
    time_s = signals.numbers("time_s")
    for k, role in enumerate(frame.roles):
        upper = top + k * (lane + gap)
        title = f"{shorten(role, 24)} · {shorten(frame.people[k], 18)}, {lanes[k]}"
        _lane_title(drawing, k, title, upper - 8)
        _one_signal(drawing, (time_s, signals.numbers(role)), times, (upper, upper + lane), k)
    drawing.x_axis(times, bottom, label="session time, minutes", about=10 if width > 500 else 5)
    return drawing


def _one_signal(
    drawing: Drawing, signal: tuple[Array, Array], times: Scale, box: tuple[float, float], who: int
) -> None:
    """Draw the lane of one person."""
    time_s, values = signal
    upper, lower = box
    low, high = padded(values)
    scale = Scale(low, high, lower - 6, upper)
    drawing.line(times.start, lower, times.stop, lower, "axis soft")
    if not np.isfinite(values).any():
        middle = (times.start + times.stop) / 2
        drawing.text(middle, (upper + lower) / 2 + 4, "no valid sample", "t lab", anchor="middle")
    else:
        drawing.y_axis(scale, times.start, about=4, grid_to=times.stop)
        xs, ys = envelope(
            times.many(time_s / 60), scale.many(values), int(times.stop - times.start)
        )
        drawing.path(xs, ys, f"line p{who}")
    _missing_marks(drawing, (time_s, values), times, lower)


def _missing_marks(
    drawing: Drawing, signal: tuple[Array, Array], times: Scale, lower: float
) -> None:
    """Mark what is missing along the foot of a lane, at least one pixel wide each."""
    time_s, values = signal
    gone = np.isnan(values)
    if not gone.any():
        return
    columns = int(times.stop - times.start) + 1
    cell = np.clip((times.many(time_s / 60) - times.start).astype(int), 0, columns - 1)
    flags = np.zeros(columns, dtype=bool)
    flags[cell[gone]] = True
    for a, b in stretches(flags):
        start, stop = (clock(60 * (times.low + x / times.slope)) for x in (a, b))
        span = f"missing, {start} to {stop}"
        drawing.box(times.start + a, lower - 4, b - a, 4, "gone", hint=span)


def course_figure(
    coupling: Map,
    frame: Frame,
    marks: Mapping[str, Table],
    *,
    code_book: Mapping[str, str],
    smooth_s: float,
    width: int,
    under: Sequence[tuple[str, Sequence[Mapping[str, Any]]]] = (),
) -> Drawing:
    """Draw synchrony over time with its chance band, the chosen moments, and both people's codes.

    Parameters
    ----------
    coupling : Map
        ``course`` over ``time_s``, with its band.
    frame : Frame
    marks : mapping
        ``"moments"``: rows of the moments table; ``"codes"``: spans that are codes of a person.
    code_book : mapping of code to valence
    smooth_s : float
        Length of the running mean that is drawn over the course (s); 0 draws none.
    width : int
        Pixels.
    under : sequence of (str, rows of the table ``survivors``)
        Stretches that survive, by what they survive: one ribbon each under the course.
    """
    codes = marks["codes"]
    height, code_lane, top = 150 if width > 500 else 130, 28, 24
    code_rows = 2 if len(codes) else 0
    ribbon = 9 * len(under)
    bottom = top + height + ribbon + (14 + code_rows * (code_lane + 22) if code_rows else 14)
    drawing = Drawing(width, bottom + 36)
    times = frame.time_scale(width)
    zero = coupling.course
    scale = Scale(*_strength_limits(zero, coupling), top + height, top)
    for row in marks["moments"].rows():
        _moment(drawing, row, times, (top, top + height))
    _band_and_line(drawing, coupling, times, scale, smooth_s)
    for k, (_, rows) in enumerate(under):
        _ribbon(drawing, rows, times, top + height + 5 + 9 * k)
    for k in range(code_rows):
        upper = top + height + ribbon + 34 + k * (code_lane + 22)
        _lane_title(drawing, k, f"codes of {shorten(frame.roles[k], 24)}", upper - 3)
        _code_lane(drawing, codes.where(role=frame.roles[k]), times, (upper, code_lane), code_book)
    drawing.x_axis(times, bottom, label="session time, minutes", about=10 if width > 500 else 5)
    return drawing


def running_mean(time_s: Array, values: Array, length_s: float) -> Array:
    """Mean of the valid values within half of ``length_s`` on both sides; a gap stays a gap.

    Examples
    --------
    >>> running_mean(np.arange(5.0), np.array([0.0, 3.0, 0.0, np.nan, 4.0]), 2.0).tolist()
    [1.5, 1.0, 1.5, nan, 4.0]
    """
    step = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0
    half = round(length_s / 2 / step) if step > 0 else 0
    there = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, values, 0.0))])
    number = np.concatenate([[0.0], np.cumsum(there)])
    at = np.arange(len(values))
    first, last = np.maximum(at - half, 0), np.minimum(at + half + 1, len(values))
    mean = (total[last] - total[first]) / np.maximum(number[last] - number[first], 1)
    out: Array = np.where(there, mean, np.nan)
    return out


def _strength_limits(zero: Array, coupling: Map) -> tuple[float, float]:
    """-1 to 1 for what may be correlations, 0 to 1 for shares; else around what is drawn."""
    seen = np.concatenate([zero, coupling.course_low, coupling.course_high])
    seen = seen[np.isfinite(seen)]
    if not seen.size or np.abs(seen).max() <= 1:
        return (0.0 if seen.size and seen.min() >= 0 else -1.0), 1.0
    return padded(seen)


def _band_and_line(
    drawing: Drawing, coupling: Map, times: Scale, scale: Scale, smooth_s: float
) -> None:
    """Draw the chance band, the zero line, the course, and its running mean over it."""
    zero = coupling.course
    columns = int(times.stop - times.start)
    minute = times.many(coupling.time_s / 60)
    drawing.y_axis(scale, times.start, about=4, grid_to=times.stop)
    if len(coupling.course_low) == len(minute) and np.isfinite(coupling.course_low).any():
        every = max(1, len(minute) // columns)
        low, high = (scale.many(b[::every]) for b in (coupling.course_low, coupling.course_high))
        drawing.area(minute[::every], low, high, "band")
    if scale.low < 0 < scale.high:
        drawing.line(times.start, scale(0), times.stop, scale(0), "zero")
    if np.isfinite(zero).any():
        xs, ys = envelope(minute, scale.many(zero), columns)
        drawing.path(xs, ys, "line raw" if smooth_s > 0 else "line ink thin")
        if smooth_s > 0:
            xs, ys = envelope(
                minute, scale.many(running_mean(coupling.time_s, zero, smooth_s)), columns
            )
            drawing.path(xs, ys, "line ink")
    else:
        middle = (times.start + times.stop) / 2
        drawing.text(
            middle, scale(0) - 8, "no window with enough valid data", "t lab", anchor="middle"
        )


def _moment(drawing: Drawing, row: dict[str, Any], times: Scale, box: tuple[float, float]) -> None:
    """Tint one chosen moment and point at it: up for high, down for low."""
    upper, lower = box
    start, stop = times(row["start_s"] / 60), times(row["stop_s"] / 60)
    high = row["kind"] == "high"
    when = f"{clock(row['start_s'])} to {clock(row['stop_s'])}"
    words = f"{row['kind']}: {when}, mean {fixed(row['strength'])}"
    drawing.box(start, upper, stop - start, lower - upper, "hi" if high else "lo", hint=words)
    middle = (start + stop) / 2
    drawing.triangle(middle, upper - 5 if high else lower + 5, 4, "mark", up=high)


def _ribbon(
    drawing: Drawing, rows: Sequence[Mapping[str, Any]], times: Scale, upper: float
) -> None:
    """Mark the stretches that survive one kind of chance, at least two pixels wide each."""
    drawing.line(times.start, upper + 3, times.stop, upper + 3, "axis soft")
    for row in rows:
        start, stop = times(row["start_s"] / 60), times(row["stop_s"] / 60)
        when = f"{clock(row['start_s'])} to {clock(row['stop_s'])}"
        words = f"survives: {when}, {row['phase']}, p = {p_value(row['p'])}"
        low = " low" if row["sign"] < 0 else ""
        drawing.box(start, upper, max(2.0, stop - start), 6, f"survives{low}", hint=words)


def _code_lane(
    drawing: Drawing, codes: Table, times: Scale, box: tuple[float, float], book: Mapping[str, str]
) -> None:
    """Draw codes by place as well as by colour: positive above the line, negative below it."""
    upper, height = box
    middle = upper + height / 2
    drawing.line(times.start, middle, times.stop, middle, "axis soft")
    for row in codes.rows():
        start, stop = times(row["start_s"] / 60), times(row["stop_s"] / 60)
        valence = book.get(row["label"], "")
        kind = valence if valence in _VALENCES else "other"
        tall = height / 2 - 2
        y, tall = {
            "positive": (middle - tall, tall),
            "negative": (middle, tall),
            "neutral": (middle - 2, 4),
        }.get(kind, (middle - 1, 2))
        words = f"{row['label']}: {clock(row['start_s'])} to {clock(row['stop_s'])}"
        drawing.box(start, y, max(0.6, stop - start), tall, f"code {kind}", hint=words)


def map_figure(coupling: Map, frame: Frame, *, width: int) -> Drawing:
    """Draw strength over time and lag: hue for the sign, opacity for the size, grey for missing."""
    is_wide = width > 500
    height, top = (118, 40) if is_wide else (100, 70)
    drawing = Drawing(width, top + height + 36)
    times = frame.time_scale(width)
    lags = coupling.lag_s
    half = (lags[1] - lags[0]) / 2 if len(lags) > 1 else 0.5
    scale = Scale(lags[0] - half, lags[-1] + half, top + height, top)
    limit = colour_limit(coupling.values)
    shown = columns_of(coupling.values, int(times.stop - times.start))
    step = np.diff(coupling.time_s).mean() / 2 if len(coupling.time_s) > 1 else 0.5
    first, last = (coupling.time_s[0] - step) / 60, (coupling.time_s[-1] + step) / 60
    drawing.picture(
        times(first), top, times(last) - times(first), height, map_png(shown.T[::-1], limit)
    )
    drawing.y_axis(scale, times.start, about=4)
    drawing.text(4, top + 9, "s", "t")
    drawing.line(times.start, scale(0), times.stop, scale(0), "zero")
    first_role, second_role = (shorten(r, 16) for r in frame.roles)
    drawing.text(times.start, top - 28, f"↑ above 0: {first_role} leads", "t lab")
    drawing.text(times.start, top - 12, f"↓ below 0: {second_role} leads", "t lab")
    colour_key(drawing, width - RIGHT, limit, signed=bool((coupling.values < 0).any()))
    drawing.x_axis(
        times, top + height, label="session time, minutes", about=10 if width > 500 else 5
    )
    return drawing


def colour_limit(values: Array) -> float:
    """Choose the size that is drawn full: the 99th percentile, rounded up, at most 1 for r."""
    sizes = np.abs(values[np.isfinite(values)])
    if not sizes.size:
        return 1.0
    top = float(np.quantile(sizes, 0.99))
    if top <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(top))
    limit = float(np.ceil(top / power) * power)
    return min(1.0, limit) if sizes.max() <= 1 else limit


def columns_of(values: Array, most: int) -> Array:
    """Average neighbours in time down to one column a pixel; NaN where nothing is valid."""
    n = len(values)
    if n <= most:
        return values
    starts = np.searchsorted(np.arange(n) * most // n, np.arange(most))
    there = np.isfinite(values)
    total = np.add.reduceat(np.where(there, values, 0.0), starts, axis=0)
    number = np.add.reduceat(there.astype(np.float64), starts, axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def colour_key(drawing: Drawing, right: float, limit: float, *, signed: bool) -> None:
    """Draw the key of a map: from the negative limit, or 0, to the positive, and missing."""
    wide = 84
    x = right - wide - 76
    ramp = np.linspace(-limit if signed else 0.0, limit, 41)[None, :]
    drawing.picture(x, 4, wide, 9, map_png(ramp, limit))
    drawing.box(x, 4, wide, 9, "frame")
    digits = 0 if limit >= 1 else max(1, -int(np.floor(np.log10(limit))))
    middle = ((-limit, x), (0.0, x + wide / 2)) if signed else ((0.0, x),)
    for value, at in (*middle, (limit, x + wide)):
        drawing.text(at, 25, fixed(value, digits), "t", anchor="middle")
    drawing.box(right - 24, 4, 12, 9, "missing", hint="missing")
    drawing.text(right - 18, 25, "missing", "t", anchor="middle")


def _lane_title(drawing: Drawing, who: int, words: str, y: float) -> None:
    """Write whose lane it is, with the mark of that person: a dot or a diamond."""
    if who == 0:
        drawing.dot(LEFT + 4, y - 4, 4, "fill p0")
    else:
        drawing.diamond(LEFT + 4, y - 4, 4, "fill p1")
    drawing.text(LEFT + 14, y, words, "t lab")


def _phases(drawing: Drawing, spans: Table, times: Scale, box: tuple[float, float]) -> None:
    """Name the phases of the session along the top, with a dotted line where each begins."""
    upper, lower = box
    used = -1e9
    for row in spans.rows():
        x, stop = times(row["start_s"] / 60), times(row["stop_s"] / 60)
        drawing.line(x, upper, x, lower, "phase")
        words = shorten(row["label"], 40)
        if 6 * len(words) < max(stop - x, 60) and x >= used and x + 6 * len(words) < times.stop + 8:
            drawing.text(x, 12, words, "t")
            drawing.line(x, 16, x, 22, "phase")
            used = x + 6 * len(words) + 8


def shown_gaps(signals: Table, roles: Sequence[str]) -> dict[str, str]:
    """Say per role how much of the grid is missing, in minutes."""
    time_s = signals.numbers("time_s")
    step = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0
    return {r: minutes(float(np.isnan(signals.numbers(r)).sum()) * step) for r in roles}
