"""A whole study whose answer is known: dyads, therapists, codes, answers, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from syntony.core.session import Session
from syntony.simulate.session import StudySetup, leader, make_session

DEMO_SEED = 20070301


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MadeStudy:
    """A made study and what is true of it.

    Attributes
    ----------
    sessions : tuple of Session
        By dyad, then by number. Signals lie on the session clock as the devices state it.
    truth : mapping of str to anything
        Plain numbers, words, lists and dictionaries (ready for JSON): ``world``,
        ``is_coupled``, ``r_planted`` (0 where nothing is coupled), ``delay_s`` and
        ``leader`` (None where nothing is coupled), ``emotion_effect``, ``seed``, and
        ``sessions``: a row per session with ``session``, ``dyad``, ``patient``,
        ``therapist``, ``dyad_share`` (planted share of common responses of the dyad),
        ``share`` (its mean over the session), ``share_positive``, ``share_other`` (in
        seconds of shared positive emotion and in the others), ``true_empathy`` (standard
        normal score behind the answers), ``clock_offset_s``, ``clock_drift_ppm``,
        ``clock_error_s`` (true offset less the stated one) of both, ``common_count``
        (common responses) and ``faults`` (person, label, start, stop).
    setup : StudySetup
    """

    sessions: tuple[Session, ...]
    truth: Mapping[str, Any]
    setup: StudySetup = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "truth", MappingProxyType(dict(self.truth)))

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.sessions, dict(self.truth), self.setup)


def _again(sessions: tuple[Session, ...], truth: dict[str, Any], setup: StudySetup) -> MadeStudy:
    """Make the value again in another process: pickle calls this."""
    return MadeStudy(sessions=sessions, truth=truth, setup=setup)


def make_study(setup: StudySetup) -> MadeStudy:
    """Make a study of dyads with everything a real one has, and known coupling.

    Parameters
    ----------
    setup : StudySetup

    Returns
    -------
    MadeStudy

    Examples
    --------
    >>> study = make_study(StudySetup(dyads=2, minutes=1.0, rate_hz=4.0, seed=1))
    >>> [s.id for s in study.sessions], study.truth["leader"]
    (['d01s01', 'd02s01'], 'patient')
    """
    made = [
        make_session(setup, dyad, number)
        for dyad in range(1, setup.dyads + 1)
        for number in range(1, setup.sessions_per_dyad + 1)
    ]
    coupled = setup.is_coupled
    truth = {
        "world": setup.world,
        "is_coupled": coupled,
        "seed": setup.seed,
        "r_planted": setup.r_planted if coupled else 0.0,
        "delay_s": setup.delay_s if coupled else None,
        "leader": leader(setup.delay_s) if coupled else None,
        "emotion_effect": setup.emotion_effect if coupled else 0.0,
        "sessions": [row for _, row in made],
    }
    return MadeStudy(sessions=tuple(s for s, _ in made), truth=truth, setup=setup)


def demo_setup(
    *, seed: int = DEMO_SEED, world: str = "coupled", dyads: int = 60, minutes: float = 50.0
) -> StudySetup:
    """Give the settings of the demo: 60 dyads of 20 therapists, one session of 50 minutes, 4 Hz.

    Parameters
    ----------
    seed : int, default 20070301
        Fixed before any result was seen.
    world : str, default "coupled"
    dyads : int, default 60
    minutes : float, default 50

    Returns
    -------
    StudySetup

    Examples
    --------
    >>> demo_setup().therapists
    20
    """
    return StudySetup(
        dyads=dyads, therapists=20, minutes=minutes, rate_hz=4.0, seed=seed, world=world
    )
