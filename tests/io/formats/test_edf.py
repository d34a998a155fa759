import warnings

import numpy as np
import pytest
from made_recordings import edf_bytes
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import find_reader, read

FAROS = SHARED / "data/edf-faros/faros180.edf"
SLOW = SHARED / "data/opensignals/eda_slow_signal.edf"


def eda(records=10, samples=8, **more):
    counts = 1000 + np.arange(records * samples).reshape(records, samples)
    return {"label": "EDA", "unit": "nS", "counts": counts} | more


def edf(tmp_path, signals=None, name="made.edf", **more):
    path = tmp_path / name
    path.write_bytes(edf_bytes(signals or [eda()], **more))
    return path


def notes(recording):
    return {n.code: n.text for n in recording.notes}


@needs_shared("data/edf-faros")
def test_a_faros_comes_with_its_mixed_rates_zone_and_beats():
    recording = read(FAROS, person="P01")
    assert find_reader(FAROS).name == "edf"
    assert [(s.kind, s.unit, s.rate_hz, s.values.size) for s in recording.signals] == [
        ("ecg", "mV", 500.0, 39_000),
        ("acc_x", "g", 25.0, 1950),
        ("acc_y", "g", 25.0, 1950),
        ("acc_z", "g", 25.0, 1950),
    ]
    assert {s.values.size / s.rate_hz for s in recording.signals} == {78.0}
    assert_allclose(recording.signals[0].values[:3], [-2.134, -1.631, -0.944])
    assert recording.started_at.isoformat() == "2018-10-12T16:54:12+02:00"
    assert recording.started_at_error_s == 0.5
    marker, beats = recording.events
    assert (marker.kind, marker.times_s.tolist()) == ("marker", [72.0])
    assert (beats.kind, beats.unit, beats.times_s.size) == ("rr", "ms", 20)
    assert np.isnan(beats.values).sum() == 10  # of 3,048 ms and more
    told = notes(recording)
    assert "free text" in told["zone-from-text"]
    assert told["clipped"].startswith("ECG: 10 at -32768 uV and 16 at 32767 uV")
    assert "10 of them" in told["device-beats"]


@needs_shared("data/opensignals")
def test_a_clipped_and_padded_export_is_told():
    recording = read(SLOW, person="P01")
    (signal,) = recording.signals
    assert (signal.values.size, signal.rate_hz) == (2900, 100.0)
    assert (signal.values == 1.5).sum() == 2820
    told = notes(recording)
    assert "2,820 at 1.5 uS" in told["clipped"]
    assert "97.2%" in told["clipped"]
    assert "the last 80 samples" in told["padded-end"]
    assert recording.started_at.isoformat() == "2020-03-16T19:12:51"


@pytest.mark.parametrize("path", [FAROS, SLOW], ids=lambda p: p.name)
@needs_shared("data/edf-faros")
def test_another_program_reads_the_same_values(path):
    edfio = pytest.importorskip("edfio")
    theirs = {s.label: s for s in edfio.read_edf(path).signals}
    wanted = [n for n in theirs if n not in {"Marker", "HRV"}]
    units = dict.fromkeys(wanted, "1")
    for label, signal in zip(
        wanted, read(path, person="P", channels=wanted, units=units).signals, strict=True
    ):
        assert_allclose(signal.values, theirs[label].data, rtol=0, atol=1e-9)
        assert signal.rate_hz == theirs[label].sampling_frequency


def test_bdf_has_three_bytes_and_its_triggers(tmp_path):
    edfio = pytest.importorskip("edfio")
    counts = np.array([[-8_388_608, -1, 0, 8_388_607], [5, 70_000, -70_000, 256]])
    status = np.array([[0, 7, 7, 0], [0, 0x1_0003, 0x1_0003, 0]])
    path = edf(
        tmp_path,
        [{"label": "A1", "unit": "uV", "counts": counts}, {"label": "Status", "counts": status}],
        name="made.bdf",
        width=3,
        kind="24BIT",
    )
    recording = read(path, person="P")
    assert_array_equal(recording.signals[0].values, counts.ravel())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = edfio.read_bdf(path).signals[0].data
    assert_allclose(recording.signals[0].values, theirs)
    (events,) = recording.events
    assert_array_equal(events.times_s, [0.25, 1.25])
    assert_array_equal(events.values, [7, 3])


def test_pauses_are_missing_on_the_true_axis_at_every_rate(tmp_path):
    path = edf(
        tmp_path,
        [eda(4, 8), {"label": "Resp", "unit": "V", "counts": np.arange(8).reshape(4, 2)}],
        onsets=[0.5, 1.5, 4, 5],
        kind="EDF+D",
        marks=[(0.75, "go"), (5, "stop")],
    )
    recording = read(path, person="P")
    first, second = recording.signals
    assert np.isnan(first.values[16:28]).all()
    assert_array_equal(first.values[28:36], (1016 + np.arange(8)) * 1e-3)
    assert first.values.size == 44
    assert_array_equal(second.values, [0, 1, 2, 3, *[np.nan] * 3, 4, 5, 6, 7])
    events = {e.kind: e.times_s.tolist() for e in recording.events}
    assert events == {"marker": [0.25, 4.5], "marker_go": [0.25], "marker_stop": [4.5]}
    assert recording.started_at.isoformat() == "2018-10-12T16:54:12.500000"
    assert "1.5 s without samples" in notes(recording)["gap"]


def test_a_file_that_calls_itself_continuous_and_is_not(tmp_path):
    path = edf(tmp_path, [eda(3)], onsets=[0, 1, 60])
    recording = read(path, person="P")
    assert recording.signals[0].values.size == 61 * 8
    assert "calls the file continuous" in notes(recording)["gap"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"count": 3}, "a header of 512 bytes"),
        ({"count": 0}, "number of signals"),
        ({"length": 10**7}, "bytes in the header"),
        ({"records": 10**7}, "tells of 160,000,000"),
        ({"records": 0}, "0 records"),
        ({"records": "x"}, "'x' as number of records"),
        ({"record_s_text": 0}, "records of 0 s"),
        ({"record_s_text": -1}, "records of -1 s"),
        ({"record_s_text": "nan"}, "'nan' as duration"),
        ({"kind": "EDF+D"}, "discontinuous file without annotations"),
        ({"onsets": [0, 1, 1.5, 3, 4, 5, 6, 7, 8, 9]}, "record 3 only 0.5 s after"),
        ({"onsets": [0, 1, 9e6, 9e6 + 1, *range(9_000_002, 9_000_008)]}, "with only 10 records"),
    ],
)
def test_headers_that_cannot_be_are_refused(tmp_path, more, told):
    path = edf(tmp_path, **more)
    with pytest.raises(FileError, match=r"made\.edf") as error:
        read(path, person="P", format="edf")
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"digital": (5, 5)}, "counts (5, 5)"),
        ({"physical": (1, 1)}, "two different limits"),
        ({"digital": (-99_999, 5)}, "digital_min"),
        ({"samples": 20_000_000}, "samples in a record"),
    ],
)
def test_a_signal_that_cannot_be_is_refused_by_its_label(tmp_path, more, told):
    path = edf(tmp_path, [eda() | more])
    with pytest.raises(FileError, match="column 'EDA'") as error:
        read(path, person="P", format="edf")
    assert told in str(error.value)


def test_a_header_and_a_length_that_contradict_each_other_are_told(tmp_path):
    longer = edf(tmp_path, records=7)
    recording = read(longer, person="P")
    assert recording.signals[0].values.size == 56
    assert "10 whole records" in notes(recording)["length-contradicts"]
    open_end = edf(tmp_path, records=-1)
    recording = read(open_end, person="P")
    assert recording.signals[0].values.size == 80
    assert "10 whole ones" in notes(recording)["unfinished"]


def test_two_dates_that_contradict_each_other_are_told(tmp_path):
    path = edf(tmp_path, date="12.10.17", recording="Startdate 13-OCT-2018 X X X")
    recording = read(path, person="P")
    assert recording.started_at.isoformat() == "2018-10-13T16:54:12"
    assert "2017-10-12 and as 2018-10-13" in notes(recording)["start-contradicts"]
    never = read(edf(tmp_path, date="99.99.99"), person="P")
    assert never.started_at is None
    assert "'99.99.9916.54.12'" in notes(never)["no-start"]


def test_an_upside_down_range_is_read_as_it_says(tmp_path):
    path = edf(tmp_path, [eda(physical=(32_767, -32_768))])
    assert_allclose(read(path, person="P").signals[0].values[:2], [-1.001, -1.002])


def test_channels_of_one_name_are_told_apart(tmp_path):
    path = edf(tmp_path, [eda(), eda(counts=np.full((10, 8), 7))])
    recording = read(path, person="P", channels=["EDA (2)"])
    assert recording.signals[0].values[0] == pytest.approx(0.007)
    with pytest.raises(
        FileError, match=r"no channel 'GSR', expected one of \['EDA', 'EDA \(2\)'\]"
    ):
        read(path, person="P", channels=["GSR"])
