"""HDF5 files of others, opened with care: no link leads out, sizes are checked first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError, SyntonyError
from syntony.core.optional import need
from syntony.io.text import size_of

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_VALUES_BYTES = 2**29
MAX_RATIO = 200
_RATIO_FROM = 10_000_000
_MAX_TEXT = 100_000
# What the library raises on damaged content, beside OSError.
_DAMAGED = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, SystemError)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the library says of a damaged file into an error that names the file."""
    try:
        yield
    except SyntonyError:
        raise
    except (*_DAMAGED, MemoryError) as error:
        raise FileError(
            path,
            f"a damaged HDF5 file ({str(error)[:120]})",
            "a whole HDF5 file",
            "Copy or export it again.",
        ) from error


@contextmanager
def open_hdf5(path: Path, *, what: str) -> Iterator[Any]:
    """Open an HDF5 file for reading.

    Parameters
    ----------
    path : Path
    what : str
        What is being read, for the message where h5py is not installed.

    Raises
    ------
    FileError
        If it is missing, empty, no HDF5 file, cut off or damaged.
    """
    size_of(path, 2**34)
    with path.open("rb") as file:
        head = file.read(1024)
    if not (head.startswith(SIGNATURE) or head[512:].startswith(SIGNATURE)):
        raise FileError(path, "no HDF5 content", what, "Name another format.")
    h5py = need("h5py", to=f"read {what}", extra="data")
    _refuse_endless(path, 0 if head.startswith(SIGNATURE) else 512)
    with told(path):
        file = h5py.File(path, "r", locking=False)
    try:
        yield file
    finally:
        with told(path):
            file.close()


def _refuse_endless(path: Path, base: int) -> None:
    """Refuse what the library would never come to an end with.

    It reads texts from collections ("GCOL") of objects, one behind the other; where a damaged
    one has no length, it stays at the same place for ever.
    """
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        version = data[base + 8] if len(data) > base + 24 else 255
        sizes = data[base + 13 : base + 15] if version < 2 else data[base + 9 : base + 11]
        if version > 3 or sizes != b"\x08\x08":
            raise FileError(
                path, "an HDF5 file of an unusual kind", "addresses of 8 bytes", "Export it again."
            )
        for found in re.finditer(rb"GCOL\x01", data):
            if not _ends(data, found.start()):
                raise FileError(
                    path,
                    "a damaged HDF5 file (a list of texts that never ends)",
                    "a whole HDF5 file",
                    "Copy or export it again.",
                )


def _ends(data: mmap, start: int) -> bool:
    """Whether a walk over the objects of a collection comes to its end."""
    if start + 16 > len(data):
        return False
    size = int.from_bytes(data[start + 8 : start + 16], "little")
    at, stop = start + 16, start + size
    if stop > len(data):
        return False
    while at + 16 <= stop:
        index = int.from_bytes(data[at : at + 2], "little")
        length = int.from_bytes(data[at + 8 : at + 16], "little")
        need_bytes = length if index == 0 else 16 + length + -length % 8
        if need_bytes == 0 or at + need_bytes > stop:
            return False
        at += need_bytes
    return True


def member(path: Path, group: Any, name: str) -> Any:
    """Member of a group, None where it has none of that name; links are refused.

    Raises
    ------
    FileError
        For a link: it may lead to another file.
    """
    h5py = need("h5py", to="read HDF5", extra="data")
    if not isinstance(group, h5py.Group):
        raise FileError(path, f"no group around {name!r}", "a group", "Export it again.")
    with told(path):
        link = group.get(name, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise FileError(
                path, f"a link at {name!r}", "the data themselves", "Do not trust the file."
            )
        return group[name]


def attribute(path: Path, data: Any, name: str) -> str:
    """Text of an attribute, empty where there is none; a number as its text."""
    with told(path):
        value = data.attrs.get(name, "")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def names_in_group(path: Path, group: Any, start: str = "") -> list[str]:
    """Names in a group that begin with ``start``, those with numbers at the end in their order."""
    with told(path):
        names = [n for n in group if isinstance(n, str) and n.startswith(start)]
    return sorted(names, key=lambda n: (int(t) if (t := n[len(start) :]).isdecimal() else -1, n))


def numbers(path: Path, group: Any, name: str) -> Array | None:
    """Numbers of a dataset as float64, in its shape; None where there is none of that name.

    Raises
    ------
    FileError
        If it holds no numbers, lies outside the file, or unpacks to too much.
    """
    data = _dataset(path, group, name)
    if data is None:
        return None
    with told(path):
        if data.dtype.kind not in "iufb":
            raise FileError(path, f"{data.dtype} in {name!r}", "numbers", column=name)
        if data.shape is None:
            return np.empty(0)
        out: Array = np.asarray(data[()], dtype=np.float64)
    if np.isinf(out).any():
        raise FileError(path, f"an infinite value in {name!r}", "finite numbers", column=name)
    return out


def words(path: Path, group: Any, name: str) -> list[str] | None:
    """Text of a dataset, one or many; None where there is none of that name."""
    data = _dataset(path, group, name)
    if data is None:
        return None
    with told(path):
        if data.shape is None:
            return []
        if data.dtype.kind not in "OSU" or data.size > _MAX_TEXT:
            raise FileError(path, f"{data.dtype} in {name!r}", "text", column=name)
        flat = np.ravel(np.asarray(data[()], dtype=object))
    return [_word(value) for value in flat]


def word(path: Path, group: Any, name: str) -> str:
    """First text of a dataset, empty where there is none."""
    found = words(path, group, name)
    return found[0].strip() if found else ""


def _word(value: object) -> str:
    """Text of one cell; what is no text is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _dataset(path: Path, group: Any, name: str) -> Any:
    """Dataset whose size fits the file that it is in."""
    data = member(path, group, name)
    if data is None:
        return None
    with told(path):
        if not hasattr(data, "dtype") or not hasattr(data, "is_virtual"):
            raise FileError(path, f"a group at {name!r}", "a dataset", "Export it again.")
        if data.is_virtual or data.external:
            raise FileError(
                path, f"{name!r} that lies in another file", "data inside the file", "Join them."
            )
        count = int(np.prod([float(n) for n in data.shape or (0,)]))
        wanted = 8 * count
        stored = data.id.get_storage_size()
    there = path.stat().st_size
    packed = min(stored, there)
    too_dense = wanted > _RATIO_FROM and wanted > MAX_RATIO * packed
    if wanted > MAX_VALUES_BYTES or too_dense or stored > there:
        raise FileError(
            path,
            f"{count:,} values in {name!r} of a file of {there / 1e6:.2f} MB",
            f"at most {MAX_VALUES_BYTES // 8:,}, and what a file of that size can hold",
            "Is it damaged? Else split the recording.",
            column=name,
        )
    return data
