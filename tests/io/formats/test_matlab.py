"""MATLAB files: what SciPy writes is read the same; objects and bombs are refused."""

import struct
import zlib

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.io import loadmat, savemat
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError
from syntony.io.mat5 import MatFile
from syntony.io.registry import read

FACTS = {"channels": {"x": "eda"}, "units": {"x": "uS"}, "rate_hz": 4.0}


def save(path, table, **more):
    savemat(path, table, **more)
    return path


def write_73(path, table, classes=None):
    """Write as MATLAB does: a block of 512 bytes, then HDF5 with its columns as rows."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in table.items():
            file[name] = np.asarray(value, dtype=float).T
            kind = (classes or {}).get(name, "double")
            file[name].attrs["MATLAB_class"] = np.bytes_(kind)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, made".ljust(124) + b"\0\2IM")
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_every_class_of_number_is_read_as_scipy_wrote_it(tmp_path, packed, kind):
    given = (np.random.default_rng(1).random((7, 5)) * 100).astype(kind)
    path = save(tmp_path / "a.mat", {"x": given, "y": 1.0}, do_compression=packed)
    found = MatFile(path, path.read_bytes())
    assert_array_equal(found.read("x"), given.astype(float))
    assert (found.variables["x"].shape, found.variables["x"].kind) == ((7, 5), "numbers")


def test_structs_text_columns_and_rows(tmp_path):
    table = np.arange(12.0).reshape(4, 3)
    inner = {"conductance": table[:, :1], "time": np.arange(4.0) / 4, "who": "someone"}
    path = save(tmp_path / "a.mat", {"data": inner, "m": table, "t": "text"})
    for label, want in (
        ("data.conductance", table[:, 0]),
        ("m(:,2)", table[:, 1]),
        ("m(2,:)", table[1]),
    ):
        options = {"channels": {label: "eda"}, "units": {label: "uS"}, "rate_hz": 4.0}
        (signal,) = read(path, person="P01", **options).signals
        assert_array_equal(signal.values, want)
        assert (signal.kind, signal.unit) == ("eda", "uS")
    for label, what in (
        ("data", "fields"),
        ("t", "text in 't'"),
        ("m", "shape 4x3"),
        ("m(:,4)", "shape 4x3"),
        ("data.none", "no variable"),
        ("other", "no variable 'other'"),
    ):
        with pytest.raises(FileError, match=what):
            read(path, person="P01", channels=[label], rate_hz=4.0)


def test_a_time_variable_keeps_gaps(tmp_path):
    path = save(tmp_path / "a.mat", {"x": np.arange(40.0), "t": 5 + np.r_[0:20, 24:44] / 4})
    options = FACTS | {"rate_hz": None, "time_variable": "t"}
    (signal,) = read(path, person="P01", **options).signals
    assert (signal.rate_hz, signal.start_s, signal.values.size) == (4.0, 5.0, 44)
    assert np.isnan(signal.values[20:24]).all()


def test_a_rate_and_a_unit_are_asked_for(tmp_path):
    path = save(tmp_path / "a.mat", {"x": np.arange(4.0), "fs": [4.0, 5.0]})
    for change, what in (
        ({"rate_hz": None}, "Pass rate_hz"),
        ({"rate_variable": "fs"}, "one of rate_hz"),
        ({"units": None}, "no unit"),
        ({"rate_hz": None, "rate_variable": "fs"}, "one rate"),
    ):
        with pytest.raises(FileError, match=what):
            read(path, person="P01", **(FACTS | change))


def test_cells_and_complex_numbers_are_refused(tmp_path):
    cell = np.array([1.0, "a"], dtype=object)
    path = save(tmp_path / "a.mat", {"x": cell, "z": np.array([1j, 2])})
    for name in ("x", "z"):
        with pytest.raises(FileError, match="of class"):
            read(path, person="P01", channels=[name], rate_hz=4.0)


def test_version_73_is_read_with_its_columns(tmp_path):
    table = np.arange(12.0).reshape(4, 3)
    path = write_73(tmp_path / "a.mat", {"m": table, "fs": [[4.0]], "w": [[97.0]]}, {"w": "char"})
    options = {"channels": {"m(:,2)": "eda"}, "units": {"m(:,2)": "uS"}, "rate_variable": "fs"}
    (signal,) = read(path, person="P01", **options).signals
    assert_array_equal(signal.values, table[:, 1])
    with pytest.raises(FileError, match="of class char"):
        read(path, person="P01", channels=["w"], rate_hz=4.0)
    with pytest.raises(FileError, match="no variable"):
        read(path, person="P01", channels=["q"], rate_hz=4.0)


def test_a_variable_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("syntony.io.mat5._MAX_UNPACKED", 2**22)
    size = 2**24
    packer, parts = zlib.compressobj(9), []
    name = struct.pack("<IIII", 6, 8, 6, 0) + struct.pack("<IIii", 5, 8, size // 8, 1)
    intro = struct.pack("<II", 14, size + 56) + name + struct.pack("<HH4s", 1, 1, b"x\0\0\0")
    parts.append(packer.compress(intro + struct.pack("<II", 9, size)))
    parts.append(packer.compress(bytes(size)))
    packed = b"".join([*parts, packer.flush()])
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"
    path = tmp_path / "bomb.mat"
    path.write_bytes(head + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(FileError, match="more than 4 MB"):
        read(path, person="P01", **FACTS)


def test_a_length_beyond_the_file_is_refused(tmp_path):
    path = save(tmp_path / "a.mat", {"x": np.arange(40.0)})
    data = bytearray(path.read_bytes())
    at = data.rindex(struct.pack("<II", 9, 320))
    data[at + 4 : at + 8] = struct.pack("<I", 2**31)
    path.write_bytes(data)
    with pytest.raises(FileError, match="are left"):
        read(path, person="P01", **FACTS)


KINECT = "data/syncpy-kinect-dyad/data_example_MAT.mat"
PHYSIONET = "data/wfdb/a103l.mat"


@needs_shared(KINECT)
def test_a_real_file_is_read_as_scipy_reads_it():
    given = loadmat(SHARED / KINECT)["data_example_MAT"].astype(float)
    assert given.shape == (2240, 17)
    label = "data_example_MAT(:,3)"
    options = {"channels": {label: "motion"}, "units": {label: "1"}, "rate_hz": 10.0}
    (signal,) = read(SHARED / KINECT, person="P01", **options).signals
    assert_array_equal(signal.values, given[:, 2])


@needs_shared(KINECT)
def test_its_uneven_times_are_refused_and_not_taken_for_even():
    label = "data_example_MAT(:,3)"
    options = {"channels": {label: "motion"}, "units": {label: "1"}, "time_unit": "ms"}
    with pytest.raises(FileError, match="Hz"):
        read(SHARED / KINECT, person="P01", time_variable="data_example_MAT(:,1)", **options)


@needs_shared(PHYSIONET)
def test_a_real_file_of_version_4():
    options = {"channels": {"val(1,:)": "ecg"}, "units": {"val(1,:)": "1"}, "rate_hz": 250.0}
    (signal,) = read(SHARED / PHYSIONET, person="P01", **options).signals
    assert_array_equal(signal.values, loadmat(SHARED / PHYSIONET)["val"][0])


def test_version_4_as_scipy_writes_it(tmp_path):
    table = np.arange(12.0).reshape(4, 3)
    path = save(tmp_path / "a.mat", {"m": table, "w": "word", "fs": 4.0}, format="4")
    options = {"channels": {"m(:,2)": "eda"}, "units": {"m(:,2)": "uS"}, "rate_variable": "fs"}
    (signal,) = read(path, person="P01", **options).signals
    assert_array_equal(signal.values, table[:, 1])
    assert signal.rate_hz == 4.0
    with pytest.raises(FileError, match="text in 'w'"):
        read(path, person="P01", channels=["w"], rate_hz=4.0)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(FileError, match="too short"):
        read(path, person="P01", **options)


def test_times_in_milliseconds(tmp_path):
    path = save(tmp_path / "a.mat", {"x": np.arange(40.0), "t": np.arange(40.0) * 250})
    options = FACTS | {"rate_hz": None, "time_variable": "t", "time_unit": "ms"}
    assert read(path, person="P01", **options).signals[0].rate_hz == 4.0
    with pytest.raises(InputError, match="time_unit"):
        read(path, person="P01", **(options | {"time_unit": "h"}))
