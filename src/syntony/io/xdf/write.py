"""Writing XDF while it is recorded: every chunk is on its way to the disk when ``write`` returns.

One system call writes one chunk, so a recorder that is killed loses the chunk in its hands and
nothing before. Once a second the disk is asked to keep what it has. Before each chunk a line of a
journal says what the chunk will be; from it ``repair`` states what is missing, to the sample.
"""

from __future__ import annotations

import errno
import os
import shutil
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.io.xdf.chunks import (
    BOUNDARY,
    BOUNDARY_ID,
    FOOTER,
    HEADER,
    MAGIC,
    OFFSET,
    SAMPLES,
    STREAM,
    frame,
)
from syntony.io.xdf.headers import StreamInfo, stream_xml
from syntony.io.xdf.journal import Entry, crc32c, head_line, journal_of

BOUNDARY_S = 5.0
SYNC_S = 1.0
LEAST_FREE_BYTES = 16_000_000
_AS_IT_IS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_to_disk = getattr(os, "fdatasync", os.fsync)  # not every system has the first
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(slots=True)
class _Written:
    """What of a stream is in the file."""

    info: StreamInfo
    samples: int = 0
    first_s: float = float("nan")
    last_s: float = float("nan")
    offsets: list[tuple[float, float]] = field(default_factory=list)


class XdfWriter:
    """An XDF file that grows while it is recorded.

    Parameters
    ----------
    path : path
        A file that is not there: nothing is ever written over.
    clock : callable
        The recorder's clock in seconds; what it shows now goes into the header beside the date.
    syncs : bool
        Ask the disk once a second from within ``write``; without it, the caller calls ``sync``.
    zero_at : datetime, None or "now"
        When second zero of the stamps was, for what is not recorded now; None: nobody knows.

    Raises
    ------
    FileError
        If the file is there, or the disk is full or may not be written. What was written before
        stays whole, up to the last chunk.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.xdf"
    >>> with XdfWriter(path) as writer:
    ...     eda = writer.add_stream(
    ...         StreamInfo(name="EDA", type="EDA", nominal_rate_hz=4, format="float32")
    ...     )
    ...     writer.write(eda, [0.0, 0.25], [[5.0], [5.1]])
    >>> path.read_bytes()[:4]
    b'XDF:'
    """

    def __init__(
        self,
        path: Path | str,
        *,
        clock: Callable[[], float] = time.monotonic,
        syncs: bool = True,
        zero_at: datetime | Literal["now"] | None = "now",
    ) -> None:
        self.path = Path(path)
        self._syncs = syncs
        self._lock = threading.Lock()
        self._streams: dict[int, _Written] = {}
        self._size = 0
        self._failed: FileError | None = None
        self._closed = False
        self._file = self._make(self.path)
        try:
            self._journal = self._make(journal_of(self.path))
        except FileError:
            os.close(self._file)
            self.path.unlink()
            raise
        _keep_names(self.path.parent)
        self._synced = self._bounded = time.monotonic()
        self._put(self._journal, head_line())
        self._put(self._file, MAGIC)
        self._size = len(MAGIC)
        dated = _dated_now(clock) if zero_at == "now" else _dated(zero_at)
        said = f'<?xml version="1.0"?><info><version>1.0</version>{dated}</info>'
        self._chunk(HEADER, said.encode())

    def add_stream(self, info: StreamInfo, *, xml: str = "") -> int:
        """Write the header of a stream; gives the number it has in the file.

        ``xml`` is the description as the sender gave it, where there is one.
        """
        number = len(self._streams) + 1
        with self._lock:
            self._refuse_closed()
            self._streams[number] = _Written(info)
            said = xml or stream_xml(info)
            self._chunk(STREAM, struct.pack("<I", number) + said.encode(), number)
        return number

    def write(
        self, stream: int, stamps_s: ArrayLike, values: ArrayLike | Sequence[Sequence[str]]
    ) -> None:
        """Write samples of one stream as one chunk.

        Parameters
        ----------
        stream : int
            From ``add_stream``.
        stamps_s : array_like, shape (n_samples,)
            On the clock of the sender, as they came.
        values : array_like, shape (n_samples, n_channels), or sequence of sequence of str
        """
        stamps = np.asarray(stamps_s, dtype=np.float64)
        if not stamps.size:
            return
        written = self._streams[stream]
        if written.info.is_text:
            body = _texts(written.info, stamps, values)  # type: ignore[arg-type]
        else:
            body = _numbers(written.info, stamps, values)
        content = struct.pack("<IBI", stream, 4, stamps.size) + body
        with self._lock:
            self._refuse_closed()
            self._chunk(SAMPLES, content, stream, stamps.size)
            if not written.samples:
                written.first_s = float(stamps[0])
            written.samples += stamps.size
            written.last_s = float(stamps[-1])
            self._tend()

    def write_offset(self, stream: int, time_s: float, offset_s: float) -> None:
        """Write a measured clock offset; ``time_s`` is on the clock of the sender."""
        with self._lock:
            self._refuse_closed()
            self._chunk(OFFSET, struct.pack("<Idd", stream, time_s, offset_s), stream)
            self._streams[stream].offsets.append((time_s, offset_s))
            self._tend()

    def tend(self) -> None:
        """Write a boundary and make the disk keep what it has, where it is time to."""
        with self._lock:
            self._refuse_closed()
            self._tend()

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self._closed

    def _refuse_closed(self) -> None:
        """Refuse to write after ``close``: the number of the file may be another's by now."""
        if self._closed:
            raise InputError("writer", "closed", "an open one", "Write to a new file.")

    @property
    def counts(self) -> Mapping[int, int]:
        """Samples written so far, by stream."""
        return {number: written.samples for number, written in self._streams.items()}

    @property
    def free_bytes(self) -> int:
        """Room that is left on the disk."""
        return shutil.disk_usage(self.path.parent).free

    def close(self) -> None:
        """Write the footers and close; without footers where the disk is full."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                if self._failed is None:
                    for number, written in self._streams.items():
                        self._chunk(
                            FOOTER,
                            struct.pack("<I", number) + footer_xml(written).encode(),
                            number,
                        )
                    os.fsync(self._file)
                    os.fsync(self._journal)
            finally:
                os.close(self._file)
                os.close(self._journal)

    def __enter__(self) -> XdfWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _make(self, path: Path) -> int:
        """Open a file that is not there yet."""
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_IT_IS, 0o640)
        except FileExistsError:
            raise FileError(
                path, "a file that is there already", "a new name", "Nothing is written over."
            ) from None
        except OSError as error:
            raise self._told(error) from error

    def _chunk(self, tag: int, content: bytes, stream: int = 0, samples: int = 0) -> None:
        """Write the journal's line and then the chunk, or leave the file as it was."""
        if self._failed is not None:
            raise self._failed
        data = frame(tag, content)
        entry = Entry(self._size, len(data), crc32c(data), tag, stream, samples)
        try:
            self._put(self._journal, entry.line)
            self._put(self._file, data)
        except OSError as error:
            self._failed = self._told(error)
            os.ftruncate(self._file, self._size)
            raise self._failed from error
        self._size += len(data)

    @staticmethod
    def _put(file: int, data: bytes) -> None:
        """Write all of it; a disk that fills up may take a part first."""
        done = os.write(file, data)
        while done < len(data):
            done += os.write(file, data[done:])

    def _tend(self) -> None:
        now = time.monotonic()
        if now - self._bounded >= BOUNDARY_S:
            self._bounded = now
            self._chunk(BOUNDARY, BOUNDARY_ID)
        if self._syncs and now - self._synced >= SYNC_S:
            self._synced = now
            self.sync()

    def sync(self) -> None:
        """Wait until the disk has what was written; writing goes on meanwhile.

        Raises
        ------
        FileError
            If the disk fails, or is nearly full: then nothing more is written.
        """
        try:
            _to_disk(self._file)
            _to_disk(self._journal)
            free = self.free_bytes
        except OSError as error:
            self._failed = self._told(error)
            raise self._failed from error
        if free < LEAST_FREE_BYTES:
            self._failed = self._told(OSError(errno.ENOSPC, f"{free:,} bytes are left"))
            raise self._failed

    def _told(self, error: OSError) -> FileError:
        """Say in words why nothing more could be written."""
        full = error.errno in _FULL
        return FileError(
            self.path,
            "a full disk" if full else f"that it cannot be written ({error.strerror})",
            "room for the recording" if full else "a place that may be written",
            f"All {self._size:,} bytes written before are intact; syntony repair closes the file."
            if self._size
            else "Nothing was written.",
        )


def _dated_now(clock: Callable[[], float]) -> str:
    """What the clock of the stamps shows now, for the header."""
    before, now, after = clock(), datetime.now(UTC), clock()
    return (
        f"<datetime>{now.isoformat(timespec='microseconds')}</datetime>"
        f"<clock_s>{(before + after) / 2!r}</clock_s>"
        f"<clock_error_s>{(after - before) / 2 + 1e-6!r}</clock_error_s>"
    )


def _dated(zero_at: datetime | None) -> str:
    """When second zero was, for the header; nothing where nobody knows."""
    if zero_at is None:
        return ""
    at = zero_at.isoformat(timespec="microseconds")
    return f"<datetime>{at}</datetime><clock_s>0.0</clock_s>"


def _keep_names(folder: Path) -> None:
    """Make the disk keep that the files are there, where a folder can be asked for that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def footer_xml(written: _Written, *, missing: int = 0) -> str:
    """Footer of a stream: first and last stamp, how many samples, the clock offsets."""
    offsets = "".join(
        f"<offset><time>{t!r}</time><value>{o!r}</value></offset>" for t, o in written.offsets
    )
    lost = f"<samples_missing>{missing}</samples_missing>" if missing else ""
    first, last = (0.0 if np.isnan(v) else v for v in (written.first_s, written.last_s))
    return (
        f'<?xml version="1.0"?><info><writer>{escape("syntony")}</writer>'
        f"<first_timestamp>{first!r}</first_timestamp><last_timestamp>{last!r}</last_timestamp>"
        f"<sample_count>{written.samples}</sample_count>{lost}"
        f"<clock_offsets>{offsets}</clock_offsets></info>"
    )


def _numbers(info: StreamInfo, stamps: Array, values: ArrayLike) -> bytes:
    """Samples of numbers, each with its stamp."""
    table: NDArray[np.generic] = np.asarray(values, dtype=info.dtype)
    if table.shape != (stamps.size, info.channel_count):
        raise InputError("values", table.shape, f"shape {(stamps.size, info.channel_count)}")
    record = np.dtype(
        [("flag", "u1"), ("stamp", "<f8"), ("values", info.dtype, (info.channel_count,))]
    )
    rows = np.empty(stamps.size, dtype=record)
    rows["flag"], rows["stamp"], rows["values"] = 8, stamps, table
    return rows.tobytes()


def _texts(info: StreamInfo, stamps: Array, values: Sequence[Sequence[str]]) -> bytes:
    """Samples of words, each with its stamp."""
    parts = []
    for stamp, words in zip(stamps, values, strict=True):
        if len(words) != info.channel_count:
            raise InputError("values", words, f"{info.channel_count} words")
        parts.append(struct.pack("<Bd", 8, stamp))
        for word in words:
            said = word.encode("utf-8")
            parts.append(struct.pack("<BI", 4, len(said)) + said)
    return b"".join(parts)
