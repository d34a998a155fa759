"""Do people who never met have the same slow course, because a session has one?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.surrogates.decision import p_values

BIN_S = 60.0
LEAST_BINS = 5
LEAST_SESSIONS = 6
_NONE = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCourse:
    """How alike the slow courses of strangers are, beside chance.

    Attributes
    ----------
    correlation : float
        Mean correlation of the slow courses of first and second persons who never met. It
        estimates the share of the variance of a slow course that all sessions have in common.
    chance : float
        What the mean correlation stays below in 95 of 100 draws.
    p_one : float
        How often chance reaches it.
    sessions, pairs, draws : int
        Sessions with a course, pairs of strangers, draws of chance.
    status : str
        ``"ok"``, or why it cannot be tested.
    """

    correlation: float
    chance: float
    p_one: float
    sessions: int
    pairs: int
    draws: int
    status: str


def slow_course(values: Array, *, rate_hz: float, start_s: float) -> tuple[int, Array]:
    """Means over whole minutes of the session clock.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        One person's signal; NaN marks missing samples.
    rate_hz : float
    start_s : float
        Place of the first sample on the session clock, in seconds.

    Returns
    -------
    first : int
        Number of the first minute, 0 from second 0 of the session clock.
    course : ndarray of float64, shape (n_minutes,)
        NaN where less than half of a minute is there.

    Examples
    --------
    >>> first, course = slow_course(np.arange(600.0), rate_hz=4.0, start_s=30.0)
    >>> first, course.tolist()
    (0, [59.5, 239.5, 479.5])
    """
    if values.ndim != 1:
        raise InputError("values", values.shape, "shape (n_samples,)")
    minute = np.floor((start_s + np.arange(values.size) / rate_hz) / BIN_S + 1e-9).astype(np.int64)
    if not minute.size:
        return 0, np.empty(0)
    first, there = int(minute[0]), np.isfinite(values)
    count = np.bincount(minute[there] - first, minlength=int(minute[-1]) - first + 1)
    total = np.bincount(minute[there] - first, values[there], minlength=count.size)
    enough = count >= 0.5 * BIN_S * rate_hz - 1e-9
    course = np.divide(total, count, out=np.full(count.size, np.nan), where=enough)
    return first, course


def on_one_axis(courses: list[tuple[int, Array]]) -> Array:
    """Lay courses out on one axis of minutes, shape (n_courses, n_minutes); NaN where none is.

    Examples
    --------
    >>> on_one_axis([(0, np.array([1.0, 2.0])), (1, np.array([3.0]))]).tolist()
    [[1.0, 2.0], [nan, 3.0]]
    """
    there = [(first, course) for first, course in courses if course.size]
    low = min((first for first, _ in there), default=0)
    high = max((first + course.size for first, course in there), default=0)
    out = np.full((len(courses), high - low), np.nan)
    for row, (first, course) in enumerate(courses):
        if course.size:
            out[row, first - low : first - low + course.size] = course
    return out


def shared_course(
    first: Array,
    second: Array,
    strangers: Bools,
    rng: np.random.Generator,
    *,
    people: tuple[ArrayLike, ArrayLike] | None = None,
    draws: int = 999,
) -> SharedCourse:
    """Test whether first and second persons who never met have similar slow courses.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_sessions, n_minutes)
        Slow course of each session's first and second person, on one axis from the start of the
        session clock. NaN where a minute is missing or a session is over.
    strangers : ndarray of bool, shape (n_sessions, n_sessions)
        [i, j]: the first person of session i never met the second of session j.
    rng : numpy.random.Generator
    people : two lists of str, length n_sessions, optional
        Who is first and second in each session; somebody in several sessions is turned round in
        all of them at once. Without: everybody is another person.
    draws : int, default 999

    Returns
    -------
    SharedCourse
        Not testable under six sessions, or where nobody is a stranger to anybody.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Notes
    -----
    For every pair of strangers Pearson's r over the minutes that both have (five at least); the
    statistic is the mean. Chance: a course is as likely as its mirror image, so every person's
    course is turned upside down or not, at random. Drifts of single people keep their strength
    and their smoothness that way, and only what the courses have in common in the same minutes is
    lost. With a course ``a m(t) + e(t)`` in every person, m common and e one's own, the mean
    correlation is a**2 / (a**2 + var e): the share of its variance that is common.

    Of 400 made studies of 12 dyads and 15 minutes in which nothing is shared 27 were called alike
    at .05 and 9 at .01, a little more than claimed: people of the simulator respond less strongly
    with time, which is a small course in common. With the slow curve of the world ``shared_shape``
    all of 100 were, at a mean correlation of .96. A run notes it at .01.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> course = np.exp(-np.arange(30) / 5.0)
    >>> one, two = (course + 0.1 * rng.standard_normal((8, 30)) for _ in range(2))
    >>> found = shared_course(one, two, ~np.eye(8, dtype=bool), rng)
    >>> found.p_one, found.correlation > 0.7, found.pairs
    (0.001, True, 56)
    """
    n = len(first)
    if first.ndim != 2 or first.shape != second.shape or strangers.shape != (n, n):
        given = (first.shape, second.shape, strangers.shape)
        raise InputError("first, second, strangers", given, "(n, minutes) twice, and (n, n)")
    r = np.where(strangers, _correlations(first, second), np.nan)
    usable = np.isfinite(r)
    sessions = int((usable.any(axis=0) | usable.any(axis=1)).sum())
    pairs = int(usable.sum())
    if sessions < LEAST_SESSIONS:
        why = f"not testable: {sessions} sessions with strangers and a course of {LEAST_BINS} "
        why += f"minutes, at least {LEAST_SESSIONS} are needed"
        return SharedCourse(
            correlation=_NONE,
            chance=_NONE,
            p_one=_NONE,
            sessions=sessions,
            pairs=pairs,
            draws=0,
            status=why,
        )
    observed = float(r[usable].mean())
    null = _turned(np.where(usable, r, 0.0), _signs(people, n, draws, rng)) / pairs
    null[np.abs(null - observed) <= 1e-12] = observed
    return SharedCourse(
        correlation=observed,
        chance=float(np.quantile(null, 0.95)),
        p_one=float(p_values(observed, null)[0]),
        sessions=sessions,
        pairs=pairs,
        draws=draws,
        status="ok",
    )


def _signs(
    people: tuple[ArrayLike, ArrayLike] | None, n: int, draws: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """A sign for each session's first and second person in every draw, one for each person."""
    sides = people or (np.arange(n), np.arange(n))
    found: list[Array] = []
    for side in sides:
        place: Ints = np.unique(np.asarray(side), return_inverse=True)[1]
        if place.shape != (n,):
            raise InputError("people", place.shape, f"one id for each of {n} sessions")
        signs: Array = 2.0 * rng.integers(0, 2, (draws, int(place.max()) + 1)).astype(np.float64)
        signs -= 1.0
        found.append(signs[:, place])
    return found[0], found[1]


def _turned(r: Array, signs: tuple[Array, Array]) -> Array:
    """Sum over pairs of r times both signs, shape (draws,)."""
    out: Array = np.einsum("dj,dj->d", signs[0] @ r, signs[1])
    return out


def _correlations(first: Array, second: Array) -> Array:
    """Pearson r of every first with every second over what both have; NaN under five minutes."""
    x, mx = _centred(first)
    y, my = _centred(second)
    n = mx @ my.T
    with np.errstate(divide="ignore", invalid="ignore"):
        sx, sy = x @ my.T, mx @ y.T
        vx = (x * x) @ my.T - sx * sx / n
        vy = mx @ (y * y).T - sy * sy / n
        r = (x @ y.T - sx * sy / n) / np.sqrt(vx * vy)
    sure = (n >= LEAST_BINS) & (vx > 1e-12 * n) & (vy > 1e-12 * n)
    return np.where(sure, np.clip(r, -1.0, 1.0), np.nan)


def _centred(courses: Array) -> tuple[Array, Array]:
    """Courses with mean 0 and SD 1 over what is there, 0 elsewhere; and what is there."""
    there = np.isfinite(courses)
    count = np.maximum(1, there.sum(axis=1, keepdims=True))
    filled = np.where(there, courses, 0.0)
    apart = np.where(there, filled - filled.sum(axis=1, keepdims=True) / count, 0.0)
    spread = np.sqrt((apart**2).sum(axis=1, keepdims=True) / count)
    scaled = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)
    return scaled, there.astype(np.float64)
