"""OpenSignals HDF5 files, through the optional package h5py."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.optional import need
from syntony.core.recording import Recording
from syntony.io.apart import read_apart
from syntony.io.formats.opensignals_device import SEQUENCE, choose_device, to_recording
from syntony.io.formats.opensignals_header import MOST_COLUMNS, MOST_DEVICES, Device, device
from syntony.io.registry import reader
from syntony.io.text import size_of

_MAGIC = b"\x89HDF\r\n\x1a\n"
_RATIO = 1100
_BROKEN = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError)
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


def _sniff(path: Path, head: bytes) -> bool:
    """Claim HDF5 files with groups named by a device's address."""
    if not head.startswith(_MAGIC):
        return False
    with path.open("rb") as file:
        start = file.read(1 << 16)
    return b"sampling rate" in start or b"forcePlatform" in start or b"macaddress" in start


@reader(name="opensignals_h5", title="OpenSignals HDF5", suffixes=(".h5", ".hdf5"), sniff=_sniff)
def read_opensignals_h5(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    device: str | None = None,
) -> Recording:
    """Read an HDF5 file of OpenSignals; needs ``pip install 'syntony[data]'``.

    Parameters
    ----------
    path : Path
    person : str
    channels, units, device
        As for the text files of OpenSignals.

    Returns
    -------
    Recording
        As from the text file; read in a process of its own, because a damaged file can hang
        HDF5. R peaks that the HRV plug-in found become Events ``device_r_peak``: compare them with
        others to a tolerance, they lie some milliseconds before the peak.

    Raises
    ------
    FileError
        A damaged file, one without a device, arrays larger than the file can hold.
    """
    path = Path(path)
    size_of(path)
    need("h5py", to="read HDF5 files", extra="data")
    options = {"person": person, "channels": channels, "units": units, "device": device}
    return read_apart(__name__, "read_here", path, **options)


def read_here(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None,
    units: Mapping[str, str] | None,
    device: str | None,
) -> Recording:
    """Read in this process: a damaged HDF5 file can hang it, or end it."""
    library = need("h5py", to="read HDF5 files", extra="data")
    try:
        with library.File(path, "r") as file:
            return _read(path, file, person, channels, units, device)
    except FileError:
        raise
    except _BROKEN as error:  # what HDF5 meets in a damaged file
        raise FileError(
            path, f"a damaged file ({error})"[:200], "a whole HDF5 file", "Copy it again."
        ) from error


def _read(
    path: Path,
    file: Any,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None,
    units: Mapping[str, str] | None,
    name: str | None,
) -> Recording:
    """Read one device of an open file."""
    groups = {n: g for n, g in file.items() if "raw" in g}
    if not 1 <= len(groups) <= MOST_DEVICES:
        raise FileError(path, f"groups {list(file)[:9]}", "a device with the group raw")
    devices = [_device(path, n, g) for n, g in groups.items()]
    one = choose_device(path, devices, name)
    group = groups[one.name]
    size = path.stat().st_size

    def column(wanted: str) -> Array:
        place = "raw" if wanted in group["raw"] else "digital"
        return _values(path, group[place][wanted], size)

    recording = to_recording(
        path,
        one,
        column,
        person=person,
        channels=channels,
        units=units,
        clock=str(path) if len(devices) == 1 else f"{path}#{one.name}",
    )
    rows = len(column(one.sensors[0].column))
    return replace(
        recording,
        events=(*recording.events, *_peaks(path, group, one, rows, person, size)),
        notes=(*recording.notes, *_contradictions(path, group, one, rows)),
    )


def _device(path: Path, name: str, group: Any) -> Device:
    """One device as the attributes of its group describe it."""
    said = {k: v.tolist() if hasattr(v, "tolist") else v for k, v in group.attrs.items()}
    found = [n for n in group["raw"] if n.startswith("channel_")][:MOST_COLUMNS]
    found.sort(key=lambda n: (len(n), n))
    attrs = [group["raw"][n].attrs for n in found]
    digital = [n for n in group.get("digital", {}) if n.startswith("digital_")][:MOST_COLUMNS]
    said["label"] = [str(a.get("label", n)) for a, n in zip(attrs, found, strict=True)]
    said["sensor"] = [str(a.get("sensor", "")) for a in attrs]
    said["column"] = [*([SEQUENCE] if SEQUENCE in group["raw"] else []), *digital, *found]
    return replace(device(path, name, said, line=None), wraps=0)


def _values(path: Path, data: Any, size: int) -> Array:
    """Numbers of one column, after a look at how many there can be."""
    if data.dtype.kind not in "iuf" or data.ndim not in {1, 2} or data.size != data.shape[0]:
        raise FileError(path, f"{data.name}: {data.shape} of {data.dtype}", "a column of numbers")
    stored = data.id.get_storage_size()
    if data.size < 1 or stored > size or data.size * data.dtype.itemsize > _RATIO * stored:
        raise FileError(
            path, f"{data.name}: {data.size:,} numbers in {stored:,} bytes", "all of it"
        )
    return np.asarray(data[()], dtype=np.float64).reshape(-1)


def _peaks(
    path: Path, group: Any, one: Device, rows: int, person: str, size: int
) -> tuple[Events, ...]:
    """R peaks of the plug-in, as seconds."""
    held = group.get("plugin/hrv/RR_peaks1")
    if held is None or not held.size:
        return ()
    peaks = np.sort(_values(path, held, size))
    peaks = peaks[(peaks >= 0) & (peaks < rows)]
    return (Events(times_s=peaks / one.rate_hz, kind="device_r_peak", person=person),)


def _contradictions(path: Path, group: Any, one: Device, rows: int) -> list[Note]:
    """Say where the header tells of another length than there is."""
    said = _DURATION.fullmatch(str(group.attrs.get("duration", "")))
    seconds = rows / one.rate_hz
    if not said or not any(said.groups()):
        return []
    told = sum(float(g or 0) * f for g, f in zip(said.groups(), (3600, 60, 1), strict=True))
    if not math.isfinite(told) or abs(told - seconds) <= 1 + 0.01 * told:
        return []
    text = (
        f"The header tells of {told:g} s; {rows:,} rows at {one.rate_hz:g} Hz are {seconds:g} s. "
        "Check the rate."
    )
    return [Note(path.name, "length-contradicts", text)]
