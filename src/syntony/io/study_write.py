"""The study folder: make it, and write sessions into it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.files import write_text
from syntony.core.notes import Note
from syntony.core.session import Answers, Clock, Person, Session, Span
from syntony.core.signal import Signal
from syntony.io.atomic import staged
from syntony.io.bids import label_of, plain_label, write_json, write_physio, write_physioevents
from syntony.io.hashing import sha256_of
from syntony.io.toml import toml_text
from syntony.io.tsv import read_tsv, tsv_text

BIDS_VERSION = "1.11.1"
KEYS_OF_ANSWERS = ("participant_id", "session_id", "about", "rated_at")
_ALWAYS_KEYS = KEYS_OF_ANSWERS[:3]
_SESSIONS = (
    "session_id",
    "dyad",
    "number",
    "type",
    "started_at",
    "media",
    "media_offset_s",
)
_PEOPLE = ("session_id", "participant_id", "role")
PHASES = "phases"
"""In place of a coder in a table's name: its rows are phases of the session."""
_CODES = ("onset", "duration", "person", "code", "coder")
# Without slashes: the validator wants it so. Questionnaires are on the list because a person
# who meets twice fills them in twice, and the validator wants one row a person.
_IGNORED = (
    "study.toml",
    "sessions.tsv",
    "people.tsv",
    "codes",
    "edits",
    "media",
    "clocks",
    "phenotype",
    "questionnaires",
    "inferences.tsv",
)
_FILE_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]*")
_COLUMN = re.compile(r"[^\t\r\n]+")


def create_study(
    root: Path | str,
    *,
    title: str,
    roles: Sequence[str],
    description: str = "",
    simulated: bool = False,
    truth: Mapping[str, Any] | None = None,
) -> None:
    """Make an empty study folder, a BIDS dataset.

    Parameters
    ----------
    root : Path or str
        Folder to make; an empty one may be there already.
    title : str
    roles : sequence of str
        Free words, in order: the first is the first of a pair.
    description : str, optional
    simulated : bool, default False
    truth : mapping, optional
        What was planted in a simulated study; text, numbers, lists and tables.

    Raises
    ------
    FileError
        If the folder exists and is not empty, or cannot be written.
    InputError
        If roles are missing or repeated.
    """
    root = Path(root)
    words = list(roles)
    if not words or len(set(words)) < len(words) or not all(words):
        raise InputError("roles", words, "different words, at least one")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise FileError(
            root, "a folder that is not empty", "a new folder", "Choose another, or move it away."
        )
    about = {"title": title, "description": description, "roles": words, "simulated": simulated}
    if truth is not None:
        about["truth"] = dict(truth)
    text = toml_text(about)
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    except OSError as error:
        raise FileError(root, f"{error.strerror}", "a place that can be written") from error
    try:
        _fill(made, text, title, description)
        made.chmod(0o755)
        if root.exists():
            root.rmdir()
        os.replace(made, root)
    except OSError as error:
        raise FileError(root, f"{error.strerror}", "a place that can be written") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _fill(root: Path, study_toml: str, title: str, description: str) -> None:
    """Write the files of an empty study."""
    write_json(
        root / "dataset_description.json",
        {
            "Name": title or root.name,
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "GeneratedBy": [{"Name": "Syntony"}],
        },
    )
    readme = (
        f"{title}\n\n{description}\n\n"
        "Physiology of people who met, as a BIDS dataset with a few tables more. Signals and "
        "beats lie in sub-*/ses-*/beh, on one clock per session whose zero is the start of the "
        "session. Who met whom, and in which role, stands in sessions.tsv and people.tsv.\n"
    )
    files = {
        "study.toml": study_toml,
        "README": readme,
        ".bidsignore": "\n".join(_IGNORED) + "\n",
        "sessions.tsv": tsv_text(_SESSIONS, []),
        "people.tsv": tsv_text(_PEOPLE, []),
        "participants.tsv": tsv_text(("participant_id", "group"), []),
    }
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    write_json(
        root / "participants.json",
        {
            "participant_id": {"Description": "person, unique in the study"},
            "group": {"Description": "group that the person belongs to"},
        },
    )


def hide_from_bids(root: Path, *names: str) -> None:
    """Name files or folders in ``.bidsignore``, so that the study stays valid BIDS."""
    path = root / ".bidsignore"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    more = [name for name in names if name not in lines]
    if more:
        write_text(path, "\n".join([*lines, *more]) + "\n")


def write_session(
    root: Path | str,
    session: Session,
    *,
    started_at: datetime | None = None,
    sources: Iterable[Path | str] = (),
) -> None:
    """Write a session into a study: all of it, or nothing.

    Parameters
    ----------
    root : Path or str
        A study made by ``create_study``.
    session : Session
        With a signal or events of each person.
    started_at : datetime, optional
        Absolute time of second zero of the session clock.
    sources : iterable of Path, optional
        Original files and folders; copied untouched to ``sourcedata/<session>``, with
        their sha256 in ``sources.tsv`` there.

    Raises
    ------
    FileError
        If the session is there already, there is no study, or the disk is full.
    InputError
        If a role is unknown, there is one person only, someone has no recording, or an id
        holds more than letters and digits.

    Notes
    -----
    One writer at a time. What a killed writer left is undone before the next one starts.
    """
    root = Path(root)
    roles = _roles_of(root)
    _check_people(session, roles)
    _refuse_existing(root, session)
    originals = [Path(s) for s in sources]
    for source in originals:
        if not source.exists():
            raise FileError(source, "no such file or folder", "an original to keep")
    last = ("participants.tsv", "people.tsv", "sessions.tsv")
    with staged(root, last=last) as new:
        _write_recordings(new, session)
        _write_codes(new, session)
        _write_clocks(new, session)
        _write_answers(root, new, session)
        _copy_sources(new, session.id, originals)
        _write_tables(root, new, session, started_at)


def extent_of(signals: Iterable[Signal], events: Iterable[Events]) -> tuple[float, float]:
    """First and last second of all signals and events; NaN where there are none."""
    starts = [s.start_s for s in signals] + [float(e.times_s[0]) for e in events if e.times_s.size]
    stops = [s.stop_s for s in signals] + [float(e.times_s[-1]) for e in events if e.times_s.size]
    return (min(starts), max(stops)) if starts else (float("nan"), float("nan"))


def _roles_of(root: Path) -> list[str]:
    """Roles that the study knows."""
    try:
        said = tomllib.loads((root / "study.toml").read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FileError(
            root / "study.toml", "no such file", "a study folder", "Make one with create_study."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(root / "study.toml", str(error), "TOML", "Mend the file.") from error
    return list(said.get("roles", []))


def _check_people(session: Session, roles: Sequence[str]) -> None:
    """Refuse a session that could not be opened again."""
    label_of("session.id", session.id)
    if len(session.people) < 2:
        raise InputError(
            "people", [p.id for p in session.people], f"two people or more in {session.id}"
        )
    ids = [p.id for p in session.people]
    for person in session.people:
        label_of("person.id", person.id)
        if person.role not in roles:
            raise InputError("role", person.role, f"one of the study's roles, {list(roles)}")
        mine = [s for s in session.signals if s.person == person.id and s.values.size]
        if not mine and not [e for e in session.events if e.person == person.id]:
            raise InputError(
                "signals", person.id, f"a signal or events of this person in {session.id}"
            )
    about = [s.person for s in session.spans if s.person] + [a.person for a in session.answers]
    for one in [*about, *session.clocks]:
        if one not in ids:
            raise InputError("person", one, f"one of the session's people, {ids}")


def _refuse_existing(root: Path, session: Session) -> None:
    """Refuse to write over a session."""
    _, rows = read_tsv(root / "sessions.tsv", ["session_id"])
    for row in rows:
        if row.text("session_id").removeprefix("ses-") == session.id:
            raise row.error(
                f"session {session.id!r} already",
                "a session that is not there yet",
                "Sessions are never written over: choose another id, or move the old one away.",
                column="session_id",
            )
    for person in session.people:
        folder = root / f"sub-{person.id}" / f"ses-{session.id}"
        if folder.exists():
            raise FileError(
                folder, "a folder that exists", "a session that is not there yet", "Move it away."
            )


def _write_recordings(new: Path, session: Session) -> None:
    """Write every signal and all events of every person."""
    task = plain_label(session.type, "therapy")
    used: Counter[tuple[str, str, str]] = Counter()
    things: list[Signal | Events] = [*session.signals, *session.events]
    for thing in things:
        suffix = "physio" if isinstance(thing, Signal) else "physioevents"
        label = plain_label(thing.kind, suffix)
        used[thing.person, suffix, label] += 1
        count = used[thing.person, suffix, label]
        label += str(count) if count > 1 else ""
        folder = new / f"sub-{thing.person}" / f"ses-{session.id}" / "beh"
        folder.mkdir(parents=True, exist_ok=True)
        stem = folder / f"sub-{thing.person}_ses-{session.id}_task-{task}_recording-{label}"
        if isinstance(thing, Signal):
            write_physio(stem, thing, task=session.type or task)
        else:
            write_physioevents(stem, thing, task=session.type or task)


def _write_codes(new: Path, session: Session) -> None:
    """Write one table per coder; phases of the session are nobody's codes."""
    tables: dict[str, list[Span]] = {}
    for span in session.spans:
        name = (span.coder or "codes") if span.is_code else PHASES
        if not _FILE_WORD.fullmatch(name):
            raise InputError("coder", name, "letters, digits, '.', '+', '-'")
        tables.setdefault(name, []).append(span)
    for name, spans in tables.items():
        rows = [
            {
                "onset": s.start_s,
                "duration": s.stop_s - s.start_s,
                "person": s.person,
                "code": s.label,
                "coder": s.coder,
            }
            for s in sorted(spans, key=lambda s: (s.start_s, s.person, s.label))
        ]
        path = new / "codes" / f"{session.id}_{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(tsv_text(_CODES, rows), encoding="utf-8")


def _write_clocks(new: Path, session: Session) -> None:
    """Write how each clock was laid on the session clock, what overlaps, and the notes."""
    spans = {
        p.id: extent_of(
            [s for s in session.signals if s.person == p.id],
            [e for e in session.events if e.person == p.id],
        )
        for p in session.people
    }
    path = new / "clocks" / f"{session.id}.json"
    path.parent.mkdir(exist_ok=True)
    write_json(
        path,
        {
            "clocks": clocks_table(session.clocks),
            "overlap": overlap_table(spans),
            "notes": notes_table(session.notes),
        },
    )


def clocks_table(clocks: Mapping[str, Clock]) -> dict[str, dict[str, Any]]:
    """Everybody's clock as ``clocks/<session>.json`` holds it."""
    return {person: asdict(clock) for person, clock in clocks.items()}


def overlap_table(spans: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """From when to when each was recorded, and all of them, as the same file holds it."""
    start, stop = max(a for a, _ in spans.values()), min(b for _, b in spans.values())
    people = {
        person: {"start_s": a, "stop_s": b, "left_over_s": (b - a) - max(0.0, stop - start)}
        for person, (a, b) in spans.items()
    }
    return {"start_s": start, "stop_s": stop, "seconds": stop - start, "people": people}


def notes_table(notes: Iterable[Note]) -> list[dict[str, str]]:
    """Notes as the same file holds them."""
    return [{"where": n.where, "code": n.code, "text": n.text} for n in notes]


def _write_answers(root: Path, new: Path, session: Session) -> None:
    """Add the answers to the table of each questionnaire."""
    for instrument in sorted({a.instrument for a in session.answers}):
        if not _FILE_WORD.fullmatch(instrument.replace("_", "-")):
            raise InputError("instrument", instrument, "letters, digits, '_', '-'")
        mine = [a for a in session.answers if a.instrument == instrument]
        items = list(dict.fromkeys(i for a in mine for i in a.items))
        for item in items:
            if item in KEYS_OF_ANSWERS or not _COLUMN.fullmatch(item):
                raise InputError("item", item, f"a word other than {list(KEYS_OF_ANSWERS)}")
        path = root / "phenotype" / f"{instrument}.tsv"
        columns, rows = _old_rows(path, _ALWAYS_KEYS)
        stamped = ["rated_at"] if any(a.rated_at for a in mine) else []
        columns = list(dict.fromkeys([*columns, *stamped, *items]))
        rows += [_answer_row(a, session.id) for a in mine]
        made = new / "phenotype" / path.name
        made.parent.mkdir(exist_ok=True)
        made.write_text(tsv_text(columns, rows), encoding="utf-8")
        if not path.with_suffix(".json").exists():
            write_json(made.with_suffix(".json"), about_answers(instrument, columns))


def _answer_row(answers: Answers, session: str) -> dict[str, object]:
    """One row of a questionnaire's table."""
    keys = {
        "participant_id": f"sub-{answers.person}",
        "session_id": f"ses-{session}",
        "about": f"sub-{answers.about}" if answers.about else "",
        "rated_at": answers.rated_at,
    }
    return {**keys, **answers.items}


def about_answers(instrument: str, columns: Sequence[str]) -> dict[str, object]:
    """Sidecar of a questionnaire's table."""
    items = {c: {"Description": f"item {c}"} for c in columns if c not in KEYS_OF_ANSWERS}
    return {
        "MeasurementToolMetadata": {"Description": instrument},
        "participant_id": {"Description": "who answered"},
        "session_id": {"Description": "after which session"},
        "about": {"Description": "about whom"},
        "rated_at": {"Description": "when it was filled in, ISO 8601"},
        **items,
    }


def _old_rows(path: Path, columns: Sequence[str]) -> tuple[list[str], list[dict[str, object]]]:
    """Columns and rows that are there already; the given columns where there is no table."""
    if not path.exists():
        return list(columns), []
    names, rows = read_tsv(path, [columns[0]])
    return list(names), [dict(r.cells) for r in rows]


def _copy_sources(new: Path, session: str, sources: Sequence[Path]) -> None:
    """Copy the originals and write down their fingerprints."""
    if not sources:
        return
    folder = new / "sourcedata" / session
    rows = []
    taken: set[str] = {"sources.tsv"}
    for source in sources:
        name = source.name
        if name in taken:  # two people's EDA.csv
            name = f"{source.resolve().parent.name}-{source.name}"
        while name in taken:
            name = f"x{name}"
        taken.add(name)
        files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        for file in files:
            place = folder / name / file.relative_to(source) if source.is_dir() else folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, place)
            rows.append(
                {
                    "file": place.relative_to(folder).as_posix(),
                    "sha256": sha256_of(place),
                    "bytes": place.stat().st_size,
                }
            )
    text = tsv_text(("file", "sha256", "bytes"), rows)
    (folder / "sources.tsv").write_text(text, encoding="utf-8")


def _write_tables(root: Path, new: Path, session: Session, started_at: datetime | None) -> None:
    """Write the three tables of the study anew, with the session in them."""
    columns, rows = _old_rows(root / "sessions.tsv", _SESSIONS)
    wanted = ["dyad", "number", "type", *(["started_at"] if started_at else [])]
    wanted += ["stimulus"] if session.stimulus else []
    columns = list(dict.fromkeys([*columns, *wanted]))
    rows.append(
        {
            "session_id": session.id,
            "dyad": session.dyad or session.id,
            "number": session.number,
            "type": session.type,
            "started_at": started_at.isoformat() if started_at else "",
            "stimulus": session.stimulus,
        }
    )
    (new / "sessions.tsv").write_text(tsv_text(columns, rows), encoding="utf-8")
    columns, rows = _old_rows(root / "people.tsv", _PEOPLE)
    rows += [
        {"session_id": session.id, "participant_id": f"sub-{p.id}", "role": p.role}
        for p in session.people
    ]
    (new / "people.tsv").write_text(tsv_text(columns, rows), encoding="utf-8")
    _write_participants(root, new, session.people)


def _write_participants(root: Path, new: Path, people: Sequence[Person]) -> None:
    """Add the people who are new to the study; refuse a second group for one of old."""
    path = root / "participants.tsv"
    columns, rows = _old_rows(path, ("participant_id", "group"))
    known = {str(r["participant_id"]).removeprefix("sub-"): r for r in rows}
    for person in people:
        old = known.get(person.id)
        if old is None:
            rows.append({"participant_id": f"sub-{person.id}", "group": person.group})
        elif person.group and old.get("group") not in {"", None, person.group}:
            raise InputError(
                "group", person.group, f"{old['group']!r}, the group of {person.id} so far"
            )
        elif person.group:
            old["group"] = person.group
    columns = list(dict.fromkeys([*columns, "group"]))
    (new / "participants.tsv").write_text(tsv_text(columns, rows), encoding="utf-8")
