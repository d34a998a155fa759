"""Long tables of ratings: what is in them comes out, what is wrong is named by line."""

import numpy as np
import pytest

from syntony.core.errors import FileError, InputError
from syntony.io.rating_table import LongTable, read_rating_table

COLUMNS = {"dyad": "couple", "role": "female", "value": "dial", "time": "time"}
LAYOUT = {"columns": COLUMNS, "roles": {"1": "woman", "0": "man"}, "what": "valence"}


def write(tmp_path, rows, head="couple,female,dial,time"):
    path = tmp_path / "dials.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_rows_in_any_order_and_gaps_in_time(tmp_path):
    rows = ["1,1,3,3", "1,1,1,1", "1,1,NA,2", "1,1,6,6", "1,1,5,5", "1,0,2,1", "1,0,2.5,2"]
    woman, man = read_rating_table(
        write(tmp_path, rows), LongTable(time_unit_s=2, offset_s=-2, **LAYOUT)
    )
    np.testing.assert_array_equal(woman.signal.values, [1, np.nan, 3, np.nan, 5, 6])
    assert (woman.signal.rate_hz, woman.signal.start_s) == (0.5, 0.0)
    assert (man.role, man.signal.kind, man.signal.values.tolist()) == (
        "man",
        "valence_by_self",
        [2, 2.5],
    )
    assert woman.line == 3


def test_a_column_says_who_rated(tmp_path):
    rows = [f"1;1;{v};{t};{who}" for who in ("R1", "R2") for t, v in enumerate((1.0, 2.0))]
    layout = LongTable(**{**LAYOUT, "columns": COLUMNS | {"rater": "who"}})
    found = read_rating_table(write(tmp_path, rows, "couple;female;dial;time;who"), layout)
    assert [r.signal.kind for r in found] == ["valence_by_R1", "valence_by_R2"]


@pytest.mark.parametrize(
    ("rows", "says", "line"),
    [
        (["1,1,3,1", "1,2,3,2"], "'2'", 3),
        (["1,1,3,1", "1,1,x,2"], "'x'", 3),
        (["1,1,3,1", "1,1,inf,2"], "'inf'", 3),
        (["1,1,3,1", "1,1,3,"], "an empty cell", 3),
        (["1,1,3,1", "1,1,4,1"], "again for woman", 3),
        (["1,1,3,1"], "one moment", 2),
        (["1,1,3,1", "1,1,3"], "3 cells", 3),
        ([], "no rows", 1),
    ],
)
def test_what_is_wrong_is_named_by_line(tmp_path, rows, says, line):
    with pytest.raises(FileError, match=says) as caught:
        read_rating_table(write(tmp_path, rows), LongTable(**LAYOUT))
    assert caught.value.line == line


def test_a_column_that_is_not_there(tmp_path):
    layout = LongTable(**{**LAYOUT, "columns": COLUMNS | {"value": "knob"}})
    with pytest.raises(FileError, match="knob"):
        read_rating_table(write(tmp_path, ["1,1,3,1"]), layout)


@pytest.mark.parametrize(
    "change",
    [
        {"columns": {"role": "a", "value": "b", "time": "c"}},
        {"columns": COLUMNS | {"shoe": "d"}},
        {"time_unit_s": 0.0},
        {"offset_s": float("nan")},
        {"what": "valence_by_self"},
        {"rater": ""},
    ],
)
def test_a_layout_that_says_too_little_is_refused(change):
    with pytest.raises(InputError):
        LongTable(**{**LAYOUT, **change})
