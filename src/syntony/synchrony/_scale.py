"""Signals in units of their own spread, so that nobody's gain decides."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array


def in_spreads(values: Array) -> Array:
    """Take the mean off and divide by the standard deviation (divisor n) of what is there.

    Parameters
    ----------
    values : ndarray of float64, shape (..., n_samples)
        The last axis is time; NaN marks missing samples and stays.

    Returns
    -------
    ndarray of float64, same shape
        All NaN for a signal that does not vary.

    Examples
    --------
    >>> in_spreads(np.array([[1.0, 3.0, np.nan], [5.0, 5.0, 5.0]])).tolist()
    [[-1.0, 1.0, nan], [nan, nan, nan]]
    """
    there = np.isfinite(values)
    count = np.maximum(there.sum(axis=-1, keepdims=True), 1)
    centred = values - np.where(there, values, 0.0).sum(axis=-1, keepdims=True) / count
    spread = np.sqrt(np.square(np.where(there, centred, 0.0)).sum(axis=-1, keepdims=True) / count)
    low = np.where(there, values, np.inf).min(axis=-1, keepdims=True)
    high = np.where(there, values, -np.inf).max(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        made: Array = np.where(high > low, centred / spread, np.nan)
    return made
