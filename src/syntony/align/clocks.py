"""One clock for all people of a session: where each device's clock lies on it, and how surely.

Second zero of a session is the first moment at which everybody is recorded; what one
person has before it lies at negative times and is counted as left over. Only where the
caller gives the offsets is zero what they say it is. Nothing is resampled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from syntony.align.common import Common, contradictions, correct
from syntony.align.jumps import jump_notes
from syntony.align.markers import ClockFit
from syntony.align.parts import Joined, extent, join_parts
from syntony.align.span import Overlap, length_s, overlap, recorded
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.session import Clock
from syntony.core.signal import Signal

Given = float | Sequence[float]
NOTABLE_S = 5.0
TOGETHER = "taken to start together, as the user said; nothing checks it"
STAMPS = "start stamps"
OFFSETS = "offsets given by the user"
ONE_CLOCK = "one clock for everybody"
REFERENCE = "the clock to which the others' markers were fitted"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """Recordings of several people on one session clock.

    Attributes
    ----------
    signals, events : tuple
        Joined over parts; times in seconds on the session clock.
    clocks : mapping of person id to Clock
        Device time counts from second zero of that person's earliest recording.
    started_at : datetime or None
        Absolute time of session zero; None where no source had a clock.
    overlap_s : float
        Seconds in which everybody was recorded, part by part.
    stretches : ndarray of float64, shape (n_stretches, 2)
        Those stretches, on the session clock.
    left_over_s : mapping of person id to float
        Seconds of a person's recording outside them.
    start_difference_s : float
        Largest difference of the starts of two recordings that belong together.
    parts : mapping of person id to int
        Number of recordings that were joined.
    notes : tuple of Note
    """

    signals: tuple[Signal, ...]
    events: tuple[Events, ...]
    clocks: Mapping[str, Clock]
    started_at: datetime | None
    overlap_s: float
    stretches: Array
    left_over_s: Mapping[str, float]
    start_difference_s: float
    parts: Mapping[str, int]
    notes: tuple[Note, ...]


def place(
    recordings: Mapping[str, Sequence[Recording]],
    *,
    offsets_s: Mapping[str, Given] | None = None,
    together: bool = False,
    common: Common | None = None,
    latencies_s: Mapping[str, float] | None = None,
) -> Placed:
    """Put the recordings of all people of a session on one clock.

    The clocks come, in this order, from: ``offsets_s``; one clock that all sources share;
    start stamps; or, only if ``together`` says so, from taking all to start at once.
    ``common`` corrects what these give by something that all devices caught, and needs none
    of them; where the stamps say otherwise, a note says by how much.

    Parameters
    ----------
    recordings : mapping of person id to sequence of Recording
        Two people or more. Several recordings of one person and kind are parts of one and
        are joined with the gap between them (see `join_parts`).
    offsets_s : mapping of person id to float or sequence of float, optional
        Session time of second zero of the person's first recording, or one for each
        recording. It decides where session zero is, and names everybody.
    together : bool
        Take all recordings without a stamp to start at the same moment.
    common : Common, optional
        Markers, edges of a trigger, claps, or a signal that all devices caught.
    latencies_s : mapping of person id to float, optional
        How late a person's device stamps what it measures (s), a property of the device: all of
        its times are moved back by it.

    Returns
    -------
    Placed

    Raises
    ------
    InputError
        If fewer than two people are given; stamps are missing, or some name their zone and
        others do not; parts overlap; or no moment has everybody (says by how much they miss).

    Examples
    --------
    >>> def eda(who, at):
    ...     channel = Signal(values=range(40), rate_hz=4, start_s=0, unit="uS", kind="eda",
    ...         person=who)
    ...     return [Recording(signals=(channel,), started_at=at, started_at_error_s=0.5)]
    >>> placed = place({
    ...     "P01": eda("P01", datetime(2024, 5, 1, 10, 0, 0)),
    ...     "T01": eda("T01", datetime(2024, 5, 1, 10, 0, 3)),
    ... })
    >>> placed.overlap_s, dict(placed.left_over_s), placed.clocks["P01"].offset_s
    (7.0, {'P01': 3.0, 'T01': 3.0}, -3.0)
    """
    _check_people(recordings)
    starts, base, source = _starts(recordings, offsets_s or {}, together, common is not None)
    _take_back(starts, latencies_s or {})
    fits: dict[str, ClockFit] = {}
    found_out: list[Note] = []
    if common is not None:
        is_known = source in (STAMPS, OFFSETS, ONE_CLOCK)
        stamped = starts
        starts, recordings, fits = correct(recordings, starts, common, is_known=is_known)
        if source == STAMPS:
            unsure = {p: max(_errors(given)) for p, given in recordings.items()}
            found_out = contradictions(fits, stamped, unsure)
        found_out += jump_notes(fits)
    joined = {
        person: join_parts(given, starts[person], slack_s=_errors(given), person=person)
        for person, given in recordings.items()
    }
    spans = {person: recorded([*j.signals, *j.events]) for person, j in joined.items()}
    both = overlap(spans)
    if not both.total_s > 0:
        raise _apart(spans)
    zero = 0.0 if source == OFFSETS else float(both.stretches[0, 0])
    clocks = {
        person: _clock(
            recordings[person],
            joined[person],
            zero,
            REFERENCE if fits else source,
            fits.get(person),
        )
        for person in recordings
    }
    difference = _start_difference([_extents(recordings[p], joined[p]) for p in recordings])
    notes = _look(spans, both, difference, source)
    return Placed(
        signals=tuple(_later(s, zero) for j in joined.values() for s in j.signals),
        events=tuple(
            replace(e, times_s=e.times_s - zero) for j in joined.values() for e in j.events
        ),
        clocks=clocks,
        started_at=None if base is None else base + timedelta(seconds=zero),
        overlap_s=both.total_s,
        stretches=both.stretches - zero,
        left_over_s=both.left_over_s,
        start_difference_s=difference,
        parts={person: len(given) for person, given in recordings.items()},
        notes=(*(n for j in joined.values() for n in j.notes), *found_out, *notes),
    )


def lag_error_s(first: Clock, second: Clock) -> float:
    """How wrong a lag between two people may be by their clocks alone, in seconds.

    The sum of both clocks' errors; NaN where one is unknown. No lag finer than this is claimed.

    Examples
    --------
    >>> phone = Clock(offset_s=0.0, error_s=0.5, source="start stamps")
    >>> lag_error_s(phone, phone)
    1.0
    """
    return first.error_s + second.error_s


def _check_people(recordings: Mapping[str, Sequence[Recording]]) -> None:
    empty = [person for person, given in recordings.items() if not given]
    if len(recordings) < 2 or empty:
        given = {person: len(r) for person, r in recordings.items()}
        raise InputError("recordings", given, "two people or more, each with a recording")


def _starts(
    recordings: Mapping[str, Sequence[Recording]],
    offsets_s: Mapping[str, Given],
    together: bool,
    marked: bool,
) -> tuple[dict[str, list[float]], datetime | None, str]:
    """Where second zero of every recording lies, the absolute time of 0, and by what."""
    stamped = {p: all(r.started_at is not None for r in given) for p, given in recordings.items()}
    if offsets_s:
        return _by_offsets(recordings, offsets_s), None, OFFSETS
    if all(stamped.values()):
        return _by_stamps(recordings)
    bare = not any(r.started_at for given in recordings.values() for r in given)
    single = all(len(given) == 1 for given in recordings.values())
    if bare and single and _share_clocks(recordings):
        return {p: [0.0] for p in recordings}, None, ONE_CLOCK
    if bare and single and (together or marked):
        return {p: [0.0] for p in recordings}, None, TOGETHER if together else ""
    missing = sorted(p for p, there in stamped.items() if not there)
    raise InputError(
        "started_at",
        f"none for {', '.join(missing)}",
        "a start stamp for every recording",
        "Give offsets (--offset-s), or say together=True (--together) if they began at once.",
    )


def _by_stamps(
    recordings: Mapping[str, Sequence[Recording]],
) -> tuple[dict[str, list[float]], datetime | None, str]:
    stamps = {p: [r.started_at for r in given if r.started_at] for p, given in recordings.items()}
    zoned = {p: {s.utcoffset() is not None for s in given} for p, given in stamps.items()}
    if len(set().union(*zoned.values())) > 1:
        told = {p: "with zone" if z == {True} else "without" for p, z in zoned.items()}
        raise InputError(
            "started_at",
            told,
            "stamps that all name their time zone, or none of them",
            "Say which zone the other clock was set to (import: zone='Europe/Warsaw').",
        )
    base = min(s for given in stamps.values() for s in given)
    starts = {p: [(s - base).total_seconds() for s in given] for p, given in stamps.items()}
    return starts, base, ONE_CLOCK if _share_clocks(recordings) else STAMPS


def _take_back(starts: dict[str, list[float]], latencies_s: Mapping[str, float]) -> None:
    """Move what a device stamps late to when it was."""
    strange = [p for p, late in latencies_s.items() if p not in starts or not np.isfinite(late)]
    if strange:
        raise InputError("latencies_s", dict(latencies_s), f"seconds for some of {list(starts)}")
    for person, late in latencies_s.items():
        starts[person] = [s - late for s in starts[person]]


def _share_clocks(recordings: Mapping[str, Sequence[Recording]]) -> bool:
    """Claim that everybody's recordings, part by part, are on the same clocks."""
    names = {tuple(sorted(r.clock for r in given)) for given in recordings.values()}
    return len(names) == 1 and "" not in next(iter(names))


def _by_offsets(
    recordings: Mapping[str, Sequence[Recording]], offsets_s: Mapping[str, Given]
) -> dict[str, list[float]]:
    if set(offsets_s) != set(recordings):
        raise InputError("offsets_s", sorted(offsets_s), f"one for each of {sorted(recordings)}")
    starts = {}
    for person, given in recordings.items():
        told = offsets_s[person]
        values = [float(told)] if isinstance(told, int | float) else [float(v) for v in told]
        if len(values) == 1 and len(given) > 1:
            values = _after_first(person, given, values[0])
        if len(values) != len(given) or not np.isfinite(values).all():
            raise InputError(f"offsets_s[{person!r}]", told, f"{len(given)} finite number(s)")
        starts[person] = values
    return starts


def _after_first(person: str, given: Sequence[Recording], first_s: float) -> list[float]:
    """Later parts by their stamps, counted from the earliest; none without stamps."""
    stamps = [r.started_at for r in given if r.started_at is not None]
    if len(stamps) < len(given):
        raise InputError(
            f"offsets_s[{person!r}]",
            first_s,
            f"one for each of the {len(given)} recordings",
            "They have no start stamps that would place the later ones.",
        )
    return [first_s + (s - min(stamps)).total_seconds() for s in stamps]


def _clock(
    given: Sequence[Recording], joined: Joined, zero_s: float, source: str, fit: ClockFit | None
) -> Clock:
    """Where this person's device clock lies on the session clock."""
    offset = min(joined.starts_s) - zero_s
    if fit is not None:
        return Clock(
            offset_s=offset,
            drift_ppm=fit.drift_ppm,
            error_s=fit.error_s + joined.moved_s,
            source=fit.words,
        )
    errors = {STAMPS: max(_errors(given)), ONE_CLOCK: 0.0, REFERENCE: 0.0}
    own = float(np.max([r.clock_error_s for r in given]))
    error = errors.get(source, float("nan")) + joined.moved_s + own
    return Clock(offset_s=offset, error_s=error, source=source)


def _errors(given: Sequence[Recording]) -> list[float]:
    return [r.started_at_error_s for r in given]


def _look(
    spans: Mapping[str, Array], both: Overlap, difference_s: float, source: str
) -> list[Note]:
    """Say what is worth saying about starts, and about what nobody else has."""
    notes = []
    if difference_s > NOTABLE_S:
        text = f"Starts of recordings that belong together differ by up to {difference_s:.1f} s."
        notes.append(Note("", "start-difference", text))
    for person, left in both.left_over_s.items():
        if left > NOTABLE_S:
            text = f"{left:.1f} of {length_s(spans[person]):.1f} s recorded have not everybody "
            notes.append(Note(person, "left-over", text + "beside them and are left over."))
    if source == TOGETHER:
        notes.append(Note("", "taken-together", f"The recordings are {TOGETHER}."))
    return notes


def _extents(given: Sequence[Recording], joined: Joined) -> Array:
    """Start and stop of every recording on the common clock, shape (n_recordings, 2)."""
    edges: Array = np.array([extent(r) for r in given])
    edges += np.array(joined.starts_s)[:, None]
    return edges


def _start_difference(people: Sequence[Array]) -> float:
    """Largest difference of starts between a recording and the one it shares most with."""
    first, *others = people
    worst = 0.0
    for other in others:
        starts = np.maximum(first[:, None, 0], other[None, :, 0])
        shared = np.minimum(first[:, None, 1], other[None, :, 1]) - starts
        for i, j in enumerate(shared.argmax(axis=1)):
            if shared[i, j] > 0:
                worst = max(worst, abs(float(first[i, 0] - other[j, 0])))
    return worst


def _apart(spans: Mapping[str, Array]) -> InputError:
    """Say by how much people miss each other."""
    empty = sorted(person for person, s in spans.items() if not len(s))
    if empty:
        return InputError("recordings", f"no data of {', '.join(empty)}", "data of everybody")
    told = {p: f"{s[0, 0]:.1f} to {s[-1, 1]:.1f} s" for p, s in spans.items()}
    ordered = sorted(spans.values(), key=lambda s: float(s[0, 0]))
    miss = float(ordered[-1][0, 0] - min(s[-1, 1] for s in ordered))
    how = f"they miss each other by {miss:.1f} s" if miss > 0 else "their parts miss each other"
    hours = round(miss / 3600)
    hint = "Check dates and stamps."
    if hours and abs(miss / 3600 - hours) < 0.5:
        hint += f" About {hours} h: one clock may be set to another zone or day."
    return InputError("recordings", told, f"recordings that overlap in time; {how}", hint)


def _later(signal: Signal, zero_s: float) -> Signal:
    return replace(signal, start_s=signal.start_s - zero_s)
