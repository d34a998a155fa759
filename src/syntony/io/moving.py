"""Recordings of one person moved on the session clock: times change, samples do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.errors import FileError
from syntony.core.notes import Note
from syntony.core.rated import split_kind
from syntony.core.session import Clock
from syntony.io.atomic import staged
from syntony.io.bids import EVENTS, number_text, read_json, sidecars_of, write_gzip, write_json
from syntony.io.edits import edits_path, in_force, read_edits
from syntony.io.study import Study, recordings_of
from syntony.io.study_write import clocks_table, notes_table, overlap_table
from syntony.io.text import decode, read_gzip


def move_recordings(
    study: Study,
    session_id: str,
    moves: Mapping[str, Clock],
    *,
    clocks: Mapping[str, Clock],
    spans: Mapping[str, tuple[float, float]],
    notes: Sequence[Note],
    history: Mapping[str, Any],
) -> None:
    """Move the recordings of some people of a session, and keep how: all of it, or nothing.

    Ratings are left where they are: they were given on the clock of the video.

    Parameters
    ----------
    study : Study
    session_id : str
    moves : mapping of person id to Clock
        ``new time = time * (1 + drift_ppm * 1e-6) + offset_s`` on the session clock.
    clocks : mapping of person id to Clock
        Of everybody, as they are afterwards.
    spans : mapping of person id to (float, float)
        From when to when everybody is recorded afterwards (s).
    notes : sequence of Note
        Added to those that the session has.
    history : mapping
        What was done; added to the list in ``clocks/<session>.json`` with the clocks before.

    Raises
    ------
    FileError
        If someone who is moved has stretches marked as artefacts, which lie on the old times;
        if a recording has no sidecar of its own; if the disk is full. Nothing is changed then.
    """
    row = study.session(session_id)
    edits = edits_path(study.root, session_id)
    marked = {e.mark.person for e in in_force(read_edits(edits))} & set(moves)
    if marked:
        raise FileError(
            edits,
            f"stretches of {', '.join(sorted(marked))} marked as artefacts",
            "none, while the recording is moved",
            "Withdraw them, align, and mark them again at the new times.",
        )
    path = study.root / "clocks" / f"{session_id}.json"
    said = read_json(path) if path.is_file() else {}
    before = {"clocks": said.get("clocks", {}), "overlap": said.get("overlap", {})}
    with staged(study.root) as new:
        for person in row.people:
            if person.id not in moves:
                continue
            for recording in recordings_of(study, row, person):
                _move(study.root, new, recording, moves[person.id])
        table = {
            **said,
            "clocks": clocks_table(clocks),
            "overlap": overlap_table(spans),
            "notes": [*said.get("notes", []), *notes_table(notes)],
            "history": [*said.get("history", []), {**history, "before": before}],
        }
        (new / "clocks").mkdir(exist_ok=True)
        write_json(new / "clocks" / path.name, table)


def _move(root: Path, new: Path, table: Path, move: Clock) -> None:
    """Write the sidecar, and where the times stand in the table that too, at the new times."""
    own = table.with_name(f"{table.name.removesuffix('.tsv.gz')}.json")
    if own not in sidecars_of(table):
        raise FileError(own, "no such file", "a sidecar of its own for every recording")
    said, pace = read_json(own), 1 + move.drift_ppm * 1e-6
    if any(split_kind(str(c)) for c in said.get("Columns", [])):
        return
    place = new / table.parent.relative_to(root)
    place.mkdir(parents=True, exist_ok=True)
    if table.name.endswith(EVENTS):
        _move_onsets(table, place / table.name, pace, move.offset_s)
        return
    try:
        start, rate = float(said["StartTime"]), float(said["SamplingFrequency"])
    except (KeyError, TypeError, ValueError):
        raise FileError(
            own, "no StartTime or SamplingFrequency", "both, in the recording's own sidecar"
        ) from None
    moved = {"StartTime": start * pace + move.offset_s, "SamplingFrequency": rate / pace}
    write_json(place / own.name, said | moved)


def _move_onsets(table: Path, to: Path, pace: float, offset_s: float) -> None:
    """Write the table with other onsets; whatever stands beside them stays as it is."""
    rows = [r.split("\t") for r in decode(table, read_gzip(table)).splitlines()]
    onsets = number_text(np.array([float(r[0]) for r in rows]) * pace + offset_s)
    lines = ["\t".join([at, *r[1:]]) for at, r in zip(onsets, rows, strict=True)]
    write_gzip(to, "\n".join(lines) + "\n" if lines else "")
