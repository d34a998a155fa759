"""Session: what happened when these people met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.signal import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person in a session: ``id`` is unique in the study, ``role`` a free word."""

    id: str
    role: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How a person's device clock was laid onto the session clock.

    ``session time = device time * (1 + drift_ppm * 1e-6) + offset_s``; ``error_s`` is
    what uncertainty remains, in seconds (NaN: nobody knows); ``source`` says in words
    where it comes from, for example ``"start stamps"``.
    """

    offset_s: float
    drift_ppm: float = 0.0
    error_s: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A labelled stretch [start_s, stop_s) on the session clock.

    With a ``person`` it is a code of them (``label`` is the code, ``coder`` who gave it); with a
    ``coder`` alone, a code of everybody together; with neither, a phase of the session.
    """

    label: str
    start_s: float
    stop_s: float
    person: str = ""
    coder: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.start_s) and self.stop_s >= self.start_s):
            raise InputError(
                "span", (self.start_s, self.stop_s), "a start and a stop not before it"
            )

    @property
    def is_code(self) -> bool:
        """Whether somebody coded it, rather than that it is a phase of the session."""
        return bool(self.person or self.coder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch [start_s, stop_s) of a person's channel that somebody called an artefact.

    ``kind`` is that of the channel as recorded (``"eda"``, ``"ecg"``, ``"rr"``, ...), or ``"*"``
    for every channel of the person.
    """

    person: str
    kind: str
    start_s: float
    stop_s: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.start_s) and np.isfinite(self.stop_s)) or (
            self.stop_s <= self.start_s
        ):
            raise InputError("mark", (self.start_s, self.stop_s), "a start and a stop after it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One filled-in questionnaire: who answered, about whom, item name to number.

    ``rated_at`` is when, as an ISO 8601 stamp; empty where nobody knows. ``once`` tells that it
    was filled in once, for all sessions of the person.
    """

    instrument: str
    person: str
    about: str = ""
    items: Mapping[str, float] = field(default_factory=dict)
    rated_at: str = ""
    once: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", MappingProxyType(dict(self.items)))

    def __reduce__(self) -> tuple[object, ...]:
        said = self.instrument, self.person, self.about, dict(self.items)
        return _answers, (*said, self.rated_at, self.once)


def _answers(
    instrument: str, person: str, about: str, items: dict[str, float], rated_at: str, once: bool
) -> Answers:
    """Make the value again in another process: pickle calls this."""
    return Answers(
        instrument=instrument,
        person=person,
        about=about,
        items=items,
        rated_at=rated_at,
        once=once,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Session:
    """What happened when these people met, on one clock.

    Attributes
    ----------
    id : str
        Unique in the study.
    dyad, type, number
        Who meets (label of the dyad or group), what kind of session, which one.
    stimulus : str
        What everybody went through in it, such as a film or a protocol; empty where not said.
    people : tuple of Person
        In the order of the study's roles: the first is the first of a pair.
    signals, events : tuple
        Of all people; native rates until ``body`` made features of them.
    clocks : mapping of person id to Clock
    spans : tuple of Span
        Phases of the session (neither person nor coder) and codes.
    answers : tuple of Answers
    marks : tuple of Mark
        Stretches that somebody called artefacts: taken out before anything is computed.
    notes : tuple of Note
    """

    id: str
    people: tuple[Person, ...]
    dyad: str = ""
    type: str = ""
    number: int = 1
    stimulus: str = ""
    signals: tuple[Signal, ...] = ()
    events: tuple[Events, ...] = ()
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    answers: tuple[Answers, ...] = ()
    marks: tuple[Mark, ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        ids = [p.id for p in self.people]
        if len(set(ids)) < len(ids):
            raise InputError("people", ids, "each person once in a session")
        known = set(ids)
        for person in [s.person for s in self.signals] + [e.person for e in self.events]:
            if person not in known:
                raise InputError("person", person, f"one of the session's people, {ids}")

    def person(self, role: str) -> Person:
        """Find the one person with this role, or say who is there."""
        found = [p for p in self.people if p.role == role]
        if len(found) != 1:
            roles = [p.role for p in self.people]
            raise InputError("role", role, f"one person with it in session {self.id}, has {roles}")
        return found[0]

    @property
    def codes(self) -> tuple[Span, ...]:
        """The spans that are codes: of a person, or of everybody together."""
        return tuple(s for s in self.spans if s.is_code)
