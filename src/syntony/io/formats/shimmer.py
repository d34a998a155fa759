"""Shimmer Consensys CSV: a line that names the separator, names, units, rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.arrival import arrival_axis
from syntony.io.axis import Axis
from syntony.io.channels import Asked, Channel, chosen, kind_of, to_signals
from syntony.io.registry import reader
from syntony.io.rows import first_lines, read_columns

_SEP = re.compile(r'"?sep=(.)"?')
_DEVICE = re.compile(r"(?:Shimmer_?)?([0-9A-Za-z]{4})_(.+?)(?:_(CAL|RAW|UNCAL))?$")
_STAMP = re.compile(r"timestamp", re.I)
_UNIX = re.compile(r"unix", re.I)
_KINDS = {
    "gsr_skin_conductance": "eda",
    "gsr_skin_resistance": "skin_resistance",
    "gsr_range": "gsr_range",
    "accel_ln_x": "acc_x",
    "accel_ln_y": "acc_y",
    "accel_ln_z": "acc_z",
    "accel_wr_x": "acc_wide_x",
    "accel_wr_y": "acc_wide_y",
    "accel_wr_z": "acc_wide_z",
    "ppg_a12": "ppg",
    "ppg_a13": "ppg",
    "ppgtohr": "hr",
    "ibi": "ibi_course",
}
_MOST_COLUMNS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name in the file, its device, what it is, its unit."""

    name: str
    device: str
    what: str
    unit: str


def _sniff(path: Path, head: bytes) -> bool:
    """Claim a table whose names are those of a Shimmer, with or without the first line."""
    text = head[:4096].decode("latin-1").removeprefix("\xef\xbb\xbf")
    names = text.split("\n")[1 if _SEP.match(text) else 0] if "\n" in text else ""
    return "shimmer" in names.lower() and _STAMP.search(names) is not None


@reader(name="shimmer_consensys", title="Shimmer Consensys CSV", suffixes=(".csv",), sniff=_sniff)
def read_shimmer_consensys(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    device: str | None = None,
) -> Recording:
    """Read a table that Consensys exported.

    Parameters
    ----------
    path : Path
    person : str
        Who wore the device, or whose channels they are.
    channels : mapping of column to kind, or sequence of columns, optional
        Columns to read, by their full names, and what each measures. By default all but time
        stamps, by their names; ``Int_Exp_A12`` and its like are what was plugged in there, which
        the file does not say: name it (``ppg``).
    units : mapping of column to unit, optional
        Goes before the row of units.
    device : str, optional
        The four signs in the column names, where a file holds several devices: read it once for
        each person.

    Returns
    -------
    Recording
        All channels on one even axis under the time stamps (jitter and gaps are told; gaps are
        missing samples). ``started_at`` is the first Unix stamp, in UTC.

    Raises
    ------
    FileError
        No names, no units, no time stamps; rows of another width, text in them; time that stands
        still or runs backwards; stamps that follow no even axis.

    Notes
    -----
    Consensys writes milliseconds. Of a device that is steady and stamps that are not (Bluetooth),
    the axis is the line through the stamps.
    """
    path = Path(path)
    separator, names, said, skip = _header(path)
    columns = _columns(path, names, said)
    mine = _of_device(path, columns, device)
    stamp = _stamp(path, mine)
    signals = {c.name: c for c in mine if not _STAMP.search(c.what)}
    kinds = _kinds(path, signals, channels)
    wanted = [stamp.name, *kinds]
    table = read_columns(path, names, wanted, skip=skip, separator=separator)
    axis, started, notes = _axis(path, stamp, table.pop(stamp.name), skip)
    notes += _contradiction(path, signals, table)
    made, told = to_signals(
        path, _channels(signals, table, kinds, axis), person=person, kinds=kinds, units=units
    )
    several = len({c.device for c in columns if c.device}) > 1
    return Recording(
        signals=made,
        started_at=started,
        started_at_error_s=0.0005 if started else float("nan"),
        clock=f"{path}#{mine[0].device}" if several else str(path),
        notes=(*notes, *told),
    )


def _header(path: Path) -> tuple[str, list[str], list[str], int]:
    """Separator, names and units, and the number of lines above the first row."""
    lines = first_lines(path, 4)
    found = _SEP.fullmatch(lines[0].strip()) if lines else None
    separator = found[1] if found else ""
    head = lines[1:] if found else lines
    if len(head) < 2:
        raise FileError(path, f"{len(lines)} lines", "names, units and rows", "Is it whole?")
    separator = separator or max(";,\t", key=head[0].count)
    names, units = ([c.strip().strip('"') for c in x.split(separator)] for x in head[:2])
    if len(names) != len(units) or len(names) > _MOST_COLUMNS:
        found_text = f"{len(names)} names and {len(units)} units"
        raise FileError(path, found_text, "a unit below every name", line=2 + bool(found))
    if all(_is_number(u) for u in units if u):
        raise FileError(
            path, "no row of units", "units below the names", "Export with units.", line=3
        )
    blank = [i for i, n in enumerate(names) if not n]
    names = [n or f"\0{i}" for i, n in enumerate(names)]
    if blank not in ([], [len(names) - 1]) or len(set(names)) < len(names):
        raise FileError(path, f"names {head[0][:80]!r}", "a different name for every column")
    return separator, names, units, 2 + bool(found)


def _is_number(text: str) -> bool:
    """Whether a cell of the row of units is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _columns(path: Path, names: Sequence[str], units: Sequence[str]) -> list[Column]:
    """Columns with the device and the measure that their names tell of."""
    out = []
    for name, unit in zip(names, units, strict=True):
        if name.startswith("\0"):
            continue
        found = _DEVICE.match(name)
        device, what = (found[1], found[2]) if found else ("", name)
        out.append(Column(name=name, device=device, what=what, unit=unit))
    if not out:
        raise FileError(path, "no names", "names of columns")
    return out


def _of_device(path: Path, columns: Sequence[Column], device: str | None) -> list[Column]:
    """Columns of the device that is asked for."""
    devices = sorted({c.device for c in columns if c.device})
    if device is None:
        if len(devices) > 1:
            raise Asked(
                path,
                f"the devices {devices}",
                "one of them",
                "Pass device, once for each person.",
                option="device",
                choices=devices,
            )
        return list(columns)
    if device not in devices:
        raise FileError(path, f"no device {device!r}", f"one of {devices}", "Pass device.")
    return [c for c in columns if c.device == device]


def _stamp(path: Path, columns: Sequence[Column]) -> Column:
    """The column of time: Unix time before the device's own."""
    found = [c for c in columns if _STAMP.search(c.what)]
    found.sort(key=lambda c: (_UNIX.search(c.what) is None, "CAL" not in c.name))
    if not found:
        names = [c.name for c in columns]
        raise FileError(path, f"columns {names[:30]}", "a column of time stamps", "Export it.")
    if found[0].unit.strip() not in {"ms", "s", "us"}:
        raise FileError(
            path,
            f"time in {found[0].unit!r}",
            "ms",
            "Export calibrated time.",
            column=found[0].name,
        )
    return found[0]


def _kinds(
    path: Path,
    signals: Mapping[str, Column],
    channels: Mapping[str, str] | Sequence[str] | None,
) -> dict[str, str]:
    """What each wanted column measures: as the caller says, else by its name."""

    def kind(name: str) -> str:
        what = signals[name].what.lower()
        return _KINDS.get(what) or _other(what)

    return chosen(path, list(signals), channels, kind)


def _other(what: str) -> str:
    """Kind of a column that is not in the list: pressure and temperature stay apart."""
    if what.startswith("temperature_bm"):
        return "device_temperature"
    return kind_of(what) if not what.startswith(("gyro", "mag", "pressure")) else what


def _axis(
    path: Path, stamp: Column, stamps: Array, skip: int
) -> tuple[Axis, datetime | None, list[Note]]:
    """Even axis under the stamps, and when it began."""
    scale = {"s": 1.0, "ms": 1e-3, "us": 1e-6}[stamp.unit.strip()]
    lines: Ints = np.arange(skip + 1, skip + 1 + stamps.size, dtype=np.int64)
    bad = np.flatnonzero(~np.isfinite(stamps))
    if bad.size:
        raise FileError(
            path,
            "no time",
            "a time in every row",
            "Mend the row.",
            line=int(lines[bad[0]]),
            column=stamp.name,
        )
    first = float(stamps[0])
    axis = arrival_axis(path, (stamps - first) * scale, lines, stamp.name)
    notes = list(axis.notes)
    seconds = first * scale
    if not (_UNIX.search(stamp.what) and 1e8 < seconds < 1e11):
        text = f"Column {stamp.name} is no Unix time: when the recording began is not known."
        return axis, None, [*notes, Note(path.name, "no-start", text)]
    return axis, datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds), notes


def _contradiction(
    path: Path, signals: Mapping[str, Column], table: Mapping[str, Array]
) -> list[Note]:
    """Say where conductance and resistance of the skin do not belong together."""
    held = {signals[n].what.lower(): (n, table[n]) for n in table}
    if not {"gsr_skin_conductance", "gsr_skin_resistance"} <= held.keys():
        return []
    one, conductance = held["gsr_skin_conductance"]
    other, resistance = held["gsr_skin_resistance"]
    with np.errstate(over="ignore", invalid="ignore"):
        product = conductance * resistance
    product = product[np.isfinite(product)]
    middle = float(np.median(product)) if product.size else 1000.0
    if abs(middle / 1000.0 - 1) < 0.05:
        return []
    text = f"{one} times {other} is {middle:.4g}; in uS and kOhm it must be 1000. Check both units."
    return [Note(path.name, "units-contradict", text)]


def _channels(
    signals: Mapping[str, Column], table: dict[str, Array], kinds: Mapping[str, str], axis: Axis
) -> Iterator[Channel]:
    """Wanted columns one by one on the axis."""
    for name in kinds:
        yield Channel(
            label=name,
            values=axis.lay(table.pop(name)),
            rate_hz=axis.rate_hz,
            start_s=axis.start_s,
            unit=signals[name].unit,
        )
