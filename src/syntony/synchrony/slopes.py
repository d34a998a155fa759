"""Concordance of slopes: the index of the 2007 study, and its lag profile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_pair,
    check_seconds,
    fixed,
)
from syntony.synchrony._layout import Layout, lay_out
from syntony.synchrony.drawn import Drawn
from syntony.synchrony.registry import Statistic, method

Slope = Literal["mean_gradient", "ols", "endpoint", "none"]
Windows = Literal["plain", "odd_centred"]
Edges = Literal["nan", "zero"]
Smooth = Literal["none", "bartlett", "bartlett_causal"]

PS_MWA = {"windows": "odd_centred", "edges": "zero", "min_coverage": 1.0, "max_lag_s": 0.0}
"""Options with which ``marci`` gives the figures of ps_mwa (Stuldreher), edges included."""

_CHOICES = {
    "slope": ("mean_gradient", "ols", "endpoint", "none"),
    "windows": ("plain", "odd_centred"),
    "edges": ("nan", "zero"),
    "smooth": ("none", "bartlett", "bartlett_causal"),
}


def smoothed(values: Array, smooth: Smooth, length: float) -> Array:
    """Triangular moving average over about ``length`` samples.

    ``"bartlett"`` is centred, takes the mean of the samples that are there, and leaves a
    missing sample missing; ``"bartlett_causal"`` looks back only, from zeros before the start,
    as ps_mwa filters, so that the result is late by half of ``length``.
    """
    if smooth == "none":
        return values
    if smooth == "bartlett_causal":
        taps = np.bartlett(max(3, math.floor(length + 0.5)))
        late: Array = np.convolve(values, taps / taps.sum())[: values.size]
        return late
    half = math.floor(length / 2 + 1e-9)
    taps = 1.0 - np.abs(np.arange(-half, half + 1)) / (half + 1.0)
    there = np.isfinite(values)
    weights = np.convolve(there.astype(np.float64), taps)[half : half + values.size]
    sums = np.convolve(np.where(there, values, 0.0), taps)[half : half + values.size]
    out: Array = np.full(values.size, np.nan)
    np.divide(sums, weights, out=out, where=there)
    return out


def slope_series(values: Array, plan: Layout, slope: Slope, min_coverage: float) -> Array:
    """Slope series of one person, zeros before and after where the plan asks for them."""
    if slope == "none":
        return values
    from syntony.kernels.slopes import moving_slopes

    series = moving_slopes(
        values, plan.slope_starts, plan.slope_length, slope, min_share=min_coverage
    )
    if plan.n_slopes == series.size:
        return series
    out = np.zeros(plan.n_slopes)
    out[plan.lead : plan.lead + series.size] = series
    return out


def _correlate(a: Array, b: Array, plan: Layout) -> tuple[Array, Array]:
    """Correlate two slope series in every window at every lag; r and coverage."""
    from syntony.kernels.lagged import lagged_pearson
    from syntony.kernels.sliding import sliding_pearson

    reach = plan.n_lags * plan.lag_stride
    if plan.starts.size > 1 and plan.starts[-1] == plan.starts.size - 1:  # one slope apart
        r, share = sliding_pearson(a, b, plan.window, (-reach, reach), min_pairs=plan.min_pairs)
    else:
        r, share = lagged_pearson(
            a, b, plan.starts, plan.window, (-reach, reach), min_pairs=plan.min_pairs
        )
    if plan.lag_stride > 1:
        r, share = r[:, :: plan.lag_stride], share[:, :: plan.lag_stride]
    if plan.n_windows == r.shape[0]:
        return r, share
    shape = (plan.n_windows, r.shape[1])
    inside = slice(plan.window_lead, plan.window_lead + r.shape[0])
    all_r, all_share = np.zeros(shape), np.zeros(shape)
    all_r[inside], all_share[inside] = r, share
    return all_r, all_share


def single_session_index(r: Array, cap: float = 10.0) -> Array:
    """Balance of in-phase and anti-phase windows, for each column of ``r``.

    Parameters
    ----------
    r : ndarray of float64, shape (n_windows,) or (n_windows, n_lags)
        Correlations; NaN are left out.
    cap : float
        The index is held between -cap and cap; ``math.inf`` leaves it as it is.

    Returns
    -------
    ndarray of float64, shape () or (n_lags,)
        ``ln(sum of positive r / |sum of negative r|)``; without negative ones ``cap``,
        without positive ones ``-cap``, with neither NaN.

    Examples
    --------
    >>> float(single_session_index(np.array([0.5, -0.5, np.nan])))
    0.0
    """
    from syntony.kernels.balance import signed_sums

    index = index_of_sums(*signed_sums(r.reshape(r.shape[0], -1)), cap)
    return index.reshape(r.shape[1:])


def index_of_sums(positive: Array, negative: Array, cap: float) -> Array:
    """Logarithm of their ratio, held at the cap; NaN where both are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        index: Array = np.clip(np.log(positive) - np.log(negative), -cap, cap)
    return index


def concordance_profile(coupling: Coupling) -> Array:
    """Single session index at every lag, shape (n_lags,), held at the cap."""
    positive, negative = _signed(coupling)
    return index_of_sums(positive, negative, float(coupling.options["cap"]))


@lru_cache(maxsize=1)  # profile and summary of a coupling are asked for one after the other
def _signed(coupling: Coupling) -> Array:
    """Sum of positive r and minus the sum of negative ones at every lag, shape (2, n_lags)."""
    from syntony.kernels.balance import signed_sums

    return np.stack(signed_sums(coupling.values))


def cap_was_hit(coupling: Coupling) -> bool:
    """Whether the index at lag 0 stands at its cap, and so says "at least" rather than "is".

    Examples
    --------
    >>> x = np.sin(np.arange(400) / 9.0)
    >>> cap_was_hit(marci(x, x, rate_hz=4.0))
    True
    """
    cap = float(coupling.options["cap"])
    return bool(abs(single_session_index(coupling.at_lag(0.0), math.inf)) >= cap)


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``marci``."""
    lags = coupling.coords["lag"]
    zero = sums_at_zero(coupling.values[None, :, lags.size // 2])[0]
    told = told_of_sums(_signed(coupling), zero, lags, float(coupling.options["cap"]))
    return dict(zip([s.name for s in _STATISTICS], told.tolist(), strict=True))


def sums_at_zero(r: Array) -> Array:
    """Sum of z and of its absolute value, windows, windows above 0: shape (n_draws, 4).

    Parameters
    ----------
    r : ndarray of float64, shape (n_draws, n_windows)
        At lag 0; NaN where a window has no value.
    """
    from syntony.kernels.lagged_sums import z_sums

    together: Array = np.vstack([z_sums(r.T), np.count_nonzero(r > 0, axis=1)]).T
    return together


def told_of_sums(signed: Array, zero: Array, lags: Array, cap: float) -> Array:
    """Every statistic, from sums over the windows.

    Parameters
    ----------
    signed : ndarray of float64, shape (..., 2, n_lags)
        Sum of the positive r, and minus the sum of the negative ones.
    zero : ndarray of float64, shape (..., 4)
        At lag 0: sum of z, sum of its absolute value, windows, windows in which r is positive.
    lags : ndarray of float64, shape (n_lags,)
        In seconds, 0 in the middle.
    cap : float
        The index is held between -cap and cap.

    Returns
    -------
    ndarray of float64, shape (..., 6)
        In the order of the list; NaN where no window has a value.
    """
    positive, negative = signed[..., 0, :], signed[..., 1, :]
    profile = index_of_sums(positive, negative, cap)
    with np.errstate(invalid="ignore"):
        means = zero[..., [0, 1, 3]] / zero[..., 2:3]
    held = np.where(profile == profile, profile, -np.inf)
    top = held.max(axis=-1)
    # of several lags at the cap the one with the largest sum
    best = np.argmax(np.where(held == top[..., None], positive - negative, -np.inf), axis=-1)
    told: Array = np.empty((*profile.shape[:-1], 6))
    told[..., 0] = profile[..., lags.size // 2]
    told[..., 1:4] = means
    told[..., 4] = np.where(top > -np.inf, top, np.nan)
    told[..., 5] = np.where(top > -np.inf, lags[best], np.nan)
    return told


_STATISTICS = (
    Statistic(
        name="ssi",
        title="Single session index (concordance)",
        explain="Weighs the moments in which both people's levels climbed and fell together "
        "against the moments in which one climbed while the other fell. 0: both kinds weigh the "
        "same; above 0: moving together prevails; below 0: moving apart prevails. It looks at "
        "the same instant only and misses a partner who follows by more than about two seconds.",
        bounds=(-10.0, 10.0),
        chance=0.0,
    ),
    Statistic(
        name="mean_z",
        title="Mean concordance (Fisher z)",
        explain="Average of all short-window correlations of the two slopes at the same instant, "
        "after Fisher's z, which lets correlations be averaged fairly. 0: no tendency.",
        bounds=(-10.0, 10.0),
        chance=0.0,
        is_fisher_z=True,
    ),
    Statistic(
        name="mean_abs_z",
        title="Mean strength regardless of direction (|z|)",
        explain="Average strength of the short-window correlations whether the two moved together "
        "or apart. It is above 0 for strangers too: read it only beside its chance distribution.",
        bounds=(0.0, 10.0),
        chance=0.23,
    ),
    Statistic(
        name="share_positive",
        title="Share of windows in phase",
        explain="The share of windows in which the two slopes were positively correlated. One "
        "half is what unrelated signals give.",
        bounds=(0.0, 1.0),
        chance=0.5,
    ),
    Statistic(
        name="ssi_peak",
        title="Highest index over the lags",
        explain="The concordance index at the delay at which it is highest. Because the best of "
        "many delays was picked it is above 0 for strangers too: read it only beside a chance "
        "distribution that was picked in the same way.",
        bounds=(-10.0, 10.0),
        chance=0.32,
    ),
    Statistic(
        name="best_lag_s",
        title="Delay of the highest index (s)",
        explain="The delay in seconds at which concordance is highest. Positive: the second "
        "person follows the first; negative: the first follows the second. It always has a value, "
        "even for strangers, so it means something only where the peak stands out from chance.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
)


def _in_bulk(
    first: Sequence[Array], second: Sequence[Array], pairs: Ints, *, rate_hz: float, **options: Any
) -> Array | None:
    """Every statistic of many pairs, without their couplings."""
    from syntony.synchrony._slopes_bulk import statistics_of_pairs

    return statistics_of_pairs(first, second, pairs, rate_hz=rate_hz, **options)


def _beside_draws(x: Array, ys: Array, *, rate_hz: float, **options: Any) -> Drawn | None:
    """Couple ``x`` with every row of ``ys`` at once."""
    from syntony.synchrony._slopes_bulk import beside_draws

    return beside_draws(x, ys, rate_hz=rate_hz, **options)


@method(
    name="marci",
    in_bulk=_in_bulk,
    in_draws=_beside_draws,
    title="Concordance of slopes (single session index)",
    summarise=_summary,
    profile=concordance_profile,
    statistics=_STATISTICS,
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="differs",
    scale_free=True,
    cites=("Marci2007", "MarciOrr2006", "Stuldreher2023"),
    sentence="Concordance was computed as in earlier work [@Marci2007; @MarciOrr2006; "
    "@Stuldreher2023]: slopes ({slope}) in windows of {slope_window_s:g} s every "
    "{slope_step_s:g} s ({smooth} {smooth_s:g} s), correlated in windows "
    "of {window_s:g} s every {step_s:g} s ({windows}, {edges}) at lags up to "
    "{max_lag_s:g} s in steps of {lag_step_s:g} s; windows with less than {min_coverage:g} of "
    "the data present were left out, and the single session index was held within "
    "+-{cap:g}.",
    question="Do the two people's levels climb and fall together from moment to moment, and "
    "with which delay?",
    not_when="The signal has no slow rises and falls of its own over some seconds (movement "
    "counts, single beats), sessions last only a few minutes, or partners are expected to follow "
    "by more than about two seconds and only the index at lag 0 is read.",
    words={
        "slope": {
            "mean_gradient": "mean gradient",
            "ols": "least squares",
            "endpoint": "last sample less first",
            "none": "the signals as they are",
        },
        "smooth": {
            "none": "unsmoothed; unused filter of",
            "bartlett": "after a centred triangular filter of",
            "bartlett_causal": "after a triangular filter that looks back, of",
        },
        "windows": {"plain": "whole windows", "odd_centred": "centred windows of odd length"},
        "edges": {"nan": "none at the edges", "zero": "zero at the edges"},
    },
    units={
        "slope_window_s": "s",
        "slope_step_s": "s",
        "slope": "choice",
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "lag_step_s": "s",
        "windows": "choice",
        "edges": "choice",
        "smooth": "choice",
        "smooth_s": "s",
        "min_coverage": "1",
        "cap": "1",
    },
)
def marci(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    slope_window_s: float = 5.0,
    slope_step_s: float = 1.0,
    slope: Slope = "mean_gradient",
    window_s: float = 15.0,
    step_s: float = 1.0,
    max_lag_s: float = 7.0,
    lag_step_s: float = 1.0,
    windows: Windows = "plain",
    edges: Edges = "nan",
    smooth: Smooth = "none",
    smooth_s: float = 1.5,
    min_coverage: float = 0.8,
    cap: float = 10.0,
) -> Coupling:
    r"""Correlate the slopes of two signals in short moving windows.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock, usually skin conductance in microsiemens at 4 to 20 Hz.
        NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    slope_window_s, slope_step_s : float
        Length of the window of a slope, and seconds from one slope to the next.
    slope : {"mean_gradient", "ols", "endpoint", "none"}
        Mean of the gradient inside the window; slope of the least-squares line; last minus
        first sample; or no slopes, the signal itself is correlated.
    window_s, step_s : float
        Length of the window of a correlation (15 s hold 15 slopes at 1-s steps), and seconds
        from one correlation to the next.
    max_lag_s, lag_step_s : float
        Largest lag in both directions and seconds between lags, in whole slope steps.
    windows : {"plain", "odd_centred"}
        As many samples as fit the length; or windows centred on a sample, which have half of
        the length, rounded down, on each side (ps_mwa: 21 samples for 5 s at 4 Hz).
    edges : {"nan", "zero"}
        Only whole windows; or ps_mwa's: a place without a whole window is 0, for slopes as
        for correlations. Needs odd_centred windows.
    smooth : {"none", "bartlett", "bartlett_causal"}
        Triangular moving average over ``smooth_s`` before all else: centred, or as ps_mwa
        filters.
    smooth_s : float
        Its length in seconds.
    min_coverage : float
        Share of a slope's samples, and of a window's pairs of slopes, that must be present.
    cap : float
        The single session index is held within +-cap; :func:`cap_was_hit` tells.

    Returns
    -------
    Coupling
        ``values`` : Pearson r, shape (n_windows, n_lags), in [-1, 1]; NaN where coverage is
        too low or one side's slopes do not vary at all.
        ``coords["time"]`` : centre of all samples that the window of ``x`` saw, seconds from
        the first sample. ``coords["lag"]`` : seconds, ascending, 0 in the middle.
        ``options`` hold lengths as they were used, after rounding to whole samples.

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, or no whole window
        fits.

    Notes
    -----
    Slope ``s[k]`` starts at ``k * slope_step_s``, each rounded to the nearest sample by itself.
    ``r[k, l]`` is Pearson's r of ``x``'s slopes ``s[k] ... s[k + n - 1]`` and ``y``'s slopes
    ``s[k + l] ... s[k + l + n - 1]``. The index at lag l is the natural logarithm of the sum
    of positive ``r[k, l]`` over k, divided by the sum of negative ones without their sign::

        SSI[l] = ln( sum(r[r > 0]) / abs(sum(r[r < 0])) )

    The index is the one of [1]_ and [2]_, by the formula of its re-implementation [3]_.
    Where ours differs from [3]_ by default: 20 samples make 5 s at 4 Hz, not 21;
    places without a whole window are absent, not 0; a slope or window with too much missing
    is NaN.

    References
    ----------
    .. [1] Marci, Ham, Moran & Orr (2007), J Nerv Ment Dis 195, 103-111.
       https://doi.org/10.1097/01.nmd.0000253731.71025.fc
    .. [2] Marci & Orr (2006), Appl Psychophysiol Biofeedback 31, 115-128.
       https://doi.org/10.1007/s10484-006-9008-4
    .. [3] ps_mwa.m in ivostuldreher/robustness-of-physiological-synchrony, commit b51187c.

    Examples
    --------
    The second person's signal follows by two seconds:

    >>> rng = np.random.default_rng(1)
    >>> x = np.convolve(rng.standard_normal(2400), np.ones(24) / 24, "same")
    >>> c = marci(x, np.roll(x, 8), rate_hz=4.0)
    >>> float(c.coords["lag"][np.argmax(concordance_profile(c))])
    2.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    given = {"slope": slope, "windows": windows, "edges": edges, "smooth": smooth}
    for name, choices in _CHOICES.items():
        check_choice(name, given[name], choices)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_number("cap", cap, 1e-9, math.inf, "a number above 0")
    spans_s, lags_s = (slope_window_s, slope_step_s, window_s, step_s), (max_lag_s, lag_step_s)
    check_seconds(
        slope_window_s=slope_window_s,
        slope_step_s=slope_step_s,
        window_s=window_s,
        step_s=step_s,
        max_lag_s=max_lag_s,
        lag_step_s=lag_step_s,
        smooth_s=smooth_s,
    )
    plan = lay_out(x.size, rate_hz, (slope, windows, edges), spans_s, lags_s, min_coverage)
    a, b = (
        slope_series(smoothed(v, smooth, smooth_s * rate_hz), plan, slope, min_coverage)
        for v in (x, y)
    )
    r, share = _correlate(a, b, plan)
    return Coupling(
        values=fixed(r),
        dims=("time", "lag"),
        coords={"time": plan.times_s, "lag": plan.lags_s},
        coverage=fixed(share),
        reach_s=plan.reach_s,
        method="marci",
        options={
            **plan.used,
            **given,
            "smooth_s": smooth_s,
            "min_coverage": min_coverage,
            "cap": cap,
        },
    )
