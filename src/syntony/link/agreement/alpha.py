"""Krippendorff's alpha, for any number of coders, with units that some of them left out."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array
from syntony.core.errors import InputError

Level = Literal["nominal", "ordinal", "interval"]
LEVELS = ("nominal", "ordinal", "interval")


def krippendorff_alpha(values: ArrayLike, level: Level = "nominal") -> float:
    """Agreement of several coders, 1 - observed over expected disagreement.

    Parameters
    ----------
    values : array_like of float, shape (n_coders, n_units)
        NaN where a coder gave nothing; a unit with fewer than two values tells nothing.
    level : {"nominal", "ordinal", "interval"}
        What a difference means: another code, another rank, a distance.

    Returns
    -------
    float
        NaN without two values in one unit, and where all values are the same.

    References
    ----------
    .. [1] Krippendorff (2011), Computing Krippendorff's alpha-reliability.
       https://repository.upenn.edu/asc_papers/43

    Examples
    --------
    >>> krippendorff_alpha([[1, 2, 3], [1, 2, 3]])
    1.0
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 2:
        raise InputError("values", given.shape, "shape (n_coders, n_units)")
    kinds = np.unique(given[np.isfinite(given)])
    counts = np.array([(given == kind).sum(axis=0) for kind in kinds]).reshape(kinds.size, -1).T
    return float(alpha_of(coincidences(counts), level, kinds))


def coincidences(counts: ArrayLike) -> Array:
    """Coincidence matrix from how often each value was given to each unit.

    Parameters
    ----------
    counts : array_like, shape (n_units, n_values)

    Returns
    -------
    ndarray of float64, shape (n_values, n_values)
        Matrices of different units add up, so that sessions can be resampled.
    """
    n = np.asarray(counts, dtype=np.float64)
    given = n.sum(axis=1)
    kept = n[given > 1]
    weight = 1.0 / (given[given > 1] - 1.0)
    out: Array = (kept * weight[:, None]).T @ kept - np.diag((kept * weight[:, None]).sum(axis=0))
    return out


def alpha_of(matrices: ArrayLike, level: Level = "nominal", kinds: ArrayLike = ()) -> Array:
    """Alpha of coincidence matrices, shape (..., k, k) to (...).

    ``kinds`` are the values in their order; used for ``interval``.
    """
    if level not in LEVELS:
        raise InputError("level", level, f"one of {LEVELS}")
    o = np.asarray(matrices, dtype=np.float64)
    totals = o.sum(axis=-1)
    n = totals.sum(axis=-1)
    apart = _apart(totals, level, np.asarray(kinds, dtype=np.float64))
    observed = (o * apart).sum(axis=(-2, -1))
    expected = (totals[..., :, None] * totals[..., None, :] * apart).sum(axis=(-2, -1))
    out: Array = np.full(n.shape, np.nan)
    np.divide((n - 1.0) * observed, expected, out=out, where=expected > 1e-12)
    return np.asarray(1.0 - out)


def _apart(totals: Array, level: Level, kinds: Array) -> Array:
    """Squared difference of every two values."""
    k = totals.shape[-1]
    if level == "interval":
        return np.asarray(np.subtract.outer(kinds, kinds) ** 2)
    if level == "nominal":
        return 1.0 - np.eye(k)
    rank = np.cumsum(totals, axis=-1) - totals / 2.0  # middle rank: counts between two values
    return np.asarray((rank[..., :, None] - rank[..., None, :]) ** 2)
