"""Statistics of the lagged correlation of many pairs, without their couplings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_pair, whole_steps

_LEAST_STEP = 0.25
"""Windows that share more than three quarters are correlated faster by running sums."""


def statistics_of_pairs(
    xs: Sequence[Array],
    ys: Sequence[Array],
    *,
    rate_hz: float,
    window_s: float,
    step_s: float,
    max_lag_s: float,
    anchor: str,
    min_coverage: float,
    identical: str,
    absolute: bool,
) -> Array | None:
    """Every statistic of ``lagged_correlation`` for each pair, shape (n_pairs, n_statistics).

    None for options that are not covered: other anchors than ours, exact copies left out, and
    windows that overlap by more than three quarters. NaN for a pair that is refused.
    """
    from syntony.kernels.lagged_sums import first_person, lagged_z_sums
    from syntony.synchrony.correlation import lay_out, told_of_sums

    if anchor != "ours" or identical != "keep" or step_s < _LEAST_STEP * window_s:
        return None
    spans_s, before = (window_s, step_s, max_lag_s), None
    n_lags = whole_steps(max_lag_s, rate_hz)
    sums = np.full((len(xs), 3, 2 * n_lags + 1), np.nan)
    for k, (x, y) in enumerate(zip(xs, ys, strict=True)):
        try:
            check_pair(x, y, rate_hz)
            plan = lay_out(x.size, rate_hz, anchor, spans_s, min_coverage)
        except InputError:
            continue
        if x is not before:
            before, made = x, first_person(x, plan.starts, plan.window)
        sums[k] = lagged_z_sums(
            x,
            y,
            plan.starts,
            plan.window,
            (-n_lags, n_lags),
            min_pairs=plan.min_pairs,
            first=made,
        )
    if absolute:
        sums[:, 0] = sums[:, 1]
    return told_of_sums(sums, np.arange(-n_lags, n_lags + 1) / rate_hz)
