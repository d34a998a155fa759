"""Sessions that a run was finished without, because computing them failed; resumable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from syntony.core.files import write_text
from syntony.pipeline.prepare import prepared_path


def _path(folder: Path, session: str) -> Path:
    """Where it is written that a session was given up."""
    return folder / "blocks" / f"{session}.failed.json"


def give_up(folder: Path, session: str, reason: str) -> None:
    """Write that a session was given up, and why.

    A session that was not prepared gets facts that say the same, so that every reader of the
    folder leaves it out.
    """
    text = json.dumps({"session": session, "failed": reason, "given_up": True}, indent=1)
    write_text(_path(folder, session), text)
    if not prepared_path(folder, session).exists():
        write_text(prepared_path(folder, session), text)


def given_up(folder: Path) -> dict[str, dict[str, Any]]:
    """What was written of every session given up."""
    paths = sorted((folder / "blocks").glob("*.failed.json"))
    facts = [json.loads(path.read_text("utf-8")) for path in paths]
    return {fact["session"]: fact for fact in facts}


def try_again(folder: Path) -> bool:
    """Forget what was given up, so that it is tried again; tell whether there was any."""
    gone = given_up(folder)
    for session in gone:
        prepared = prepared_path(folder, session)
        if prepared.exists() and "given_up" in json.loads(prepared.read_text("utf-8")):
            prepared.unlink()
        _path(folder, session).unlink()
    return bool(gone)
