"""What the reader of XDF tells: clocks, gaps, jitter, what is missing."""

from __future__ import annotations

from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.channels import Asked
from syntony.io.xdf.even import Even
from syntony.io.xdf.file import XdfStream
from syntony.io.xdf.samples import Samples


def sample_notes(path: Path, stream: XdfStream, samples: Samples) -> list[Note]:
    """Say how many samples are there, and how many are known to be missing."""
    name, count = stream.info.name, samples.stamps_s.size
    notes = []
    if not count and not samples.bad_chunks:
        notes.append(Note(path.name, "empty-stream", f"Stream {name!r} has no samples."))
    if samples.bad_chunks:
        lost, size = (
            sum(n for *_, n in samples.bad_chunks),
            sum(b for _, b, _ in samples.bad_chunks),
        )
        text = f"Stream {name!r}: {len(samples.bad_chunks)} damaged chunks ({size:,} bytes), which "
        notes.append(Note(path.name, "damaged", text + f"declare {lost:,} samples, are left out."))
    if samples.untimed:
        text = f"Stream {name!r}: {samples.untimed:,} samples whose time nobody knows are left out."
        notes.append(Note(path.name, "untimed", text))
    if stream.declared is None:
        text = f"Stream {name!r} has no footer: it was not closed, and its end may be missing."
        notes.append(Note(path.name, "not-closed", text))
    elif stream.declared != count + samples.untimed:
        away = stream.declared - count - samples.untimed
        text = (
            f"Stream {name!r}: its footer counts {stream.declared:,} samples, {count:,} are there"
        )
        more = f"; {away:,} are missing." if away > 0 else "."
        notes.append(Note(path.name, "samples-missing", text + more))
    return notes


def clock_note(path: Path, stream: XdfStream) -> Note:
    """Say how the stamps were brought to the recorder's clock, and what error is left."""
    fit, name = stream.clock, stream.info.name
    if not fit.lines:
        text = f"Stream {name!r}: no clock offsets were measured; its stamps are taken as they are."
        return Note(path.name, "clock-unmeasured", text)
    count = sum(line.count for line in fit.lines)
    first = fit.lines[0]
    breaks = len(fit.lines) - 1
    again = f" The clock was set {'once' if breaks == 1 else f'{breaks} times'}." if breaks else ""
    text = (
        f"Stream {name!r}: offset {first.offset_s:.6g} s, drift {first.drift * 1e6:.3g} ppm from "
        f"{count} measurements; they lie {fit.error_s * 1e3:.3g} ms from the line (median), "
        f"{fit.worst_s * 1e3:.3g} ms at most.{again}"
    )
    return Note(path.name, "clock-set" if again else "clock", text)


def even_notes(path: Path, stream: XdfStream, even: Even, dejitter: bool) -> list[Note]:
    """Say what laying the samples on an even axis did; refuse where the stamps deny it.

    Raises
    ------
    FileError
        Time that runs back, an axis that would be mostly empty, or stamps that stray from it
        where de-jittering was not asked for.
    """
    name, step, notes = stream.info.name, 1 / even.rate_hz, []
    if even.back_s:
        raise FileError(
            path,
            f"stream {name!r}, whose time runs back by {even.back_s:.3g} s",
            "stamps that go on",
            "Was its device started anew under the same name? Read the other streams.",
        )
    if even.too_empty:
        raise FileError(
            path,
            f"stream {name!r} with {even.size:,} places for {even.size - even.missing:,} samples",
            "stamps that belong together",
            "A stamp is wrong, or there are days in between.",
        )
    if even.typical_stray_s > 0.5 * step and not dejitter:
        raise Asked(
            path,
            f"stream {name!r}, whose stamps stray from an even axis of {even.rate_hz:.6g} Hz by "
            f"{even.typical_stray_s * 1e3:.3g} ms (median) and {even.worst_stray_s * 1e3:.3g} "
            f"ms at most, where a sample lasts {step * 1e3:.3g} ms",
            "most stamps within half a sample",
            "If its device samples evenly and only sends unevenly, pass dejitter=True.",
            option="dejitter",
            choices=[True],
        )
    if even.worst_stray_s > 0.5 * step:
        text = (
            f"Stream {name!r}: stamps moved to an even axis of {even.rate_hz:.6g} Hz, by "
            f"{even.typical_stray_s * 1e3:.3g} ms (median) and {even.worst_stray_s * 1e3:.3g} "
            "ms at most."
        )
        notes.append(Note(path.name, "jitter", text))
    if even.missing:
        text = (
            f"Stream {name!r}: {len(even.runs) - 1} gaps, {even.missing:,} samples "
            f"({even.missing * step:.4g} s) missing; they are kept as missing."
        )
        notes.append(Note(path.name, "gap", text))
    return notes
