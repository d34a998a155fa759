"""The app at the size people have: two people, four channels each at 250 Hz for 50 minutes.

Run: python benchmarks/app.py [--sessions 1000] [--keep FOLDER]
Needs Debian's package chromium and playwright. A study is written, served by ``syntony serve`` as
a program of its own, and opened in a headless browser on the same machine. Frames and CPU are
those of the page while a wheel turns and a drag moves for three seconds each. Ends with 1 where a
figure is over its limit.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import numpy as np
from figures import clean_environment, figure

RATE_HZ, SECONDS = 250.0, 3000.0
FRAME_MS = 16.85  # 60 a second, as a browser tells times: to a tenth of a millisecond
KINDS = {"eda": "uS", "ecg": "mV", "resp": "1", "motion": "1"}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WATCH = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const tick = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}"""


def write_big(root: Path) -> None:
    """One session of the size above, with a video of the same length where PyAV is installed."""
    from syntony.core.session import Person, Session
    from syntony.core.signal import Signal
    from syntony.io.study_write import create_study, write_session

    rng = np.random.default_rng(1)
    people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    signals = []
    for person in people:
        for kind, unit in KINDS.items():
            values = rng.standard_normal(round(RATE_HZ * SECONDS)).cumsum() / 100
            values[200_000:205_000] = np.nan
            signals.append(
                Signal(
                    values=np.round(values, 4),
                    rate_hz=RATE_HZ,
                    start_s=0.0,
                    unit=unit,
                    kind=kind,
                    person=person.id,
                )
            )
    create_study(root, title="benchmark", roles=("patient", "therapist"), simulated=True, truth={})
    write_session(root, Session(id="big", people=people, dyad="d1", signals=tuple(signals)))
    write_video(root / "media" / "big.webm")


def write_video(path: Path) -> None:
    """A grey video of 50 minutes, five frames a second; nothing where PyAV is missing."""
    try:
        import av
    except ImportError:
        print("no video: the extra 'video' is not installed")
        return
    path.parent.mkdir()
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libvpx", rate=5, options={"deadline": "realtime", "cpu-used": "8"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for k in range(round(5 * SECONDS)):
            picture = np.full((96, 160, 3), k % 256, dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))


def write_many(root: Path, sessions: int) -> None:
    """A study of very many short sessions."""
    from syntony.core.session import Person, Session
    from syntony.core.signal import Signal
    from syntony.io.study_write import create_study, write_session

    create_study(root, title="many", roles=("patient", "therapist"), simulated=True, truth={})
    people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    signals = tuple(
        Signal(values=np.zeros(40), rate_hz=4.0, start_s=0.0, unit="uS", kind="eda", person=p.id)
        for p in people
    )
    write_session(root, Session(id="s0000", people=people, dyad="d", signals=signals))
    more = [(root / n).read_text("utf-8").splitlines() for n in ("sessions.tsv", "people.tsv")]
    for k in range(1, sessions):  # written by hand: a thousand careful writes take minutes
        for table, old in zip(("sessions.tsv", "people.tsv"), more, strict=True):
            with (root / table).open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n".replace("s0000", f"s{k:04}") for line in old[1:])
        for person in people:
            source = root / f"sub-{person.id}" / "ses-s0000"
            target = root / f"sub-{person.id}" / f"ses-s{k:04}"
            for path in source.rglob("*.*"):
                place = target / path.relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place.with_name(path.name.replace("s0000", f"s{k:04}")))


class Server:
    """``syntony serve`` as a program of its own."""

    def __init__(self, study: Path, scratch: Path) -> None:
        self.cookies = CookieJar()
        self.began = time.perf_counter()
        command = [sys.executable, "-m", "syntony", "serve", str(study), "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--data", str(scratch / "data")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=clean_environment(XDG_CACHE_HOME=str(scratch / "cache")),
        )
        assert self.process.stdout is not None
        found = next(m for line in self.process.stdout if (m := re.search(r"https?://\S+", line)))
        self.url = found.group(0)
        self.base = "/".join(self.url.split("/")[:3])

    def first_answer_s(self) -> float:
        """Seconds from the command to the page of the study, by the address that was printed."""
        keeping = urllib.request.HTTPCookieProcessor(self.cookies)
        with urllib.request.build_opener(keeping).open(self.url) as answer:
            assert b"<main" in answer.read(), answer.url
        return time.perf_counter() - self.began

    def let_in(self, browser: Any) -> Any:
        """A context of the browser with what the first answer gave: the address is good once."""
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        cookies = [{"name": c.name, "value": c.value, "url": self.base} for c in self.cookies]
        context.add_cookies(cookies)
        return context

    def megabytes(self) -> float:
        """Resident memory of the program now."""
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", told).group(1)) / 1024  # type: ignore[union-attr]

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(2)
        self.process.wait(20)


def bytes_until(page: Any, mark: str) -> float:
    """Bytes that came before a mark of the page, headers included."""
    return float(
        page.evaluate(
            """(mark) => {
      const until = performance.getEntriesByName(mark)[0].startTime;
      return performance.getEntries()
        .filter((e) => e.responseEnd && e.responseEnd <= until && !e.name.includes('/media/'))
        .reduce((sum, e) => sum + (e.transferSize || 0), 0);
    }""",
            mark,
        )
    )


def open_session(context: Any, url: str) -> tuple[Any, float, float]:
    """Open the page: the page, seconds until all signals are drawn, bytes until then."""
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.wait_for_selector("#review[data-drawn]", timeout=60_000)
    drawn = page.evaluate("performance.getEntriesByName('signals-drawn')[0].startTime / 1000")
    sent = bytes_until(page, "signals-drawn")
    page.wait_for_selector("#review[data-ready=yes]", timeout=60_000)
    return page, float(drawn), sent


def turn_wheel(page: Any, ticks: int) -> dict[str, float]:
    """Zoom in and out at the pointer, then drag; frames (ms) and CPU of the page a tick (ms)."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        return float(next(m["value"] for m in told if m["name"] == "TaskDuration"))

    box = page.locator("#lanes").bounding_box()
    x, y = box["x"] + box["width"] * 0.4, box["y"] + 100
    page.mouse.move(x, y)
    page.evaluate(WATCH)
    before = cpu()
    for k in range(ticks):
        began = time.perf_counter()
        page.mouse.wheel(0, -60 if (k // 30) % 2 == 0 else 60)
        time.sleep(max(0.0, 0.016 - (time.perf_counter() - began)))
    after = cpu()
    zooming = page.evaluate("window.frames_ms.splice(0)")
    for _ in range(8):
        page.mouse.wheel(0, -100)
    page.wait_for_timeout(300)
    page.evaluate("window.frames_ms.splice(0)")
    page.mouse.down()
    for k in range(ticks):
        page.mouse.move(x + 150 * np.sin(k / 12), y)
        time.sleep(0.012)
    page.mouse.up()
    panning = page.evaluate("window.frames_ms.splice(0)")
    return {
        "zoom_p50": float(np.percentile(zooming[1:], 50)),
        "zoom_p95": float(np.percentile(zooming[1:], 95)),
        "pan_p50": float(np.percentile(panning[1:], 50)),
        "pan_p95": float(np.percentile(panning[1:], 95)),
        "cpu_ms": 1000 * (after - before) / ticks,
    }


def pyramids_s(root: Path, scratch: Path) -> float:
    """Seconds for the pyramids of all channels of the session, in memory to files."""
    from syntony.io.study import load_session, open_study
    from syntony.pipeline.review_channels import keep_pyramid

    signals = load_session(open_study(root), "big").signals
    began = time.perf_counter()
    for signal in signals:
        keep_pyramid(scratch / "timed", signal.values)
    return time.perf_counter() - began


def measure_session(root: Path, scratch: Path, browser: Any) -> bool:
    """Everything about one big session; whether all limits hold."""
    held = []
    held.append(
        figure("pyramids of 8 x 750,000 samples", pyramids_s(root, scratch), "s", at_most=0.5)
    )
    server = Server(root, scratch)
    try:
        held.append(
            figure(
                "serve answers with its first page, from the command",
                server.first_answer_s(),
                "s",
                at_most=1.5,
            )
        )
        context = server.let_in(browser)
        url = f"{server.base}/session/big"
        page, first, _ = open_session(context, url)
        held.append(figure("first opening ever, recordings read: signals drawn", first, "s"))
        page.close()
        opened = []
        for _ in range(5):
            page, drawn, sent = open_session(context, url)
            opened.append(drawn)
            if len(opened) < 5:
                page.close()
        drawn = float(np.median(opened))
        held.append(figure("opening: all signals drawn, median of 5", drawn, "s", at_most=0.7))
        held.append(figure("bytes until then", sent / 1e6, "MB", at_most=1.0))
        told = turn_wheel(page, 180)
        held.append(figure("frames while zooming, p50", told["zoom_p50"], "ms", at_most=FRAME_MS))
        held.append(figure("frames while zooming, p95", told["zoom_p95"], "ms", at_most=FRAME_MS))
        held.append(figure("frames while panning, p50", told["pan_p50"], "ms", at_most=FRAME_MS))
        held.append(figure("frames while panning, p95", told["pan_p95"], "ms", at_most=FRAME_MS))
        held.append(
            figure("CPU of the page a tick of the wheel", told["cpu_ms"], "ms", at_most=12.0)
        )
        held.append(figure("memory of the server", server.megabytes(), "MB", at_most=150.0))
    finally:
        server.stop()
    return all(held)


def measure_study(root: Path, scratch: Path, browser: Any, sessions: int) -> bool:
    """The page of a study of very many sessions; whether its limit holds."""
    server = Server(root, scratch)
    try:
        answered = server.first_answer_s()
        context = server.let_in(browser)
        took = []
        for _ in range(3):
            page = context.new_page()
            page.goto(f"{server.base}/")
            took.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            page.close()
        what = f"page of a study of {sessions:,} sessions, median of 3"
        figure("serve answers with it, from the command", answered, "s")
        return figure(what, float(np.median(took)) / 1000, "s", at_most=1.0)
    finally:
        server.stop()


def main() -> int:
    from playwright.sync_api import sync_playwright

    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--sessions", type=int, default=1000)
    ask.add_argument("--keep", type=Path, help="Folder for the studies, kept for the next time.")
    given = ask.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("no chromium on this machine")
    scratch = Path(tempfile.mkdtemp(prefix="syntony-app-"))
    kept = given.keep or scratch
    try:
        for name, write in (("big", write_big), ("many", lambda r: write_many(r, given.sessions))):
            if not (kept / name).exists():
                kept.mkdir(parents=True, exist_ok=True)
                write(kept / name)
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
            held = [
                measure_session(kept / "big", scratch, browser),
                measure_study(kept / "many", scratch, browser, given.sessions),
            ]
            browser.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
