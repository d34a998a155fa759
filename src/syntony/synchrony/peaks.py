"""Windowed cross-correlation with peak picking: how strong, at which delay, window by window."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import check_choice, check_number, check_seconds, fixed, in_samples
from syntony.synchrony.correlation import Anchor, lagged_correlation
from syntony.synchrony.registry import Statistic, method

Smoother = Literal["loess", "r", "wcc"]
Peak = Literal["highest", "lowest"]

BEHRENS = {"anchor": "behrens", "smoother": "r"}
"""Options with which ``peak_picking`` gives the figures of the R code of Behrens and Boker."""

WCC = {"anchor": "behrens", "smoother": "wcc", "min_coverage": 0.0}
"""Options with which ``peak_picking`` gives those of the CRAN package wcc, under our sign."""


@lru_cache(maxsize=16)
def smoothing(n_lags: int, span: float, smoother: Smoother) -> Array:
    """Matrix from the values at ``n_lags`` lags to the smooth curve at every half step of lag."""
    from syntony.kernels import smoothing as kernels

    if smoother == "loess":
        smooth = kernels.loess_matrix(n_lags, span)
    else:
        smooth = kernels.interpolated_loess_matrix(n_lags, span)
        smooth = smooth[::-1, ::-1] if smoother == "wcc" else smooth
    return fixed(kernels.half_steps_matrix(n_lags) @ smooth)


def find_peaks(r: Array, curve_of: Array, clear: int, peak: Peak) -> tuple[Array, Array, Array]:
    """Smooth curve, value at its peak, and place of the peak in half steps from lag 0.

    ``r`` has shape (n_windows, n_lags); a window that lacks a lag has neither curve nor peak.
    """
    from syntony.kernels.peaks import outward_peaks

    with np.errstate(invalid="ignore"):
        curves = r @ curve_of.T
    places = outward_peaks(curves, clear, 1 if peak == "highest" else -1)
    rows = np.flatnonzero(places >= 0)
    value, place = np.full(places.size, np.nan), np.full(places.size, np.nan)
    value[rows] = curves[rows, places[rows]]
    place[rows] = places[rows] - (curves.shape[1] // 2)
    return curves, value, place


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``peak_picking``."""
    r, lag_s = coupling.values, coupling.parts["lag_s"]
    found = r == r
    r, lag_s = r[found], lag_s[found]
    searched = int(np.count_nonzero(~np.isnan(coupling.parts["smooth_r"][:, 0])))
    none = 1.0 - r.size / searched if searched else math.nan
    return {
        "mean_peak_r": mean_present(r),
        "sd_peak_r": float(r.std(ddof=1)) if r.size > 1 else math.nan,
        "mean_lag_s": mean_present(lag_s),
        "sd_lag_s": float(lag_s.std(ddof=1)) if r.size > 1 else math.nan,
        "median_abs_lag_s": float(np.median(np.abs(lag_s))) if r.size else math.nan,
        "share_without_peak": none,
    }


_STATISTICS = (
    Statistic(
        name="mean_peak_r",
        title="Mean strength of the peaks (r)",
        explain="Average correlation at the picked delay. 0: none; 1: the two signals are alike "
        "but for the delay. Because in every window the best of many delays was picked it is "
        "well above 0 for strangers too: read it only beside a chance distribution that was "
        "picked in the same way.",
        bounds=(-1.0, 1.0),
        chance=0.16,
    ),
    Statistic(
        name="sd_peak_r",
        title="Spread of the strength of the peaks",
        explain="How much the strength of the peaks changes from window to window. Small: the two "
        "people are equally close throughout; large: close moments and loose ones alternate.",
        bounds=(0.0, 1.5),
        chance=0.07,
    ),
    Statistic(
        name="mean_lag_s",
        title="Mean delay of the peaks (s)",
        explain="Average delay in seconds at which the peaks lie. Positive: the second person "
        "tends to follow the first; negative: the first tends to follow the second. Near 0 also "
        "where both take turns at leading.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
    Statistic(
        name="sd_lag_s",
        title="Spread of the delays (s)",
        explain="How much the delay wanders from window to window, in seconds. Small: a steady "
        "delay; large: the lead changes often, or there are only chance peaks.",
        bounds=(0.0, math.inf),
        chance=1.1,
    ),
    Statistic(
        name="median_abs_lag_s",
        title="Usual distance from simultaneity (s)",
        explain="The delay of the middle peak whoever leads, in seconds: half of the peaks lie "
        "nearer to no delay at all, half farther away.",
        bounds=(0.0, math.inf),
        chance=0.8,
    ),
    Statistic(
        name="share_without_peak",
        title="Share of windows without a peak",
        explain="The share of windows in which the correlation rises on towards the longest "
        "delay, so that no peak could be told. These windows are in none of the other numbers.",
        bounds=(0.0, 1.0),
        chance=0.01,
    ),
)


@method(
    name="peak_picking",
    title="Windowed cross-correlation with peak picking",
    summarise=_summary,
    statistics=_STATISTICS,
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.16,
    swap="same",
    scale_free=True,
    cites=("Boker2002", "BehrensBoker2018"),
    sentence="Peaks of the windowed cross-correlation were picked [@Boker2002; @BehrensBoker2018]: "
    "windows of {window_s:g} s every {step_s:g} s ({anchor}), lags up to {max_lag_s:g} s in steps "
    "of {lag_step_s:g} s; each window's correlations were smoothed over the lags by {smoother} "
    "(degree 2, span {span:g}), and the {peak} nearest to lag 0 was taken that nothing exceeded "
    "within {clear_s:g} s further; windows with less than {min_coverage:g} of the data "
    "present were left out.",
    question="From one stretch of the session to the next: how strongly are the two signals "
    "correlated at the delay that suits them best, and how steady is that delay?",
    not_when="A single strength at a known delay is wanted, or the delay is expected to be the "
    "same throughout: lagged_correlation asks that without picking. A picked peak is the best of "
    "many and overestimates; only peaks picked in the same way in surrogates say what it is "
    "worth. Where the delay cannot jump from window to window, best_lag follows it instead.",
    words={
        "anchor": {
            "ours": "of the first person, the second shifted under them",
            "rmea": "laid out as in rMEA",
            "behrens": "laid out as by Behrens and Boker",
        },
        "smoother": {
            "loess": "local regression",
            "r": "local regression, interpolated as in R",
            "wcc": "local regression, interpolated as in R over the lag axis of the package wcc",
        },
        "peak": {"highest": "maximum", "lowest": "minimum"},
    },
    units={
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "lag_step_s": "s",
        "anchor": "choice",
        "min_coverage": "1",
        "peak": "choice",
        "smoother": "choice",
        "span": "1",
        "clear_s": "s",
    },
)
def peak_picking(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    window_s: float = 8.0,
    step_s: float = 2.0,
    max_lag_s: float = 4.0,
    lag_step_s: float = 0.25,
    anchor: Anchor = "behrens",
    min_coverage: float = 0.8,
    peak: Peak = "highest",
    smoother: Smoother = "loess",
    span: float = 0.25,
    clear_s: float = 1.0,
) -> Coupling:
    r"""Find in every window the peak of the lagged correlation that lies nearest to lag 0.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a pair with a NaN on either
        side is left out.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    max_lag_s, lag_step_s : float
        Largest lag in both directions and seconds between lags, in whole samples.
    anchor : {"behrens", "rmea", "ours"}
        Where windows and lags lie, as in :func:`lagged_correlation`. With "behrens" the earlier
        person's window is shifted back from a common last sample.
    min_coverage : float
        Share of a window's pairs that must be present at every lag.
    peak : {"highest", "lowest"}
        Peaks, or troughs: the strongest movement in opposite directions.
    smoother : {"loess", "r", "wcc"}
        Local regression at every lag; interpolated between few places as R does by default; or
        that over the reversed axis of the package wcc.
    span : float
        Share of the lags that a local regression takes, above 0 and at most 1.
    clear_s : float
        Seconds of lag within which nothing higher may follow, and that must lie between a peak
        and the largest lag.

    Returns
    -------
    Coupling
        ``values`` : r at the peak of the smooth curve, shape (n_windows,), in [-1, 1]; NaN
        where coverage is too low at some lag, a signal does not vary, or no peak stands clear.
        ``coords["time"]`` : centre of the window of ``x`` at lag 0, seconds from the first
        sample. ``coverage`` : the lowest over the lags.
        ``parts`` : ``lag_s`` (n_windows,), the lag of each peak; ``r`` (n_windows, n_lags) at
        the lags ``r_lags_s``; ``smooth_r`` (n_windows, 2 n_lags - 1) at ``smooth_lags_s``.

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, a local regression
        has fewer than four lags, or no whole window fits.

    Notes
    -----
    In a window with the correlations r over n lags, a parabola is fitted around every lag to its
    ``floor(n * span)`` nearest lags, weighted by ``(1 - (d / h)**3)**3`` (local regression [3]_);
    a cubic spline gives the curve half-way between lags too. With L half steps in ``clear_s``,
    the stretch around lag 0 grows by a half step on both sides at a time and its highest point is
    kept, until L further half steps bring no higher one. A point with fewer than L half steps
    between it and the largest lag is no peak [1]_, [2]_. Smoothing and spline are one matrix.

    **Beside the R code of Behrens and Boker** [2]_ and **the CRAN package wcc 0.4.1.** Give
    ``**BEHRENS`` or ``**WCC``; their ``Lsize`` is ``clear_s * 2 / lag_step_s``. wcc's lags have
    the opposite sign: exchange the two people to see theirs. Both leave out the last window that
    fits, and so does ``anchor="behrens"``. A smooth curve can rise over 1 where r comes from very
    few pairs: ``values`` are held within +-1, theirs are not (they stand in ``smooth_r``). With
    fewer than ``10 / span`` lags R interpolates between nearly all of them, and our default
    differs at the last lag only; with more (one recording at 41 lags) the medians differ by
    .003 and every fourth peak moves by a half step. R's way is not symmetric in the lags, ours
    is. With ``tInc`` above 1 wcc's ``method="r"`` shifts by single samples whatever its lags say;
    ours, as its other methods, by ``lag_step_s``. Its default ``method="c"`` may replace the
    first window by one after the last; ours never does. Missing samples: ``min_coverage=0.0``
    counts pairs as ``method="r"`` does (two are enough), 1.0 as ``"c"``, and 6 / window as ``"c"``
    with its code for missing samples. ``wcc_aggregate`` of :mod:`syntony.synchrony.wcc` gives
    wcc's summaries.

    References
    ----------
    .. [1] Boker, Xu, Rotondo & King (2002), Psychological Methods 7(3), 338-355.
       https://doi.org/10.1037/1082-989X.7.3.338
    .. [2] Behrens & Boker (2018), R code in Darth-Fab/Windowed-Lagged-Cross-Correlation--WLCC-.
    .. [3] Cleveland (1979), Journal of the American Statistical Association 74, 829-836.

    Examples
    --------
    The second person's signal follows by one second:

    >>> noise = np.random.default_rng(1).standard_normal(1200)
    >>> x = np.convolve(noise, np.hanning(12), "same")
    >>> c = peak_picking(x, np.roll(x, 4), rate_hz=4.0)
    >>> float(np.nanmedian(c.parts["lag_s"]))
    1.0
    """
    check_choice("peak", peak, ("highest", "lowest"))
    check_choice("smoother", smoother, ("loess", "r", "wcc"))
    check_seconds(lag_step_s=lag_step_s, clear_s=clear_s)
    check_number("span", span, 1e-9, 1.0, "a share above 0, at most 1")
    every = lagged_correlation(
        x,
        y,
        rate_hz=rate_hz,
        window_s=window_s,
        step_s=step_s,
        max_lag_s=max_lag_s,
        anchor=anchor,
        min_coverage=min_coverage,
    )
    stride = in_samples("lag_step_s", lag_step_s, rate_hz, 1)
    zero = every.coords["lag"].size // 2
    taken = slice(zero % stride, None, stride)
    lags_s = np.ascontiguousarray(every.coords["lag"][taken])
    step = stride / rate_hz
    clear = _clear_steps(lags_s.size, span, clear_s, step)
    r = np.ascontiguousarray(every.values[:, taken])
    curves, value, place = find_peaks(r, smoothing(lags_s.size, span, smoother), clear, peak)
    coverage = every.coverage
    return Coupling(
        values=fixed(np.clip(value, -1.0, 1.0)),
        dims=("time",),
        coords={"time": every.coords["time"]},
        coverage=None if coverage is None else fixed(coverage[:, taken].min(axis=1)),
        reach_s=every.reach_s,
        method="peak_picking",
        options={
            "window_s": every.options["window_s"],
            "step_s": step_s,
            "max_lag_s": float(lags_s[-1]),
            "lag_step_s": step,
            "anchor": anchor,
            "min_coverage": min_coverage,
            "peak": peak,
            "smoother": smoother,
            "span": span,
            "clear_s": clear * step / 2,
        },
        parts={
            "lag_s": fixed(place * step / 2),
            "r": fixed(r),
            "r_lags_s": fixed(lags_s),
            "smooth_r": fixed(curves),
            "smooth_lags_s": fixed(np.arange(1 - lags_s.size, lags_s.size) * step / 2),
        },
    )


def _clear_steps(n_lags: int, span: float, clear_s: float, step_s: float) -> int:
    """Half steps of lag that a peak must stand clear, or why no peak can be told."""
    from syntony.kernels.smoothing import neighbours

    if neighbours(n_lags, span) < 4:
        raise InputError(
            "span",
            span,
            f"at least {4 / n_lags:.3g} where there are {n_lags} lags",
            "A local regression needs four of them: a larger span, longer lags or finer steps.",
        )
    clear = max(1, math.floor(clear_s * 2 / step_s + 0.5))
    if clear >= n_lags:
        raise InputError(
            "clear_s", clear_s, f"less than the largest lag, {(n_lags - 1) * step_s / 2:g} s"
        )
    return clear
