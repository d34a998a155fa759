"""Several raters of one person: their mean, and how far they agree."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.kernels.pairwise import pairwise_correlations

LEAST_SHARE = 0.5


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
