"""Zip files of others, opened with care; a folder is read in the same way."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from syntony.core.errors import FileError

MAX_TOTAL = 2**30
MAX_RATIO = 200
_RATIO_FROM = 10_000_000
# what zipfile meets in a directory that lies: offsets before the file, names without an encoding
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    RuntimeError,
    struct.error,
)


def members_of(path: Path, wanted: tuple[str, ...]) -> Mapping[str, bytes]:
    """Read the wanted members of a zip file or folder; what is not there is left out.

    Nothing is unpacked to disk. Members may lie in one common folder of the zip.

    Parameters
    ----------
    path : Path
    wanted : tuple of str
        File names, such as ``"EDA.csv"``.

    Raises
    ------
    FileError
        If the zip is damaged or cut off, names paths outside itself, holds a member twice, is
        encrypted, or unpacks to too much.
    """
    if path.is_dir():
        return {n: (path / n).read_bytes() for n in wanted if (path / n).is_file()}
    try:
        with zipfile.ZipFile(path) as archive:
            return _from_zip(path, archive, wanted)
    except FileError:
        raise
    except _DAMAGED as error:
        raise FileError(
            path, f"a damaged zip ({error})", "a whole zip file", "Download it again."
        ) from error


def _from_zip(path: Path, archive: zipfile.ZipFile, wanted: tuple[str, ...]) -> Mapping[str, bytes]:
    """Read the wanted members after looking at every name and size."""
    total = 0
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        place = PurePosixPath(member.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in member.filename:
            raise FileError(
                path, f"the member {member.filename!r}", "names inside the zip", "Do not trust it."
            )
        if place.parts[:1] == ("__MACOSX",) or place.name not in wanted or len(place.parts) > 2:
            continue
        if place.name in found:
            raise FileError(path, f"{place.name!r} twice", "one recording in a zip", "Split it.")
        if member.flag_bits & 1:
            raise FileError(path, "an encrypted member", "a plain zip", "Unpack it first.")
        ratio = member.file_size / max(1, member.compress_size)
        total += member.file_size
        if total > MAX_TOTAL or (member.file_size > _RATIO_FROM and ratio > MAX_RATIO):
            raise FileError(
                path,
                f"{place.name!r} that unpacks to {member.file_size / 1e6:.0f} MB ({ratio:.0f}:1)",
                f"at most {MAX_TOTAL / 1e6:.0f} MB and {MAX_RATIO}:1",
                "Is it a recording? Then unpack it and read the folder.",
            )
        found[place.name] = member
    return {name: archive.read(member) for name, member in found.items()}


def names_in(path: Path) -> frozenset[str]:
    """File names in a folder or zip, without their folders; empty where it is neither."""
    if path.is_dir():
        return frozenset(p.name for p in path.iterdir() if p.is_file())
    try:
        with zipfile.ZipFile(path) as archive:
            return frozenset(PurePosixPath(n).name for n in archive.namelist())
    except _DAMAGED:
        return frozenset()
