"""A whole study beside chance: all its dyads against re-pairings of its people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints, frozen_array
from syntony.core.errors import InputError
from syntony.surrogates.decision import ROUNDING, p_values, z_score
from syntony.surrogates.derangements import derangements, why_none
from syntony.surrogates.effects import effect_d, effect_delta

NONE = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyTest:
    """The mean index of all dyads beside its values when everybody gets a stranger.

    Attributes
    ----------
    observed : float
        Mean real index over the dyads tested.
    null : ndarray of float64, shape (n_draws,)
        On the scale of ``observed``: the observed mean plus (mean pseudo index - mean real
        index cut to the same lengths), drawn out by ``spread`` around its own mean. Empty
        where the study is not testable.
    p_one, p_two : float
        Upper, and two-sided, beside ``null``; NaN where not testable.
    p_plain : float
        Upper p beside the differences as they are. Too small with few dyads: see Notes of
        :func:`study_test`.
    spread : float
        By how much the differences were drawn out; 1.22 for 6 dyads who are all strangers,
        1.02 for 60.
    z : float
        (observed - mean of draws) / SD of draws.
    d, d_low, d_high : float
        Real beside pseudo-dyads in SDs of the pseudo-dyads, with the 95 % bootstrap interval
        over dyads (:func:`syntony.surrogates.effects.effect_d`).
    delta, delta_low, delta_high : float
        Cliff's delta of real beside pseudo-dyads, with the same kind of interval
        (:func:`syntony.surrogates.effects.effect_delta`).
    n_dyads : int
        Dyads tested.
    n_missing, n_alone : int
        Dyads left out because their real index is NaN, and because nobody is an admissible
        stranger for one of their two people.
    n_pairs, n_pairs_missing : int
        Pseudo-dyads used, and admissible ones left out because they have no index.
    draws : int
        Re-pairings of the whole study drawn; all there are where they are few.
    floor : float
        Smallest p that so many draws can give, 1 / (draws + 1).
    status : str
        ``"ok"``, or why the study is not testable.
    differences : ndarray of float64, shape (n_dyads_given,)
        Per dyad, what its real index has beyond what its two people show with strangers
        (both main effects taken out, see Notes of :func:`study_test`); NaN where left out.
        For :func:`syntony.surrogates.decision.sign_flip`.
    """

    observed: float
    null: Array
    p_one: float
    p_two: float
    p_plain: float
    spread: float
    z: float
    d: float
    d_low: float
    d_high: float
    delta: float
    delta_low: float
    delta_high: float
    n_dyads: int
    n_missing: int
    n_alone: int
    n_pairs: int
    n_pairs_missing: int
    draws: int
    floor: float
    status: str
    differences: Array

    def __post_init__(self) -> None:
        for name in ("null", "differences"):
            object.__setattr__(self, name, frozen_array(name, getattr(self, name)))


def study_test(
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
) -> StudyTest:
    """Test the mean index of a study against re-pairings in which everybody has a stranger.

    Each draw is a derangement s that keeps roles: the first person of dyad i meets the second
    person of dyad s(i), everybody once. Its mean pseudo index is compared with the mean real
    index of the same dyads, each cut to the length of the pair it is compared with.

    Parameters
    ----------
    real : ndarray of float64, shape (n_dyads,)
        Index of each dyad. NaN is left out, with its dyad, and counted. Several sessions a
        dyad: make one row of them first, with :func:`by_dyad`.
    pseudo : ndarray of float64, shape (n_dyads, n_dyads)
        [i, j]: index of the first person of i beside the second person of j.
    real_cut : ndarray of float64, shape (n_dyads, n_dyads)
        [i, j]: real index of dyad i at the length that pair (i, j) has.
    allowed : ndarray of bool, shape (n_dyads, n_dyads)
        Who may be paired, from :func:`syntony.surrogates.partners.admissible`.
    rng : numpy.random.Generator
    draws : int, default 999
        Derangements; fewer where fewer exist.
    bootstrap : int, default 2000
        Samples of dyads for the interval of d.
    min_dyads : int, default 6
        Fewer dyads are not tested.
    labels : sequence of str, optional
        Names of the dyads, for the sentence that says why there is no test; else positions.
    people : two sequences of str, optional
        Ids of the first and of the second person of each dyad. Give them wherever somebody is
        in several dyads, such as a therapist of many patients; without them everybody counts
        as a different person, and p is too small where such a person's recordings are alike.

    Returns
    -------
    StudyTest

    Raises
    ------
    InputError
        If the shapes do not fit.

    Notes
    -----
    ``p_hi = (1 + #{mean_i pseudo[i, s(i)] >= mean_i real_cut[i, s(i)] or NaN}) / (draws + 1)``,
    and mirrored for p_lo. This is ``p_plain``. It is too small with few dyads, because
    re-pairings share pairs with each other but none with the real pairing, so that their means
    lie closer together than the real mean lies to them. Where pairs differ from each other only
    by chance, the variances are as ``n + S`` to ``n - S``, with S the sum over pairs of the
    squared share of draws that hold the pair: n / (n - 2) where everybody is a stranger to
    everybody else. Where a person comes with several recordings, the pairs of one first person
    with all recordings of one second person may be alike; how much so (the correlation of what
    rows and columns leave over) is estimated from the matrix, and the ratio weighted with it.
    ``null`` is drawn out around its mean by the root of that ratio, and ``p_one`` and ``p_two``
    are those of the formula beside ``null``.

    Of simulated studies without coupling, at .05: 12 dyads of 4 therapists whose habits recur in
    all their sessions 6.3 % with ``people`` and 8.3 % without (3000 studies), ``p_plain`` 10.7 %
    (2000 of them); 30 dyads of 10 such therapists 5.6 %, 6.4 % and 7.6 % (2000). Where nobody
    has habits 4.6 % and 4.8 %, ``p_plain`` 6.7 % and 5.6 % (2000 each). So with few dyads and
    such therapists p remains a little too small.

    A pseudo-dyad without an index (too little in common that is valid) is
    avoided where some derangement can do without it; how many there were is counted. Where
    none can, the draws that hold one are NaN and count against the finding.

    A person who is in step with everybody, stranger or not, raises a row or a column of the
    matrix. Every derangement uses each row and column once, so such persons do not make a
    finding. ``differences`` takes them out as well:
    the real index less the additive fit (row + column) to the pseudo values, each of these
    shifted by what cutting changed in the real index.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> index = rng.standard_normal((8, 8))
    >>> real = np.diag(index) + 2.0
    >>> found = study_test(
    ...     real, index, np.repeat(real[:, None], 8, axis=1), ~np.eye(8, dtype=bool), rng
    ... )
    >>> found.status, found.p_one < 0.05, found.n_dyads
    ('ok', True, 8)
    """
    real, pseudo, real_cut = (np.asarray(v, dtype=np.float64) for v in (real, pseudo, real_cut))
    _check_shapes(real, pseudo=pseudo, real_cut=real_cut, allowed=allowed)
    there = np.isfinite(real)
    kept = _with_partners(allowed & there[:, None] & there[None, :])
    here = np.ix_(kept, kept)
    beyond, may = pseudo[here] - real_cut[here], allowed[here]
    usable = may & np.isfinite(beyond)
    names = [str(k) if labels is None else labels[k] for k in kept.tolist()]
    status = _status(names, min_dyads, may)
    counts = {
        "n_dyads": int(kept.size),
        "n_missing": int((~there).sum()),
        "n_alone": int(there.sum()) - kept.size,
        "n_pairs": int(usable.sum()),
        "n_pairs_missing": int((may & ~usable).sum()),
    }
    if status != "ok":
        return _not_testable(real[kept], real.size, status, counts)
    swaps = derangements(usable if why_none(usable) is None else may, draws, rng)
    observed = float(real[kept].mean())
    difference = _mean_difference(beyond, swaps)
    level = np.where(usable, beyond + real[kept][:, None], np.nan)
    spread = drawing_out(swaps, same_people(people, kept, real.size))(level)
    middle = float(np.nanmean(difference)) if np.isfinite(difference).any() else NONE
    null = observed + middle + spread * (difference - middle)
    d, low, high = effect_d(real[kept], level, rng, bootstrap)
    delta, delta_low, delta_high = effect_delta(real[kept], level, rng.spawn(1)[0], bootstrap)
    differences = np.full(real.size, np.nan)
    differences[kept] = real[kept] - np.diag(_additive(level))
    p_hi, _, p_two = p_values(observed, null)
    return StudyTest(
        observed=observed,
        null=null,
        p_one=float(p_hi),
        p_two=float(p_two),
        p_plain=float(p_values(0.0, difference)[0]),
        spread=spread,
        z=z_score(observed, null),
        d=d,
        d_low=low,
        d_high=high,
        delta=delta,
        delta_low=delta_low,
        delta_high=delta_high,
        draws=null.size,
        floor=1.0 / (null.size + 1),
        status="ok",
        differences=differences,
        **counts,
    )


def _check_shapes(real: Array, **matrices: Array | Bools) -> None:
    """Refuse matrices that do not belong to these dyads."""
    if real.ndim != 1:
        raise InputError("real", real.shape, "shape (n_dyads,)")
    for name, matrix in matrices.items():
        if matrix.shape != (real.size, real.size):
            raise InputError(
                name, matrix.shape, f"shape ({real.size}, {real.size}), one row for each of real"
            )


def _not_testable(real: Array, n: int, status: str, counts: dict[str, int]) -> StudyTest:
    """Give the result without a test: the mean, the counts and the reason."""
    return StudyTest(
        observed=float(real.mean()) if real.size else NONE,
        null=np.empty(0),
        p_one=NONE,
        p_two=NONE,
        p_plain=NONE,
        spread=NONE,
        z=NONE,
        d=NONE,
        d_low=NONE,
        d_high=NONE,
        delta=NONE,
        delta_low=NONE,
        delta_high=NONE,
        draws=0,
        floor=NONE,
        status=status,
        differences=np.full(n, np.nan),
        **counts,
    )


def by_dyad(
    labels: Sequence[str], real: Array, pseudo: Array, real_cut: Array, allowed: Bools
) -> tuple[tuple[str, ...], Array, Array, Array, Bools]:
    """Make one row and column per dyad of a matrix with several sessions a dyad.

    A pair of dyads is compared on the sessions that can be paired (same type and number) and
    have an index: the pseudo index is their mean, and the cut real index the mean of the first
    dyad's real index over the same sessions.

    Parameters
    ----------
    labels : sequence of str, length n_sessions
        Dyad of each session.
    real : ndarray of float64, shape (n_sessions,)
    pseudo, real_cut : ndarray of float64, shape (n_sessions, n_sessions)
    allowed : ndarray of bool, shape (n_sessions, n_sessions)

    Returns
    -------
    dyads : tuple of str, in order of appearance
    real, pseudo, real_cut, allowed
        As given, but one per dyad. ``real`` is the mean over the dyad's sessions, NaN left
        out; a pair of dyads is allowed where any of their sessions is.

    Examples
    --------
    >>> import numpy as np
    >>> allowed = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], dtype=bool)
    >>> dyads, real, *_ = by_dyad(
    ...     ["a", "a", "b"], np.array([1.0, 3.0, 5.0]), np.zeros((3, 3)), np.zeros((3, 3)), allowed
    ... )
    >>> dyads, real.tolist()
    (('a', 'b'), [2.0, 5.0])
    """
    names = tuple(dict.fromkeys(labels))
    place = {name: k for k, name in enumerate(names)}
    member = np.zeros((len(names), len(labels)))
    member[[place[label] for label in labels], np.arange(len(labels))] = 1.0
    usable = allowed & np.isfinite(pseudo) & np.isfinite(real_cut)

    def collapsed(values: Array, weights: Array) -> Array:
        total = member @ (np.where(weights > 0, values, 0.0)) @ member.T
        count = member @ weights @ member.T
        out: Array = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
        return out

    has = np.isfinite(real)
    number = member @ has
    mean = np.divide(
        member @ np.where(has, real, 0.0),
        number,
        out=np.full(len(names), np.nan),
        where=number > 0,
    )
    weights = usable.astype(np.float64)
    may: Bools = member @ allowed @ member.T > 0
    return names, mean, collapsed(pseudo, weights), collapsed(real_cut, weights), may


def _with_partners(allowed: Bools) -> Ints:
    """Positions that have an admissible partner in both roles among each other."""
    kept = np.arange(len(allowed))
    while True:
        grid = allowed[np.ix_(kept, kept)]
        good = grid.any(axis=0) & grid.any(axis=1)
        if good.all():
            return kept
        kept = kept[good]


def _status(names: Sequence[str], min_dyads: int, allowed: Bools) -> str:
    """Say "ok", or why there is no test."""
    if len(names) < min_dyads:
        dyads = "dyad" if len(names) == 1 else "dyads"
        return f"not testable: {len(names)} {dyads}, at least {min_dyads} are needed"
    reason = why_none(allowed, labels=names, noun="dyad")
    if reason is not None:
        return f"not testable: not everybody can have a stranger at once; {reason}"
    return "ok"


def _mean_difference(beyond: Array, swaps: Ints) -> Array:
    """Mean over dyads of pseudo less cut real, per derangement; rounding is not a difference."""
    drawn = beyond[np.arange(len(beyond)), swaps]
    means: Array = drawn.mean(axis=1)
    means[np.abs(means) <= ROUNDING * np.abs(drawn).mean(axis=1)] = 0.0
    return means


def drawing_out(swaps: Ints, same: Ints) -> Callable[[Array], float]:
    """Say by how much draws must be drawn out around their mean: Notes of :func:`study_test`.

    Parameters
    ----------
    swaps : ndarray of int64, shape (n_draws, n)
        Derangements.
    same : ndarray of int64, shape (n, n)
        Who the two people of a cell are, from :func:`same_people`.

    Returns
    -------
    callable
        Takes pseudo indices on the scale of the real one, shape (n, n), NaN where there is no
        such pair; gives the ratio. The same draws serve many ways of computing an index.
    """
    own = np.arange(same.size).reshape(same.shape)
    sides = tuple(zip(_variances(swaps, own), _variances(swaps, same), strict=True))

    def spread(level: Array) -> float:
        alike = _alike(level, same)
        real, draws = ((1.0 - alike) * apart + alike * together for apart, together in sides)
        return float(np.sqrt(real / draws)) if draws > ROUNDING * len(same) else 1.0

    return spread


def same_people(people: tuple[Sequence[str], Sequence[str]] | None, kept: Ints, n: int) -> Ints:
    """Give each cell the number of its two people, shape (n_kept, n_kept)."""
    if people is None:
        return np.arange(kept.size**2).reshape(kept.size, kept.size)
    for side in people:
        if len(side) != n:
            raise InputError("people", len(side), f"one id for each of the {n} dyads on each side")
    first, second = (np.unique(np.array(side)[kept], return_inverse=True)[1] for side in people)
    cells: Ints = first[:, None] * (int(second.max()) + 1) + second[None, :]
    return cells.astype(np.int64)


def _alike(level: Array, same: Ints) -> float:
    """Correlation of cells with the same two people, beyond row and column; 0 to 1."""
    left = (level - _additive(level))[np.isfinite(level)]
    cells = np.unique(same[np.isfinite(level)], return_inverse=True)[1]
    count, total = np.bincount(cells), np.bincount(cells, left)
    pairs = float((count * (count - 1)).sum())
    variance = float((left**2).mean())
    if not pairs or variance <= 0:
        return 0.0
    together = (total**2).sum() - (left**2).sum()
    return float(np.clip(together / pairs / variance, 0.0, 1.0))


def _variances(swaps: Ints, cells: Ints) -> tuple[float, float]:
    """Squared distance of the real pairing, and of a draw, from the mean of the draws.

    Counted in cells; two pairs in one cell count together.
    """
    draws, n = swaps.shape
    number = int(cells.max()) + 1
    drawn = cells[np.arange(n), swaps]
    mean = np.bincount(drawn.ravel(), minlength=number) / draws
    real = np.bincount(np.diag(cells), minlength=number)
    times = np.unique(drawn + number * np.arange(draws)[:, None], return_counts=True)[1]
    squares = float((times.astype(np.float64) ** 2).sum()) / draws
    return float(((real - mean) ** 2).sum()), squares - float((mean**2).sum())


def _additive(level: Array, rounds: int = 200) -> Array:
    """Fit row + column to the cells that are there, by turns; a value for every cell."""
    has = np.isfinite(level)
    filled = np.where(has, level, 0.0)
    rows, columns = np.zeros(len(level)), np.zeros(len(level))
    per_row, per_column = np.maximum(1, has.sum(axis=1)), np.maximum(1, has.sum(axis=0))
    for _ in range(rounds):
        before = rows + columns
        rows = (filled - has * columns[None, :]).sum(axis=1) / per_row
        columns = (filled - has * rows[:, None]).sum(axis=0) / per_column
        if np.abs(rows + columns - before).max() <= 1e-10 * (1.0 + np.abs(before).max()):
            break
    fitted: Array = rows[:, None] + columns[None, :]
    return fitted
