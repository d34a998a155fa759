"""Artefacts of beat detection: the classification and correction of Lipponen & Tarvainen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from syntony.body.cardiac import in_ms
from syntony.core.arrays import Array, Ints
from syntony.core.events import Events

KINDS = ("ectopic", "missed", "extra", "long-short")
_C1, _C2 = 0.13, 0.17
_ALPHA = 5.2
_AROUND = 91  # beats that a threshold looks at
_MEDIAN = 11  # beats of the running median
_MIN_BEATS = 12  # a shorter stretch has no thresholds to speak of
_AGREE_S = 0.02


def correct_beats(beats: Events, *, max_rr_ms: float = 2000.0) -> tuple[Events, Mapping[str, int]]:
    """Correct ectopic, missed, extra and misplaced beats after Lipponen & Tarvainen.

    With intervals RR and their differences dRR, both thresholds Th = 5.2 times the
    quartile deviation of the absolute values in the 91 beats around ((Q3 - Q1) / 2);
    dRR is divided by its threshold, mRR = RR minus the running median of 11 (doubled
    where negative) by its own [1]_:

    * **ectopic** if dRR > 1 and S12 < -0.13 dRR - 0.17, or dRR < -1 and
      S12 > -0.13 dRR + 0.17, S12 the larger (for dRR > 0) or smaller of both neighbours;
    * else **long or short** if dRR > 1 and S22 < -1, dRR < -1 and S22 > 1, or
      abs(mRR) > 3, S22 the smaller (for dRR >= 0) or larger of the next two;
    * of these, **missed** if long and abs(RR / 2 - median) < Th2, **extra** if short and
      abs(RR + next RR - median) < Th2.

    An extra beat is taken out, a missed one put in the middle of its interval, all
    others are moved to the middle between their neighbours; this is repeated until the
    number of artefacts no longer falls.

    Parameters
    ----------
    beats : Events
        Kind ``"rr"``: times and the interval that ends at each beat (ms or s).
    max_rr_ms : float
        A longer interval is a gap. So is a missing interval, and an interval that does
        not reach back to the beat before (to 0.02 s): nothing is corrected across it.

    Returns
    -------
    beats : Events
        In ms. Where a stretch was corrected its intervals are the differences of the
        corrected times; elsewhere they are as given.
    counts : mapping of str to int
        ``ectopic``, ``missed``, ``extra``, ``long-short``: beats, each counted once under
        what it was first found to be; ``unjudged``: beats in stretches of fewer than 12,
        left as they are.

    Notes
    -----
    The first interval of a stretch has no predecessor: its place is taken by the mean,
    as NeuroKit2 does, and windows at the ends hold what is there. Where more than half
    of the beats are exactly alike a threshold is zero; nothing can be judged there, and
    the beats count as normal. Thresholds adapt to what is around: where every sixth beat
    or so is an artefact, none stands out any more, so few corrections are no proof of a
    good recording. Look at intervals out of range too, as the quality table does.

    References
    ----------
    .. [1] Lipponen & Tarvainen (2019), Journal of Medical Engineering & Technology 43(3),
       173-181. https://doi.org/10.1080/03091902.2019.1640306

    Examples
    --------
    A beat that was not seen is put back:

    >>> rr = 800 + 40 * np.sin(np.arange(60) * 1.9)
    >>> times = np.delete(np.cumsum(rr) / 1000, 30)
    >>> found, counts = correct_beats(Events(times_s=times, kind="rr", person="P01", unit="ms",
    ...     values=np.diff(1000 * times, prepend=np.nan)))
    >>> counts["missed"], found.times_s.size
    (1, 60)
    """
    intervals = in_ms(beats)
    counts = dict.fromkeys((*KINDS, "unjudged"), 0)
    times, values = [], []
    for start, stop, opening in _stretches(beats.times_s, intervals, max_rr_ms):
        own = beats.times_s[start:stop]
        whole = own if opening is None else np.concatenate(([opening], own))
        done = _correct_stretch(whole)
        if done is None:
            counts["unjudged"] += stop - start
        if done is None or not done.changed:
            times.append(own)
            values.append(intervals[start:stop])
            continue
        for kind in KINDS:
            counts[kind] += done.counts[kind]
        gaps = np.diff(1000.0 * done.times_s)
        if opening is None:
            times.append(done.times_s)
            values.append(np.concatenate((intervals[start : start + 1], gaps)))
        else:
            times.append(done.times_s[1:])
            values.append(gaps)
    corrected = replace(
        beats,
        times_s=np.concatenate([np.empty(0), *times]),
        values=np.concatenate([np.empty(0), *values]),
        unit="ms",
    )
    return corrected, counts


def _stretches(
    times: Array, intervals: Array, max_rr_ms: float
) -> list[tuple[int, int, float | None]]:
    """Where beats follow one another without a gap: first, after last, implied beat before.

    The interval at the first beat of a stretch says where the beat before it was, even
    when that beat itself is not on the list; without a usable interval there is none.
    """
    if not times.size:
        return []
    usable = np.isfinite(intervals) & (intervals <= max_rr_ms) & (intervals > 0)
    before = times - intervals / 1000.0
    joined = np.zeros(times.size, dtype=np.bool_)
    joined[1:] = usable[1:] & (np.abs(before[1:] - times[:-1]) <= _AGREE_S)
    starts = np.flatnonzero(~joined)
    stops = np.append(starts[1:], times.size)
    out: list[tuple[int, int, float | None]] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        implied = usable[start] and (start == 0 or before[start] > times[start - 1])
        out.append((start, stop, float(before[start]) if implied else None))
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Corrected:
    """A stretch after correction: times of beats, and how many of each kind were changed."""

    times_s: Array
    counts: Mapping[str, int]

    @property
    def changed(self) -> bool:
        """Whether any beat was changed."""
        return any(self.counts.values())


def _correct_stretch(times: Array) -> _Corrected | None:
    """Correct one stretch until the number of artefacts stops falling; None if too short."""
    if times.size < _MIN_BEATS:
        return None
    state = np.zeros(times.size, dtype=np.int64)  # 0 as found, else 1 + place in KINDS
    deleted = 0
    last = np.iinfo(np.int64).max
    while True:
        kinds = classify(times)
        here = int(np.count_nonzero(kinds))
        if here == 0 or here >= last or times.size < _MIN_BEATS:
            break
        last = here
        times, state, gone = _mend(times, state, kinds)
        deleted += gone
    counts = {kind: int(np.count_nonzero(state == k)) for k, kind in enumerate(KINDS, start=1)}
    counts["extra"] += deleted
    return _Corrected(times_s=times, counts=counts)


def classify(times: Array) -> Ints:
    """Classify every beat of a stretch: 0 normal, else 1 + its place in ``KINDS``.

    Parameters
    ----------
    times : ndarray of float64, shape (n_beats,)
        Seconds, ascending, at least three, without gaps.

    Returns
    -------
    ndarray of int64, shape (n_beats,)
        The interval that *ends* at the beat is judged. The last two beats are never
        judged: their followers are unknown.
    """
    rr, drr, mrr, median, th2 = _normalised(times)
    padded = np.concatenate((drr[2:0:-1], drr, drr[-2:-4:-1]))  # mirrored ends
    before, after, second = padded[1:-3], padded[3:-1], padded[4:]
    s12 = np.where(drr > 0, np.fmax(before, after), np.fmin(before, after))
    s22 = np.where(drr >= 0, np.fmin(after, second), np.fmax(after, second))
    sharp = np.abs(drr) > 1
    ectopic = ((drr > 1) & (s12 < -_C1 * drr - _C2)) | ((drr < -1) & (s12 > -_C1 * drr + _C2))
    long, short = (drr > 1) & (s22 < -1), (drr < -1) & (s22 > 1)
    off = long | short | (np.abs(mrr) > 3)
    missed = long & (np.abs(rr / 2 - median) < th2)
    both = rr + np.append(rr[1:], np.nan)
    extra = short & (np.abs(both - median) < th2)
    kinds = np.zeros(times.size, dtype=np.int64)
    at = 0
    while at < times.size - 2:  # the order of figure 1 of the paper
        step = 1
        if sharp[at] and ectopic[at]:
            kinds[at] = 1
        elif sharp[at]:
            # A step that is followed by a larger one is judged together with it.
            step = 2 if abs(drr[at + 1]) < abs(drr[at + 2]) else 1
            for beat in range(at, at + step):
                if off[beat]:
                    kinds[beat] = 3 if extra[beat] else 2 if missed[beat] else 4
        at += step
    return kinds


def _normalised(times: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Intervals, their normalised differences, deviations from the median, median, Th2."""
    rr = np.diff(times, prepend=np.nan)
    rr[0] = rr[1:].mean()
    drr = np.diff(rr, prepend=np.nan)
    drr[0] = drr[1:].mean()
    median = _rolling(rr, _MEDIAN, (0.5,))[0]
    mrr = rr - median
    mrr[mrr < 0] *= 2
    th1, th2 = _threshold(drr), _threshold(mrr)
    with np.errstate(divide="ignore", invalid="ignore"):
        drr = np.where(th1 > 0, drr / th1, 0.0)
        mrr = np.where(th2 > 0, mrr / th2, 0.0)
    return rr, drr, mrr, median, th2


def _threshold(x: Array) -> Array:
    """5.2 times the quartile deviation of the absolute values in the beats around."""
    q1, q3 = _rolling(np.abs(x), _AROUND, (0.25, 0.75))
    return np.asarray(_ALPHA * (q3 - q1) / 2)


def _rolling(x: Array, window: int, shares: tuple[float, ...]) -> list[Array]:
    """Centred running quantiles (linear between order statistics), shorter at the ends."""
    half = window // 2
    padded = np.concatenate((np.full(half, np.inf), x, np.full(half, np.inf)))
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
    at = np.arange(x.size)
    count = np.minimum(at + half, x.size - 1) - np.maximum(at - half, 0) + 1
    out = []
    for share in shares:
        place = share * (count - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, count - 1)
        a, b = ordered[at, low], ordered[at, high]
        out.append(np.asarray(a + (place - low) * (b - a)))
    return out


def _mend(times: Array, state: Ints, kinds: Ints) -> tuple[Array, Ints, int]:
    """Take out extra beats, put in missed ones, move the others; first and second stay."""
    inner = np.arange(times.size) > 1
    keep = ~((kinds == 3) & inner)
    times, state, kinds, inner = times[keep], state[keep], kinds[keep], inner[keep]
    missed = np.flatnonzero((kinds == 2) & inner)
    middle = (times[missed - 1] + times[missed]) / 2
    times, kinds = np.insert(times, missed, middle), np.insert(kinds, missed, 0)
    state = np.insert(state, missed, 2)
    for kind in (1, 4):
        moved = np.flatnonzero(kinds == kind)
        moved = moved[(moved > 1) & (moved < times.size - 1)]
        times = times.copy()
        times[moved] = (times[moved - 1] + times[moved + 1]) / 2
        state = state.copy()
        state[moved] = np.where(state[moved] == 0, kind, state[moved])
        order = np.argsort(times, kind="stable")
        times, state, kinds = times[order], state[order], kinds[order]
    return times, state, int(np.count_nonzero(~keep))
