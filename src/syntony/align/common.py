"""What two devices have in common, and the correction of one clock by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from syntony.align.jumps import cut_at_jumps, fit_with_jumps
from syntony.align.markers import ClockFit
from syntony.align.moments import find_claps, find_edges
from syntony.align.shared_signal import fit_shared_signal
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal

What = Literal["markers", "edges", "claps", "signal"]
WHATS: tuple[What, ...] = get_args(What)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Something that all devices of a session caught.

    Attributes
    ----------
    what : {"markers", "edges", "claps", "signal"}
        Events that were pressed or sent; edges of a trigger channel; claps in sound or
        acceleration; or one movement or sound as a whole.
    kind : str
        Kind of those events or signals: ``"marker"``, ``"trigger"``, ``"acc_z"``.
    """

    what: What
    kind: str

    def __post_init__(self) -> None:
        if self.what not in WHATS or not self.kind:
            raise InputError("common", (self.what, self.kind), f"one of {WHATS}, and its kind")


def one_in_common(**kinds: str) -> Common | None:
    """The one that is named, as in ``one_in_common(claps="acc_z", markers="")``; None without.

    Raises
    ------
    InputError
        If two are named.
    """
    named = {what: kind for what, kind in kinds.items() if kind}
    if len(named) > 1:
        raise InputError(
            "common", named, "one thing that all devices caught", "Choose the most exact."
        )
    return next((Common(what=w, kind=k) for w, k in named.items()), None)  # type: ignore[arg-type]


Starts = dict[str, list[float]]


def correct(
    recordings: Mapping[str, Sequence[Recording]],
    starts: Mapping[str, list[float]],
    common: Common,
    *,
    is_known: bool,
) -> tuple[Starts, dict[str, list[Recording]], dict[str, ClockFit]]:
    """Correct all but the first person's clock by what they have in common.

    Parameters
    ----------
    recordings : mapping of person id to sequence of Recording
    starts : mapping of person id to list of float
        Where second zero of each lies so far (s).
    common : Common
    is_known : bool
        Whether ``starts`` say anything: then only offsets near them are tried.

    Returns
    -------
    starts, recordings : as given, corrected; sampling times change, samples do not; where a
        clock jumped a recording becomes several
    fits : mapping of person id to ClockFit
        Of all but the first person.
    """
    guess = 0.0 if is_known else None
    first, *others = recordings
    fits = {}
    if common.what == "signal":
        signals = {p: _one_signal(given, starts[p], common.kind, p) for p, given in _in(recordings)}
        fits = {p: fit_shared_signal(signals[first], signals[p], guess_s=guess) for p in others}
    else:
        found = {p: _moments(given, starts[p], common) for p, given in _in(recordings)}
        none = sorted(p for p, times in found.items() if not times.size)
        if none:
            wanted = f"{common.what} of kind {common.kind!r}"
            if common.what == "markers":
                wanted = f"events of kind {common.kind!r}"
            raise InputError(common.what, f"none for {', '.join(none)}", wanted)
        fits = {p: fit_with_jumps(found[first], found[p], guess_s=guess) for p in others}
    new_starts: Starts = {first: starts[first]}
    new_recordings = {first: list(recordings[first])}
    for person, fit in fits.items():
        pace = 1 + fit.drift_ppm * 1e-6
        offsets = np.cumsum([fit.offset_s, *(jump.by_s for jump in fit.jumps)])
        parts = [
            ((start + begin) * pace + float(offset), _at_pace(part, pace))
            for recording, start in zip(recordings[person], starts[person], strict=True)
            for offset, (begin, part) in zip(
                offsets, cut_at_jumps(recording, fit, start), strict=True
            )
            if part.signals or part.events or not fit.jumps
        ]
        new_starts[person] = [start for start, _ in parts]
        new_recordings[person] = [part for _, part in parts]
    return new_starts, new_recordings, fits


def contradictions(
    fits: Mapping[str, ClockFit],
    starts: Mapping[str, list[float]],
    errors_s: Mapping[str, float],
) -> list[Note]:
    """Say where start stamps and what the devices caught do not agree."""
    first = next(p for p in starts if p not in fits)
    notes = []
    for person, fit in fits.items():
        allowed = errors_s[first] + errors_s[person] + (fit.error_s if fit.error_s > 0 else 0.0)
        if abs(fit.offset_s) <= allowed + 0.05:
            continue
        said = starts[person][0] - starts[first][0]
        text = (
            f"The start stamps put {person} {said:.2f} s after {first}; {fit.words} put it "
            f"{said + fit.offset_s:.2f} s after. The stamps are {abs(fit.offset_s):.2f} s off: "
            "check the clocks of the devices. What both recorded was followed."
        )
        notes.append(Note(person, "clock-contradiction", text))
    return notes


def _in(
    recordings: Mapping[str, Sequence[Recording]],
) -> list[tuple[str, Sequence[Recording]]]:
    return list(recordings.items())


def _moments(given: Sequence[Recording], starts: Sequence[float], common: Common) -> Array:
    """Times of the moments of one person on the common clock, ascending."""
    times = []
    for recording, start in zip(given, starts, strict=True):
        if common.what == "markers":
            times += [e.times_s + start for e in recording.events if e.kind == common.kind]
            continue
        find = find_claps if common.what == "claps" else find_edges
        times += [find(s) + start for s in recording.signals if s.kind == common.kind]
    return np.sort(np.concatenate(times)) if times else np.empty(0)


def _one_signal(
    given: Sequence[Recording], starts: Sequence[float], kind: str, person: str
) -> Signal:
    """The longest recording of this kind, on the common clock."""
    found = [
        replace(s, start_s=s.start_s + start)
        for recording, start in zip(given, starts, strict=True)
        for s in recording.signals
        if s.kind == kind
    ]
    if not found:
        there = sorted({s.kind for r in given for s in r.signals})
        raise InputError("signal", f"{person} has {there}", f"a signal of kind {kind!r}")
    return max(found, key=lambda s: s.stop_s - s.start_s)


def _at_pace(recording: Recording, pace: float) -> Recording:
    """Lay a drifting clock straight: sampling times change, samples do not."""
    signals = tuple(
        replace(s, rate_hz=s.rate_hz / pace, start_s=s.start_s * pace) for s in recording.signals
    )
    events = tuple(replace(e, times_s=e.times_s * pace) for e in recording.events)
    return replace(recording, signals=signals, events=events)
