"""Prewhitened correlation: of what neither person's own past lets expect."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._autoregression import Autoregression, fit_autoregression, leftovers
from syntony.synchrony._inputs import check_choice, check_number, fixed
from syntony.synchrony._windowed import checked, lay_windows, z_profile, z_statistics, z_summary
from syntony.synchrony.registry import method

FilterOf = Literal["each", "first", "second"]


@method(
    name="prewhitened_correlation",
    title="Prewhitened windowed lagged correlation",
    summarise=z_summary,
    profile=z_profile,
    statistics=z_statistics(
        "what the signals' own past does not explain", abs_chance=0.07, peak_chance=0.03
    ),
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="differs",
    scale_free=True,
    cites=("Box2015", "Boker2002"),
    sentence="Both signals were prewhitened [@Box2015]: an autoregression of at most "
    "{max_order:g} past samples, its order chosen by BIC, was fitted {filter_of}, and its "
    "residuals were correlated in moving windows at a range of lags, in the manner of windowed "
    "cross-correlation [@Boker2002]: windows of {window_s:g} s every {step_s:g} s and lags up to "
    "{max_lag_s:g} s; windows with less than {min_coverage:g} of the residuals present were left "
    "out.",
    question="When one person's signal does something that its own past did not announce, does "
    "the other's do so too, at which delay, and who leads?",
    not_when="Slow waves themselves are the synchrony looked for: prewhitening takes out what is "
    "predictable, the slow waves first, and leaves the fast part, which in an oversampled or "
    "smoothed signal is measuring noise (bring it to a few samples per wave first). With many "
    "scattered missing samples little is left, as every residual needs its whole past.",
    words={
        "filter_of": {
            "each": "to each signal and applied to it",
            "first": "to the first person's signal and applied to both",
            "second": "to the second person's signal and applied to both",
        },
    },
    units={
        "filter_of": "choice",
        "max_order": "1",
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "min_coverage": "1",
    },
)
def prewhitened_correlation(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    filter_of: FilterOf = "each",
    max_order: int = 20,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.5,
) -> Coupling:
    r"""Correlate what autoregressions leave of two signals, in windows at a range of lags.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; the autoregression is fitted
        to complete lag vectors only and bridges no gap.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    filter_of : {"each", "first", "second"}
        Each signal is freed of its own autoregression; or one person's autoregression is
        fitted and both signals are filtered with it, the usual way where one signal is thought
        to drive the other.
    max_order : int
        Most past samples an autoregression may use; the number is chosen by BIC.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    max_lag_s : float
        Largest lag in both directions; lags are one sample apart.
    min_coverage : float
        Share of a window's pairs of residuals that must be present.

    Returns
    -------
    Coupling
        ``values`` : Pearson r of the residuals, shape (n_windows, n_lags), in [-1, 1]; NaN where
        coverage is too low, and throughout where an autoregression cannot be fitted or leaves
        nothing over, as of a constant or a pure sine.
        ``coords["time"]`` : centre of the window of ``x``, seconds from the first sample.
        ``parts["order"]`` : orders of the two filters applied, shape (2,), NaN where none was
        fitted; ``parts["coefficients_first"]`` and ``parts["coefficients_second"]`` : their
        coefficients, for one sample back, two samples back and so on.
        ``reach_s`` : the whole recording, as the autoregressions are fitted to all of it.

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, or no whole window
        fits.

    Notes
    -----
    The residuals are ``e[t] = v[t] - sum(a[i] v[t - i], i = 1 ... p)``, with ``a`` by least
    squares (with an intercept) and p of the lowest ``BIC(p) = n ln(RSS(p) / n) + p ln n``, all
    orders compared on the same complete lag vectors. A residual is missing where its sample or
    one of the p before it is; p samples behind every gap are lost.

    It differs from ``lagged_correlation`` in what it lets count. Two signals that are smooth in
    themselves correlate by chance, the more the smoother they are, because a window then holds
    few independent values; after prewhitening it holds about as many as it has samples [1]_.
    ``cross_lagged_regression`` asks a like question of raw values, with one past value each.

    References
    ----------
    .. [1] Box, Jenkins, Reinsel & Ljung (2015), Time Series Analysis, 5th ed., Wiley, ch. 12
       (prewhitening before cross-correlation).

    Examples
    --------
    The second person's impulses come one second later, each fading slowly:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> v = rng.standard_normal(1204)
    >>> for t in range(1, v.size):
    ...     v[t] += 0.95 * v[t - 1]
    >>> c = prewhitened_correlation(v[4:], v[:-4], rate_hz=4.0)
    >>> c.parts["order"].tolist(), float(c.coords["lag"][np.nanargmax(z_profile(c))])
    ([1.0, 1.0], 1.0)
    """
    from syntony.kernels.lagged import lagged_pearson

    spans_s = (window_s, step_s, max_lag_s)
    x, y = checked(x, y, rate_hz, spans_s, min_coverage)
    check_choice("filter_of", filter_of, ("each", "first", "second"))
    whole = "a whole number from 0 to 1000"
    check_number("max_order", max_order, 0, 1000, whole)
    if max_order != int(max_order):
        raise InputError("max_order", max_order, whole)
    plan = lay_windows(x.size, rate_hz, spans_s, min_coverage)
    fits = [
        fit_autoregression({"first": x, "second": y}.get(filter_of, own), int(max_order))
        for own in (x, y)
    ]
    a, b = (_whitened(v, fit) for v, fit in zip((x, y), fits, strict=True))
    lags = (-plan.n_lags, plan.n_lags)
    r, share = lagged_pearson(a, b, plan.starts, plan.window, lags, min_pairs=plan.min_pairs)
    whole_s = x.size / rate_hz
    return Coupling(
        values=fixed(r),
        dims=("time", "lag"),
        coords={"time": plan.times_s, "lag": plan.lags_s},
        coverage=fixed(share),
        reach_s=(whole_s, whole_s),
        method="prewhitened_correlation",
        options={
            "filter_of": filter_of,
            "max_order": int(max_order),
            **plan.used,
            "min_coverage": min_coverage,
        },
        parts={
            "order": np.array([fit.order if fit else math.nan for fit in fits]),
            "coefficients_first": fits[0].coefficients if fits[0] else np.zeros(0),
            "coefficients_second": fits[1].coefficients if fits[1] else np.zeros(0),
        },
    )


def _whitened(values: Array, fit: Autoregression | None) -> Array:
    """Residuals of one person; none where nothing could be fitted."""
    return np.full(values.size, np.nan) if fit is None else leftovers(values, fit.coefficients)
