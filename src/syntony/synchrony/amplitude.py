"""Strength of one band's rhythm: coherence, and correlation of envelopes and powers."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._band import Complexes
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._phase import (
    SAID,
    UNITS,
    Bands,
    Found,
    angle,
    coupling_of,
    first_ahead,
    in_band,
    mean_z,
    over_windows,
    statistic,
    z_statistic,
)
from syntony.synchrony.registry import method


def _coherence(a: Complexes, b: Complexes) -> Found:
    """Size and phase of the coherency of every row."""
    cross = (a * b.conj()).sum(axis=1)
    power = np.sqrt((np.abs(a) ** 2).sum(axis=1) * (np.abs(b) ** 2).sum(axis=1))
    return np.minimum(np.abs(cross) / power, 1.0), {"phase_rad": angle(cross)}


def _coherence_squared(a: Complexes, b: Complexes) -> Found:
    """The same, squared."""
    value, parts = _coherence(a, b)
    return value * value, parts


def _pearson(bands: Bands, power: int) -> tuple[Array, Array, dict[str, Array]]:
    """Correlate sizes, or sizes squared, in every window."""
    from syntony.kernels.lagged import lagged_pearson

    there = bands.there
    first, second = (
        np.where(there, np.abs(z) ** power, np.nan) for z in (bands.first, bands.second)
    )
    r, share = lagged_pearson(
        first, second, bands.starts, bands.window, (0, 0), min_pairs=bands.least
    )
    return r[:, 0].copy(), share[:, 0].copy(), {}


def _coherence_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``band_coherence``."""
    return {"mean": mean_present(coupling.values), "first_ahead": first_ahead(coupling)}


def _mean_z_only(coupling: Coupling) -> dict[str, float]:
    """The one statistic of the two correlations."""
    return {"mean_z": mean_z(coupling)}


@method(
    name="band_coherence",
    title="Coherence of one band",
    summarise=_coherence_summary,
    statistics=(
        statistic(
            "mean",
            "Mean coherence of the band",
            "How well one rhythm is the other's copy, delayed and scaled, averaged over windows; "
            "strong moments count more. 1: exactly; 0: not at all. Above 0 for strangers too, the "
            "more so the shorter the window: read it only beside its chance distribution.",
            0.25,
        ),
        statistic(
            "first_ahead",
            "First person ahead",
            "Which person's rhythm is ahead, weighted by coherence: above 0 the first person, "
            "below 0 the second, by less than half a period; 0 where neither is, or where it "
            "changes from window to window.",
            0.0,
            -1.0,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.25,
    swap="same",
    scale_free=True,
    cites=("Nunez2006",),
    sentence="Coherence of the analytic signals [@Nunez2006]" + SAID + " ({squared})",
    question="Do the two rhythms of one band keep their distance within the cycle, above all "
    "while they are strong?",
    not_when="One strong burst should not decide a window (the phase locking value gives every "
    "sample one vote), or you want to know at which frequency the two agree (coherence over "
    "frequencies). A window must hold at least about five cycles.",
    words={"squared": {False: "not squared", True: "squared"}},
    units={**UNITS, "squared": "yes/no"},
    lags="any fixed delay; told as a phase difference, up to half a period",
)
def band_coherence(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    low_hz: float = 0.045,
    high_hz: float = 0.25,
    window_s: float = 60.0,
    step_s: float = 15.0,
    min_coverage: float = 0.8,
    squared: bool = False,
) -> Coupling:
    r"""Measure the coherence of two signals over the time of a window, in one band.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    low_hz, high_hz : float
        Edges of the band, between 0 and half of ``rate_hz``. The default is the band of
        skin conductance responses.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    min_coverage : float
        Share of a window's samples at which both people must have a phase, and of the
        filter's weight that must lie on samples that are there.
    squared : bool
        Give the square, the share of power in common, instead of coherence itself.

    Returns
    -------
    Coupling
        ``values`` : coherence, shape (n_windows,), in [0, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have a phase.
        ``parts["phase_rad"]`` : mean phase difference in (-pi, pi], shape (n_windows,); above 0:
        the first person is ahead, by less than half a period.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    With analytic signals :math:`z` of the band,

    .. math:: Coh = \frac{\left| \sum z_1 \bar z_2 \right|}{\sqrt{\sum |z_1|^2 \sum |z_2|^2}}

    [1]_ and most books square this. HyPyP 0.6.2 does not, although its documentation
    says so; our default is as HyPyP computes, ``squared=True`` as the books write. Sums run over
    the samples of a window; Welch's coherence averages over segments, at each frequency by itself.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    a phase where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Nunez & Srinivasan (2006), Electric Fields of the Brain. Oxford University Press.

    Examples
    --------
    >>> t = np.arange(1200) / 4.0
    >>> x, y = np.sin(2 * np.pi * t / 8.0), np.sin(2 * np.pi * (t - 1.0) / 8.0)
    >>> c = band_coherence(x, y, rate_hz=4.0)
    >>> round(float(c.values[5]), 3), round(float(c.parts["phase_rad"][5] / np.pi), 3)
    (1.0, 0.25)
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    bands = in_band(x, y, rate_hz, options)
    return coupling_of(
        "band_coherence",
        bands,
        over_windows(bands, _coherence_squared if squared else _coherence),
        squared=squared,
    )


@method(
    name="envelope_correlation",
    title="Correlation of envelopes",
    summarise=_mean_z_only,
    statistics=(
        z_statistic(
            "Mean correlation of envelopes (Fisher z)",
            "Average correlation of how strong the two rhythms are from moment to moment, after "
            "Fisher's z. Above 0: strong and weak together; below 0: one strong while the other "
            "is weak; 0: no relation.",
        ),
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    cites=("Hipp2012",),
    sentence="Pearson correlation of the envelopes [@Hipp2012]" + SAID,
    question="Do the two rhythms grow and fade together, whatever their phases do?",
    not_when="Windows hold fewer than a few risings and fadings of the rhythm, which are slower "
    "than the rhythm itself, or it matters whether single rises fall together (use phase locking "
    "or lagged correlation). Two people who are both more active in the same minutes correlate "
    "without meeting.",
    units=UNITS,
    lags="none: same instant",
)
def envelope_correlation(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    low_hz: float = 0.045,
    high_hz: float = 0.25,
    window_s: float = 60.0,
    step_s: float = 15.0,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Correlate the strength of one band in two signals, window by window.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    low_hz, high_hz : float
        Edges of the band, between 0 and half of ``rate_hz``. The default is the band of
        skin conductance responses.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    min_coverage : float
        Share of a window's samples at which both people must have an amplitude, and of the
        filter's weight that must lie on samples that are there.

    Returns
    -------
    Coupling
        ``values`` : Pearson r of the amplitudes, shape (n_windows,), in [-1, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have an amplitude.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    The envelope is the absolute value of the analytic signal of the band, and the correlation
    Pearson's, with the means of the window, as HyPyP's ``envelope_corr``. [1]_ makes the two
    signals orthogonal first, against one source seen by two sensors: not done here, as two
    bodies share no source. It does not need both rhythms to have the same frequency.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    an amplitude where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Hipp et al. (2012), Nature Neuroscience 15, 884-890.
       https://doi.org/10.1038/nn.3101

    Examples
    --------
    Two rhythms of different periods that swell together every 40 s:

    >>> t = np.arange(1200) / 4.0
    >>> swell = 1.0 + 0.5 * np.sin(2 * np.pi * t / 40.0)
    >>> x, y = swell * np.sin(2 * np.pi * t / 8.0), swell * np.sin(2 * np.pi * t / 9.0)
    >>> bool(envelope_correlation(x, y, rate_hz=4.0).values[5] > 0.95)
    True
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    bands = in_band(x, y, rate_hz, options)
    return coupling_of("envelope_correlation", bands, _pearson(bands, 1))


@method(
    name="power_correlation",
    title="Correlation of powers",
    summarise=_mean_z_only,
    statistics=(
        z_statistic(
            "Mean correlation of powers (Fisher z)",
            "Average correlation of the two rhythms' power from moment to moment, after Fisher's "
            "z. Above 0: bursts fall together; below 0: one bursts while the other is quiet; 0: "
            "no relation.",
        ),
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    cites=("Hipp2012",),
    sentence="Pearson correlation of the powers [@Hipp2012]" + SAID,
    question="Do the strongest moments of the two rhythms fall together?",
    not_when="A single burst should not decide a window: power is the envelope squared, so that "
    "large moments weigh more than in the correlation of envelopes. Nor when windows hold fewer "
    "than a few risings and fadings of the rhythm.",
    units=UNITS,
    lags="none: same instant",
)
def power_correlation(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    low_hz: float = 0.045,
    high_hz: float = 0.25,
    window_s: float = 60.0,
    step_s: float = 15.0,
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Correlate the power of one band in two signals, window by window.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    low_hz, high_hz : float
        Edges of the band, between 0 and half of ``rate_hz``. The default is the band of
        skin conductance responses.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    min_coverage : float
        Share of a window's samples at which both people must have an amplitude, and of the
        filter's weight that must lie on samples that are there.

    Returns
    -------
    Coupling
        ``values`` : Pearson r of the powers, shape (n_windows,), in [-1, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have an amplitude.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    Power is the squared absolute value of the analytic signal of the band, as it is, without a
    logarithm, as HyPyP's ``pow_corr``. [1]_ makes the two signals orthogonal first: not done here,
    as two bodies share no source.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    an amplitude where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Hipp et al. (2012), Nature Neuroscience 15, 884-890.
       https://doi.org/10.1038/nn.3101

    Examples
    --------
    >>> t = np.arange(1200) / 4.0
    >>> swell = 1.0 + 0.5 * np.sin(2 * np.pi * t / 40.0)
    >>> x, y = swell * np.sin(2 * np.pi * t / 8.0), swell * np.sin(2 * np.pi * t / 9.0)
    >>> bool(power_correlation(x, y, rate_hz=4.0).values[5] > 0.95)
    True
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    bands = in_band(x, y, rate_hz, options)
    return coupling_of("power_correlation", bands, _pearson(bands, 2))
