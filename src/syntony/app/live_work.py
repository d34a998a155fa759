"""What processes beside the app do for a recording: look for streams, record, rehearse.

The LSL library is loaded in none but these, and a recording goes on whatever the app does: its
process never waits for the app, and ends the recording in good order when the app is gone.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from syntony.core.errors import MissingPackage, SyntonyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from syntony.core.arrays import Array
    from syntony.live.recorder import Recorder

TELL_S = 1 / 30
STATE_S = 0.5
UNMEASURED_S = 5.0
"""A stream whose clock was not measured by then is shown as it is stamped."""
_KEPT = 4_000  # chunks; where the app does not listen the oldest are not shown


def look(told: Connection, lsl_session: str, wait_s: float, devices: Sequence[str]) -> None:
    """Look for streams and straps, and tell them with the devices that were named."""
    from syntony.live.devices import describe_device, find_straps
    from syntony.live.network import keep_to_this_machine
    from syntony.live.streams import find_streams

    try:
        keep_to_this_machine(session_id=lsl_session)
        named = [replace(describe_device(name), hostname="beside LSL") for name in devices]
        try:
            found = [s.info for s in find_streams(wait_s)]
        except MissingPackage:
            if not named:
                raise
            found = []
        straps = [s for s in find_straps(wait_s) if s.name not in devices]
        told.send(("found", [asdict(info) for info in (*found, *named, *straps)]))
    except SyntonyError as error:
        told.send(("refused", str(error)))


def rehearse(*, on_progress: Callable[[int, int], None], lsl_session: str, seconds: float) -> None:
    """Send two made people as LSL streams; a job."""
    from syntony.live.network import keep_to_this_machine
    from syntony.live.playing import play
    from syntony.pipeline.rehearsal import session_to_play

    keep_to_this_machine(session_id=lsl_session)
    on_progress(0, 0)
    play(session_to_play(minutes=max(2.0, math.ceil(seconds / 60))), seconds=seconds)


def record_beside(
    told: Connection,
    asked: Connection,
    study: Path,
    lsl_session: str,
    arguments: Mapping[str, Any],
) -> None:
    """Record until ``asked`` says stop, or the app is gone; tell how it goes."""
    from syntony.live.network import keep_to_this_machine
    from syntony.pipeline.recording import record

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app's own stop must not cut a recording
    over, teller = threading.Event(), Teller(told)
    try:
        keep_to_this_machine(session_id=lsl_session)
        done = record(
            study,
            stop=over,
            on_start=lambda recorder, do: teller.begin(recorder, do, asked, over),
            on_alarm=lambda alarm: teller.say("alarm", alarm.words),
            on_filing=lambda: teller.say("filing", ""),
            **arguments,
        )
        teller.end("filed", str(done.path.relative_to(study)), [n.text for n in done.notes])
    except SyntonyError as error:
        teller.end("failed", str(error), [])


class Teller:
    """Tells the app what comes, as fast as it listens; what it does not take is not shown."""

    def __init__(self, told: Connection) -> None:
        self._told = told
        self._chunks: deque[tuple[str, Array, Any]] = deque(maxlen=_KEPT)
        self._words: deque[tuple[str, Any]] = deque(maxlen=200)
        self._over = threading.Event()
        self._recorder: Recorder | None = None
        self._lock = threading.Lock()
        self._began_s = 0.0

    def begin(
        self,
        recorder: Recorder,
        do: Callable[[str], object],
        asked: Connection,
        over: threading.Event,
    ) -> None:
        """Begin to tell, and to listen for commands."""
        self._recorder = recorder
        self._began_s = time.monotonic()
        recorder.listen(self._hear)
        self.say("begun", {n: asdict(i) for n, i in recorder.infos.items()})
        threading.Thread(target=self._tell, daemon=True).start()
        threading.Thread(target=_obey, args=(asked, recorder, do, over), daemon=True).start()

    def _hear(self, name: str, stamps: Array, values: Any) -> None:
        """Note samples on the recorder's clock, on which all people are shown."""
        offset = self._recorder.offset_s(name) if self._recorder else math.nan
        if math.isnan(offset):
            if time.monotonic() < self._began_s + UNMEASURED_S:
                return
            offset = 0.0
        self._chunks.append((name, stamps + offset, values))

    def say(self, what: str, words: Any) -> None:
        """Note something to be told."""
        self._words.append((what, words))
        if self._recorder is None:
            self._send()

    def end(self, stage: str, words: str, notes: Sequence[str]) -> None:
        """Tell how it ended."""
        self._over.set()
        self._words.append(("end", {"stage": stage, "words": words, "notes": list(notes)}))
        self._send()

    def _tell(self) -> None:
        due = 0.0
        while not self._over.wait(TELL_S):
            if time.monotonic() >= due and self._recorder is not None:
                due = time.monotonic() + STATE_S
                states = [asdict(s) for s in self._recorder.state()]
                self._words.append(("state", (self._recorder.is_paused, states)))
            self._send()

    def _send(self) -> None:
        """Send what was noted; a closed pipe ends the telling, not the recording."""
        with self._lock:
            try:
                while self._words:
                    self._told.send(self._words.popleft())
                some = [self._chunks.popleft() for _ in range(len(self._chunks))]
                if some:
                    self._told.send(("samples", [(n, t, np.asarray(v)) for n, t, v in some]))
            except (BrokenPipeError, OSError):
                self._over.set()


def _obey(
    asked: Connection, recorder: Recorder, do: Callable[[str], object], over: threading.Event
) -> None:
    """Do what the app says; where it is gone, end the recording in good order.

    The text of a marker is no command, whatever it says.
    """
    while not over.is_set():
        try:
            if asked.poll(0.2):
                what, text = asked.recv()
                if what == "mark":
                    recorder.mark(text)
                else:
                    do(what)
        except (EOFError, OSError):
            over.set()
