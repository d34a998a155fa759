"""Avro files of others, opened with care: every block is measured before it is unpacked."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.io.text import read_bytes

MAGIC = b"Obj\x01"
MAX_BLOCK = 2**25
_MOST_RECORDS = 100_000
_MOST_META = 100
_PRIMITIVE = {"boolean", "int", "long", "float", "double", "bytes", "string"}
_BROKEN = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    MemoryError,
    RecursionError,
    AttributeError,
    StopIteration,
    struct.error,
)


class _Cut(Exception):
    """The file ends inside something."""


def read_avro(path: Path, *, within: str) -> Iterator[Mapping[str, Any]]:
    """Give the records of an Avro object container file one by one.

    Parameters
    ----------
    path : Path
    within : str
        Namespace in which the schema must lie.

    Raises
    ------
    FileError
        For a file that is no Avro file, is cut off or damaged, has a schema of something else, or
        unpacks to too much.

    Notes
    -----
    The container is that of the Apache Avro specification, section "Object Container Files".
    """
    data = io.BytesIO(read_bytes(path))
    if data.read(4) != MAGIC:
        raise FileError(path, "no Avro file", "an Avro file", "Give the file as it was downloaded.")
    try:
        meta = _metadata(path, data)
        sync = _take(data, 16)
        schema = _schema(path, meta.get("avro.schema", b""), within)
        codec = meta.get("avro.codec", b"null").decode("ascii", "replace")
        while data.tell() < data.getbuffer().nbytes:
            count = _long(data)
            block = _block(path, _take(data, _long(data)), codec)
            if _take(data, 16) != sync or not 0 < count <= _MOST_RECORDS:
                raise _damaged(path, "a block without its mark")
            yield from _records(path, block, schema, count)
    except _Cut:
        raise _damaged(path, "a file that is cut off") from None


def _damaged(path: Path, found: str) -> FileError:
    """Make the error for a damaged file."""
    return FileError(path, found, "a whole Avro file", "Download it again.")


def _take(data: io.BytesIO, count: int) -> bytes:
    """So many bytes, if there are as many."""
    if count < 0 or count > data.getbuffer().nbytes - data.tell():
        raise _Cut
    return data.read(count)


def _long(data: io.BytesIO) -> int:
    """A whole number in zig-zag variable length."""
    shift = value = 0
    while True:
        byte = _take(data, 1)[0]
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
        if shift > 63:
            raise _Cut


def _metadata(path: Path, data: io.BytesIO) -> dict[str, bytes]:
    """Map of the file's metadata."""
    meta: dict[str, bytes] = {}
    while count := _long(data):
        if count < 0:
            count = -count
            _long(data)
        if count > _MOST_META or len(meta) > _MOST_META:
            raise _damaged(path, f"{count} entries of metadata")
        for _ in range(count):
            key = _take(data, _long(data)).decode("utf-8", "replace")
            meta[key] = _take(data, _long(data))
    return meta


def _schema(path: Path, text: bytes, within: str) -> Any:
    """Schema as fastavro takes it, after a look at what it asks for."""
    import fastavro

    try:
        said = json.loads(text)
        name = said.get("name", "") if isinstance(said, dict) else ""
        space = said.get("namespace", "") if isinstance(said, dict) else ""
        if not f"{space}.{name}".lstrip(".").startswith(within):
            raise FileError(
                path, f"the schema {name!r}"[:80], f"one of {within}", "Another format?"
            )
        _refuse_empty(path, said, set())
        return fastavro.parse_schema(said)
    except FileError:
        raise
    except (*_BROKEN, fastavro.schema.SchemaParseException, fastavro.schema.UnknownType) as error:
        raise _damaged(path, f"a broken schema ({error})"[:160]) from error


def _refuse_empty(path: Path, schema: Any, known: set[str]) -> None:
    """Refuse lists of things that take no bytes: a few bytes could claim any number of them."""
    if isinstance(schema, list):
        for one in schema:
            _refuse_empty(path, one, known)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind == "record" and schema.get("fields"):
        known.add(str(schema.get("name")))
        for field in schema["fields"]:
            _refuse_empty(path, field.get("type"), known)
    elif kind in {"array", "map"}:
        items = schema.get("items" if kind == "array" else "values")
        plain = isinstance(items, str) and (items in _PRIMITIVE or items in known)
        whole = isinstance(items, dict) and bool(items.get("fields")) and kind == "array"
        if not (plain or whole or kind == "map"):
            raise _damaged(path, f"a list of {items!r}"[:120])
        _refuse_empty(path, items, known)
    elif isinstance(kind, dict | list):
        _refuse_empty(path, kind, known)


def _block(path: Path, packed: bytes, codec: str) -> bytes:
    """Unpack a block, at most ``MAX_BLOCK`` bytes."""
    if codec == "null":
        return packed
    if codec != "deflate":
        raise FileError(path, f"the packing {codec[:20]!r}", "deflate or none", "Export it again.")
    unpack = zlib.decompressobj(-15)
    try:
        plain = unpack.decompress(packed, MAX_BLOCK)
    except zlib.error as error:
        raise _damaged(path, f"a damaged block ({error})") from error
    if unpack.unconsumed_tail or not unpack.eof:
        raise _damaged(
            path, f"a block that unpacks to more than {MAX_BLOCK / 1e6:.0f} MB, or is cut"
        )
    return plain


def _records(path: Path, block: bytes, schema: Any, count: int) -> Iterator[Mapping[str, Any]]:
    """Records of one block."""
    import fastavro

    held = io.BytesIO(block)
    for _ in range(count):
        try:
            record = fastavro.schemaless_reader(held, schema, None)
        except _BROKEN as error:
            raise _damaged(path, f"a damaged record ({error})"[:160]) from error
        if not isinstance(record, dict):
            raise _damaged(path, "a record of another kind")
        yield record
