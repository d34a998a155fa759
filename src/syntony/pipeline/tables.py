"""Tables of a run: Parquet, and a CSV twin for those who open it in a spreadsheet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from syntony.core.columns import column_of_cells, null_where_nan
from syntony.core.files import write_whole
from syntony.core.sheets import table_for_sheet
from syntony.pipeline.schemas import SCHEMAS

Row = Mapping[str, Any]
Columns = Mapping[str, Any]

GROUP = 1_000_000
SPREADSHEET = 1_048_575
"""Rows that a spreadsheet opens, below its head."""


def write_table(folder: Path, name: str, rows: Sequence[Row]) -> None:
    """Write one table of a run, ``<name>.parquet`` and ``tables/<name>.csv``.

    A column that a row lacks is null; a column that the schema lacks is an error of ours.
    """
    columns = SCHEMAS[name]
    unknown = {key for row in rows for key in row} - set(columns)
    if unknown:
        raise KeyError(f"table {name} has no column {sorted(unknown)}")
    schema = pa.schema(list(columns.items()))
    cells = [column_of_cells([row.get(k) for row in rows], kind) for k, kind in columns.items()]
    table = pa.table(cells, schema=schema)
    write_whole(folder / f"{name}.parquet", lambda part: pq.write_table(table, part))
    plain = _for_sheet(table)
    write_whole(folder / "tables" / f"{name}.csv", lambda part: csv.write_csv(plain, part))


def write_parts(folder: Path, name: str, parts: Iterable[Columns]) -> None:
    """Write a table that may be too large for memory, from columns that come part by part.

    Its CSV twin is left out where it has more rows than a spreadsheet opens.
    """
    schema = pa.schema(list(SCHEMAS[name].items()))
    target = folder / "tables" / f"{name}.csv"
    with tempfile.TemporaryDirectory(prefix=".", dir=_made(target.parent)) as place:
        parquet, plain = Path(place) / "part.parquet", Path(place) / "part.csv"
        rows = 0
        with pq.ParquetWriter(parquet, schema) as whole, csv.CSVWriter(plain, schema) as twin:
            for table in _gathered(parts, schema):
                whole.write_table(table)
                rows += len(table)
                if rows <= SPREADSHEET:
                    twin.write_table(_for_sheet(table))
        write_whole(folder / f"{name}.parquet", lambda part: parquet.replace(part))
        if rows <= SPREADSHEET:
            write_whole(target, lambda part: plain.replace(part))
        else:
            target.unlink(missing_ok=True)


def _for_sheet(table: pa.Table) -> pa.Table:
    """What the CSV twin holds: an empty cell for NaN, and no text that would be a formula."""
    plain = pa.table([null_where_nan(c) for c in table.columns], schema=table.schema)
    return table_for_sheet(plain)


def _made(folder: Path) -> Path:
    """A folder that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _gathered(parts: Iterable[Columns], schema: pa.Schema) -> Iterator[pa.Table]:
    """Join parts to tables of about ``GROUP`` rows: the row groups of the file."""
    held, rows = [], 0
    for part in parts:
        held.append(
            pa.table({f.name: pa.array(part[f.name], f.type, from_pandas=False) for f in schema})
        )
        rows += len(held[-1])
        if rows >= GROUP:
            yield pa.concat_tables(held).combine_chunks()
            held, rows = [], 0
    if held:
        yield pa.concat_tables(held).combine_chunks()
