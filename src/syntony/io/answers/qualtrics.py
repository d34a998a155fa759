"""Exports of Qualtrics: three heads, of which the third is JSON; previews among the answers."""

from __future__ import annotations

import json

from syntony.core.notes import Note
from syntony.io.answers.cells import Grid
from syntony.io.answers.registry import answer_reader
from syntony.io.answers.value import AnswerRow, AnswerTable, lines_in_words

_STAMPS = ("EndDate", "RecordedDate")
_NO_ANSWERS = ("preview", "test", "spam")
_ANSWERED, _PREVIEW = "0", "1"
"""States in numeric exports, as the R package excluder documents and uses them.

What other numbers mean, the maker's public pages do not say: such rows are kept and noted.
"""


def _is_qualtrics(grid: Grid) -> bool:
    return any('{"ImportId"' in "".join(cells[:1]) for _, cells in grid.rows[:2])


@answer_reader(
    name="qualtrics",
    title="Qualtrics, CSV or TSV",
    source="heads, Status and time zones as in public exports and the code that reads them; no "
    "file of our own",
    sniff=_is_qualtrics,
)
def read_qualtrics(grid: Grid) -> AnswerTable:
    """Read an export of Qualtrics.

    The second line is the wording of the questions, the third names the questions as JSON, with
    the time zone of the stamps. Previews, tests and spam (column ``Status``) are left aside;
    unfinished answers are kept and noted. Of the numbers that stand in ``Status`` when values are
    exported as numbers, 0 (answered) and 1 (preview) are known; rows with others are kept and
    noted. When a row was filled in is its ``EndDate``.
    """
    third = next(
        (k for k, (_, cells) in enumerate(grid.rows[:2]) if '{"ImportId"' in "".join(cells[:1])), -1
    )
    texts = dict(zip(grid.head, grid.rows[0][1], strict=False)) if third == 1 else {}
    rows = grid.answer_rows(after=third + 1)
    kept = [r for r in rows if not _no_answer(r)]
    stamp = next((name for name in _STAMPS if name in grid.head), "")
    zone = ""
    if third >= 0 and stamp:
        zone = _zone(grid.rows[third][1][grid.head.index(stamp)])
    return AnswerTable(
        path=grid.path,
        format="qualtrics",
        columns=grid.head,
        rows=tuple(kept),
        texts=texts,
        rated_at=stamp,
        zone=zone,
        notes=(*grid.notes, *_notes(grid, rows, kept)),
    )


def _no_answer(row: AnswerRow) -> bool:
    """Whether a row is a preview, a test or spam."""
    status = row.cells.get("Status", "").lower()
    if status.isdigit():
        return status == _PREVIEW
    return any(word in status for word in _NO_ANSWERS)


def _zone(cell: str) -> str:
    """Time zone in the JSON of a column of stamps; Z is UTC."""
    try:
        said = json.loads(cell)
    except json.JSONDecodeError:
        return ""
    zone = str(said.get("timeZone", "")) if isinstance(said, dict) else ""
    return "UTC" if zone == "Z" else zone


def _notes(grid: Grid, rows: tuple[AnswerRow, ...], kept: list[AnswerRow]) -> list[Note]:
    """Say which rows were left aside, and which are unfinished."""
    notes = []
    gone = [r for r in rows if r not in kept]
    if gone:
        text = f"{len(gone)} previews, tests or spam were left aside ({lines_in_words(gone)})."
        notes.append(Note(grid.path.name, "previews-left-aside", text))
    states = sorted({s for r in kept if (s := r.cells.get("Status", "")).isdigit()} - {_ANSWERED})
    if states:
        some = [r for r in kept if r.cells.get("Status", "") in states]
        text = (
            f"{len(some)} answers have a Status of {', '.join(states)}, whose meaning is not known "
            f"here ({lines_in_words(some)}): they were kept. An export with choice texts says "
            "which are tests or spam."
        )
        notes.append(Note(grid.path.name, "status-not-known", text))
    halves = [r for r in kept if r.cells.get("Finished", "").lower() in {"0", "false"}]
    if halves:
        text = f"{len(halves)} unfinished answers were kept ({lines_in_words(halves)})."
        notes.append(Note(grid.path.name, "unfinished", text))
    return notes
