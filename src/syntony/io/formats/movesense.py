"""Movesense: tables of its sample app (heart rate with intervals, acceleration, ECG)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.recording import Recording
from syntony.io.axis import find_axis
from syntony.io.channels import Channel, chosen, kind_of, to_signals
from syntony.io.formats.plain import read_table
from syntony.io.formats.stamped_beats import beats_from_stamps
from syntony.io.registry import reader
from syntony.io.text import read_lines

_HEAD = re.compile(rb"Timestamp( \(ms\))?, ?(HR: \(|X: \(|Count\b|AccX,)", re.I)
_UNIT = re.compile(r"(?P<name>[^:(]+?)\s*:?\s*\((?P<unit>[^)]+)\)")
_UNITS = {"m/s^2": "m/s2", "Beats per minute": "/min", "degree per second": "deg/s"}
_AXES = {
    "x": "acc_x",
    "y": "acc_y",
    "z": "acc_z",
    "accx": "acc_x",
    "accy": "acc_y",
    "accz": "acc_z",
}


def _sniff(path: Path, head: bytes) -> bool:
    """Claim tables with the headers of the sample app."""
    return bool(_HEAD.match(head.removeprefix(b"\xef\xbb\xbf")))


@reader(name="movesense", title="Movesense (CSV)", suffixes=(".csv",), sniff=_sniff)
def read_movesense(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Recording:
    """Read one table that the Movesense sample app saved.

    Parameters
    ----------
    path : Path
    person : str
    channels : sequence of str, or mapping of str to str, optional
        Columns to read; all by default.
    units : mapping of str to str, optional
        Of columns without a unit: the ECG is a ``Count`` of the converter, which depends on
        the sensor's gain.

    Returns
    -------
    Recording
        Heart rate with intervals gives events ``rr``, others give signals. Stamps are
        milliseconds; absolute where they are Unix time.

    Raises
    ------
    FileError
        A row that is cut off, stamps that stand still or run backwards.

    Notes
    -----
    Written from the headers of the published sample app; not checked against a real file.
    """
    path = Path(path)
    table = read_table(path, read_lines(path), 0, ",")
    stamps = table.numbers(table.names[0]) / 1000.0
    unix = 1e9 < float(stamps[0]) < 4e9
    zero = float(stamps[0]) if unix else 0.0
    started = datetime.fromtimestamp(0, UTC) + timedelta(seconds=zero) if unix else None
    facts = {
        "started_at": started,
        "started_at_error_s": 0.0005 if unix else float("nan"),
        "clock": str(path),
    }
    if intervals := table.one("rr"):
        beats, notes = beats_from_stamps(
            path, stamps - zero, table.numbers(intervals), table.lines, person=person
        )
        return Recording(events=(beats,), notes=notes, **facts)  # type: ignore[arg-type]
    axis = find_axis(path, stamps - zero, table.lines, table.names[0])
    listed, own = [], {}
    for name in table.names[1:]:
        found = _UNIT.fullmatch(name)
        bare = (found["name"] if found else name).strip().lower()
        unit = _UNITS.get(found["unit"], found["unit"]) if found else ""
        if bare in _AXES and unit in {"m/s2", "g", ""}:
            own[name] = _AXES[bare]
        elif bare == "count":
            own[name] = "ecg"
        values = axis.lay(table.numbers(name))
        listed.append(
            Channel(
                label=name, values=values, rate_hz=axis.rate_hz, start_s=axis.start_s, unit=unit
            )
        )
    if not listed:
        raise FileError(path, "no column beside the time", "measurements")
    kinds = chosen(
        path, [c.label for c in listed], channels, lambda name: own.get(name) or kind_of(name)
    )
    signals, doubts = to_signals(path, listed, person=person, kinds=kinds, units=units)
    return Recording(signals=signals, notes=(*axis.notes, *doubts), **facts)  # type: ignore[arg-type]
