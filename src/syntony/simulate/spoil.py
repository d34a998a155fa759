"""What goes wrong in a recording: motion, a sensor that comes off, gaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.session import Span
from syntony.core.signal import Signal

Spoilt = tuple[Signal, tuple[Span, ...]]


def add_motion(
    signal: Signal, rng: np.random.Generator, *, per_hour: float, height: float = 4.0
) -> Spoilt:
    """Add short spikes, as when an electrode is pulled.

    A spike jumps within one sample and dies away with 0.3 to 1 s; its height is lognormal
    about ``height`` (SD of the logarithm 0.5), up or down. All of these are choices.

    Parameters
    ----------
    signal : Signal
    rng : numpy.random.Generator
    per_hour : float
        Mean number of spikes per hour of signal (Poisson).
    height : float, default 4
        Median height in the unit of the signal.

    Returns
    -------
    Signal
        A new signal; NaN stays NaN.
    tuple of Span
        Where each spike was put (label ``"motion"``), on the clock of the signal.

    Raises
    ------
    InputError
        If ``per_hour`` is negative or not finite.

    Examples
    --------
    >>> quiet = Signal(values=np.full(14400, 5.0), rate_hz=4.0, start_s=0.0,
    ...                unit="uS", kind="eda", person="P01")
    >>> spoilt, where = add_motion(quiet, np.random.default_rng(1), per_hour=5)
    >>> bool((spoilt.values != 5.0).any()), where[0].label
    (True, 'motion')
    """

    def spike(values: Array, first: int, last: int) -> None:
        tall = height * np.exp(0.5 * rng.standard_normal()) * rng.choice([-1.0, 1.0])
        fade_s = rng.uniform(0.3, 1.0)
        values[first:last] += tall * np.exp(-np.arange(last - first) / signal.rate_hz / fade_s)

    return _put(signal, rng, per_hour, (4.0, 4.0), "motion", spike)


def add_detachment(
    signal: Signal,
    rng: np.random.Generator,
    *,
    per_hour: float,
    length_s: tuple[float, float] = (10.0, 60.0),
) -> Spoilt:
    """Let the sensor come off: the value falls to about 0.01 uS, with a little noise.

    Lengths are even between ``length_s`` (choice); the rule that should catch it is the
    lower limit of 0.05 uS of Kleckner et al. (2018).

    Parameters
    ----------
    signal : Signal
    rng : numpy.random.Generator
    per_hour : float
        Mean number of detachments per hour (Poisson).
    length_s : (float, float), default (10, 60)
        Shortest and longest in seconds.

    Returns
    -------
    Signal
        A new signal; NaN stays NaN.
    tuple of Span
        Label ``"detached"``.

    Raises
    ------
    InputError
        If ``per_hour`` is negative or not finite.

    References
    ----------
    .. [1] Kleckner et al. (2018), IEEE Trans Biomed Eng.
       https://doi.org/10.1109/TBME.2017.2758643

    Examples
    --------
    >>> whole = Signal(values=np.full(14400, 5.0), rate_hz=4.0, start_s=0.0,
    ...                unit="uS", kind="eda", person="P01")
    >>> spoilt, where = add_detachment(whole, np.random.default_rng(1), per_hour=5)
    >>> bool(0 <= spoilt.values.min() < 0.05)
    True
    """

    def off(values: Array, first: int, last: int) -> None:
        there = np.isfinite(values[first:last])
        low = np.abs(0.01 + 0.003 * rng.standard_normal(last - first))
        values[first:last] = np.where(there, low, np.nan)

    return _put(signal, rng, per_hour, length_s, "detached", off)


def add_gaps(
    signal: Signal,
    rng: np.random.Generator,
    *,
    per_hour: float,
    length_s: tuple[float, float] = (2.0, 15.0),
) -> Spoilt:
    """Lose samples, as when a wireless link breaks: NaN on the true time axis.

    Parameters
    ----------
    signal : Signal
    rng : numpy.random.Generator
    per_hour : float
        Mean number of gaps per hour (Poisson).
    length_s : (float, float), default (2, 15)
        Shortest and longest in seconds (choice).

    Returns
    -------
    Signal
        A new signal.
    tuple of Span
        Label ``"gap"``.

    Raises
    ------
    InputError
        If ``per_hour`` is negative or not finite.

    Examples
    --------
    >>> whole = Signal(values=np.ones(14400), rate_hz=4.0, start_s=0.0,
    ...                unit="uS", kind="eda", person="P01")
    >>> gappy, where = add_gaps(whole, np.random.default_rng(1), per_hour=5)
    >>> gappy.valid_share < 1
    True
    """

    def lose(values: Array, first: int, last: int) -> None:
        values[first:last] = np.nan

    return _put(signal, rng, per_hour, length_s, "gap", lose)


def lose_share(
    signal: Signal,
    rng: np.random.Generator,
    *,
    share: float,
    length_s: tuple[float, float] = (10.0, 60.0),
) -> Spoilt:
    """Lose a share of the time in stretches, as after artefacts that a rule marks: NaN.

    Stretches have even lengths between ``length_s`` (choice); what lies between them has
    exponential lengths. The share is that of the long run: a recording has more or less.

    Parameters
    ----------
    signal : Signal
    rng : numpy.random.Generator
    share : float
        Mean share of the time that is lost, 0 to under 1.
    length_s : (float, float), default (10, 60)
        Shortest and longest stretch in seconds.

    Returns
    -------
    Signal
        A new signal.
    tuple of Span
        Label ``"artefact"``.

    Raises
    ------
    InputError
        If ``share`` leaves its range.

    Examples
    --------
    >>> whole = Signal(values=np.ones(144000), rate_hz=4.0, start_s=0.0,
    ...                unit="uS", kind="eda", person="P01")
    >>> lossy, where = lose_share(whole, np.random.default_rng(1), share=0.1)
    >>> bool(abs(lossy.valid_share - 0.9) < 0.03), where[0].label
    (True, 'artefact')
    """
    if not 0 <= share < 1:
        raise InputError("share", share, "a share, 0 to under 1")
    length = signal.values.size / signal.rate_hz
    if share == 0 or length == 0:
        return signal, ()
    lost_s = sum(length_s) / 2
    turns = int(4 * length / lost_s) + 16
    stays = np.empty(2 * turns)
    stays[0::2] = rng.exponential(lost_s * (1 - share) / share, turns)
    stays[1::2] = rng.uniform(*length_s, turns)
    edges = np.cumsum(stays) - rng.uniform(length, 1.5 * length)
    places = np.clip(np.rint(edges * signal.rate_hz), 0, signal.values.size).astype(np.int64)
    values, spans = signal.values.copy(), []
    for first, last in places.reshape(-1, 2).tolist():
        if last > first:
            values[first:last] = np.nan
            at = [signal.start_s + k / signal.rate_hz for k in (first, last)]
            spans.append(Span(label="artefact", start_s=at[0], stop_s=at[1], person=signal.person))
    return replace(signal, values=values), tuple(spans)


def spoil(
    signal: Signal,
    rng: np.random.Generator,
    *,
    motion_per_hour: float = 4.0,
    detached_per_hour: float = 0.5,
    gaps_per_hour: float = 1.0,
) -> Spoilt:
    """Spoil a recording with motion, detachments and gaps, and say where.

    The rates are choices of ours: a usable recording with a few faults.

    Parameters
    ----------
    signal : Signal
    rng : numpy.random.Generator
    motion_per_hour, detached_per_hour, gaps_per_hour : float
        Mean numbers per hour (Poisson).

    Returns
    -------
    Signal
        A new signal.
    tuple of Span
        Everything that was put in, by start.

    Raises
    ------
    InputError
        If a rate is negative or not finite.

    Examples
    --------
    >>> whole = Signal(values=np.ones(14400), rate_hz=4.0, start_s=0.0,
    ...                unit="uS", kind="eda", person="P01")
    >>> same, where = spoil(whole, np.random.default_rng(1), motion_per_hour=0,
    ...                     detached_per_hour=0, gaps_per_hour=0)
    >>> bool((same.values == whole.values).all()), where
    (True, ())
    """
    signal, motion = add_motion(signal, rng, per_hour=motion_per_hour)
    signal, off = add_detachment(signal, rng, per_hour=detached_per_hour)
    signal, gaps = add_gaps(signal, rng, per_hour=gaps_per_hour)
    return signal, tuple(sorted(motion + off + gaps, key=lambda s: s.start_s))


def _put(
    signal: Signal,
    rng: np.random.Generator,
    per_hour: float,
    length_s: tuple[float, float],
    label: str,
    change: Callable[[Array, int, int], None],
) -> Spoilt:
    """Apply ``change`` at random places and list them."""
    if not (np.isfinite(per_hour) and per_hour >= 0):
        raise InputError("per_hour", per_hour, "a finite number, 0 or more")
    n, rate = signal.values.size, signal.rate_hz
    count = rng.poisson(per_hour * n / rate / 3600.0)
    if count == 0 or n == 0:
        return signal, ()
    values = signal.values.copy()
    spans = []
    for first in np.sort(rng.integers(0, n, count)):
        length = max(1, round(rng.uniform(*length_s) * rate))
        last = min(n, int(first) + length)
        change(values, int(first), last)
        start_s, stop_s = (signal.start_s + k / rate for k in (int(first), last))
        spans.append(Span(label=label, start_s=start_s, stop_s=stop_s, person=signal.person))
    return replace(signal, values=values), tuple(spans)
