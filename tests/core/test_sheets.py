"""Text for spreadsheets is marked where it would be a formula, and comes back as it was."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.sheets import for_sheet, from_sheet, table_for_sheet


@given(st.text("=+-@\t\r'a1 ", max_size=6))
def test_text_comes_back_and_is_no_formula(text):
    marked = for_sheet(text)
    assert from_sheet(marked) == text
    assert not marked.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("cell", [-0.5, -3, None, True])
def test_what_is_no_text_stays(cell):
    assert for_sheet(cell) is cell


def test_only_columns_of_text_of_a_table_are_marked():
    table = pa.table({"a": ["=x", None, "fine", "'=y"], "b": [-1.0, 2.0, None, -4.0]})
    marked = table_for_sheet(table)
    assert marked.column("a").to_pylist() == ["'=x", None, "fine", "''=y"]
    assert marked.column("b").equals(table.column("b"))
    assert marked.schema == table.schema
