"""OpenSignals HDF5 files, through the optional package h5py."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.optional import need
from syntony.core.recording import Recording
from syntony.io.apart import Apart, open_apart
from syntony.io.formats.opensignals_device import choose_device, to_recording
from syntony.io.formats.opensignals_header import MOST_DEVICES, Device, device
from syntony.io.registry import reader
from syntony.io.text import size_of

_MAGIC = b"\x89HDF\r\n\x1a\n"
_SCRIPT = Path(__file__).with_name("opensignals_h5_apart.py")
_PEAKS = "plugin/hrv/RR_peaks1"
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
        A damaged file, one without a device, arrays larger than the file can hold or that lie
        in another file.
    InputError
        A device that is not there.
    """
    path = Path(path)
    size_of(path)
    if find_spec("h5py") is None:  # it is loaded in the other process alone
        need("h5py", to="read HDF5 files", extra="data")
    with open_apart(path, _SCRIPT) as file:
        return _read(path, file, person, channels, units, device)


def _read(
    path: Path,
    file: Apart,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None,
    units: Mapping[str, str] | None,
    name: str | None,
) -> Recording:
    """Read one device of an open file."""
    there = file.ask()
    if not 1 <= len(there["devices"]) <= MOST_DEVICES:
        raise FileError(path, f"groups {there['groups']}", "a device with the group raw")
    devices = [_device(path, n, told) for n, told in there["devices"].items()]
    one = choose_device(path, devices, name)
    if not one.sensors:
        raise FileError(path, f"no channels of {one.name!r}", "a column channel_1 or more")
    told, rows = there["devices"][one.name], {}

    def column(wanted: str) -> Array:
        place = "raw" if wanted in told["raw"] else "digital"
        values = file.ask(device=one.name, place=f"{place}/{wanted}")
        rows[wanted] = len(values)
        return np.asarray(values, dtype=np.float64)

    recording = to_recording(
        path,
        one,
        column,
        person=person,
        channels=channels,
        units=units,
        clock=str(path) if len(devices) == 1 else f"{path}#{one.name}",
    )
    first = one.sensors[0].column
    count = rows.get(first) or len(column(first))
    peaks = file.ask(device=one.name, place=_PEAKS, if_any=True)
    return replace(
        recording,
        events=(*recording.events, *_peaks(peaks, one, count, person)),
        notes=(*recording.notes, *_contradictions(path, told["said"], one, count)),
    )


def _device(path: Path, name: str, told: Mapping[str, Any]) -> Device:
    """One device as the attributes of its group describe it."""
    said = told["said"] | {"label": told["label"], "sensor": told["sensor"]}
    raw = told["raw"]
    at = len(raw) - len(told["label"])  # sequence numbers go first, as in the text files
    said["column"] = [*raw[:at], *told["digital"], *raw[at:]]
    return replace(device(path, name, said, line=None), wraps=0)


def _peaks(found: NDArray[Any] | None, one: Device, rows: int, person: str) -> tuple[Events, ...]:
    """R peaks of the plug-in, as seconds."""
    if found is None:
        return ()
    peaks = np.sort(np.asarray(found, dtype=np.float64))
    peaks = peaks[(peaks >= 0) & (peaks < rows)]
    return (Events(times_s=peaks / one.rate_hz, kind="device_r_peak", person=person),)


def _contradictions(path: Path, said: Mapping[str, Any], one: Device, rows: int) -> list[Note]:
    """Say where the header tells of another length than there is."""
    length = _DURATION.fullmatch(str(said.get("duration", "")))
    seconds = rows / one.rate_hz
    if not length or not any(length.groups()):
        return []
    told = sum(float(g or 0) * f for g, f in zip(length.groups(), (3600, 60, 1), strict=True))
    if not math.isfinite(told) or abs(told - seconds) <= 1 + 0.01 * told:
        return []
    text = (
        f"The header tells of {told:g} s; {rows:,} rows at {one.rate_hz:g} Hz are {seconds:g} s. "
        "Check the rate."
    )
    return [Note(path.name, "length-contradicts", text)]
