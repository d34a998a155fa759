"""Several parts of one recording, joined with the gap between them left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from syntony.align.span import SECONDS_PER, stretches
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal

MAX_GAP_S = 86400.0
RATE_TOLERANCE = 1e-6  # relative: 3.6 ms over an hour


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """The parts of one person's recordings, on one clock.

    Attributes
    ----------
    signals, events : tuple
        One per kind, joined; times on the clock of ``starts_s``.
    starts_s : tuple of float
        Where second zero of each recording, in the order given, came to lie.
    moved_s : float
        The most that any part was moved from where its stamp put it.
    notes : tuple of Note
    """

    signals: tuple[Signal, ...]
    events: tuple[Events, ...]
    starts_s: tuple[float, ...]
    moved_s: float
    notes: tuple[Note, ...]


def join_parts(
    recordings: Sequence[Recording],
    starts_s: Sequence[float],
    *,
    slack_s: Sequence[float] | None = None,
    person: str = "",
) -> Joined:
    """Join one person's recordings; what no part covers stays empty.

    Recordings that share a kind are parts of one recording: they are put in the order of
    time, whatever order they came in. Signals keep their samples as they are: the gap is
    filled with NaN, and a later part is laid on the sampling times of the first, which
    moves it by at most half a sample. Events keep their times; in a later part an interval
    that would begin before that part did is NaN, for it belongs to nothing that was recorded.

    Parts may overlap by no more than their stamps are uncertain (``slack_s`` of the two
    added, so 1 s for stamps in whole seconds) and one sample: then the later one is moved to
    begin where the earlier one ends. No sample is dropped.

    Parameters
    ----------
    recordings : sequence of Recording
    starts_s : sequence of float
        Where second zero of each recording lies, in seconds on one clock.
    slack_s : sequence of float, optional
        Uncertainty of each of ``starts_s``; none, or NaN: 0.
    person : str, optional
        Named in notes and errors.

    Returns
    -------
    Joined

    Raises
    ------
    InputError
        If two parts overlap, or differ in rate or unit.

    Examples
    --------
    >>> part = Recording(signals=(Signal(values=[1.0, 2.0], rate_hz=1, start_s=0, unit="uS",
    ...     kind="eda", person="P01"),))
    >>> join_parts([part, part], [0.0, 4.0]).signals[0].values
    array([ 1.,  2., nan, nan,  1.,  2.])
    """
    slack = [s if np.isfinite(s) else 0.0 for s in slack_s or [0.0] * len(recordings)]
    settled, notes = _settle(recordings, starts_s, slack, person)
    order = sorted(range(len(recordings)), key=lambda i: settled[i])
    signals, events = [], []
    moved = max((abs(s - t) for s, t in zip(settled, starts_s, strict=True)), default=0.0)
    for kind in _kinds(recordings):
        at = [i for i in order if kind in _kinds([recordings[i]])]
        channels = [
            replace(s, start_s=s.start_s + settled[i])
            for i in at
            for s in recordings[i].signals
            if s.kind == kind
        ]
        moments = [(e, settled[i]) for i in at for e in recordings[i].events if e.kind == kind]
        if max(len(channels), len(moments)) > len(at) > 1:
            hint = "Read one of them, or give them kinds of their own."
            raise InputError("kind", kind, f"once in each part of {person or 'a person'}", hint)
        if len(at) == 1:
            signals += channels
            events += [join_events([m]) for m in moments]
            continue
        if channels:
            whole, rounded = join_signals(channels)
            signals.append(whole)
            moved = max(moved, rounded)
        if moments:
            events.append(join_events(moments))
    return Joined(
        signals=tuple(signals),
        events=tuple(events),
        starts_s=tuple(settled),
        moved_s=moved,
        notes=tuple(notes),
    )


def join_signals(parts: Sequence[Signal]) -> tuple[Signal, float]:
    """Join parts of one channel, already on one clock and in the order of time.

    Returns
    -------
    Signal
        On the sampling times of the first part, NaN where no part covers.
    float
        The most that a part was moved to lie on them, at most half a sample (s).

    Raises
    ------
    InputError
        If rate, unit or person differ, or parts overlap by more than a sample.
    """
    first = parts[0]
    if len(parts) == 1:
        return first, 0.0
    for part in parts[1:]:
        if abs(part.rate_hz / first.rate_hz - 1) > RATE_TOLERANCE:
            rates = sorted({p.rate_hz for p in parts})
            hint = "Bring them to one rate first; nothing is resampled here."
            raise InputError("rate_hz", rates, f"one rate in all parts of {_name(first)}", hint)
        if (part.unit, part.person) != (first.unit, first.person):
            given = [(p.unit, p.person) for p in parts]
            raise InputError("unit", given, f"one unit and person in all parts of {first.kind}")
    exact = np.array([(p.start_s - first.start_s) * first.rate_hz for p in parts])
    at = np.round(exact).astype(np.int64)
    for k in range(1, len(parts)):  # rounding may lay a part one sample into the former
        at[k] = max(at[k], at[k - 1] + parts[k - 1].values.size)
    if np.max(np.abs(at - exact)) > 1.5:
        raise _overlapping(first.person, parts)
    values = np.full(int(at[-1]) + parts[-1].values.size, np.nan)
    for start, part in zip(at, parts, strict=True):
        values[start : start + part.values.size] = part.values
    return replace(first, values=values), float(np.max(np.abs(at - exact)) / first.rate_hz)


def join_events(parts: Sequence[tuple[Events, float]]) -> Events:
    """Join parts of one kind of events, in the order of time.

    Parameters
    ----------
    parts : sequence of (Events, float)
        Each with the time at which its recording began; the times of the events count
        from there.

    Returns
    -------
    Events
        Times on the clock of the starts. In parts after the first, an interval (values
        in ms or s) that begins before its part did is NaN.
    """
    first = parts[0][0]
    if len({(e.unit, e.person, e.values is None) for e, _ in parts}) > 1:
        units = [e.unit or "no values" for e, _ in parts]
        raise InputError("unit", units, f"one unit and person in all parts of {_name(first)}")
    times = np.concatenate([e.times_s + start for e, start in parts])
    values = None
    if first.values is not None:
        rest = [_owned(e) for e, _ in parts[1:]]
        values = np.concatenate([first.values, *rest])
    return replace(first, times_s=times, values=values)


def _owned(part: Events) -> Array:
    """Values of a later part, NaN where the interval begins before the part did."""
    values = np.array(part.values)
    if part.unit in SECONDS_PER:
        values[part.times_s - values * SECONDS_PER[part.unit] < -1e-3] = np.nan
    return values


def _settle(
    recordings: Sequence[Recording], starts_s: Sequence[float], slack: Sequence[float], person: str
) -> tuple[list[float], list[Note]]:
    """Where each recording begins, with overlaps within the slack taken out."""
    settled, notes = [float(s) for s in starts_s], []
    spans = [extent(r) for r in recordings]
    order = sorted(range(len(recordings)), key=lambda i: starts_s[i] + spans[i][0])
    for n, later in enumerate(order):
        kinds = set(_kinds([recordings[later]]))
        before = [i for i in order[:n] if kinds & set(_kinds([recordings[i]]))]
        if not before:
            continue
        former = max(before, key=lambda i: settled[i] + spans[i][1])
        over = settled[former] + spans[former][1] - (settled[later] + spans[later][0])
        period = max((1 / s.rate_hz for s in recordings[later].signals), default=0.0)
        if over > slack[former] + slack[later] + period + 1e-6:
            _refuse(person, over, spans, settled, (former, later))
        if -over > MAX_GAP_S:
            given = f"{-over / 3600:.1f} h between two parts of {person or 'one person'}"
            hint = "Check the dates; another day is another session."
            raise InputError("parts", given, f"at most {MAX_GAP_S / 3600:g} h", hint)
        if over > 1e-6:
            settled[later] += over
            text = f"Part at {settled[later] - over:.3f} s began {over:.3f} s before the part "
            text += "ahead of it ended, within what its stamp leaves open; moved to its end."
            notes.append(Note(person, "part-moved", text))
    return settled, notes


def _refuse(
    person: str,
    over_s: float,
    spans: Sequence[tuple[float, float]],
    starts_s: Sequence[float],
    pair: tuple[int, int],
) -> None:
    """Say by how much two parts overlap, and where."""
    at = [f"{starts_s[i] + spans[i][0]:.3f} to {starts_s[i] + spans[i][1]:.3f} s" for i in pair]
    raise InputError(
        "parts",
        at,
        f"parts of {person or 'one person'} one after the other; these overlap by {over_s:.3f} s",
        "Check the start stamps, or whether one file was taken twice.",
    )


def _overlapping(person: str, parts: Sequence[Signal]) -> InputError:
    worst = max(a.stop_s - b.start_s for a, b in pairwise(parts))
    at = [f"{p.start_s:.3f} to {p.stop_s:.3f} s" for p in parts]
    expected = f"parts of {person or 'one person'} one after the other, these overlap by "
    return InputError("parts", at, f"{expected}{worst:.3f} s")


def extent(recording: Recording) -> tuple[float, float]:
    """From the first to the end of the last datum, on the recording's own clock.

    An interval that reaches back before second zero is cut there: it is not this part's own.
    """
    edges = [(s.start_s, s.stop_s) for s in recording.signals if s.values.size]
    for item in recording.events:
        edges += [(max(0.0, start), stop) for start, stop in stretches(item)]
        edges += [(float(t), float(t)) for t in (*item.times_s[:1], *item.times_s[-1:])]
    if not edges:
        return 0.0, 0.0
    return min(start for start, _ in edges), max(stop for _, stop in edges)


def _kinds(recordings: Sequence[Recording]) -> list[str]:
    """Kinds in the order in which they come."""
    kinds = ([*(s.kind for s in r.signals), *(e.kind for e in r.events)] for r in recordings)
    return list(dict.fromkeys(kind for one in kinds for kind in one))


def _name(value: Signal | Events) -> str:
    return f"{value.kind} of {value.person}" if value.person else value.kind
