"""Exports of beat intervals: Polar, Movesense, Kubios, MindWare, Elite HRV."""

import re

import numpy as np
import pytest
from io_samples_labs import SAMPLES
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import find_reader, read

INTERVALS = np.round(800 + 50 * np.sin(np.arange(80) / 5))
ENDS = np.cumsum(INTERVALS) / 1000
COUPLES = "data/swps-couples-rr/relaxation"


def stamp(seconds):
    return f"2024-05-06T07:{int(seconds // 60):02d}:{seconds % 60:06.3f}"


def polar(folder, stamps, intervals=INTERVALS):
    path = folder / "Polar_H10_RR.txt"
    rows = [f"{stamp(t)};{v:.0f}" for t, v in zip(stamps, intervals, strict=True)]
    path.write_text("\n".join(["Phone timestamp;RR-interval [ms]", *rows]) + "\n")
    return path


def codes(recording):
    return {n.code for n in recording.notes}


def test_beats_that_came_in_packets_lie_where_the_heart_beat(tmp_path):
    arrived = np.array([ENDS[min(79, i // 2 * 2 + 1)] for i in range(80)]) + 0.12
    (beats,) = read(polar(tmp_path, arrived), person="P01").events
    assert_array_equal(beats.values[1:], INTERVALS)
    assert np.isnan(beats.values[0])
    away = beats.times_s[1:] - (ENDS - arrived[0])
    assert np.ptp(away) < 1e-9  # spaced by the intervals, not by the stamps
    assert abs(away[0] - 0.12) < 2e-3


def test_stamps_at_the_beginning_of_an_interval_are_seen(tmp_path):
    begins = np.concatenate([[0], ENDS[:-1]])
    found = read(polar(tmp_path, begins), person="P01")
    assert "stamps-at-beginning" in codes(found)
    assert_allclose(found.events[0].times_s[1:], ENDS, atol=2e-3)


def test_beats_that_were_lost_leave_a_gap(tmp_path):
    kept = np.r_[0:30, 45:80]
    found = read(polar(tmp_path, ENDS[kept], INTERVALS[kept]), person="P01")
    (beats,) = found.events
    assert "beats-lost" in codes(found)
    assert np.isnan(beats.values).sum() == 2
    at = int(np.flatnonzero(np.isnan(beats.values))[1])
    assert beats.times_s[at] - beats.times_s[at - 1] == pytest.approx(ENDS[44] - ENDS[29], abs=0.01)
    assert beats.times_s[-1] == pytest.approx(ENDS[-1] - ENDS[0], abs=0.01)


def test_intervals_of_an_optical_sensor_come_with_what_it_did_not_trust(tmp_path):
    path = tmp_path / "ppi.txt"
    head = "Phone Data RX timestamp;PP-interval [ms];error estimate [ms];blocker;contact;contact;hr"
    pairs = enumerate(zip(ENDS, INTERVALS, strict=True))
    rows = [f"{stamp(t)};{v:.0f};10;{int(i % 20 == 0)};1;1;74" for i, (t, v) in pairs]
    path.write_text("\n".join([head, *rows]) + "\n")
    found = read(path, person="P01")
    assert_array_equal(found.events[0].values[1:], INTERVALS)
    (told,) = [n.text for n in found.notes if n.code == "blocker"]
    assert told.startswith("4 of 80")


@pytest.mark.parametrize("bad", [0, -5])
def test_an_interval_of_zero_or_less_is_refused(tmp_path, bad):
    with pytest.raises(FileError, match="line 4"):
        read(polar(tmp_path, ENDS, np.where(np.arange(80) == 2, bad, INTERVALS)), person="P01")


def test_the_ecg_runs_on_the_clock_of_the_sensor(tmp_path):
    sample = SAMPLES["polar_sensor_logger"](tmp_path)
    found = read(sample.path, person="P01")
    (ecg,) = found.signals
    assert (ecg.kind, ecg.unit, ecg.rate_hz) == ("ecg", "mV", 125.0)
    assert found.started_at.isoformat() == "2024-05-06T07:08:09"


def test_empty_columns_of_a_heart_rate_file_are_left_out(tmp_path):
    path = tmp_path / "hr.txt"
    rows = [f"{stamp(i)};{70 + i % 3};;" for i in range(20)]
    head = "Phone timestamp;HR [bpm];HRV [ms];Breathing interval [rpm];"
    path.write_text("\n".join([head, *rows]) + "\n")
    found = read(path, person="P01")
    assert [(s.kind, s.unit, s.rate_hz) for s in found.signals] == [("hr", "/min", 1.0)]
    assert [n.code for n in found.notes] == ["empty-column", "empty-column"]


def test_polar_flow_states_its_start_and_a_rate_of_zero_is_missing(tmp_path):
    path = SAMPLES["polar_flow"](tmp_path).path
    path.write_text(re.sub(r"(00:00:03),\d+", r"\1,0", path.read_text()))
    found = read(path, person="P01")
    assert found.started_at.isoformat() == "2024-08-29T22:00:00"
    assert np.isnan(found.signals[0].values[3])
    assert "no-heart-rate" in codes(found)


def test_movesense_gives_beats_with_unix_stamps(tmp_path):
    path = tmp_path / "hr.csv"
    rows = [
        f"{1714979289000 + e * 1000:.0f},75.00,{v:.0f}"
        for e, v in zip(ENDS, INTERVALS, strict=True)
    ]
    path.write_text("\n".join(["Timestamp,HR: (Beats per minute), RR: (ms)", *rows]) + "\n")
    found = read(path, person="P01")
    assert_array_equal(found.events[0].values[1:], INTERVALS)
    assert found.started_at.isoformat().startswith("2024-05-06T07:08:")


def test_an_ecg_of_movesense_asks_for_its_unit(tmp_path):
    path = tmp_path / "ecg.csv"
    path.write_text("Timestamp,Count\n" + "".join(f"{i * 8},{i % 7}\n" for i in range(50)))
    with pytest.raises(FileError, match="no unit for channel 'Count'"):
        read(path, person="P01")
    (ecg,) = read(path, person="P01", units={"Count": "1"}).signals
    assert (ecg.kind, ecg.rate_hz) == ("ecg", 125.0)


def test_kubios_keeps_gaps_and_says_how_well_it_is_known(tmp_path):
    path = SAMPLES["kubios"](tmp_path).path
    lines = path.read_text().split("\n")
    path.write_text("\n".join(lines[:20] + lines[25:]))
    found = read(path, person="P01")
    (beats,) = found.events
    assert codes(found) == {"format-from-documentation", "gap"}
    assert np.isnan(beats.values).sum() == 1
    assert beats.times_s.size == 60 - 5 + 1
    path.write_text("\n".join(x for x in lines if x != "(s),(s)"))
    with pytest.raises(FileError, match="no unit"):
        read(path, person="P01")
    path.write_text("Kubios HRV\nnothing else\n")
    with pytest.raises(FileError, match="no table of time and RR"):
        read(path, person="P01")


def test_mindware_columns_follow_each_other(tmp_path):
    sample = SAMPLES["mindware"](tmp_path)
    found = read(sample.path, person="P01", unit="ms")
    (beats,) = found.events
    assert_array_equal(beats.values, sample.values)
    assert_allclose(beats.times_s, np.cumsum(sample.values) / 1000)
    assert codes(found) == {"format-from-documentation"}
    with pytest.raises(FileError, match="median interval"):
        read(sample.path, person="P01", unit="s")


def test_a_mindware_column_that_is_not_filled_leaves_a_gap(tmp_path):
    path = tmp_path / "ibi.txt"
    columns = [["500", "60", *["800"] * 40], ["800"] * 75]
    rows = ["\t".join(c[i] if i < len(c) else "" for c in columns) for i in range(75)]
    path.write_text("\n".join(rows) + "\n")
    found = read(path, person="P01", unit="ms")
    (beats,) = found.events
    assert "gap" in codes(found)
    assert beats.times_s[39] == pytest.approx(32.0)
    assert (beats.times_s[40], np.isnan(beats.values[40])) == (60.0, True)
    path.write_text(path.read_text().replace("800\t800", "\t800", 1))
    with pytest.raises(FileError, match="below an empty cell"):
        read(path, person="P01", format="mindware", unit="ms")


@needs_shared(COUPLES)
def test_elite_hrv_is_a_list_of_intervals():
    files = sorted((SHARED / COUPLES).glob("*.txt"))
    assert {find_reader(f).name for f in files} == {"rr_list"}
