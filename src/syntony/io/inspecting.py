"""What is in a file: people or devices, channels, rates, start, length, gaps, oddities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.io.channels import Asked, kind_of
from syntony.io.layout import find_layout
from syntony.io.registry import Reader, read, reader_for
from syntony.io.text import read_lines

_NOBODY = "?"
_NONE = "zz_none_of_this_name"  # a channel that no file has
_MOST_ASKED = 600
_MOST_PARTS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFound:
    """One channel: its label, what it measures, and its figures; empty or NaN where unknown."""

    label: str
    kind: str
    unit: str
    rate_hz: float
    start_s: float
    length_s: float
    samples: int
    missing: float
    gaps: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsFound:
    """Moments of one kind."""

    kind: str
    count: int
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFound:
    """One device or segment, or all of a file (no name); what must be passed to read it."""

    name: str
    option: str
    started_at: datetime | None
    started_at_error_s: float
    clock: str
    channels: tuple[ChannelFound, ...]
    events: tuple[EventsFound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a file holds and what will be asked when it is read.

    Attributes
    ----------
    path : Path
    format, title : str
        Name of the reader, and of the format in words.
    parts : tuple of PartFound
        One for each device or segment that is read apart.
    asks : tuple of str
        What the file does not say and a caller must.
    notes : tuple of Note
        Oddities.
    """

    path: Path
    format: str
    title: str
    parts: tuple[PartFound, ...]
    asks: tuple[str, ...]
    notes: tuple[Note, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as JSON takes them; NaN becomes None."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def inspect_file(path: Path | str, *, format: str = "", **options: Any) -> Inspection:
    r"""Look into a recording without knowing anything of it.

    Parameters
    ----------
    path : path
    format : str, optional
        Name of a reader; without it the content decides.
    **options
        What is known already: handed to the reader.

    Returns
    -------
    Inspection
        Values are read, in the file's own unit where none is known (``1``).

    Raises
    ------
    FileError
        For a file that no reader knows, or that is damaged.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "p01.txt"
    ...     _ = file.write_text("812\n805\n790\n" * 20)
    ...     found = inspect_file(file)
    >>> found.format, found.parts[0].events[0].count
    ('rr_list', 60)
    """
    path = Path(path)
    entry = reader_for(path, format, options)
    asks: dict[str, None] = {}
    notes: dict[Note, None] = {}
    parts: list[PartFound] = []
    waiting: list[tuple[str, dict[str, Any]]] = [("", dict(options))]
    while waiting:
        option, known = waiting.pop(0)
        try:
            labels = _labels(path, entry, known)
            recording, asked = _read(path, entry, known)
        except Asked as error:
            if error.option in known or len(error.choices) > _MOST_PARTS:
                raise
            asks[f"{error.option}: {error.found} ({error.hint})"] = None
            waiting += [(error.option, known | {error.option: c}) for c in error.choices]
            continue
        except FileError as error:
            left = [o for o in _facts(entry) if o not in known]
            if not left:
                raise
            asks |= dict.fromkeys([f"{', '.join(left)}: {error.found} ({error.hint})"])
            parts += _of_table(path, entry)
            continue
        asks |= dict.fromkeys(asked)
        notes |= dict.fromkeys(recording.notes)
        parts.append(_part(recording, labels, option, str(known.get(option, ""))))
    return Inspection(
        path=path,
        format=entry.name,
        title=entry.title,
        parts=tuple(parts),
        asks=tuple(asks),
        notes=tuple(notes),
    )


def _facts(entry: Reader) -> list[str]:
    """Options of a reader that have no default."""
    return [k for k, p in entry.options.items() if p.default is p.empty]


def _labels(path: Path, entry: Reader, known: Mapping[str, Any]) -> list[str]:
    """Names of the channels in the file; none where the reader takes none."""
    if "channels" not in entry.options:
        return []
    if known.get("channels"):
        return list(known["channels"])
    try:
        read(path, person=_NOBODY, format=entry.name, **(dict(known) | {"channels": [_NONE]}))
    except Asked as error:
        if error.option == "channels":
            return [str(c) for c in error.choices]
        raise
    return []


def _read(path: Path, entry: Reader, known: Mapping[str, Any]) -> tuple[Recording, list[str]]:
    """Read, with '1' for every unit that is asked for; also what was asked."""
    units = dict(known.get("units") or {})
    asked: list[str] = []
    while True:
        own = dict(known) | ({"units": units} if units else {})
        try:
            return read(path, person=_NOBODY, format=entry.name, **own), asked
        except Asked as error:
            if error.option != "units" or len(asked) > _MOST_ASKED:
                raise
            asked.append(f"units: {error.found} ({error.hint})")
            units |= {str(c): "1" for c in error.choices}


def _part(recording: Recording, labels: Sequence[str], option: str, name: str) -> PartFound:
    """Figures of one recording."""
    return PartFound(
        name=name,
        option=option,
        started_at=recording.started_at,
        started_at_error_s=recording.started_at_error_s,
        clock=recording.clock,
        channels=tuple(
            _channel(s, n)
            for s, n in zip(recording.signals, _named(recording.signals, labels), strict=True)
        ),
        events=tuple(_events(e) for e in recording.events),
    )


def _named(signals: Sequence[Signal], labels: Sequence[str]) -> list[str]:
    """Label of each signal: in order, less the channels that became events."""
    if len(labels) == len(signals):
        return list(labels)
    left, out = list(labels), []
    for signal in signals:
        at = next((i for i, n in enumerate(left) if kind_of(n) == signal.kind), None)
        out.append("" if at is None else left[at])
        left = left if at is None else left[at + 1 :]
    return out


def _channel(signal: Signal, label: str) -> ChannelFound:
    """Figures of one signal."""
    there = np.isfinite(signal.values)
    edges = np.diff(np.concatenate([[True], there, [True]]).astype(np.int8))
    return ChannelFound(
        label=label,
        kind=signal.kind,
        unit=signal.unit,
        rate_hz=signal.rate_hz,
        start_s=signal.start_s,
        length_s=signal.stop_s - signal.start_s,
        samples=int(signal.values.size),
        missing=1.0 - signal.valid_share,
        gaps=int((edges == -1).sum()),
        low=float(signal.values[there].min()) if there.any() else float("nan"),
        high=float(signal.values[there].max()) if there.any() else float("nan"),
    )


def _events(events: Events) -> EventsFound:
    """Count and span of moments."""
    times = events.times_s
    nothing = not times.size
    return EventsFound(
        kind=events.kind,
        count=int(times.size),
        first_s=float("nan") if nothing else float(times[0]),
        last_s=float("nan") if nothing else float(times[-1]),
    )


def _of_table(path: Path, entry: Reader) -> list[PartFound]:
    """Columns and rows of a text table whose kind and unit nobody named yet."""
    if not entry.general:
        return []
    lines = read_lines(path)
    layout = find_layout(path, lines)
    rows = len(lines) - layout.first
    rate = layout.rate_hz or float("nan")
    channels = tuple(
        ChannelFound(
            label=name,
            kind=kind_of(name),
            unit="",
            rate_hz=rate,
            start_s=float("nan"),
            length_s=rows / rate,
            samples=rows,
            missing=float("nan"),
            gaps=0,
            low=float("nan"),
            high=float("nan"),
        )
        for name in layout.columns
    )
    return [
        PartFound(
            name="",
            option="",
            started_at=layout.started_at,
            started_at_error_s=0.5 if layout.started_at else float("nan"),
            clock=str(path),
            channels=channels,
            events=(),
        )
    ]


def _plain(value: Any) -> Any:
    """Value as JSON takes it."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and value != value:
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
