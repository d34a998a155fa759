"""What both recurrence methods share: thinner series, states, the radius, and line measures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_seconds,
    in_samples,
    window_starts,
)

if TYPE_CHECKING:
    from syntony.kernels.distances import States

Threshold = Literal["rate", "radius"]
Norm = Literal["euclidean", "maximum"]
Normalise = Literal["z", "z_population", "unit_interval", "none"]
Rescale = Literal["none", "rms", "mean", "max", "min", "mean_apart"]

CHOICES: Mapping[str, tuple[str, ...]] = {
    "threshold": ("rate", "radius"),
    "norm": ("euclidean", "maximum"),
    "normalise": ("z", "z_population", "unit_interval", "none"),
    "rescale": ("none", "rms", "mean", "max", "min", "mean_apart"),
    "side": ("both", "second_follows", "first_follows"),
    "denominator": ("valid", "full"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Choices of both methods, checked when made."""

    thin_to_hz: float
    dimension: int
    delay_s: float
    threshold: str
    rate: float
    radius: float
    norm: str
    normalise: str
    rescale: str
    theiler_s: float
    min_line: int
    window_s: float
    step_s: float
    min_coverage: float

    def __post_init__(self) -> None:
        for name in ("threshold", "norm", "normalise", "rescale"):
            check_choice(name, getattr(self, name), CHOICES[name])
        for name in ("dimension", "min_line"):
            check_whole(name, getattr(self, name))
        check_number("rate", self.rate, 1e-9, 1.0, "a share above 0, up to 1")
        check_number("radius", self.radius, 0.0, math.inf, "a number, 0 or more")
        check_number("min_coverage", self.min_coverage, 0.0, 1.0, "a share from 0 to 1")
        check_number("thin_to_hz", self.thin_to_hz, 0.0, math.inf, "hertz; 0: not thinner")
        check_seconds(
            delay_s=self.delay_s,
            theiler_s=self.theiler_s,
            window_s=self.window_s,
            step_s=self.step_s,
        )


def check_whole(field: str, value: int) -> None:
    """Refuse what is not a whole number of 1 or more."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
        raise InputError(field, value, "a whole number, 1 or more")


def channels(field: str, values: Array) -> Array:
    """One row per channel; a time at which one channel is missing is missing in all."""
    values = np.asarray(values, dtype=np.float64)
    if values.ndim not in (1, 2) or not values.size:
        raise InputError(field, values.shape, "one row of numbers, or one row for each channel")
    if np.isinf(values).any():
        raise InputError(field, "inf", "finite numbers or NaN", "Mark saturated samples as NaN.")
    rows = np.atleast_2d(values)
    return np.where(np.isnan(rows).any(axis=0), np.nan, rows)


def thinned(values: Array, rate_hz: float, thin_to_hz: float, least: float) -> tuple[Array, float]:
    """Means of whole blocks of samples, so few that the rate stays at ``thin_to_hz`` or above.

    Parameters
    ----------
    values : ndarray of float64, shape (n_channels, n_samples)
    rate_hz, thin_to_hz : float
        Rates now and wanted; 0 leaves the series as it is.
    least : float
        Share of a block that must be present; else its mean is NaN.

    Returns
    -------
    values : ndarray of float64, shape (n_channels, n_blocks)
    rate_hz : float
        Blocks per second.
    """
    if not (math.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    size = math.floor(rate_hz / thin_to_hz + 1e-9) if thin_to_hz else 1
    if size <= 1:
        return values, rate_hz
    blocks = values[:, : values.shape[1] // size * size].reshape(values.shape[0], -1, size)
    there = np.isfinite(blocks)
    n = there.sum(axis=2)
    means: Array = np.full(n.shape, np.nan)
    enough = n >= max(1, math.ceil(least * size - 1e-9))
    np.divide(np.where(there, blocks, 0.0).sum(axis=2), n, out=means, where=enough)
    return means, rate_hz / size


def normalised(values: Array, how: str) -> Array:
    """Scale every channel; one that does not vary has no scale, and is NaN."""
    if how == "none":
        return values
    out = np.full(values.shape, np.nan)
    for row, scaled in zip(values, out, strict=True):
        v = row[np.isfinite(row)]
        if v.size < 2 or np.ptp(v) == 0.0:
            continue
        if how == "unit_interval":
            scaled[:] = (row - v.min()) / (v - v.min()).max()
        else:
            scaled[:] = (row - v.mean()) / v.std(ddof=1 if how == "z" else 0)
    return np.where(np.isnan(out).any(axis=0), np.nan, out)


def states_of(
    a: Array, b: Array, settings: Settings, rate_hz: float, lags: tuple[int, int], least: int
) -> States:
    """Lay states out at ``rate_hz``; ``lags`` say which ends of the diagonals count.

    ``least`` is the smallest Theiler window in samples: 1 for one series against itself.
    """
    from syntony.kernels.distances import States

    delay = 1
    if settings.dimension > 1:
        delay = in_samples("delay_s", settings.delay_s, rate_hz, 1)
    n = a.shape[1] - (settings.dimension - 1) * delay
    if n < 3:
        raise InputError(
            "dimension",
            settings.dimension,
            f"few enough that 3 states fit into {a.shape[1] / rate_hz:g} s at {rate_hz:g} Hz",
        )
    return States(
        a=np.ascontiguousarray(a),
        b=np.ascontiguousarray(b),
        dimension=settings.dimension,
        delay=delay,
        maximum=settings.norm == "maximum",
        lags=(lags[0] * (n - 1), lags[1] * (n - 1)),
        theiler=max(least, in_samples("theiler_s", settings.theiler_s, rate_hz, 0)),
    )


def nearness(states: States, settings: Settings) -> tuple[float, float]:
    """Largest distance that is near, as kernels compare it, and the same as a radius."""
    from syntony.kernels.distances import distance_facts, distance_of_rank

    if settings.threshold == "rate":
        limit = distance_of_rank(states, settings.rate)
        return limit, limit if states.maximum else math.sqrt(limit)
    radius = settings.radius
    if settings.rescale == "rms" and not states.maximum:
        radius *= math.sqrt(states.a.shape[0] * states.dimension)
    elif settings.rescale not in ("none", "rms"):
        total, largest, smallest, count, on_main = distance_facts(states)
        if not count:
            return math.nan, math.nan
        apart = total / (count - on_main) if count > on_main else math.nan
        by = {"mean": total / count, "max": largest, "min": smallest, "mean_apart": apart}
        radius *= by[settings.rescale]
    return (radius if states.maximum else largest_square(radius)), radius


def largest_square(radius: float) -> float:
    """Largest number whose root is at most ``radius``: squares are compared in place of roots.

    Examples
    --------
    >>> math.sqrt(largest_square(0.3)) <= 0.3 < math.sqrt(math.nextafter(largest_square(0.3), 1))
    True
    """
    if not math.isfinite(radius):
        return radius
    square = radius * radius
    while math.sqrt(square) > radius:
        square = math.nextafter(square, 0.0)
    while math.sqrt(math.nextafter(square, math.inf)) <= radius:
        square = math.nextafter(square, math.inf)
    return square


def line_measures(lengths: Ints, near: int, least: int) -> dict[str, float]:
    """Describe lines of at least ``least`` points, given how many are of each length.

    Returns
    -------
    dict of str to float
        ``share`` of near pairs on such lines, ``count``, ``longest``, ``mean``, ``entropy`` of
        the lengths (natural logarithm), ``relative`` entropy (over the logarithm of how many
        different lengths occur), and ``mean_all`` over every line, single points included.
        Lengths in points; NaN where there is no line.
    """
    size = np.arange(lengths.size)
    kept = np.where(size >= least, lengths, 0)
    count, points, every = int(kept.sum()), float((kept * size).sum()), int(lengths.sum())
    p = kept[kept > 0] / max(count, 1)
    entropy = float(-(p * np.log(p)).sum()) if count else math.nan
    return {
        "share": points / near if near else math.nan,
        "count": float(count),
        "longest": float(size[kept > 0].max()) if count else math.nan,
        "mean": points / count if count else math.nan,
        "entropy": entropy,
        "relative": entropy / math.log(p.size) if p.size > 1 else math.nan,
        "mean_all": float((lengths * size).sum() / every) if every else math.nan,
    }


def window_parts(
    states: States, settings: Settings, rate_hz: float, limit: float
) -> dict[str, Array]:
    """Recurrence inside moving windows, at the radius of the whole session.

    Returns
    -------
    dict of str to ndarray, shape (n_windows,)
        ``window_time_s`` (centre), ``window_rr`` and ``window_det``; NaN where fewer than the
        wanted share of pairs is there. Empty where ``window_s`` is 0.
    """
    from dataclasses import replace

    from syntony.kernels.recurrence import recurrence_lines

    if not settings.window_s:
        return {}
    reach = states.a.shape[1] - states.n
    window = in_samples("window_s", settings.window_s, rate_hz, reach + 3)
    in_samples("step_s", settings.step_s, rate_hz, 1)
    starts = window_starts(states.a.shape[1], window, settings.step_s * rate_hz)
    if not starts.size:
        raise InputError(
            "window_s", settings.window_s, f"at most {states.a.shape[1] / rate_hz:g} s"
        )
    rr, det = np.full(starts.size, np.nan), np.full(starts.size, np.nan)
    ends = tuple(math.copysign(window - reach - 1, lag) if lag else 0 for lag in states.lags)
    for w, start in enumerate(starts):
        a, b = (v[:, start : start + window] for v in (states.a, states.b))
        part = replace(states, a=a, b=b, lags=(int(ends[0]), int(ends[1])))
        lines = recurrence_lines(part, limit, rows=False)
        pairs, near = int(lines.pairs.sum()), int(lines.near.sum())
        cells = cells_of(part)
        if pairs and pairs >= settings.min_coverage * cells:
            rr[w] = near / pairs
            det[w] = line_measures(lines.diagonal, near, settings.min_line)["share"]
    return {
        "window_time_s": (starts + window / 2) / rate_hz,
        "window_rr": rr,
        "window_det": det,
    }


def cells_of(states: States) -> int:
    """How many pairs count, were nothing missing."""
    lags = np.arange(states.lags[0], states.lags[1] + 1)
    return int((states.n - np.abs(lags[np.abs(lags) >= states.theiler])).sum())


def whole_share(states: States) -> float:
    """Share of whole states among those of the person who has fewer of them."""
    shares = []
    for v in (states.a[0], states.b[0]):
        gone = np.isnan(v)
        lacks = [gone[m * states.delay :][: states.n] for m in range(states.dimension)]
        shares.append(1.0 - float(np.any(lacks, axis=0).mean()))
    return min(shares)
