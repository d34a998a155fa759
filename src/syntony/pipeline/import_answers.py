"""syntony import-answers: exported answers to a questionnaire's table, planned before written."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.io.answers.redcap import read_dictionary
from syntony.io.answers.registry import read_answers
from syntony.io.answers.value import AnswerTable, lines_in_words
from syntony.io.atomic import recover, staged
from syntony.io.bids import write_json
from syntony.io.hashing import sha256_of
from syntony.io.study import Study, create_study, open_study
from syntony.io.study_write import KEYS_OF_ANSWERS, about_answers
from syntony.io.tsv import read_tsv, tsv_text
from syntony.link.definitions import known_instruments, read_definitions
from syntony.link.instruments.registry import Instrument
from syntony.pipeline.answer_columns import (
    columns_of_items,
    unreadable_stamps,
    zone_of,
)
from syntony.pipeline.answer_people import Where
from syntony.pipeline.answer_reading import Reading, read_everybody
from syntony.pipeline.answers_plan import Answered, AnswersPlan
from syntony.pipeline.new_people import check_new, refuse_recordings, write_new
from syntony.pipeline.originals import is_study

_SOURCES = ("file", "sha256", "bytes", "instrument", "rows")


def import_answers(
    source: Path | str,
    study: Path | str,
    *,
    instrument: str,
    person: str,
    session: str = "",
    about: str = "",
    map: Mapping[str, str] | None = None,
    suffixes: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    choices: Mapping[str, float] | None = None,
    missing: Sequence[str] = (),
    rated_at: str = "",
    zone: str = "",
    dictionary: Path | str | None = None,
    format: str = "",
    leave_out_strangers: bool = False,
    new: bool = False,
    roles: Sequence[str] = (),
    role: str = "",
    dyad: str = "",
    number: str = "",
    dry_run: bool = False,
    on_plan: Callable[[AnswersPlan], None] = lambda plan: None,
) -> AnswersPlan:
    """Bring exported answers into ``phenotype/<instrument>.tsv``; nothing is ever written over.

    The export is kept in ``sourcedata/answers/<instrument>`` with its SHA-256. All of it is
    written, or nothing.

    Parameters
    ----------
    source : path
        Export of Qualtrics or REDCap, or a plain table.
    study : path
    instrument : str
        Name on the list, or of a definition in ``questionnaires/`` of the study.
    person, session, about : str
        Templates: ``"{participant}"`` is a cell, ``"{row:03}"`` the number of the row,
        ``"{role}"`` the role of ``suffixes``. A person is an id, or a role in the session. Without
        ``session`` the answers hold for all sessions of the person; ``about`` may be
        ``"other"`` or ``"self"``.
    map : mapping of str to str, optional
        Column to item; a star stands for a number: ``{"Q5_*": "eu*"}``. Without it columns are
        named as the items.
    suffixes : mapping of str to str, optional
        For rows that hold a couple: what the columns of each role end with, ``{"_f": "woman"}``.
    values : mapping of column to mapping, optional
        What cells mean in the templates: ``{"redcap_event_name": {"session_1_arm_1": "s01"}}``.
    choices : mapping of str to float, optional
        What an answer in words counts as; the definition's and the dictionary's are known.
    missing : sequence of str, optional
        Cells that mean no answer, besides empty, NA and n/a.
    rated_at : str, optional
        Column that says when it was filled in; of Qualtrics ``EndDate``.
    zone : str, optional
        Time zone of those stamps, where the export does not name it.
    dictionary : path, optional
        Data dictionary of REDCap: what labels count as.
    format : str, optional
        Name of the reader; without it the content decides.
    leave_out_strangers : bool
        Leave rows aside whose person or session is not of the study; else they are refused.
    new : bool
        Add sessions and people from the answers, to a study without recordings.
    roles : sequence of str, optional
        Roles of a study that is made now (with ``new``).
    role, dyad, number : str, optional
        Templates of the role of a person (where ``suffixes`` do not say it), the dyad and the
        number of a session, with ``new``; without ``dyad`` every session is one of its own.
    dry_run : bool
        Make the plan and write nothing.
    on_plan : callable, optional
        Gets the plan before anything is written.

    Returns
    -------
    AnswersPlan

    Raises
    ------
    FileError
        With file, line and column: an answer off the scale or in words that count as nothing,
        people or sessions that the study does not know, a person who answered twice and
        differently, a row of the table that says something else.
    InputError
        If the questionnaire, a pattern or an option is wrong.
    """
    root, path = Path(study), Path(source)
    opened = _opened(root, new=new, dry_run=dry_run)
    entry = _entry(root, instrument)
    table = read_answers(path, format=format)
    stamps = rated_at or table.rated_at
    if stamps and stamps not in table.columns:
        raise InputError("rated_at", stamps, f"a column, one of {list(table.columns)[:20]}")
    if zone:
        zone_of(zone)
    columns = _columns(table, entry, map or {}, suffixes or {"": ""})
    reading = Reading(
        entry=entry,
        columns=columns,
        where=Where(
            person=person,
            session=session,
            about=about,
            role=role,
            dyad=dyad,
            number=number,
            values=values or {},
        ),
        study=opened,
        new=new,
        choices={**entry.choices, **_labels(dictionary), **(choices or {})},
        missing=frozenset(missing),
        stamps=stamps,
        zone=zone or table.zone,
    )
    found = read_everybody(table, reading, strangers=leave_out_strangers)
    if new:
        check_new(found.people, roles or (opened.roles if opened else ()))
    fresh = _not_there(root, entry, found.answered)
    plan = AnswersPlan(
        study=root,
        instrument=instrument,
        format=table.format,
        columns={i: tuple(c[i] for c in columns.values() if i in c) for i in entry.items},
        new=tuple(fresh),
        there=len(found.answered) - len(fresh),
        missing=sum(v != v for a in fresh for v in a.items.values()),
        people=tuple(found.people) if new else (),
        original=path,
        notes=(*table.notes, *found.notes, *_stamp_notes(table, stamps)),
    )
    on_plan(plan)
    return plan if dry_run else _carry_out(plan, new=new, roles=roles)


def _stamp_notes(table: AnswerTable, stamps: str) -> list[Note]:
    """Say which stamps are no times."""
    odd = unreadable_stamps(table, stamps) if stamps else []
    text = f"{len(odd)} stamps in {stamps} are no times ({lines_in_words(odd)})."
    return [Note(table.path.name, "rating-time-unreadable", text)] if odd else []


def _opened(root: Path, *, new: bool, dry_run: bool) -> Study | None:
    """The study; None where it is to be made."""
    if new and not is_study(root):
        return None
    if not dry_run and root.is_dir():
        recover(root)
    opened = open_study(root, recordings=False)
    if new:
        refuse_recordings(opened)
    return opened


def _entry(root: Path, name: str) -> Instrument:
    """The questionnaire on the list or in the study."""
    known = known_instruments(read_definitions(root))
    if name not in known:
        hint = f"Define your own in questionnaires/{name}.toml of the study."
        raise InputError("instrument", name, f"one of {sorted(known)}", hint)
    return known[name]


def _labels(dictionary: Path | str | None) -> dict[str, Any]:
    """What labels of a data dictionary count as, by field."""
    return {} if dictionary is None else dict(read_dictionary(dictionary))


def _columns(
    table: AnswerTable, entry: Instrument, patterns: Mapping[str, str], suffixes: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Column of every item, by role."""
    found = {
        role: columns_of_items(table.columns, entry.items, patterns, suffix)
        for suffix, role in suffixes.items()
    }
    if not all(found.values()):
        ends = [s for s in suffixes if not found[suffixes[s]]]
        raise FileError(
            table.path,
            f"columns {list(table.columns)[:12]}",
            f"a column for an item of {entry.name}, {list(entry.items)}"
            + (f", that ends with {ends}" if any(ends) else ""),
            "Say which column is which item: map.",
            line=1,
        )
    return found


def _not_there(root: Path, entry: Instrument, found: Sequence[Answered]) -> list[Answered]:
    """Questionnaires whose row is not in the table yet; refuses one that says something else."""
    path = root / "phenotype" / f"{entry.name}.tsv"
    if not path.is_file():
        return list(found)
    _, rows = read_tsv(path, ["participant_id"])
    old = {
        (
            r.text("participant_id").removeprefix("sub-"),
            r.text("session_id").removeprefix("ses-"),
            r.text("about").removeprefix("sub-"),
        ): r
        for r in rows
    }
    fresh = []
    for one in found:
        row = old.get(one.key)
        if row is None:
            fresh.append(one)
            continue
        for item, value in one.items.items():
            before = row.number(item, missing=float("nan"))
            if value != before and (value == value or before == before):
                raise row.error(
                    f"{before:g}, where {one.row.path.name}, line {one.row.line} says {value:g}",
                    "the same answers",
                    "Answers are never written over: mend one of them, or take the row out.",
                    column=item,
                )
    return fresh


def _carry_out(plan: AnswersPlan, *, new: bool, roles: Sequence[str]) -> AnswersPlan:
    """Write the table, the people where they are new, and the original: all of it or nothing."""
    if not plan.new:
        return replace(plan, done=True)
    if new and not is_study(plan.study):
        create_study(plan.study, title=plan.study.name, roles=roles)
    table = Path("phenotype") / f"{plan.instrument}.tsv"
    with staged(plan.study, last=("participants.tsv", "people.tsv", "sessions.tsv")) as stage:
        _write_table(plan, stage / table)
        if new:
            write_new(plan.study, stage, plan.people)
        _keep_original(plan, stage)
    return replace(plan, done=True)


def _write_table(plan: AnswersPlan, path: Path) -> None:
    """Write the table anew, with the new rows under the old."""
    old = plan.study / "phenotype" / path.name
    columns: list[str] = []
    rows: list[dict[str, object]] = []
    if old.is_file():
        names, held = read_tsv(old, ["participant_id"])
        columns, rows = list(names), [dict(r.cells) for r in held]
    stamped = [k for k in KEYS_OF_ANSWERS if k != "rated_at" or any(a.rated_at for a in plan.new)]
    columns = list(dict.fromkeys([*columns, *stamped, *plan.columns]))
    rows += [a.to_row() for a in plan.new]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tsv_text(columns, rows), encoding="utf-8")
    if not old.with_suffix(".json").exists():
        write_json(path.with_suffix(".json"), about_answers(plan.instrument, columns))


def _keep_original(plan: AnswersPlan, stage: Path) -> None:
    """Copy the export and write down its fingerprint."""
    folder = Path("sourcedata") / "answers" / plan.instrument
    listed = plan.study / folder / "sources.tsv"
    rows: list[dict[str, object]] = []
    if listed.is_file():
        rows = [dict(r.cells) for r in read_tsv(listed, _SOURCES)[1]]
    kept = {str(r["sha256"]): str(r["file"]) for r in rows}
    sha, name = sha256_of(plan.original), plan.original.name
    (stage / folder).mkdir(parents=True, exist_ok=True)
    if sha not in kept:
        while name in {*kept.values(), "sources.tsv"}:
            name = f"x{name}"
        shutil.copy2(plan.original, stage / folder / name)
    rows.append(
        {
            "file": kept.get(sha, name),
            "sha256": sha,
            "bytes": plan.original.stat().st_size,
            "instrument": plan.instrument,
            "rows": len(plan.new),
        }
    )
    (stage / folder / "sources.tsv").write_text(tsv_text(_SOURCES, rows), encoding="utf-8")
