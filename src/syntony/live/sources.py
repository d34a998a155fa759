"""Where samples come from while recording: one small interface for every device."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Ints
from syntony.io.xdf.headers import StreamInfo

Values = NDArray[np.generic] | list[tuple[str, ...]]
Pulled = tuple[Array, Values]


class Source(Protocol):
    """A device, or a program, that sends samples.

    Stamps are on the sender's own clock, as it made them: nothing is smoothed or corrected.
    """

    @property
    def info(self) -> StreamInfo:
        """What it sends."""

    @property
    def xml(self) -> str:
        """Its description as it gave it; empty where it gave none."""

    def pull(self) -> Pulled:
        """Everything that came since the last call; never waits."""

    def measure_offset(self) -> tuple[float, float] | None:
        """Measure now: time on the sender's clock, and what to add to get ours. May wait."""

    def close(self) -> None:
        """Let go of the device."""


class Computed:
    """A source that computes its samples: for rehearsals, benchmarks and made people.

    Parameters
    ----------
    info : StreamInfo
    values : callable
        Takes sample numbers, gives values of shape (n, n_channels).
    clock : callable
        The recorder's clock.
    away_s, drift_ppm : float
        The clock of this source shows ``(t - away_s) / (1 + drift_ppm * 1e-6)`` when the
        recorder's shows t.

    Examples
    --------
    >>> eda = StreamInfo(name="A", type="EDA", nominal_rate_hz=10, format="float32")
    >>> now = iter([0.0, 0.35])
    >>> source = Computed(eda, lambda n: n[:, None] * 1.0, clock=lambda: next(now))
    >>> source.pull()[0]
    array([0. , 0.1, 0.2, 0.3])
    """

    xml = ""

    def __init__(
        self,
        info: StreamInfo,
        values: Callable[[Ints], NDArray[np.generic]],
        *,
        clock: Callable[[], float] = time.monotonic,
        away_s: float = 0.0,
        drift_ppm: float = 0.0,
        count: int | None = None,
    ) -> None:
        self.info = info
        self._values, self._clock = values, clock
        self._away, self._pace = away_s, 1 + drift_ppm * 1e-6
        self._start = clock()
        self._sent, self._count = 0, count

    def pull(self) -> Pulled:
        """Every sample that is due by now."""
        rate = self.info.nominal_rate_hz
        due = int((self._clock() - self._start) * rate + 1e-9) + 1
        if self._count is not None:
            due = min(due, self._count)
        numbers = np.arange(self._sent, max(due, self._sent))
        self._sent += numbers.size
        return self._own(self._start + numbers / rate), self._values(numbers)

    @property
    def is_over(self) -> bool:
        """Whether everything was sent."""
        return self._count is not None and self._sent >= self._count

    def measure_offset(self) -> tuple[float, float]:
        """Exactly what it is."""
        now = self._clock()
        own = float(self._own(np.array([now]))[0])
        return own, now - own

    def close(self) -> None:
        """Nothing to let go of."""

    def _own(self, times_s: Array) -> Array:
        out: Array = (times_s - self._away) / self._pace
        return out


class Queued:
    """A source that is handed its samples by a callback: markers, straps, buttons.

    Stamps are on the recorder's clock. Any thread may put.
    """

    xml = ""

    def __init__(self, info: StreamInfo, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.info = info
        self.clock = clock
        self._waiting: deque[tuple[float, tuple[object, ...]]] = deque()

    def put(self, values: Sequence[object], at_s: float | None = None) -> None:
        """Take one sample, stamped now unless told."""
        self._waiting.append((self.clock() if at_s is None else at_s, tuple(values)))

    def pull(self) -> Pulled:
        """Everything that was put since the last call."""
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        stamps = np.array([t for t, _ in taken], dtype=np.float64)
        if self.info.is_text:
            return stamps, [tuple(str(w) for w in words) for _, words in taken]
        shape = (len(taken), self.info.channel_count)
        return stamps, np.array([v for _, v in taken], dtype=self.info.dtype).reshape(shape)

    def measure_offset(self) -> tuple[float, float]:
        """No offset: it is stamped by the recorder."""
        return self.clock(), 0.0

    def close(self) -> None:
        """Nothing to let go of."""


class Timed:
    """A source of single moments, such as beats: each is sent when its time has come.

    Examples
    --------
    >>> rr = StreamInfo(name="rr", type="RR", nominal_rate_hz=0, format="float32")
    >>> now = iter([10.0, 11.0])
    >>> Timed(rr, np.array([0.8, 1.7]), np.array([[800.0], [900.0]]), lambda: next(now)).pull()[0]
    array([10.8])
    """

    xml = ""

    def __init__(
        self, info: StreamInfo, times_s: Array, values: Array, clock: Callable[[], float]
    ) -> None:
        self.info = info
        self._values, self._clock = values.astype(info.dtype), clock
        self._times = times_s + clock()
        self._sent = 0

    def pull(self) -> Pulled:
        """Every moment that is past and was not sent."""
        due = int(np.searchsorted(self._times, self._clock(), side="right"))
        span = slice(self._sent, max(due, self._sent))
        self._sent = span.stop
        return self._times[span], self._values[span]

    @property
    def is_over(self) -> bool:
        """Whether everything was sent."""
        return self._sent >= self._times.size

    def measure_offset(self) -> tuple[float, float]:
        """No offset."""
        return self._clock(), 0.0

    def close(self) -> None:
        """Nothing to let go of."""
