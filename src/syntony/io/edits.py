"""Stretches called artefacts by hand: a list of edits beside the data, never in them.

``edits/<session>.jsonl`` of a study has a line per edit, who made it and when. Nothing is taken
away from the list: an edit that was withdrawn stands there with its withdrawal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.session import Mark

EDITS = "edits"
MARK, WITHDRAW = "mark", "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One line of the list.

    Attributes
    ----------
    id : str
    at : str
        ISO 8601 stamp, UTC.
    by : str
        Who made it.
    action : str
        ``"mark"`` or ``"withdraw"``.
    of : str
        Which edit is withdrawn.
    person, kind, start_s, stop_s
        What is marked, as in :class:`syntony.core.session.Mark`.
    reason : str
    """

    id: str
    at: str
    by: str
    action: str
    of: str = ""
    person: str = ""
    kind: str = ""
    start_s: float = 0.0
    stop_s: float = 0.0
    reason: str = ""

    @property
    def mark(self) -> Mark:
        """The stretch as a session holds it."""
        return Mark(person=self.person, kind=self.kind, start_s=self.start_s, stop_s=self.stop_s)


def edits_path(root: Path, session: str) -> Path:
    """Where the edits of a session lie."""
    return root / EDITS / f"{session}.jsonl"


def read_edits(path: Path) -> list[Edit]:
    """Read every edit of a session, the oldest first; none where there is no file.

    Raises
    ------
    FileError
        With the line: what is no edit, a stop not after its start, a withdrawal of nothing.
    """
    if not path.is_file():
        return []
    edits: list[Edit] = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise FileError(path, "bytes that are no UTF-8", "edits, a line each") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            edits.append(_edit_of(path, number, line, edits))
    return edits


def in_force(edits: list[Edit]) -> list[Edit]:
    """The marks that were not withdrawn."""
    gone = {e.of for e in edits if e.action == WITHDRAW}
    return [e for e in edits if e.action == MARK and e.id not in gone]


def _edit_of(path: Path, number: int, line: str, before: list[Edit]) -> Edit:
    """One line as an edit."""
    try:
        said: dict[str, Any] = json.loads(line)
        edit = Edit(**said)
        texts = (edit.id, edit.at, edit.by, edit.action, edit.of, edit.person, edit.kind)
        if not all(isinstance(t, str) for t in (*texts, edit.reason)):
            raise TypeError
        if edit.action == MARK:
            edit.mark  # noqa: B018  (refuses a stop before its start)
        elif edit.action != WITHDRAW or edit.of not in {e.id for e in before}:
            raise ValueError
    except (TypeError, ValueError, RecursionError, InputError):
        raise FileError(
            path,
            line[:80],
            "a mark with start_s before stop_s, or the withdrawal of one above it",
            "Mend or delete the line.",
            line=number,
        ) from None
    return edit
