"""Writing what must not be lost: on the disk before anybody is told so, one writer at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from syntony.core.files import write_text

_THREADS = threading.Lock()


def write_lasting(path: Path, text: str) -> None:
    """Write text whole, and wait until the disk holds the file and its name."""
    write_text(path, text)
    sync_folder(path.parent)


def append_lasting(path: Path, text: str) -> None:
    """Add text to a file, made where it is not there, and wait until the disk holds it.

    A last line that a crash cut off is taken away first.
    """
    is_new = not path.exists()
    with path.open("ab+") as file:
        _drop_cut_line(cast(BinaryIO, file))
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def _drop_cut_line(file: BinaryIO) -> None:
    """Cut a file back to its last whole line."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 4096)
    file.seek(start)
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        file.truncate(start + tail.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)


def sync_folder(folder: Path) -> None:
    """Wait until the disk holds the names in a folder; Windows does so by itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one writer at a time into a folder, of this process and, but for Windows, of all."""
    with _THREADS:
        if os.name != "posix":
            yield
            return
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def hold(folder: Path) -> Callable[[], None] | None:
    """Hold a folder until what is given is called, or the process ends, however it ends.

    None where somebody holds it. Windows knows no such hold: there nobody does.
    """
    if os.name != "posix":
        return lambda: None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return lambda: os.close(handle)
