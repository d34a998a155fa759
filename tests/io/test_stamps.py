from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from syntony.core.errors import FileError
from syntony.io.registry import read
from syntony.io.stamps import read_stamps, stamp_in_name

START = datetime(2023, 7, 30, 19, 1, 36, 250_000, tzinfo=UTC)
TIMES = np.arange(40) / 4


def column(cells, name="t"):
    return read_stamps(Path("a.csv"), cells, np.arange(len(cells)) + 2, name)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_unix_time_is_told_by_its_size(unit):
    scale = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit]
    digits = 2 if unit == "s" else 0
    got = column([f"{(START.timestamp() + t) * scale:.{digits}f}" for t in TIMES])
    assert_allclose(got.times_s, TIMES, atol=1e-6)
    assert abs((got.started_at - START).total_seconds()) < 1e-5
    assert f"in {unit} " in got.read_as


@pytest.mark.parametrize("join", ["T", " "])
@pytest.mark.parametrize("zone", ["", "Z", "+02:00", "-0530"])
@pytest.mark.parametrize("point", [".", ","])
def test_iso_stamps_keep_their_zone(join, zone, point):
    shown = [
        (START + timedelta(seconds=t)).strftime(f"%Y-%m-%d{join}%H:%M:%S.%f")[:-4] for t in TIMES
    ]
    got = column([s.replace(".", point) + zone for s in shown])
    assert_allclose(got.times_s, TIMES, atol=1e-6)
    want = {
        "": None,
        "Z": UTC,
        "+02:00": timezone(timedelta(hours=2)),
        "-0530": timezone(-timedelta(hours=5, minutes=30)),
    }[zone]
    assert got.started_at == START.replace(tzinfo=want)
    assert got.error_s == 0.005


def test_a_change_to_summer_time_does_not_move_the_axis():
    cells = [
        "2023-03-26T01:59:59.5+01:00",
        "2023-03-26T03:00:00.0+02:00",
        "2023-03-26T03:00:00.5+02:00",
    ]
    assert_allclose(column(cells).times_s, [0, 0.5, 1.0])


def test_seconds_are_left_as_they_are():
    got = column(["5.0", "5.25", "5.5"])
    assert_array_equal(got.times_s, [5.0, 5.25, 5.5])
    assert got.started_at is None
    assert np.isnan(got.error_s)


@pytest.mark.parametrize("name", ["time_ms", "t (ms)", "t[ms]", "Time ms"])
def test_a_unit_in_the_name_counts(name):
    assert_allclose(column(["0", "250", "500"], name).times_s, [0, 0.25, 0.5])


def test_clock_times_count_from_midnight():
    assert_allclose(
        column(["10:00:00.5", "10:00:01", "10:00:01.5"]).times_s, [36000.5, 36001, 36001.5]
    )


@pytest.mark.parametrize(
    "cells", [["2023-13-01T00:00:00"] * 2, ["10:00:00", "later"], ["yesterday"]]
)
def test_what_is_no_time_names_its_line(cells):
    with pytest.raises(FileError, match=r"line [23], column 't'.*expected a time"):
        column(cells)


def test_whole_seconds_are_good_to_half_a_second():
    assert column(["1635148245.000000", "1635148246.000000"]).error_s == 0.5


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("1wk5_3 2023-09-05 19-28-57.txt", datetime(2023, 9, 5, 19, 28, 57)),
        ("2rk5  2023-10-04 21-06-00.txt", datetime(2023, 10, 4, 21, 6)),
        ("x_2023-10-04_21-06-00.csv", datetime(2023, 10, 4, 21, 6)),
        ("2023-10-04 25-06-00.csv", None),
        ("P01.csv", None),
    ],
)
def test_a_stamp_in_a_file_name(name, want):
    assert stamp_in_name(name) == want


def test_the_reader_says_how_it_read_the_time(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("t,x\n" + "".join(f"{1635148245 + i},{i % 5}\n" for i in range(20)))
    got = read(path, person="P", kind="eda", unit="uS", column="x", time_column="t")
    assert got.started_at == datetime(2021, 10, 25, 7, 50, 45, tzinfo=UTC)
    assert got.signals[0].start_s == 0.0
    assert got.notes[0].text == "Column 't' was read as Unix time in s (UTC); 1 Hz."
