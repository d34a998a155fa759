"""Which rhythm is ahead: measures that leave out what happens at one instant."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._band import Complexes
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._phase import (
    SAID,
    UNITS,
    Found,
    angle,
    coupling_of,
    in_band,
    off_axis,
    over_windows,
    statistic,
)
from syntony.synchrony.registry import method


def _imaginary(a: Complexes, b: Complexes) -> Found:
    """Imaginary part of the coherency of every row, and the phase of it."""
    cross = (a * b.conj()).sum(axis=1)
    power = np.sqrt((np.abs(a) ** 2).sum(axis=1) * (np.abs(b) ** 2).sum(axis=1))
    value = off_axis(a, b).sum(axis=1) / power
    return np.clip(value, -1.0, 1.0), {"phase_rad": angle(cross)}


def _lag_index(a: Complexes, b: Complexes) -> Found:
    """Balance of samples at which the first is ahead and of those at which the second is."""
    signed = np.sign(off_axis(a, b)).sum(axis=1) / np.count_nonzero(a, axis=1)
    return np.abs(signed), {"signed": signed}


def _weighted_lag_index(a: Complexes, b: Complexes) -> Found:
    """The same, every sample weighted by how far it lies off the axis; 0 where none does."""
    im = off_axis(a, b)
    size = np.abs(im).sum(axis=1)
    signed = im.sum(axis=1) / np.where(size == 0.0, 1.0, size)
    signed[~a.any(axis=1)] = np.nan
    return np.minimum(np.abs(signed), 1.0), {"signed": np.clip(signed, -1.0, 1.0)}


def _imaginary_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``imaginary_coherence``."""
    v = coupling.values
    return {"mean": mean_present(v), "mean_abs": mean_present(np.abs(v))}


def _index_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of both lag indices."""
    return {
        "mean": mean_present(coupling.values),
        "first_ahead": mean_present(coupling.parts["signed"]),
    }


@method(
    name="imaginary_coherence",
    title="Imaginary coherence",
    summarise=_imaginary_summary,
    statistics=(
        statistic(
            "mean",
            "Mean imaginary coherence (first ahead)",
            "Coherence at a delay of a quarter period, averaged over windows: above 0 the first "
            "person's rhythm is ahead, below 0 the second's, by less than half a period. 0: both "
            "at once, opposite, or no relation, which this measure cannot tell apart.",
            0.0,
            -1.0,
        ),
        statistic(
            "mean_abs",
            "Mean size of imaginary coherence",
            "Coherence at a delay whoever is ahead, averaged over windows. Above 0 for strangers "
            "too: read it only beside its chance distribution.",
            0.16,
        ),
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="differs",
    scale_free=True,
    cites=("Nolte2004",),
    sentence="Imaginary part of the coherency [@Nolte2004]" + SAID,
    question="How much of the two rhythms' coherence is at a delay, and who is ahead?",
    not_when="Togetherness at the same instant is what you look for: it counts as nothing here. "
    "It guards against one source seen by two sensors, which cannot happen between two bodies "
    "unless cables, clocks or movement couple them. A shift by half a period also counts as "
    "nothing.",
    units=UNITS,
    lags="delays other than none and half a period; above 0 the first is ahead",
)
def imaginary_coherence(
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
    r"""Measure the part of the coherence of one band that is at a delay, window by window.

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

    Returns
    -------
    Coupling
        ``values`` : imaginary part of the coherency, shape (n_windows,), in [-1, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have a phase.
        ``parts["phase_rad"]`` : phase of the whole coherency in (-pi, pi], shape (n_windows,);
        above 0: the first person is ahead, by less than half a period.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    With analytic signals :math:`z` of the band,

    .. math:: ImCoh = \frac{\mathrm{Im} \sum z_1 \bar z_2}{\sqrt{\sum |z_1|^2 \sum |z_2|^2}}

    as in [1]_, with its sign: above 0 the first is ahead. HyPyP's ``imaginary_coh`` is the
    absolute value of this: ``numpy.abs(coupling.values)``, or the statistic ``mean_abs``. With the
    real part it makes up the coherence of :func:`.band_coherence`, not squared. Phases that
    differ by less than 1e-9 rad do not differ.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    a phase where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Nolte et al. (2004), Clinical Neurophysiology 115, 2292-2307.
       https://doi.org/10.1016/j.clinph.2004.04.029

    Examples
    --------
    A quarter of a cycle of eight seconds:

    >>> t = np.arange(1200) / 4.0
    >>> x, y = np.sin(2 * np.pi * t / 8.0), np.sin(2 * np.pi * (t - 2.0) / 8.0)
    >>> c = imaginary_coherence(x, y, rate_hz=4.0)
    >>> round(float(c.values[5]), 3), round(float(c.parts["phase_rad"][5] / np.pi), 3)
    (1.0, 0.5)
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    bands = in_band(x, y, rate_hz, options)
    return coupling_of("imaginary_coherence", bands, over_windows(bands, _imaginary))


@method(
    name="phase_lag_index",
    title="Phase lag index (PLI)",
    summarise=_index_summary,
    statistics=(
        statistic(
            "mean",
            "Mean phase lag index",
            "How one-sided it is who is ahead, averaged over windows. 1: the same person at every "
            "sample of a window; 0: both equally often. Above 0 for strangers too: read it only "
            "beside its chance distribution.",
            0.2,
        ),
        statistic(
            "first_ahead",
            "First person ahead",
            "Share of time the first person's rhythm is ahead less the share the second's is: 1: "
            "always the first; -1: always the second; 0: balanced. Ahead means by less than half "
            "a period.",
            0.0,
            -1.0,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.2,
    swap="same",
    scale_free=True,
    cites=("Stam2007",),
    sentence="Phase lag index [@Stam2007]" + SAID,
    question="Is the same person's rhythm ahead nearly all the time, by however little?",
    not_when="Togetherness at the same instant is what you look for: two rhythms in perfect step "
    "score like strangers, since who is ahead is then left to noise. Nor when a window holds "
    "fewer than about five cycles. The weighted index is steadier where the rhythms are close to "
    "one instant.",
    units=UNITS,
    lags="delays other than none and half a period",
)
def phase_lag_index(
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
    r"""Count at how many samples one signal's phase is ahead of the other's, window by window.

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

    Returns
    -------
    Coupling
        ``values`` : phase lag index, shape (n_windows,), in [0, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have a phase.
        ``parts["signed"]`` : the same with its sign, shape (n_windows,); above 0: the first
        person is ahead, by less than half a period.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    With analytic signals :math:`z` of the band,

    .. math:: PLI = \left| \frac{1}{n} \sum \mathrm{sign}\,\mathrm{Im}(z_1 \bar z_2) \right|

    as in [1]_; HyPyP's ``pli`` is the same. Phases that differ by less than 1e-9 rad do not differ
    and count as 0, so that rounding decides nothing.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    a phase where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Stam, Nolte & Daffertshofer (2007), Human Brain Mapping 28, 1178-1193.
       https://doi.org/10.1002/hbm.20346

    Examples
    --------
    >>> t = np.arange(1200) / 4.0
    >>> x, y = np.sin(2 * np.pi * t / 8.0), np.sin(2 * np.pi * (t - 1.0) / 8.0)
    >>> c = phase_lag_index(y, x, rate_hz=4.0)
    >>> float(c.values[5]), float(c.parts["signed"][5])
    (1.0, -1.0)
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    bands = in_band(x, y, rate_hz, options)
    return coupling_of("phase_lag_index", bands, over_windows(bands, _lag_index))


@method(
    name="weighted_phase_lag_index",
    title="Weighted phase lag index (wPLI)",
    summarise=_index_summary,
    statistics=(
        statistic(
            "mean",
            "Mean weighted phase lag index",
            "How one-sided it is who is ahead, with moments weighted by how clearly and strongly, "
            "averaged over windows. 1: never the other person; 0: both alike. Well above 0 for "
            "strangers too: read it only beside its chance distribution.",
            0.31,
        ),
        statistic(
            "first_ahead",
            "First person ahead",
            "The same with its sign: above 0 the first person's rhythm is ahead, below 0 the "
            "second's, by less than half a period.",
            0.0,
            -1.0,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.31,
    swap="same",
    scale_free=True,
    cites=("Vinck2011",),
    sentence="Weighted phase lag index [@Vinck2011]" + SAID,
    question="Is the same person's rhythm clearly ahead, where moments that are nearly at one "
    "instant count little?",
    not_when="Togetherness at the same instant is what you look for: it counts as nothing. Nor "
    "when a window holds fewer than about five cycles, or windows of very different strength are "
    "compared: strong moments decide. Values run higher than those of the plain index and must "
    "not be compared with them.",
    units=UNITS,
    lags="delays other than none and half a period",
)
def weighted_phase_lag_index(
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
    r"""Weigh the samples at which one signal's phase is ahead against the others, by window.

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

    Returns
    -------
    Coupling
        ``values`` : weighted phase lag index, shape (n_windows,), in [0, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have a phase.
        ``parts["signed"]`` : the same with its sign, shape (n_windows,); above 0: the first
        person is ahead, by less than half a period.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    With analytic signals :math:`z` of the band,

    .. math:: wPLI = \frac{\left| \sum \mathrm{Im}(z_1 \bar z_2) \right|}
              {\sum \left| \mathrm{Im}(z_1 \bar z_2) \right|}

    as in [1]_; HyPyP's ``wpli`` is the same. Phases that differ by less than 1e-9 rad do not
    differ; where none differs the index is 0, as the plain one is.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    a phase where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Vinck et al. (2011), NeuroImage 55, 1548-1565.
       https://doi.org/10.1016/j.neuroimage.2011.01.055

    Examples
    --------
    >>> t = np.arange(1200) / 4.0
    >>> x, y = np.sin(2 * np.pi * t / 8.0), np.sin(2 * np.pi * (t - 1.0) / 8.0)
    >>> c = weighted_phase_lag_index(x, y, rate_hz=4.0)
    >>> round(float(c.values[5]), 3), round(float(c.parts["signed"][5]), 3)
    (1.0, 1.0)
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    bands = in_band(x, y, rate_hz, options)
    return coupling_of("weighted_phase_lag_index", bands, over_windows(bands, _weighted_lag_index))
