"""EmotiBit: raw packets with their type tags, and files that its data parser made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.axis import is_too_empty
from syntony.io.channels import Channel, chosen, to_signals
from syntony.io.registry import reader
from syntony.io.text import read_lines

# tag: kind, unit
_TAGS: Mapping[str, tuple[str, str]] = {
    "EA": ("eda", "uS"),
    "EL": ("eda_tonic", ""),
    "ER": ("eda_phasic", ""),
    "PI": ("ppg_infrared", "1"),
    "PR": ("ppg_red", "1"),
    "PG": ("ppg", "1"),
    "T0": ("temperature_0", "Cel"),
    "T1": ("temperature_1", "Cel"),
    "TH": ("temperature_thermopile", "Cel"),
    "H0": ("humidity", "%"),
    "AX": ("acc_x", "g"),
    "AY": ("acc_y", "g"),
    "AZ": ("acc_z", "g"),
    "GX": ("gyro_x", "deg/s"),
    "GY": ("gyro_y", "deg/s"),
    "GZ": ("gyro_z", "deg/s"),
    "MX": ("mag_x", "uT"),
    "MY": ("mag_y", "uT"),
    "MZ": ("mag_z", "uT"),
}
_BEATS, _NOTE, _LOCAL = "BI", "UN", "TL"
_COUNTED = ("DC", "DO")
_HEADER = "LocalTimestamp,EmotiBitTimestamp,PacketNumber,DataLength,TypeTag,"
_ROW = re.compile(rb"\d+(\.\d+)?,\d+,\d+,[A-Z][A-Z0-9%],\d+,\d+(,|\r?\n)")
_STAMP = "%Y-%m-%d_%H-%M-%S-%f"
_GAP_S = 1.0


@dataclass
class _Packets:
    """Packets of one tag: device time (s), how many samples each, the samples, local time."""

    times: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    local: list[float] = field(default_factory=list)


def _sniff(path: Path, head: bytes) -> bool:
    """Claim parsed files by their header and raw ones by their first packets."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    return head.startswith(_HEADER.encode()) or bool(_ROW.match(head))


@reader(name="emotibit", title="EmotiBit (raw or parsed CSV)", suffixes=(".csv",), sniff=_sniff)
def read_emotibit(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Recording:
    """Read the signals, beats and user notes of an EmotiBit.

    Parameters
    ----------
    path : Path
        The raw file of the SD card, or one file of the data parser (``..._EA.csv``).
    person : str
    channels : sequence of str, or mapping of str to str, optional
        Type tags to read (``EA``, ``PG``, ``AX``); all that are known by default.
    units : mapping of str to str, optional
        Of ``EL`` and ``ER`` (older firmware), which have none.

    Returns
    -------
    Recording
        ``eda`` (uS), ``ppg`` (green; red and infrared beside it), ``temperature`` (of ``T1``
        where it is there; further sensors under names of their own), acceleration,
        rotation, magnetic field, humidity, on one clock. Events ``rr`` from ``BI``, events
        ``marker`` at user notes, whose words are in the notes of the recording.

    Raises
    ------
    FileError
        A packet that is cut off, of another length than it says, or with text in it.

    Notes
    -----
    Written from EmotiBit's documentation; not checked against a real file. A packet's stamp is
    taken as the time of its first sample, so signals may lie up to one packet (about 0.1 s)
    early. Samples within and between packets are laid evenly; where stamps run more than a
    second ahead, samples are missing. Local time is found from the answers of the computer
    (``TL``), its error from how much they differ.
    """
    path = Path(path)
    lines = read_lines(path)
    parsed = lines[0].startswith(_HEADER)
    packets, words, seen = (_parsed if parsed else _raw)(path, lines)
    started, error, zero, clock_notes = _clock(path, packets, parsed)
    listed, notes = [], [*clock_notes]
    known = [t for t in _TAGS if t in packets and packets[t].values]
    wanted = chosen(path, known, channels, lambda tag: _TAGS[tag][0])
    for tag in wanted:
        one, more = _channel(path, tag, packets[tag], zero)
        listed.append(one)
        notes += more
    said = channels if isinstance(channels, Mapping) else {}
    kinds = dict(wanted)
    if warm := [t for t in ("T1", "T0", "TH") if t in wanted and not said.get(t)]:
        kinds[warm[0]] = "temperature"
    if channels is None:
        silent = [c.label for c in listed if not c.unit and c.label not in (units or {})]
        listed = [c for c in listed if c.label not in silent]
        if silent:
            text = f"{silent}: no unit known, so left out; name them in channels and units."
            notes.append(Note(path.name, "without-unit", text))
    signals, doubts = to_signals(path, listed, person=person, kinds=kinds, units=units)
    events = _events(path, packets, words, zero, person)
    if not signals and not events:
        raise FileError(path, f"type tags {sorted(seen)[:20]}", f"some of {list(_TAGS)}")
    lost = {t: seen[t] for t in _COUNTED if seen[t]}
    if lost:
        text = f"The device reports clipped (DC) or lost (DO) data: {lost} packets of this kind."
        notes.append(Note(path.name, "device-lost-data", text))
    notes += [Note(path.name, "user-note", f"{t - zero:.2f} s: {w}") for t, w in words[:20]]
    return Recording(
        signals=signals,
        events=events,
        started_at=started,
        started_at_error_s=error,
        clock=str(path),
        notes=(*notes, *doubts),
    )


_Found = tuple[dict[str, _Packets], list[tuple[float, str]], Counter[str]]


def _bad(path: Path, line: str, number: int, last: int) -> FileError:
    hint = "The file seems to be cut off." if number == last else "Mend the line."
    return FileError(path, repr(line[:60]), "a packet of EmotiBit", hint, line=number)


def _raw(path: Path, lines: Sequence[str]) -> _Found:
    """Packets of a raw file by tag, user notes with their times, and a count of every tag."""
    packets: dict[str, _Packets] = {}
    words: list[tuple[float, str]] = []
    seen: Counter[str] = Counter()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split(",")
        try:
            time, count, tag = float(cells[0]) / 1000.0, int(cells[2]), cells[3]
            payload = cells[6:]
        except (ValueError, IndexError):
            raise _bad(path, line, number, len(lines)) from None
        seen[tag] += 1
        if tag == _NOTE:
            words.append((time, ",".join(payload)[:200]))
            continue
        if tag == _LOCAL:
            _take_local(packets.setdefault(tag, _Packets()), time, payload)
            continue
        if tag not in _TAGS and tag != _BEATS:
            continue
        while len(payload) > count and not payload[-1].strip():
            payload.pop()
        if len(payload) != count or not 0 <= time < 1e9:
            raise _bad(path, line, number, len(lines))
        here = packets.setdefault(tag, _Packets())
        try:
            here.values += [float(v) for v in payload]
        except ValueError:
            raise _bad(path, line, number, len(lines)) from None
        here.times.append(time)
        here.counts.append(count)
    return packets, words, seen


def _take_local(here: _Packets, time: float, payload: Sequence[str]) -> None:
    """Keep one answer of the computer; what is no stamp is not one."""
    try:
        stamp = datetime.strptime(payload[0].strip(), _STAMP)
    except (ValueError, IndexError):
        return
    here.times.append(time)
    here.local.append(stamp.replace(tzinfo=UTC).timestamp())


def _parsed(path: Path, lines: Sequence[str]) -> _Found:
    """Rows of a parsed file as packets: rows of one stamp came together."""
    packets: dict[str, _Packets] = {}
    seen: Counter[str] = Counter()
    width = lines[0].count(",") + 1
    tag = lines[0].split(",")[7].strip() if width >= 8 else ""
    if tag not in _TAGS and tag != _BEATS:
        raise FileError(path, f"the type tag {tag!r}", f"one of {[*_TAGS, _BEATS]}", line=1)
    here = packets.setdefault(tag, _Packets())
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split(",")
        try:
            local, value = float(cells[0]), float(cells[7])
            if len(cells) != width or cells[4] != tag or not 0 < local < 1e11:
                raise ValueError
        except (ValueError, IndexError):
            raise _bad(path, line, number, len(lines)) from None
        seen[tag] += 1
        here.values.append(value)
        if here.times and local == here.times[-1]:
            here.counts[-1] += 1
        else:
            here.times.append(local)
            here.counts.append(1)
    return packets, [], seen


def _clock(
    path: Path, packets: Mapping[str, _Packets], parsed: bool
) -> tuple[datetime | None, float, float, list[Note]]:
    """Stamp of second zero and its error; second zero on the clock of the packets."""
    first = [p.times[0] for t, p in packets.items() if p.times and t != _LOCAL]
    zero = min(first, default=0.0)
    nothing = float("nan")
    if parsed:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=zero), 0.5e-3, zero, []
    answers = packets.get(_LOCAL)
    if answers is None or not answers.local:
        text = "No answer of the computer (TL) in the file: it has no local time."
        return None, nothing, zero, [Note(path.name, "no-local-time", text)]
    offsets = np.array(answers.local) - np.array(answers.times)
    offset = float(np.median(offsets))
    spread = float(np.abs(offsets - offset).max())
    started = datetime.fromtimestamp(0, UTC) + timedelta(seconds=zero + offset)
    text = f"Local time from {offsets.size} answers of the computer; they differ by {spread:.3f} s."
    note = Note(path.name, "local-time", text)
    return started.replace(tzinfo=None), max(spread, 0.0005), zero, [note]


def _channel(path: Path, tag: str, packets: _Packets, zero: float) -> tuple[Channel, list[Note]]:
    """Samples of a tag on an even axis."""
    times, counts = np.array(packets.times), np.array(packets.counts, dtype=np.int64)
    values = np.array(packets.values)
    if np.isinf(values).any():
        raise FileError(path, f"an infinite value of {tag}", "finite numbers")
    keep = counts > 0
    times, counts = times[keep], counts[keep]
    back = np.flatnonzero(np.diff(times) < 0)
    if back.size:
        raise FileError(
            path,
            f"a packet of {tag} at {times[back[0] + 1]:.3f} s after one at {times[back[0]]:.3f} s",
            "ascending times",
            "Are two recordings in one file?",
        )
    rate, places, lost = _places(path, tag, times, counts)
    out = np.full(int(places[-1]) + 1, np.nan)
    out[places] = values
    notes = []
    if lost:
        text = f"{tag}: {lost} gaps; {out.size - values.size} samples are missing."
        notes.append(Note(path.name, "gap", text))
    start = float(times[0]) - zero
    return Channel(label=tag, values=out, rate_hz=rate, start_s=start, unit=_TAGS[tag][1]), notes


def _places(path: Path, tag: str, times: Array, counts: Ints) -> tuple[float, Ints, int]:
    """Rate, index of each sample, and how many gaps there are."""
    if times.size < 3:
        raise FileError(path, f"{times.size} packets of {tag}", "three or more, to know its rate")
    steps = np.diff(times)
    each = steps / counts[:-1]
    usual = float(np.median(each[each > 0])) if (each > 0).any() else 0.0
    if not usual > 0:
        raise FileError(path, f"packets of {tag} at one time", "ascending times")
    regular = steps < counts[:-1] * usual + _GAP_S
    rate = float(counts[:-1][regular].sum() / steps[regular].sum())
    rate = next((r for d in range(4) if abs((r := round(rate, d)) / rate - 1) < 2e-3), rate)
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    shift, gaps = 0, 0
    shifts = np.zeros(times.size, dtype=np.int64)
    for i in np.flatnonzero(~regular) + 1:
        clock = round((times[i] - times[0]) * rate)
        more = max(0, clock - int(begins[i]) - shift)
        shift, gaps = shift + more, gaps + (more > 0)
        shifts[i:] = shift
    if is_too_empty(float(begins[-1] + shift), int(counts.sum())):
        raise FileError(path, f"gaps of {shift / rate:.0f} s in {tag}", "one recording in a file")
    places = np.arange(counts.sum()) + np.repeat(shifts, counts)
    return rate, places, gaps


def _events(
    path: Path,
    packets: Mapping[str, _Packets],
    words: Sequence[tuple[float, str]],
    zero: float,
    person: str,
) -> tuple[Events, ...]:
    """Beats and user notes."""
    events = []
    beats = packets.get(_BEATS)
    if beats is not None and beats.values:
        times = np.repeat(np.array(beats.times), beats.counts) - zero
        values = np.array(beats.values)
        if np.any(np.diff(times) < 0) or not (values > 0).all() or np.isinf(values).any():
            raise FileError(path, f"beats {values[:3]}", "intervals above 0 at ascending times")
        events.append(Events(times_s=times, values=values, unit="ms", kind="rr", person=person))
    if words:
        times = np.sort(np.array([t for t, _ in words])) - zero
        events.append(Events(times_s=times, kind="marker", person=person))
    return tuple(events)
