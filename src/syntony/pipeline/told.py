"""What one part of the chain says of a run, before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from syntony.core.notes import Note
from syntony.link.finding import Finding
from syntony.pipeline.emotions import Emotions, emotions_of
from syntony.pipeline.empathy import questionnaires_of
from syntony.pipeline.pairs import Results
from syntony.pipeline.questionnaires import Scored
from syntony.pipeline.source import Source


@dataclass(frozen=True)
class Gathered:
    """Results of a run, and what several parts read of them, made once."""

    folder: Path
    results: Results
    source: Source

    @cached_property
    def emotions(self) -> Emotions:
        """Codes beside synchrony."""
        return emotions_of(self.results)

    @cached_property
    def asked(self) -> Scored:
        """Questionnaires, scored."""
        return questionnaires_of(self.results)


@dataclass(frozen=True)
class Told:
    """Rows of tables, statements over dyads, notes, and words for the methods paragraph."""

    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    notes: Sequence[Note] = ()
    methods: str = ""
