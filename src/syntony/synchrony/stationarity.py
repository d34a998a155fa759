"""Is a signal stationary? Two tests that ask the opposite questions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array

ADF_5 = -2.86
"""Below this the augmented Dickey-Fuller statistic speaks against a unit root, at 5 %."""

KPSS_5 = 0.463
"""Above this the KPSS statistic speaks against a constant level, at 5 %."""


@dataclass(frozen=True, slots=True)
class Stationarity:
    """Both statistics of one signal, each of its longest stretch without a gap.

    ``adf`` below -2.86: no unit root. ``kpss`` above 0.463: the level is not constant.
    ``is_stationary`` where the first holds and the second does not; ``samples`` were used.
    """

    adf: float
    kpss: float
    samples: int

    @property
    def is_stationary(self) -> bool:
        """Whether both tests agree that it is."""
        return self.adf < ADF_5 and self.kpss <= KPSS_5


def longest_stretch(values: Array) -> Array:
    """Longest run of samples without one missing.

    Examples
    --------
    >>> longest_stretch(np.array([1.0, np.nan, 2.0, 3.0])).tolist()
    [2.0, 3.0]
    """
    marks = np.concatenate(([0], np.isfinite(values).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(marks))
    if not edges.size:
        return values[:0]
    starts, stops = edges[::2], edges[1::2]
    k = int(np.argmax(stops - starts))
    return values[starts[k] : stops[k]]


def stationarity(values: Array, *, lags: int = 4) -> Stationarity:
    """Test one signal for a unit root (ADF) and for a constant level (KPSS).

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; the longest stretch without one is tested.
    lags : int
        Lagged differences in the ADF regression. The KPSS long-run variance takes
        ``12 (n / 100)**0.25`` lags, rounded up, with Bartlett weights.

    Returns
    -------
    Stationarity
        NaN statistics where the stretch has fewer than ``3 * lags + 10`` samples or is flat.

    Notes
    -----
    ADF: t of ``g`` in ``dx[t] = a + g x[t-1] + sum_k b_k dx[t-k] + e`` [1]_. KPSS: the sum of
    squared partial sums of ``x - mean(x)`` over ``n**2`` times the long-run variance [2]_. The
    critical values are the asymptotic ones of the two papers, for a constant without a trend.

    References
    ----------
    .. [1] Said & Dickey (1984), Biometrika 71(3), 599-607.
    .. [2] Kwiatkowski, Phillips, Schmidt & Shin (1992), Journal of Econometrics 54, 159-178.

    Examples
    --------
    >>> noise = np.random.default_rng(2).standard_normal(500)
    >>> stationarity(noise).is_stationary, stationarity(np.cumsum(noise)).is_stationary
    (True, False)
    """
    x = longest_stretch(values)
    if x.size < 3 * lags + 10 or x.min() == x.max():
        return Stationarity(math.nan, math.nan, x.size)
    x = x - x.mean()
    return Stationarity(_adf(x, lags), _kpss(x), x.size)


def _adf(x: Array, lags: int) -> float:
    """T of the level in the regression of the difference."""
    steps = np.diff(x)
    y = steps[lags:]
    columns = [np.ones(y.size), x[lags:-1]]
    columns += [steps[lags - k : steps.size - k] for k in range(1, lags + 1)]
    design = np.column_stack(columns)
    slopes, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    if rank < design.shape[1]:
        return math.nan
    rest = y - design @ slopes
    variance = rest @ rest / (y.size - design.shape[1])
    spread = np.linalg.inv(design.T @ design)[1, 1] * variance
    return float(slopes[1] / math.sqrt(spread)) if spread > 0 else math.nan


def _kpss(x: Array) -> float:
    """Squared partial sums over the long-run variance; ``x`` has mean 0."""
    n = x.size
    lags = min(n - 1, math.ceil(12.0 * (n / 100.0) ** 0.25))
    long_run = float(x @ x)
    for k in range(1, lags + 1):
        long_run += 2.0 * (1.0 - k / (lags + 1.0)) * float(x[k:] @ x[:-k])
    partial = np.cumsum(x)
    return float(partial @ partial / (n * long_run)) if long_run > 0 else math.nan
