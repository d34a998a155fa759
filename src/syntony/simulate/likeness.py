"""What a study's recordings are like: the figures from which twins of it can be made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.courses import Course, binned, common_course, end_bins_of
from syntony.simulate.noise import NoiseLikeness, fit_noise, normal_scores
from syntony.simulate.tonic import SkinLikeness, clean_nothing, fit_skin

Model = Literal["responses", "noise"]
Clean = Callable[[Array], Array]
LEAST_VALID_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """One session as it was compared: two people's features on one grid.

    Attributes
    ----------
    id, dyad, type, number
        As in the table of sessions.
    people, roles : (str, str)
    start_s : float
        Time of the first sample on the session clock.
    rate_hz : float
    clock_error_s : float
        Sum of both people's remaining clock errors; NaN where unknown.
    first, second : ndarray of float64, shape (n_samples,)
        NaN where missing.
    stimulus : str
        What everybody went through in it, where the study names it.
    """

    id: str
    dyad: str
    type: str
    number: int
    people: tuple[str, str]
    roles: tuple[str, str]
    start_s: float
    rate_hz: float
    clock_error_s: float
    first: Array
    second: Array
    stimulus: str = ""

    @property
    def both(self) -> tuple[Array, Array]:
        """Feature of the first and of the second person."""
        return self.first, self.second

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.first.size / self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLikeness:
    """One person in one session; ``gaps_s`` are [start, stop) from the first sample."""

    id: str
    role: str
    made_of: SkinLikeness | NoiseLikeness
    gaps_s: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLikeness:
    """One session: who met, how long, and what both are like."""

    id: str
    dyad: str
    type: str
    number: int
    start_s: float
    samples: int
    clock_error_s: float
    people: tuple[PersonLikeness, PersonLikeness]
    stimulus: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """All that a twin study takes over from a study; what the two partners share is not in it.

    Attributes
    ----------
    model : str
        ``"responses"`` (trains of skin conductance responses on a drifting level) or
        ``"noise"`` (noise with each person's spectrum and distribution of values).
    rate_hz : float
        Of the grid.
    sessions : tuple of SessionLikeness
    course : Course
        Slow course of the level that strangers share, in SDs of a person's own level; for
        ``"noise"`` of the normal scores of the values.
    pace : Course
        Course of the rate of responses that strangers share: the rate is multiplied by 1 + it.
    memory_s : float
        Time constant with which the level returns after drifting off; infinite for a random
        walk, NaN for ``"noise"``.
    """

    model: Model
    rate_hz: float
    sessions: tuple[SessionLikeness, ...]
    course: Course
    pace: Course
    memory_s: float

    def of_dyads(self, dyads: Sequence[str]) -> Likeness:
        """The same study with these dyads only."""
        return replace(self, sessions=tuple(s for s in self.sessions if s.dyad in dyads))

    @property
    def dyads(self) -> list[str]:
        """Every dyad once, in order."""
        return list(dict.fromkeys(s.dyad for s in self.sessions))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON; an infinite memory is the word ``"walk"``."""
        endless = math.isinf(self.memory_s)
        known = None if math.isnan(self.memory_s) else round(self.memory_s, 1)
        return {
            "model": self.model,
            "rate_hz": self.rate_hz,
            "memory_s": "walk" if endless else known,
            "course": self.course.to_dict(),
            "pace": self.pace.to_dict(),
            "sessions": [_session_dict(s) for s in self.sessions],
        }


def _session_dict(session: SessionLikeness) -> dict[str, Any]:
    """One session as plain numbers; a stimulus only where there is one."""
    listed: dict[str, Any] = _plain(asdict(session))
    return {k: v for k, v in listed.items() if k != "stimulus" or v}


def _plain(value: Any) -> Any:
    """Round every number to six figures; NaN becomes null."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def fit_likeness(
    seen: Sequence[Seen], *, model: Model, seed: int, clean: Clean = clean_nothing
) -> Likeness:
    """Fit what twins of a study need, from the features of its sessions.

    Parameters
    ----------
    seen : sequence of Seen
        All on one grid rate.
    model : {"responses", "noise"}
        ``"responses"`` for skin conductance in uS.
    seed : int
        Of the twins by which the estimates are corrected, and of the test of the courses.
    clean : callable, optional
        What the feature went through, ``values -> values``, such as a low-pass: the twins by
        which the estimates are corrected go through it too.

    Returns
    -------
    Likeness

    Raises
    ------
    InputError
        If there is no session, the grid rates differ, or nobody has 120 s of valid samples.

    Notes
    -----
    Nothing that happens between two partners enters: every figure is that of one person, or a
    mean over everybody. A person with less than 120 s of valid samples in a session gets the
    figures of the next one of the same role who has more; the gaps stay.

    Examples
    --------
    >>> from syntony.simulate.dyad import PairSetup, make_pair
    >>> def session(k):
    ...     pair = make_pair(rng_for(1, k), PairSetup(duration_s=900.0, rate_hz=4.0))
    ...     x, y = (s.values for s in pair.signals)
    ...     return Seen(id=f"s{k}", dyad=f"d{k}", type="", number=1, people=(f"P{k}", f"T{k}"),
    ...         roles=("patient", "therapist"), start_s=0.0, rate_hz=4.0, clock_error_s=0.3,
    ...         first=x, second=y)
    >>> like = fit_likeness([session(k) for k in range(8)], model="responses", seed=1)
    >>> rates = [p.made_of.rate_per_min for s in like.sessions for p in s.people]
    >>> bool(4.3 < np.median(rates) < 5.7), like.course.share
    (True, 0.0)
    """
    if not seen:
        raise InputError("sessions", 0, "at least one with both people's features")
    rates = {s.rate_hz for s in seen}
    if len(rates) > 1:
        raise InputError("rate_hz", sorted(rates), "one grid rate for all sessions")
    rate_hz = rates.pop()
    bodies = [values for s in seen for values in s.both]
    dyads = [s.dyad for s in seen for _ in s.both]
    valid = [np.isfinite(v).sum() / rate_hz >= LEAST_VALID_S for v in bodies]
    if not any(valid):
        expected = f"somebody with {LEAST_VALID_S:g} s of valid samples"
        raise InputError("sessions", len(seen), expected)
    used = [k for k, enough in enumerate(valid) if enough]
    chosen, owners = [bodies[k] for k in used], [dyads[k] for k in used]
    end_bins = end_bins_of([v.size / rate_hz for v in chosen])
    made: dict[int, SkinLikeness | NoiseLikeness] = {}
    rng = rng_for(seed, "courses")
    if model == "responses":
        skins = fit_skin(chosen, owners, rate_hz, seed=seed, clean=clean, end_bins=end_bins)
        made |= dict(zip(used, skins.people, strict=True))
        course, pace, memory_s = skins.course, skins.pace, skins.memory_s
    else:
        scores = [normal_scores(v) for v in chosen]
        pieces = [binned(z, rate_hz, end_bins) for z in scores]
        course = common_course(pieces, owners, rng)
        pace, memory_s = _level_pace(course), math.nan
        for k, values, z in zip(used, chosen, scores, strict=True):
            at = course.at(np.arange(z.size) / rate_hz, z.size / rate_hz)
            made[k] = fit_noise(values, z - at, rate_hz)
    return Likeness(
        model=model,
        rate_hz=rate_hz,
        sessions=tuple(_session(s, k, made, seen) for k, s in enumerate(seen)),
        course=course,
        pace=pace,
        memory_s=memory_s,
    )


def _level_pace(course: Course) -> Course:
    """A pace that never changes, of the length of the course."""
    none = np.zeros(course.start.size), np.zeros(course.end.size)
    return Course(start=none[0], end=none[1], share=0.0, p=1.0)


def _session(
    one: Seen, k: int, made: dict[int, SkinLikeness | NoiseLikeness], seen: Sequence[Seen]
) -> SessionLikeness:
    """Likeness of one session, its two people from the list of all."""
    first, second = (
        PersonLikeness(
            id=one.people[who],
            role=one.roles[who],
            made_of=_of(2 * k + who, made, 2 * len(seen)),
            gaps_s=gaps_of(one.both[who], one.rate_hz),
        )
        for who in (0, 1)
    )
    return SessionLikeness(
        id=one.id,
        dyad=one.dyad,
        type=one.type,
        number=one.number,
        start_s=one.start_s,
        samples=one.first.size,
        clock_error_s=one.clock_error_s,
        people=(first, second),
        stimulus=one.stimulus,
    )


def _of(
    place: int, made: dict[int, SkinLikeness | NoiseLikeness], count: int
) -> SkinLikeness | NoiseLikeness:
    """A person's own figures, or those of the next in the same role, else of anybody."""
    same = [(place + step) % count for step in range(0, count, 2)]
    others = [(place + step) % count for step in range(1, count, 2)]
    return next(made[k] for k in (*same, *others) if k in made)


def gaps_of(values: Array, rate_hz: float) -> tuple[tuple[float, float], ...]:
    """Stretches without samples, [start, stop) in seconds from the first sample.

    Examples
    --------
    >>> gaps_of(np.array([np.nan, 1.0, np.nan, np.nan]), 2.0)
    ((0.0, 0.5), (1.0, 2.0))
    """
    missing = np.concatenate([[False], np.isnan(values), [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(missing)) / rate_hz
    return tuple((float(a), float(b)) for a, b in edges.reshape(-1, 2))
