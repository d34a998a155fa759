"""The header of an EDF or BDF file, read field by field and held against the file's size."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.notes import Note

# name and width of the fields of one signal; all signals' first fields come first
_FIELDS = (
    ("label", 16),
    ("transducer", 80),
    ("unit", 8),
    ("physical_min", 8),
    ("physical_max", 8),
    ("digital_min", 8),
    ("digital_max", 8),
    ("prefilter", 80),
    ("samples", 8),
    ("reserved", 32),
)
_HEAD = 256
MOST_SIGNALS = 4096
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_STAMP = re.compile(r"(\d\d?)[.:/-](\d\d?)[.:/-](\d\d?)")
_LONG = re.compile(r"Startdate\s+(\d\d?)-([A-Za-z]{3})-(\d{4})")
_ZONE = re.compile(r"TZ=([+-])(\d\d):?(\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class EdfSignal:
    """One signal of the header; ``first`` is its first sample within a record."""

    label: str
    unit: str
    physical: tuple[float, float]
    digital: tuple[int, int]
    samples: int
    first: int

    @property
    def annotations(self) -> bool:
        """Whether it holds text rather than samples."""
        return self.label in {"EDF Annotations", "BDF Annotations"}

    @property
    def gain(self) -> float:
        """Physical units per count."""
        return (self.physical[1] - self.physical[0]) / (self.digital[1] - self.digital[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class EdfHeader:
    """What a header says, checked: ``width`` bytes a sample, ``record`` samples a record."""

    width: int
    bytes: int
    records: int
    record_s: float
    record: int
    plus: bool
    gaps: bool
    started_at: datetime | None
    signals: tuple[EdfSignal, ...]
    notes: tuple[Note, ...]


def read_header(path: Path, head: bytes, size: int) -> EdfHeader:
    """Read and check a header.

    Parameters
    ----------
    path : Path
    head : bytes
        The file's beginning, at least as long as the header says.
    size : int
        Bytes of the whole file.

    Raises
    ------
    FileError
        For a header that says what cannot be, or tells of more than the file holds.
    """
    binary = head[:8] == b"\xffBIOSEMI"
    if len(head) < _HEAD or not (binary or head[:8].strip() == b"0"):
        raise _wrong(path, repr(head[:8]), "'0' or BIOSEMI in the first field")
    text = head.decode("latin-1")
    count = _whole(path, text[252:256], "number of signals", 1, MOST_SIGNALS)
    length = _whole(path, text[184:192], "bytes in the header", _HEAD, _HEAD * (MOST_SIGNALS + 1))
    if length != _HEAD * (count + 1):
        raise _wrong(
            path, f"a header of {length} bytes", f"{_HEAD * (count + 1)} for {count} signals"
        )
    if size < length or len(head) < length:
        raise _cut(path, size, length)
    signals = _signals(path, text[_HEAD:length], count, 3 if binary else 2)
    record_s = _number(path, text[244:252], "duration of a record")
    only_text = all(s.annotations for s in signals)
    if not (record_s > 0 or (record_s == 0 and only_text)) or record_s > 1e6:
        raise _wrong(path, f"records of {record_s:g} s", "a duration above 0 s")
    reserved = text[192:236].strip()
    record = sum(s.samples for s in signals)
    told = _whole(path, text[236:244], "number of records", -1, 2**31)
    records, notes = _records(path, told, size - length, record * (3 if binary else 2))
    started, said = _start(path, text)
    return EdfHeader(
        width=3 if binary else 2,
        bytes=length,
        records=records,
        record_s=record_s,
        record=record,
        plus=reserved.startswith(("EDF+", "BDF+")),
        gaps=reserved.startswith(("EDF+D", "BDF+D")),
        started_at=started,
        signals=signals,
        notes=(*notes, *said),
    )


def header_bytes(head: bytes) -> int:
    """Bytes that the header says it has; 256 where it says nothing."""
    digits = head[184:192].strip()
    told = int(digits) if digits.isdigit() else _HEAD
    return min(max(told, _HEAD), _HEAD * (MOST_SIGNALS + 1))


def _wrong(path: Path, found: str, expected: str, column: str | None = None) -> FileError:
    """Make the error for a header that says what cannot be."""
    return FileError(path, found, expected, "Export it again; the header is wrong.", column=column)


def _cut(path: Path, size: int, told: int) -> FileError:
    """Make the error for a file that ends early."""
    return FileError(
        path,
        f"{size:,} bytes where the header tells of {told:,}",
        "a whole file",
        "It seems to be cut off: copy or export it again.",
    )


def _number(path: Path, text: str, what: str, column: str | None = None) -> float:
    """Read a field as a finite number."""
    try:
        if "_" in text:
            raise ValueError
        value = float(text.replace("\0", " ").replace(",", "."))
        if not math.isfinite(value):
            raise ValueError
    except ValueError:
        raise _wrong(path, f"{text.strip()!r} as {what}", "a number", column) from None
    return value


def _whole(path: Path, text: str, what: str, low: int, high: int, column: str | None = None) -> int:
    """Read a field as a whole number within limits."""
    value = _number(path, text, what, column)
    if value != int(value) or not low <= value <= high:
        raise _wrong(path, f"{text.strip()!r} as {what}", f"{low} to {high:,}", column)
    return int(value)


def _signals(path: Path, text: str, count: int, width: int) -> tuple[EdfSignal, ...]:
    """Read the fields of every signal."""
    table: dict[str, list[str]] = {}
    at = 0
    for name, wide in _FIELDS:
        table[name] = [text[at + i * wide : at + (i + 1) * wide] for i in range(count)]
        at += count * wide
    limit = 1 << (8 * width - 1)
    out, first = [], 0
    for i in range(count):
        cells = {name: column[i] for name, column in table.items()}
        label = cells["label"].replace("\0", " ").strip()
        digital = tuple(
            _whole(path, cells[n], n, -limit, limit - 1, label)
            for n in ("digital_min", "digital_max")
        )
        physical = tuple(
            _number(path, cells[n], n, label) for n in ("physical_min", "physical_max")
        )
        text_only = label in {"EDF Annotations", "BDF Annotations"}
        if not text_only and (digital[0] >= digital[1] or physical[0] == physical[1]):
            found = f"counts {digital} for values {physical}"
            raise _wrong(path, found, "two different limits, the lower count first", label)
        samples = _whole(path, cells["samples"], "samples in a record", 1, 2**24, label)
        unit = cells["unit"].replace("\0", " ").strip()
        out.append(
            EdfSignal(
                label=label,
                unit=unit,
                physical=(physical[0], physical[1]),
                digital=(digital[0], digital[1]),
                samples=samples,
                first=first,
            )
        )
        first += samples
    return tuple(out)


def _records(path: Path, told: int, size: int, record: int) -> tuple[int, list[Note]]:
    """Number of whole records, as the header says and as there are."""
    there, rest = divmod(size, record)
    if told == -1:
        text = f"The recorder never wrote how many records there are; {there} whole ones are read."
        if there < 1:
            raise _cut(path, size, record)
        return there, [Note(path.name, "unfinished", text + " Was it stopped properly?")]
    if told < 1:
        raise _wrong(path, f"{told} records", "at least one")
    if told > there:
        raise _cut(path, size, told * record)
    extra = size - told * record
    if not extra:
        return told, []
    text = (
        f"{extra:,} bytes follow the {told} records that the header tells of ({there} whole "
        f"records and {rest} bytes are there); they are not read. Check how long the recording was."
    )
    return told, [Note(path.name, "length-contradicts", text)]


def _start(path: Path, text: str) -> tuple[datetime | None, list[Note]]:
    """Start stamp: date and time of the header, its long date and zone where it has them."""
    day, clock = _STAMP.search(text[168:176]), _STAMP.search(text[176:184])
    notes: list[Note] = []
    if not day or not clock:
        return None, [_no_start(path, text[168:184])]
    d, m, y = (int(g) for g in day.groups())
    hour, minute, second = (int(g) for g in clock.groups())
    try:
        started = datetime(y + (1900 if y >= 85 else 2000), m, d, hour, minute, second)
    except ValueError:  # such as month 13
        return None, [_no_start(path, text[168:184])]
    recording = text[88:168]
    long = _LONG.search(recording)
    if long and long[2].upper() in _MONTHS:
        try:
            full = started.replace(
                year=int(long[3]), month=_MONTHS.index(long[2].upper()) + 1, day=int(long[1])
            )
        except ValueError:  # such as 31 February
            full = started
        if full != started:
            said = f"The header gives the day as {started:%Y-%m-%d} and as {full:%Y-%m-%d}; the "
            said += "second is taken. Check which one is right."
            notes.append(Note(path.name, "start-contradicts", said))
            started = full
    if zone := _ZONE.search(recording):
        shift = timedelta(hours=int(zone[2]), minutes=int(zone[3]))
        if shift < timedelta(hours=15):
            started = started.replace(tzinfo=timezone(-shift if zone[1] == "-" else shift))
            said = f"The zone {zone[0]} stands in a free text of the header."
            notes.append(Note(path.name, "zone-from-text", said))
    return started, notes


def _no_start(path: Path, text: str) -> Note:
    """Say that a header has no usable start."""
    return Note(path.name, "no-start", f"The start {text.strip()!r} is no date and time.")
