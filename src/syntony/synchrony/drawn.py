"""One person beside many draws of the other: all couplings of a kind at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Couplings over time and lags that are laid out alike, and what is told of each.

    Attributes
    ----------
    values : ndarray of float64, shape (n_draws, n_times, n_lags)
        As ``Coupling.values``.
    statistics : ndarray of float64, shape (n_draws, n_statistics)
        In the order of the method's list.
    profiles : ndarray of float64, shape (n_draws, n_lags)
        As ``Method.profile`` gives it.
    time_s : ndarray of float64, shape (n_times,)
    lags_s : ndarray of float64, shape (n_lags,)
    """

    values: Array
    statistics: Array
    profiles: Array
    time_s: Array
    lags_s: Array

    def over_time(self) -> Array:
        """Values at lag 0, shape (n_draws, n_times)."""
        course: Array = self.values[:, :, int(np.argmin(np.abs(self.lags_s)))]
        return course


def best_lags(profiles: Array, lags_s: Array) -> Ints:
    """Place of the highest point of every lag profile, nearest to 0 of equals.

    Parameters
    ----------
    profiles : ndarray of float64, shape (n, n_lags)
        NaN where a lag has no value; a profile without any counts as highest at lag 0.
    lags_s : ndarray of float64, shape (n_lags,)

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> lags_s = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    >>> best_lags(np.array([[5.0, 1.0, 0.0, 5.0, np.nan], [np.nan] * 5]), lags_s).tolist()
    [3, 2]
    """
    near = np.argsort(np.abs(lags_s), kind="stable")
    held = np.where(np.isfinite(profiles), profiles, -np.inf)[:, near]
    places: Ints = near[held.argmax(axis=1)]
    return places
