"""One session as a screen needs it, made once from the files and kept outside the study.

What is kept can be deleted at any time. It is named by the state of every file that it was made
from, so that a changed recording, code or run makes a new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.errors import FileError
from syntony.core.session import Session
from syntony.io.study import Study, input_files, load_session, open_study
from syntony.pipeline.pyramid import VERSION as PYRAMID
from syntony.pipeline.review_channels import channel_of, event_series, features_of
from syntony.pipeline.review_results import moments_of, quality_of, steps_of, tables_of
from syntony.report.run_folder import RunFolder

VERSION = 2
FACTS = "review.json"


def run_path(study: Study, run: str) -> Path:
    """Folder of a finished run of this study by its name.

    Raises
    ------
    FileError
        If the study has no such run.
    """
    known = run_names(study.root)
    if run not in known:
        where = study.root / "derivatives" / "syntony" / Path(run).name
        raise FileError(where, "no such run", f"one of {known[:20]}")
    return study.root / "derivatives" / "syntony" / run


def run_names(root: Path) -> list[str]:
    """Finished runs of a study, the newest first."""
    found = [
        (path.stat().st_mtime_ns, path.parent.name)
        for path in (root / "derivatives" / "syntony").glob("*/origin.json")
        if (path.parent / "pairs.parquet").is_file()
    ]
    return [name for _, name in sorted(found, reverse=True)]


def review_key(study: Study, session: str, run: str) -> str:
    """Name of what is kept for a session and a run (empty: none), by the state of their files."""
    files = input_files(study, session)
    if run:
        folder = run_path(study, run)
        files += sorted(folder.glob("*.parquet")) + sorted(folder.glob("*.json*"))
        files += sorted((folder / "couplings").glob(f"{session}_*.npz"))
        files += sorted((folder / "signals").glob(f"{session}*.parquet"))
    told = [f"{VERSION}.{PYRAMID}", session, run]
    for path in files:
        seen = path.stat()
        told.append(f"{path}\x1f{seen.st_size}\x1f{seen.st_mtime_ns}")
    return hashlib.sha256("\x1e".join(told).encode()).hexdigest()[:32]


def review_path(cache: Path, key: str) -> Path:
    """Folder of a review that is kept."""
    return cache / "reviews" / key[:2] / key


def make_review(
    *,
    root: str,
    session: str,
    run: str,
    cache: str,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> str:
    """Read the files of a session, build what is shown of them, and keep it.

    Parameters
    ----------
    root, cache : str
        The study, and the folder for what can be built again.
    session, run : str
        An empty run: signals and codes alone.
    on_progress : callable, optional
        Called with (steps done, steps).

    Returns
    -------
    str
        The key under which it is kept: :func:`review_path`.

    Raises
    ------
    FileError, InputError
        As ``load_session`` and the readers of a run.
    """
    study = open_study(Path(root), recordings=False)
    key = review_key(study, session, run)
    target = review_path(Path(cache), key)
    if (target / FACTS).is_file():
        return key
    on_progress(0, 3)
    loaded = load_session(study, session)
    on_progress(1, 3)
    facts, arrays = _assemble(study, loaded, run, Path(cache))
    on_progress(2, 3)
    _keep(target, facts, arrays)
    on_progress(3, 3)
    return key


def _assemble(
    study: Study, session: Session, run: str, cache: Path
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and arrays of a session."""
    people = {p.id: p for p in session.people}
    channels = [channel_of(s, people[s.person], cache, source="recording") for s in session.signals]
    events, arrays = [], {}
    for k, one in enumerate(session.events):
        about, series = event_series(one, people[one.person])
        events.append({"index": k, **about})
        arrays[f"events_{k}"] = series.astype("<f4")
    facts: dict[str, Any] = {
        "session": session.id,
        "dyad": session.dyad,
        "number": session.number,
        "type": session.type,
        "simulated": study.simulated,
        "study": study.title,
        "people": [{"id": p.id, "role": p.role} for p in session.people],
        "run": run,
        "channels": channels,
        "events": events,
        "notes": [n.text for n in session.notes],
    }
    found, more = _of_run(study, session, run, cache) if run else (_NOTHING, {})
    facts |= {k: v for k, v in found.items() if k != "channels"}
    facts["channels"] = [*found["channels"], *channels]
    facts["codes"] = _codes(session, found["code_book"])
    return facts | _extent(facts, session), arrays | more


_NOTHING: Mapping[str, Any] = {
    "channels": [],
    "steps": [],
    "moments": [],
    "quality": [],
    "code_book": {},
    "roles": [],
}


def _of_run(
    study: Study, session: Session, run: str, cache: Path
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a run says about a session; nothing where the session is not in it."""
    folder = RunFolder(run_path(study, run))
    mine = tables_of(folder, session.id)
    facts = mine["sessions"].first()
    if not facts:
        return dict(_NOTHING), {}
    roles = (str(facts["role_a"]), str(facts["role_b"]))
    steps, arrays = steps_of(folder, session.id, mine, roles)
    features = features_of(folder.signals(session.id), facts, session.people)
    return {
        "channels": [channel_of(s, p, cache, source="feature") for s, p in features],
        "steps": steps,
        "moments": moments_of(mine, roles),
        "quality": quality_of(mine),
        "code_book": dict(folder.recipe.get("emotion", {}).get("code_book", {})),
        "roles": list(roles),
    }, arrays


def _codes(session: Session, book: Mapping[str, str]) -> list[dict[str, Any]]:
    """Codes by coder, those of everybody together too, and the phases of the session."""
    roles = {"": ""} | {p.id: p.role for p in session.people}
    return [
        {
            "person": s.person,
            "role": roles[s.person],
            "coder": s.coder,
            "label": s.label,
            "valence": book.get(s.label, "") if s.is_code else "",
            "start_s": s.start_s,
            "stop_s": s.stop_s,
        }
        for s in session.spans
    ]


def _extent(facts: Mapping[str, Any], session: Session) -> dict[str, float]:
    """First and last second of the session: from 0 or before, to the end of what there is.

    Beats and codes count, too: a session may hold nothing else.
    """
    times = [e.times_s for e in session.events if e.times_s.size]
    starts = [0.0] + [c["start_s"] for c in facts["channels"]] + [float(t[0]) for t in times]
    stops = [c["start_s"] + c["n_samples"] / c["rate_hz"] for c in facts["channels"]]
    stops += [float(t[-1]) for t in times] + [s.stop_s for s in session.spans]
    return {"start_s": min(starts), "stop_s": max([*stops, min(starts) + 1.0])}


def _keep(target: Path, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write a review into a new folder and move it into place; one that came first stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        for name, values in arrays.items():
            held = np.ascontiguousarray(values).tobytes()
            (made / f"{name}.f32").write_bytes(held)  # the folder as a whole is moved into place
        text = json.dumps(facts, allow_nan=False, separators=(",", ":"))
        (made / FACTS).write_text(text, encoding="utf-8")
        try:
            os.replace(made, target)
        except OSError:
            if not (target / FACTS).is_file():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
