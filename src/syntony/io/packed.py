"""Packed files of others, held to what they may unpack to before anything reads them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from syntony.core.errors import FileError

MEMBERS = 10_000
_CHUNK = 1 << 20


def check_packed(path: Path, *, most_bytes: int, ratio: float, members: int = MEMBERS) -> int:
    """Measure what a file unpacks to: zip (xlsx too) and gzip; other files are as they are.

    What a packed file says of its own size is not believed: it is unpacked in pieces, to
    nowhere, until it ends or is too large.

    Parameters
    ----------
    path : Path
    most_bytes : int
        Largest size unpacked.
    ratio : float
        Largest size unpacked over the size of the file, counted from 1 MB on.
    members : int
        Most files in one zip.

    Returns
    -------
    int
        Bytes unpacked.

    Raises
    ------
    FileError
        If it is too large, too densely packed, has too many members, or is damaged.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("1,2")
    >>> check_packed(path, most_bytes=100, ratio=10)
    3
    """
    size = path.stat().st_size
    most = int(min(most_bytes, max(_CHUNK, ratio * size)))
    with path.open("rb") as file:
        head = file.read(4)
    try:
        if head[:2] == b"\x1f\x8b":
            found = _gzip(path, most)
        elif head == b"PK\x03\x04":
            found = _zip(path, most, members)
        else:
            found = size
    except (zlib.error, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileError(path.name, f"a damaged or locked file ({error})", "a whole one") from error
    if found > most:
        raise FileError(
            path.name,
            f"a file of {size:,} bytes that unpacks to more than {most:,}",
            f"at most {ratio:g} times its size, and {most_bytes:,} bytes",
            "Unpack it yourself and bring the files in.",
        )
    return found


def _gzip(path: Path, most: int) -> int:
    """Bytes in a gzip file, all its members, or the first number above ``most``."""
    total = 0
    unpacker = zlib.decompressobj(31)
    with path.open("rb") as file:
        data = file.read(_CHUNK)
        while data and total <= most:
            total += len(unpacker.decompress(data, _CHUNK))
            if unpacker.eof:
                data, unpacker = unpacker.unused_data, zlib.decompressobj(31)
                data = data.lstrip(b"\0") or file.read(_CHUNK)
            else:
                data = unpacker.unconsumed_tail or file.read(_CHUNK)
    return total


def _zip(path: Path, most: int, members: int) -> int:
    """Bytes in a zip file, or the first number above ``most``."""
    total = 0
    with zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        if len(listed) > members:
            raise FileError(path.name, f"{len(listed)} files in a zip", f"at most {members}")
        for member in listed:
            with archive.open(member) as file:
                while total <= most and (data := file.read(_CHUNK)):
                    total += len(data)
    return total
