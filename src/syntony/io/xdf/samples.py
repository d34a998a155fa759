"""Samples of one stream of an XDF file, with their time stamps as they were sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Bools, Ints
from syntony.io.xdf.chunks import SAMPLES, Layout
from syntony.io.xdf.headers import StreamInfo

_LATEST = 1e12  # seconds; no clock counts further


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """Samples of a stream.

    Attributes
    ----------
    stamps_s : ndarray of float64, shape (n_samples,)
        On the clock of the sender.
    values : ndarray, shape (n_samples, n_channels), or list of tuple of str
        In the format of the file.
    places : ndarray of int64, shape (n_samples,)
        Where in the file the chunk of each sample begins.
    bad_chunks : tuple of (int, int, int)
        Start, bytes and declared samples of chunks that do not hold what they say.
    untimed : int
        Samples left out because no time is known for them.
    """

    stamps_s: Array
    values: NDArray[np.generic] | list[tuple[str, ...]]
    places: Ints
    bad_chunks: tuple[tuple[int, int, int], ...] = ()
    untimed: int = 0


def first_stamp(layout: Layout, stream: int, info: StreamInfo) -> Samples:
    """Decode chunks of a stream until one holds a sample with a time."""
    rows, step = layout.of(SAMPLES, stream), 8
    for a in range(0, len(rows), step):
        found = _take(layout, rows[a : a + step], info)
        if found.stamps_s.size:
            return found
    return _take(layout, rows[:0], info)


def take(layout: Layout, stream: int, info: StreamInfo) -> Samples:
    """Decode every sample chunk of a stream; those that are damaged are told."""
    return _take(layout, layout.of(SAMPLES, stream), info)


def _take(layout: Layout, rows: Ints, info: StreamInfo) -> Samples:
    """Decode these chunks of a stream."""
    from syntony.kernels.chunks import count_samples, take_samples

    values: NDArray[np.generic] | list[tuple[str, ...]]
    if info.is_text:
        counts, said, stamps, stamped, values = _texts(layout, rows, info.channel_count)
    else:
        counts, said = count_samples(layout.numbers, rows[:, 1], rows[:, 2], info.width)
        good = counts >= 0
        total = int(counts[good].sum())
        stamps, stamped = np.zeros(total), np.zeros(total, dtype=np.uint8)
        raw = np.empty(total * info.width, dtype=np.uint8)
        take_samples(layout.numbers, rows[good, 1], info.width, counts[good], stamps, stamped, raw)
        values = raw.view(info.dtype).reshape(total, info.channel_count)
    bad = [
        (int(row[0]), int(row[1] + row[2] - row[0]), int(n))
        for row, n in zip(rows[counts < 0], said[counts < 0], strict=True)
    ]
    places = np.repeat(rows[counts >= 0, 0], counts[counts >= 0])
    lost = [start for start, *_ in bad] + [start for start, _ in layout.skipped]
    times = _deduced(stamps, stamped.astype(bool), places, np.array(sorted(lost)), info)
    keep = np.isfinite(times) & (np.abs(times) < _LATEST)
    untimed = int(times.size - keep.sum())
    if untimed:
        times, places = times[keep], places[keep]
        values = (
            [v for v, k in zip(values, keep, strict=True) if k]
            if isinstance(values, list)
            else values[keep]
        )
    return Samples(
        stamps_s=times, values=values, places=places, bad_chunks=tuple(bad), untimed=untimed
    )


def _deduced(stamps: Array, stamped: Bools, places: Ints, lost: Ints, info: StreamInfo) -> Array:
    """Give samples without a stamp the time that follows from the one before.

    Where something was lost since then, nobody knows it: NaN.
    """
    if stamped.all():
        return stamps
    step = 1 / info.nominal_rate_hz if info.nominal_rate_hz > 0 else 0.0
    index = np.arange(stamps.size)
    last = np.maximum.accumulate(np.where(stamped, index, -1))
    known = last >= 0
    times = np.full(stamps.size, np.nan)
    times[known] = stamps[last[known]] + (index[known] - last[known]) * step
    if lost.size:
        here = np.searchsorted(lost, places)
        times[known] = np.where(here[known] == here[last[known]], times[known], np.nan)
    return times


def _texts(
    layout: Layout, rows: Ints, channels: int
) -> tuple[Ints, Ints, Array, NDArray[np.uint8], list[tuple[str, ...]]]:
    """Chunks of words."""
    counts = np.full(len(rows), -1, dtype=np.int64)
    said = np.zeros(len(rows), dtype=np.int64)
    stamps: list[float] = []
    values: list[tuple[str, ...]] = []
    for i, row in enumerate(rows):
        said[i], found = _texts_of_chunk(layout.content(row), channels)
        if found is None:
            continue
        counts[i] = len(found)
        stamps += [t for t, _ in found]
        values += [v for _, v in found]
    times = np.array(stamps, dtype=np.float64)
    stamped = np.array([t is not None for t in stamps], dtype=np.uint8)
    return counts, said, np.where(stamped, times, 0.0) if times.size else times, stamped, values


_Found = list[tuple[float, tuple[str, ...]]]


def _texts_of_chunk(content: bytes, channels: int) -> tuple[int, _Found | None]:
    """How many samples a chunk declares, and them, or None where it does not hold so many."""
    count = -1
    try:
        count, at = _count(content, 4)
        found: _Found = []
        if count > len(content):
            return count, None
        for _ in range(count):
            stamp = None
            flag = content[at]
            at += 1
            if flag == 8:
                stamp = float(np.frombuffer(content, "<f8", 1, at)[0])
                at += 8
            elif flag != 0:
                return count, None
            words = []
            for _ in range(channels):
                length, at = _count(content, at)
                if length > len(content) - at:
                    return count, None
                words.append(content[at : at + length].decode("utf-8", errors="replace"))
                at += length
            found.append((stamp, tuple(words)))  # type: ignore[arg-type]
    except (IndexError, ValueError):
        return max(count, 0), None
    return count, found if at == len(content) else None


def _count(content: bytes, at: int) -> tuple[int, int]:
    """Read a number that begins with its own width; where it ends."""
    wide = content[at]
    if wide not in (1, 4, 8) or at + 1 + wide > len(content):
        raise ValueError("no number here")
    return int.from_bytes(content[at + 1 : at + 1 + wide], "little"), at + 1 + wide
