"""RTTM: who spoke when."""

from __future__ import annotations

from pathlib import Path

from syntony.core.errors import FileError
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
from syntony.io.codes.value import CodeFile
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
