"""The recorder: every sample goes to the disk as it comes; everything else waits for it.

One thread pulls and writes. Others measure clock offsets, look for alarms and wait for the disk;
they may take their time. Whoever wants to look asks for ``state``; nothing here waits for a screen.
A device that fails is told as an alarm and asked again; it holds up no other.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.io.xdf.headers import StreamInfo
from syntony.io.xdf.write import SYNC_S, XdfWriter
from syntony.live.alarms import Alarm, Limits, Watch
from syntony.live.sources import Queued, Source
from syntony.live.window import Window

PULL_S = 0.02
OFFSET_S = 5.0
LOOK_S = 1.0
HANG_S = 5.0
LOW_BYTES = 1_000_000_000
MANY = 4096  # samples at once: there may be more waiting
OWN = ("syntony markers", "syntony alarms")

Listener = Callable[[str, Array, Any], object]
"""Gets the name of a stream, its raw time stamps and its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """How a stream is doing: for a screen."""

    name: str
    samples: int
    nominal_rate_hz: float
    rate_hz: float
    age_s: float
    offset_s: float
    growth_ppm: float
    alarms: tuple[str, ...]


class Recorder:
    """Records sources into one XDF file, from ``start`` to ``stop``.

    Two streams of its own go with them: ``syntony markers`` (what ``mark`` was given, pauses)
    and ``syntony alarms``.

    Parameters
    ----------
    path : path
        A file that is not there yet.
    sources : mapping of str to Source
        By a name of the caller's.
    on_alarm : callable, optional
        Called with every alarm, from the recorder's own thread; what it raises is noted in the
        file and changes nothing.
    clock : callable
        The recorder's clock in seconds, the same that the offsets lead to.
    window_s : float
        How much is kept for ``window``.

    Examples
    --------
    >>> import tempfile
    >>> from syntony.live.sources import Computed
    >>> eda = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=100, format="float32")
    >>> made = Computed(eda, lambda n: 5 + n[:, None] % 7)
    >>> path = Path(tempfile.mkdtemp()) / "a.xdf"
    >>> with Recorder(path, {"patient": made}) as recorder:
    ...     recorder.mark("begin")
    >>> path.exists()
    True
    """

    def __init__(
        self,
        path: Path | str,
        sources: Mapping[str, Source],
        *,
        on_alarm: Callable[[Alarm], object] = lambda alarm: None,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
        window_s: float = 60.0,
    ) -> None:
        if not sources:
            raise InputError("sources", {}, "at least one source")
        self.path = Path(path)
        self._clock, self._on_alarm = clock, on_alarm
        self._markers, self._alarms = (
            Queued(
                StreamInfo(name=n, type="Markers", nominal_rate_hz=0.0, format="string"),
                clock=clock,
            )
            for n in OWN
        )
        self._sources: dict[str, Source] = {
            **sources, OWN[0]: self._markers, OWN[1]: self._alarms
        }  # fmt: skip
        self._writer = XdfWriter(self.path, clock=clock, syncs=False)
        self._troubles: set[str] = set()
        self._told: deque[Alarm] = deque()
        self._low = False
        self._numbers = {
            name: self._writer.add_stream(s.info, xml=s.xml) for name, s in self._sources.items()
        }
        now = clock()
        self._watches = {n: Watch(s.info, limits, began_s=now) for n, s in sources.items()}
        self.window = Window({n: s.info for n, s in sources.items()}, seconds=window_s)
        self._stop, self._paused = threading.Event(), threading.Event()
        self.dropped_while_paused = 0
        self._error: FileError | None = None
        self._listeners: list[Listener] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; samples that came before are in the sources' buffers and are written too."""
        loops = self._pull_loop, self._offset_loop, self._look_loop, self._sync_loop
        for work in loops:
            thread = threading.Thread(target=work, name=f"syntony {work.__name__}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End, take what has come until now, and close the file.

        Raises
        ------
        FileError
            If writing had to stop, such as on a full disk.
        """
        self._stop.set()
        writing = {"syntony _pull_loop", "syntony _sync_loop"}
        for thread in self._threads:  # a device or a listener that hangs is not waited for
            thread.join(None if thread.name in writing else HANG_S)
        try:
            if self._error is None:
                if not any(t.is_alive() for t in self._threads):
                    self._measure_offsets()
                while self._pull_all() >= MANY:
                    continue
        finally:
            for source in self._sources.values():
                source.close()
            self._writer.close()
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Recorder:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def error(self) -> FileError | None:
        """Why nothing is written any more, where that is so."""
        return self._error

    @property
    def infos(self) -> Mapping[str, StreamInfo]:
        """What is recorded, by the names that the caller gave; without the recorder's own."""
        return {name: watch.info for name, watch in self._watches.items()}

    @property
    def is_paused(self) -> bool:
        """Whether samples are dropped for the moment."""
        return self._paused.is_set()

    def mark(self, text: str) -> None:
        """Put a marker into the file, stamped now."""
        self._markers.put((text,))

    def listen(self, listener: Listener) -> None:
        """Let somebody see every chunk after it was handed to the disk; it must not wait.

        One that raises is not called again, and the file says so.
        """
        self._listeners.append(listener)

    def pause(self) -> None:
        """Keep nothing but words, until ``resume``: somebody asked not to be recorded."""
        if not self._paused.is_set():
            self.mark("pause")
            self._paused.set()

    def resume(self) -> None:
        """Go on; the gap stays open in the file."""
        if self._paused.is_set():
            self._paused.clear()
            self.mark("resume")

    def state(self) -> tuple[StreamState, ...]:
        """How every stream is doing."""
        now, counts = self._clock(), self._writer.counts
        return tuple(
            StreamState(
                name=name,
                samples=counts[self._numbers[name]],
                nominal_rate_hz=watch.info.nominal_rate_hz,
                rate_hz=watch.rate_hz(now),
                age_s=watch.age_s(now),
                offset_s=watch.offset_s,
                growth_ppm=watch.growth_ppm,
                alarms=watch.active,
            )
            for name, watch in list(self._watches.items())
        )

    def offset_s(self, name: str) -> float:
        """What must be added to a stream's stamps to come to the recorder's clock; NaN before."""
        return self._watches[name].offset_s

    def _pull_loop(self) -> None:
        """Pull and write, fifty times a second."""
        try:
            while not self._stop.is_set():
                begin = time.monotonic()
                self._pull_all()
                self._stop.wait(max(0.0, PULL_S - (time.monotonic() - begin)))
        except FileError as error:
            self._error = error
            self._stop.set()

    def _pull_all(self) -> int:
        """Pull every source once; the most that came from one."""
        most = 0
        for name, source in self._sources.items():
            try:
                most = max(most, self._pull_one(name, source))
            except FileError:
                raise
            except Exception as error:  # one device's fault must not end the others' recording
                self._tell_trouble(name, error)
        self._writer.tend()
        return most

    def _pull_one(self, name: str, source: Source) -> int:
        """Write first; whoever watches comes after."""
        stamps, values = source.pull()
        if not stamps.size:
            return 0
        watch = self._watches.get(name)
        if self._paused.is_set() and not source.info.is_text:
            self.dropped_while_paused += stamps.size
            self._watches[name].see(stamps, values, self._clock())
            return int(stamps.size)
        self._writer.write(self._numbers[name], stamps, values)
        if watch is not None:
            watch.see(stamps, values, self._clock())
            self.window.see(name, stamps, values)
            self._let_hear(name, stamps, values)
        return int(stamps.size)

    def _tell_trouble(self, name: str, error: Exception) -> None:
        """Tell every fault of a device once."""
        said = f"{name}: {error!r}"
        if said not in self._troubles:
            self._troubles.add(said)
            self._tell(Alarm(time_s=self._clock(), stream=name, code="failed", text=repr(error)))

    def _let_hear(self, name: str, stamps: Array, values: Any) -> None:
        """Tell those who listen."""
        for listener in list(self._listeners):
            try:
                listener(name, stamps, values)
            except Exception as error:  # a listener's fault must not end a recording
                self._listeners.remove(listener)
                self._alarms.put((f"the listener failed: {error!r}",), self._clock())

    def _offset_loop(self) -> None:
        """Measure the clocks every five seconds; a stream that does not answer holds up none."""
        try:
            while not self._stop.is_set():
                self._measure_offsets()
                self._stop.wait(OFFSET_S)
        except FileError as error:
            self._error = self._error or error
            self._stop.set()

    def _measure_offsets(self) -> None:
        for name, source in self._sources.items():
            try:
                measured = source.measure_offset()
            except Exception as error:  # as above: the others go on
                self._tell_trouble(name, error)
                continue
            if measured is not None and not self._writer.is_closed:
                self._writer.write_offset(self._numbers[name], *measured)
                if name in self._watches:
                    self._watches[name].see_offset(*measured)
                    self.window.see_offset(name, *measured)

    def _look_loop(self) -> None:
        """Ask for alarms once a second."""
        while not self._stop.wait(LOOK_S):
            self._look(self._clock())

    def _look(self, now_s: float) -> None:
        """Ask every watch; alarms go into the file, then to whoever listens."""
        for watch in self._watches.values():
            for alarm in watch.look(now_s):
                self._tell(alarm)
        self._look_at_disk(now_s)
        while self._told:
            alarm = self._told.popleft()
            try:
                self._on_alarm(alarm)
            except Exception as error:  # a listener's fault must not end a recording
                self._alarms.put((f"the listener failed: {error!r}",), alarm.time_s)

    def _look_at_disk(self, now_s: float) -> None:
        """Tell once that room is getting short, while there still is some."""
        free = self._writer.free_bytes
        if (free < LOW_BYTES) != self._low:
            self._low = free < LOW_BYTES
            text = f"{free / 1e6:,.0f} MB are left"
            said = Alarm(time_s=now_s, stream="disk", code="disk", text=text, begins=self._low)
            self._tell(said)

    def _tell(self, alarm: Alarm) -> None:
        """Put an alarm into the file; the listener hears of it from the look thread."""
        self._alarms.put((alarm.words,), alarm.time_s)
        self._told.append(alarm)

    def _sync_loop(self) -> None:
        """Wait for the disk once a second."""
        try:
            while not self._stop.wait(SYNC_S):
                self._writer.sync()
        except FileError as error:
            self._error = self._error or error
            self._stop.set()
