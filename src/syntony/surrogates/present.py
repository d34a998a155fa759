"""What is there of a signal: checks, and the samples between the gaps laid end to end."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError

LEAST_S = 60.0


def present(y: Array, rate_hz: float) -> Bools:
    """Say which samples are there; refuse a signal of which nothing can be made.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    rate_hz : float
        Samples per second.

    Returns
    -------
    ndarray of bool, shape (n_samples,)

    Raises
    ------
    InputError
        If ``y`` has another shape, holds an infinite value, does not vary, or has less than
        60 s of valid samples; if the rate is no finite number above 0.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.r_[np.nan, np.arange(100.0)]
    >>> int(present(y, 1.0).sum())
    100
    """
    if y.ndim != 1:
        raise InputError("y", y.shape, "shape (n_samples,)")
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    if np.isinf(y).any():
        raise InputError("y", "an infinite value", "finite values, NaN where one is missing")
    there: Bools = ~np.isnan(y)
    count = int(there.sum())
    if count < LEAST_S * rate_hz:
        raise InputError(
            "y", f"{count / rate_hz:g} s of valid samples", f"at least {LEAST_S:g} s of them"
        )
    if np.ptp(y[there]) == 0.0:
        raise InputError("y", "one value throughout", "a signal that varies")
    return there
