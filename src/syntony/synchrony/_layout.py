"""Where the slopes and windows of ``marci`` lie, for signals of one length."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony._inputs import fixed, in_samples, least_pairs, whole_steps, window_starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where slopes and windows lie for signals of one length: what all draws share.

    ``lead`` and ``window_lead`` count the zeros before the first whole window
    (``edges="zero"`` only); ``n_slopes`` and ``n_windows`` include such zeros.
    """

    slope_starts: Ints
    slope_length: int
    lead: int
    n_slopes: int
    starts: Ints
    window: int
    window_lead: int
    n_windows: int
    n_lags: int
    lag_stride: int
    min_pairs: int
    times_s: Array
    lags_s: Array
    reach_s: tuple[float, float]
    used: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Windows in samples and in slopes; steps may be fractional."""

    slope_samples: int
    slope_step: float
    window: int
    step: float
    series_hz: float


def _odd(samples: float) -> int:
    """Length of a window centred on a sample: half of it, whole, on both sides."""
    return 2 * math.floor(samples / 2 + 1e-9) + 1


def _lengths(rate_hz: float, slope: str, windows: str, spans_s: tuple[float, ...]) -> _Lengths:
    """Turn seconds into samples and slopes."""
    slope_window_s, slope_step_s, window_s, step_s = spans_s
    odd = windows == "odd_centred"
    if slope == "none":
        length, slope_step, series_hz = 1, 1.0, rate_hz
    else:
        length = in_samples("slope_window_s", slope_window_s, rate_hz, 2)
        length = _odd(slope_window_s * rate_hz) if odd else length
        in_samples("slope_step_s", slope_step_s, rate_hz, 1)
        slope_step, series_hz = slope_step_s * rate_hz, 1.0 / slope_step_s
    window = in_samples("window_s", window_s, series_hz, 3)
    window = _odd(window_s * series_hz) if odd else window
    in_samples("step_s", step_s, series_hz, 1)
    return _Lengths(length, slope_step, window, step_s * series_hz, series_hz)


def _check_zero_edges(windows: str, lengths: _Lengths) -> None:
    """Refuse zeros at the edges where their places are not defined."""
    if windows != "odd_centred":
        raise InputError("edges", "zero", "'nan' with plain windows", "Or windows='odd_centred'.")
    for name, hop in (("slope_step_s", lengths.slope_step), ("step_s", lengths.step)):
        if abs(hop - round(hop)) > 1e-9:
            raise InputError(name, hop, "a whole number of samples where edges='zero'")


@lru_cache(maxsize=16)
def lay_out(
    n_samples: int,
    rate_hz: float,
    choices: tuple[str, str, str],
    spans_s: tuple[float, float, float, float],
    lags_s: tuple[float, float],
    min_coverage: float,
) -> Layout:
    """Lay slopes and windows out, or say why that cannot be done.

    ``choices`` are slope, windows and edges; ``spans_s`` slope window and step, window and
    step; ``lags_s`` the largest lag and the step between lags. The same signals are laid out
    once, however many surrogates are drawn.
    """
    slope, windows, edges = choices
    size = _lengths(rate_hz, slope, windows, spans_s)
    slope_starts = window_starts(n_samples, size.slope_samples, size.slope_step)
    n_slopes, lead, window_lead = slope_starts.size, 0, 0
    if edges == "zero":
        _check_zero_edges(windows, size)
        lead = (size.slope_samples // 2) // round(size.slope_step)
        window_lead = (size.window // 2) // round(size.step)
        n_slopes = math.ceil(n_samples / size.slope_step - 1e-9)
    starts = window_starts(n_slopes, size.window, size.step)
    if not starts.size:
        need_s = (size.slope_samples + (size.window - 1) * size.slope_step) / rate_hz
        raise InputError(
            "window_s",
            spans_s[2],
            f"at most {n_samples / rate_hz:g} s of data for slopes and window together, "
            f"these need {need_s:g} s",
        )
    stride = in_samples("lag_step_s", lags_s[1], size.series_hz, 1)
    n_lags = whole_steps(lags_s[0], size.series_hz) // stride
    if edges == "zero":  # also of windows that do not lie inside the recording
        places = np.arange(math.ceil(n_slopes / size.step - 1e-9)) - window_lead
        begin = (places * round(size.step) - lead) * size.slope_step
        end = begin + (size.window - 1) * size.slope_step
    else:
        begin, end = slope_starts[starts] * 1.0, slope_starts[starts + size.window - 1] * 1.0
    end = end + size.slope_samples
    far_s = float((end - begin).max()) / 2 / rate_hz + n_lags * stride / size.series_hz
    return Layout(
        slope_starts=slope_starts,
        slope_length=size.slope_samples,
        lead=lead,
        n_slopes=n_slopes,
        starts=starts,
        window=size.window,
        window_lead=window_lead,
        n_windows=begin.size,
        n_lags=n_lags,
        lag_stride=stride,
        min_pairs=least_pairs(min_coverage, size.window),
        times_s=fixed((begin + end) / 2 / rate_hz),
        lags_s=fixed(np.arange(-n_lags, n_lags + 1) * stride / size.series_hz),
        reach_s=(far_s, far_s),
        used={
            "slope_window_s": spans_s[0] if slope == "none" else size.slope_samples / rate_hz,
            "slope_step_s": spans_s[1],
            "window_s": size.window / size.series_hz,
            "step_s": spans_s[3],
            "max_lag_s": n_lags * stride / size.series_hz,
            "lag_step_s": stride / size.series_hz,
        },
    )
