"""Biopac AcqKnowledge .acq, through the optional package bioread."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.axis import MOST_EMPTY
from syntony.io.channels import Asked, Channel, chosen, distinct, to_signals
from syntony.io.formats.biopac_file import AcqFile, open_acq
from syntony.io.labels import to_markers
from syntony.io.registry import reader

_SEGMENT = re.compile(r"segment\s+\d+|append(ed)?", re.I)
_REVISIONS = range(30, 300)
_LONGEST_PAUSE_S = 86_400.0


def _sniff(path: Path, head: bytes) -> bool:
    """Claim a file that begins like a graph header: a version and a count of channels."""
    if len(head) < 64:
        return False
    for order in ("little", "big"):
        version = int.from_bytes(head[2:6], order, signed=True)
        channels = int.from_bytes(head[10:12], order, signed=True)
        if version in _REVISIONS and 0 < channels < 1000:
            return True
    return path.suffix.lower() == ".acq"


@reader(name="biopac_acq", title="Biopac AcqKnowledge (.acq)", suffixes=(".acq",), sniff=_sniff)
def read_biopac_acq(
    path: Path,
    *,
    person: str,
    channels: Mapping[str, str] | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    segment: int | None = None,
) -> Recording:
    """Read an AcqKnowledge file; needs ``pip install 'syntony[biopac]'``.

    Parameters
    ----------
    path : Path
    person : str
        Whose channels they are. A file that holds two people is read once for each, with
        ``channels``.
    channels : mapping of label to kind, or sequence of labels, optional
        Channels to read, and what each measures. By default all, by their labels.
    units : mapping of label to unit, optional
        Goes before the unit in the file: an RSP100C says Volts, a transducer may say nothing.
    segment : int, optional
        Which part (from 1) of a recording that was stopped and continued. It must be given where
        the file does not say how long the pause was: the samples lie behind one another there as
        if there had been none.

    Returns
    -------
    Recording
        Every channel at its own rate. Where the marks of segments carry their dates (version 4.4
        and later) the pauses between segments are missing samples on the true axis, and
        ``started_at`` is the date of the first, in UTC. Events ``marker`` hold every mark,
        ``marker_...`` those of one text.

    Raises
    ------
    FileError
        A damaged or cut-off file, more samples than the file can hold, segments without dates
        and no ``segment``, no unit.
    MissingPackage
        Without ``bioread``.

    Notes
    -----
    Files of AcqKnowledge 2 to 5 are read, compressed or not, as far as ``bioread`` knows them.
    """
    path = Path(path)
    acq = open_acq(path)
    labels = distinct([c.name for c in acq.channels])
    kinds = chosen(path, labels, channels)
    parts, told = _parts(path, acq, segment)
    signals, notes = to_signals(
        path, _channels(acq, labels, kinds, parts), person=person, kinds=kinds, units=units
    )
    times, texts = _marks(acq, parts)
    events, more = to_markers(path, times, texts, person=person)
    started = parts[0].started_at
    return Recording(
        signals=signals,
        events=events,
        started_at=started,
        started_at_error_s=0.0005 if started else float("nan"),
        clock=str(path),
        notes=(*told, *notes, *more),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch without a pause: samples [first, stop) of the base rate, and its first second."""

    first: int
    stop: int
    begins_s: float
    started_at: datetime | None


def _parts(path: Path, acq: AcqFile, segment: int | None) -> tuple[list[Part], list[Note]]:
    """Segments of a recording on the true axis; refuses a pause that nobody can tell."""
    begins = [m for m in acq.marks if m.kind == "apnd" or _SEGMENT.fullmatch(m.text.strip())]
    begins = sorted((m for m in begins if 0 <= m.sample < acq.samples), key=lambda m: m.sample)
    edges = sorted({0, *(m.sample for m in begins)})
    dates = [next((m.made_at for m in begins if m.sample == e and m.made_at), None) for e in edges]
    stops = [*edges[1:], acq.samples]
    if segment is not None:
        if not 1 <= segment <= len(edges):
            raise InputError("segment", segment, f"1 to {len(edges)}, the segments of {path.name}")
        at = segment - 1
        one = Part(first=edges[at], stop=stops[at], begins_s=0.0, started_at=dates[at])
        return [one], [_note(path, f"Segment {segment} of {len(edges)} is read.")]
    if len(edges) == 1:
        return [Part(first=0, stop=stops[0], begins_s=0.0, started_at=dates[0])], []
    seconds = [(d - dates[0]).total_seconds() if d and dates[0] else math.nan for d in dates]
    pauses = [
        seconds[i + 1] - seconds[i] - (stops[i] - edges[i]) / acq.rate_hz
        for i in range(len(edges) - 1)
    ]
    if not all(-1.0 <= p <= _LONGEST_PAUSE_S for p in pauses) or (
        seconds[-1] * acq.rate_hz > MOST_EMPTY * acq.samples
    ):
        raise Asked(
            path,
            f"{len(edges)} segments, the second from sample {edges[1]:,} on, with pauses between "
            "that the file does not tell",
            "one segment",
            f"Pass segment, 1 to {len(edges)}.",
            option="segment",
            choices=range(1, len(edges) + 1),
        )
    parts = [
        Part(first=a, stop=b, begins_s=s, started_at=d)
        for a, b, s, d in zip(edges, stops, seconds, dates, strict=True)
    ]
    told = ", ".join(f"{p:.3g} s" for p in pauses)
    return parts, [_note(path, f"{len(edges)} segments; pauses of {told} are missing samples.")]


def _note(path: Path, text: str) -> Note:
    """Say what became of the segments."""
    return Note(path.name, "segments", text)


def _channels(
    acq: AcqFile, labels: Sequence[str], kinds: Mapping[str, str], parts: Sequence[Part]
) -> Iterator[Channel]:
    """Wanted channels one by one, laid on the axis."""
    for label, c in zip(labels, acq.channels, strict=True):
        if label in kinds:
            rate = acq.rate_hz / c.divider
            first = -(-parts[0].first // c.divider)
            late = (first * c.divider - parts[0].first) / acq.rate_hz
            yield Channel(
                label=label,
                values=_lay(c.values(), c.divider, rate, parts),
                rate_hz=rate,
                start_s=late,
                unit=c.unit,
            )


def _lay(values: Array, divider: int, rate_hz: float, parts: Sequence[Part]) -> Array:
    """Samples of the parts on one axis, NaN in the pauses."""
    cut = [values[-(-p.first // divider) : -(-p.stop // divider)] for p in parts]
    if len(parts) == 1:
        return cut[0]
    places = [round(p.begins_s * rate_hz) for p in parts]
    out = np.full(max(at + len(v) for at, v in zip(places, cut, strict=True)), np.nan)
    for at, piece in zip(places, cut, strict=True):
        out[at : at + len(piece)] = piece
    return out


def _marks(acq: AcqFile, parts: Sequence[Part]) -> tuple[list[float], list[str]]:
    """Times (s) and texts of the marks inside the parts that are read."""
    times, texts = [], []
    for mark in acq.marks:
        for p in parts:
            if p.first <= mark.sample < p.stop or mark.sample == p.stop == acq.samples:
                times.append(p.begins_s + (mark.sample - p.first) / acq.rate_hz)
                texts.append(mark.text.strip() or mark.kind.strip())
    return times, texts
