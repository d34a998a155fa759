"""The inside of an .acq file: headers by bioread, each size held against the file first."""

from __future__ import annotations

import io
import logging
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.optional import need
from syntony.io.text import read_bytes

MAX_BYTES = 2**31
_LEAST_READS, _MOST_READS = 4_000, 30_000
_MOST_PATTERN = 4_000_000
_RATIO = 1100  # zlib packs zeros at 1,032 to 1 and nothing better
_BROKEN = (
    ValueError,
    OSError,
    EOFError,
    struct.error,
    IndexError,
    TypeError,
    AttributeError,
    KeyError,
    ZeroDivisionError,
    OverflowError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcqChannel:
    """One channel: its name, unit, and how often it has a sample (every ``divider``-th)."""

    name: str
    unit: str
    divider: int
    raw: NDArray[Any]
    scale: float
    offset: float

    def values(self) -> Array:
        """Samples in the unit of the channel; floats are in it already."""
        out = self.raw.astype(np.float64)
        if self.raw.dtype.kind != "f":
            out *= self.scale
            out += self.offset
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One mark: the sample of the base rate at which it stands, its type where it has one."""

    sample: int
    text: str
    kind: str
    made_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcqFile:
    """What a file holds; ``rate_hz`` is the base rate, at which marks are counted."""

    rate_hz: float
    revision: int
    packed: bool
    channels: tuple[AcqChannel, ...]
    marks: tuple[Mark, ...]

    @property
    def samples(self) -> int:
        """Length in samples of the base rate."""
        return max(c.raw.size * c.divider for c in self.channels)


class _TooManyReads(Exception):
    """The headers of a damaged file send the reader round in circles."""


class _Counted(io.BytesIO):
    """A file in memory that ends a reader which asks for more than any real file needs."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.left = min(_MOST_READS, _LEAST_READS + len(data) // 16)

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise _TooManyReads
        if size is not None and size < 0:
            raise EOFError("a negative length")
        return super().read(size)


@contextmanager
def _quiet(library: Any) -> Iterator[None]:
    """Keep the library's messages off the screen, and its layouts of headers for the next header.

    What it says becomes an error of ours. It means to keep layouts itself, and makes each four
    times a header for want of the right name: a file of many marks takes twenty times as long.
    """
    log, header = logging.getLogger("bioread"), library.headers.Header
    before, make = log.disabled, header._struct_class
    kept: dict[object, Any] = {}

    def layout(self: Any) -> Any:
        key = (type(self), self.file_revision, self.byte_order_char)
        if key not in kept:
            kept[key] = make.fget(self)
        return kept[key]

    log.disabled, header._struct_class = True, property(layout)
    try:
        yield
    finally:
        log.disabled, header._struct_class = before, make


def open_acq(path: Path) -> AcqFile:
    """Read headers, marks and samples.

    Raises
    ------
    FileError
        For a file that is damaged, cut off, or says what cannot be.
    """
    library = need("bioread", to="read .acq files", extra="biopac")
    data = _Counted(read_bytes(path, MAX_BYTES))
    size = data.getbuffer().nbytes
    with _quiet(library):
        try:
            held = library.reader.Reader.read_headers(data)
            _refuse_unread(path, held)
            _refuse_impossible(path, held, size)
            if held.is_compressed:
                for i in range(len(held.datafile.channels)):
                    _unpack(path, data, held, i, size)
            else:
                data.left = _MOST_READS
                held._read_data(None)
            return _as_values(held)
        except _TooManyReads:
            raise _damaged(path, "headers that lead nowhere") from None
        except FileError:
            raise
        except _BROKEN as error:  # what bioread meets in a file that is not what it says
            raise _damaged(path, f"a damaged file ({error})") from error


def _damaged(path: Path, found: str) -> FileError:
    """Make the error for a file that cannot be what it says."""
    return FileError(
        path, found, "a whole AcqKnowledge file", "Copy it again, or save it again there."
    )


def _refuse_unread(path: Path, held: Any) -> None:
    """Raise where bioread stopped on the way: it keeps quiet about that itself."""
    if held.datafile is None:
        raise _damaged(path, "headers that cannot be read")
    if held.event_markers is None:
        raise _damaged(path, "a file that ends before its marks")
    if held.is_compressed and len(held.channel_compression_headers) < len(held.datafile.channels):
        raise _damaged(path, "a file that ends before its samples")
    if held.read_errors:
        raise _damaged(path, f"a journal that cannot be read ({held.read_errors[0]})")


def _refuse_impossible(path: Path, held: Any, size: int) -> None:
    """Hold the counts of the headers against the size of the file."""
    channels = held.datafile.channels
    if not channels or len(channels) != held.graph_header.channel_count:
        raise _damaged(path, f"{len(channels)} of {held.graph_header.channel_count} channels")
    step = held.graph_header.sample_time
    if not (math.isfinite(step) and 1e-4 <= step <= 1e7):
        raise _damaged(path, f"a sample every {step:g} ms")
    for c in channels:
        if c.frequency_divider < 1 or c.point_count < 1:
            raise _damaged(
                path, f"{c.point_count} samples of {c.name!r}, every {c.frequency_divider}th"
            )
        if not (math.isfinite(c.raw_scale_factor) and math.isfinite(c.raw_offset)):
            raise _damaged(path, f"the scale {c.raw_scale_factor} of {c.name!r}")
    if held.is_compressed:
        return
    asked = held.data_start_offset + sum(c.data_length for c in channels)
    if asked > size:
        raise FileError(
            path,
            f"{size:,} bytes where the headers tell of {asked:,}",
            "a whole file",
            "It seems to be cut off: copy it again.",
        )
    if math.lcm(*(c.frequency_divider for c in channels)) * len(channels) > _MOST_PATTERN:
        raise _damaged(path, "rates that never come together")


def _unpack(path: Path, data: io.BytesIO, held: Any, at: int, size: int) -> None:
    """Unpack the samples of one channel, to exactly as many as its header says."""
    head, channel = held.channel_compression_headers[at], held.datafile.channels[at]
    begin, length = head.compressed_data_offset, head.compressed_data_len
    wanted = channel.data_length
    if begin < 0 or length < 1 or begin + length > size or wanted > _RATIO * length:
        raise _damaged(path, f"{length} packed bytes for {channel.point_count} samples")
    packed = data.getbuffer()[begin : begin + length]
    try:
        plain = zlib.decompressobj().decompress(packed, wanted + 1)
    except zlib.error as error:
        raise _damaged(path, f"damaged samples of {channel.name!r} ({error})") from error
    finally:
        packed.release()
    if len(plain) != wanted:
        raise _damaged(
            path, f"{len(plain)} bytes of samples of {channel.name!r} where {wanted} are told of"
        )
    channel.raw_data = np.frombuffer(plain, dtype=channel.dtype)


def _as_values(held: Any) -> AcqFile:
    """Take from bioread what is wanted, in values of ours."""
    channels = tuple(
        AcqChannel(
            name=c.name,
            unit=c.units,
            divider=int(c.frequency_divider),
            raw=c.raw_data,
            scale=float(c.raw_scale_factor),
            offset=float(c.raw_offset),
        )
        for c in held.datafile.channels
    )
    marks = tuple(
        Mark(
            sample=int(m.sample_index),
            text=m.text,
            kind=m.type_code or "",
            made_at=m.date_created_utc if m.type_code else None,
        )
        for m in held.event_markers
    )
    return AcqFile(
        rate_hz=float(held.samples_per_second),
        revision=int(held.file_revision),
        packed=bool(held.is_compressed),
        channels=channels,
        marks=marks,
    )
