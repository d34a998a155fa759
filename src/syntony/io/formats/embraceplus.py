"""Empatica EmbracePlus (and EmbraceMini): raw Avro files, one or a folder of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.avro import MAGIC, read_avro
from syntony.io.channels import Asked, Channel, chosen, to_signals
from syntony.io.formats.embraceplus_streams import Piece, join, pieces_of
from syntony.io.registry import reader

WITHIN = "empatica.format.avro"
_MOST_FILES = 2000
_KINDS = {"eda": "eda", "bvp": "ppg", "temperature": "temperature", "steps": "steps"}
_NOT_READ = ("magnetometer", "ambientLight")


def _files(path: Path) -> list[Path]:
    """Avro files of a folder, or the file itself."""
    if not path.is_dir():
        return [path]
    for pattern in ("*.avro", "raw_data/*.avro", "raw_data/v6/*.avro"):
        if found := sorted(path.glob(pattern))[: _MOST_FILES + 1]:
            return found
    return []


def _sniff(path: Path, head: bytes) -> bool:
    """Claim Avro files of Empatica, and folders of Avro files."""
    if path.is_dir():
        return any(p.is_file() for p in _files(path))
    return head.startswith(MAGIC) and WITHIN.encode() in head


@reader(
    name="empatica_embraceplus",
    title="Empatica EmbracePlus (Avro files)",
    suffixes=(".avro",),
    sniff=_sniff,
)
def read_empatica_embraceplus(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    device: str | None = None,
) -> Recording:
    """Read the raw data of an EmbracePlus.

    Parameters
    ----------
    path : Path
        An Avro file, or the folder of one day that holds them (``raw_data/v6``): they are put
        together on the true axis.
    person : str
    channels : mapping of stream to kind, or sequence of streams, optional
        ``eda``, ``bvp``, ``temperature``, ``steps``, ``accelerometer_x`` ..., ``gyroscope_x`` ...
    device : str, optional
        Serial number, where a folder holds files of several devices.

    Returns
    -------
    Recording
        Each stream with its own rate and start: ``eda`` (uS), ``ppg`` (nW), ``temperature``
        (Cel), ``acc_x`` ... (g), ``gyro_x`` ..., ``steps``. Second zero is the earliest start.
        Streams that were off are not there. What lies between files is missing. Events ``marker``
        are presses of the button, ``systolic_peak`` the beats that the device found.
        ``started_at`` is in the zone of the participant.

    Raises
    ------
    FileError
        A damaged or cut-off file, another schema, files that overlap, several devices and none
        named, stamps that are no microseconds.

    Notes
    -----
    Stamps are microseconds of Unix time in UTC, those of the peaks nanoseconds. Counts become g
    by the physical and digital limits in the file.
    """
    path = Path(path)
    files = _files(path)
    if not files or len(files) > _MOST_FILES:
        raise FileError(
            path, f"{len(files)} Avro files", f"1 to {_MOST_FILES}", "Is it the folder of raw data?"
        )
    sessions = [(file, session) for file in files for session in read_avro(file, within=WITHIN)]
    sessions = _of_device(path, sessions, device)
    streams: dict[str, list[Piece]] = {}
    marks: dict[str, list[float]] = {"marker": [], "systolic_peak": []}
    notes: list[Note] = []
    for file, session in sessions:
        _collect(file, session, streams, marks, notes)
    if not streams:
        raise FileError(path, "no stream with samples", "a recording", "Was the device worn?")
    kinds = chosen(path, list(streams), channels, _kind)
    zero_us = min(p.start_us for pieces in streams.values() for p in pieces)
    read = _channels(path, {n: streams[n] for n in kinds}, zero_us, notes)
    signals, told = to_signals(path, read, person=person, kinds=kinds)
    return Recording(
        signals=signals,
        events=_events(marks, zero_us, person),
        started_at=_zone(sessions, zero_us),
        started_at_error_s=0.5e-6,
        clock=str(path),
        notes=(*notes, *told),
    )


def _of_device(
    path: Path, sessions: list[tuple[Path, Mapping[str, Any]]], device: str | None
) -> list[tuple[Path, Mapping[str, Any]]]:
    """Files of one device."""
    names = sorted({str(s.get("deviceSn", "")) for _, s in sessions})
    if not names:
        raise FileError(path, "no record", "a recording", "Was anything recorded?")
    if device is None:
        if len(names) > 1:
            raise Asked(
                path,
                f"the devices {names}",
                "one of them",
                "Pass device.",
                option="device",
                choices=names,
            )
        return sessions
    if device not in names:
        raise FileError(path, f"the devices {names}", f"the device {device!r}", "Pass another.")
    return [(f, s) for f, s in sessions if str(s.get("deviceSn", "")) == device]


def _kind(stream: str) -> str:
    """Kind of a stream."""
    name, _, axis = stream.partition("_")
    return _KINDS.get(stream) or f"{'acc' if name == 'accelerometer' else 'gyro'}_{axis}"


def _collect(
    file: Path,
    session: Mapping[str, Any],
    streams: dict[str, list[Piece]],
    marks: dict[str, list[float]],
    notes: list[Note],
) -> None:
    """Take the streams and marks of one file."""
    raw = session.get("rawData")
    if not isinstance(raw, Mapping):
        raise FileError(file, "no rawData", "the raw data of a device", "Another file?")
    for name, piece in pieces_of(file, raw, notes):
        streams.setdefault(name, []).append(piece)
    for kind, stream, field, scale in (
        ("marker", "tags", "tagsTimeMicros", 1.0),
        ("systolic_peak", "systolicPeaks", "peaksTimeNanos", 1e-3),
    ):
        times = (raw.get(stream) or {}).get(field) or []
        marks[kind] += [t * scale for t in times if isinstance(t, int)]
    off = [n for n in _NOT_READ if any(v for v in (raw.get(n) or {}).values() if v)]
    if off:
        notes.append(Note(file.name, "not-read", f"Streams that are not read: {', '.join(off)}."))


def _channels(
    path: Path, streams: Mapping[str, list[Piece]], zero_us: float, notes: list[Note]
) -> Iterator[Channel]:
    """Streams one by one, each on its own axis."""
    for name, pieces in streams.items():
        values, rate, start_us, told = join(path, name, pieces)
        notes += told
        yield Channel(
            label=name,
            values=values,
            rate_hz=rate,
            start_s=(start_us - zero_us) * 1e-6,
            unit=pieces[0].unit,
        )


def _events(marks: Mapping[str, list[float]], zero_us: float, person: str) -> tuple[Events, ...]:
    """Presses and beats, in seconds after the earliest start."""
    out = []
    for kind, stamps in marks.items():
        if stamps:
            times: Array = (np.sort(np.array(stamps)) - zero_us) * 1e-6
            out.append(Events(times_s=times, kind=kind, person=person))
    return tuple(out)


def _zone(sessions: Sequence[tuple[Path, Mapping[str, Any]]], zero_us: float) -> datetime:
    """Start on the clock of the participant."""
    shift = sessions[0][1].get("timezone", 0)
    good = isinstance(shift, int) and abs(shift) <= 15 * 3600
    zone = timezone(timedelta(seconds=shift)) if good else UTC
    return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=zero_us)).astimezone(zone)
