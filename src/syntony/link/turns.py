"""Draws from turned tracks, with the spread of all turns."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.link.intervals import mean_there


def spread_as_all(drawn: Array, turned: Array) -> Array:
    """Give draws the mean and the SD of all turns.

    Parameters
    ----------
    drawn : ndarray of float64, shape (n_draws, ...)
        A statistic at turns that are not short.
    turned : ndarray of float64, shape (n_turns, ...)
        The same at every turn, or at evenly spaced ones, the short ones with them. NaN is
        left out.

    Returns
    -------
    ndarray of float64, shape (n_draws, ...)

    Notes
    -----
    The short turns that are never drawn are those most like the observed place, so that without
    this the draws lie too far from it and strangers pass too often: 7.1 % of 2,000 simulated
    studies in which nobody read anybody, 10-min sessions.

    Examples
    --------
    >>> spread_as_all(np.array([1.0, 3.0]), np.array([1.0, 3.0, 6.0, 6.0])).round(3).tolist()
    [1.879, 6.121]
    """
    centre, spread = _centre(drawn)
    to_centre, to_spread = _centre(turned)
    ratio = np.divide(to_spread, spread, out=np.ones_like(spread), where=spread > 0)
    return (drawn - centre) * ratio + to_centre


def _centre(values: Array) -> tuple[Array, Array]:
    """Mean and SD down the first axis of what is there; NaN mean, SD 0 where nothing is."""
    there = np.isfinite(values)
    if there.all() and len(values):
        mean = values.sum(axis=0) / len(values)
        return mean, np.sqrt(np.sum((values - mean) ** 2, axis=0) / len(values))
    mean = np.asarray(mean_there(values))
    apart = np.where(there, values - mean, 0.0)
    return mean, np.sqrt(np.sum(apart**2, axis=0) / np.maximum(there.sum(axis=0), 1))
