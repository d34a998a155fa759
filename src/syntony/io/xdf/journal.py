"""The journal beside a recording: what every chunk of it should be, written before the chunk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

SUFFIX = ".journal"
_HEAD = "# syntony xdf journal 1: offset length crc32c tag stream samples"


@dataclass(frozen=True, slots=True)
class Entry:
    """One chunk: where it lies, how long it is, its checksum, and how many samples it holds."""

    offset: int
    length: int
    crc: int
    tag: int
    stream: int
    samples: int

    @property
    def line(self) -> bytes:
        """As it stands in the journal; the line carries a checksum of its own."""
        said = f"{self.offset} {self.length} {self.crc:08x} {self.tag} {self.stream} {self.samples}"
        return f"{said} {crc32c(said.encode()):08x}\n".encode()


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli, RFC 3720) of bytes.

    Examples
    --------
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    from syntony.kernels.chunks import CRC_TABLE
    from syntony.kernels.chunks import crc32c as compute

    return int(compute(np.frombuffer(data, dtype=np.uint8), CRC_TABLE))


def journal_of(path: Path) -> Path:
    """Where the journal of a recording lies."""
    return path.with_name(path.name + SUFFIX)


def head_line() -> bytes:
    """First line of a journal."""
    return f"{_HEAD}\n".encode()


def read_journal(path: Path) -> tuple[Entry, ...]:
    """Read the journal of a recording; lines that are torn or damaged are left out.

    Nothing is raised: a journal is a help, and a recording without one is read as it is.
    """
    try:
        lines = journal_of(path).read_bytes().split(b"\n")
    except OSError:  # none there, or not to be read: the recording itself decides
        return ()
    entries = []
    for line in lines:
        words = line.split(b" ")
        if len(words) != 7 or not line.isascii():
            continue
        try:
            numbers = [int(w) for w in (*words[:2], *words[3:6])]
            crc, own = int(words[2], 16), int(words[6], 16)
        except ValueError:
            continue
        if own == crc32c(line.rpartition(b" ")[0]) and min(numbers) >= 0:
            entries.append(Entry(numbers[0], numbers[1], crc, *numbers[2:]))
    return tuple(entries)
