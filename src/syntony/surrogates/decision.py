"""What an observed statistic is worth beside its values under chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.evidence import Evidence
from syntony.core.notes import Note
from syntony.surrogates.registry import surrogates

EXACT_UP_TO = 14
PSEUDO = "pseudo_dyads"
ROUNDING = 1e-12


def p_values(observed: ArrayLike, null: ArrayLike) -> tuple[Array, Array, Array]:
    """Say how often chance reaches the observed value, which counts as one of the draws.

    ``p_hi = (1 + #{draw >= observed or NaN}) / (B + 1)``,
    ``p_lo = (1 + #{draw <= observed or NaN}) / (B + 1)``, ``p_two = min(1, 2 min(p_hi, p_lo))``.
    A draw without a value (NaN) counts against the finding on both sides, and a tie does too;
    where all draws equal the observed value every p is 1. No p is ever zero.

    Parameters
    ----------
    observed : array_like, shape (...)
    null : array_like, shape (..., n_draws)
        Draws along the last axis.

    Returns
    -------
    p_hi, p_lo, p_two : ndarray of float64, shape (...)
        NaN where the observed value is NaN. Without draws 1.

    Raises
    ------
    InputError
        If ``null`` lacks an axis of draws, or does not fit ``observed``.

    References
    ----------
    .. [1] Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology
       9(1), 39 (the observed value counted as a draw). https://doi.org/10.2202/1544-6115.1585

    Examples
    --------
    >>> [float(p) for p in p_values(0.5, [0.1, 0.2, 0.3, 0.9])]
    [0.4, 0.8, 0.8]
    >>> [float(p) for p in p_values(10.0, [10.0, 10.0, 10.0])]
    [1.0, 1.0, 1.0]
    """
    value = np.asarray(observed, dtype=np.float64)[..., None]
    draws = np.asarray(null, dtype=np.float64)
    if draws.ndim < 1 or draws.ndim != value.ndim:
        raise InputError("null", draws.shape, f"shape {value.shape[:-1]} and an axis of draws")
    both = draws.shape[-1] + 1
    high = (1 + np.count_nonzero(~(draws < value), axis=-1)) / both
    low = (1 + np.count_nonzero(~(draws > value), axis=-1)) / both
    missing = np.isnan(value[..., 0])
    p_hi, p_lo = np.where(missing, np.nan, high), np.where(missing, np.nan, low)
    return p_hi, p_lo, np.minimum(1.0, 2.0 * np.minimum(p_hi, p_lo))


def z_score(observed: float, null: Array) -> float:
    """``(observed - mean of draws) / SD of draws`` (n - 1), over the draws that have a value.

    NaN where fewer than two have one or they do not vary.

    Examples
    --------
    >>> import numpy as np
    >>> z_score(3.0, np.array([0.0, 1.0, 2.0, np.nan]))
    2.0
    """
    there = null[np.isfinite(null)]
    if there.size < 2 or np.ptp(there) <= ROUNDING * np.abs(there).max():
        return float("nan")
    return float((observed - there.mean()) / there.std(ddof=1))


def evidence(observed: float, null: Array, surrogate: str, seed: int) -> Evidence:
    """Put an observed statistic beside its draws; ``p_one`` is the upper one.

    Parameters
    ----------
    observed : float
        NaN gives NaN for p and z.
    null : ndarray of float64, shape (n_draws,)
        The same statistic, through its whole path, in every draw; NaN where it had no value.
    surrogate : str
        Name on the list of surrogates.
    seed : int
        Seed of the run.

    Returns
    -------
    Evidence

    Examples
    --------
    >>> import numpy as np
    >>> found = evidence(2.0, np.array([0.0, 1.0, -1.0]), "shift_thirds", 7)
    >>> found.p_one, found.z
    (0.25, 2.0)
    """
    p_hi, _, p_two = p_values(observed, null)
    return Evidence(
        observed=float(observed),
        null=null,
        p_one=float(p_hi),
        p_two=float(p_two),
        z=z_score(observed, np.asarray(null, dtype=np.float64)),
        surrogate=surrogate,
        seed=seed,
    )


class SignFlip(NamedTuple):
    """Outcome of a sign-flip test; ``draws`` are the patterns beside the observed one."""

    p_one: float
    p_two: float
    draws: int
    exact: bool


def sign_flip(
    values: ArrayLike,
    rng: np.random.Generator,
    draws: int = 9999,
    *,
    blocks: Sequence[int] | None = None,
) -> SignFlip:
    """Test whether one value per dyad lies above zero, by turning signs round.

    Under the null each dyad's value is as likely to be ``+v`` as ``-v``. The statistic is the
    mean. Dyads that share people are not independent: they are turned together, as one block.
    Up to 14 blocks all ``2^N`` patterns are gone through, the observed one among them, so
    that p is the share of patterns that reach the observed mean; this is the +1 of
    :func:`p_values` with the ``2^N - 1`` others as draws. Above 14 blocks ``draws`` random
    patterns are used with the same +1. With N blocks no two-sided p is below ``2^(1 - N)``.

    Parameters
    ----------
    values : array_like, shape (n_dyads,)
        One per dyad, never one per session; for example z against the dyad's own surrogates.
        NaN is left out (count what is finite to say how many dyads there were).
    rng : numpy.random.Generator
    draws : int, default 9999
        Random patterns above 14 blocks.
    blocks : sequence of int, length n_dyads, optional
        Block of each dyad, from :func:`syntony.surrogates.blocks.blocks_of`. Without it every
        dyad is a block of its own.

    Returns
    -------
    SignFlip
        ``p_one`` (upper), ``p_two``, ``draws``, ``exact``. NaN without any value.

    Raises
    ------
    InputError
        If ``values`` is no list of numbers, ``blocks`` is not as long, or ``draws`` is under 1.

    Examples
    --------
    >>> import numpy as np
    >>> sign_flip([1.0, 2.0, 3.0], np.random.default_rng(0))
    SignFlip(p_one=0.125, p_two=0.25, draws=7, exact=True)
    >>> sign_flip([1.0, 2.0, 3.0], np.random.default_rng(0), blocks=[0, 0, 1])
    SignFlip(p_one=0.25, p_two=0.5, draws=3, exact=True)
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1:
        raise InputError("values", given.shape, "shape (n_dyads,)")
    if draws < 1:
        raise InputError("draws", draws, "at least 1")
    if blocks is not None and len(blocks) != given.size:
        raise InputError("blocks", len(blocks), f"one for each of the {given.size} values")
    v = _block_sums(given, blocks)
    if not v.size:
        return SignFlip(float("nan"), float("nan"), 0, True)
    exact = v.size <= EXACT_UP_TO
    if exact:
        patterns = (np.arange(1, 2**v.size)[:, None] >> np.arange(v.size)) & 1
        sums = v.sum() - 2.0 * (patterns @ v)
    else:
        sums = _random_sums(v, rng, draws)
    slack = ROUNDING * np.abs(v).sum()
    p_hi = (1 + np.count_nonzero(sums >= v.sum() - slack)) / (sums.size + 1)
    p_lo = (1 + np.count_nonzero(sums <= v.sum() + slack)) / (sums.size + 1)
    return SignFlip(float(p_hi), float(min(1.0, 2.0 * min(p_hi, p_lo))), sums.size, exact)


def _block_sums(given: Array, blocks: Sequence[int] | None) -> Array:
    """Sum of what is there in every block that has a value."""
    there = np.isfinite(given)
    if blocks is None or not there.any():
        return given[there]
    block = np.unique(np.asarray(blocks)[there], return_inverse=True)[1]
    sums = np.zeros(int(block.max()) + 1)
    np.add.at(sums, block, given[there])
    return sums


def _random_sums(v: Array, rng: np.random.Generator, draws: int, at_once: int = 2**20) -> Array:
    """Add up under random signs, a piece at a time so that memory stays small."""
    rows = max(1, at_once // v.size)
    return np.concatenate(
        [
            v.sum() - 2.0 * (rng.integers(0, 2, (min(rows, draws - k), v.size)) @ v)
            for k in range(0, draws, rows)
        ]
    )


_PARTNERS = {
    PSEUDO: "people who never met",
    "stimulus_pairs": "people who went through the same stimulus apart",
    "pseudo_sessions": "the same two people in different sessions",
}
_SHORT = {
    PSEUDO: "strangers",
    "stimulus_pairs": "strangers with the same stimulus",
    "pseudo_sessions": "other sessions of the same two",
}
_COMMON = {
    PSEUDO: "what sessions of this kind have in common at the same minutes, such as settling at "
    "the start, rising at the end or the same task",
    "stimulus_pairs": "what the stimulus does to everybody at the same moments",
    "pseudo_sessions": "what the sessions of two people have in common at the same minutes, such "
    "as their habits or settling at the start",
}
_OUT_OF_STEP = "the same signals out of step"
_RHYTHMS = "signals of the same rhythms, each at a random moment"
_RESPONSES = "the same responses on the same slow levels at other times"
_MADE = {
    "phase_randomisation": _RHYTHMS,
    "iaaft": _RHYTHMS,
    "autoregressive": "noise as sluggish as they are",
    "event_shuffle": _RESPONSES,
    "interval_shuffle": _RESPONSES,
}
_LIKENESS = {
    "circular_shift": "a likeness of the two signals that is there at any displacement, such as "
    "a similar rhythm or a similar course of activity",
    "shift_thirds": "a likeness of the two signals that is there at any displacement inside a "
    "third of the session, such as a similar rhythm, or a course over the session that is theirs",
    "segment_shuffle": "a likeness of any stretch of the one with any stretch of the other, such "
    "as a similar rhythm or similar single responses",
    "phase_randomisation": "a likeness of their rhythms, whatever their timing",
    "iaaft": "a likeness of their rhythms or of their values, whatever their timing",
    "autoregressive": "a likeness of how sluggish they are",
    "event_shuffle": "a likeness of their slow levels, or of how many responses they have and of "
    "what shape",
    "interval_shuffle": "a likeness of their slow levels, or of their responses and the waits "
    "between them",
}
_APART = {
    "stimulus_pairs": (
        "what the stimulus does to everybody at the same moments",
        "what sessions of one number have in common beyond their stimulus",
    ),
    "pseudo_sessions": (
        "something of these two that is there in every session of theirs, not the session they "
        "shared,",
        "what sessions of one number have in common at the same minutes",
    ),
}
"""Said where strangers are exceeded and the other partners are not, and the reverse."""


def disagreement(*evidences: Evidence, where: str, alpha: float = 0.05) -> Note | None:
    """Say when two kinds of chance lead to different answers, and what would explain it.

    Parameters
    ----------
    *evidences : Evidence
        The same statistic beside each surrogate. Compared are people who never met
        (``pseudo_dyads``; without them the first other kind of partners) with every surrogate
        drawn from the pair itself, and with every other kind of partners.
    where : str
        Session or study it concerns.
    alpha : float, default 0.05
        They disagree where one ``p_one`` lies below it and the other does not.

    Returns
    -------
    Note or None
        One sentence a surrogate that disagrees, with the shared structure that explains it.
        None where all agree, or only one side has a p.

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.arange(99.0)
    >>> note = disagreement(
    ...     evidence(50.0, draws, "pseudo_dyads", 1), evidence(200.0, draws, "shift_thirds", 1),
    ...     where="d01s03",
    ... )
    >>> note.code
    'surrogates-disagree'
    """
    there = [e for e in evidences if np.isfinite(e.p_one)]
    partners = sorted(
        (e for e in there if e.surrogate in _PARTNERS), key=lambda e: e.surrogate != PSEUDO
    )
    if not partners:
        return None
    first, *others = partners
    if first.surrogate != PSEUDO:
        others = []
    inside = [e for e in there if e.surrogate not in _PARTNERS]
    said = [
        _why(first, e, alpha)
        for e in (*inside, *others)
        if (first.p_one < alpha) != (e.p_one < alpha)
    ]
    return Note(where, "surrogates-disagree", " ".join(said)) if said else None


def _why(partners: Evidence, other: Evidence, alpha: float) -> str:
    """One sentence on what explains that the two nulls differ."""
    who = _PARTNERS[partners.surrogate]
    entry = surrogates().get(other.surrogate)
    title = (entry.title if entry else other.surrogate).partition(" (")[0].lower()
    figures = (
        f"(p = {partners.p_one:.3f} beside {who}, {partners.null.size} draws; p = "
        f"{other.p_one:.3f} beside {_PARTNERS.get(other.surrogate, f'the {title}')})"
    )
    made = _PARTNERS.get(other.surrogate) or _MADE.get(other.surrogate, _OUT_OF_STEP)
    exceeds = partners.p_one < alpha
    more, less, few = (who, made, other) if exceeds else (made, who, partners)
    floor = 1.0 / (few.null.size + 1)
    if floor >= alpha:
        return (
            f"More than {more}, but there are too few draws of {less} to tell whether they show as "
            f"much {figures}: so few cannot give a p below {floor:.3f}."
        )
    head = f"More than {more}, but no more than {less} {figures}:"
    if other.surrogate in _APART:
        return f"{head} {_APART[other.surrogate][0 if exceeds else 1]} explains it."
    if exceeds:
        likeness = _LIKENESS.get(other.surrogate, "a likeness that this surrogate keeps")
        short = _SHORT[partners.surrogate]
        return f"{head} what exceeds {short} is {likeness}, not the timing of moments."
    return f"{head} {_COMMON[partners.surrogate]}, explains it."
