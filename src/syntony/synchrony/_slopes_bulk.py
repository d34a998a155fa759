"""Statistics of the concordance of many pairs, without their couplings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony._layout import Layout, lay_out

_SMOOTHED_TOGETHER = 64
"""Pairs whose cut signals are smoothed before their indices are taken, to bound memory."""


def statistics_of_pairs(
    first: Sequence[Array],
    second: Sequence[Array],
    pairs: Ints,
    *,
    rate_hz: float,
    **options: Any,
) -> Array | None:
    """Every statistic of ``marci`` for each pair, shape (n_pairs, n_statistics).

    None for options that are not covered: windows more than one slope apart, and zeros at the
    edges. NaN for a pair too short for a window.
    """
    if options["edges"] != "nan" or options["slope"] == "none":
        return None
    if options["step_s"] != options["slope_step_s"]:
        return None
    if options["smooth"] != "none":  # a smoothed signal ends otherwise where it is cut
        rows = [
            _of_cuts(first, second, pairs[k : k + _SMOOTHED_TOGETHER], rate_hz, options)
            for k in range(0, len(pairs), _SMOOTHED_TOGETHER)
        ]
        return np.concatenate(rows)
    return _of_pairs(first, second, pairs, rate_hz, options)


def _of_cuts(
    first: Sequence[Array],
    second: Sequence[Array],
    pairs: Ints,
    rate_hz: float,
    options: dict[str, Any],
) -> Array:
    """Each signal is cut and then smoothed, once for every length that it is needed at."""
    from syntony.synchrony.slopes import smoothed

    sides, columns = [], []
    for side, signals in enumerate((first, second)):
        known, which = np.unique(pairs[:, [side, 2]], axis=0, return_inverse=True)
        length = options["smooth_s"] * rate_hz
        sides.append([smoothed(signals[i][:n], options["smooth"], length) for i, n in known])
        columns.append(which.ravel())
    return _of_pairs(sides[0], sides[1], np.column_stack([*columns, pairs[:, 2]]), rate_hz, options)


def _of_pairs(
    first: Sequence[Array],
    second: Sequence[Array],
    pairs: Ints,
    rate_hz: float,
    options: dict[str, Any],
) -> Array:
    """Every statistic of signals as they are."""
    from syntony.kernels.sliding_sums import Sliding, lay_series, sliding_sums
    from syntony.synchrony.slopes import told_of_sums

    try:
        plan = _plan(max(v.size for v in (*first, *second)), rate_hz, options)
    except InputError:
        return np.full((len(pairs), 6), np.nan)
    windows = Sliding(plan.window, plan.n_lags * plan.lag_stride, plan.lag_stride, plan.min_pairs)
    one, other = (
        lay_series([_slopes(v, plan, options) for v in signals], windows, first=is_first)
        for signals, is_first in ((first, True), (second, False))
    )
    counts = np.searchsorted(plan.slope_starts + plan.slope_length, pairs[:, 2], side="right")
    cut = np.column_stack([pairs[:, :2], counts])
    return told_of_sums(*sliding_sums(one, other, cut, windows), plan.lags_s, float(options["cap"]))


def _plan(n_samples: int, rate_hz: float, options: dict[str, Any]) -> Layout:
    """Where slopes and windows lie."""
    return lay_out(
        n_samples,
        rate_hz,
        (options["slope"], options["windows"], options["edges"]),
        tuple(options[k] for k in ("slope_window_s", "slope_step_s", "window_s", "step_s")),
        (options["max_lag_s"], options["lag_step_s"]),
        options["min_coverage"],
    )


def _slopes(values: Array, plan: Layout, options: dict[str, Any]) -> Array:
    """Slope series of one person, as far as the recording goes."""
    from syntony.kernels.slopes import moving_slopes

    inside = plan.slope_starts[plan.slope_starts + plan.slope_length <= values.size]
    return moving_slopes(
        values, inside, plan.slope_length, options["slope"], min_share=options["min_coverage"]
    )
