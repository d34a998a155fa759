"""One number per dyad beside another: synchrony and rated empathy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import atanh, ceil, sqrt, tanh
from statistics import NormalDist
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.link.finding import Finding
from syntony.link.intervals import bca_interval, beside, by_dyad

_NORMAL = NormalDist()
_NAN = float("nan")
MIN_DYADS = 4


def fisher_interval(r: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of a correlation by Fisher's z: tanh(atanh r -+ z / sqrt(n - 3)).

    Parameters
    ----------
    r : float
        Pearson correlation over ``n`` independent pairs.
    n : int
        Number of dyads; under 4 the interval is NaN.
    level : float, default 0.95

    Returns
    -------
    low, high : float

    References
    ----------
    .. [1] Fisher (1915), Biometrika 10, 507-521. https://doi.org/10.1093/biomet/10.4.507

    Examples
    --------
    The interval behind the r of the 2007 study:

    >>> low, high = fisher_interval(0.47, 20)
    >>> round(low, 2), round(high, 2)
    (0.03, 0.76)
    """
    if n < MIN_DYADS or not np.isfinite(r):
        return _NAN, _NAN
    if abs(r) >= 1:
        return r, r
    half = _NORMAL.inv_cdf((1 + level) / 2) / sqrt(n - 3)
    return tanh(atanh(r) - half), tanh(atanh(r) + half)


def t_test_of_r(r: float, n: int) -> tuple[float, int, float]:
    """Student's t of a correlation: t = r sqrt((n - 2) / (1 - r^2)).

    Parameters
    ----------
    r : float
    n : int
        Number of dyads.

    Returns
    -------
    t, df, p_two : float, int, float
        NaN under 3 dyads.

    Examples
    --------
    >>> t, df, p = t_test_of_r(0.47, 20)
    >>> round(t, 2), df, round(p, 3)
    (2.26, 18, 0.037)
    """
    if n < 3 or not np.isfinite(r):
        return _NAN, max(0, n - 2), _NAN
    if abs(r) >= 1:
        return float(np.copysign(np.inf, r)), n - 2, 0.0
    from scipy.special import stdtr

    t = r * sqrt((n - 2) / (1 - r * r))
    return t, n - 2, float(2 * stdtr(n - 2, -abs(t)))


def power_of_r(r: float, n: int, *, alpha: float = 0.05) -> float:
    """Power of the two-sided test of a true correlation r with n dyads (Fisher z).

    Examples
    --------
    >>> [round(power_of_r(r, 20), 2) for r in (0.47, 0.32, 0.19)]
    [0.56, 0.28, 0.12]
    """
    if n < MIN_DYADS or not abs(r) < 1:
        return _NAN
    shift, cut = atanh(abs(r)) * sqrt(n - 3), _NORMAL.inv_cdf(1 - alpha / 2)
    return _NORMAL.cdf(shift - cut) + _NORMAL.cdf(-shift - cut)


def dyads_for_power(r: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Dyads that a two-sided test of a true correlation r needs (Fisher z, far tail left out).

    Raises
    ------
    InputError
        If r is 0 or not inside -1 to 1.

    Examples
    --------
    >>> [dyads_for_power(r) for r in (0.47, 0.32, 0.19)]
    [34, 75, 216]
    """
    if not 0 < abs(r) < 1:
        raise InputError("r", r, "a correlation between -1 and 1 that is not 0")
    both = _NORMAL.inv_cdf(power) + _NORMAL.inv_cdf(1 - alpha / 2)
    return max(MIN_DYADS, ceil((both / atanh(abs(r))) ** 2 + 3))


def pearson(x: Array, y: Array) -> float:
    """Pearson r of two lists of finite numbers; NaN where one does not vary.

    Examples
    --------
    >>> pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    1.0
    """
    return float(_pearson(np.stack([x, y], axis=1)[None])[0])


def spearman(x: Array, y: Array) -> float:
    """Spearman's rank correlation, ties with their mean rank; NaN where one does not vary.

    Examples
    --------
    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0]))
    1.0
    """
    return pearson(ranks(x), ranks(y))


def ranks(values: Array) -> Array:
    """Ranks from 1; ties get the mean of theirs.

    Examples
    --------
    >>> ranks(np.array([10.0, 30.0, 10.0])).tolist()
    [1.5, 3.0, 1.5]
    """
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    out: Array = (last - (count - 1) / 2)[place]
    return out


def _pearson(pairs: Array) -> Array:
    """Pearson r of stacked pairs, shape (draws, n, 2) to (draws,); NaN without variance."""
    apart = pairs - pairs.mean(axis=1, keepdims=True)
    squares = np.sum(apart**2, axis=1)
    size = np.abs(pairs).max(axis=1) if pairs.shape[1] else np.zeros((len(pairs), 2))
    varies = (squares > pairs.shape[1] * (1e-13 * size) ** 2).all(axis=1)
    out: Array = np.full(len(pairs), np.nan)
    across = np.sum(apart[..., 0] * apart[..., 1], axis=1)
    np.divide(across, np.sqrt(squares[:, 0] * squares[:, 1]), out=out, where=varies)
    return np.clip(out, -1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What r would be without each dyad.

    Attributes
    ----------
    without : mapping of str to float
        Dyad to the r of the others.
    largest : str
        The dyad whose leaving changes r most.
    change : float
        That r less the r of all.
    """

    without: Mapping[str, float]
    largest: str
    change: float


def leave_one_out(x: Array, y: Array, dyads: Sequence[str]) -> Influence:
    """Find the r without each dyad, and the dyad on which it hangs most.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 0.0, 1.0, 9.0])
    >>> y = np.array([0.0, 0.0, 1.0, 1.0, 9.0])
    >>> found = leave_one_out(x, y, list("abcde"))
    >>> found.largest, round(found.without["e"], 2)
    ('e', 0.0)
    """
    n = len(x)
    keep = np.array([np.delete(np.arange(n), i) for i in range(n)])
    left = _pearson(np.stack([x, y], axis=1)[keep])
    change = left - pearson(x, y)
    most = int(np.argmax(np.where(np.isfinite(change), np.abs(change), np.inf)))
    named = {d: float(v) for d, v in zip(dyads, left, strict=True)}
    return Influence(without=named, largest=dyads[most], change=float(change[most]))


def link_score(
    index: Array,
    score: Array,
    dyads: list[str],
    rng: np.random.Generator,
    *,
    label: str,
    step: int = 0,
    method: str = "",
    statistic: str = "",
    draws: int = 9999,
    bootstrap: int = 2000,
) -> Finding:
    """Correlate a synchrony index with a score over dyads.

    Parameters
    ----------
    index, score : ndarray of float64, shape (n_sessions,)
        One value per session, finite or NaN; a session that lacks one is left out, and the
        sessions of a dyad are averaged. Give a capped index: infinite values are refused.
    dyads : list of str
        Dyad of each session.
    rng : numpy.random.Generator
        For permutations and bootstrap.
    label : str
        ``instrument.scale`` of the score.
    step, method, statistic
        Which index it is, copied into the finding.
    draws : int, default 9999
        Permutations of the scores over dyads.
    bootstrap : int, default 2000
        Draws of the BCa interval over dyads.

    Returns
    -------
    Finding
        ``value``: Pearson r; ``low``, ``high``: Fisher interval; ``p_one`` (towards larger r)
        and ``p_two`` by permutation. ``detail``: t, df and its p, Spearman with permutation p,
        the bootstrap interval, r without each dyad and the largest change, the power this
        number of dyads had for a true r of .47, .32 and .19 (the 2007 study, the field's mean
        for physiology, a small one), and the dyads for 80 %. Under 4 dyads, or where one side
        does not vary, ``status`` is ``"not testable: ..."``.

    Raises
    ------
    InputError
        If the lists differ in length or hold infinite values.

    References
    ----------
    .. [1] Marci, Ham, Moran & Orr (2007), https://doi.org/10.1097/01.nmd.0000253731.71025.fc
    .. [2] Jennissen et al. (2025), r of peripheral physiology.
       https://doi.org/10.1080/10503307.2024.2423662

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = np.arange(8.0)
    >>> found = link_score(x, x**2, [f"d{i}" for i in range(8)], rng, label="demo.empathy")
    >>> found.n_dyads, round(found.value, 2), found.detail["spearman"]
    (8, 0.96, 1.0)
    """
    names, table, used = _pairs(index, score, dyads)
    facts: dict[str, Any] = {
        "finding": "empathy",
        "label": label,
        "step": step,
        "method": method,
        "statistic": statistic,
        "n_dyads": len(names),
        "n_sessions": used,
    }
    why = _not_testable(names, table)
    if why:
        return Finding(**facts, status=why, detail={"dyads": names})
    x, y = table.T
    r = pearson(x, y)
    chance = beside(round(r, 12), permuted_r(x, y, rng, draws))
    low, high = fisher_interval(r, len(names))
    return Finding(
        **facts,
        surrogate="permutation",
        value=r,
        low=low,
        high=high,
        null_mean=chance.mean,
        null_low=chance.low,
        null_high=chance.high,
        z=chance.z,
        p_one=chance.p_one,
        p_two=chance.p_two,
        draws=draws,
        detail=_beside_r(x, y, names, rng, draws=draws, bootstrap=bootstrap),
    )


def _pairs(index: Array, score: Array, dyads: list[str]) -> tuple[list[str], Array, int]:
    """Dyad means of the sessions that have both, shape (n_dyads, 2), and how many they are."""
    if not len(index) == len(score) == len(dyads):
        sizes = (len(index), len(score), len(dyads))
        raise InputError("index, score, dyads", sizes, "three lists of one length")
    both = np.stack([index, score], axis=1).astype(np.float64)
    if np.isinf(both).any():
        raise InputError("index, score", "inf", "finite numbers or NaN", "Use the capped index.")
    there = np.flatnonzero(np.isfinite(both).all(axis=1))
    names, means = by_dyad(both[there], [dyads[i] for i in there])
    return names, means, there.size


def _not_testable(names: list[str], table: Array) -> str:
    if len(names) < MIN_DYADS:
        n = len(names)
        return f"not testable: {n} dyads with index and score, at least {MIN_DYADS} are needed"
    for name, column in zip(("index", "score"), table.T, strict=True):
        if np.isnan(pearson(column, column)):
            return f"not testable: every dyad has the same {name}"
    return ""


def permuted_r(x: Array, y: Array, rng: np.random.Generator, draws: int) -> Array:
    """Pearson r with the scores dealt anew over the dyads, shape (draws,)."""
    dealt = rng.permuted(np.broadcast_to(y, (draws, y.size)), axis=1)
    dx, dy = x - x.mean(), dealt - y.mean()
    out: Array = np.round(
        dy @ dx / sqrt(float(dx @ dx) * float((y - y.mean()) @ (y - y.mean()))), 12
    )
    return out


def _beside_r(
    x: Array,
    y: Array,
    names: list[str],
    rng: np.random.Generator,
    *,
    draws: int,
    bootstrap: int,
) -> dict[str, Any]:
    """Gather what a reader needs beside r: other tests, single dyads, power."""
    r, n = pearson(x, y), len(names)
    t, df, p_t = t_test_of_r(r, n)
    rank_x, rank_y = ranks(x), ranks(y)
    rho = spearman(x, y)
    low, high = bca_interval(np.stack([x, y], axis=1), _pearson, rng, draws=bootstrap)
    influence = leave_one_out(x, y, names)
    return {
        "t": t,
        "df": df,
        "p_t": p_t,
        "spearman": rho,
        "spearman_p_two": beside(round(rho, 12), permuted_r(rank_x, rank_y, rng, draws)).p_two,
        "bootstrap_low": low,
        "bootstrap_high": high,
        "without": dict(influence.without),
        "largest_change_without": influence.largest,
        "largest_change": influence.change,
        "power": {f"{true:g}": power_of_r(true, n) for true in (0.47, 0.32, 0.19)},
        "dyads_for_80_percent": {f"{true:g}": dyads_for_power(true) for true in (0.47, 0.32, 0.19)},
        "dyads": names,
        "index": x.tolist(),
        "score": y.tolist(),
    }


def sensitivity(
    index: Array,
    score: Array,
    dyads: list[str],
    rng: np.random.Generator,
    *,
    chance: Mapping[str, tuple[Array, Array]],
    label: str,
    step: int = 0,
    method: str = "",
    statistic: str = "",
    draws: int = 9999,
    bootstrap: int = 2000,
) -> tuple[Finding, ...]:
    """Correlate a score with the index as it stands against each surrogate.

    Parameters
    ----------
    index, score, dyads, rng, label, step, method, statistic, draws, bootstrap
        As in ``link_score``.
    chance : mapping of str to (ndarray, ndarray), each of shape (n_sessions,)
        Surrogate to its mean and its SD in each session; NaN where it was not drawn.

    Returns
    -------
    tuple of Finding
        For every surrogate two, with its name in ``surrogate``: the index less the surrogate's
        mean (``detail["read_as"]`` is ``"minus_null_mean"``), and its z against the surrogate
        (``"z"``). ``p_one`` and ``p_two`` are by permutation of the scores.

    Examples
    --------
    >>> x, flat = np.arange(8.0), (np.zeros(8), np.ones(8))
    >>> found = sensitivity(
    ...     x,
    ...     x**2,
    ...     [f"d{i}" for i in range(8)],
    ...     np.random.default_rng(1),
    ...     chance={"shift_thirds": flat},
    ...     label="demo.empathy",
    ... )
    >>> [(f.surrogate, f.detail["read_as"], round(f.value, 2)) for f in found]
    [('shift_thirds', 'minus_null_mean', 0.96), ('shift_thirds', 'z', 0.96)]
    """
    found = []
    for name, (mean, spread) in chance.items():
        apart = index - mean
        z = np.divide(apart, spread, out=np.full(apart.shape, np.nan), where=spread > 0)
        for read_as, values in (("minus_null_mean", apart), ("z", z)):
            one = link_score(
                values,
                score,
                dyads,
                rng,
                label=label,
                step=step,
                method=method,
                statistic=statistic,
                draws=draws,
                bootstrap=bootstrap,
            )
            detail = {"read_as": read_as, **one.detail}
            found.append(replace(one, surrogate=name, detail=detail))
    return tuple(found)
