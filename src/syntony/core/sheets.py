"""Text in tables for spreadsheets, which run a cell as a formula where it begins like one.

A comment of a coder such as ``=HYPERLINK(...)`` would then be a link that takes a cell to
somewhere else. A leading ``'`` keeps a spreadsheet from it; numbers are never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from syntony.core.columns import column_of_cells

BEGINS = r"^'*[=+\-@\t\r]"
_BEGINS = re.compile(BEGINS)


def for_sheet(cell: object) -> object:
    """A cell as a spreadsheet may be given it; `from_sheet` takes the sign away again.

    Examples
    --------
    >>> for_sheet("=1+1"), for_sheet("'=1+1"), for_sheet("fine"), for_sheet(-0.5)
    ("'=1+1", "''=1+1", 'fine', -0.5)
    """
    return f"'{cell}" if isinstance(cell, str) and _BEGINS.match(cell) else cell


def for_sheets(cells: Iterable[object]) -> list[object]:
    """The same for a row."""
    return [for_sheet(cell) for cell in cells]


def from_sheet(text: str) -> str:
    """Text as it was before `for_sheet`.

    Examples
    --------
    >>> from_sheet("'=1+1"), from_sheet("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and _BEGINS.match(text) else text


def table_for_sheet(table: pa.Table) -> pa.Table:
    """The same for the columns of text of a table; its other columns stay."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            cells = table.column(at)
            if pc.any(pc.match_substring_regex(cells, BEGINS)).as_py():
                marked = column_of_cells(for_sheets(cells.to_pylist()), field.type)
                table = table.set_column(at, field, pa.chunked_array([marked]))
    return table
