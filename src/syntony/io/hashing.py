"""Fingerprints of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from syntony.core.errors import FileError


def sha256_of(path: Path | str) -> str:
    """SHA-256 of a file's content, as 64 hexadecimal digits.

    Raises
    ------
    FileError
        If there is no such file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "empty"
    ...     _ = file.write_bytes(b"")
    ...     sha256_of(file)[:16]
    'e3b0c44298fc1c14'
    """
    path = Path(path)
    if not path.is_file():
        raise FileError(path, "no such file", "a file to take the fingerprint of")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
