"""Two ratings compared over a whole study, beside strangers and beside rotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.seeds import rng_for
from syntony.link.accuracy.continuous import (
    MOST_Z,
    accuracy_of_rotations,
    accuracy_on_cuts,
    accuracy_with_everybody,
    extent,
    follow,
)
from syntony.link.accuracy.pooling import blocks_in, pooled
from syntony.link.accuracy.reaction import lag_profiles, without_own
from syntony.link.finding import Finding
from syntony.link.intervals import beside, by_dyad, mean_there
from syntony.link.turns import spread_as_all
from syntony.surrogates.codes import rotation_count, rotation_offsets
from syntony.surrogates.study import by_dyad as dyads_of
from syntony.surrogates.study import study_test

STRANGERS = "pseudo_dyads"
ROTATION = "rating_rotation"
_TURNS = 300  # of all turns of a session, to know their spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two ratings are compared: the same for real pairs, strangers and rotations.

    Attributes
    ----------
    rate_hz : float
    lag : {"zero", "fixed", "best", "estimated"}
        As in the recipe.
    lag_s, max_lag_s : float
    min_valid_s : float
    rotations : int
        0: none.
    min_rotation_s : float
    """

    rate_hz: float = 1.0
    lag: str = "zero"
    lag_s: float = 0.0
    max_lag_s: float = 3.0
    min_valid_s: float = 60.0
    rotations: int = 999
    min_rotation_s: float = 60.0

    @property
    def least(self) -> int:
        """Joint samples that an accuracy needs."""
        return max(3, int(np.ceil(self.min_valid_s * self.rate_hz - 1e-9)))

    @property
    def reach(self) -> range:
        """Lags within ``max_lag_s``, in samples."""
        most = int(np.floor(self.max_lag_s * self.rate_hz + 1e-9))
        return range(-most, most + 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """What came of comparing two ratings in every session.

    Attributes
    ----------
    same : ndarray of bool, shape (n_sessions,)
        Where the two ratings are one recording (r of 1): no two people move two dials alike, so
        that such a session has no z.
    z, lag_s, seconds, share : ndarray of float64, shape (n_sessions,)
        Fisher z; lag at which it was read (s); seconds both rated; their share of the stretch
        that the second rating covers.
    strangers, cuts : ndarray of float64, shape (n_sessions, n_sessions)
        First rating of i with second rating of j, and the real pair of i on the stretch of j.
    rotations : ndarray of float64, shape (n_sessions, n_draws)
        NaN throughout where a session is too short to be rotated.
    """

    same: Bools
    z: Array
    lag_s: Array
    seconds: Array
    share: Array
    strangers: Array
    cuts: Array
    rotations: Array


def compare(
    first: Array,
    second: Array,
    dyads: Sequence[str],
    how: Comparison,
    *,
    seed: int,
    names: Sequence[str],
) -> Compared:
    """Compare the ratings of every session, with strangers and rotations by the same path.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_sessions, n_samples)
        The perceiver's rating and the truth, on one axis of time; NaN where missing.
    dyads : sequence of str, length n_sessions
    how : Comparison
    seed : int
        With ``names`` (of the sessions), decides the rotations.
    names : sequence of str, length n_sessions
    """
    whole = first
    if how.lag == "fixed":
        shift = np.full(len(first), round(how.lag_s * how.rate_hz))
    elif how.lag == "estimated":
        lag_s = np.array(how.reach) / how.rate_hz
        profiles = lag_profiles(first, second, lags=how.reach, least=how.least)
        shift = np.rint(without_own(profiles, dyads, lag_s) * how.rate_hz).astype(int)
    else:
        shift = np.zeros(len(first), dtype=int)
    first = np.stack([follow(row, int(k)) for row, k in zip(whole, shift, strict=True)])
    lags: Sequence[int] = how.reach if how.lag == "best" else (0,)
    everybody = accuracy_with_everybody(first, second, lags=lags, least=how.least)
    inside = np.zeros(second.shape)
    for row, values in zip(inside, second, strict=True):
        start, stop = extent(values)
        row[start:stop] = 1.0
    both = (np.isfinite(first) & np.isfinite(second)).sum(axis=1)
    own = np.diag(everybody.z)
    same = own >= MOST_Z
    return Compared(
        same=same,
        z=np.where(same, np.nan, own),
        lag_s=(np.diag(everybody.lag) + shift) / how.rate_hz,
        seconds=both / how.rate_hz,
        share=both / np.maximum(inside.sum(axis=1), 1.0),
        strangers=everybody.z,
        cuts=accuracy_on_cuts(first, second, inside, lags=lags, least=how.least),
        rotations=_rotated(first, second, lags, how, seed, names),
    )


def _rotated(
    first: Array,
    second: Array,
    lags: Sequence[int],
    how: Comparison,
    seed: int,
    names: Sequence[str],
) -> Array:
    """Fisher z of every rotation of every session."""
    drawn = np.full((len(first), how.rotations), np.nan)
    for k, name in enumerate(names):
        start, stop = extent(first[k])
        facts = {"min_shift_s": how.min_rotation_s, "rate_hz": how.rate_hz}
        if not how.rotations or not rotation_count(stop - start, **facts):
            continue
        rng = rng_for(seed, "rating rotation", name)
        offsets = rotation_offsets(stop - start, how.rotations, rng, **facts)
        every = np.arange(0, stop - start, max(1, (stop - start) // _TURNS))
        told = accuracy_of_rotations(
            first[k], second[k], np.concatenate([offsets, every]), lags=lags, least=how.least
        )
        drawn[k] = spread_as_all(told[: offsets.size], told[offsets.size :])
    return drawn


def against_strangers(
    found: Compared,
    dyads: Sequence[str],
    allowed: Bools,
    people: tuple[Sequence[str], Sequence[str]],
    rng: np.random.Generator,
    *,
    facts: Mapping[str, Any],
    draws: int = 999,
    bootstrap: int = 2000,
    min_dyads: int = 6,
    block_of: Mapping[str, int] | None = None,
) -> Finding:
    """The mean z over dyads beside re-pairings in which every perceiver has another target.

    Parameters
    ----------
    found : Compared
    dyads : sequence of str, length n_sessions
    allowed : ndarray of bool, shape (n_sessions, n_sessions)
        Whether perceiver i may be laid beside target j.
    people : two sequences of str, length n_sessions
        Ids of perceivers and of targets.
    rng : numpy.random.Generator
    facts : mapping
        Fields of the Finding that say what it is about.
    draws, bootstrap, min_dyads
        As in :func:`syntony.surrogates.study.study_test`.
    block_of : mapping of str to int, optional
        Block of each dyad: those of one number share people, and the interval of the mean takes
        them together (:func:`syntony.link.accuracy.pooling.pooled`). None: nobody is shared.
    """
    labels, real, pseudo, cuts, may = dyads_of(
        list(dyads), found.z, found.strangers, found.cuts, allowed
    )
    ids = tuple(
        [
            "+".join(sorted({p for p, d in zip(side, dyads, strict=True) if d == name}))
            for name in labels
        ]
        for side in people
    )
    tested = study_test(
        real,
        pseudo,
        cuts,
        may,
        rng,
        draws=draws,
        bootstrap=bootstrap,
        min_dyads=min_dyads,
        labels=labels,
        people=(ids[0], ids[1]),
    )
    where = beside(tested.observed, tested.null)
    level = pooled(real, blocks=blocks_in(labels, block_of))
    more = {
        "blocks": level.blocks,
        "pseudo_pairs": tested.n_pairs,
        "floor": tested.floor,
        "dyads_missing": tested.n_missing,
    }
    return Finding(
        **_facts(found, dyads, facts, more),
        surrogate=STRANGERS,
        n_dyads=level.n,
        n_sessions=int(np.isfinite(found.z).sum()),
        value=level.value,
        low=level.low,
        high=level.high,
        null_mean=where.mean,
        null_low=where.low,
        null_high=where.high,
        z=tested.z,
        d=tested.d,
        d_low=tested.d_low,
        d_high=tested.d_high,
        p_one=tested.p_one,
        p_two=tested.p_two,
        draws=tested.draws,
        cliffs_delta=tested.delta,
        cliffs_delta_low=tested.delta_low,
        cliffs_delta_high=tested.delta_high,
        superiority=(tested.delta + 1) / 2,
        status=tested.status,
    )


def against_rotations(
    found: Compared,
    dyads: Sequence[str],
    *,
    facts: Mapping[str, Any],
    min_dyads: int = 6,
    block_of: Mapping[str, int] | None = None,
) -> Finding:
    """The mean z over dyads beside ratings turned round within every session at once.

    A session too short to be rotated is left out of value and chance alike, and counted.
    ``block_of`` is that of :func:`against_strangers`.
    """
    usable = np.isfinite(found.z) & np.isfinite(found.rotations).any(axis=1)
    if not usable.any():
        why = "not testable: no session has an accuracy and is long enough to be rotated"
        return Finding(**_facts(found, dyads, facts, {}), surrogate=ROTATION, status=why)
    both = np.concatenate([found.z[:, None], found.rotations], axis=1)[usable]
    names, means = by_dyad(both, [d for d, u in zip(dyads, usable, strict=True) if u])
    level = mean_there(means)
    few = len(names) < min_dyads
    where = beside(float(level[0]), np.empty(0) if few else _all_or_none(means[:, 1:]))
    mean = pooled(means[:, 0], blocks=blocks_in(names, block_of))
    short = int((np.isfinite(found.z) & ~usable).sum())
    more = {"too_short": short, "blocks": mean.blocks}
    done = Finding(
        **_facts(found, dyads, facts, more),
        surrogate=ROTATION,
        n_dyads=len(names),
        n_sessions=int(usable.sum()),
        value=mean.value,
        low=mean.low,
        high=mean.high,
    )
    if few:
        why = f"not testable: {len(names)} dyads, at least {min_dyads} are needed"
        return replace(done, status=why)
    return replace(
        done,
        null_mean=where.mean,
        null_low=where.low,
        null_high=where.high,
        z=where.z,
        p_one=where.p_one,
        p_two=where.p_two,
        draws=found.rotations.shape[1],
    )


def _all_or_none(draws: Array) -> Array:
    """Mean over dyads of each draw; a draw that some dyad lacks is NaN and helps no finding."""
    whole = np.isfinite(draws).all(axis=0)
    return np.where(whole, np.where(np.isfinite(draws), draws, 0.0).mean(axis=0), np.nan)


def _facts(
    found: Compared, dyads: Sequence[str], facts: Mapping[str, Any], more: Mapping[str, Any]
) -> dict[str, Any]:
    """What a finding is about, with one value per dyad in its detail."""
    names, means = by_dyad(np.stack([found.z, found.lag_s], axis=1), list(dyads))
    own: dict[str, Any] = {"dyads": names, "values": means[:, 0], "lag_s": means[:, 1]}
    own["same_recording"] = int(found.same.sum())
    level = mean_there(means) if len(names) else np.full(2, np.nan)
    mean = {"r": float(np.tanh(level[0])), "mean_lag_s": float(level[1])}
    detail = {**dict(facts.get("detail", {})), **own, **mean, **more}
    return {k: v for k, v in facts.items() if k != "detail"} | {"detail": detail}
