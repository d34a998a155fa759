"""The recorder and the reading of what it wrote.

Run: python benchmarks/recorder.py [--seconds 60]
Live: 2 x 8 channels at 256 Hz and 2 x 32 channels at 500 Hz, from sources that compute their
samples, in real time; one source's clock is 1,000 s off and drifts by 50 ppm. CPU is that of the
whole process, the sources included; push to disk is from the time of a sample until the write of
its chunk returned. Long: the same ten minutes, at the pace of the processor. Reading: both people
of 50 min of 2 x 8 channels at 256 Hz, written in chunks of 20 ms as the recorder writes them.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from figures import figure

from syntony.io.registry import read
from syntony.io.xdf import XdfWriter, open_xdf
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.io.xdf.journal import crc32c
from syntony.live.recorder import Recorder
from syntony.live.sources import Computed

MINUTES = 50
FAR = {"away_s": 1000.0, "drift_ppm": 50.0}
GROUPS = {"2 x 8 at 256 Hz": (8, 256.0), "2 x 32 at 500 Hz": (32, 500.0)}


def stream(name, channels, rate):
    return StreamInfo(
        name=name,
        type="EEG",
        nominal_rate_hz=rate,
        format="float32",
        channel_count=channels,
        channels=tuple(ChannelInfo(label=f"{name} {c}", unit="1") for c in range(channels)),
    )


def sources(channels, rate, clock=time.monotonic):
    """Two people; values count the samples, so that every one can be found again."""
    rows = {c: np.arange(c) for c in (8, 32)}
    return {
        name: Computed(
            stream(name, channels, rate),
            lambda n: (n[:, None] + rows[channels]).astype(np.float32),
            clock=clock,
            **(FAR if name == "b" else {}),
        )
        for name in ("a", "b")
    }


def all_there(path, channels):
    """How many samples the file holds of each person, none missing among them."""
    file, counts = open_xdf(path), []
    for one in file.streams[:2]:
        values = file.samples(one).values
        want = np.arange(len(values))[:, None] + np.arange(channels)
        if not np.array_equal(values, want.astype(np.float32)):
            raise SystemExit(f"{path.name}: samples are missing or changed")
        counts.append(len(values))
    return counts


def live(folder, title, seconds):
    """Record in real time; CPU share, delay to the disk, samples there."""
    channels, rate = GROUPS[title]
    path = folder / f"{channels}.xdf"
    crc32c(b"")  # compiled, or read from the disk, before the clock starts
    people = sources(channels, rate)
    recorder, delays = Recorder(path, people), []
    write = recorder._writer.write

    def timed(number, stamps, values):
        write(number, stamps, values)
        now = time.monotonic()
        if number <= 2:
            own = people["ab"[number - 1]]
            delays.append(now - (np.asarray(stamps) * own._pace + own._away))

    recorder._writer.write = timed
    before, began = time.process_time(), time.monotonic()
    recorder.start()
    time.sleep(seconds)
    cpu = (time.process_time() - before) / (time.monotonic() - began)
    recorder.stop()
    counts = all_there(path, channels)
    due = [int((recorder._clock() - p._start) * rate) for p in people.values()]
    lost = sum(
        max(0, d - c) for d, c in zip([p._sent for p in people.values()], counts, strict=True)
    )
    delay = np.concatenate(delays)
    figure(f"{title}: CPU of one core, {seconds:g} s", 100 * cpu, "%", at_most=10)
    figure(f"{title}: push to disk, 99 of 100", 1e3 * np.percentile(delay, 99), "ms", at_most=50)
    figure(f"{title}: push to disk, longest", 1e3 * delay.max(), "ms")
    figure(f"{title}: samples lost of {sum(counts):,}", lost, "", at_most=0)
    if min(due) < min(counts):
        raise SystemExit("more samples than time")
    aligned(path, people, f"{title}: clock 1,000 s off, 50 ppm")


def aligned(path, people, title):
    """How far the two people's samples are from where they were made, against one another."""
    starts, rates = [], []
    for name, source in people.items():
        signal = read(path, person=name, streams=[name]).signals[0]
        starts.append(signal.start_s - source._start)
        rates.append(signal.rate_hz)
        size = signal.values.size
    apart = abs(starts[0] - starts[1]) + size * abs(1 / rates[0] - 1 / rates[1])
    figure(title, 1e3 * apart, "ms", at_most=1)


def long(folder, title, minutes=10):
    """Ten minutes at the pace of the processor: the clock runs as fast as they are written."""
    channels, rate = GROUPS[title]
    path, now = folder / f"long{channels}.xdf", [1000.0]
    people = sources(channels, rate, clock=lambda: now[0])
    recorder = Recorder(path, people, clock=lambda: now[0])
    began = time.perf_counter()
    for turn in range(minutes * 60 * 50):
        now[0] = 1000.0 + turn * 0.02
        if turn % 250 == 0:
            recorder._measure_offsets()
        recorder._pull_all()
    took = time.perf_counter() - began
    recorder.stop()
    counts = all_there(path, channels)
    want = int((now[0] - 1000.0) * rate + 1e-9) + 1
    figure(f"{title}: {minutes} min, samples lost", 2 * want - sum(counts), "", at_most=0)
    figure(f"{title}: {minutes} min written in", took, "s")
    aligned(path, people, f"{title}: {minutes} min, clock 1,000 s off")


SENDER = """
import sys, time
import numpy as np, pylsl  # on the settings of the process that records
channels, rate = int(sys.argv[1]), float(sys.argv[2])
outlets = [
    pylsl.StreamOutlet(pylsl.StreamInfo(n, "EEG", channels, rate, "float32", "bench-" + n))
    for n in "ab"
]
start, sent = pylsl.local_clock(), 0
print("sending", flush=True)
while True:
    due = int((pylsl.local_clock() - start) * rate)
    if due > sent:
        rows = (np.arange(sent, due)[:, None] + np.arange(channels)).astype(np.float32)
        for outlet in outlets:
            outlet.push_chunk(rows.tolist(), start + (due - 1) / rate)
        sent = due
    time.sleep(0.02)
"""


def over_lsl(folder, title, seconds):
    """Record streams of another process over LSL; CPU of the recorder, samples without a hole."""
    from syntony.live.network import keep_to_this_machine
    from syntony.live.streams import LslSource, clock_s, find_streams

    channels, rate = GROUPS[title]
    keep_to_this_machine()
    command = [sys.executable, "-c", SENDER, str(channels), str(rate)]
    sender = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        sender.stdout.readline()
        path = folder / "lsl.xdf"
        people = {s.info.name: LslSource(s) for s in find_streams(2.0)}
        recorder = Recorder(path, people, clock=clock_s)
        before, began = time.process_time(), time.monotonic()
        recorder.start()
        time.sleep(seconds)
        cpu = (time.process_time() - before) / (time.monotonic() - began)
        recorder.stop()
    finally:
        sender.kill()
        sender.wait()
        sender.stdout.close()
    file, holes, counts = open_xdf(path), 0, []
    for one in file.streams[:2]:
        values = file.samples(one).values[:, 0]
        holes += int((np.diff(values) != 1).sum())
        counts.append(len(values))
    figure(f"{title} over LSL: CPU of one core, {seconds:g} s", 100 * cpu, "%", at_most=10)
    figure(f"{title} over LSL: holes in {sum(counts):,} samples", holes, "", at_most=0)


def make_long_file(path):
    """Two people, 50 minutes, in the chunks that the recorder writes."""
    with XdfWriter(path) as writer:
        numbers = [writer.add_stream(stream(n, 8, 256.0)) for n in ("a", "b")]
        edges = (np.arange(MINUTES * 60 * 50 + 1) * 5.12).astype(int)
        for turn, (a, b) in enumerate(pairwise(edges)):
            stamps = np.arange(a, b) / 256
            values = np.sin(stamps[:, None] + np.arange(8))
            for number in numbers:
                writer.write(number, stamps + 0.001 * number, values)
                if turn % 250 == 0:
                    writer.write_offset(number, a / 256, 2.0)


READ = """
import sys, time
from syntony.io.registry import read
from syntony.io import xdf
small = sys.argv[2]
read(small, person="a", streams=["a"])
def kilobytes(word):
    return next(int(x.split()[1]) for x in open("/proc/self/status") if x.startswith(word))

open("/proc/self/clear_refs", "w").write("5")  # the highest so far is forgotten
low = kilobytes("VmRSS")
began, spent = time.perf_counter(), time.process_time()
people = [read(sys.argv[1], person=p, streams=[p]) for p in "ab"]
took = time.perf_counter() - began
held = sum(s.values.nbytes for r in people for s in r.signals)
spent = time.process_time() - spent
print(took, (kilobytes("VmHWM") - low) * 1024 / held, spent)
"""


def reading(folder):
    """Both people of 50 minutes, in a process of its own that has read a small file before."""
    path = folder / "read.xdf"
    make_long_file(path)
    command = [sys.executable, "-c", READ, str(path), str(folder / "8.xdf")]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    title = f"reading 2 x 8 at 256 Hz, {MINUTES} min"
    figure(f"{title} ({path.stat().st_size / 1e6:.0f} MB)", float(out[0]), "s")
    figure(f"{title}: CPU, one thread", float(out[2]), "s", at_most=1)
    figure(f"{title}: memory over samples", float(out[1]), "x", at_most=3)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=60.0)
    seconds = asked.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title in GROUPS:
            live(folder, title, seconds)
        for title in GROUPS:
            long(folder, title)
        reading(folder)
        if find_spec("pylsl"):
            over_lsl(folder, "2 x 32 at 500 Hz", seconds)
    figure("memory of this process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, "MB")


if __name__ == "__main__":
    main()
