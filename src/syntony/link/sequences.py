"""Who answers whom: codes of one person after codes of the other, each way, beside chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from syntony.config.sequences import Sequences
from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.following import SCALES, STATISTICS, following, length_of, rotated
from syntony.link.intervals import bca_interval, beside, by_dyad
from syntony.link.paired import paired_difference
from syntony.surrogates.blocks import blocks_of
from syntony.surrogates.codes import rotation_count, rotation_offsets
from syntony.surrogates.multiplicity import false_discovery_rate
from syntony.surrogates.study import by_dyad as matrices_by_dyad
from syntony.surrogates.study import study_test

NAN = float("nan")
ROTATION, STRANGERS, FLIPS = "one_turned", "pseudo_dyads", "sign_flip"
ASYMMETRY = "asymmetry"


@dataclass(frozen=True, kw_only=True, eq=False)
class CodePair:
    """Tracks of one code of each of two people, over sessions.

    Attributes
    ----------
    names : (str, str)
        What the tracks are, such as ``"patient: stress"`` and ``"therapist: coping"``.
    first, second : ndarray of float64, shape (n_sessions, n_intervals)
        1, 0, or NaN where not coded; shorter sessions end in NaN.
    sessions, dyads : tuple of str
    allowed : ndarray of bool, shape (n_sessions, n_sessions)
        ``[i, j]``: the first person of i and the second of j are strangers.
    people : two tuples of str
        First and second person of each session.
    """

    names: tuple[str, str]
    first: Array
    second: Array
    sessions: tuple[str, ...]
    dyads: tuple[str, ...]
    allowed: Bools
    people: tuple[tuple[str, ...], tuple[str, ...]]

    def __post_init__(self) -> None:
        n = len(self.sessions)
        if not (self.first.shape == self.second.shape and len(self.first) == len(self.dyads) == n):
            shapes = (self.first.shape, self.second.shape, len(self.dyads))
            raise InputError("first, second, dyads", shapes, f"one row for each of {n} sessions")

    def turned(self) -> CodePair:
        """The other direction: what followed becomes what is followed."""
        return replace(
            self,
            names=self.names[::-1],
            first=self.second,
            second=self.first,
            allowed=self.allowed.T,
            people=self.people[::-1],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRow:
    """One row of the table ``sequences``.

    Attributes
    ----------
    session, dyad : str
        Empty: over all dyads.
    before, after : str
        Whose code is followed by whose, ``"role: code"``.
    lag, lag_s : int, float
        In intervals and in seconds; positive: ``after`` follows ``before``.
    statistic : str
        ``given_own`` (own state before alike), ``raw``, or ``asymmetry`` (this direction less
        the other, given own).
    scale : str
        ``difference`` of probabilities, or ``log_odds``.
    surrogate : str
        ``pseudo_dyads`` (strangers), ``one_turned`` (the second track turned round within
        the session), ``sign_flip`` (of the asymmetry).
    value, low, high : float
        Mean over dyads with its 95 % interval over dyads; of a session its value.
    null_mean, null_low, null_high, z, p_one, p_two, draws
        What chance gives.
    family, q_exploratory
        Primary is lag 1 given the own state before, beside each kind of chance; q is Benjamini
        and Hochberg's over the other rows of all dyads beside the same chance.
    """

    session: str = ""
    dyad: str = ""
    before: str
    after: str
    lag: int
    lag_s: float
    statistic: str
    scale: str
    surrogate: str = ""
    n_dyads: int = 1
    n_sessions: int = 1
    value: float = NAN
    low: float = NAN
    high: float = NAN
    null_mean: float = NAN
    null_low: float = NAN
    null_high: float = NAN
    z: float = NAN
    p_one: float = NAN
    p_two: float = NAN
    draws: int = 0
    family: str = ""
    q_exploratory: float = NAN
    status: str = "ok"

    def to_row(self) -> dict[str, Any]:
        """Make the row of the table."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def who_follows(
    pair: CodePair,
    settings: Sequences | None = None,
    *,
    seed: int = 0,
    bootstrap: int = 2000,
    min_dyads: int = 6,
    derangements: int = 999,
) -> list[SequenceRow]:
    """Ask both ways how one person's code depends on the other's before, at each lag.

    Two kinds of chance are drawn. *Strangers*: everybody's codes beside those of a stranger at
    the same minute, so that what all dyads do in the course of a session is no answer.
    *Rotation*: one person's track is turned round within the session; each keeps its own
    rhythm, but a course that both share passes for an answer.

    Parameters
    ----------
    pair : CodePair
    settings : Sequences, optional
    seed : int
    bootstrap, min_dyads, derangements : int
        Draws of dyads for the intervals, fewest dyads that are tested, re-pairings drawn.

    Returns
    -------
    list of SequenceRow
        Over dyads for both directions, then the asymmetry, then single sessions. Every dyad
        counts alike, whatever its number of sessions.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> a = (rng.random((8, 60)) < 0.5).astype(float)
    >>> b = np.roll(a, 1, axis=1)  # the second does what the first did before
    >>> names = tuple(f"d{k}" for k in range(8))
    >>> pair = CodePair(names=("P: x", "T: x"), first=a, second=b, sessions=names, dyads=names,
    ...                 allowed=~np.eye(8, dtype=bool), people=(names, names))
    >>> rows = who_follows(pair, Sequences(lags=1, rotations=99), bootstrap=99)
    >>> round(rows[0].value, 1), rows[0].after, rows[0].p_two < 0.05
    (1.0, 'T: x', True)
    """
    settings = settings or Sequences()
    ways = [_Way(p, settings, seed, bootstrap, min_dyads, derangements) for p in
            (pair, pair.turned())]  # fmt: skip
    rows = [row for way in ways for row in way.over_dyads()]
    rows += _asymmetry(*ways)
    return [*_with_families(rows), *(row for way in ways for row in way.by_session())]


class _Way:
    """One direction, with its values of every session and draw."""

    def __init__(
        self,
        pair: CodePair,
        settings: Sequences,
        seed: int,
        bootstrap: int,
        min_dyads: int,
        derangements: int,
    ) -> None:
        self.pair, self.settings, self.seed = pair, settings, seed
        self.bootstrap, self.min_dyads, self.derangements = bootstrap, min_dyads, derangements
        self.turns = [self._turns(k) for k in range(len(pair.sessions))]

    def rng(self, *path: str | int) -> np.random.Generator:
        """Stream of its own for each piece."""
        return rng_for(self.seed, "sequences", *self.pair.names, *path)

    def blocks_of(self, dyads: Sequence[str]) -> tuple[int, ...]:
        """Dyads that share people, put together."""
        pair = self.pair
        met = list(zip(pair.dyads, *pair.people, strict=True))
        return blocks_of([[p for d, *both in met if d == dyad for p in both] for dyad in dyads])

    def _turns(self, k: int) -> Array | None:
        """The second track of a session turned round; None where it is too short."""
        track, s = self.pair.second[k], self.settings
        n, rate = length_of(track), 1.0 / s.interval_s
        if rotation_count(n, min_shift_s=s.min_rotation_s, rate_hz=rate) < 1:
            return None
        offsets = rotation_offsets(
            n,
            s.rotations,
            self.rng("rotation", self.pair.sessions[k]),
            min_shift_s=s.min_rotation_s,
            rate_hz=rate,
        )
        return rotated(track, offsets)

    def real(self, lag: int, statistic: str, scale: str) -> Array:
        """Value of every session, shape (n_sessions,)."""
        return np.array(
            [
                getattr(self._of(a[None], b[None], lag, statistic), scale)[0, 0]
                for a, b in zip(self.pair.first, self.pair.second, strict=True)
            ]
        )

    def _of(self, first: Array, second: Array, lag: int, statistic: str) -> Any:
        given = statistic == "given_own"
        return following(first, second, lag, given_own=given, least=self.settings.least)

    def turned(self, lag: int, statistic: str, scale: str) -> Array:
        """Value of every session with its second track turned, (n_sessions, n_draws)."""
        return np.array(
            [
                np.full(self.settings.rotations, np.nan)
                if turned is None
                else getattr(self._of(a[None], turned, lag, statistic), scale)[0]
                for a, turned in zip(self.pair.first, self.turns, strict=True)
            ]
        )

    def over_dyads(self) -> Iterator[SequenceRow]:
        """Rows over dyads: each lag, statistic and scale beside both kinds of chance."""
        for statistic in STATISTICS:
            for lag in range(1, self.settings.lags + 1):
                for scale in SCALES:
                    yield from self._beside(lag, statistic, scale)

    def _row(self, lag: int, statistic: str, scale: str, **more: Any) -> SequenceRow:
        return SequenceRow(
            before=self.pair.names[0],
            after=self.pair.names[1],
            lag=lag,
            lag_s=lag * self.settings.interval_s,
            statistic=statistic,
            scale=scale,
            **more,
        )

    def _beside(self, lag: int, statistic: str, scale: str) -> Iterator[SequenceRow]:
        """One value over dyads beside strangers, and beside rotation."""
        values = self.real(lag, statistic, scale)
        there = np.isfinite(values)
        _, means = by_dyad(values, list(self.pair.dyads))
        facts: dict[str, Any] = {"n_dyads": means.size, "n_sessions": int(there.sum())}
        if not means.size:
            status = "not testable: no session has both enough of the first code and without it"
            for name in (STRANGERS, ROTATION):
                yield self._row(lag, statistic, scale, surrogate=name, status=status, **facts)
            return
        low, high = bca_interval(
            means, _mean, self.rng("interval", statistic, lag, scale), draws=self.bootstrap
        )
        facts |= {"value": float(means.mean()), "low": low, "high": high}
        yield self._row(
            lag, statistic, scale, **facts | self._strangers(values, lag, statistic, scale)
        )
        yield self._row(
            lag, statistic, scale, **facts | self._rotation(values, lag, statistic, scale)
        )

    def _strangers(self, values: Array, lag: int, statistic: str, scale: str) -> dict[str, Any]:
        """The mean over dyads beside re-pairings of everybody with strangers."""
        pair = self.pair
        pseudo, cut = self._with_strangers(lag, statistic, scale)
        names, real, pseudo, cut, allowed = matrices_by_dyad(
            pair.dyads, values, pseudo, cut, pair.allowed
        )
        first = {d: k for k, d in reversed(list(enumerate(pair.dyads)))}
        people = tuple([side[first[d]] for d in names] for side in pair.people)
        found = study_test(
            real,
            pseudo,
            cut,
            allowed,
            self.rng("strangers", statistic, lag, scale),
            draws=self.derangements,
            bootstrap=99,
            min_dyads=self.min_dyads,
            labels=names,
            people=(people[0], people[1]),
        )
        chance = beside(found.observed, found.null)
        return {
            "surrogate": STRANGERS,
            "null_mean": chance.mean,
            "null_low": chance.low,
            "null_high": chance.high,
            "z": found.z,
            "p_one": found.p_one,
            "p_two": found.p_two,
            "draws": found.draws,
            "status": found.status,
        }

    def _with_strangers(self, lag: int, statistic: str, scale: str) -> tuple[Array, Array]:
        """Every first track beside every second, and the real value at the same length."""
        pair = self.pair
        lengths = [min(length_of(a), length_of(b)) for a, b in
                   zip(pair.first, pair.second, strict=True)]  # fmt: skip
        n = len(lengths)
        pseudo, cut = np.full((n, n), np.nan), np.full((n, n), np.nan)
        for long in sorted(set(lengths)):
            inside = np.arange(pair.first.shape[1]) < long
            one, other = (np.where(inside, t, np.nan) for t in (pair.first, pair.second))
            whole = getattr(self._of(one, other, lag, statistic), scale)
            here = np.minimum.outer(lengths, lengths) == long
            pseudo[here] = whole[here]
            cut[here] = np.repeat(np.diag(whole)[:, None], n, axis=1)[here]
        return pseudo, cut

    def _rotation(self, values: Array, lag: int, statistic: str, scale: str) -> dict[str, Any]:
        """The mean over dyads beside tracks turned within their sessions."""
        usable = np.array([t is not None for t in self.turns]) & np.isfinite(values)
        if not usable.any():
            status = (
                f"not testable: no session is longer than 2 x {self.settings.min_rotation_s:g} s"
            )
            return {"surrogate": ROTATION, "status": status}
        dyads = [d for d, u in zip(self.pair.dyads, usable, strict=True) if u]
        draws = self.turned(lag, statistic, scale)[usable]
        member = np.array([[d == name for d in dyads] for name in dict.fromkeys(dyads)], float)
        member /= member.sum(axis=1, keepdims=True)
        null = (member @ draws).mean(axis=0)  # a draw that lacks a session is missing
        observed = float((member @ values[usable]).mean())
        chance = beside(observed, null)
        return {
            "surrogate": ROTATION,
            "null_mean": chance.mean,
            "null_low": chance.low,
            "null_high": chance.high,
            "z": chance.z,
            "p_one": chance.p_one,
            "p_two": chance.p_two,
            "draws": null.size,
        }

    def by_session(self) -> Iterator[SequenceRow]:
        """Rows of single sessions beside rotation, on the scale of probabilities."""
        for statistic in STATISTICS:
            for lag in range(1, self.settings.lags + 1):
                values = self.real(lag, statistic, "difference")
                turned = self.turned(lag, statistic, "difference")
                for k, session in enumerate(self.pair.sessions):
                    about = {"session": session, "dyad": self.pair.dyads[k]}
                    row = self._row(lag, statistic, "difference", surrogate=ROTATION, **about)
                    yield replace(
                        row, value=float(values[k]), **self._session(values[k], turned[k], k)
                    )

    def _session(self, value: float, draws: Array, k: int) -> dict[str, Any]:
        if not np.isfinite(value):
            return {"status": "not testable: too few intervals with or without the first code"}
        if self.turns[k] is None:
            return {"status": f"not testable: {2 * self.settings.min_rotation_s:g} s or shorter"}
        chance = beside(float(value), draws)
        return {
            "null_mean": chance.mean,
            "null_low": chance.low,
            "null_high": chance.high,
            "z": chance.z,
            "p_one": chance.p_one,
            "p_two": chance.p_two,
            "draws": draws.size,
        }


def _mean(samples: Array) -> Array:
    out: Array = samples.mean(axis=1)
    return out


def _asymmetry(one: _Way, other: _Way) -> Iterator[SequenceRow]:
    """One direction less the other, dyad by dyad, signs flipped."""
    for lag in range(1, one.settings.lags + 1):
        gaps = one.real(lag, "given_own", "difference") - other.real(lag, "given_own", "difference")
        names, means = by_dyad(gaps, list(one.pair.dyads))
        found = paired_difference(
            means,
            one.rng("asymmetry", lag),
            facts={"finding": "sequences", "label": ASYMMETRY},
            bootstrap=one.bootstrap,
            min_dyads=one.min_dyads,
            blocks=one.blocks_of(names),
        )
        yield one._row(
            lag,
            ASYMMETRY,
            "difference",
            surrogate=FLIPS,
            n_sessions=int(np.isfinite(gaps).sum()),
            **{
                k: getattr(found, k)
                for k in ("n_dyads", "value", "low", "high", "null_mean", "z", "p_one", "p_two",
                          "draws", "status")
            },
        )  # fmt: skip


def is_primary(row: SequenceRow) -> bool:
    """Claim that this is what was asked first: lag 1, given the own state before."""
    return (row.lag, row.scale) == (1, "difference") and row.statistic in ("given_own", ASYMMETRY)


def _with_families(rows: Sequence[SequenceRow]) -> list[SequenceRow]:
    """Label rows over dyads, with q for those that were looked at beside it."""
    marked = [replace(r, family="primary" if is_primary(r) else "exploratory") for r in rows]
    for name in (STRANGERS, ROTATION, FLIPS):
        mine = [k for k, r in enumerate(marked) if r.surrogate == name and r.family != "primary"]
        q = false_discovery_rate([marked[k].p_two for k in mine])
        for k, value in zip(mine, q.tolist(), strict=True):
            marked[k] = replace(marked[k], q_exploratory=value)
    return marked
