"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def write_whole(path: Path, write: Callable[[Path], object], *, lasting: bool = True) -> Path:
    """Let ``write`` fill a temporary file beside ``path``, then move it into place.

    A full disk or a kill leaves the old file, or none; never half of a new one. ``lasting``
    also waits until the disk has it, so that a power cut cannot take it: not for what can be
    made again and is checked when it is opened.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_whole(folder / "a.txt", lambda p: p.write_text("all", "utf-8")).name
    'a.txt'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    part.touch(exist_ok=False)  # by the umask: who keeps files to themselves keeps these, too
    try:
        write(part)
        if lasting:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def is_within(path: Path, root: Path) -> bool:
    """Whether a file lies below a folder, wherever links lead.

    Examples
    --------
    >>> is_within(Path("study/../other/a.txt"), Path("study"))
    False
    """
    return path.resolve().is_relative_to(root.resolve())


def write_text(path: Path, text: str) -> Path:
    """Write text in UTF-8, whole or not at all."""
    return write_whole(path, lambda part: part.write_bytes(text.encode("utf-8")))


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> Path:
    """Write named arrays as ``.npz`` (no pickles), whole or not at all."""
    import numpy as np

    def save(part: Path) -> None:
        with part.open("wb") as file:  # given a name, numpy would add its own ending
            np.savez(file, allow_pickle=False, **arrays)

    return write_whole(path, save)


def read_arrays(path: Path) -> dict[str, Any]:
    """Read what ``write_arrays`` wrote."""
    import numpy as np

    with np.load(path, allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files}
