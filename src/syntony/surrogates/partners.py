"""Pseudo-dyads: people of the same kind of session who never met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Bools, Ints
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.surrogates.registry import Surrogate, add

add(
    Surrogate(
        name="pseudo_dyads",
        title="Pseudo-dyads (people who never met)",
        keeps="each person's whole signal, its course from the start of the session, and what "
        "every session of this kind has in common",
        destroys="who was in the room with whom",
        question="Do these two move together more than two people who go through the same kind of "
        "session without having met?",
        pitfall="With few sessions there are few strangers: with n of them no p lies below "
        "1/(n + 1). Pseudo-dyads share people and are not independent of each other, so dyads "
        "are tested by re-pairing all of them at once. Pairs are cut to the shorter recording.",
        cites=("Moulder2018", "Kleinbub2020rMEA"),
        draw=None,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Who met whom, in which session.

    Attributes
    ----------
    session : str
        Unique in the study.
    dyad : str
        Label of those who meet; empty means these two people and no label.
    type, number
        Kind of session, and which one. Strangers come from the same type and number.
    first, second : str
        Person ids of the pair, in the order in which it is analysed.
    others : tuple of str
        Person ids of everybody else in the room, such as the therapist of a couple.
    """

    session: str
    dyad: str
    type: str
    number: int
    first: str
    second: str
    others: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody in the room."""
        return (self.first, self.second, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strangers:
    """The pseudo-dyads of one session, every admissible partner once.

    Attributes
    ----------
    session : int
        Position of the session among the meetings.
    pairs : ndarray of int64, shape (n_pairs, 2)
        Row (i, j): the first person of session i beside the second person of session j.
        Those who replace the second person come first, then those who replace the first.
    """

    session: int
    pairs: Ints

    @property
    def count(self) -> int:
        """How many pseudo-dyads there are."""
        return len(self.pairs)

    @property
    def floor(self) -> float:
        """Smallest p that so many pseudo-dyads can give: 1 / (count + 1)."""
        return 1.0 / (self.count + 1)

    def note(self, where: str) -> Note:
        """Say how many strangers there are, and the smallest p they can give."""
        if not self.count:
            text = "No admissible stranger: pseudo-dyads cannot say anything about this session."
        else:
            text = (
                f"{self.count} pseudo-dyads, each admissible partner once; the smallest p they can "
                f"give is 1/{self.count + 1} = {self.floor:.3g}."
            )
        return Note(where, "strangers", text)


def admissible(meetings: Sequence[Meeting], *, same_therapist: bool) -> Bools:
    """Tell which first person may be paired with which second person as strangers.

    Pass every session of the study, also those without a usable signal or of a type that is
    not analysed: whoever met anywhere is no stranger. Pick the rows and columns you need
    afterwards.

    Parameters
    ----------
    meetings : sequence of Meeting
        All sessions of the study.
    same_therapist : bool
        May a stranger come from another dyad of the same therapist? False leaves out every
        two dyads that share anybody in any of their sessions, ``others`` included. It matters
        where the therapist is not one of the pair (couples) or a patient changed therapist;
        in a study of patients with their therapists the rule that strangers never met
        already excludes the therapist's other patients.

    Returns
    -------
    ndarray of bool, shape (n_sessions, n_sessions)
        [i, j]: the first person of session i may be paired with the second person of session
        j. Never the same person, never two who were together in any session, always the same
        type and number. The diagonal is False.

    Raises
    ------
    InputError
        If a session is listed twice, or a person stands twice in one.

    Notes
    -----
    A person who comes in several sessions can be a partner several times, once for each
    recording of the right type and number.

    Examples
    --------
    >>> one, two = (
    ...     Meeting(session=s, dyad=s, type="therapy", number=1, first="P" + s, second="T" + s)
    ...     for s in ("1", "2")
    ... )
    >>> admissible([one, two], same_therapist=True).tolist()
    [[False, True], [True, False]]
    """
    _check(meetings)
    n = len(meetings)
    if not n:
        return np.zeros((0, 0), dtype=np.bool_)
    number_of = {p: k for k, p in enumerate(sorted({p for m in meetings for p in m.people}))}
    met = np.eye(len(number_of), dtype=np.bool_)
    for m in meetings:
        there = [number_of[p] for p in m.people]
        met[np.ix_(there, there)] = True
    first = np.array([number_of[m.first] for m in meetings])
    second = np.array([number_of[m.second] for m in meetings])
    kind = _codes([(m.type, m.number) for m in meetings])
    allowed: Bools = ~met[first[:, None], second[None, :]] & (kind[:, None] == kind[None, :])
    if not same_therapist:
        allowed &= ~_share_somebody(meetings, number_of)
    return allowed


def pseudo_of(allowed: Bools, session: int) -> Strangers:
    """List the pseudo-dyads of a session: strangers on both sides, each once.

    Parameters
    ----------
    allowed : ndarray of bool, shape (n_sessions, n_sessions)
        From :func:`admissible`.
    session : int
        Position of the session.

    Returns
    -------
    Strangers
        Its first person with every admissible second person, then every admissible first
        person with its second person.

    Examples
    --------
    >>> import numpy as np
    >>> strangers = pseudo_of(~np.eye(3, dtype=bool), 0)
    >>> strangers.pairs.tolist(), strangers.floor
    ([[0, 1], [0, 2], [1, 0], [2, 0]], 0.2)
    """
    if allowed.ndim != 2 or allowed.shape[0] != allowed.shape[1]:
        raise InputError("allowed", allowed.shape, "shape (n_sessions, n_sessions)")
    if not 0 <= session < len(allowed):
        raise InputError("session", session, f"a position from 0 to {len(allowed) - 1}")
    seconds, firsts = np.flatnonzero(allowed[session]), np.flatnonzero(allowed[:, session])
    return Strangers(
        session=session,
        pairs=np.concatenate(
            [
                np.column_stack([np.full(seconds.size, session), seconds]),
                np.column_stack([firsts, np.full(firsts.size, session)]),
            ]
        ).astype(np.int64),
    )


def _check(meetings: Sequence[Meeting]) -> None:
    """Refuse sessions listed twice, and people who meet themselves."""
    seen: set[str] = set()
    for m in meetings:
        if m.session in seen:
            raise InputError("meetings", m.session, "each session once")
        seen.add(m.session)
        if len(set(m.people)) < len(m.people):
            raise InputError("meetings", m.people, f"different people in session {m.session}")


def _codes(labels: Sequence[tuple[str, int]]) -> Ints:
    """Give each different label a number."""
    numbers = {label: k for k, label in enumerate(dict.fromkeys(labels))}
    return np.array([numbers[label] for label in labels], dtype=np.int64)


def _share_somebody(meetings: Sequence[Meeting], number_of: dict[str, int]) -> Bools:
    """[i, j]: the dyads of sessions i and j have somebody in common, in any session."""
    keys = [m.dyad or f"{m.first}\x1f{m.second}" for m in meetings]
    rows = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    circle = np.zeros((len(rows), len(number_of)))
    for m, key in zip(meetings, keys, strict=True):
        circle[rows[key], [number_of[p] for p in m.people]] = 1.0
    at = np.array([rows[key] for key in keys])
    shared: Bools = (circle @ circle.T > 0)[np.ix_(at, at)]
    return shared
