"""One session second by second: synchrony, both people's level, codes, who speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.core.session import Span
from syntony.link.codes import CLASSES, NEGATIVE, NONE, POSITIVE, UNCODED

R_LIMIT = 1 - 1e-6  # r of 1 would be an infinite z
SPEAKERS = ("nobody", "first", "second", "both")

Scale = Literal["fisher_z", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedSeconds:
    """What is known of every second of a session; second k covers [k, k + 1) of its clock.

    Attributes
    ----------
    session, dyad : str
    r : ndarray of float64, shape (seconds,)
        Synchrony of the window centred in the second, as the method gives it; NaN where none.
    scale : {"fisher_z", "plain"}
        Whether r is a correlation, averaged after Fisher's z.
    levels : (ndarray, ndarray) of float64, shape (seconds,)
        Signal of the first and of the second person, in SD of the session around its mean.
    classes : ndarray of int64, shape (seconds,)
        Place in ``CLASSES``.
    tracks : (ndarray, ndarray) of int64, shape (seconds,)
        Valence of the first and of the second person.
    speaker : ndarray of int64, shape (seconds,), or None
        Place in ``SPEAKERS``; None where talk was not coded.
    window_s : float
        How much of the signals one value of r has seen, in seconds.
    index : float
        Synchrony of the whole session.
    """

    session: str
    dyad: str
    r: Array
    scale: Scale
    levels: tuple[Array, Array]
    classes: Ints
    tracks: tuple[Ints, Ints]
    speaker: Ints | None = None
    window_s: float = float("nan")
    index: float = float("nan")

    def __post_init__(self) -> None:
        sizes = {a.shape for a in (self.r, *self.levels, self.classes, *self.tracks)}
        if len(sizes) > 1:
            raise InputError("seconds", sorted(sizes), "arrays of one length")

    @property
    def z(self) -> Array:
        """Synchrony on the scale on which it is averaged, shape (seconds,)."""
        return to_scale(self.r, self.scale)

    def codes(self, roles: tuple[str, str]) -> dict[str, Ints]:
        """Every code that is looked at: in each second 1 on, 0 off, -1 not coded.

        Shared positive and shared negative emotion, then positive and negative of each person.

        Parameters
        ----------
        roles : (str, str)
            What the two people are called.
        """
        found = {}
        for name in ("shared_positive", "shared_negative"):
            found[name] = _state(self.classes, CLASSES.index(name), UNCODED)
        for role, track in zip(roles, self.tracks, strict=True):
            for name, valence in (("positive", POSITIVE), ("negative", NEGATIVE)):
                found[f"{role} {name}"] = _state(track, valence, NONE)
        return found


def _state(track: Ints, wanted: int, unknown: int) -> Ints:
    out: Ints = np.where(track == unknown, -1, (track == wanted).astype(np.int64))
    return out


def to_scale(r: Array, scale: Scale) -> Array:
    """Fisher's z of correlations, kept finite; values of another kind as they are.

    Examples
    --------
    >>> to_scale(np.array([0.0, 0.5]), "fisher_z").round(3).tolist()
    [0.0, 0.549]
    """
    return np.arctanh(np.clip(r, -R_LIMIT, R_LIMIT)) if scale == "fisher_z" else r


def per_second(time_s: Array, values: Array, seconds: int) -> Array:
    """Lay a course on the seconds of the session.

    Parameters
    ----------
    time_s : ndarray of float64, shape (n,)
        On the session clock, in seconds, ascending and evenly spaced.
    values : ndarray of float64, shape (n,)
        NaN where missing.
    seconds : int

    Returns
    -------
    ndarray of float64, shape (seconds,)
        Mean of the values in each second; where values are more than a second apart, that of
        the nearest within half a step of the second's middle. NaN where there is none.

    Examples
    --------
    >>> per_second(np.array([0.25, 0.75, 1.5]), np.array([1.0, 3.0, np.nan]), 3).tolist()
    [2.0, nan, nan]
    """
    out: Array = np.full(seconds, np.nan)
    if not time_s.size:
        return out
    step_s = float(np.median(np.diff(time_s))) if time_s.size > 1 else 1.0
    if step_s > 1.0:
        place = np.rint((np.arange(seconds) + 0.5 - time_s[0]) / step_s).astype(np.int64)
        inside = (place >= 0) & (place < time_s.size)
        out[inside] = values[place[inside]]
        return out
    second = np.floor(time_s).astype(np.int64)
    keep = np.isfinite(values) & (second >= 0) & (second < seconds)
    count = np.bincount(second[keep], minlength=seconds)
    total = np.bincount(second[keep], values[keep], seconds)
    np.divide(total, count, out=out, where=count > 0)
    return out


def standardised(values: Array) -> Array:
    """Values in SD around their mean; all NaN where they do not vary.

    Examples
    --------
    >>> standardised(np.array([1.0, 3.0, np.nan])).tolist()
    [-1.0, 1.0, nan]
    """
    there = values[np.isfinite(values)]
    if there.size < 2 or not there.std() > 1e-12 * max(1.0, float(np.abs(there).max())):
        return np.full(values.shape, np.nan)
    out: Array = (values - there.mean()) / there.std()
    return out


def runs(inside: Bools) -> tuple[Ints, Ints]:
    """Start and stop (not inside) of every stretch of True.

    Examples
    --------
    >>> [v.tolist() for v in runs(np.array([True, False, True, True]))]
    [[0, 2], [1, 4]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    return edges[::2].astype(np.int64), edges[1::2].astype(np.int64)


def talk_track(turns: Iterable[Span], seconds: int) -> Bools:
    """Seconds of which one person's talk covers at least half; turns may overlap.

    Examples
    --------
    >>> turns = [Span(label="speech", start_s=0.0, stop_s=1.2, person="P")]
    >>> talk_track(turns, 3).tolist()
    [True, False, False]
    """
    edges = np.arange(seconds + 1.0)
    covered = np.zeros(seconds)
    end = 0.0
    for turn in sorted(turns, key=lambda s: s.start_s):
        start = max(turn.start_s, end)
        end = max(end, turn.stop_s)
        covered += np.diff(np.clip(edges, start, max(start, end)))
    out: Bools = covered >= 0.5 - 1e-6
    return out


def speaker_track(talk: tuple[Bools, Bools]) -> Ints:
    """Who speaks in every second, as a place in ``SPEAKERS``.

    Examples
    --------
    >>> first, second = np.array([True, True, False]), np.array([False, True, False])
    >>> [SPEAKERS[k] for k in speaker_track((first, second))]
    ['first', 'both', 'nobody']
    """
    out: Ints = talk[0].astype(np.int64) + 2 * talk[1].astype(np.int64)
    return out


def talk_share(speaker: Ints) -> Array:
    """Share of each second's talk that is the first person's; NaN where nobody speaks.

    Examples
    --------
    >>> talk_share(np.array([0, 1, 2, 3])).tolist()
    [nan, 1.0, 0.0, 0.5]
    """
    return np.array([np.nan, 1.0, 0.0, 0.5])[speaker]
