"""Bytes of chunked files: where chunks lie, where samples lie in them, checksums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syntony.kernels._arrays import Floats, Indices, kernel, part

Bytes = NDArray[np.uint8]
_POLYNOMIAL = 0x82F63B78  # Castagnoli, bits turned round


def _table() -> NDArray[np.uint32]:
    rows = np.arange(256, dtype=np.uint64)
    for _ in range(8):
        rows = np.where(rows & 1, (rows >> 1) ^ _POLYNOMIAL, rows >> 1)
    return rows.astype(np.uint32)


CRC_TABLE = _table()


@kernel
def crc32c(data: Bytes, table: NDArray[np.uint32]) -> int:
    """CRC-32C (Castagnoli) of bytes; ``table`` is ``CRC_TABLE``."""
    crc = np.uint32(0xFFFFFFFF)
    for byte in data:
        crc = table[(crc ^ byte) & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
    return int(crc ^ np.uint32(0xFFFFFFFF))


@part
def _number(data: Bytes, at: int, size: int) -> int:
    """Little-endian number of ``size`` bytes; -1 where it does not fit into 62 bits."""
    value = 0
    for i in range(size):
        if i == 7 and data[at + i] >= 64:
            return -1
        value |= int(data[at + i]) << (8 * i)
    return value


@kernel
def find_chunks(data: Bytes, at: int, out: Indices) -> tuple[int, int, bool]:
    """Follow chunks from ``at``: rows of ``out`` are start, content, length of content, tag.

    Gives the number of rows, where it stopped, and whether it stopped in good order: at the end
    of the data or because ``out`` is full.
    """
    size, count = data.size, 0
    while at < size and count < out.shape[0]:
        wide = int(data[at])
        if wide not in (1, 4, 8) or at + 1 + wide + 2 > size:
            return count, at, False
        length = _number(data, at + 1, wide)
        begin = at + 1 + wide
        if length < 2 or length > size - begin:
            return count, at, False
        tag = int(data[begin]) | (int(data[begin + 1]) << 8)
        if tag < 1 or tag > 6 or (tag in (2, 3, 4, 6) and length < 6):
            return count, at, False
        out[count, 0] = at
        out[count, 1] = begin + 2
        out[count, 2] = length - 2
        out[count, 3] = tag
        count += 1
        at = begin + length
    return count, at, True


@kernel
def count_samples(
    data: Bytes, contents: Indices, lengths: Indices, width: int
) -> tuple[Indices, Indices]:
    """Samples of ``width`` bytes in each chunk: how many there are, how many it declares.

    -1 are there where the chunk does not hold what it says, to the byte.
    """
    there = np.full(contents.size, -1, dtype=np.int64)
    said = np.zeros(contents.size, dtype=np.int64)
    for c in range(contents.size):
        at, stop = contents[c] + 4, contents[c] + lengths[c]
        if at >= stop:
            continue
        wide = int(data[at])
        if wide not in (1, 4, 8) or at + 1 + wide > stop:
            continue
        count = _number(data, at + 1, wide)
        at += 1 + wide
        said[c] = max(count, 0)
        if count < 0 or count > (stop - at) // (1 + width):
            continue
        good = True
        for _ in range(count):
            if at >= stop or (data[at] != 0 and data[at] != 8):
                good = False
                break
            at += 1 + int(data[at]) + width
        if good and at == stop:
            there[c] = count
    return there, said


@kernel
def take_samples(
    data: Bytes,
    contents: Indices,
    width: int,
    counts: Indices,
    stamps: Floats,
    stamped: Bytes,
    values: Bytes,
) -> None:
    """Copy stamps and values of chunks that ``count_samples`` found whole."""
    as_bytes = stamps.view(np.uint8)
    row = 0
    for c in range(contents.size):
        at = contents[c] + 5 + int(data[contents[c] + 4])
        for _ in range(counts[c]):
            if data[at] == 8:
                stamped[row] = 1
                for i in range(8):
                    as_bytes[8 * row + i] = data[at + 1 + i]
                at += 8
            at += 1
            for i in range(width):
                values[width * row + i] = data[at + i]
            at += width
            row += 1
