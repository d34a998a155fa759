"""Sessions and people of a study that holds answers alone: made from the answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from syntony.core.errors import FileError, InputError
from syntony.io.bids import label_of
from syntony.io.study import Study
from syntony.io.tsv import read_tsv, tsv_text
from syntony.pipeline.answer_people import Placed


def refuse_recordings(study: Study) -> None:
    """Refuse to add people by their answers to a study that has recordings.

    Raises
    ------
    InputError
        If any session of the study has a recording.
    """
    recorded = next(study.root.glob("sub-*/ses-*/*/*.tsv.gz"), None)
    if recorded is not None:
        hint = "Bring the recordings of new sessions in first, with syntony import."
        raise InputError("new", study.root.name, "a study without recordings", hint)


def check_new(placed: Iterable[Placed], roles: Sequence[str]) -> None:
    """Refuse sessions that could not be opened: one person, a person twice, an unknown role.

    Raises
    ------
    InputError
        If an id holds more than letters and digits, or a session is not of two people or more.
    """
    people: dict[str, dict[str, str]] = {}
    for one in placed:
        label_of("session", one.session)
        label_of("person", one.person)
        if one.role not in roles:
            raise InputError("role", one.role, f"one of the study's roles, {list(roles)}")
        there = people.setdefault(one.session, {})
        if there.setdefault(one.person, one.role) != one.role:
            raise InputError(
                "person", f"{one.person} in two roles", f"one role each in session {one.session}"
            )
    alone = [s for s, there in people.items() if len(there) < 2]
    if alone:
        raise InputError("session", alone[:8], "two people or more in each")


def write_new(study: Path, stage: Path, placed: Iterable[Placed]) -> None:
    """Write sessions.tsv, people.tsv and participants.tsv anew, with who is new in them."""
    sessions = _table(study / "sessions.tsv", ("session_id",))
    people = _table(study / "people.tsv", ("session_id", "participant_id"))
    known = _table(study / "participants.tsv", ("participant_id",))
    for one in placed:
        person = f"sub-{one.person}"
        _add(sessions, {"session_id": one.session, "dyad": one.dyad, "number": str(one.number)})
        _add(people, {"session_id": one.session, "participant_id": person, "role": one.role})
        _add(known, {"participant_id": person})
    for name, (columns, rows) in (
        ("sessions.tsv", sessions),
        ("people.tsv", people),
        ("participants.tsv", known),
    ):
        (stage / name).write_text(tsv_text(columns, rows.values()), encoding="utf-8")


_Rows = dict[tuple[str, ...], dict[str, object]]


def _table(path: Path, keys: tuple[str, ...]) -> tuple[list[str], _Rows]:
    """Columns and rows of a table, by their keys without prefix."""
    if not path.is_file():
        raise FileError(path, "no such file", "a study folder")
    columns, rows = read_tsv(path, list(keys))
    return list(columns), {tuple(_bare(r.text(k)) for k in keys): dict(r.cells) for r in rows}


def _add(table: tuple[list[str], _Rows], row: dict[str, object]) -> None:
    """Add a row whose keys are not there yet."""
    columns, rows = table
    keys = [k for k in ("session_id", "participant_id") if k in row and k in columns]
    rows.setdefault(tuple(_bare(str(row[k])) for k in keys), row)


def _bare(text: str) -> str:
    return text.removeprefix("ses-").removeprefix("sub-")
