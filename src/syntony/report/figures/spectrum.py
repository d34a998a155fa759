"""Figures over frequencies: the spectrum of a session, and its map over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.report.figures.svg import LEFT, RIGHT, Drawing, Scale, map_png, padded, shorten
from syntony.report.figures.time import Frame, colour_key, colour_limit, columns_of
from syntony.report.run_folder import Map

_ROWS = 160


@dataclass(frozen=True, slots=True)
class Frequencies:
    """A scale of frequencies: even in octaves where they are spaced so, else even in hertz."""

    hz: Array
    is_log: bool

    @classmethod
    def of(cls, hz: Array) -> Frequencies:
        """Read off how frequencies are spaced."""
        if hz[0] <= 0:
            return cls(hz, False)
        even, octaves = np.diff(hz), np.diff(np.log(hz))
        return cls(hz, bool(np.ptp(octaves) * even.mean() < np.ptp(even) * octaves.mean()))

    def place(self, hz: Array) -> Array:
        """Where frequencies stand on the scale."""
        return np.log10(hz) if self.is_log else hz

    @property
    def limits(self) -> tuple[float, float]:
        """Both ends of the scale, half a step beyond the outermost frequencies."""
        at = self.place(self.hz)
        low, high = float(at[0] - (at[1] - at[0]) / 2), float(at[-1] + (at[-1] - at[-2]) / 2)
        return (low if self.is_log else max(0.0, low)), high

    def ticks(self, about: int) -> list[float]:
        """Round frequencies inside the scale."""
        low, high = self.limits
        if not self.is_log:
            return [t for t in Scale(low, high, 0, 1).ticks(about) if t > 0]
        powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        found = [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= np.log10(m * 10.0**p)]
        found = [t for t in found if np.log10(t) <= high]
        return found[:: max(1, -(-len(found) // about))]

    def rows(self, count: int) -> Ints:
        """Which frequency stands in each of so many even rows of the scale, lowest first."""
        low, high = self.limits
        middles = low + (np.arange(count) + 0.5) * (high - low) / count
        at = self.place(self.hz)
        nearest: Ints = np.searchsorted((at[1:] + at[:-1]) / 2, middles).astype(np.int64)
        return nearest


def cycle(hz: float) -> str:
    """Write how long one cycle lasts.

    Examples
    --------
    >>> cycle(0.1), cycle(0.004), cycle(8.0)
    ('10 s', '4.2 min', '0.12 s')
    """
    period_s = 1.0 / hz
    return f"{period_s / 60:.2g} min" if period_s >= 100 else f"{period_s:.2g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """One value a frequency, with a band of chance or of uncertainty and faint lines behind."""

    hz: Array
    values: Array
    low: Array
    high: Array
    behind: Sequence[Array] = ()
    own_band: bool = False


def spectrum_figure(spectrum: Spectrum, *, y_label: str, width: int) -> Drawing:
    """Draw strength against frequency, cycles written along the top.

    Parameters
    ----------
    spectrum : Spectrum
    y_label : str
    width : int
        Pixels.
    """
    top, height = 52, 170
    drawing = Drawing(width, top + height + 36)
    scale = Frequencies.of(spectrum.hz)
    across = Scale(*scale.limits, LEFT + 6, width - RIGHT - 6)
    seen = [
        *spectrum.values,
        *spectrum.low,
        *spectrum.high,
        *(v for b in spectrum.behind for v in b),
    ]
    up = Scale(*padded([*seen, 0.0]), top + height, top)
    drawing.y_axis(up, LEFT, about=4, grid_to=width - RIGHT)
    xs = across.many(scale.place(spectrum.hz))
    if spectrum.low.size == xs.size:
        low, high = (up.many(b) for b in (spectrum.low, spectrum.high))
        drawing.area(xs, low, high, "own" if spectrum.own_band else "band")
    for line in spectrum.behind:
        drawing.path(xs, up.many(line), "line faint")
    if up.low < 0 < up.high:
        drawing.line(LEFT, up(0), width - RIGHT, up(0), "zero")
    if np.isfinite(spectrum.values).any():
        drawing.path(xs, up.many(spectrum.values), "line ink")
    else:
        middle = (across.start + across.stop) / 2
        drawing.text(
            middle, top + height / 2, "no value at any frequency", "t lab", anchor="middle"
        )
    drawing.line(LEFT, top + height, width - RIGHT, top + height, "axis")
    for hz in scale.ticks(8 if width > 500 else 5):
        x = across(float(scale.place(np.array(hz))))
        drawing.line(x, top + height, x, top + height + 4, "axis")
        drawing.text(x, top + height + 15, f"{hz:g}", "t", anchor="middle")
        drawing.text(x, top - 8, cycle(hz), "t tiny", anchor="middle")
    drawing.text((LEFT + width) / 2, top + height + 31, "frequency, Hz", "t lab", anchor="middle")
    drawing.text(width - RIGHT, 14, "one cycle lasts", "t", anchor="end")
    drawing.text(4, 14, shorten(y_label, 60 if width > 500 else 36), "t lab")
    return drawing


def bands_of(edges: Iterable[float], hz: Array) -> list[tuple[float, float]]:
    """Bands between the edges that lie on a scale; none where there are fewer than two bands.

    Examples
    --------
    >>> bands_of([0.25, 0.01, 0.045], np.geomspace(0.01, 0.25, 9))
    [(0.01, 0.045), (0.045, 0.25)]
    >>> bands_of([0.01, 0.25], np.geomspace(0.01, 0.25, 9))
    []
    """
    inside = sorted({e for e in edges if 0.9 * hz[0] <= e <= 1.1 * hz[-1]})
    bands = list(pairwise(inside))
    return bands if len(bands) > 1 else []


def band_map_figure(
    coupling: Map, frame: Frame, *, bands: Sequence[tuple[float, float]] = (), width: int
) -> Drawing:
    """Draw strength over time and frequency: opacity for the size, grey for what is missing.

    Parameters
    ----------
    coupling : Map
        ``values`` over time and frequency.
    frame : Frame
    bands : sequence of (float, float)
        Bands that the method speaks of (Hz); each is named, with a line where it ends.
    width : int
        Pixels.
    """
    height, top = (190 if width > 500 else 150), 58
    drawing = Drawing(width, top + height + 36)
    times = frame.time_scale(width)
    scale = Frequencies.of(coupling.frequency_hz)
    up = Scale(*scale.limits, top + height, top)
    limit = colour_limit(coupling.values)
    shown = columns_of(coupling.values, int(times.stop - times.start)).T
    step = np.diff(coupling.time_s).mean() / 2 if len(coupling.time_s) > 1 else 0.5
    first = max(frame.start_s, coupling.time_s[0] - step) / 60
    last = min(frame.stop_s, coupling.time_s[-1] + step) / 60
    picture = map_png(shown[scale.rows(min(_ROWS, 4 * len(shown)))][::-1], limit)
    drawing.picture(times(first), top, times(last) - times(first), height, picture)
    for hz in scale.ticks(7):
        y = up(float(scale.place(np.array(hz))))
        drawing.line(times.start - 3, y, times.start, y, "axis")
        drawing.text(times.start - 6, y + 3.5, f"{hz:g}", "t", anchor="end")
        if y < top + height - 6:
            drawing.text(times.stop - 4, y + 3.5, cycle(hz), "t tiny halo", anchor="end")
    for low, high in bands:
        upper, lower = (up(float(scale.place(np.array(hz)))) for hz in (high, low))
        if upper > top + 2:
            drawing.line(times.start, upper, times.stop, upper, "phase")
        middle = (max(upper, top) + min(lower, top + height)) / 2
        words = f"{low:g} to {high:g} Hz"
        drawing.text(times.start + 6, middle + 4, words, "t lab halo")
    drawing.text(4, top - 8, "Hz", "t")
    drawing.text(times.stop - 4, top - 8, "one cycle lasts", "t", anchor="end")
    colour_key(drawing, width - RIGHT, limit, signed=bool((coupling.values < 0).any()))
    drawing.x_axis(
        times, top + height, label="session time, minutes", about=10 if width > 500 else 5
    )
    return drawing
