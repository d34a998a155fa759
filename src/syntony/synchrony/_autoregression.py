"""What a signal's own past says about it: autoregression with gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools

_EXACT = 1e-20
"""Share of the variance below which what is left over is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Autoregression:
    """``v[t] = intercept + sum(coefficients[i] * v[t - 1 - i]) + e[t]``.

    ``bic`` has a value for every order from 0 on. ``vectors`` counts the complete lag vectors
    that the coefficients were fitted to.
    """

    coefficients: Array
    intercept: float
    bic: Array
    vectors: int

    @property
    def order(self) -> int:
        """Number of past samples used."""
        return int(self.coefficients.size)


def fit_autoregression(values: Array, max_order: int) -> Autoregression | None:
    """Fit an autoregression whose order has the lowest BIC.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    max_order : int
        Highest order tried; lowered where there are fewer than ten complete lag vectors for
        every coefficient.

    Returns
    -------
    Autoregression or None
        None where there is too little to fit, or where the past explains everything, as in a
        constant or a pure sine: then nothing is left over.

    Notes
    -----
    Least squares on complete lag vectors only: a row enters if ``v[t]`` and all past samples
    that it needs are present, so that no gap is bridged. All orders are compared on the same
    rows, ``BIC(p) = n ln(RSS(p) / n) + p ln n``; the chosen order is then fitted to every row
    complete at that order. One QR decomposition gives the residual sums of all orders, and it
    does not square the condition of the lag matrix as normal equations would.
    """
    while max_order > 0 and _complete(values, max_order).sum() < 10 * (max_order + 1):
        max_order -= 1
    n = int(_complete(values, max_order).sum())
    if n < 10:
        return None
    last = np.abs(_triangle(_past(values, max_order))[:, -1])
    rss = np.cumsum((last**2)[::-1])[::-1]
    least = _EXACT * rss[0]
    if not least > 0.0:
        return None
    orders = np.arange(max_order + 1)
    bic = n * np.log(np.maximum(rss, least) / n) + orders * math.log(n)
    order = int(np.argmin(bic))
    if rss[order] <= least:
        return None
    rows = _past(values, order)
    means = rows.mean(axis=1)
    triangle = _triangle(rows)
    solved = np.linalg.solve(triangle[:order, :order], triangle[:order, -1])
    coefficients = np.asarray(solved, dtype=np.float64)
    return Autoregression(
        coefficients=coefficients,
        intercept=float(means[-1] - means[:-1] @ coefficients),
        bic=bic,
        vectors=rows.shape[1],
    )


def _complete(values: Array, order: int) -> Bools:
    """Whether v[t] and the ``order`` samples before it are present, for t from ``order`` on."""
    gone = np.concatenate(([0], np.cumsum(np.isnan(values))))
    complete: Bools = gone[order + 1 :] == gone[: gone.size - order - 1]
    return complete


def _past(values: Array, order: int) -> Array:
    """Rows v[t - 1], ..., v[t - order], v[t] over the t at which nothing is missing."""
    complete, n = _complete(values, order), values.size - order
    rows = np.stack([values[order - back : order - back + n] for back in (*range(1, order + 1), 0)])
    return rows if complete.all() else rows[:, complete]


def _triangle(rows: Array) -> Array:
    """R of the QR decomposition of the centred rows; its last column tells the residual sums."""
    centred = rows - rows[:, :1]  # first a value of the signal itself, so that no digits are lost
    centred -= centred.mean(axis=1, keepdims=True)
    return np.asarray(np.linalg.qr(centred.T, mode="r"), dtype=np.float64)


def leftovers(values: Array, coefficients: Array) -> Array:
    """Subtract from every sample what its past lets expect, shape (n_samples,).

    The intercept is left in, as no correlation sees it. NaN where the sample or one of the past
    samples needed is missing: the first ``order`` samples, and as many behind every gap.
    """
    made = values.copy()
    made[: coefficients.size] = np.nan
    for i, weight in enumerate(coefficients):
        back = i + 1
        made[back:] -= weight * values[:-back]
    return made
