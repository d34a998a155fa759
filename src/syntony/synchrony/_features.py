"""Features of a signal for matching: a valley, the peak after it, and where it ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import (
    check_number,
    check_pair,
    check_seconds,
    fixed,
    whole_steps,
)
from syntony.synchrony.kleinbub import kleinbub_index
from syntony.synchrony.registry import Statistic

End = Literal["valley", "half_recovery", "duration"]

MATCH_COLUMNS = (
    "first_start_s",
    "first_peak_s",
    "first_end_s",
    "second_start_s",
    "second_peak_s",
    "second_end_s",
    "similarity",
    "lag_s",
    "is_match",
)
"""What the columns of the part ``matches`` are."""

_SPREAD_S = 250.0  # of the bell that weighs distances: 1,000 samples at 4 Hz


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """Turning points and features of one person.

    ``at``, ``kind`` (1 peak, -1 valley), ``stretch``: of every turning point; ``triangles``:
    valley, peak, end of every feature; ``gaps``: samples in a gap, counted from the start.
    """

    at: Ints
    kind: Ints
    stretch: Ints
    triangles: Ints
    gaps: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePlan:
    """How features are found, in samples, and the options as they are used."""

    order: int
    window: int
    min_count: int
    reach: int
    min_amplitude_us: float
    min_coverage: float
    max_lag: int


def plan_features(
    x: Array,
    y: Array,
    rate_hz: float,
    *,
    max_lag_s: float,
    smooth_s: float,
    smooth_order: int,
    correction_s: float,
    min_amplitude_us: float,
    min_coverage: float,
) -> FeaturePlan:
    """Check what both methods ask for and turn it into samples."""
    check_pair(x, y, rate_hz)
    check_seconds(max_lag_s=max_lag_s, smooth_s=smooth_s, correction_s=correction_s)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_number("min_amplitude_us", min_amplitude_us, 0.0, math.inf, "an amplitude, 0 uS or more")
    if not (isinstance(smooth_order, int) and 1 <= smooth_order <= 5):
        raise InputError("smooth_order", smooth_order, "a whole number from 1 to 5")
    window = 2 * math.floor((smooth_s * rate_hz - 1) / 2 + 0.5 + 1e-9) + 1
    if window <= smooth_order + 1:
        raise InputError(
            "smooth_s",
            smooth_s,
            f"more than {(smooth_order + 1) / rate_hz:g} s at {rate_hz:g} Hz and this order",
        )
    if x.size < window:
        raise InputError(
            "smooth_s", smooth_s, f"at most {x.size / rate_hz:g} s, the length of the signals"
        )
    return FeaturePlan(
        order=smooth_order,
        window=window,
        min_count=math.ceil(min_coverage * window - 1e-9),
        reach=whole_steps(correction_s, rate_hz),
        min_amplitude_us=float(min_amplitude_us),
        min_coverage=min_coverage,
        max_lag=whole_steps(max_lag_s, rate_hz),
    )


def find_features(
    values: Array, plan: FeaturePlan, end: End = "valley", longest_fall: int = 0
) -> Features:
    """Turning points of the smoothed signal, moved to its own extremes, and its features.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    plan : FeaturePlan
    end : {"valley", "half_recovery", "duration"}
        A feature ends at the next valley; or one sample past the one nearest to half
        recovery, where the valley lies below that; or at most ``longest_fall`` samples after
        its peak.
    longest_fall : int

    Returns
    -------
    Features
        Only peaks with a valley on either side and no gap between them are features.
    """
    from syntony.kernels.turning import polynomial_smooth, turning_points

    smooth = polynomial_smooth(values, plan.order, plan.window, plan.min_count)
    at, kind, stretch = turning_points(values, smooth, plan.reach, plan.min_amplitude_us)
    whole = (kind[1:-1] == 1) & (stretch[:-2] == stretch[1:-1]) & (stretch[1:-1] == stretch[2:])
    peaks = np.flatnonzero(whole) + 1
    triangles = np.column_stack((at[peaks - 1], at[peaks], at[peaks + 1]))
    if end == "half_recovery":
        for row in triangles:
            row[2] = _half_recovery(values, *row.tolist())
    elif end == "duration":
        triangles[:, 2] = np.minimum(triangles[:, 2], triangles[:, 1] + longest_fall)
    gaps = np.concatenate(([0], np.cumsum(np.isnan(smooth))))
    return Features(at=at, kind=kind, stretch=stretch, triangles=triangles, gaps=gaps)


def _half_recovery(values: Array, valley: int, peak: int, stop: int) -> int:
    """One past the sample nearest to half of the rise; ``stop`` where that is not reached."""
    half = values[peak] - (values[peak] - values[valley]) / 2
    if not values[stop] < half:
        return stop
    nearest = peak + int(np.nanargmin(np.abs(values[peak : stop + 1] - half)))
    return min(nearest + 1, values.size - 1)


def unbroken(features: tuple[Features, Features], a: Ints, b: Ints) -> Bools:
    """Whether neither person has a gap between the peaks of a match and those of the next.

    ``a`` and ``b`` are the matched triangles of the two people, shape (n_matches, 3).
    """
    low = np.minimum(a[:-1, 1], b[:-1, 1])
    high = np.maximum(a[1:, 1], b[1:, 1]) + 1
    lost = sum(f.gaps[high] - f.gaps[low] for f in features)
    return np.asarray(lost == 0)


def distance_weight(lag_s: Array, max_lag_s: float, malus: float) -> Array:
    """Weight of a delay: 1 without any, ``1 - malus`` at the longest, by a very wide bell."""
    if max_lag_s == 0.0:
        return np.ones_like(lag_s)
    bell = np.exp(-(np.minimum(np.abs(lag_s), max_lag_s) ** 2) / (2 * _SPREAD_S**2))
    lowest = math.exp(-(max_lag_s**2) / (2 * _SPREAD_S**2))
    weight: Array = (bell - lowest) / (1.0 - lowest) * malus + 1.0 - malus
    return weight


def laid_out(
    name: str,
    pair: tuple[Array, Array],
    rate_hz: float,
    plan: FeaturePlan,
    found: tuple[Array, Array, Array],
    features: tuple[Features, Features],
    options: Mapping[str, Any],
) -> Coupling:
    """Coupling of synchrony and delay at every sample, and of the table of matches.

    Parameters
    ----------
    name : str
        Of the method.
    pair : (ndarray of float64, ndarray of float64), shape (n_samples,)
    rate_hz : float
    plan : FeaturePlan
    found : (ndarray of float64, ndarray of float64, ndarray of float64)
        Synchrony and delay (s), shape (n_samples,); matches, shape (n_rows, 9).
    features : (Features, Features)
    options : mapping
        What is not in the plan.
    """
    x, y = pair
    values, lag_s, table = found
    whole_s = x.size / rate_hz  # matches hang together: every sample may have a say
    counts = np.array([len(f.triangles) for f in features], dtype=np.float64)
    return Coupling(
        values=fixed(values),
        dims=("time",),
        coords={"time": fixed(np.arange(x.size) / rate_hz)},
        coverage=fixed(np.asarray(~(np.isnan(x) | np.isnan(y)), dtype=np.float64)),
        reach_s=(whole_s, whole_s),
        method=name,
        options={
            "max_lag_s": plan.max_lag / rate_hz,
            **options,
            "smooth_s": plan.window / rate_hz,
            "smooth_order": plan.order,
            "correction_s": plan.reach / rate_hz,
            "min_amplitude_us": plan.min_amplitude_us,
            "min_coverage": plan.min_coverage,
        },
        parts={
            "lag_s": fixed(lag_s),
            "matches": fixed(table),
            "feature_counts": fixed(counts),
        },
    )


def matches(coupling: Coupling) -> dict[str, Array]:
    """Which features were matched, of a coupling by ``amico1`` or ``amico2``.

    Parameters
    ----------
    coupling : Coupling

    Returns
    -------
    dict of str to ndarray of float64, shape (n_rows,)
        ``first_start_s``, ``first_peak_s``, ``first_end_s`` and the same of the second person:
        seconds from the first sample; ``similarity``; ``lag_s``: positive, the second follows
        the first; ``is_match``: 1, or 0 for a stretch between matches (``amico2`` only).

    Raises
    ------
    InputError
        If the coupling is of another method.

    Examples
    --------
    >>> from syntony.synchrony.amico1 import amico1
    >>> x = 5 + np.sin(np.arange(800) / 9.0)
    >>> table = matches(amico1(x, np.roll(x, 8), rate_hz=4.0))
    >>> float(np.median(table["lag_s"]))
    2.0
    """
    if "matches" not in coupling.parts:
        raise InputError("coupling", coupling.method, "a coupling by amico1 or amico2")
    return dict(zip(MATCH_COLUMNS, coupling.parts["matches"].T, strict=True))


def summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic that ``amico1`` and ``amico2`` share."""
    there = coupling.values[coupling.values == coupling.values]
    table = matches(coupling)
    lags = table["lag_s"][table["is_match"] == 1]
    one, two = coupling.parts["feature_counts"].tolist()
    found = dict.fromkeys((s.name for s in STATISTICS), math.nan)
    if there.size:
        found["mean_sync"] = float(there.mean())
        found["median_sync"] = float(np.median(there))
        found["index"] = float(kleinbub_index(there))
    if one and two:
        found["matched_share"] = 2.0 * lags.size / (one + two)
    if lags.size:
        found["mean_lag_s"] = float(lags.mean())
        found["first_leads_share"] = float(np.mean((np.sign(lags) + 1.0) / 2.0))
    return found


def described(chances: dict[str, float]) -> tuple[Statistic, ...]:
    """Statistics with what strangers roughly reach."""
    return tuple(
        Statistic(
            name=s.name,
            title=s.title,
            explain=s.explain,
            bounds=s.bounds,
            chance=chances.get(s.name, s.chance),
        )
        for s in STATISTICS
    )


STATISTICS = (
    Statistic(
        name="mean_sync",
        title="Mean synchrony",
        explain="How alike the two signals run on average, after each response of one person was "
        "laid on the response of the other that suits it best. Because the best match is sought, "
        "it is above 0 for strangers too: read it only beside its chance distribution.",
        bounds=(-1.0, 1.0),
        chance=0.0,
    ),
    Statistic(
        name="median_sync",
        title="Median synchrony",
        explain="The value of synchrony that half of the session lies above; less moved by a few "
        "moments than the mean, and above 0 for strangers as well.",
        bounds=(-1.0, 1.0),
        chance=0.0,
    ),
    Statistic(
        name="index",
        title="Median of the moments in phase, times their share",
        explain="Typical synchrony of the moments in which the two ran alike, lowered by the share "
        "of moments in which they did not. 0: never alike; 1: always and perfectly.",
        bounds=(0.0, 1.0),
        chance=0.0,
    ),
    Statistic(
        name="matched_share",
        title="Share of responses with a partner",
        explain="The share of all rises and falls of both people that found a counterpart in the "
        "other person. Strangers with many responses find counterparts too.",
        bounds=(0.0, 1.0),
        chance=0.0,
    ),
    Statistic(
        name="mean_lag_s",
        title="Mean delay of matched responses (s)",
        explain="Seconds by which the second person's responses came after the matched ones of the "
        "first, on average. Positive: the second follows the first; negative: the first follows "
        "the second; near 0 for strangers.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
    Statistic(
        name="first_leads_share",
        title="Share of matches in which the first leads",
        explain="The share of matched responses in which the first person came before the second; "
        "those at the same instant count half. One half: neither leads.",
        bounds=(0.0, 1.0),
        chance=0.5,
    ),
)
