"""Alpha and omega of a scale, each with its interval over dyads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.link.questionnaires.clusters import clustered_interval
from syntony.link.questionnaires.factor import one_factor
from syntony.link.scoring import alpha_of

MIN_PEOPLE = 3
FEW_PEOPLE = 30
_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliable:
    """How well the items of a scale hang together in the people who answered.

    Attributes
    ----------
    alpha, alpha_low, alpha_high : float
        Cronbach's alpha, and its 95 % bootstrap interval over dyads (BCa).
    feldt_low, feldt_high : float
        Feldt's interval of alpha, which takes people as independent and answers as normal.
    omega, omega_low, omega_high : float
        McDonald's omega total of a one-factor model, with the same bootstrap.
    people, clusters, items, left_out : int
        Whole questionnaires, dyads (joined where they share a person), items, and
        questionnaires that were left out because an item is missing.
    weakest, weakest_r : int, float
        Place of the item that goes least with the sum of the others, and that correlation. A
        negative one is what a wrong key looks like.
    status : str
        ``"ok"``, or what keeps alpha or omega from being read.
    """

    alpha: float = _NAN
    alpha_low: float = _NAN
    alpha_high: float = _NAN
    feldt_low: float = _NAN
    feldt_high: float = _NAN
    omega: float = _NAN
    omega_low: float = _NAN
    omega_high: float = _NAN
    people: int = 0
    clusters: int = 0
    items: int = 0
    left_out: int = 0
    weakest: int = -1
    weakest_r: float = _NAN
    status: str = "ok"


def reliable(
    table: Array,
    clusters: Ints | Sequence[int],
    rng: np.random.Generator,
    *,
    draws: int = 1000,
) -> Reliable:
    """Alpha and omega of a table of answers, with intervals over dyads.

    The people of a dyad are not independent, nor are the patients of one therapist: the
    bootstrap draws whole clusters, so that the intervals hold for them too. Feldt's interval
    stands beside it for comparison.

    Parameters
    ----------
    table : ndarray of float64, shape (n_people, n_items)
        Answers that all point the same way, one questionnaire a person; NaN is missing, and a
        row with a gap is left out.
    clusters : array of int, shape (n_people,)
        Which rows are drawn together: see ``clusters_of``.
    rng : numpy.random.Generator
    draws : int, default 1000

    Returns
    -------
    Reliable
        NaN with a status where there is one item, fewer than three people, or an item or the
        sum that does not vary; omega needs three items and more people than items.

    Raises
    ------
    InputError
        If table and clusters are not of one length.

    References
    ----------
    .. [1] Cronbach (1951), Psychometrika 16, 297-334, eq. 2. https://doi.org/10.1007/BF02310555
    .. [2] McDonald (1999), Test Theory: omega = (sum of loadings)^2 / ((sum of loadings)^2 +
       sum of residual variances), of unstandardised loadings on one factor.
    .. [3] Feldt, Woodruff and Salih (1987), Applied Psychological Measurement 11, 93-103
       (the interval as in the R package psychometric). https://doi.org/10.1177/014662168701100107

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = rng.standard_normal((60, 1)) + rng.standard_normal((60, 5))
    >>> found = reliable(table, range(60), rng, draws=199)
    >>> bool(found.omega_low < 5 / 6 < found.omega_high), found.people
    (True, 60)
    """
    if len(clusters) != len(table):
        raise InputError("clusters", len(clusters), f"one for each of {len(table)} rows")
    kept = np.isfinite(table).all(axis=1)
    whole, lost = table[kept], int((~kept).sum())
    groups = np.unique(np.asarray(clusters)[kept], return_inverse=True)[1]
    n, k = whole.shape
    count = int(groups.max()) + 1 if n else 0
    counts = {"people": n, "clusters": count, "items": k, "left_out": lost}
    why = _unreadable(whole)
    if why:
        return Reliable(**counts, status=why)
    sums = _Sums.of(whole, groups, count)
    alpha = clustered_interval(sums.alphas, count, rng, draws=draws)
    feldt = alpha_of(whole)
    omega, status = (_NAN, _NAN, _NAN), _without_omega(n, k)
    if not status:
        omega = clustered_interval(sums.omegas, count, rng, draws=draws)
        status = _fit_status(whole)
    weakest, r = _weakest(whole)
    return Reliable(
        **counts,
        alpha=alpha[0],
        alpha_low=alpha[1],
        alpha_high=alpha[2],
        feldt_low=feldt.low,
        feldt_high=feldt.high,
        omega=omega[0],
        omega_low=omega[1],
        omega_high=omega[2],
        weakest=weakest,
        weakest_r=r,
        status=status,
    )


def omega_total(covariances: Array) -> Array:
    """McDonald's omega total of a one-factor model, for many covariance matrices at once.

    Parameters
    ----------
    covariances : ndarray of float64, shape (n_tables, n_items, n_items)

    Returns
    -------
    ndarray of float64, shape (n_tables,)
        NaN for fewer than three items, or where the model was not found.

    Examples
    --------
    Items that share half their variance, where omega is alpha:

    >>> round(float(omega_total(np.full((1, 5, 5), 0.5) + 0.5 * np.eye(5))[0]), 4)
    0.8333
    """
    if covariances.shape[1] < 3:
        return np.full(len(covariances), np.nan)
    fit = one_factor(covariances)
    shared = fit.loadings.sum(axis=1) ** 2
    omega = shared / (shared + fit.residuals.sum(axis=1))
    return np.where(fit.found, omega, np.nan)


def _unreadable(whole: Array) -> str:
    """Say why neither alpha nor omega can be read from whole questionnaires."""
    n, k = whole.shape
    if k < 2:
        return "not testable: one item"
    if n < MIN_PEOPLE:
        return f"not testable: {n} whole questionnaires, at least {MIN_PEOPLE} are needed"
    if np.ptp(whole.sum(axis=1)) == 0:
        return "not testable: everybody has the same sum"
    if (np.ptp(whole, axis=0) == 0).any():
        return "not testable: everybody gave the same answer to an item"
    return ""


def _without_omega(n: int, k: int) -> str:
    """Say why omega cannot be had where alpha can."""
    if k < 3:
        return "ok: omega needs three items"
    if n <= k:
        return f"ok: omega needs more people than items ({n} people, {k} items)"
    return ""


def _fit_status(whole: Array) -> str:
    """Say how the factor model came out."""
    fit = one_factor(np.cov(whole.T)[None])
    if not fit.found[0]:
        return "ok: omega was not found, since the factor model did not come to rest"
    if fit.at_floor[0]:
        return "ok: one item is as good as the factor itself (Heywood case)"
    return "ok"


def _weakest(whole: Array) -> tuple[int, float]:
    """Item that correlates least with the sum of the others."""
    rests = whole.sum(axis=1, keepdims=True) - whole
    a, b = whole - whole.mean(axis=0), rests - rests.mean(axis=0)
    size = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    r = np.where(size > 0, (a * b).sum(axis=0) / np.where(size > 0, size, 1), np.nan)
    if not np.isfinite(r).any():
        return -1, _NAN
    return int(np.nanargmin(r)), float(np.nanmin(r))


@dataclass(frozen=True, slots=True)
class _Sums:
    """What every cluster adds to the covariances of the items."""

    counts: Array
    totals: Array
    products: Array

    @classmethod
    def of(cls, whole: Array, groups: Ints, count: int) -> _Sums:
        """Sum people, answers and products of answers by cluster."""
        k = whole.shape[1]
        centred = whole - whole.mean(axis=0)
        counts, totals = np.zeros(count), np.zeros((count, k))
        products = np.zeros((count, k, k))
        np.add.at(counts, groups, 1.0)
        np.add.at(totals, groups, centred)
        np.add.at(products, groups, centred[:, :, None] * centred[:, None, :])
        return cls(counts, totals, products.reshape(count, k * k))

    def covariances(self, weights: Array) -> Array:
        """Covariance of the items, with every cluster as often as its weight; NaN under two."""
        n = weights @ self.counts
        k = self.totals.shape[1]
        means = (weights @ self.totals) / np.maximum(n, 1)[:, None]
        products = (weights @ self.products).reshape(-1, k, k)
        outer = means[:, :, None] * means[:, None, :]
        free = np.where(n > 1, n - 1, np.nan)
        out: Array = (products - n[:, None, None] * outer) / free[:, None, None]
        return out

    def alphas(self, weights: Array) -> Array:
        """Cronbach's alpha of every draw."""
        found = self.covariances(weights)
        k = found.shape[1]
        whole = found.sum(axis=(1, 2))
        own = np.einsum("bii->b", found)
        return np.asarray(k / (k - 1) * (1 - own / np.where(whole > 1e-12, whole, np.nan)))

    def omegas(self, weights: Array) -> Array:
        """Omega total of every draw."""
        return omega_total(self.covariances(weights))
