"""HTML tables escape, and say when there is nothing."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup

from syntony.report import tables
from syntony.report.run_folder import Table, read_table


def test_cells_are_escaped_and_heads_too():
    out = tables.html_table([{"a": "<x>"}], [tables.Column("<h>", lambda r: r["a"], False)])
    assert "<x>" not in out
    assert "<h>" not in out


def test_marked_cells_are_taken_as_they_are():
    out = tables.html_table([{}], [tables.Column("h", lambda r: Markup("<i>ok</i>"), False)])
    assert "<i>ok</i>" in out


def test_an_empty_table_is_a_sentence():
    assert "nothing &lt;here&gt;" in tables.html_table([], tables.PAIRS, none="nothing <here>")


def test_a_group_line_comes_where_the_group_changes():
    rows = [{"g": "a"}, {"g": "a"}, {"g": "b"}]
    out = tables.html_table(rows, [tables.Column("h", lambda r: "x")], group=lambda r: r["g"])
    assert out.count('class="group"') == 2


def test_quality_has_one_line_a_cause_and_columns_per_person():
    rows = [
        {"role": "patient", "person": "P", "signal": "eda", "cause": "flat",
         "seconds": 1.0, "count": math.nan, "share": 0.1},
        {"role": "therapist", "person": "T", "signal": "eda", "cause": "gap",
         "seconds": 2.0, "count": 3.0, "share": 0.2},
    ]  # fmt: skip
    out = tables.quality_table(rows)
    assert out.count("<tr>") == 3
    for part in ("patient (P), s", "therapist (T), s", "flat line", "10.0", "20.0", ">3<"):
        assert part in out


def test_a_table_reads_text_numbers_nulls_and_missing_columns(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"s": ["a", None], "x": [1.0, None], "n": [1, 2]}), path)
    table = read_table(path)
    assert table.words("s") == ["a", ""]
    assert math.isnan(table.numbers("x")[1])
    assert table.numbers("n").tolist() == [1.0, 2.0]
    assert np.isnan(table.numbers("gone")).all()
    assert table.words("gone") == ["", ""]
    assert len(table.where(s="a")) == 1
    assert len(table.where(gone="a")) == 0
    assert Table().first() == {}
