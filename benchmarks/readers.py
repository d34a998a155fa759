"""Reading recorders' files: 50 minutes of two people with 8 channels each at 256 Hz.

Run: python benchmarks/readers.py [TITLE...]
Each file is made, then read in a fresh process that did nothing before. Time is the CPU time of
the read alone, processes that it starts included; memory is what the process grew by at its most,
in sizes of the samples (float64, 98 MB); that of a process it starts (HDF5) is not in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from figures import clean_environment, figure

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from made_recordings import acq_bytes, edf_bytes, plux

MINUTES, CHANNELS, RATE_HZ = 50, 16, 256
SAMPLES = MINUTES * 60 * RATE_HZ
SIZE_MB = SAMPLES * CHANNELS * 8 / 2**20
_READ = """
import json, resource, sys, threading, time
from syntony.io.registry import find_reader, read
import syntony.io, numpy, pyarrow.csv
path, options = sys.argv[1], json.loads(sys.argv[2])
for package in ("bioread", "h5py"):
    try:
        __import__(package)
    except ImportError:
        pass
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
before, most, going = resident(), 0.0, True
def watch():
    global most
    while going:
        most = max(most, resident())
        time.sleep(0.002)
thread = threading.Thread(target=watch)
thread.start()
def spent():
    both = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in both)
began = spent()
got = read(path, person="P01", **options)
taken = spent() - began
most = max(most, resident())
going = False
thread.join()
print(json.dumps([taken, most - before, sum(s.values.size for s in got.signals)]))
"""


def courses() -> np.ndarray:
    """Whole numbers as an amplifier of 16 bits gives, shape (channels, samples)."""
    rng = np.random.default_rng(1)
    steps = rng.integers(-30, 31, (CHANNELS, SAMPLES), dtype=np.int32)
    return np.clip(20_000 + np.cumsum(steps, axis=1) % 9000, 0, 32_000)


def edf(folder: Path, counts: np.ndarray, *, width: int = 2) -> tuple[Path, dict[str, object]]:
    signals = [
        {"label": f"EDA {i}", "unit": "nS", "counts": c.reshape(MINUTES * 60, RATE_HZ)}
        for i, c in enumerate(counts)
    ]
    path = folder / ("a.edf" if width == 2 else "a.bdf")
    path.write_bytes(edf_bytes(signals, width=width, onsets=range(MINUTES * 60)))
    return path, {}


def bdf(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    return edf(folder, counts, width=3)


def write_text(path: Path, head: str, columns: list[np.ndarray], separator: str) -> None:
    """A header, then rows that end with a separator, as these recorders write them."""
    import pyarrow as pa
    from pyarrow import csv

    named = {str(i): pa.array(c) for i, c in enumerate(columns)}
    table = pa.table(named | {"end": pa.nulls(SAMPLES, pa.string())})
    with path.open("wb") as file:
        file.write(head.encode())
        csv.write_csv(table, file, csv.WriteOptions(include_header=False, delimiter=separator))


def opensignals(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    path = folder / "a.txt"
    devices = {"00:07:80:3B:46:61": plux(["EDA"] * CHANNELS, rate_hz=RATE_HZ)}
    head = f"# OpenSignals Text File Format\n# {json.dumps(devices)}\n# EndOfHeader\n"
    numbers = np.arange(SAMPLES) % 65_536
    write_text(path, head, [numbers, np.zeros(SAMPLES, int), *counts], "\t")
    return path, {}


def shimmer(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    path = folder / "a.csv"
    names = ["Timestamp_Unix_CAL", *(f"Ext_Exp_A{i}_CAL" for i in range(CHANNELS))]
    head = '"sep=;"\n' + "".join(f"Shimmer_40AC_{n};" for n in names)
    head += "\nms;" + "mV;" * CHANNELS + "\n"
    stamps = 1.6e12 + np.arange(SAMPLES) * 1000 / RATE_HZ
    write_text(path, head, [stamps, *(counts / 7.0)], ";")
    return path, {}


def acq(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    path = folder / "a.acq"
    channels = [(f"EDA {i}", "uS", 1, c, 0.001, 0.0) for i, c in enumerate(counts)]
    path.write_bytes(acq_bytes(channels, [(0, "Segment 1")]))
    return path, {}


def h5(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    import h5py

    path = folder / "a.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("00:07:80:58:9B:3F")
        said = plux(["EDA"], rate_hz=RATE_HZ)
        for name in ("sampling rate", "device", "time", "date"):
            group.attrs[name] = said[name]
        group.attrs["resolution"] = [16] * CHANNELS
        group.create_dataset("raw/nSeq", data=np.minimum(np.arange(SAMPLES), 65_535).astype("u2"))
        for i, c in enumerate(counts):
            held = group.create_dataset(f"raw/channel_{i + 1}", data=c.astype("u2"))
            held.attrs["label"], held.attrs["sensor"] = f"CH{i + 1}", "EDA"
    return path, {}


MADE: dict[str, tuple[Callable[..., tuple[Path, dict[str, object]]], float]] = {
    "EDF": (edf, 1.0),
    "BDF": (bdf, 1.0),
    "AcqKnowledge .acq": (acq, 1.0),
    "OpenSignals HDF5": (h5, 1.0),  # in a process of its own, which has to start
    "OpenSignals text": (opensignals, 3.0),
    "Shimmer text": (shimmer, 3.0),
}


def main(*only: str) -> None:
    counts = courses()
    for title, (make, at_most) in MADE.items():
        if only and title not in only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path, options = make(Path(folder), counts)
            done = subprocess.run(
                [sys.executable, "-c", _READ, str(path), json.dumps(options)],
                capture_output=True,
                text=True,
                check=False,
                env=clean_environment(),
            )
            if done.returncode:
                raise SystemExit(f"{title}: {done.stderr[-2000:]}")
            seconds, grown, samples = json.loads(done.stdout.splitlines()[-1])
            if samples != SAMPLES * CHANNELS:
                raise SystemExit(f"{title}: {samples} samples of {SAMPLES * CHANNELS}")
            size = path.stat().st_size / 1e6
            figure(f"{title}, {size:.0f} MB: read", seconds, "s", at_most=at_most)
            figure(f"{title}: memory, in sizes of the samples", grown / SIZE_MB, "", at_most=3.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
