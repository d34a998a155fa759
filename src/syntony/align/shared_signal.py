"""Two clocks compared by something that both devices recorded: jumps, a handshake, one sound."""

from __future__ import annotations

from typing import Literal

import numpy as np

from syntony.align.markers import ClockFit, drift_of
from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.core.signal import Signal

Measure = Literal["movement", "values"]

_BIN_S = 0.05
_FINEST_HZ = 1000.0
_LEAST_R = 0.5  # of the whole overlap, and of a stretch that counts
_LEAST_STRETCHES = 3
_LEAST_SHARE = 0.5  # of the stretches in which something happens
_LOUDER = 3.0  # times the spread of a quiet stretch: something happens there
_FAR = 5.0  # times the median residual: a stretch farther off was laid wrong, and is left out
_ROUNDING_S = 1e-6
_AHEAD = 1.5  # how far the best offset must stand out from any other


def fit_shared_signal(
    reference: Signal,
    device: Signal,
    *,
    guess_s: float | None = None,
    search_s: float = 120.0,
    measure: Measure = "movement",
    stretch_s: float = 5.0,
    min_overlap_s: float = 5.0,
    max_drift_ppm: float = 200.0,
    min_drift_span_s: float = 600.0,
) -> ClockFit:
    """Find offset and drift of one clock against another from a signal that both recorded.

    The offset is where the two courses agree best over all that overlaps: of every offset the
    correlation over complete pairs is taken, weighed by how long the overlap is
    (``arctanh(r) * sqrt(seconds)``). It must stand out from every other offset. Then each
    stretch with movement finds its own offset near it, finer than a sample. Half of them, and
    three, must find one; their median is the offset, and a drift is read from them as
    :func:`syntony.align.markers.fit_markers` reads one. In 500 made pairs of recordings that
    had nothing in common no offset was found.

    Parameters
    ----------
    reference, device : Signal
        Such as one axis of acceleration of both people; missing samples (NaN) count nowhere.
        Times on the clock of either recording.
    guess_s : float, optional
        Offset that start stamps suggest; only offsets within ``search_s`` of it are tried.
    search_s : float
        How wrong the guess may be (s).
    measure : {"movement", "values"}
        ``"movement"``: distance from the median, which does not mind how a device was worn;
        ``"values"``: the signal itself, for one source that both recorded.
    stretch_s : float
        Length of the stretches that are laid on each other one by one (s).
    min_overlap_s : float
        Offsets with less overlap are not tried (s).
    max_drift_ppm, min_drift_span_s : float
        As in ``fit_markers``.

    Returns
    -------
    ClockFit
        ``pairs`` numbers the stretches; ``residuals_s`` is what each leaves over.

    Raises
    ------
    InputError
        If nothing overlaps, or no offset stands out: the two did not record the same thing,
        or something that repeats itself.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> jumps = np.convolve(rng.random(6000) < 0.004, np.hanning(20), "same")
    >>> def worn(values, start):
    ...     noise = 0.01 * rng.standard_normal(values.size)
    ...     return Signal(values=values + noise, rate_hz=100, start_s=start, unit="g",
    ...         kind="acc_z", person="P01")
    >>> fit = fit_shared_signal(worn(jumps, 0.0), worn(jumps[1750:], 0.0))
    >>> round(fit.offset_s, 3)
    17.5
    """
    rough = _rough(reference, device, (guess_s, search_s), measure, min_overlap_s)
    places, offsets, eventful = _stretch_by_stretch(
        reference, device, rough, measure, stretch_s, max_drift_ppm * 1e-6
    )
    if places.size < max(_LEAST_STRETCHES, _LEAST_SHARE * eventful):
        told = f"at {rough:.1f} s only {places.size} of {eventful} stretches with movement agree"
        raise _nothing_stands_out(told, reference)
    offset, slope = float(np.median(offsets)), 0.0
    if places.size > 2 and np.ptp(places) >= min_drift_span_s:
        slope, offset = drift_of(
            places + offsets, places, _itself(places), (offset, max_drift_ppm * 1e-6)
        )
    left = places * slope + offset - offsets
    near = np.abs(left) <= _FAR * np.median(np.abs(left)) + _ROUNDING_S
    spare = int(near.sum()) - (2 if slope else 1)
    widened = np.sqrt(near.sum() / spare) if spare > 0 else np.nan
    return ClockFit(
        offset_s=offset,
        drift_ppm=slope * 1e6,
        error_s=float(np.max(np.abs(left[near])) * widened),
        pairs=_itself(places[near]),
        residuals_s=left[near],
        span_s=float(np.ptp(places)),
        what="stretch of a shared signal",
        whats="stretches of a shared signal",
    )


def _itself(places: Array) -> Ints:
    """Pairs of each stretch with itself."""
    numbers = np.arange(places.size, dtype=np.int64)
    return np.column_stack([numbers, numbers])


def _rough(
    reference: Signal,
    device: Signal,
    guess: tuple[float | None, float],
    measure: Measure,
    least_s: float,
) -> float:
    """Offset at which the two agree best, to a bin."""
    x, y = (_binned(s, measure) for s in (reference, device))
    lags, r, seconds = _agreement(x, y)
    tried = lags * _BIN_S + reference.start_s - device.start_s
    usable = seconds >= least_s
    if guess[0] is not None:
        usable &= np.abs(tried - guess[0]) <= guess[1]
    if not usable.any():
        raise InputError(
            "shared signal",
            f"{reference.kind}: no offset with {least_s:g} s of overlap",
            "two recordings that overlap",
            "Check the start stamps, or search further.",
        )
    score = np.where(usable & (r > 0), np.arctanh(np.minimum(r, 0.9999)), 0.0) * np.sqrt(seconds)
    best = int(np.argmax(score))
    rival = float(score[np.abs(lags - lags[best]) > 1.0 / _BIN_S].max(initial=0.0))
    if not r[best] >= _LEAST_R or score[best] < _AHEAD * rival:
        raise _nothing_stands_out(
            f"best r = {r[best]:.2f} at {tried[best]:.1f} s, {score[best] / max(rival, 1e-9):.1f} "
            "times as strong as the next",
            reference,
        )
    return float(tried[best])


def _nothing_stands_out(found: str, reference: Signal) -> InputError:
    return InputError(
        "shared signal",
        f"{reference.kind}: {found}",
        "one offset at which both agree and that stands out",
        "Did both record the same thing, and something that does not repeat itself?",
    )


def _moved(values: Array, measure: Measure) -> Array:
    """Values about their median, and without their sign where movement is meant."""
    there = values[np.isfinite(values)]
    centred: Array = values - (np.median(there) if there.size else 0.0)
    return np.abs(centred) if measure == "movement" else centred


def _binned(signal: Signal, measure: Measure) -> Array:
    """Means of bins of ``_BIN_S`` from the first sample on; NaN where a bin is empty."""
    values = _moved(signal.values, measure)
    places = np.floor(np.arange(values.size) / (signal.rate_hz * _BIN_S) + 1e-9).astype(np.int64)
    there = np.isfinite(values)
    count = np.bincount(places[there], minlength=places[-1] + 1)
    sums = np.bincount(places[there], values[there], minlength=places[-1] + 1)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / count, dtype=np.float64)


def _agreement(x: Array, y: Array) -> tuple[Ints, Array, Array]:
    """Correlation over complete pairs of ``x[t + lag]`` and ``y[t]`` at every lag.

    Returns
    -------
    lags : ndarray of int64, shape (n_x + n_y - 1,)
    r : ndarray of float64
        0 where there are too few pairs or nothing varies.
    seconds : ndarray of float64
        Complete pairs, in seconds.
    """
    lags = np.arange(-y.size + 1, x.size)
    size = 1 << int(np.ceil(np.log2(x.size + y.size)))
    here = [_spectra(v, size) for v in (x, y)]

    def together(a: int, b: int) -> Array:
        every = np.fft.irfft(here[0][a] * np.conj(here[1][b]), size)
        return np.asarray(every[lags % size], dtype=np.float64)

    n = np.round(together(0, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        sx, sy = together(1, 0), together(0, 1)
        vx, vy = together(2, 0) - sx * sx / n, together(0, 2) - sy * sy / n
        r = (together(1, 1) - sx * sy / n) / np.sqrt(vx * vy)
    sure = (n > 2) & (vx > 1e-9 * vx.max(initial=0.0)) & (vy > 1e-9 * vy.max(initial=0.0))
    return lags, np.where(sure & np.isfinite(r), r, 0.0), n * _BIN_S


def _spectra(values: Array, size: int) -> tuple[Array, Array, Array]:
    """Spectra of what is there, of the values and of their squares (scaled to 1)."""
    there = np.isfinite(values)
    scale = np.std(values[there]) if there.any() else 1.0
    v = np.where(there, values - (values[there].mean() if there.any() else 0.0), 0.0)
    v = v / scale if scale > 0 else v
    return tuple(np.fft.rfft(part, size) for part in (there.astype(np.float64), v, v * v))  # type: ignore[return-value]


def _stretch_by_stretch(
    reference: Signal,
    device: Signal,
    rough_s: float,
    measure: Measure,
    stretch_s: float,
    drift: float,
) -> tuple[Array, Array, int]:
    """Offset of every stretch of the device's recording near the rough one.

    Returns
    -------
    places, offsets : ndarray of float64, shape (n_stretches,)
        Middle of each stretch with movement that agrees, on the device's clock; its offset.
    eventful : int
        How many stretches have movement, of both people.
    """
    rate = min(reference.rate_hz, device.rate_hz, _FINEST_HZ)
    play = 2 * _BIN_S + drift * (device.stop_s - device.start_s)
    reach = int(np.ceil(play * rate))
    begin = max(device.start_s, reference.start_s - rough_s + play)
    stop = min(device.stop_s, reference.stop_s - rough_s - play)
    count = int((stop - begin) / stretch_s)
    found = []
    x, y = _moved(reference.values, measure), _moved(device.values, measure)
    laid = []
    for k in range(count):
        times = begin + k * stretch_s + np.arange(round(stretch_s * rate)) / rate
        near = _at(device, y, times)
        wide = np.arange(-reach, times.size + reach) / rate + times[0] + rough_s
        there = _at(reference, x, wide)
        if np.isfinite(there).all() and np.isfinite(near).all():
            laid.append((float(times.mean()), there, near))
    lively = _lively(np.array([(there.std(), near.std()) for _, there, near in laid]))
    laid = [one for one, moves in zip(laid, lively, strict=True) if moves]
    found = [(at, _best_shift(there, near, reach)) for at, there, near in laid]
    table = np.array([(at, rough_s + s / rate) for at, s in found if s is not None])
    places, offsets = table.reshape(-1, 2).T
    return places, offsets, len(laid)


def _lively(spreads: Array) -> Bools:
    """In which stretches something happens that the quiet ones do not have; else all of them."""
    if len(spreads) < _LEAST_STRETCHES:
        return np.ones(len(spreads), dtype=np.bool_)
    quiet = np.quantile(spreads, 0.1, axis=0)
    stands_out = np.any(spreads > _LOUDER * quiet, axis=1)
    enough = np.count_nonzero(stands_out) >= _LEAST_STRETCHES
    return stands_out if enough else np.ones(len(spreads), dtype=np.bool_)


def _at(signal: Signal, values: Array, times_s: Array) -> Array:
    """Values at these times between two samples that are there; NaN elsewhere."""
    at = (times_s - signal.start_s) * signal.rate_hz
    low = np.floor(at).astype(np.int64)
    inside = (low >= 0) & (low < values.size - 1)
    low = np.where(inside, low, 0)
    part = at - low
    taken: Array = values[low] * (1 - part) + values[np.minimum(low + 1, values.size - 1)] * part
    return np.where(inside, taken, np.nan)


def _best_shift(wide: Array, near: Array, reach: int) -> float | None:
    """Shift in samples, finer than one, at which ``near`` agrees best with ``wide``.

    None where nothing happens, the best lies at the edge or is weak.
    """
    if np.ptp(near) == 0:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(wide, near.size)
    own = near - near.mean()
    means = windows.mean(axis=1)
    spread = np.sqrt(np.maximum((windows**2).mean(axis=1) - means**2, 0.0)) * near.size
    with np.errstate(invalid="ignore", divide="ignore"):
        r = windows @ own / (spread * own.std())
    r = np.where(np.isfinite(r), r, -1.0)
    best = int(np.argmax(r))
    if best in (0, r.size - 1) or r[best] < _LEAST_R:
        return None
    before, here, after = r[best - 1 : best + 2]
    bend = before - 2 * here + after
    return float(best - reach + (0.5 * (before - after) / bend if bend < 0 else 0.0))
