"""What is wrong with codes, said by file and line; nothing is left out or mended."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from syntony.core.notes import Note
from syntony.io.codes.book import CodeBook
from syntony.io.codes.value import CodeEvent, place

SLACK_S = 1e-3  # coding programs round to milliseconds
_EDGE_S = 1.0


def check_codes(
    path: Path | str,
    events: Iterable[CodeEvent],
    *,
    book: CodeBook | None = None,
    span_s: tuple[float, float] | None = None,
    wants_coder: bool = True,
) -> tuple[Note, ...]:
    """Look for codes that cannot be right.

    Parameters
    ----------
    path : path
        File the events are from, for naming it.
    events : iterable of CodeEvent
    book : CodeBook, optional
        Without it, nothing is said about the codes themselves and about overlaps.
    span_s : tuple of float, optional
        Begin and end of the session on the clock of the events (s).
    wants_coder : bool, default True
        Whether an event without a coder is worth a note.

    Returns
    -------
    tuple of Note
        One each for: a code outside the book, two exclusive codes that overlap, an event
        outside the session or over its edge by more than a second, a missing coder, a missing
        person where the code is about one, an event without code or of unknown length, the
        same event twice, and coders whose names differ in blanks and capitals only.
        Each names file and line.

    Examples
    --------
    >>> from syntony.io.codes.book import read_code_book
    >>> wrong = CodeEvent(onset_s=1.0, duration_s=2.0, code="smile", person="P", line=3)
    >>> check_codes("a.tsv", [wrong], book=read_code_book("three_valence"))[0].where
    'a.tsv, line 3'
    """
    path, given = Path(path), tuple(events)
    notes = [n for e in given for n in _of_one(path, e, book, span_s, wants_coder)]
    notes += _twice(path, given)
    notes += _alike(path, given)
    if book is not None:
        notes += _overlaps(path, given, book)
    return tuple(notes)


def _of_one(
    path: Path,
    event: CodeEvent,
    book: CodeBook | None,
    span_s: tuple[float, float] | None,
    wants_coder: bool,
) -> Iterator[Note]:
    """What is wrong with one event by itself."""
    where, name = place(path, event), _name(event)
    if not event.code:
        yield Note(where, "no-code", f"An event at {event.onset_s:g} s holds no code.")
    elif book is not None and event.code not in book:
        yield Note(where, "code-outside-book", f"{name}: the book {book.title!r} has no such code.")
    if math.isnan(event.duration_s):
        yield Note(where, "no-stop", f"{name} has no stop.")
    if wants_coder and not event.coder:
        yield Note(where, "no-coder", f"{name}: nobody is named as its coder.")
    is_about_one = book is not None and event.code in book and book[event.code].about == "person"
    if is_about_one and not event.person:
        yield Note(where, "no-person", f"{name} is about one person and names nobody.")
    if span_s is not None:
        start, stop = span_s
        end = event.onset_s if math.isnan(event.duration_s) else event.stop_s
        session = f"the session, {start:g} to {stop:g} s"
        if event.onset_s >= stop or end < start:
            yield Note(where, "code-outside-session", f"{name} lies outside {session}.")
        elif event.onset_s < start - _EDGE_S or end > stop + _EDGE_S:
            yield Note(where, "code-over-edge", f"{name} reaches out of {session}.")


def _name(event: CodeEvent) -> str:
    """Code, times and person of an event, in words."""
    end = "?" if math.isnan(event.duration_s) else f"{event.stop_s:g}"
    who = f" of {event.person}" if event.person else ""
    return f"{event.code!r}{who} at {event.onset_s:g} to {end} s"


def _twice(path: Path, events: Sequence[CodeEvent]) -> Iterator[Note]:
    """Events that stand there twice."""
    seen: dict[tuple[object, ...], CodeEvent] = {}
    for e in events:
        length = None if math.isnan(e.duration_s) else e.duration_s
        key = (e.onset_s, length, e.code, e.person, e.coder, e.tier, e.modifier, e.session)
        if key in seen:
            text = f"{_name(e)} stands there twice: first in {place(path, seen[key])}."
            yield Note(place(path, e), "code-twice", text)
        seen.setdefault(key, e)


def _alike(path: Path, events: Sequence[CodeEvent]) -> Iterator[Note]:
    """Coders who may be one, written in two ways."""
    spelt: dict[str, CodeEvent] = {}
    told: set[str] = set()
    for e in events:
        first = spelt.setdefault("".join(e.coder.lower().split()), e)
        if e.coder != first.coder and e.coder not in told:
            told.add(e.coder)
            text = f"The coder {e.coder!r} is called {first.coder!r} in {place(path, first)}."
            yield Note(place(path, e), "coders-alike", text)


def _overlaps(path: Path, events: Sequence[CodeEvent], book: CodeBook) -> Iterator[Note]:
    """Exclusive codes of one person (or dyad) by one coder that overlap."""
    groups: dict[tuple[str, ...], list[CodeEvent]] = {}
    for e in events:
        if e.code in book and book[e.code].exclusive:
            about = book[e.code].about
            who = (e.person or e.tier) if about == "person" else ""
            groups.setdefault((e.session, e.coder, about, who), []).append(e)
    for (_, coder, _, _), members in groups.items():
        longest: CodeEvent | None = None
        for e in sorted(members, key=lambda e: e.onset_s):
            if longest is not None and e.onset_s < longest.stop_s - SLACK_S:
                by = f" (coder {coder})" if coder else ""
                text = f"{_name(e)} overlaps with {_name(longest)} in {place(path, longest)}{by}."
                yield Note(place(path, e), "codes-overlap", text)
            if longest is None or not e.stop_s <= longest.stop_s:
                longest = e if not math.isnan(e.duration_s) else longest
