"""What a study keeps of the files it was made from, and notes that come later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from syntony.core.notes import Note
from syntony.io.atomic import staged
from syntony.io.bids import read_json, write_json
from syntony.io.hashing import sha256_of
from syntony.io.study import Study
from syntony.io.tsv import read_tsv


def is_study(root: Path) -> bool:
    """Claim that there is a study in this folder."""
    return (root / "study.toml").is_file()


def fingerprint(path: Path) -> str:
    """SHA-256 of a file; of a folder, that of the list of its files and their SHA-256."""
    if not path.is_dir():
        return sha256_of(path)
    files = [p for p in path.rglob("*") if p.is_file()]
    return _of_list({p.relative_to(path).as_posix(): sha256_of(p) for p in files})


def originals_of(study: Study) -> dict[str, dict[str, str]]:
    """For each session of a study, the name of every original and its fingerprint.

    Sessions that keep no originals (made by hand, simulated) have none.
    """
    return {row.id: _originals(study.root / "sourcedata" / row.id) for row in study.sessions}


def _originals(folder: Path) -> dict[str, str]:
    table = folder / "sources.tsv"
    if not table.is_file():
        return {}
    files: dict[str, str] = {}
    folders: dict[str, dict[str, str]] = {}
    for row in read_tsv(table, ["file", "sha256"])[1]:
        first, _, rest = row.required("file").partition("/")
        if rest:
            folders.setdefault(first, {})[rest] = row.required("sha256")
        else:
            files[first] = row.required("sha256")
    return files | {name: _of_list(inside) for name, inside in folders.items()}


def _of_list(files: Mapping[str, str]) -> str:
    text = "".join(f"{sha}  {name}\n" for name, sha in sorted(files.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def add_notes(root: Path, notes: Mapping[str, Sequence[Note]]) -> None:
    """Add notes to sessions that are there; all of them, or none. Nothing else changes.

    Parameters
    ----------
    root : Path
        A study.
    notes : mapping of session id to sequence of Note
        Those that a session has already are not added again.
    """
    changed = {}
    for session, given in notes.items():
        said = read_json(root / "clocks" / f"{session}.json")
        old = said.setdefault("notes", [])
        new = [{"where": n.where, "code": n.code, "text": n.text} for n in given]
        fresh = [n for n in new if n not in old]
        if fresh:
            changed[session] = {**said, "notes": [*old, *fresh]}
    if not changed:
        return
    with staged(root) as stage:
        (stage / "clocks").mkdir()
        for session, said in changed.items():
            write_json(stage / "clocks" / f"{session}.json", said)
