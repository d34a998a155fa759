"""Transcripts in JSON, as Whisper and its kin write them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.codes.registry import code_reader
from syntony.io.codes.rttm import SPEECH
from syntony.io.codes.source import (
    HEAD_BYTES,
    Peek,
    by_onset,
    event_at,
    read_text,
    tiers_of,
)
from syntony.io.codes.value import CodeEvent, CodeFile


def _is_whisper(peek: Peek) -> bool:
    """Claim JSON with segments."""
    text = peek.text.lstrip()
    if not text.startswith(("{", "[")) or '"observations"' in text:
        return False
    named = '"segments"' in text or '"transcription"' in text or text.startswith("[")
    long = len(peek.head) >= HEAD_BYTES  # of a long text the segments may come after the look
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
