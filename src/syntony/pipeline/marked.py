"""Artefacts marked by hand, as a page shows them: who said what when, and which runs knew it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from syntony.core.session import Mark
from syntony.io.edits import MARK, WITHDRAW, Edit, edits_path, read_edits
from syntony.io.marking import add_mark, withdraw_mark
from syntony.io.study import Study
from syntony.pipeline.origin import hashes
from syntony.pipeline.run_states import FINISHED, RUNS, list_run_states

__all__ = ["MarkLine", "add_mark", "mark_lines", "runs_before", "withdraw_mark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkLine:
    """One mark of a session's list, with its withdrawal where it was withdrawn.

    ``role`` is that of the person in the session; ``withdrawn_at`` is empty while the mark is
    in force.
    """

    id: str
    at: str
    by: str
    person: str
    role: str
    kind: str
    start_s: float
    stop_s: float
    reason: str
    withdrawn_at: str = ""
    withdrawn_by: str = ""

    @property
    def mark(self) -> Mark:
        """The stretch as a session holds it."""
        return Mark(person=self.person, kind=self.kind, start_s=self.start_s, stop_s=self.stop_s)


def mark_lines(study: Study, session: str) -> tuple[MarkLine, ...]:
    """Every mark of a session, by its start, those that were withdrawn too.

    Raises
    ------
    InputError
        If the study has no such session.
    FileError
        If the list of edits cannot be read.
    """
    roles = {p.id: p.role for p in study.session(session).people}
    edits = read_edits(edits_path(study.root, session))
    back = {e.of: e for e in edits if e.action == WITHDRAW}
    lines = [_line(e, back.get(e.id), roles.get(e.person, "")) for e in edits if e.action == MARK]
    return tuple(sorted(lines, key=lambda m: (m.start_s, m.stop_s, m.at)))


def _line(edit: Edit, back: Edit | None, role: str) -> MarkLine:
    return MarkLine(
        id=edit.id,
        at=edit.at,
        by=edit.by,
        person=edit.person,
        role=role,
        kind=edit.kind,
        start_s=edit.start_s,
        stop_s=edit.stop_s,
        reason=edit.reason,
        withdrawn_at=back.at if back else "",
        withdrawn_by=back.by if back else "",
    )


def runs_before(study: Study, session: str) -> tuple[str, ...]:
    """Finished runs that read another list of marks than the session has now, the newest first.

    They are told by the hash of the list that stands in each run.
    """
    path = edits_path(study.root, session)
    files = [path] if path.is_file() else []
    now = hashes(files, study.root)
    name = path.relative_to(study.root).as_posix()
    found = []
    for state in list_run_states(study.root):
        if state.kind != "run" or state.state != FINISHED:
            continue
        origin = json.loads((study.root / RUNS / state.name / "origin.json").read_text("utf-8"))
        read = [i for i in origin.get("inputs", []) if Path(str(i.get("path"))).as_posix() == name]
        if [i["sha256"] for i in read] != [i["sha256"] for i in now]:
            found.append(state.name)
    return tuple(found)
