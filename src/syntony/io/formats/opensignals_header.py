"""The header of an OpenSignals file (PLUX, BITalino): devices, their columns and sensors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError

FIRST = "# OpenSignals Text File Format"
END = "# EndOfHeader"
MOST_DEVICES = 16
MOST_COLUMNS = 64
_PLUX = {"bioplux", "bioplux_exp", "biosignalsplux", "rachimeter", "channeller", "swifter"}
_PLUX |= {"biosignalspluxsolo", "ddme_openbanplux"}
_BITALINO = {"bitalino", "bitalino_rev", "bitalino_riot"}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?")

# sensor: supply (V), share of it that is zero, volts at the input of the converter per unit
_PLUX_SCALES = {
    "ECG": ("mV", 3.0, 0.5, 1.019),
    "EMG": ("mV", 3.0, 0.5, 1.0),
    "EEG": ("uV", 3.0, 0.5, 0.04199),
    "EDA": ("uS", 3.0, 0.0, 0.12),
    "BVP": ("uA", 3.0, 0.0, 0.190060606),
}
_BITALINO_SCALES = {
    "ECG": ("mV", 3.3, 0.5, 1.1),
    "EMG": ("mV", 3.3, 0.5, 1.009),
    "EEG": ("uV", 3.3, 0.5, 0.04),
    "EDA": ("uS", 3.3, 0.0, 0.132),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One channel: its column, its label, what the header calls its sensor, its bits."""

    column: str
    label: str
    sensor: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device of a header; ``wraps`` is the count at which its sequence begins again, or 0."""

    name: str
    model: str
    rate_hz: float
    columns: tuple[str, ...]
    sensors: tuple[Sensor, ...]
    wraps: int
    started_at: datetime | None


def read_devices(path: Path, text: str, *, line: int | None = 2) -> tuple[Device, ...]:
    """Read the JSON line of a header.

    Raises
    ------
    FileError
        For text that is no JSON, or does not describe devices.
    """
    try:
        said = json.loads(text.lstrip("# "))
    except (ValueError, RecursionError) as error:
        raise FileError(path, f"broken JSON ({error})"[:160], "the header", line=line) from error
    if not isinstance(said, dict) or not 1 <= len(said) <= MOST_DEVICES:
        raise FileError(path, "no devices", f"1 to {MOST_DEVICES} devices in the header", line=line)
    return tuple(device(path, str(name), about, line=line) for name, about in said.items())


def device(path: Path, name: str, about: object, *, line: int | None = 2) -> Device:
    """One device as a header describes it."""
    if not isinstance(about, Mapping):
        raise FileError(path, f"{name!r}: {about!r}"[:120], "what the device recorded", line=line)
    rate = about.get("sampling rate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate <= 1e6:
        raise FileError(
            path,
            f"a sampling rate of {rate!r}"[:120],
            "a number above 0 Hz",
            line=line,
            column=name,
        )
    columns = _words(path, about, "column", name, line)
    labels = _words(path, about, "label", name, line) or columns
    sensors = _words(path, about, "sensor", name, line)
    if len(sensors) != len(labels) or (columns and len(labels) > len(columns)):
        found = f"{len(sensors)} sensors for {len(labels)} labels and {len(columns)} columns"
        raise FileError(path, found, "a sensor for every label", line=line, column=name)
    bits = about.get("resolution")
    good = isinstance(bits, Sequence) and all(type(b) is int and 1 <= b <= 32 for b in bits)
    if not good or len(bits) < len(labels):  # type: ignore[arg-type]
        raise FileError(path, f"resolution {bits!r}"[:120], "bits of every channel", line=line)
    bits = list(bits)  # type: ignore[arg-type]
    used = columns[len(columns) - len(labels) :] or labels
    return Device(
        name=name,
        model=str(about.get("device", "")).strip().lower(),
        rate_hz=float(rate),
        columns=columns,
        sensors=tuple(
            Sensor(column=c, label=n, sensor=s, bits=b)
            for c, n, s, b in zip(
                used, labels, sensors, bits[len(bits) - len(labels) :], strict=True
            )
        ),
        wraps=1 << bits[0] if columns and len(bits) == len(columns) else 0,
        started_at=_start(about),
    )


def _words(
    path: Path, about: Mapping[str, Any], field: str, name: str, line: int | None
) -> tuple[str, ...]:
    """A list of names in the header."""
    said = about.get(field, [])
    good = isinstance(said, list) and len(said) <= MOST_COLUMNS
    if not good or not all(isinstance(w, str) and len(w) < 200 for w in said):
        raise FileError(path, f"{field} {said!r}"[:120], "a list of names", line=line, column=name)
    return tuple(said)


def _start(about: Mapping[str, Any]) -> datetime | None:
    """Date and time of a device, on the clock of the computer; None where they are none."""
    day, clock = (
        _DATE.fullmatch(str(about.get("date", ""))),
        _TIME.fullmatch(str(about.get("time", ""))),
    )
    if not day or not clock:
        return None
    hour, minute, second, part = clock.groups()
    micro = int((part or "0").ljust(6, "0"))
    year, month, of_month = (int(g) for g in day.groups())
    try:
        return datetime(year, month, of_month, int(hour), int(minute), int(second), micro)
    except ValueError:  # such as hour 25
        return None


def transfer(model: str, sensor: Sensor, counts: Array) -> tuple[Array, str]:
    """Counts in a physical unit where PLUX documents how; else as they are, without a unit.

    Notes
    -----
    The transfer functions are those of the data sheets of the sensors. The value at the input of
    the converter is ``counts / 2**bits * supply``; less its zero, and divided by the gain, it is
    the measure. The first BITalino measures skin resistance: 1 - counts / 2**bits in MOhm.

    Examples
    --------
    >>> s = Sensor(column="A3", label="A3", sensor="EDABITREV", bits=10)
    >>> transfer("bitalino_rev", s, np.array([512.0]))
    (array([12.5]), 'uS')
    >>> other = Sensor(column="A5", label="A5", sensor="ACC", bits=6)
    >>> transfer("bitalino_rev", other, np.array([9.0]))
    (array([9.]), '')
    """
    name = re.sub(r"BIT(REV)?$", "", sensor.sensor.strip().upper())
    if model == "bitalino" and name == "EDA":
        with np.errstate(divide="ignore"):
            return 1.0 / (1.0 - counts / 2.0**sensor.bits), "uS"
    table = _PLUX_SCALES if model in _PLUX else _BITALINO_SCALES if model in _BITALINO else {}
    if name not in table:
        return counts, ""
    unit, supply, zero, gain = table[name]
    if model == "bitalino" and name == "EMG":
        gain = 1.008
    values = counts * (supply / 2.0**sensor.bits / gain)
    values -= zero * supply / gain
    return values, unit
