"""Codes of two people as tracks with one value a second, and the four classes of shared emotion.

Second ``k`` covers [k, k + 1) of the session clock. A person's code is a valence
(0 positive, 1 neutral, 2 negative) or ``NONE``; a dyad's class is a place in ``CLASSES``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.core.session import Span

VALENCES = ("positive", "neutral", "negative")
POSITIVE, NEUTRAL, NEGATIVE = range(3)
NONE = -1

CLASSES = ("shared_positive", "shared_negative", "shared_neutral", "unshared", "uncoded")
UNSHARED, UNCODED = 3, 4
_SHARED = {POSITIVE: 0, NEGATIVE: 1, NEUTRAL: 2}

_SLACK_S = 1e-3  # coding programs round to milliseconds
_NAMED = 3  # how many of a list of wrong things an error names


def pick_coder(spans: Iterable[Span], coder: str = "") -> str:
    """Whose codes are read: the one asked for, or the first by name.

    Parameters
    ----------
    spans : iterable of Span
        Those with a person are codes; the others are left aside.
    coder : str, optional
        Name of the coder; empty takes the first by name among these spans.

    Returns
    -------
    str
        Empty when nobody coded, or when the codes carry no coder.

    Raises
    ------
    InputError
        If this coder gave no code here.

    Examples
    --------
    >>> pick_coder([Span(label="pos", start_s=0, stop_s=2, person="P", coder="kim")])
    'kim'
    """
    names = sorted({s.coder for s in spans if s.person})
    if coder and coder not in names:
        raise InputError("coder", coder, f"one of {names}", "Name a coder of this session.")
    return coder or (names[0] if names else "")


def valence_track(
    spans: Iterable[Span],
    person: str,
    *,
    seconds: int,
    code_book: Mapping[str, str],
    coder: str = "",
) -> Ints:
    """One person's valence in every second of the session.

    A second is coded when codes cover at least half of it; it then takes the valence that
    covers more of it, and of two that cover the same, the one that comes first.

    Parameters
    ----------
    spans : iterable of Span
        Codes of anybody (label, start_s, stop_s on the session clock, person, coder).
    person : str
        Whose codes are read.
    seconds : int
        Whole seconds in the session; a code may end within the second after the last.
    code_book : mapping of str to str
        Code to ``"positive"``, ``"neutral"`` or ``"negative"``.
    coder : str, optional
        Whose codes are read; empty takes the first by name among this person's codes.

    Returns
    -------
    ndarray of int64, shape (seconds,)
        0 positive, 1 neutral, 2 negative, -1 (``NONE``) where there is no code.

    Raises
    ------
    InputError
        For a code that the book lacks, a code outside the session, a code without length
        (a point event), and two codes of the person that overlap.

    Examples
    --------
    >>> book = {"smile": "positive", "frown": "negative"}
    >>> codes = [
    ...     Span(label="smile", start_s=0.0, stop_s=2.2, person="P"),
    ...     Span(label="frown", start_s=2.2, stop_s=3.0, person="P"),
    ... ]
    >>> valence_track(codes, "P", seconds=5, code_book=book).tolist()
    [0, 0, 2, -1, -1]
    """
    mine = [s for s in spans if s.person == person]
    coder = pick_coder(mine, coder) if mine else coder
    mine = sorted((s for s in mine if s.coder == coder), key=lambda s: (s.start_s, s.stop_s))
    _refuse(mine, person, seconds, code_book)
    cover = np.zeros((len(VALENCES), seconds))
    for valence, name in enumerate(VALENCES):
        cover[valence] = _cover_s([s for s in mine if code_book[s.label] == name], seconds)
    track: Ints = np.argmax(cover, axis=0).astype(np.int64)
    for second in np.flatnonzero(np.count_nonzero(cover == cover.max(axis=0), axis=0) > 1):
        track[second] = _first_of_tie(mine, code_book, cover[:, second], int(second))
    track[np.round(cover.sum(axis=0), 6) < 0.5] = NONE
    return track


def _refuse(spans: list[Span], person: str, seconds: int, book: Mapping[str, str]) -> None:
    """Refuse codes that cannot be laid on the seconds, naming them."""
    who = f"codes of {person}"
    unknown = sorted({s.label for s in spans} - set(book))
    if unknown:
        hint = "Add the code to the code book, or mend the codes."
        raise InputError(who, unknown, f"codes of the code book, {sorted(book)}", hint)
    wrong = sorted(set(book.values()) - set(VALENCES))
    if wrong:
        raise InputError("code_book", wrong, f"valences from {list(VALENCES)}")
    points = [_name(s) for s in spans if s.stop_s == s.start_s]
    if points:
        hint = "Code states with a start and a stop."
        raise InputError(who, _some(points), "codes that last", hint)
    outside = [_name(s) for s in spans if s.start_s < 0 or s.stop_s >= seconds + 1]
    if outside:
        hint = "Check the clock of the video: codes are given in seconds of the session."
        raise InputError(who, _some(outside), f"codes inside the session, 0 to {seconds} s", hint)
    for one, other in pairwise(spans):
        if other.start_s < one.stop_s - _SLACK_S:
            both = f"{_name(one)} and {_name(other)}"
            hint = "One person has one code at a time: mend one of the two."
            raise InputError(who, both, "codes that do not overlap", hint)


def _name(span: Span) -> str:
    return f"{span.label} {span.start_s:g}-{span.stop_s:g} s"


def _some(names: list[str]) -> str:
    """Join the first few of a list, and say how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _cover_s(spans: list[Span], seconds: int) -> Array:
    """How much of each second these spans (ascending, apart) cover, in seconds."""
    if not spans:
        return np.zeros(seconds)
    times = np.array([t for s in spans for t in (s.start_s, s.stop_s)])
    times = np.maximum.accumulate(times)  # an overlap by rounding counts once
    lengths = np.diff(times)
    lengths[1::2] = 0.0  # the stretches between two codes
    so_far = np.concatenate([[0.0], np.cumsum(lengths)])
    covered: Array = np.diff(np.interp(np.arange(seconds + 1.0), times, so_far))
    return np.round(covered, 6)


def _first_of_tie(spans: list[Span], book: Mapping[str, str], cover: Array, second: int) -> int:
    """Of the valences that cover most of this second, the one that comes first."""
    best = {VALENCES[k] for k in np.flatnonzero(cover == cover.max())}
    for span in spans:
        inside = span.start_s < second + 1 and span.stop_s > second
        if inside and book[span.label] in best:
            return VALENCES.index(book[span.label])
    return NONE


def four_classes(track_a: Ints, track_b: Ints) -> Ints:
    """Class of shared emotion in every second: the four of Chen et al. 2020, and uncoded.

    Parameters
    ----------
    track_a, track_b : ndarray of int64, shape (seconds,)
        From ``valence_track``.

    Returns
    -------
    ndarray of int64, shape (seconds,)
        Place in ``CLASSES``. A second that lacks one person's code is uncoded; two
        different codes are unshared.

    Raises
    ------
    InputError
        If the two tracks differ in length.

    References
    ----------
    .. [1] Chen et al. (2020), https://doi.org/10.1037/pspi0000337

    Examples
    --------
    >>> classes = four_classes(np.array([0, 2, 1, 0, -1]), np.array([0, 2, 1, 2, 0]))
    >>> [CLASSES[k] for k in classes]
    ['shared_positive', 'shared_negative', 'shared_neutral', 'unshared', 'uncoded']
    """
    if track_a.shape != track_b.shape:
        hint = "Make both tracks with the same number of seconds."
        raise InputError("track_b", track_b.shape, f"the shape of track_a, {track_a.shape}", hint)
    out: Ints = np.full(track_a.shape, UNSHARED, dtype=np.int64)
    for valence, name in _SHARED.items():
        out[(track_a == valence) & (track_b == valence)] = name
    out[(track_a == NONE) | (track_b == NONE)] = UNCODED
    return out
