"""The records of an EDF or BDF file: samples, texts, and the pauses between records."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.axis import MOST_EMPTY
from syntony.io.formats.edf_header import EdfHeader, EdfSignal

_ONSET = rb"[+-]\d{1,12}(?:\.\d{0,12})?"
_TAL = re.compile(rb"(" + _ONSET + rb")(?:\x15\d{1,12}(?:\.\d{0,12})?)?\x14([^\0]*)\0")
_MOST_RECORDS = 3_000_000
_MOST_MARKS = 1_000_000
_YEAR_S = 366 * 86_400.0


def edf_records(path: Path, head: EdfHeader) -> NDArray[Any]:
    """Records as they lie in the file, not yet in memory: shape (n_records, bytes of a record)."""
    shape = (head.records, head.record * head.width)
    return np.memmap(path, dtype=np.uint8, mode="r", offset=head.bytes, shape=shape)


def samples_of(
    head: EdfHeader, records: NDArray[Any], signal: EdfSignal, extra: Array | None
) -> Array:
    """Counts of one signal on the true axis, NaN in the pauses.

    Parameters
    ----------
    extra : ndarray, shape (n_records,), or None
        Seconds by which each record begins later than without pauses.
    """
    first = signal.first * head.width
    block = records[:, first : first + signal.samples * head.width]
    if extra is None:
        return _numbers(block, head.width)
    shift = np.rint(extra * signal.samples / head.record_s).astype(np.int64)
    shift = np.maximum.accumulate(shift)
    out = np.full(head.records * signal.samples + int(shift[-1]), np.nan)
    values = _numbers(block, head.width).reshape(head.records, signal.samples)
    edges = np.flatnonzero(np.diff(shift)) + 1
    for a, b in zip([0, *edges], [*edges, head.records], strict=True):
        begin = a * signal.samples + int(shift[a])
        out[begin : begin + (b - a) * signal.samples] = values[a:b].ravel()
    return out


def _numbers(block: NDArray[Any], width: int) -> Array:
    """Little-endian whole numbers of 2 or 3 bytes as float64, in one row."""
    raw = np.ascontiguousarray(block)
    if width == 2:
        return raw.reshape(-1).view("<i2").astype(np.float64)
    bytes3 = raw.reshape(-1, 3)
    whole = bytes3[:, 2].view(np.int8).astype(np.int32)
    whole <<= 8
    whole |= bytes3[:, 1]
    whole <<= 8
    whole |= bytes3[:, 0]
    return whole.astype(np.float64)


def read_marks(
    path: Path, head: EdfHeader, records: NDArray[Any]
) -> tuple[float, Array | None, list[float], list[str]]:
    """Texts of the annotation signals, counted from the first sample.

    Returns
    -------
    zero : float
        Second of the first sample after the start stamp of the header.
    onsets : ndarray, shape (n_records,), or None
        Second at which each record begins, after the first; None where nothing says.
    times : list of float
        Seconds after the first sample.
    texts : list of str
    """
    notes = [s for s in head.signals if s.annotations]
    if not notes:
        if head.gaps:
            raise _damaged(path, "a discontinuous file without annotations")
        return 0.0, None, [], []
    if head.records > _MOST_RECORDS:
        raise _damaged(path, f"{head.records:,} records with annotations")
    onsets = np.full(head.records, np.nan)
    times: list[float] = []
    texts: list[str] = []
    for number, signal in enumerate(notes):
        first = signal.first * head.width
        block = np.asarray(records[:, first : first + signal.samples * head.width])
        for i, row in enumerate(block):
            found = _TAL.findall(row.tobytes())
            if number == 0 and found:
                onsets[i] = float(found[0][0])
            for onset, words in found:
                for word in words.split(b"\x14"):
                    if text := word.decode("utf-8", "replace").strip():
                        times.append(float(onset))
                        texts.append(text)
            if len(times) > _MOST_MARKS:
                raise _damaged(path, f"more than {_MOST_MARKS:,} annotations")
    return _from_first(path, head, onsets, times, texts)


def _from_first(
    path: Path, head: EdfHeader, onsets: Array, times: list[float], texts: list[str]
) -> tuple[float, Array | None, list[float], list[str]]:
    """Count from the first record, where the records say when they begin."""
    if np.isnan(onsets).any():
        if head.gaps:
            at = int(np.flatnonzero(np.isnan(onsets))[0])
            raise _damaged(path, f"no time in record {at + 1} of a discontinuous file")
        return 0.0, None, times, texts
    zero = float(onsets[0])
    if not abs(zero) < _YEAR_S:
        raise _damaged(path, f"a first record {zero:g} s after the start")
    return zero, onsets - zero, [t - zero for t in times], texts


def _damaged(path: Path, found: str) -> FileError:
    """Make the error for annotations that cannot be."""
    return FileError(path, found, "the time of every record in its annotations", "Export it again.")


def find_gaps(path: Path, head: EdfHeader, onsets: Array | None) -> tuple[Array | None, list[Note]]:
    """Seconds that each record lies behind its place without pauses; None where there are none.

    Raises
    ------
    FileError
        Where records overlap, or lie too far apart for one recording.
    """
    if onsets is None or head.records < 2 or not head.record_s:
        return None, []
    finest = max((s.samples for s in head.signals if not s.annotations), default=1)
    loose = 0.5 * head.record_s / finest
    steps = np.diff(onsets)
    if (steps < head.record_s - loose - 1e-9).any():
        at = int(np.argmax(steps < head.record_s - loose - 1e-9))
        raise _damaged(
            path, f"record {at + 2} only {steps[at]:g} s after the one before ({head.record_s:g} s)"
        )
    late = np.flatnonzero(steps > head.record_s + loose + 1e-9)
    if not late.size:
        return None, []
    if onsets[-1] > (MOST_EMPTY * head.records + 1000) * head.record_s:
        raise _damaged(path, f"{onsets[-1]:g} s with only {head.records} records")
    straight = onsets - np.arange(head.records) * head.record_s
    extra = np.zeros(head.records)
    for a, b in zip(late + 1, [*(late[1:] + 1), head.records], strict=True):
        extra[a:b] = straight[a]
    lost = float(extra[-1])
    text = (
        f"{late.size} gaps between records, {lost:.4g} s without samples (longest "
        f"{float(steps.max()) - head.record_s:.4g} s); they are kept as missing."
    )
    if not head.gaps:
        text += " The header calls the file continuous: check it."
    return extra, [Note(path.name, "gap", text)]
