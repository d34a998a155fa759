import json
import sys

import numpy as np
import pytest
from made_recordings import opensignals_text, plux
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError, MissingPackage
from syntony.io.formats.opensignals_header import Sensor, transfer
from syntony.io.registry import find_reader, read

FOLDER = SHARED / "data/opensignals"
REAL = needs_shared("data/opensignals")
XYZ = {"X": "1", "Y": "1", "Z": "1"}
MAC = "00:07:80:3B:46:61"


def made(tmp_path, rows, sensors=("EDA",), name="made.txt", **more):
    path = tmp_path / name
    path.write_text(opensignals_text({MAC: plux(sensors, **more)}, rows))
    return path


def rows(numbers, value=1000, digital=0):
    return [(n, digital, value + i) for i, n in enumerate(numbers)]


def notes(recording):
    return {n.code: n.text for n in recording.notes}


@REAL
@pytest.mark.parametrize(
    ("name", "kind", "unit", "rate_hz", "size", "first", "start"),
    [
        ("eda_slow_signal.txt", "eda", "uS", 100.0, 2820, 17.886353, "2017-01-23T13:28:43.110000"),
        (
            "eda_hot_surface.txt",
            "eda",
            "uS",
            1000.0,
            37_050,
            11.254883,
            "2019-09-03T15:18:36.344000",
        ),
        ("bvp_sample.txt", "ppg", "uA", 1000.0, 27_300, 9.410547, "2017-01-17T09:33:55.606000"),
    ],
)
def test_counts_become_units_by_sensor_device_and_bits(
    name, kind, unit, rate_hz, size, first, start
):
    path = FOLDER / name
    assert find_reader(path).name == "opensignals"
    recording = read(path, person="P01")
    (signal,) = recording.signals
    assert (signal.kind, signal.unit, signal.rate_hz, signal.values.size) == (
        kind,
        unit,
        rate_hz,
        size,
    )
    assert signal.values[0] == pytest.approx(first, abs=1e-6)
    assert signal.valid_share == 1.0
    assert recording.started_at.isoformat() == start
    assert recording.started_at_error_s == 0.0005


@REAL
def test_two_subjects_jump_together_and_their_stamps_are_not_to_be_trusted():
    first = read(
        FOLDER / "sync_acc_1.txt", person="A", units=dict.fromkeys(("CH1", "CH2", "CH3"), "1")
    )
    second = read(FOLDER / "sync_acc_2.txt", person="B", units=XYZ)
    assert [s.values.size for s in first.signals] == [40_950] * 3
    assert [s.values.size for s in second.signals] == [20_250] * 3
    assert [s.kind for s in second.signals] == ["acc_x", "acc_y", "acc_z"]
    strongest = [
        float(np.argmax(np.abs(np.diff(r.signals[2].values)))) / 1000 for r in (first, second)
    ]
    apart = (second.started_at - first.started_at).total_seconds()
    assert apart == pytest.approx(22.037)
    assert abs(strongest[0] - strongest[1] - apart) > 4  # the jumps say 17.6 s
    for recording in (first, second):
        assert "two devices can be seconds apart" in notes(recording)["start-of-computer"]


@REAL
def test_an_accelerometer_without_its_calibration_has_no_unit():
    with pytest.raises(FileError, match="no unit for channel 'X'"):
        read(FOLDER / "sync_acc_2.txt", person="B")


@REAL
def test_hdf5_and_its_peaks():
    pytest.importorskip("h5py")
    path = FOLDER / "ecg_5_min.h5"
    assert find_reader(path).name == "opensignals_h5"
    recording = read(path, person="P01")
    (signal,) = recording.signals
    assert (signal.kind, signal.unit, signal.rate_hz, signal.values.size) == (
        "ecg",
        "mV",
        1000.0,
        300_000,
    )
    (peaks,) = recording.events
    assert (peaks.kind, peaks.times_s.size) == ("device_r_peak", 386)
    assert 60 / np.median(np.diff(peaks.times_s)) == pytest.approx(77, abs=1)
    late = [
        np.argmax(signal.values[i - 40 : i + 40]) - 40
        for i in np.rint(peaks.times_s[1:-1] * 1000).astype(int)
    ]
    assert 13 <= np.median(late) <= 17
    assert "stop at 65535, in row 65,536 of 300,000" in notes(recording)["sequence-stops"]
    assert recording.started_at.isoformat() == "2018-06-26T18:32:37.236000"


@pytest.mark.parametrize(
    ("model", "sensor", "bits", "counts", "value", "unit"),
    [
        ("biosignalsplux", "ECG", 16, 65_536 * 0.5, 0.0, "mV"),
        ("biosignalsplux", "ECG", 16, 65_536, 1.5 / 1.019, "mV"),
        ("biosignalsplux", "EDA", 16, 65_536, 25.0, "uS"),
        ("biosignalsplux", "EMG", 12, 0, -1.5, "mV"),
        ("bitalino_rev", "EDABITREV", 10, 1024, 25.0, "uS"),
        ("bitalino_rev", "ECGBITREV", 10, 0, -1.5, "mV"),
        ("bitalino", "EDABIT", 10, 512, 2.0, "uS"),
        ("bitalino", "EMGBIT", 10, 0, -1.65 / 1.008, "mV"),
        ("biosignalsplux", "XYZ", 16, 5, 5, ""),
        ("another device", "EDA", 16, 5, 5, ""),
    ],
)
def test_documented_transfer_functions(model, sensor, bits, counts, value, unit):
    one = Sensor(column="CH1", label="CH1", sensor=sensor, bits=bits)
    values, said = transfer(model, one, np.array([float(counts)]))
    assert said == unit
    assert_allclose(values, [value], atol=1e-12)


def test_lost_rows_are_missing_also_where_the_count_wraps(tmp_path):
    numbers = [*range(14, 16), *range(8), *range(11, 16), *range(3)]
    header = plux(["EDABITREV"], labels=["A3"], device="bitalino_rev")
    header |= {"column": ["nSeq", "I1", "A3"], "resolution": [4, 1, 10]}
    path = tmp_path / "made.txt"
    path.write_text(opensignals_text({MAC: header}, [(n, 0, 500) for n in numbers]))
    recording = read(path, person="P")
    missing = np.isnan(recording.signals[0].values)
    assert_array_equal(np.flatnonzero(missing), [10, 11, 12])
    assert recording.signals[0].values.size == len(numbers) + 3
    assert "begins again at 16" in notes(recording)["gap"]


def test_a_counter_of_16_bits_wraps_without_a_loss(tmp_path):
    numbers = [*range(65_530, 65_536), *range(100)]
    recording = read(made(tmp_path, rows(numbers)), person="P")
    assert recording.signals[0].valid_share == 1.0
    assert "gap" not in notes(recording)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([0, 1, 1, 2], "the sequence number 1 twice running, in row 3"),
        ([0, 1, 10**12], "a leap of"),
        ([0, 1, 2.5], "no whole numbers"),
        ([0, -1, 2], "no whole numbers"),
    ],
)
def test_sequence_numbers_that_cannot_be_are_refused(tmp_path, numbers, told):
    with pytest.raises(FileError, match=told):
        read(made(tmp_path, rows(numbers)), person="P")


def test_presses_on_a_digital_input_are_markers(tmp_path):
    table = [(i, int(i in {4, 5, 9}), 7) for i in range(12)]
    (events,) = read(made(tmp_path, table), person="P").events
    assert_array_equal(events.times_s, [0.04, 0.09])


def test_counts_beyond_the_resolution_and_at_its_limits_are_told(tmp_path):
    beyond = read(made(tmp_path, rows(range(9), value=5000), bits=12), person="P")
    assert "12 bits give 0 to 4095" in notes(beyond)["resolution-contradicts"]
    clipped = read(made(tmp_path, [(i, 0, 4095) for i in range(9)], bits=12), person="P")
    assert "9 samples (100.0%)" in notes(clipped)["clipped"]


def test_each_device_of_a_file_is_read_for_its_person(tmp_path):
    path = tmp_path / "made.txt"
    devices = {"A": plux(["EDA"]), "B": plux(["EDA"]) | {"time": "13:55:9.0"}}
    table = [(i, 0, 1000 + i, i, 0, 2000 + i) for i in range(10)]
    path.write_text(opensignals_text(devices, table))
    with pytest.raises(FileError, match=r"the devices \['A', 'B'\].*Pass device"):
        read(path, person="P")
    with pytest.raises(InputError, match="device='C'"):
        read(path, person="P", device="C")
    a, b = read(path, person="P1", device="A"), read(path, person="P2", device="B")
    assert b.signals[0].values[0] / a.signals[0].values[0] == 2.0
    assert (b.started_at - a.started_at).total_seconds() == pytest.approx(4.509)
    assert a.clock != b.clock


def test_a_unit_that_is_said_takes_the_counts_as_they_are(tmp_path):
    path = made(tmp_path, rows(range(9)))
    (signal,) = read(path, person="P", units={"CH1": "1"}).signals
    assert (signal.values[0], signal.unit) == (1000.0, "1")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sampling rate": 0}, "a sampling rate of 0"),
        ({"sampling rate": True}, "a sampling rate of True"),
        ({"sensor": []}, "0 sensors for 1 labels"),
        ({"resolution": [99]}, "bits of every channel"),
        ({"column": "nSeq"}, "a list of names"),
        ({"column": ["nSeq", "CH1", "CH1"]}, "different names"),
    ],
)
def test_headers_that_cannot_be_are_refused(tmp_path, change, told):
    path = tmp_path / "made.txt"
    path.write_text(opensignals_text({MAC: plux(["EDA"]) | change}, rows(range(9))))
    with pytest.raises(FileError) as error:
        read(path, person="P")
    assert told in str(error.value)


def test_broken_json_is_refused_by_line(tmp_path):
    path = made(tmp_path, rows(range(9)))
    text = path.read_text()
    path.write_text(text.replace(json.dumps(MAC)[:5], "{" * 9, 1))
    with pytest.raises(FileError, match="line 2: found broken JSON"):
        read(path, person="P")


def test_a_date_that_is_none_gives_no_start(tmp_path):
    recording = read(made(tmp_path, rows(range(9)), date="2019-13-29"), person="P")
    assert recording.started_at is None
    assert np.isnan(recording.started_at_error_s)


def change_h5(tmp_path, change):
    """A made file after a change to its device's group."""
    h5py = pytest.importorskip("h5py")
    from io_samples_recorders import opensignals_h5

    sample = opensignals_h5(tmp_path)
    with h5py.File(sample.path, "a") as file:
        change(h5py, next(iter(file.values())))
    return sample.path


def put(group, name, data, **layout):
    label = dict(group[name].attrs)
    del group[name]
    if layout:
        group.create_dataset(name, (data,), "u2", **layout).attrs.update(label)
    else:
        group[name] = data


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda h5py, g: g.move("raw/channel_1", "raw/other"), "0 sensors for"),
        (
            lambda h5py, g: [g.move("raw", "old"), g.pop("digital"), g.create_group("raw")],
            "no channels",
        ),
        (lambda h5py, g: g.move("raw", "else"), "a device with the group raw"),
        (lambda h5py, g: put(g, "raw/nSeq", np.arange(0, 398, 2)), "200 samples for 199 sequence"),
        (lambda h5py, g: put(g, "raw/channel_1", np.zeros((9, 2))), "expected a column of numbers"),
        (lambda h5py, g: put(g, "raw/channel_1", [b"a"]), "expected a column of numbers"),
        (
            lambda h5py, g: put(g, "raw/channel_1", 10**9, chunks=(10**6,)),
            "1,000,000,000 numbers in 0 bytes",
        ),
        (
            lambda h5py, g: put(g, "raw/channel_1", h5py.ExternalLink("b.h5", "x")),
            "lies in another file",
        ),
        (lambda h5py, g: put(g, "raw/channel_1", h5py.SoftLink("/not there")), "a damaged file"),
    ],
)
def test_hdf5_that_cannot_be_is_refused(tmp_path, change, told):
    with pytest.importorskip("h5py").File(tmp_path / "b.h5", "w") as other:
        other["x"] = np.arange(200)
    path = change_h5(tmp_path, change)
    with pytest.raises(FileError, match=told):
        read(path, person="P")


def test_hdf5_that_names_another_files_bytes_is_refused(tmp_path):
    def change(h5py, group):
        del group["raw/channel_1"]
        file = [(str(tmp_path / "secret"), 0, 400)]
        group.create_dataset("raw/channel_1", (200,), "u2", external=file)

    (tmp_path / "secret").write_bytes(bytes(400))
    path = change_h5(tmp_path, change)
    with pytest.raises(FileError, match="lies in another file"):
        read(path, person="P")


def test_lost_samples_of_hdf5_are_kept_as_missing(tmp_path):
    path = change_h5(tmp_path, lambda h5py, g: put(g, "raw/nSeq", np.arange(0, 400, 2)))
    (signal,) = read(path, person="P").signals
    assert (signal.values.size, signal.valid_share) == (399, 200 / 399)


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">i4", "f2", "<f4", ">f8", "g"])
def test_columns_of_hdf5_are_read_in_every_type_of_number(tmp_path, dtype):
    counts = np.arange(200).astype(dtype)
    path = change_h5(tmp_path, lambda h5py, g: put(g, "raw/channel_1", counts))
    (signal,) = read(path, person="P", units={"channel_1": "1"}, channels=["channel_1"]).signals
    assert_array_equal(signal.values, np.arange(200.0))


def test_a_missing_h5py_is_told(tmp_path, monkeypatch):
    path = change_h5(tmp_path, lambda h5py, g: None)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingPackage, match=r"syntony\[data\]"):
        read(path, person="P")


def test_a_device_of_hdf5_that_is_not_there_is_told(tmp_path):
    path = change_h5(tmp_path, lambda h5py, g: None)
    with pytest.raises(InputError, match="device='X'"):
        read(path, person="P", device="X")


def test_a_length_that_contradicts_the_rows_is_told(tmp_path):
    h5py = pytest.importorskip("h5py")
    from io_samples_recorders import opensignals_h5

    sample = opensignals_h5(tmp_path)
    with h5py.File(sample.path, "a") as file:
        next(iter(file.values())).attrs["duration"] = "1m30s"
    recording = read(sample.path, person="P")
    assert "tells of 90 s; 200 rows at 100 Hz are 2 s" in notes(recording)["length-contradicts"]
