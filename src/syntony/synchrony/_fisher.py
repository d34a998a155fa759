"""Fisher's z: the scale on which correlations are averaged."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array

Z_CAP = 10.0
"""Largest |z|: a perfect correlation would be infinite (the same cap as rMEA's)."""


def fisher_z(r: Array) -> Array:
    """Inverse hyperbolic tangent of r, held within +-10; NaN stays NaN.

    References
    ----------
    .. [1] Fisher (1915), Biometrika 10(4), 507-521.

    Examples
    --------
    >>> fisher_z(np.array([0.0, 1.0, np.nan])).tolist()
    [0.0, 10.0, nan]
    """
    with np.errstate(divide="ignore"):
        z: Array = np.log((1.0 + r) / (1.0 - r))  # half the time of arctanh, and as near
    z *= 0.5
    return np.clip(z, -Z_CAP, Z_CAP, out=z)


def mean_present(values: Array) -> float:
    """Mean of what is not NaN; NaN where there is nothing."""
    there = values[values == values]
    return float(there.sum() / there.size) if there.size else float("nan")
