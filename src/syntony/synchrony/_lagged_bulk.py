"""The lagged correlation of many pairs, and of one person beside many draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony.drawn import Drawn

_LEAST_STEP = 0.25
"""Windows that share more than three quarters are correlated faster by running sums."""

_ROOM_BYTES = 64e6
"""Memory for what is laid out of second persons, and for sums: so many are taken at a time."""


def statistics_of_pairs(
    first: Sequence[Array],
    second: Sequence[Array],
    pairs: Ints,
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
    windows that overlap by more than three quarters. NaN for a pair too short for a window.
    """
    from syntony.kernels.lagged_people import Cut, first_people, second_people
    from syntony.kernels.lagged_sums import lagged_z_sums
    from syntony.synchrony.correlation import lay_out, told_of_sums

    if anchor != "ours" or identical != "keep" or step_s < _LEAST_STEP * window_s:
        return None
    spans_s = (window_s, step_s, max_lag_s)
    try:
        plan = lay_out(int(pairs[:, 2].max()), rate_hz, anchor, spans_s, min_coverage)
    except InputError:
        return np.full((len(pairs), 9), np.nan)
    cut = Cut.of(plan.starts, step_s * rate_hz, plan.window, plan.n_lags, plan.min_pairs)
    people, rows = first_people(first, cut), np.empty((len(pairs), 9))
    partners = len(pairs) / len(second)
    each = 8 * cut.wide * (cut.starts.size * cut.per_window + 12 * partners)
    together = max(1, int(_ROOM_BYTES / each))
    for low in range(0, len(second), together):
        here = (pairs[:, 1] >= low) & (pairs[:, 1] < low + together)
        if here.any():
            others = second_people(second[low : low + together], cut)
            sums = lagged_z_sums(people, others, pairs[here] - np.array([0, low, 0]), cut)
            if absolute:
                sums[:, 0] = sums[:, 1]
            rows[here] = told_of_sums(sums, plan.lags_s)
    return rows


def beside_draws(x: Array, ys: Array, *, rate_hz: float, **options: Any) -> Drawn | None:
    """Couple ``x`` with every row of ``ys``; None for other anchors, and exact copies left out."""
    from syntony.kernels.lagged import lagged_maps
    from syntony.kernels.lagged_sums import z_sums
    from syntony.synchrony.correlation import lay_out, profile_of_sums, told_of_sums

    if options["anchor"] != "ours" or options["identical"] != "keep":
        return None
    spans_s = (options["window_s"], options["step_s"], options["max_lag_s"])
    plan = lay_out(x.size, rate_hz, options["anchor"], spans_s, options["min_coverage"])
    lags = (-plan.n_lags, plan.n_lags)
    r, _ = lagged_maps(x, ys, plan.starts, plan.window, lags, min_pairs=plan.min_pairs)
    values = np.abs(r) if options["absolute"] else r
    sums = z_sums(values)
    return Drawn(
        values=values,
        statistics=told_of_sums(sums, plan.lags_s),
        profiles=profile_of_sums(sums),
        time_s=plan.times_s,
        lags_s=plan.lags_s,
    )
