"""One person's channel made into a feature at its own rate, with what was lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from syntony.body.artefacts import KINDS, correct_beats
from syntony.body.cardiac import find_beats, heart_rate, in_ms, rate_from_intervals
from syntony.body.eda import clean, decompose
from syntony.body.marks import beats_without_marked, with_loss, without_marked
from syntony.body.quality import Loss
from syntony.body.registry import feature
from syntony.config import Body
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.session import Mark, Person, Session
from syntony.core.signal import Signal

_DRAW_HZ = 4.0  # beats are never drawn on a slower grid, so that they cannot alias
_TEMPERATURE = ("temperature", "temp")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """A feature of one person at its own rate.

    Attributes
    ----------
    parts : tuple of Signal
        The feature; several where the recording came in parts, in order of time.
    recorded : tuple of ndarray
        The values of the channel as they came, one array per part.
    kind : str
        Kind of the channel it was made from.
    first_s, last_s : float
        First and last moment of the recording on the session clock.
    total_s : float
        Its length, time between parts included.
    total_count : int
        Samples, or beats, in it.
    losses : tuple of Loss
        In seconds or samples of the channel as recorded.
    beats : mapping of str to int
        For heart rate: ``beats`` in all, and how many were corrected by kind.
    notes : tuple of Note
    """

    parts: tuple[Signal, ...]
    recorded: tuple[Array, ...]
    kind: str
    first_s: float
    last_s: float
    total_s: float
    total_count: int
    losses: tuple[Loss, ...]
    beats: Mapping[str, int]
    notes: tuple[Note, ...]


def make_source(session: Session, person: Person, name: str, options: Body) -> Source:
    """Find the channel of this person and make the feature from it.

    Raises
    ------
    InputError
        If the person has no such channel, its parts overlap, or it holds one sample.
    """
    signals, events = _channel(session, person, name)
    where = f"{session.id}/{person.id}/{name}"
    kind = (events or signals)[0].kind
    marks = [m for m in session.marks if m.person == person.id and m.kind in (kind, "*")]
    try:
        if events:
            return _from_beats(_joined(events, where), marks, options, where)
        taken = [without_marked(signal, marks) for signal in signals] if marks else []
        kept = tuple(signal for signal, _ in taken) or signals
        if name == "hr" and kind == "ecg":
            made = _from_ecg(kept, options, where)
        else:
            made = _from_signals(kept, session, name, options)
        lost = _summed([(loss,) for _, loss in taken], 0.0)
        return replace(
            made,
            recorded=tuple(s.values for s in signals),
            losses=with_loss(made.losses, lost[-1]) if taken else made.losses,
        )
    except InputError as error:
        field = error.field if error.field.startswith(where) else f"{where}: {error.field}"
        raise InputError(field, error.got, error.expected, error.hint) from error


def unit_of(session: Session, person: Person, name: str) -> str:
    """Unit that the feature of this person will have, before anything is computed.

    Raises
    ------
    InputError
        If the person has no such channel.
    """
    signals, events = _channel(session, person, name)
    return feature(name).unit if events or name == "hr" else signals[0].unit


def _channel(
    session: Session, person: Person, name: str
) -> tuple[tuple[Signal, ...], tuple[Events, ...]]:
    """Find the first kind of channel that this person has, as signals or as events."""
    kinds = feature(name).kinds
    for kind in kinds:
        if kind == "rr" and name == "hr":
            events = tuple(e for e in session.events if e.person == person.id and e.kind == kind)
            if events:
                return (), events
            continue
        found = [s for s in session.signals if s.person == person.id and s.kind == kind]
        if found:
            return tuple(sorted(found, key=lambda s: s.start_s)), ()
    has = sorted(
        {s.kind for s in session.signals if s.person == person.id}
        | {e.kind for e in session.events if e.person == person.id}
    )
    raise InputError(
        f"signal of {person.id} ({person.role}) in session {session.id}",
        name,
        f"a channel of kind {' or '.join(kinds)}; this person has {has or 'none'}",
        "For beats name 'hr'."
        if name == "rr"
        else "Name another signal, or leave the session out.",
    )


def _joined(events: tuple[Events, ...], where: str) -> Events:
    """Beats of a recording in parts, one after the other."""
    full = [e for e in events if e.times_s.size]
    count = sum(e.times_s.size for e in full)
    if count < 2:
        raise InputError(where, f"{count} beat(s)", "at least two beats")
    full.sort(key=lambda e: float(e.times_s[0]))
    for one, other in pairwise(full):
        if other.times_s[0] < one.times_s[-1]:
            raise _overlapping(where, float(one.times_s[-1]), float(other.times_s[0]))
    if len(full) == 1:
        return full[0]
    if len({e.unit for e in full}) > 1 or any(e.values is None for e in full):
        raise InputError(where, [e.unit for e in full], "intervals in one unit in all parts")
    return replace(
        full[0],
        times_s=np.concatenate([e.times_s for e in full]),
        values=np.concatenate([e.values for e in full if e.values is not None]),
    )


def _overlapping(where: str, stop_s: float, start_s: float) -> InputError:
    """Two parts of one recording that cover the same time."""
    return InputError(
        where,
        f"a part that starts at {start_s:g} s while another lasts to {stop_s:g} s",
        "one channel of this kind, or parts that follow one another",
        "Drop or rename one of them.",
    )


def _from_signals(
    signals: tuple[Signal, ...], session: Session, name: str, options: Body
) -> Source:
    """Skin conductance and its parts, intervals on a grid, or any channel as it is."""
    where = f"{session.id}/{signals[0].person}/{name}"
    _check_parts(signals, where)
    parts, losses = [], []
    for signal in signals:
        part, lost = _one_signal(signal, session, name, options)
        parts.append(part)
        losses.append(lost)
    return Source(
        parts=tuple(parts),
        recorded=tuple(s.values for s in signals),
        kind=signals[0].kind,
        first_s=signals[0].start_s,
        last_s=float(signals[-1].times_s[-1]),
        total_s=signals[-1].stop_s - signals[0].start_s,
        total_count=sum(s.values.size for s in signals),
        losses=_summed(losses, _between(signals)),
        beats={},
        notes=(),
    )


def _check_parts(signals: tuple[Signal, ...], where: str) -> None:
    """Refuse a channel of one sample, and parts that cover the same time."""
    count = sum(s.values.size for s in signals)
    if count < 2:
        raise InputError(where, f"{count} sample(s)", "at least two samples")
    for one, other in pairwise(signals):
        if other.start_s < one.stop_s - 0.5 / one.rate_hz:
            raise _overlapping(where, one.stop_s, other.start_s)


def _between(signals: tuple[Signal, ...]) -> float:
    """Seconds between the parts of a recording."""
    return sum(max(0.0, b.start_s - a.stop_s) for a, b in pairwise(signals))


def _one_signal(
    signal: Signal, session: Session, name: str, options: Body
) -> tuple[Signal, tuple[Loss, ...]]:
    """Make the feature from one continuous channel."""
    if signal.kind == "eda" and name in {"eda", "eda_tonic", "eda_phasic"}:
        cleaned, losses = clean(signal, options.eda, _temperature(session, signal))
        if name == "eda":
            return cleaned, losses
        tonic, phasic, short = decompose(cleaned, options.eda)
        return (tonic if name == "eda_tonic" else phasic), (*losses, short)
    if name == "hr" and signal.kind == "ibi":
        return rate_from_intervals(signal, options.beats)
    return _as_recorded(signal)


def _temperature(session: Session, eda: Signal) -> Signal | None:
    """Skin temperature of the same person around the same time, where it was recorded."""
    found = [
        s
        for s in session.signals
        if s.person == eda.person
        and s.kind in _TEMPERATURE
        and s.start_s < eda.stop_s
        and s.stop_s > eda.start_s
    ]
    return found[0] if found else None


def _as_recorded(signal: Signal) -> tuple[Signal, tuple[Loss, ...]]:
    """Leave the channel as it is; one that never moves says nothing and is dropped."""
    there = np.isfinite(signal.values)
    missing = int(np.count_nonzero(~there))
    losses = [Loss(cause="missing", seconds=missing / signal.rate_hz, count=missing)]
    if there.any() and np.ptp(signal.values[there]) == 0.0:
        still = int(np.count_nonzero(there))
        losses.append(Loss(cause="flat", seconds=still / signal.rate_hz, count=still))
        signal = replace(signal, values=np.full(signal.values.size, np.nan))
    return signal, tuple(losses)


def _summed(losses: list[tuple[Loss, ...]], between_s: float) -> tuple[Loss, ...]:
    """Losses of all parts by cause; the time between parts is missing."""
    seconds: dict[str, float] = {"missing": between_s}
    counts: dict[str, int] = {"missing": 0}
    for loss in (loss for part in losses for loss in part):
        seconds[loss.cause] = seconds.get(loss.cause, 0.0) + loss.seconds
        counts[loss.cause] = counts.get(loss.cause, 0) + loss.count
    return tuple(Loss(cause=c, seconds=seconds[c], count=counts[c]) for c in seconds)


def _from_ecg(signals: tuple[Signal, ...], options: Body, where: str) -> Source:
    """Beats found in each part of an ECG, then heart rate."""
    _check_parts(signals, where)
    found = [find_beats(signal) for signal in signals]
    beats = replace(
        found[0][0],
        times_s=np.concatenate([b.times_s for b, _ in found]),
        values=np.concatenate([b.values for b, _ in found if b.values is not None]),
    )
    ecg_losses = _summed([losses for _, losses in found], _between(signals))
    ends = (signals[0].start_s, float(signals[-1].times_s[-1]))
    source = _heart(beats, ends, options, where)
    slow = [s.rate_hz for s in signals if s.rate_hz < 250.0]
    notes = source.notes
    if slow:
        text = f"The ECG has {slow[0]:g} Hz: beats are timed to {500 / slow[0]:.1f} ms at best."
        notes = (*notes, Note(where, "slow-ecg", text))
    return replace(
        source,
        recorded=tuple(s.values for s in signals),
        kind="ecg",
        total_s=signals[-1].stop_s - signals[0].start_s,
        total_count=sum(s.values.size for s in signals),
        losses=(*ecg_losses, *source.losses),
        notes=notes,
    )


def _from_beats(beats: Events, marks: Sequence[Mark], options: Body, where: str) -> Source:
    """Heart rate from beats with their intervals."""
    ends = (float(beats.times_s[0]), float(beats.times_s[-1]))
    if ends[1] <= ends[0]:
        raise InputError(where, "beats at one moment", "at least two beats")
    if not marks:
        return _heart(beats, ends, options, where)
    kept, lost = beats_without_marked(beats, marks)
    made = _heart(kept, ends, options, where)
    return replace(made, recorded=(in_ms(beats),), losses=with_loss(made.losses, lost))


def _heart(beats: Events, ends: tuple[float, float], options: Body, where: str) -> Source:
    """Correct beats, draw heart rate, and say what was done."""
    o, grid_hz = options.beats, options.grid.rate_hz
    counts: Mapping[str, int] = {}
    in_all, recorded = beats.times_s.size, in_ms(beats)
    if o.correct:
        beats, counts = correct_beats(beats, max_rr_ms=o.max_rr_ms)
    rate_hz = grid_hz * max(1, int(np.ceil(_DRAW_HZ / grid_hz - 1e-9)))
    start_s = float(np.ceil(ends[0] * grid_hz - 1e-9) / grid_hz)
    count = max(0, int(np.floor((ends[1] - start_s) * rate_hz + 1e-9)) + 1)
    hr, losses = heart_rate(
        beats, o, rate_hz=rate_hz, start_s=start_s, stop_s=start_s + count / rate_hz
    )
    dropped = next(loss.count for loss in losses if loss.cause == "range")
    share = (dropped + sum(counts.get(kind, 0) for kind in KINDS)) / max(1, in_all)
    notes = []
    if share > o.max_corrected:
        dead = int(np.isfinite(hr.values).sum())
        losses += (Loss(cause="too-many-corrected", seconds=dead / rate_hz, count=dead),)
        hr = replace(hr, values=np.full(hr.values.size, np.nan))
        notes.append(_corrected(where, "too-many-corrected-beats", share, o.max_corrected))
    elif share > o.flag_corrected:
        notes.append(_corrected(where, "corrected-beats", share, o.flag_corrected))
    return Source(
        parts=(hr,),
        recorded=(recorded,),
        kind="rr",
        first_s=ends[0],
        last_s=ends[1],
        total_s=ends[1] - ends[0],
        total_count=in_all,
        losses=losses,
        beats={"beats": in_all, **counts},
        notes=tuple(notes),
    )


def _corrected(where: str, code: str, share: float, limit: float) -> Note:
    """Note that many beats were corrected, or dropped for an impossible interval."""
    then = "the recording is not used" if code.startswith("too") else "read it with care"
    done = f"{100 * share:.1f} % of the beats were corrected or dropped"
    return Note(where, code, f"{done} (limit {100 * limit:g} %): {then}.")
