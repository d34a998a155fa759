import numpy as np
import pytest
from io_samples_recorders import qsensor
from numpy.testing import assert_allclose
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import find_reader, read

REAL = SHARED / "data/eda-qsensor/8WGY92.csv"
ALL = ["acc_z", "acc_y", "acc_x", "battery", "temperature", "eda"]


def notes(recording):
    return {n.code: n.text for n in recording.notes}


@pytest.fixture
def path(tmp_path):
    return qsensor(tmp_path).path


def change(path, old, new):
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return path


@needs_shared("data/eda-qsensor")
def test_twenty_minutes_of_a_real_sensor():
    assert find_reader(REAL).name == "qsensor"
    recording = read(REAL, person="P01")
    assert [s.kind for s in recording.signals] == ALL
    # 19,201 rows: one of them is a press of the button and no sample
    assert {(s.values.size, s.rate_hz) for s in recording.signals} == {(19_200, 16.0)}
    assert {s.stop_s for s in recording.signals} == {1200.0}
    eda = recording.signals[-1]
    assert (eda.unit, eda.values[0]) == ("uS", 50.110001)
    assert_allclose([eda.values.min(), eda.values.max()], [8.238, 65.92], atol=1e-5)
    assert recording.started_at.isoformat() == "2016-10-17T15:05:10-05:00"
    (marker,) = recording.events
    assert_allclose(marker.times_s, [3485 / 16])
    assert not recording.notes


@needs_shared("data/eda-qsensor")
def test_the_same_values_as_in_the_output_of_another_program():
    theirs = np.genfromtxt(
        REAL.with_name("8WGY92--EDAQA.csv"), delimiter=",", skip_header=1, usecols=1
    )
    ours = read(REAL, person="P01", channels=["EDA(uS)"]).signals[0].values
    assert_allclose(ours, theirs[np.isfinite(theirs)], atol=0.006)


def test_a_press_takes_no_time(path):
    recording = read(path, person="P")
    assert recording.signals[-1].values.size == 200
    assert recording.events[0].times_s.tolist() == [10.0]


def test_swapped_columns_are_told(path):
    change(path, "Z-axis | Y-axis | X-axis | Battery", "Battery | Y-axis | X-axis | Z-axis")
    told = [n.text for n in read(path, person="P").notes if n.code == "columns-doubtful"]
    assert len(told) == 2
    assert all("columns are swapped" in text for text in told)


def test_a_clock_that_was_never_set_gives_no_start(path):
    change(path, "2016-10-17 15:05:10", "1970-01-01 00:00:00")
    assert read(path, person="P").started_at is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Sampling Rate: 8", "Sampling Rate: 0", "no sampling rate"),
        ("Sampling Rate: 8", "Rate: 8", "no sampling rate"),
        ("-" * 57, "", "the header of Q Analytics"),
        ("X-axis", "Y-axis", "different names"),
        (" | Battery", "", "6 cells"),
        ("0.95,4.03", "0.95,4.0x", "line 9, column 'Battery': found '4.0x'"),
    ],
)
def test_a_file_that_cannot_be_is_refused(path, old, new, told):
    with pytest.raises(FileError) as error:
        read(change(path, old, new), person="P", format="qsensor")
    assert told in str(error.value)
