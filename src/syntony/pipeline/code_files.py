"""The code tables of a study, and the book they are held to."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.core.session import Session
from syntony.io.codes.book import CodeBook, code_books, read_code_book
from syntony.io.codes.checks import check_codes
from syntony.io.codes.kept import PHASES as PHASES
from syntony.io.codes.kept import read_code_table as read_code_table
from syntony.io.codes.value import place
from syntony.io.study import Study
from syntony.io.study_write import extent_of

BOOK = "codes/book.toml"


def book_of(root: Path) -> CodeBook | None:
    """Code book of a study: the one that study.toml names, else ``codes/book.toml``, else none.

    ``code_book`` in study.toml is a file of the study or the name of a book that comes with
    the program.

    Raises
    ------
    FileError
        If the book named is not there or cannot be read.
    """
    said = tomllib.loads((root / "study.toml").read_text(encoding="utf-8-sig"))
    named = said.get("code_book")
    if named is None:
        return read_code_book(root / BOOK) if (root / BOOK).is_file() else None
    if not isinstance(named, str) or not named:
        found = f"code_book = {named!r}"
        raise FileError(root / "study.toml", found, "a file or a book's name", column="code_book")
    return read_code_book(named if named in code_books() else root / named)


def span_of(session: Session) -> tuple[float, float]:
    """Begin and end of a session (s): zero, or a recording that began before."""
    first, last = extent_of(session.signals, session.events)
    return min(0.0, first), last


def notes_on_codes(study: Study, session: Session, book: CodeBook | None) -> Iterator[Note]:
    """Hold the code tables of one session to the book, and their coders to their names."""
    for path in sorted((study.root / "codes").glob(f"{session.id}_*.tsv")):
        coder = path.stem.partition("_")[2]
        if coder == PHASES:
            continue
        events = read_code_table(path)
        for event in events:
            if event.coder and event.coder != coder:
                text = f"The coder {event.coder!r} in the table of {coder!r}: whose codes are they?"
                yield Note(place(path, event), "coder-differs", text)
        yield from check_codes(path, events, book=book, span_s=span_of(session), wants_coder=False)


def strays(study: Study) -> Iterator[Path]:
    """Code tables of sessions that the study does not have."""
    known = {row.id for row in study.sessions}
    for path in sorted((study.root / "codes").glob("*.tsv")):
        if path.stem.partition("_")[0] not in known:
            yield path
