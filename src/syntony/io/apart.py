"""Ask a process of its own, for libraries that a damaged file can hang or crash.

What runs there is a script that imports nothing of the program: it starts sooner, and what it
gives back is JSON and bare numbers, which can do nothing here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Timer
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syntony.core.errors import FileError

_PATIENCE_S = 8.0
_SLOW_BYTES_A_S = 20e6
_LONGEST_LINE = 2**24
_NUMBERS = re.compile(r"[<>|][iuf]\d{1,2}")
# Threads of the libraries there would take time to start and have nothing to do.
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Apart:
    """A process with one file open; made by :func:`open_apart`."""

    def __init__(self, path: Path, script: Path) -> None:
        self.path = path
        self.patience_s = self._left_s = _PATIENCE_S + path.stat().st_size / _SLOW_BYTES_A_S
        self._is_late = Event()
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ONE_THREAD,
        )
        self._say({"packages": sys.path, "file": str(path), "seconds": self.patience_s})

    def ask(self, **order: Any) -> Any:
        """Send an order and give what comes back: what JSON can say, or an array.

        Raises
        ------
        FileError
            What the process refuses; also where it died or did not come to an end.
        """
        began = monotonic()
        timer = Timer(max(0.0, self._left_s), self._end)
        timer.start()
        try:
            self._say(order)
            return self._answer()
        finally:
            timer.cancel()
            self._left_s -= monotonic() - began  # what we do between two orders does not count

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # it died before it took everything
                pipe.close()  # type: ignore[union-attr]
        self._process.wait()

    def _say(self, order: dict[str, Any]) -> None:
        with suppress(OSError):  # it died before: its answer will be missing
            self._process.stdin.write(json.dumps(order, default=str).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]

    def _answer(self) -> Any:
        line = self._process.stdout.readline(_LONGEST_LINE)  # type: ignore[union-attr]
        if not line.endswith(b"\n"):
            raise self._failed()
        try:
            kind, value = json.loads(line)
        except (ValueError, TypeError):
            raise _damaged(self.path, "no answer that can be read") from None
        if kind == "refused":
            raise FileError(self.path, *value)
        return self._numbers(*value) if kind == "numbers" else value

    def _numbers(self, dtype: str, count: int) -> NDArray[Any]:
        """Take the numbers that follow on their line, in the type that the file has them in."""
        if not _NUMBERS.fullmatch(dtype) or count < 1:
            raise _damaged(self.path, f"{count} numbers of type {dtype:.40}")
        out = np.empty(count, dtype=dtype)
        if self._process.stdout.readinto(out.view(np.uint8).data) != out.nbytes:  # type: ignore[union-attr]
            raise self._failed()
        return out

    def _failed(self) -> FileError:
        """Say how it ended, once it has."""
        code = self._process.wait()
        if self._is_late.is_set():
            return _damaged(self.path, f"no end of reading in {self.patience_s:.0f} s")
        return _damaged(self.path, f"what makes the library fail ({code})")

    def _end(self) -> None:
        """End what takes too long."""
        self._is_late.set()
        self._process.kill()


@contextmanager
def open_apart(path: Path, script: Path) -> Iterator[Apart]:
    """Start a script in a process of its own, which ends with the block.

    Parameters
    ----------
    path : Path
        What it reads.
    script : Path
        It takes orders as JSON, one a line. The first, which it does not answer, says where to
        import from (``packages``), which ``file`` to read and in how many ``seconds``. To every
        other it answers a line: ``["refused", [found, expected, hint]]``,
        ``["numbers", [dtype, count]]`` and then as many, or ``["found", value]``.
    """
    apart = Apart(path, script)
    try:
        yield apart
    finally:
        apart.close()


def _damaged(path: Path, found: str) -> FileError:
    """Make the error for a file that breaks its library."""
    return FileError(path, found, "a whole file", "Copy or export it again.")
