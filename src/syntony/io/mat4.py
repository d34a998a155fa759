"""MATLAB files of version 4: matrices of numbers, one after another, without a common header."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError

_KINDS = ("f8", "f4", "i4", "i2", "u2", "u1")
_NAME = re.compile(rb"[A-Za-z]\w{0,62}\0")
_MAX_VARIABLES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A matrix as the file lists it: where its numbers lie; ``kind`` as in ``mat5``."""

    name: str
    kind: str
    shape: tuple[int, int]
    start: int
    dtype: str


def looks_like_mat4(head: bytes) -> bool:
    r"""Tell by the first header whether these are matrices of version 4.

    Examples
    --------
    >>> looks_like_mat4(b"\0" * 4 + b"\1\0\0\0" * 2 + b"\0" * 4 + b"\2\0\0\0x\0")
    True
    """
    if len(head) < 22:
        return False
    for order in "<>":
        kind, rows, columns, imaginary, length = struct.unpack_from(f"{order}5i", head)
        if (
            kind in {1000 * (order == ">") + 10 * p + t for p in range(6) for t in (0, 1)}
            and 0 <= rows < 2**30
            and 0 <= columns < 2**30
            and imaginary in {0, 1}
            and 2 <= length <= 64
            and _NAME.fullmatch(head[20 : 20 + length]) is not None
        ):
            return True
    return False


class Mat4File:
    """The matrices of a file, by name; every length is held to the bytes that are there."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self._data = path, data
        self._order = "<" if struct.unpack_from("<i", data)[0] < 1000 else ">"
        self.variables: dict[str, Matrix] = {}
        at = 0
        while at < len(data):
            at = self._next(at)
            if len(self.variables) > _MAX_VARIABLES:
                raise self._bad(f"more than {_MAX_VARIABLES:,} matrices")

    def _bad(self, found: str) -> FileError:
        return FileError(self.path, found, "a whole MATLAB file", "Save or copy it again.")

    def _next(self, at: int) -> int:
        """Take up the matrix at this place, and give the place after it."""
        if at + 20 > len(self._data):
            raise self._bad("a file that is cut off within a header")
        kind, rows, columns, imaginary, length = struct.unpack_from(
            f"{self._order}5i", self._data, at
        )
        kind -= 1000 * (self._order == ">")
        precision, sort = divmod(kind, 10)
        name = self._data[at + 20 : at + 20 + max(0, min(length, 64))]
        known = 0 <= precision < len(_KINDS) and sort in {0, 1, 2} and imaginary in {0, 1}
        if not known or min(rows, columns) < 0 or not _NAME.fullmatch(name):
            raise self._bad(f"a header of {(kind, rows, columns, imaginary, length)}")
        dtype = self._order + _KINDS[precision]
        start = at + 20 + length
        stop = int(start + rows * columns * np.dtype(dtype).itemsize * (1 + imaginary))
        if stop > len(self._data):
            raise self._bad(f"a matrix of {rows} x {columns} that the file is too short for")
        label = name[:-1].decode("ascii")
        kinds = ("complex" if imaginary else "numbers", "char", "sparse")
        self.variables[label] = Matrix(
            name=label, kind=kinds[sort], shape=(rows, columns), start=start, dtype=dtype
        )
        return stop

    def read(self, name: str) -> Array | str:
        """Read a matrix as MATLAB shows it."""
        one = self.variables[name]
        if one.kind not in {"numbers", "char"}:
            raise FileError(self.path, f"{name!r} of class {one.kind}", "real numbers or text")
        count = one.shape[0] * one.shape[1]
        flat = np.frombuffer(self._data, one.dtype, count, one.start).astype(np.float64)
        if one.kind == "char":
            return "".join(chr(int(c)) if 0 <= c < 0x110000 else "?" for c in flat)
        return flat.reshape(one.shape, order="F")
