"""Agreement of phases in one band: phase locking and two circular correlations."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._band import Complexes
from syntony.synchrony._fisher import fisher_z, mean_present
from syntony.synchrony._phase import (
    SAID,
    UNITS,
    Found,
    angle,
    coupling_of,
    directions,
    first_ahead,
    in_band,
    mean_z,
    over_windows,
    statistic,
    z_statistic,
)
from syntony.synchrony.registry import Statistic, method


def _locking(a: Complexes, b: Complexes) -> Found:
    """Length and direction of the mean of exp(i difference) in every row."""
    u, v = directions(a), directions(b)
    mean = (u * v.conj()).sum(axis=1) / np.count_nonzero(u, axis=1)
    return np.minimum(np.abs(mean), 1.0), {"phase_rad": angle(mean)}


def _sines(a: Complexes) -> Array:
    """Sines of the phases less their circular mean; NaN where that is not defined."""
    u = directions(a)
    mean = u.sum(axis=1, keepdims=True)
    sines: Array = (u * (mean.conj() / np.abs(mean))).imag
    return sines


def _circular(a: Complexes, b: Complexes) -> Found:
    """Circular correlation about each row's own circular means."""
    s, t = _sines(a), _sines(b)
    r = (s * t).sum(axis=1) / np.sqrt((s * s).sum(axis=1) * (t * t).sum(axis=1))
    return np.clip(r, -1.0, 1.0), {}


def _adjusted(a: Complexes, b: Complexes) -> Found:
    """Circular correlation about the centres at which the two phases vary most together."""
    u, v = directions(a), directions(b)
    count = np.count_nonzero(u, axis=1)
    apart, added = (u * v.conj()).sum(axis=1), (u * v).sum(axis=1)
    second = (angle(added) - angle(apart)) / 2.0
    first = angle(apart) + second
    size = np.ones(count.size)
    for w, centre in ((u, first), (v, second)):
        size *= (count - ((w * w).sum(axis=1) * np.exp(-2j * centre)).real) / 2.0
    r = (np.abs(apart) - np.abs(added)) / (2.0 * np.sqrt(size))
    return np.clip(r, -1.0, 1.0), {}


def _locking_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``phase_locking``."""
    return {"mean": mean_present(coupling.values), "first_ahead": first_ahead(coupling)}


def _circular_summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of both circular correlations."""
    return {
        "mean_z": mean_z(coupling),
        "mean_abs_z": mean_present(np.abs(fisher_z(coupling.values))),
    }


@method(
    name="phase_locking",
    title="Phase locking value (PLV)",
    summarise=_locking_summary,
    statistics=(
        statistic(
            "mean",
            "Mean phase locking value",
            "How steadily the two rhythms keep their distance within the cycle, averaged over "
            "windows. 1: the distance never changes; 0: every distance is equally frequent. Above "
            "0 for strangers too, the more so the shorter the window: read it only beside its "
            "chance distribution.",
            0.23,
        ),
        statistic(
            "first_ahead",
            "First person ahead",
            "Which person's rhythm is ahead, weighted by how steadily: above 0 the first person, "
            "below 0 the second, by less than half a period; 0 where neither is, or where it "
            "changes from window to window. A rhythm that is ahead by more than half a period "
            "looks as if it were behind.",
            0.0,
            -1.0,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.23,
    swap="same",
    scale_free=True,
    cites=("Lachaux1999",),
    sentence="Phase locking value [@Lachaux1999]" + SAID,
    question="Do the two rhythms keep a fixed distance within their cycles, whichever distance "
    "that is and however strong each rhythm is?",
    not_when="The signal has no rhythm of its own in the band, the band is so wide that a phase "
    "says little, or a window holds fewer than about five cycles: two strangers with similar "
    "rhythms then stay in step by themselves. It does not tell a delay of nothing from any other "
    "fixed one; the phase difference beside it does.",
    units=UNITS,
    lags="any fixed delay; told as a phase difference, up to half a period",
)
def phase_locking(
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
    r"""Measure how steady the phase difference of two signals is, window by window.

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
        ``values`` : phase locking value, shape (n_windows,), in [0, 1];
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
    With phases :math:`\varphi` of the analytic signal of the band,

    .. math:: PLV = \left| \frac{1}{n} \sum_t e^{i(\varphi_1 - \varphi_2)} \right|

    as in [1]_; HyPyP's ``plv`` is the same. Sizes do not count; :func:`.band_coherence` weighs
    every sample by them. NeuroKit2's phase synchrony is read off signals whose mean is left
    in, so that any two signals far from 0 look synchronous; see :func:`.phase_agreement`.
    SyncPy's ``PhaseSynchro_Fourier`` and ``PhaseSynchro_Entropy`` could not be reproduced: their
    documentation does not say how the phase is taken.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    a phase where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Lachaux, Rodriguez, Martinerie & Varela (1999), Human Brain Mapping 8, 194-208.

    Examples
    --------
    A rhythm of eight seconds leads its own copy by one second, an eighth of a cycle:

    >>> t = np.arange(1200) / 4.0
    >>> x, y = np.sin(2 * np.pi * t / 8.0), np.sin(2 * np.pi * (t - 1.0) / 8.0)
    >>> c = phase_locking(x, y, rate_hz=4.0)
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
    return coupling_of("phase_locking", bands, over_windows(bands, _locking))


@method(
    name="circular_correlation",
    title="Circular correlation of phases",
    summarise=_circular_summary,
    statistics=(
        z_statistic(
            "Mean circular correlation (Fisher z)",
            "Average correlation of the two rhythms' places in the cycle, each about its own "
            "average place, after Fisher's z. 0: no relation; above 0: both are early and late "
            "together; below 0: one is early when the other is late.",
        ),
        Statistic(
            name="mean_abs_z",
            title="Mean strength whatever the sign (|z|)",
            explain="Average strength of the relation whatever its sign, which HyPyP drops too. "
            "Above 0 for strangers too: read it only beside its chance distribution.",
            bounds=(0.0, 10.0),
            chance=0.16,
        ),
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    cites=("Jammalamadaka2001", "Burgess2013"),
    sentence="Circular correlation of phases [@Jammalamadaka2001; @Burgess2013]" + SAID,
    question="When one person's rhythm runs ahead of its own average pace within the cycle, does "
    "the other's too?",
    not_when="Phases run round the cycle evenly, as a steady rhythm's do: their circular mean is "
    "then arbitrary, and so is the sign of the result (adjusted circular correlation was made for "
    "that). Nor when strength of the rhythm matters, or a window holds fewer than about five "
    "cycles.",
    units=UNITS,
    lags="any fixed delay; none is told",
)
def circular_correlation(
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
    r"""Correlate the phases of two signals about their circular means, window by window.

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
        ``values`` : circular correlation, shape (n_windows,), in [-1, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have a phase.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    With phases :math:`\varphi` of the analytic signal of the band and their circular means
    :math:`\bar\varphi` in the window,

    .. math:: r = \frac{\sum \sin(\varphi_1 - \bar\varphi_1) \sin(\varphi_2 - \bar\varphi_2)}
              {\sqrt{\sum \sin^2(\varphi_1 - \bar\varphi_1)
              \sum \sin^2(\varphi_2 - \bar\varphi_2)}}

    as in [1]_, recommended between brains by [2]_. HyPyP's ``ccorr`` is the absolute value
    of this: ``numpy.abs(coupling.values)``, or the statistic ``mean_abs_z``.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    a phase where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Jammalamadaka & SenGupta (2001), Topics in Circular Statistics. World Scientific.
    .. [2] Burgess (2013), Frontiers in Human Neuroscience 7.
       https://doi.org/10.3389/fnhum.2013.00881

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.standard_normal((2, 1200))
    >>> c = circular_correlation(x, x + 0.1 * y, rate_hz=4.0)
    >>> bool(np.nanmean(c.values) > 0.5)
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
    return coupling_of("circular_correlation", bands, over_windows(bands, _circular))


@method(
    name="adjusted_circular_correlation",
    title="Adjusted circular correlation of phases",
    summarise=_circular_summary,
    statistics=(
        z_statistic(
            "Mean adjusted circular correlation (Fisher z)",
            "Average relation of the two rhythms' places in the cycle, after Fisher's z. Above 0: "
            "they move through the cycle in the same direction, at whatever fixed distance; below "
            "0: one runs as if it were the other's mirror image. Because every rhythm runs "
            "forward it is above 0 for strangers too: read it only beside its chance distribution.",
            0.2,
        ),
        Statistic(
            name="mean_abs_z",
            title="Mean strength whatever the sign (|z|)",
            explain="Average strength of the relation whatever its sign. Above 0 for strangers "
            "too: read it only beside its chance distribution.",
            bounds=(0.0, 10.0),
            chance=0.2,
        ),
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.19,
    swap="same",
    scale_free=True,
    cites=("Zimmermann2024",),
    sentence="Adjusted circular correlation of phases [@Zimmermann2024]" + SAID,
    question="Do the two rhythms move through their cycles together, where neither has a "
    "preferred place in the cycle to measure from?",
    not_when="Windows hold fewer than about five cycles, the band is so wide that a phase says "
    "little, or strength of the rhythm matters. Unlike the plain circular correlation it may be "
    "high at any fixed delay: it says nothing of who leads.",
    units=UNITS,
    lags="any fixed delay; none is told",
)
def adjusted_circular_correlation(
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
    r"""Correlate the phases of two signals about centres chosen for the pair, window by window.

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
        ``values`` : adjusted circular correlation, shape (n_windows,), in [-1, 1];
        NaN where coverage is too low or a signal does not vary.
        ``coords["time"]`` : centre of the window, seconds from the first sample.
        ``coverage`` : share of the window's samples at which both have a phase.

    Raises
    ------
    InputError
        If the signals differ in length, a length or the band makes no sense, or no whole
        window fits.

    Notes
    -----
    With :math:`D = \sum e^{i(\varphi_1 - \varphi_2)}` and
    :math:`S = \sum e^{i(\varphi_1 + \varphi_2)}`,

    .. math:: r = \frac{|D| - |S|}{2 \sqrt{\sum \sin^2(\varphi_1 - m)
              \sum \sin^2(\varphi_2 - n)}}, \quad
              n = \frac{\angle S - \angle D}{2}, \quad m = \angle D + n

    as in [1]_; HyPyP's ``accorr`` is the same. The plain circular correlation takes each
    signal's own circular mean for m and n, which is arbitrary for a steady rhythm.

    The band is taken out with a filter under a Hamming taper that reaches one period of
    ``low_hz`` to each side (of ``high_hz - low_hz``, if that is longer), over the samples that
    are there; levels do not pass, so no mean is left in before a phase is read. A sample has
    a phase where it is there itself and enough is there around it.

    References
    ----------
    .. [1] Zimmermann, Schultz-Nielsen, Dumas & Konvalinka (2024), Imaging Neuroscience 2.
       https://doi.org/10.1162/imag_a_00350

    Examples
    --------
    A steady rhythm and its copy a second later:

    >>> t = np.arange(1200) / 4.0
    >>> x, y = np.sin(2 * np.pi * t / 8.0), np.sin(2 * np.pi * (t - 1.0) / 8.0)
    >>> c = adjusted_circular_correlation(x, y, rate_hz=4.0)
    >>> round(float(c.values[5]), 3)
    1.0
    """
    options = {
        "low_hz": low_hz,
        "high_hz": high_hz,
        "window_s": window_s,
        "step_s": step_s,
        "min_coverage": min_coverage,
    }
    bands = in_band(x, y, rate_hz, options)
    return coupling_of("adjusted_circular_correlation", bands, over_windows(bands, _adjusted))
