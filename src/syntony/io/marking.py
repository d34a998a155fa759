"""Calling a stretch of a channel an artefact, and taking that back."""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from syntony.core.errors import InputError
from syntony.core.files import write_text
from syntony.core.session import Mark
from syntony.io.edits import EDITS, MARK, WITHDRAW, Edit, edits_path, in_force, read_edits
from syntony.io.study import Study, load_session
from syntony.io.study_write import hide_from_bids

LONGEST_TEXT = 2000
_ONE_AT_A_TIME = threading.Lock()  # a list is read and written anew: two at once would lose a line


def add_mark(study: Study, session: str, mark: Mark, *, by: str, reason: str = "") -> Edit:
    """Call a stretch of a channel an artefact; the next run leaves it out.

    Parameters
    ----------
    study : Study
    session : str
    mark : Mark
        Seconds on the session clock.
    by : str
        Who says so: a name or an account.
    reason : str, optional

    Raises
    ------
    InputError
        If the person was not there or has no such channel, or the stretch lies outside what
        was recorded.
    """
    loaded = load_session(study, session)
    channels = [(s.person, s.kind, s.start_s, s.stop_s) for s in loaded.signals]
    channels += [
        (e.person, e.kind, float(e.times_s[0]), float(e.times_s[-1]))
        for e in loaded.events
        if e.times_s.size
    ]
    own = [c for c in channels if c[0] == mark.person and mark.kind in (c[1], "*")]
    if not own:
        known = sorted({f"{person} {kind}" for person, kind, _, _ in channels})
        raise InputError("mark", f"{mark.person} {mark.kind}", f"one of {known}")
    first_s, last_s = min(c[2] for c in own), max(c[3] for c in own)
    if mark.stop_s <= first_s or mark.start_s >= last_s:
        raise InputError(
            "mark", (mark.start_s, mark.stop_s), f"a stretch within {first_s:g} to {last_s:g} s"
        )
    edit = Edit(id=secrets.token_hex(8), at=_now(), by=by, action=MARK, **asdict(mark))
    return _append(study.root, session, edit, reason)


def withdraw_mark(study: Study, session: str, edit: str, *, by: str) -> Edit:
    """Take a mark back; the mark and its withdrawal both stay in the list.

    Raises
    ------
    InputError
        If there is no such mark, or it was withdrawn before.
    """
    there = [e.id for e in in_force(read_edits(edits_path(study.root, session)))]
    if edit not in there:
        raise InputError("edit", edit, f"a mark in force, one of {there}")
    back = Edit(id=secrets.token_hex(8), at=_now(), by=by, action=WITHDRAW, of=edit)
    return _append(study.root, session, back, "")


def _append(root: Path, session: str, edit: Edit, reason: str) -> Edit:
    """Write the list with one line more, whole or not at all."""
    if len(reason) > LONGEST_TEXT:
        raise InputError("reason", f"{len(reason)} characters", f"at most {LONGEST_TEXT}")
    said = asdict(edit) | {"reason": reason}
    path = edits_path(root, session)
    with _ONE_AT_A_TIME:
        before = path.read_text("utf-8") if path.is_file() else ""
        path.parent.mkdir(exist_ok=True)
        hide_from_bids(root, EDITS)
        if before and not before.endswith("\n"):
            before += "\n"
        write_text(path, before + json.dumps(said, ensure_ascii=False) + "\n")
    return Edit(**said)


def _now() -> str:
    """The time, as a stamp."""
    return datetime.now(UTC).isoformat(timespec="seconds")
