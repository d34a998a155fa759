"""Reading recorders' files: 50 minutes of two people with 8 channels each at 256 Hz.

Run: python benchmarks/readers.py
Each file is made, then read in a fresh process that did nothing before; time is that of the read
alone, memory what the process grew by at its most, in sizes of the samples (float64, 98 MB).
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
from made_recordings import edf_bytes, plux

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
began = time.perf_counter()
got = read(path, person="P01", **options)
taken = time.perf_counter() - began
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


def opensignals(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    path = folder / "a.txt"
    devices = {"00:07:80:3B:46:61": plux(["EDA"] * CHANNELS, rate_hz=RATE_HZ)}
    head = f"# OpenSignals Text File Format\n# {json.dumps(devices)}\n# EndOfHeader"
    numbers = np.arange(SAMPLES) % 65_536
    table = np.vstack([numbers, np.zeros(SAMPLES, int), counts]).T
    np.savetxt(path, table, fmt="%d", delimiter="\t", newline="\t\n", header=head, comments="")
    return path, {}


def shimmer(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    path = folder / "a.csv"
    names = ["Timestamp_Unix_CAL", *(f"Ext_Exp_A{i}_CAL" for i in range(CHANNELS))]
    head = '"sep=;"\n' + "".join(f"Shimmer_40AC_{n};" for n in names)
    head += "\nms;" + "mV;" * CHANNELS
    table = np.vstack([1.6e12 + np.arange(SAMPLES) * 1000 / RATE_HZ, counts / 7.0]).T
    form = ["%.3f", *["%.8f"] * CHANNELS]
    np.savetxt(path, table, fmt=form, delimiter=";", newline=";\n", header=head, comments="")
    return path, {}


def acq(folder: Path, counts: np.ndarray) -> tuple[Path, dict[str, object]]:
    from made_recordings import acq_bytes

    few = acq_bytes([(f"EDA {i}", "uS", 1, [0], 0.001, 0.0) for i in range(CHANNELS)], [])
    one = np.zeros(CHANNELS, np.int16).tobytes()
    at = few.rindex(one, 0, len(few) - 8)
    long = few.replace(
        b"uS".ljust(20, b"\0") + (1).to_bytes(4, "little"),
        b"uS".ljust(20, b"\0") + SAMPLES.to_bytes(4, "little"),
    )
    path = folder / "a.acq"
    path.write_bytes(long[:at] + counts.T.astype("<i2").tobytes() + long[at + len(one) :])
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
    "OpenSignals HDF5": (h5, 1.0),
    "OpenSignals text": (opensignals, 3.0),
    "Shimmer text": (shimmer, 3.0),
}


def main() -> None:
    counts = courses()
    for title, (make, at_most) in MADE.items():
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
    main()
