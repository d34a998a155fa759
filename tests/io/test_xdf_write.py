"""Writing XDF: what is written is read again, nothing is written over or lost."""

import subprocess
import sys
import textwrap
import threading
import time
from importlib.util import find_spec

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.core.errors import FileError, InputError
from syntony.io.registry import read
from syntony.io.xdf import XdfWriter, open_xdf, read_markers
from syntony.io.xdf import write as writing
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.io.xdf.journal import crc32c, journal_of, read_journal

EDA = StreamInfo(
    name="Skin",
    type="EDA",
    nominal_rate_hz=64.0,
    format="float32",
    channel_count=2,
    source_id="shim<1>&",
    channels=(ChannelInfo(label="eda", unit="uS"), ChannelInfo(label="temp", unit="Cel")),
)
MARKS = StreamInfo(name="Marks", type="Markers", nominal_rate_hz=0.0, format="string")


def write_one(path, *, seconds=20, stop=True):
    writer = XdfWriter(path)
    skin, marks = writer.add_stream(EDA), writer.add_stream(MARKS)
    for a in range(0, seconds * 64, 16):
        stamps = 500 + np.arange(a, a + 16) / 64
        writer.write(skin, stamps, np.column_stack([stamps - 495, np.full(16, 30.0)]))
        if a % 320 == 0:
            writer.write_offset(skin, stamps[0], -400.0)
            writer.write(marks, [stamps[0] - 400], [[f"at {a}"]])
    if stop:
        writer.close()
    return writer


def test_the_checksum_is_that_of_castagnoli():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(b"") == 0


def test_what_was_written_is_read_again(tmp_path):
    path = tmp_path / "a.xdf"
    write_one(path)
    got = read(path, person="P01", streams=["Skin", "Marks"])
    eda, temperature = got.signals
    assert (eda.kind, eda.unit, eda.values.size) == ("eda", "uS", 20 * 64)
    assert temperature.kind == "temperature"
    np.testing.assert_allclose(eda.times_s, eda.values - 5.0, atol=1e-6)
    assert [said for _, _, said in read_markers(path)] == [f"at {a}" for a in range(0, 1280, 320)]
    assert got.started_at is not None
    assert got.started_at_error_s < 0.01


def test_pyxdf_reads_what_we_write(tmp_path):
    pyxdf = pytest.importorskip("pyxdf")
    path = tmp_path / "a.xdf"
    write_one(path)
    streams, head = pyxdf.load_xdf(str(path), synchronize_clocks=False, dejitter_timestamps=False)
    assert head["info"]["version"] == ["1.0"]
    skin = next(s for s in streams if s["info"]["name"] == ["Skin"])
    assert skin["time_series"].shape == (1280, 2)
    assert skin["info"]["source_id"] == ["shim<1>&"]
    assert skin["footer"]["info"]["sample_count"] == ["1280"]
    file = open_xdf(path)
    assert_array_equal(file.samples(file.streams[0]).values, skin["time_series"])
    assert_array_equal(file.samples(file.streams[0]).stamps_s, skin["time_stamps"])


@pytest.mark.parametrize("there", ["a.xdf", "a.xdf.journal"])
def test_nothing_is_written_over(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(FileError, match="there already"):
        XdfWriter(tmp_path / "a.xdf")
    assert (tmp_path / there).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_every_chunk_is_on_its_way_before_write_returns(tmp_path):
    path = tmp_path / "a.xdf"
    writer = write_one(path, stop=False)
    file = open_xdf(path)
    assert file.samples(file.streams[0]).stamps_s.size == writer.counts[1] == 1280
    writer.close()


def test_boundaries_come_every_five_seconds_and_the_disk_is_asked_every_second(
    tmp_path, monkeypatch
):
    now, asked = [100.0], []
    monkeypatch.setattr(writing.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(writing, "_to_disk", lambda file: asked.append(now[0]))
    with XdfWriter(tmp_path / "a.xdf") as writer:
        skin = writer.add_stream(EDA)
        for i in range(80):
            now[0] += 0.25
            writer.write(skin, [i / 64], [[1.0, 2.0]])
    layout = open_xdf(tmp_path / "a.xdf").layout
    assert len(layout.of(5)) == 4
    assert sorted(set(asked)) == [101.0 + i for i in range(20)]


def test_the_journal_tells_every_chunk(tmp_path):
    path = tmp_path / "a.xdf"
    write_one(path)
    data, entries = path.read_bytes(), read_journal(path)
    assert entries[-1].offset + entries[-1].length == len(data)
    assert all(crc32c(data[e.offset : e.offset + e.length]) == e.crc for e in entries)
    assert sum(e.samples for e in entries if e.stream == 1) == 1280


def test_a_torn_or_damaged_line_of_the_journal_is_left_out(tmp_path):
    path = tmp_path / "a.xdf"
    write_one(path)
    whole = read_journal(path)
    lines = journal_of(path).read_bytes().split(b"\n")
    lines[3] = lines[3].replace(lines[3][:1], b"7", 1)
    journal_of(path).write_bytes(b"\n".join(lines)[:-4])
    assert read_journal(path) == (*whole[:2], *whole[3:-1])


def test_several_threads_write_to_one_file(tmp_path):
    path = tmp_path / "a.xdf"
    with XdfWriter(path) as writer:
        numbers = [writer.add_stream(EDA) for _ in range(4)]

        def work(number):
            for i in range(200):
                writer.write(number, [i / 64, i / 64 + 0.01], [[i, number], [i, number]])

        threads = [threading.Thread(target=work, args=(n,)) for n in numbers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    file = open_xdf(path)
    for stream in file.streams:
        samples = file.samples(stream)
        assert samples.stamps_s.size == 400
        assert set(samples.values[:, 1]) == {stream.number}
        assert np.all(np.diff(samples.stamps_s) > 0)


def test_values_of_a_wrong_shape_are_refused(tmp_path):
    with XdfWriter(tmp_path / "a.xdf") as writer:
        skin = writer.add_stream(EDA)
        with pytest.raises(InputError, match="values"):
            writer.write(skin, [0.0], [[1.0]])


def test_nothing_is_written_after_close(tmp_path):
    writer = write_one(tmp_path / "a.xdf")
    size = (tmp_path / "a.xdf").stat().st_size
    for late in (
        lambda: writer.write(1, [0.0], [[1.0, 2.0]]),
        lambda: writer.write_offset(1, 0.0, 0.0),
        lambda: writer.add_stream(EDA),
        writer.tend,
    ):
        with pytest.raises(InputError, match="closed"):
            late()
    writer.close()
    assert (tmp_path / "a.xdf").stat().st_size == size


FULL = """
    import resource, sys
    import numpy as np
    from syntony.core.errors import FileError
    from syntony.io.xdf import XdfWriter
    from syntony.io.xdf.headers import StreamInfo

    eda = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=64.0, format="float32")
    writer = XdfWriter(sys.argv[1])
    skin = writer.add_stream(eda)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    done = 0
    try:
        while True:
            writer.write(skin, np.arange(done, done + 50) / 64, np.ones((50, 1)))
            done += 50
    except FileError as error:
        writer.close()
        print(done, error)
"""


@pytest.mark.skipif(find_spec("resource") is None, reason="no limit on sizes of files here")
def test_a_full_disk_stops_and_leaves_all_that_was_written(tmp_path):
    path = tmp_path / "a.xdf"
    code = textwrap.dedent(FULL)
    out = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    ).stdout
    done, told = out.split(" ", 1)
    assert "a full disk" in told
    assert "intact" in told
    file = open_xdf(path)
    assert file.samples(file.streams[0]).stamps_s.size == int(done) > 0
    assert path.stat().st_size == file.layout.end <= 100_000


def test_too_little_room_stops_before_the_disk_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "LEAST_FREE_BYTES", 10**18)
    monkeypatch.setattr(writing, "SYNC_S", 0.0)
    writer = XdfWriter(tmp_path / "a.xdf")
    skin = writer.add_stream(EDA)
    time.sleep(0.001)
    with pytest.raises(FileError, match="a full disk"):
        writer.write(skin, [0.0], [[1.0, 2.0]])
    with pytest.raises(FileError, match="a full disk"):
        writer.write(skin, [0.1], [[1.0, 2.0]])
    writer.close()
    file = open_xdf(tmp_path / "a.xdf")
    assert file.samples(file.streams[0]).stamps_s.size == 1
