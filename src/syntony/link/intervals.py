"""Means and intervals over dyads, and where a value lies among the draws of its null."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from syntony.core.arrays import Array
from syntony.surrogates.decision import p_values, z_score

Statistic = Callable[[Array], Array]

_NORMAL = NormalDist()
_MIN_DYADS = 4


def bca_interval(
    values: Array,
    statistic: Statistic,
    rng: np.random.Generator,
    *,
    draws: int = 2000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Bootstrap interval over the rows of ``values`` (BCa).

    Parameters
    ----------
    values : ndarray of float64, shape (n, ...)
        One row per dyad, finite.
    statistic : callable
        Maps stacked samples, shape (draws, n, ...), to shape (draws,).
    rng : numpy.random.Generator
    draws : int, default 2000
        Bootstrap samples; one whose statistic is NaN (no variance) is left out.
    level : float, default 0.95

    Returns
    -------
    low, high : float
        NaN under 4 rows, or where the statistic does not vary over the rows.

    References
    ----------
    .. [1] Efron (1987), Journal of the American Statistical Association 82, 171-185,
       eq. 2.3 and 6.6. https://doi.org/10.1080/01621459.1987.10478410

    Examples
    --------
    >>> mean = lambda sample: sample.mean(axis=1)
    >>> low, high = bca_interval(np.arange(20.0), mean, np.random.default_rng(1))
    >>> bool(low < 9.5 < high)
    True
    """
    n = len(values)
    if n < _MIN_DYADS:
        return float("nan"), float("nan")
    observed = float(statistic(values[None])[0])
    boot = statistic(values[rng.integers(n, size=(draws, n))])
    boot = boot[np.isfinite(boot)]
    if not np.isfinite(observed) or not boot.size or np.ptp(boot) == 0:
        return float("nan"), float("nan")
    without = np.array([np.delete(np.arange(n), i) for i in range(n)])
    return bca_limits(observed, boot, statistic(values[without]), level=level)


def bca_limits(
    observed: float, boot: Array, left_out: Array, *, level: float = 0.95
) -> tuple[float, float]:
    """Limits of a BCa interval, from a bootstrap and the leave-one-out values.

    Parameters
    ----------
    observed : float
    boot : ndarray of float64, shape (draws,)
        Finite and not all equal.
    left_out : ndarray of float64, shape (n,)
        The statistic without each row (or cluster) in turn; NaN is left out.
    level : float, default 0.95

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> boot = np.linspace(-1.0, 1.0, 2001)
    >>> [round(v, 2) for v in bca_limits(0.0, boot, np.array([-0.1, 0.0, 0.1]))]
    [-0.95, 0.95]
    """
    bias, pull = _bias(boot, observed), _acceleration(left_out)
    shares = [_corrected(p, bias, pull) for p in ((1 - level) / 2, (1 + level) / 2)]
    low, high = np.quantile(boot, shares)
    return float(low), float(high)


def _bias(boot: Array, observed: float) -> float:
    """Median bias in normal units; ties count half; kept finite by half a draw."""
    below = np.count_nonzero(boot < observed) + 0.5 * np.count_nonzero(boot == observed)
    return _NORMAL.inv_cdf(float(np.clip(below / boot.size, 0.5 / boot.size, 1 - 0.5 / boot.size)))


def _acceleration(left: Array) -> float:
    """Skewness of the leave-one-out values, sixth part; 0 where they are equal."""
    left = left[np.isfinite(left)]
    apart = left.mean() - left if left.size else np.zeros(1)
    spread = float(np.sum(apart**2))
    return float(np.sum(apart**3)) / (6 * spread**1.5) if spread > 0 else 0.0


def _corrected(share: float, bias: float, pull: float) -> float:
    """Find the share of the bootstrap distribution at which BCa reads its limit."""
    z = bias + _NORMAL.inv_cdf(share)
    return _NORMAL.cdf(bias + z / max(1 - pull * z, 1e-3))


def by_dyad(values: Array, dyads: list[str]) -> tuple[list[str], Array]:
    """Mean over each dyad's sessions, NaN left out; a dyad without a value is dropped.

    Parameters
    ----------
    values : ndarray of float64, shape (n_sessions, ...)
        The first column decides which sessions of a dyad have a value.
    dyads : list of str
        Dyad of each session.

    Returns
    -------
    labels : list of str
        Dyads with a value, in the order they first appear.
    means : ndarray of float64, shape (n_dyads, ...)
        NaN cells are left out cell by cell; NaN where a dyad has none.

    Examples
    --------
    >>> labels, means = by_dyad(np.array([1.0, 3.0, np.nan]), ["d1", "d1", "d2"])
    >>> labels, means.tolist()
    (['d1'], [2.0])
    """
    flat = values.reshape(len(values), int(np.prod(values.shape[1:])))
    names = list(dict.fromkeys(d for d, v in zip(dyads, flat[:, 0], strict=True) if np.isfinite(v)))
    means = np.full((len(names), flat.shape[1]), np.nan)
    for row, name in enumerate(names):
        inside = np.array([d == name for d in dyads])
        means[row] = mean_there(flat[inside & np.isfinite(flat[:, 0])])
    return names, means.reshape(len(names), *values.shape[1:])


def mean_there(values: Array) -> Array:
    """Mean over rows of what is there; NaN where nothing is."""
    there = np.isfinite(values)
    count = there.sum(axis=0)
    total = np.where(there, values, 0.0).sum(axis=0)
    out: Array = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return out


class Beside(NamedTuple):
    """Where a value lies among the draws of its null; NaN where that cannot be said."""

    mean: float
    low: float
    high: float
    z: float
    p_one: float
    p_two: float


def beside(observed: float, null: Array) -> Beside:
    """Mean and central 95 % of the draws, z against them, and the p-values.

    Parameters
    ----------
    observed : float
    null : ndarray of float64, shape (n_draws,)
        A draw without a value (NaN) counts against the finding in p, and is left out of the
        mean, the band and z.

    Returns
    -------
    Beside
        ``p_one`` points towards larger values. ``z`` is NaN where the draws do not vary.

    Examples
    --------
    >>> found = beside(3.0, np.array([1.0, 2.0, 3.0]))
    >>> found.mean, found.z, found.p_one, found.p_two
    (2.0, 1.0, 0.5, 1.0)
    """
    nan = float("nan")
    there = null[np.isfinite(null)]
    if not there.size:
        return Beside(nan, nan, nan, nan, nan, nan)
    low, high = np.quantile(there, [0.025, 0.975])
    p_hi, _, p_two = p_values(observed, null)
    z = z_score(observed, null)
    return Beside(float(there.mean()), float(low), float(high), z, float(p_hi), float(p_two))


def share_interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a share (Clopper-Pearson).

    References
    ----------
    .. [1] Clopper & Pearson (1934), Biometrika 26(4), 404-413.
       https://doi.org/10.1093/biomet/26.4.404

    Examples
    --------
    >>> low, high = share_interval(3, 20)
    >>> round(low, 3), round(high, 3)
    (0.032, 0.379)
    """
    from scipy.special import betaincinv  # scipy.stats takes a second to load

    rest = (1.0 - level) / 2.0
    low = float(betaincinv(hits, n - hits + 1, rest)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1.0 - rest)) if hits < n else 1.0
    return low, high


def tail(hits: int, n: int, share: float) -> float:
    """Probability that at least so many of ``n`` independent cases turn up by a given share.

    Examples
    --------
    >>> round(tail(3, 20, 0.05), 3)
    0.075
    """
    from scipy.special import betainc

    return float(betainc(hits, n - hits + 1, share)) if hits > 0 else 1.0
