import zipfile

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io import archive
from syntony.io.registry import find_reader, read

START = 1635148245
FILES = {
    "EDA.csv": f"{START}.000000\n4.000000\n0.0\n0.5\n0.75\n",
    "ACC.csv": f"{START}.0, {START}.0, {START}.0\n32.0, 32.0, 32.0\n-21,4,60\n64,0,-64\n",
    "HR.csv": f"{START + 10}.000000\n1.000000\n58.00\n59.5\n",
    "IBI.csv": f"{START}.000000, IBI\n1.5,0.75\n2.25,0.75\n9.0,0.5\n9.5,0.5\n",
    "tags.csv": f"{START + 5}.25\n{START + 2}.5\n",
    "info.txt": "nothing to read",
}


def folder(where, files=FILES):
    for name, text in files.items():
        (where / name).write_text(text)
    return where


def zipped(where, files=FILES, prefix="", method=zipfile.ZIP_DEFLATED):
    path = where / "e4.zip"
    with zipfile.ZipFile(path, "w", method) as box:
        for name, text in files.items():
            box.writestr(prefix + name, text)
    return path


@pytest.mark.parametrize("make", [folder, zipped, lambda w: zipped(w, prefix="1635_A/")])
def test_folder_and_zip_hold_the_same(tmp_path, make):
    path = make(tmp_path)
    assert find_reader(path).name == "empatica_e4"
    got = read(path, person="P01")
    assert got.started_at.timestamp() == START
    assert got.started_at_error_s == 0.5
    by_kind = {s.kind: s for s in got.signals}
    assert list(by_kind) == ["eda", "hr", "acc_x", "acc_y", "acc_z"]
    assert_array_equal(by_kind["eda"].values, [0, 0.5, 0.75])
    assert_allclose(by_kind["acc_x"].values, [-21 / 64, 1.0])
    assert (by_kind["acc_z"].unit, by_kind["acc_z"].rate_hz) == ("g", 32.0)
    assert (by_kind["hr"].start_s, by_kind["hr"].unit) == (10.0, "/min")
    assert "late-start" in [n.code for n in got.notes]


def test_a_run_of_beats_begins_with_a_beat_without_interval(tmp_path):
    beats, tags = read(folder(tmp_path), person="P01").events
    assert_allclose(beats.times_s, [0.75, 1.5, 2.25, 8.5, 9.0, 9.5])
    assert_array_equal(beats.values, [np.nan, 750, 750, np.nan, 500, 500])
    assert beats.unit == "ms"
    assert_allclose(tags.times_s, [2.5, 5.25])  # ascending, whatever the file
    assert tags.values is None


def test_second_zero_is_the_earliest_start(tmp_path):
    files = FILES | {"EDA.csv": f"{START + 2}.5\n4.0\n1\n2\n"}
    got = read(folder(tmp_path, files), person="P01")
    assert got.started_at.timestamp() == START
    assert got.signals[0].start_s == 2.5
    later = FILES | {"IBI.csv": f"{START + 3}.0, IBI\n1.5,0.75\n"}
    assert_allclose(read(folder(tmp_path, later), person="P").events[0].times_s, [3.75, 4.5])
    assert got.started_at_error_s == 0.005


def test_empty_beats_and_tags_are_no_error(tmp_path):
    got = read(folder(tmp_path, FILES | {"IBI.csv": "", "tags.csv": "\n"}), person="P01")
    assert got.events == ()


@pytest.mark.parametrize(
    ("name", "text", "match", "line"),
    [
        ("EDA.csv", f"{START}\n4\n1\nx\n3\n", "found 'x', expected 1 number", 4),
        ("EDA.csv", f"{START}\n4\n1\ninf\n3\n", "found 'inf'", 4),
        ("ACC.csv", "1,1,1\n32,32,32\n1,2,3\n1,2", r"'1,2', expected 3 number.*cut off", 4),
        ("EDA.csv", f"{START}\n0\n1\n2\n", "rate 0 Hz", 2),
        ("EDA.csv", "noon\n4\n1\n2\n", "a Unix start and a rate", None),
        ("EDA.csv", f"{START}\n4\n", "no samples", 2),
        ("EDA.csv", "", "a Unix start and a rate", None),
        ("IBI.csv", f"{START}, IBI\n1.5,0.75\n1.2,0.7\n", "time 1.2 s", 3),
        ("IBI.csv", f"{START}, IBI\n1.5,0\n", "interval 0 s", 2),
        ("IBI.csv", "IBI\n1.5,0.75\n", "a Unix start", 1),
        ("tags.csv", "1635148247.5\npress\n", "found 'press'", 2),
    ],
)
def test_bad_files_are_named_with_their_line(tmp_path, name, text, match, line):
    with pytest.raises(FileError, match=match) as error:
        read(folder(tmp_path, FILES | {name: text}), person="P01")
    assert name in str(error.value)
    assert error.value.line == line


def test_a_folder_without_an_e4(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(FileError, match=r"files \['notes\.txt'\]"):
        read(tmp_path, person="P01", format="empatica_e4")


# --- hostile zips ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../EDA.csv", "/EDA.csv", "a/../../EDA.csv", "C:\\EDA.csv"])
def test_names_that_lead_out_of_the_zip_are_refused(tmp_path, name):
    path = zipped(tmp_path, FILES | {name: "x"})
    with pytest.raises(FileError, match="names inside the zip"):
        read(path, person="P01", format="empatica_e4")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e4.zip"]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = zipped(tmp_path, FILES | {"BVP.csv": "0\n" * 8_000_000})
    assert path.stat().st_size < 100_000
    with pytest.raises(FileError, match="unpacks to 16 MB"):
        read(path, person="P01")


def test_the_sum_of_sizes_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 100)
    with pytest.raises(FileError, match="at most 0 MB"):
        read(zipped(tmp_path, method=zipfile.ZIP_STORED), person="P01")


def test_a_member_that_is_there_twice_is_refused(tmp_path):
    path = zipped(tmp_path)
    with zipfile.ZipFile(path, "a") as box:
        box.writestr("other/EDA.csv", FILES["EDA.csv"])
    with pytest.raises(FileError, match=r"'EDA\.csv' twice"):
        read(path, person="P01")


def test_a_cut_off_zip_and_a_wrong_checksum_are_named(tmp_path):
    path = zipped(tmp_path, method=zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    with pytest.raises(FileError, match="a damaged zip"):
        read(path, person="P01", format="empatica_e4")
    path.write_bytes(data.replace(b"0.75\n", b"0.76\n", 1))
    with pytest.raises(FileError, match="a damaged zip"):
        read(path, person="P01")


def test_channels_that_end_early_and_a_device_off_the_wrist_are_told(tmp_path):
    files = FILES | {
        "EDA.csv": f"{START}.0\n4.0\n" + "0.0\n" * 80 + "0.5\n" * 40,
        "HR.csv": f"{START}.0\n1.0\n" + "60\n" * 10,
    }
    del files["ACC.csv"]
    notes = {n.code: n.text for n in read(folder(tmp_path, files), person="P").notes}
    assert notes["early-end"] == "Earlier than the last channel end: hr 20 s."
    assert "in the first 20 s and the last 0 s" in notes["no-contact"]


@needs_shared("data/empatica-e4")
def test_a_real_session():
    path = SHARED / "data/empatica-e4/1635148245_A00204.zip"
    got = read(path, person="P01")
    sizes = {s.kind: (s.values.size, s.rate_hz, s.start_s) for s in got.signals}
    assert sizes["eda"] == (13_482, 4.0, 0.0)
    assert sizes["ppg"] == (215_732, 64.0, 0.0)
    assert sizes["acc_x"] == sizes["acc_y"] == sizes["acc_z"] == (107_868, 32.0, 0.0)
    assert sizes["hr"] == (3361, 1.0, 10.0)
    assert sizes["temperature"][1:] == (4.0, 0.0)
    by_kind = {s.kind: s for s in got.signals}
    assert round(by_kind["eda"].values.max(), 2) == 10.15
    assert round(np.median(by_kind["hr"].values), 1) == 62.7
    beats, tags = got.events
    assert np.isfinite(beats.values).sum() == 2258
    assert np.nansum(beats.values) / 1000 / (13_482 / 4) == pytest.approx(0.66, abs=0.005)
    assert tags.times_s.size == 10
    assert got.started_at.isoformat() == "2021-10-25T07:50:45+00:00"
    inside = np.flatnonzero(np.isfinite(beats.values))
    assert_allclose(beats.times_s[inside] - beats.times_s[inside - 1], beats.values[inside] / 1e3)
