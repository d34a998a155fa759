"""The link of a score with many ways of computing an index, tested together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints, frozen_array
from syntony.core.errors import InputError
from syntony.link.dyadic import MIN_DYADS, fisher_interval, pearson
from syntony.surrogates.many_paths import judge_together

NONE = float("nan")
FEWEST_DEALS = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointLink:
    """Correlation of a score with each path's index, and what they come to together.

    Attributes
    ----------
    r, low, high : ndarray of float64, shape (n_paths,)
        Pearson r over dyads with Fisher's 95 % interval; there is no p of a path.
    draws : ndarray of float64, shape (n_draws, n_paths)
        r of each deal of the scores.
    median, median_p_one, median_p_two, same_sign, same_sign_p, beyond, beyond_p : float
        As of :class:`syntony.surrogates.many_paths.JointTest`, of r.
    n_dyads : int
        Dyads with a score.
    blocks : tuple of int
        How many dyads each block holds inside which scores were dealt.
    status : str
        "ok", or "not testable: ...".
    """

    r: Array
    low: Array
    high: Array
    draws: Array
    median: float = NONE
    median_p_one: float = NONE
    median_p_two: float = NONE
    same_sign: float = NONE
    same_sign_p: float = NONE
    beyond: float = NONE
    beyond_p: float = NONE
    n_dyads: int
    blocks: tuple[int, ...]
    status: str

    def __post_init__(self) -> None:
        for name in ("r", "low", "high"):
            object.__setattr__(self, name, frozen_array(name, getattr(self, name)))
        object.__setattr__(self, "draws", frozen_array("draws", self.draws, 2))


def joint_link(
    index: Array,
    score: Array,
    blocks: Sequence[int],
    rng: np.random.Generator,
    *,
    draws: int = 999,
) -> JointLink:
    """Correlate a score with many indices; scores are dealt anew for all of them alike.

    Parameters
    ----------
    index : ndarray of float64, shape (n_paths, n_dyads)
        Finite.
    score : ndarray of float64, shape (n_dyads,)
        NaN leaves the dyad out, on every path.
    blocks : sequence of int, length n_dyads
        Dyads of one number exchange their scores, from :func:`exchange_blocks`.
    rng : numpy.random.Generator
    draws : int, default 999
        Deals. No index is computed again.

    Returns
    -------
    JointLink
        Not testable under 4 dyads with a score, where the score does not vary inside any
        block, or where blocks allow fewer than 20 deals.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(12)
    >>> found = joint_link(np.stack([x, x + 0.1]), x, [0] * 12, rng, draws=99)
    >>> found.median_p_one, found.same_sign, found.n_dyads
    (0.01, 1.0, 12)
    """
    index, score = np.asarray(index, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if index.ndim != 2 or score.shape != index.shape[1:] or len(blocks) != score.size:
        raise InputError(
            "index, score, blocks", (index.shape, score.shape, len(blocks)), "one for each dyad"
        )
    rated = np.flatnonzero(np.isfinite(score))
    index, score = index[:, rated], score[rated]
    block = np.unique(np.asarray(blocks)[rated], return_inverse=True)[1]
    sizes = tuple(sorted(np.bincount(block).tolist(), reverse=True)) if rated.size else ()
    r = (
        np.array([pearson(x, score) for x in index])
        if rated.size > 1
        else index[:, :0].sum(1) * NONE
    )
    bounds = np.array([fisher_interval(v, rated.size) for v in r]).reshape(-1, 2)
    known: dict[str, Any] = {
        "r": r,
        "low": bounds[:, 0],
        "high": bounds[:, 1],
        "n_dyads": int(rated.size),
        "blocks": sizes,
    }
    why = _why_not(score, block, r, sizes)
    if why:
        return JointLink(**known, draws=np.empty((0, len(index))), status=why)
    dealt = _deal(score, block, draws, rng)
    usable = np.isfinite(r)
    found = np.full((draws, len(index)), np.nan)
    found[:, usable] = np.round(_correlations(dealt, index[usable]), 12)
    known |= judge_together(np.round(r[usable], 12), found[:, usable])
    return JointLink(**known, draws=found, status="ok")


def exchange_blocks(first: Sequence[str], second: Sequence[str]) -> Ints:
    """Say which dyads may exchange their scores: those of the same people, else all others.

    Dyads that share a person, such as a therapist's patients, exchange scores among
    themselves, since what they share may raise index and score of all of them. Dyads that
    share nobody exchange scores with each other.

    Parameters
    ----------
    first, second : sequence of str
        Id of the first and of the second person of each dyad.

    Returns
    -------
    ndarray of int64, shape (n_dyads,)
        0 for dyads that share nobody; else a number for each group.

    Examples
    --------
    >>> exchange_blocks(["p1", "p2", "p3", "p4"], ["t1", "t1", "t2", "t3"]).tolist()
    [1, 1, 0, 0]
    """
    group = list(range(len(first)))
    for people in (first, second):
        seen: dict[str, int] = {}
        for k, person in enumerate(people):
            if person in seen:
                old, new = group[k], group[seen[person]]
                group = [new if g == old else g for g in group]
            seen.setdefault(person, k)
    size = {g: group.count(g) for g in group}
    numbers = {g: k for k, g in enumerate((g for g in size if size[g] > 1), start=1)}
    return np.array([numbers.get(g, 0) for g in group], dtype=np.int64)


def _why_not(score: Array, block: Ints, r: Array, sizes: tuple[int, ...]) -> str:
    """Say why there is no test; empty where there is one."""
    if score.size < MIN_DYADS:
        return f"not testable: {score.size} dyads with a score, at least {MIN_DYADS} are needed"
    if not np.isfinite(r).any():
        return "not testable: every dyad has the same score, or the same index on every path"
    if sum(lgamma(n + 1) for n in sizes) < log(FEWEST_DEALS):
        return "not testable: too few dyads may exchange their scores"
    if all(np.ptp(score[block == b]) == 0 for b in np.unique(block)):
        return "not testable: the score does not vary among dyads that may exchange it"
    return ""


def _deal(score: Array, block: Ints, draws: int, rng: np.random.Generator) -> Array:
    """Scores dealt anew inside every block, shape (draws, n_dyads)."""
    out = np.tile(score, (draws, 1))
    for b in np.unique(block):
        here = np.flatnonzero(block == b)
        out[:, here] = rng.permuted(out[:, here], axis=1)
    return out


def _correlations(dealt: Array, index: Array) -> Array:
    """Pearson r of each deal with each index, shape (n_deals, n_paths)."""
    a = dealt - dealt.mean(axis=1, keepdims=True)
    b = index - index.mean(axis=1, keepdims=True)
    a /= np.sqrt((a * a).sum(axis=1, keepdims=True))
    b /= np.sqrt((b * b).sum(axis=1, keepdims=True))
    out: Array = a @ b.T
    return out
