"""Drawing in SVG: scales, ticks, lines with gaps, bands, marks; colours come from the theme."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from syntony.core.arrays import Array, Bools
from syntony.report.numbers import MINUS

# Colours of the lag map, on paper and on dark alike: hue says the sign, opacity the size.
# They are the two people's neutral opposites (blue-green and rust) of the style sheet.
_NEGATIVE, _POSITIVE, _MISSING = (38, 84, 160), (200, 88, 20), (128, 128, 128)
_LEVELS = 100

# Widths in pixels of a figure on a desk and on a telephone, and its margins.
WIDE, NARROW = 760, 358
LEFT, RIGHT = 46, 12


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to pixels; ``invert`` in y is a matter of start and stop."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Pixel of one value."""
        return self.start + (value - self.low) * self.slope

    def many(self, values: Array) -> Array:
        """Pixels of many values; NaN stays NaN."""
        return self.start + (np.asarray(values, dtype=np.float64) - self.low) * self.slope

    @property
    def slope(self) -> float:
        """Pixels per unit."""
        return (self.stop - self.start) / ((self.high - self.low) or 1.0)

    def ticks(self, about: int = 5) -> list[float]:
        """Round values inside the scale, about this many."""
        return nice_ticks(self.low, self.high, about)


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values from ``low`` to ``high``: steps of 1, 2, 2.5 or 5 times a power of ten.

    Examples
    --------
    >>> nice_ticks(0.0, 1.0, 5)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return [low] if math.isfinite(low) else []
    raw = width / max(1, about)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(k * step, digits) + 0.0 for k in range(first, last + 1)]


def padded(values: Array | Iterable[float], share: float = 0.06) -> tuple[float, float]:
    """Limits around the finite values, a little wider; (0, 1) where there are none."""
    given = values if isinstance(values, np.ndarray) else list(values)
    there = np.asarray(given, dtype=np.float64)
    there = there[np.isfinite(there)]
    if not there.size:
        return 0.0, 1.0
    low, high = float(there.min()), float(there.max())
    if high - low < 1e-12 * max(1.0, abs(high)):
        room = abs(high) * 0.1 or 0.5
        return low - room, high + room
    room = (high - low) * share
    return low - room, high + room


def tick_text(value: float, ticks: Sequence[float]) -> str:
    """Write a tick with as many decimals as its neighbours need."""
    step = min((b - a for a, b in pairwise(ticks)), default=abs(value) or 1.0)
    digits = max(0, min(6, -math.floor(math.log10(step) + 1e-9))) if step > 0 else 0
    if step > 0 and abs(step * 10**digits - round(step * 10**digits)) > 1e-6:
        digits += 1
    return f"{value:,.{digits}f}".replace("-", MINUS)


def envelope(xs: Array, ys: Array, columns: int) -> tuple[Array, Array]:
    """Keep the lowest and the highest value per pixel column, in the order they came.

    A spike one sample wide survives. A column in which nothing is valid becomes one NaN,
    so that a gap stays a gap.

    Parameters
    ----------
    xs : ndarray, shape (n,)
        Ascending.
    ys : ndarray, shape (n,)
        NaN is missing.
    columns : int
        Width in pixels.

    Returns
    -------
    xs, ys : ndarray, shape (at most 3 per column,)

    Examples
    --------
    >>> x = np.arange(1000.0)
    >>> y = np.zeros(1000); y[377] = 5.0
    >>> float(envelope(x, y, 50)[1].max())
    5.0
    """
    n = len(xs)
    if n <= 2 * columns or columns < 1:
        return xs, ys
    cell = np.minimum(np.arange(n) * columns // n, columns - 1)
    starts = np.searchsorted(cell, np.arange(columns))
    gap = np.isnan(ys)
    low = np.minimum.reduceat(np.where(gap, np.inf, ys), starts)
    high = np.maximum.reduceat(np.where(gap, -np.inf, ys), starts)
    width = n / columns
    first_low = _first_match(ys, low, cell, starts)
    first_high = _first_match(ys, high, cell, starts)
    empty = ~np.isfinite(low)
    swap = first_high < first_low
    out_x = np.stack([xs[np.minimum(first_low, first_high)], xs[np.maximum(first_low, first_high)]])
    out_y = np.stack([np.where(swap, high, low), np.where(swap, low, high)])
    out_x[:, empty] = xs[np.minimum(starts[empty] + int(width // 2), n - 1)]
    out_y[:, empty] = np.nan
    return out_x.T.ravel(), out_y.T.ravel()


def _first_match(
    ys: Array, wanted: Array, cell: NDArray[np.intp], starts: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Index of the first sample of each column that equals the wanted value."""
    hits = np.flatnonzero(ys == wanted[cell])
    found = starts.copy()
    columns, first = np.unique(cell[hits], return_index=True)
    found[columns] = hits[first]
    return found


def stretches(flags: Bools) -> list[tuple[int, int]]:
    """Half-open index ranges in which ``flags`` is true.

    Examples
    --------
    >>> stretches(np.array([False, True, True, False, True]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@dataclass(slots=True)
class Drawing:
    """An SVG being made: a size in pixels and the pieces drawn so far.

    Nothing here knows a colour: every piece has a class, and the style sheet of the page
    gives it its colour for light, dark and paper.
    """

    width: float
    height: float
    pieces: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Put a ready piece of SVG in."""
        self.pieces.append(text)

    def line(self, x0: float, y0: float, x1: float, y1: float, kind: str) -> None:
        """Draw one straight line."""
        self.add(f'<path class="{kind}" d="M{_n(x0)} {_n(y0)}L{_n(x1)} {_n(y1)}"/>')

    def path(self, xs: Array, ys: Array, kind: str) -> None:
        """Draw a line through points in pixels; NaN breaks it, a lone point stays a dot."""
        parts = []
        for a, b in stretches(np.isfinite(xs) & np.isfinite(ys)):
            parts.append(f"M{_points(xs[a:b], ys[a:b])}" + ("h.1" if b - a == 1 else ""))
        if parts:
            self.add(f'<path class="{kind}" d="{"".join(parts)}"/>')

    def area(self, xs: Array, lows: Array, highs: Array, kind: str) -> None:
        """Fill between two lines in pixels; NaN in either leaves a gap."""
        parts = []
        for a, b in stretches(np.isfinite(xs) & np.isfinite(lows) & np.isfinite(highs)):
            if b - a < 2:
                continue
            there, back = _points(xs[a:b], highs[a:b]), _points(xs[a:b][::-1], lows[a:b][::-1])
            parts.append(f"M{there} {back}Z")
        if parts:
            self.add(f'<path class="{kind}" d="{"".join(parts)}"/>')

    def box(
        self, x: float, y: float, width: float, height: float, kind: str, *, hint: str = ""
    ) -> None:
        """Draw a rectangle; ``hint`` shows when the pointer rests on it."""
        shape = f'<rect class="{kind}" {_box(x, y, width, height)}'
        self.add(f"{shape}><title>{escape(hint)}</title></rect>" if hint else f"{shape}/>")

    def dot(self, x: float, y: float, radius: float, kind: str, *, hint: str = "") -> None:
        """Draw a round mark."""
        shape = f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"'
        self.add(f"{shape}><title>{escape(hint)}</title></circle>" if hint else f"{shape}/>")

    def diamond(self, x: float, y: float, radius: float, kind: str) -> None:
        """Draw a mark that is told from a dot by its shape."""
        r = radius * 1.25
        a, b = _n(r), _n(-r)
        sides = f"l{a} {a}l{b} {a}l{b} {b}Z"
        self.add(f'<path class="{kind}" d="M{_n(x)} {_n(y - r)}{sides}"/>')

    def triangle(self, x: float, y: float, radius: float, kind: str, *, up: bool) -> None:
        """Draw a triangle that points up or down."""
        r = -radius if up else radius
        sides = f"h{_n(2 * radius)}l{_n(-radius)} {_n(1.5 * r)}Z"
        self.add(f'<path class="{kind}" d="M{_n(x - radius)} {_n(y - r / 2)}{sides}"/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        kind: str = "t",
        *,
        anchor: str = "start",
        turn: float = 0,
    ) -> None:
        """Write words; ``anchor`` is start, middle or end; ``turn`` in degrees."""
        where = f' transform="rotate({_n(turn)} {_n(x)} {_n(y)})"' if turn else ""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.add(
            f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}"{side}{where}>{escape(words)}</text>'
        )

    def picture(self, x: float, y: float, width: float, height: float, png: bytes) -> None:
        """Lay a raster image into a rectangle, stretched to it."""
        data = base64.b64encode(png).decode()
        self.add(
            f"<image {_box(x, y, width, height)} "
            f'preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
        )

    def x_axis(
        self,
        scale: Scale,
        y: float,
        *,
        label: str = "",
        about: int = 6,
        grid_to: float | None = None,
    ) -> None:
        """Draw ticks with numbers under a line at ``y``; ``grid_to``: hair lines up to there."""
        ticks = scale.ticks(about)
        self.line(scale.start, y, scale.stop, y, "axis")
        for value in ticks:
            x = scale(value)
            if grid_to is not None:
                self.line(x, y, x, grid_to, "grid")
            self.line(x, y, x, y + 4, "axis")
            self.text(x, y + 15, tick_text(value, ticks), "t", anchor="middle")
        if label:
            self.text((scale.start + scale.stop) / 2, y + 31, label, "t lab", anchor="middle")

    def y_axis(
        self, scale: Scale, x: float, *, about: int = 4, grid_to: float | None = None
    ) -> None:
        """Write numbers left of ``x``; ``grid_to`` draws hair lines across to there."""
        ticks = scale.ticks(about)
        for value in ticks:
            y = scale(value)
            if grid_to is not None:
                self.line(x, y, grid_to, y, "grid")
            self.text(x - 6, y + 3.5, tick_text(value, ticks), "t", anchor="end")

    def markup(self, says: str, *, kind: str = "") -> Markup:
        """Give the finished SVG; ``says`` is read aloud in its place."""
        wide, high = _n(self.width), _n(self.height)
        size = f'viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
        head = f'<svg class="fig {kind}" role="img" aria-label="{escape(says)}" {size}>'
        return Markup(head + "".join(self.pieces) + "</svg>")


def shorten(words: str, most: int) -> str:
    """Cut long words to at most so many characters, with an ellipsis.

    Examples
    --------
    >>> shorten("interviewer", 8)
    'intervi…'
    """
    return words if len(words) <= most else words[: max(1, most - 1)] + "…"


def map_png(values: Array, limit: float) -> bytes:
    """Draw a map as a PNG of one byte a cell: hue for the sign, opacity for the size.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_columns)
        First row on top. NaN is drawn in flat grey.
    limit : float
        The size that is drawn full; larger ones are drawn like it.

    Returns
    -------
    bytes
        A palette PNG whose zero is clear, so that it sits on a light or a dark page.
    """
    level = np.clip(np.round(np.nan_to_num(values) / (limit or 1.0) * _LEVELS), -_LEVELS, _LEVELS)
    cells = np.where(np.isnan(values), 2 * _LEVELS + 1, level + _LEVELS).astype(np.uint8)
    steps = np.arange(-_LEVELS, _LEVELS + 1)
    colours = [_NEGATIVE if k < 0 else _POSITIVE for k in steps.tolist()] + [_MISSING]
    alphas = [*np.round(235 * np.abs(steps) / _LEVELS).astype(int).tolist(), 95]
    rows, columns = cells.shape
    raw = np.concatenate([np.zeros((rows, 1), np.uint8), cells], axis=1).tobytes()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
            (b"PLTE", bytes(c for colour in colours for c in colour)),
            (b"tRNS", bytes(alphas)),
            (b"IDAT", zlib.compress(raw, 9)),
            (b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _box(x: float, y: float, width: float, height: float) -> str:
    """Write place and size of a rectangle."""
    return f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'


def _points(xs: Array, ys: Array) -> str:
    """Write points with one decimal, all by one format: a page has thousands."""
    numbers = np.column_stack([xs, ys]).ravel().tolist()
    return " ".join(["%.1f %.1f"] * len(xs)) % tuple(numbers)


def _n(value: float) -> str:
    """Write a pixel with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
