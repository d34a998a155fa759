import numpy as np
import pytest
from io_samples_recorders import shimmer_consensys
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import find_reader, read

REAL = SHARED / "data/shimmer-consensys/shimmer_consensys.csv"


def notes(recording):
    return {n.code: n.text for n in recording.notes}


@pytest.fixture
def path(tmp_path):
    return shimmer_consensys(tmp_path).path


def change(path, old, new):
    path.write_text(path.read_text().replace(old, new))
    return path


@needs_shared("data/shimmer-consensys")
def test_a_short_file_of_consensys():
    assert find_reader(REAL).name == "shimmer_consensys"
    recording = read(REAL, person="P01")
    signals = {s.kind: s for s in recording.signals}
    assert len(signals) == 20
    assert {s.values.size for s in recording.signals} == {90}
    eda, resistance = signals["eda"], signals["skin_resistance"]
    assert (eda.unit, resistance.unit) == ("uS", "kOhm")
    assert_allclose(eda.values[:2], [2.49304029, 2.49157509])
    assert_allclose(eda.values * resistance.values, 1000.0)
    assert eda.rate_hz == pytest.approx(51.2, abs=0.5)
    assert signals["acc_y"].unit == "g"
    assert signals["acc_y"].values[0] == pytest.approx(10 / 9.80665)
    assert signals["device_temperature"].unit == "Cel"
    assert recording.started_at.isoformat() == "2020-07-28T10:56:50.034000+00:00"
    assert "stray from an even axis" in notes(recording)["jitter"]


@needs_shared("data/shimmer-consensys")
def test_what_was_plugged_in_is_said_by_the_caller():
    recording = read(REAL, person="P01", channels={"Shimmer_40AC_Int_Exp_A12_CAL": "ppg"})
    (signal,) = recording.signals
    assert (signal.kind, signal.unit) == ("ppg", "mV")


def test_even_stamps_give_the_axis_and_a_lost_row_is_missing(path):
    lines = path.read_text().split("\n")
    path.write_text("\n".join(lines[:60] + lines[63:]))
    eda = read(path, person="P").signals[0]
    assert eda.rate_hz == 50.0
    assert_array_equal(np.flatnonzero(np.isnan(eda.values)), [17, 18, 19, 57, 58, 59])


def test_units_that_contradict_each_other_are_told(path):
    change(path, "Accel_LN_X", "GSR_Skin_Resistance")
    change(path, "m/(s^2)", "kOhms")
    assert "in uS and kOhm it must be 1000" in notes(read(path, person="P"))["units-contradict"]


def test_stamps_of_the_device_alone_give_no_start(path):
    recording = read(change(path, "Timestamp_Unix", "Timestamp"), person="P")
    assert recording.started_at is None
    assert "no Unix time" in notes(recording)["no-start"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Timestamp_Unix", "Clock", "a column of time stamps"),
        ("ms;uS;m/(s^2);", "1;2;3;", "no row of units"),
        ("ms;uS;m/(s^2);", "ms;uS;", "4 names and 3 units"),
        ("ms;uS", "no_units;uS", "time in 'no_units'"),
        ("ms;uS", "ms;kg", "a unit of eda"),
        ("9.8100;", "9.8100", "3 cells"),
        ("9.8200;", "x;", "line 5, column 'Shimmer_40AC_Accel_LN_X_CAL': found 'x'"),
    ],
)
def test_a_table_that_cannot_be_is_refused(path, old, new, told):
    with pytest.raises(FileError) as error:
        read(change(path, old, new), person="P", format="shimmer_consensys")
    assert told in str(error.value)


def test_each_device_of_a_file_is_read_for_its_person(path):
    change(path, "40AC_Accel", "51BD_Timestamp_Unix_CAL;Shimmer_51BD_Accel")
    text = path.read_text().replace("m/(s^2)", "ms;m/(s^2)").split("\n")
    rows = [r.split(";") for r in text[3:-1]]
    text[3:-1] = [";".join([*r[:2], r[0], *r[2:]]) for r in rows]
    path.write_text("\n".join(text))
    with pytest.raises(FileError, match=r"\['40AC', '51BD'\].*Pass device"):
        read(path, person="P")
    assert read(path, person="P", device="51BD").signals[0].kind == "acc_x"
    assert [s.kind for s in read(path, person="P", device="40AC").signals] == ["eda"]
