"""How long a signal remembers itself."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.surrogates.present import present


def memory_s(y: Array, rate_hz: float) -> float:
    r"""First lag at which the autocorrelation of a signal falls under 1/e, in seconds.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples: they are left out pair by pair.
    rate_hz : float
        Samples per second.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the signal does not vary or has less than 60 s of valid samples.

    Notes
    -----
    With :math:`d` the deviation from the mean, :math:`S_k` the sum of :math:`d_t d_{t+k}` over
    the :math:`C_k` pairs of which both are there, and n samples,
    :math:`r_k = (S_k / C_k) / (S_0 / C_0) \cdot (n - k) / n`: with nothing missing this is the
    usual estimate :math:`S_k / S_0`, which always falls under 1/e somewhere.

    References
    ----------
    .. [1] Box, Jenkins, Reinsel & Ljung (2015), Time Series Analysis, section 2.1 (the estimate).

    Examples
    --------
    >>> import numpy as np
    >>> memory_s(np.sin(2 * np.pi * np.arange(1000) / 100), 1.0)
    20.0
    """
    there = present(y, rate_hz)
    n = y.size
    deviation = np.where(there, y - y[there].mean(), 0.0)
    products, pairs = _lagged_sums(deviation), np.rint(_lagged_sums(there.astype(np.float64)))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = products / pairs / (products[0] / pairs[0]) * (1.0 - np.arange(n) / n)
    under = np.flatnonzero((pairs > 0) & (r < 1.0 / math.e))
    return float((under[0] if under.size else n) / rate_hz)


def _lagged_sums(values: Array) -> Array:
    """Sum of ``values[t] * values[t + k]`` for every k, by way of the spectrum."""
    size = 1 << (2 * values.size - 1).bit_length()
    spectrum = np.fft.rfft(values, size)
    sums = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)[: values.size]
    return np.asarray(sums, dtype=np.float64)
