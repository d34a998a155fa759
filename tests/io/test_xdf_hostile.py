"""Files that mean harm, or were harmed: an error made on purpose, or a reading."""

import struct
import tracemalloc

import made_xdf as made
import numpy as np
import pytest

from syntony.core.errors import FileError, SyntonyError
from syntony.core.recording import Recording
from syntony.core.seeds import rng_for
from syntony.io.registry import read
from syntony.io.xdf import read_markers, repair

WISHES = ({}, {"streams": [1]}, {"streams": [1, 2, 3], "dejitter": True})


def whole_file(path):
    """Numbers and words, two clocks, boundaries, footers."""
    made.two_people(path, seconds=14, rate=16.0)
    data = path.read_bytes()
    rows = [(50.0 + i, [f"word {i}"]) for i in range(8)]
    words = made.header(3, "Marks", rate=0, form="string", type="Markers")
    cut = data.rindex(made.BOUNDARY)
    return data[:cut] + words + made.samples(3, rows, "string") + data[cut:] + made.footer(3, 8)


def mutated(data, rng):
    """One copy with a few faults of one kind."""
    out = bytearray(data)
    kind = rng.integers(6)
    if kind == 0:
        for at in rng.integers(0, len(out), rng.integers(1, 12)):
            out[at] ^= 1 << rng.integers(8)
    elif kind == 1:
        del out[int(rng.integers(0, len(out))) :]
    elif kind == 2:
        a = int(rng.integers(0, len(out)))
        del out[a : a + int(rng.integers(1, 200))]
    elif kind == 3:
        a = int(rng.integers(0, len(out)))
        out[a : a + 8] = struct.pack("<Q", 10 ** int(rng.integers(3, 19)))
    elif kind == 4:
        a = int(rng.integers(0, len(out)))
        b = int(rng.integers(0, len(out)))
        out[a:a] = out[b : b + int(rng.integers(1, 400))]
    else:
        a = int(rng.integers(0, len(out)))
        out[a : a + int(rng.integers(1, 300))] = rng.bytes(int(rng.integers(1, 300)))
    return bytes(out)


def try_to_read(path):
    """1 for a reading, 0 for an error made on purpose; anything else is raised."""
    got = 0
    for wish in WISHES:
        try:
            assert isinstance(read(path, person="P01", units={"eda": "1"}, **wish), Recording)
            got = 1
        except SyntonyError:
            pass
    try:
        read_markers(path)
        done = repair(path)
        done.path.unlink()
    except SyntonyError:
        path.with_name(f"{path.stem}.repaired.xdf").unlink(missing_ok=True)
    return got


@pytest.mark.parametrize("block", range(2))
def test_mutated_files_are_read_or_refused(tmp_path, block):
    path = tmp_path / "a.xdf"
    data = whole_file(path)
    read_count = 0
    for i in range(60):
        path.write_bytes(mutated(data, rng_for(7, "xdf", block, i)))
        read_count += try_to_read(path)
    assert 0 < read_count < 60


@pytest.mark.slow
def test_two_thousand_mutated_files(tmp_path):
    path = tmp_path / "a.xdf"
    data = whole_file(path)
    read_count = 0
    for i in range(2000):
        path.write_bytes(mutated(data, rng_for(11, "xdf", i)))
        read_count += try_to_read(path)
    assert 0 < read_count < 2000


def huge():
    number = struct.pack("<I", 1)
    trillion = struct.pack("<Q", 10**12)
    yield "samples", made.header(1) + made.chunk(3, number + b"\x08" + trillion + b"\x08" * 50)
    yield "chunk", made.header(1) + b"\x08" + trillion + b"\x03\x00" + number
    yield "channels", made.header(1, channels=10**12) + made.samples(1, [(0.0, [1])])
    yield "wide", made.header(1, channels=10**6) + made.samples(1, [(0.0, [1])])
    words = made.header(1, form="string", channels=10**6)
    yield "words", words + made.chunk(3, number + b"\x08" + trillion + b"\x00")
    yield "rate", made.header(1, rate=1e300) + made.samples(1, [(0.0, [1])])
    yield "stamps", made.header(1) + made.samples(1, [(i * 1e11, [1]) for i in range(9)])
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]><info><name>&a;</name></info>'
    yield "entities", made.chunk(2, number + bomb)
    yield "deep", made.chunk(2, number + b"<info>" * 100_000)
    yield "not words", made.chunk(2, number + b"\xff\xfe\x00" * 300)


@pytest.mark.parametrize(("what", "body"), list(huge()), ids=[w for w, _ in huge()])
def test_impossible_headers_cost_no_memory(tmp_path, what, body):
    path = tmp_path / "a.xdf"
    path.write_bytes(made.HEAD + body)
    read_one = {"person": "P01", "streams": [1], "units": {"EDA": "1"}}
    with pytest.raises(FileError):
        read(path, **read_one)
    tracemalloc.start()
    with pytest.raises(FileError):
        read(path, **read_one)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_two_headers_of_one_stream_are_refused(tmp_path):
    path = tmp_path / "a.xdf"
    path.write_bytes(made.HEAD + made.header(1) + made.header(1, channels=3))
    with pytest.raises(FileError, match="two headers of stream 1"):
        read(path, person="P01")


def test_stamps_that_are_no_times_are_counted(tmp_path):
    path = tmp_path / "a.xdf"
    rows = [(i / 4, [i]) for i in range(20)]
    rows[7] = (np.nan, [7])
    rows[8] = (1e300, [8])
    path.write_bytes(made.HEAD + made.header(1) + made.samples(1, rows) + made.footer(1, 20))
    got = read(path, person="P01", units={"EDA": "uS"})
    assert np.flatnonzero(np.isnan(got.signals[0].values)).tolist() == [7, 8]
    assert "2 samples" in next(n.text for n in got.notes if n.code == "untimed")
