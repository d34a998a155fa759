"""Repair: whatever happened to the end of a file, what is whole is kept and the rest is counted."""

import struct

import made_xdf as made
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.core.errors import FileError
from syntony.io.registry import read
from syntony.io.xdf import XdfWriter, open_xdf, repair
from syntony.io.xdf.headers import StreamInfo
from syntony.io.xdf.journal import Entry, crc32c, journal_of, read_journal

EDA = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=64.0, format="float32")
HEART = StreamInfo(name="Heart", type="ECG", nominal_rate_hz=64.0, format="int16")


def unclosed(path, chunks=12, per_chunk=7):
    """A recording that nobody closed; the chunks of both streams take turns."""
    writer = XdfWriter(path)
    numbers = [writer.add_stream(EDA), writer.add_stream(HEART)]
    for i in range(chunks):
        stamps = (np.arange(per_chunk) + i * per_chunk) / 64
        for number in numbers:
            values = np.arange(per_chunk)[:, None] + i * per_chunk
            writer.write(number, stamps, values)
    return writer


def copy(path, name, size=None):
    new = path.with_name(name)
    new.write_bytes(path.read_bytes()[:size])
    journal_of(new).write_bytes(journal_of(path).read_bytes())
    return new


def expected(path, size):
    """Samples of each stream in chunks that lie before ``size``."""
    out = {1: 0, 2: 0}
    for e in read_journal(path):
        if e.stream and e.offset + e.length <= size:
            out[e.stream] += e.samples
    return out


@pytest.mark.parametrize("with_journal", [True, False])
def test_cut_at_every_byte_of_the_last_two_chunks(tmp_path, with_journal):
    path = tmp_path / "a.xdf"
    unclosed(path).close()
    data = path.read_bytes()
    last = [e for e in read_journal(path) if e.tag == 3][-2:]
    for size in range(last[0].offset, last[1].offset + last[1].length + 1):
        broken = copy(path, f"{size}.xdf", size)
        if not with_journal:
            journal_of(broken).unlink()
        done = repair(broken)
        assert broken.read_bytes() == data[:size]
        want = expected(path, size)
        file = open_xdf(done.path)
        for told in done.streams:
            samples = file.samples(file.streams[told.number - 1])
            assert samples.stamps_s.size == told.samples == want[told.number]
            assert_array_equal(samples.values[:, 0], np.arange(want[told.number]))
            if with_journal:
                assert told.missing == 84 - want[told.number]
            else:
                assert told.missing is None
        done.path.unlink()


@pytest.mark.parametrize("zeros", [1, 2, 13, 14, 100, 4096, 70_000])
def test_a_tail_of_zeros(tmp_path, zeros):
    path = tmp_path / "a.xdf"
    writer = unclosed(path)
    size = path.stat().st_size
    cut = size - 31  # in the last chunk
    path.write_bytes(path.read_bytes()[:cut] + bytes(zeros))
    with pytest.raises(FileError, match="syntony repair"):
        read(path, person="P01", streams=[1], units={"Skin": "uS"})
    done = repair(path)
    want = expected(path, cut)
    assert {s.number: s.samples for s in done.streams} == want == {1: 84, 2: 77}
    assert {s.number: s.missing for s in done.streams} == {1: 0, 2: 7}
    assert len(read(done.path, person="P01", streams=[1], units={"Skin": "uS"}).signals) == 1
    writer.close()


def test_a_chunk_of_zeros_in_the_middle_costs_that_chunk_only(tmp_path):
    path = tmp_path / "a.xdf"
    unclosed(path).close()
    data = bytearray(path.read_bytes())
    bad = [e for e in read_journal(path) if e.tag == 3][10]
    data[bad.offset : bad.offset + bad.length] = bytes(bad.length)
    path.write_bytes(bytes(data))
    done = repair(path)
    assert {s.number: s.missing for s in done.streams} == {1: 7, 2: 0}
    assert done.dropped_bytes == bad.length
    got = read(done.path, person="P01", streams=[1], units={"Skin": "uS"})
    assert "samples-missing" in {n.code for n in got.notes}


def test_a_changed_value_is_found_by_its_checksum(tmp_path):
    path = tmp_path / "a.xdf"
    unclosed(path).close()
    data = bytearray(path.read_bytes())
    bad = [e for e in read_journal(path) if e.tag == 3][4]
    data[bad.offset + bad.length - 1] ^= 1
    path.write_bytes(bytes(data))
    assert {s.number: s.missing for s in repair(path).streams} == {1: 7, 2: 0}


def test_a_file_of_another_recorder_is_mended_without_a_journal(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(i / 4, [i]) for i in range(40)]
    parts = [made.HEAD, made.header(3), made.samples(3, rows[:20]), made.offset(3, 1.0, 2.0)]
    path.write_bytes(b"".join(parts) + made.samples(3, rows[20:])[:-5])
    done = repair(path)
    assert not done.journal
    (told,) = done.streams
    assert (told.samples, told.missing, told.cut) == (20, None, 20)
    assert "20 samples in damaged chunks missing" in done.words[0]
    file = open_xdf(done.path)
    assert file.streams[0].declared == 20
    assert file.streams[0].clock.lines[0].offset_s == 2.0


def test_what_is_whole_stays_as_it_is(tmp_path):
    path = tmp_path / "a.xdf"
    unclosed(path).close()
    done = repair(path)
    assert done.path.read_bytes() == path.read_bytes()
    assert done.dropped_bytes == 0
    assert all(s.missing == 0 for s in done.streams)


def test_the_original_and_an_earlier_repair_are_left_alone(tmp_path):
    path = tmp_path / "a.xdf"
    unclosed(path)
    before = path.read_bytes()
    first = repair(path)
    mended = first.path.read_bytes()
    with pytest.raises(FileError, match="there already"):
        repair(path)
    assert (path.read_bytes(), first.path.read_bytes()) == (before, mended)


def test_a_journal_that_belongs_to_another_file_takes_nothing_away_silently(tmp_path):
    path = tmp_path / "a.xdf"
    unclosed(path).close()
    other = tmp_path / "b.xdf"
    unclosed(other, chunks=3, per_chunk=5).close()
    journal_of(path).write_bytes(journal_of(other).read_bytes())
    try:
        done = repair(path)
    except FileError:
        return
    assert any("missing" in w for w in done.words)
    assert done.dropped_bytes > 0


def test_a_journal_that_lies_is_not_believed(tmp_path):
    path = tmp_path / "a.xdf"
    unclosed(path).close()
    data = path.read_bytes()
    good = journal_of(path).read_bytes()
    last = read_journal(path)[-1]
    lies = [
        Entry(4, 0, 0, 2, 1, 0),
        Entry(5, 9, crc32c(data[5:14]), 2, 1, 10**12),
        Entry(last.offset, last.length, last.crc, 3, 1, 0),
        Entry(10**15, 10**15, 0, 3, 1, 7),
    ]
    for lie in lies:
        journal_of(path).write_bytes(lie.line + good)
        done = repair(path)
        assert [s.samples for s in done.streams] == [84, 84]
        done.path.unlink()


def test_nothing_to_mend_is_said(tmp_path):
    path = tmp_path / "a.xdf"
    path.write_bytes(b"XDF:" + bytes(100))
    with pytest.raises(FileError, match="no stream header"):
        repair(path)
    path.write_bytes(made.HEAD + made.chunk(2, struct.pack("<I", 1) + b"<info>"))
    with pytest.raises(FileError, match="no stream header"):
        repair(path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.xdf"]
