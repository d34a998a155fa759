"""When each person was recorded, and when all of them were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from syntony.core.arrays import Array, Bools
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.session import Session
from syntony.core.signal import Signal

SECONDS_PER = {"ms": 1e-3, "s": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlap:
    """When everybody was recorded at once, and what is left over.

    Attributes
    ----------
    stretches : ndarray of float64, shape (n_stretches, 2)
        Start and stop of each joint stretch, seconds.
    total_s : float
        Their summed length.
    left_over_s : mapping of person id to float
        Seconds of that person's recording outside the joint stretches.
    """

    stretches: Array
    total_s: float
    left_over_s: Mapping[str, float]


def stretches(item: Signal | Events, *, bridge_s: float = 1.0, slack_s: float = 0.1) -> Array:
    """List the stretches in which there is data.

    A signal's stretches run from its first to its last sample and are broken by missing
    runs (NaN) longer than ``bridge_s``. A list of beats covers the interval that ends at
    each beat; intervals that meet within ``slack_s`` are one stretch, so a beat lost
    between two parts breaks it and a long interval does not. Events without a duration
    in their values, such as markers, cover nothing.

    Parameters
    ----------
    item : Signal or Events
    bridge_s : float
        Longest missing run that does not break a stretch (s).
    slack_s : float
        Largest hole between two intervals that does not break a stretch (s).

    Returns
    -------
    ndarray of float64, shape (n_stretches, 2)
        Start and stop in seconds, ascending, apart from each other. Empty where all is NaN.

    Examples
    --------
    >>> beats = Events(times_s=[0.8, 1.6, 9.0], values=[800, 800, 1000], unit="ms", kind="rr",
    ...     person="P01")
    >>> stretches(beats).tolist()
    [[0.0, 1.6], [8.0, 9.0]]
    """
    if isinstance(item, Signal):
        period = 1.0 / item.rate_hz
        there = _runs(np.isfinite(item.values))
        return merge(item.start_s + there * period, slack_s=bridge_s + 1e-9)
    if item.values is None or item.unit not in SECONDS_PER:
        return np.empty((0, 2))
    length = item.values * SECONDS_PER[item.unit]
    known = np.isfinite(length) & (length > 0)
    ends = item.times_s[known]
    return merge(np.column_stack([ends - length[known], ends]), slack_s=slack_s)


def merge(spans: Array, *, slack_s: float = 0.0) -> Array:
    """Join stretches that overlap or lie at most ``slack_s`` apart; shape (n, 2)."""
    spans = np.asarray(spans, dtype=np.float64).reshape(-1, 2)
    spans = spans[spans[:, 1] > spans[:, 0]]
    if not len(spans):
        return np.empty((0, 2))
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reach = np.maximum.accumulate(spans[:, 1])
    new = np.concatenate([[True], spans[1:, 0] > reach[:-1] + slack_s])
    last = np.concatenate([np.flatnonzero(new)[1:] - 1, [len(spans) - 1]])
    return np.column_stack([spans[new, 0], reach[last]])


def intersection(a: Array, b: Array) -> Array:
    """Stretches that lie in both lists, shape (n, 2), ascending.

    Examples
    --------
    >>> intersection(np.array([[0.0, 5.0], [8.0, 9.0]]), np.array([[4.0, 8.5]])).tolist()
    [[4.0, 5.0], [8.0, 8.5]]
    """
    if not len(a) or not len(b):
        return np.empty((0, 2))
    start = np.maximum(a[:, None, 0], b[None, :, 0]).ravel()
    stop = np.minimum(a[:, None, 1], b[None, :, 1]).ravel()
    both = np.column_stack([start, stop])[stop > start]
    return both[np.argsort(both[:, 0], kind="stable")]


def length_s(spans: Array) -> float:
    """Add up the length of stretches that do not overlap, in seconds."""
    return float((spans[:, 1] - spans[:, 0]).sum())


def overlap(people: Mapping[str, Array]) -> Overlap:
    """Find when all of these people were recorded at once.

    Parameters
    ----------
    people : mapping of person id to ndarray, shape (n_stretches, 2)
        From `stretches`, on one clock.

    Raises
    ------
    InputError
        If there is nobody.
    """
    if not people:
        raise InputError("people", [], "at least one person")
    joint = reduce(intersection, people.values())
    total = length_s(joint)
    left = {person: length_s(spans) - total for person, spans in people.items()}
    return Overlap(stretches=joint, total_s=total, left_over_s=left)


def recorded(items: Sequence[Signal | Events]) -> Array:
    """List the stretches in which any of these has data; shape (n, 2)."""
    found = [stretches(item) for item in items]
    return merge(np.concatenate(found)) if found else np.empty((0, 2))


def session_overlap(session: Session, kind: str = "") -> Overlap:
    """Find when all people of a session were recorded at once, of one kind or of any.

    Parameters
    ----------
    session : Session
    kind : str, optional
        ``"eda"``, ``"rr"``, ...; without it any data of the person count.

    Examples
    --------
    >>> from syntony.core.session import Person
    >>> people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    >>> def eda(who, start_s, count):
    ...     return Signal(values=range(count), rate_hz=4, start_s=start_s, unit="uS", kind="eda",
    ...         person=who)
    >>> two = Session(id="s1", people=people, signals=(eda("P01", 0, 40), eda("T01", 2.5, 40)))
    >>> session_overlap(two, "eda").total_s
    7.5
    """
    items: list[Signal | Events] = [*session.signals, *session.events]
    return overlap(
        {
            p.id: recorded([i for i in items if i.person == p.id and kind in ("", i.kind)])
            for p in session.people
        }
    )


def _runs(there: Bools) -> Array:
    """First and one-past-last index of every run of True; shape (n, 2)."""
    edge = np.diff(np.concatenate([[False], there, [False]]).astype(np.int8))
    return np.column_stack([np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)]).astype(float)
