"""Polar: files of the app Polar Sensor Logger, and sessions exported from Polar Flow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.axis import find_axis
from syntony.io.channels import Channel, chosen, kind_of, to_signals
from syntony.io.formats.plain import Table, read_table
from syntony.io.formats.stamped_beats import beats_from_stamps
from syntony.io.registry import reader
from syntony.io.stamps import read_stamps
from syntony.io.text import read_lines

_LOGGER = (b"Phone timestamp;", b"Phone Data RX timestamp;")
_FLOW = re.compile(rb"Name[,;]Sport[,;]Date[,;]Start time[,;]")
_NAMED = re.compile(r"(?P<name>.*?)\s*\[(?P<unit>[^\]]+)\]")
_UNITS = {"bpm": "/min", "mG": "mg", "mg": "mg", "uV": "uV", "rpm": "/min", "C": "Cel"}
_AXES = {"x": "acc_x", "y": "acc_y", "z": "acc_z"}
_SPAN = re.compile(r"(\d+):(\d\d):(\d\d)")


def _is_logger(path: Path, head: bytes) -> bool:
    """Claim tables that begin with the phone's stamp, as the app writes it."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(_LOGGER)


@reader(
    name="polar_sensor_logger",
    title="Polar Sensor Logger (H10, Verity Sense)",
    suffixes=(".txt", ".csv"),
    sniff=_is_logger,
)
def read_polar_sensor_logger(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Recording:
    """Read one file of Polar Sensor Logger: ECG, acceleration, heart rate or intervals.

    Parameters
    ----------
    path : Path
    person : str
    channels : sequence of str, or mapping of str to str, optional
        Columns to read, such as ``ecg [uV]``; all by default.
    units : mapping of str to str, optional

    Returns
    -------
    Recording
        A file of intervals (``RR-interval [ms]``, or ``PP-interval [ms]`` of an optical
        sensor) gives events ``rr``; see the notes on how their times are found. Another gives
        signals on the clock of the sensor where the file has it, else of the phone.
        ``started_at`` is the phone's first stamp.

    Raises
    ------
    FileError
        Another header, a row that is cut off, stamps that run backwards.

    Notes
    -----
    Written from the headers that the app writes; not checked against a real file. The
    app's file of heart rates holds ``HRV [ms]`` and ``Breathing interval [rpm]`` where the
    sensor gives none: columns without any number are left out.
    """
    path = Path(path)
    table = read_table(path, read_lines(path), 0, ";")
    phone = read_stamps(path, table.cells[table.names[0]], table.lines, table.names[0])
    intervals = table.one("rr-interval") or table.one("pp-interval")
    error = phone.error_s if phone.started_at is not None else float("nan")
    facts = {"started_at": phone.started_at, "started_at_error_s": error, "clock": str(path)}
    if intervals:
        beats, notes = beats_from_stamps(
            path, phone.times_s, table.numbers(intervals), table.lines, person=person
        )
        more = _blocked(table)
        return Recording(events=(beats,), notes=(*notes, *more), **facts)  # type: ignore[arg-type]
    times, column = phone.times_s, table.names[0]
    if sensor := table.one("sensor timestamp"):
        raw = table.numbers(sensor)
        times, column = (raw - raw[0]) * 1e-9, sensor
    axis = find_axis(path, times, table.lines, column)
    measured = [n for n in table.names if _measures(n)]
    listed, empty = _columns(table, measured, axis.lay, axis.rate_hz, axis.start_s)
    kinds = chosen(
        path,
        [c.label for c in listed],
        channels,
        lambda name: _AXES.get(_bare(name).lower()) or kind_of(name),
    )
    signals, doubts = to_signals(path, listed, person=person, kinds=kinds, units=units)
    return Recording(signals=signals, notes=(*axis.notes, *empty, *doubts), **facts)  # type: ignore[arg-type]


def _blocked(table: Table) -> list[Note]:
    """Say how many intervals of an optical sensor it did not trust itself."""
    column = table.one("blocker")
    count = int(np.count_nonzero(table.numbers(column) > 0)) if column else 0
    if not count:
        return []
    text = (
        f"{count} of {table.lines.size} intervals are marked by the sensor as disturbed (blocker)."
    )
    return [Note(table.path.name, "blocker", text)]


def _measures(name: str) -> bool:
    """Whether a column holds a measurement rather than a time."""
    return "timestamp" not in name.lower() and "time since" not in name.lower()


def _bare(name: str) -> str:
    """Name of a column without its unit."""
    found = _NAMED.fullmatch(name)
    return found["name"] if found else name


def _columns(
    table: Table, names: Sequence[str], lay: object, rate: float, start: float
) -> tuple[list[Channel], list[Note]]:
    """Columns that hold numbers, and a note on those that hold none."""
    out, notes = [], []
    for name in names:
        values: Array = lay(table.numbers(name))  # type: ignore[operator]
        if not np.isfinite(values).any():
            text = f"The column {name!r} holds no number and is left out."
            notes.append(Note(table.path.name, "empty-column", text))
            continue
        found = _NAMED.fullmatch(name)
        unit = _UNITS.get(found["unit"], found["unit"]) if found else ""
        out.append(Channel(label=name, values=values, rate_hz=rate, start_s=start, unit=unit))
    return out, notes


def _is_flow(path: Path, head: bytes) -> bool:
    """Claim a training session as Polar Flow exports it."""
    return bool(_FLOW.match(head.removeprefix(b"\xef\xbb\xbf")))


@reader(name="polar_flow", title="Polar Flow session (CSV)", suffixes=(".csv",), sniff=_is_flow)
def read_polar_flow(path: Path, *, person: str) -> Recording:
    """Read the heart rate of a session that Polar Flow exported.

    Parameters
    ----------
    path : Path
    person : str
        The name in the file is not used.

    Returns
    -------
    Recording
        ``hr`` (/min) at the rate of the file, one sample a second as a rule; empty cells and
        seconds that are left out are missing, and so is a rate of 0. ``started_at`` is local
        time.

    Raises
    ------
    FileError
        No heart rate, a row that is cut off, times that run backwards.

    Notes
    -----
    Written from the headers of published exports; not checked against a real file. The
    heart rate is a running mean of the device: use intervals where you have them.
    """
    path = Path(path)
    lines = read_lines(path)
    mark = ";" if lines[0].startswith("Name;") else ","
    at = next((i for i, x in enumerate(lines) if x.startswith(f"Sample rate{mark}Time")), 0)
    if not at:
        raise FileError(path, "no table of samples", "a line 'Sample rate,Time,HR (bpm)'")
    table = read_table(path, lines, at, mark)
    column = table.one("hr (bpm)")
    if not column:
        raise FileError(path, f"columns {list(table.names)}", "HR (bpm)", "Wear the strap.")
    times = _spans(path, table)
    axis = find_axis(path, times, table.lines, "Time")
    values = table.numbers(column)
    zeros = int(np.count_nonzero(values == 0))
    values = np.where(values == 0, np.nan, values)
    if not np.isfinite(values).any():
        raise FileError(path, "no heart rate", "at least one", column=column)
    listed = [
        Channel(
            label=column,
            values=axis.lay(values),
            rate_hz=axis.rate_hz,
            start_s=axis.start_s,
            unit="/min",
        )
    ]
    signals, doubts = to_signals(path, listed, person=person, kinds={column: "hr"})
    told = [Note(path.name, "no-heart-rate", f"{zeros} samples of 0 are missing.")] if zeros else []
    started = _flow_start(lines, mark)
    return Recording(
        signals=signals,
        started_at=started,
        started_at_error_s=float("nan") if started is None else 0.5,
        clock=str(path),
        notes=(*axis.notes, *told, *doubts),
    )


def _spans(path: Path, table: Table) -> Array:
    """Seconds of cells HH:MM:SS."""
    out = []
    for cell, line in zip(table.cells["Time"], table.lines, strict=True):
        found = _SPAN.fullmatch(cell)
        if not found:
            raise FileError(path, repr(cell[:40]), "HH:MM:SS", line=int(line), column="Time")
        out.append(
            timedelta(
                hours=int(found[1][:4]), minutes=int(found[2]), seconds=int(found[3])
            ).total_seconds()
        )
    return np.array(out)


def _flow_start(lines: Sequence[str], mark: str) -> datetime | None:
    """Start of the session in local time; the order of day and month is known by the dashes."""
    names, cells = lines[0].split(mark), lines[1].split(mark)
    said = dict(zip(names, cells, strict=False))
    text = f"{said.get('Date', '')} {said.get('Start time', '')}"
    for form in ("%d-%m-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None
