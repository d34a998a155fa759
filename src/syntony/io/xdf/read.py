"""XDF as a recording of one person: streams chosen, clocks corrected, gaps left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.core.units import KINDS
from syntony.io.channels import Channel, chosen, kind_of, to_signals
from syntony.io.registry import reader
from syntony.io.xdf.even import lay_evenly
from syntony.io.xdf.file import XdfFile, XdfStream, open_xdf
from syntony.io.xdf.told import clock_note, even_notes, sample_notes

MARKERS = ("markers", "marker", "stringmarker", "stringmarkers", "events", "triggers")
_SHOWN = 12


def _sniff(path: Path, head: bytes) -> bool:
    """Claim files that begin as XDF does."""
    return head.startswith(b"XDF:")


@reader(name="xdf", title="XDF (syntony record, LabRecorder)", suffixes=(".xdf",), sniff=_sniff)
def read_xdf(
    path: Path,
    *,
    person: str,
    streams: Sequence[str | int] | None = None,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    dejitter: bool = False,
) -> Recording:
    """Read the streams of one person from an XDF file.

    Parameters
    ----------
    path : Path
    person : str
    streams : sequence of str or int, optional
        What this person wore: names of streams, their source ids, or their numbers in the file.
        Needed where the file holds several streams of data, for they may be several people's.
    channels : mapping of label to kind, or sequence of labels, optional
        Which channels, and what they measured. Channels are named as their stream describes
        them, with ``stream/`` before it where two are named alike.
    units : mapping of label to unit, optional
        Where the file does not say it, or says it wrongly.
    dejitter : bool
        Lay samples on an even axis in their order although most stamps stray from it by more
        than half a sample.

    Returns
    -------
    Recording
        Streams with a rate as signals, on an even axis at the rate that was really kept; gaps
        are NaN. Streams without a rate as events: beats, and ``marker`` for words (see
        ``read_markers`` for what they say). Second zero is the first stamp of any stream of the
        file, so that several people read from it share one clock.
        ``clock_error_s`` tells how far the streams' clocks may be off one another.

    Raises
    ------
    FileError
        Not XDF, cut off (``syntony repair`` mends it), without the streams asked for, or with
        stamps that no even axis fits.

    Notes
    -----
    The format is that of the XDF 1.0 specification. Stamps are brought to the recorder's clock
    by the offsets that were measured while recording (see ``fit_clock``).
    """
    file = open_xdf(path)
    picked = pick_streams(file, streams)
    labels = _labels(picked)
    flat = [label for found in labels.values() for label in found]
    kinds = chosen(file.path, flat, channels) if flat else {}
    if not isinstance(channels, Mapping):
        kinds = _kinds_of_types(picked, labels, kinds)
    zero = file.zero_s
    signals: list[Signal] = []
    events: list[Events] = []
    notes = list(file.notes())
    errors = []
    for stream in picked:
        asked = [label for label in labels[stream.number] if label in kinds]
        if labels[stream.number] and not asked:
            continue
        found, told, stray_s = _read_stream(
            file, stream, labels, kinds, units, dejitter, zero, person
        )
        signals += [v for v in found if isinstance(v, Signal)]
        events += [v for v in found if isinstance(v, Events)]
        notes += told
        if found:
            errors.append((stream.clock.error_s if stream.clock.lines else np.nan) + stray_s)
    if not signals and not events:
        raise FileError(file.path, "no samples in these streams", "samples", "Was it sending?")
    started_at, stamp_error_s, more = _started(file, zero)
    return Recording(
        signals=tuple(signals),
        events=tuple(events),
        started_at=started_at,
        started_at_error_s=stamp_error_s,
        clock=str(path),
        clock_error_s=float(np.max(errors)) if errors else 0.0,
        notes=(*notes, *more),
    )


def read_markers(
    path: Path | str, *, streams: Sequence[str | int] | None = None
) -> tuple[tuple[float, str, str], ...]:
    """List the words of marker streams, in the order of time.

    Parameters
    ----------
    path : path
    streams : sequence of str or int, optional
        As in ``read_xdf``; all streams of words without it.

    Returns
    -------
    tuple of (float, str, str)
        Second on the clock that ``read_xdf`` gives, name of the stream, words.
    """
    file = open_xdf(path)
    picked = file.streams if streams is None else pick_streams(file, streams)
    zero, rows = file.zero_s, []
    for stream in picked:
        if not stream.info.is_text:
            continue
        samples = file.samples(stream)
        times = stream.clock.apply(samples.stamps_s, samples.places) - zero
        said = ["\t".join(words) for words in samples.values]
        rows += [(float(t), stream.info.name, s) for t, s in zip(times, said, strict=True)]
    return tuple(sorted(rows))


def pick_streams(file: XdfFile, asked: Sequence[str | int] | None) -> tuple[XdfStream, ...]:
    """Find the streams that are asked for; without a wish, the one that there is.

    Raises
    ------
    FileError
        If there are several and none was asked for, one is not there, or a name is two's.
    """
    there = [_shown(s) for s in file.streams[:_SHOWN]]
    if asked is None:
        data = [s for s in file.streams if not _is_marker(s) and _holds_data(file, s)]
        if len(data) > 1:
            raise FileError(
                file.path,
                f"{len(data)} streams of data: {', '.join(_shown(s) for s in data[:_SHOWN])}",
                "to be told which are this person's",
                "Pass streams=[...]: names, source ids or numbers.",
            )
        return tuple(s for s in file.streams if s in data or _is_marker(s)) or file.streams
    picked: list[XdfStream] = []
    for wish in [asked] if isinstance(asked, str | int) else asked:
        found = _matching(file, wish)
        if len(found) != 1:
            raise FileError(
                file.path,
                f"{len(found) or 'no'} streams that are {wish!r}",
                f"one of {there}",
                "Name it by its source id or its number." if found else "Check the names.",
            )
        picked += [s for s in found if s not in picked]
    return tuple(picked)


def _matching(file: XdfFile, wish: str | int) -> list[XdfStream]:
    """Streams with this source id, or else this name, or else this number."""
    by_source = [s for s in file.streams if s.info.source_id == wish]
    by_name = [s for s in file.streams if s.info.name == wish]
    return by_source or by_name or [s for s in file.streams if str(s.number) == str(wish)]


def _is_marker(stream: XdfStream) -> bool:
    return stream.info.is_text or stream.info.type.lower() in MARKERS


def _holds_data(file: XdfFile, stream: XdfStream) -> bool:
    return bool(len(file.layout.of(3, stream.number)))


def _shown(stream: XdfStream) -> str:
    source = f", source id {stream.info.source_id!r}" if stream.info.source_id else ""
    return f"{stream.info.name!r} (number {stream.number}{source})"


def _labels(picked: Sequence[XdfStream]) -> dict[int, list[str]]:
    """Names of the channels of each stream, each once over all of them."""
    plain: dict[int, list[str]] = {}
    for s in picked:
        if _is_marker(s):
            plain[s.number] = []
            continue
        said = [c.label for c in s.info.channels]
        if len(set(said)) < len(said) or "" in said or not said:
            count = s.info.channel_count if s.info.channel_count <= 10_000 else 0
            said = [s.info.name] if count == 1 else [f"{s.info.name} {i + 1}" for i in range(count)]
        plain[s.number] = said
    every = [label for said in plain.values() for label in said]
    twice = {label for label in every if every.count(label) > 1} if len(every) < 10_000 else set()
    return {
        s.number: [
            f"{s.info.source_id or s.info.name}/{x}" if x in twice else x for x in plain[s.number]
        ]
        for s in picked
    }


def _kinds_of_types(
    picked: Sequence[XdfStream], labels: Mapping[int, list[str]], kinds: Mapping[str, str]
) -> dict[str, str]:
    """Kind by the type of channel or stream, where the label says none and only one can be it."""
    out = dict(kinds)
    for stream in picked:
        types = [c.type for c in stream.info.channels] or [""] * len(labels[stream.number])
        for label, type_ in zip(labels[stream.number], types, strict=False):
            wider = kind_of(type_ or stream.info.type or "?")
            alone = len(labels[stream.number]) == 1 or (types.count(type_) == 1 and bool(type_))
            if label in out and out[label] not in KINDS and wider in KINDS and alone:
                out[label] = wider
    return out


def _read_stream(
    file: XdfFile,
    stream: XdfStream,
    labels: Mapping[int, list[str]],
    kinds: Mapping[str, str],
    units: Mapping[str, str] | None,
    dejitter: bool,
    zero_s: float,
    person: str,
) -> tuple[list[Signal | Events], list[Note], float]:
    """Signals or events of one stream, and how far its stamps were moved."""
    samples = file.samples(stream)
    notes = sample_notes(file.path, stream, samples)
    if not samples.stamps_s.size:
        return [], notes, 0.0
    times = stream.clock.apply(samples.stamps_s, samples.places) - zero_s
    notes.append(clock_note(file.path, stream))
    values = samples.values
    if isinstance(values, list) or _is_marker(stream):
        return [Events(times_s=np.sort(times), kind="marker", person=person)], notes, 0.0
    out: list[Signal | Events] = []
    info = stream.info
    said = {label: c.unit for label, c in zip(labels[stream.number], info.channels, strict=False)}
    even = lay_evenly(times, info.nominal_rate_hz) if info.nominal_rate_hz > 0 else None
    if even is not None:
        notes += even_notes(file.path, stream, even, dejitter)
    infinite = 0
    for at, label in enumerate(labels[stream.number]):
        if label not in kinds:
            continue
        column: Array = values[:, at].astype(np.float64)
        wild = np.isinf(column)
        if wild.any():
            infinite += int(wild.sum())
            column[wild] = np.nan
        rate = even.rate_hz if even is not None else 1.0
        laid = column if even is None else even.lay(column)
        channel = Channel(
            label=label,
            values=laid,
            rate_hz=rate,
            start_s=0.0 if even is None else even.start_s,
            unit=said.get(label, ""),
        )
        made, told = to_signals(file.path, [channel], person=person, kinds=kinds, units=units)
        notes += told
        out += made if even is not None else [_as_events(made[0], times)]
    if infinite:
        text = f"Stream {info.name!r}: {infinite:,} infinite values are missing values."
        notes.append(Note(file.path.name, "infinite", text))
    moved = 0.0 if even is None else even.typical_stray_s
    return out, notes, moved if even and moved > 0.5 / even.rate_hz else 0.0


def _as_events(signal: Signal, times_s: Array) -> Events:
    """Values of a stream without a rate, each at its own time."""
    order = np.argsort(times_s, kind="stable")
    return Events(
        times_s=times_s[order],
        values=signal.values[order],
        unit=signal.unit,
        kind=signal.kind,
        person=signal.person,
    )


def _started(file: XdfFile, zero_s: float) -> tuple[datetime | None, float, list[Note]]:
    """Absolute time of second zero, where the file ties its date to the clock of the stamps."""
    if file.started_at is None:
        return None, float("nan"), []
    if np.isnan(file.clock_s) or file.started_at.tzinfo is None:
        text = (
            f"Recorded from about {file.started_at.isoformat()} on; the file does not say what its "
            "clock showed then, so the stamps are laid on no date."
        )
        return None, float("nan"), [Note(file.path.name, "date-untied", text)]
    try:
        at = file.started_at + timedelta(seconds=zero_s - file.clock_s)
    except OverflowError:
        return None, float("nan"), []
    error = file.clock_error_s
    return at, error if np.isfinite(error) and error >= 0 else 0.5, []
