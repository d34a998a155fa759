"""Moments of high and of low concordance: how they are chosen, matched and compared.

The rule for choosing them is ours, after the design of the 2007 study: what it chose from
noise is why the comparison needs a null of the *selection* (``selection.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.link.code_counts import CodeCounts
from syntony.link.codes import POSITIVE, VALENCES

if TYPE_CHECKING:
    from syntony.config import Moments

KINDS = ("high", "low")
_MIN_CODED = 0.5  # of a moment's seconds, for a person's share of codes in it
_PEOPLE = 2
_SLACK = 1e-9  # rounding of times and shares
_LEAST_SPREAD = 1e-9  # of r: less is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A stretch of high or of low concordance.

    Attributes
    ----------
    kind : str
        ``"high"`` or ``"low"``.
    start_s, stop_s : float
        On the session clock: from the first to the last window centre, and half a step more.
    strength : float
        Mean r of its windows.
    third : int
        Third of the session, 1 to 3, in which its middle lies.
    coverage : float
        Valid share of what its windows saw, 0 to 1.
    matched : bool
        Whether it has a partner of the other kind in the same third of the session.
    """

    kind: str
    start_s: float
    stop_s: float
    strength: float
    third: int
    coverage: float
    matched: bool = False

    def to_row(
        self,
        *,
        session: str,
        dyad: str,
        step: int,
        lag_s: float = float("nan"),
        leader: str = "",
    ) -> dict[str, Any]:
        """Make a row of ``moments.parquet``; lag and leader are measured by the caller."""
        return {
            "session": session,
            "dyad": dyad,
            "step": step,
            "kind": self.kind,
            "start_s": self.start_s,
            "stop_s": self.stop_s,
            "strength": self.strength,
            "third": self.third,
            "coverage": self.coverage,
            "matched": self.matched,
            "lag_s": lag_s,
            "leader": leader,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The moments of a session, in order of time, or why there are none (``status``)."""

    moments: tuple[Moment, ...]
    status: str = "ok"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MomentContrast:
    """High less low moments of one session.

    Attributes
    ----------
    choice : Choice
        All chosen moments; those that were compared are ``matched``.
    differences : ndarray of float64, shape (2, 3)
        Person (first, second) by valence (positive, neutral, negative): share of the coded
        seconds of matched high moments less that of low ones. NaN where nothing is matched.
    """

    choice: Choice
    differences: Array

    def value(self, valence: int = POSITIVE) -> float:
        """Mean over the two people; over the one who was coded, where only one was."""
        there = self.differences[:, valence]
        there = there[np.isfinite(there)]
        return float(there.mean()) if there.size else float("nan")


def choose_moments(
    time_s: Array,
    r: Array,
    *,
    settings: Moments,
    span_s: tuple[float, float],
    coverage: Array | None = None,
) -> Choice:
    """Choose the moments of highest and of lowest concordance of a session.

    Parameters
    ----------
    time_s : ndarray of float64, shape (n,)
        Centres of the windows of r on the session clock, in seconds, evenly spaced.
    r : ndarray of float64, shape (n,)
        Windowed correlation at lag 0; NaN where it is not valid.
    settings : Moments
        Part of the recipe: smoothing, share, lengths, gap, number, artefacts, edges.
    span_s : (float, float)
        Start and stop of the joint recording on the session clock, in seconds.
    coverage : ndarray of float64, shape (n,), optional
        Valid share of the samples of each window; without it, a window is whole. A window
        without r counts as missing either way.

    Returns
    -------
    Choice
        At most ``max_per_class`` of each kind. ``status`` is ``"too short"`` under
        ``min_session_s``.

    Raises
    ------
    InputError
        If the shapes differ or ``time_s`` is not evenly spaced.

    Notes
    -----
    r is smoothed by a running mean over an odd number of values that spans ``smooth_s``, NaN
    left out, NaN where less than half is there. Stretches in the top (bottom) ``share`` of the
    smoothed values between the edges, at least ``min_length_s`` long, with at most
    ``max_artefact`` missing, are taken strongest first, each at least ``min_gap_s`` from those
    of its kind that are taken.

    Examples
    --------
    >>> from syntony.config import Moments
    >>> time_s = np.arange(1500.0)
    >>> found = choose_moments(
    ...     time_s, np.sin(time_s / 50), settings=Moments(), span_s=(0.0, 1500.0)
    ... )
    >>> [m.kind for m in found.moments]
    ['high', 'low', 'high', 'low', 'high', 'low', 'high']
    """
    return choose_from(
        SmoothCourse.of(time_s, r, coverage, settings), settings=settings, span_s=span_s
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmoothCourse:
    """r(t) made ready for the choice, once for everybody who chooses from it.

    Attributes
    ----------
    time_s, r, smooth : ndarray of float64, shape (n,)
        Centres of the windows, their r, and its running mean; NaN where there is none.
    there : ndarray of float64, shape (n,)
        Valid share of what a window saw; 0 for a window without r.
    step_s : float
        From one window to the next.
    """

    time_s: Array
    r: Array
    smooth: Array
    there: Array
    step_s: float

    @classmethod
    def of(cls, time_s: Array, r: Array, coverage: Array | None, settings: Moments) -> SmoothCourse:
        """Smooth r(t); arguments and errors are those of ``choose_moments``."""
        step_s = _step_of(time_s, r, coverage)
        return cls(
            time_s=time_s,
            r=r,
            smooth=running_mean(r, int(settings.smooth_s // (2 * step_s))),
            there=np.where(np.isfinite(r), 1.0 if coverage is None else coverage, 0.0),
            step_s=step_s,
        )


def choose_from(course: SmoothCourse, *, settings: Moments, span_s: tuple[float, float]) -> Choice:
    """Choose moments as ``choose_moments`` does, from an r(t) that is smoothed already."""
    length_s = span_s[1] - span_s[0]
    if length_s < settings.min_session_s:
        least = f"{settings.min_session_s / 60:g} min"
        return Choice(moments=(), status=f"too short: {length_s / 60:.1f} min, under {least}")
    smooth, time_s = course.smooth, course.time_s
    allowed = np.isfinite(smooth) & (time_s >= span_s[0] + settings.skip_first_s)
    allowed &= time_s < span_s[1] - settings.skip_last_s
    inner = smooth[allowed]
    if not inner.size or np.ptp(inner) < _LEAST_SPREAD:
        return Choice(moments=(), status="no moments: the smoothed r does not vary")
    most, least_r = np.quantile(inner, (1 - settings.share, settings.share))
    moments: list[Moment] = []
    for kind, sign, inside in (
        ("high", 1.0, allowed & (smooth >= most)),
        ("low", -1.0, allowed & (smooth <= least_r)),
    ):
        found = _stretches(course, inside, kind, settings, span_s)
        moments += _strongest(found, sign, settings)
    status = "ok" if moments else "no moments: none is long and whole enough"
    return Choice(moments=tuple(sorted(moments, key=lambda m: m.start_s)), status=status)


def _stretches(
    course: SmoothCourse,
    inside: Bools,
    kind: str,
    settings: Moments,
    span_s: tuple[float, float],
) -> list[Moment]:
    """Every stretch of True that is long enough and has an r somewhere."""
    time_s, half_s = course.time_s, course.step_s / 2
    found = []
    for first, last in _runs(inside, course.step_s, settings.min_length_s):
        seen = float(np.add.reduce(course.there[first:last]))
        if not seen:
            continue
        moment = Moment(
            kind=kind,
            start_s=float(time_s[first] - half_s),
            stop_s=float(time_s[last - 1] + half_s),
            strength=_mean(course.r[first:last]),
            third=_third(float(time_s[first] + time_s[last - 1]) / 2, span_s),
            coverage=seen / (last - first),
        )
        found.append(moment)
    return found


def running_mean(values: Array, half: int) -> Array:
    """Mean over ``2 * half + 1`` values, NaN left out; NaN where less than half is there.

    Examples
    --------
    >>> running_mean(np.array([1.0, 2.0, np.nan, 4.0]), 1).tolist()
    [1.5, 1.5, 3.0, 4.0]
    """
    there = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(there)])
    start = np.maximum(np.arange(values.size) - half, 0)
    stop = np.minimum(np.arange(values.size) + half + 1, values.size)
    n = count[stop] - count[start]
    enough = 2 * n >= stop - start
    out: Array = np.full(values.shape, np.nan)
    np.divide(total[stop] - total[start], n, out=out, where=enough & (n > 0))
    return out


def _step_of(time_s: Array, r: Array, coverage: Array | None) -> float:
    """Seconds from one window to the next; refuse shapes and times that do not fit."""
    for name, values in (("r", r), ("coverage", coverage)):
        if values is not None and values.shape != time_s.shape:
            raise InputError(name, values.shape, f"the shape of time_s, {time_s.shape}")
    if time_s.size < 2:
        return 1.0
    steps = np.diff(time_s)
    step = float(np.median(steps))
    if not step > 0 or np.any(np.abs(steps - step) > 1e-6 * max(1.0, step)):
        raise InputError("time_s", f"steps of {steps.min():g} to {steps.max():g} s", "even steps")
    return step


def _runs(inside: Bools, step_s: float, least_s: float) -> list[tuple[int, int]]:
    """Start and stop of every stretch of True that lasts long enough."""
    padded = np.zeros(inside.size + 2, dtype=bool)
    padded[1:-1] = inside
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    edges = edges[(edges[:, 1] - edges[:, 0]) * step_s >= least_s - _SLACK]
    return [(first, last) for first, last in edges.tolist()]


def _mean(values: Array) -> float:
    """Mean of what is there; np.nanmean takes ten times as long for a few values."""
    there = values[values == values]
    return float(np.add.reduce(there) / there.size)


def _third(time_s: float, span_s: tuple[float, float]) -> int:
    share = (time_s - span_s[0]) / (span_s[1] - span_s[0])
    return min(3, max(1, 1 + math.floor(3 * share)))


def _strongest(found: list[Moment], sign: float, settings: Moments) -> list[Moment]:
    """Take the strongest that are whole enough, each a gap away from the others."""
    whole = [m for m in found if 1 - m.coverage <= settings.max_artefact + _SLACK]
    taken: list[Moment] = []
    for moment in sorted(whole, key=lambda m: (-sign * m.strength, m.start_s)):
        apart = all(
            moment.start_s - other.stop_s >= settings.min_gap_s - _SLACK
            or other.start_s - moment.stop_s >= settings.min_gap_s - _SLACK
            for other in taken
        )
        if apart and len(taken) < settings.max_per_class:
            taken.append(moment)
    return taken


def match_moments(choice: Choice, *, talk: Array | None = None) -> list[tuple[int, int]]:
    """Pair high with low moments of the same third of the session.

    Parameters
    ----------
    choice : Choice
    talk : ndarray of float64, shape (n_moments,), optional
        Share of talk of the first person in each moment, where talk was coded. With it, the
        pairs of a third are those whose shares lie closest together; without it (and for a
        moment where talk is NaN, which counts as .5), the strongest meet the strongest.

    Returns
    -------
    list of (int, int)
        Places of the high and of the low moment in ``choice.moments``; each at most once.

    Examples
    --------
    >>> moments = tuple(
    ...     Moment(kind=k, start_s=t, stop_s=t + 20, strength=s, third=third, coverage=1.0)
    ...     for k, t, s, third in [("high", 0, 0.9, 1), ("low", 50, -0.4, 1), ("low", 900, -0.6, 3)]
    ... )
    >>> match_moments(Choice(moments=moments))
    [(0, 1)]
    """
    pairs: list[tuple[int, int]] = []
    for third in (1, 2, 3):
        high, low = (
            sorted(
                (i for i, m in enumerate(choice.moments) if m.kind == kind and m.third == third),
                key=lambda i: -sign * choice.moments[i].strength,
            )
            for kind, sign in zip(KINDS, (1.0, -1.0), strict=True)
        )
        n = min(len(high), len(low))
        if talk is None:
            pairs += zip(high[:n], low[:n], strict=True)
        elif n:
            pairs += _closest(high, low, np.where(np.isfinite(talk), talk, 0.5))
    return sorted(pairs)


def _closest(high: list[int], low: list[int], talk: Array) -> list[tuple[int, int]]:
    """Find the pairing with the smallest sum of differences in talk."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.abs(talk[high][:, None] - talk[low][None, :]))
    return [(high[i], low[j]) for i, j in zip(rows, columns, strict=True)]


def moment_contrast(
    time_s: Array,
    r: Array,
    tracks: tuple[Ints, Ints],
    *,
    settings: Moments,
    span_s: tuple[float, float],
    coverage: Array | None = None,
    talk: Array | None = None,
) -> MomentContrast:
    """Compare the codes of two people in moments of high with those of low concordance.

    Parameters
    ----------
    time_s, r, settings, span_s, coverage
        As in ``choose_moments``.
    tracks : (ndarray of int64, ndarray of int64), shape (seconds,)
        First and second person's valence in every second, from ``valence_track``.
    talk : ndarray of float64, shape (seconds,), optional
        Share of each second in which the first person talks (of the talk), where it was
        coded; moments are then matched on it too.

    Returns
    -------
    MomentContrast
        A second belongs to a moment when its middle lies inside; a person has a share in a
        moment when at least half of its seconds are coded.

    Raises
    ------
    InputError
        If the two tracks differ in length.

    Examples
    --------
    Both are positive whenever they move together:

    >>> from syntony.config import Moments
    >>> time_s = np.arange(1500.0) + 0.5
    >>> r = np.sin(time_s / 50)
    >>> track = np.where(r > 0, 0, 2)
    >>> found = moment_contrast(
    ...     time_s, r, (track, track), settings=Moments(), span_s=(0.0, 1500.0)
    ... )
    >>> found.value()
    1.0
    """
    choice = choose_moments(time_s, r, settings=settings, span_s=span_s, coverage=coverage)
    usable, pairs, differences = _compare(choice, CodeCounts.of(tracks), talk)
    if not pairs:
        why = choice.status if choice.status != "ok" else "no moments of both kinds in one third"
        return MomentContrast(choice=replace(choice, status=why), differences=differences)
    compared = {id(usable[i]) for pair in pairs for i in pair}
    moments = tuple(replace(m, matched=id(m) in compared) for m in choice.moments)
    return MomentContrast(choice=replace(choice, moments=moments), differences=differences)


def _compare(
    choice: Choice, counts: CodeCounts, talk: Array | None
) -> tuple[list[Moment], list[tuple[int, int]], Array]:
    """Moments that are coded well enough, how they are matched, and what the codes say."""
    inside = counts.between(*_seconds_of(choice.moments))
    lengths_s = np.array([m.stop_s - m.start_s for m in choice.moments])
    kept = _are_coded(inside, lengths_s, counts.is_coded)
    usable = [m for m, keep in zip(choice.moments, kept, strict=True) if keep]
    spoken = None if talk is None else np.array([_talk_in(m, talk) for m in usable])
    pairs = match_moments(Choice(moments=tuple(usable)), talk=spoken)
    if not pairs:
        return usable, pairs, np.full((_PEOPLE, len(VALENCES)), np.nan)
    shares = _shares(inside[kept])
    high, low = (list(side) for side in zip(*pairs, strict=True))
    return usable, pairs, (shares[high] - shares[low]).mean(axis=0)


def contrast_of(
    time_s: Array,
    r: Array,
    tracks: tuple[Ints, Ints],
    *,
    settings: Moments,
    span_s: tuple[float, float],
    coverage: Array | None = None,
    talk: Array | None = None,
    valence: int = POSITIVE,
) -> float:
    """High less low share of one valence, mean of the two people; NaN without matched moments.

    The whole path from r(t) on: choosing, matching, reading the codes. For the null of the
    selection, pass the r(t) of one of the two with a stranger, and the codes as they are.
    Parameters are those of ``moment_contrast``.

    Examples
    --------
    >>> from syntony.config import Moments
    >>> none = np.full(1500, -1)
    >>> contrast_of(
    ...     np.arange(1500.0), np.zeros(1500), (none, none), settings=Moments(), span_s=(0, 1500)
    ... )
    nan
    """
    course = SmoothCourse.of(time_s, r, coverage, settings)
    return contrast_from(
        course, CodeCounts.of(tracks), settings=settings, span_s=span_s, talk=talk, valence=valence
    )


def contrast_from(
    course: SmoothCourse,
    counts: CodeCounts,
    *,
    settings: Moments,
    span_s: tuple[float, float],
    talk: Array | None = None,
    valence: int = POSITIVE,
) -> float:
    """The same as ``contrast_of``, where many ask about one r(t) or about one session's codes."""
    choice = choose_from(course, settings=settings, span_s=span_s)
    _, _, differences = _compare(choice, counts, talk)
    return MomentContrast(choice=choice, differences=differences).value(valence)


def _seconds_of(moments: Sequence[Moment]) -> tuple[Ints, Ints]:
    """First second, and the one after the last, whose middle lies inside each moment."""
    first = np.array([max(0, math.ceil(m.start_s - 0.5)) for m in moments], dtype=np.int64)
    stop = np.array([math.ceil(m.stop_s - 0.5) for m in moments], dtype=np.int64)
    return first, np.maximum(first, stop)


def _are_coded(inside: Ints, lengths_s: Array, people: Bools) -> Bools:
    """Whether every person who was coded at all is coded in at least half of each moment."""
    enough = inside[:, people].sum(axis=2) >= _MIN_CODED * lengths_s[:, None]
    kept: Bools = enough.all(axis=1) & people.any()
    return kept


def _shares(inside: Ints) -> Array:
    """Share of each valence in a moment's coded seconds, by person; NaN without any."""
    coded = inside.sum(axis=2, keepdims=True)
    shares: Array = np.full(inside.shape, np.nan)
    np.divide(inside, coded, out=shares, where=coded > 0)
    return shares


def _talk_in(moment: Moment, talk: Array) -> float:
    first, stop = (int(seconds[0]) for seconds in _seconds_of([moment]))
    inside = talk[first:stop]
    inside = inside[np.isfinite(inside)]
    return float(inside.mean()) if inside.size else float("nan")
