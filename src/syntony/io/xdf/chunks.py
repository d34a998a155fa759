"""Chunks of an XDF file: where each lies, and what cannot be read.

XDF 1.0: the letters ``XDF:``, then chunks, each with its length, a tag and its content. Every
few seconds a boundary chunk holds a fixed UUID, from which reading can begin again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Ints
from syntony.core.errors import FileError

Bytes = NDArray[np.uint8]
MAGIC = b"XDF:"
HEADER, STREAM, SAMPLES, OFFSET, BOUNDARY, FOOTER = 1, 2, 3, 4, 5, 6
BOUNDARY_ID = UUID("43a546dc-cbf5-410f-b30e-d5467383cbe4").bytes
_BLOCK = 65536


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """Where the chunks of a file lie.

    Attributes
    ----------
    data : bytes
        The whole file.
    rows : ndarray of int64, shape (n_chunks, 4)
        Start, start and length of the content, tag.
    streams : ndarray of int64, shape (n_chunks,)
        Stream of each chunk; -1 where it belongs to none.
    skipped : tuple of (int, int)
        Start and stop of what is no chunk; after it a boundary was found.
    end : int
        Where the last readable chunk ends: less than the size where the tail is broken.
    """

    data: bytes
    rows: Ints
    streams: Ints
    skipped: tuple[tuple[int, int], ...]
    end: int

    @property
    def numbers(self) -> Bytes:
        """The file as numbers, not copied."""
        return np.frombuffer(self.data, dtype=np.uint8)

    def of(self, tag: int, stream: int = -1) -> Ints:
        """Rows with this tag, of this stream where one is given."""
        chosen = self.rows[:, 3] == tag
        if stream >= 0:
            chosen &= self.streams == stream
        found: Ints = self.rows[chosen]
        return found

    def content(self, row: Ints) -> bytes:
        """What a chunk holds after its tag."""
        return self.data[int(row[1]) : int(row[1] + row[2])]


def frame(tag: int, content: bytes) -> bytes:
    """Make a chunk.

    Examples
    --------
    >>> frame(BOUNDARY, BOUNDARY_ID)[:4].hex()
    '01120500'
    """
    length = len(content) + 2
    head = struct.pack("<BB", 1, length) if length < 256 else struct.pack("<BI", 4, length)
    if length >= 2**32:
        head = struct.pack("<BQ", 8, length)
    return head + struct.pack("<H", tag) + content


def lay_out(path: Path) -> Layout:
    """Find every chunk of a file.

    Raises
    ------
    FileError
        No such file, or none that begins as XDF does.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise FileError(path, "no such file", "an XDF file", "Check the path.") from None
    if not data:
        raise FileError(path, "an empty file", "an XDF file", "Was it recorded?")
    if not data.startswith(MAGIC):
        raise FileError(path, f"{data[:4]!r} at the start", "'XDF:'", "Is it an XDF file?")
    return lay_out_bytes(data)


def lay_out_bytes(data: bytes, start: int = len(MAGIC)) -> Layout:
    """Find every chunk in bytes, from ``start`` on."""
    from syntony.kernels.chunks import find_chunks

    numbers = np.frombuffer(data, dtype=np.uint8)
    parts: list[Ints] = []
    skipped: list[tuple[int, int]] = []
    at, block = start, np.empty((_BLOCK, 4), dtype=np.int64)
    while at < len(data):
        count, stop, good = find_chunks(numbers, at, block)
        parts.append(block[:count].copy())
        at = stop
        if good:
            continue
        begin = _last_in_doubt(parts, at)
        found = data.find(BOUNDARY_ID, begin)
        if found < 0:
            break
        if found < at:
            parts[-1] = parts[-1][:-1]
        else:
            begin = at
        skipped.append((begin, found + len(BOUNDARY_ID)))
        at = found + len(BOUNDARY_ID)
    rows = np.concatenate(parts) if parts else np.empty((0, 4), dtype=np.int64)
    return Layout(
        data=data, rows=rows, streams=_streams(numbers, rows), skipped=tuple(skipped), end=at
    )


def _last_in_doubt(parts: list[Ints], at: int) -> int:
    """Where to look for a boundary: also in a chunk whose length may have been damaged."""
    if parts and len(parts[-1]) and parts[-1][-1, 3] in (SAMPLES, STREAM, FOOTER):
        return int(parts[-1][-1, 0])
    return at


def _streams(numbers: Bytes, rows: Ints) -> Ints:
    """Stream number of every chunk that has one."""
    out = np.full(len(rows), -1, dtype=np.int64)
    owned = np.isin(rows[:, 3], (STREAM, SAMPLES, OFFSET, FOOTER))
    out[owned] = numbers[rows[owned, 1][:, None] + np.arange(4)].view("<u4")[:, 0]
    return out
