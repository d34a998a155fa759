"""Columns of Arrow made from plain values, and back, without loading pandas.

``pa.array`` and ``to_numpy`` load pandas to ask whether they were given some of it: a third of a
second of every run, for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from syntony.core.arrays import Array, Bools

TEXT, NUMBER, COUNT, FLAG = pa.string(), pa.float64(), pa.int64(), pa.bool_()

_PLAIN = {NUMBER: (np.float64, float), COUNT: (np.int64, int)}


def column_of_cells(cells: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Cells of one kind as a column; None is null, NaN stays NaN.

    Raises
    ------
    TypeError, ValueError
        If a cell is not of the kind: an error of ours, not of a user.

    Examples
    --------
    >>> column_of_cells(["a", None, "β"], TEXT).to_pylist()
    ['a', None, 'β']
    >>> column_of_cells([True, None, False], FLAG).to_pylist()
    [True, None, False]
    """
    there = [cell is not None for cell in cells]
    parts = [_bits(there) if not all(there) else None]
    if kind == TEXT:
        words = [str.encode(cell) if cell is not None else b"" for cell in cells]
        ends = np.zeros(len(words) + 1, dtype=np.int32)
        np.cumsum([len(w) for w in words], out=ends[1:])
        parts += [pa.py_buffer(ends), pa.py_buffer(b"".join(words))]
    elif kind == FLAG:
        parts.append(_bits([bool(cell) for cell in cells]))
    else:
        dtype, plain = _PLAIN[kind]
        values = [plain(cell) if cell is not None else plain() for cell in cells]
        parts.append(pa.py_buffer(np.array(values, dtype=dtype)))
    return pa.Array.from_buffers(kind, len(cells), parts)


def null_where_nan(column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The same column with null for every missing number: an empty cell of a CSV.

    Examples
    --------
    >>> null_where_nan(pa.chunked_array([column_of(np.array([1.0, np.nan]))])).to_pylist()
    [1.0, None]
    """
    if column.type != NUMBER:
        return column
    values = values_of(column)
    there = _bits(~np.isnan(values))
    return pa.Array.from_buffers(NUMBER, values.size, [there, pa.py_buffer(values)])


def _bits(flags: Sequence[bool] | Bools) -> pa.Buffer:
    """Eight flags to a byte, the first in the lowest bit."""
    return pa.py_buffer(np.packbits(np.array(flags, dtype=bool), bitorder="little"))


def column_of(values: Array) -> pa.DoubleArray:
    """Numbers as a column, without the copy of pandas that ``pa.array`` would load."""
    plain = np.ascontiguousarray(values, dtype=np.float64)
    return pa.Array.from_buffers(NUMBER, plain.size, [None, pa.py_buffer(plain)])


def values_of(column: pa.ChunkedArray) -> Array:
    """Numbers of a column, read-only; null is NaN.

    Examples
    --------
    >>> values_of(pa.chunked_array([column_of_cells([2, None], COUNT)])).tolist()
    [2.0, nan]
    """
    parts = [_chunk_values(chunk) for chunk in column.chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.empty(0)


def _chunk_values(chunk: pa.Array) -> Array:
    """Numbers of one piece of a column."""
    kind = chunk.type.to_pandas_dtype()
    here = slice(chunk.offset, chunk.offset + len(chunk))
    values: Array = np.frombuffer(chunk.buffers()[1], dtype=kind)[here].astype(np.float64)
    if chunk.null_count:
        bits = np.frombuffer(chunk.buffers()[0], dtype=np.uint8)
        values[~np.unpackbits(bits, bitorder="little")[here].astype(bool)] = np.nan
    return values
