"""Exports of REDCap: events, repeated instruments, the state of each form; its data dictionary."""

from __future__ import annotations

import re
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.answers.cells import Grid, read_grid
from syntony.io.answers.registry import answer_reader
from syntony.io.answers.value import AnswerTable, lines_in_words

_MARKS = {
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_survey_identifier",
    "redcap_data_access_group",
}
_DONE = {"2", "complete", ""}
_FIELD, _CHOICES = "Variable / Field Name", "Choices, Calculations, OR Slider Labels"
_CHOICE = re.compile(r"\s*(-?[\w.]+)\s*,\s*(.*\S)\s*")


def _is_redcap(grid: Grid) -> bool:
    forms = [n for n in grid.head if n.endswith("_complete")]
    return bool(_MARKS & set(grid.head)) or (grid.head[0].endswith("_id") and bool(forms))


@answer_reader(
    name="redcap",
    title="REDCap, CSV",
    source="columns as REDCap's public client libraries describe them; no file of our own",
    sniff=_is_redcap,
)
def read_redcap(grid: Grid) -> AnswerTable:
    """Read an export of REDCap, raw or labelled.

    Events and repeated instruments stay columns (``redcap_event_name``,
    ``redcap_repeat_instance``), to say by which session a row is. Forms whose state is not
    complete (``<form>_complete``) are kept and noted. A checkbox is one column a choice
    (``item___1``), 0 or 1. When a row was filled in is the one column ``<form>_timestamp``.
    """
    rows = grid.answer_rows()
    notes = list(grid.notes)
    for name in (n for n in grid.head if n.endswith("_complete")):
        halves = [r for r in rows if r.cells[name].lower() not in _DONE]
        if halves:
            form = name.removesuffix("_complete")
            told = f"{len(halves)} of form {form} are not complete ({lines_in_words(halves)})."
            notes.append(Note(grid.path.name, "unfinished", told))
    stamps = [n for n in grid.head if n.endswith("_timestamp")]
    return AnswerTable(
        path=grid.path,
        format="redcap",
        columns=grid.head,
        rows=rows,
        rated_at=stamps[0] if len(stamps) == 1 else "",
        notes=tuple(notes),
    )


def read_dictionary(path: Path | str) -> dict[str, dict[str, float]]:
    """Read what choices count as from a data dictionary of REDCap: field, label, number.

    Raises
    ------
    FileError
        If it lacks the columns of a data dictionary.
    """
    grid = read_grid(Path(path))
    for name in (_FIELD, _CHOICES):
        if name not in grid.head:
            raise FileError(path, f"columns {list(grid.head)[:8]}", f"a column {name!r}", line=1)
    found: dict[str, dict[str, float]] = {}
    for row in grid.answer_rows():
        choices = [_CHOICE.fullmatch(c) for c in row.cells[_CHOICES].split("|")]
        numbers = {}
        for match in choices:
            if match is None:
                continue
            try:
                numbers[match[2]] = float(match[1])
            except ValueError:
                continue  # a choice that is coded by a word counts as no number
        if numbers:
            found[row.cells[_FIELD]] = numbers
    return found
