"""syntony import-ratings: continuous ratings to a study, planned before anything is written."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.rated import rating_kind
from syntony.core.session import Clock, Person, Session
from syntony.core.signal import Signal
from syntony.io.atomic import recover, staged
from syntony.io.bids import PHYSIO, plain_label, read_physio, write_physio
from syntony.io.hashing import sha256_of
from syntony.io.rating_table import LongRating, LongTable, read_rating_table
from syntony.io.registry import read
from syntony.io.study import SessionRow, Study, create_study, open_study, write_session
from syntony.io.tsv import read_tsv, tsv_text
from syntony.pipeline.originals import is_study

_SOURCES = ("file", "sha256", "bytes")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedRating:
    """One rating and the session of the study it goes to; ``is_there``: it has it already."""

    session: str
    dyad: str
    person: Person
    signal: Signal
    is_there: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatingsPlan:
    """What an import of ratings does.

    Attributes
    ----------
    study : Path
    is_new : bool
        Whether the study is made by it, of the ratings alone.
    roles : tuple of str
    ratings : tuple of PlacedRating
    originals : tuple of Path
    type, title : str
        Of the sessions and of a study that is made.
    clock_error_s : float or None
        Of its people.
    notes : tuple of Note
    done : bool
    """

    study: Path
    is_new: bool
    roles: tuple[str, ...]
    ratings: tuple[PlacedRating, ...]
    originals: tuple[Path, ...]
    type: str = ""
    title: str = ""
    clock_error_s: float | None = None
    notes: tuple[Note, ...] = field(default=())
    done: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The plan in words."""
        new = [r for r in self.ratings if not r.is_there]
        counts = Counter((r.person.role, r.signal.kind) for r in self.ratings)
        told = [f"{n} of the {role}: {kind}" for (role, kind), n in sorted(counts.items())]
        told += [
            f"{r.session} {r.person.id} ({r.person.role}): {r.signal.kind}, "
            f"{r.signal.values.size} samples at {r.signal.rate_hz:g} Hz from "
            f"{r.signal.start_s:g} s, {100 * (1 - r.signal.valid_share):.1f} % missing"
            f"{' (there already)' if r.is_there else ''}"
            for r in self.ratings
        ]
        told += [f"note: {n.where}: {n.text}" for n in self.notes]
        there = len(self.ratings) - len(new)
        done = "written" if self.done else "to write; nothing written"
        return (*told, f"{len(new)} ratings {done}" + (f", {there} there already" if there else ""))

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "study": str(self.study),
            "is_new": self.is_new,
            "roles": list(self.roles),
            "ratings": [
                {
                    "session": r.session,
                    "dyad": r.dyad,
                    "person": r.person.id,
                    "role": r.person.role,
                    "kind": r.signal.kind,
                    "rate_hz": r.signal.rate_hz,
                    "start_s": r.signal.start_s,
                    "samples": int(r.signal.values.size),
                    "missing": 1 - r.signal.valid_share,
                    "state": "there" if r.is_there else "new",
                }
                for r in self.ratings
            ],
            "notes": [asdict(n) for n in self.notes],
            "done": self.done,
        }


def import_ratings(
    sources: Iterable[Path | str],
    study: Path | str,
    *,
    what: str,
    rater: str = "self",
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    session: str = "",
    about: str = "",
    time_unit_s: float = 1.0,
    offset_s: float = 0.0,
    unit: str = "1",
    clock_error_s: float | None = None,
    type: str = "",
    title: str = "",
    format: str = "",
    options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    on_plan: Callable[[RatingsPlan], None] = lambda plan: None,
) -> RatingsPlan:
    """Bring continuous ratings into a study; nothing is ever written over.

    A rating becomes a signal of the person it is about, of the kind ``<what>_by_<rater>``. All
    are written, or none; originals are kept in ``sourcedata/ratings`` with their SHA-256.

    Parameters
    ----------
    sources : iterable of path
        With ``columns``: long tables, a row a moment and person. Else one rating a file (CARMA,
        DARMA, or a table that ``options`` describe), all of one session and person.
    study : path
        With ``columns`` it is made where it is not there, of the ratings alone.
    what : str
        What was rated, such as ``"valence"``.
    rater : str, default "self"
        ``self``, the role or id of another person of the session, or an outside rater's name;
        where no column says it.
    columns : mapping of str to str, optional
        See :class:`syntony.io.rating_table.LongTable`.
    values : mapping of str to str, optional
        What the cells of the column ``role`` mean; its order is that of the roles of a new study.
    session, about : str
        Without ``columns``: session of the study, and id or role of the person rated.
    time_unit_s, offset_s : float
        Session time is the file's time in this unit, and ``offset_s`` added.
    unit : str, default "1"
        Of the values; ``"1"``: points of a scale.
    clock_error_s : float, optional
        In a study that is made: by how much each person's time may be off (s). 0 where both rated
        one video, whose clock is theirs. Without it nobody knows, and no leader is named.
    type, title : str, optional
        Of the sessions, and the title, of a study that is made.
    format, options
        Without ``columns``: handed to the reader (see its page), such as ``column`` and
        ``time_column``.
    dry_run : bool
    on_plan : callable, optional
        Gets the plan before anything is written.

    Returns
    -------
    RatingsPlan

    Raises
    ------
    InputError
        If it is not said of whom, or a session or person is not in the study.
    FileError
        With file and line: what the reader refuses; another rating of this kind that is there.
    """
    root, files = Path(study), [Path(s) for s in sources]
    old = open_study(root) if is_study(root) else None
    if not dry_run and old is not None:
        recover(root)
    if columns:
        layout = LongTable(
            columns=columns,
            roles=values or {},
            what=what,
            rater=rater,
            time_unit_s=time_unit_s,
            offset_s=offset_s,
            unit=unit,
        )
        found = [r for f in files for r in read_rating_table(f, layout)]
        placed = _placed(old, found)
        notes = [n for r in found for n in r.notes]
    else:
        if old is None or not (session and about):
            raise InputError(
                "columns, session",
                {"columns": columns, "session": session, "about": about, "study": str(root)},
                "columns of a long table, or a session of a study that is there, and about whom",
            )
        facts = {"what": what, "rater": rater, "unit": unit, "time_unit_s": time_unit_s}
        placed, notes = _one_by_one(
            old, files, session, about, offset_s, format, options or {}, facts
        )
    roles = old.roles if old else _new_roles(placed, values or {})
    plan = RatingsPlan(
        study=root,
        is_new=old is None,
        roles=tuple(roles),
        ratings=tuple(_marked(old, r) for r in placed),
        originals=tuple(files),
        type=type,
        title=title or root.resolve().name,
        clock_error_s=clock_error_s,
        notes=tuple(notes),
    )
    on_plan(plan)
    return plan if dry_run else _carry_out(plan, old)


def keep_rating(study: Study, session: str, signal: Signal, original: Path) -> RatingsPlan:
    """Keep one rating of a session as a signal of the person it is about.

    Parameters
    ----------
    study : Study
    session : str
    signal : Signal
        Of a person of the session, of the kind ``<what>_by_<rater>``, on the session clock.
    original : Path
        File it was made from; copied to ``sourcedata/ratings``.

    Raises
    ------
    FileError
        If another rating of this kind is there: nothing is ever written over.
    InputError
        For a session or person that is not in the study.
    """
    row = study.session(session)
    placed = PlacedRating(
        session=row.id, dyad=row.dyad, person=_person(row, signal.person), signal=signal
    )
    recover(study.root)
    plan = RatingsPlan(
        study=study.root,
        is_new=False,
        roles=study.roles,
        ratings=(_marked(study, placed),),
        originals=(original,),
    )
    return _carry_out(plan, study)


def rating_path(study: Study, session: str, person: str, kind: str) -> Path | None:
    """Where a rating of this kind lies in the study; None where there is none."""
    folder = study.root / f"sub-{person}" / f"ses-{session}"
    label = f"_recording-{plain_label(kind, 'rating')}{PHYSIO}"
    return next(iter(sorted(folder.glob(f"*/*{label}"))), None)


def _new_roles(placed: Sequence[PlacedRating], values: Mapping[str, str]) -> list[str]:
    """Roles of a study that is made: as the map has them, else sorted."""
    told = list(dict.fromkeys(values.values()))
    return told or sorted({r.person.role for r in placed})


def _placed(old: Study | None, found: Sequence[LongRating]) -> list[PlacedRating]:
    """Where each rating of a long table belongs."""
    if old is None:
        return [_in_new(r) for r in found]
    placed = []
    for rating in found:
        row = _row_of(old, rating)
        who = rating.person if any(p.id == rating.person for p in row.people) else rating.role
        person = _person(row, who)
        signal = replace(rating.signal, person=person.id)
        placed.append(PlacedRating(session=row.id, dyad=row.dyad, person=person, signal=signal))
    return placed


def _in_new(rating: LongRating) -> PlacedRating:
    """Names in a study that is made of the ratings."""
    dyad = plain_label(rating.dyad, "") or plain_label(rating.session, "")
    dyad = f"d{dyad}" if dyad.isdigit() else dyad
    session = plain_label(rating.session, "") or f"{dyad}s01"
    person = plain_label(rating.person, "") or f"{plain_label(rating.role, 'person')}{dyad}"
    return PlacedRating(
        session=session,
        dyad=dyad,
        person=Person(id=person, role=rating.role),
        signal=replace(rating.signal, person=person),
    )


def _row_of(old: Study, rating: LongRating) -> SessionRow:
    """Session of the study that a row of the table means, by session, else by dyad."""
    if rating.session:
        return old.session(plain_label(rating.session, rating.session))
    names = {rating.dyad, f"d{plain_label(rating.dyad, '')}"}
    fits = [row for row in old.sessions if row.dyad in names]
    if len(fits) != 1:
        raise InputError(
            "dyad",
            rating.dyad,
            f"a dyad with one session in the study; it has {[r.id for r in fits] or 'none'}",
            "Name the column of the session.",
        )
    return fits[0]


def _person(row: SessionRow, who: str) -> Person:
    """Person of a session by id or role."""
    fits = [p for p in row.people if who == p.id] or [p for p in row.people if who == p.role]
    if len(fits) != 1:
        known = [f"{p.id} ({p.role})" for p in row.people]
        raise InputError("about", who, f"one person of session {row.id}, {known}")
    return fits[0]


def _one_by_one(
    old: Study,
    files: Sequence[Path],
    session: str,
    about: str,
    offset_s: float,
    format: str,
    options: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> tuple[list[PlacedRating], list[Note]]:
    """Ratings of one session and person, one file each."""
    row = old.session(session)
    person = _person(row, about)
    kind = rating_kind(facts["what"], facts["rater"])
    placed, notes = [], []
    for path in files:
        given = {"kind": kind, **options}
        if format in ("", "delimited") and "unit" not in given and not _is_carma(path, format):
            given["unit"] = facts["unit"]
        recording = read(path, person=person.id, format=format, **given)
        notes += list(recording.notes)
        for signal in recording.signals:
            scale = facts["time_unit_s"]
            laid = replace(
                signal,
                rate_hz=signal.rate_hz / scale,
                start_s=signal.start_s * scale + offset_s,
            )
            placed.append(PlacedRating(session=row.id, dyad=row.dyad, person=person, signal=laid))
    twice = [k for k, n in Counter(r.signal.kind for r in placed).items() if n > 1]
    if twice:
        raise InputError("sources", twice, "one file for each kind of rating")
    return placed, notes


def _is_carma(path: Path, format: str) -> bool:
    """Whether a file says its own unit: those of CARMA do."""
    from syntony.io.registry import find_reader

    return (format or find_reader(path).name) == "carma_rating"


def _stem(root: Path, row_type: str, rating: PlacedRating) -> Path:
    """Where a rating lies in the study, without the ending."""
    folder = root / f"sub-{rating.person.id}" / f"ses-{rating.session}" / "beh"
    task, label = plain_label(row_type, "therapy"), plain_label(rating.signal.kind, "rating")
    return folder / f"sub-{rating.person.id}_ses-{rating.session}_task-{task}_recording-{label}"


def _marked(old: Study | None, rating: PlacedRating) -> PlacedRating:
    """The same, marked where the study has it; refuses another rating under its name."""
    if old is None:
        return rating
    path = rating_path(old, rating.session, rating.person.id, rating.signal.kind)
    if path is not None:
        there = read_physio(path, person=rating.person.id)[0]
        same = (there.rate_hz, there.start_s, there.kind) == (
            rating.signal.rate_hz,
            rating.signal.start_s,
            rating.signal.kind,
        ) and np.array_equal(there.values, rating.signal.values, equal_nan=True)
        if not same:
            raise FileError(
                path,
                f"another rating of the kind {rating.signal.kind!r}",
                "a rating that is not there yet",
                "Ratings are never written over: name another rater, or move the old one away.",
            )
        return replace(rating, is_there=True)
    return rating


def _carry_out(plan: RatingsPlan, old: Study | None) -> RatingsPlan:
    """Write the ratings that are new, and keep the originals."""
    new = [r for r in plan.ratings if not r.is_there]
    if not new:
        return replace(plan, done=True)
    if old is None:
        _make_study(plan)
        new = []
    types = {row.id: row.type for row in old.sessions} if old else {}
    with staged(plan.study) as stage:
        for rating in new:
            kind_of_session = types[rating.session]
            stem = _stem(stage, kind_of_session, rating)
            stem.parent.mkdir(parents=True, exist_ok=True)
            task = kind_of_session or plain_label(kind_of_session, "therapy")
            write_physio(stem, rating.signal, task=task, note="continuous rating")
        _keep_originals(plan, stage)
    return replace(plan, done=True)


def _make_study(plan: RatingsPlan) -> None:
    """Make a study of ratings alone; a session that only one person rated is refused by name."""
    create_study(plan.study, title=plan.title, roles=plan.roles)
    clock = None
    if plan.clock_error_s is not None:
        source = "the video that was rated, as stated at import"
        clock = Clock(offset_s=0.0, error_s=plan.clock_error_s, source=source)
    by_session: dict[str, list[PlacedRating]] = {}
    for rating in plan.ratings:
        by_session.setdefault(rating.session, []).append(rating)
    for name, ratings in by_session.items():
        people = sorted(
            {r.person.id: r.person for r in ratings}.values(),
            key=lambda p: plan.roles.index(p.role),
        )
        write_session(
            plan.study,
            Session(
                id=name,
                dyad=ratings[0].dyad,
                type=plan.type,
                people=tuple(people),
                signals=tuple(r.signal for r in ratings),
                clocks={} if clock is None else {p.id: clock for p in people},
            ),
        )


def _keep_originals(plan: RatingsPlan, stage: Path) -> None:
    """Copy the originals once, with their fingerprints."""
    folder = Path("sourcedata") / "ratings"
    path = plan.study / folder / "sources.tsv"
    rows = [dict(r.cells) for r in read_tsv(path, _SOURCES)[1]] if path.is_file() else []
    kept = {str(r["sha256"]): str(r["file"]) for r in rows}
    (stage / folder).mkdir(parents=True, exist_ok=True)
    for original in plan.originals:
        sha = sha256_of(original)
        if sha in kept:
            continue
        name = original.name
        while name in {*kept.values(), "sources.tsv"}:
            name = f"x{name}"
        shutil.copy2(original, stage / folder / name)
        kept[sha] = name
        rows.append({"file": name, "sha256": sha, "bytes": str(original.stat().st_size)})
    (stage / folder / "sources.tsv").write_text(tsv_text(_SOURCES, rows), encoding="utf-8")
