"""What a rating is: a signal whose kind says what was rated and by whom.

A continuous rating lies in a study as a signal of the person it is **about**, of the kind
``<what>_by_<rater>``: ``valence_by_self`` (how this person felt, by their own word),
``valence_by_therapist`` (how this person felt, as the therapist of the session inferred it),
``valence_by_R1`` (as an outside rater called R1 saw it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syntony.core.errors import InputError
from syntony.core.session import Person
from syntony.core.signal import Signal

BY = "_by_"
SELF = "self"
RATERS = "raters"
"""Rater word that stands for the mean of all outside raters."""


NAME_HELD = "letters, digits, '.', '+', '-', at most 32"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


def is_name(word: str) -> bool:
    """Whether a word can name who rates or codes: it becomes a part of kinds and of files' names.

    Examples
    --------
    >>> is_name("kim-2"), is_name("jo_x"), is_name("raters")
    (True, False, False)
    """
    return bool(_NAME.fullmatch(word)) and word != RATERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One continuous rating of a session.

    Attributes
    ----------
    what : str
        ``"valence"``, ``"arousal"``, ...
    about : Person
        Whose feeling it is.
    rater : str
        ``"self"``, the role of another person of the session, or the name of an outside rater.
    signal : Signal
        As rated: values on the rater's own scale, on the session clock.
    """

    what: str
    about: Person
    rater: str
    signal: Signal

    @property
    def kind(self) -> str:
        """Kind under which the study keeps it, with the rater's role for their id."""
        return rating_kind(self.what, self.rater)


def rating_kind(what: str, rater: str) -> str:
    """Kind of the signal that holds a rating.

    Raises
    ------
    InputError
        If a word is empty, or already holds ``_by_``.

    Examples
    --------
    >>> rating_kind("valence", "self")
    'valence_by_self'
    """
    for name, word in (("what", what), ("rater", rater)):
        if not word or BY in f"_{word}_":
            raise InputError(name, word, f"a word without {BY!r}")
    return f"{what}{BY}{rater}"


def split_kind(kind: str) -> tuple[str, str] | None:
    """What was rated and by whom; None where the kind is that of no rating.

    Examples
    --------
    >>> split_kind("valence_by_self"), split_kind("eda")
    (('valence', 'self'), None)
    """
    what, by, rater = kind.rpartition(BY)
    return (what, rater) if by and what and rater else None


def ratings_of(signals: Iterable[Signal], people: Sequence[Person]) -> tuple[Rating, ...]:
    """Every rating of a session, its rater as ``self``, a role, or an outsider's name.

    Parameters
    ----------
    signals : iterable of Signal
    people : sequence of Person
        Of the session. A rater who is named by id is named by role from here on.

    Examples
    --------
    >>> people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    >>> dial = Signal(values=[0.1, 0.2], rate_hz=1.0, start_s=0.0, unit="1",
    ...               kind="valence_by_T01", person="P01")
    >>> [(r.what, r.about.role, r.rater) for r in ratings_of([dial], people)]
    [('valence', 'patient', 'therapist')]
    """
    known = {p.id: p for p in people}
    found = []
    for signal in signals:
        words = split_kind(signal.kind)
        if words is None or signal.person not in known:
            continue
        about, rater = known[signal.person], words[1]
        rater = known[rater].role if rater in known else rater
        if rater == about.role:
            rater = SELF
        found.append(Rating(what=words[0], about=about, rater=rater, signal=signal))
    return tuple(found)


def is_outside(rater: str, people: Sequence[Person]) -> bool:
    """Whether a rater is nobody of the session.

    Examples
    --------
    >>> people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    >>> is_outside("R1", people), is_outside("self", people), is_outside("therapist", people)
    (True, False, False)
    """
    return rater != SELF and all(rater != p.role for p in people)
