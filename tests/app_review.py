"""What tests of the session review share: opening it, waiting, a small made study, films."""

import wave

import numpy as np
import pytest

from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study_write import create_study, write_session

PEOPLE = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
RATE_HZ, SAMPLES = 64.0, 76_800
FILM_HZ, BITS = 25, 12
READ = """async () => {
  await new Promise(requestAnimationFrame);
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  canvas.width = 192; canvas.height = 64;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 192, 64);
  let frame = 0;
  for (let bit = 0; bit < 12; bit++) {
    if (pen.getImageData(16 * bit + 8, 32, 1, 1).data[0] > 128) frame |= 1 << bit;
  }
  return { frame, time: Number(document.querySelector('#review').dataset.time) };
}"""
"""Film and playhead of one frame of the page: between two, the playhead's time is the older one."""


def open_review(page, server, session, *, first=True, query=""):
    """Open a session and wait until all of it is there."""
    if first:
        page.goto(server.url)
    page.goto(f"{server.base}/session/{session}{query}")
    page.wait_for_selector("#review[data-ready=yes]", timeout=60_000)
    page.wait_for_timeout(100)


def wait_until(page, claim, *, seconds=20):
    """Wait for what the page's own policy lets the driver alone evaluate."""
    for _ in range(10 * seconds):
        if page.evaluate(claim):
            return
        page.wait_for_timeout(100)
    raise AssertionError(claim)


def time_of(page):
    """Second at which the playhead stands."""
    return float(page.get_attribute("#review", "data-time"))


def make_study(root, values, *, people=PEOPLE, spans=()):
    """A made study of one session ``s1``: a channel of each person, and codes."""
    signals = [
        Signal(values=v, rate_hz=RATE_HZ, start_s=0.0, unit="uS", kind="eda", person=p.id)
        for p, v in zip(people, values, strict=True)
    ]
    roles = tuple(p.role for p in people)
    create_study(root, title="Made", roles=roles, simulated=True, truth={})
    session = Session(id="s1", people=people, dyad="d1", signals=tuple(signals), spans=spans)
    write_session(root, session)
    return root


def waves(count=2):
    """A slow wave for each person, each at a height of its own."""
    wave = 0.5 * np.sin(np.arange(SAMPLES) / 900)
    return [2.0 + 2 * k + wave for k in range(count)]


def pixels_of(page, selector, colour):
    """Device pixels of a canvas that have a colour of the theme: [x, y] of each."""
    return page.evaluate(
        """([selector, colour]) => {
      const canvas = document.querySelector(selector);
      const { width, height } = canvas;
      const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
      const style = getComputedStyle(document.documentElement);
      const n = parseInt(style.getPropertyValue('--' + colour).trim().slice(1), 16);
      const want = [n >> 16, (n >> 8) & 255, n & 255];
      const hits = [];
      for (let x = 0; x < width; x++) for (let y = 0; y < height; y++) {
        const k = 4 * (y * width + x);
        const near = want.every((c, j) => Math.abs(data[k + j] - c) < 40);
        if (data[k + 3] > 60 && near) hits.push([x, y]);
      }
      return hits;
    }""",
        [selector, colour],
    )


def write_film(path, hz=FILM_HZ, seconds=24):
    """A video whose every frame bears its number as black and white blocks."""
    av = pytest.importorskip("av", reason="the extra 'video' (av) is not installed")
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libvpx", rate=hz, options={"cpu-used": "8", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 16 * BITS, 64, "yuv420p"
        for k in range(hz * seconds):
            picture = np.zeros((64, 16 * BITS, 3), dtype=np.uint8)
            for bit in range(BITS):
                picture[:, 16 * bit : 16 * bit + 16] = 255 * (k >> bit & 1)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def write_sound(path, seconds=20):
    """A quiet tone."""
    tone = 800 * np.sin(2 * np.pi * 220 * np.arange(8000 * seconds) / 8000)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(tone.astype("<i2").tobytes())
