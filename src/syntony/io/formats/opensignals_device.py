"""What text and HDF5 files of OpenSignals share: one device's rows to a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.units import KINDS
from syntony.io.axis import MOST_EMPTY, is_too_empty
from syntony.io.channels import Asked, Channel, chosen, distinct, kind_of, to_signals
from syntony.io.formats.opensignals_header import Device, Sensor, transfer
from syntony.io.labels import to_markers

_COUNTERS = (1 << 4, 1 << 8, 1 << 12, 1 << 16, 1 << 32)
SEQUENCE = "nSeq"


def choose_device(path: Path, devices: Sequence[Device], name: str | None) -> Device:
    """The device that is asked for; it need not be named where there is one only.

    Raises
    ------
    FileError
        Where there are several and none is named.
    InputError
        For a name that is not there.
    """
    names = [d.name for d in devices]
    if name is None:
        if len(devices) > 1:
            raise Asked(
                path,
                f"the devices {names}",
                "one of them",
                "Pass device: one call for each person.",
                option="device",
                choices=names,
            )
        return devices[0]
    if name not in names:
        raise InputError("device", name, f"one of {names}")
    return devices[names.index(name)]


def to_recording(
    path: Path,
    device: Device,
    column: Callable[[str], Array],
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None,
    units: Mapping[str, str] | None,
    clock: str,
) -> Recording:
    """Make a recording of one device's columns, each fetched when its turn comes."""
    places, notes = _places(path, device, column)
    labels = distinct([s.label for s in device.sensors])
    sensors = dict(zip(labels, device.sensors, strict=True))
    kinds = _kinds(path, sensors, channels)
    signals, told = to_signals(
        path,
        _channels(path, device, {n: sensors[n] for n in kinds}, column, units or {}, places, notes),
        person=person,
        kinds=kinds,
        units=units,
    )
    times, texts = _digital(path, device, column, places)
    events, about = to_markers(path, times, texts, person=person)
    if device.started_at:
        text = (
            "The start is what the clock of the computer said when the device was asked to begin; "
            "two devices can be seconds apart. Check it by something that both recorded."
        )
        notes.append(Note(path.name, "start-of-computer", text))
    return Recording(
        signals=signals,
        events=events,
        started_at=device.started_at,
        started_at_error_s=0.0005 if device.started_at else float("nan"),
        clock=clock,
        notes=(*notes, *told, *about),
    )


def _kinds(
    path: Path,
    sensors: Mapping[str, Sensor],
    channels: Mapping[str, str] | Sequence[str] | None,
) -> dict[str, str]:
    """What each wanted channel measures: as the caller says, else by its sensor, its label."""

    def kind(name: str) -> str:
        sensor = sensors[name].sensor.strip().upper().removesuffix("REV").removesuffix("BIT")
        axis = name.strip().lower()
        if sensor in {"XYZ", "ACC"} and axis in {"x", "y", "z"}:
            return f"acc_{axis}"
        by_sensor = kind_of(sensor)
        return by_sensor if by_sensor in KINDS else kind_of(name)

    return chosen(path, list(sensors), channels, kind)


def _channels(
    path: Path,
    device: Device,
    wanted: Mapping[str, Sensor],
    column: Callable[[str], Array],
    units: Mapping[str, str],
    places: Ints | None,
    notes: list[Note],
) -> Iterator[Channel]:
    """Wanted channels one by one: counts, then their unit where it is documented."""
    for name, sensor in wanted.items():
        counts = column(sensor.column)
        notes += _clipped(path, name, sensor, counts)
        values, unit = (counts, "") if name in units else transfer(device.model, sensor, counts)
        if places is not None:
            _refuse_other_length(path, name, values, places)
            out = np.full(int(places[-1]) + 1, np.nan)
            out[places] = values
            values = out
        yield Channel(label=name, values=values, rate_hz=device.rate_hz, unit=unit)


def _refuse_other_length(path: Path, name: str, values: Array, places: Ints) -> None:
    """Refuse a column of which nobody can say which of its samples were lost."""
    if values.size != places.size:
        raise FileError(
            path,
            f"{values.size:,} samples for {places.size:,} sequence numbers",
            "as many",
            "Copy or export it again.",
            column=name,
        )


def _clipped(path: Path, name: str, sensor: Sensor, counts: Array) -> list[Note]:
    """Say how many counts lie at the limits of the converter, or beyond what it can give."""
    top = float(2**sensor.bits - 1)
    if (counts > top).any() or (counts < 0).any():
        text = (
            f"{name}: counts from {np.nanmin(counts):g} to {np.nanmax(counts):g} where "
            f"{sensor.bits} bits give 0 to {top:g}. Are columns swapped, or is the resolution "
            "another one?"
        )
        return [Note(path.name, "resolution-contradicts", text)]
    clipped = int(np.count_nonzero((counts == 0) | (counts == top)))
    if not clipped:
        return []
    share = clipped / counts.size
    text = f"{name}: {clipped:,} samples ({share:.1%}) lie at the limits of the converter."
    return [Note(path.name, "clipped", text)]


def _places(
    path: Path, device: Device, column: Callable[[str], Array]
) -> tuple[Ints | None, list[Note]]:
    """Place of each row on the true axis, by its sequence number; None where none is lost."""
    if SEQUENCE not in device.columns:
        text = "There are no sequence numbers: lost samples cannot be seen."
        return None, [Note(path.name, "no-sequence", text)]
    numbers = column(SEQUENCE)
    if not np.isfinite(numbers).all() or (numbers != np.rint(numbers)).any() or numbers.min() < 0:
        raise FileError(path, "sequence numbers that are no whole numbers", "0, 1, 2 ...")
    numbers, notes = _unstopped(path, numbers)
    steps = np.diff(numbers)
    if (steps == 1).all():
        return None, notes
    wraps = device.wraps or (
        next((m for m in _COUNTERS if m > numbers.max()), 1 << 62) if (steps < 0).any() else 0
    )
    if wraps and numbers.max() >= wraps:
        raise FileError(path, f"the sequence number {numbers.max():g}", f"0 to {wraps - 1}")
    if wraps:
        steps = np.mod(steps, wraps)
    if (steps == 1).all():
        return None, notes
    if (steps == 0).any():
        at = int(np.argmax(steps == 0)) + 1
        raise FileError(
            path,
            f"the sequence number {numbers[at]:g} twice running, in row {at + 1}",
            "another number in every row",
            "Was a row written twice?",
        )
    if is_too_empty(float(steps.sum()), numbers.size):
        at = int(np.argmax(steps)) + 1
        raise FileError(
            path,
            f"a leap of {steps.max():g} in the sequence numbers, in row {at + 1}",
            f"at least one row in {MOST_EMPTY}",
            "Mend the row, or cut the file in two.",
        )
    lost = int(steps.sum()) - steps.size
    more = (
        f" The count begins again at {wraps}: losses of whole rounds are not seen." if wraps else ""
    )
    text = (
        f"{int((steps > 1).sum())} gaps in the sequence numbers, {lost / device.rate_hz:.4g} s "
        f"without samples; they are kept as missing.{more}"
    )
    places: Ints = np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
    return places, [*notes, Note(path.name, "gap", text)]


def _unstopped(path: Path, numbers: Array) -> tuple[Array, list[Note]]:
    """Go on counting where a counter of 16 bits stopped at its end."""
    last = float((1 << 16) - 1)
    if numbers.size < 2 or numbers[-1] != last or numbers[-2] != last:
        return numbers, []
    first = int(np.argmax(numbers == last))
    if (numbers[first:] != last).any():
        return numbers, []
    text = (
        f"The sequence numbers stop at {last:.0f}, in row {first + 1:,} of {numbers.size:,}; "
        "samples lost after it are not seen."
    )
    counted = numbers.copy()
    counted[first:] += np.arange(numbers.size - first)
    return counted, [Note(path.name, "sequence-stops", text)]


def _digital(
    path: Path, device: Device, column: Callable[[str], Array], places: Ints | None
) -> tuple[list[float], list[str]]:
    """Moments at which a digital input leaves the state it began in."""
    used = {s.column for s in device.sensors}
    times: list[float] = []
    texts: list[str] = []
    for name in device.columns:
        if name in used or name == SEQUENCE or name.startswith("O"):
            continue
        values = column(name)
        away = values != values[0]
        at = np.flatnonzero(away[1:] & ~away[:-1]) + 1
        if places is not None:
            _refuse_other_length(path, name, values, places)
        rows = places[at] if places is not None else at
        times += (rows / device.rate_hz).tolist()
        texts += [name] * at.size
    return times, texts
