"""Empatica E4: the folder or zip that E4 connect gives out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.io.archive import members_of, names_in
from syntony.io.registry import reader
from syntony.io.text import decode, split_lines

# file, kinds of its columns, unit, divisor
_CHANNELS: tuple[tuple[str, tuple[str, ...], str, float], ...] = (
    ("EDA.csv", ("eda",), "uS", 1.0),
    ("BVP.csv", ("ppg",), "1", 1.0),
    ("TEMP.csv", ("temperature",), "Cel", 1.0),
    ("HR.csv", ("hr",), "/min", 1.0),
    ("ACC.csv", ("acc_x", "acc_y", "acc_z"), "g", 64.0),
)
_OTHERS = ("IBI.csv", "tags.csv")
_SAME_BEAT_S = 0.02
_SHORT_S = 5.0
_NO_CONTACT = 0.05  # uS


def _sniff(path: Path, head: bytes) -> bool:
    """Claim a folder or zip that holds EDA.csv and BVP.csv or ACC.csv."""
    if not path.is_dir() and head[:2] != b"PK":
        return False
    names = names_in(path)
    return "EDA.csv" in names and bool(names & {"BVP.csv", "ACC.csv", "IBI.csv"})


@reader(name="empatica_e4", title="Empatica E4 (folder or zip)", suffixes=(".zip",), sniff=_sniff)
def read_empatica_e4(path: Path, *, person: str) -> Recording:
    """Read everything that an E4 recorded.

    Parameters
    ----------
    path : Path
        Folder or zip with EDA.csv, BVP.csv, TEMP.csv, HR.csv, ACC.csv, IBI.csv, tags.csv;
        any of them may be absent, not all.
    person : str

    Returns
    -------
    Recording
        Signals ``eda`` (uS), ``ppg`` (the device's own unit), ``temperature`` (Cel), ``hr``
        (/min; the device starts it 10 s later), ``acc_x``, ``acc_y``, ``acc_z`` (g), each with
        its own start and length. Second zero is the earliest start.
        Events ``rr`` (ms): an interval belongs to the beat that ends it. Where an interval does
        not begin at the beat before it, the device dropped beats in between; the beat at which
        it begins is then put in with a missing interval (NaN), so that each run of beats is
        whole and the gap is seen. Events ``marker``: the button presses.

    Raises
    ------
    FileError
        Nothing of an E4 inside; a damaged or dangerous zip; a file without start or rate, cut
        off, or with text in it.

    Notes
    -----
    The layout is that of ``info.txt``, which E4 connect puts into every download.
    """
    path = Path(path)
    if not path.exists():
        raise FileError(path, "no such file or folder", "an E4 recording", "Check the path.")
    files = members_of(path, tuple(c[0] for c in _CHANNELS) + _OTHERS)
    if not any(name in files for name, *_ in _CHANNELS):
        raise FileError(
            path,
            f"files {sorted(names_in(path))[:12]}",
            f"some of {[c[0] for c in _CHANNELS]}",
            "Is it the folder or zip of an E4 session?",
        )
    starts: dict[str, float] = {}
    tables: dict[str, tuple[float, Array]] = {}
    for name, kinds, _, _ in _CHANNELS:
        if name in files:
            starts[name], rate, table = _channel(path / name, files[name], len(kinds))
            tables[name] = rate, table
    zero = min(starts.values())
    signals = _signals(tables, starts, zero, person)
    events, notes = _events(path, files, zero, person)
    late = {n: s - zero for n, s in starts.items() if s > zero}
    if late:
        said = ", ".join(f"{n} {s:g} s" for n, s in late.items())
        notes.append(Note(path.name, "late-start", f"Later than the earliest channel: {said}."))
    notes += _oddities(path, signals)
    whole = all(float(s).is_integer() for s in starts.values())
    return Recording(
        signals=signals,
        events=events,
        started_at=datetime.fromtimestamp(0, UTC) + timedelta(seconds=zero),
        started_at_error_s=0.5 if whole else 0.005,
        clock=str(path),
        notes=tuple(notes),
    )


def _oddities(path: Path, signals: tuple[Signal, ...]) -> list[Note]:
    """Say where channels end at other times, and where the wristband was not worn."""
    notes = []
    ends = {s.kind: s.stop_s for s in signals}
    short = {k: max(ends.values()) - v for k, v in ends.items()}
    short = {k: v for k, v in short.items() if v > _SHORT_S}
    if short:
        said = ", ".join(f"{k} {v:.4g} s" for k, v in short.items())
        notes.append(Note(path.name, "early-end", f"Earlier than the last channel end: {said}."))
    for eda in (s for s in signals if s.kind == "eda"):
        worn = np.flatnonzero(eda.values >= _NO_CONTACT)
        first, last = (worn[0], worn[-1]) if worn.size else (eda.values.size, -1)
        off = [first / eda.rate_hz, (eda.values.size - 1 - last) / eda.rate_hz]
        if max(off) > _SHORT_S:
            text = (
                f"Skin conductance is below {_NO_CONTACT:g} uS in the first {off[0]:.4g} s and the "
                f"last {off[1]:.4g} s: was the device worn?"
            )
            notes.append(Note(path.name, "no-contact", text))
    return notes


def _signals(
    tables: Mapping[str, tuple[float, Array]],
    starts: Mapping[str, float],
    zero: float,
    person: str,
) -> tuple[Signal, ...]:
    """One signal per column, from second ``zero``."""
    signals = []
    for name, kinds, unit, divisor in _CHANNELS:
        if name not in tables:
            continue
        rate, table = tables[name]
        for i, kind in enumerate(kinds):
            signals.append(
                Signal(
                    values=table[:, i] / divisor,
                    rate_hz=rate,
                    start_s=starts[name] - zero,
                    unit=unit,
                    kind=kind,
                    person=person,
                )
            )
    return tuple(signals)


def _rows(path: Path, data: bytes, width: int, *, skip: int) -> tuple[list[list[str]], Array]:
    """First lines as words, the rest as numbers, shape (n_rows, width)."""
    lines = split_lines(path, decode(path, data)) if data else []
    head = [[c.strip() for c in x.split(",")] for x in lines[:skip]]
    if len(lines) <= skip:
        return head, np.empty((0, width))
    try:
        table = np.loadtxt(lines[skip:], delimiter=",", comments=None, ndmin=2)
    except ValueError:
        table = np.empty((0, 0))
    if table.shape != (len(lines) - skip, width) or np.isinf(table).any():
        _refuse_line(path, lines, width, skip)
    return head, np.asarray(table, dtype=np.float64)


def _refuse_line(path: Path, lines: list[str], width: int, skip: int) -> None:
    """Find the first line that is wrong and raise for it."""
    for i, line in enumerate(lines[skip:], start=skip + 1):
        cells = line.split(",")
        try:
            good = len(cells) == width and all(abs(float(c)) != float("inf") for c in cells)
        except ValueError:
            good = False
        if not good:
            hint = "The file seems to be cut off." if i == len(lines) else "Mend the line."
            raise FileError(path, repr(line[:60]), f"{width} number(s)", hint, line=i)


def _channel(path: Path, data: bytes, width: int) -> tuple[float, float, Array]:
    """Start (Unix s), rate (Hz) and values of one file, shape (n_samples, width)."""
    head, table = _rows(path, data, width, skip=2)
    try:
        start, rate = float(head[0][0]), float(head[1][0])
    except (IndexError, ValueError):
        raise FileError(
            path, f"{head!r}"[:80], "a Unix start and a rate in lines 1 and 2", "Export it again."
        ) from None
    if not (np.isfinite(start) and np.isfinite(rate) and rate > 0 and 0 < start < 1e11):
        raise FileError(
            path, f"start {start:g} and rate {rate:g} Hz", "a Unix time and a rate above 0", line=2
        )
    if not len(table):
        raise FileError(path, "no samples", "samples from line 3 on", "Was the device on?", line=2)
    return start, rate, table


def _events(
    path: Path, files: Mapping[str, bytes], zero: float, person: str
) -> tuple[tuple[Events, ...], list[Note]]:
    """Beats and button presses, from second ``zero``."""
    events: list[Events] = []
    notes: list[Note] = []
    if files.get("IBI.csv", b"").strip():
        beats, note = _beats(path / "IBI.csv", files["IBI.csv"], zero, person)
        events.append(beats)
        notes.append(note)
    if files.get("tags.csv", b"").strip():
        _, tags = _rows(path / "tags.csv", files["tags.csv"], 1, skip=0)
        presses = np.sort(tags[:, 0]) - zero
        events.append(Events(times_s=presses, kind="marker", person=person))
    return tuple(events), notes


def _beats(path: Path, data: bytes, zero: float, person: str) -> tuple[Events, Note]:
    """Beats with the interval that ends at each, and a note on what the device left out."""
    head, table = _rows(path, data, 2, skip=1)
    try:
        start = float(head[0][0])
    except (IndexError, ValueError):
        raise FileError(path, repr(head)[:80], "a Unix start and 'IBI'", line=1) from None
    times, intervals = table[:, 0], table[:, 1]
    wrong = np.flatnonzero(~(intervals > 0) | np.isnan(times))
    wrong = np.union1d(wrong, np.flatnonzero(np.diff(times) <= 0) + 1)
    if wrong.size:
        at = int(wrong[0])
        raise FileError(
            path,
            f"time {times[at]:g} s and interval {intervals[at]:g} s",
            "later times and intervals above 0",
            "Mend the line.",
            line=at + 2,
        )
    begins = times - intervals
    before = np.concatenate([[-np.inf], times[:-1]])
    alone = np.flatnonzero(begins - before > _SAME_BEAT_S)
    every = np.concatenate([times, begins[alone]])
    values = np.concatenate([intervals * 1000.0, np.full(alone.size, np.nan)])
    order = np.argsort(every, kind="stable")
    beats = Events(
        times_s=every[order] + (start - zero),
        values=values[order],
        unit="ms",
        kind="rr",
        person=person,
    )
    covered = float(intervals.sum())
    text = (
        f"{intervals.size} intervals in {alone.size} runs cover {covered:.0f} s; the device drops "
        "beats it does not trust. The first beat of each run has no interval."
    )
    return beats, Note(path.parent.name, "device-dropped-beats", text)
