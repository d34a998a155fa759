"""Kleinbub's session index: how often, and then how closely, two signals go together."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._inputs import check_choice, check_number
from syntony.synchrony.registry import Statistic, method
from syntony.synchrony.slopes import Slope, marci

_SLOPES = ("mean_gradient", "ols", "endpoint", "none")


def kleinbub_index(r: Array, threshold: float = 0.0) -> Array:
    """Median of the correlations above a threshold, times their share.

    Parameters
    ----------
    r : ndarray of float64, shape (n_windows,) or (n_windows, n_columns)
        Correlations of windows; NaN are left out, of the share too.
    threshold : float
        Only correlations above it count.

    Returns
    -------
    ndarray of float64, shape () or (n_columns,)
        ``median(r[r > threshold]) * share(r > threshold)``; 0 where no correlation lies above
        the threshold, NaN where there is no correlation at all.

    References
    ----------
    .. [1] ``kleinbubIndex`` of kleinbub/DyadSync, commit 12caef2.

    Examples
    --------
    >>> float(kleinbub_index(np.array([0.5, 0.25, -0.75, np.nan, -0.5])))
    0.1875
    """
    if r.ndim == 1:
        return np.asarray(_index(r, threshold))
    return np.array([_index(column, threshold) for column in r.T])


def _index(r: Array, threshold: float) -> float:
    """Index of one column."""
    seen = np.count_nonzero(r == r)
    above = r[r > threshold]
    if not seen:
        return math.nan
    return float(np.median(above)) * above.size / seen if above.size else 0.0


def kleinbub_profile(coupling: Coupling) -> Array:
    """Kleinbub's index at every lag, shape (n_lags,)."""
    return kleinbub_index(coupling.values, float(coupling.options["threshold"]))


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``kleinbub``."""
    profile, lags = kleinbub_profile(coupling), coupling.coords["lag"]
    there = profile == profile
    best = int(np.argmax(np.where(there, profile, -np.inf))) if there.any() else -1
    return {
        "kleinbub": float(profile[lags.size // 2]),
        "kleinbub_peak": float(profile[best]) if best >= 0 else math.nan,
        "best_lag_s": float(lags[best]) if best >= 0 else math.nan,
    }


_STATISTICS = (
    Statistic(
        name="kleinbub",
        title="Kleinbub's session index",
        explain="The share of windows in which the two went together, times how closely they "
        "typically did in those windows. 0: never together; 1: always and perfectly. Windows "
        "in which they moved apart lower the share and nothing else. Above 0 for strangers too: "
        "read it only beside its chance distribution.",
        bounds=(0.0, 1.0),
        chance=0.044,
    ),
    Statistic(
        name="kleinbub_peak",
        title="Highest index over the lags",
        explain="The index at the delay at which it is highest. Because the best of many delays "
        "was picked it is larger than at one delay, for strangers too: read it only beside a "
        "chance distribution that was picked in the same way.",
        bounds=(0.0, 1.0),
        chance=0.065,
    ),
    Statistic(
        name="best_lag_s",
        title="Delay of the highest index (s)",
        explain="The delay in seconds at which the index is highest. Positive: the second person "
        "follows the first; negative: the first follows the second. It always has a value, even "
        "for strangers, so it means something only where the peak stands out from chance.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
)


@method(
    name="kleinbub",
    title="Kleinbub's session index",
    summarise=_summary,
    profile=kleinbub_profile,
    statistics=_STATISTICS,
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="differs",
    scale_free=True,
    cites=("KleinbubIndex",),
    sentence="Kleinbub's session index [@KleinbubIndex], the median of window correlations above "
    "{threshold:g} times their share, was computed from {slope} (slope windows of "
    "{slope_window_s:g} s every {slope_step_s:g} s where slopes were taken) in windows of "
    "{window_s:g} s every {step_s:g} s at lags up to {max_lag_s:g} s in steps of "
    "{lag_step_s:g} s; windows with less than {min_coverage:g} of the data present were left out.",
    question="In how much of the session do the two go together, and how closely when they do?",
    not_when="Moving in opposite directions is of interest: it only counts as not together (the "
    "single session index weighs both). Signals that drift in one direction for longer than a "
    "window correlate by themselves: take slopes, or longer windows.",
    words={
        "slope": {
            "mean_gradient": "slopes (mean gradient)",
            "ols": "slopes (least squares)",
            "endpoint": "slopes (last sample less first)",
            "none": "the signals as they are",
        }
    },
    units={
        "threshold": "1",
        "slope": "choice",
        "slope_window_s": "s",
        "slope_step_s": "s",
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "lag_step_s": "s",
        "min_coverage": "1",
    },
)
def kleinbub(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    threshold: float = 0.0,
    slope: Slope = "none",
    slope_window_s: float = 5.0,
    slope_step_s: float = 1.0,
    window_s: float = 15.0,
    step_s: float = 1.0,
    max_lag_s: float = 7.0,
    lag_step_s: float = 1.0,
    min_coverage: float = 0.8,
) -> Coupling:
    """Correlate short windows, and weigh how often and how closely two people go together.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals.
    threshold : float
        A window counts as together if its correlation lies above it; 0 or more, below 1.
    slope : {"none", "mean_gradient", "ols", "endpoint"}
        Correlate the signals as they are, as DyadSync does; or their slopes, as ``marci``.
    slope_window_s, slope_step_s : float
        Length of the window of a slope and seconds between slopes, where slopes are taken.
    window_s, step_s : float
        Length of the window of a correlation, and seconds from one to the next.
    max_lag_s, lag_step_s : float
        Largest lag in both directions and seconds between lags.
    min_coverage : float
        Share of a window's pairs (and of a slope's samples) that must be present.

    Returns
    -------
    Coupling
        ``values`` : Pearson r, shape (n_windows, n_lags), in [-1, 1], as :func:`marci
        <syntony.synchrony.slopes.marci>` gives it with the same options; NaN where coverage
        is too low or one side does not vary at all.

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, or no whole window
        fits.

    Notes
    -----
    At every lag the index is ``median(r[r > threshold]) * share(r > threshold)``, the share
    among the windows that have a correlation. The windows are those of ``marci``, which weighs
    r above 0 against r below 0 instead. Where no window lies above the threshold our index is
    0, since the share is; a median of nothing has no value.

    References
    ----------
    .. [1] kleinbub/DyadSync, commit 12caef2, ``kleinbubIndex`` (source code).

    Examples
    --------
    The second person's signal follows by two seconds:

    >>> rng = np.random.default_rng(1)
    >>> x = np.convolve(rng.standard_normal(2400), np.ones(24) / 24, "same")
    >>> c = kleinbub(x, np.roll(x, 8), rate_hz=4.0)
    >>> float(c.coords["lag"][np.argmax(kleinbub_profile(c))])
    2.0
    """
    check_choice("slope", slope, _SLOPES)
    check_number("threshold", threshold, 0.0, np.nextafter(1.0, 0.0), "a number from 0 to under 1")
    found = marci(
        x,
        y,
        rate_hz=rate_hz,
        slope=slope,
        slope_window_s=slope_window_s,
        slope_step_s=slope_step_s,
        window_s=window_s,
        step_s=step_s,
        max_lag_s=max_lag_s,
        lag_step_s=lag_step_s,
        min_coverage=min_coverage,
    )
    own = (
        "slope",
        "slope_window_s",
        "slope_step_s",
        "window_s",
        "step_s",
        "max_lag_s",
        "lag_step_s",
        "min_coverage",
    )
    return Coupling(
        values=found.values,
        dims=found.dims,
        coords=found.coords,
        coverage=found.coverage,
        reach_s=found.reach_s,
        method="kleinbub",
        options={"threshold": threshold, **{k: found.options[k] for k in own}},
    )
