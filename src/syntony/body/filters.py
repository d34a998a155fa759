"""Zero-phase low-pass and high-pass on valid stretches only."""

from __future__ import annotations

from typing import Literal

import numpy as np

from syntony.body.quality import on_stretches
from syntony.core.arrays import Array
from syntony.core.errors import InputError


def zero_phase(
    values: Array,
    rate_hz: float,
    cutoff_hz: float,
    *,
    order: int,
    kind: Literal["lowpass", "highpass"] = "lowpass",
    pad_samples: int | None = None,
) -> Array:
    """Butterworth filter, forwards and backwards, on every valid stretch by itself.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples: they stay NaN, and no stretch feels another.
    rate_hz : float
        Samples per second.
    cutoff_hz : float
        Below half the rate. Run both ways, the gain there is 1/2 (-6 dB).
    order : int
        Of one pass; the two together have twice as much.
    kind : {"lowpass", "highpass"}
    pad_samples : int, optional
        Length of the odd reflection at both ends of a stretch, in samples; always
        shorter than the stretch. Default: that of scipy.signal, 3 * (order + 1).

    Returns
    -------
    ndarray of float64, shape (n_samples,)

    Raises
    ------
    InputError
        If the cut-off lies at or above half the sampling rate.

    Examples
    --------
    >>> zero_phase(np.array([2.0, np.nan, 5.0, 5.0]), 4.0, 1.0, order=2).round(9).tolist()
    [2.0, nan, 5.0, 5.0]
    """
    if not 0 < cutoff_hz < rate_hz / 2:
        raise InputError(
            "cutoff_hz",
            cutoff_hz,
            f"above 0 and below {rate_hz / 2:g} Hz, half of the sampling rate of {rate_hz:g} Hz",
            "Choose a lower cut-off, or a recording with a higher rate.",
        )
    from syntony.kernels.biquads import both_ways, butterworth

    sections, level = butterworth(order, cutoff_hz / rate_hz, kind)
    pad = 3 * (order + 1) if pad_samples is None else pad_samples

    def work(stretch: Array) -> Array:
        return both_ways(stretch, sections, level, min(pad, stretch.size - 1))

    return on_stretches(values, np.isfinite(values), work)
