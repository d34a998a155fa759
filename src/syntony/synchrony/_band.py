"""One band of a signal as a complex number per sample, its size and its phase, gaps kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError

Complexes = NDArray[np.complex128]

_EDGE = 1e-9


def check_band(low_hz: float, high_hz: float, rate_hz: float) -> None:
    """Refuse a band that does not lie between 0 and half the sampling rate."""
    for field, value in (("low_hz", low_hz), ("high_hz", high_hz)):
        if not (isinstance(value, int | float) and 0 < value < rate_hz / 2):
            raise InputError(
                field,
                value,
                f"above 0 and below {rate_hz / 2:g} Hz, half of the sampling rate of "
                f"{rate_hz:g} Hz",
            )
    if not low_hz < high_hz:
        raise InputError("high_hz", high_hz, f"above low_hz, {low_hz:g} Hz")


def half_length(low_hz: float, high_hz: float, rate_hz: float) -> int:
    """Samples that the filter reaches to each side.

    One period of the lowest frequency, so that levels are shut out, or of the width of the
    band, so that it can be told from its neighbours; whichever is longer.
    """
    return max(1, math.ceil(rate_hz / min(low_hz, high_hz - low_hz) - _EDGE))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """The filter for signals of one length, and what it sees where nothing is missing.

    ``filter_ft`` and ``taper_ft`` are Fourier transforms of the filter and of the taper alone;
    ``seen`` and ``bias`` are the sums of both over the samples that exist.
    """

    half: int
    size: int
    filter_ft: Complexes
    taper_ft: Complexes
    total: float
    seen: Array
    bias: Complexes


def _sums(transform: Complexes, shape_ft: Complexes, n: int, half: int) -> Complexes:
    """Convolve by Fourier transforms and keep the samples that exist."""
    made: Complexes = np.fft.ifft(transform * shape_ft)[half : half + n]
    return made


@lru_cache(maxsize=8)
def _plan(n: int, rate_hz: float, low_hz: float, high_hz: float) -> _Plan:
    """Make the filter: the ideal one-sided band under a Hamming taper."""
    half = half_length(low_hz, high_hz, rate_hz)
    steps = np.arange(-half, half + 1)
    taper = 0.54 + 0.46 * np.cos(np.pi * steps / (half + 1))
    turn = 2.0 * np.pi * steps / rate_hz
    middle, width = (low_hz + high_hz) / 2.0, high_hz - low_hz
    ideal = 2.0 * width / rate_hz * np.sinc(width * steps / rate_hz) * np.exp(1j * middle * turn)
    size = 1 << (n + 2 * half).bit_length()
    filter_ft, taper_ft = np.fft.fft(taper * ideal, size), np.fft.fft(taper, size)
    ones = np.fft.fft(np.ones(n), size)
    return _Plan(
        half=half,
        size=size,
        filter_ft=filter_ft,
        taper_ft=taper_ft,
        total=float(taper.sum()),
        seen=_sums(ones, taper_ft, n, half).real,
        bias=_sums(ones, filter_ft, n, half),
    )


def band_signal(
    values: Array, rate_hz: float, low_hz: float, high_hz: float, min_coverage: float
) -> Complexes:
    r"""Analytic signal of one band, from the samples that are there.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; what lies before the first and after the last is missing too.
    rate_hz, low_hz, high_hz : float
        Samples per second, and the edges of the band.
    min_coverage : float
        Share of the taper's weight that must lie on samples that are there.

    Returns
    -------
    ndarray of complex128, shape (n_samples,)
        Amplitude (absolute value) and phase (angle, rising with time). NaN where the sample is
        missing, where too little is there around it, and where all that is there is one number.

    Notes
    -----
    Around every sample the signal's weighted covariance with the filter is taken over the
    samples that are there: with taper :math:`w_k`, ideal band :math:`s_k` and the mark
    :math:`m` of what is there,

    .. math:: z_t = \frac{\sum_k w_k}{\sum_k w_k m_{t-k}}
              \sum_k w_k m_{t-k} (s_k - \bar s)(x_{t-k} - \bar x)

    with both means weighted by :math:`w_k m_{t-k}`. Where nothing is missing this is the plain
    convolution with a filter that lets no level through.

    Examples
    --------
    >>> t = np.arange(400) / 4.0
    >>> z = band_signal(7.0 + 2.0 * np.cos(2 * np.pi * 0.1 * t), 4.0, 0.05, 0.2, 0.8)
    >>> bool(np.isnan(z[0])), round(float(abs(z[200])), 1), round(float(np.angle(z[200])), 2)
    (True, 2.0, -0.0)
    """
    n = values.size
    plan = _plan(n, rate_hz, low_hz, high_hz)
    there = values == values
    out: Complexes = np.full(n, np.nan, dtype=np.complex128)
    if not there.any():
        return out
    whole = bool(there.all())
    level = values[there].mean()
    held = np.fft.fft(np.where(there, values - level, 0.0), plan.size)
    seen, bias = plan.seen, plan.bias
    if not whole:
        marks = np.fft.fft(there.astype(np.float64), plan.size)
        seen = _sums(marks, plan.taper_ft, n, plan.half).real
        bias = _sums(marks, plan.filter_ft, n, plan.half)
    kept = there & (seen >= max(min_coverage, 1e-6) * plan.total - _EDGE)
    kept &= ~_flat(values, there, plan.half)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _sums(held, plan.taper_ft, n, plan.half).real / seen
        z = (_sums(held, plan.filter_ft, n, plan.half) - bias * mean) * (plan.total / seen)
    out[kept] = z[kept]
    return out


def _flat(values: Array, there: Bools, half: int) -> Bools:
    """Where everything that is there within the filter's reach is one and the same number."""
    n = values.size
    places = np.flatnonzero(there)
    changed = np.concatenate(([0], np.cumsum(np.diff(values[places]) != 0.0)))
    before = np.concatenate(([0], np.cumsum(there)))  # how many are there before each sample
    first = before[np.maximum(np.arange(n) - half, 0)]
    last = before[np.minimum(np.arange(n) + half + 1, n)] - 1
    flat: Bools = changed[np.minimum(first, places.size - 1)] == changed[last]
    return flat
