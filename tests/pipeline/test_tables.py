"""Tables of a run: one list of names, a CSV twin with every digit, empty where missing."""

import csv
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.run import OF_MULTIVERSE, TABLES, Run
from syntony.pipeline.tables import SCHEMAS, write_parts, write_table


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


@pytest.mark.parametrize("write", [write_table, None])
def test_no_text_of_a_csv_twin_is_a_formula(tmp_path, write):
    rows = [{"session": '=HYPERLINK("http://x")', "value": -1.5}]
    if write is None:
        columns = {k: [rows[0].get(k)] for k in SCHEMAS["scores"]}
        write_parts(tmp_path, "scores", [columns])
    else:
        write(tmp_path, "scores", rows)
    (row,) = read_csv(tmp_path / "tables" / "scores.csv")
    assert (row["session"], row["value"]) == ('\'=HYPERLINK("http://x")', "-1.5")
    assert Run(tmp_path).table("scores").session.tolist() == ['=HYPERLINK("http://x")']


def test_a_column_that_the_table_lacks_is_an_error(tmp_path):
    with pytest.raises(KeyError, match="valeu"):
        write_table(tmp_path, "scores", [{"valeu": 1.0}])


def parts(sizes):
    """Columns of pseudo-pairs in parts, and the same as rows."""
    texts = ("surrogate", "session_a", "session_b", "dyad_a", "dyad_b", "role_a", "role_b")
    made, rows = [], []
    for number, size in enumerate(sizes):
        part = {n: [f"{n}{number}-{k}" for k in range(size)] for n in (*texts, "method")}
        part |= {"statistic": ["ssi"] * size, "step": [number] * size}
        for name in ("value", "value_a", "value_b", "seconds"):
            part[name] = [math.nan if k == 1 else number + k / 7 for k in range(size)]
        made.append(part)
        rows += [{n: v[k] for n, v in part.items()} for k in range(size)]
    return made, rows


@pytest.mark.parametrize("sizes", [(), (0, 3), (2, 0, 5, 4)])
def test_a_table_in_parts_is_the_same_table(tmp_path, monkeypatch, sizes):
    monkeypatch.setattr("syntony.pipeline.tables.GROUP", 4)
    made, rows = parts(sizes)
    write_parts(tmp_path / "parts", "pseudo", made)
    write_table(tmp_path / "rows", "pseudo", rows)
    one, other = (Run(tmp_path / n).table("pseudo") for n in ("parts", "rows"))
    assert one.equals(other)
    csvs = [(tmp_path / n / "tables" / "pseudo.csv").read_text() for n in ("parts", "rows")]
    assert csvs[0] == csvs[1]
    assert not list(tmp_path.rglob(".*"))


def test_what_no_spreadsheet_opens_has_no_csv_twin(tmp_path, monkeypatch):
    monkeypatch.setattr("syntony.pipeline.tables.SPREADSHEET", 6)
    monkeypatch.setattr("syntony.pipeline.tables.GROUP", 2)
    write_parts(tmp_path, "pseudo", parts((3, 3))[0])
    assert (tmp_path / "tables" / "pseudo.csv").exists()
    write_parts(tmp_path, "pseudo", parts((3, 4))[0])
    assert not (tmp_path / "tables" / "pseudo.csv").exists()
    assert len(Run(tmp_path).table("pseudo")) == 7
