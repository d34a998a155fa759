"""Statistics of the concordance of many pairs, without their couplings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_pair
from syntony.synchrony._layout import Layout, lay_out


def statistics_of_pairs(
    xs: Sequence[Array], ys: Sequence[Array], *, rate_hz: float, **options: Any
) -> Array | None:
    """Every statistic of ``marci`` for each pair, shape (n_pairs, n_statistics).

    None for options that are not covered: windows more than one slope apart, and zeros at the
    edges. NaN for a pair that is refused.
    """
    from syntony.kernels.sliding_sums import sliding_sums
    from syntony.synchrony.slopes import told_of_sums

    if options["edges"] != "nan" or options["slope"] == "none":
        return None
    if options["step_s"] != options["slope_step_s"]:
        return None
    rows, before, a = [], None, np.empty(0)
    for x, y in zip(xs, ys, strict=True):
        try:
            check_pair(x, y, rate_hz)
            plan = _plan(x.size, rate_hz, options)
        except InputError:
            rows.append([math.nan] * 6)
            continue
        if x is not before:
            before, a = x, _slopes(x, plan, rate_hz, options)
        b, reach = _slopes(y, plan, rate_hz, options), plan.n_lags * plan.lag_stride
        lags = (-reach, reach, plan.lag_stride)
        signed, zero = sliding_sums(a, b, plan.window, lags, min_pairs=plan.min_pairs)
        rows.append(list(told_of_sums(signed, zero, plan.lags_s, float(options["cap"])).values()))
    return np.array(rows).reshape(len(rows), 6)


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


def _slopes(values: Array, plan: Layout, rate_hz: float, options: dict[str, Any]) -> Array:
    """Slope series of one person."""
    from syntony.synchrony.slopes import slope_series, smoothed

    smooth = smoothed(values, options["smooth"], options["smooth_s"] * rate_hz)
    return slope_series(smooth, plan, options["slope"], options["min_coverage"])
