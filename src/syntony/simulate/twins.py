"""Twins of a study: its sessions and people again, uncoupled or coupled by a known share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, frozen_array
from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.dyad import PairSetup, make_pair
from syntony.simulate.likeness import Clean, Likeness, PersonLikeness, SessionLikeness
from syntony.simulate.noise import NoiseLikeness, as_values, noise_pair
from syntony.simulate.tonic import SkinLikeness, clean_nothing, tonic

Gaps = tuple[tuple[float, float], ...]
Draw = Callable[..., tuple[Array, Array]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Twin:
    """Both people's feature in one session of a twin study, NaN where its gaps lie."""

    session: str
    first: Array
    second: Array

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            object.__setattr__(self, name, frozen_array(name, getattr(self, name)))


def make_twins(
    likeness: Likeness,
    *,
    seed: int,
    path: tuple[str | int, ...] = (),
    share: float = 0.0,
    delay_s: float = 0.0,
    clean: Clean = clean_nothing,
) -> tuple[Twin, ...]:
    """Make one twin study.

    Parameters
    ----------
    likeness : Likeness
    seed : int
    path : tuple of str or int
        Which twin this is; every session of every twin has a stream of its own.
    share : float, default 0
        Planted: for ``"responses"`` the share of the less active person's responses that both
        have in common; for ``"noise"`` the share of the variance that comes from a common
        source. 0: nothing that happens in one person has to do with the other.
    delay_s : float, default 0
        The second person follows by this much; negative: the first follows.
    clean : callable, optional
        What the feature goes through, as when the likeness was fitted.

    Returns
    -------
    tuple of Twin
        In the order of the likeness's sessions. The gaps are those of the study, dealt out
        anew among the sessions, role by role.

    Raises
    ------
    InputError
        If the share leaves 0 to 1.

    Examples
    --------
    >>> from syntony.simulate.likeness import Seen, fit_likeness
    >>> rng = np.random.default_rng(1)
    >>> seen = [Seen(id=f"s{k}", dyad=f"d{k}", type="", number=1, people=(f"P{k}", f"T{k}"),
    ...     roles=("a", "b"), start_s=0.0, rate_hz=2.0, clock_error_s=0.0,
    ...     first=70 + rng.standard_normal(600), second=80 + rng.standard_normal(600))
    ...     for k in range(6)]
    >>> like = fit_likeness(seen, model="noise", seed=1)
    >>> twins = make_twins(like, seed=1, share=0.8)
    >>> bool(np.corrcoef(twins[0].first, twins[0].second)[0, 1] > 0.6)
    True
    """
    if not 0 <= share <= 1:
        raise InputError("share", share, "a share, 0 to 1")
    gaps = _dealt(likeness, rng_for(seed, *path, "gaps"))
    make = _of_responses if likeness.model == "responses" else _of_noise
    twins = []
    for session, own in zip(likeness.sessions, gaps, strict=True):
        rng = rng_for(seed, *path, "session", session.id)
        made = make(rng, likeness, session, share, delay_s)
        first, second = (
            _with_gaps(clean(v), g, likeness.rate_hz) for v, g in zip(made, own, strict=True)
        )
        twins.append(Twin(session=session.id, first=first, second=second))
    return tuple(twins)


def _dealt(likeness: Likeness, rng: np.random.Generator) -> list[tuple[Gaps, Gaps]]:
    """Everybody's gaps, in another session of somebody of the same place in the pair."""
    count = len(likeness.sessions)
    orders = [rng.permutation(count) for _ in range(2)]
    return [
        (
            likeness.sessions[orders[0][k]].people[0].gaps_s,
            likeness.sessions[orders[1][k]].people[1].gaps_s,
        )
        for k in range(count)
    ]


def _with_gaps(values: Array, gaps: Gaps, rate_hz: float) -> Array:
    """Take out what lies in a gap."""
    out = values.copy()
    for start, stop in gaps:
        out[round(start * rate_hz) : round(stop * rate_hz)] = np.nan
    return out


def _of_responses(
    rng: np.random.Generator,
    likeness: Likeness,
    session: SessionLikeness,
    share: float,
    delay_s: float,
) -> tuple[Array, Array]:
    """Response trains at everybody's pace, each on a level of its own."""
    duration_s = session.samples / likeness.rate_hz
    middles: Array = np.arange(np.ceil(duration_s), dtype=np.float64) + 0.5
    skins = [_skin(person) for person in session.people]
    pair = make_pair(
        rng,
        PairSetup(
            duration_s=duration_s,
            rate_hz=likeness.rate_hz,
            people=("first", "second"),
            skins=(skins[0].as_skin(), skins[1].as_skin()),
            share=share,
            delay_s=delay_s,
            activity=np.maximum(0.0, 1.0 + likeness.pace.at(middles, duration_s)),
        ),
    )
    at = likeness.course.at(np.arange(session.samples) / likeness.rate_hz, duration_s)
    first, second = (
        signal.values[: session.samples]
        + tonic(rng, skin, session.samples, likeness.rate_hz, likeness.memory_s)
        + skin.spread_us * at
        for signal, skin in zip(pair.signals, skins, strict=True)
    )
    return first, second


def _skin(person: PersonLikeness) -> SkinLikeness:
    if not isinstance(person.made_of, SkinLikeness):
        raise InputError("model", "responses", "a likeness fitted as responses")
    return person.made_of


def _noise(person: PersonLikeness) -> NoiseLikeness:
    if not isinstance(person.made_of, NoiseLikeness):
        raise InputError("model", "noise", "a likeness fitted as noise")
    return person.made_of


def _of_noise(
    rng: np.random.Generator,
    likeness: Likeness,
    session: SessionLikeness,
    share: float,
    delay_s: float,
) -> tuple[Array, Array]:
    """Noise with both people's spectra, on the common course, turned into their values."""
    people = _noise(session.people[0]), _noise(session.people[1])
    scores = noise_pair(
        rng,
        people,
        samples=session.samples,
        rate_hz=likeness.rate_hz,
        share=share,
        delay_s=delay_s,
    )
    times = np.arange(session.samples) / likeness.rate_hz
    at = likeness.course.at(times, session.samples / likeness.rate_hz)
    first, second = (as_values(z + at, p) for z, p in zip(scores, people, strict=True))
    return first, second
