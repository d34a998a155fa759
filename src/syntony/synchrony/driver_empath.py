"""Driver and empath scores: whose past tells of whose next moments, and who follows most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._inputs import check_choice, check_number, check_seconds, in_samples
from syntony.synchrony._people import check_people
from syntony.synchrony._scale import in_spreads
from syntony.synchrony.registry import Statistic, method

Diagonal = Literal["own", "halved"]


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """Who drives and who follows.

    ``matrix[i, j]`` : coefficient of person i's value on person j's value ``lag`` samples later,
    beside j's own. ``driver`` : sum of squares of a row. ``empath`` : sum of squares of a column.
    ``sync`` : synchrony index S of the group. ``used`` : complete samples.
    """

    matrix: Array
    driver: Array
    empath: Array
    sync: float
    used: int


def _slopes(now: Array, later: Array, least: int) -> tuple[Array, int]:
    """Least-squares slopes of ``later`` on the rows of ``now``, with an intercept."""
    there = np.isfinite(now).all(axis=0) & np.isfinite(later)
    used = int(there.sum())
    gone = np.full(now.shape[0], np.nan)
    if used < max(least, now.shape[0] + 2):
        return gone, used
    a, b = now[:, there], later[there]
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean()
    gram = a @ a.T
    size = np.sqrt(np.diag(gram))
    if not (size > 0).all() or np.linalg.cond(gram / np.outer(size, size)) > 1e12:
        return gone, used
    return np.linalg.solve(gram, a @ b), used


def influence(
    signals: Array, lag: int, *, diagonal: Diagonal = "own", min_coverage: float = 0.5
) -> Influence:
    """Regress everybody on their own and each other's value ``lag`` samples before.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        NaN marks missing samples; a regression uses the samples at which all it needs is there.
    lag : int
        Samples from cause to effect, at least 1.
    diagonal : {"own", "halved"}
        The diagonal of the matrix is a person's slope on its own past, or half of it, as
        multiSyncPy's regression on the same column twice gives.
    min_coverage : float
        Share of the samples that a regression must find complete.

    Returns
    -------
    Influence
        NaN where there is too little, or two people are copies of each other.

    Notes
    -----
    ``S = V' M^-1 V``, V the influences of the others on the person with the largest empath
    score, M the matrix without that person [1]_. multiSyncPy rounds M and S to four decimals;
    we do not.

    References
    ----------
    .. [1] Guastello & Peressini (2023), Group Dynamics 27(3), 171-187.
       https://doi.org/10.1037/gdn0000199

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(2000)
    >>> y = np.roll(x, 2) + rng.standard_normal(2000)
    >>> found = influence(np.array([x, y]), 2)
    >>> int(found.driver.argmax()), int(found.empath.argmax())
    (0, 1)
    """
    n, length = signals.shape
    now, later = signals[:, : length - lag], signals[:, lag:]
    least = int(np.ceil(min_coverage * (length - lag)))
    matrix, used = np.full((n, n), np.nan), length
    for j in range(n):
        own, count = _slopes(now[[j]], later[j], least)
        matrix[j, j] = own[0] * (1.0 if diagonal == "own" else 0.5)
        used = min(used, count)
        for i in range(n):
            if i != j:
                slopes, count = _slopes(now[[j, i]], later[j], least)
                matrix[i, j], used = slopes[1], min(used, count)
    squares = matrix**2
    empath = squares.sum(axis=0)
    return Influence(matrix, squares.sum(axis=1), empath, _sync(matrix, empath), used)


def _sync(matrix: Array, empath: Array) -> float:
    """Synchrony index of the group around the person who follows most."""
    if not np.isfinite(matrix).all():
        return float("nan")
    top = int(np.argmax(empath))
    others = np.arange(matrix.shape[0]) != top
    rest, towards = matrix[np.ix_(others, others)], matrix[others, top]
    if np.linalg.cond(rest) > 1e12:
        return float("nan")
    return float(towards @ np.linalg.solve(rest, towards))


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    matrix = coupling.parts["matrix"]
    first = matrix[0, 1:] ** 2
    back = matrix[1:, 0] ** 2
    return {
        "influence": float(coupling.values),
        "first_drives": float(first.mean() - back.mean()),
        "sync_index": float(coupling.parts["sync_index"]),
    }


@method(
    name="driver_empath",
    title="Driver and empath scores",
    summarise=_summary,
    statistics=(
        Statistic(
            name="influence",
            title="Mean influence on each other (squared coefficient)",
            explain="How much one person's present tells of another's value a little later, "
            "beside what that person's own present tells, averaged over everybody and everybody "
            "else. Near 0 for strangers, never below.",
            bounds=(0.0, float("inf")),
            chance=0.001,
        ),
        Statistic(
            name="first_drives",
            title="First person drives more than it follows",
            explain="Influence of the first person on the others less theirs on the first. Above "
            "0: the first leads; below 0: the first follows. Read it beside chance only.",
            bounds=(-float("inf"), float("inf")),
            chance=0.0,
        ),
        Statistic(
            name="sync_index",
            title="Synchrony index S of the group",
            explain="How the influences of all others combine on the person who follows most. It "
            "is a ratio and becomes wild where the others hardly depend on their own past.",
            bounds=(-float("inf"), float("inf")),
            chance=0.0,
        ),
    ),
    dims=(),
    bounds=(0.0, float("inf")),
    chance=0.001,
    swap="same",
    scale_free=True,
    people="many",
    lags="one delay, lag_s, in both directions",
    cites=("Guastello2023",),
    sentence="Driver and empath scores [@Guastello2023] from regressions on the value {lag_s:g} s "
    "before, {scale}, with {diagonal} on the diagonal; at least {min_coverage:g} of the samples "
    "had to be complete.",
    question="In a group, whose signal tells of the others' next moments (the driver), and who "
    "follows most (the empath)?",
    not_when="You do not know the delay: the result depends on it strongly. A common cause that "
    "reaches one person first looks like that person's influence.",
    words={
        "scale": {"spread": "each person in units of its own spread", "none": "in raw units"},
        "diagonal": {"own": "a person's slope on its own past", "halved": "half of that slope"},
    },
    units={"lag_s": "s", "scale": "choice", "diagonal": "choice", "min_coverage": "1"},
)
def driver_empath(
    signals: Array,
    *,
    rate_hz: float,
    lag_s: float = 2.0,
    scale: Literal["spread", "none"] = "spread",
    diagonal: Diagonal = "own",
    min_coverage: float = 0.5,
) -> Coupling:
    """Who drives and who follows in a group, by lagged regressions.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_people, n_samples)
        One person a row, on one clock. NaN marks missing samples; a regression uses the samples
        at which all it needs is there.
    rate_hz : float
        Samples per second.
    lag_s : float
        Seconds from cause to effect.
    scale : {"spread", "none"}
        Every person in units of its own spread, or as given (then all in one unit).
    diagonal : {"own", "halved"}
        See :func:`influence`; ``"halved"`` gives multiSyncPy's scores.
    min_coverage : float
        Share of the samples that a regression must find complete.

    Returns
    -------
    Coupling
        ``values`` : mean squared influence of one person on another, shape (); NaN where too
        little is there. ``parts`` : ``matrix`` (row drives column), ``driver``, ``empath``
        (one per person), ``sync_index``.

    Raises
    ------
    InputError
        If there are fewer than two people, or ``lag_s`` is under one sample or too long.

    Notes
    -----
    For every pair, ``x_j[t + lag] = a + own x_j[t] + m_ij x_i[t] + e`` by least squares.

    References
    ----------
    .. [1] Guastello & Peressini (2023), Group Dynamics 27(3), 171-187.
       https://doi.org/10.1037/gdn0000199

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(2000)
    >>> y = np.roll(x, 8) + rng.standard_normal(2000)
    >>> c = driver_empath(np.array([x, y]), rate_hz=4.0)
    >>> bool(c.parts["driver"][0] > c.parts["driver"][1])
    True
    """
    check_people(signals, rate_hz)
    check_seconds(lag_s=lag_s)
    check_choice("scale", scale, ("spread", "none"))
    check_choice("diagonal", diagonal, ("own", "halved"))
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    lag = in_samples("lag_s", lag_s, rate_hz, 1)
    longest_s = (signals.shape[1] - 10) / rate_hz
    check_number("lag_s", lag_s, 0.0, longest_s, f"at most {longest_s:g} s for these signals")
    made = influence(
        in_spreads(signals) if scale == "spread" else signals,
        lag,
        diagonal=diagonal,
        min_coverage=min_coverage,
    )
    n = signals.shape[0]
    across = made.matrix[~np.eye(n, dtype=np.bool_)] ** 2
    return Coupling(
        values=np.asarray(across.mean() if np.isfinite(across).all() else np.nan),
        dims=(),
        coords={},
        coverage=np.asarray(made.used / (signals.shape[1] - lag)),
        method="driver_empath",
        options={
            "lag_s": lag / rate_hz,
            "scale": scale,
            "diagonal": diagonal,
            "min_coverage": min_coverage,
        },
        parts={
            "matrix": made.matrix,
            "driver": made.driver,
            "empath": made.empath,
            "sync_index": np.asarray(made.sync),
        },
    )
