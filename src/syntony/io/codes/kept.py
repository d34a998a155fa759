"""One coder's codes of a session, kept in the study while they are made.

``codes/<session>_<coder>.tsv`` is the truth and is always written whole. Its fingerprint is the
revision: who saves says which one was read, so that of two windows the later cannot write over
the earlier without being told. ``codes/<session>_<coder>.json`` beside it says by which book, and
whether the coder is done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from syntony.core.errors import Conflict, FileError, InputError
from syntony.core.notes import Note
from syntony.core.session import Person
from syntony.io.codes.book import CodeBook
from syntony.io.codes.checks import check_codes
from syntony.io.codes.source import event_at
from syntony.io.codes.value import CodeEvent
from syntony.io.hashing import sha256_of
from syntony.io.lasting import alone, write_lasting
from syntony.io.study_write import PHASES as PHASES
from syntony.io.study_write import hide_from_bids
from syntony.io.tsv import read_tsv, tsv_text

COLUMNS = ("onset", "duration", "person", "code", "coder", "tier", "modifier", "comment")
MOST_EVENTS = 20_000
LONGEST_COMMENT = 2_000
_REFUSED = frozenset(
    {"no-code", "no-stop", "no-person", "code-outside-book", "code-outside-session"}
    | {"codes-overlap", "code-twice"}
)
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a coder is with a session; stamps are ISO 8601 in UTC, empty for never.

    ``compared_at``: when the coder first saw these codes beside those of another;
    ``reopened_at``: when codes that were finished were last taken up again.
    """

    book: str = ""
    finished_at: str = ""
    compared_at: str = ""
    reopened_at: str = ""

    @property
    def is_finished(self) -> bool:
        """Claim that the coder is done."""
        return bool(self.finished_at)

    @property
    def is_independent(self) -> bool:
        """Claim that nothing was changed after another's codes had been seen."""
        return not (self.compared_at and self.reopened_at > self.compared_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCodes:
    """Codes of one coder as they lie on the disk; ``revision`` is empty where there are none."""

    session: str
    coder: str
    events: tuple[CodeEvent, ...] = ()
    revision: str = ""
    standing: Standing = Standing()


def check_coder(coder: str) -> str:
    """Give the coder's name back if it can be part of a file name.

    Raises
    ------
    InputError
        If it holds anything but letters, digits, '.', '+', '-', or is ``phases``.

    Examples
    --------
    >>> check_coder("kim")
    'kim'
    """
    if not _WORD.fullmatch(coder) or coder == PHASES:
        raise InputError("coder", coder, "letters, digits, '.', '+', '-', at most 64")
    return coder


def codes_path(root: Path, session: str, coder: str) -> Path:
    """Where the codes of a coder lie."""
    return root / "codes" / f"{session}_{check_coder(coder)}.tsv"


def coders_in(root: Path, session: str) -> list[str]:
    """Everybody whose codes of the session are kept, by name."""
    found = (p.stem.partition("_")[2] for p in (root / "codes").glob(f"{session}_*.tsv"))
    return sorted(c for c in found if c != PHASES)


def read_code_table(path: Path) -> tuple[CodeEvent, ...]:
    """Read a table of the folder ``codes`` as events with their lines.

    Raises
    ------
    FileError
        With line and column, for what is no such table.
    """
    _, rows = read_tsv(path, ["onset", "duration", "person", "code"])
    texts = ("code", "person", "coder", "tier", "modifier", "comment")
    return tuple(
        event_at(
            path,
            line=row.line,
            onset_s=row.number("onset"),
            duration_s=row.number("duration", missing=0.0),
            below_zero=True,
            **{k: row.text(k) for k in texts},
        )
        for row in rows
    )


def read_kept(root: Path, session: str, coder: str, *, people: Sequence[Person] = ()) -> KeptCodes:
    """Read the codes of one coder; nobody else's are looked at.

    A role in the column of people becomes the id of the one of ``people`` who has it, so that
    codes are read as a session reads them.

    Raises
    ------
    FileError
        With line and column, for a table that cannot be read.
    """
    path = codes_path(root, session, coder)
    standing = read_standing(root, session, coder)
    if not path.is_file():
        return KeptCodes(session=session, coder=coder, standing=standing)
    revision = sha256_of(path)
    roles = {p.role: p.id for p in people if sum(q.role == p.role for q in people) == 1}
    roles |= {p.id: p.id for p in people} | {f"sub-{p.id}": p.id for p in people}
    events = tuple(
        replace(e, person=roles.get(e.person, e.person), coder=coder, line=0)
        for e in read_code_table(path)
    )
    return KeptCodes(
        session=session, coder=coder, events=events, revision=revision, standing=standing
    )


def save_kept(
    root: Path,
    session: str,
    coder: str,
    events: Iterable[CodeEvent],
    *,
    revision: str,
    book: CodeBook,
    people: Sequence[Person],
    span_s: tuple[float, float],
) -> KeptCodes:
    """Write all codes of one coder: whole, on the disk when this returns, or not at all.

    Parameters
    ----------
    root : Path
        Of the study.
    session, coder : str
    events : iterable of CodeEvent
        Seconds on the session clock, ids of people; nobody is named for what is about all.
    revision : str
        Of the codes that these were made from; empty where there were none.
    book : CodeBook
    people : sequence of Person
        Of the session.
    span_s : tuple of float
        Begin and end of the session (s).

    Returns
    -------
    KeptCodes
        With the new revision.

    Raises
    ------
    Conflict
        If the codes on the disk are others than those read.
    InputError
        For what the book, the session or its people do not allow: a code outside the book or
        session, two exclusive codes that overlap, a stranger. What the table on the disk has
        already is not refused again, so that an imported one can be mended bit by bit.
    """
    made = [replace(e, coder=coder, line=0, element="") for e in events]
    made.sort(key=lambda e: (e.onset_s, e.person, e.code))
    path = codes_path(root, session, coder)
    path.parent.mkdir(exist_ok=True)
    hide_from_bids(root, "codes")
    with alone(path.parent):
        old = read_kept(root, session, coder, people=people)
        refuse_stale("codes", revision, old.revision)
        if old.standing.is_finished:
            hint = "Take them up again first."
            raise InputError("codes", "codes that are finished", "codes that are not", hint)
        refuse_wrong(path, made, old.events, book, people, span_s)
        write_lasting(path, tsv_text(COLUMNS, [row_of(e) for e in made]))
        standing = old.standing
        if not standing.book and book.name:
            standing = _write_standing(root, session, coder, replace(standing, book=book.name))
        return KeptCodes(
            session=session,
            coder=coder,
            events=tuple(made),
            revision=sha256_of(path),
            standing=standing,
        )


def row_of(event: CodeEvent) -> dict[str, object]:
    """One row of a table of codes."""
    texts = {k: getattr(event, k) for k in COLUMNS[2:]}
    return {"onset": event.onset_s, "duration": event.duration_s, **texts}


def refuse_stale(what: str, revision: str, there: str) -> None:
    """Refuse to write over what was changed since it was read.

    Raises
    ------
    Conflict
    """
    if revision != there:
        raise Conflict(
            "revision",
            revision[:12] or "none",
            f"{there[:12] or 'none'}, as on the disk",
            f"These {what} were changed in another window or program since they were opened here. "
            "Nothing was overwritten.",
        )


def refuse_wrong(
    path: Path,
    events: Sequence[CodeEvent],
    before: Sequence[CodeEvent],
    book: CodeBook,
    people: Sequence[Person],
    span_s: tuple[float, float],
) -> None:
    """Raise for the first thing wrong with codes that was not wrong before."""
    if len(events) > MOST_EVENTS:
        raise InputError("codes", f"{len(events)} codes", f"at most {MOST_EVENTS}")
    known = {"", *(p.id for p in people)}
    longest_s = span_s[1] - span_s[0] + 1.0
    for k, event in enumerate(events):
        if event.person not in known:
            raise InputError(f"codes.{k}.person", event.person, f"one of {sorted(known - {''})}")
        if event.code in book and book[event.code].about == "dyad" and event.person:
            raise InputError(f"codes.{k}.person", event.person, "nobody: it is about the dyad")
        if len(event.comment) > LONGEST_COMMENT:
            found = f"{len(event.comment)} characters"
            raise InputError(f"codes.{k}.comment", found, f"at most {LONGEST_COMMENT}")
        if event.duration_s > longest_s:
            raise InputError(f"codes.{k}", f"{event.duration_s:g} s", f"at most {longest_s:g} s")
    old = {n.text for n in _problems(path, before, book, span_s)}
    new = [n for n in _problems(path, events, book, span_s) if n.text not in old]
    if new:
        more = f" (and {len(new) - 1} more)" if len(new) > 1 else ""
        raise InputError("codes", f"{new[0].text.rstrip('.')}{more}", "codes that the book allows")


def _problems(
    path: Path, events: Sequence[CodeEvent], book: CodeBook, span_s: tuple[float, float]
) -> list[Note]:
    """What may not be in a table that was made here."""
    plain = sorted((replace(e, line=0, coder="") for e in events), key=lambda e: e.onset_s)
    found = check_codes(path, plain, book=book, span_s=span_s, wants_coder=False)
    return [n for n in found if n.code in _REFUSED]


def read_standing(root: Path, session: str, coder: str) -> Standing:
    """How far a coder is; where nothing is said, nothing but the codes is known.

    Raises
    ------
    FileError
        For a file that says something else.
    """
    path = codes_path(root, session, coder).with_suffix(".json")
    if not path.is_file():
        return Standing()
    try:
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if not all(isinstance(v, str) for v in said.values()):
            raise TypeError
        return Standing(**said)
    except (ValueError, TypeError, AttributeError, RecursionError):
        hint = "Mend the file, or delete it: the codes stay."
        fields = [*asdict(Standing())]
        raise FileError(path, "something else", f"JSON with texts for {fields}", hint) from None


def finish_codes(root: Path, session: str, coder: str, *, revision: str) -> KeptCodes:
    """Call the codes finished: from here they may be compared, and are no longer changed.

    Raises
    ------
    Conflict
        If the codes on the disk are others than those read.
    InputError
        If there are none.
    """
    if not codes_path(root, session, coder).is_file():
        raise InputError("coder", coder, "a coder with codes of this session")
    with alone(root / "codes"):
        kept = read_kept(root, session, coder)
        refuse_stale("codes", revision, kept.revision)
        standing = replace(kept.standing, finished_at=kept.standing.finished_at or _now())
        _write_standing(root, session, coder, standing)
        return replace(kept, standing=standing)


def reopen_codes(root: Path, session: str, coder: str) -> KeptCodes:
    """Take finished codes up again; that they had been compared by then stays on record."""
    if not codes_path(root, session, coder).is_file():
        raise InputError("coder", coder, "a coder with codes of this session")
    with alone(root / "codes"):
        kept = read_kept(root, session, coder)
        standing = replace(kept.standing, finished_at="", reopened_at=_now())
        _write_standing(root, session, coder, standing)
        return replace(kept, standing=standing)


def note_comparison(root: Path, session: str, coder: str) -> None:
    """Write down, once, that a coder saw the codes of another."""
    standing = read_standing(root, session, coder)
    if codes_path(root, session, coder).is_file() and not standing.compared_at:
        _write_standing(root, session, coder, replace(standing, compared_at=_now()))


def _write_standing(root: Path, session: str, coder: str, standing: Standing) -> Standing:
    path = codes_path(root, session, coder).with_suffix(".json")
    write_lasting(path, json.dumps(asdict(standing), indent=2) + "\n")
    return standing


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
