"""Markers and commands while recording: from the keyboard, from a program, from LSL.

A command is a word: ``stop``, ``pause``, ``resume``; anything else is a marker.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec

from syntony.live.recorder import Recorder
from syntony.live.sources import Pulled, Source

CONTROL = "syntony control"
KEYS: Mapping[str, str] = {"p": "pause", "r": "resume", "q": "stop"}


def obey(recorder: Recorder, words: str, stop: threading.Event) -> None:
    """Do what a command says; any other words become a marker.

    Parameters
    ----------
    recorder : Recorder
    words : str
        ``pause``, ``resume``, ``stop``, or the text of a marker.
    stop : threading.Event
        Set by ``stop``; whoever runs the recorder waits for it.
    """
    word = words.strip()
    if word == "pause":
        recorder.pause()
    elif word == "resume":
        recorder.resume()
    elif word == "stop":
        recorder.mark("stop")
        stop.set()
    elif word:
        recorder.mark(word)


class Commands:
    """A stream of commands: recorded like any other, and obeyed.

    Wraps a source of words. ``wait_for_start`` holds the recorder until another program, such as
    the one that shows the tasks, sends ``start``.
    """

    def __init__(self, source: Source, do: Callable[[str], object]) -> None:
        self.info, self.xml = source.info, source.xml
        self._source, self._do = source, do

    def pull(self) -> Pulled:
        """What came, after each word was obeyed."""
        stamps, values = self._source.pull()
        for said in values:
            self._do(str(said[0]))
        return stamps, values

    def measure_offset(self) -> tuple[float, float] | None:
        """That of the stream."""
        return self._source.measure_offset()

    def close(self) -> None:
        """Leave the stream."""
        self._source.close()


def wait_for_start(
    source: Source, others: Iterable[Source] = (), *, seconds: float, word: str = "start"
) -> bool:
    """Wait until this word comes; False where the time is over before.

    What ``others`` send meanwhile is let go: it is before the start.
    """
    waiting = [s for s in others if s is not source]
    over, step = threading.Event(), 0.02
    for _ in range(max(1, int(seconds / step))):
        _, values = source.pull()
        for other in waiting:
            other.pull()
        if any(str(said[0]).strip() == word for said in values):
            return True
        over.wait(step)
    return False


class Keyboard:
    """Keys of the terminal while recording: digits are markers, p, r and q are commands.

    Without a terminal it does nothing.
    """

    def __init__(self, do: Callable[[str], object]) -> None:
        self._do, self._stop = do, threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Keyboard:
        if sys.stdin.isatty() and find_spec("termios") is not None:
            self._thread = threading.Thread(target=self._listen, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=1)

    def _listen(self) -> None:
        """Read single keys; the terminal is set back at the end."""
        import select
        import termios
        import tty

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal)
            while not self._stop.is_set():
                ready, _, _ = select.select([terminal], [], [], 0.2)
                if ready:
                    self.press(sys.stdin.read(1))
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)

    def press(self, key: str) -> None:
        """Do what a key stands for; keys without a meaning do nothing."""
        if key in KEYS:
            self._do(KEYS[key])
        elif key.isdecimal():
            self._do(f"key {key}")
