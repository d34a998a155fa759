"""Many windows, lags or frequencies at once: what p is worth when so many were looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array
from syntony.core.errors import InputError


def max_statistic(observed: ArrayLike, draws: ArrayLike) -> Array:
    """Say how often chance reaches each observed value anywhere at all.

    ``p = (1 + #{draw whose largest value anywhere >= observed, or without any value})
    / (n_draws + 1)`` in each cell. Under chance the smallest of all these p is .05 or less in
    at most 5 of 100 cases, however many cells there are and however alike neighbours are.

    Parameters
    ----------
    observed : array_like, shape (...)
        One value per window, lag, frequency or any crossing of them; high values are findings.
        Where cells spread differently under chance, give values on one scale (such as z
        beside the draws); where low values are findings too, give absolute ones.
    draws : array_like, shape (n_draws, ...)
        The same under chance, one draw a row.

    Returns
    -------
    ndarray of float64, shape (...)
        Upper p, adjusted for all cells. NaN where the observed value is NaN; missing cells
        are left out of the largest value of a draw. A tie counts against the finding, and so
        does a draw that is NaN everywhere. Without draws 1.

    Raises
    ------
    InputError
        If the draws do not fit, or a value is infinite.

    References
    ----------
    .. [1] Westfall & Young (1993), Resampling-based multiple testing, Wiley (the maximum).
    .. [2] Nichols & Holmes (2002), Human Brain Mapping 15(1), 1-25.
       https://doi.org/10.1002/hbm.1058
    .. [3] Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology
       9(1), 39 (the observed value counted as a draw). https://doi.org/10.2202/1544-6115.1585

    Examples
    --------
    >>> max_statistic([0.9, 0.2, float("nan")], [[0.1, 0.3, 0.2], [0.5, 0.0, 0.1]]).round(3)
    array([0.333, 1.   ,   nan])
    """
    value, null = cells_and_draws(observed, draws)
    rows = null.reshape(len(null), value.size)
    empty = np.isnan(rows).all(axis=1)
    largest = np.where(np.isnan(rows), -np.inf, rows).max(axis=1, initial=-np.inf)
    largest = np.sort(np.where(empty, np.inf, largest))
    reached = largest.size - np.searchsorted(largest, value, side="left")
    return np.where(np.isnan(value), np.nan, (1 + reached) / (largest.size + 1))


def false_discovery_rate(p: ArrayLike) -> Array:
    """Adjust p-values so that of what passes only a given share is expected to be chance.

    Benjamini and Hochberg's step-up: ``q_(i) = min over j >= i of n p_(j) / j``, at most 1. It
    bounds the expected share of false findings among findings, not the chance of any, and
    holds for cells that are independent or positively alike. **Exploratory**: report what it
    lets pass under that name, and claim moments with
    :func:`syntony.surrogates.clusters.cluster_mass` or :func:`max_statistic`.

    Parameters
    ----------
    p : array_like, shape (...)
        One per cell, 0 to 1. NaN is left out of their number.

    Returns
    -------
    ndarray of float64, shape (...)
        Adjusted values, never below ``p``; NaN where ``p`` is NaN.

    Raises
    ------
    InputError
        If a p lies outside 0 to 1.

    References
    ----------
    .. [1] Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1),
       289-300. https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> false_discovery_rate([0.01, 0.04, float("nan"), 0.03, 0.5]).round(4)
    array([0.04  , 0.0533,    nan, 0.0533, 0.5   ])
    """
    given = np.array(p, dtype=np.float64)
    there = ~np.isnan(given)
    values = given[there]
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise InputError("p", (float(values.min()), float(values.max())), "values from 0 to 1")
    order = np.argsort(values)
    steps = values[order] * (values.size / np.arange(1, values.size + 1))
    adjusted = np.empty(values.size)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    given[there] = adjusted
    return given


def cells_and_draws(observed: ArrayLike, draws: ArrayLike) -> tuple[Array, Array]:
    """Check that draws lie along the first axis and fit the cells, and that all is finite or NaN.

    Examples
    --------
    >>> value, null = cells_and_draws([1, 2], [[3, 4]])
    >>> value.shape, null.shape
    ((2,), (1, 2))
    """
    value = np.asarray(observed, dtype=np.float64)
    null = np.asarray(draws, dtype=np.float64)
    if null.shape[1:] != value.shape or null.ndim != value.ndim + 1:
        raise InputError("draws", null.shape, f"(n_draws, *{value.shape}), one draw a row")
    for name, array in (("observed", value), ("draws", null)):
        if np.isinf(array).any():
            raise InputError(name, "inf", "finite numbers or NaN")
    return value, null
