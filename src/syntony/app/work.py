"""Long work, as the processes of ``jobs.py`` are given it: one call of a room below each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Watch = Callable[[int, int], None]


def make_demo(*, on_progress: Watch, study: str) -> dict[str, Any]:
    """Make the demo study, run it, write its report."""
    from syntony.trials.demo import demo

    run = demo(Path(study), on_progress=on_progress)
    return {"run": run.path.name}


def look_in(*, on_progress: Watch, folder: str, ratio: float, most_bytes: int) -> dict[str, Any]:
    """Say what uploaded files hold, as plain values; held to what they may unpack to."""
    from syntony.pipeline.looking_in import look_into

    _enter(folder, ratio, most_bytes)
    return look_into(Path()).to_json()


def bring_in(
    *,
    on_progress: Watch,
    folder: str,
    study: str,
    options: Mapping[str, Any],
    ratio: float,
    most_bytes: int,
    dry_run: bool,
) -> dict[str, Any]:
    """Plan an import of uploaded files, or carry it out; the plan as plain values."""
    from syntony.pipeline.importing import import_files

    where = Path(study).resolve()
    _enter(folder, ratio, most_bytes)
    plan = import_files([Path()], where, dry_run=dry_run, on_progress=on_progress, **dict(options))
    said = plan.to_json()
    said["study"] = ""
    said["noted"] = [text for _, texts in plan.noted.values() for text in texts]
    said["summary"] = [line.rpartition(": ")[2] for line in plan.summary[-1:]]
    return said


def _enter(folder: str, ratio: float, most_bytes: int) -> None:
    """Go to the uploaded files, after each was held to what it may unpack to.

    Messages then name a file as the person did; the process is our own.
    """
    from syntony.io.packed import check_packed

    os.chdir(Path(folder).resolve())
    left = most_bytes
    for path in sorted(p for p in Path().rglob("*") if p.is_file()):
        left -= check_packed(path, most_bytes=max(0, left), ratio=ratio)
