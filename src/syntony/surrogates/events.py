"""Responses at other times: single responses moved, or the waits between them shuffled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.surrogates.present import present
from syntony.surrogates.registry import surrogate

LEAST_RESPONSES = 10
FEATURES = ("eda", "eda_phasic")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shuffled:
    """One draw, and how many responses it moved."""

    values: Array
    response_count: int

    @property
    def facts(self) -> Mapping[str, float]:
        """Numbers that are kept of each draw."""
        return {"response_count": float(self.response_count)}


def _say(facts: Mapping[str, Array]) -> str:
    """How many responses there were to shuffle."""
    return f"{facts['response_count'][0]:.0f} responses of the second person were shuffled."


def event_shuffle_told(
    y: Array, rng: np.random.Generator, *, rate_hz: float, threshold_us: float = 0.05
) -> Shuffled:
    """Do what :func:`event_shuffle` does, and say how many responses were moved."""
    there = present(y, rate_hz)
    taken = _without_responses(np.asarray(y, dtype=np.float64).tobytes(), rate_hz, threshold_us)
    order = rng.permutation(taken.lengths.size)
    long = taken.lengths[order]
    free = taken.level.size - int(long.sum())
    spots = np.sort(rng.choice(free + order.size, order.size, replace=False))
    starts = spots - np.arange(order.size) + np.cumsum(long) - long
    at = np.repeat(starts - np.cumsum(long) + long, long) + np.arange(int(long.sum()))
    values = np.full(y.size, np.nan)
    values[there] = taken.level
    values[np.flatnonzero(there)[at]] += _in_order(taken, order)
    return Shuffled(values=values, response_count=order.size)


@surrogate(
    name="event_shuffle",
    title="Responses at random times",
    keeps="how many responses the second person has, the shape of each, and the slow level below "
    "them at its true time",
    destroys="when each response falls, and in which order",
    question="Do the responses of these two fall together more than if those of one of them fell "
    "at random times on the same slow level?",
    pitfall="The slow level stays at its true time in every draw: what two people share of it, "
    "real synchrony or a course of all sessions, is no finding here. Of 306 simulated pairs of "
    "strangers (30 minutes of skin conductance, mean lagged correlation of levels, 99 draws) 5 % "
    "passed at .05, 7 % where both settle at the start and rise at the end, 3 % where both respond "
    "less and less often. It spreads the responses evenly over the session, which real ones are "
    "not. Fewer than 10 responses are refused, and so is every signal but skin conductance.",
    cites=("Moulder2018",),
    features=FEATURES,
    told=event_shuffle_told,
    say=_say,
)
def event_shuffle(
    y: Array, rng: np.random.Generator, *, rate_hz: float, threshold_us: float = 0.05
) -> Array:
    """Take every response off its level and put it back at a random time.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        The second person's skin conductance or its phasic part in uS. Responses are found as
        :func:`syntony.body.eda.find_scrs` finds them, in each stretch without a gap by itself.
        They are laid back on the valid samples laid end to end; NaN stays where it is.
    rng : numpy.random.Generator
    rate_hz : float
        Samples per second.
    threshold_us : float, default 0.05
        Smallest rise that is a response, in uS.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        In the unit of ``y``. Every arrangement in which no two responses overlap is equally
        likely.

    Raises
    ------
    InputError
        If fewer than 10 responses are found, the threshold is not above 0, the signal does not
        vary or has less than 60 s of valid samples.

    Notes
    -----
    A response reaches from its onset to the first sample after its peak at which the signal is
    back at the height of the onset; where it does not come back before the next onset, to the
    lowest sample in between. What lies above the straight line from its first to its last sample
    is moved, so that nothing jumps; what is left is the level that stays.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(2400) / 4.0
    >>> y = 2.0 + sum(np.where(t > s, (t - s) * np.exp((s - t) / 2), 0) for s in range(9, 590, 31))
    >>> drawn = event_shuffle(y, np.random.default_rng(1), rate_hz=4.0)
    >>> bool(np.isclose(drawn.sum(), y.sum())), bool((drawn != y).any())
    (True, True)
    """
    return event_shuffle_told(y, rng, rate_hz=rate_hz, threshold_us=threshold_us).values


def interval_shuffle_told(
    y: Array, rng: np.random.Generator, *, rate_hz: float, threshold_us: float = 0.05
) -> Shuffled:
    """Do what :func:`interval_shuffle` does, and say how many responses there were."""
    there = present(y, rate_hz)
    taken = _at_onsets(np.asarray(y, dtype=np.float64).tobytes(), rate_hz, threshold_us)
    values = np.full(y.size, np.nan)
    values[there] = taken.level + _in_order(taken, rng.permutation(taken.lengths.size))
    return Shuffled(values=values, response_count=taken.response_count)


@surrogate(
    name="interval_shuffle",
    title="Intervals between responses in random order",
    keeps="every response with what follows it until the next and how long that takes, and the "
    "slow level through the onsets at its true time",
    destroys="the order of the intervals, and with it when each response falls",
    question="Do these two move together more than if the same responses of one of them, after "
    "the same waits, had come in another order?",
    pitfall="The slow level stays at its true time in every draw: what two people share of it, "
    "real synchrony or a course of all sessions, is no finding here. Of 306 simulated pairs of "
    "strangers (30 minutes of skin conductance, mean lagged correlation of levels, 99 draws) 5 % "
    "passed at .05, 7 % where both settle at the start and rise at the end, 5 % where both respond "
    "less and less often. It takes for granted that any wait may follow any other. Fewer than 10 "
    "responses are refused, and so is every signal but skin conductance.",
    cites=("Moulder2018",),
    features=FEATURES,
    told=interval_shuffle_told,
    say=_say,
)
def interval_shuffle(
    y: Array, rng: np.random.Generator, *, rate_hz: float, threshold_us: float = 0.05
) -> Array:
    """Cut a signal at the onset of every response and join the pieces in random order.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        The second person's skin conductance or its phasic part in uS, as for
        :func:`event_shuffle`; also cut at every gap.
    rng : numpy.random.Generator
    rate_hz : float
        Samples per second.
    threshold_us : float, default 0.05
        Smallest rise that is a response, in uS.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        In the unit of ``y``; NaN where ``y`` is NaN. Every order of the pieces is equally likely,
        the real one included.

    Raises
    ------
    InputError
        As :func:`event_shuffle`.

    Notes
    -----
    The level is the line through the signal at the onsets, and at the first and last sample of
    every stretch without a gap. What lies above it is moved, piece by piece, on the valid samples
    laid end to end; so nothing jumps, and the level does not wander as it would if the pieces
    were joined at the heights that they have.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(2400) / 4.0
    >>> y = 2.0 + sum(np.where(t > s, (t - s) * np.exp((s - t) / 2), 0)
    ...               for s in np.cumsum(np.arange(9, 33)))
    >>> drawn = interval_shuffle(y, np.random.default_rng(1), rate_hz=4.0)
    >>> bool(np.isclose(drawn.sum(), y.sum())), bool((drawn != y).any())
    (True, True)
    """
    return interval_shuffle_told(y, rng, rate_hz=rate_hz, threshold_us=threshold_us).values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Taken:
    """A signal taken apart, on its valid samples laid end to end.

    ``level`` is what stays; ``pieces``, end to end and as long as ``lengths`` say, what moves.
    """

    level: Array
    pieces: Array
    lengths: Ints
    response_count: int


def _in_order(taken: _Taken, order: Ints) -> Array:
    """Pieces laid end to end in an order."""
    long = taken.lengths[order]
    begin = (np.cumsum(taken.lengths) - taken.lengths)[order]
    skip = np.repeat(begin - (np.cumsum(long) - long), long)
    moved: Array = taken.pieces[skip + np.arange(skip.size)]
    return moved


@lru_cache(maxsize=4)  # one signal is drawn from hundreds of times
def _without_responses(data: bytes, rate_hz: float, threshold_us: float) -> _Taken:
    """Responses above the straight line from first to last sample, and the level below them."""
    y = np.frombuffer(data, dtype=np.float64)
    spans = _responses(y, rate_hz, threshold_us)[:, [0, 2]]
    level = y.copy()
    for onset, stop in spans:
        level[onset:stop] = np.linspace(y[onset], y[stop], stop - onset, endpoint=False)
    pieces = np.concatenate([(y - level)[onset:stop] for onset, stop in spans])
    return _Taken(
        level=level[~np.isnan(y)],
        pieces=pieces,
        lengths=spans[:, 1] - spans[:, 0],
        response_count=len(spans),
    )


@lru_cache(maxsize=4)
def _at_onsets(data: bytes, rate_hz: float, threshold_us: float) -> _Taken:
    """Everything above the line through the onsets, cut at the onsets and at every gap."""
    y = np.frombuffer(data, dtype=np.float64)
    onsets = _responses(y, rate_hz, threshold_us)[:, 0]
    there = ~np.isnan(y)
    begins = np.flatnonzero(there & ~np.concatenate(([False], there[:-1])))
    ends = np.flatnonzero(there & ~np.concatenate((there[1:], [False])))
    cuts = np.unique(np.concatenate((begins, onsets)))
    corners = np.unique(np.concatenate((cuts, ends)))
    level = np.interp(np.arange(y.size), corners, y[corners])
    places = np.append((np.cumsum(there) - 1)[cuts], there.sum())
    return _Taken(
        level=level[there],
        pieces=(y - level)[there],
        lengths=np.diff(places),
        response_count=onsets.size,
    )


def _responses(y: Array, rate_hz: float, threshold_us: float) -> Ints:
    """Onset, peak and last sample of every response, shape (n_responses, 3)."""
    from syntony.body.eda import find_scrs
    from syntony.core.signal import Signal

    signal = Signal(values=y, rate_hz=rate_hz, start_s=0.0, unit="uS", kind="eda", person="")
    found = find_scrs(signal, threshold_us)
    onsets = np.rint(found.onsets_s * rate_hz).astype(np.int64)
    peaks = np.rint(found.peaks_s * rate_hz).astype(np.int64)
    if onsets.size < LEAST_RESPONSES:
        raise InputError(
            "y",
            f"{onsets.size} responses of at least {threshold_us:g} uS",
            f"at least {LEAST_RESPONSES}, so that there is something to shuffle",
            "Take shift_thirds or circular_shift, or lower threshold_us.",
        )
    gaps = np.append(np.flatnonzero(np.isnan(y)), y.size)
    ends = np.minimum(np.append(onsets[1:], y.size - 1), gaps[np.searchsorted(gaps, peaks)] - 1)
    stops = [_stop(y, *span) for span in zip(onsets, peaks, ends, strict=True)]
    return np.column_stack([onsets, peaks, np.array(stops, dtype=np.int64)])


def _stop(y: Array, onset: int, peak: int, end: int) -> int:
    """Where a response is over: back at the height of its onset, else its lowest sample."""
    after = y[peak + 1 : end + 1]
    back = np.flatnonzero(after <= y[onset])
    return peak + 1 + int(back[0] if back.size else np.argmin(after))
