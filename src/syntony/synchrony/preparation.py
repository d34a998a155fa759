"""What rMEA does to movement series before it correlates them."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.synchrony._inputs import check_number


def mea_smoothed(values: Array, *, rate_hz: float, window_s: float = 0.5) -> Array:
    """Take a moving average as rMEA's ``MEAsmooth`` does.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        Motion energy of one person. NaN marks missing samples.
    rate_hz : float
        Samples per second.
    window_s : float
        Length of the average in seconds.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        Missing samples stay missing; among the others a missing neighbour is left out.

    Notes
    -----
    With ``L = floor(window_s * rate_hz)`` samples, of which ``floor(L / 2)`` lie before the
    sample, the sum is divided by ``window_s * rate_hz``, not by L: at 25 Hz twelve samples by
    12.5. Sums at the start are cut, not divided by less, and the last ``L - floor(L / 2) - 1``
    values are 0. That is rMEA's; correlation inside the series is blind to the divisor.

    References
    ----------
    .. [1] Kleinbub & Ramseyer (2020), Psychotherapy Research; rMEA 1.2.2.
       https://doi.org/10.1080/10503307.2020.1844334

    Examples
    --------
    >>> mea_smoothed(np.ones(8), rate_hz=8.0).tolist()
    [0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    """
    length = math.floor(window_s * rate_hz + 1e-9)
    check_number("window_s", window_s, 1.0 / rate_hz, 1e9, f"at least one sample at {rate_hz:g} Hz")
    before = length // 2
    after = length - before - 1
    there = np.isfinite(values)
    ones = np.ones(length)
    sums = np.convolve(np.where(there, values, 0.0), ones)[after : after + values.size]
    counts = np.convolve(there.astype(np.float64), ones)[after : after + values.size]
    whole = np.convolve(np.ones(values.size), ones)[after : after + values.size]
    out = np.full(values.size, np.nan)
    np.divide(sums * whole, counts * window_s * rate_hz, out=out, where=there)
    if after:
        out[-after:][there[-after:]] = 0.0
    return out


def scaled_by_sd(values: Array) -> Array:
    """Divide by the standard deviation (divisor n - 1) without centring, as ``MEAscale`` does.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        NaN stays NaN; a series that does not vary becomes NaN.

    Examples
    --------
    >>> scaled_by_sd(np.array([1.0, 3.0])).round(3).tolist()
    [0.707, 2.121]
    """
    there = values[np.isfinite(values)]
    sd = float(np.std(there, ddof=1)) if there.size > 1 else math.nan
    return values / sd if sd > 0 else np.full(values.shape, np.nan)
