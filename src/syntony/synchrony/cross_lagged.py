"""Windowed cross-lagged regression: does one person's past add to the other's own?"""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import fixed
from syntony.synchrony._windowed import Windows, checked, highest, lay_windows, mean_over_windows
from syntony.synchrony.registry import Statistic, method

_APART = 1e-10
"""1 - r² of the two predictors, below which they cannot be told apart."""


def increase_profile(coupling: Coupling) -> Array:
    """Mean increase in R² over windows at every lag, shape (n_lags,); NaN at lag 0."""
    return mean_over_windows(coupling.values)


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``cross_lagged_regression``."""
    cells = coupling.values
    zero = coupling.coords["lag"].size // 2
    first, second = mean_present(cells[:, zero + 1 :]), mean_present(cells[:, :zero])
    peak, best_lag_s = highest(coupling, increase_profile(coupling))
    return {
        "mean_increase": mean_present(cells),
        "first_leads": first,
        "second_leads": second,
        "lead_difference": first - second,
        "peak_increase": peak,
        "best_lag_s": best_lag_s,
    }


_STATISTICS = (
    Statistic(
        name="mean_increase",
        title="Mean increase in R² over all lags",
        explain="How much better one person's signal is predicted when the other's earlier value "
        "is added to its own earlier value, averaged over windows, delays and both directions. "
        "0: nothing is added; 0.1: a further tenth of the ups and downs is explained. A little "
        "above 0 for strangers too, as any added predictor explains something.",
        bounds=(0.0, 1.0),
        chance=0.008,
    ),
    Statistic(
        name="first_leads",
        title="First person predicts the second (increase in R²)",
        explain="The average increase when the first person's earlier value helps to predict the "
        "second person.",
        bounds=(0.0, 1.0),
        chance=0.008,
    ),
    Statistic(
        name="second_leads",
        title="Second person predicts the first (increase in R²)",
        explain="The average increase when the second person's earlier value helps to predict the "
        "first person.",
        bounds=(0.0, 1.0),
        chance=0.008,
    ),
    Statistic(
        name="lead_difference",
        title="First leads less second leads (difference of the increases)",
        explain="Above 0: the first person's past says more about the second than the other way "
        "round; below 0: the second person leads; 0: neither, or both alike.",
        bounds=(-1.0, 1.0),
        chance=0.0,
    ),
    Statistic(
        name="peak_increase",
        title="Highest mean increase over the lags",
        explain="The average increase at the delay at which it is highest. Because the best of "
        "many delays was picked it is higher than the mean for strangers too: read it only "
        "beside a chance distribution that was picked in the same way.",
        bounds=(0.0, 1.0),
        chance=0.012,
    ),
    Statistic(
        name="best_lag_s",
        title="Delay of the highest mean increase (s)",
        explain="The delay in seconds at which the average increase is highest. Positive: the "
        "second person follows the first; negative: the first follows the second. With smooth "
        "signals it tends to lie beyond the true delay. It always has a value, even for "
        "strangers, so it means something only where the peak stands out from chance.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
)


@method(
    name="cross_lagged_regression",
    title="Windowed cross-lagged regression",
    summarise=_summary,
    profile=increase_profile,
    statistics=_STATISTICS,
    dims=("time", "lag"),
    bounds=(0.0, 1.0),
    chance=0.008,
    swap="mirror_lag",
    scale_free=True,
    cites=("Altmann2011",),
    sentence="Windowed cross-lagged regression (after [@Altmann2011]): in windows of {window_s:g} "
    "s every {step_s:g} s and at lags up to {max_lag_s:g} s, the increase in explained variance "
    "was computed when the value of one person that many seconds earlier was added to the other "
    "person's own value of the same moment as predictor; windows with less than "
    "{min_coverage:g} of the data present were left out.",
    question="Does one person's signal tell what the other's will do, over and above what the "
    "other's own signal tells, and who tells more about whom?",
    not_when="Synchrony without a delay is expected: at lag 0 a value explains itself wholly and "
    "nothing can be added, so there is no value, and analyses of single moments, which read lag "
    "0, have none either. Signs are lost: moving in opposite directions adds as much as moving "
    "together (parts hold the sign of the coefficient). A single past value is not the whole "
    "past; Granger causality takes more of it.",
    units={"window_s": "s", "step_s": "s", "max_lag_s": "s", "min_coverage": "1"},
)
def cross_lagged_regression(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Increase in R² when one person's earlier value joins the other's own, per window and lag.

    A positive lag means that ``x`` leads: ``x[t - lag]`` helps to predict ``y[t]``. A negative
    lag means that ``y`` leads.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a moment counts where the value
        to be predicted and both predictors are present.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    max_lag_s : float
        Largest lag in both directions; lags are one sample apart. Each window and its longest
        lag lie inside the recording.
    min_coverage : float
        Share of a window's moments that must be complete.

    Returns
    -------
    Coupling
        ``values`` : increase in R², shape (n_windows, n_lags), in [0, 1]. NaN at lag 0, where
        coverage is too low, where a signal does not vary at all, and where the two predictors
        are the same but for scale, so that none can be said to add anything.
        ``coords["time"]`` : centre of the window of the predictors, the person who leads, in
        seconds from the first sample. ``coords["lag"]`` : seconds, ascending, 0 in the middle.
        ``parts["beta"]`` : standardised coefficient of the other person's earlier value, its
        sign telling together (+) from opposite (-); ``parts["own_r2"]`` : R² without it. Both
        of the shape of ``values``.

    Raises
    ------
    InputError
        If the signals differ in length, a length makes no sense, or no whole window fits.

    Notes
    -----
    For a lag L above 0 and t over the window::

        own:   y[t + L] ~ 1 + y[t]
        both:  y[t + L] ~ 1 + y[t] + x[t]
        value = R²(both) - R²(own)

    and with x and y exchanged for a lag below 0, so that exchanging the people mirrors the lags
    exactly. With the three correlations a = r(y[t + L], x[t]), b = r(y[t + L], y[t]) and
    c = r(x[t], y[t]) over the same moments, the increase is ``(a - b c)² / (1 - c²)``, the
    squared semi-partial correlation.

    The idea is that of [1]_, whose stated aim is a measure that the autocorrelation of the
    signals does not confound, as it does ``lagged_correlation``; the layout of windows and lags
    here is our own.

    References
    ----------
    .. [1] Altmann (2011), Investigation of movement synchrony using windowed cross-lagged
       regression. https://doi.org/10.1007/978-3-642-25775-9_31

    Examples
    --------
    The second person's impulses come one second later, each fading slowly:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> own, x = rng.standard_normal((2, 1200))
    >>> for t in range(1, 1200):
    ...     x[t] += 0.7 * x[t - 1]
    >>> c = cross_lagged_regression(x, np.roll(x, 4) + 0.5 * own, rate_hz=4.0)
    >>> float(c.coords["lag"][np.nanargmax(increase_profile(c))])
    1.0
    """
    spans_s = (window_s, step_s, max_lag_s)
    x, y = checked(x, y, rate_hz, spans_s, min_coverage)
    plan = lay_windows(x.size, rate_hz, spans_s, min_coverage, ahead=True)
    shape = (plan.starts.size, 2 * plan.n_lags + 1)
    value, beta, own, share = (np.full(shape, np.nan) for _ in range(4))
    halves = ((x, y, slice(plan.n_lags + 1, None)), (y, x, slice(plan.n_lags - 1, None, -1)))
    share[:, plan.n_lags] = _complete(x, y, plan)
    for leader, follower, where in halves if plan.n_lags else ():
        found = _one_way(leader, follower, plan)
        for array, half in zip((value, beta, own, share), found, strict=True):
            array[:, where] = half
    return Coupling(
        values=fixed(value),
        dims=("time", "lag"),
        coords={"time": plan.times_s, "lag": plan.lags_s},
        coverage=fixed(share),
        reach_s=plan.reach_s,
        method="cross_lagged_regression",
        options={**plan.used, "min_coverage": min_coverage},
        parts={"beta": beta, "own_r2": own},
    )


def _complete(x: Array, y: Array, plan: Windows) -> Array:
    """Share of every window in which both signals are present."""
    there = np.concatenate(([0], np.cumsum(~(np.isnan(x) | np.isnan(y)))))
    share: Array = (there[plan.starts + plan.window] - there[plan.starts]) / plan.window
    return share


def _one_way(leader: Array, follower: Array, plan: Windows) -> tuple[Array, Array, Array, Array]:
    """Increase, coefficient, R² of the own past and coverage, lags 1 to the longest."""
    from syntony.kernels.joint import pearson_where
    from syntony.kernels.lagged import lagged_pearson

    gone = np.isnan(leader) | np.isnan(follower)
    past, own_past = (np.where(gone, np.nan, v) for v in (leader, follower))
    starts, window, lags, least = plan.starts, plan.window, (1, plan.n_lags), plan.min_pairs
    a, share = lagged_pearson(past, follower, starts, window, lags, min_pairs=least)
    b, _ = lagged_pearson(own_past, follower, starts, window, lags, min_pairs=least)
    if gone.any():
        c = pearson_where(past, own_past, follower, starts, window, lags)
    else:  # the same moments at every lag
        c, _ = lagged_pearson(past, own_past, starts, window, (0, 0), min_pairs=least)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = 1.0 - c * c
        rest = np.where(rest > _APART, rest, np.nan)
        excess = a - b * c
        value = np.minimum(excess * excess / rest, 1.0)
    return value, excess / rest, np.where(np.isnan(value), np.nan, b * b), share
