"""Clips cut out of a recording of the session, with the extra ``video`` (PyAV)."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.core.files import write_whole
from syntony.core.optional import need

TICKS = Fraction(1, 90_000)


def frame_rate(path: Path) -> float | None:
    """Frames per second that a video file states; None where it or PyAV does not tell.

    Parameters
    ----------
    path : Path

    Returns
    -------
    float or None
        The file's mean rate (1/s).
    """
    try:
        av: Any = import_module("av")
    except ImportError:
        return None
    try:
        with av.open(str(path)) as file:
            rates = [stream.average_rate for stream in file.streams.video[:1]]
    except (av.FFmpegError, OSError):
        return None
    return float(rates[0]) if rates and rates[0] else None


def cut_clip(source: Path, target: Path, *, start_s: float, stop_s: float) -> Path:
    """Cut [start_s, stop_s) out of a video or sound file, coded anew.

    Copying packets would begin at a key frame, seconds early; so frames are decoded and
    encoded again. Titles, dates and every other tag of the source are left behind.

    Parameters
    ----------
    source, target : Path
        ``target`` ends in ``.mp4`` or another ending that PyAV knows.
    start_s, stop_s : float
        On the clock of the media file (s).

    Raises
    ------
    MissingPackage
        Without the extra ``video``.
    FileError
        If the source cannot be read, or holds nothing in this stretch.
    """
    av: Any = need("av", to="cut clips out of a video", extra="video")
    if not source.is_file():
        raise FileError(source, "no such file", "the media of the session", "Check sessions.tsv.")

    def cut(part: Path) -> None:
        try:
            with av.open(str(source)) as into:
                kept = _cut(av, into, part, start_s, stop_s)
        except av.FFmpegError as error:
            found = f"{error}"
            raise FileError(source, found, "a video or sound file that PyAV reads") from error
        if not kept:
            found = f"nothing between {start_s:g} and {stop_s:g} s"
            raise FileError(source, found, "frames there", "Check media_offset_s in sessions.tsv.")

    return write_whole(target, cut)


def _cut(av: Any, into: Any, part: Path, start_s: float, stop_s: float) -> int:
    """Decode, keep what lies inside, encode; how many frames were kept."""
    kept = 0
    with av.open(str(part), "w", format=part.suffix.lstrip(".")) as out:
        made = {}
        for stream in (*into.streams.video[:1], *into.streams.audio[:1]):
            made[stream.index] = _stream_like(av, out, stream)
        if not made:
            raise FileError(part, "no picture and no sound", "a video or sound file")
        into.seek(max(0, int((start_s - 1.0) * av.time_base)), backward=True)
        wanted = [s for s in into.streams if s.index in made]
        done: set[int] = set()
        for packet in into.demux(wanted):
            index = packet.stream.index
            if index in done:
                continue
            for frame in packet.decode():
                if frame.time is None or frame.time < start_s - 1e-6:
                    continue
                if frame.time >= stop_s - 1e-6:
                    done.add(index)
                    break
                _encode(out, made[index], frame, start_s)
                kept += 1
            if len(done) == len(wanted):
                break
        for stream in made.values():
            out.mux(stream.encode(None))
    return kept


def _stream_like(av: Any, out: Any, stream: Any) -> Any:
    """A stream of the clip with size and rate of the source's."""
    if stream.type == "audio":
        made = out.add_stream("aac", rate=stream.rate)
        made.layout = stream.layout
        return made
    rate = stream.average_rate or Fraction(25)
    name = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    made = out.add_stream(name, rate=rate)
    made.width, made.height = stream.width - stream.width % 2, stream.height - stream.height % 2
    made.pix_fmt = "yuv420p"
    made.time_base = TICKS
    return made


def _encode(out: Any, made: Any, frame: Any, start_s: float) -> None:
    """Encode one frame at its time in the clip."""
    ticks = TICKS if made.type == "video" else Fraction(1, made.rate)
    time = frame.time - start_s
    if made.type == "video":
        frame = frame.reformat(width=made.width, height=made.height, format="yuv420p")
        frame.pict_type = 0
    frame.time_base = ticks
    frame.pts = round(time / ticks)
    out.mux(made.encode(frame))
