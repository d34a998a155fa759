"""The reader of XDF, against pyxdf and against files whose content is known."""

import logging
import re
import warnings

import made_xdf as made
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError
from syntony.io.registry import read
from syntony.io.xdf import open_xdf, read_markers

FOLDER = "data/xdf-examples"
REAL = ("minimal.xdf", "clock_resets.xdf", "empty_streams.xdf")


def witness(path, **options):
    pyxdf = pytest.importorskip("pyxdf")
    logging.getLogger("pyxdf").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its fit divides with an array that newer NumPy warns of
        streams, _ = pyxdf.load_xdf(str(path), **options)
    return {s["info"]["stream_id"]: s for s in streams}


def same_samples(path, *, tolerance_s):
    """Every stream as pyxdf has it: values exactly, stamps raw exactly and corrected nearly."""
    file = open_xdf(path)
    raw = witness(path, synchronize_clocks=False, dejitter_timestamps=False)
    assert {s.number for s in file.streams} == set(raw)
    for stream in file.streams:
        got, want = file.samples(stream), raw[stream.number]
        assert got.stamps_s.size == len(want["time_stamps"])
        if not got.stamps_s.size:
            continue
        assert_allclose(got.stamps_s, want["time_stamps"], rtol=0, atol=1e-7)
        if stream.info.is_text:
            assert [list(v) for v in got.values] == [list(v) for v in want["time_series"]]
        else:
            assert_array_equal(got.values, want["time_series"])
        if tolerance_s is not None:
            fixed = witness(path, dejitter_timestamps=False)[stream.number]["time_stamps"]
            ours = stream.clock.apply(got.stamps_s, got.places)
            assert_allclose(ours, fixed, rtol=0, atol=tolerance_s)


@needs_shared(FOLDER)
@pytest.mark.parametrize("name", REAL)
def test_real_files_hold_what_pyxdf_finds(name):
    # pyxdf 1.16.8 lets time run backwards where the clock was set: no witness for those stamps
    same_samples(SHARED / FOLDER / name, tolerance_s=None if "resets" in name else 1e-3)


@needs_shared(FOLDER)
def test_a_clock_that_was_set_in_the_middle_is_followed():
    file = open_xdf(SHARED / FOLDER / "clock_resets.xdf")
    for stream in file.streams:
        samples = file.samples(stream)
        times = stream.clock.apply(samples.stamps_s, samples.places)
        assert len(stream.clock.lines) == 2
        assert np.all(np.diff(times) > 0)
        assert 500 < times[-1] - times[0] < 600
        assert stream.clock.error_s < 1e-4


@needs_shared(FOLDER)
def test_stamps_that_wander_are_laid_on_an_even_axis_only_on_request():
    path = SHARED / FOLDER / "clock_resets.xdf"
    units = {f"BioSemi {i}": "1" for i in range(1, 9)}
    with pytest.raises(FileError, match="dejitter=True"):
        read(path, person="P01", units=units)
    recording = read(path, person="P01", units=units, dejitter=True)
    assert len(recording.signals) == 8
    assert int(np.isfinite(recording.signals[0].values).sum()) == 27815
    assert "jitter" in {n.code for n in recording.notes}
    assert recording.clock_error_s > 0.01


@needs_shared(FOLDER)
def test_a_stream_without_samples_is_told_and_its_neighbour_read():
    path = SHARED / FOLDER / "empty_streams.xdf"
    recording = read(path, person="P01", streams=[4], units={"ch:00": "1"})
    assert recording.signals[0].values.tolist() == list(range(10))
    with pytest.raises(FileError, match="no samples"):
        read(path, person="P01", streams=[3], units={"ch:00": "1"})
    assert [name for _, name, _ in read_markers(path)] == ["ctrl"]


@pytest.mark.parametrize("form", ["float32", "double64", "int8", "int16", "int32", "int64"])
def test_every_number_format_is_read_as_pyxdf_reads_it(form, tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(10 + i / 4 if i % 5 == 0 else None, [i, -i, 3]) for i in range(40)]
    parts = [made.HEAD, made.header(7, form=form, channels=3)]
    parts += [made.samples(7, rows[:21], form), made.BOUNDARY, made.samples(7, rows[21:], form, 4)]
    path.write_bytes(b"".join([*parts, made.footer(7, 40)]))
    same_samples(path, tolerance_s=1e-9)


def test_words_are_read_as_pyxdf_reads_them(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(1.5, ["begin", "ä€"]), (2.5, ["", "x" * 300])]
    parts = [made.HEAD, made.header(1, rate=0, form="string", channels=2, type="Markers")]
    path.write_bytes(b"".join([*parts, made.samples(1, rows, "string"), made.footer(1, 2)]))
    same_samples(path, tolerance_s=1e-9)
    assert read_markers(path)[0] == (0.0, "EDA", "begin\tä€")


def test_two_people_on_drifting_clocks_are_aligned_to_a_millisecond(tmp_path):
    path = tmp_path / "two.xdf"
    count = made.two_people(path, seconds=600)
    same_samples(path, tolerance_s=1e-3)
    first = read(path, person="P01", streams=["Skin 1"], units={"eda": "1"})
    second = read(path, person="T01", streams=["s2"], units={"eda": "1"})
    assert first.clock == second.clock
    for recording in (first, second):
        (signal,) = recording.signals
        assert signal.values.size == count
        assert np.abs(signal.times_s + 50.0 - signal.values).max() < 1e-3
        assert recording.clock_error_s < 1e-3
    told = next(n.text for n in second.notes if n.code == "clock")
    assert float(re.search(r"drift ([\d.]+) ppm", told)[1]) == pytest.approx(50, abs=1)


def test_single_bad_offsets_do_not_bend_the_clock(tmp_path):
    path = tmp_path / "a.xdf"
    made.two_people(path, seconds=300)
    line = open_xdf(path).streams[1].clock.lines
    assert len(line) == 1
    assert line[0].worst_s > 0.015  # it is there, and told
    assert abs(line[0].drift * 1e6 - 50) < 2


def test_several_streams_must_be_told_apart(tmp_path):
    path = tmp_path / "two.xdf"
    made.two_people(path)
    with pytest.raises(FileError, match=r"Pass streams=.*"):
        read(path, person="P01")
    with pytest.raises(FileError, match="no streams that are 'Skin 3'"):
        read(path, person="P01", streams=["Skin 3"])


def test_a_name_that_two_streams_have_is_refused(tmp_path):
    path = tmp_path / "a.xdf"
    parts = [made.HEAD]
    for n in (1, 2):
        parts += [made.header(n, "Band", source=f"id{n}"), made.samples(n, [(1.0 + n, [n])] * 1)]
    path.write_bytes(b"".join([*parts, made.footer(1, 1), made.footer(2, 1)]))
    with pytest.raises(FileError, match="source id"):
        read(path, person="P01", streams=["Band"])
    got = read(path, person="P01", streams=["id2"], units={"Band": "uS"})
    assert got.signals[0].values.tolist() == [2.0]
    assert got.signals[0].start_s == 1.0


def one_stream(path, stamps, *, rate=100.0, declared=None, drop=()):
    rows = [(t, [float(i)]) for i, t in enumerate(stamps)]
    parts = [made.HEAD, made.header(1, rate=rate)]
    kept = [a for a in range(0, len(rows), 10) if a // 10 not in drop]
    parts += [made.samples(1, rows[a : a + 10]) for a in kept]
    parts.append(made.footer(1, declared or len(rows)))
    path.write_bytes(b"".join(parts))
    return read(path, person="P01", units={"EDA": "uS"})


def test_a_gap_is_left_open_on_the_true_axis(tmp_path):
    stamps = np.arange(1000) / 100.0
    stamps[400:] += 2.5
    got = one_stream(tmp_path / "a.xdf", stamps).signals[0]
    assert got.values.size == 1250
    assert np.isnan(got.values[400:650]).all()
    assert got.values[650] == 400
    assert_allclose(got.times_s[np.isfinite(got.values)], stamps, atol=1e-9)


def test_a_few_lost_samples_are_a_gap_though_stamps_jitter(tmp_path):
    rng = np.random.default_rng(5)
    stamps = np.arange(3000) / 100.0 + rng.normal(0, 0.002, 3000)
    stamps[2000:] += 0.03
    got = one_stream(tmp_path / "a.xdf", stamps)
    values = got.signals[0].values
    assert values.size == 3003
    assert np.isnan(values[2000:2003]).all()
    assert "3 samples" in next(n.text for n in got.notes if n.code == "gap")


def test_a_late_packet_is_no_gap(tmp_path):
    stamps = np.arange(3000) / 100.0
    stamps[1000:1010] = stamps[1010]  # ten samples that came late together
    got = one_stream(tmp_path / "a.xdf", stamps)
    assert got.signals[0].values.size == 3000
    assert "gap" not in {n.code for n in got.notes}
    assert "jitter" in {n.code for n in got.notes}


def test_time_that_runs_back_is_refused(tmp_path):
    stamps = np.arange(1000) / 100.0
    stamps[500:] -= 3.0
    with pytest.raises(FileError, match=r"runs back by 2\.99 s"):
        one_stream(tmp_path / "a.xdf", stamps)


def test_the_rate_that_was_kept_counts_not_the_nominal_one(tmp_path):
    got = one_stream(tmp_path / "a.xdf", np.arange(5000) / 97.5)
    assert abs(got.signals[0].rate_hz - 97.5) < 1e-6


def test_what_the_footer_counts_and_is_not_there_is_told(tmp_path):
    got = one_stream(tmp_path / "a.xdf", np.arange(1000) / 100.0, drop=(50,))
    assert np.isnan(got.signals[0].values).sum() == 10
    assert "10 are missing" in next(n.text for n in got.notes if n.code == "samples-missing")


def test_a_damaged_chunk_is_skipped_to_the_next_boundary_and_told(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(i / 100.0, [float(i)]) for i in range(300)]
    parts = [made.samples(1, rows[a : a + 10]) for a in range(0, 300, 10)]
    parts[12] = b"\x04\xff\xff\xff\x7f" + parts[12][5:]
    body = [*parts[:15], made.BOUNDARY, *parts[15:], made.footer(1, 300)]
    path.write_bytes(b"".join([made.HEAD, made.header(1, rate=100.0), *body]))
    got = read(path, person="P01", units={"EDA": "uS"})
    values = got.signals[0].values
    assert values.size == 300
    assert np.isnan(values[120:150]).all()
    assert np.isfinite(values[:120]).all()
    codes = {n.code: n.text for n in got.notes}
    assert "1 damaged places" in codes["damaged"]
    assert "30 are missing" in codes["samples-missing"]


def test_samples_without_stamps_after_a_loss_have_no_time_and_are_counted(tmp_path):
    path = tmp_path / "a.xdf"
    first = made.samples(1, [(0.0, [0]), (None, [1]), (None, [2])])
    broken = bytearray(made.samples(1, [(0.75, [3]), (None, [4])]))
    broken[-5] = 77  # a flag that is none
    rest = made.samples(1, [(None, [5]), (None, [6]), (1.75, [7]), (None, [8])])
    parts = [made.HEAD, made.header(1), first, bytes(broken), rest, made.footer(1, 9)]
    path.write_bytes(b"".join(parts))
    got = read(path, person="P01", units={"EDA": "uS"})
    assert_array_equal(got.signals[0].values, [0, 1, 2, np.nan, np.nan, np.nan, np.nan, 7, 8])
    assert "2 samples whose time" in next(n.text for n in got.notes if n.code == "untimed")


def test_infinite_values_are_missing_and_told(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(i / 4, [np.inf if i == 3 else i]) for i in range(9)]
    path.write_bytes(made.HEAD + made.header(1) + made.samples(1, rows) + made.footer(1, 9))
    got = read(path, person="P01", units={"EDA": "uS"})
    assert np.flatnonzero(np.isnan(got.signals[0].values)).tolist() == [3]
    assert "infinite-values" in {n.code for n in got.notes}


def test_beats_are_events_with_their_intervals(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(i * 0.8, [800]) for i in range(5)]
    head = made.header(1, "rr", rate=0, form="int16", labels=("rr",), unit="ms")
    path.write_bytes(made.HEAD + head + made.samples(1, rows, "int16") + made.footer(1, 5))
    got = read(path, person="P01", channels={"rr": "rr"})
    assert got.events[0].kind == "rr"
    assert got.events[0].values.tolist() == [800] * 5


def test_a_footer_count_with_a_decimal_point_is_read(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(i / 4, [i]) for i in range(9)]
    path.write_bytes(made.HEAD + made.header(1) + made.samples(1, rows) + made.footer(1, "9.0"))
    assert open_xdf(path).streams[0].declared == 9


def test_units_and_labels_come_from_the_description(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(i / 4, [2.0, 3.0]) for i in range(9)]
    head = made.header(1, channels=2, labels=("GSR left", "Strain"), unit="nS")
    path.write_bytes(made.HEAD + head + made.samples(1, rows) + made.footer(1, 9))
    got = read(path, person="P01", channels=["GSR left"])
    assert (got.signals[0].kind, got.signals[0].unit) == ("eda", "uS")
    assert got.signals[0].values[0] == 0.002
