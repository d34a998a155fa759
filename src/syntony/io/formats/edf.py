"""EDF, EDF+ and BDF: the recordings of many amplifiers, and of Bittium Faros."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.units import KINDS
from syntony.io.channels import Channel, chosen, distinct, to_signals
from syntony.io.formats.edf_header import EdfHeader, EdfSignal, header_bytes, read_header
from syntony.io.formats.edf_records import edf_records, find_gaps, read_marks, samples_of
from syntony.io.labels import rising, to_markers
from syntony.io.registry import reader
from syntony.io.text import size_of

_LARGEST_BYTES = 2**40  # read channel by channel, never whole
_PADDING = 10
_MARKERS = {"marker", "event marker", "trigger"}
_HRV = "HRV"
_STATUS = "Status"  # of a BioSemi: the lower 16 bits are triggers


def _sniff(path: Path, head: bytes) -> bool:
    """Claim files with the version field and a header length that fits the signals."""
    if len(head) < 256 or not (head[:8] == b"0       " or head[:8] == b"\xffBIOSEMI"):
        return False
    return head[184:192].strip().isdigit() or path.suffix.lower() in {".edf", ".bdf", ".rec"}


@reader(name="edf", title="EDF, EDF+, BDF", suffixes=(".edf", ".bdf", ".rec"), sniff=_sniff)
def read_edf(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Recording:
    """Read an EDF, EDF+ (continuous or not) or BDF file.

    Parameters
    ----------
    path : Path
    person : str
        Whose channels they are. A file that holds two people is read once for each, with
        ``channels``.
    channels : mapping of label to kind, or sequence of labels, optional
        Channels to read, and what each measures. By default all, by their labels.
    units : mapping of label to unit, optional
        Goes before the unit in the file; needed where the file has none.

    Returns
    -------
    Recording
        Every channel at its own rate. In a discontinuous file what lies between the records is
        missing, on the true axis. Annotations become Events ``marker`` (all) and ``marker_...``
        (those of one text). A channel named Marker or Trigger without a unit becomes Events
        too, and of a BioSemi the triggers of Status, with their codes. Of a Faros, the channel
        HRV becomes Events ``rr`` where it is not zero, to 0.2 s. ``started_at`` has a zone only
        where the header states one (Faros: ``TZ=``).

    Raises
    ------
    FileError
        A header that says what cannot be, a file that is shorter than it says, records that
        overlap, no unit.

    Notes
    -----
    The header is checked before anything is read by it. The layout is that of Kemp et al. 1992
    and Kemp & Olivan 2003. Values at the limits of the recorder are counted and told
    (``clipped``): there the true value is not known.
    """
    path = Path(path)
    head = _header(path)
    names = distinct([s.label for s in head.signals])
    signals = {n: s for n, s in zip(names, head.signals, strict=True) if not s.annotations}
    records = edf_records(path, head)
    zero, onsets, times, texts = read_marks(path, head, records)
    extra, notes = find_gaps(path, head, onsets)
    kinds = chosen(path, list(signals), channels)
    apart = {n: s for n, s in signals.items() if n in kinds and _is_apart(head, n, s, units or {})}
    wanted = {n: signals[n] for n in kinds if n not in apart}
    notes = [*head.notes, *notes]
    read = _channels(path, head, records, wanted, extra, notes)
    made, more = to_signals(path, read, person=person, kinds=kinds, units=units)
    marks, about = to_markers(path, times, texts, person=person)
    events = [
        _events(path, n, s, samples_of(head, records, s, extra), head.record_s, person, notes)
        for n, s in apart.items()
    ]
    marked = any(e.kind == "marker" for e in marks)
    if marked:
        events = [replace(e, kind="marker_channel") if e.kind == "marker" else e for e in events]
    started = head.started_at
    return Recording(
        signals=made,
        events=(*marks, *events),
        started_at=started + timedelta(seconds=zero) if started else None,
        started_at_error_s=(0.5 if zero == int(zero) else 0.0005) if started else math.nan,
        clock=str(path),
        notes=(*notes, *more, *about),
    )


def _header(path: Path) -> EdfHeader:
    """Header of a file that is there, is a file, and is not empty."""
    size = size_of(path, _LARGEST_BYTES)
    with path.open("rb") as file:
        head = file.read(256)
        head += file.read(header_bytes(head) - len(head))
    return read_header(path, head, size)


def _is_apart(head: EdfHeader, name: str, signal: EdfSignal, units: Mapping[str, str]) -> bool:
    """Whether a channel holds moments rather than a course."""
    if name in units:
        return False
    if head.width == 3 and name == _STATUS:
        return True
    return (name.lower() in _MARKERS and not signal.unit) or (name == _HRV and signal.unit == "ms")


def _channels(
    path: Path,
    head: EdfHeader,
    records: NDArray[Any],
    wanted: Mapping[str, EdfSignal],
    extra: NDArray[np.float64] | None,
    notes: list[Note],
) -> Iterator[Channel]:
    """Wanted channels one by one, in physical units; adds what is odd to the notes."""
    for name, signal in wanted.items():
        counts = samples_of(head, records, signal, extra)
        notes += _clipped(path, name, signal, counts)
        notes += _padded(path, name, signal, counts)
        counts -= signal.digital[0]
        counts *= signal.gain
        counts += signal.physical[0]
        yield Channel(
            label=name, values=counts, rate_hz=signal.samples / head.record_s, unit=signal.unit
        )


def _clipped(path: Path, name: str, signal: EdfSignal, counts: Array) -> list[Note]:
    """Say how many values lie at the limits of the recorder."""
    low = int(np.count_nonzero(counts <= signal.digital[0]))
    high = int(np.count_nonzero(counts >= signal.digital[1]))
    if not low + high:
        return []
    sides = [
        f"{n:,} at {limit:g} {signal.unit}"
        for n, limit in zip((low, high), signal.physical, strict=True)
        if n
    ]
    share = (low + high) / counts.size
    text = (
        f"{name}: {' and '.join(sides)} lie at the limits of the recorder ({share:.1%} of the "
        "samples); the true values are not known. Was the range set too small?"
    )
    return [Note(path.name, "clipped", text)]


def _padded(path: Path, name: str, signal: EdfSignal, counts: Array) -> list[Note]:
    """Say where the last record was filled up with zeros."""
    tail = counts[-signal.samples :]
    other = np.flatnonzero(tail != tail[-1])
    run = signal.samples - (int(other[-1]) + 1 if other.size else 0)
    value = (tail[-1] - signal.digital[0]) * signal.gain + signal.physical[0]
    zero = tail[-1] == 0 or abs(value) <= abs(signal.gain)
    if run < _PADDING or run == signal.samples or not zero or abs(tail[-run - 1] - tail[-1]) < 10:
        return []
    text = f"{name}: the last {run} samples are {value:.3g}. Do they only fill the last record?"
    return [Note(path.name, "padded-end", text)]


def _events(
    path: Path,
    name: str,
    signal: EdfSignal,
    counts: Array,
    record_s: float,
    person: str,
    notes: list[Note],
) -> Events:
    """Marker presses, or the beats of a Faros; adds a note on those."""
    rate = signal.samples / record_s
    if name == _STATUS:
        codes = (np.nan_to_num(counts).astype(np.int64) & 0xFFFF).astype(np.float64)
        times = rising(codes, rate, 0.0)
        at = np.rint(times * rate).astype(np.int64)
        return Events(times_s=times, values=codes[at], unit="1", kind="marker", person=person)
    values = (counts - signal.digital[0]) * signal.gain + signal.physical[0]
    if name != _HRV:
        return Events(times_s=rising(values, rate, 0.0), kind="marker", person=person)
    at = np.flatnonzero(np.nan_to_num(values) > 0)
    intervals = values[at]
    low, high = KINDS["rr"].low, KINDS["rr"].high
    odd = (intervals < low) | (intervals > high)
    text = (
        f"{name}: {at.size} intervals of the device, to {1 / rate:g} s; {int(odd.sum())} of them "
        f"outside {low:g} to {high:g} ms are missing. Beats found in the ECG are more exact."
    )
    notes.append(Note(path.name, "device-beats", text))
    return Events(
        times_s=at / rate,
        values=np.where(odd, np.nan, intervals),
        unit="ms",
        kind="rr",
        person=person,
    )
