"""From the rows of an export to questionnaires, each once; what is wrong is named by its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.io.answers.value import AnswerRow, AnswerTable, lines_in_words
from syntony.io.study import Study
from syntony.link.instruments.registry import Instrument
from syntony.pipeline.answer_columns import answer_in, stamp_in
from syntony.pipeline.answer_people import Placed, Where, place
from syntony.pipeline.answers_plan import Answered

_NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How rows are read: what every caller would hand on."""

    entry: Instrument
    columns: Mapping[str, Mapping[str, str]]
    where: Where
    study: Study | None
    new: bool
    choices: Mapping[str, Any]
    missing: frozenset[str]
    stamps: str
    zone: str

    def items_in(self, row: AnswerRow, held: Mapping[str, str]) -> dict[str, float]:
        """Answers of one person in a row; NaN is missing."""
        return {
            item: answer_in(
                row,
                held[item],
                self.entry,
                choices=_for(self.choices, held[item]),
                missing=self.missing,
            )
            if item in held
            else _NAN
            for item in self.entry.items
        }

    def everybody(
        self, table: AnswerTable
    ) -> Iterator[tuple[AnswerRow, Placed, dict[str, float] | FileError]]:
        """Each person of each row with the answers, or with what is wrong in them."""
        for number, row in enumerate(table.rows, start=1):
            for role, held in self.columns.items():
                try:
                    items = self.items_in(row, held)
                    if not self.new and all(v != v for v in items.values()):
                        yield row, Placed(), items
                        continue
                    yield row, place(self.study, self.where, row, number, role, new=self.new), items
                except FileError as error:
                    yield row, Placed(), error


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an export holds, each questionnaire once; and everybody who is named in it."""

    answered: list[Answered]
    people: list[Placed]
    notes: list[Note]


def read_everybody(table: AnswerTable, reading: Reading, *, strangers: bool) -> Found:
    """Read every row, and say what was left aside."""
    kept: dict[tuple[str, str, str], Answered] = {}
    people: list[Placed] = []
    empty: list[AnswerRow] = []
    twice: list[AnswerRow] = []
    lost: list[tuple[AnswerRow, str]] = []
    wrong: list[FileError] = []
    for row, placed, items in reading.everybody(table):
        if isinstance(items, FileError):
            wrong.append(items)
            continue
        if placed.stranger:
            lost.append((row, placed.stranger))
            continue
        people.append(placed)
        if all(v != v for v in items.values()):
            empty.append(row)
            continue
        stamp = stamp_in(row, reading.stamps, reading.zone)
        one = Answered(placed=placed, items=items, rated_at=stamp, row=row)
        old = kept.setdefault(one.key, one)
        if old is not one:
            _refuse_difference(old, one)
            twice.append(row)
    _raise_first(wrong)
    _refuse_strangers(table.path, lost, leave_out=strangers)
    if not kept:
        raise FileError(table.path, "no answers", "at least one", "Look at the columns: dry run.")
    notes = list(_left_aside(table.path.name, empty, twice, lost))
    lacking = [i for i in reading.entry.items if not any(i in h for h in reading.columns.values())]
    if lacking:
        text = f"No column for {', '.join(lacking)}; they count as missing."
        notes.append(Note(table.path.name, "items-missing", text))
    return Found(answered=list(kept.values()), people=people, notes=notes)


def _raise_first(wrong: Sequence[FileError]) -> None:
    """Raise the first of several errors, and say how many more there are."""
    if not wrong:
        return
    first = wrong[0]
    more = f"There {_are(len(wrong) - 1)} more." if len(wrong) > 1 else ""
    raise FileError(
        first.path,
        first.found,
        first.expected,
        " ".join(t for t in (first.hint, more) if t),
        line=first.line,
        column=first.column,
    )


def _are(n: int) -> str:
    return f"is {n}" if n == 1 else f"are {n}"


def _refuse_strangers(
    path: Path, lost: Sequence[tuple[AnswerRow, str]], *, leave_out: bool
) -> None:
    """Refuse rows of people or sessions that the study does not know, all in one error."""
    if not lost or leave_out:
        return
    counts = Counter(name for _, name in lost)
    named = ", ".join(f"{name} ({n})" for name, n in list(counts.items())[:8])
    more = f" and {len(counts) - 8} more" if len(counts) > 8 else ""
    raise FileError(
        path,
        f"{len(lost)} questionnaires of people or sessions that the study lacks: {named}{more}",
        "people and sessions of the study",
        "Mend the templates or values, or leave them aside (leave_out_strangers).",
        line=lost[0][0].line,
    )


def _refuse_difference(old: Answered, one: Answered) -> None:
    """Refuse a second questionnaire of the same person that says something else."""
    for item, value in one.items.items():
        before = old.items[item]
        if value != before and (value == value or before == before):
            raise one.row.error(
                f"another questionnaire of {old.placed.person!r}"
                f"{f' after session {old.placed.session!r}' if old.placed.session else ''} than in "
                f"line {old.row.line}: {item} = {value:g}, there {before:g}",
                "each once",
                "Name the session, or take one out.",
            )


def _left_aside(
    name: str,
    empty: list[AnswerRow],
    twice: list[AnswerRow],
    lost: Sequence[tuple[AnswerRow, str]],
) -> Iterator[Note]:
    """Say how many rows were left aside, and why."""
    if empty:
        text = f"{len(empty)} questionnaires without any answer were left aside"
        yield Note(name, "empty", f"{text} ({lines_in_words(empty)}).")
    if twice:
        text = f"{len(twice)} rows say the same again and count once ({lines_in_words(twice)})."
        yield Note(name, "same-again", text)
    if lost:
        rows = [r for r, _ in lost]
        text = f"{len(lost)} questionnaires of people or sessions that the study lacks were left "
        yield Note(name, "strangers", f"{text}aside ({lines_in_words(rows)}).")


def _for(words: Mapping[str, Any], column: str) -> dict[str, float]:
    """What words count as in one column: those for every column, and its own."""
    own = words.get(column)
    shared = {k: v for k, v in words.items() if not isinstance(v, Mapping)}
    return {**(own if isinstance(own, Mapping) else {}), **shared}
