"""OpenSignals text files: biosignalsplux, BITalino and other devices of PLUX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.recording import Recording
from syntony.io.channels import distinct
from syntony.io.formats.opensignals_device import choose_device, to_recording
from syntony.io.formats.opensignals_header import END, FIRST, MOST_COLUMNS, Device, read_devices
from syntony.io.registry import reader
from syntony.io.rows import first_lines, read_columns

_MARK = "\t"


def _sniff(path: Path, head: bytes) -> bool:
    """Claim text that begins as OpenSignals does."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(FIRST.encode())


@reader(
    name="opensignals", title="OpenSignals text (PLUX, BITalino)", suffixes=(".txt",), sniff=_sniff
)
def read_opensignals(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    device: str | None = None,
) -> Recording:
    """Read a text file of OpenSignals (r)evolution.

    Parameters
    ----------
    path : Path
    person : str
        Whose device it is, or whose channels.
    channels : mapping of label to kind, or sequence of labels, optional
        Channels to read, and what each measures. By default all, by what the header calls their
        sensors.
    units : mapping of label to unit, optional
        Unit of a channel's counts. It must be given for sensors whose transfer function is not
        documented or hangs on a calibration (accelerometers: ``'1'``); where it is given, the
        counts are taken as they are.
    device : str, optional
        Address of the device, where a file holds several: read it once for each person.

    Returns
    -------
    Recording
        Counts become mV, uV or uS by the sensor, the device and the resolution in the header.
        Rows that the sequence number shows to be lost are missing samples. Changes of a digital
        input become Events ``marker``. ``started_at`` is the stamp of the header, in the
        computer's time without a zone.

    Raises
    ------
    FileError
        A header that cannot be understood, rows of another width than it tells, text in them, a
        sequence number twice running, a sensor without a documented unit.
    """
    path = Path(path)
    devices, first = _header(path)
    one = choose_device(path, devices, device)
    names, prefix = _columns(path, devices, one, first)
    wanted = [f"{prefix}{c}" for c in one.columns]
    table = read_columns(path, names, wanted, skip=first, separator=_MARK)

    def column(name: str) -> Array:
        return table[f"{prefix}{name}"]

    return to_recording(
        path,
        one,
        column,
        person=person,
        channels=channels,
        units=units,
        clock=str(path) if len(devices) == 1 else f"{path}#{one.name}",
    )


def _header(path: Path) -> tuple[tuple[Device, ...], int]:
    """Devices, and the number of lines above the first row."""
    lines = first_lines(path, 3)
    if not lines or not lines[0].startswith(FIRST):
        raise FileError(path, repr("".join(lines[:1])[:60]), f"{FIRST!r}", line=1)
    if len(lines) < 3 or lines[2].strip() != END:
        raise FileError(path, "no end of the header", f"{END!r}", "Is it whole?", line=3)
    return read_devices(path, lines[1]), 3


def _columns(
    path: Path, devices: Sequence[Device], one: Device, first: int
) -> tuple[list[str], str]:
    """A different name for every column of a row, and what those of a device begin with."""
    for d in devices:
        if not d.columns or len(set(d.columns)) < len(d.columns):
            raise FileError(path, f"columns {list(d.columns)}", "different names", line=2)
    names = [f"{d.name}/{c}" for d in devices for c in d.columns]
    row = first_lines(path, first + 1)[first:]
    if not row:
        raise FileError(path, "no rows of numbers", "rows after the header", "Is it whole?")
    width = row[0].count(_MARK) + 1
    if width not in {len(names), len(names) + 1} or len(names) > MOST_COLUMNS * len(devices):
        raise FileError(
            path, f"{width} cells", f"{len(names)} as in the header", "Mend it.", line=first + 1
        )
    if width > len(names):
        names.append("")
    if len(distinct(names)) < len(names):
        raise FileError(path, "columns of one name", "different names", line=2)
    return names, f"{one.name}/"
