"""Affectiva Q Sensor: the CSV that Q Analytics exports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.channels import Channel, chosen, kind_of, to_signals
from syntony.io.registry import reader
from syntony.io.rows import first_lines, read_columns

FIRST = "Log File Created by Q"
_MOST_LINES = 40
_NEVER_SET = 2008
_ABSURD = 1e30
_RULE = re.compile(r"-{5,}")
_RATE = re.compile(r"Sampling Rate:\s*(\d+(?:\.\d+)?)\s*$", re.I)
_START = re.compile(
    r"Start Time:\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\s*Offset:\s*([+-]\d\d)(?::?(\d\d))?)?", re.I
)
_NAMES = {
    "z-axis": ("acc_z", "g"),
    "y-axis": ("acc_y", "g"),
    "x-axis": ("acc_x", "g"),
    "battery": ("battery", "V"),
    "celsius": ("temperature", "Cel"),
    "eda(us)": ("eda", "uS"),
}


def _sniff(path: Path, head: bytes) -> bool:
    """Claim text that names Q Analytics in its first line."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(FIRST.encode())


@reader(name="qsensor", title="Affectiva Q Sensor CSV", suffixes=(".csv",), sniff=_sniff)
def read_qsensor(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
) -> Recording:
    """Read the export of a Q Sensor.

    Parameters
    ----------
    path : Path
    person : str
    channels : mapping of column to kind, or sequence of columns, optional
        ``Z-axis``, ``Y-axis``, ``X-axis``, ``Battery``, ``Celsius``, ``EDA(uS)``; all by default.

    Returns
    -------
    Recording
        Signals ``acc_z``, ``acc_y``, ``acc_x`` (g), ``battery`` (V), ``temperature`` (Cel) and
        ``eda`` (uS) at the rate of the header; Events ``marker``, the presses.
        ``started_at`` has the offset of the header.

    Raises
    ------
    FileError
        A header without rate or column names, rows of another width, text in them.

    Notes
    -----
    There is no time column: a row that is lost cannot be seen. A row of nothing but commas is a
    press of the button and no sample: it takes no time. Where the columns cannot be what
    the header calls them (swapped) a note says so.
    """
    path = Path(path)
    lines = first_lines(path, _MOST_LINES)
    rule = next((i for i, x in enumerate(lines) if _RULE.fullmatch(x.strip())), 0)
    if not lines or not lines[0].startswith(FIRST) or rule < 2:
        found = repr("".join(lines[:1])[:60])
        raise FileError(path, found, "the header of Q Analytics", "Export it again.", line=1)
    names = [_plain(c) for c in lines[rule - 1].split("|")]
    if len(set(names)) < len(names):
        raise FileError(path, f"columns {names}", "different names", line=rule)
    rate = _rate(path, lines[:rule])
    known = {n: _NAMES.get(n.lower(), ("", "")) for n in names}
    kinds = chosen(path, names, channels, lambda name: known[name][0] or kind_of(name))
    table = read_columns(path, names, names, skip=rule + 1, separator=",")
    table, presses = _presses(path, table, rate)
    notes = _swapped(path, known, table)
    signals, told = to_signals(
        path, _channels(known, table, kinds, rate), person=person, kinds=kinds
    )
    started = _started(lines[:rule])
    events = (Events(times_s=presses, kind="marker", person=person),) if presses.size else ()
    return Recording(
        signals=signals,
        events=events,
        started_at=started,
        started_at_error_s=0.5 if started else float("nan"),
        clock=str(path),
        notes=(*notes, *told),
    )


def _presses(
    path: Path, table: Mapping[str, Array], rate_hz: float
) -> tuple[dict[str, Array], Array]:
    """Samples without the empty rows, and the times (s) at which those stand: the button."""
    empty = np.logical_and.reduce([np.isnan(v) for v in table.values()])
    if empty.all():
        raise FileError(path, "nothing but empty rows", "samples", "Was the sensor on?")
    at = np.flatnonzero(empty)
    if not at.size:
        return dict(table), np.empty(0)
    times = (at - np.arange(at.size)) / rate_hz
    return {n: v[~empty] for n, v in table.items()}, times


def _plain(cell: str) -> str:
    """Name of a column without blanks and the sign of degrees."""
    return re.sub(r"^[^A-Za-z]+", "", cell.strip())


def _rate(path: Path, lines: Sequence[str]) -> float:
    """Rate that the header states."""
    found = [m for x in lines if (m := _RATE.match(x.strip()))]
    rate = float(found[0][1]) if found else 0.0
    if not 0 < rate <= 1000:
        raise FileError(path, "no sampling rate", "'Sampling Rate: 8' or the like", "Mend it.")
    return rate


def _started(lines: Sequence[str]) -> datetime | None:
    """Start that the header states, with its offset; None where there is none."""
    for line in lines:
        if found := _START.match(line.strip()):
            try:
                start = datetime.fromisoformat(found[1])
            except ValueError:  # such as month 13, or 0000-00-00 of a clock that was never set
                return None
            if start.year < _NEVER_SET:
                return None
            if not found[2]:
                return start
            hours, minutes = int(found[2]), int(found[3] or 0)
            shift = timedelta(hours=abs(hours), minutes=minutes)
            if shift >= timedelta(hours=24):
                return start
            return start.replace(tzinfo=timezone(-shift if found[2][0] == "-" else shift))
    return None


def _swapped(
    path: Path, known: Mapping[str, tuple[str, str]], table: Mapping[str, Array]
) -> list[Note]:
    """Say where the columns cannot be what the header calls them."""
    by_kind = {known[n][0]: v for n, v in table.items()}
    notes = []
    axes = [by_kind[k] for k in ("acc_x", "acc_y", "acc_z") if k in by_kind]
    if len(axes) == 3:
        size = _middle(np.hypot(np.hypot(axes[0], axes[1]), axes[2]))
        if size == size and not 0.5 < size < 2.0:
            text = (
                f"The three axes together are {size:.3g} g in the middle, at rest they are 1: "
                "check whether columns are swapped."
            )
            notes.append(Note(path.name, "columns-doubtful", text))
    for kind, low, high in (("battery", 2.0, 6.0), ("temperature", 10.0, 50.0)):
        values = by_kind.get(kind)
        if values is not None:
            middle = _middle(values)
            if middle == middle and not low <= middle <= high:
                text = (
                    f"{kind} is {middle:.3g} in the middle, {low:g} to {high:g} is usual: check "
                    "whether columns are swapped."
                )
                notes.append(Note(path.name, "columns-doubtful", text))
    return notes


def _middle(values: Array) -> float:
    """Median of what is there; NaN where nothing is."""
    there = values[np.abs(values) < _ABSURD]
    return float(np.median(there)) if there.size else float("nan")


def _channels(
    known: Mapping[str, tuple[str, str]],
    table: dict[str, Array],
    kinds: Mapping[str, str],
    rate_hz: float,
) -> Iterator[Channel]:
    """Wanted columns one by one."""
    for name in kinds:
        yield Channel(
            label=name, values=table.pop(name), rate_hz=rate_hz, unit=known[name][1] or "1"
        )
