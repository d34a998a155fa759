"""Speech: turns in RTTM, and transcripts as Whisper and its kin write them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.codes.registry import code_reader
from syntony.io.codes.source import (
    Peek,
    by_onset,
    event_at,
    note_at,
    read_text,
    seconds_in,
    tiers_of,
)
from syntony.io.codes.value import CodeEvent, CodeFile
from syntony.io.text import split_lines

SPEECH = "speech"
_TIMED = {
    "SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT",
    "IP", "SU", "CB", "A/P", "SPEAKER",
}  # fmt: skip
_UNTIMED = {"SPKR-INFO"}
_NOTHING = "<NA>"


def _is_rttm(peek: Peek) -> bool:
    """Claim lines that begin with a type of RTTM and have nine or ten fields."""
    lines = [x.split() for x in peek.text.splitlines() if x.strip() and not x.startswith(";;")]
    first = lines[0] if lines else []
    return len(first) in {9, 10} and first[0] in _TIMED | _UNTIMED


@code_reader(
    name="rttm",
    title="RTTM speech turns",
    suffixes=(".rttm",),
    sniff=_is_rttm,
    source="NIST's Rich Transcription Time Marked format, on made files",
)
def read_rttm(path: Path) -> CodeFile:
    """Read who spoke when: one event per line with times.

    ``SPEAKER`` becomes the code ``speech``, another type its name in small letters; the
    speaker is person and tier, the file it was cut from the session.

    Raises
    ------
    FileError
        With the line: a number of fields that is not RTTM's, an unknown type, a time that is
        none, a negative duration.
    """
    text, notes = read_text(path)
    events = []
    for line, row in enumerate(split_lines(path, text), start=1):
        cells = row.split()
        if not cells or row.startswith(";;"):
            continue
        if len(cells) not in {9, 10} or cells[0] not in _TIMED | _UNTIMED:
            found = f"{len(cells)} fields that begin with {cells[0][:20]!r}"
            raise FileError(path, found, "nine or ten, the first a type of RTTM", line=line)
        kind, session, _, start, length, words, _, who = cells[:8]
        if kind in _UNTIMED:
            notes.append(note_at(path, line, "no-time", f"{kind} of {who!r} has no times."))
            continue
        person = "" if who == _NOTHING else who
        onset = seconds_in(path, start, line=line, column="start")
        no_length = length == _NOTHING
        events.append(
            event_at(
                path,
                line=line,
                onset_s=onset,
                duration_s=0.0
                if no_length
                else seconds_in(path, length, line=line, column="duration"),
                code=SPEECH if kind == "SPEAKER" else kind.lower(),
                person=person,
                tier=person,
                comment="" if words == _NOTHING else words,
                session=session,
            )
        )
    ordered = by_onset(events)
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(notes))


def _is_whisper(peek: Peek) -> bool:
    """Claim JSON with segments."""
    text = peek.text.lstrip()
    if not text.startswith(("{", "[")) or '"observations"' in text:
        return False
    named = '"segments"' in text or '"transcription"' in text or text.startswith("[")
    long = len(peek.head) >= 16_384  # of a long text the segments may come after the look
    timed = ('"start"' in text and '"end"' in text) or '"offsets"' in text
    return (named and timed) or (long and text.startswith('{"text"'))


@code_reader(
    name="whisper",
    title="Whisper-style JSON transcript",
    suffixes=(".json",),
    sniff=_is_whisper,
    source="the layouts of openai-whisper (segments), of tools that add a speaker to them, and "
    "of whisper.cpp (transcription, milliseconds), on made files",
)
def read_whisper(path: Path) -> CodeFile:
    """Read a transcript: one event ``speech`` per segment, its words as the comment.

    Where segments name a ``speaker``, that is person and tier.

    Raises
    ------
    FileError
        Naming the segment: no sound JSON, no segments, a time that is none, a stop before
        its start.
    """
    text, notes = read_text(path)
    try:
        said = json.loads(text)
    except json.JSONDecodeError as error:
        hint = "Is the file cut off?"
        raise FileError(path, error.msg, "JSON", hint, line=error.lineno) from error
    except RecursionError as error:
        raise FileError(path, "JSON nested without end", "a transcript") from error
    events = list(_segments(path, said))
    ordered = by_onset(events)
    nobody = sum(not e.person for e in events)
    if nobody:
        text = f"{nobody} of {len(events)} segments name no speaker."
        notes.append(Note(path.name, "no-person", text))
    return CodeFile(path=path, events=ordered, tiers=tiers_of(ordered), notes=tuple(notes))


def _segments(path: Path, said: Any) -> Iterator[CodeEvent]:
    """Segments of any of the layouts, as events."""
    cpp = isinstance(said, dict) and isinstance(said.get("transcription"), list)
    parts = said if isinstance(said, list) else None
    if isinstance(said, dict):
        parts = said["transcription"] if cpp else said.get("segments")
    if not isinstance(parts, list):
        raise FileError(path, "JSON without segments", "a list named segments or transcription")
    for i, part in enumerate(parts, start=1):
        element = f"segment {i}"
        if not isinstance(part, Mapping):
            raise FileError(
                path, f"{part!r}"[:60] + f" ({element})", "a segment with start and end"
            )
        times = part.get("offsets") if cpp else part
        names = ("from", "to") if cpp else ("start", "end")
        start, stop = (_number(path, times, n, element) / (1000 if cpp else 1) for n in names)
        person = part.get("speaker") or ""
        yield event_at(
            path,
            element=element,
            onset_s=start,
            stop_s=stop,
            code=SPEECH,
            person=str(person),
            tier=str(person),
            comment=str(part.get("text", "")),
        )


def _number(path: Path, said: Any, name: str, element: str) -> float:
    """Time in a segment."""
    value = said.get(name) if isinstance(said, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FileError(path, f"{name} = {value!r} ({element})"[:80], "a number")
    return float(value)
