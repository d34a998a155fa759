"""Run: a finished analysis, which is a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syntony.core.errors import FileError
from syntony.core.notes import Note

if TYPE_CHECKING:
    import pandas as pd

TABLES = {
    "pairs": "synchrony of every session, with each surrogate",
    "pseudo": "synchrony of people who never met",
    "moments": "moments of high and low concordance",
    "survivors": "stretches of a session that survive chance",
    "searches": "what was searched over time, lags and frequencies, and what the search costs",
    "quality": "what is valid and what is missing, by person and cause",
    "codes": "synchrony by emotion class",
    "events": "onsets of every code: found, used, and why others are not",
    "event_locked": "synchrony and both signals around the onsets of a code",
    "epochs": "epochs of every class beside random epochs of the session",
    "emotion_lag": "synchrony of a class with the codes moved earlier and later",
    "dose": "share of a session in every class, beside its synchrony",
    "moment_model": "mixed model of synchrony from moment to moment",
    "agreement": "how far the coders agree, by code",
    "disagreements": "where two coders part, the longest first",
    "sequences": "whose codes follow whose, at each lag",
    "scores": "questionnaire scores",
    "reliability": "alpha and omega of every scale, by role",
    "change": "change of scores over sessions, by person and role",
    "likeness": "how alike the two people of a dyad answered",
    "ratings": "continuous ratings: of whom, by whom, how much of them there is",
    "accuracy": "how two ratings go together in every session, with each kind of chance",
    "rated_pairs": "physiology of one person against a rating, as in pairs",
    "links": "the findings over dyads",
    "models": "coefficients of the models, with interval, p and how they were fitted",
    "model_checks": "assumptions of the models, and the spread of their random part",
    "groups": "quality and synchrony by site, year, device",
    "convergence": "how far the indices agree over sessions",
    "spans": "phases and codes",
    "sessions": "who met, for how long, on which clocks",
}
"""Every table of a run, and what it holds."""

OF_MULTIVERSE = {"paths": "every path of a multiverse with its effect; never a p"}
"""The table of a multiverse, whose folder is another kind than a run's."""


@dataclass(frozen=True)
class Run:
    """A finished analysis: what lies in its folder, read when asked for.

    Attributes
    ----------
    path : Path
        ``derivatives/syntony/<run>`` of a study, or the folder that ``pair`` made.
    """

    path: Path

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """Every choice, defaults included."""
        return self._json("recipe.json")

    @cached_property
    def origin(self) -> dict[str, Any]:
        """Versions, machine, inputs with their hash."""
        return self._json("origin.json")

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return bool(self.origin.get("finished"))

    @property
    def report(self) -> Path:
        """The page to open first: the study's, or that of the only session."""
        index = self.path / "report" / "index.html"
        others = [p for p in index.parent.glob("*.html") if p != index]
        return others[0] if len(others) == 1 else index

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What the stages noticed."""
        path = self.path / "notes.jsonl"
        if not path.exists():
            return ()
        lines = path.read_text("utf-8").splitlines()
        return tuple(Note(**json.loads(line)) for line in lines)

    def table(self, name: str) -> pd.DataFrame:
        """One of the run's tables, with labels.

        Raises
        ------
        FileError
            If the run holds no such table.
        """
        import pyarrow.parquet as pq

        path = self.path / f"{name}.parquet"
        known = [*TABLES, *OF_MULTIVERSE]
        if name not in known or not path.exists():
            there = [t for t in known if (self.path / f"{t}.parquet").exists()]
            raise FileError(path, "no such table", f"one of {there}")
        # pandas hands Arrow a Python file, which Arrow's threads may let go of while the
        # interpreter ends: one script in eight was aborted after its last line
        with pq.ParquetFile(path, pre_buffer=False) as file:
            table: pd.DataFrame = file.read().to_pandas()
        return table

    def query(self, sql: str) -> pd.DataFrame:
        """Ask the run's tables a question in SQL; see :func:`syntony.core.query.query`.

        Raises
        ------
        InputError
            If it is not one question that DuckDB can answer.
        """
        from syntony.core.query import query

        return query(self, sql)

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            hint = "A run lies in derivatives/syntony/<name> of its study."
            raise FileError(self.path, f"no {name}", "the folder of a run", hint) from None
        except json.JSONDecodeError as error:
            raise FileError(
                path, str(error), "JSON", "The run was damaged; run it again."
            ) from None
        return found
