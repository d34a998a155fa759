"""MATLAB files of versions 5 to 7.2, read by their tags: numbers, text, structs; never objects.

Every length is checked against the bytes that are there before anything is made of it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError

HEAD = b"MATLAB 5.0 MAT-file"
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS: Mapping[int, str] = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
    16: "u1", 17: "u2", 18: "u4",
}  # fmt: skip
_CLASSES: Mapping[int, str] = {
    1: "cell", 2: "struct", 3: "object", 4: "char", 5: "sparse", 16: "function", 17: "object",
}  # fmt: skip
_MAX_UNPACKED = 2**28
_PEEK = 2**14
_MAX_VARIABLES = 10_000
_DEEPEST = 8

Value: TypeAlias = "Array | str | dict[str, Any]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable as the file lists it, not yet read.

    ``kind`` is ``numbers``, ``char``, ``struct`` or what is not read (``cell``, ``object``, ...).
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    start: int
    size: int
    packed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tag:
    """A tag: type, and where its data begin and end, and where the next tag begins."""

    type: int
    start: int
    stop: int
    next: int


class MatFile:
    """The variables of a file, by name; one is read when it is asked for."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self._data = path, data
        if not data.startswith(HEAD) or len(data) < 136:
            raise self._bad("no MATLAB 5 header")
        self._order = {b"IM": "<", b"MI": ">"}.get(data[126:128], "")
        if not self._order:
            raise self._bad("no byte order in the header")
        self.variables = self._listed()

    def _bad(self, found: str) -> FileError:
        return FileError(self.path, found, "a whole MATLAB file", "Save or copy it again.")

    def _tag(self, data: bytes, at: int, stop: int) -> _Tag:
        """Read a tag and hold it to the bytes that are there."""
        if at + 8 > stop:
            raise self._bad("a file that is cut off within a tag")
        kind, size = struct.unpack_from(self._order + "II", data, at)
        if kind >> 16:
            kind, size = kind & 0xFFFF, kind >> 16
            if size > 4:
                raise self._bad("an impossible small element")
            return _Tag(type=kind, start=at + 4, stop=at + 4 + size, next=at + 8)
        end = at + 8 + size
        if end > stop:
            raise self._bad(f"an element of {size:,} bytes where {stop - at - 8:,} are left")
        follows = end if kind == _COMPRESSED else min(stop, end + -size % 8)
        return _Tag(type=kind, start=at + 8, stop=end, next=follows)

    def _listed(self) -> dict[str, Variable]:
        """Names, classes and shapes of all variables."""
        out: dict[str, Variable] = {}
        at = 128
        while at < len(self._data):
            tag = self._tag(self._data, at, len(self._data))
            if tag.type == _COMPRESSED:
                head = self._unpack(tag.start, tag.stop, limit=_PEEK, whole=False)
            else:
                head = self._data[at : min(tag.stop, at + _PEEK)]
            one = self._about(head, tag, at)
            if one is not None and one.name:
                out[one.name] = one
            if len(out) > _MAX_VARIABLES:
                raise self._bad(f"more than {_MAX_VARIABLES:,} variables")
            at = tag.next
        return out

    def _about(self, head: bytes, tag: _Tag, at: int) -> Variable | None:
        """Name, class and shape of one variable, from its first bytes."""
        if len(head) < 16:
            raise self._bad("an empty element")
        kind, _ = struct.unpack_from(self._order + "II", head, 0)
        if kind != _MATRIX:
            return None
        label, shape, name, _ = self._intro(head, 8, len(head))
        packed = tag.type == _COMPRESSED
        place = (tag.start, tag.stop - tag.start) if packed else (at, tag.stop - at)
        return Variable(
            name=name, kind=label, shape=shape, start=place[0], size=place[1], packed=packed
        )

    def _intro(self, data: bytes, at: int, stop: int) -> tuple[str, tuple[int, ...], str, int]:
        """Class, shape and name of an array, and where its content begins."""
        flags = self._tag(data, at, stop)
        if flags.stop - flags.start != 8:
            raise self._bad("an array without flags")
        (word,) = struct.unpack_from(self._order + "I", data, flags.start)
        label = _CLASSES.get(word & 0xFF, "numbers" if 6 <= word & 0xFF <= 15 else "object")
        if label == "numbers" and word & 0x800:
            label = "complex"
        if label == "object":
            return label, (), self._object_name(data, flags.next, stop), stop
        sizes = self._tag(data, flags.next, stop)
        count = (sizes.stop - sizes.start) // 4
        shape = struct.unpack_from(f"{self._order}{count}i", data, sizes.start)
        if not 2 <= count <= 8 or min(shape) < 0:
            raise self._bad(f"an array of shape {shape[:8]}")
        name = self._tag(data, sizes.next, stop)
        return label, shape, data[name.start : name.stop].decode("utf-8", "replace"), name.next

    def _object_name(self, data: bytes, at: int, stop: int) -> str:
        """Name of what is not read; an opaque object has no shape before it."""
        tag = self._tag(data, at, stop)
        if tag.type != 1:
            tag = self._tag(data, tag.next, stop)
        return data[tag.start : tag.stop].decode("utf-8", "replace")

    def _unpack(self, start: int, stop: int, *, limit: int, whole: bool) -> bytes:
        """Inflate an element, at most ``limit`` bytes of it."""
        inflater = zlib.decompressobj()
        try:
            out = inflater.decompress(self._data[start:stop], limit)
        except zlib.error as error:
            raise self._bad(f"a damaged compressed element ({error})") from error
        if whole and inflater.unconsumed_tail:
            raise self._bad(f"a variable of more than {limit / 1e6:.0f} MB")
        if whole and not inflater.eof:
            raise self._bad("a compressed element that is cut off")
        return out

    def read(self, name: str) -> Value:
        """Read a variable.

        Returns
        -------
        ndarray of float64, in the shape that MATLAB shows; str; or dict of a struct's fields.
        """
        one = self.variables[name]
        if one.packed:
            data = self._unpack(one.start, one.start + one.size, limit=_MAX_UNPACKED, whole=True)
        else:
            data = self._data[one.start : one.start + one.size]
        tag = self._tag(data, 0, len(data))
        return self._array(data, tag, 0)

    def _array(self, data: bytes, tag: _Tag, depth: int) -> Value:
        """Value of an array element."""
        if depth > _DEEPEST:
            raise self._bad("structs nested too deeply")
        if tag.type != _MATRIX or tag.start == tag.stop:
            return np.empty((0, 0))
        label, shape, name, at = self._intro(data, tag.start, tag.stop)
        if label == "numbers":
            return self._numbers(data, at, tag.stop, shape)
        if label == "char":
            codes = self._numbers(data, at, tag.stop, shape)
            rows = codes.reshape(shape[0], -1) if codes.size else codes.reshape(0, 0)
            return "\n".join("".join(map(chr, row.astype(int))).rstrip() for row in rows)
        if label == "struct":
            return self._struct(data, at, tag.stop, shape, depth)
        raise FileError(
            self.path,
            f"{name or 'a value'!r} of class {label}",
            "real numbers, text or a struct of them",
            "Save the numbers themselves: x = double(x).",
        )

    def _numbers(self, data: bytes, at: int, stop: int, shape: tuple[int, ...]) -> Array:
        """Real numbers of an array."""
        tag = self._tag(data, at, stop)
        if tag.type not in _NUMBERS:
            raise self._bad(f"numbers of type {tag.type}")
        kind = np.dtype(self._order + _NUMBERS[tag.type])
        count, rest = divmod(tag.stop - tag.start, kind.itemsize)
        if rest or count != prod(shape):
            raise self._bad(f"{count:,} numbers for an array of shape {shape}")
        flat = np.frombuffer(data, kind, count, tag.start).astype(np.float64)
        return flat.reshape(shape, order="F")

    def _struct(self, data: bytes, at: int, stop: int, shape: tuple[int, ...], depth: int) -> Value:
        """Fields of a struct of one element; what is in them is read where it can be."""
        size = self._tag(data, at, stop)
        names = self._tag(data, size.next, stop)
        if size.stop - size.start != 4:
            raise self._bad("a struct without the length of its names")
        (width,) = struct.unpack_from(self._order + "i", data, size.start)
        if not 0 < width <= 256 or prod(shape) != 1:
            raise self._bad(f"a struct of shape {shape} (only one element is read)")
        text = data[names.start : names.stop]
        fields = [text[i : i + width] for i in range(0, len(text) - width + 1, width)]
        out: dict[str, Any] = {}
        at = names.next
        for field in fields:
            tag = self._tag(data, at, stop)
            at = tag.next
            name = field.partition(b"\0")[0].decode("utf-8", "replace")
            try:
                out[name] = self._array(data, tag, depth + 1)
            except FileError as error:
                if "of class" not in error.found:
                    raise
        return out
