"""Elastic best lag: the delay is followed from window to window and cannot jump."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._fisher import fisher_z, mean_present
from syntony.synchrony._inputs import check_choice, check_number, check_seconds, fixed, in_samples
from syntony.synchrony.correlation import Anchor, lagged_correlation
from syntony.synchrony.kleinbub import kleinbub_index
from syntony.synchrony.registry import Statistic, method
from syntony.synchrony.slopes import single_session_index

Weight = Literal["off", "zero", "last"]

_WEIGHTS: dict[str, int] = {"off": 0, "zero": 1, "last": 2}
_SD = 1000.0  # columns: the Gaussian of ccfBest, before it is stretched

CCFBEST = {"anchor": "rmea", "min_coverage": 0.5}
"""Options with which ``best_lag`` gives the figures of DyadSync's ccfBest."""


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``best_lag``."""
    r, lag_s = coupling.values, coupling.parts["lag_s"]
    r, lag_s = r[r == r], lag_s[r == r]
    some = r.size > 0
    return {
        "mean_z": mean_present(fisher_z(r)),
        "index": float(single_session_index(r)) if some else math.nan,
        "median_share": float(kleinbub_index(r)),
        "mean_lag_s": mean_present(lag_s),
        "sd_lag_s": float(lag_s.std(ddof=1)) if r.size > 1 else math.nan,
        "share_first_leads": float(np.mean(lag_s > 0)) if some else math.nan,
        "share_second_leads": float(np.mean(lag_s < 0)) if some else math.nan,
    }


_STATISTICS = (
    Statistic(
        name="mean_z",
        title="Mean strength at the followed delay (Fisher z)",
        explain="Average correlation at the delay that was followed, after Fisher's z. Because "
        "the best delay within reach was taken at every step it is above 0 for strangers too: "
        "read it only beside a chance distribution that was followed in the same way.",
        bounds=(-10.0, 10.0),
        chance=0.18,
        is_fisher_z=True,
    ),
    Statistic(
        name="index",
        title="Balance of moving together and apart",
        explain="Weighs the windows in which the two moved together, at the followed delay, "
        "against those in which they moved apart: 0 when both weigh the same. Above 0 for "
        "strangers too, because the delay was chosen.",
        bounds=(-10.0, 10.0),
        chance=8.3,
    ),
    Statistic(
        name="median_share",
        title="Strength and share of moving together",
        explain="Middle strength of the windows in which the two moved together, times the share "
        "of such windows. 0: they never did; 1: always and perfectly.",
        bounds=(0.0, 1.0),
        chance=0.18,
    ),
    Statistic(
        name="mean_lag_s",
        title="Mean followed delay (s)",
        explain="Average of the followed delay in seconds. Positive: the second person follows "
        "the first; negative: the first follows the second.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
    Statistic(
        name="sd_lag_s",
        title="Spread of the followed delay (s)",
        explain="How much the followed delay wanders over the session, in seconds. Strangers' "
        "delays wander widely.",
        bounds=(0.0, math.inf),
        chance=1.9,
    ),
    Statistic(
        name="share_first_leads",
        title="Share of time the first person leads",
        explain="The share of windows in which the followed delay is positive, so that the "
        "second person follows the first.",
        bounds=(0.0, 1.0),
        chance=0.48,
    ),
    Statistic(
        name="share_second_leads",
        title="Share of time the second person leads",
        explain="The share of windows in which the followed delay is negative, so that the first "
        "person follows the second.",
        bounds=(0.0, 1.0),
        chance=0.48,
    ),
)


@method(
    name="best_lag",
    title="Elastic best lag",
    summarise=_summary,
    statistics=_STATISTICS,
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.18,
    swap="same",
    scale_free=True,
    cites=("DyadSync",),
    sentence="The delay between the two was followed from window to window [@DyadSync]: "
    "correlations in windows of {window_s:g} s every {step_s:g} s ({anchor}) at lags up to "
    "{max_lag_s:g} s in steps of {lag_step_s:g} s; from lag 0 on, the lag moved by at most "
    "{lag_speed:g} s per second to the highest value within reach ({weight} malus {malus:g}); "
    "windows with less than {min_coverage:g} of the data present were left out.",
    question="Who leads at each moment, when the delay may drift over the session but cannot jump, "
    "and how close are the two at that drifting delay?",
    not_when="The delay may jump from one window to the next (peak_picking looks at every window "
    "by itself), or one delay holds throughout (lagged_correlation). The path is greedy: it takes "
    "the best step, never looks ahead, and can follow the wrong hill for minutes. It overestimates "
    "closeness; only paths followed in the same way in surrogates say what it is worth.",
    words={
        "anchor": {
            "ours": "of the first person, the second shifted under them",
            "rmea": "laid out as in rMEA",
            "behrens": "laid out as by Behrens and Boker",
        },
        "weight": {
            "off": "unweighted; unused",
            "zero": "lags near 0 favoured by a",
            "last": "lags near the last one favoured by a",
        },
    },
    units={
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "lag_step_s": "s",
        "lag_speed": "1",
        "weight": "choice",
        "malus": "1",
        "anchor": "choice",
        "min_coverage": "1",
    },
)
def best_lag(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    window_s: float = 20.0,
    step_s: float = 2.0,
    max_lag_s: float = 5.0,
    lag_step_s: float = 0.25,
    lag_speed: float = 0.5,
    weight: Weight = "off",
    malus: float = 0.1,
    anchor: Anchor = "rmea",
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Follow the delay at which two signals correlate best, a limited step at a time.

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
    lag_speed : float
        Seconds by which the lag may move per second of the session.
    weight : {"off", "zero", "last"}
        Take the highest r within reach; or the highest after a weight that is 1 at lag 0
        and ``1 - malus`` at the largest lag; or one that is 1 at the last lag and
        ``1 - malus`` at the end of the reach.
    malus : float
        What the weight takes away at most, 0 to 1.
    anchor : {"rmea", "behrens", "ours"}
        Where windows and lags lie, as in :func:`lagged_correlation`.
    min_coverage : float
        Share that must be present, as in :func:`lagged_correlation`.

    Returns
    -------
    Coupling
        ``values`` : r at the followed lag, shape (n_windows,), in [-1, 1]; NaN where no lag
        within reach has a value. ``coords["time"]`` : centre of the window of ``x`` at lag 0,
        seconds from the first sample. ``coverage`` : at the followed lag; where there is none,
        the lowest over the lags. ``reach_s`` goes back to the start, as the path does.
        ``parts`` : ``lag_s`` (n_windows,), NaN where ``values`` are; ``r`` (n_windows, n_lags)
        at the lags ``r_lags_s``.

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, or no whole window
        fits.

    Notes
    -----
    The path starts at lag 0 in the first window that has a value there, and goes in each window
    to the lag of the highest r among those at most ``lag_speed`` times the seconds since the last
    window with a value away; of equal values to the lowest lag. A gap therefore widens the reach:
    the delay may have moved on unseen. It is a greedy search for a maximum, so its values are
    biased upwards and are above 0 for strangers. A surrogate must go through the same search,
    which it does wherever this method is one step of a recipe.

    **Beside DyadSync's** ``ccfBest`` [1]_. Give ``**CCFBEST``; ``weight="zero"`` is theirs
    "center", ``"last"`` theirs "free", ``simplify=TRUE`` is ``lag_step_s=1.0``, and
    ``lag_speed`` is ``accelSec``. The weight is the density of a Gaussian with an SD of 1000
    lags, stretched to run from ``1 - malus`` to 1: nearly a parabola, whatever the rate. It
    multiplies r, so that it also draws *negative* values outwards. ``index`` and
    ``median_share`` are their ``marciIndex`` and ``kleinbubIndex`` of the best values.

    References
    ----------
    .. [1] Kleinbub, DyadSync 1.3.2, ``ccfBest``, ``marciIndex``, ``kleinbubIndex``.

    Examples
    --------
    The second person's signal follows by one second:

    >>> noise = np.random.default_rng(1).standard_normal(1200)
    >>> x = np.convolve(noise, np.hanning(12), "same")
    >>> c = best_lag(x, np.roll(x, 4), rate_hz=4.0)
    >>> c.parts["lag_s"][:4].tolist()
    [0.0, 1.0, 1.0, 1.0]
    """
    from syntony.kernels.peaks import best_path

    check_choice("weight", weight, tuple(_WEIGHTS))
    check_number("malus", malus, 0.0, 1.0, "a share from 0 to 1")
    check_number("lag_speed", lag_speed, 0.0, math.inf, "a number, 0 or more")
    check_seconds(lag_step_s=lag_step_s)
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
    lags_s, times_s = np.ascontiguousarray(every.coords["lag"][taken]), every.coords["time"]
    step = stride / rate_hz
    r = np.ascontiguousarray(every.values[:, taken])
    reach = np.diff(times_s, prepend=times_s[0]) * lag_speed / step
    columns = best_path(r, reach, _WEIGHTS[weight], malus, _SD)
    rows, there = np.arange(columns.size), columns >= 0
    coverage = every.coverage
    if coverage is not None:
        share = coverage[:, taken]
        coverage = fixed(np.where(there, share[rows, columns], share.min(axis=1)))
    return Coupling(
        values=fixed(np.where(there, r[rows, columns], np.nan)),
        dims=("time",),
        coords={"time": times_s},
        coverage=coverage,
        reach_s=(float(times_s[-1]) + every.reach_s[0], every.reach_s[1]),
        method="best_lag",
        options={
            "window_s": every.options["window_s"],
            "step_s": step_s,
            "max_lag_s": float(lags_s[-1]),
            "lag_step_s": step,
            "lag_speed": lag_speed,
            "weight": weight,
            "malus": malus,
            "anchor": anchor,
            "min_coverage": min_coverage,
        },
        parts={
            "lag_s": fixed(np.where(there, lags_s[columns], np.nan)),
            "r": fixed(r),
            "r_lags_s": fixed(lags_s),
        },
    )
