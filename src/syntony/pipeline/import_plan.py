"""What an import would do, or did: sessions, people, parts, clocks, files not used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from syntony.core.errors import SyntonyError
from syntony.core.notes import Note
from syntony.core.session import Person
from syntony.pipeline.naming import Entry

if TYPE_CHECKING:
    from rich.console import Group

State = Literal["new", "there", "left out", "problem"]
_SHOWN = 8  # notes of a code
WORDS: Mapping[State, str] = {
    "new": "to import",
    "there": "already there",
    "left out": "left out",
    "problem": "problem",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file (or one column of it) of one person of a session; ``sha256`` of the file."""

    entry: Entry
    person: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSession:
    """One session of an import.

    Attributes
    ----------
    id, dyad, type, number
        As they will stand in the study.
    people : tuple of Person
        In the order of the study's roles.
    sources : tuple of Source
        In the order of person and time.
    state : {"new", "there", "left out", "problem"}
    why : str
        Why it is left out, or what the problem is.
    error : SyntonyError or None
        The problem itself.
    started_at : datetime or None
        Absolute time of session zero.
    start_difference_s, overlap_s : float
        NaN where the session was not read.
    left_over_s : mapping of person id to float
    parts : mapping of person id to int
    clock_error_s : float
        The largest error that a lag between two of the people carries from the clocks.
    notes : tuple of Note
    """

    id: str
    dyad: str
    type: str
    number: int
    people: tuple[Person, ...]
    sources: tuple[Source, ...]
    state: State = "new"
    why: str = ""
    error: SyntonyError | None = None
    started_at: datetime | None = None
    start_difference_s: float = float("nan")
    overlap_s: float = float("nan")
    left_over_s: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    clock_error_s: float = float("nan")
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would do (``done`` False), or did.

    Attributes
    ----------
    study : Path
    title : str
    roles : tuple of str
    sessions : tuple of PlannedSession
    unused : tuple of (Path, str)
        Files that no session takes, and why.
    later_notes : mapping of session id to tuple of Note
        What this import shows about sessions that the study has already.
    done : bool
    """

    study: Path
    title: str
    roles: tuple[str, ...]
    sessions: tuple[PlannedSession, ...]
    unused: tuple[tuple[Path, str], ...] = ()
    later_notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    done: bool = False

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes of all sessions, those on sessions already there included."""
        own = [note for session in self.sessions for note in session.notes]
        late = [note for given in self.later_notes.values() for note in given]
        return tuple(dict.fromkeys([*own, *late]))

    @property
    def noted(self) -> dict[str, tuple[int, list[str]]]:
        """By code: how many notes there are, and what the first of them say."""
        found = {}
        for code in dict.fromkeys(n.code for n in self.notes):
            same = [n for n in self.notes if n.code == code]
            texts = [f"{n.where}: {n.text}" for n in same[:_SHOWN]]
            more = [f"... and {len(same) - _SHOWN} more"] if len(same) > _SHOWN else []
            found[code] = len(same), [*texts, *more]
        return found

    def having(self, *states: State) -> tuple[PlannedSession, ...]:
        """List the sessions in one of these states."""
        return tuple(s for s in self.sessions if s.state in states)

    @property
    def overlap_by_type(self) -> dict[str, tuple[int, float]]:
        """For each type of session: how many are imported or there, and their overlap in s."""
        out: dict[str, tuple[int, float]] = {}
        for session in self.having("new", "there"):
            count, total = out.get(session.type, (0, 0.0))
            out[session.type] = (count + 1, total + session.overlap_s)
        return out

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values, for ``--json``; missing numbers are None."""
        return {
            "study": str(self.study),
            "roles": list(self.roles),
            "done": self.done,
            "sessions": [_session_json(s) for s in self.sessions],
            "unused": [{"file": str(path), "why": why} for path, why in self.unused],
        }

    def __rich__(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        tables = [_sessions_table(self), *([_unused_table(self)] if self.unused else [])]
        reasons = [f"{WORDS[s.state]} {s.id}: {s.why}" for s in self.sessions if s.why]
        lines = [*reasons, *_note_lines(self), *self.summary]
        return Group(*tables, *[Text(line) for line in lines])

    def __str__(self) -> str:
        from rich.console import Console

        console = Console(width=120, color_system=None)
        with console.capture() as captured:
            console.print(self)
        return captured.get()

    @property
    def summary(self) -> list[str]:
        """A few sentences: what is imported, left out, in trouble, not used."""
        done = "imported" if self.done else "to import"
        lines = []
        for kind, (count, total) in sorted(self.overlap_by_type.items()):
            name = kind or "sessions"
            lines.append(f"{name}: {count} with {total:,.0f} s in which everybody is recorded")
        counts = [f"{len(self.having('new'))} {done}"]
        for state in ("there", "left out", "problem"):
            n = len(self.having(state))
            word = "with problems" if state == "problem" else WORDS[state]
            counts += [f"{n} {word}"] if n else []
        counts += [f"{_files(len(self.unused))} not used"] if self.unused else []
        return [*lines, f"{self.study}: " + ", ".join(counts)]


def _session_json(session: PlannedSession) -> dict[str, Any]:
    def number(value: float) -> float | None:
        return None if math.isnan(value) else round(value, 6)

    return {
        "session": session.id,
        "dyad": session.dyad,
        "type": session.type,
        "number": session.number,
        "people": [{"id": p.id, "role": p.role} for p in session.people],
        "files": [
            {"file": str(s.entry.path), "person": s.person, "sha256": s.sha256}
            for s in session.sources
        ],
        "state": session.state,
        "why": session.why,
        "started_at": session.started_at.isoformat() if session.started_at else None,
        "start_difference_s": number(session.start_difference_s),
        "overlap_s": number(session.overlap_s),
        "left_over_s": {p: number(v) for p, v in session.left_over_s.items()},
        "parts": dict(session.parts),
        "clock_error_s": number(session.clock_error_s),
        "notes": [{"where": n.where, "code": n.code, "text": n.text} for n in session.notes],
    }


def _sessions_table(plan: ImportPlan) -> Any:
    from rich.table import Table

    table = Table(title=f"{plan.title}: {len(plan.sessions)} sessions", title_justify="left")
    for name in ("session", "dyad", "type", "people (parts)"):
        table.add_column(name)
    for name in ("starts differ s", "overlap s", "left over s", "clock error s"):
        table.add_column(name, justify="right")
    table.add_column("state")
    for s in plan.sessions:
        people = ", ".join(f"{p.role} ({s.parts.get(p.id, _files_of(s, p))})" for p in s.people)
        left = " / ".join(f"{s.left_over_s[p.id]:.1f}" for p in s.people if p.id in s.left_over_s)
        state = WORDS[s.state] if not (plan.done and s.state == "new") else "imported"
        table.add_row(
            s.id,
            s.dyad,
            s.type,
            people,
            _figure(s.start_difference_s),
            _figure(s.overlap_s),
            left,
            _figure(s.clock_error_s, unknown="unknown") if s.parts else "",
            state,
        )
    return table


def _unused_table(plan: ImportPlan) -> Any:
    from rich.table import Table

    table = Table(title=f"{_files(len(plan.unused))} not used", title_justify="left")
    table.add_column("file")
    table.add_column("why")
    for path, why in plan.unused:
        table.add_row("/".join(path.parts[-2:]), why)
    return table


def _note_lines(plan: ImportPlan) -> list[str]:
    """List the notes; those that repeat over many sessions are counted."""
    lines = []
    for code, (count, texts) in plan.noted.items():
        lines += [f"note {code}: {count}", *(f"  {text}" for text in texts)]
    return lines


def _files(count: int) -> str:
    return f"{count} file" + "s" * (count != 1)


def _files_of(session: PlannedSession, person: Person) -> int:
    return sum(s.person == person.id for s in session.sources)


def _figure(value: float, unknown: str = "") -> str:
    return unknown if math.isnan(value) else f"{value:,.1f}"
