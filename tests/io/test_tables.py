import gzip
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import tables as reference
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError
from syntony.io.registry import find_reader, read
from syntony.io.tables import read_delimited
from syntony.io.text import MAX_LINE

EDA = {"person": "P01", "kind": "eda", "unit": "uS"}


def write(folder, text, name="p01.csv", **how):
    path = folder / name
    path.write_text(text, **how) if isinstance(text, str) else path.write_bytes(text)
    return path


def signal(path, **options):
    return read(path, **(EDA | options)).signals[0]


ROWS = [(0.0, 1.5, 7), (0.25, 2.25, 8), (0.5, -3.125, 9), (0.75, 4e-3, 10)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " ", "   ", " ; "])
@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("quotes", [False, True])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_to_write_the_same_table(tmp_path, separator, comma, quotes, bom, end):
    if comma and separator == ",":
        separator = ";"
    if quotes:
        separator = separator.strip() or separator
    mark = '"' if quotes else ""
    lines = [["t", "skin", "n"], *[[f"{v:g}" for v in row] for row in ROWS]]
    text = end.join(
        separator.join(f"{mark}{c.replace('.', ',') if comma else c}{mark}" for c in row)
        for row in lines
    )
    path = write(tmp_path, (bom + text + end).encode())
    got = signal(path, column="skin", time_column="t")
    assert_array_equal(got.values, [1.5, 2.25, -3.125, 4e-3])
    assert (got.rate_hz, got.start_s, got.unit) == (4.0, 0.0, "uS")
    assert find_reader(path).name == "delimited"


@pytest.mark.parametrize("column", ["skin", "SKIN", 1])
def test_a_column_by_name_letters_or_position(tmp_path, column):
    path = write(tmp_path, "t,skin\n0,1\n1,3\n")
    assert_array_equal(signal(path, column=column, time_column="t").values, [1, 3])


@pytest.mark.parametrize("header", ["", "skin\n"])
def test_one_column_needs_no_name(tmp_path, header):
    path = write(tmp_path, header + "0,5\n1,5\n2.5\n".replace(".", ","))
    got = signal(path, rate_hz=4.0, **({} if header else {"decimal": ","}))
    assert_array_equal(got.values, [0.5, 1.5, 2.5])


def test_no_header_counts_columns_from_zero(tmp_path):
    path = write(tmp_path, "0 5\n1 6\n2 8\n")
    assert_array_equal(signal(path, column=1, time_column=0).values, [5, 6, 8])
    assert_array_equal(signal(path, column="1", time_column="0").values, [5, 6, 8])


def test_a_comma_of_two_meanings_is_refused(tmp_path):
    path = write(tmp_path, "1,25\n2,50\n3,75\n")
    with pytest.raises(FileError, match=r"line 1.*decimal comma or two numbers.*separator='comma'"):
        signal(path, rate_hz=4.0)
    two = signal(path, rate_hz=4.0, separator="comma", column=1)
    assert_array_equal(two.values, [25, 50, 75])
    assert_array_equal(signal(path, rate_hz=4.0, decimal=",").values, [1.25, 2.5, 3.75])
    header = write(tmp_path, "a,b\n1,25\n2,50\n3,75\n")
    assert_array_equal(signal(header, rate_hz=4.0, column="b").values, [25, 50, 75])


def test_names_of_an_r_table_stand_one_to_the_left(tmp_path):
    path = write(tmp_path, '"s1" "s2"\n"1" 0.5 7\n"2" 0.75 8\n')
    assert_array_equal(signal(path, rate_hz=4.0, column="s1").values, [0.5, 0.75])


def test_comments_preamble_rules_and_a_row_of_units_are_no_data(tmp_path):
    text = (
        "Device: X1\n# by hand\n\ntime | skin\n(s) | (uS)\n------------\n"
        "0.0,1.0\n% pause\n0.5,1.5\n\n1.0,1.25\n"
    )
    got = signal(write(tmp_path, text), column="skin", time_column="time")
    assert_array_equal(got.values, [1.0, 1.5, 1.25])


def test_a_stated_rate_and_start_are_read_and_a_contradiction_refused(tmp_path):
    text = "Sampling Rate: 16\nStart Time: 2016-10-17 15:05:10 Offset:-05\nskin\n1\n2\n"
    path = write(tmp_path, "Log, v1\n" + text.replace("skin\n1\n2\n", "a,skin\n9,1\n9,2\n"))
    recording = read(path, column="skin", **EDA)
    assert recording.signals[0].rate_hz == 16.0
    assert recording.started_at.isoformat() == "2016-10-17T15:05:10-05:00"
    assert recording.started_at_error_s == 0.5
    assert [n.code for n in recording.notes] == ["rate-from-file"]
    with pytest.raises(FileError, match="a stated rate of 16 Hz"):
        signal(path, column="skin", rate_hz=4.0)


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NaN", "null", ".", "-999", "off"])
def test_missing_is_nan_and_nothing_else_is(tmp_path, word):
    path = write(tmp_path, f"t,skin,x\n0,1,a\n1,{word},a\n2,2,a\n")
    got = signal(path, column="skin", time_column="t", missing=["-999", "off"])
    assert_array_equal(got.values, [1, np.nan, 2])


@pytest.mark.parametrize("word", ["0", "-1", "-999"])
def test_a_number_is_not_missing_unless_it_is_said(tmp_path, word):
    path = write(tmp_path, f"t,skin\n0,1\n1,{word}\n2,2\n")
    assert signal(path, column="skin", time_column="t").values[1] == float(word)


# --- facts that must be told -------------------------------------------------------------


def test_kind_and_unit_have_no_default(tmp_path):
    path = write(tmp_path, "t,skin\n0,1\n1,2\n")
    with pytest.raises(FileError, match=r"columns \['t', 'skin'\].*Pass kind, one of"):
        read(path, person="P01", column="skin", time_column="t", unit="uS")
    with pytest.raises(FileError, match=r"columns \['t', 'skin'\] and no unit.*'kOhm'"):
        read(path, person="P01", column="skin", time_column="t", kind="eda")
    with pytest.raises(InputError, match="unit='mV'"):
        signal(path, column="skin", time_column="t", unit="mV")


def test_the_rate_has_no_default(tmp_path):
    path = write(tmp_path, "t,skin\n0,1\n1,2\n")
    with pytest.raises(FileError, match=r"no sampling rate, expected time_column or rate_hz"):
        signal(path, column="skin")
    with pytest.raises(InputError, match="one of the two"):
        signal(path, column="skin", time_column="t", rate_hz=1.0)
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="rate_hz"):
            signal(path, column="skin", rate_hz=wrong)


def test_which_column_must_be_said_where_there_are_several(tmp_path):
    path = write(tmp_path, "a,b\n0,1\n1,2\n")
    with pytest.raises(FileError, match=r"\['a', 'b'\], expected to be told which"):
        signal(path, rate_hz=4.0)
    with pytest.raises(FileError, match=r"one column 'c' \(it is there not at all\)"):
        signal(path, rate_hz=4.0, column="c")
    with pytest.raises(FileError, match="a column 2"):
        signal(path, rate_hz=4.0, column=2)
    twice = write(tmp_path, "a,a\n0,1\n1,2\n")
    with pytest.raises(FileError, match="there twice"):
        signal(twice, rate_hz=4.0, column="a")


def test_units_come_to_ours(tmp_path):
    path = write(tmp_path, "r\n200\n100\n400\n")
    got = signal(path, rate_hz=4.0, unit="kOhm")
    assert_allclose(got.values, [5.0, 10.0, 2.5])
    assert got.unit == "uS"
    zero = write(tmp_path, "r\n200\n0\n400\n")
    with pytest.raises(FileError, match=r"line 3.*0 kOhm"):
        signal(zero, rate_hz=4.0, unit="kOhm")


def test_counts_keep_the_unit_one(tmp_path):
    got = signal(write(tmp_path, "r\n2000\n1000\n1500\n"), rate_hz=4.0, unit="1")
    assert (got.unit, got.values[0]) == ("1", 2000.0)


def test_an_implausible_size_and_an_unknown_kind_are_noted(tmp_path):
    path = write(tmp_path, "r\n2000\n1000\n1500\n")
    notes = read(path, rate_hz=4.0, format="delimited", **EDA).notes
    assert [n.code for n in notes] == ["implausible-size"]
    assert "100 % of column 'r' lie outside 0 to 100 uS" in notes[0].text
    odd = read(path, format="delimited", person="P", kind="blink", unit="au", rate_hz=4.0)
    assert [n.code for n in odd.notes] == ["unknown-kind"]


# --- bad input, one by one ---------------------------------------------------------------


def refuses(path, match, **options):
    with pytest.raises(FileError, match=match) as error:
        signal(path, **options)
    assert str(path) in str(error.value)
    return error.value


def test_text_in_a_number_column_names_line_and_column(tmp_path):
    path = write(tmp_path, "t,skin\n0,1\n1,oops\n2,3\n")
    error = refuses(path, "found 'oops', expected a number", column="skin", time_column="t")
    assert (error.line, error.column) == (3, "skin")
    path = write(tmp_path, "# c\nskin\n1\n2\n\u00b14\n")
    assert refuses(path, "a number", rate_hz=4.0).line == 5


@pytest.mark.parametrize("cell", ["1_000", "0x10", "1e", "--1", "1.2.3", "=1+1", "True"])
def test_what_is_no_number_elsewhere_is_none_here(tmp_path, cell):
    path = write(tmp_path, f"t,skin\n0,1\n1,{cell}\n2,3\n")
    refuses(path, "expected a number", column="skin", time_column="t")


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_an_infinity_names_its_line(tmp_path, cell):
    path = write(tmp_path, f"t,skin\n0,1\n1,2\n2,{cell}\n3,3\n")
    error = refuses(path, "an infinite value", column="skin", time_column="t")
    assert (error.line, error.column) == (4, "skin")


def test_a_row_of_another_width_names_its_line(tmp_path):
    for sep in (",", ";", " "):
        body = "".join(f"{i}{sep}{i + 1}\n" for i in range(20))
        path = write(tmp_path, f"t{sep}skin\n{body}20{sep}1{sep}2\n21{sep}3\n")
        assert refuses(path, "3 cells, expected 2", column="skin", time_column="t").line == 22
        path = write(tmp_path, f"t{sep}skin\n{body}20\n")
        assert refuses(path, "cut off", column="skin", time_column="t").line == 22


def test_a_row_of_another_width_is_found_in_a_wide_table(tmp_path):
    head, row = ",".join("abcdefgh"), ",".join("12345678")
    path = write(tmp_path, f"{head}\n" + f"{row}\n" * 20 + "1,2,3\n" + f"{row}\n")
    assert refuses(path, "3 cells, expected 8", column="b", rate_hz=4.0).line == 22


def test_a_wrong_separator_lists_what_was_found(tmp_path):
    path = write(tmp_path, "t;skin\n0;1\n1;2\n")
    error = refuses(path, "rows of numbers", column="skin", time_column="t", separator="comma")
    assert "t;skin" in str(error)
    with pytest.raises(InputError, match="separator='colon'"):
        signal(path, separator="colon", rate_hz=1.0)


def test_time_that_runs_backwards_names_its_line(tmp_path):
    path = write(tmp_path, "t,skin\n0,1\n1,2\n2,3\n1.5,4\n3,5\n")
    error = refuses(path, "1.5 s after 2 s.*backwards", column="skin", time_column="t")
    assert (error.line, error.column) == (5, "t")


def test_a_doubled_stamp_names_its_line(tmp_path):
    path = write(tmp_path, "t,skin\n0,1\n1,2\n1,3\n2,4\n")
    error = refuses(path, "1 s again.*give rate_hz", column="skin", time_column="t")
    assert (error.line, error.column) == (4, "t")


@pytest.mark.parametrize("rates", [(4.0, 8.0), (8.0, 4.0), (10.0, 8.0), (4.0, 32.0)])
def test_two_rates_in_one_file_are_refused(tmp_path, rates):
    first = np.arange(200) / rates[0]
    second = first[-1] + np.arange(1, 301) / rates[1]
    times = np.concatenate([first, second])
    path = write(tmp_path, "t,skin\n" + "".join(f"{t:.4f},{t % 7}\n" for t in times))
    error = refuses(path, "one sampling rate", column="skin", time_column="t")
    assert abs(error.line - 202) <= 1
    assert f"{rates[0]:g} Hz" in str(error)
    assert f"{rates[1]:g} Hz" in str(error)


def test_one_sample_all_missing_constant_or_no_rows(tmp_path):
    refuses(write(tmp_path, "t,skin\n0,1\n"), "one sample", column="skin", time_column="t")
    refuses(write(tmp_path, "skin\n1\n"), "one sample", rate_hz=4.0)
    refuses(write(tmp_path, "t,skin\n"), "rows of numbers", column="skin", time_column="t")
    path = write(tmp_path, "t,skin\n" + "".join(f"{i},NA\n" for i in range(9)))
    refuses(path, "nothing but missing values in 9 rows", column="skin", time_column="t")
    path = write(tmp_path, "t,skin\n" + "".join(f"{i},2.5\n" for i in range(9)))
    refuses(path, "the value 2.5 in all 9 rows", column="skin", time_column="t")


def test_a_missing_or_wrong_time_names_its_line(tmp_path):
    for cell in ("", "NaN", "soon", "inf"):
        path = write(tmp_path, f"t,skin\n0,1\n1,2\n{cell},3\n3,4\n")
        error = refuses(path, "expected a time", column="skin", time_column="t")
        assert (error.line, error.column) == (4, "t")


def test_a_blank_line_in_a_single_column_is_refused(tmp_path):
    path = write(tmp_path, "skin\n1\n2\n\n3\n")
    assert refuses(path, "a blank line", rate_hz=4.0).line == 4


def test_a_second_line_of_text_over_one_column_is_refused(tmp_path):
    assert refuses(write(tmp_path, "skin\nx1\n2\n3\n"), "'x1'", rate_hz=4.0).line == 2


# --- hostile files -----------------------------------------------------------------------


def test_a_line_without_end_is_refused(tmp_path):
    path = write(tmp_path, "t,skin\n0,1\n" + "1," * MAX_LINE)
    refuses(path, "a line of", column="skin", time_column="t")


def test_binary_empty_blank_and_folder(tmp_path):
    refuses(write(tmp_path, b"\x7fELF\0\0" * 9), "binary", format="delimited", rate_hz=1.0)
    refuses(write(tmp_path, ""), "an empty file", rate_hz=1.0)
    refuses(write(tmp_path, " \n\n\t\n"), "nothing but blanks", format="delimited", rate_hz=1.0)
    refuses(tmp_path, "no ordinary file", format="delimited", rate_hz=1.0)
    refuses(tmp_path / "none.csv", "no such file", rate_hz=1.0)
    refuses(write(tmp_path, gzip.compress(b"1\n2\n")), "found", format="delimited", rate_hz=1.0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no name here")
def test_a_pipe_does_not_make_it_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    refuses(tmp_path / "pipe.csv", "no ordinary file", format="delimited", rate_hz=1.0)


def test_a_quote_that_does_not_close_is_refused(tmp_path):
    path = write(tmp_path, 't,skin\n0,1\n1,"2\n2,3\n')
    assert refuses(path, "quotes|cells", column="skin", time_column="t").line == 3


def test_one_stamp_far_away_does_not_fill_the_memory(tmp_path):
    path = write(tmp_path, "t,skin\n" + "".join(f"{i},{i}\n" for i in range(99)) + "1e9,3\n")
    assert refuses(path, "a pause of", column="skin", time_column="t").line == 101


def test_deep_nests_and_long_numbers_are_quick(tmp_path):
    path = write(tmp_path, "t,skin\n0,1\n1," + "9" * 5000 + "\n2,3\n")
    refuses(path, "infinite", column="skin", time_column="t")
    refuses(write(tmp_path, "[" * 100_000), "found", format="delimited", rate_hz=1.0)


def test_latin_and_utf16_text_is_read(tmp_path):
    text = "t,skin (µS)\n0,1\n1,2\n"
    for encoding in ("latin-1", "utf-16", "utf-8-sig"):
        path = write(tmp_path, text.encode(encoding))
        assert_array_equal(signal(path, column="skin (µS)", time_column="t").values, [1, 2])


# --- twins and properties ----------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-1e12, 1e12) | st.none(), min_size=2, max_size=60),
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
)
def test_values_equal_the_naive_reading(tmp_path_factory, values, separator, words):
    if len({v for v in values if v is not None}) < 2:
        values = [1.0, 2.0, *values]
    cells = [("n/a" if words else "") if v is None else repr(v) for v in values]
    text = f"t{separator}skin\n" + "".join(f"{i / 8}{separator}{c}\n" for i, c in enumerate(cells))
    path = write(tmp_path_factory.mktemp("t"), text)
    got = signal(path, column="skin", time_column="t")
    assert_array_equal(got.values, reference.column(text, separator, 1))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 1) | st.integers(2, 40), min_size=30, max_size=200),
    st.sampled_from([1.0, 4.0, 25.0, 30.0, 40.0, 250.0, 0.5]),
    st.floats(-100, 1e5),
)
def test_gaps_are_missing_on_the_true_axis(tmp_path_factory, steps, rate_hz, start):
    steps = np.array(steps)
    steps[np.arange(steps.size) % 4 != 0] = 1  # gaps are the exception
    places = np.concatenate([[0], np.cumsum(steps)])
    times = start + places / rate_hz
    values = np.arange(places.size) + 0.5
    rows = "".join(f"{t!r},{v}\n" for t, v in zip(times.tolist(), values, strict=True))
    path = write(tmp_path_factory.mktemp("t"), "t,skin\n" + rows)
    got = signal(path, column="skin", time_column="t")
    assert got.rate_hz == pytest.approx(rate_hz, rel=1e-9)
    assert got.start_s == times[0]
    want = reference.on_axis(times.tolist(), values.tolist(), 1 / rate_hz)
    assert_array_equal(got.values, want)


# --- real files --------------------------------------------------------------------------


@needs_shared("data/rmea-therapy-mea")
def test_motion_energy_of_the_therapy_dyads():
    files = sorted((SHARED / "data/rmea-therapy-mea").glob("*/*.txt"))
    assert len(files) == 10
    for path in files:
        plain = np.loadtxt(path, skiprows=1)
        for i, column in enumerate(("pat", "th")):
            got = read(path, person=column, column=column, kind="motion", unit="1", rate_hz=25)
            assert_array_equal(got.signals[0].values, plain[:, i])
            assert got.signals[0].values.size == 15_000


@needs_shared("data/eda-qsensor")
def test_q_sensor_export():
    recording = read(SHARED / "data/eda-qsensor/8WGY92.csv", column="EDA(uS)", **EDA)
    got = recording.signals[0]
    assert (got.values.size, got.rate_hz) == (19_201, 16.0)
    assert (round(np.nanmin(got.values), 1), round(np.nanmax(got.values), 1)) == (8.2, 65.9)
    assert np.flatnonzero(np.isnan(got.values)).tolist() == [3494 - 9]  # a row of commas
    assert recording.started_at.isoformat() == "2016-10-17T15:05:10-05:00"


@needs_shared("data/eda-qsensor")
def test_edaqa_output():
    path = SHARED / "data/eda-qsensor/8WGY92--EDAQA.csv"
    got = signal(path, column="EDA_w_NaN_from_QA(uS)", rate_hz=16.0)
    assert got.valid_share == pytest.approx(0.705, abs=5e-4)
    with pytest.raises(FileError, match="again"):  # its time column is rounded to 5 digits
        signal(path, column="EDA(uS)", time_column="Time(sec)")


@needs_shared("data/biosppy-simple-text")
@pytest.mark.parametrize(("name", "count"), [("eda", 150), ("ecg", 15), ("ppg", 20), ("resp", 60)])
def test_biosppy_text_states_its_rate(name, count):
    path = SHARED / f"data/biosppy-simple-text/{name}.txt"
    got = read(path, person="P", column=name.upper(), kind=name, unit="1").signals[0]
    assert (got.rate_hz, got.values.size, got.unit) == (1000.0, count * 1000, "1")


INPUTS = SHARED / "golden/inputs"


@needs_shared("golden/inputs")
@pytest.mark.parametrize("path", sorted(INPUTS.glob("*.csv")), ids=lambda p: p.stem)
def test_golden_inputs(path):
    names = path.read_text().partition("\n")[0].split(",")
    table = np.genfromtxt(path, delimiter=",", skip_header=1, ndmin=2)
    if names == ["rr_ms"]:
        assert find_reader(path).name == "rr_list"
        assert_array_equal(read(path, person="P").events[0].values, table[:, 0])
        return
    clock = {"time_column": "time"} if "time" in names else {"rate_hz": 4.0}
    for i, name in enumerate(names):
        if name == "time" or np.ptp(table[:, i]) == 0:
            continue
        got = read_delimited(path, person="P", kind="any", unit="1", column=name, **clock)
        assert_array_equal(got.signals[0].values, table[:, i])
        if "4hz" in path.stem:
            assert got.signals[0].rate_hz == 4.0
