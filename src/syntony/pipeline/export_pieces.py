"""What an export writes of one session: files, rows of its tables, and what is left out."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.session import Session
from syntony.core.signal import Signal
from syntony.io.bids import plain_label
from syntony.io.study import SessionRow, Study

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A file to be: its place in the folder, what it is, and how it is written."""

    place: str
    about: str
    write: Callable[[Path], object]


@dataclass(kw_only=True)
class Pieces:
    """Files of a session or of the study, rows for tables by their file, and notes."""

    files: list[Piece] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def add(self, place: str, about: str, write: Callable[[Path], object]) -> None:
        """Add a file."""
        self.files.append(Piece(place=place, about=about, write=write))

    def row(self, table: str, **cells: object) -> None:
        """Add a row to a table of the study."""
        self.rows.setdefault(table, []).append(cells)

    def left_out(self, where: str, text: str) -> None:
        """Say that something is not in the export, and why."""
        self.notes.append(Note(where, "left-out", text))


STAYS: Mapping[str, str] = {
    "media": "video and audio show people",
    "sourcedata": "originals may name people",
    "derivatives": "runs are made again from the study",
}


def told_what_stays(study: Study, out: Pieces, **more: str) -> None:
    """Say what of the study is not in the export, and why."""
    for name, reason in {**STAYS, **more}.items():
        if (study.root / name).exists():
            out.left_out(name, f"{reason}: it stays in the study.")


OfSession = Callable[[Study, SessionRow, Session], Pieces]
OfStudy = Callable[[Study], Pieces]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One format to leave with: what it is, and what it makes of sessions and of the study."""

    name: str
    title: str
    session: OfSession
    study: OfStudy


def named(session: Session) -> Iterator[tuple[Signal | Events, str]]:
    """Every signal and all events with a plain name, each name once per person."""
    used: Counter[tuple[str, str]] = Counter()
    things: list[Signal | Events] = [*session.signals, *session.events]
    for thing in things:
        label = plain_label(thing.kind, "signal")
        used[thing.person, label] += 1
        count = used[thing.person, label]
        yield thing, label + (str(count) if count > 1 else "")


def role_of(session: Session, person: str) -> str:
    """Role of a person in a session."""
    return next(p.role for p in session.people if p.id == person)


def csv_text(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A table as CSV; numbers read back the same, what is missing is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None or value != value:
        return ""
    return repr(value) if isinstance(value, float) else value


def columns_of(rows: Sequence[Row]) -> list[str]:
    """Columns in the order in which rows name them."""
    return list(dict.fromkeys(name for row in rows for name in row))
