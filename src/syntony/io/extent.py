"""How long a session lasts, without reading what was recorded: rows are counted, not parsed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from syntony.core.errors import FileError
from syntony.io.bids import EVENTS, PHYSIO, read_physioevents, read_sidecar
from syntony.io.study import Study, input_files
from syntony.io.text import read_gzip

_Seen = tuple[tuple[str, int, int], ...]


def session_span(study: Study, session: str) -> tuple[float, float]:
    """Begin and end of a session (s), as ``load_session`` holds codes to them.

    The begin is zero, or a recording that began before. Counted once for the same files.

    Raises
    ------
    FileError
        For a recording that cannot be read.
    """
    files = [p for p in input_files(study, session) if p.parts[-3].startswith("ses-")]
    return _span(tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files))


@lru_cache(maxsize=256)
def _span(seen: _Seen) -> tuple[float, float]:
    """Span of recordings in this very state."""
    starts, stops = [0.0], []
    for path in (Path(name) for name, _, _ in seen):
        if path.name.endswith(EVENTS):
            events = read_physioevents(path, person=path.parts[-4].removeprefix("sub-"))
            if events.times_s.size:
                starts.append(float(events.times_s[0]))
                stops.append(float(events.times_s[-1]))
        elif path.name.endswith(PHYSIO):
            start, stop = _physio_span(path)
            starts.append(start)
            stops.append(stop)
    return min(starts), max(stops, default=0.0)


def _physio_span(path: Path) -> tuple[float, float]:
    """First and last second of a table of signals."""
    said = read_sidecar(path)
    try:
        start, rate_hz = float(said["StartTime"]), float(said["SamplingFrequency"])
        if not rate_hz > 0:
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise FileError(
            path.with_name(path.name.removesuffix(".tsv.gz") + ".json"),
            "no StartTime or SamplingFrequency",
            "both as numbers",
        ) from None
    held = read_gzip(path)
    rows = held.count(b"\n") + (bool(held) and not held.endswith(b"\n"))
    return start, start + rows / rate_hz
