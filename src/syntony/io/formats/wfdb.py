"""WFDB records (PhysioNet): a header, its signal files, and annotated beats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.optional import need
from syntony.core.recording import Recording
from syntony.io.channels import Channel, chosen, to_signals
from syntony.io.formats.naming import told_apart
from syntony.io.registry import reader
from syntony.io.text import decode, read_lines, size_of, split_lines

_NAME = r"[A-Za-z0-9_-]+"
_RECORD = re.compile(rf"(?P<name>{_NAME})(?P<segments>/\d+)?\s+(?P<count>\d+)(?:\s+(?P<rest>.*))?")
_SIGNAL = re.compile(
    r"(?P<file>[A-Za-z0-9_.~-]+)\s+(?P<format>\d+)(?:x(?P<each>\d+))?(?::\d+)?(?:\+(?P<skip>\d+))?"
    r"(?:\s+(?P<gain>[-+0-9.eE]+)?(?:\((?P<base>-?\d+)\))?(?:/(?P<unit>\S+))?)?(?:\s+(?P<rest>.*))?"
)
_BYTES: Mapping[str, float] = {
    "8": 1, "16": 2, "24": 3, "32": 4, "61": 2, "80": 1, "160": 2, "212": 1.5, "310": 4 / 3,
    "311": 4 / 3,
}  # fmt: skip
_LEAD = re.compile(r"(ML)?I{1,3}|aV[RLF]|V[1-9]?|ML?V[1-6]|ECG\d*", re.I)
_BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
_LIMIT = 2**29
_MAX_LINES = 1000
_DAMAGED = (ValueError, IndexError, KeyError, TypeError, OverflowError, OSError, AttributeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One signal as the header describes it."""

    file: str
    format: str
    each: int
    skip: int
    gain: float
    unit: str
    checksum: int | None
    name: str


def _sniff(path: Path, head: bytes) -> bool:
    """Claim a header: a record line, then lines that name a file and a format."""
    if not head or b"\0" in head:
        return False
    try:
        lines = [x for x in split_lines(path, decode(path, head)) if x and x[0] != "#"]
    except FileError:
        return False
    if not lines or not (found := _RECORD.fullmatch(lines[0].strip())):
        return False
    return path.suffix.lower() == ".hea" or (
        found["count"] != "0"
        and len(lines) > 1
        and bool(re.match(r"[\w.-]+\.\w+ +\d+\b", lines[1]))
    )


@reader(name="wfdb", title="WFDB record (PhysioNet)", suffixes=(".hea",), sniff=_sniff)
def read_wfdb(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    annotations: str = "atr",
) -> Recording:
    """Read a record by its header, with its annotations.

    Parameters
    ----------
    path : Path
        The ``.hea`` file; signal files and annotations lie beside it. Needs the package wfdb
        (the extra ``data``).
    person : str
    channels : sequence of str, or mapping of str to str, optional
        Names of signals to read; with a mapping, what each measures. All by default: the
        first lead of an ECG is ``ecg``, a further one ``ecg_<lead>``.
    units : mapping of str to str, optional
        Of signals that are not calibrated (gain 0), whose numbers are those of the converter.
    annotations : str, default "atr"
        Suffix of the annotation file; none is read where there is no such file.

    Returns
    -------
    Recording
        Signals with NaN where the format marks an invalid sample. Events ``rr`` at every
        annotated beat, with the interval that ends there in ms (NaN at the first); events
        ``annotation`` at what is no beat. Times count from the first sample.

    Raises
    ------
    FileError
        A header that is cut off, in several segments, or without a rate; a signal file that
        is missing, outside the folder, compressed with FLAC or shorter than the header says.

    Notes
    -----
    Units that a header leaves out are mV, as its format has it, and a note says so. Where a
    signal's checksum differs from that in the header a note says so too.
    """
    path = Path(path)
    rate, length, started, notes, lines = _header(path)
    _refuse_short(path, lines, length)
    tables = _samples(path, lines, length)
    taken = []
    for line, (raw, values) in zip(lines, tables, strict=True):
        unit = line.unit or "mV"
        if line.gain == 0:
            unit, values = "", raw
        elif not line.unit:
            notes.append(Note(path.name, "unit-by-format", f"{line.name}: no unit stated, so mV."))
        if line.checksum is not None and (int(np.nansum(raw)) - line.checksum) & 0xFFFF:
            text = f"{line.name}: the samples do not add up to the checksum in the header."
            notes.append(Note(path.name, "checksum", text))
        unit = "1" if unit == "NU" else unit
        facts = {"label": line.name, "rate_hz": rate * line.each, "unit": unit}
        taken.append(Channel(values=values, **facts))  # type: ignore[arg-type]
    listed = told_apart(taken)
    kinds = _leads(chosen(path, [c.label for c in listed], channels), channels)
    signals, doubts = to_signals(path, listed, person=person, kinds=kinds, units=units)
    events, told = _annotated(path, annotations, rate, person)
    return Recording(
        signals=signals,
        events=events,
        started_at=started,
        started_at_error_s=float("nan") if started is None else 0.5,
        clock=str(path),
        notes=(*notes, *told, *doubts),
    )


def _leads(
    kinds: dict[str, str], channels: Mapping[str, str] | Sequence[str] | None
) -> dict[str, str]:
    """Call the first lead ``ecg`` and further ones after themselves, where nobody says."""
    said = channels if isinstance(channels, Mapping) else {}
    out, seen = {}, False
    for label, kind in kinds.items():
        if not said.get(label) and _LEAD.fullmatch(label):
            kind, seen = f"ecg_{kind}" if seen else "ecg", True
        out[label] = kind
    return out


def _header(path: Path) -> tuple[float, int, datetime | None, list[Note], list[_Line]]:
    """Frame rate, frames, start, notes and signals of a header."""
    size_of(path, 2**20)
    lines = [x.strip() for x in read_lines(path)]
    rows = [(i + 1, x) for i, x in enumerate(lines[:_MAX_LINES]) if x and not x.startswith("#")]
    found = _RECORD.fullmatch(rows[0][1]) if rows else None
    if not found:
        raise FileError(path, repr(lines[0][:60]), "a WFDB header", "Give the .hea file.", line=1)
    if found["segments"]:
        raise FileError(path, "a record of several segments", "one segment", "Read each alone.")
    rest = (found["rest"] or "").split()
    count = int(found["count"])
    rate, length = _number(rest, 0), _number(rest, 1)
    if not (0 < rate < 1e7 and 0 < length < 2**40 and length.is_integer()):
        raise FileError(
            path,
            f"{rows[0][1]!r}"[:80],
            "name, signals, rate and number of samples",
            line=rows[0][0],
        )
    if count == 0 or len(rows) - 1 != count:
        raise FileError(
            path, f"{len(rows) - 1} signals", f"{count}, one or more", "Is the header cut off?"
        )
    signals = [_signal(path, row, number) for number, row in rows[1:]]
    started, notes = _stamp(path, rest[2:])
    return rate, int(length), started, notes, signals


def _number(cells: Sequence[str], at: int) -> float:
    """Number at the start of a field; NaN where there is none."""
    found = re.match(r"\d+(\.\d+)?", cells[at]) if at < len(cells) else None
    return float(found[0]) if found else float("nan")


def _stamp(path: Path, cells: Sequence[str]) -> tuple[datetime | None, list[Note]]:
    """Start stamp of a header; a time of day without a date is told in a note."""
    if not cells:
        return None, []
    try:
        return datetime.strptime(" ".join(cells[:2])[:19], "%H:%M:%S %d/%m/%Y"), []
    except ValueError:
        text = f"The start {' '.join(cells[:2])!r} has no date, so it is no stamp."
        return None, [Note(path.name, "no-date", text)]


def _signal(path: Path, row: str, number: int) -> _Line:
    """One signal line."""
    found = _SIGNAL.fullmatch(row)
    if not found:
        raise FileError(path, repr(row[:60]), "file, format, gain ... of a signal", line=number)
    if found["format"] not in _BYTES:
        known = ", ".join(_BYTES)
        raise FileError(
            path, f"format {found['format']}", f"one of {known}", "Convert it.", line=number
        )
    rest = (found["rest"] or "").split(maxsplit=5)
    total = rest[3] if len(rest) > 3 and re.fullmatch(r"-?\d{1,6}", rest[3]) else ""
    try:
        gain = float(found["gain"] or 0)
    except ValueError:
        raise FileError(path, repr(found["gain"]), "a gain", line=number) from None
    return _Line(
        file=found["file"],
        format=found["format"],
        each=int(found["each"] or 1),
        skip=int(found["skip"] or 0),
        gain=gain,
        unit=found["unit"] or "",
        checksum=int(total) if total else None,
        name=rest[5] if len(rest) > 5 else f"signal {number}",
    )


def _refuse_short(path: Path, lines: Sequence[_Line], length: int) -> None:
    """Hold every signal file to what the header says of it, before anything is read."""
    for name in {line.file for line in lines}:
        here = [line for line in lines if line.file == name]
        there = size_of(path.parent / name, _LIMIT)
        if any(not 0 < line.each <= 10_000 for line in here):
            raise FileError(path, "an impossible number of samples in a frame", "1 to 10,000")
        wanted = sum(_BYTES[line.format] * line.each * length for line in here)
        if there + 3 < wanted + here[0].skip:
            raise FileError(
                path.parent / name,
                f"{there:,} bytes",
                f"{wanted + here[0].skip:,.0f}, as {path.name} says",
                "The file seems to be cut off: copy it again.",
            )


def _samples(path: Path, lines: Sequence[_Line], length: int) -> list[tuple[Array, Array]]:
    """Numbers of the converter and physical values of every signal."""
    wfdb = need("wfdb", to="read WFDB records", extra="data")
    place = str(path.resolve().with_suffix(""))
    try:
        record = wfdb.rdrecord(place, physical=False, smooth_frames=False)
        raw: list[Any] = [np.asarray(x, dtype=np.float64) for x in record.e_d_signal]
        values = [np.asarray(x, dtype=np.float64) for x in record.dac(expanded=True)]
    except (*_DAMAGED, MemoryError) as error:
        raise FileError(
            path,
            f"a record that cannot be read ({str(error)[:100]})",
            "a whole WFDB record",
            "Copy header and signal files again.",
        ) from error
    right = len(raw) == len(lines)
    if not right or any(x.size != n.each * length for x, n in zip(raw, lines, strict=True)):
        raise FileError(path, f"{[x.size for x in raw]} samples", f"{length} frames of each signal")
    return list(zip(raw, values, strict=True))


def _annotated(
    path: Path, suffix: str, rate: float, person: str
) -> tuple[tuple[Events, ...], list[Note]]:
    """Beats and other marks of the annotation file, where there is one."""
    place = path.with_name(f"{path.stem}.{suffix}")
    if not re.fullmatch(r"\w+", suffix) or not place.is_file():
        return (), []
    size_of(place, 2**26)
    wfdb = need("wfdb", to="read WFDB records", extra="data")
    try:
        found = wfdb.rdann(str(path.resolve().with_suffix("")), suffix)
        times = np.asarray(found.sample, dtype=np.float64) / float(found.fs or rate)
        symbols = [str(s) for s in found.symbol]
    except (*_DAMAGED, ZeroDivisionError, MemoryError) as error:
        raise FileError(
            place, f"annotations that cannot be read ({str(error)[:100]})", "whole annotations"
        ) from error
    if np.any(np.diff(times) < 0) or not np.isfinite(times).all():
        raise FileError(place, "annotations that run backwards", "ascending times")
    is_beat = np.array([s in _BEATS for s in symbols], dtype=bool)
    beats, others = times[is_beat], times[~is_beat]
    events = []
    if beats.size:
        gaps = np.diff(beats, prepend=np.nan) * 1000.0
        events.append(Events(times_s=beats, values=gaps, unit="ms", kind="rr", person=person))
    if others.size:
        events.append(Events(times_s=others, kind="annotation", person=person))
    counts = Counter(s for s, beat in zip(symbols, is_beat, strict=True) if beat)
    told = ", ".join(f"{n} {symbol}" for symbol, n in counts.most_common())
    text = f"{beats.size} beats ({told}) and {others.size} other annotations in {place.name}."
    return tuple(events), [Note(path.name, "annotations", text)]
