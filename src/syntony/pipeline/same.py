"""The same recording under two names: found and said; as both people of a session, left out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.notes import Note
from syntony.core.recording import Recording
from syntony.pipeline.import_plan import PlannedSession

MIN_VALUES = 32
CODE = "same-recording"


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """Where a recording stands: session, file; of a file with several, person and column."""

    session: str
    file: str
    column: str = ""
    person: str = ""

    def __str__(self) -> str:
        return f"'{self.file}'" + (f" (column {self.column})" if self.column else "")


@dataclass(slots=True)
class SameRecordings:
    """Collects fingerprints while sessions are planned, then marks those that share one.

    ``there`` holds, for each session that the study has already, file name to SHA-256.
    """

    there: Mapping[str, Mapping[str, str]]
    _bytes: dict[str, dict[Seen, None]] = field(default_factory=dict)
    _samples: dict[str, dict[Seen, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for session, files in self.there.items():
            for file, sha in files.items():
                self._bytes.setdefault(sha, {})[Seen(session, file)] = None

    def see(self, planned: PlannedSession, recordings: Mapping[str, Sequence[Recording]]) -> None:
        """Remember the files of a session and what they hold."""
        left = {person: list(given) for person, given in recordings.items()}
        for source in planned.sources:
            name = source.entry.path.name
            self._bytes.setdefault(source.sha256, {})[Seen(planned.id, name)] = None
            seen = Seen(planned.id, name, source.entry.options.get("column", ""), source.person)
            for digest in contents(left[source.person].pop(0)):
                self._samples.setdefault(digest, {})[seen] = None

    def mark(self, sessions: Sequence[PlannedSession]) -> list[PlannedSession]:
        """Add a note to every session that holds a recording which stands elsewhere too."""
        notes = self.notes()
        return [replace(s, notes=(*s.notes, *notes.get(s.id, []))) for s in sessions]

    def notes(self) -> dict[str, list[Note]]:
        """Say for every session which of its recordings stand elsewhere too."""
        pairs: dict[tuple[str, str, str], list[tuple[Seen, Seen]]] = {}
        known = set()
        for how, groups in (("bytes", self._bytes), ("samples", self._samples)):
            for same in groups.values():
                for a, b in permutations(sorted(same), 2):
                    if a.session == b.session and b < a:
                        continue  # within a session once is enough
                    names = (a.session, a.file, b.session, b.file)
                    if names in known and a.file != b.file:
                        continue
                    known.add(names)
                    pairs.setdefault((a.session, b.session, how), []).append((a, b))
        notes: dict[str, list[Note]] = {}
        for (session, other, how), found in pairs.items():
            notes.setdefault(session, []).append(_note(session, other, how, found))
        return notes


def why_twins(notes: Iterable[Note]) -> str:
    """Say why a session cannot be used in which both people's compared signal is one recording.

    Empty where ``notes`` of its preparation say nothing of the kind. A perfect correlation at
    lag zero would swamp the mean of any number of dyads.

    Examples
    --------
    >>> said = why_twins([Note("d1/eda", "same-recording", "P1 and T1 have the same values.")])
    >>> said.partition(" Give")[0]
    "P1 and T1 have the same values. Two people cannot share one recording: the session is left \
out of every index, and its people are nobody's strangers."
    >>> why_twins([])
    ''
    """
    told = [note.text for note in notes if note.code == CODE]
    if not told:
        return ""
    return (
        f"{told[0]} Two people cannot share one recording: the session is left out of every index, "
        "and its people are nobody's strangers. Give each person their own file, then run again."
    )


def contents(recording: Recording) -> list[str]:
    """Fingerprints of what a recording holds, whatever its file looks like.

    One for each channel that varies and has at least 32 values; person, names and start
    stamps do not enter.
    """
    arrays = [s.values for s in recording.signals]
    arrays += [e.times_s if e.values is None else e.values for e in recording.events]
    return [_digest(a) for a in arrays if _is_telling(a)]


def _is_telling(values: Array) -> bool:
    there = values[np.isfinite(values)]
    return there.size >= MIN_VALUES and bool(np.ptp(there) > 0)


def _digest(values: Array) -> str:
    clean = np.where(np.isnan(values), np.nan, values) + 0.0  # one NaN, one zero
    return hashlib.sha256(np.ascontiguousarray(clean).tobytes()).hexdigest()


def _note(session: str, other: str, how: str, found: Sequence[tuple[Seen, Seen]]) -> Note:
    names = "; ".join(f"{a} = {b}" for a, b in found)
    if session != other:
        text = f"Holds the same {how} as session {other}: {names}. One recording stands under two "
        text += "names; both are kept. Leave both out of a contrast between them."
    else:
        text = f"Holds the same {how} twice: {names}. Two people cannot share one recording, and "
        text += "synchrony between equal signals means nothing."
    return Note(session, CODE, text)
