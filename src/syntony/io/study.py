"""The study folder: open it, check its layout, load its sessions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.session import Answers, Clock, Mark, Person, Session, Span
from syntony.core.signal import Signal
from syntony.io.atomic import is_half_written
from syntony.io.bids import EVENTS, PHYSIO, read_json, read_physio, read_physioevents, sidecars_of
from syntony.io.edits import edits_path, in_force, read_edits
from syntony.io.inferences import FILE as INFERENCES
from syntony.io.study_write import KEYS_OF_ANSWERS as _KEYS
from syntony.io.study_write import PHASES, extent_of
from syntony.io.study_write import create_study as create_study
from syntony.io.study_write import write_session as write_session
from syntony.io.tsv import NOTHING, Row, read_tsv

_TABLES = ("study.toml", "sessions.tsv", "people.tsv", "participants.tsv")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as the study's tables list it; nothing of its recordings is read yet.

    ``marks`` hold what sessions of a corpus can be sorted by, where sessions.tsv says it:
    ``site``, ``year``, ``device``.
    """

    id: str
    dyad: str
    number: int
    type: str
    people: tuple[Person, ...]
    started_at: datetime | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    stimulus: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study folder whose layout was checked.

    Attributes
    ----------
    root : Path
    title, description : str
    roles : tuple of str
        In order: the first is the first of a pair.
    simulated : bool
    truth : mapping or None
        What was planted, in a simulated study.
    sessions : tuple of SessionRow
        In the order of sessions.tsv.
    """

    root: Path
    title: str
    roles: tuple[str, ...]
    simulated: bool = False
    truth: Mapping[str, Any] | None = None
    description: str = ""
    sessions: tuple[SessionRow, ...] = ()

    def session(self, session_id: str) -> SessionRow:
        """Find a session by its id."""
        for row in self.sessions:
            if row.id == session_id:
                return row
        known = [r.id for r in self.sessions]
        raise InputError("session_id", session_id, f"one of {known[:20]}")


def open_study(root: Path | str, *, recordings: bool = True) -> Study:
    """Open a study folder and check its layout; no recording is read.

    Without ``recordings`` a person may have none: for what rests on answers alone.

    Raises
    ------
    FileError
        With file, line and field: no study, a table missing or unreadable, a session listed
        twice, a session with one person, an unknown role, a person or session that another
        table does not know, a person without any recording in a session.
    """
    root = Path(root)
    for name in _TABLES:
        if not (root / name).is_file():
            raise FileError(
                root / name,
                "no such file",
                f"a study folder with {', '.join(_TABLES)}",
                "Make one with `syntony import`, or check the path.",
            )
    if is_half_written(root):
        raise FileError(
            root,
            "a session that is being written, or was left half written",
            "a study at rest",
            "Wait for the writer; if there is none, import again: that undoes the rest.",
        )
    said = _read_study_toml(root / "study.toml")
    roles = tuple(said["roles"])
    groups = _read_groups(root)
    people = _read_people(root, roles, groups)
    sessions = _read_sessions(root, people)
    study = Study(
        root=root,
        title=said["title"],
        description=said.get("description", ""),
        roles=roles,
        simulated=said.get("simulated", False),
        truth=said.get("truth"),
        sessions=sessions,
    )
    for row in sessions if recordings else ():
        for person in row.people:
            recordings_of(study, row, person)
    return study


def _read_study_toml(path: Path) -> dict[str, Any]:
    """Read study.toml and check the fields that the program needs."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(path, str(error), "TOML", "Mend the file.") from error
    kinds: Mapping[str, type] = {
        "title": str,
        "description": str,
        "simulated": bool,
        "truth": dict,
        "roles": list,
    }
    for key, kind in kinds.items():
        if key in said and not isinstance(said[key], kind):
            raise FileError(
                path, f"{key} = {said[key]!r}", f"a {kind.__name__}", "Mend it.", column=key
            )
    roles = said.get("roles", [])
    if not roles or not all(isinstance(r, str) and r for r in roles):
        raise FileError(
            path, f"roles = {roles!r}", "a list of words", "Write the roles.", column="roles"
        )
    if len(set(roles)) < len(roles):
        raise FileError(path, f"roles = {roles!r}", "each role once", "Mend it.", column="roles")
    said.setdefault("title", "")
    return said


def _bare(text: str, prefix: str) -> str:
    """Id without its BIDS prefix; both spellings are read."""
    return text.removeprefix(prefix)


def _read_groups(root: Path) -> dict[str, str]:
    """Read participants.tsv: person to group."""
    _, rows = read_tsv(root / "participants.tsv", ["participant_id"])
    groups: dict[str, str] = {}
    for row in rows:
        person = _bare(row.required("participant_id"), "sub-")
        if person in groups:
            raise row.error(f"{person!r} again", "each person once", column="participant_id")
        groups[person] = row.text("group")
    return groups


def _read_people(
    root: Path, roles: Sequence[str], groups: Mapping[str, str]
) -> dict[str, list[tuple[Row, Person]]]:
    """Read people.tsv: session to its people, in the order of the roles."""
    _, rows = read_tsv(root / "people.tsv", ["session_id", "participant_id", "role"])
    people: dict[str, list[tuple[Row, Person]]] = {}
    for row in rows:
        session = _bare(row.required("session_id"), "ses-")
        person, role = _bare(row.required("participant_id"), "sub-"), row.required("role")
        if role not in roles:
            raise row.error(
                f"the role {role!r}",
                f"one of {list(roles)}",
                "Add it to study.toml.",
                column="role",
            )
        if person not in groups:
            raise row.error(
                f"{person!r}, who is not in participants.tsv",
                "a person who is",
                "Add a row there, or mend the id.",
                column="participant_id",
            )
        there = people.setdefault(session, [])
        if any(p.id == person for _, p in there):
            raise row.error(
                f"{person!r} again in {session!r}", "each person once", column="participant_id"
            )
        there.append((row, Person(id=person, role=role, group=groups[person])))
    for there in people.values():
        there.sort(key=lambda pair: roles.index(pair[1].role))
    return people


def _read_sessions(
    root: Path, people: Mapping[str, list[tuple[Row, Person]]]
) -> tuple[SessionRow, ...]:
    """Read sessions.tsv and join it with the people."""
    _, rows = read_tsv(root / "sessions.tsv", ["session_id"])
    sessions: dict[str, SessionRow] = {}
    for row in rows:
        name = _bare(row.required("session_id"), "ses-")
        if name in sessions:
            raise row.error(f"the session {name!r} again", "each session once", column="session_id")
        there = [p for _, p in people.get(name, [])]
        if len(there) < 2:
            found = f"one person, {there[0].id!r}," if there else "nobody"
            raise row.error(
                f"{found} in session {name!r}",
                "two people or more",
                "Add the other person to people.tsv, or take the session out.",
                column="session_id",
            )
        number = row.number("number", missing=1.0)
        if number != int(number):
            raise row.error(f"{number:g}", "a whole number", column="number")
        sessions[name] = SessionRow(
            id=name,
            dyad=row.text("dyad", name),
            number=int(number),
            type=row.text("type"),
            people=tuple(there),
            started_at=_stamp_in(row),
            marks=_marks_in(row),
            stimulus=row.text("stimulus"),
        )
    for name, pairs in people.items():
        if name not in sessions:
            raise pairs[0][0].error(
                f"the session {name!r}, which is not in sessions.tsv",
                "a session that is",
                "Add a row there, or mend the id.",
                column="session_id",
            )
    return tuple(sessions.values())


def _stamp_in(row: Row) -> datetime | None:
    """Read the start stamp of a session."""
    text = row.text("started_at")
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise row.error(repr(text), "an ISO 8601 stamp", column="started_at") from None


def _marks_in(row: Row) -> dict[str, str]:
    """What sessions can be sorted by; the year also from ``acq_time`` or ``started_at``."""
    marks = {name: row.text(name) for name in ("site", "year", "device")}
    if not marks["year"]:
        stamp = row.text("acq_time") or row.text("started_at")
        marks["year"] = found[0] if (found := re.match(r"\d{4}(?=-\d\d)", stamp)) else ""
    return {name: words for name, words in marks.items() if words}


def recordings_of(study: Study, row: SessionRow, person: Person) -> list[Path]:
    """Tables of one person's signals and events, at least one."""
    folder = study.root / f"sub-{person.id}" / f"ses-{row.id}"
    tables = [p for p in folder.glob("*/*.tsv.gz") if p.name.endswith((PHYSIO, EVENTS))]
    for lost in sorted(_told_but_gone(folder)):
        raise FileError(
            lost,
            "no such file, but its sidecar is there",
            "the recording that the sidecar describes",
            "Bring the file back, or take its .json away too.",
        )
    found = sorted(tables, key=lambda p: (p.parent, p.name.rpartition("_")[0], p.name))
    if not found:
        raise FileError(
            folder,
            f"no recording of {person.id!r} ({person.role})",
            f"a file beh/*{PHYSIO} or *{EVENTS}",
            "people.tsv lists this person in the session: bring the recording in, or "
            "take the row out.",
        )
    return found


def _told_but_gone(folder: Path) -> list[Path]:
    """Recordings of which only the sidecar is left."""
    ends = tuple(f"{end.removesuffix('.tsv.gz')}.json" for end in (PHYSIO, EVENTS))
    told = [p for p in folder.glob("*/*.json") if p.name.endswith(ends)]
    tables = [p.with_name(p.name.removesuffix(".json") + ".tsv.gz") for p in told]
    return [p for p in tables if not p.exists()]


def _codes_of(study: Study, session_id: str) -> list[Path]:
    """Code tables of a session."""
    return sorted((study.root / "codes").glob(f"{session_id}_*.tsv"))


def _phenotypes_of(study: Study) -> list[Path]:
    """Questionnaire tables of the study."""
    return sorted((study.root / "phenotype").glob("*.tsv"))


def input_files(study: Study, session_id: str) -> list[Path]:
    """Every file that decides what ``load_session`` gives, sorted: for taking fingerprints.

    Recordings with the sidecars that apply to them, codes, clocks, questionnaires, marks of
    artefacts, and the tables of the study.
    """
    row = study.session(session_id)
    files = [study.root / name for name in _TABLES]
    for person in row.people:
        for table in recordings_of(study, row, person):
            files += [table, *sidecars_of(table)]
    files += _codes_of(study, session_id) + _phenotypes_of(study)
    clocks = study.root / "clocks" / f"{session_id}.json"
    files += [clocks] if clocks.is_file() else []
    files += [p for p in [study.root / INFERENCES] if p.is_file()]
    files += [p for p in [edits_path(study.root, session_id)] if p.is_file()]
    return sorted(set(files))


def load_session(study: Study, session_id: str) -> Session:
    """Load one session: signals, events, codes, answers and clocks, on the session clock.

    Parameters
    ----------
    study : Study
    session_id : str

    Returns
    -------
    Session
        NaN where ``n/a`` stands. People in the order of the study's roles.

    Raises
    ------
    FileError
        With file, line and column: what ``read_bids`` refuses; a code of a stranger, with a
        stop before its start, or outside the session; an answer that is no number, or of a
        person who was not there.
    """
    row = study.session(session_id)
    signals: list[Signal] = []
    events: list[Events] = []
    for person in row.people:
        for path in recordings_of(study, row, person):
            if path.name.endswith(EVENTS):
                events.append(read_physioevents(path, person=person.id))
            else:
                signals += read_physio(path, person=person.id)
    first_s, last_s = extent_of(signals, events)
    span = min(0.0, first_s), last_s  # the session begins at zero, a recording perhaps before
    clocks, notes = _read_clocks(study, row)
    spans: list[Span] = []
    for path in _codes_of(study, session_id):
        found, late = _read_codes(path, row, span)
        spans += found
        notes += late
    answers = [a for path in _phenotypes_of(study) for a in _read_answers(path, row)]
    return Session(
        id=row.id,
        people=row.people,
        dyad=row.dyad,
        type=row.type,
        number=row.number,
        stimulus=row.stimulus,
        signals=tuple(signals),
        events=tuple(events),
        clocks=clocks,
        spans=tuple(spans),
        answers=tuple(answers),
        marks=_read_marks(study, row),
        notes=tuple(notes),
    )


def _read_marks(study: Study, row: SessionRow) -> tuple[Mark, ...]:
    """Stretches called artefacts by hand, of people who were there."""
    path = edits_path(study.root, row.id)
    marks = [edit.mark for edit in in_force(read_edits(path))]
    ids = [p.id for p in row.people]
    for mark in marks:
        if mark.person not in ids:
            raise FileError(path, f"a mark of {mark.person!r}", f"one of {ids}")
    return tuple(marks)


def load_answers(study: Study, session_id: str) -> tuple[Answers, ...]:
    """Load the questionnaires of one session, and nothing else.

    Raises
    ------
    FileError
        With file, line and column: an answer that is no number, or of a person who was not
        there.
    """
    row = study.session(session_id)
    return tuple(a for path in _phenotypes_of(study) for a in _read_answers(path, row))


def _read_clocks(study: Study, row: SessionRow) -> tuple[dict[str, Clock], list[Note]]:
    """Read how each person's clock was laid onto the session clock, and the notes kept."""
    path = study.root / "clocks" / f"{row.id}.json"
    if not path.is_file():
        return {}, []
    said = read_json(path)
    ids = [p.id for p in row.people]
    clocks: dict[str, Clock] = {}
    for person, about in said.get("clocks", {}).items():
        if person not in ids:
            raise FileError(path, f"a clock of {person!r}", f"one of {ids}", column="clocks")
        try:
            error = about.get("error_s")
            clocks[person] = Clock(
                offset_s=float(about["offset_s"]),
                drift_ppm=float(about.get("drift_ppm", 0.0)),
                error_s=float("nan") if error is None else float(error),
                source=str(about.get("source", "")),
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise FileError(
                path,
                f"{about!r} for {person!r}",
                "offset_s, drift_ppm and error_s as numbers",
                "Mend it.",
                column="clocks",
            ) from None
    notes = said.get("notes", [])
    return clocks, [Note(n["where"], n["code"], n["text"]) for n in notes]


def _person_in(row: Row, column: str, people: Sequence[Person]) -> str:
    """Id of the person whom a cell names by id or by a role that only one person has."""
    said = _bare(row.text(column), "sub-")
    if not said or any(p.id == said for p in people):
        return said
    by_role = [p.id for p in people if p.role == said]
    if len(by_role) == 1:
        return by_role[0]
    raise row.error(
        f"{said!r}",
        f"a person of the session, one of {[p.id for p in people]}",
        "Mend the id.",
        column=column,
    )


def _read_codes(
    path: Path, row: SessionRow, span: tuple[float, float]
) -> tuple[list[Span], list[Note]]:
    """Read one table of codes and check that they lie in the session."""
    _, rows = read_tsv(path, ["onset", "duration", "person", "code"])
    coder = path.stem.partition("_")[2]
    is_code = coder != PHASES
    start, stop = span
    spans = []
    over = 0
    for cells in rows:
        onset, duration = cells.number("onset"), cells.number("duration", missing=0.0)
        if duration < 0:
            raise cells.error(
                f"{duration:g} s, a stop before the start", "0 s or more", column="duration"
            )
        if onset >= stop or onset + duration < start:
            raise cells.error(
                f"a code at {onset:g} to {onset + duration:g} s",
                f"one inside the session, {start:g} to {stop:g} s",
                "Codes are in seconds on the session clock: are these milliseconds, or of "
                "another session?",
                column="onset",
            )
        if duration > (stop - start) + 1.0:
            raise cells.error(
                f"{duration:g} s", f"at most the session, {stop - start:g} s", column="duration"
            )
        over += onset < start - 1.0 or onset + duration > stop + 1.0
        spans.append(
            Span(
                label=cells.required("code"),
                start_s=onset,
                stop_s=onset + duration,
                person=_person_in(cells, "person", row.people),
                coder=cells.text("coder", coder) if is_code or cells.text("person") else "",
            )
        )
    text = f"{over} of {len(spans)} codes in {path.name} reach more than 1 s out of the session."
    return spans, [Note(f"{row.id}/codes", "code-over-edge", text)] if over else []


def _read_answers(path: Path, row: SessionRow) -> list[Answers]:
    """Read the answers of one questionnaire that belong to this session."""
    mine = {row.id, f"ses-{row.id}", NOTHING, ""}
    names, rows = read_tsv(path, ["participant_id"], only={"session_id": mine})
    items = [n for n in names if n not in _KEYS]
    ids = [p.id for p in row.people]
    answers = []
    for cells in rows:
        session = _bare(cells.text("session_id"), "ses-")
        person = _bare(cells.required("participant_id"), "sub-")
        if session != row.id and (session or person not in ids):
            continue
        if person not in ids:
            raise cells.error(
                f"{person!r}, who was not in session {row.id!r}",
                f"one of {ids}",
                column="participant_id",
            )
        answers.append(
            Answers(
                instrument=path.stem,
                person=person,
                about=_person_in(cells, "about", row.people),
                items={n: cells.number(n, missing=float("nan")) for n in items},
                rated_at=cells.text("rated_at"),
                once=not session,
            )
        )
    return answers
