"""States that are written as a start and a stop, made whole."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.codes.source import event_at, note_at
from syntony.io.codes.value import CodeEvent

Mark = Literal["start", "stop", "point", "toggle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One row of a log: a start, a stop, a point, or a toggle (start and stop in turn).

    ``key`` says which starts and stops belong together; ``said`` is what the event will say;
    ``length_s`` is the duration that the row itself gives, NaN where it gives none.
    """

    time_s: float
    mark: Mark
    key: tuple[str, ...]
    said: dict[str, Any] = field(default_factory=dict)
    line: int = 0
    length_s: float = math.nan


def pair_states(path: Path, moments: Iterable[Moment]) -> tuple[list[CodeEvent], list[Note]]:
    """Join every start with the next stop of the same key.

    A start that has no stop (and no duration of its own) stays as an event of unknown length
    (NaN) with a note; a stop without a start is refused.

    Raises
    ------
    FileError
        With the line: a stop without a start, a start while the same state is on, a stop
        before its start.
    """
    events: list[CodeEvent] = []
    open_: dict[tuple[str, ...], Moment] = {}
    for moment in moments:
        begun = open_.get(moment.key)
        mark = moment.mark
        if mark == "toggle":
            mark = "stop" if begun else "start"
        if mark == "point":
            events.append(_event(path, moment, 0.0))
        elif mark == "start":
            if begun and math.isnan(begun.length_s):
                found = f"a start of {_name(moment)} that began in line {begun.line} already"
                raise FileError(path, found, "its stop first", "Mend it.", line=moment.line or None)
            if begun:
                events.append(_event(path, begun, begun.length_s))
            open_[moment.key] = moment
        elif begun is None:
            found = f"a stop of {_name(moment)} at {moment.time_s:g} s"
            raise FileError(
                path, found, "its start before it", "Mend it.", line=moment.line or None
            )
        else:
            events.append(_closed(path, open_.pop(moment.key), moment))
    notes = []
    for begun in open_.values():
        events.append(_event(path, begun, begun.length_s))
        if math.isnan(begun.length_s):
            text = f"{_name(begun)} begins at {begun.time_s:g} s and has no stop."
            element = begun.said.get("element", "")
            notes.append(note_at(path, begun.line, "no-stop", text, element))
    return events, notes


def _closed(path: Path, begun: Moment, stop: Moment) -> CodeEvent:
    """Event from a start and its stop; comments of both are kept."""
    comments = [m.said.get("comment", "") for m in (begun, stop)]
    said = {**begun.said, "comment": "\n".join(dict.fromkeys(c for c in comments if c))}
    return event_at(
        path, line=begun.line, onset_s=begun.time_s, stop_s=stop.time_s, below_zero=True, **said
    )


def _event(path: Path, moment: Moment, length_s: float) -> CodeEvent:
    return event_at(
        path,
        line=moment.line,
        onset_s=moment.time_s,
        duration_s=length_s,
        below_zero=True,
        **moment.said,
    )


def _name(moment: Moment) -> str:
    who = moment.said.get("person", "")
    return repr(moment.said.get("code", "")) + (f" of {who}" if who else "")
