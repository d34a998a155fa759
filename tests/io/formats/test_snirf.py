"""SNIRF: a real recording, and what a file may try."""

import h5py
import numpy as np
import pytest
from io_samples_labs import write_snirf
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import read

REAL = "data/snirf/neuro_run01.snirf"


def codes(recording):
    return {n.code for n in recording.notes}


@needs_shared(REAL)
def test_a_real_recording_comes_out_with_rate_length_and_marks():
    found = read(SHARED / REAL, person="P01")
    assert len(found.signals) == 18  # 9 channels of two wavelengths
    assert {s.kind for s in found.signals} >= {"s1_d1_690", "s1_d1_830", "s4_d8_830"}
    first = found.signals[0]
    assert first.rate_hz == pytest.approx(20.03, abs=0.005)
    assert first.stop_s - first.start_s == pytest.approx(399.3, abs=0.1)
    assert first.values[0] == pytest.approx(0.1074337, abs=1e-7)
    assert {e.kind: e.times_s.size for e in found.events} == {"stim_1": 4, "stim_2": 2}
    assert found.events[0].times_s[0] == pytest.approx(158.4878867)
    assert found.started_at.isoformat() == "2020-05-16T16:05:11"
    assert codes(found) == {"aux-without-unit", "stimulus"}


@needs_shared(REAL)
def test_the_wavelengths_are_those_that_h5py_reads():
    with h5py.File(SHARED / REAL) as file:
        table = file["nirs/data1/dataTimeSeries"][()]
    found = read(SHARED / REAL, person="P01")
    for column, signal in zip(table.T, found.signals, strict=True):
        assert_array_equal(signal.values, column)


@needs_shared(REAL)
def test_an_auxiliary_channel_is_read_where_its_unit_is_given():
    found = read(SHARED / REAL, person="P01", channels=["aux1"], units={"aux1": "1"})
    assert [s.kind for s in found.signals] == ["aux1"]


@needs_shared("data/snirf/minimum_example.snirf")
def test_the_smallest_valid_file_is_refused_in_words():
    with pytest.raises(FileError, match="no channel with samples"):
        read(SHARED / "data/snirf/minimum_example.snirf", person="P01")


def made(folder, **more):
    table = np.arange(20.0).reshape(10, 2)
    return write_snirf(folder / "a.snirf", table, np.arange(10) / 4, **more)


def test_a_time_of_two_numbers_is_start_and_step(tmp_path):
    path = write_snirf(tmp_path / "a.snirf", np.ones((5, 1)), np.array([3.0, 0.125]))
    (signal,) = read(path, person="P01").signals
    assert (signal.start_s, signal.rate_hz, signal.values.size) == (3.0, 8.0, 5)


def test_marks_and_auxiliary_channels_have_their_own_times(tmp_path):
    stim = np.array([[2.0, 5.0, 1.0], [0.5, 5.0, 2.0]])
    aux = {"name": "GSR", "dataUnit": "uS", "dataTimeSeries": np.arange(5.0)[:, None]}
    aux |= {"time": np.arange(5) / 2, "timeOffset": np.array([1.5])}
    found = read(made(tmp_path, stim=stim, aux=aux), person="P01")
    assert_allclose(found.events[0].times_s, [0.5, 2.0])
    assert_allclose(found.events[0].values, [2.0, 1.0])
    skin = found.signals[-1]
    assert (skin.kind, skin.unit, skin.rate_hz, skin.start_s) == ("eda", "uS", 2.0, 1.5)
    assert found.started_at_error_s == 0.0005


def test_a_link_out_of_the_file_is_refused(tmp_path):
    path = made(tmp_path)
    with h5py.File(path, "r+") as file:
        del file["nirs/data1/dataTimeSeries"]
        file["nirs/data1/dataTimeSeries"] = h5py.ExternalLink("other.h5", "/x")
    with pytest.raises(FileError, match="a link"):
        read(path, person="P01")


def test_data_in_another_file_are_refused(tmp_path):
    path = made(tmp_path)
    (tmp_path / "secret.bin").write_bytes(b"\0" * 160)
    with h5py.File(path, "r+") as file:
        block = file["nirs/data1"]
        del block["dataTimeSeries"]
        where = [(str(tmp_path / "secret.bin"), 0, 160)]
        block.create_dataset("dataTimeSeries", (10, 2), "f8", external=where)
    with pytest.raises(FileError, match="another file"):
        read(path, person="P01")


def test_a_dataset_that_unpacks_to_too_much_is_refused(tmp_path):
    path = made(tmp_path)
    with h5py.File(path, "r+") as file:
        block = file["nirs/data1"]
        del block["dataTimeSeries"]
        block.create_dataset("dataTimeSeries", (10**9, 2), "f8", chunks=(1000, 2), fillvalue=0.0)
    with pytest.raises(FileError, match="2,000,000,000 values"):
        read(path, person="P01")


def test_two_recordings_in_a_file_are_asked_about(tmp_path):
    path = made(tmp_path)
    with h5py.File(path, "r+") as file:
        file.copy("nirs", "nirs2")
    with pytest.raises(FileError, match="Pass run"):
        read(path, person="P01")
    assert len(read(path, person="P01", run="nirs2").signals) == 2


def test_times_that_do_not_fit_the_samples_are_refused(tmp_path):
    path = write_snirf(tmp_path / "a.snirf", np.ones((5, 1)), np.arange(4.0))
    with pytest.raises(FileError, match="4 times for 5 samples"):
        read(path, person="P01")


def test_a_list_of_texts_that_never_ends_is_refused(tmp_path):
    path = made(tmp_path)
    data = bytearray(path.read_bytes())
    at = data.index(b"GCOL") + 16
    data[at : at + 16] = bytes(16)  # an object without a length: HDF5 would stay there
    path.write_bytes(data)
    with pytest.raises(FileError, match="never ends"):
        read(path, person="P01")
