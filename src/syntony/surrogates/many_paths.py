"""Many ways of computing one index, tested together: every draw is taken for all of them alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints, frozen_array
from syntony.core.errors import InputError
from syntony.surrogates.decision import ROUNDING, p_values
from syntony.surrogates.derangements import derangements, why_none
from syntony.surrogates.effects import expanded_shares
from syntony.surrogates.study import drawing_out, same_people

NONE = float("nan")
BEYOND = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointTest:
    """Effects of many paths over the same dyads, and what they come to together.

    Attributes
    ----------
    effects, low, high : ndarray of float64, shape (n_paths,)
        Effect of each path with its 95 % interval over dyads. There is no p of a path.
    draws : ndarray of float64, shape (n_draws, n_paths)
        The effect that each draw gives on each path; empty where not testable.
    median : float
        Median effect over the paths.
    median_p_one, median_p_two : float
        Draws whose median is as large; and two-sided.
    same_sign : float
        Share of paths whose effect has the sign that most effects have; ``same_sign_p``:
        draws with as large a share (whatever their sign).
    beyond : float
        Share of paths whose effect is among the largest 5 % beside the other draws of that
        path; ``beyond_p``: draws with as large a share.
    spread : ndarray of float64, shape (n_paths,)
        By how much the draws of a path were drawn out (see :func:`joint_test`).
    n_dyads : int
    status : str
        "ok", or "not testable: ...".
    """

    effects: Array
    low: Array
    high: Array
    draws: Array
    median: float
    median_p_one: float
    median_p_two: float
    same_sign: float
    same_sign_p: float
    beyond: float
    beyond_p: float
    spread: Array
    n_dyads: int
    status: str

    def __post_init__(self) -> None:
        for name in ("effects", "low", "high", "spread"):
            object.__setattr__(self, name, frozen_array(name, getattr(self, name)))
        object.__setattr__(self, "draws", frozen_array("draws", self.draws, 2))


def joint_test(
    real: Array,
    pseudo: Array,
    real_cut: Array,
    allowed: Bools,
    rng: np.random.Generator,
    *,
    draws: int = 999,
    bootstrap: int = 2000,
    min_dyads: int = 6,
    labels: Sequence[str] | None = None,
    people: tuple[Sequence[str], Sequence[str]] | None = None,
) -> JointTest:
    """Test many paths of one study together against re-pairings taken for all paths alike.

    Parameters
    ----------
    real : ndarray of float64, shape (n_paths, n_dyads)
        Index of each dyad on each path; finite (see :func:`complete`).
    pseudo, real_cut : ndarray of float64, shape (n_paths, n_dyads, n_dyads)
        As of :func:`syntony.surrogates.study.study_test`, for each path.
    allowed : ndarray of bool, shape (n_dyads, n_dyads)
    rng : numpy.random.Generator
    draws : int, default 999
        Derangements; fewer where fewer exist. A draw takes no new computing, only other cells
        of the pair matrices.
    bootstrap : int, default 2000
        Samples of dyads for the intervals; the same dyads on every path.
    min_dyads : int, default 6
    labels, people
        As of :func:`syntony.surrogates.study.study_test`.

    Returns
    -------
    JointTest

    Raises
    ------
    InputError
        If the shapes do not fit, or a real index is not finite.

    Notes
    -----
    A draw is a derangement s that keeps roles; on path m it gives ``T[m, s]``, the mean over
    dyads of the pseudo index (i, s(i)) less dyad i's own index at the same length. The effect
    of the real pairing is ``(0 - mean over draws of T[m]) / SD[m]``, with SD that of the pseudo
    indices of that path, each pair weighted by the share of draws that hold it: real dyads
    beside pseudo-dyads in SDs of the pseudo-dyads. The effect that draw s gives on the path is
    ``spread[m] (T[m, s] - mean of T[m]) / SD[m]``.

    ``spread`` is that of :func:`syntony.surrogates.study.study_test`: re-pairings share pairs
    with each other and none with the real pairing, so their means lie too close together; on
    each path the draws are drawn out around their mean by the ratio that the design, and the
    likeness of a person's recordings on that path, give.

    All three statistics are computed for the real pairing and for each draw in the same way,
    and a draw that ties, or lacks a value on some path, counts against the finding:
    ``p = (1 + draws as large) / (draws + 1)``. The median effect is the one to be named before
    the data are seen; the shares describe.

    References
    ----------
    .. [1] Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208-1214 (the curve
       of all specifications and its joint test). https://doi.org/10.1038/s41562-020-0912-z
    .. [2] Steegen, Tuerlinckx, Gelman & Vanpaemel (2016), Perspectives on Psychological
       Science 11(5), 702-712. https://doi.org/10.1177/1745691616658637

    Examples
    --------
    Two paths that see the same coupling, one of them with more noise:

    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> index = rng.standard_normal((8, 8)) + rng.standard_normal((2, 8, 8)) * [[[0.1]], [[0.5]]]
    >>> real = np.diagonal(index, axis1=1, axis2=2) + 2.0
    >>> cut = np.repeat(real[:, :, None], 8, axis=2)
    >>> found = joint_test(real, index, cut, ~np.eye(8, dtype=bool), rng)
    >>> found.status, found.median > 1, found.median_p_one < 0.05, found.same_sign
    ('ok', True, True, 1.0)
    """
    real, pseudo, real_cut = (np.asarray(v, dtype=np.float64) for v in (real, pseudo, real_cut))
    _check_shapes(real, pseudo, real_cut, allowed)
    n_paths, n = real.shape
    beyond = np.where(allowed, pseudo - real_cut, np.nan)
    names = [str(k) for k in range(n)] if labels is None else list(labels)
    why = _why_not(names, min_dyads, allowed)
    if why:
        return _untested(n_paths, n, why)
    everywhere: Bools = np.asarray(np.isfinite(beyond).all(axis=0), dtype=np.bool_)
    swaps = derangements(everywhere if why_none(everywhere) is None else allowed, draws, rng)
    share = _share_of_draws(swaps)
    drawn_out = drawing_out(swaps, same_people(people, np.arange(n), n))
    weights = rng.multinomial(n, np.full(n, 1.0 / n), size=bootstrap).astype(np.float64)
    weights = np.concatenate([np.ones((1, n)), weights])
    effects, low, high, spread = (np.full(n_paths, np.nan) for _ in range(4))
    drawn = np.full((len(swaps), n_paths), np.nan)
    for m in range(n_paths):
        level = beyond[m] + real[m][:, None]
        there = np.isfinite(level)
        pairs = np.where(there, share * there.sum() / max(1e-300, share[there].sum()), 0.0)
        d, sd = _standardised(weights, real[m], np.where(there, level, 0.0), pairs)
        effects[m], low[m], high[m] = d[0], *_between(d[1:], expanded_shares(n))
        if not np.isfinite(d[0]):
            continue
        spread[m] = drawn_out(level)
        means = _means(beyond[m], swaps)
        drawn[:, m] = spread[m] * (means - _mean_there(means)) / sd
    return _judged(effects, low, high, drawn, spread, n)


def joint_shift_test(
    real: Array,
    shifted: Array,
    rng: np.random.Generator,
    *,
    bootstrap: int = 2000,
) -> JointTest:
    """Test many paths together against shifts of each dyad's own signals, alike for all paths.

    Parameters
    ----------
    real : ndarray of float64, shape (n_paths, n_dyads)
    shifted : ndarray of float64, shape (n_paths, n_dyads, n_draws)
        The index at each draw; draw k shifts the signals of a dyad by the same times on every
        path.
    rng : numpy.random.Generator
    bootstrap : int, default 2000
        Samples of dyads; under 3 dyads there is no interval.

    Returns
    -------
    JointTest
        Effects are in SDs of the shifted indices of a dyad.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> found = joint_shift_test(np.full((2, 1), 5.0), rng.standard_normal((2, 1, 99)), rng)
    >>> found.median_p_one, found.n_dyads
    (0.01, 1)
    """
    real, shifted = (np.asarray(v, dtype=np.float64) for v in (real, shifted))
    if real.ndim != 2 or shifted.shape[:2] != real.shape:
        raise InputError("shifted", shifted.shape, f"shape {real.shape} and an axis of draws")
    n_paths, n = real.shape
    count = shifted.shape[2]
    if not n or count < 2 or not np.isfinite(real).all():
        return _untested(n_paths, n, "not testable: no session has an index on every path")
    beyond = shifted - real[:, :, None]
    means = beyond.mean(axis=1)
    middle = _mean_there(beyond, axis=2)
    variance = _mean_there((beyond - middle[:, :, None]) ** 2, axis=2) * count / (count - 1)
    sd = np.sqrt(variance.mean(axis=1))
    size = np.where(np.isfinite(shifted), np.abs(shifted), 0.0).max(axis=(1, 2))
    sd[~(sd > ROUNDING * size)] = np.nan
    each = -middle / sd[:, None]
    effects = each.mean(axis=1)
    low, high = np.full(n_paths, np.nan), np.full(n_paths, np.nan)
    if n >= 3:
        rows = rng.integers(n, size=(bootstrap, n))
        for m in range(n_paths):
            low[m], high[m] = _between(each[m][rows].mean(axis=1), (0.025, 0.975))
    out = float(np.sqrt((count + 1) / (count - 1)))  # draws belong to their own mean, real not
    drawn = out * (means - _mean_there(means, axis=1)[:, None]) / sd[:, None]
    return _judged(effects, low, high, drawn.T, np.full(n_paths, out), n)


def complete(values: Array) -> tuple[Ints, Ints]:
    """Choose dyads and paths so that every dyad has a value on every path.

    By turns whoever lacks the largest share of values leaves, a dyad or a path; of equals the
    path. So one short session does not cost the paths that it cannot take.

    Parameters
    ----------
    values : ndarray of float64, shape (n_paths, n_dyads)
        NaN where missing.

    Returns
    -------
    paths, dyads : ndarray of int64
        What is left, ascending.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.ones((4, 3)); values[:2, 2] = np.nan
    >>> [kept.tolist() for kept in complete(values)]
    [[0, 1, 2, 3], [0, 1]]
    """
    there = np.isfinite(values)
    paths, dyads = np.arange(there.shape[0]), np.arange(there.shape[1])
    while paths.size and dyads.size:
        now = there[np.ix_(paths, dyads)]
        if now.all():
            break
        by_path, by_dyad = now.mean(axis=1), now.mean(axis=0)
        if by_path.min() <= by_dyad.min():
            paths = paths[by_path > by_path.min()]
        else:
            dyads = dyads[by_dyad > by_dyad.min()]
    return paths, dyads


def judge_together(effects: Array, drawn: Array) -> dict[str, float]:
    """Three statistics of all paths, each beside the same statistic of the draws.

    Parameters
    ----------
    effects : ndarray of float64, shape (n_paths,)
    drawn : ndarray of float64, shape (n_draws, n_paths)

    Returns
    -------
    dict
        ``median``, ``median_p_one``, ``median_p_two``, ``same_sign``, ``same_sign_p``,
        ``beyond``, ``beyond_p``: see :class:`JointTest`.

    Examples
    --------
    >>> import numpy as np
    >>> found = judge_together(np.ones(3), np.zeros((19, 3)))
    >>> found["median_p_one"], found["same_sign_p"], found["beyond"]
    (0.05, 0.05, 1.0)
    """
    all_ = np.concatenate([effects[None, :], drawn])
    whole = np.isfinite(all_).all(axis=1)
    median, sign, beyond = (np.full(len(all_), np.nan) for _ in range(3))
    median[whole] = np.median(all_[whole], axis=1)
    up, down = (all_[whole] > 0).mean(axis=1), (all_[whole] < 0).mean(axis=1)
    sign[whole] = np.maximum(up, down)
    beyond[whole] = _among_largest(all_)[whole].mean(axis=1)
    out: dict[str, float] = {}
    for name, values in (("median", median), ("same_sign", sign), ("beyond", beyond)):
        p_hi, _, p_two = p_values(values[0], values[1:])
        out[name] = float(values[0])
        if name == "median":
            out["median_p_one"], out["median_p_two"] = float(p_hi), float(p_two)
        else:
            out[f"{name}_p"] = float(p_hi)
    return out


def _among_largest(all_: Array) -> Bools:
    """Whether a row's value is among the largest 5 % of its column; ties and NaN against."""
    out = np.zeros(all_.shape, dtype=bool)
    count = len(all_)
    for m in range(all_.shape[1]):
        column = np.where(np.isfinite(all_[:, m]), all_[:, m], np.inf)
        ordered = np.sort(column)
        reach = count - np.searchsorted(ordered, all_[:, m], side="left")  # itself counts once
        out[:, m] = reach <= BEYOND * count + 1e-9
    return out


def _check_shapes(real: Array, pseudo: Array, real_cut: Array, allowed: Bools) -> None:
    if real.ndim != 2:
        raise InputError("real", real.shape, "shape (n_paths, n_dyads)")
    want = (*real.shape, real.shape[1])
    for name, matrix in (("pseudo", pseudo), ("real_cut", real_cut)):
        if matrix.shape != want:
            raise InputError(name, matrix.shape, f"shape {want}, as real")
    if allowed.shape != want[1:]:
        raise InputError("allowed", allowed.shape, f"shape {want[1:]}")
    if not np.isfinite(real).all():
        raise InputError("real", "NaN", "an index of every dyad on every path", "See complete().")


def _why_not(names: Sequence[str], min_dyads: int, allowed: Bools) -> str:
    """Say why there is no test; empty where there is one."""
    if len(names) < min_dyads:
        dyads = "dyad" if len(names) == 1 else "dyads"
        return f"not testable: {len(names)} {dyads}, at least {min_dyads} are needed"
    reason = why_none(allowed, labels=list(names), noun="dyad")
    if reason is not None:
        return f"not testable: not everybody can have a stranger at once; {reason}"
    return ""


def _untested(n_paths: int, n_dyads: int, why: str) -> JointTest:
    nothing = np.full(n_paths, np.nan)
    return JointTest(
        effects=nothing,
        low=nothing,
        high=nothing,
        draws=np.empty((0, n_paths)),
        median=NONE,
        median_p_one=NONE,
        median_p_two=NONE,
        same_sign=NONE,
        same_sign_p=NONE,
        beyond=NONE,
        beyond_p=NONE,
        spread=nothing,
        n_dyads=n_dyads,
        status=why,
    )


def _judged(
    effects: Array, low: Array, high: Array, drawn: Array, spread: Array, n_dyads: int
) -> JointTest:
    """Put paths with an effect together; a path that does not vary has none."""
    usable = np.isfinite(effects)
    if not usable.any():
        return _untested(effects.size, n_dyads, "not testable: no path has an effect")
    return JointTest(
        effects=effects,
        low=low,
        high=high,
        draws=drawn,
        spread=spread,
        n_dyads=n_dyads,
        status="ok",
        **judge_together(effects[usable], drawn[:, usable]),
    )


def _share_of_draws(swaps: Ints) -> Array:
    """Share of draws that hold each pair, shape (n, n)."""
    draws, n = swaps.shape
    cells = (np.arange(n) * n + swaps).ravel()
    share: Array = np.bincount(cells, minlength=n * n).reshape(n, n) / draws
    return share


def _standardised(weights: Array, real: Array, level: Array, pairs: Array) -> tuple[Array, float]:
    """Compute d for each row of dyad weights, and the SD of the pseudo indices.

    A pair counts as often as both its dyads, times its own weight. The first row of
    ``weights`` is all ones.
    """
    middle = float((pairs * level).sum() / pairs.sum()) if pairs.sum() > 0 else NONE
    level, real = np.where(pairs > 0, level - middle, 0.0), real - middle
    count, total, squares = (
        ((weights @ m) * weights).sum(axis=1) for m in (pairs, pairs * level, pairs * level**2)
    )
    d = np.full(len(weights), np.nan)
    enough = count > 1.5
    mean = total[enough] / count[enough]
    variance = (squares[enough] - count[enough] * mean**2) / (count[enough] - 1)
    scale = np.abs(level + middle).max() ** 2
    sure = variance > ROUNDING * max(scale, 1e-300)
    found = np.full(mean.size, np.nan)
    found[sure] = ((weights[enough] @ real / real.size) - mean)[sure] / np.sqrt(variance[sure])
    d[enough] = found
    sd = float(np.sqrt(variance[0])) if enough[0] and variance[0] > 0 else NONE
    return d, sd


def _mean_there(values: Array, axis: int = 0) -> Array:
    """Mean of what has a value; NaN where nothing has."""
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        mean: Array = np.where(there, values, 0.0).sum(axis=axis) / there.sum(axis=axis)
    return mean


def _between(samples: Array, shares: tuple[float, float]) -> tuple[float, float]:
    """Quantiles of the samples that have a value."""
    there = samples[np.isfinite(samples)]
    if not there.size:
        return NONE, NONE
    low, high = np.quantile(there, shares)
    return float(low), float(high)


def _means(beyond: Array, swaps: Ints) -> Array:
    """Mean over dyads at each draw; NaN where a pair has no value; rounding is no difference."""
    drawn = beyond[np.arange(len(beyond)), swaps]
    means: Array = drawn.mean(axis=1)
    means[np.abs(means) <= ROUNDING * np.abs(drawn).mean(axis=1)] = 0.0
    return means
