"""Coded emotion of two people, second by second, and what it does to their coupling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError
from syntony.core.session import Span

UNCODED, NEGATIVE, NEUTRAL, POSITIVE = -2, -1, 0, 1
LABELS = {NEGATIVE: "negative", NEUTRAL: "neutral", POSITIVE: "positive"}
MAX_SHARE = 0.95
Tracks = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feelings:
    """How two people's emotion runs; every figure is a choice of ours.

    A person is neutral, becomes positive or negative, and comes back to neutral: a Markov
    chain on seconds with the mean stays given here. In stretches the two people show one
    common chain, in the others each its own.

    Attributes
    ----------
    neutral_s, positive_s, negative_s : float
        Mean length of a stay in seconds, at least 1. At the defaults a person is neutral
        for 62 %, positive for 25 % and negative for 13 % of the time.
    positive_next : float
        Chance that a neutral stay ends in a positive one, 0 to 1.
    common_share : float
        Share of the session in which both show the common chain, 0 to 1.
    common_s : float
        Mean length of such a stretch in seconds.
    uncoded_share, uncoded_s : float
        Share of the session that the coder could not code, for each person, and the mean
        length of such a stretch in seconds.
    """

    neutral_s: float = 30.0
    positive_s: float = 20.0
    negative_s: float = 15.0
    positive_next: float = 0.6
    common_share: float = 0.5
    common_s: float = 60.0
    uncoded_share: float = 0.04
    uncoded_s: float = 12.0

    def __post_init__(self) -> None:
        for name in ("neutral_s", "positive_s", "negative_s", "common_s", "uncoded_s"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 1):
                raise InputError(name, getattr(self, name), "at least 1 s")
        for name in ("positive_next", "common_share", "uncoded_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(name, getattr(self, name), "a share, 0 to 1")


def emotion_tracks(
    rng: np.random.Generator, *, duration_s: float, feelings: Feelings | None = None
) -> Tracks:
    """Draw the emotion of two people for every second.

    Parameters
    ----------
    rng : numpy.random.Generator
    duration_s : float
    feelings : Feelings, optional

    Returns
    -------
    ndarray of int8, shape (2, n_seconds)
        1 positive, 0 neutral, -1 negative; nothing is uncoded yet.

    Raises
    ------
    InputError
        If the duration is not above 0.

    Examples
    --------
    >>> tracks = emotion_tracks(np.random.default_rng(1), duration_s=600.0)
    >>> tracks.shape, sorted(set(tracks.ravel().tolist()))
    ((2, 600), [-1, 0, 1])
    """
    if not (np.isfinite(duration_s) and duration_s > 0):
        raise InputError("duration_s", duration_s, "a finite number of seconds above 0")
    f = feelings or Feelings()
    n = int(np.ceil(duration_s))
    common, first, second = (_chain(rng, n, f) for _ in range(3))
    together = _stretches(rng, n, f.common_share, f.common_s)
    return np.where(together, common, np.stack([first, second])).astype(np.int8)


def mask_uncoded(
    rng: np.random.Generator,
    tracks: Tracks,
    *,
    feelings: Feelings | None = None,
) -> Tracks:
    """Take seconds out of both tracks as uncoded (-2), for each person by itself.

    Parameters
    ----------
    rng : numpy.random.Generator
    tracks : ndarray of int8, shape (2, n_seconds)
    feelings : Feelings, optional

    Returns
    -------
    ndarray of int8, shape (2, n_seconds)
        A copy.

    Examples
    --------
    >>> seen = mask_uncoded(np.random.default_rng(1), np.zeros((2, 600), dtype=np.int8))
    >>> bool((seen == -2).any())
    True
    """
    f = feelings or Feelings()
    n = tracks.shape[1]
    lost = np.stack([_stretches(rng, n, f.uncoded_share, f.uncoded_s) for _ in range(2)])
    return np.where(lost, np.int8(UNCODED), tracks).astype(np.int8)


def codes_from_tracks(
    tracks: Tracks,
    *,
    people: tuple[str, str],
    duration_s: float,
    coder: str = "coder1",
) -> tuple[Span, ...]:
    """Turn per-second tracks into spans: one per run of equal seconds, uncoded left out.

    Parameters
    ----------
    tracks : ndarray of int8, shape (2, n_seconds)
    people : (str, str)
    duration_s : float
        The last span ends here at the latest.
    coder : str, default "coder1"

    Returns
    -------
    tuple of Span
        Labels ``"positive"``, ``"neutral"``, ``"negative"``; first person's, then second's.

    Examples
    --------
    >>> two = np.array([[0, 0, 1, -2], [0, 0, 0, 0]], dtype=np.int8)
    >>> [(s.person, s.label, s.stop_s) for s in
    ...  codes_from_tracks(two, people=("P01", "T01"), duration_s=3.5)]
    [('P01', 'neutral', 2.0), ('P01', 'positive', 3.0), ('T01', 'neutral', 3.5)]
    """
    spans = []
    for person, track in zip(people, tracks, strict=True):
        edges = np.flatnonzero(np.diff(track)) + 1
        starts = [0, *edges.tolist()]
        stops = [*edges.tolist(), track.size]
        spans += [
            Span(
                label=LABELS[int(track[a])],
                start_s=float(a),
                stop_s=min(float(b), duration_s),
                person=person,
                coder=coder,
            )
            for a, b in zip(starts, stops, strict=True)
            if track[a] != UNCODED
        ]
    return tuple(spans)


def shared_seconds(tracks: Tracks, state: int = POSITIVE) -> Bools:
    """Seconds in which both people show ``state``, shape (n_seconds,).

    Examples
    --------
    >>> shared_seconds(np.array([[1, 1, 0], [1, 0, 0]], dtype=np.int8)).tolist()
    [True, False, False]
    """
    both: Bools = np.all(tracks == state, axis=0)
    return both


def share_by_emotion(share: float, shared_positive: Bools, *, effect: float) -> Array:
    """Share of common responses in each second, higher where both are positive.

    The mean over the session stays ``share``: seconds of shared positive emotion get
    ``share + effect * (1 - p)``, the others ``share - effect * p``, with ``p`` the share of
    shared positive seconds; both are then cut to 0 to 0.95 (which moves the mean of dyads
    near either end).

    Parameters
    ----------
    share : float
        Mean share of the session, 0 to 1.
    shared_positive : ndarray of bool, shape (n_seconds,)
    effect : float
        Difference between the two kinds of seconds, in share.

    Returns
    -------
    ndarray of float64, shape (n_seconds,)

    Examples
    --------
    >>> share_by_emotion(0.3, np.array([True, False, False, False]), effect=0.2).round(2).tolist()
    [0.45, 0.25, 0.25, 0.25]
    """
    p = float(shared_positive.mean()) if shared_positive.size else 0.0
    out: Array = np.clip(share + effect * (shared_positive - p), 0.0, MAX_SHARE)
    return out


def _chain(rng: np.random.Generator, n: int, f: Feelings) -> Tracks:
    """One person's states for ``n`` seconds: neutral and one other in turn."""
    away_s = f.positive_next * f.positive_s + (1 - f.positive_next) * f.negative_s
    turns = _enough(n, f.neutral_s + away_s)
    state = np.zeros(2 * turns, dtype=np.int8)
    state[1::2] = np.where(rng.random(turns) < f.positive_next, POSITIVE, NEGATIVE)
    mean_s = np.select([state == POSITIVE, state == NEGATIVE], [f.positive_s, f.negative_s])
    stays = rng.geometric(1.0 / np.where(state == NEUTRAL, f.neutral_s, mean_s))
    return _cut(rng, np.repeat(state, stays), n)


def _stretches(rng: np.random.Generator, n: int, share: float, mean_s: float) -> Bools:
    """Seconds that lie in stretches of ``mean_s`` on average, filling ``share`` of the time."""
    if share <= 0 or share >= 1:
        return np.full(n, share >= 1)
    rest_s = max(1.0, mean_s * (1 - share) / share)
    turns = _enough(n, mean_s + rest_s)
    inside = np.tile([True, False], turns)
    stays = rng.geometric(np.where(inside, 1.0 / mean_s, 1.0 / rest_s))
    return _cut(rng, np.repeat(inside, stays), n)


def _enough(n: int, cycle_s: float) -> int:
    """Give a number of turns that fill ``2 n`` seconds with room to spare."""
    return int(2 * n / cycle_s + 8 * np.sqrt(2 * n / cycle_s)) + 16


def _cut(rng: np.random.Generator, track: NDArray[Any], n: int) -> NDArray[Any]:
    """Take ``n`` seconds from a random place, so that no state is favoured at the start."""
    if track.size < n:
        track = np.resize(track, n)
    first = int(rng.integers(0, track.size - n + 1))
    return track[first : first + n]
