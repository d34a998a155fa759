"""A whole study beside its own pseudo-sessions: is it the session that two people share?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import factorial, prod

import numpy as np

from syntony.core.arrays import Array, Bools, Ints, frozen_array
from syntony.core.errors import InputError
from syntony.surrogates.decision import ROUNDING, p_values, z_score

NONE = float("nan")
_ALL_UP_TO = 4
"""Re-pairings are listed where there are at most so many times those asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionsTest:
    """The mean index of dyads in their real sessions beside re-pairings of their sessions.

    Attributes
    ----------
    real : ndarray of float64, shape (n_dyads,)
        Mean real index of each dyad tested, over its sessions tested.
    observed : float
        Its mean over dyads.
    pseudo : float
        Mean over dyads of the mean index of their pseudo-sessions, on the scale of ``observed``.
    null : ndarray of float64, shape (n_draws,)
        ``pseudo`` plus what real sessions have beyond pseudo-sessions, in every re-pairing.
        Empty where the study is not testable.
    p_one, p_two : float
        Upper, and two-sided, beside ``null``; NaN where not testable.
    z : float
        (observed - mean of draws) / SD of draws.
    d, d_low, d_high : float
        (observed - pseudo) / SD of all pseudo-sessions, with the 95 % bootstrap interval over
        dyads.
    n_dyads, n_sessions : int
        Dyads and sessions tested.
    n_alone : int
        Dyads left out because no two of their sessions can be paired.
    n_missing : int
        Sessions left out because they, or too many of their pseudo-sessions, have no index.
    n_pairs : int
        Pseudo-sessions used.
    draws : int
        Re-pairings beside the real one; all there are where they are few.
    exact : bool
        All of them were gone through.
    floor : float
        Smallest p that so many draws can give, 1 / (draws + 1).
    status : str
        ``"ok"``, or why the study is not testable.
    differences : ndarray of float64, shape (n_dyads_given,)
        Per dyad, mean of real sessions less mean of pseudo-sessions; NaN where left out.
    """

    real: Array
    observed: float
    pseudo: float
    null: Array
    p_one: float
    p_two: float
    z: float
    d: float
    d_low: float
    d_high: float
    n_dyads: int
    n_sessions: int
    n_alone: int
    n_missing: int
    n_pairs: int
    draws: int
    exact: bool
    floor: float
    status: str
    differences: Array

    def __post_init__(self) -> None:
        for name in ("real", "null", "differences"):
            object.__setattr__(self, name, frozen_array(name, getattr(self, name)))


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Sessions of one dyad that can all be paired with each other.

    ``level``: their indices, real ones on the diagonal, without a gap.
    """

    dyad: int
    level: Array

    @property
    def size(self) -> int:
        """How many sessions."""
        return len(self.level)

    @property
    def pseudo(self) -> Array:
        """Indices of its pseudo-sessions."""
        return self.level[~np.eye(self.size, dtype=np.bool_)]

    def beyond(self, orders: Ints) -> Array:
        """Mean of the cells that an order picks less the mean of all others, per order."""
        k = self.size
        picked = self.level[np.arange(k), orders].mean(axis=-1)
        return np.asarray(k / (k - 1) * (picked - self.level.mean()))


def sessions_test(
    real: Array,
    pseudo: Array,
    real_cut: Array,
    allowed: Bools,
    dyads: Sequence[str],
    rng: np.random.Generator,
    *,
    draws: int = 999,
    bootstrap: int = 2000,
    min_dyads: int = 6,
) -> SessionsTest:
    """Test whether dyads show more in the sessions that they shared than across sessions.

    Per dyad, the mean index of its real sessions less that of its pseudo-sessions (first person
    of one session beside the second person of another); the statistic is the mean over dyads. In
    every draw the second person's sessions are dealt anew to those of the first inside each dyad,
    all dyads at once, and the statistic is computed from what then are the real sessions.

    Parameters
    ----------
    real : ndarray of float64, shape (n_sessions,)
        Index of each session. NaN is left out and counted.
    pseudo : ndarray of float64, shape (n_sessions, n_sessions)
        [i, j]: index of the first person of i beside the second person of j.
    real_cut : ndarray of float64, shape (n_sessions, n_sessions)
        [i, j]: real index of session i at the length that pair (i, j) has.
    allowed : ndarray of bool, shape (n_sessions, n_sessions)
        Which sessions lend each other their people, from
        :func:`syntony.surrogates.partners.same_dyad`.
    dyads : sequence of str, length n_sessions
    rng : numpy.random.Generator
    draws : int, default 999
        Re-pairings; fewer where fewer exist.
    bootstrap : int, default 2000
        Samples of dyads for the interval of d.
    min_dyads : int, default 6
        Fewer dyads are not tested.

    Returns
    -------
    SessionsTest

    Raises
    ------
    InputError
        If the shapes do not fit.

    Notes
    -----
    With k sessions of a dyad and its matrix of indices ``a``, real sessions on the diagonal, an
    order s of the second person's sessions gives
    ``D(s) = mean_i a[i, s(i)] - mean of all other cells``. Where who shared a session does not
    matter, all k! orders are equally likely, the real one (nobody moved) among them, so that
    ``p_hi = (1 + #{mean over dyads of D(s) >= that of the real order}) / (draws + 1)`` holds at
    any number of dyads: the orders are no sample of strangers but a group. Orders may leave a
    session in its place; draws in which everybody moves would lie closer together than the real
    value lies to them. Where every dyad has two sessions this is the sign-flip test of
    ``differences`` (:func:`syntony.surrogates.decision.sign_flip`), and with d dyads there are
    2^d orders.

    ``a[i, j]`` is the pseudo index plus what cutting to the common length changed in the real
    index of i. Sessions of different lengths are therefore alike only nearly: of simulated
    studies without coupling (12 dyads of 2 to 5 sessions, habits of dyads, the longest session
    three times the shortest) 4.6 % of 2000 had ``p_one`` at most .05; with sessions of one length
    5.3 %, with 6 such dyads 4.5 %, with 40 dyads of 2 to 8 sessions 4.5 %.

    Where a pair of sessions has no index, the session with most such pairs is left out until none
    is left.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> index, dyads = rng.standard_normal((16, 16)), [f"d{k // 2}" for k in range(16)]
    >>> own = np.equal.outer(dyads, dyads) & ~np.eye(16, dtype=bool)
    >>> real = np.diag(index) + 3.0
    >>> cut = np.repeat(real[:, None], 16, axis=1)
    >>> found = sessions_test(real, index, cut, own, dyads, rng)
    >>> found.status, found.p_one, found.draws, found.exact
    ('ok', 0.00390625, 255, True)
    """
    real, pseudo, real_cut = (np.asarray(v, dtype=np.float64) for v in (real, pseudo, real_cut))
    _check(real, dyads, pseudo=pseudo, real_cut=real_cut, allowed=allowed)
    level = np.where(allowed, real[:, None] + pseudo - real_cut, np.nan)
    np.fill_diagonal(level, real)
    names = list(dict.fromkeys(dyads))
    blocks, missing = _blocks(level, allowed, [names.index(d) for d in dyads])
    tested = sorted({b.dyad for b in blocks})
    counts = {
        "n_dyads": len(tested),
        "n_sessions": sum(b.size for b in blocks),
        "n_alone": len(names) - len(tested),
        "n_missing": missing,
        "n_pairs": sum(b.pseudo.size for b in blocks),
    }
    own = _over_dyads(blocks, tested, [np.array([np.diag(b.level).mean()]) for b in blocks])[:, 0]
    beyond = _over_dyads(blocks, tested, [b.beyond(np.arange(b.size)[None]) for b in blocks])[:, 0]
    differences = np.full(len(names), np.nan)
    differences[tested] = beyond
    if len(tested) < min_dyads:
        return _not_testable(own, differences, min_dyads, counts)
    orders, exact = _orders(blocks, draws, rng)
    drawn = [b.beyond(o) for b, o in zip(blocks, orders, strict=True)]
    observed, middle = float(own.mean()), float((own - beyond).mean())
    null = middle + _over_dyads(blocks, tested, drawn).mean(axis=0)
    slack = ROUNDING * max(float(np.abs(b.level).max()) for b in blocks)
    null[np.abs(null - observed) <= slack] = observed
    p_hi, _, p_two = p_values(observed, null)
    d, low, high = _effect(blocks, tested, own - beyond, own, rng, bootstrap)
    return SessionsTest(
        real=own,
        observed=observed,
        pseudo=middle,
        null=null,
        p_one=float(p_hi),
        p_two=float(p_two),
        z=z_score(observed, null),
        d=d,
        d_low=low,
        d_high=high,
        draws=null.size,
        exact=exact,
        floor=1.0 / (null.size + 1),
        status="ok",
        differences=differences,
        **counts,
    )


def _check(real: Array, dyads: Sequence[str], **matrices: Array | Bools) -> None:
    """Refuse matrices that do not belong to these sessions."""
    if real.ndim != 1 or len(dyads) != real.size:
        raise InputError("real", (real.shape, len(dyads)), "one index and one dyad a session")
    for name, matrix in matrices.items():
        if matrix.shape != (real.size, real.size):
            raise InputError(name, matrix.shape, f"shape ({real.size}, {real.size})")


def _not_testable(
    own: Array, differences: Array, min_dyads: int, counts: dict[str, int]
) -> SessionsTest:
    """Give the result without a test: means, counts and the reason."""
    n = counts["n_dyads"]
    dyads = "dyad" if n == 1 else "dyads"
    there = differences[np.isfinite(differences)]
    return SessionsTest(
        real=own,
        observed=float(own.mean()) if n else NONE,
        pseudo=float((own - there).mean()) if n else NONE,
        null=np.empty(0),
        p_one=NONE,
        p_two=NONE,
        z=NONE,
        d=NONE,
        d_low=NONE,
        d_high=NONE,
        draws=0,
        exact=False,
        floor=NONE,
        status=f"not testable: {n} {dyads} with two sessions of one type or more, at least "
        f"{min_dyads} are needed",
        differences=differences,
        **counts,
    )


def _blocks(level: Array, allowed: Bools, dyad: Sequence[int]) -> tuple[list[_Block], int]:
    """Sessions that can be dealt anew among themselves, and how many were left out for gaps."""
    has, left, missing = np.isfinite(np.diag(level)), allowed.any(axis=1), 0
    missing += int((left & ~has).sum())
    left &= has
    blocks = []
    while left.any():
        group = _together(allowed, left, int(np.argmax(left)))
        left[group] = False
        gaps = ~np.isfinite(level[np.ix_(group, group)])
        while group.size > 1 and gaps.any():
            worst = gaps.sum(axis=0) + gaps.sum(axis=1)
            keep = np.arange(group.size) != group.size - 1 - int(np.argmax(worst[::-1]))
            group, gaps, missing = group[keep], gaps[np.ix_(keep, keep)], missing + 1
        if group.size > 1:
            blocks.append(_Block(dyad[int(group[0])], level[np.ix_(group, group)]))
    return blocks, missing


def _together(allowed: Bools, left: Bools, start: int) -> Ints:
    """Sessions that lend each other their people, directly or by way of others."""
    seen = np.zeros(len(allowed), dtype=np.bool_)
    seen[start] = True
    while True:
        more = (allowed[seen].any(axis=0) | allowed[:, seen].any(axis=1)) & left & ~seen
        if not more.any():
            return np.flatnonzero(seen)
        seen |= more


def _over_dyads(blocks: Sequence[_Block], tested: Sequence[int], values: list[Array]) -> Array:
    """Mean per dyad over its blocks, weighted by their sessions; shape (n_dyads, n_values)."""
    out = np.zeros((len(tested), values[0].size if values else 1))
    count = np.zeros(len(tested))
    for block, value in zip(blocks, values, strict=True):
        at = tested.index(block.dyad)
        out[at] += block.size * value
        count[at] += block.size
    return np.asarray(out / count[:, None])


def _orders(
    blocks: Sequence[_Block], draws: int, rng: np.random.Generator
) -> tuple[list[Ints], bool]:
    """Orders of the second person's sessions, shape (n_draws, size) a block; all there are?

    Where they are few the real one is not among them and each is there once.
    """
    total = prod(factorial(b.size) for b in blocks)
    if total - 1 > _ALL_UP_TO * draws:
        return [rng.permuted(np.tile(np.arange(b.size), (draws, 1)), axis=1) for b in blocks], False
    exact = total - 1 <= draws
    ranks = np.arange(1, total) if exact else 1 + rng.choice(total - 1, draws, replace=False)
    orders = []
    for block in blocks:
        ranks, here = np.divmod(ranks, factorial(block.size))
        orders.append(np.array(list(permutations(range(block.size))))[here])
    return orders, exact


def _effect(
    blocks: Sequence[_Block],
    tested: Sequence[int],
    pseudo: Array,
    own: Array,
    rng: np.random.Generator,
    bootstrap: int,
) -> tuple[float, float, float]:
    """(mean real - mean pseudo) / SD of all pseudo-sessions, with its interval over dyads."""
    middle = float(np.concatenate([b.pseudo for b in blocks]).mean())
    sums = np.zeros((len(tested), 3))
    for b in blocks:
        apart = b.pseudo - middle
        sums[tested.index(b.dyad)] += apart.size, apart.sum(), (apart**2).sum()

    def of_weights(weights: Array) -> Array:
        count, total, squares = (weights @ sums).T
        spread = np.maximum(0.0, squares - total**2 / count) / (count - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            d = (weights @ (own - pseudo)) / weights.sum(axis=1) / np.sqrt(spread)
        return np.where(spread > ROUNDING * squares, d, np.nan)

    d = float(of_weights(np.ones((1, len(tested))))[0])
    if not bootstrap or not np.isfinite(d):
        return d, NONE, NONE
    even = np.full(len(tested), 1.0 / len(tested))
    samples = of_weights(rng.multinomial(len(tested), even, size=bootstrap).astype(np.float64))
    samples = samples[np.isfinite(samples)]
    if not samples.size:
        return d, NONE, NONE
    low, high = np.quantile(samples, [0.025, 0.975])
    return d, float(low), float(high)
