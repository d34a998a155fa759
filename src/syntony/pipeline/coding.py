"""What a coder needs to code a session, and the way of their codes into the study.

A coder is given nothing but their own codes: no signal, no synchrony, nobody else's codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

from syntony.core.errors import InputError
from syntony.core.session import Person
from syntony.io.codes.book import CodeBook, code_books, read_code_book
from syntony.io.codes.kept import KeptCodes, read_kept, read_standing, save_kept
from syntony.io.codes.value import CodeEvent
from syntony.io.extent import session_span
from syntony.io.media import media_of
from syntony.io.study import Study, open_study
from syntony.io.video import frame_rate
from syntony.pipeline.code_files import book_of

USUAL = "three_valence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A recording to be watched; session second 0 is its second ``offset_s``.

    ``number`` is its place among the media of the session. Where a browser does not play it,
    ``trouble`` says why and ``remedy`` is the command that makes a file which it plays.
    ``rate_hz`` are the frames a second that the file tells; None where it does not.
    """

    name: str
    number: int
    offset_s: float
    rate_hz: float | None = None
    plays: bool = True
    trouble: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything that the coder of one session is shown.

    Attributes
    ----------
    session, study : str
        Id, and the title of the study.
    simulated : bool
    people : tuple of Person
    start_s, stop_s : float
        Of the session (s).
    films : tuple of Film
        None: the clock alone.
    book : CodeBook
    keys : dict of str to str
        Code to the key that gives it; see :func:`keys_of`.
    book_is_fixed : bool
        Whether the study, or what was coded before, has settled the book.
    kept : KeptCodes
        Of this coder.
    """

    session: str
    study: str
    simulated: bool
    people: tuple[Person, ...]
    start_s: float
    stop_s: float
    films: tuple[Film, ...]
    book: CodeBook
    keys: dict[str, str]
    book_is_fixed: bool
    kept: KeptCodes


def coding_sheet(study: Path | Study, session: str, coder: str, *, book: str = "") -> Sheet:
    """Gather what one coder needs for one session.

    Parameters
    ----------
    study : path or Study
    session, coder : str
    book : str, optional
        Name of a book that comes with the program, where study and codes do not settle it.

    Raises
    ------
    InputError
        For a session, coder or book that there is not.
    FileError
        For a table or book that cannot be read.
    """
    opened = study if isinstance(study, Study) else open_study(study, recordings=False)
    row = opened.session(session)
    kept = read_kept(opened.root, session, coder, people=row.people)
    chosen, fixed = book_for(opened.root, session, coder, book)
    start, stop = session_span(opened, session)
    return Sheet(
        session=session,
        study=opened.title,
        simulated=opened.simulated,
        people=row.people,
        start_s=start,
        stop_s=stop,
        films=films_of(opened, session),
        book=chosen,
        keys=keys_of(chosen),
        book_is_fixed=fixed,
        kept=kept,
    )


def keep_codes(
    study: Path | Study,
    session: str,
    coder: str,
    events: Iterable[CodeEvent],
    *,
    revision: str,
    book: str = "",
) -> KeptCodes:
    """Keep all codes that a coder has given; see :func:`syntony.io.codes.kept.save_kept`."""
    opened = study if isinstance(study, Study) else open_study(study, recordings=False)
    row = opened.session(session)
    chosen, _ = book_for(opened.root, session, coder, book)
    return save_kept(
        opened.root,
        session,
        coder,
        events,
        revision=revision,
        book=chosen,
        people=row.people,
        span_s=session_span(opened, session),
    )


def book_for(root: Path, session: str, coder: str, asked: str = "") -> tuple[CodeBook, bool]:
    """Book that a coder codes by, and whether it is settled.

    It is that of the study; else the one by which the coder began; else the one asked for.

    Raises
    ------
    InputError
        For a book that does not come with the program.
    """
    of_study = book_of(root)
    if of_study is not None:
        return of_study, True
    begun = read_standing(root, session, coder).book
    name = begun or asked or USUAL
    known = code_books()
    if name not in known:
        raise InputError("book", name, f"one of {sorted(known)}")
    return read_code_book(name), bool(begun)


def keys_of(book: CodeBook) -> dict[str, str]:
    """One key for each code: the book's own, else a letter of its name that is free.

    Codes beyond the letters of the alphabet have no key and are given by mouse or list.

    Examples
    --------
    >>> keys_of(read_code_book("three_valence"))
    {'positive': 'p', 'neutral': 'n', 'negative': 'm'}
    """
    keys = {c.name: c.key.lower() for c in book.codes if c.key}
    for code in book.codes:
        if code.name not in keys:
            wanted = [*code.name.lower(), *ascii_lowercase]
            free = [x for x in wanted if x in ascii_lowercase and x not in keys.values()]
            if free:
                keys[code.name] = free[0]
    return {c.name: keys[c.name] for c in book.codes if c.name in keys}


def films_of(study: Study, session: str) -> tuple[Film, ...]:
    """Recordings of a session, with their places among its media; some may not play."""
    return tuple(
        Film(
            name=m.path.name,
            number=k,
            offset_s=m.offset_s,
            rate_hz=frame_rate(m.path) if m.mime and m.kind == "video" else None,
            plays=bool(m.mime),
            trouble=m.trouble,
            remedy=m.remedy,
        )
        for k, m in enumerate(media_of(study, session))
    )
