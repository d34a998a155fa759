"""A recording in the app as people make it: from the sample to the screen, and what memory does.

Run: python benchmarks/live.py [--minutes 1]
Needs pylsl, Debian's package chromium and playwright. Another process sends two people of eight
channels at 256 Hz over LSL; ``syntony serve`` records them, a page in a headless browser on the
same machine shows them. Every few seconds the skin conductance jumps: the delay is from the stamp
of the first sample of the jump to the frame after the one in which the page drew it. With
``--minutes 60`` it is the soak: memory of the server and of the recorder after five minutes and
at the end.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from app import FLAGS, Server
from figures import clean_environment, figure

RATE_HZ, CHANNELS = 256.0, 8
SETTLED_S, LOOK_S = 300.0, 30.0
JUMP = 8.0
SENDER = """
import random, sys, time
import numpy as np
from syntony.live.network import keep_to_this_machine
keep_to_this_machine(session_id=sys.argv[1])
import pylsl
rate, labels = 256.0, ["eda", "ecg", "resp", "motion", "temp", "emg", "x", "y"]
units = ["uS", "mV", "1", "1", "Cel", "mV", "1", "1"]
outlets = []
for name in ("patient", "therapist"):
    info = pylsl.StreamInfo(name, "physio", 8, rate, "float32", "live-" + name)
    channels = info.desc().append_child("channels")
    for label, unit in zip(labels, units):
        one = channels.append_child("channel")
        one.append_child_value("label", label)
        one.append_child_value("unit", unit)
    outlets.append(pylsl.StreamOutlet(info))
start, wall, sent = pylsl.local_clock(), time.time(), 0
rng, draw = np.random.default_rng(1), random.Random(1)
jump = int(3 * rate)
print("sending", flush=True)
while True:
    due = int((pylsl.local_clock() - start) * rate)
    if due > sent:
        at = np.arange(sent, due)
        rows = rng.standard_normal((due - sent, 8)) * 0.02
        rows[:, 0] += 5.0 + np.sin(at / rate / 9.0) + 4.0 * ((at >= jump) & (at < jump + 26))
        for outlet in outlets:
            outlet.push_chunk(rows.astype(np.float32).tolist(), start + (due - 1) / rate)
        if sent <= jump < due:
            print(wall + jump / rate, flush=True)
        if due > jump + 26:
            jump = due + int(draw.uniform(2.0, 4.0) * rate)
        sent = due
    time.sleep(0.02)
"""
WATCH = """
window.seen = [];
const Before = window.WebSocket;
window.WebSocket = class extends Before {
  constructor(...given) {
    super(...given);
    let last = -100;
    this.addEventListener("message", (event) => {
      for (const [at, , high] of JSON.parse(event.data).bins["0"] ?? []) {
        if (high > JUMP && at > last + 15) {
          last = at;
          const drawn = () => window.seen.push(performance.timeOrigin + performance.now());
          requestAnimationFrame(() => requestAnimationFrame(drawn));
        }
      }
    });
  }
};
"""
START = """async (given) => {
  const { send } = await import("/static/http.js");
  return await send("POST", "/api/live/start", given);
}"""
STOP = """async () => {
  const { send } = await import("/static/http.js");
  return await send("POST", "/api/live/do", { do: "stop" });
}"""


def children(pid: int) -> dict[int, str]:
    """Processes that a process began, with their command lines."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            line = (path.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if parent == pid and "resource_tracker" not in line:
            found[int(path.parent.name)] = line
    return found


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    told = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(told.group(1)) / 1024 if told else float("nan")


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has taken."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / 100.0


def record(page: Any, server: Server, lsl_session: str, minutes: float) -> dict[str, list[float]]:
    """Record for some minutes; memory of the server and of the recorder every half minute."""
    people = {"patient": ["live-patient"], "therapist": ["live-therapist"]}
    page.evaluate(START, {"session": "s01", "people": people, "lsl_session": lsl_session})
    page.locator("#stage[data-stage=recording]").wait_for(timeout=60_000)
    server_pid, (recorder_pid, *_) = server.process.pid, children(server.process.pid)
    pids = {"server": server_pid, "recorder": recorder_pid}
    began, before = time.monotonic(), {n: cpu_s(p) for n, p in pids.items()}
    held: dict[str, list[float]] = {name: [] for name in pids}
    while time.monotonic() - began < 60 * minutes:
        page.wait_for_timeout(1000 * min(LOOK_S, 60 * minutes))
        for name, pid in pids.items():
            held[name].append(megabytes(pid))
    for name, pid in pids.items():
        share = (cpu_s(pid) - before[name]) / (time.monotonic() - began)
        figure(f"CPU of the {name}, of one core", 100 * share, "%")
    return held


def tell_delays(jumps_s: list[float], drawn_ms: list[float]) -> None:
    """Pair every jump with the frame that showed it."""
    drawn = np.array(drawn_ms) / 1000
    later = np.searchsorted(drawn, jumps_s)
    pairs = [(j, drawn[k]) for j, k in zip(jumps_s, later, strict=True) if k < drawn.size]
    delays = np.array([1000 * (seen - made) for made, seen in pairs if seen - made < 1.9])
    figure("jumps sent, and drawn", delays.size / max(len(pairs), 1), "", at_least=1.0)
    figure("from sample to screen, median", float(np.median(delays)), "ms")
    figure("from sample to screen, 99 of 100", float(np.percentile(delays, 99)), "ms", at_most=300)
    figure("from sample to screen, longest", float(delays.max()), "ms")


def tell_memory(held: dict[str, list[float]]) -> None:
    """How memory went; its limit where the run was long enough to say."""
    settled = round(SETTLED_S / LOOK_S)
    for name, values in held.items():
        figure(f"memory of the {name} at the end", values[-1], "MB")
        if len(values) > 2 * settled:
            grown = float(np.mean(values[-4:]) - np.mean(values[settled : settled + 4]))
            minutes = (len(values) - settled) * LOOK_S / 60
            figure(f"memory of the {name}: grown in {minutes:.0f} min", grown, "MB", at_most=5.0)


def tell_samples(root: Path, minutes: float) -> None:
    """Every sample is in the file, on its place."""
    from syntony.io.xdf import open_xdf

    file = open_xdf(root / "sourcedata" / "s01" / "s01.xdf")
    for stream in file.streams[:2]:
        stamps = file.samples(stream).stamps_s
        holes = int(np.rint(np.diff(stamps) * RATE_HZ - 1).clip(0).sum())
        figure(f"{stream.info.name}: samples missing of {stamps.size:,}", holes, "", at_most=0)
        if stamps.size < 60 * minutes * RATE_HZ:
            raise SystemExit(f"{stream.info.name}: {stamps.size} samples are too few")


def main() -> None:
    from playwright.sync_api import sync_playwright

    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--minutes", type=float, default=1.0)
    minutes = ask.parse_args().minutes
    scratch = Path(tempfile.mkdtemp(prefix="syntony-live-"))
    root, lsl_session = scratch / "study", f"bench{time.time_ns() % 10**6}"
    from syntony.io.study_write import create_study

    create_study(root, title="live", roles=("patient", "therapist"))
    sender = subprocess.Popen(
        [sys.executable, "-c", SENDER, lsl_session],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    server = Server(root, scratch)
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.add_init_script(WATCH.replace("JUMP", str(JUMP)))
            page.goto(server.url)
            page.goto(f"{server.base}/live")
            held = record(page, server, lsl_session, minutes)
            drawn = page.evaluate("window.seen")
            sender.terminate()
            page.evaluate(STOP)
            page.locator("#stage[data-stage=filed]").wait_for(timeout=300_000)
            browser.close()
        told = sender.communicate()[0].split()
        begun = drawn[0] / 1000 - 1.9
        tell_delays([float(t) for t in told[1:] if begun < float(t) < drawn[-1] / 1000], drawn)
        tell_memory(held)
        tell_samples(root, minutes)
    finally:
        sender.kill()
        server.stop()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
