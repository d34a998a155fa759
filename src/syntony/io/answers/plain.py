"""A plain table of answers: one head, one row a person, or one a couple."""

from __future__ import annotations

from syntony.io.answers.cells import Grid
from syntony.io.answers.registry import answer_reader
from syntony.io.answers.value import AnswerTable


@answer_reader(
    name="plain",
    title="Plain table",
    source="any separated text with a head",
    sniff=lambda grid: True,
)
def read_plain(grid: Grid) -> AnswerTable:
    """Read a plain table; the column of times must be named by the caller."""
    return AnswerTable(
        path=grid.path, format="plain", columns=grid.head, rows=grid.answer_rows(), notes=grid.notes
    )
