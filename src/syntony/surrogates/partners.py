"""Partners from other sessions: who may stand in for whom, under three rules."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
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
        acts_on="partners",
    )
)
add(
    Surrogate(
        name="pseudo_sessions",
        title="Pseudo-sessions (the same two people, two different sessions)",
        keeps="who the two people are, their habits with each other, and what their sessions have "
        "in common at the same minutes",
        destroys="that both were in the same session",
        question="Do these two move together more in the session that they shared than each in a "
        "session of their own with the same partner?",
        pitfall="It needs dyads with two sessions or more: with k sessions of one type a session "
        "has 2 (k - 1) pseudo-sessions, too few for a p of its own, so that dyads are tested "
        "together. Whatever happened to both in one session counts as synchrony, also a warm room, "
        "a fire alarm or what the third session does to everybody. Habits that show in every "
        "session of a dyad are no finding here; people who never met show them. Pairs are cut to "
        "the shorter recording.",
        cites=("Moulder2018", "PhipsonSmyth2010"),
        draw=None,
        acts_on="partners",
    )
)
add(
    Surrogate(
        name="stimulus_pairs",
        title="Stimulus-only pairs (the same stimulus, not together)",
        keeps="each person's whole signal and what the stimulus or protocol does to everybody at "
        "the same moments",
        destroys="who was in the room with whom",
        question="Do these two move together more than two people who went through the same "
        "stimulus without each other?",
        pitfall="Sessions name their stimulus in a column of sessions.tsv; only people who never "
        "met and whose session has the same type and the same stimulus are paired, from the start "
        "of the session clock: where the stimulus began at another minute in each session, its "
        "effect is lost and pairs of strangers look less alike than they are. With few "
        "dyads a stimulus there are few such pairs: with n of them no p lies below 1/(n + 1). "
        "Pairs are cut to the shorter recording.",
        cites=("Bizzego2020", "Moulder2018"),
        draw=None,
        acts_on="partners",
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
    stimulus : str
        What everybody went through in it, such as a film or a protocol; empty where not said.
    """

    session: str
    dyad: str
    type: str
    number: int
    first: str
    second: str
    others: tuple[str, ...] = ()
    stimulus: str = ""

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
    never_met = _never_met(meetings, same_therapist=same_therapist)
    return never_met & _alike((m.type, m.number) for m in meetings)


def same_stimulus(meetings: Sequence[Meeting], *, same_therapist: bool) -> Bools:
    """Tell which first person may be paired with which second as stimulus-only pairs.

    Parameters
    ----------
    meetings : sequence of Meeting
        All sessions of the study, as for :func:`admissible`.
    same_therapist : bool
        As for :func:`admissible`.

    Returns
    -------
    ndarray of bool, shape (n_sessions, n_sessions)
        [i, j]: sessions i and j name the same stimulus and are of the same type, and the first
        person of i and the second of j are not the same and were together in no session. The
        number of the session does not matter. False where a session names no stimulus.

    Examples
    --------
    >>> one, two, three = (
    ...     Meeting(session=s, dyad=s, type="film", number=1, first="A" + s, second="B" + s,
    ...             stimulus=name)
    ...     for s, name in (("1", "sea"), ("2", "sea"), ("3", "desert"))
    ... )
    >>> same_stimulus([one, two, three], same_therapist=True).tolist()
    [[False, True, False], [True, False, False], [False, False, False]]
    """
    never_met = _never_met(meetings, same_therapist=same_therapist)
    named = np.array([bool(m.stimulus) for m in meetings], dtype=np.bool_)
    return never_met & _alike((m.type, m.stimulus) for m in meetings) & named[:, None]


def same_dyad(meetings: Sequence[Meeting]) -> Bools:
    """Tell which two sessions of a dyad may lend each other their people.

    Parameters
    ----------
    meetings : sequence of Meeting

    Returns
    -------
    ndarray of bool, shape (n_sessions, n_sessions)
        [i, j]: the same two people of the same dyad in the same roles, sessions of the same type
        with different numbers. Symmetric. Two sessions of one number, such as one session in two
        parts, are not paired.

    Examples
    --------
    >>> meetings = [
    ...     Meeting(session=s, dyad="d", type="therapy", number=n, first="P", second=t)
    ...     for s, n, t in (("a", 1, "T"), ("b", 2, "T"), ("c", 3, "another therapist"))
    ... ]
    >>> same_dyad(meetings).tolist()
    [[False, True, False], [True, False, False], [False, False, False]]
    """
    _check(meetings)
    whose = _alike((m.dyad, m.type, m.first, m.second) for m in meetings)
    return whose & ~_alike((m.number,) for m in meetings)


def partner_masks(
    meetings: Sequence[Meeting], names: Iterable[str], *, same_therapist: bool
) -> dict[str, Bools]:
    """Who may be paired with whom, for every partner surrogate named.

    Parameters
    ----------
    meetings : sequence of Meeting
        All sessions of the study, as for :func:`admissible`.
    names : iterable of str
        ``pseudo_dyads``, ``pseudo_sessions``, ``stimulus_pairs``.
    same_therapist : bool

    Returns
    -------
    dict of str to ndarray of bool, shape (n_sessions, n_sessions)
    """
    rules = {
        "pseudo_dyads": lambda: admissible(meetings, same_therapist=same_therapist),
        "pseudo_sessions": lambda: same_dyad(meetings),
        "stimulus_pairs": lambda: same_stimulus(meetings, same_therapist=same_therapist),
    }
    return {name: rules[name]() for name in names}


def refuse_without_partners(name: str, meetings: Sequence[Meeting]) -> None:
    """Raise because nobody in the whole study has a partner under a rule.

    People who never met are left to be missing session by session: then the study has one dyad.

    Raises
    ------
    InputError
        What is lacking, and what to do.
    """
    field = "surrogates"
    if name == "pseudo_sessions":
        raise InputError(
            field,
            name,
            "a study in which two people came to two sessions of one type; here no dyad did",
            "Dyad, type and number stand in sessions.tsv; sessions of one dyad need numbers of "
            "their own. With one session a dyad take pseudo_dyads.",
        )
    if name == "stimulus_pairs":
        if not any(m.stimulus for m in meetings):
            raise InputError(
                field,
                name,
                "sessions that name what everybody went through in them; here none does",
                "Add a column stimulus to sessions.tsv with one word for each film, text or "
                "protocol, the same word in every session that had it.",
            )
        raise InputError(
            field,
            name,
            "a stimulus that people who never met went through in sessions of one type; here "
            "every stimulus belongs to one dyad or one type",
            "Give the same stimulus the same word in the column stimulus of sessions.tsv, or take "
            "pseudo_dyads.",
        )


_ALONE = {
    "pseudo_dyads": "nobody who never met these two came to a usable session of the same type and "
    "number",
    "pseudo_sessions": "these two have no other usable session of the same type with another "
    "number",
    "stimulus_pairs": "nobody who never met these two went through the same stimulus in a usable "
    "session of the same type",
}


def why_alone(name: str) -> str:
    """Say why a session has no partner under a rule.

    Examples
    --------
    >>> why_alone("pseudo_sessions")
    'these two have no other usable session of the same type with another number'
    """
    return _ALONE[name]


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


def _never_met(meetings: Sequence[Meeting], *, same_therapist: bool) -> Bools:
    """[i, j]: the first person of i and the second of j were together in no session."""
    _check(meetings)
    if not meetings:
        return np.zeros((0, 0), dtype=np.bool_)
    number_of = {p: k for k, p in enumerate(sorted({p for m in meetings for p in m.people}))}
    met = np.eye(len(number_of), dtype=np.bool_)
    for m in meetings:
        there = [number_of[p] for p in m.people]
        met[np.ix_(there, there)] = True
    first = np.array([number_of[m.first] for m in meetings])
    second = np.array([number_of[m.second] for m in meetings])
    apart: Bools = ~met[first[:, None], second[None, :]]
    return apart if same_therapist else apart & ~_share_somebody(meetings, number_of)


def _alike(labels: Iterable[Hashable]) -> Bools:
    """[i, j]: sessions i and j have the same label."""
    seen: dict[Hashable, int] = {}
    codes = np.array([seen.setdefault(label, len(seen)) for label in labels], dtype=np.int64)
    return np.asarray(codes[:, None] == codes[None, :])


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
