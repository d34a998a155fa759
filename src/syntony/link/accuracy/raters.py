"""Several raters of one person: their mean, and how far they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.kernels.pairwise import pairwise_correlations
from syntony.link.agreement.icc import Icc, intraclass, intraclass_over
from syntony.link.intervals import by_dyad
from syntony.link.questionnaires.clusters import MIN_CLUSTERS, clustered_interval, clusters_of

LEAST_SHARE = 0.5
KINDS = ("icc_2_1", "icc_2_k")
LIMITS = ("value", "low", "high")
FEW = 10
"""Under so many dyads or sessions an agreement is said to be that of few."""
NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterAgreement:
    """How far several raters of one person agree, over the sessions of a study.

    Attributes
    ----------
    of : {"courses", "levels"}
        Whether they rise and fall together within a session, levels counted (mean over
        dyads of the ICC of each session's moments); or whether they tell sessions apart
        (ICC of one mean per session and rater).
    raters : float
        How many, on average over sessions.
    sessions, dyads : int
        Sessions and dyads with a value.
    icc_2_1, icc_2_k : Icc
        Of one rater, and of the mean of all; the interval is over dyads (people who are in
        several are drawn together); for levels it is F's where no two sessions share anybody.
    status : str
        ``"ok"``, that they are few, or why there is no number.
    """

    of: str
    raters: float
    sessions: int
    dyads: int
    icc_2_1: Icc
    icc_2_k: Icc
    status: str


def course_agreement(ratings: Array, *, least: int = 10) -> tuple[float, float]:
    """ICC(2,1) and ICC(2,k) of the moments of one session; no interval, since moments are no cases.

    Parameters
    ----------
    ratings : ndarray of float64, shape (n_raters, n_samples)
        Moments that a rater lacks are left out.
    least : int
        Fewer common moments give NaN.

    Examples
    --------
    >>> t = np.sin(np.arange(50) / 3)
    >>> [round(v, 2) for v in course_agreement(np.stack([t, t + 1.0]))]
    [0.49, 0.66]
    """
    if len(ratings) < 2 or np.isfinite(ratings).all(axis=0).sum() < least:
        return NAN, NAN
    found = intraclass(ratings.T)
    one, several = (found[k].value for k in KINDS)
    return one, several


def rater_agreement(
    sessions: Sequence[Array],
    dyads: Sequence[str],
    people: Sequence[Sequence[str]],
    rng: np.random.Generator,
    *,
    bootstrap: int = 2000,
) -> tuple[RaterAgreement, RaterAgreement]:
    """Agreement of raters over sessions, of their courses and of their levels.

    Parameters
    ----------
    sessions : sequence of ndarray of float64, shape (n_raters, n_samples)
        One for each session; the same raters in the same rows, NaN where one gave nothing.
    dyads : sequence of str
        Dyad of each session.
    people : sequence of sequences of str
        Everybody in each session: dyads that share somebody are drawn together.
    rng : numpy.random.Generator
    bootstrap : int, default 2000

    Returns
    -------
    courses, levels : RaterAgreement

    References
    ----------
    .. [1] Shrout & Fleiss (1979), Psychological Bulletin 86(2), 420-428.
       https://doi.org/10.1037/0033-2909.86.2.420
    """
    return (
        _courses(sessions, dyads, people, rng, bootstrap),
        _levels(sessions, dyads, people, rng, bootstrap),
    )


def step_up(value: float, raters: float) -> float:
    """ICC of the mean of so many raters from that of one (Spearman-Brown).

    A mean over sessions is stepped up once, not session by session: below zero the ICC of a mean
    has no lower end, and one session would swamp the others.

    Examples
    --------
    >>> round(step_up(0.5, 3), 2)
    0.75
    """
    below = 1 + (raters - 1) * value
    return raters * value / below if below > 1e-12 else NAN


def _courses(
    sessions: Sequence[Array],
    dyads: Sequence[str],
    people: Sequence[Sequence[str]],
    rng: np.random.Generator,
    bootstrap: int,
) -> RaterAgreement:
    """Mean over dyads of what each session gives."""
    there = [one[np.isfinite(one).any(axis=1)] for one in sessions]
    values = np.array([course_agreement(one)[0] for one in there])
    names, means = by_dyad(values, list(dyads))
    members = [
        (d, *(p for own, some in zip(dyads, people, strict=True) if own == d for p in some))
        for d in names
    ]
    blocks = clusters_of(members)
    count = int(blocks.max()) + 1 if names else 0
    sums = np.bincount(blocks, weights=means, minlength=count)
    sizes = np.bincount(blocks, minlength=count)
    one = clustered_interval(lambda w: (w @ sums) / (w @ sizes), count, rng, draws=bootstrap)
    used = [len(each) for each, v in zip(there, values, strict=True) if np.isfinite(v)]
    k = float(np.mean(used)) if used else NAN
    several = (step_up(v, k) for v in one)
    status = "ok" if len(names) >= FEW else f"only {len(names)} dyads"
    if 0 < count < MIN_CLUSTERS:
        status = f"no interval: {count} independent dyads, at least {MIN_CLUSTERS} are needed"
    return RaterAgreement(
        of="courses",
        raters=k,
        sessions=len(used),
        dyads=len(names),
        icc_2_1=Icc(name="icc_2_1", **dict(zip(LIMITS, one, strict=True))),
        icc_2_k=Icc(name="icc_2_k", **dict(zip(LIMITS, several, strict=True))),
        status=status if names else "not testable: no session has 10 moments that two raters rated",
    )


def _levels(
    sessions: Sequence[Array],
    dyads: Sequence[str],
    people: Sequence[Sequence[str]],
    rng: np.random.Generator,
    bootstrap: int,
) -> RaterAgreement:
    """One mean per session and rater, over the moments at which all of them rated."""
    count = max((len(one) for one in sessions), default=0)
    table = np.full((len(sessions), count), np.nan)
    for row, one in zip(table, sessions, strict=True):
        common = np.isfinite(one).all(axis=0)
        if common.any():
            row[:] = one[:, common].mean(axis=1)
    whole = np.isfinite(table).all(axis=1)
    n = int(whole.sum()) if count else 0
    none = {kind: Icc(name=kind, value=NAN, low=NAN, high=NAN) for kind in KINDS}
    blocks = clusters_of([(d, *some) for d, some in zip(dyads, people, strict=True)])
    cases = len(set(blocks[whole].tolist())) if count else 0
    enough = count > 1 and n > 1
    found = intraclass_over(table, blocks, rng, draws=bootstrap) if enough else none
    status = "ok" if n >= FEW else f"only {n} sessions"
    if cases < n and cases < FEW:
        status = f"only {cases} independent dyads"
    if cases < n and cases < MIN_CLUSTERS:
        status = f"no interval: {cases} independent dyads, at least {MIN_CLUSTERS} are needed"
    return RaterAgreement(
        of="levels",
        raters=float(count),
        sessions=n,
        dyads=len({d for d, w in zip(dyads, whole.tolist(), strict=True) if w}) if count else 0,
        icc_2_1=found["icc_2_1"],
        icc_2_k=found["icc_2_k"],
        status=status if n > 1 else "not testable: no two sessions were rated by all these raters",
    )


def mean_of_raters(ratings: Array, *, least_share: float = LEAST_SHARE) -> Array:
    """Mean over raters, moment by moment.

    Parameters
    ----------
    ratings : ndarray of float64, shape (n_raters, n_samples)
        On one scale; NaN where missing.
    least_share : float, default 0.5
        Moments at which fewer of the raters gave a rating are missing.

    Returns
    -------
    ndarray of float64, shape (n_samples,)

    Notes
    -----
    Each rater's own level is taken out first and the mean level put back, so that the mean does
    not step where a rater stops.

    Examples
    --------
    >>> mean_of_raters(np.array([[1.0, 2.0, 3.0], [3.0, 4.0, np.nan]])).tolist()
    [2.0, 3.0, 4.0]
    """
    there = np.isfinite(ratings)
    rated = there.any(axis=1)
    ratings, there = ratings[rated], there[rated]
    if not len(ratings):
        return np.full(ratings.shape[1], np.nan)
    # levels are compared where all raters are there; else each rater's own mean stands in
    common = there.all(axis=0)
    level = np.array(
        [row[common if common.any() else t].mean() for row, t in zip(ratings, there, strict=True)]
    )
    apart = np.where(there, ratings - level[:, None], 0.0)
    count = there.sum(axis=0)
    enough = count >= np.ceil(least_share * len(ratings))
    mean = apart.sum(axis=0) / np.maximum(count, 1) + level.mean()
    out: Array = np.where(enough & (count > 0), mean, np.nan)
    return out


def pairwise_agreement(ratings: Array, *, least: int = 10) -> float:
    """Mean correlation over all pairs of raters; NaN for one rater.

    Plain mean of r, so that two raters who are the same do not outweigh all others.

    Examples
    --------
    >>> t = np.sin(np.arange(50) / 3)
    >>> round(pairwise_agreement(np.stack([t, 2 * t + 1, -t])), 2)
    -0.33
    """
    r = pairwise_correlations(ratings, ratings, least)
    pairs = r[np.triu_indices(len(ratings), 1)]
    pairs = pairs[np.isfinite(pairs)]
    return float(pairs.mean()) if pairs.size else float("nan")
