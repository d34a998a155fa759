"""Skin conductance: what is usable, cleaning, tonic and phasic parts, responses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from syntony.body.filters import zero_phase
from syntony.body.quality import (
    Loss,
    at_least,
    flat,
    losses_by_first_cause,
    moving_mean,
    on_stretches,
    runs,
    samples_in,
    spread,
)
from syntony.config import Eda, EdaQuality
from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.signal import Signal

_TONIC_ORDER = 2  # of NeuroKit2's eda_phasic(method="highpass")
_RIPPLE = 0.1  # dips under this share of the threshold do not end a rise


def judge(
    signal: Signal, options: EdaQuality, temperature: Signal | None = None
) -> tuple[Bools, tuple[Loss, ...]]:
    """Tell which samples of a skin conductance recording are usable, and why the rest is not.

    The rules of Kleckner et al. [1]_: conductance out of range, slope too steep, skin
    temperature out of range (where it is asked for and was recorded), and everything
    within ``spread_s`` on both sides of these. They look at the signal after a centred
    moving average of ``despike_s``, taken within stretches without gaps. Ours: a sample
    whose own value, as recorded, is out of range is dropped too (itself only); a flat
    line; and staying at the highest value of the whole recording (saturation). Flat
    lines and saturation are spread as well; missing samples are not.

    Parameters
    ----------
    signal : Signal
        Skin conductance in uS at its own rate; NaN marks missing samples.
    options : EdaQuality
        Thresholds.
    temperature : Signal, optional
        Skin temperature in Cel on the same clock, at any rate. Read by straight lines
        between its samples; where it has none, it judges nothing.

    Returns
    -------
    valid : ndarray of bool, shape (n_samples,)
    losses : tuple of Loss
        ``missing``, ``range``, ``slope``, ``temperature``, ``flat``, ``saturation``,
        ``spread``, in this order; a sample stands under the first that names it.

    Raises
    ------
    InputError
        If the signal is not in uS, or the temperature not in Cel.

    References
    ----------
    .. [1] Kleckner et al. (2018), IEEE Transactions on Biomedical Engineering 65(7),
       1460-1467. https://doi.org/10.1109/TBME.2017.2758643

    Examples
    --------
    >>> s = Signal(values=2 + np.sin(np.arange(400) / 9), rate_hz=4.0, start_s=0.0, unit="uS",
    ...            kind="eda", person="P01")
    >>> broken = replace(s, values=np.where(np.arange(400) == 200, 0.0, s.values))
    >>> valid, losses = judge(broken, EdaQuality())
    >>> [(loss.cause, loss.count) for loss in losses if loss.count]
    [('range', 1)]
    """
    if signal.unit != "uS":
        raise InputError("unit", signal.unit, "uS for skin conductance", "Convert it on import.")
    values, rate_hz = signal.values, signal.rate_hz
    there = np.isfinite(values)
    half = samples_in(options.despike_s / 2, rate_hz)
    smooth = on_stretches(values, there, lambda stretch: moving_mean(stretch, half))
    as_recorded = there & ((values < options.low_us) | (values > options.high_us))
    causes = {
        "range": there & ((smooth < options.low_us) | (smooth > options.high_us)),
        "slope": _steep(smooth, options.max_slope_us_per_s / rate_hz),
        "temperature": there & _wrong_temperature(signal, options, temperature),
        "flat": flat(values, samples_in(options.flat_s, rate_hz), options.flat_sd_us),
        "saturation": _saturated(values, samples_in(options.saturation_s, rate_hz)),
    }
    if there.any() and np.ptp(values[there]) == 0.0:  # a dead channel is flat, whatever its level
        causes = {name: there & (name == "flat") for name in causes}
        as_recorded = np.zeros_like(there)
    wide = spread(np.any(list(causes.values()), axis=0), samples_in(options.spread_s, rate_hz))
    causes["range"] |= as_recorded
    return losses_by_first_cause({"missing": ~there, **causes, "spread": wide}, rate_hz)


def _steep(smooth: Array, max_step: float) -> Bools:
    """Both samples of every step that is too high; a step next to a gap is unknown."""
    with np.errstate(invalid="ignore"):
        step = np.abs(np.diff(smooth)) > max_step
    out = np.zeros(smooth.size, dtype=np.bool_)
    out[1:] |= step
    out[:-1] |= step
    return out


def _wrong_temperature(signal: Signal, options: EdaQuality, temperature: Signal | None) -> Bools:
    """Mark samples whose skin temperature is known and out of range."""
    if temperature is None or not options.use_temperature or not temperature.values.size:
        return np.zeros(signal.values.size, dtype=np.bool_)
    if temperature.unit != "Cel":
        raise InputError("unit", temperature.unit, "Cel for skin temperature")
    known = np.interp(
        signal.times_s, temperature.times_s, temperature.values, left=np.nan, right=np.nan
    )
    low, high = options.temperature_c
    return np.asarray((known < low) | (known > high))


def _saturated(values: Array, samples: int) -> Bools:
    """Mark samples that stay exactly at the highest value of the recording."""
    there = np.isfinite(values)
    if not there.any() or np.nanmin(values) == np.nanmax(values):
        return np.zeros(values.size, dtype=np.bool_)
    return at_least(there & (values == np.nanmax(values)), max(2, samples))


def low_pass(signal: Signal, cutoff_hz: float, order: int) -> Signal:
    """Zero-phase Butterworth low-pass on valid stretches only.

    Parameters
    ----------
    signal : Signal
        NaN marks missing samples.
    cutoff_hz : float
        Hertz; the gain there is 1/2, since the filter runs forwards and backwards.
    order : int
        Of one pass.

    Returns
    -------
    Signal
        NaN exactly where it was. Both ends of a stretch are continued by an odd
        reflection of three periods of the cut-off (or what the stretch has).

    Raises
    ------
    InputError
        If the cut-off lies at or above half the sampling rate; names both.

    Examples
    --------
    >>> s = Signal(values=[1, 1, np.nan, 2, 2], rate_hz=4.0, start_s=0.0, unit="uS",
    ...            kind="eda", person="P01")
    >>> low_pass(s, 1.0, 4).values.round(6).tolist()
    [1.0, 1.0, nan, 2.0, 2.0]
    """
    pad = int(np.ceil(3 * signal.rate_hz / cutoff_hz)) if cutoff_hz > 0 else 0
    values = zero_phase(signal.values, signal.rate_hz, cutoff_hz, order=order, pad_samples=pad)
    return replace(signal, values=values)


def clean(
    signal: Signal, options: Eda, temperature: Signal | None = None
) -> tuple[Signal, tuple[Loss, ...]]:
    """Drop what ``judge`` finds unusable, then low-pass what is left.

    Returns
    -------
    signal : Signal
        NaN wherever a sample was missing or dropped.
    losses : tuple of Loss
        As ``judge`` gives them.
    """
    valid, losses = judge(signal, options.quality, temperature)
    kept = replace(signal, values=np.where(valid, signal.values, np.nan))
    return low_pass(kept, options.low_pass_hz, options.low_pass_order), losses


def decompose(signal: Signal, options: Eda) -> tuple[Signal, Signal, Loss]:
    """Take skin conductance apart into a tonic and a phasic part that add up to it.

    ``tonic="highpass"``: the phasic part is a zero-phase Butterworth high-pass (order 2
    each way, 0.05 Hz by default, ends continued by an odd reflection of 9 samples), the
    same numbers as NeuroKit2's ``eda_phasic(method="highpass")`` [1]_. The tonic part is
    the rest; NeuroKit2 takes the low-pass with the same cut-off, which differs within
    the first and last seconds only. ``tonic="median"``: the tonic part is a running
    median over ``tonic_window_s`` (made odd), the end values repeated beyond the ends.

    Parameters
    ----------
    signal : Signal
        Cleaned skin conductance; NaN marks missing samples.
    options : Eda
        Which of the two, its cut-off or window, and ``min_stretch_s``.

    Returns
    -------
    tonic, phasic : Signal
        Kinds ``"eda_tonic"`` and ``"eda_phasic"``, same unit. NaN where the signal is,
        and in valid stretches shorter than ``min_stretch_s``.
    loss : Loss
        Cause ``"too-short"``: what those stretches took.

    Raises
    ------
    InputError
        If the cut-off lies at or above half the sampling rate.

    References
    ----------
    .. [1] Makowski et al. (2021), Behavior Research Methods 53, 1689-1696.
       https://doi.org/10.3758/s13428-020-01516-y

    Examples
    --------
    >>> s = Signal(values=2 + np.sin(np.arange(400) / 9), rate_hz=4.0, start_s=0.0, unit="uS",
    ...            kind="eda", person="P01")
    >>> tonic, phasic, loss = decompose(s, Eda())
    >>> bool(np.allclose(tonic.values + phasic.values, s.values)), loss.count
    (True, 0)
    """
    there = np.isfinite(signal.values)
    long = at_least(there, samples_in(options.min_stretch_s, signal.rate_hz))
    values = np.where(long, signal.values, np.nan)
    if options.tonic == "median":
        tonic = _running_median(values, options.tonic_window_s * signal.rate_hz)
        phasic = values - tonic
    else:
        phasic = zero_phase(
            values, signal.rate_hz, options.tonic_cutoff_hz, order=_TONIC_ORDER, kind="highpass"
        )
        tonic = values - phasic
    dropped = int(np.count_nonzero(there & ~long))
    return (
        replace(signal, values=tonic, kind="eda_tonic"),
        replace(signal, values=phasic, kind="eda_phasic"),
        Loss(cause="too-short", seconds=dropped / signal.rate_hz, count=dropped),
    )


def _running_median(values: Array, window: float) -> Array:
    """Median over an odd number of samples, on every valid stretch by itself."""
    from scipy.ndimage import median_filter

    size = int(window)
    size += 1 - size % 2
    return on_stretches(
        values,
        np.isfinite(values),
        lambda stretch: np.asarray(median_filter(stretch, size=size, mode="nearest")),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Responses:
    """Skin conductance responses of one person.

    Attributes
    ----------
    onsets_s : ndarray of float64, shape (n_responses,)
        Where each rise begins, seconds on the clock of the signal, ascending.
    peaks_s : ndarray of float64, shape (n_responses,)
        Where it ends.
    amplitudes_us : ndarray of float64, shape (n_responses,)
        From onset to peak (uS).
    person : str
    """

    onsets_s: Array
    peaks_s: Array
    amplitudes_us: Array
    person: str

    @property
    def events(self) -> Events:
        """The responses as Events of kind ``"scr"``: onsets with their amplitudes in uS."""
        return Events(
            times_s=self.onsets_s,
            values=self.amplitudes_us,
            unit="uS",
            kind="scr",
            person=self.person,
        )


def find_scrs(phasic: Signal, threshold_us: float) -> Responses:
    """Find skin conductance responses by an absolute threshold.

    A response is a rise from a trough to the next peak of at least ``threshold_us``.
    Dips smaller than a tenth of the threshold do not end a rise. Each valid stretch is
    searched by itself; a rise that is cut by its beginning or its end is left out, since
    its amplitude is unknown.

    Parameters
    ----------
    phasic : Signal
        Phasic (or cleaned) skin conductance in uS; NaN marks missing samples.
    threshold_us : float
        Smallest amplitude that counts, above 0 uS.

    Returns
    -------
    Responses

    Raises
    ------
    InputError
        If the threshold is not above zero, or the signal not in uS.

    Notes
    -----
    NeuroKit2's default threshold is a tenth of the *largest* response of the recording,
    so that its counts depend on one moment; this one does not.

    Examples
    --------
    >>> x = np.concatenate([np.zeros(8), np.linspace(0, 0.2, 5), np.linspace(0.2, 0, 20)])
    >>> s = Signal(values=x, rate_hz=4.0, start_s=0.0, unit="uS", kind="eda_phasic", person="P01")
    >>> found = find_scrs(s, 0.05)
    >>> found.onsets_s.tolist(), found.peaks_s.tolist(), found.amplitudes_us.round(3).tolist()
    ([2.0], [3.0], [0.2])
    """
    if not threshold_us > 0:
        raise InputError("threshold_us", threshold_us, "an amplitude above 0 uS")
    if phasic.unit != "uS":
        raise InputError("unit", phasic.unit, "uS for skin conductance")
    found: list[tuple[int, int]] = []
    for start, stop in runs(np.isfinite(phasic.values)):
        rises = _rises(phasic.values[start:stop], _RIPPLE * threshold_us)
        found += [(start + onset, start + peak) for onset, peak in rises]
    at = np.array(found, dtype=np.int64).reshape(-1, 2)
    amplitudes = phasic.values[at[:, 1]] - phasic.values[at[:, 0]]
    large = amplitudes >= threshold_us
    times = phasic.start_s + at[large] / phasic.rate_hz
    return Responses(
        onsets_s=times[:, 0],
        peaks_s=times[:, 1],
        amplitudes_us=amplitudes[large],
        person=phasic.person,
    )


def _rises(x: Array, ripple: float) -> list[tuple[int, int]]:
    """Trough and peak of every whole rise in one stretch; dips under ``ripple`` are ignored."""
    turns = _turning_points(x)
    found: list[tuple[int, int]] = []
    if turns.size < 2:
        return found
    low = high = int(turns[0])
    rising = False
    for at in turns[1:].tolist():
        if rising:
            if x[at] > x[high]:
                high = at
            elif x[high] - x[at] >= ripple:
                found.append((low, high))
                rising, low = False, at
        elif x[at] <= x[low]:
            low = at
        elif x[at] - x[low] >= ripple:
            rising, high = True, at
    # A stretch that begins with a rise begins inside one; one that never turned is not found.
    return [(onset, peak) for onset, peak in found if onset > 0]


def _turning_points(x: Array) -> Ints:
    """Find peaks (first of a plateau) and troughs (last of one), first move and end included."""
    step = np.sign(np.diff(x))
    moving = np.flatnonzero(step)
    if not moving.size:
        return np.array([0])
    now, then = moving[:-1], moving[1:]
    turns = step[now] != step[then]
    peak_or_trough = np.where(step[now] > 0, now + 1, then)
    return np.concatenate((moving[:1], peak_or_trough[turns], [x.size - 1]))
