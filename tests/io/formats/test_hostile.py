"""Mutated files against every reader: an error of ours or a recording, soon, in little memory."""

import os
import sys
import zlib

import pytest
from io_samples import SAMPLES
from shared import SHARED

import syntony.io  # noqa: F401  fills the list
from syntony.io.registry import readers

sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))
from mutations import Pool, mutate

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits need a Unix")

SLOW = {"opensignals_h5"}  # each read is a process of its own
COUNT = int(os.environ.get("SYNTONY_FUZZ", "40"))
REAL = {
    "biopac_acq": [
        ("biopac-acq/nojournal-3.8.1-c.acq", {}),
        ("biopac-acq/r42_test.acq", {"segment": 1}),
        ("biopac-acq/nojournal-5.0.1.acq", {}),
    ],
    "edf": [("edf-faros/faros180.edf", {}), ("opensignals/eda_slow_signal.edf", {})],
    "opensignals": [("opensignals/eda_slow_signal.txt", {})],
    "shimmer_consensys": [("shimmer-consensys/shimmer_consensys.csv", {})],
    "empatica_embraceplus": [("empatica-embraceplus/embraceplus_test_data.avro", {})],
    "qsensor": [("eda-qsensor/8WGY92.csv", {})],
    "empatica_e4": [("empatica-e4/1635148245_A00204.zip", {})],
}
FILES = [
    (name, file, options)
    for name, files in REAL.items()
    for file, options in files
    if (SHARED / "data" / file).exists()
]


@pytest.fixture(scope="module")
def pool():
    one = Pool()
    yield one
    one.close()


def hold(pool, reader, path, options, count):
    first = zlib.crc32(path.name.encode()) if COUNT == 40 else 0
    got = pool.order(reader, path, options, range(first, first + count))
    wrong = {seed: told for seed, told in got.items() if told not in {"recording", "refused"}}
    assert not wrong, f"{len(wrong)} of {count}: {dict(list(wrong.items())[:3])}"
    assert "refused" in got.values()


@pytest.mark.parametrize("reader", sorted(readers()))
def test_mutations_of_a_made_file(reader, pool, tmp_path):
    sample = SAMPLES[reader](tmp_path)
    count = max(20, COUNT // 10) if reader in SLOW else COUNT
    hold(pool, reader, sample.path, sample.options, count)


@pytest.mark.parametrize(("reader", "file", "options"), FILES, ids=[f for _, f, _ in FILES])
def test_mutations_of_a_real_file(reader, file, options, pool):
    hold(pool, reader, SHARED / "data" / file, options, max(20, COUNT // 4))


def test_a_mutation_is_the_same_for_the_same_seed():
    data = bytes(range(256)) * 8 + b"\n12.5;3\n"
    assert mutate(data, 7) == mutate(data, 7)
    assert len({mutate(data, seed) for seed in range(50)}) > 40


def test_another_traceback_is_seen(pool, tmp_path):
    sample = SAMPLES["bids"](tmp_path)
    assert pool.order("no such reader", sample.path, {}, [1]) == {1: "refused"}
    got = pool.order("bids", sample.path, {"columns": 5}, range(20))
    assert any("TypeError: " in told for told in got.values())


def test_the_limit_of_memory_bites(pool, tmp_path, monkeypatch):
    """A text that is larger than the worker may be is no recording and no ordinary refusal."""
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.write(b"800\n" * 10)
        file.truncate(1_000_000_000)  # takes no room on disk
    got = pool.order("rr_list", path, {}, [3])[3]
    assert got not in {"recording", "refused"}
