"""WFDB: real records, and headers that say more than there is."""

import numpy as np
import pytest
import wfdb as theirs
from io_samples_labs import write_wfdb
from numpy.testing import assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import read

MITBIH = "data/wfdb/100.hea"
ALARM = "data/wfdb/a103l.hea"


@needs_shared(MITBIH)
def test_two_leads_and_2273_beats_of_a_real_record():
    found = read(SHARED / MITBIH, person="P01")
    assert [(s.kind, s.unit, s.rate_hz) for s in found.signals] == [
        ("ecg", "mV", 360.0),
        ("ecg_v5", "mV", 360.0),
    ]
    assert found.signals[0].stop_s == pytest.approx(1805.6, abs=0.05)
    assert found.signals[0].values[0] == -0.145
    beats, others = found.events
    assert (beats.kind, beats.unit, beats.times_s.size) == ("rr", "ms", 2273)
    assert (others.kind, others.times_s.size) == ("annotation", 1)
    assert np.isnan(beats.values[0])
    assert beats.values[1] == pytest.approx((370 - 77) / 360 * 1000)
    (told,) = [n.text for n in found.notes if n.code == "annotations"]
    assert "2239 N, 33 A, 1 V" in told
    assert {n.code for n in found.notes} == {"annotations", "unit-by-format"}


@needs_shared(MITBIH)
def test_the_samples_are_those_of_the_package():
    record = theirs.rdrecord(str(SHARED / MITBIH).removesuffix(".hea"))
    for column, signal in zip(
        record.p_signal.T, read(SHARED / MITBIH, person="P").signals, strict=True
    ):
        assert_array_equal(signal.values, column)


@needs_shared(ALARM)
def test_ecg_beside_a_pulse_wave():
    found = read(SHARED / ALARM, person="P01")
    assert [(s.kind, s.unit) for s in found.signals] == [
        ("ecg", "mV"),
        ("ecg_v", "mV"),
        ("ppg", "1"),
    ]
    assert {s.rate_hz for s in found.signals} == {250.0}
    assert {s.stop_s for s in found.signals} == {330.0}
    assert found.events == ()
    assert "checksum" not in {n.code for n in found.notes}


def test_a_signal_that_is_not_calibrated_asks_for_its_unit(tmp_path):
    path = write_wfdb(tmp_path / "r.hea", [5, 6, 7], gain="0", name="skin")
    with pytest.raises(FileError, match="no unit for channel 'skin'"):
        read(path, person="P01")
    (signal,) = read(path, person="P01", units={"skin": "1"}).signals
    assert_array_equal(signal.values, [5, 6, 7])


def test_a_changed_sample_is_told_by_the_checksum(tmp_path):
    path = write_wfdb(tmp_path / "r.hea", [5, 6, 7])
    path.with_suffix(".dat").write_bytes(b"\x09\x00\x06\x00\x07\x00")
    assert "checksum" in {n.code for n in read(path, person="P01").notes}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("r.dat", "../r.dat", "a signal"),
        ("r.dat", "/etc/passwd", "a signal"),
        (" 250 3", " 250 30000000000", "cut off"),
        (" 250 3", " 3", "rate and number of samples"),
        ("r 1 ", "r/2 1 ", "several segments"),
        ("r 1 ", "r 2 ", "cut off"),
        ("dat 16 ", "dat 516 ", "one of 8, 16"),
        ("dat 16 ", "dat 16x99999999 ", "samples in a frame"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path, old, new, what):
    path = write_wfdb(tmp_path / "r.hea", [5, 6, 7])
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(FileError, match=what):
        read(path, person="P01", format="wfdb")


def test_a_signal_file_that_is_cut_off_is_refused(tmp_path):
    path = write_wfdb(tmp_path / "r.hea", np.arange(100))
    path.with_suffix(".dat").write_bytes(b"\0" * 150)
    with pytest.raises(FileError, match=r"r\.dat.*150 bytes"):
        read(path, person="P01")


def test_annotations_that_are_damaged_are_refused_or_read(tmp_path):
    path = write_wfdb(tmp_path / "r.hea", np.arange(100))
    symbols = ["N", "V", "+", "N"]
    theirs.wrann("r", "atr", np.array([5, 40, 50, 90]), symbols, write_dir=str(tmp_path))
    beats, others = read(path, person="P01").events
    assert_array_equal(beats.times_s, np.array([5, 40, 90]) / 250)
    assert_array_equal(others.times_s, np.array([50]) / 250)
    (tmp_path / "r.atr").write_bytes(b"\x00\xec\xff\xff\xff\xff")
    with pytest.raises(FileError, match="annotations"):
        read(path, person="P01")
