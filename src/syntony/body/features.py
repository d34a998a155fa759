"""The one entry from raw channels to two people's features on one grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.body.artefacts import KINDS
from syntony.body.grid import to_grid
from syntony.body.marks import CAUSE
from syntony.body.registry import Feature, feature, features
from syntony.body.sources import Source, make_source, unit_of
from syntony.config import Body
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.session import Person, Session
from syntony.core.signal import Signal

__all__ = [
    "VERSION",
    "Feature",
    "Prepared",
    "QualityRow",
    "feature",
    "features",
    "prepare",
    "unit_of",
]

VERSION = 1  # raised when a number made here changes


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """What one cause took from one person's channel.

    Attributes
    ----------
    person, role : str
    signal : str
        Kind of the channel as recorded: ``"eda"``, ``"ecg"``, ``"rr"``, ...
    cause : str
        ``"total"``: the whole recording. ``"valid"``: what was left of it as a feature.
        ``"on-grid"``: what of the feature is there in the time that both people share.
        ``"drawn"``: heart rate drawn where a beat is missing. ``"gap"``: no heart rate,
        for whatever reason, so that it holds the flat and missing ECG again. ``"ectopic"``,
        ``"missed"``, ``"extra"``, ``"long-short"``: corrected beats; ``"unjudged"``:
        beats in stretches too short to judge. ``"marked"``: called an artefact by a person
        (of beats the sum of their intervals). All others were lost.
    seconds : float
        Time concerned; 0 for beats, of which only the count is known.
    count : int
        Samples as recorded, intervals, or beats; grid points for ``gap``, ``drawn``,
        ``valid`` of heart rate and ``on-grid``.
    share : float
        Of the seconds of ``"total"``; of all beats for beats; of the shared time for
        ``"on-grid"``.
    """

    person: str
    role: str
    signal: str
    cause: str
    seconds: float
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Features of two people on one grid.

    Attributes
    ----------
    first, second : Signal
        Same rate, same ``start_s`` (a multiple of 1 / rate on the session clock), same
        length; NaN where something is missing.
    quality : tuple of QualityRow
    notes : tuple of Note
        Codes: ``no-valid-data``, ``much-invalid``, ``corrected-beats``,
        ``too-many-corrected-beats``, ``slow-ecg``, ``same-recording``,
        ``different-sources``, ``different-units``, ``marked-by-hand``.
    overlap_s : float
        Seconds that both recordings cover, on the grid.
    left_over_s : (float, float)
        Seconds of each recording outside of it.
    """

    first: Signal
    second: Signal
    quality: tuple[QualityRow, ...]
    notes: tuple[Note, ...]
    overlap_s: float
    left_over_s: tuple[float, float]


def prepare(
    session: Session,
    people: tuple[Person, Person],
    feature: str | tuple[str, str],
    options: Body,
) -> Prepared:
    """Clean one channel of two people and lay the features on one grid.

    Parameters
    ----------
    session : Session
        Channels at their own rates, clocks aligned.
    people : (Person, Person)
        First and second of the pair.
    feature : str or (str, str)
        One for both, or that of the first and that of the second person: ``"eda"`` (cleaned
        skin conductance), ``"eda_tonic"``, ``"eda_phasic"``, ``"hr"`` (from beats, else ECG,
        else intervals), or any kind of signal, which is then used as it was recorded.
    options : Body

    Returns
    -------
    Prepared
        A channel that is flat, or lost altogether, is all NaN, with its causes in
        ``quality`` and a note ``no-valid-data``: other sessions go on.

    Raises
    ------
    InputError
        If a person has no such channel, holds one sample, or the two recordings do not
        overlap (it says by how much they miss), or a filter does not suit the rate.

    Examples
    --------
    >>> people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    >>> signals = [Signal(values=2 + np.sin(np.arange(400) / k), rate_hz=4.0, start_s=at,
    ...     unit="uS", kind="eda", person=p.id) for p, k, at in zip(people, (9, 7), (0.0, 10.1))]
    >>> session = Session(id="d01s01", people=people, signals=tuple(signals))
    >>> ready = prepare(session, people, "eda", Body())
    >>> ready.first.start_s, ready.second.start_s, ready.overlap_s
    (10.25, 10.25, 89.75)
    """
    if people[0].id == people[1].id:
        raise InputError("people", people[0].id, f"two different people of session {session.id}")
    names = (feature, feature) if isinstance(feature, str) else feature
    one, other = (
        make_source(session, person, name, options)
        for person, name in zip(people, names, strict=True)
    )
    rate_hz = options.grid.rate_hz
    start, stop = _common_grid(session, people, (one, other), rate_hz)
    start_s, stop_s = start / rate_hz, stop / rate_hz
    laid = [_lay(source, rate_hz, start_s, stop_s) for source in (one, other)]
    rows, notes = [], [*_compare(session, people, names, (one, other))]
    for person, name, source, signal in zip(people, names, (one, other), laid, strict=True):
        own = _rows(person, source, signal)
        rows += own
        where = f"{session.id}/{person.id}/{name}"
        notes += [*source.notes, *_judge_rows(where, own, options.note_invalid)]
        notes += [_marked(where, row) for row in own if row.cause == CAUSE]
    overlap_s = stop_s - start_s
    last_s = stop_s - 1 / rate_hz
    left = [max(0.0, start_s - s.first_s + s.last_s - last_s) for s in (one, other)]
    return Prepared(
        first=laid[0],
        second=laid[1],
        quality=tuple(rows),
        notes=tuple(notes),
        overlap_s=overlap_s,
        left_over_s=(left[0], left[1]),
    )


def _common_grid(
    session: Session, people: tuple[Person, Person], sources: tuple[Source, Source], rate_hz: float
) -> tuple[int, int]:
    """First grid point of the time both cover, and the one after the last."""
    starts, stops = [s.first_s for s in sources], [s.last_s for s in sources]
    start = int(np.ceil(max(starts) * rate_hz - 1e-9))
    stop = int(np.floor(min(stops) * rate_hz + 1e-9)) + 1
    if stop - start >= 2:
        return start, stop
    spans = ", ".join(
        f"{p.id} from {a:g} to {b:g} s" for p, a, b in zip(people, starts, stops, strict=True)
    )
    miss_s = max(starts) - min(stops)
    how = f"they miss by {miss_s:g} s" if miss_s > 0 else f"they share only {-miss_s:g} s"
    raise InputError(
        f"recordings in session {session.id}",
        spans,
        f"two recordings that overlap by at least two grid points; {how}",
        "Check start stamps and clock offsets.",
    )


def _lay(source: Source, rate_hz: float, start_s: float, stop_s: float) -> Signal:
    """Lay all parts of a recording onto the grid."""
    laid = [to_grid(p, rate_hz=rate_hz, start_s=start_s, stop_s=stop_s) for p in source.parts]
    values = laid[0].values
    for part in laid[1:]:
        values = np.where(np.isnan(values), part.values, values)
    first = laid[0]
    return Signal(
        values=values,
        rate_hz=rate_hz,
        start_s=start_s,
        unit=first.unit,
        kind=first.kind,
        person=first.person,
    )


def _rows(person: Person, source: Source, laid: Signal) -> list[QualityRow]:
    """Make the quality table of one person."""
    valid = [int(np.isfinite(part.values).sum()) for part in source.parts]
    valid_s = sum(n / part.rate_hz for n, part in zip(valid, source.parts, strict=True))
    total_s = source.total_s
    here = int(np.isfinite(laid.values).sum())
    rows = [("total", total_s, source.total_count, 1.0)]
    rows += [
        (loss.cause, loss.seconds, loss.count, loss.seconds / total_s)
        for loss in source.losses
        if loss.count or loss.seconds
    ]
    in_all = source.beats.get("beats", 0)
    rows += [
        (kind, 0.0, source.beats[kind], source.beats[kind] / max(1, in_all))
        for kind in (*KINDS, "unjudged")
        if source.beats.get(kind)
    ]
    if in_all:
        rows.append(("beats", 0.0, in_all, 1.0))
    rows.append(("valid", valid_s, sum(valid), min(1.0, valid_s / total_s)))
    rows.append(("on-grid", here / laid.rate_hz, here, laid.valid_share))
    return [
        QualityRow(
            person=person.id,
            role=person.role,
            signal=source.kind,
            cause=cause,
            seconds=seconds,
            count=count,
            share=share,
        )
        for cause, seconds, count, share in rows
    ]


def _marked(where: str, row: QualityRow) -> Note:
    """Note that a person took something out."""
    text = f"{row.seconds:.1f} s were marked as artefact by hand and left out."
    return Note(where, "marked-by-hand", text)


_NOT_LOST = {"total", "valid", "on-grid", "drawn", "beats", "unjudged", *KINDS}


def _judge_rows(where: str, rows: list[QualityRow], limit: float) -> list[Note]:
    """Say when nothing is left, or little."""
    by = {row.cause: row for row in rows}
    lost = sorted((r for r in rows if r.cause not in _NOT_LOST), key=lambda r: -r.seconds)
    causes = ", ".join(f"{r.cause} {r.seconds:.0f} s" for r in lost[:3]) or "none named"
    if not by["on-grid"].count:
        text = f"Nothing is left of this channel in the time that both share ({causes})."
        return [Note(where, "no-valid-data", text)]
    share = by["valid"].share
    if 1.0 - share > limit:
        text = f"{100 * (1 - share):.1f} % of this channel cannot be used ({causes})."
        return [Note(where, "much-invalid", text)]
    return []


def _same(one: Source, other: Source) -> bool:
    """Whether two people's channels hold the very same values, and values that vary."""
    pairs = list(zip(one.recorded, other.recorded, strict=False))
    if len(one.recorded) != len(other.recorded):
        return False
    if not all(np.array_equal(a, b, equal_nan=True) for a, b in pairs):
        return False
    there = np.concatenate(one.recorded)
    there = there[np.isfinite(there)]
    return bool(there.size > 1 and np.ptp(there) > 0)


def _compare(
    session: Session,
    people: tuple[Person, Person],
    names: tuple[str, str],
    sources: tuple[Source, Source],
) -> list[Note]:
    """Notice what only shows when both people are looked at."""
    where = f"{session.id}/{'+'.join(dict.fromkeys(names))}"
    one, other = sources
    notes = []
    a, b = one.parts[0], other.parts[0]
    if _same(one, other):
        text = f"{people[0].id} and {people[1].id} have the same values throughout."
        notes.append(Note(where, "same-recording", text))
    if names[0] != names[1]:
        return notes  # other sources and units were asked for
    if one.kind != other.kind:
        text = f"Made from {one.kind} of {people[0].id} and from {other.kind} of {people[1].id}."
        notes.append(Note(where, "different-sources", text))
    if a.unit != b.unit:
        text = f"{people[0].id} is in {a.unit!r}, {people[1].id} in {b.unit!r}."
        notes.append(Note(where, "different-units", text))
    return notes
