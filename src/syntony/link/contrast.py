"""Moments of high and of low concordance: how they are chosen, matched and compared.

The rule for choosing them is ours, after the design of the 2007 study: what it chose from
noise is why the comparison needs a null of the *selection* (``selection.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.link.codes import NONE, POSITIVE, VALENCES

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
    step_s = _step_of(time_s, r, coverage)
    length_s = span_s[1] - span_s[0]
    if length_s < settings.min_session_s:
        least = f"{settings.min_session_s / 60:g} min"
        return Choice(moments=(), status=f"too short: {length_s / 60:.1f} min, under {least}")
    smooth = running_mean(r, int(settings.smooth_s // (2 * step_s)))
    allowed = np.isfinite(smooth) & (time_s >= span_s[0] + settings.skip_first_s)
    allowed &= time_s < span_s[1] - settings.skip_last_s
    if not allowed.any() or np.ptp(smooth[allowed]) < _LEAST_SPREAD:
        return Choice(moments=(), status="no moments: the smoothed r does not vary")
    there = np.where(np.isfinite(r), 1.0 if coverage is None else coverage, 0.0)
    moments: list[Moment] = []
    most, least_r = np.quantile(smooth[allowed], (1 - settings.share, settings.share))
    level = np.where(allowed, smooth, np.nan)
    for kind, sign, inside in (
        ("high", 1.0, level >= most),
        ("low", -1.0, level <= least_r),
    ):
        found = []
        for first, last in _runs(inside):
            part = slice(first, last)
            if (last - first) * step_s < settings.min_length_s - _SLACK or not there[part].any():
                continue
            moment = Moment(
                kind=kind,
                start_s=float(time_s[first] - step_s / 2),
                stop_s=float(time_s[last - 1] + step_s / 2),
                strength=_mean(r[part]),
                third=_third(float(time_s[first] + time_s[last - 1]) / 2, span_s),
                coverage=float(there[part].mean()),
            )
            found.append(moment)
        moments += _strongest(found, sign, settings)
    status = "ok" if moments else "no moments: none is long and whole enough"
    return Choice(moments=tuple(sorted(moments, key=lambda m: m.start_s)), status=status)


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


def _runs(inside: Bools) -> list[tuple[int, int]]:
    """Start and stop of every stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _mean(values: Array) -> float:
    """Mean of what is there; np.nanmean takes ten times as long for a few values."""
    return float(values[values == values].mean())


def _third(time_s: float, span_s: tuple[float, float]) -> int:
    share = (time_s - span_s[0]) / (span_s[1] - span_s[0])
    return int(min(3, max(1, 1 + np.floor(3 * share))))


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
    if tracks[0].shape != tracks[1].shape:
        raise InputError("tracks", [t.shape for t in tracks], "two tracks of one length")
    choice = choose_moments(time_s, r, settings=settings, span_s=span_s, coverage=coverage)
    people = [t for t in tracks if (t != NONE).any()]
    usable = [m for m in choice.moments if _is_coded(m, people)]
    shares = np.array([[_shares(m, t) for t in tracks] for m in usable])
    spoken = None if talk is None else np.array([_talk_in(m, talk) for m in usable])
    pairs = match_moments(Choice(moments=tuple(usable)), talk=spoken)
    if not pairs:
        why = choice.status if choice.status != "ok" else "no moments of both kinds in one third"
        empty = np.full((_PEOPLE, len(VALENCES)), np.nan)
        return MomentContrast(choice=replace(choice, status=why), differences=empty)
    high, low = (np.array(side) for side in zip(*pairs, strict=True))
    compared = {id(usable[i]) for i in (*high, *low)}
    moments = tuple(replace(m, matched=id(m) in compared) for m in choice.moments)
    return MomentContrast(
        choice=replace(choice, moments=moments),
        differences=(shares[high] - shares[low]).mean(axis=0),
    )


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
    return moment_contrast(
        time_s, r, tracks, settings=settings, span_s=span_s, coverage=coverage, talk=talk
    ).value(valence)


def _inside(moment: Moment, track: Array | Ints) -> Any:
    """Cut out the seconds of a track whose middle lies inside a moment."""
    first = max(0, int(np.ceil(moment.start_s - 0.5)))
    return track[first : max(first, int(np.ceil(moment.stop_s - 0.5)))]


def _is_coded(moment: Moment, people: list[Ints]) -> bool:
    """Whether every person who was coded at all is coded in at least half of this moment."""
    length = moment.stop_s - moment.start_s
    return bool(people) and all(
        np.count_nonzero(_inside(moment, t) != NONE) >= _MIN_CODED * length for t in people
    )


def _shares(moment: Moment, track: Ints) -> Array:
    """Share of each valence in a moment's coded seconds; NaN without any."""
    inside = _inside(moment, track)
    coded = np.bincount(inside[inside != NONE], minlength=len(VALENCES))
    shares: Array = coded / coded.sum() if coded.sum() else np.full(len(VALENCES), np.nan)
    return shares


def _talk_in(moment: Moment, talk: Array) -> float:
    inside = _inside(moment, talk)
    inside = inside[np.isfinite(inside)]
    return float(inside.mean()) if inside.size else float("nan")
