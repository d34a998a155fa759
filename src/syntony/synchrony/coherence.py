"""Coherence and phase by Welch's method, and the sum-normalised cross-spectrum."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._welch import Detrend, Spectra, spectra
from syntony.synchrony.registry import Statistic, method

MULTISYNC = {"segment_s": 256.0, "low_hz": 0.0, "high_hz": 0.5}
"""Options with which, at ``rate_hz=1``, figures of multiSyncPy come out (up to 1,023 samples
it takes a quarter of the length as the segment for coherence)."""

_WORDS = {
    "detrend": {
        "mean": "each without its mean",
        "linear": "each without its linear trend",
        "none": "as they are",
    },
    "window_s": {0.0: "the whole session"},
}
_UNITS = {
    "segment_s": "s",
    "overlap": "1",
    "window_s": "s",
    "step_s": "s",
    "low_hz": "Hz",
    "high_hz": "Hz",
    "detrend": "choice",
    "min_coverage": "1",
}
_HOW = (
    " from {low_hz:g} to {high_hz:g} Hz by Welch's method [@Welch1967]: Hann-tapered segments of "
    "{segment_s:g} s, {detrend}, overlapping by {overlap:g} of their length, averaged in windows "
    "(length in s: {window_s}; step {step_s:g} s); segments with less than {min_coverage:g} of "
    "their samples present in both people were left out."
)


def lead_s(phase_rad: Array, frequency_hz: Array) -> Array:
    """Turn a phase into seconds by which the first leads: phase / (2 pi f); NaN at 0 Hz.

    It is known up to whole cycles only: a lead of a quarter of a cycle and a lag of three
    quarters are the same phase.

    Examples
    --------
    >>> lead_s(np.array([np.pi / 2]), np.array([0.125])).tolist()
    [2.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        seconds: Array = phase_rad / (2.0 * np.pi * frequency_hz)
    return np.where(frequency_hz > 0, seconds, np.nan)


def weighted_median(values: Array, weights: Array) -> float:
    """Value that half of the weight lies below; NaN where there is nothing.

    Examples
    --------
    >>> weighted_median(np.array([2.0, 2.1, -2.0, np.nan]), np.array([1.0, 1.0, 1.0, 1.0]))
    2.0
    """
    there = np.isfinite(values) & np.isfinite(weights) & (weights > 0)
    if not there.any():
        return math.nan
    order = np.argsort(values[there], kind="stable")
    below = np.cumsum(weights[there][order])
    return float(values[there][order][np.searchsorted(below, below[-1] / 2.0)])


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``coherence``."""
    values, frequency_hz = coupling.values, coupling.coords["frequency"]
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        profile = np.where(there, values, 0.0).sum(axis=0) / there.sum(axis=0)
    best = int(np.argmax(np.where(np.isfinite(profile), profile, -1.0)))
    known = bool(np.isfinite(profile[best]))
    mean = mean_present(values)
    return {
        "mean_coherence": mean,
        "excess": mean - mean_present(np.broadcast_to(_chance_of(coupling), values.shape)[there]),
        "peak_coherence": float(profile[best]),
        "peak_hz": float(frequency_hz[best]) if known else math.nan,
        "lead_s": weighted_median(coupling.parts["lead_s"], values),
    }


def _chance_of(coupling: Coupling) -> Array:
    """Chance level of every window, as a column."""
    return np.asarray(coupling.parts["chance"])[:, None]


_STATISTICS = (
    Statistic(
        name="mean_coherence",
        title="Mean coherence of the band",
        explain="How constantly the rhythms of the two people kept step, averaged over the band: "
        "0 not at all, 1 perfectly, at whatever delay. Above 0 for strangers too, by about one "
        "over the number of segments averaged: read it beside its chance distribution.",
        bounds=(0.0, 1.0),
        chance=0.12,
    ),
    Statistic(
        name="excess",
        title="Mean coherence above that of unrelated noise",
        explain="Mean coherence minus what as many segments of unrelated noise give on average; "
        "around 0 for strangers, so that sessions of different lengths can be compared.",
        bounds=(-1.0, 1.0),
        chance=0.0,
    ),
    Statistic(
        name="peak_coherence",
        title="Highest coherence in the band",
        explain="Coherence of the rhythm at which it is highest. The best of many was picked, so "
        "that strangers have a peak too: read it beside its chance distribution.",
        bounds=(0.0, 1.0),
        chance=0.3,
    ),
    Statistic(
        name="peak_hz",
        title="Frequency of the highest coherence (Hz)",
        explain="The rhythm, in cycles per second, at which the two kept step best. It always has "
        "a value, even for strangers.",
        bounds=(0.0, math.inf),
        chance=0.15,
    ),
    Statistic(
        name="lead_s",
        title="Lead of the first person (s)",
        explain="Seconds by which the first person's rhythm runs ahead of the second's: the middle "
        "value of the band, each frequency counted by its coherence. Negative: the second leads. "
        "A rhythm repeats, so a lead is told only up to whole cycles: between minus and plus half "
        "a cycle of each frequency.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
)


@method(
    name="coherence",
    title="Coherence and phase (Welch)",
    summarise=_summary,
    statistics=_STATISTICS,
    dims=("time", "frequency"),
    bounds=(0.0, 1.0),
    chance=0.15,
    swap="same",
    scale_free=True,
    cites=("Welch1967",),
    sentence="Magnitude-squared coherence and phase" + _HOW,
    question="In which rhythms, fast or slow, do the two signals keep step over the whole "
    "session, and who is ahead?",
    not_when="Step is kept for some minutes only: wavelet_coherence finds when; band_coherence "
    "follows a single band. Nor with few segments: with 3, strangers show a coherence of a "
    "third. A delay longer than half a cycle of a rhythm is read as a lead of the other person; "
    "for delays use lagged_correlation.",
    words=_WORDS,
    lags="up to half a cycle of each frequency, by its phase",
    units=_UNITS,
)
def coherence(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    segment_s: float = 60.0,
    overlap: float = 0.5,
    window_s: float = 0.0,
    step_s: float = 60.0,
    low_hz: float = 0.045,
    high_hz: float = 0.25,
    detrend: Detrend = "mean",
    min_coverage: float = 0.8,
) -> Coupling:
    """Coherence and phase of two signals at each frequency, by averaging segments.

    A positive phase means that ``x`` leads.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; what one person lacks is left
        out for both.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    segment_s : float
        Length of a segment. Frequencies are its inverse apart; it should hold five cycles of
        the slowest rhythm of interest.
    overlap : float
        Share of a segment that the next one repeats.
    window_s, step_s : float
        Length of the windows that are averaged, and seconds from the start of one to the start
        of the next. 0, the default: one window, the whole signal.
    low_hz, high_hz : float
        Frequencies that are given, both ends included. The default is the band of
        skin-conductance activity.
    detrend : {"mean", "linear", "none"}
        What is taken off every segment before its taper.
    min_coverage : float
        Share of a segment's samples that both people must have; and, with windows, share of a
        window's segments.

    Returns
    -------
    Coupling
        ``values`` : magnitude-squared coherence, shape (n_windows, n_frequencies), in [0, 1];
        NaN where fewer than three segments are left or one signal has no power.
        ``coords["time"]`` : centre of the window, seconds. ``coords["frequency"]`` : Hz.
        ``coverage`` : share of the window's samples that both have.
        ``parts["phase_rad"]`` : phase in (-pi, pi], positive where the first leads;
        ``parts["lead_s"]`` : the same in seconds, phase / (2 pi f), known up to whole cycles;
        both of the shape of ``values``. ``parts["segments"]`` : segments averaged;
        ``parts["chance"]`` : mean coherence of unrelated noise in as many; per window.

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, or a window does
        not hold three segments.

    Notes
    -----
    With X and Y the transforms of the tapered segments, and < > their mean over segments::

        S_xy = < X conj(Y) >      C = |S_xy|**2 / ( < |X|**2 > < |Y|**2 > )      phase = arg S_xy

    C is squared, as in scipy, SyncPy and multiSyncPy; some tools give its root. The sign of
    the phase is ours: ``scipy.signal.csd(x, y)`` has the opposite one.

    Segments that overlap share samples. K segments tell as much as
    ``K**2 / sum(rho(i - j)**2)`` separate ones, rho the correlation of tapers that far apart;
    ``chance`` is one over that, and agrees with simulated noise.

    A sample that is missing is not filled: the mean of a segment is that of the samples
    present, the others add nothing, and the power is scaled up for them. Where a signal has
    little power at high frequencies beside much at low ones, singly missing samples still
    spread some of the latter over all frequencies: 2 in 100 missing move the coherence of skin
    conductance by 0.007 in the default band but by 0.05 from 0.25 to 1 Hz. Segments with less
    than ``min_coverage`` are left out.

    References
    ----------
    .. [1] Welch (1967), IEEE Transactions on Audio and Electroacoustics 15(2), 70-73.

    Examples
    --------
    The second person's signal follows by two seconds:

    >>> rng = np.random.default_rng(1)
    >>> x = np.convolve(rng.standard_normal(2400), np.ones(6), "same")
    >>> c = coherence(x, np.roll(x, 8) + rng.standard_normal(2400), rate_hz=4.0)
    >>> round(float(np.median(c.parts["lead_s"])), 1)
    2.0
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    found = spectra(
        x,
        y,
        rate_hz,
        spans_s=(segment_s, window_s, step_s),
        overlap=overlap,
        band_hz=(low_hz, high_hz),
        detrend=detrend,
        min_coverage=min_coverage,
    )
    squared = found.cross.real**2 + found.cross.imag**2
    values = np.minimum(squared / (found.first * found.second), 1.0)
    there = np.isfinite(values)
    phase_rad = np.where(there, np.angle(found.cross), np.nan)
    chosen = {"overlap": overlap, "low_hz": low_hz, "high_hz": high_hz}
    return Coupling(
        values=values,
        dims=("time", "frequency"),
        coords={"time": found.cut.times_s, "frequency": found.cut.frequency_hz},
        coverage=np.repeat(found.coverage[:, None], values.shape[1], axis=1),
        reach_s=found.cut.reach_s,
        method="coherence",
        options={**found.cut.used, **chosen, "detrend": detrend, "min_coverage": min_coverage},
        parts={
            "phase_rad": phase_rad,
            "lead_s": lead_s(phase_rad, found.cut.frequency_hz),
            "segments": found.segments,
            "chance": found.chance,
        },
    )


def _shared_power(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``csd``."""
    return {"csd": mean_present(coupling.values)}


def _one_sided(found: Spectra, n: int) -> Array:
    """Weight of every frequency: twice, but once at 0 Hz and at half of the rate."""
    bins = np.arange(found.cut.bins.start, found.cut.bins.stop)
    weights: Array = np.where((bins == 0) | (2 * bins == n), 1.0, 2.0)
    return weights


@method(
    name="csd",
    title="Sum-normalised cross-spectral density",
    summarise=_shared_power,
    statistics=(
        Statistic(
            name="csd",
            title="Sum-normalised cross-spectral density",
            explain="How constantly the two kept step, each rhythm counted by the power that both "
            "have in it: the strong, mostly slow, rhythms decide. 0 not at all, 1 perfectly. "
            "Above 0 for strangers too: read it beside its chance distribution.",
            bounds=(0.0, 1.0),
            chance=0.12,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.15,
    swap="same",
    scale_free=True,
    cites=("Welch1967", "Hudson2022"),
    sentence="Sum-normalised cross-spectral density [@Hudson2022]" + _HOW,
    question="Do the two signals keep step in the rhythms in which both move most?",
    not_when="One slow rhythm holds most of the power: it alone decides, on the few cycles that a "
    "session has of it. Coherence, which counts every rhythm alike, shows the others. It says "
    "nothing about who leads.",
    words=_WORDS,
    lags="up to about the length of a segment, whatever they are: the phase is not used",
    units=_UNITS,
)
def csd(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    segment_s: float = 60.0,
    overlap: float = 0.5,
    window_s: float = 0.0,
    step_s: float = 60.0,
    low_hz: float = 0.045,
    high_hz: float = 0.25,
    detrend: Detrend = "mean",
    min_coverage: float = 0.8,
) -> Coupling:
    """Cross-spectral density of two signals, normalised by the sum of their powers.

    Unlike :func:`coherence`, frequencies count by the power that both people have in them.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; what one person lacks is left
        out for both, as in :func:`coherence`.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    segment_s, overlap, window_s, step_s, low_hz, high_hz, detrend, min_coverage
        As in :func:`coherence`; frequencies from ``low_hz`` to ``high_hz`` enter the sums.

    Returns
    -------
    Coupling
        ``values`` : shape (n_windows,), in [0, 1]; NaN where fewer than three segments are left
        or one signal has no power. ``coords["time"]`` : centre of the window, seconds.
        ``coverage`` : share of the window's samples that both have.
        ``parts["segments"]`` : segments averaged, per window.

    Raises
    ------
    InputError
        As :func:`coherence`.

    Notes
    -----
    With the one-sided densities of :func:`coherence`::

        csd = sum_f |S_xy(f)|**2 / sum_f ( S_xx(f) S_yy(f) )

    Written by [2]_ for groups: the mean over all pairs. Its frequencies are all from 0 Hz to
    half of the rate; ``MULTISYNC`` holds the options that give its figures.

    References
    ----------
    .. [1] Welch (1967), IEEE Transactions on Audio and Electroacoustics 15(2), 70-73.
    .. [2] Hudson, Wiltshire & Atzmueller (2022), Behavior Research Methods; multiSyncPy 0.1.2,
       ``sum_normalized_csd``. https://doi.org/10.3758/s13428-022-01855-y

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.standard_normal((2, 2400))
    >>> c = csd(x, x + y, rate_hz=4.0)
    >>> bool(c.values[0] > csd(x, y, rate_hz=4.0).values[0])
    True
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    found = spectra(
        x,
        y,
        rate_hz,
        spans_s=(segment_s, window_s, step_s),
        overlap=overlap,
        band_hz=(low_hz, high_hz),
        detrend=detrend,
        min_coverage=min_coverage,
    )
    weights = _one_sided(found, found.cut.length) ** 2
    squared = found.cross.real**2 + found.cross.imag**2
    powers = found.first * found.second
    there = np.isfinite(powers)
    with np.errstate(invalid="ignore"):
        shared = np.where(there, squared, 0.0) @ weights
        values = np.minimum(shared / (np.where(there, powers, 0.0) @ weights), 1.0)
    chosen = {"overlap": overlap, "low_hz": low_hz, "high_hz": high_hz}
    return Coupling(
        values=values,
        dims=("time",),
        coords={"time": found.cut.times_s},
        coverage=found.coverage,
        reach_s=found.cut.reach_s,
        method="csd",
        options={**found.cut.used, **chosen, "detrend": detrend, "min_coverage": min_coverage},
        parts={"segments": found.segments},
    )
