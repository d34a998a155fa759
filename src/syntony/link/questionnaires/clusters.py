"""Intervals over dyads, where dyads that share a person are drawn together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.link.intervals import bca_limits

Weighted = Callable[[Array], Array]
"""Maps how often each cluster is in, shape (m, n_clusters), to the statistic, shape (m,)."""

MIN_CLUSTERS = 4


def clusters_of(groups: Sequence[Iterable[str]]) -> Ints:
    """Number the clusters of rows that hang together through somebody they share.

    Parameters
    ----------
    groups : sequence of iterable of str
        For each row, the names it carries: a dyad, the people in it.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
        From 0, in the order in which clusters first appear.

    Examples
    --------
    Two dyads with one therapist are one cluster:

    >>> clusters_of([("d1", "P1", "T1"), ("d2", "P2", "T1"), ("d3", "P3", "T2")]).tolist()
    [0, 0, 1]
    """
    head: dict[str, str] = {}

    def find(name: str) -> str:
        head.setdefault(name, name)
        while head[name] != name:
            name = head[name]
        return name

    rows = [[n for n in names if n] for names in groups]
    for names in rows:
        for name in names[1:]:
            head[find(name)] = find(names[0])
    tops = [find(names[0]) if names else f"\0{k}" for k, names in enumerate(rows)]
    order = {top: k for k, top in enumerate(dict.fromkeys(tops))}
    return np.array([order[top] for top in tops], dtype=np.int64)


def clustered_interval(
    statistic: Weighted,
    clusters: int,
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Value of a statistic and its BCa bootstrap interval over clusters.

    Parameters
    ----------
    statistic : callable
        Of weights, shape (m, n_clusters): how often each cluster counts.
    clusters : int
    rng : numpy.random.Generator
    draws : int, default 1000
        One whose statistic is NaN is left out; where more than a tenth are, the interval is NaN.
    level : float, default 0.95

    Returns
    -------
    value, low, high : float
        The interval is NaN under 4 clusters, or where no draw differs.

    References
    ----------
    .. [1] Efron (1987), Journal of the American Statistical Association 82, 171-185,
       eq. 2.3 and 6.6. https://doi.org/10.1080/01621459.1987.10478410

    Examples
    --------
    >>> x = np.arange(20.0)
    >>> mean = lambda w: w @ x / w.sum(axis=1)
    >>> value, low, high = clustered_interval(mean, 20, np.random.default_rng(1))
    >>> value, bool(low < 9.5 < high)
    (9.5, True)
    """
    nan = float("nan")
    if clusters < 1:
        return nan, nan, nan
    value = float(statistic(np.ones((1, clusters)))[0])
    if clusters < MIN_CLUSTERS or not np.isfinite(value):
        return value, nan, nan
    shares = np.full(clusters, 1 / clusters)
    boot = statistic(rng.multinomial(clusters, shares, size=draws).astype(np.float64))
    there = boot[np.isfinite(boot)]
    if there.size < 0.9 * draws or np.ptp(there) == 0:
        return value, nan, nan
    without = statistic(1.0 - np.eye(clusters))
    return value, *bca_limits(value, there, without, level=level)
