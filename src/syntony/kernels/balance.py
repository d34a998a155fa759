"""Sums of what lies above and below zero."""

from __future__ import annotations

import numpy as np

from syntony.kernels._arrays import Floats, kernel, readonly


def signed_sums(v: Floats) -> tuple[Floats, Floats]:
    """Add up positive and negative values of every column apart.

    Parameters
    ----------
    v : ndarray of float64, shape (n_rows, n_columns)
        NaN are left out. Fastest where a column lies in one piece in memory.

    Returns
    -------
    positive, negative : ndarray of float64, shape (n_columns,)
        Sum of the positive values; minus the sum of the negative ones.

    Examples
    --------
    >>> positive, negative = signed_sums(np.array([[1.0], [-3.0], [np.nan], [2.0]]))
    >>> float(positive[0]), float(negative[0])
    (3.0, 3.0)
    """
    sums = np.empty((2, v.shape[1]))
    _signed_sums(readonly(v.T), sums)
    return sums[0], sums[1]


@kernel
def _signed_sums(v, sums):  # type: ignore[no-untyped-def]
    """Fill ``sums``, in two strands so that adds overlap."""
    n = v.shape[1]
    for k in range(v.shape[0]):
        a, b, above, below = 0.0, 0.0, 0.0, 0.0
        for i in range(0, n - 1, 2):
            p, q = v[k, i], v[k, i + 1]
            a += p if p > 0.0 else 0.0
            b += q if q > 0.0 else 0.0
            above -= p if p < 0.0 else 0.0
            below -= q if q < 0.0 else 0.0
        if n % 2:
            p = v[k, n - 1]
            a += p if p > 0.0 else 0.0
            above -= p if p < 0.0 else 0.0
        sums[0, k], sums[1, k] = a + b, above + below
