"""Tables of a run: one list of names, a CSV twin with every digit, empty where missing."""

import csv
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.run import OF_MULTIVERSE, TABLES, Run
from syntony.pipeline.tables import SCHEMAS, write_table


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_of_a_run_has_its_columns():
    assert set(SCHEMAS) == {*TABLES, *OF_MULTIVERSE}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_a_csv_twin_keeps_every_digit(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("run")
    write_table(folder, "scores", [{"value": v} for v in values])
    assert [float(r["value"]) for r in read_csv(folder / "tables" / "scores.csv")] == values
    assert Run(folder).table("scores").value.tolist() == values


def test_missing_is_empty_and_text_is_quoted(tmp_path):
    rows = [{"session": 'a,"b"', "value": math.nan, "missing": 2}, {"value": 1.5}]
    write_table(tmp_path, "scores", rows)
    first, second = read_csv(tmp_path / "tables" / "scores.csv")
    assert (first["session"], first["value"], first["missing"]) == ('a,"b"', "", "2")
    assert (second["session"], second["value"], second["missing"]) == ("", "1.5", "")


def test_a_column_that_the_table_lacks_is_an_error(tmp_path):
    with pytest.raises(KeyError, match="valeu"):
        write_table(tmp_path, "scores", [{"valeu": 1.0}])
