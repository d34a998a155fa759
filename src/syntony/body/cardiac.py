"""Heart: beats from ECG, beats with their intervals, heart rate on a grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from syntony.body.quality import (
    Loss,
    at_least,
    flat,
    losses_by_first_cause,
    runs,
    samples_in,
    window_sd,
)
from syntony.config import Beats
from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.signal import Signal

MIN_ECG_HZ = 100.0
_MIN_STRETCH_S = 5.0  # the detector learns its thresholds in the first seconds
_FLAT_S = 2.0
_FLAT_SHARE = 0.01  # of the SD that a lively stretch of the same recording has


def find_beats(ecg: Signal) -> tuple[Events, tuple[Loss, ...]]:
    """Find R peaks in every valid stretch of an electrocardiogram.

    The detector is that of sleepecg [1]_ (adaptive thresholds after Pan & Tompkins on a
    5-30 Hz band). It needs a signal without NaN, so each valid stretch is searched by
    itself, and no interval spans a gap. A stretch is flat, and has no beats, where the
    SD within 2 s is at most 1 % of what the lively parts of the recording have (their
    90th percentile); stretches under 5 s are too short for the detector to learn.

    Parameters
    ----------
    ecg : Signal
        Any unit, at least 100 Hz (250 Hz or more is better); NaN marks missing samples.

    Returns
    -------
    beats : Events
        Kind ``"rr"``: the time of each R peak, and the interval that ends there in ms;
        NaN at the first beat of a stretch.
    losses : tuple of Loss
        ``missing``, ``flat``, ``too-short``, in samples of the ECG.

    Raises
    ------
    InputError
        If the sampling rate is below 100 Hz.

    References
    ----------
    .. [1] SleepECG: a Python package for sleep staging based on heart rate (2023), Journal
       of Open Source Software. https://doi.org/10.21105/joss.05411
    """
    if ecg.rate_hz < MIN_ECG_HZ:
        raise InputError(
            f"rate_hz of the ecg of {ecg.person}",
            ecg.rate_hz,
            f"at least {MIN_ECG_HZ:g} Hz to find R peaks",
            "Give intervals between beats (kind 'rr') instead.",
        )
    from sleepecg.heartbeats import detect_heartbeats

    there = np.isfinite(ecg.values)
    dead = _lifeless(ecg)
    long = at_least(there & ~dead, samples_in(_MIN_STRETCH_S, ecg.rate_hz))
    valid, losses = losses_by_first_cause(
        {"missing": ~there, "flat": dead, "too-short": ~long}, ecg.rate_hz
    )
    times, intervals = [np.empty(0)], [np.empty(0)]
    for start, stop in runs(valid):
        found = start + detect_heartbeats(ecg.values[start:stop].copy(), ecg.rate_hz)
        if found.size:
            times.append(ecg.start_s + found / ecg.rate_hz)
            intervals.append(np.diff(1000.0 * times[-1], prepend=np.nan))
    beats = Events(
        times_s=np.concatenate(times),
        values=np.concatenate(intervals),
        unit="ms",
        kind="rr",
        person=ecg.person,
    )
    return beats, losses


def _lifeless(ecg: Signal) -> Bools:
    """Find windows that hardly move, compared with the recording's lively parts."""
    window = max(2, samples_in(_FLAT_S, ecg.rate_hz))
    there = np.isfinite(ecg.values)
    spreads = [window_sd(ecg.values[a:b], window)[::window] for a, b in runs(there)]
    pooled = np.concatenate([np.empty(0), *spreads])
    lively = float(np.percentile(pooled, 90)) if pooled.size else 0.0
    return flat(ecg.values, window, _FLAT_SHARE * lively)


def in_ms(beats: Events) -> Array:
    """Intervals of beats in milliseconds; refuses events without intervals or unit.

    Returns
    -------
    ndarray of float64, shape (n_beats,)
    """
    if beats.values is None or beats.unit not in {"ms", "s"}:
        raise InputError(
            f"unit of the {beats.kind} of {beats.person}", beats.unit, "intervals in ms or s"
        )
    return beats.values if beats.unit == "ms" else 1000.0 * beats.values


def heart_rate(
    beats: Events, options: Beats, *, rate_hz: float, start_s: float, stop_s: float
) -> tuple[Signal, tuple[Loss, ...]]:
    """Draw heart rate on a grid: 60000 / interval at the beat that ends the interval.

    Intervals outside ``min_rr_ms`` to ``max_rr_ms`` are dropped. Between the beats that
    are left the curve is a monotone cubic (PCHIP [1]_), or a straight line; it is drawn
    only between neighbours at most ``max_gap_s`` apart, and beats across such a gap do
    not shape it.

    Parameters
    ----------
    beats : Events
        Kind ``"rr"``: times of beats and the interval that ends at each (ms or s); NaN
        where there is none.
    options : Beats
        Range, longest gap and kind of curve.
    rate_hz, start_s, stop_s : float
        The grid ``start_s + k / rate_hz`` before ``stop_s``. A grid slower than 4 Hz
        must be reached by ``to_grid`` from a faster one, or beats alias.

    Returns
    -------
    rate : Signal
        Kind ``"hr"``, unit ``"/min"``. NaN outside the first and last kept beat and in
        gaps.
    losses : tuple of Loss
        ``range``: intervals dropped (count) and their sum (seconds).
        ``gap``: grid points without a value.
        ``drawn``: grid points that have one although no kept interval covers them
        (a beat was dropped or is missing there); these are not lost.

    References
    ----------
    .. [1] Fritsch & Carlson (1980), SIAM Journal on Numerical Analysis 17(2), 238-246.
       https://doi.org/10.1137/0717021. Slopes at the knots are weighted harmonic means
       (Fritsch & Butland 1984), as in ``scipy.interpolate.PchipInterpolator``.

    Examples
    --------
    >>> b = Events(times_s=[1, 2, 3, 4], values=[1000.0] * 4, unit="ms", kind="rr", person="P01")
    >>> hr, _ = heart_rate(b, Beats(), rate_hz=2.0, start_s=0.0, stop_s=5.0)
    >>> hr.values.tolist()
    [nan, nan, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0, nan]
    """
    times, intervals, dropped = kept_beats(beats, options)
    count = max(0, int(np.ceil((stop_s - start_s) * rate_hz - 1e-6)))
    at = start_s + np.arange(count) / rate_hz
    values = np.full(count, np.nan)
    bridged = np.zeros(count, dtype=np.bool_)
    near = np.diff(times) <= options.max_gap_s + 1e-9
    covered = np.diff(times) <= intervals[1:] / 1000.0 + _AGREE_S
    for first, last in runs(near):
        low, high = np.searchsorted(at, [times[first] - 1e-9, times[last] + 1e-9])
        inside = np.clip(at[low:high], times[first], times[last])
        chain = slice(first, last + 1)
        values[low:high] = _draw(
            times[chain], 60000.0 / intervals[chain], inside, options.interpolation
        )
        left = np.clip(np.searchsorted(times, inside, side="right") - 1, first, last - 1)
        bridged[low:high] = ~covered[left] & (inside < times[last])
    hr = Signal(
        values=values,
        rate_hz=rate_hz,
        start_s=start_s,
        unit="/min",
        kind="hr",
        person=beats.person,
    )
    gap, drawn = int(np.isnan(values).sum()), int(bridged.sum())
    return hr, (
        dropped,
        Loss(cause="gap", seconds=gap / rate_hz, count=gap),
        Loss(cause="drawn", seconds=drawn / rate_hz, count=drawn),
    )


_AGREE_S = 0.02  # times and intervals that differ by less tell the same story


def kept_beats(beats: Events, options: Beats) -> tuple[Array, Array, Loss]:
    """Beats whose interval is in range: times (s), intervals (ms), and what was dropped.

    Of beats at one and the same time the first is kept. A beat without an interval
    (NaN) is no loss: it opens a stretch.
    """
    intervals = in_ms(beats)
    there = np.isfinite(intervals)
    good = there & (intervals >= options.min_rr_ms) & (intervals <= options.max_rr_ms)
    bad = intervals[there & ~good]
    times, intervals = beats.times_s[good], intervals[good]
    fresh = np.diff(times, prepend=-np.inf) > 0
    lost = Loss(cause="range", seconds=float(np.abs(bad).sum() / 1000.0), count=bad.size)
    return times[fresh], intervals[fresh], lost


def _draw(times: Array, values: Array, at: Array, how: str) -> Array:
    """Read the curve through (times, values), at least two of them, at ``at``."""
    if how == "linear":
        return np.asarray(np.interp(at, times, values))
    width = np.diff(times)
    rise = np.diff(values) / width
    slope = _monotone_slopes(width, rise)
    left = np.clip(np.searchsorted(times, at, side="right") - 1, 0, width.size - 1)
    h, t = width[left], at - times[left]
    bend = (3 * rise[left] - 2 * slope[left] - slope[left + 1]) / h
    twist = (slope[left] + slope[left + 1] - 2 * rise[left]) / (h * h)
    return np.asarray(values[left] + t * (slope[left] + t * (bend + t * twist)))


def _monotone_slopes(width: Array, rise: Array) -> Array:
    """Slopes at the knots of a monotone cubic, at least two of them (PCHIP)."""
    if rise.size == 1:
        return np.array([rise[0], rise[0]])
    slope = np.zeros(rise.size + 1)
    before, after = rise[:-1], rise[1:]
    same = before * after > 0  # a peak or a valley stays one: slope 0
    w1, w2 = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    slope[1:-1][same] = (w1 + w2)[same] / (w1[same] / before[same] + w2[same] / after[same])
    slope[0] = _end_slope(width[0], width[1], rise[0], rise[1])
    slope[-1] = _end_slope(width[-1], width[-2], rise[-1], rise[-2])
    return slope


def _end_slope(near: float, next_: float, rise: float, next_rise: float) -> float:
    """One-sided three-point slope, held so that the curve stays monotone."""
    slope = ((2 * near + next_) * rise - near * next_rise) / (near + next_)
    if slope * rise <= 0:
        return 0.0
    if rise * next_rise <= 0 and abs(slope) > 3 * abs(rise):
        return 3 * rise
    return slope


def rate_from_intervals(ibi: Signal, options: Beats) -> tuple[Signal, tuple[Loss, ...]]:
    """Turn evenly sampled intervals between beats (kind ``"ibi"``) into heart rate.

    Parameters
    ----------
    ibi : Signal
        In ms or s; NaN marks missing samples.
    options : Beats
        Range that an interval must lie in.

    Returns
    -------
    rate : Signal
        Kind ``"hr"``, unit ``"/min"``, same samples.
    losses : tuple of Loss
        ``missing`` and ``range``.
    """
    if ibi.unit not in {"ms", "s"}:
        raise InputError(f"unit of the ibi of {ibi.person}", ibi.unit, "ms or s")
    ms = ibi.values if ibi.unit == "ms" else 1000.0 * ibi.values
    outside = (ms < options.min_rr_ms) | (ms > options.max_rr_ms)
    valid, losses = losses_by_first_cause({"missing": np.isnan(ms), "range": outside}, ibi.rate_hz)
    values = np.full(ms.size, np.nan)
    values[valid] = 60000.0 / ms[valid]
    return replace(ibi, values=values, unit="/min", kind="hr"), losses
