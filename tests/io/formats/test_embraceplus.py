import numpy as np
import pytest
from made_recordings import avro_schema, avro_session, write_avro
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import find_reader, read

pytest.importorskip("fastavro")

FOLDER = SHARED / "data/empatica-embraceplus"
REAL = FOLDER / "embraceplus_test_data.avro"
START = 1_764_153_714_000_000
EDA = np.arange(40) / 8 + 1


def notes(recording):
    return {n.code: n.text for n in recording.notes}


@needs_shared("data/empatica-embraceplus")
@pytest.mark.parametrize("path", [REAL, FOLDER], ids=["file", "folder"])
def test_half_an_hour_of_a_real_device(path):
    assert find_reader(path).name == "empatica_embraceplus"
    recording = read(path, person="P01")
    found = {s.kind: (s.unit, round(s.rate_hz, 4), s.values.size) for s in recording.signals}
    assert found == {
        "eda": ("uS", 4.0, 7244),
        "ppg": ("nW", 64.0, 115_904),
        "temperature": ("Cel", 1.0, 1811),
        "steps": ("1", 0.3333, 603),
        "acc_x": ("g", 63.9999, 115_904),
        "acc_y": ("g", 63.9999, 115_904),
        "acc_z": ("g", 63.9999, 115_904),
    }
    starts = {s.kind: s.start_s for s in recording.signals}
    assert starts["ppg"] == 0.0
    assert starts["eda"] == pytest.approx(1.124, abs=1e-4)
    signals = {s.kind: s.values for s in recording.signals}
    assert (signals["eda"].min() > 0.018) & (signals["eda"].max() < 0.034)
    size = np.sqrt(sum(signals[f"acc_{a}"] ** 2 for a in "xyz"))
    assert np.median(size) == pytest.approx(1.0, abs=0.05)
    (peaks,) = recording.events
    assert (peaks.kind, peaks.times_s.size) == ("systolic_peak", 1796)
    assert 60 / np.median(np.diff(peaks.times_s)) == pytest.approx(59.2, abs=0.1)
    assert recording.started_at.isoformat() == "2025-11-26T11:41:53.255728+01:00"
    assert "Did the electrodes touch the skin" in notes(recording)["no-contact"]


def folder(tmp_path, *sessions):
    for i, session in enumerate(sessions):
        write_avro(tmp_path / f"1-1-1_{i}.avro", [session])
    return tmp_path


def test_files_are_put_together_on_the_true_axis(tmp_path):
    later = avro_session(EDA, start_us=START + 15_000_000)
    path = folder(tmp_path, later, avro_session(EDA, start_us=START, tags=[START + 2_500_000]))
    recording = read(path, person="P")
    (eda,) = recording.signals
    assert_array_equal(eda.values, [*EDA, *[np.nan] * 20, *EDA])
    assert recording.started_at.timestamp() == pytest.approx(START * 1e-6)
    assert_allclose(recording.events[0].times_s, [2.5])
    assert notes(recording)["gap"] == "eda: 5 s between files are kept as missing."


def test_files_that_follow_at_once_have_no_gap(tmp_path):
    later = avro_session(EDA, start_us=START + 10_020_000)
    recording = read(folder(tmp_path, avro_session(EDA, start_us=START), later), person="P")
    assert recording.signals[0].valid_share == 1.0


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"start_us": START + 5_000_000}, "a start 5 s before the end"),
        ({"start_us": START + 10_000_000, "rate_hz": 8.0}, "rates from 4 to 8 Hz"),
        ({"start_us": START + 10**14}, "far apart in time"),
        ({"start_us": START // 1000}, "microseconds of Unix time"),
        ({"start_us": START + 10_000_000, "serial": "other"}, "Pass device"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(tmp_path, second, told):
    path = folder(tmp_path, avro_session(EDA, start_us=START), avro_session(EDA, **second))
    with pytest.raises(FileError, match=told):
        read(path, person="P")


def test_each_device_of_a_folder_is_read_for_its_person(tmp_path):
    path = folder(
        tmp_path,
        avro_session(EDA, start_us=START),
        avro_session(EDA * 2, start_us=START, serial="B"),
    )
    assert read(path, person="P", device="B").signals[0].values[0] == 2.0
    with pytest.raises(FileError, match="the device 'C'"):
        read(path, person="P", device="C")


def test_two_scales_that_contradict_each_other_are_told(tmp_path):
    path = folder(
        tmp_path, avro_session(EDA, start_us=START, acc=[2048] * 64, conversionFactor=0.001)
    )
    recording = read(path, person="P")
    assert recording.signals[1].values[0] == 1.0
    assert "0.000488281 a count, the factor says 0.001" in notes(recording)["scale-contradicts"]
    none = folder(tmp_path, avro_session(EDA, start_us=START, acc=[2048] * 64, digitalMax=-32768))
    with pytest.raises(FileError, match="physical and digital limits"):
        read(none, person="P")


def test_a_schema_of_something_else_is_refused(tmp_path):
    fastavro = pytest.importorskip("fastavro")
    path = tmp_path / "other.avro"
    schema = avro_schema() | {"name": "other.Session"}
    with path.open("wb") as file:
        fastavro.writer(file, schema, [avro_session(EDA, start_us=START)])
    with pytest.raises(FileError, match="one of empatica"):
        read(path, person="P", format="empatica_embraceplus")


def test_a_list_of_nothing_cannot_claim_any_number(tmp_path):
    fastavro = pytest.importorskip("fastavro")
    path = tmp_path / "bomb.avro"
    field = {"name": "x", "type": {"type": "array", "items": "null"}}
    schema = {"type": "record", "name": "empatica.format.avro.Session", "fields": [field]}
    with path.open("wb") as file:
        fastavro.writer(file, schema, [{"x": [None] * 10}])
    with pytest.raises(FileError, match="a list of 'null'"):
        read(path, person="P", format="empatica_embraceplus")


def test_a_block_that_unpacks_to_too_much_is_refused(tmp_path):
    eda = np.zeros(12_000_000, dtype=np.float32)
    path = folder(tmp_path, avro_session(eda[:10], start_us=START)) / "1-1-1_0.avro"
    import zlib

    data = path.read_bytes()
    sync = bytes(range(16))
    head = data[: data.index(sync) + 16]
    pack = zlib.compressobj(wbits=-15)
    packed = pack.compress(bytes(40_000_000)) + pack.flush()
    count, size = bytes([2]), bytearray()
    number = len(packed) << 1
    while number > 127:
        size.append(number & 127 | 128)
        number >>= 7
    size.append(number)
    path.write_bytes(head + count + bytes(size) + packed + sync)
    with pytest.raises(FileError, match="unpacks to more than 34 MB"):
        read(path, person="P")
