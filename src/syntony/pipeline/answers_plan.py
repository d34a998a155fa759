"""What an import of answers does, in words and for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from syntony.core.notes import Note
from syntony.io.answers.value import AnswerRow
from syntony.pipeline.answer_people import Placed


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One questionnaire of the export: where it belongs, what it says, on which line it stands."""

    placed: Placed
    items: Mapping[str, float]
    rated_at: str
    row: AnswerRow

    @property
    def key(self) -> tuple[str, str, str]:
        """Person, session and target: each stands once in a table."""
        return self.placed.person, self.placed.session, self.placed.about

    def to_row(self) -> dict[str, object]:
        """Make a row of ``phenotype/<instrument>.tsv``."""
        person, session, about = self.key
        return {
            "participant_id": f"sub-{person}",
            "session_id": f"ses-{session}" if session else "",
            "about": f"sub-{about}" if about else "",
            "rated_at": self.rated_at,
            **{i: int(v) if v.is_integer() else v for i, v in self.items.items()},
        }


@dataclass(frozen=True, kw_only=True)
class AnswersPlan:
    """What an import of answers does.

    Attributes
    ----------
    study : Path
    instrument : str
    format : str
        Of the export.
    columns : mapping of item to tuple of str
        The columns that each item is read from.
    new : tuple of Answered
        Questionnaires that become rows of ``phenotype/<instrument>.tsv``.
    there : int
        Questionnaires that stand in it already, with the same answers.
    missing : int
        Answers that are missing in the new rows.
    people : tuple of Placed
        Everybody in the export, where sessions and people are made of it.
    original : Path
    notes : tuple of Note
        Each with file and line.
    done : bool
    """

    study: Path
    instrument: str
    format: str
    columns: Mapping[str, tuple[str, ...]]
    new: tuple[Answered, ...]
    there: int = 0
    missing: int = 0
    people: tuple[Placed, ...] = ()
    original: Path
    notes: tuple[Note, ...] = ()
    done: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The plan in words."""
        told = [f"{self.original.name}: read as {self.format}"]
        told += [f"  {item}: {', '.join(names)}" for item, names in self.columns.items()]
        roles = Counter(a.placed.role or "no role" for a in self.new)
        counts = ", ".join(f"{n} of {role}" for role, n in sorted(roles.items()))
        told.append(
            f"phenotype/{self.instrument}.tsv: {len(self.new)} new questionnaires"
            f"{f' ({counts})' if counts else ''}, {self.there} there already, "
            f"{self.missing} answers missing"
        )
        told += [f"note: {n.where}: {n.text}" for n in self.notes]
        end = "written" if self.done else "to write; nothing written"
        return (*told, f"{len(self.new)} rows {end}")

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "study": str(self.study),
            "instrument": self.instrument,
            "format": self.format,
            "columns": {k: list(v) for k, v in self.columns.items()},
            "new": len(self.new),
            "there": self.there,
            "missing": self.missing,
            "notes": [asdict(n) for n in self.notes],
            "done": self.done,
        }
