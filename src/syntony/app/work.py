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
    """Plan an import of uploaded files, or carry it out; the plan as plain values.

    Every file is held to what it may unpack to before a reader sees it.
    """
    from syntony.io.packed import check_packed
    from syntony.pipeline.importing import import_files

    root, where = Path(folder).resolve(), Path(study).resolve()
    os.chdir(root)  # so that messages name a file as the person did; the process is our own
    left = most_bytes
    for path in sorted(p for p in Path().rglob("*") if p.is_file()):
        left -= check_packed(path, most_bytes=max(0, left), ratio=ratio)
    plan = import_files([Path()], where, dry_run=dry_run, on_progress=on_progress, **dict(options))
    said = plan.to_json()
    said["study"] = ""
    said["noted"] = [text for _, texts in plan.noted.values() for text in texts]
    said["summary"] = [line.rpartition(": ")[2] for line in plan.summary[-1:]]
    return said
