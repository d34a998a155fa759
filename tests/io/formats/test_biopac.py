import numpy as np
import pytest
from made_recordings import acq_bytes
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError
from syntony.io.registry import find_reader, read

pytest.importorskip("bioread")

FOLDER = SHARED / "data/biopac-acq"
REAL = needs_shared("data/biopac-acq")
VERSIONS = [
    "nojournal-3.8.1-c",
    "nojournal-5.0.1",
    "physio-3.9.1",
    "physio-4.1.0-c",
    "physio-4.4.0",
]
THREE = ["EKG - ERS100C", "RESP - RSP100C", "EDA - GSR100C"]
EDA = np.arange(200) % 90 + 3000


def acq(tmp_path, channels=None, marks=((0, "Segment 1"),), **more):
    path = tmp_path / "made.acq"
    channels = channels or [("EDA", "uS", 1, EDA, 0.001, 0.0)]
    path.write_bytes(acq_bytes(channels, marks, **more))
    return path


@REAL
@pytest.mark.parametrize("name", VERSIONS)
def test_every_version_gives_the_same_three_channels(name):
    path = FOLDER / f"{name}.acq"
    assert find_reader(path).name == "biopac_acq"
    recording = read(path, person="P01", channels=THREE)
    ecg, resp, eda = recording.signals
    assert [(s.kind, s.unit, s.rate_hz, s.values.size) for s in (ecg, resp, eda)] == [
        ("ecg", "mV", 1000.0, 61_893),
        ("resp", "V", 3.90625, 241),
        ("eda", "uS", 2000.0, 123_787),
    ]
    assert_allclose(ecg.values[:2], [0.34936523, 0.33831787], atol=1e-8)
    assert_allclose(resp.values[:2], [0.08239746, 0.11383057], atol=1e-8)
    assert eda.values[:123_000].min() > 3.387
    assert eda.values.max() == pytest.approx(4.18853776)
    assert recording.events[0].times_s[0] == 0.0


@REAL
def test_values_that_an_old_packed_file_mixes_up_at_its_end_are_told():
    notes = read(FOLDER / f"{VERSIONS[0]}.acq", person="P01").notes
    (note,) = [n for n in notes if n.code == "end-jumps"]
    assert note.text.startswith("EDA - GSR100C: 393 jumps at the end, from sample 123391 on")
    assert "another channel" in note.text
    clean = read(FOLDER / "nojournal-5.0.1.acq", person="P01").notes
    assert "end-jumps" not in {n.code for n in clean}


@REAL
@pytest.mark.parametrize("name", VERSIONS[2:])
def test_marks_come_with_their_texts(name):
    events = {e.kind: e.times_s for e in read(FOLDER / f"{name}.acq", person="P01").events}
    assert events["marker"].size == 10
    assert_allclose(events["marker_breathe_in"], [4.309])
    assert_allclose(events["marker_eda_peak"], [9.569, 9.569])
    assert_allclose(events["marker_deep_breath_3"], [36.766])


@REAL
def test_what_is_derived_is_doubted():
    recording = read(FOLDER / "physio-4.4.0.acq", person="P01")
    codes = [n.code for n in recording.notes]
    assert codes == ["unit-doubtful", "kind-twice", "marker-texts"]
    assert "'EDA filtered, differentiated' and 'EDA - GSR100C'" in recording.notes[1].text


@REAL
def test_the_start_is_the_date_of_the_first_segment_where_there_is_one():
    new = read(FOLDER / "physio-4.4.0.acq", person="P01")
    assert new.started_at.isoformat() == "2016-02-02T16:30:56.276000+00:00"
    assert new.started_at_error_s == 0.0005
    assert read(FOLDER / "physio-3.9.1.acq", person="P01").started_at is None


@REAL
def test_segments_without_dates_are_not_spliced():
    path = FOLDER / "r42_test.acq"
    with pytest.raises(FileError, match=r"2 segments, the second from sample 3,881 .*Pass segment"):
        read(path, person="P01")
    first = read(path, person="P01", segment=1)
    second = read(path, person="P01", segment=2)
    assert [s.values.size for s in first.signals] == [3881] * 4
    assert [s.values.size for s in second.signals] == [7901 - 3881] * 4
    assert {s.rate_hz for s in second.signals} == {1000.0}
    assert [s.kind for s in first.signals] == ["ecg", "emg", "eda", "ch4_input"]
    assert second.signals[0].values[0] == pytest.approx(0.11764526)
    assert "unit-doubtful" in {n.code for n in first.notes}  # the EDA is below zero
    with pytest.raises(InputError, match="segment=3"):
        read(path, person="P01", segment=3)


def test_two_people_in_one_file_are_read_one_by_one(tmp_path):
    path = acq(
        tmp_path,
        [("EDA A", "uS", 1, EDA, 0.001, 0.0), ("EDA B", "uS", 4, EDA[:50], 0.002, 0.0)],
    )
    a = read(path, person="A", channels={"EDA A": "eda"})
    b = read(path, person="B", channels={"EDA B": "eda"})
    assert (a.signals[0].rate_hz, b.signals[0].rate_hz) == (1000.0, 250.0)
    assert_array_equal(b.signals[0].values, EDA[:50] * 0.002)
    assert a.clock == b.clock


def test_a_segment_that_begins_between_two_samples_of_a_slow_channel_begins_later(tmp_path):
    path = acq(
        tmp_path,
        [("EDA", "uS", 1, EDA, 0.001, 0.0), ("Resp", "V", 8, EDA[:25], 1.0, 0.0)],
        marks=[(0, "Segment 1"), (101, "Segment 2")],
    )
    eda, resp = read(path, person="P", segment=2).signals
    assert (eda.start_s, eda.values.size) == (0.0, 99)
    assert (resp.start_s, resp.values[0]) == (0.003, EDA[13])  # sample 104 of the base rate


def test_a_unit_that_is_not_there_is_asked_for(tmp_path):
    path = acq(tmp_path, [("Strain", "", 1, EDA, 1.0, 0.0)])
    with pytest.raises(FileError, match="no unit for channel 'Strain'"):
        read(path, person="P")
    assert read(path, person="P", units={"Strain": "V"}).signals[0].unit == "V"


@pytest.mark.parametrize(
    ("channels", "more", "told"),
    [
        ([("EDA", "uS", 1, EDA, np.inf, 0.0)], {}, "the scale inf"),
        ([("EDA", "uS", -3, EDA, 1.0, 0.0)], {}, "every -3th"),
        (None, {"rate_hz": 1e12}, "a sample every"),
    ],
)
def test_headers_that_cannot_be_are_refused(tmp_path, channels, more, told):
    path = acq(tmp_path, channels, **more) if channels is None or channels[0][2] > 0 else None
    if path is None:
        path = acq(tmp_path)
        data = bytearray(path.read_bytes())
        at = data.find((1).to_bytes(2, "little"), data.find(b"uS\0") + 170)
        data[at : at + 2] = (-3).to_bytes(2, "little", signed=True)
        path.write_bytes(bytes(data))
    with pytest.raises(FileError, match=r"made\.acq") as error:
        read(path, person="P", format="biopac_acq")
    assert told in str(error.value)


def test_more_samples_than_the_file_can_hold_are_refused(tmp_path):
    path = acq(tmp_path)
    data = bytearray(path.read_bytes())
    at = data.find((200).to_bytes(4, "little"), data.find(b"uS\0"))
    data[at : at + 4] = (10**9).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(FileError, match=r"ends before its marks|cut off|headers tell of"):
        read(path, person="P", format="biopac_acq")


def test_the_package_is_named_where_it_is_missing(tmp_path, monkeypatch):
    import sys

    from syntony.core.errors import MissingPackage

    path = acq(tmp_path)
    monkeypatch.setitem(sys.modules, "bioread", None)
    with pytest.raises(MissingPackage, match=r"syntony\[biopac\]"):
        read(path, person="P")
