"""Where a result comes from: versions, machine, inputs with their hash."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from syntony.core.version import __version__
from syntony.io.hashing import sha256_of
from syntony.pipeline.source import Source

PACKAGES = ("numpy", "scipy", "numba", "pandas", "pyarrow", "sleepecg")


def describe(source: Source, sessions: list[str], root: Path, title: str = "") -> dict[str, Any]:
    """Everything about a run that is not a choice; paths are relative to the study."""
    people = {p.id for row in source.rows for p in row.people}
    return {
        **versions(),
        "platform": f"{platform.system()} {platform.machine()}",
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": {
            "title": title or source.title,
            "root_name": root.name,
            "roles": list(source.roles),
            "simulated": source.simulated,
            "sessions": len(sessions),
            "dyads": len({row.dyad for row in source.rows if row.id in sessions}),
            "people": len(people),
            "truth": None if source.truth is None else dict(source.truth),
        },
        "inputs": [fact for session in sessions for fact in hashes(source.inputs(session), root)],
    }


def versions() -> dict[str, str]:
    """Versions of everything that can change a figure."""
    return {
        "syntony": __version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def hashes(files: list[Path], root: Path) -> list[dict[str, Any]]:
    """Path (relative to the study where it lies in it), size and sha256 of each file."""
    return [
        {
            "path": str(file.relative_to(root)) if file.is_relative_to(root) else str(file.name),
            "bytes": file.stat().st_size,
            "sha256": sha256_of(file),
        }
        for file in files
    ]


def _version(package: str) -> str:
    """Installed version, or "not installed"."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
