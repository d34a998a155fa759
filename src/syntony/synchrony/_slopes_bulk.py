"""The concordance of many pairs, and of one person beside many draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony._layout import Layout, lay_out
from syntony.synchrony.drawn import Drawn

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
    if not _is_covered(options):
        return None
    if options["smooth"] != "none":  # a smoothed signal ends otherwise where it is cut
        rows = [
            _of_cuts(first, second, pairs[k : k + _SMOOTHED_TOGETHER], rate_hz, options)
            for k in range(0, len(pairs), _SMOOTHED_TOGETHER)
        ]
        return np.concatenate(rows)
    return _of_pairs(first, second, pairs, rate_hz, options)


def beside_draws(x: Array, ys: Array, *, rate_hz: float, **options: Any) -> Drawn | None:
    """Couple ``x`` with every row of ``ys``; None for what is not covered, and for one window."""
    from syntony.kernels.balance import signed_sums
    from syntony.kernels.sliding import sliding_maps
    from syntony.synchrony.slopes import index_of_sums, smoothed, sums_at_zero, told_of_sums

    plan = _plan(x.size, rate_hz, options)
    if not _is_covered(options) or plan.starts.size < 2:
        return None
    length, cap = options["smooth_s"] * rate_hz, float(options["cap"])
    if options["smooth"] != "none":
        x, *rows = (smoothed(v, options["smooth"], length) for v in (x, *ys))
        ys = np.stack(rows)
    reach = plan.n_lags * plan.lag_stride
    one, others = (_slopes(v, plan, options) for v in (x, ys))
    r, _ = sliding_maps(one, others, plan.window, (-reach, reach), min_pairs=plan.min_pairs)
    values = r[:, :, :: plan.lag_stride]
    n_draws, n_windows, n_lags = values.shape
    every = values.transpose(0, 2, 1).reshape(n_draws * n_lags, n_windows)
    signed = np.stack([v.reshape(n_draws, n_lags) for v in signed_sums(every.T)], axis=1)
    zero = sums_at_zero(values[:, :, n_lags // 2])
    return Drawn(
        values=values,
        statistics=told_of_sums(signed, zero, plan.lags_s, cap),
        profiles=index_of_sums(signed[:, 0], signed[:, 1], cap),
        time_s=plan.times_s,
        lags_s=plan.lags_s,
    )


def _is_covered(options: dict[str, Any]) -> bool:
    """Whether windows are one slope apart and lie whole inside the recording."""
    wanted = options["edges"] == "nan" and options["slope"] != "none"
    return bool(wanted and options["step_s"] == options["slope_step_s"])


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
    """Slope series of one person, or of one in every row, as far as the recording goes."""
    from syntony.kernels.slopes import moving_slopes

    inside = plan.slope_starts[plan.slope_starts + plan.slope_length <= values.shape[-1]]
    return moving_slopes(
        values, inside, plan.slope_length, options["slope"], min_share=options["min_coverage"]
    )
