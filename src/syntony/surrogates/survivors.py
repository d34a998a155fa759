"""Moments of a session that survive chance: when, how strongly, and who led."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError
from syntony.surrogates.clusters import Sides, cluster_mass
from syntony.surrogates.peaks import claim_leader, lead_test, leader_at, mean_there

__all__ = ["LagMap", "Survivor", "leader_at", "surviving_moments"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LagMap:
    """A measure over time and lag, whose lags are, and what the clocks allow to say of them.

    Attributes
    ----------
    values : ndarray of float64, shape (n_times, n_lags)
        On a scale that may be averaged (Fisher z of correlations). NaN is missing.
    lags_s : ndarray of float64, shape (n_lags,)
        Seconds. Positive: the second follows the first.
    roles : (str, str)
        First and second person, as they are to be named.
    clock_error_s : float
        How far the two clocks may be apart, in seconds; NaN where nobody knows.
    drawn : callable, optional
        Gives, for the windows of a stretch (bool, shape (n_times,)), the same map of every
        draw there, shape (n_draws, n_windows, n_lags), to test the lead of the stretch.
    """

    values: Array
    lags_s: Array
    roles: tuple[str, str]
    clock_error_s: float
    drawn: Callable[[Bools], Array] | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1:] != self.lags_s.shape:
            want = f"(n_times, {self.lags_s.size}), one column a lag"
            raise InputError("values", self.values.shape, want)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A stretch of a session in which two people moved together beyond chance.

    Attributes
    ----------
    start_s, stop_s : float
        From half a step before its first window's centre to half a step after its last, in
        seconds on the clock of the course. The samples used reach further, by the ``reach_s``
        of the coupling less half a step.
    strength : float
        Mean of the course over the stretch, in its own unit.
    coverage : float
        Mean coverage of its windows, 0 to 1; NaN where none is told.
    mass : float
        Sum over its windows of the distance beyond the threshold, in SDs of the draws.
    sign : int
        1 where the course is high, -1 where it is low.
    p : float
        Of the stretch beside the largest of each draw, for the whole course together.
    lag_s : float
        Lag at which the mean over the stretch is highest (lowest where ``sign`` is -1); NaN
        without a map. Picked, not tested; at the last lag looked at it is no peak.
    leader : str
        Role that leads at that lag; ``"neither"`` at 0, ``"not resolvable"`` within the clock
        error, ``"lead not above chance"`` where the draws lean to one side as far, empty
        without a lag. Where the map has no draws the lag was not tested, and stands alone.
    lead : float
        Mean over the stretch and the positive lags less that over the negative ones, times
        ``sign``; above 0 the second follows. NaN without draws of the map.
    p_lead : float
        Of ``lead`` beside the same stretch of every draw, two-sided.
    """

    start_s: float
    stop_s: float
    strength: float
    coverage: float
    mass: float
    sign: int
    p: float
    lag_s: float
    leader: str
    lead: float = float("nan")
    p_lead: float = float("nan")


def surviving_moments(
    course: Array,
    draws: Array,
    time_s: Array,
    *,
    step_s: float,
    coverage: Array | None = None,
    lag_map: LagMap | None = None,
    sides: Sides = "high",
    point: float = 0.05,
    alpha: float = 0.05,
) -> tuple[Survivor, ...]:
    """List the stretches of a course that are more than chance gives anywhere in the session.

    Parameters
    ----------
    course : ndarray of float64, shape (n_times,)
        One value per window on the true axis. NaN is missing and parts stretches. Correlations
        are better given as Fisher z, because they are averaged.
    draws : ndarray of float64, shape (n_draws, n_times)
        The same course under chance, one draw a row.
    time_s : ndarray of float64, shape (n_times,)
        Centre of each window in seconds, ``step_s`` apart; what is missing has its place.
    step_s : float
        Seconds from one window to the next.
    coverage : ndarray of float64, shape (n_times,), optional
        Jointly valid samples / samples of each window.
    lag_map : LagMap, optional
        The same windows over the lags, to say who led.
    sides, point
        As in :func:`syntony.surrogates.clusters.cluster_mass`.
    alpha : float, default 0.05
        Largest p of a stretch that is listed; 1 lists all.

    Returns
    -------
    tuple of Survivor
        In order of time; empty where nothing survives.

    Raises
    ------
    InputError
        If shapes do not fit, the windows do not lie ``step_s`` apart, or ``alpha`` is not
        between 0 and 1.

    Notes
    -----
    A stretch as a whole is beyond chance; its borders are where the course crosses a
    threshold, not where the coupling began or ended. Windows that overlap blur a moment by
    their length on both sides.

    It can be no better than its draws. Of simulated pairs of strangers (30 minutes of skin
    conductance, correlation in windows of 30 s every 15 s, 199 shifts within thirds) 31 of 600
    had a stretch at .05, and 35 with two sides. Where both also settle at the start and rise at
    the end it was 26 and 33 of 300: a shared course passes for a moment.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> course, draws = rng.standard_normal(60), rng.standard_normal((199, 60))
    >>> course[20:26] = 4.0
    >>> found = surviving_moments(course, draws, 15.0 + 10.0 * np.arange(60), step_s=10.0)
    >>> [(m.start_s, m.stop_s, m.p) for m in found]
    [(210.0, 270.0, 0.005)]
    """
    _check(course, time_s, step_s, coverage, lag_map)
    if not 0 < alpha <= 1:
        raise InputError("alpha", alpha, "above 0, at most 1")
    found = cluster_mass(course, draws, sides=sides, point=point)
    moments = []
    for k in np.flatnonzero(found.p <= alpha).tolist():
        inside = found.labels == k + 1
        sign = int(found.sign[k])
        p = float(found.p[k])
        moments.append(
            Survivor(
                start_s=float(time_s[inside][0] - step_s / 2),
                stop_s=float(time_s[inside][-1] + step_s / 2),
                strength=float(course[inside].mean()),
                coverage=float("nan") if coverage is None else float(coverage[inside].mean()),
                mass=float(found.mass[k]),
                sign=sign,
                p=p,
                **_leader(lag_map, inside, sign, p),
            )
        )
    return tuple(moments)


def _check(
    course: Array, time_s: Array, step_s: float, coverage: Array | None, lag_map: LagMap | None
) -> None:
    """Refuse what does not lie on the axis of the course."""
    if course.ndim != 1:
        raise InputError("course", course.shape, "shape (n_times,)")
    rows = {"time_s": time_s, "coverage": coverage}
    for name, given in rows.items():
        if given is not None and given.shape != course.shape:
            raise InputError(name, given.shape, f"{course.shape}, as the course")
    if lag_map is not None and len(lag_map.values) != course.size:
        raise InputError("lag_map", lag_map.values.shape, f"{course.size} rows, as the course")
    if not (np.isfinite(step_s) and step_s > 0):
        raise InputError("step_s", step_s, "a finite number above 0 s")
    if not (np.abs(np.diff(time_s) - step_s) <= step_s / 2).all():
        raise InputError(
            "time_s",
            "windows elsewhere",
            f"windows {step_s:g} s apart, in order",
            "Give windows without a value as NaN at their place.",
        )


def _leader(lag_map: LagMap | None, inside: Bools, sign: int, p: float) -> dict[str, Any]:
    """Lag of a stretch, its lean beside that of the draws, and who may be named."""
    if lag_map is None:
        return {"lag_s": float("nan"), "leader": ""}
    lag_s = _best_lag(lag_map, inside, sign)
    if lag_map.drawn is None:
        return {"lag_s": lag_s, "leader": leader_at(lag_s, lag_map.clock_error_s, lag_map.roles)}
    own = mean_there(sign * lag_map.values[inside], axis=0)
    found = lead_test(own, mean_there(sign * lag_map.drawn(inside), axis=1), lag_map.lags_s)
    leader = claim_leader(
        lag_s,
        lag_map.clock_error_s,
        lag_map.roles,
        p_peak=p,
        p_lead=found.p,
        side=found.side,
    )
    return {"lag_s": lag_s, "leader": leader, "lead": found.value, "p_lead": found.p}


def _best_lag(lag_map: LagMap, inside: Bools, sign: int) -> float:
    """Lag of the highest mean over a stretch, of those with most windows; nearest 0 of equals."""
    rows = sign * lag_map.values[inside]
    there = np.isfinite(rows)
    count = there.sum(axis=0)
    if not count.any():
        return float("nan")
    most = np.flatnonzero(count == count.max())
    means = np.where(there, rows, 0.0).sum(axis=0)[most] / count.max()
    lags_s = lag_map.lags_s[most]
    return float(lags_s[np.lexsort((np.abs(lags_s), -means))[0]])
