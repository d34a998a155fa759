"""The files of one session, read and put on one clock, by the rules of an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syntony.align.clocks import Placed, place
from syntony.align.common import Common
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.io.registry import read, reader_for
from syntony.pipeline.import_plan import PlannedSession, Source
from syntony.pipeline.naming import Entry
from syntony.pipeline.reader_options import typed

STAMPS_DIFFER_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How files become sessions; the arguments of `import_files`, which explains them."""

    pattern: str = ""
    map_file: Path | None = None
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    type: str = ""
    roles: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    column: str = ""
    time_column: str = ""
    kind: str = ""
    unit: str = ""
    rate_hz: float | None = None
    format: str = ""
    offsets_s: Mapping[str, float] = field(default_factory=dict)
    together: bool = False
    common: Common | None = None
    latencies_s: Mapping[str, float] = field(default_factory=dict)
    zone: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        if bool(self.pattern) == (self.map_file is not None):
            raise InputError("pattern", self.pattern, "a pattern or a map file, one of them")
        if self.zone:
            _zone(self.zone)


def read_session(planned: PlannedSession, rules: Rules) -> dict[str, list[Recording]]:
    """Read the files of a session, by person, in the order of its sources."""
    recordings: dict[str, list[Recording]] = {p.id: [] for p in planned.people}
    for source in planned.sources:
        recordings[source.person].append(_read_source(source, rules))
    return recordings


def _read_source(source: Source, rules: Rules) -> Recording:
    """Read one file; a start stamp in its name counts where the file has none."""
    entry = source.entry
    told = {
        "kind": rules.kind,
        "unit": rules.unit,
        "rate_hz": rules.rate_hz,
        "column": rules.columns.get(entry.role, rules.column),
        "time_column": rules.time_column,
        "format": rules.format,
        **rules.settings.get("", {}),
        **rules.settings.get(entry.role, {}),
        **entry.options,
    }
    options: dict[str, Any] = {k: v for k, v in told.items() if v not in ("", None)}
    if "rate_hz" in options:
        options["rate_hz"] = _rate(entry, options["rate_hz"])
    known = reader_for(entry.path, str(options.pop("format", "")), options)
    said = typed(known.options, options)
    recording = read(entry.path, person=source.person, format=known.name, **said)
    notes = (*recording.notes, *_stamps_differ(source, recording))
    stamp, error_s = recording.started_at, recording.started_at_error_s
    if stamp is None:
        stamp, error_s = entry.started_at, entry.started_at_error_s
    if stamp is not None and stamp.tzinfo is None and rules.zone:
        stamp = stamp.replace(tzinfo=_zone(rules.zone))
    return replace(recording, started_at=stamp, started_at_error_s=error_s, notes=notes)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError("zone", name, "a time zone such as 'Europe/Warsaw'") from None


def _rate(entry: Entry, told: object) -> float:
    try:
        return float(str(told).replace(",", "."))
    except ValueError:
        raise InputError("rate_hz", told, f"samples per second of {entry.path.name}") from None


def _stamps_differ(source: Source, recording: Recording) -> list[Note]:
    """Whether the start stamps of a file and of its name disagree; the file's counts."""
    stamp, named = recording.started_at, source.entry.started_at
    if stamp is None or named is None:
        return []
    away = (stamp.replace(tzinfo=None) - named).total_seconds()
    if abs(away) <= STAMPS_DIFFER_S + source.entry.started_at_error_s:
        return []
    text = f"'{source.entry.path.name}' says in itself that it began {away:+.0f} s from what its "
    return [Note(source.person, "stamps-differ", text + "name says; the file itself counts.")]


def place_session(
    planned: PlannedSession, recordings: Mapping[str, Sequence[Recording]], rules: Rules
) -> Placed:
    """Put a session on one clock by what map file and rules say."""
    told: dict[str, list[float | None]] = {p.id: [] for p in planned.people}
    roles = {p.id: p.role for p in planned.people}
    for source in planned.sources:
        given = source.entry.offset_s
        told[source.person].append(
            rules.offsets_s.get(roles[source.person]) if given is None else given
        )
    values = [v for given in told.values() for v in given]
    offsets = {p: [v for v in given if v is not None] for p, given in told.items()}
    if any(v is None for v in values) and any(v is not None for v in values):
        lacking = sorted(p for p, given in told.items() if None in given)
        raise InputError("offset_s", f"none for {', '.join(lacking)}", "one for each file, or none")
    return place(
        recordings,
        offsets_s=offsets if values[0] is not None else None,
        together=rules.together,
        common=rules.common,
        latencies_s={
            p: rules.latencies_s[role] for p, role in roles.items() if role in rules.latencies_s
        },
    )
