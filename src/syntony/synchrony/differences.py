"""Derivative concordance: windowed lagged correlation of changes."""

from __future__ import annotations

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_seconds, fixed, in_samples
from syntony.synchrony._windowed import checked, lay_windows, z_profile, z_statistics, z_summary
from syntony.synchrony.registry import method


@method(
    name="derivative_correlation",
    title="Derivative concordance (windowed lagged correlation of changes)",
    summarise=z_summary,
    profile=z_profile,
    statistics=z_statistics("the changes", abs_chance=0.09, peak_chance=0.04),
    dims=("time", "lag"),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="differs",
    scale_free=True,
    cites=("Boker2002",),
    sentence="The changes of both signals over {difference_s:g} s were correlated in moving "
    "windows at a range of lags, in the manner of windowed cross-correlation [@Boker2002]: "
    "windows of {window_s:g} s every {step_s:g} s and lags up to {max_lag_s:g} s; windows with "
    "less than {min_coverage:g} of the data present were left out.",
    question="Do the two people's levels change together, upwards and downwards, from one stretch "
    "of the session to the next, at which delay, and who leads?",
    not_when="The signal is noisy from sample to sample and the change is taken over one sample: "
    "the difference then holds mostly noise (lengthen it, or use Marci's concordance, which "
    "takes slopes over seconds). Where slow levels are the question, because two people's calm "
    "and excited phases coincide, changes do not show them.",
    units={
        "difference_s": "s",
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "min_coverage": "1",
    },
)
def derivative_correlation(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    difference_s: float = 1.0,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Correlate the changes of two signals in moving windows at a range of lags.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples: a change that begins or ends at
        one is missing.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    difference_s : float
        Seconds over which the change is taken, rounded to whole samples. One sample
        (``1 / rate_hz``) gives the first difference.
    window_s, step_s : float
        Length of a window of changes, and seconds from the start of one to the next.
    max_lag_s : float
        Largest lag in both directions; lags are one sample apart.
    min_coverage : float
        Share of a window's pairs of changes that must be present.

    Returns
    -------
    Coupling
        ``values`` : Pearson r of the changes, shape (n_windows, n_lags), in [-1, 1]; NaN where
        coverage is too low or one side's changes are all the same.
        ``coords["time"]`` : centre of all samples that the window of ``x`` saw, seconds from
        the first sample. ``coords["lag"]`` : seconds, ascending, 0 in the middle.

    Raises
    ------
    InputError
        If the signals differ in length, a length makes no sense, or no whole window fits.

    Notes
    -----
    With h samples in ``difference_s`` the changes are ``d[t] = x[t + h] - x[t]``; r is
    Pearson's on the complete pairs of changes ``d_x[t]``, ``d_y[t + lag]``.

    Taking differences removes any constant level and turns a straight drift into a constant, so
    two signals that merely drift in one direction do not correlate, as they do in
    ``lagged_correlation``. ``marci`` asks the same of slopes over five seconds, one a second,
    in short windows, and sums them up in an index of its own.

    References
    ----------
    .. [1] Boker, Rotondo, Xu & King (2002), Psychological Methods 7(3), 338-355
       (windowed cross-correlation). https://doi.org/10.1037/1082-989X.7.3.338

    Examples
    --------
    Two drifts that share a wave, of which the second comes one second later:

    >>> import numpy as np
    >>> x = np.sin(np.arange(400) / 7.0)
    >>> drift = np.linspace(0.0, 30.0, 400)
    >>> c = derivative_correlation(x + drift, np.roll(x, 4) - drift, rate_hz=4.0, max_lag_s=2.0)
    >>> float(c.coords["lag"][np.nanargmax(c.values[2])])
    1.0
    """
    from syntony.kernels.lagged import lagged_pearson

    spans_s = (window_s, step_s, max_lag_s)
    x, y = checked(x, y, rate_hz, spans_s, min_coverage)
    check_seconds(difference_s=difference_s)
    hop = in_samples("difference_s", difference_s, rate_hz, 1)
    if hop >= x.size:
        raise InputError("difference_s", difference_s, f"less than {x.size / rate_hz:g} s of data")
    plan = lay_windows(x.size, rate_hz, spans_s, min_coverage, wider=hop)
    a, b = (v[hop:] - v[:-hop] for v in (x, y))
    lags = (-plan.n_lags, plan.n_lags)
    r, share = lagged_pearson(a, b, plan.starts, plan.window, lags, min_pairs=plan.min_pairs)
    return Coupling(
        values=fixed(r),
        dims=("time", "lag"),
        coords={"time": plan.times_s, "lag": plan.lags_s},
        coverage=fixed(share),
        reach_s=plan.reach_s,
        method="derivative_correlation",
        options={"difference_s": hop / rate_hz, **plan.used, "min_coverage": min_coverage},
    )
