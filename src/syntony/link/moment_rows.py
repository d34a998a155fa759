"""Rows of the mixed model of moments: a session thinned to one value in so many seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.link.codes import UNCODED
from syntony.link.joined.phases import phase_parts
from syntony.link.joined.seconds import CodedSeconds

OUTCOMES = ("synchrony", "in_phase", "anti_phase")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MomentRows:
    """What the model is fitted to: one row per session and thinned second.

    Attributes
    ----------
    outcomes : mapping of str to ndarray of float64, shape (n_rows,)
        ``synchrony`` on the scale on which it is averaged, ``in_phase``, ``anti_phase``.
    time_s : ndarray of float64, shape (n_rows,)
        Middle of the second on the session clock.
    classes : ndarray of int64, shape (n_rows,)
    speaker : ndarray of int64, shape (n_rows,), or None
        None where talk was not coded in every session.
    levels : ndarray of float64, shape (n_rows, 2)
        Mean level of each person around the second, in SD of the session.
    time : ndarray of float64, shape (n_rows, degree)
        Legendre polynomials of the place in the session, from -1 to 1.
    session, dyad : ndarray of int64, shape (n_rows,)
        Place in ``sessions``, in ``dyads``.
    sessions, dyads : tuple of str
    """

    outcomes: Mapping[str, Array]
    time_s: Array
    classes: Ints
    speaker: Ints | None
    levels: Array
    time: Array
    session: Ints
    dyad: Ints
    sessions: tuple[str, ...]
    dyads: tuple[str, ...]


def moment_rows(sessions: Sequence[CodedSeconds], *, thin_s: int, degree: int) -> MomentRows:
    """Thin every session to one value per ``thin_s``, with what goes along.

    Parameters
    ----------
    sessions : sequence of CodedSeconds
    thin_s : int
        Seconds from one value to the next.
    degree : int
        Of the polynomial of session time.

    Returns
    -------
    MomentRows
        A second without synchrony, without one person's code or without one person's level
        has no row.
    """
    speaks = all(s.speaker is not None for s in sessions)
    dyads = tuple(dict.fromkeys(s.dyad for s in sessions))
    parts = [(k, dyads.index(s.dyad), *_thinned(s, thin_s, degree)) for k, s in enumerate(sessions)]

    def joined(k: int, empty: Array) -> Any:
        return np.concatenate([p[k] for p in parts]) if parts else empty

    none = np.empty(0)
    count = [p[2].size for p in parts]
    kept = joined(2, none).astype(np.int64)
    values = joined(3, np.empty((0, len(OUTCOMES))))
    return MomentRows(
        outcomes={name: values[:, k] for k, name in enumerate(OUTCOMES)},
        time_s=kept + 0.5,
        classes=joined(4, none).astype(np.int64),
        speaker=joined(5, none).astype(np.int64) if speaks else None,
        levels=joined(6, np.empty((0, 2))),
        time=joined(7, np.empty((0, degree))),
        session=np.repeat(np.array([p[0] for p in parts], dtype=np.int64), count),
        dyad=np.repeat(np.array([p[1] for p in parts], dtype=np.int64), count),
        sessions=tuple(s.session for s in sessions),
        dyads=dyads,
    )


def _grid(session: CodedSeconds, thin_s: int) -> Ints:
    """Seconds that are looked at: from the first with synchrony on, every ``thin_s``."""
    there = np.flatnonzero(np.isfinite(session.r))
    return np.arange(there[0], there[-1] + 1, thin_s) if there.size else np.empty(0, dtype=np.int64)


def _thinned(session: CodedSeconds, thin_s: int, degree: int) -> tuple[Any, ...]:
    """Rows of one session: second, outcomes, class, speaker, levels, time."""
    place, levels, time, outcomes = still_parts(session, thin_s, degree)
    keep = session.classes[place] != UNCODED
    place = place[keep]
    speaker = np.zeros(place.size) if session.speaker is None else session.speaker[place]
    return place, outcomes[keep], session.classes[place], speaker, levels[keep], time[keep]


def _around(values: Array, width: int) -> Array:
    """Mean over ``width`` seconds around each second, of what is there."""
    there = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(there)])
    place = np.arange(values.size)
    low = np.clip(place - width // 2, 0, values.size)
    high = np.clip(place + width // 2 + 1, 0, values.size)
    many = count[high] - count[low]
    out: Array = np.divide(
        total[high] - total[low], many, out=np.full(values.shape, np.nan), where=many > 0
    )
    return out


def still_parts(
    session: CodedSeconds, thin_s: int, degree: int
) -> tuple[Ints, Array, Array, Array]:
    """What stays where it is when codes turn: seconds, levels, time, outcomes; all there."""
    place = _grid(session, thin_s)
    levels = np.stack([_around(v, thin_s)[place] for v in session.levels], axis=1)
    keep = np.isfinite(session.r[place]) & np.isfinite(levels).all(axis=1)
    place, levels = place[keep], levels[keep]
    along = 2 * (place + 0.5) / max(session.r.size, 1) - 1
    time: Array = np.polynomial.legendre.legvander(along, degree)[:, 1:].astype(np.float64)
    y = np.stack([p[place] for p in (session.z, *phase_parts(session.r))], axis=1)
    return place, levels, time, y
