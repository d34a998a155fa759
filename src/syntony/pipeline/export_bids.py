"""The study as a BIDS dataset and nothing else: codes are events, people have their sessions."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from syntony.core.session import Session, Span
from syntony.io.bids import plain_label, write_json
from syntony.io.study import SessionRow, Study, input_files
from syntony.io.study_write import BIDS_VERSION
from syntony.io.tsv import NOTHING, read_tsv, tsv_text
from syntony.pipeline.export_pieces import Pieces, told_what_stays

Write = Callable[[Path], object]

_SESSION_COLUMNS = {
    "session_id": "session",
    "role": "role of the person in the session",
    "dyad": "who meets: the same word for everybody in it",
    "number": "which session of this dyad and type",
    "type": "kind of session",
    "acq_time": "start of the session, where it is known",
    "clock_error_s": "what uncertainty of the person's clock remains, in seconds",
    "clock_source": "how the person's clock was laid onto the session's",
}
_EVENT_COLUMNS = {
    "onset": "seconds on the session clock",
    "duration": "seconds",
    "trial_type": "the code, phase or channel",
    "sort": "code (of this person), phase (of the session), artefact (of a channel)",
    "coder": "who gave the code",
}
_NOT_BIDS = {
    "inferences.tsv": "BIDS has no place for judged inferences",
    "questionnaires": "BIDS has no place for definitions of questionnaires",
}


def bids_session(study: Study, row: SessionRow, session: Session) -> Pieces:
    """Recordings as they are, and events of each person."""
    out = Pieces()
    for file in input_files(study, row.id):
        place = file.relative_to(study.root).as_posix()
        if place.startswith("sub-"):
            out.add(place, "recording", _copy(file))
    task = plain_label(session.type, "therapy")
    for person in session.people:
        events = _events(session, person.id)
        if events:
            stem = f"sub-{person.id}_ses-{row.id}_task-{task}_events"
            folder = f"sub-{person.id}/ses-{row.id}/beh"
            out.add(f"{folder}/{stem}.tsv", "codes", _text(tsv_text(list(_EVENT_COLUMNS), events)))
            said = {"TaskName": session.type or task, **_described(_EVENT_COLUMNS)}
            out.add(f"{folder}/{stem}.json", "what the columns are", _json(said))
        clock = session.clocks.get(person.id)
        table = f"sub-{person.id}/sub-{person.id}_sessions.tsv"
        out.row(
            table,
            session_id=f"ses-{row.id}",
            role=person.role,
            dyad=row.dyad,
            number=row.number,
            type=row.type,
            acq_time=row.started_at.isoformat() if row.started_at else None,
            clock_error_s=clock.error_s if clock else None,
            clock_source=clock.source if clock else None,
        )
    return out


def _events(session: Session, person: str) -> list[dict[str, object]]:
    """Codes of a person and of all together, phases, stretches marked as artefacts; by onset."""

    def of(span: Span) -> dict[str, object]:
        sort = "code" if span.is_code else "phase"
        return {"trial_type": span.label, "sort": sort, "coder": span.coder} | _at(
            span.start_s, span.stop_s
        )

    rows = [of(s) for s in session.spans if s.person in {"", person}]
    rows += [
        {"trial_type": m.kind, "sort": "artefact"} | _at(m.start_s, m.stop_s)
        for m in session.marks
        if m.person == person
    ]
    return sorted(rows, key=lambda r: (r["onset"], r["duration"], str(r["trial_type"])))


def _at(start_s: float, stop_s: float) -> dict[str, object]:
    return {"onset": float(start_s), "duration": float(stop_s - start_s)}


def bids_study(study: Study) -> Pieces:
    """Description, people, questionnaires."""
    out = Pieces()
    about = study.root / "dataset_description.json"
    if about.is_file():
        out.add(about.name, "what the dataset is", _copy(about))
    else:
        said = {"Name": study.title or study.root.name, "BIDSVersion": BIDS_VERSION}
        out.add(about.name, "what the dataset is", _json({**said, "DatasetType": "raw"}))
    for name in ("README", "README.md", "CHANGES", "LICENSE", "participants.json"):
        if (study.root / name).is_file():
            out.add(name, "as in the study", _copy(study.root / name))
    if not any(p.place.startswith("README") for p in out.files):
        out.add("README", "what the dataset is", _text(f"{study.title}\n\n{study.description}\n"))
    _participants(study, out)
    for path in sorted((study.root / "phenotype").glob("*.tsv")):
        _phenotype(path, out)
    out.add("sessions.json", "what the columns are", _json(_described(_SESSION_COLUMNS)))
    told_what_stays(study, out, **_NOT_BIDS)
    return out


def _participants(study: Study, out: Pieces) -> None:
    """People of the sessions, with what the study knows of them."""
    columns, rows = read_tsv(study.root / "participants.tsv", ["participant_id"])
    here = {p.id for s in study.sessions for p in s.people}
    cells = []
    for row in rows:
        person = row.required("participant_id").removeprefix("sub-")
        if person in here:
            cells.append({**row.cells, "participant_id": f"sub-{person}"})
        else:
            out.left_out(person, "was in no session, and is not in participants.tsv.")
    out.add("participants.tsv", "people", _text(tsv_text(list(columns), cells)))


def _phenotype(path: Path, out: Pieces) -> None:
    """Answers to a questionnaire: BIDS wants a person once in a table, so there are several."""
    columns, rows = read_tsv(path, ["participant_id"])
    often: Counter[str] = Counter()
    tables: dict[int, list[dict[str, object]]] = {}
    for row in rows:
        person = row.required("participant_id").removeprefix("sub-")
        often[person] += 1
        cells = {name: row.text(name, NOTHING) for name in columns}
        for name in ("session_id", "about"):
            if cells.get(name, NOTHING) not in {"", NOTHING}:
                cells[name] = _prefixed(name, cells[name])
        tables.setdefault(often[person], []).append({**cells, "participant_id": f"sub-{person}"})
    for number, cells_of in sorted(tables.items()):
        stem = path.stem + (f"_{number}" if number > 1 else "")
        text = tsv_text(list(columns), cells_of)
        out.add(f"phenotype/{stem}.tsv", "answers", _text(text))
        sidecar = path.with_suffix(".json")
        if sidecar.is_file():
            out.add(f"phenotype/{stem}.json", "what the items are", _copy(sidecar))


def _prefixed(column: str, text: str) -> str:
    prefix = "ses-" if column == "session_id" else "sub-"
    return text if text.startswith(prefix) or column == "about" else f"{prefix}{text}"


def _described(columns: dict[str, str]) -> dict[str, object]:
    return {name: {"Description": text} for name, text in columns.items()}


def _copy(file: Path) -> Write:
    return lambda place: shutil.copyfile(file, place)


def _text(text: str) -> Write:
    return lambda place: place.write_text(text, encoding="utf-8")


def _json(said: dict[str, object]) -> Write:
    return lambda place: write_json(place, said)
