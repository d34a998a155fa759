"""Mending an XDF file that was not closed: a new file beside it, and what is missing in words."""

from __future__ import annotations

import math
import os
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from syntony.core.errors import FileError
from syntony.io.xdf.chunks import (
    FOOTER,
    HEADER,
    MAGIC,
    OFFSET,
    SAMPLES,
    STREAM,
    frame,
    lay_out,
    lay_out_bytes,
)
from syntony.io.xdf.file import XdfFile, open_xdf
from syntony.io.xdf.headers import StreamInfo, parse_stream
from syntony.io.xdf.journal import Entry, crc32c, read_journal
from syntony.io.xdf.samples import take
from syntony.io.xdf.write import _Written, footer_xml

_HEADER = b'<?xml version="1.0"?><info><version>1.0</version></info>'


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedStream:
    """What of a stream is in the mended file.

    ``missing`` counts samples that were on their way to the disk and are not there; None where
    no journal tells it, and then ``cut`` counts those that a damaged chunk declares.
    """

    name: str
    number: int
    samples: int
    missing: int | None
    cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What ``repair`` did.

    Attributes
    ----------
    path : Path
        The new file.
    streams : tuple of RepairedStream
    dropped_bytes : int
        Of the old file, in no whole chunk.
    journal : bool
        Whether the recorder's journal was there to compare with.
    """

    path: Path
    streams: tuple[RepairedStream, ...]
    dropped_bytes: int
    journal: bool

    @property
    def words(self) -> tuple[str, ...]:
        """One sentence per stream, and one on the file."""
        lines = []
        for s in self.streams:
            if s.missing is not None:
                lost = f"{s.missing:,} samples missing" if s.missing else "none missing"
            elif s.cut:
                lost = f"{s.cut:,} samples in damaged chunks missing; what came later, nobody knows"
            else:
                lost = "whether any came later, nobody knows"
            lines.append(f"{s.name}: {s.samples:,} samples there, {lost}.")
        source = "compared with the recorder's journal" if self.journal else "without a journal"
        lines.append(f"{self.dropped_bytes:,} bytes belonged to no whole chunk ({source}).")
        return tuple(lines)


def repair(path: Path | str) -> Repaired:
    """Mend a recording that was cut off or damaged; the original stays as it is.

    Every chunk that is whole is taken over byte by byte; streams without a footer get one.

    Parameters
    ----------
    path : path
        An XDF file. Where ``syntony record`` made it, its journal beside it is used.

    Returns
    -------
    Repaired
        With the new file, ``<name>.repaired.xdf``, and what is missing in each stream.

    Raises
    ------
    FileError
        Not XDF, no stream whose header can be read, or the new file is there already.

    Examples
    --------
    >>> import tempfile
    >>> from syntony.io.xdf.write import XdfWriter
    >>> broken = Path(tempfile.mkdtemp()) / "a.xdf"
    >>> with XdfWriter(broken) as writer:
    ...     eda = writer.add_stream(
    ...         StreamInfo(name="EDA", type="EDA", nominal_rate_hz=4, format="float32")
    ...     )
    ...     for i in range(3):
    ...         writer.write(eda, [i / 4], [[5.0]])
    >>> data = broken.read_bytes()
    >>> _ = broken.write_bytes(data[: data.rindex(b"<?xml") - 20])
    >>> repair(broken).words[0]
    'EDA: 2 samples there, 1 samples missing.'
    """
    path = Path(path)
    layout = lay_out(path)
    journal = read_journal(path)
    chunks = _whole_chunks(layout.rows, layout.data, journal)
    streams = _headers(path, chunks)
    if not streams:
        raise FileError(
            path, "no stream header that can be read", "at least one", "Nothing can be mended."
        )
    chunks = [c for c in chunks if c[1] in (HEADER, 5) or _stream_of(c[2]) in streams]
    new = path.with_name(f"{path.stem}.repaired.xdf")
    kept = b"".join(c[0] for c in chunks)
    named = any(tag == HEADER for _, tag, _ in chunks)
    _write_new(new, MAGIC + (b"" if named else frame(HEADER, _HEADER)) + kept)
    file = open_xdf(new)
    told, footers = _count(file, streams, journal, chunks, path)
    _append(new, footers)
    return Repaired(
        path=new,
        streams=told,
        dropped_bytes=len(layout.data) - len(MAGIC) - len(kept),
        journal=bool(journal),
    )


_Chunk = tuple[bytes, int, bytes]  # all of it, its tag, its content


def _whole_chunks(rows: np.ndarray, data: bytes, journal: Sequence[Entry]) -> list[_Chunk]:
    """Chunks that are whole, in the order of the file; by their checksums where known."""
    told = {e.offset: e for e in journal}
    places = {int(row[0]): row for row in rows}
    offsets = sorted(told)
    chunks = []
    taken = len(MAGIC)
    for at in sorted({*told, *places}):
        if at < taken:
            continue
        row, entry = places.get(at), told.get(at)
        if entry is not None:
            whole = data[at : at + entry.length]
            if len(whole) != entry.length or crc32c(whole) != entry.crc:
                continue
            if row is not None and row[1] + row[2] == at + entry.length:
                chunks.append((whole, int(row[3]), data[int(row[1]) : int(row[1] + row[2])]))
                taken = at + entry.length
                continue
            inside = lay_out_bytes(whole, 0)
            if len(inside.rows) == 1 and inside.end == entry.length and not inside.skipped:
                chunks.append((whole, int(inside.rows[0, 3]), inside.content(inside.rows[0])))
                taken = at + entry.length
        elif row is not None:
            stop = int(row[1] + row[2])
            if bisect_right(offsets, at) == bisect_left(offsets, stop):
                content = data[int(row[1]) : stop]
                chunks.append((data[at:stop], int(row[3]), content))
                taken = stop
    return chunks


def _stream_of(content: bytes) -> int:
    return int(struct.unpack("<I", content[:4])[0])


def _headers(path: Path, chunks: Sequence[_Chunk]) -> dict[int, StreamInfo]:
    """Streams whose header can be read."""
    out: dict[int, StreamInfo] = {}
    for _, tag, content in chunks:
        if tag == STREAM:
            try:
                info = parse_stream(path, content[4:])
            except FileError:
                continue  # its samples cannot be read either, and are counted as dropped
            out.setdefault(_stream_of(content), info)
    return out


def _count(
    file: XdfFile,
    streams: dict[int, StreamInfo],
    journal: Sequence[Entry],
    chunks: Sequence[_Chunk],
    path: Path,
) -> tuple[tuple[RepairedStream, ...], list[bytes]]:
    """What is there and what is missing, by stream; the footers that are lacking."""
    closed = {_stream_of(c) for _, tag, c in chunks if tag == FOOTER}
    cut = _cut(path) if not journal else {}
    told, footers = [], []
    for number, info in streams.items():
        samples = take(file.layout, number, info)
        count = samples.stamps_s.size + samples.untimed
        missing = None
        if journal:
            meant = sum(e.samples for e in journal if e.stream == number and e.tag == SAMPLES)
            missing = max(0, meant - count)
        told.append(
            RepairedStream(
                name=info.name,
                number=number,
                samples=count,
                missing=missing,
                cut=cut.get(number, 0) + sum(n for *_, n in samples.bad_chunks),
            )
        )
        if number not in closed:
            ends = samples.stamps_s[[0, -1]] if samples.stamps_s.size else (math.nan, math.nan)
            written = _Written(info, count, float(ends[0]), float(ends[1]))
            written.offsets = [
                struct.unpack("<dd", c[4:])
                for _, tag, c in chunks
                if tag == OFFSET and len(c) == 20 and _stream_of(c) == number
            ]
            xml = footer_xml(written, missing=missing or 0)
            footers.append(frame(FOOTER, struct.pack("<I", number) + xml.encode()))
    return tuple(told), footers


def _cut(path: Path) -> dict[int, int]:
    """Samples that a chunk cut off at the end declares, by its stream."""
    layout = lay_out(path)
    tail = layout.data[layout.end : layout.end + 32]
    if len(tail) < 14 or tail[0] not in (1, 4, 8):
        return {}
    at = 1 + tail[0]
    if tail[at : at + 2] != struct.pack("<H", SAMPLES) or len(tail) < at + 7:
        return {}
    stream, wide = struct.unpack("<IB", tail[at + 2 : at + 7])
    if wide not in (1, 4, 8) or len(tail) < at + 7 + wide:
        return {}
    count = int.from_bytes(tail[at + 7 : at + 7 + wide], "little")
    return {stream: count} if count < 2**31 else {}


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, and make the disk keep it."""
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise FileError(
            path, "a file that is there already", "a new name", "Move it away first."
        ) from None


def _append(path: Path, chunks: Sequence[bytes]) -> None:
    """Add footers at the end."""
    with path.open("ab") as file:
        file.write(b"".join(chunks))
        file.flush()
        os.fsync(file.fileno())
