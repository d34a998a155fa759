"""The classical cross-correlation function inside windows, as R's ccf computes it."""

from __future__ import annotations

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import fixed
from syntony.synchrony._windowed import checked, lay_windows, z_profile, z_statistics, z_summary
from syntony.synchrony.registry import method


@method(
    name="window_ccf",
    title="Cross-correlation function inside windows",
    summarise=z_summary,
    profile=z_profile,
    statistics=z_statistics("the two signals", abs_chance=0.07, peak_chance=0.03),
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="mirror_lag",
    scale_free=True,
    cites=("Box2015",),
    sentence="The sample cross-correlation function [@Box2015] was computed inside windows of "
    "{window_s:g} s every {step_s:g} s at lags up to {max_lag_s:g} s, with the means and the "
    "number of samples of the window at every lag; windows with less than {min_coverage:g} of "
    "the data present were left out.",
    question="How strongly are two stretches of the same seconds correlated, at which delay, and "
    "who leads, by the estimate that most statistics programs call cross-correlation?",
    not_when="Delays are long beside the window: the divisor stays while pairs become fewer, so "
    "values shrink towards 0 with the lag, by a third at a lag of a third of the window, and the "
    "peak is drawn to lag 0. Lagged correlation, which takes new samples of the second person "
    "for every lag, does not shrink; take this one to compare with results of R's ccf, synchr "
    "or SUSY.",
    units={"window_s": "s", "step_s": "s", "max_lag_s": "s", "min_coverage": "1"},
)
def window_ccf(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Cross-correlation function of both signals inside the same moving window.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next. The
        length of the recording gives one window, the global function.
    max_lag_s : float
        Largest lag in both directions, shorter than the window; lags are one sample apart.
    min_coverage : float
        Share of a window's samples at which both signals must be present, and of the pairs that
        a lag can have.

    Returns
    -------
    Coupling
        ``values`` : shape (n_windows, n_lags), in [-1, 1]; NaN where coverage is too low or a
        signal does not vary at all. ``coords["time"]`` : centre of the window, seconds from the
        first sample. ``coords["lag"]`` : seconds, ascending, 0 in the middle.
        ``coverage`` : complete pairs over those that the window can hold at the lag.

    Raises
    ------
    InputError
        If the signals differ in length, a length makes no sense, the lag reaches beyond the
        window, or no whole window fits.

    Notes
    -----
    With the means and standard deviations (divisor W) of the W samples of a window::

        c[L] = sum((x[t] - mean_x) (y[t + L] - mean_y), t and t + L inside) / (W sd_x sd_y)

    which at lag 0 is Pearson's r and at others is drawn towards 0 by up to ``|L| / W`` [1]_.
    ``lagged_correlation`` holds the window of ``x`` and takes W samples of ``y`` for every lag.
    Where samples are missing, means and standard deviations are of what is present and the
    divisor is the number of complete pairs plus ``|L|``.

    **synchr** (R) gives these values window by window; its lags have the opposite sign
    (negative: the first leads) and are in samples; its ``by = 0`` means windows side by side
    (``step_s = window_s``), its ``window = 0`` one window as long as the recording. **SyncPy**'s
    ``Correlation`` gives these values for one whole recording, lags of the opposite sign, but
    scaled: multiply its figures by ``sqrt(sum(x²) sum(y²)) / (n - 1)``, sums of the raw
    signals, to get ours.

    References
    ----------
    .. [1] Box, Jenkins, Reinsel & Ljung (2015), Time Series Analysis, 5th ed., Wiley, ch. 12
       (estimate of the cross-correlation function).

    Examples
    --------
    A signal leads its own copy by one second:

    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal(400)
    >>> c = window_ccf(x, np.roll(x, 4), rate_hz=4.0, max_lag_s=2.0)
    >>> float(c.coords["lag"][np.nanargmax(c.values[2])])
    1.0
    """
    from syntony.kernels.ccf import window_ccf as of_windows

    spans_s = (window_s, step_s, max_lag_s)
    x, y = checked(x, y, rate_hz, spans_s, min_coverage)
    plan = lay_windows(x.size, rate_hz, spans_s, min_coverage)
    if plan.n_lags >= plan.window - 2:
        raise InputError("max_lag_s", max_lag_s, f"less than the window, {window_s:g} s")
    c, share = of_windows(x, y, plan.starts, plan.window, plan.n_lags, min_pairs=plan.min_pairs)
    c[share < min_coverage - 1e-9] = float("nan")
    half_s = plan.window / 2 / rate_hz
    return Coupling(
        values=fixed(c),
        dims=("time", "lag"),
        coords={"time": plan.times_s, "lag": plan.lags_s},
        coverage=fixed(share),
        reach_s=(half_s, half_s),
        method="window_ccf",
        options={**plan.used, "min_coverage": min_coverage},
    )
