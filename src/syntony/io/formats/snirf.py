"""SNIRF: near-infrared light of one person (fNIRS), an HDF5 file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.axis import Axis, find_axis
from syntony.io.channels import Channel, chosen, to_signals
from syntony.io.formats.naming import told_apart
from syntony.io.hdf5 import SIGNATURE, member, names_in_group, numbers, open_hdf5, word, words
from syntony.io.registry import reader

_TIME = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "": 1.0}
_PROCESSED = 99999


def _sniff(path: Path, head: bytes) -> bool:
    """Claim HDF5 that is named as SNIRF or names the version of its format."""
    return head.startswith(SIGNATURE) and (
        path.suffix.lower() == ".snirf" or b"formatVersion" in head
    )


@reader(name="snirf", title="SNIRF (fNIRS)", suffixes=(".snirf",), sniff=_sniff)
def read_snirf(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    run: str = "",
) -> Recording:
    """Read light, auxiliary channels and stimulus marks of a SNIRF file.

    Parameters
    ----------
    path : Path
        Needs h5py (the extra ``data``).
    person : str
        The file's own ``SubjectID`` is not used.
    channels : sequence of str, or mapping of str to str, optional
        Labels to read, such as ``S1_D1 690`` (source, detector, wavelength in nm) or
        ``S1_D1 HbO``; with a mapping, what each measures. All by default.
    units : mapping of str to str, optional
        Of channels for which the file names none. Raw light is arbitrary (``1``).
    run : str, optional
        Which of several recordings in the file: ``nirs1``, ``nirs2``.

    Returns
    -------
    Recording
        Signals from the second that the file's own time gives. Events ``stim_<name>`` with
        the value of each mark. An auxiliary channel without a unit is left out with a note
        unless it is asked for.

    Raises
    ------
    FileError
        No HDF5, cut off, damaged; no channel or no sample in it (such as the smallest valid
        file); several recordings and none chosen; time that runs backwards.

    Notes
    -----
    Written from the specification of SNIRF 1.1 [1]_ and checked against a recording that
    follows 1.0. A time of two numbers is a start and a step, as the specification allows.

    References
    ----------
    .. [1] Society for fNIRS, Shared Near Infrared Spectroscopy Format, version 1.1.
    """
    path = Path(path)
    with open_hdf5(path, what="SNIRF") as file:
        nirs = _run(path, file, run)
        tags = member(path, nirs, "metaDataTags")
        scale, notes = _time_scale(path, tags)
        found = _light(path, nirs, scale)
        extra, odd = _auxiliary(path, nirs, scale, asked={*(channels or ()), *(units or ())})
        events, more = _stimuli(path, nirs, scale, person)
        started = _started_at(path, tags)
    listed = told_apart([c for c, _ in [*found, *extra]])
    if not found:
        raise FileError(
            path, "no channel with samples", "at least one", "Was anything recorded?", column="data"
        )
    kinds = chosen(path, [c.label for c in listed], channels)
    signals, doubts = to_signals(path, listed, person=person, kinds=kinds, units=units)
    axes = {note: None for _, axis in [*found, *extra] for note in axis.notes}
    return Recording(
        signals=signals,
        events=events,
        started_at=started,
        started_at_error_s=float("nan") if started is None else _error_s(started),
        clock=str(path),
        notes=(*notes, *odd, *more, *axes, *doubts),
    )


def _run(path: Path, file: Any, run: str) -> Any:
    """Group of the recording that is read."""
    runs = names_in_group(path, file, "nirs")
    if not runs or word(path, file, "formatVersion") == "":
        raise FileError(path, f"groups {names_in_group(path, file)[:8]}", "formatVersion and nirs")
    if (not run and len(runs) > 1) or (run and run not in runs):
        raise FileError(path, f"recordings {runs}", "one of them", "Pass run.")
    return member(path, file, run or runs[0])


def _time_scale(path: Path, tags: Any) -> tuple[float, list[Note]]:
    """Seconds of one step of the file's time unit."""
    unit = "" if tags is None else word(path, tags, "TimeUnit")
    if unit not in _TIME:
        raise FileError(path, f"TimeUnit {unit!r}", f"one of {sorted(_TIME)[1:]}", column="time")
    if unit:
        return _TIME[unit], []
    return 1.0, [Note(path.name, "time-unit-unstated", "No TimeUnit: seconds, as SNIRF says.")]


def _started_at(path: Path, tags: Any) -> datetime | None:
    """Start stamp of the file; None where it states none that can be read."""
    if tags is None:
        return None
    text = f"{word(path, tags, 'MeasurementDate')}T{word(path, tags, 'MeasurementTime')}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    seconds = word(path, tags, "UnixTime")
    if re.fullmatch(r"\d{1,11}(\.\d*)?", seconds):
        return datetime.fromtimestamp(float(seconds), UTC)
    return None


def _error_s(stamp: datetime) -> float:
    """Half the resolution of a stamp."""
    return 0.0005 if stamp.microsecond else 0.5


def _axis(path: Path, group: Any, count: int, scale: float, where: str) -> Axis:
    """Time axis of a block of samples."""
    times = numbers(path, group, "time")
    if times is None or times.ndim != 1 or np.isnan(times).any():
        raise FileError(path, f"no time in {where!r}", "one list of seconds", column=where)
    times = times * scale
    if times.size == 2 and count != 2:
        start, step = times
        if not step > 0:
            raise FileError(path, f"a step of {step:g} s", "a step above 0", column=where)
        return Axis(rate_hz=1.0 / step, start_s=float(start), places=np.arange(count))
    if times.size != count:
        raise FileError(
            path, f"{times.size} times for {count} samples", "one for each", column=where
        )
    return find_axis(path, times, np.arange(1, count + 1), f"{where}/time")


def _block(path: Path, group: Any, where: str) -> Array | None:
    """Samples of a block, shape (n_samples, n_channels); None where there are none."""
    table = numbers(path, group, "dataTimeSeries")
    if table is None or not table.size:
        return None
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2:
        raise FileError(path, f"shape {table.shape}", "(samples, channels)", column=where)
    return table


def _light(path: Path, nirs: Any, scale: float) -> list[tuple[Channel, Axis]]:
    """Channels of every block of light, in the order of their columns."""
    out = []
    probe = member(path, nirs, "probe")
    for name in names_in_group(path, nirs, "data"):
        block = member(path, nirs, name)
        table = _block(path, block, name)
        if table is None:
            continue
        axis = _axis(path, block, len(table), scale, name)
        listed = names_in_group(path, block, "measurementList")
        joint = "measurementLists" in listed
        if not joint and len(listed) != table.shape[1]:
            raise FileError(
                path,
                f"{len(listed)} descriptions of {table.shape[1]} columns",
                "one for each",
                column=name,
            )
        for i in range(table.shape[1]):
            where = member(path, block, "measurementLists" if joint else listed[i])
            label, unit = _about(path, where, probe, i if joint else 0)
            values = axis.lay(table[:, i])
            facts = {"rate_hz": axis.rate_hz, "start_s": axis.start_s, "unit": unit}
            out.append((Channel(label=label, values=values, **facts), axis))  # type: ignore[arg-type]
    return out


def _about(path: Path, where: Any, probe: Any, at: int) -> tuple[str, str]:
    """Label and unit of one channel of light."""

    def index(name: str) -> int:
        found = numbers(path, where, name)
        flat = np.ravel(found) if found is not None else np.empty(0)
        return int(flat[at]) if at < flat.size and 0 < flat[at] < 1e6 else 0

    def text(name: str) -> str:
        found = words(path, where, name) or []
        return found[at].strip() if at < len(found) else ""

    source = _label(path, probe, "sourceLabels", index("sourceIndex"), "S")
    detector = _label(path, probe, "detectorLabels", index("detectorIndex"), "D")
    kind = index("dataType")
    if kind == _PROCESSED:
        what = text("dataTypeLabel") or "processed"
    else:
        lengths = numbers(path, probe, "wavelengths") if probe is not None else None
        flat = np.ravel(lengths) if lengths is not None else np.empty(0)
        place = index("wavelengthIndex")
        what = f"{flat[place - 1]:g}" if 0 < place <= flat.size else f"wavelength {place}"
    unit = text("dataUnit")
    return f"{source}_{detector} {what}", unit or ("" if kind == _PROCESSED else "1")


def _label(path: Path, probe: Any, name: str, index: int, letter: str) -> str:
    """Name of a source or detector: its own, else its number."""
    known = (words(path, probe, name) if probe is not None else None) or []
    return known[index - 1] if 0 < index <= len(known) else f"{letter}{index}"


def _auxiliary(
    path: Path, nirs: Any, scale: float, *, asked: set[str]
) -> tuple[list[tuple[Channel, Axis]], list[Note]]:
    """Auxiliary channels; those without a unit only where they are asked for."""
    out, notes = [], []
    for name in names_in_group(path, nirs, "aux"):
        group = member(path, nirs, name)
        table = _block(path, group, name)
        if table is None:
            continue
        label, unit = word(path, group, "name") or name, word(path, group, "dataUnit")
        if not unit and label not in asked:
            text = f"{label}: no unit stated, so it is left out; name it in channels and units."
            notes.append(Note(path.name, "aux-without-unit", text))
            continue
        axis = _axis(path, group, len(table), scale, name)
        offset = numbers(path, group, "timeOffset")
        start = axis.start_s + (float(np.ravel(offset)[0]) * scale if offset is not None else 0.0)
        values = axis.lay(table[:, 0])
        facts = {"rate_hz": axis.rate_hz, "start_s": start, "unit": unit}
        out.append((Channel(label=label, values=values, **facts), axis))  # type: ignore[arg-type]
    return out, notes


def _stimuli(
    path: Path, nirs: Any, scale: float, person: str
) -> tuple[tuple[Events, ...], list[Note]]:
    """Stimulus marks by condition; how long they last is told in a note."""
    out, notes = [], []
    for name in names_in_group(path, nirs, "stim"):
        group = member(path, nirs, name)
        table = numbers(path, group, "data")
        if table is None or not table.size:
            continue
        if table.ndim != 2 or table.shape[1] < 3 or np.isnan(table[:, 0]).any():
            raise FileError(
                path, f"shape {table.shape}", "rows of start, duration, value", column=name
            )
        table = table[np.argsort(table[:, 0], kind="stable")]
        title = word(path, group, "name") or name
        kind = "stim_" + (re.sub(r"\W+", "_", title.lower()).strip("_") or "unnamed")
        facts = {"unit": "1", "kind": kind, "person": person}
        out.append(Events(times_s=table[:, 0] * scale, values=table[:, 2], **facts))
        lasts = table[:, 1] * scale
        text = f"{len(table)} marks {title!r}, lasting {lasts.min():g} to {lasts.max():g} s."
        notes.append(Note(path.name, "stimulus", text))
    return tuple(out), notes
