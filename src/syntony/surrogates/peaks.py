"""The highest point of a curve, and the side to which it leans: what chance gives of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.surrogates.decision import ROUNDING
from syntony.surrogates.multiplicity import cells_and_draws, max_statistic

NONE = float("nan")
ALPHA = 0.05
NOT_ABOVE, NOT_TESTED, NO_LEAD = "not above chance", "not tested", "lead not above chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Highest point of a curve over lags or frequencies, beside the highest of every draw.

    Attributes
    ----------
    at : float
        Where it lies, on the axis of the curve; NaN where the curve has no value.
    value : float
        The curve there.
    p : float
        Share of draws, the observed one counted in, that are as high **anywhere**: it has paid
        for the search.
    places : int
        Points of the curve that have a value.
    """

    at: float
    value: float
    p: float
    places: int


def highest(curve: Array, draws: Array, axis: Array, *, one_scale: bool = False) -> Peak:
    """Find the highest point of a curve and what p the search leaves it.

    Parameters
    ----------
    curve : ndarray of float64, shape (n_places,)
        NaN is missing.
    draws : ndarray of float64, shape (n_draws, n_places)
        The same under chance. A draw without any value counts against the finding.
    axis : ndarray of float64, shape (n_places,)
        Lags (s) or frequencies (Hz).
    one_scale : bool, default False
        Put every place on one scale first: less the mean of draws and observed value together,
        over their SD. For curves that chance alone makes high at some places, as a spectrum;
        the highest point is then the one farthest above chance.

    Returns
    -------
    Peak
        Of equal heights the one nearest to 0 of the axis; of two as near, the lower.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Examples
    --------
    >>> lags_s = np.array([-1.0, 0.0, 1.0])
    >>> draws = np.array([[0.1, 0.3, 0.2], [0.5, 0.0, 0.1], [0.0, 0.1, 0.0]])
    >>> highest(np.array([0.2, 0.3, 0.6]), draws, lags_s)
    Peak(at=1.0, value=0.6, p=0.25, places=3)
    """
    value, null = cells_and_draws(curve, draws)
    if axis.shape != value.shape:
        raise InputError("axis", axis.shape, f"{value.shape}, as the curve")
    level, levels = _standard(value, null) if one_scale else (value, null)
    there = np.flatnonzero(np.isfinite(level))
    if not there.size:
        return Peak(at=NONE, value=NONE, p=NONE, places=0)
    best = int(there[np.lexsort((np.abs(axis[there]), -level[there]))[0]])
    p = max_statistic(level, levels)
    return Peak(at=float(axis[best]), value=float(value[best]), p=float(p[best]), places=there.size)


def _standard(value: Array, null: Array) -> tuple[Array, Array]:
    """Every place less its mean over its SD, draws and observed value together."""
    both = np.concatenate((value[None], null))
    there = np.isfinite(both)
    count = np.maximum(there.sum(axis=0), 1)
    middle = np.where(there, both, 0.0).sum(axis=0) / count
    apart = np.where(there, both - middle, 0.0)
    spread = np.sqrt((apart**2).sum(axis=0) / np.maximum(count - 1, 1))
    varies = spread > ROUNDING * np.maximum(np.abs(middle), ROUNDING)
    scaled = np.divide(both - middle, spread, out=np.full(both.shape, np.nan), where=varies)
    return scaled[0], scaled[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """To which side a lag profile leans, beside that of every draw.

    Attributes
    ----------
    value : float
        Mean of the profile over positive lags less that over negative ones: above 0, the
        second person follows the first. NaN where one side has no value.
    low, high : float
        Central 95 % of the draws.
    p : float
        ``(1 + #{draws at least as far from the middle, or without a value}) / (n_draws + 1)``,
        the middle being the mean of draws and observed value together. Two-sided.
    side : int
        1 above the middle, -1 below it, 0 on it or without a value.
    """

    value: float
    low: float
    high: float
    p: float
    side: int


def leaning(profile: Array, lags_s: Array) -> Array:
    """Mean over positive lags less mean over negative lags, along the last axis.

    NaN cells are left out; NaN where one side has no value.

    Examples
    --------
    >>> float(leaning(np.array([0.1, 0.5, 0.4]), np.array([-1.0, 0.0, 1.0])).round(3))
    0.3
    """
    sides = (lags_s > 0, lags_s < 0)
    ahead, behind = (mean_there(profile[..., side], axis=-1) for side in sides)
    return np.asarray(ahead - behind)


def mean_there(values: Array, *, axis: int) -> Array:
    """Mean along an axis of what is there; NaN where nothing is.

    Examples
    --------
    >>> mean_there(np.array([[1.0, np.nan], [3.0, np.nan]]), axis=0).tolist()
    [2.0, nan]
    """
    there = np.isfinite(values)
    count = there.sum(axis=axis)
    total = np.where(there, values, 0.0).sum(axis=axis)
    mean: Array = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return mean


def lead_test(profile: Array, draws: Array, lags_s: Array) -> Lead:
    """Say whether a lag profile leans to one side more than chance makes profiles lean.

    A peak off lag 0 alone is no lead: the highest of many lags lies somewhere, also for two who
    move at the same instant. The lean uses all lags, and its chance is that of the same pair
    out of step (or of strangers), which has no side.

    Parameters
    ----------
    profile : ndarray of float64, shape (n_lags,)
    draws : ndarray of float64, shape (n_draws, n_lags)
    lags_s : ndarray of float64, shape (n_lags,)
        Seconds. Positive: the second follows the first.

    Returns
    -------
    Lead
        ``p`` is 1 without draws, NaN without an observed value.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> lags_s = np.arange(-3.0, 4.0)
    >>> found = lead_test(np.where(lags_s == 2, 5.0, 0.0), rng.normal(0, 0.1, (99, 7)), lags_s)
    >>> found.p, found.side
    (0.01, 1)
    """
    value, null = cells_and_draws(profile, draws)
    observed, drawn = float(leaning(value, lags_s)), leaning(null, lags_s)
    there = drawn[np.isfinite(drawn)]
    if not np.isfinite(observed):
        return Lead(value=NONE, low=NONE, high=NONE, p=NONE, side=0)
    middle = (observed + float(there.sum())) / (1 + there.size)
    far = abs(observed - middle)
    slack = ROUNDING * max(abs(observed), float(np.abs(there).max(initial=0.0)))
    reached = np.count_nonzero(~(np.abs(drawn - middle) < far - slack))
    low, high = np.quantile(there, [0.025, 0.975]) if there.size else (NONE, NONE)
    return Lead(
        value=observed,
        low=float(low),
        high=float(high),
        p=float((1 + reached) / (1 + drawn.size)),
        side=int(np.sign(observed - middle)) if far > slack else 0,
    )


def leader_at(lag_s: float, clock_error_s: float, roles: tuple[str, str]) -> str:
    """Name who leads at a lag: positive, the second follows the first.

    Parameters
    ----------
    lag_s : float
        NaN: there is none, and the name is empty.
    clock_error_s : float
        A lag no longer than this is ``"not resolvable"``; NaN where nobody knows, which rules
        nothing out and has to be said beside the name.
    roles : (str, str)
        First and second person.

    Examples
    --------
    >>> leader_at(1.5, 0.1, ("patient", "therapist")), leader_at(0.5, 1.0, ("a", "b"))
    ('patient', 'not resolvable')
    """
    if not np.isfinite(lag_s):
        return ""
    if lag_s == 0:
        return "neither"
    if abs(lag_s) <= clock_error_s:
        return "not resolvable"
    return roles[0] if lag_s > 0 else roles[1]


def claim_leader(
    lag_s: float,
    clock_error_s: float,
    roles: tuple[str, str],
    *,
    p_peak: float,
    p_lead: float,
    side: int,
    alpha: float = ALPHA,
) -> str:
    """Name a leader only where clocks, peak and lean all allow it; else say which does not.

    Parameters
    ----------
    lag_s, clock_error_s, roles
        As in :func:`leader_at`.
    p_peak : float
        Of the peak beside chance, with the search over lags paid for. NaN: not tested.
    p_lead, side : float, int
        From :func:`lead_test`.
    alpha : float, default 0.05

    Returns
    -------
    str
        A role; ``"neither"`` at lag 0, ``"not resolvable"`` within the clock error,
        ``"not tested"``, ``"not above chance"`` where chance gives such a peak, ``"lead not
        above chance"`` where chance leans as far or the lean is not to the side of the peak;
        empty without a lag.

    Examples
    --------
    >>> claim_leader(2.0, 0.1, ("patient", "therapist"), p_peak=0.01, p_lead=0.01, side=1)
    'patient'
    >>> claim_leader(2.0, 0.1, ("patient", "therapist"), p_peak=0.01, p_lead=0.4, side=1)
    'lead not above chance'
    """
    named = leader_at(lag_s, clock_error_s, roles)
    if named not in roles:
        return named
    if np.isnan(p_peak):
        return NOT_TESTED
    if p_peak > alpha:
        return NOT_ABOVE
    if np.isnan(p_lead):
        return NOT_TESTED
    if p_lead > alpha or side != int(np.sign(lag_s)):
        return NO_LEAD
    return named
