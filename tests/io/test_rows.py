import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.core.errors import FileError
from syntony.io.rows import first_lines, read_columns


def columns(tmp_path, text, wanted=("a", "c"), names=("a", "b", "c"), skip=1, separator=";"):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_columns(path, names, wanted, skip=skip, separator=separator)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_wanted_columns_are_read_and_what_is_empty_is_missing(tmp_path, end):
    got = columns(tmp_path, "head\n1;x;2.5\n;y;-3e2\r\nNA;;n/a\n4;;nan" + end)
    assert_array_equal(got["a"], [1, np.nan, np.nan, 4])
    assert_array_equal(got["c"], [2.5, -300, np.nan, np.nan])


def test_many_blocks_are_one_column(tmp_path):
    values = np.arange(300_000)
    text = "head\n" + "".join(f"{v};;{-v}\n" for v in values)
    got = columns(tmp_path, text)
    assert_array_equal(got["a"], values)
    assert_array_equal(got["c"], -values)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("head\n1;2;3\n1;2\n", "line 3: found 2 cells, expected 3 in every row"),
        ("head\n1;2;3\n\n1;2;3\n", "line 3: found a blank line"),
        ("head\n1;2;3\n1;2;x3\n", "line 3, column 'c': found 'x3'"),
        ("head\n1;2;1_000\n", "line 2, column 'c': found '1_000'"),
        ("head\n", "no rows of numbers"),
        ("", "an empty file"),
    ],
)
def test_the_line_that_is_wrong_is_named(tmp_path, text, told):
    with pytest.raises(FileError) as error:
        columns(tmp_path, text)
    assert told in str(error.value)


def test_the_first_lines_with_their_mark_and_encoding(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeff°C\n".encode() + "°F\r\n".encode("latin-1") + b"3\n4\n")
    assert first_lines(path, 3) == ["°C", "°F", "3"]
    path.write_bytes(b"a\n" + b"x" * 300_000)
    with pytest.raises(FileError, match="line 2: found a line beyond"):
        first_lines(path, 3)
    path.write_bytes(b"a\0\n")
    with pytest.raises(FileError, match="binary content"):
        first_lines(path, 3)
    with pytest.raises(FileError, match="no ordinary file"):
        first_lines(tmp_path, 3)
