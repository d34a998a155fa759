"""Windowed lagged rank correlation (Spearman)."""

from __future__ import annotations

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._inputs import fixed
from syntony.synchrony._windowed import checked, lay_windows, z_profile, z_statistics, z_summary
from syntony.synchrony.registry import method


@method(
    name="rank_correlation",
    title="Windowed lagged rank correlation (Spearman)",
    summarise=z_summary,
    profile=z_profile,
    statistics=z_statistics("the ranks", abs_chance=0.07, peak_chance=0.03),
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="differs",
    scale_free=True,
    cites=("Spearman1904", "Boker2002"),
    sentence="Spearman's rank correlation [@Spearman1904] was computed in moving windows at a "
    "range of lags, in the manner of windowed cross-correlation [@Boker2002]: windows of "
    "{window_s:g} s every {step_s:g} s and lags up to {max_lag_s:g} s, ranks taken inside each "
    "window; windows with less than {min_coverage:g} of the data present were left out.",
    question="Do the two signals rise above and fall below their usual level together, however "
    "far, from one stretch of the session to the next, at which delay, and who leads?",
    not_when="The size of a reaction matters: ranks make a small wave count as much as a large "
    "one, so in a stretch where nothing happens they amplify noise that lagged correlation "
    "(Pearson) would leave small beside a true response. Signals that hold one value for long "
    "have ties and lose power. Windows shorter than one rise and fall, and drifts longer than a "
    "window, mislead it as they mislead lagged correlation.",
    units={"window_s": "s", "step_s": "s", "max_lag_s": "s", "min_coverage": "1"},
)
def rank_correlation(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Correlate the ranks of two signals in moving windows at a range of lags.

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
    max_lag_s : float
        Largest lag in both directions; lags are one sample apart.
    min_coverage : float
        Share of a window's pairs that must be present.

    Returns
    -------
    Coupling
        ``values`` : Spearman's rho, shape (n_windows, n_lags), in [-1, 1]; NaN where coverage
        is too low or a signal does not vary at all.
        ``coords["time"]`` : centre of the window of ``x``, seconds from the first sample.
        ``coords["lag"]`` : seconds, ascending, 0 in the middle.

    Raises
    ------
    InputError
        If the signals differ in length, a length makes no sense, or no whole window fits.

    Notes
    -----
    For every window and lag the complete pairs ``x[t]``, ``y[t + lag]`` are ranked anew, each
    side among themselves, and rho is Pearson's r of the ranks [1]_. Equal values share the mean
    of their ranks. Ranks of the whole session are not used: they would carry the session's
    drift into every window.

    It differs from ``lagged_correlation`` in one thing: a single large excursion, an artefact or
    a startle, cannot decide a window. Any rising transformation of either signal (a logarithm)
    changes nothing.

    References
    ----------
    .. [1] Spearman (1904), American Journal of Psychology 15(1), 72-101.

    Examples
    --------
    A signal leads its own exponential by one second:

    >>> import numpy as np
    >>> x = np.sin(np.arange(400) / 7.0)
    >>> c = rank_correlation(x, np.exp(3 * np.roll(x, 4)), rate_hz=4.0, max_lag_s=2.0)
    >>> float(c.coords["lag"][np.nanargmax(c.values[2])])
    1.0
    """
    from syntony.kernels.ranks import lagged_spearman

    spans_s = (window_s, step_s, max_lag_s)
    x, y = checked(x, y, rate_hz, spans_s, min_coverage)
    plan = lay_windows(x.size, rate_hz, spans_s, min_coverage)
    lags = (-plan.n_lags, plan.n_lags)
    rho, share = lagged_spearman(x, y, plan.starts, plan.window, lags, min_pairs=plan.min_pairs)
    return Coupling(
        values=fixed(rho),
        dims=("time", "lag"),
        coords={"time": plan.times_s, "lag": plan.lags_s},
        coverage=fixed(share),
        reach_s=plan.reach_s,
        method="rank_correlation",
        options={**plan.used, "min_coverage": min_coverage},
    )
