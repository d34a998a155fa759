"""Change over sessions: reliable change, and the slope, each with its limits."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from syntony.core.arrays import Array

_NAN = float("nan")
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One person's scores over sessions.

    Attributes
    ----------
    sessions : int
        Sessions with a score.
    first, last, difference : float
        In points of the scale; last less first.
    difference_low, difference_high : float
        95 % interval of the difference of the true scores: that of measurement error alone.
    rci : float
        Reliable change index: difference / its standard error.
    limit, limit_low, limit_high : float
        Difference (points) that measurement error alone stays below in 95 %, and that limit at
        the upper and at the lower end of the interval of the reliability.
    slope, slope_low, slope_high : float
        Points per session, least squares, with Student's 95 % interval; it takes what is left
        over from session to session as independent.
    """

    sessions: int
    first: float = _NAN
    last: float = _NAN
    difference: float = _NAN
    difference_low: float = _NAN
    difference_high: float = _NAN
    rci: float = _NAN
    limit: float = _NAN
    limit_low: float = _NAN
    limit_high: float = _NAN
    slope: float = _NAN
    slope_low: float = _NAN
    slope_high: float = _NAN

    @property
    def beyond_error(self) -> str:
        """``"up"``, ``"down"``, ``"within"``, ``"unsure"`` or ``""``.

        Whether the difference passes the limit: unsure where the uncertainty of the
        reliability decides it.
        """
        size = abs(self.difference)
        if not np.isfinite(self.difference) or not np.isfinite(self.limit):
            return ""
        low = self.limit_low if np.isfinite(self.limit_low) else self.limit
        high = self.limit_high if np.isfinite(self.limit_high) else self.limit
        if size <= low:
            return "within"
        if size <= high:
            return "unsure"
        return "up" if self.difference > 0 else "down"


def error_limit(spread: float, reliability: float) -> float:
    """Difference that measurement error alone stays below in 95 % of people: 1.96 S_diff.

    ``S_diff = spread * sqrt(2 (1 - reliability))``. A reliability below 0 counts as 0.

    Parameters
    ----------
    spread : float
        SD of the scores at the first session.
    reliability : float
        Of those scores: alpha or omega.

    Returns
    -------
    float
        In points of the scale.

    References
    ----------
    .. [1] Jacobson and Truax (1991), Journal of Consulting and Clinical Psychology 59, 12-19.
       https://doi.org/10.1037/0022-006X.59.1.12

    Examples
    --------
    >>> round(error_limit(10.0, 0.8), 2)
    12.4
    """
    if not (np.isfinite(spread) and np.isfinite(reliability)):
        return _NAN
    return _Z * spread * sqrt(2 * (1 - min(1.0, max(0.0, reliability))))


def change_of(
    numbers: Array,
    scores: Array,
    *,
    spread: float = _NAN,
    reliability: tuple[float, float, float] = (_NAN, _NAN, _NAN),
) -> Change:
    """Reliable change and slope of one person.

    Parameters
    ----------
    numbers, scores : ndarray of float64, shape (n_sessions,)
        Number of each session, ascending, and its score; NaN is missing and left out.
    spread : float, optional
        SD over people of the scores at the first session.
    reliability : tuple of float, optional
        Of the scores, with both ends of its interval.

    Returns
    -------
    Change
        Without differences under two sessions, without interval of the slope under three.

    Examples
    --------
    >>> found = change_of(
    ...     np.array([1.0, 2.0, 3.0, 4.0]), np.array([10.0, 14.0, 18.0, 22.0]),
    ...     spread=5.0, reliability=(0.9, 0.85, 0.93),
    ... )
    >>> found.difference, round(found.limit, 2), found.beyond_error, round(found.slope, 6)
    (12.0, 4.38, 'up', 4.0)
    """
    there = np.isfinite(numbers) & np.isfinite(scores)
    x, y = numbers[there], scores[there]
    if y.size == 0:
        return Change(sessions=0)
    first, last = float(y[0]), float(y[-1])
    if y.size < 2:
        return Change(sessions=1, first=first, last=last)
    limits = [error_limit(spread, reliability[k]) for k in (0, 2, 1)]
    difference = last - first
    error = limits[0] / _Z
    slope = _slope(x, y)
    return Change(
        sessions=int(y.size),
        first=first,
        last=last,
        difference=difference,
        difference_low=difference - limits[0],
        difference_high=difference + limits[0],
        rci=difference / error if error > 0 else _NAN,
        limit=limits[0],
        limit_low=limits[1],
        limit_high=limits[2],
        slope=slope[0],
        slope_low=slope[1],
        slope_high=slope[2],
    )


def _slope(x: Array, y: Array) -> tuple[float, float, float]:
    """Slope of least squares with Student's interval; NaN where it cannot be had."""
    dx = x - x.mean()
    size = float((dx**2).sum())
    if size == 0:
        return _NAN, _NAN, _NAN
    slope = float((dx * y).sum()) / size
    free = y.size - 2
    if free < 1:
        return slope, _NAN, _NAN
    from scipy.special import stdtrit

    rest = y - y.mean() - slope * dx
    half = float(stdtrit(free, 0.975)) * sqrt(float((rest**2).sum()) / free / size)
    return slope, slope - half, slope + half
