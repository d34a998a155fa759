"""EmotiBit: packets, gaps, local time, parsed files."""

import numpy as np
import pytest
from io_samples_labs import SAMPLES
from numpy.testing import assert_allclose, assert_array_equal

from syntony.core.errors import FileError
from syntony.io.registry import read

HEAD = (
    "LocalTimestamp,EmotiBitTimestamp,PacketNumber,DataLength,TypeTag,ProtocolVersion,"
    "DataReliability,"
)


def codes(recording):
    return {n.code for n in recording.notes}


def write(folder, rows, name="raw.csv"):
    path = folder / name
    path.write_text("\n".join(rows) + "\n")
    return path


def packets(tag="EA", times=range(0, 4000, 200), each=3, offset=1500):
    rows, at = [], 0
    for k, t in enumerate(times):
        cells = ",".join(str(1 + (at + j) / 100) for j in range(each))
        rows.append(f"{offset + t},{k},{each},{tag},1,100,{cells}")
        at += each
    return rows


def test_local_time_comes_from_the_answers_of_the_computer(tmp_path):
    found = read(SAMPLES["emotibit"](tmp_path).path, person="P01")
    assert found.started_at.isoformat() == "2024-05-06T07:08:09.500000"
    assert found.signals[0].kind == "eda"
    assert "local-time" in codes(found)


def test_answers_that_differ_widen_the_error(tmp_path):
    answers = [
        f"{1000 + 1000 * k},{k},1,TL,1,100,2024-05-06_07-08-{9 + k:02d}-{k * 20000:06d}"
        for k in range(3)
    ]
    found = read(write(tmp_path, [*answers, *packets()]), person="P01")
    assert found.started_at_error_s == pytest.approx(0.02)
    assert "no-local-time" in codes(read(write(tmp_path, packets()), person="P01"))


def test_beats_notes_and_several_tags_lie_on_one_clock(tmp_path):
    more = [
        "2500,90,1,UN,1,100,patient, laughs",
        "2600,91,1,BI,1,100,810",
        "3400,92,1,BI,1,100,800",
    ]
    more += ["2700,93,1,DO,1,100,EA", "1400,94,2,HE,1,100,a,b"]
    found = read(write(tmp_path, [*packets(), *packets("AX", offset=1600), *more]), person="P01")
    assert [(s.kind, s.unit, s.rate_hz) for s in found.signals] == [
        ("eda", "uS", 15.0),
        ("acc_x", "g", 15.0),
    ]
    assert found.signals[0].start_s == 0.0
    assert found.signals[1].start_s == pytest.approx(0.1)
    kinds = {e.kind: e for e in found.events}
    assert_array_equal(kinds["rr"].values, [810, 800])
    assert_allclose(kinds["rr"].times_s, [1.1, 1.9])
    assert_allclose(kinds["marker"].times_s, [1.0])
    told = {n.code: n.text for n in found.notes}
    assert "patient, laughs" in told["user-note"]
    assert "device-lost-data" in told


def test_a_gap_in_the_stamps_is_missing(tmp_path):
    times = [*range(0, 4000, 200), *range(10_000, 14_000, 200)]
    found = read(write(tmp_path, packets(times=times)), person="P01")
    (eda,) = found.signals
    assert eda.rate_hz == 15.0
    assert np.isnan(eda.values).sum() == 90
    assert eda.values.size == 210
    assert "gap" in codes(found)


def test_a_parsed_file_has_unix_time(tmp_path):
    rows = [
        f"{1726714786.5 + k * 0.12:.6f},{k}.000,{k},3,AX,1,100,{0.1 * (3 * k + j):.3f}"
        for k in range(20)
        for j in range(3)
    ]
    found = read(write(tmp_path, [f"{HEAD}AX", *rows], "x_AX.csv"), person="P01")
    (acc,) = found.signals
    assert (acc.kind, acc.unit, acc.rate_hz) == ("acc_x", "g", 25.0)
    assert_allclose(acc.values, np.round(np.arange(60) * 0.1, 3))
    assert found.started_at.timestamp() == pytest.approx(1726714786.5)


def test_one_sensor_is_the_temperature_and_the_others_keep_their_names(tmp_path):
    rows = [*packets("T0"), *packets("TH")]
    found = read(write(tmp_path, rows), person="P01")
    assert {s.kind for s in found.signals} == {"temperature", "temperature_thermopile"}
    found = read(write(tmp_path, [*rows, *packets("T1")]), person="P01")
    assert found.signals[1].kind == "temperature"
    assert {s.unit for s in found.signals} == {"Cel"}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("1500,0,3,EA", "1500,0,4,EA", "a packet of EmotiBit"),
        ("1500,0,3,EA", "9500,0,3,EA", "ascending times"),
        (",1.0,", ",x,", "a packet of EmotiBit"),
        (",1.0,", ",inf,", "infinite"),
    ],
)
def test_a_damaged_packet_is_refused(tmp_path, old, new, what):
    path = write(tmp_path, [row.replace(old, new, 1) for row in packets()])
    with pytest.raises(FileError, match=what):
        read(path, person="P01")
