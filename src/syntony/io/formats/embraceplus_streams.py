"""Streams of an EmbracePlus: read from each file, and put together on one axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.axis import is_too_empty

_PLAIN = {"eda": "uS", "bvp": "nW", "temperature": "Cel", "steps": "1"}
_AXES = {"accelerometer": "g", "gyroscope": "rad/s"}
_YEARS_US = (1.4e15, 4.2e15)  # 2014 to 2103
_OVERLAP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One stream of one file."""

    file: Path
    start_us: float
    rate_hz: float
    values: Array
    unit: str


def pieces_of(file: Path, raw: Mapping[str, Any], notes: list[Note]) -> Iterator[tuple[str, Piece]]:
    """Streams of one file that hold samples; adds what is odd to the notes."""
    for name, unit in _PLAIN.items():
        held = raw.get(name)
        if isinstance(held, Mapping) and held.get("values"):
            yield name, _piece(file, name, held, "values", unit, 1.0)
    for name, unit in _AXES.items():
        held = raw.get(name)
        if isinstance(held, Mapping) and held.get("x"):
            scale = _scale(file, name, held.get("imuParams"), notes)
            for axis in "xyz":
                yield f"{name}_{axis}", _piece(file, name, held, axis, unit, scale)


def _piece(
    file: Path, name: str, held: Mapping[str, Any], field: str, unit: str, scale: float
) -> Piece:
    """One stream, its stamp and rate checked."""
    start, rate = held.get("timestampStart"), held.get("samplingFrequency")
    if not isinstance(start, int) or not _YEARS_US[0] < start < _YEARS_US[1]:
        raise FileError(
            file,
            f"the start {start!r}",
            "microseconds of Unix time",
            "Another version?",
            column=name,
        )
    if not isinstance(rate, float) or not 0.01 < rate < 1e5:
        raise FileError(file, f"a rate of {rate!r} Hz", "a rate above 0 Hz", column=name)
    try:
        values = np.array(held.get(field), dtype=np.float64) * scale
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim != 1 or not values.size:
        raise FileError(file, "no numbers", "samples", "Download it again.", column=name)
    return Piece(file=file, start_us=float(start), rate_hz=rate, values=values, unit=unit)


def _scale(file: Path, name: str, params: object, notes: list[Note]) -> float:
    """Physical units per count; two statements of it are held against each other."""
    said = params if isinstance(params, Mapping) else {}
    low, high = said.get("digitalMin"), said.get("digitalMax")
    least, most = said.get("physicalMin"), said.get("physicalMax")
    factor = said.get("conversionFactor")
    numbers = [v for v in (low, high, least, most) if isinstance(v, int)]
    if len(numbers) < 4 or numbers[0] >= numbers[1] or numbers[2] >= numbers[3]:
        raise FileError(file, f"limits {numbers}", "physical and digital limits", column=name)
    scale = (numbers[3] - numbers[2]) / (numbers[1] - numbers[0])
    if isinstance(factor, float) and math.isfinite(factor) and abs(factor / scale - 1) > 0.01:
        text = (
            f"{name}: the limits give {scale:.6g} a count, the factor says {factor:.6g}. Check it."
        )
        notes.append(Note(file.name, "scale-contradicts", text))
    return scale


def join(path: Path, name: str, pieces: Sequence[Piece]) -> tuple[Array, float, float, list[Note]]:
    """Put the pieces of a stream on one axis: values, rate, start (us) and notes.

    Raises
    ------
    FileError
        Where pieces overlap by more than a second, or have other rates.
    """
    ordered = sorted(pieces, key=lambda p: p.start_us)
    first = ordered[0]
    if len(ordered) == 1:
        return first.values, first.rate_hz, first.start_us, []
    counts = np.array([p.values.size for p in ordered], dtype=np.float64)
    rates = np.array([p.rate_hz for p in ordered])
    rate = float(rates @ counts / counts.sum())
    if (np.abs(rates / rate - 1) > 0.01).any():
        found = f"rates from {rates.min():g} to {rates.max():g} Hz"
        raise FileError(path, found, "one rate", "Read the files one by one.", column=name)
    span = (ordered[-1].start_us - first.start_us) * 1e-6 * rate
    if is_too_empty(span, int(counts.sum())):
        raise FileError(path, "files far apart in time", "one recording", "Read them one by one.")
    places, stop, lost = [], 0, 0
    for piece in ordered:
        at = round((piece.start_us - first.start_us) * 1e-6 * rate)
        if at < stop - _OVERLAP_S * rate - 1:
            raise FileError(
                piece.file,
                f"a start {(stop - at) / rate:.3g} s before the end of the file before",
                "files that follow one another",
                "Is a file there twice?",
                column=name,
            )
        at = stop if at <= stop + 1 else at
        lost += at - stop
        places.append(at)
        stop = at + piece.values.size
    out = np.full(stop, np.nan)
    for at, piece in zip(places, ordered, strict=True):
        out[at : at + piece.values.size] = piece.values
    if not lost:
        return out, rate, first.start_us, []
    text = f"{name}: {lost / rate:.4g} s between files are kept as missing."
    return out, rate, first.start_us, [Note(path.name, "gap", text)]
