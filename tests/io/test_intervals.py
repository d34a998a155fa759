import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import tables as reference
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError
from syntony.io.registry import find_reader, read

SWPS = SHARED / "data/swps-couples-rr"


def write(folder, text, name="rr.txt"):
    path = folder / name
    path.write_text(text)
    return path


def beats(path, **options):
    return read(path, person="P01", format="rr_list", **options).events[0]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(300, 2500), min_size=5, max_size=300))
def test_a_beat_comes_when_the_intervals_before_it_are_over(tmp_path_factory, intervals):
    path = write(tmp_path_factory.mktemp("t"), "".join(f"{v}\n" for v in intervals))
    got = beats(path)
    assert_array_equal(got.values, intervals)
    assert_allclose(got.times_s, reference.beats(intervals), rtol=0, atol=1e-9)
    assert (got.kind, got.unit, got.person) == ("rr", "ms", "P01")


def test_nothing_is_dropped_and_long_pauses_are_counted(tmp_path):
    recording = read(write(tmp_path, "800\n820\n6854\n90\n810\n790\n2000\n"), person="P")
    assert recording.events[0].values.tolist() == [800, 820, 6854, 90, 810, 790, 2000]
    assert [n.code for n in recording.notes] == ["long-interval"]
    assert "1 of 7 intervals" in recording.notes[0].text


def test_seconds_must_be_said(tmp_path):
    path = write(tmp_path, "0.8\n0.75\n0.82\n")
    with pytest.raises(FileError, match=r"a median interval of 0.8 ms.*Pass unit='s'"):
        beats(path)
    assert_allclose(beats(path, unit="s").values, [800, 750, 820])
    with pytest.raises(FileError, match="Pass unit='ms'"):
        beats(write(tmp_path, "800\n750\n"), unit="s")
    with pytest.raises(InputError, match="unit='min'"):
        beats(path, unit="min")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("t,rr\n1.0,800\n1.75,750\n5.0,820\n", "ms"),
        ("1.0;0,8\n1.75;0,75\n5.0;0,82\n".replace(".", ","), "s"),
        ("t ibi\n1000 800\n1750 750\n5000 820\n", "ms"),
        ("t\tibi\n1000\t0.8\n1750\t0.75\n5000\t0.82\n", "s"),
    ],
)
def test_time_and_interval_side_by_side(tmp_path, text, unit):
    got = beats(write(tmp_path, text), unit=unit)
    assert_allclose(got.times_s, [1.0, 1.75, 5.0])
    assert_allclose(got.values, [800, 750, 820])


def test_unix_times_of_beats_give_the_start(tmp_path):
    recording = read(write(tmp_path, "t,rr\n1635148245.5,800\n1635148246.25,750\n"), person="P")
    assert recording.started_at.isoformat() == "2021-10-25T07:50:45.500000+00:00"
    assert_allclose(recording.events[0].times_s, [0, 0.75])


@pytest.mark.parametrize(
    ("text", "match", "line"),
    [
        ("800\n0\n810\n", "an interval of 0 ms", 2),
        ("800\n-5\n810\n", "an interval of -5 ms", 2),
        ("800\nn/a\n810\n", "a missing interval", 2),
        ("800\n790\nx\n", "found 'x', expected a number", 3),
        ("800\ninf\n790\n", "infinite", 2),
        ("800\n\n790\n", "a blank line", 2),
        ("t,rr\n1,800\n2,790\n1.5,800\n", "the time 1.5 after 2,", 4),
        ("t,rr\n1,800\n1,790\n2,800\n", "the time 1 after 1,", 3),
    ],
)
def test_bad_intervals_name_their_line(tmp_path, text, match, line):
    with pytest.raises(FileError, match=match) as error:
        beats(write(tmp_path, text))
    assert error.value.line == line


def test_times_that_do_not_fit_the_intervals_are_refused(tmp_path):
    path = write(tmp_path, "t,rr\n" + "".join(f"{20 * i},800\n" for i in range(9)))
    with pytest.raises(FileError, match="25 times as fast"):
        beats(path)
    assert beats(path, time_unit="s").times_s[-1] == 160
    with pytest.raises(FileError, match="one column of intervals"):
        beats(write(tmp_path, "1,2,800\n2,3,800\n"))


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ("800\n810\n", "rr_list"),
        ("rr_ms\n800\n810\n", "rr_list"),
        ("IBI\n0.8\n0.9\n", "rr_list"),
        ("time,RR\n0.8,800\n1.6,810\n", "rr_list"),
        ("0.8\n0.9\n", "delimited"),
        ("12\n13\n", "delimited"),
        ("eda\n800\n810\n", "delimited"),
        ("# Rate 4\n800\n810\n", "delimited"),
        ("800,810\n790,700\n1,2\n", "delimited"),
    ],
)
def test_lists_of_intervals_are_told_from_signals(tmp_path, text, reader):
    path = write(tmp_path, text)
    assert find_reader(path).name == reader


@needs_shared("data/swps-couples-rr")
def test_every_file_of_the_swps_couples():
    files = sorted(SWPS.glob("*/*.txt"))
    assert len(files) == 98
    total_s, longest = 0.0, 0.0
    for path in files:
        recording = read(path, person="P")
        plain = np.array(path.read_text().split(), dtype=float)
        got = recording.events[0]
        assert_array_equal(got.values, plain)
        assert got.times_s[-1] == pytest.approx(plain.sum() / 1000, abs=1e-6)
        assert recording.started_at_error_s == 0.5
        total_s += got.times_s[-1]
        longest = max(longest, plain.max())
        assert bool(recording.notes) == bool((plain > 2000).any())
    assert total_s == pytest.approx(69_006.979, abs=1e-3)
    assert longest <= 6854


def test_a_list_with_decimal_commas(tmp_path):
    path = write(tmp_path, "812,5\n790,25\n801,0\n")
    with pytest.raises(FileError, match=r"decimal=','"):
        beats(path)
    assert beats(path, decimal=",").values.tolist() == [812.5, 790.25, 801.0]
