import gzip
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.signal import Signal
from syntony.io.bids import (
    label_of,
    read_physio,
    read_physioevents,
    sidecars_of,
    write_physio,
    write_physioevents,
)
from syntony.io.registry import find_reader, read

numbers = st.floats(allow_infinity=False, width=64)
SAID = {"SamplingFrequency": 4, "StartTime": 0, "Columns": ["eda"], "eda": {"Units": "uS"}}
NAME = "sub-P01_ses-a_task-therapy_recording-eda_physio"


def signal(values, **rest):
    known = {"rate_hz": 4.0, "start_s": 0.0, "unit": "uS", "kind": "eda", "person": "P01"}
    return Signal(values=values, **(known | rest))


def write(folder, rows, said=SAID, name=NAME):
    (folder / f"{name}.tsv.gz").write_bytes(gzip.compress(rows.encode()))
    if said is not None:
        (folder / f"{name}.json").write_text(said if isinstance(said, str) else json.dumps(said))
    return folder / f"{name}.tsv.gz"


@settings(deadline=None, max_examples=80)
@given(
    arrays(np.float64, st.integers(1, 80), elements=numbers),
    st.floats(1e-3, 1e5),
    st.floats(-1e6, 1e6),
)
def test_a_signal_comes_back_to_the_bit(values, rate_hz, start_s):
    with tempfile.TemporaryDirectory() as folder:
        made = signal(values, rate_hz=rate_hz, start_s=start_s, kind="eda_tonic")
        path, _ = write_physio(Path(folder) / NAME.removesuffix("_physio"), made, task="therapy")
        (got,) = read_physio(path, person="P01")
    assert_array_equal(got.values, made.values)
    assert (got.rate_hz, got.start_s) == (rate_hz, start_s)
    assert (got.unit, got.kind, got.person) == ("uS", "eda_tonic", "P01")


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.floats(-1e7, 1e7), max_size=60)
    .map(sorted)
    .flatmap(
        lambda t: st.tuples(st.just(t), st.none() | arrays(np.float64, len(t), elements=numbers))
    ),
    st.sampled_from(["rr", "marker", "scr", "onset", "Columns"]),
)
def test_events_come_back_to_the_bit(pair, kind):
    times, values = pair
    unit = "" if values is None else "ms"
    made = Events(times_s=times, values=values, unit=unit, kind=kind, person="P01")
    with tempfile.TemporaryDirectory() as folder:
        path, _ = write_physioevents(Path(folder) / "sub-P01_task-a", made, task="a")
        got = read_physioevents(path, person="P01")
    assert_array_equal(got.times_s, made.times_s)
    if values is None:
        assert got.values is None
    else:
        assert_array_equal(got.values, made.values)
    assert (got.unit, got.kind) == (unit, kind)


def test_what_is_written_is_what_bids_asks_for(tmp_path):
    stem = tmp_path / "sub-P01_ses-a_task-therapy_recording-eda"
    table, sidecar = write_physio(stem, signal([1.5, np.nan, 2.0], start_s=-3.25), task="therapy")
    assert table.name == f"{stem.name}_physio.tsv.gz"
    assert gzip.decompress(table.read_bytes()) == b"1.5\nn/a\n2.0\n"
    said = json.loads(sidecar.read_text())
    assert (said["SamplingFrequency"], said["StartTime"]) == (4.0, -3.25)
    assert said["Columns"] == ["eda"]
    assert said["eda"]["Units"] == "uS"
    beats = Events(times_s=[0.8, 1.6], values=[np.nan, 800], unit="ms", kind="rr", person="P01")
    table, sidecar = write_physioevents(stem, beats, task="therapy")
    assert gzip.decompress(table.read_bytes()) == b"0.8\tn/a\n1.6\t800.0\n"
    said = json.loads(sidecar.read_text())
    assert said["Columns"] == ["onset", "rr"]
    assert (said["onset"]["Units"], said["rr"]["Units"]) == ("s", "ms")


def test_the_same_content_gives_the_same_bytes(tmp_path):
    for name, moment in (("a", 1), ("b", 2_000_000_000)):
        path, _ = write_physio(tmp_path / name, signal([1.0, 2.0]), task="t")
        os.utime(path, (moment, moment))
    one, two = ((tmp_path / f"{n}_physio.tsv.gz").read_bytes() for n in "ab")
    assert one == two
    assert one[4:8] == bytes(4)  # the time field of the gzip header


def test_a_kind_that_would_hide_a_field_is_refused(tmp_path):
    with pytest.raises(InputError, match="kind='StartTime'"):
        write_physio(tmp_path / "x", signal([1.0], kind="StartTime"), task="t")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["a b", "a-b", "a_b", "", "ä", "../x", "a/b"])
def test_labels_are_letters_and_digits(text):
    with pytest.raises(InputError, match="letters and digits"):
        label_of("session", text)


def test_several_columns_and_a_choice_of_them(tmp_path):
    said = SAID | {"Columns": ["eda", "cardiac", "respiratory"]}
    path = write(tmp_path, "1\t5\t7\n2\tn/a\t8\n", said)
    with pytest.raises(FileError, match=r"no Units of 'cardiac'.*pass unit"):
        read(path, person="P")
    got = read(path, person="P", unit="1").signals
    assert [(s.kind, s.unit) for s in got] == [("eda", "uS"), ("cardiac", "1"), ("resp", "1")]
    assert_array_equal(got[1].values, [5, np.nan])
    assert [s.kind for s in read(path, person="P", columns=["eda"]).signals] == ["eda"]
    with pytest.raises(FileError, match="a column 'skin'"):
        read(path, person="P", columns=["skin"])


def test_sidecars_are_inherited_and_the_nearest_wins(tmp_path):
    (tmp_path / "dataset_description.json").write_text("{}")
    folder = tmp_path / "sub-P01/ses-a/beh"
    folder.mkdir(parents=True)
    (tmp_path / "task-therapy_physio.json").write_text('{"SamplingFrequency": 1, "StartTime": 5}')
    (tmp_path / "task-other_physio.json").write_text('{"StartTime": 99}')
    (tmp_path / "sub-P01/sub-P01_physio.json").write_text('{"SamplingFrequency": 8}')
    (tmp_path / "sub-P01/sub-P01_physioevents.json").write_text('{"StartTime": 98}')
    (tmp_path.parent / "physio.json").write_text('{"StartTime": 97}')  # above the dataset
    path = write(folder, "1\n2\n", {"Columns": ["eda"], "eda": {"Units": "uS"}})
    (got,) = read(path, person="P").signals
    assert (got.rate_hz, got.start_s) == (8.0, 5.0)
    names = [p.name for p in sidecars_of(path)]
    assert names == ["task-therapy_physio.json", "sub-P01_physio.json", f"{NAME}.json"]


# --- bad input ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "match", "line"),
    [
        ("eda\n1\n2\n", "found 'eda'.*no header row", 1),
        ("1\nx\n2\n", "found 'x', expected a finite number or n/a", 2),
        ("1\n2\ninf\n", "found 'inf'", 3),
        ("1\n\n2\n", "found ''", 2),
        ("1\n2\t3\n", "2 cells, expected 1", 2),
        ("1_0\n2\n", "found '1_0'", 1),
        ("1 2\n3\n", "found '1 2'", 1),
        ("1 2\n", "found '1 2'", 1),
        ("", "no samples", None),
    ],
)
def test_bad_cells_name_their_line(tmp_path, rows, match, line):
    path = write(tmp_path, rows)
    with pytest.raises(FileError, match=match) as error:
        read(path, person="P")
    assert error.value.line == line
    assert path.name in str(error.value)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"SamplingFrequency": None}, "SamplingFrequency = None in its sidecar, expected a number"),
        ({"SamplingFrequency": 0}, "SamplingFrequency = 0 .* above 0"),
        ({"SamplingFrequency": True}, "SamplingFrequency = True"),
        ({"StartTime": "noon"}, "StartTime = 'noon'"),
        ({"StartTime": float("inf")}, "StartTime = inf"),
        ({"Columns": []}, "Columns = "),
        ({"Columns": ["a", "a"]}, "different names"),
        ({"Columns": "eda"}, "Columns = 'eda'"),
        ({"eda": {}}, "no Units of 'eda'"),
        ({"eda": "uS"}, "no Units of 'eda'"),
    ],
)
def test_a_sidecar_must_say_what_counts(tmp_path, change, match):
    path = write(tmp_path, "1\n2\n", SAID | change)
    with pytest.raises(FileError, match=match):
        read(path, person="P")


@pytest.mark.parametrize(
    ("text", "match"),
    [("{", "expected JSON"), ("[1]", "a list, expected a JSON object"), ("[" * 99_999, "JSON")],
)
def test_a_broken_sidecar_is_named(tmp_path, text, match):
    path = write(tmp_path, "1\n2\n", text)
    with pytest.raises(FileError, match=match) as error:
        read(path, person="P")
    assert f"{NAME}.json" in str(error.value)


def test_no_sidecar(tmp_path):
    with pytest.raises(FileError, match=r"no sidecar, expected .*_physio.json beside or above"):
        read(write(tmp_path, "1\n2\n", None), person="P")


def test_cut_off_damaged_or_swollen_files_are_named(tmp_path, monkeypatch):
    path = write(tmp_path, "".join(f"{i}.5\n" for i in range(3000)))
    data = path.read_bytes()
    path.write_bytes(data[:-30])
    with pytest.raises(FileError, match="cut off"):
        read(path, person="P")
    path.write_bytes(data[:200] + b"\x00" * 40 + data[240:])
    with pytest.raises(FileError, match="damaged"):
        read(path, person="P")
    path.write_bytes(b"no gzip")
    with pytest.raises(FileError, match="damaged"):
        read(path, person="P", format="bids")
    monkeypatch.setattr("syntony.io.text.read_gzip.__defaults__", (1000,))
    path.write_bytes(gzip.compress(b"1\n" * 4000))
    with pytest.raises(FileError, match="content of more than"):
        read(path, person="P")


@pytest.mark.parametrize(
    ("rows", "columns", "match"),
    [
        ("1\t800\n0.5\t800\n", ["onset", "rr"], "line 2, column 'onset'.*ascending"),
        ("1\t800\nn/a\t800\n", ["onset", "rr"], "line 2.*a missing time"),
        ("1\t800\n", ["rr", "onset"], "onset and at most one value"),
        ("1\t2\t3\n", ["onset", "a", "b"], "onset and at most one value"),
    ],
)
def test_events_must_be_in_order(tmp_path, rows, columns, match):
    said = {"Columns": columns, "rr": {"Units": "ms"}}
    path = write(tmp_path, rows, said, "sub-P01_task-a_physioevents")
    assert find_reader(path).name == "bids"
    with pytest.raises(FileError, match=match):
        read(path, person="P")


@needs_shared("data/bids-physio")
def test_four_people_of_ds210():
    files = sorted((SHARED / "data/bids-physio").glob("*/*/*.tsv.gz"))
    assert len(files) == 4
    for path in files:
        plain = np.loadtxt(path)
        got = read(path, person="P", unit="1").signals
        assert [s.kind for s in got] == ["cardiac", "resp"]
        for i, one in enumerate(got):
            assert (one.rate_hz, one.start_s, one.values.size) == (50.0, 0.0, 30_600)
            assert_array_equal(one.values, plain[:, i])
