"""Read with a library that a damaged file can hang or crash: in a process of its own."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, SyntonyError
from syntony.core.recording import Recording

_PATIENCE_S = 8.0
_SLOW_BYTES_A_S = 20e6


def read_apart(module: str, function: str, path: Path, **options: Any) -> Recording:
    """Call ``module.function(path, **options)`` in another process and give its recording.

    Raises
    ------
    SyntonyError
        The one that the function raised.
    FileError
        Where the process died or did not come to an end.
    """
    patience = _PATIENCE_S + path.stat().st_size / _SLOW_BYTES_A_S
    with tempfile.TemporaryDirectory() as folder:
        order, answer = Path(folder) / "order", Path(folder) / "answer"
        order.write_bytes(pickle.dumps((sys.path, module, function, path, options)))
        try:
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, str(order), str(answer)],
                timeout=patience,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _damaged(path, f"no end of reading in {patience:.0f} s") from None
        if done.returncode or not answer.exists():
            raise _damaged(path, f"what makes the library fail ({done.returncode})")
        got = pickle.loads(answer.read_bytes())  # written by our own process a moment ago
    if isinstance(got, SyntonyError):
        raise got
    if not isinstance(got, Recording):
        raise _damaged(path, "no recording")
    return got


def _damaged(path: Path, found: str) -> FileError:
    """Make the error for a file that breaks its library."""
    return FileError(path, found, "a whole file", "Copy or export it again.")


_CHILD = """
import pickle, sys
with open(sys.argv[1], "rb") as file:
    sys.path[:], module, function, path, options = pickle.load(file)
from syntony.io.apart import answer_order
answer_order(module, function, path, options, sys.argv[2])
"""


def answer_order(module: str, function: str, path: Path, options: Any, answer: str) -> None:
    """In the other process: read, and write down what came of it."""
    try:
        got: object = getattr(import_module(module), function)(path, **options)
    except SyntonyError as error:
        got = error
    with open(answer, "wb") as file:
        pickle.dump(got, file)
