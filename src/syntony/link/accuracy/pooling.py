"""One number per dyad: mean and interval over dyads."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from syntony.core.arrays import Array

MIN_DYADS = 3


class Pooled(NamedTuple):
    """Mean over dyads with its 95 % interval; ``sd`` is that of the dyads."""

    value: float
    low: float
    high: float
    sd: float
    n: int


def pooled(values: Array, *, level: float = 0.95) -> Pooled:
    """Mean of one value per dyad with Student's interval, dyads as the cases.

    Parameters
    ----------
    values : ndarray of float64, shape (n_dyads,)
        NaN is left out.
    level : float, default 0.95

    Returns
    -------
    Pooled
        The interval is NaN under 3 dyads, or where they do not vary.

    Examples
    --------
    >>> found = pooled(np.array([1.0, 2.0, 3.0, np.nan]))
    >>> found.value, round(found.low, 2), found.n
    (2.0, -0.48, 3)
    """
    from scipy.special import stdtrit

    there = values[np.isfinite(values)]
    none = float("nan")
    if not there.size:
        return Pooled(none, none, none, none, 0)
    mean = float(there.mean())
    sd = float(there.std(ddof=1)) if there.size > 1 else none
    if there.size < MIN_DYADS or not sd > 1e-12 * abs(mean):
        return Pooled(mean, none, none, sd, there.size)
    half = float(stdtrit(there.size - 1, (1 + level) / 2)) * sd / sqrt(there.size)
    return Pooled(mean, mean - half, mean + half, sd, there.size)
