"""From the clock of a sender to the clock of the recorder, with the error that remains.

While recording, the offset between the two clocks is measured every few seconds. A line is laid
through these measurements, so that single bad ones do not count; where a clock was set or its
device began anew, a new line begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from syntony.core.arrays import Array, Ints

JUMP_S = 0.1
_MANY = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """Offset of one stretch of a sender's clock: ``offset_s + drift * (t - at_s)``.

    ``error_s`` is the median distance of the measurements from it, ``worst_s`` the largest.
    """

    at_s: float
    offset_s: float
    drift: float
    count: int
    error_s: float
    worst_s: float

    def shifted(self, times_s: Array) -> Array:
        """Times of the sender's clock, on the recorder's."""
        out: Array = times_s + self.offset_s + self.drift * (times_s - self.at_s)
        return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClockFit:
    """How a stream's stamps were brought to the recorder's clock.

    Attributes
    ----------
    lines : tuple of ClockLine
        One per stretch of the sender's clock; none where no offset was measured.
    first_places : tuple of int
        Place in the file of the first and of the last measurement of each line.
    left_s : ndarray
        Distance of every measurement from its line.
    """

    lines: tuple[ClockLine, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    left_s: Array

    @property
    def error_s(self) -> float:
        """The largest median distance of any stretch; 0 without measurements."""
        return max((line.error_s for line in self.lines), default=0.0)

    @property
    def worst_s(self) -> float:
        """The largest distance of any measurement; 0 without."""
        return max((line.worst_s for line in self.lines), default=0.0)

    def apply(self, times_s: Array, places: Ints) -> Array:
        """Bring stamps to the recorder's clock; ``places`` tells where in the file they stand."""
        if not self.lines:
            return times_s
        edges = [0, *self._edges(times_s, places), times_s.size]
        out = np.empty(times_s.size)
        for line, (a, b) in zip(self.lines, pairwise(edges), strict=True):
            out[a:b] = line.shifted(times_s[a:b])
        return out

    def _edges(self, times_s: Array, places: Ints) -> list[int]:
        """Index of the first sample of each later stretch."""
        edges: list[int] = []
        for (_, last), (first, _) in pairwise(self.places):
            a = max(int(np.searchsorted(places, last)) - 1, edges[-1] if edges else 0)
            b = min(int(np.searchsorted(places, first)) + 1, times_s.size)
            at = int(np.searchsorted(places, first))
            steps = np.abs(np.diff(times_s[a:b]))
            if steps.size and steps.max() > JUMP_S:  # set where the stamps jump most
                at = a + 1 + int(np.argmax(steps))
            edges.append(min(max(at, edges[-1] if edges else 0), times_s.size))
        return edges


def fit_clock(times_s: Array, offsets_s: Array, places: Ints) -> ClockFit:
    """Lay lines through measured clock offsets.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        When each was measured, on the sender's clock.
    offsets_s : ndarray, shape (n,)
        What must be added to the sender's time to get the recorder's.
    places : ndarray of int, shape (n,)
        Where in the file each stands, ascending.

    Notes
    -----
    The line is that of Theil and Sen: the median of the slopes between measurements, then the
    median of what is left. A stretch ends where the sender's time runs back, or where the offset
    changes by more than 0.1 s and stays there.

    Examples
    --------
    >>> t = np.arange(0, 600, 5.0)
    >>> fit = fit_clock(t, 1000 + 50e-6 * t, np.arange(t.size))
    >>> round(fit.lines[0].drift * 1e6, 3), fit.error_s < 1e-9
    (50.0, True)
    """
    good = np.isfinite(times_s) & np.isfinite(offsets_s)
    good &= (np.abs(times_s) < 1e12) & (np.abs(offsets_s) < 1e12)
    x, y, where = times_s[good], offsets_s[good], places[good]
    if not x.size:
        return ClockFit(left_s=np.empty(0))
    edges = [0, *_breaks(x, y), x.size]
    lines, spans, left = [], [], []
    for a, b in pairwise(edges):
        line, rest = _line(x[a:b], y[a:b])
        lines.append(line)
        spans.append((int(where[a]), int(where[b - 1])))
        left.append(rest)
    return ClockFit(lines=tuple(lines), places=tuple(spans), left_s=np.concatenate(left))


def _breaks(x: Array, y: Array) -> list[int]:
    """Index of the first measurement of each later stretch."""
    breaks: list[int] = []
    moved = (np.diff(x) < 0) | (np.abs(np.diff(y)) > JUMP_S / 2)
    for i in (int(at) + 1 for at in np.flatnonzero(moved)):
        if x[i] < x[i - 1]:
            breaks.append(i)
            continue
        begin = breaks[-1] if breaks else 0
        before, after = y[max(begin, i - 3) : i], y[i : i + 3]
        apart = abs(float(np.median(after)) - float(np.median(before)))
        stays = apart > JUMP_S and abs(y[i] - y[i - 1]) > apart / 2
        alone = after.size < 2 or before.size < 2  # one bad measurement is no new clock
        if stays and not alone:
            breaks.append(i)
    return breaks


def _line(x: Array, y: Array) -> tuple[ClockLine, Array]:
    """Line of Theil and Sen, and what is left of each measurement."""
    at = float(x[x.size // 2])
    drift = 0.0
    if x.size >= 3 and float(np.ptp(x)) >= 5.0:
        few = np.linspace(0, x.size - 1, min(x.size, _MANY)).astype(int)
        dx = x[few][None, :] - x[few][:, None]
        dy = y[few][None, :] - y[few][:, None]
        far = dx > 0.1 * float(np.ptp(x))
        drift = float(np.median(dy[far] / dx[far]))
    offset = float(np.median(y - drift * (x - at)))
    left = y - offset - drift * (x - at)
    line = ClockLine(
        at_s=at,
        offset_s=offset,
        drift=drift,
        count=int(x.size),
        error_s=float(np.median(np.abs(left))),
        worst_s=float(np.max(np.abs(left))),
    )
    return line, left
