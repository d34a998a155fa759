"""What a run was finished without, because computing it failed: sessions, pseudo-pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from syntony.core.files import write_text
from syntony.pipeline.plan import Plan
from syntony.pipeline.prepare import prepared_path, read_prepared


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


def facts_of_run(folder: Path, plan: Plan) -> tuple[list[dict[str, Any]], list[bool]]:
    """What preparing found of every session of a plan, and which of them came through so far.

    ``failed`` of a session that was given up says why.
    """
    gone = given_up(folder)
    facts = [read_prepared(folder, s.id) | gone.get(s.id, {}) for s in plan.sessions]
    return facts, [not fact["failed"] for fact in facts]


def _pairs_path(folder: Path, tile: str) -> Path:
    """Where it is written which pseudo-pairs of a tile were given up."""
    return folder / "blocks" / "strangers" / f"{tile}.failed.json"


def give_up_pairs(folder: Path, tile: str, pairs: Sequence[tuple[str, str, str]]) -> None:
    """Write which pseudo-pairs of a tile were given up: both sessions, and why."""
    write_text(_pairs_path(folder, tile), json.dumps(pairs, indent=1))


def pairs_given_up(folder: Path) -> list[tuple[str, str, str]]:
    """Every pseudo-pair given up: session of the first person, of the second, and why."""
    paths = sorted((folder / "blocks" / "strangers").glob("*.failed.json"))
    return [tuple(pair) for path in paths for pair in json.loads(path.read_text("utf-8"))]


def try_again(folder: Path) -> bool:
    """Forget what was given up, so that it is tried again; tell whether there was any."""
    gone = given_up(folder)
    for session in gone:
        prepared = prepared_path(folder, session)
        if prepared.exists() and "given_up" in json.loads(prepared.read_text("utf-8")):
            prepared.unlink()
        _path(folder, session).unlink()
    tiles = list((folder / "blocks" / "strangers").glob("*.failed.json"))
    for path in tiles:
        path.with_name(path.name.replace(".failed.json", ".npz")).unlink(missing_ok=True)
        path.unlink()
    return bool(gone or tiles)
