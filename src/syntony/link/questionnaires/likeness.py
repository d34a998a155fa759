"""How alike the two people of a dyad answer: Pearson's r of two roles, and the pairwise ICC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.link.dyadic import MIN_DYADS, fisher_interval, permuted_r
from syntony.link.questionnaires.clusters import clustered_interval
from syntony.surrogates.decision import p_values

_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Two people's scores beside each other, over dyads.

    Attributes
    ----------
    r, r_low, r_high : float
        Pearson's correlation of the two roles, for people who can be told apart; its 95 %
        bootstrap interval over dyads (BCa).
    fisher_low, fisher_high : float
        Fisher's interval, which takes dyads as independent and scores as normal.
    icc, icc_low, icc_high : float
        Pairwise intraclass correlation (double entry), for people who cannot be told apart.
    p_r, p_icc : float
        Two-sided, beside partners drawn at random within roles; NaN where dyads share people.
    draws : int
    dyads, clusters : int
        Dyads with both scores, and those that share nobody.
    status : str
        ``"ok"``, or why there is nothing to read.
    """

    r: float = _NAN
    r_low: float = _NAN
    r_high: float = _NAN
    fisher_low: float = _NAN
    fisher_high: float = _NAN
    icc: float = _NAN
    icc_low: float = _NAN
    icc_high: float = _NAN
    p_r: float = _NAN
    p_icc: float = _NAN
    draws: int = 0
    dyads: int = 0
    clusters: int = 0
    status: str = "ok"


def alike(
    pairs: Array,
    clusters: Ints | Sequence[int],
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    permutations: int = 999,
) -> Alike:
    """Correlate the scores of the two people of each dyad.

    Parameters
    ----------
    pairs : ndarray of float64, shape (n_dyads, 2)
        First and second role; a dyad without both is left out.
    clusters : array of int, shape (n_dyads,)
        Which dyads are drawn together: see ``clusters_of``.
    rng : numpy.random.Generator
    draws : int, default 1000
        Of the bootstrap.
    permutations : int, default 999
        Of partners, for p.

    Returns
    -------
    Alike
        NaN with a status under four dyads, or where a role's scores do not vary.

    Raises
    ------
    InputError
        If pairs and clusters are not of one length.

    Notes
    -----
    Pairwise ICC: every dyad enters in both orders; with m the mean of all 2 n scores,
    ``sum (a - m)(b - m) / (sum ((a - m)^2 + (b - m)^2) / 2)``. A difference between the roles in
    mean or spread lowers it, so that it is no measure for people who can be told apart.

    References
    ----------
    .. [1] Griffin and Gonzalez (1995), Psychological Bulletin 118, 430-439.
       https://doi.org/10.1037/0033-2909.118.3.430

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> shared = rng.standard_normal((80, 1))
    >>> found = alike(shared + rng.standard_normal((80, 2)), range(80), rng, draws=199)
    >>> bool(found.icc_low < 0.5 < found.icc_high), found.dyads
    (True, 80)
    """
    if len(clusters) != len(pairs):
        raise InputError("clusters", len(clusters), f"one for each of {len(pairs)} dyads")
    kept = np.isfinite(pairs).all(axis=1)
    both = pairs[kept]
    groups = np.unique(np.asarray(clusters)[kept], return_inverse=True)[1]
    n, count = len(both), int(groups.max()) + 1 if kept.any() else 0
    if n < MIN_DYADS:
        why = f"not testable: {n} dyads with both scores, at least {MIN_DYADS} are needed"
        return Alike(dyads=n, clusters=count, status=why)
    if (np.ptp(both, axis=0) == 0).any():
        why = "not testable: everybody of one role has the same score"
        return Alike(dyads=n, clusters=count, status=why)
    sums = _by_cluster(both, groups, count)
    r = clustered_interval(lambda w: _pearson(w @ sums), count, rng, draws=draws)
    icc = clustered_interval(lambda w: _icc(w @ sums), count, rng, draws=draws)
    low, high = fisher_interval(r[0], n) if count == n else (_NAN, _NAN)
    p = _p_values(both, r[0], icc[0], rng, permutations) if count == n else (_NAN, _NAN)
    return Alike(
        r=r[0],
        r_low=r[1],
        r_high=r[2],
        fisher_low=low,
        fisher_high=high,
        icc=icc[0],
        icc_low=icc[1],
        icc_high=icc[2],
        p_r=p[0],
        p_icc=p[1],
        draws=permutations if count == n else 0,
        dyads=n,
        clusters=count,
        status="ok" if count == n else "ok: dyads share people, so that partners are not permuted",
    )


def _by_cluster(both: Array, groups: Ints, count: int) -> Array:
    """Sums of every cluster: n, a, b, aa, bb, ab; both roles centred on the mean of all."""
    a, b = (both - both.mean()).T
    rows = np.stack([np.ones_like(a), a, b, a * a, b * b, a * b], axis=1)
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, groups, rows)
    return sums


def _pearson(sums: Array) -> Array:
    """Pearson's r from sums, shape (m, 6)."""
    n, a, b, aa, bb, ab = sums.T
    n = np.maximum(n, 1)
    spread = (aa - a * a / n) * (bb - b * b / n)
    return np.asarray((ab - a * b / n) / np.sqrt(np.where(spread > 1e-18, spread, np.nan)))


def _icc(sums: Array) -> Array:
    """Pairwise intraclass correlation from sums, shape (m, 6)."""
    n, a, b, aa, bb, ab = sums.T
    n = np.maximum(n, 1)
    mean = (a + b) / (2 * n)
    spread = (aa + bb) / 2 - n * mean**2
    shared = ab - mean * (a + b) + n * mean**2
    return np.asarray(shared / np.where(spread > 1e-18, spread, np.nan))


def _p_values(
    both: Array, r: float, icc: float, rng: np.random.Generator, draws: int
) -> tuple[float, float]:
    """Two-sided p of both, beside partners drawn at random within roles."""
    a, b = both.T
    drawn = permuted_r(a, b, rng, draws)
    centred = both - both.mean()
    spread = float((centred**2).sum()) / 2
    spreads = float(a.std() * b.std()) * len(a)
    # With the people fixed, both depend on their partners through sum(a b) alone.
    shift = float(centred[:, 0].mean() * centred[:, 1].mean()) * len(a)
    drawn_icc = (drawn * spreads + shift) / spread
    beside_r, beside_icc = (
        p_values(round(r, 12), drawn),
        p_values(round(icc, 9), drawn_icc.round(9)),
    )
    return float(beside_r[2]), float(beside_icc[2])
