"""An even axis under the stamps of a stream that has a rate: gaps stay open, nothing is glued."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from syntony.core.arrays import Array, Ints

SURE_GAP_S = 1.0
_AROUND = 64
_MOST_EMPTY = 50
_MANY_STEPS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Even:
    """Where each sample lies on an even axis.

    Attributes
    ----------
    rate_hz, start_s : float
    runs : tuple of (int, int, int)
        First sample, sample after the last, place on the axis of the first.
    size : int
        Places on the axis.
    typical_stray_s, worst_stray_s : float
        Median and largest distance of a stamp from its place.
    back_s : float
        The most that time runs back between two runs; they cannot be laid then.
    """

    rate_hz: float
    start_s: float
    runs: tuple[tuple[int, int, int], ...]
    size: int
    typical_stray_s: float
    worst_stray_s: float
    back_s: float = 0.0

    @property
    def missing(self) -> int:
        """Places without a sample."""
        return self.size - sum(b - a for a, b, _ in self.runs)

    @property
    def too_empty(self) -> bool:
        """Whether the axis would be mostly empty: a stamp is wrong, or two days are in one."""
        return self.size > _MOST_EMPTY * sum(b - a for a, b, _ in self.runs) + 1_000_000

    def lay(self, values: Array) -> Array:
        """Put samples on the axis: NaN where none is; the same array where none is missing."""
        if len(self.runs) == 1:
            return values
        out = np.full(self.size, np.nan)
        for a, b, place in self.runs:
            out[place : place + b - a] = values[a:b]
        return out


def lay_evenly(times_s: Array, nominal_hz: float) -> Even:
    """Find the even axis that the stamps of a stream follow.

    The rate is the median slope of the stamps within runs, so that jitter and single late stamps
    do not count. A longer step is a gap only where the stamps after it stay later: a step that
    shorter ones make good is jitter of sending, and no sample is missing there.

    Parameters
    ----------
    times_s : ndarray, shape (n_samples,)
        In the order of the samples.
    nominal_hz : float
        What the stream says of its rate.

    Examples
    --------
    >>> t = np.arange(1000) / 100.0
    >>> t[500:] += 0.25
    >>> even = lay_evenly(t, 100.0)
    >>> even.runs, round(even.rate_hz, 6)
    (((0, 500, 0), (500, 1000, 525)), 100.0)
    """
    sure = np.flatnonzero(np.abs(np.diff(times_s)) > SURE_GAP_S + 2 / nominal_hz) + 1
    edges = np.array([0, *sure, times_s.size], dtype=np.int64)
    period = _period(times_s, edges, 1 / nominal_hz, parts=20)
    edges = _split(times_s, edges, period)
    period = _period(times_s, edges, period)
    starts = np.array([np.median(times_s[a:b] - period * np.arange(b - a)) for a, b in _of(edges)])
    places, back = [0], 0.0
    for k in range(1, starts.size):
        want = round(float((starts[k] - starts[0]) / period))
        first = places[-1] + int(edges[k] - edges[k - 1])
        at = int(edges[k])
        back = max(back, float(times_s[at - 1] - times_s[at]))
        places.append(max(want, first))
    runs = tuple((int(a), int(b), p) for (a, b), p in zip(_of(edges), places, strict=True))
    stray = _stray(times_s, runs, float(starts[0]), period)
    return Even(
        rate_hz=1 / period,
        start_s=float(starts[0]),
        runs=runs,
        size=places[-1] + int(edges[-1] - edges[-2]),
        typical_stray_s=float(np.median(stray)),
        worst_stray_s=float(stray.max()),
        back_s=back if back > max(2 * period, 0.01) else 0.0,
    )


def _of(edges: Ints) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in pairwise(edges)]


def _period(times: Array, edges: Ints, before_s: float, parts: int = 2) -> float:
    """Seconds from sample to sample: the median slope in each run, weighted by its length.

    Slopes are taken over a part of the run, so that up to about ``parts / 2`` gaps do not count.
    """
    slopes, weights = [], []
    for a, b in _of(edges):
        lag = max(1, (b - a) // parts)
        if b - a < 16:
            continue
        slopes.append(float(np.median(times[a + lag : b] - times[a : b - lag])) / lag)
        weights.append(float(b - a) ** 3)
    if not slopes:
        return before_s
    order = np.argsort(slopes)
    share = np.cumsum(np.array(weights)[order])
    middle = int(np.searchsorted(share, share[-1] / 2))
    found = float(np.array(slopes)[order][middle])
    return found if 0.2 * before_s < found < 5 * before_s else before_s


def _split(times: Array, edges: Ints, period: float) -> Ints:
    """Add an edge wherever samples are missing."""
    steps = np.diff(times)
    found = np.flatnonzero(steps > 1.75 * period) + 1
    if found.size > _MANY_STEPS:  # sent in bursts: only the longest can be gaps
        found = np.sort(found[np.argsort(steps[found - 1])[-_MANY_STEPS:]])
    out = [int(e) for e in edges]
    for at in found:
        k = int(np.searchsorted(edges, at, side="right"))
        a = max(int(edges[k - 1]), int(at) - _AROUND)
        b = min(int(edges[k]), int(at) + _AROUND)
        if a >= at or b <= at or at in out[-1:]:
            continue
        before = np.median(times[a:at] - period * np.arange(a - at, 0))
        after = np.median(times[at:b] - period * np.arange(b - at))
        if after - before > 0.75 * period:
            out.append(int(at))
    return np.unique(np.array(out, dtype=np.int64))


def _stray(
    times: Array, runs: tuple[tuple[int, int, int], ...], start: float, period: float
) -> Array:
    """Distance of every stamp from its place."""
    out = np.empty(times.size)
    for a, b, place in runs:
        out[a:b] = np.abs(times[a:b] - start - period * (place + np.arange(b - a)))
    return out
