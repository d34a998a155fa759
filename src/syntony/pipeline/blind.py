"""Clips coded in the app by somebody who does not know their class, nor the session they are of.

Each coder's codes of a set are one sheet, ``derivatives/syntony/<set>/codes/<coder>.csv``, as
``syntony clips --read`` takes it. A clip is saved whole; its revision is that of its own lines.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from syntony.core.errors import FileError, InputError
from syntony.core.session import Person
from syntony.core.sheets import for_sheet, from_sheet
from syntony.io.codes.book import CodeBook, read_code_book
from syntony.io.codes.kept import check_coder, refuse_stale, refuse_wrong
from syntony.io.codes.value import CodeEvent
from syntony.io.lasting import alone, write_lasting
from syntony.io.media import Media, media_of
from syntony.io.study import Study, open_study
from syntony.link.clips import DYAD, Clip
from syntony.pipeline.clip_codes import read_key
from syntony.pipeline.clips import KEY, TO_FILL
from syntony.pipeline.code_files import book_of
from syntony.pipeline.coding import USUAL, Film, films_of, keys_of

COLUMNS = (*TO_FILL, "comment")
Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipList:
    """A set as a coder may see it: its name, the clips by number, those with codes of theirs."""

    name: str
    numbers: tuple[int, ...]
    coded: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSheet:
    """One clip as its coder sees it; second 0 is the beginning of the clip.

    ``core_s`` is what will count of it. ``people`` are known by their roles only, and ``films``
    by their numbers: file names and the commands that convert them would tell the session.
    """

    set: str
    number: int
    numbers: tuple[int, ...]
    people: tuple[Person, ...]
    length_s: float
    core_s: tuple[float, float]
    films: tuple[Film, ...]
    book: CodeBook
    keys: dict[str, str]
    events: tuple[CodeEvent, ...]
    revision: str


def clip_lists(
    study: Path, coder: str, *, may_open: Callable[[str], bool] = lambda session: True
) -> list[ClipList]:
    """Every set of the study, with the clips of sessions that the coder may open."""
    opened = open_study(study, recordings=False)
    found = []
    for folder in sorted(p.parent for p in _home(opened.root).glob(f"*/{KEY}")):
        numbers = tuple(c.number for c in read_key(folder) if may_open(c.session))
        rows = _read(folder, coder) if coder else []
        coded = {int(r["clip"]) for r in rows if r["code"]}
        if numbers:
            have = tuple(n for n in numbers if n in coded)
            found.append(ClipList(name=folder.name, numbers=numbers, coded=have))
    return found


def clip_sheet(
    study: Path,
    name: str,
    number: int,
    coder: str,
    *,
    may_open: Callable[[str], bool] = lambda session: True,
) -> ClipSheet:
    """Gather what a coder needs for one clip; nothing of it tells the class.

    Raises
    ------
    InputError
        For a set or clip that there is not, or that is of a session not assigned.
    """
    opened = open_study(study, recordings=False)
    folder, clips, clip = _find(opened, name, number, may_open)
    book = blind_book(opened.root)
    films = tuple(
        replace(f, name="", remedy="", offset_s=round(f.offset_s + clip.start_s, 6))
        for f in films_of(opened, clip.session)
    )
    rows = [r for r in _read(folder, coder) if r["clip"] == str(number)]
    return ClipSheet(
        set=folder.name,
        number=clip.number,
        numbers=tuple(c.number for c in clips),
        people=_roles(opened, clip),
        length_s=round(clip.stop_s - clip.start_s, 3),
        core_s=(
            round(clip.core_start_s - clip.start_s, 3),
            round(clip.core_stop_s - clip.start_s, 3),
        ),
        films=films,
        book=book,
        keys=keys_of(book),
        events=tuple(_event(folder, coder, r) for r in rows if r["code"]),
        revision=_revision(rows),
    )


def clip_film(
    study: Path,
    name: str,
    number: int,
    film: int,
    *,
    may_open: Callable[[str], bool] = lambda session: True,
) -> Media | None:
    """Find a film of a clip by its number; None where there is none that a browser plays.

    Raises
    ------
    InputError
        For a set or clip that there is not, or that is of a session not assigned.
    """
    opened = open_study(study, recordings=False)
    _, _, clip = _find(opened, name, number, may_open)
    found = media_of(opened, clip.session)
    return found[film] if film < len(found) and found[film].mime else None


def keep_clip_codes(
    study: Path,
    name: str,
    number: int,
    coder: str,
    events: Iterable[CodeEvent],
    *,
    revision: str,
    may_open: Callable[[str], bool] = lambda session: True,
) -> tuple[str, int]:
    """Keep all codes of one clip; give the new revision and their number.

    Raises
    ------
    Conflict
        If the codes of this clip are others than those read.
    InputError
        For what the book does not allow, a point in time, or a time outside of the clip.
    """
    opened = open_study(study, recordings=False)
    folder, _, clip = _find(opened, name, number, may_open)
    made = sorted(events, key=lambda e: (e.onset_s, e.person, e.code))
    points = [e for e in made if not e.duration_s > 0]
    if points:
        raise InputError("codes", f"a point at {points[0].onset_s:g} s", "a stretch of the clip")
    path = sheet_path(folder, coder)
    path.parent.mkdir(exist_ok=True)
    span = (0.0, round(clip.stop_s - clip.start_s, 3))
    outside = [e for e in made if e.onset_s < 0 or e.stop_s > span[1] + 1e-6]
    if outside:
        raise InputError("codes", outside[0].stop_s, f"seconds within the clip, 0 to {span[1]:g}")
    with alone(path.parent):
        rows = _read(folder, coder)
        mine = [r for r in rows if r["clip"] == str(number)]
        refuse_stale("codes", revision, _revision(mine))
        book, people = blind_book(opened.root), _roles(opened, clip)
        refuse_wrong(path, made, (), book, people, span)
        new = [_row(folder.name, number, coder, e) for e in made]
        kept = [r for r in rows if r["clip"] != str(number)] + new
        kept.sort(key=lambda r: (int(r["clip"]), float(r["start_s"] or 0)))
        write_lasting(path, _text(kept))
        return _revision(new), len(new)


def sheet_path(folder: Path, coder: str) -> Path:
    """Where a coder's codes of a set lie."""
    return folder / "codes" / f"{check_coder(coder)}.csv"


def blind_book(root: Path) -> CodeBook:
    """Book for clips: that of the study, else the three valences."""
    return book_of(root) or read_code_book(USUAL)


def _home(root: Path) -> Path:
    return root / "derivatives" / "syntony"


def _find(
    study: Study, name: str, number: int, may_open: Callable[[str], bool]
) -> tuple[Path, list[Clip], Clip]:
    """Folder of a set, the clips that may be opened, and the one asked for."""
    known = {p.parent.name: p.parent for p in _home(study.root).glob(f"*/{KEY}")}
    if name not in known:
        raise InputError("set", name, f"one of {sorted(known)}")
    clips = [c for c in read_key(known[name]) if may_open(c.session)]
    for clip in clips:
        if clip.number == number:
            return known[name], clips, clip
    raise InputError("clip", number, "a clip of the set that is yours to code")


def _roles(study: Study, clip: Clip) -> tuple[Person, ...]:
    """People by their roles: ids would tell the session."""
    roles = dict.fromkeys(p.role for p in study.session(clip.session).people)
    return tuple(Person(id=role, role=role) for role in roles)


def _read(folder: Path, coder: str) -> list[Row]:
    """Lines of a coder's sheet; none where there is no sheet yet."""
    path = sheet_path(folder, coder)
    if not path.is_file():
        return []
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    for line, row in enumerate(rows, start=2):
        if not (row.get("clip") or "").isdecimal() or None in row or set(row) != set(COLUMNS):
            raise FileError(path, "something else", f"columns {list(COLUMNS)}", line=line)
    return [{name: from_sheet(cell) for name, cell in row.items()} for row in rows]


def _row(name: str, number: int, coder: str, e: CodeEvent) -> Row:
    return {
        "set": name,
        "clip": str(number),
        "person": e.person or DYAD,
        "code": e.code,
        "coder": coder,
        "start_s": f"{e.onset_s:.3f}",
        "stop_s": f"{e.stop_s:.3f}",
        "comment": e.comment,
    }


def _event(folder: Path, coder: str, row: Row) -> CodeEvent:
    try:
        start, stop = float(row["start_s"]), float(row["stop_s"])
        return CodeEvent(
            onset_s=start,
            duration_s=stop - start,
            code=row["code"],
            person="" if row["person"] == DYAD else row["person"],
            coder=coder,
            comment=row["comment"],
        )
    except ValueError as error:
        raise FileError(
            sheet_path(folder, coder), str(error), "codes as the app wrote them"
        ) from error


def _revision(rows: Sequence[Row]) -> str:
    return hashlib.sha256(_text(rows).encode()).hexdigest() if rows else ""


def _text(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: for_sheet(cell) for name, cell in row.items()} for row in rows)
    return out.getvalue()
