"""Kappas of contingency tables: Cohen's, weighted, and that of matched events.

A table counts, for each unit, the first coder's code (row) and the second's (column). Every
function takes stacks of tables, shape (..., k, k), so that resampled tables go through it at once.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array
from syntony.core.errors import InputError

Weights = Literal["linear", "quadratic"]
_ROUNDING = 1e-12


def crosstab(first: ArrayLike, second: ArrayLike, count: int) -> Array:
    """Count the pairs of codes of two coders.

    Parameters
    ----------
    first, second : array_like of int, shape (n_units,)
        Places of codes, 0 to ``count - 1``; a unit with a negative place on either side is
        left out.
    count : int
        Number of codes.

    Returns
    -------
    ndarray of float64, shape (count, count)
        First coder in rows.

    Raises
    ------
    InputError
        If the two differ in length, or a place is beyond ``count``.

    Examples
    --------
    >>> crosstab([0, 1, 1, -1], [0, 1, 0, 0], 2).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if a.shape != b.shape or a.ndim != 1:
        raise InputError("second", b.shape, f"the shape of first, {a.shape}")
    there = (a >= 0) & (b >= 0)
    if there.any() and max(a[there].max(), b[there].max()) >= count:
        raise InputError("count", count, "more than the largest place of a code")
    flat = np.bincount(a[there] * count + b[there], minlength=count * count)
    out: Array = flat.reshape(count, count).astype(np.float64)
    return out


def raw_agreement(tables: ArrayLike) -> Array:
    """Share of units with the same code, shape (...); NaN without units."""
    t = _tables(tables)
    return _ratio(np.trace(t, axis1=-2, axis2=-1), t.sum(axis=(-2, -1)))


def kappa(tables: ArrayLike) -> Array:
    """Cohen's kappa, (p_o - p_e) / (1 - p_e).

    Parameters
    ----------
    tables : array_like, shape (..., k, k)

    Returns
    -------
    ndarray of float64, shape (...)
        NaN without units, and where both coders gave one and the same code throughout: then
        chance agrees as well as they do, and nothing can be said.

    References
    ----------
    .. [1] Cohen (1960), Educational and Psychological Measurement 20(1), 37-46.
       https://doi.org/10.1177/001316446002000104

    Examples
    --------
    >>> float(kappa([[20, 5], [10, 15]]).round(6))
    0.4
    """
    t = _tables(tables)
    expected = np.einsum("...i,...i->...", t.sum(axis=-1), t.sum(axis=-2))
    return _corrected(raw_agreement(t), _ratio(expected, t.sum(axis=(-2, -1)) ** 2))


def weighted_kappa(tables: ArrayLike, weights: Weights = "linear") -> Array:
    """Kappa for codes in an order: disagreeing by two steps counts more than by one.

    Parameters
    ----------
    tables : array_like, shape (..., k, k)
        Codes in their order.
    weights : {"linear", "quadratic"}
        Disagreement grows with the distance, or with its square.

    Returns
    -------
    ndarray of float64, shape (...)
        1 - observed over expected weighted disagreement; NaN where none is to be expected.

    References
    ----------
    .. [1] Cohen (1968), Psychological Bulletin 70(4), 213-220.
       https://doi.org/10.1037/h0026256

    Examples
    --------
    >>> table = [[8, 2, 0], [1, 6, 3], [0, 2, 8]]
    >>> [float(weighted_kappa(table, w).round(3)) for w in ("linear", "quadratic")]
    [0.7, 0.8]
    """
    if weights not in ("linear", "quadratic"):
        raise InputError("weights", weights, "linear or quadratic")
    t = _tables(tables)
    k = t.shape[-1]
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    cost = apart if weights == "linear" else apart**2
    n = t.sum(axis=(-2, -1))
    observed = _ratio((t * cost).sum(axis=(-2, -1)), n)
    chance = np.einsum("...i,ij,...j->...", t.sum(axis=-1), cost, t.sum(axis=-2))
    return np.asarray(1.0 - _ratio(observed, _ratio(chance, n**2)))


def event_kappa(tables: ArrayLike) -> Array:
    """Kappa of matched events, the last row and column counting those without a partner.

    What neither coder saw is no event, so that the last cell is empty by construction. Chance
    agreement is that of independent coders *given this empty cell* (quasi-independence, which
    Holle and Rein fit by iteration; for one empty cell there is a closed form).

    Parameters
    ----------
    tables : array_like, shape (..., k + 1, k + 1)
        From ``tally_events``.

    Returns
    -------
    ndarray of float64, shape (...)
        NaN without events; 0 where no event has a partner.

    Raises
    ------
    InputError
        If the last cell is not empty.

    References
    ----------
    .. [1] Holle & Rein (2015), Behavior Research Methods 47, 837-847.
       https://doi.org/10.3758/s13428-014-0506-7

    Examples
    --------
    >>> float(event_kappa([[10, 0, 0], [0, 10, 0], [0, 0, 0]]))
    1.0
    >>> round(float(event_kappa([[8, 2, 3], [1, 9, 2], [4, 1, 0]])), 3)
    0.349
    """
    t = _tables(tables)
    if (t[..., -1, -1] != 0).any():
        raise InputError("tables", "a last cell above 0", "no event that neither coder saw")
    n = t.sum(axis=(-2, -1))
    rows, columns = t.sum(axis=-1), t.sum(axis=-2)
    linked = n - rows[..., -1] - columns[..., -1]
    # fitted row total of the null row, had its last cell been open
    grown = _ratio(rows[..., -1] * (n - rows[..., -1]), linked)
    both = np.einsum("...i,...i->...", rows[..., :-1], columns[..., :-1])
    expected = _ratio(both, (n - rows[..., -1] + grown) * n)
    value = _corrected(raw_agreement(t), np.where(linked > 0, expected, 0.0))
    return np.asarray(np.where((n > 0) & (linked <= 0), 0.0, value))


def one_code(tables: ArrayLike, code: int) -> Array:
    """Collapse tables to one code and everything else, shape (..., 2, 2); the code first."""
    t = _tables(tables)
    both = t[..., code, code]
    rows, columns = t.sum(axis=-1)[..., code], t.sum(axis=-2)[..., code]
    neither = t.sum(axis=(-2, -1)) - rows - columns + both
    cells = np.stack([both, rows - both, columns - both, neither], axis=-1)
    return np.asarray(cells.reshape(*cells.shape[:-1], 2, 2))


def _tables(tables: ArrayLike) -> Array:
    """Stack of square tables of counts."""
    t: Array = np.asarray(tables, dtype=np.float64)
    if t.ndim < 2 or t.shape[-1] != t.shape[-2]:
        raise InputError("tables", t.shape, "square tables, shape (..., k, k)")
    if not (t >= 0).all():
        raise InputError("tables", "a count below 0 or missing", "counts, 0 or more")
    return t


def _ratio(part: Any, whole: Any) -> Array:
    """Quotient; NaN where there is nothing to divide by."""
    above, below = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    out: Array = np.full(above.shape, np.nan)
    np.divide(above, below, out=out, where=below > _ROUNDING)
    return out


def _corrected(observed: Array, expected: Array) -> Array:
    """Agreement beyond chance, as a share of what chance leaves."""
    return _ratio(observed - expected, 1.0 - expected)
