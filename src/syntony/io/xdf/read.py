"""XDF as a recording of one person: streams chosen, clocks corrected, gaps left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.io.channels import Channel, chosen, to_signals
from syntony.io.registry import reader
from syntony.io.xdf.choose import is_marker, kinds_of_types, name_channels, pick_streams
from syntony.io.xdf.even import Even, lay_evenly
from syntony.io.xdf.file import XdfFile, XdfStream, open_xdf
from syntony.io.xdf.headers import ChannelInfo
from syntony.io.xdf.told import clock_note, even_notes, sample_notes


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
    infos = [s.info for s in picked]
    named = name_channels(infos, units)
    flat = [c.label for found in named for c in found]
    kinds = chosen(file.path, flat, channels) if flat else {}
    if not isinstance(channels, Mapping):
        kinds = kinds_of_types(infos, named, kinds)
    zero = file.zero_s
    signals: list[Signal] = []
    events: list[Events] = []
    notes = list(file.notes())
    errors = []
    for stream, mine in zip(picked, named, strict=True):
        if mine and not any(c.label in kinds for c in mine):
            continue
        found, told, stray_s = _read_stream(file, stream, mine, kinds, dejitter, zero, person)
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


def _read_stream(
    file: XdfFile,
    stream: XdfStream,
    named: Sequence[ChannelInfo],
    kinds: Mapping[str, str],
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
    if isinstance(values, list) or is_marker(stream.info):
        return [Events(times_s=np.sort(times), kind="marker", person=person)], notes, 0.0
    rate = stream.info.nominal_rate_hz
    even = lay_evenly(times, rate) if rate > 0 else None
    if even is not None:
        notes += even_notes(file.path, stream, even, dejitter)
    made, told = to_signals(
        file.path, _channels(values, named, kinds, even), person=person, kinds=kinds
    )
    notes += told
    if even is None:
        return [_as_events(m, times) for m in made], notes, 0.0
    moved = even.typical_stray_s
    return list(made), notes, moved if moved > 0.5 / even.rate_hz else 0.0


def _channels(
    values: NDArray[np.generic],
    named: Sequence[ChannelInfo],
    kinds: Mapping[str, str],
    even: Even | None,
) -> Iterator[Channel]:
    """Channels of a stream, one after the other, on its even axis where it has one."""
    for at, channel in enumerate(named):
        if channel.label not in kinds:
            continue
        column: Array = values[:, at].astype(np.float64)
        yield Channel(
            label=channel.label,
            values=column if even is None else even.lay(column),
            rate_hz=1.0 if even is None else even.rate_hz,
            start_s=0.0 if even is None else even.start_s,
            unit=channel.unit,
        )


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
    if np.isnan(file.clock_s):
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
