"""An XDF file as it is: its streams, their samples on the recorder's clock, what is damaged."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.xdf.chunks import FOOTER, HEADER, OFFSET, STREAM, Layout, lay_out
from syntony.io.xdf.clock import ClockFit, fit_clock
from syntony.io.xdf.headers import StreamInfo, parse_stream, parse_xml, whole, word
from syntony.io.xdf.samples import Samples, first_stamp, take


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XdfStream:
    """One stream of a file.

    Attributes
    ----------
    number : int
        Its id in the file.
    info : StreamInfo
    clock : ClockFit
    declared : int or None
        Samples that the footer says were written; None without a footer.
    """

    number: int
    info: StreamInfo
    clock: ClockFit
    declared: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XdfFile:
    """An XDF file, opened: streams are known, samples not yet decoded.

    ``clock_s`` is what the recorder's clock showed at ``started_at``; NaN where the writer does
    not say (then the date cannot be laid on the stamps).
    """

    path: Path
    layout: Layout
    streams: tuple[XdfStream, ...]
    started_at: datetime | None
    clock_s: float
    clock_error_s: float

    def samples(self, stream: XdfStream) -> Samples:
        """Decode the samples of a stream, stamps on the sender's clock."""
        return take(self.layout, stream.number, stream.info)

    @property
    def zero_s(self) -> float:
        """First stamp of any stream, on the recorder's clock: second zero of every reading."""
        firsts = []
        for stream in self.streams:
            found = first_stamp(self.layout, stream.number, stream.info)
            if found.stamps_s.size:
                firsts.append(float(stream.clock.apply(found.stamps_s[:1], found.places[:1])[0]))
        return min(firsts, default=0.0)

    def notes(self) -> tuple[Note, ...]:
        """What of the file cannot be read."""
        lost = sum(b - a for a, b in self.layout.skipped)
        if not lost:
            return ()
        text = (
            f"{len(self.layout.skipped)} damaged places, {lost:,} bytes up to the next boundary "
            "left out; samples in them are missing."
        )
        return (Note(self.path.name, "damaged", text),)


def open_xdf(path: Path | str, *, cut_off: bool = False) -> XdfFile:
    """Open an XDF file and read what it says of its streams.

    Parameters
    ----------
    path : path
    cut_off : bool
        Also open a file whose end is broken, as far as it can be read.

    Raises
    ------
    FileError
        Not XDF, cut off, without streams, or with a header that cannot be.
    """
    path = Path(path)
    layout = lay_out(path)
    rest = len(layout.data) - layout.end
    if rest and not cut_off:
        raise FileError(
            path,
            f"a broken end: {rest:,} of {len(layout.data):,} bytes are no whole chunk",
            "an XDF file that was closed",
            "Mend it with syntony repair: that says what is missing and leaves this file alone.",
        )
    started_at, clock_s, error_s = _header(path, layout)
    streams: dict[int, XdfStream] = {}
    declared = _declared(path, layout)
    offsets = _offsets(layout)
    for row, number in zip(*_rows(layout, STREAM), strict=True):
        info = parse_stream(path, layout.content(row)[4:])
        if number in streams:
            raise FileError(path, f"two headers of stream {number}", "one of each stream")
        streams[number] = XdfStream(
            number=number,
            info=info,
            clock=offsets.get(number, ClockFit(left_s=np.empty(0))),
            declared=declared.get(number),
        )
    if not streams:
        raise FileError(path, "no streams", "an XDF file with streams", "Was anything recorded?")
    return XdfFile(
        path=path,
        layout=layout,
        streams=tuple(streams.values()),
        started_at=started_at,
        clock_s=clock_s,
        clock_error_s=error_s,
    )


def _rows(layout: Layout, tag: int) -> tuple[Sequence[np.ndarray], list[int]]:
    chosen = layout.rows[:, 3] == tag
    return list(layout.rows[chosen]), [int(n) for n in layout.streams[chosen]]


def _header(path: Path, layout: Layout) -> tuple[datetime | None, float, float]:
    """When recording began, and what the recorder's clock showed then."""
    rows = layout.of(HEADER)
    if not len(rows):
        return None, math.nan, math.nan
    root = parse_xml(path, layout.content(rows[0]), "a file header")
    try:
        started_at = datetime.fromisoformat(word(root, "datetime"))
    except ValueError:
        return None, math.nan, math.nan
    try:
        clock_s = float(word(root, "clock_s") or "nan")
        error_s = float(word(root, "clock_error_s") or "nan")
        if math.isfinite(clock_s) and started_at.tzinfo is not None:
            started_at = started_at.astimezone(UTC)
    except (ValueError, OverflowError):
        clock_s, error_s = math.nan, math.nan
    return started_at, clock_s if abs(clock_s) < 1e12 else math.nan, error_s


def _declared(path: Path, layout: Layout) -> Mapping[int, int | None]:
    """Samples per stream by the footers; a footer that cannot be read says nothing."""
    out = {}
    for row, number in zip(*_rows(layout, FOOTER), strict=True):
        try:
            root = parse_xml(path, layout.content(row)[4:], "a stream footer")
        except FileError:
            continue
        out[number] = whole(word(root, "sample_count"))
    return out


def _offsets(layout: Layout) -> dict[int, ClockFit]:
    """Lay a clock line for every stream with measured offsets."""
    found: dict[int, list[tuple[int, float, float]]] = {}
    for row, number in zip(*_rows(layout, OFFSET), strict=True):
        content = layout.content(row)
        if len(content) == 20:
            found.setdefault(number, []).append((int(row[0]), *struct.unpack("<dd", content[4:])))
    fits = {}
    for number, rows in found.items():
        table = np.array([(t, o) for _, t, o in rows])
        places = np.array([p for p, *_ in rows], dtype=np.int64)
        fits[number] = fit_clock(table[:, 0], table[:, 1], places)
    return fits
