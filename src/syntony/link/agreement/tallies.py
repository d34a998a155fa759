"""What two coders of one session said, counted: the pieces that add up over sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from syntony.config.agreement import Agreement
from syntony.core.arrays import Array, Bools, Ints
from syntony.core.session import Span
from syntony.link.agreement.alpha import coincidences
from syntony.link.agreement.events import tally_events
from syntony.link.agreement.tracks import NONE, CoderTrack, coder_track, tally_seconds

ABSENT = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedPerson:
    """One person of one session, and what each coder said of them.

    ``by`` is coder to codes (points included); ``seconds`` how long the session lasts (s).
    """

    session: str
    dyad: str
    person: str
    role: str
    seconds: int
    by: Mapping[str, tuple[Span, ...]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tally:
    """Counts of one pair of coders on one person of one session.

    Attributes
    ----------
    session, dyad, role : str
    seconds, near : ndarray of float64, shape (2, k, k)
        Second by second, without and with the tolerance; once from each coder.
    each, each_near : ndarray of float64, shape (n_codes, 2, 2, 2)
        The same for each code against everything else, the code first.
    events : ndarray of float64, shape (n_codes + 1, n_codes + 1)
    share : ndarray of float64, shape (n_codes, 2)
        Seconds with the code, by coder, among those that both coded.
    both_s, one_s, overlap_s : float
        Seconds coded by both, by one of the two only, and with several codes on one another.
    fit : ndarray of float64, shape (n_shifts, k, k)
        Tables with the second coder's track moved later by -10 to 10 s.
    """

    session: str
    dyad: str
    role: str
    seconds: Array
    near: Array
    each: Array
    each_near: Array
    events: Array
    share: Array
    both_s: float
    one_s: float
    overlap_s: tuple[float, float]
    fit: Array


SHIFTS_S = tuple(range(-10, 11))


def coders_of(people: Sequence[CodedPerson]) -> list[tuple[str, str]]:
    """Every two coders who coded at least one person of one session both, by name.

    Examples
    --------
    >>> one = CodedPerson(session="s", dyad="d", person="P", role="patient", seconds=9,
    ...                   by={"lee": (), "kim": ()})
    >>> coders_of([one])
    [('kim', 'lee')]
    """
    return sorted({pair for p in people for pair in combinations(sorted(p.by), 2)})


def names_of(people: Sequence[CodedPerson]) -> list[str]:
    """Every code that anybody gave, by name."""
    return sorted({s.label for p in people for spans in p.by.values() for s in spans})


def tracks_of(person: CodedPerson, names: Sequence[str]) -> dict[str, CoderTrack]:
    """Each coder's track of one person."""
    return {c: coder_track(s, names, seconds=person.seconds) for c, s in person.by.items()}


def tally(
    person: CodedPerson, pair: tuple[str, str], names: Sequence[str], settings: Agreement
) -> Tally:
    """Count what two coders said of one person in one session."""
    a, b = (coder_track(person.by[c], names, seconds=person.seconds) for c in pair)
    absent = settings.gaps == "absent"
    first, second = (exclusive(t, len(names), absent=absent) for t in (a, b))
    width, within = len(names) + absent, int(settings.tolerance_s)
    asked: Bools = np.ones(person.seconds, dtype=bool) if absent else a.coded & b.coded
    each, each_near = (
        np.array([_of_code(a, b, k, asked, t) for k in range(len(names))]).reshape(-1, 2, 2, 2)
        for t in (0, within)
    )
    return Tally(
        session=person.session,
        dyad=person.dyad,
        role=person.role,
        seconds=tally_seconds(first, second, width),
        near=tally_seconds(first, second, width, tolerance=within),
        each=each,
        each_near=each_near,
        events=tally_events(
            person.by[pair[0]],
            person.by[pair[1]],
            names,
            tolerance_s=settings.tolerance_s,
            overlap=settings.overlap,
        ),
        share=np.array([[(t.each[k] & asked).sum() for t in (a, b)] for k in range(len(names))]),
        both_s=float((a.coded & b.coded).sum()),
        one_s=float((a.coded ^ b.coded).sum()),
        overlap_s=(a.overlap_s, b.overlap_s),
        fit=np.array([tally_seconds(first, _later(second, s), width)[0] for s in SHIFTS_S]),
    )


def exclusive(track: CoderTrack, count: int, *, absent: bool) -> Ints:
    """One code a second; where gaps are an answer, a second without any has place ``count``."""
    return np.where(~track.coded, count, track.codes) if absent else track.codes


def _of_code(a: CoderTrack, b: CoderTrack, code: int, asked: Bools, within: int) -> Array:
    """Tables of one code against everything else, the code first."""
    here, there = (np.where(asked, np.where(t.each[code], 0, 1), NONE) for t in (a, b))
    return tally_seconds(here, there, 2, tolerance=within)


def _later(track: Ints, shift: int) -> Ints:
    """Track moved later by whole seconds; what comes in is uncoded."""
    out = np.full(track.shape, NONE, dtype=np.int64)
    n = track.size
    if abs(shift) < n:
        out[max(shift, 0) : n + min(shift, 0)] = track[max(-shift, 0) : n + min(-shift, 0)]
    return out


def coincidences_of(person: CodedPerson, names: Sequence[str], settings: Agreement) -> Array:
    """Coincidence matrices of all coders of one person: all codes, then each code.

    Returns
    -------
    list of ndarray
        Shape (k, k), and (n_codes, 2, 2) with the code first.
    """
    absent = settings.gaps == "absent"
    tracks = list(tracks_of(person, names).values())
    codes = np.array([exclusive(t, len(names), absent=absent) for t in tracks])
    width = len(names) + absent
    return coincidences(np.array([(codes == k).sum(axis=0) for k in range(width)]).T)


def coincidences_of_codes(person: CodedPerson, names: Sequence[str], settings: Agreement) -> Array:
    """Coincidence matrices of each code against everything else, shape (n_codes, 2, 2)."""
    tracks = list(tracks_of(person, names).values())
    asked = np.array([t.coded | (settings.gaps == "absent") for t in tracks])
    made = []
    for k in range(len(names)):
        there = np.array([t.each[k] for t in tracks]) & asked
        made.append(coincidences(np.array([there.sum(axis=0), (asked & ~there).sum(axis=0)]).T))
    return np.array(made).reshape(-1, 2, 2)
