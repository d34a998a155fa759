"""One pair of people whose coupling is known: shared responses, delay, jitter, clocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, frozen_array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.session import Clock, Span
from syntony.core.signal import Signal
from syntony.simulate.skin import (
    Skin,
    per_second,
    scr_amplitudes,
    scr_onsets,
    skin_conductance,
)

TRUE_CLOCK = Clock(offset_s=0.0, drift_ppm=0.0, error_s=0.0, source="simulated")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSetup:
    """Everything that decides a simulated pair, except chance.

    Attributes
    ----------
    duration_s, rate_hz : float
        Length of the session in seconds, samples per second of both devices.
    people : (str, str)
        Ids; the first is the one that leads when ``delay_s`` is positive.
    skins : (Skin, Skin)
        What each person's skin conductance is made of.
    share : float or ndarray of float64, shape (n_seconds,)
        Share of the responses of the less active person that both people have in common,
        0 to 1; an array gives the share of each second of the session.
    delay_s : float
        Seconds by which the second person's common responses follow the first's;
        negative where the second leads.
    jitter_s : float
        SD of that delay from response to response (0.5 s as in the science notes,
        appendix A), on the side of the follower.
    moments_s : tuple of (float, float), or None
        Spans [start, stop) in seconds in which responses are shared, by the leader's
        time; None: the whole session.
    amplitude_share : float
        Share of the variance of log height that common responses have in common, 0 to 1
        (appendix A: 0, each person draws its own heights).
    activity : ndarray of float64, shape (n_seconds,), or None
        Factor on the response rate of *both* people in each second.
    shape_us : ndarray of float64, shape (n_seconds,), or None
        Slow curve in uS added to *both* people, given at whole seconds.
    missing_s : two tuples of (float, float)
        Stretches [start, stop) that each device did not record, in seconds on the session
        clock.
    clocks : (Clock, Clock)
        The true clock of each device: session time = device time * (1 + drift) + offset.

    Raises
    ------
    InputError
        If a share leaves 0 to 1, a span lies backwards, or a per-second array has another
        length than the session has seconds.
    """

    duration_s: float
    rate_hz: float
    people: tuple[str, str] = ("P01", "T01")
    skins: tuple[Skin, Skin] = (Skin(), Skin())
    share: float | Array = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.5
    moments_s: tuple[tuple[float, float], ...] | None = None
    amplitude_share: float = 0.0
    activity: Array | None = None
    shape_us: Array | None = None
    missing_s: tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]] = ((), ())
    clocks: tuple[Clock, Clock] = (TRUE_CLOCK, TRUE_CLOCK)

    def __post_init__(self) -> None:
        for name in ("duration_s", "rate_hz"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise InputError(name, getattr(self, name), "a finite number above 0")
        if not (np.isfinite(self.delay_s) and np.isfinite(self.jitter_s) and self.jitter_s >= 0):
            raise InputError("delay_s, jitter_s", (self.delay_s, self.jitter_s), "finite seconds")
        share = np.asarray(self.share, dtype=np.float64)
        if not (np.isfinite(share).all() and share.min() >= 0 and share.max() <= 1):
            raise InputError("share", self.share, "shares from 0 to 1")
        if not 0 <= self.amplitude_share <= 1:
            raise InputError("amplitude_share", self.amplitude_share, "a share, 0 to 1")
        for name in ("share", "activity", "shape_us"):
            given = getattr(self, name)
            if isinstance(given, np.ndarray):
                if given.shape != (self.n_seconds,):
                    want = f"one per second of the session, {(self.n_seconds,)}"
                    raise InputError(name, given.shape, want)
                object.__setattr__(self, name, frozen_array(name, given))
        spans = {"moments_s": self.moments_s or (), "missing_s": sum(self.missing_s, ())}
        for name, given in spans.items():
            for start, stop in given:
                if not start < stop:
                    raise InputError(name, (start, stop), "a start before its stop")

    @property
    def n_seconds(self) -> int:
        """Seconds of the session, the last one perhaps in part."""
        return int(np.ceil(self.duration_s))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MadePair:
    """A simulated pair and what is true of it.

    Attributes
    ----------
    signals : (Signal, Signal)
        Skin conductance in uS, kind ``"eda"``, each on the clock of its own device
        (``start_s`` is 0). With the default clocks that is the session clock.
    events : (Events, Events)
        True onsets of all responses, kind ``"scr"``, heights in uS, on the session clock,
        those of the 30 s before the session included (they reach into it).
    common_s : ndarray of float64, shape (n_common, 2)
        Onsets that the two people share: first person, second person; session clock.
    setup : PairSetup
        Holds share, delay, jitter, spans and clocks.
    """

    signals: tuple[Signal, Signal]
    events: tuple[Events, Events]
    common_s: Array
    setup: PairSetup

    @property
    def moments(self) -> tuple[Span, ...]:
        """The planted spans, label ``"coupled"``; the whole session where none were given."""
        whole = ((0.0, self.setup.duration_s),)
        spans = whole if self.setup.moments_s is None else self.setup.moments_s
        return tuple(Span(label="coupled", start_s=a, stop_s=b) for a, b in spans)


def make_pair(rng: np.random.Generator, setup: PairSetup) -> MadePair:
    """Simulate the skin conductance of two people with a planted coupling.

    Each person has responses at its own rate. Of them, a planted share is common: the
    leader's onset, and the follower's after the delay with jitter. The rest are drawn
    independently, so that the rates do not depend on the share.

    Parameters
    ----------
    rng : numpy.random.Generator
    setup : PairSetup

    Returns
    -------
    MadePair
        Signals of ``(duration_s - offset_s) / (1 + drift)`` seconds of device time each, NaN
        only in ``missing_s``, and the truth.

    Raises
    ------
    InputError
        If a device starts after the end of the session.

    Notes
    -----
    Where common responses are drawn at rate ``share * min(rate_1, rate_2)``, person *i*
    draws its own at the rest of its rate. A delayed response may fall after the end of a
    planted moment or of the session; it is then late or not recorded, as in life.

    Examples
    --------
    The second person follows by 2 s in half of the responses:

    >>> from syntony.core.seeds import rng_for
    >>> setup = PairSetup(duration_s=600.0, rate_hz=4.0, share=0.5, delay_s=2.0)
    >>> pair = make_pair(rng_for(1, "example"), setup)
    >>> pair.signals[0]
    Signal(eda of P01, 2400 samples at 4 Hz from 0 s, uS, 100.0 % present)
    >>> bool(abs((pair.common_s[:, 1] - pair.common_s[:, 0]).mean() - 2.0) < 0.3)
    True
    """
    streams = rng.spawn(5)
    common = _common_onsets(streams[0], setup)
    shared = streams[1].standard_normal(len(common)) * np.sqrt(setup.amplitude_share)
    signals, events = [], []
    for i in range(2):
        own = _own_onsets(streams[2], setup, i)
        heights = np.concatenate(
            [
                _common_heights(streams[2], common[:, i], shared, setup, i),
                scr_amplitudes(streams[2], own, skin=setup.skins[i]),
            ]
        )
        times = np.concatenate([common[:, i], own])
        order = np.argsort(times)
        times, heights = times[order], heights[order]
        signals.append(_record(streams[3 + i], times, heights, setup, i))
        events.append(
            Events(times_s=times, values=heights, unit="uS", kind="scr", person=setup.people[i])
        )
    return MadePair(
        signals=(signals[0], signals[1]),
        events=(events[0], events[1]),
        common_s=frozen_array("common_s", common, 2),
        setup=setup,
    )


def in_spans(times_s: Array, spans_s: tuple[tuple[float, float], ...]) -> Bools:
    """Which times lie in any of the spans [start, stop)."""
    inside = np.zeros(times_s.shape, dtype=np.bool_)
    for start, stop in spans_s:
        inside |= (times_s >= start) & (times_s < stop)
    return inside


def _rates(setup: PairSetup, rate_per_min: float) -> float | Array:
    """Rate of responses, per second where it changes."""
    return rate_per_min if setup.activity is None else rate_per_min * setup.activity


def _common_onsets(rng: np.random.Generator, setup: PairSetup) -> Array:
    """Onsets that both people share, shape (n_common, 2), in the order of the leader."""
    least = min(s.rate_per_min for s in setup.skins)
    share = np.atleast_1d(np.asarray(setup.share, dtype=np.float64))
    if not share.any():
        return np.empty((0, 2))
    times = scr_onsets(rng, duration_s=setup.duration_s, rate_per_min=_rates(setup, least))
    keep = rng.random(times.size) < per_second(share, times)
    if setup.moments_s is not None:
        keep &= in_spans(times, setup.moments_s)
    times = times[keep]
    follows = times + abs(setup.delay_s) + setup.jitter_s * rng.standard_normal(times.size)
    both = (times, follows) if setup.delay_s >= 0 else (follows, times)
    return np.stack(both, axis=1)


def _own_onsets(rng: np.random.Generator, setup: PairSetup, i: int) -> Array:
    """Onsets that person ``i`` does not share: its rate less that of the common ones."""
    rate = setup.skins[i].rate_per_min
    least = min(s.rate_per_min for s in setup.skins)
    times = scr_onsets(rng, duration_s=setup.duration_s, rate_per_min=_rates(setup, rate))
    share = np.atleast_1d(np.asarray(setup.share, dtype=np.float64))
    if rate == 0 or not share.any():
        return times
    follows = i == (1 if setup.delay_s >= 0 else 0)
    led = times - abs(setup.delay_s) if follows else times
    taken = per_second(share, led) * least / rate
    if setup.moments_s is not None:
        taken = taken * in_spans(led, setup.moments_s)
    own: Array = times[rng.random(times.size) >= taken]
    return own


def _common_heights(
    rng: np.random.Generator, onsets_s: Array, shared: Array, setup: PairSetup, i: int
) -> Array:
    """Heights of one person's common responses, partly shared with the other's."""
    fresh = rng.standard_normal(onsets_s.size) * np.sqrt(1.0 - setup.amplitude_share)
    return scr_amplitudes(rng, onsets_s, skin=setup.skins[i], shared=shared + fresh)


def _record(
    rng: np.random.Generator, onsets_s: Array, heights_us: Array, setup: PairSetup, i: int
) -> Signal:
    """Record what person ``i``'s device writes, on its own clock, from its start to the end."""
    clock, skin = setup.clocks[i], setup.skins[i]
    pace = 1.0 + clock.drift_ppm * 1e-6
    n = int(np.floor((setup.duration_s - clock.offset_s) / pace * setup.rate_hz + 1e-9))
    if n < 1:
        raise InputError("offset_s", clock.offset_s, f"a start before {setup.duration_s:g} s")
    step = pace / setup.rate_hz
    values = skin_conductance(
        rng,
        onsets_s,
        heights_us,
        n_samples=n,
        rate_hz=setup.rate_hz,
        skin=skin,
        start_s=clock.offset_s,
        step_s=step,
    )
    times: Array = clock.offset_s + step * np.arange(n, dtype=np.float64)
    if setup.shape_us is not None:
        values += np.interp(times, np.arange(setup.n_seconds), setup.shape_us)
    values[in_spans(times, setup.missing_s[i])] = np.nan
    return Signal(
        values=values,
        rate_hz=setup.rate_hz,
        start_s=0.0,
        unit="uS",
        kind="eda",
        person=setup.people[i],
    )


def coincidences(first_s: Array, second_s: Array, *, within_s: float, delay_s: float = 0.0) -> int:
    """Count events of the first person that one of the second's answers at ``delay_s``.

    Parameters
    ----------
    first_s, second_s : ndarray of float64
        Ascending times in seconds.
    within_s : float
        Largest distance from ``delay_s``, in seconds, both ways.
    delay_s : float, default 0
        Positive: the second follows.

    Returns
    -------
    int

    Examples
    --------
    >>> coincidences(np.array([1.0, 9.0]), np.array([3.1]), within_s=0.5, delay_s=2.0)
    1
    """
    low = np.searchsorted(second_s, first_s + delay_s - within_s, side="left")
    high = np.searchsorted(second_s, first_s + delay_s + within_s, side="right")
    return int(np.count_nonzero(high > low))
