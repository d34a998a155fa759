"""What is watched while recording: rate, gaps, flat or saturated channels, contact, clocks.

An alarm begins and ends; nothing in here changes or holds up what is recorded.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.io.channels import kind_of
from syntony.io.xdf.headers import StreamInfo

RATE_SHARE = 0.05
WINDOW_S = 10.0
SILENT_S = 2.0
BEAT_S = 5.0
LATE_S = 2.0
FLAT_S = 5.0
SATURATED_SHARE = 0.2
CONTACT_US = 0.05
OFFSET_JUMP_S = 0.05
GROWTH_PPM = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When an alarm begins; the defaults are stated in ``docs/how/record-a-session``.

    Attributes
    ----------
    rate_share : float
        Share of the nominal rate that the rate of the last 10 s may be off.
    silent_s : float
        Age of the last sample of a stream with a rate.
    beat_s : float
        Age of the last beat of a stream of beats.
    flat_s : float
        How long a channel may show one value.
    saturated_share : float
        Share of the last 10 s at one extreme value.
    contact_us : float
        Skin conductance below which the electrodes are taken to be off.
    offset_jump_s : float
        Change of the clock offset between two measurements.
    growth_ppm : float
        Pace at which the clock offset grows.
    late_s : float
        How long samples may have waited for the recorder: more is an overrun.
    """

    rate_share: float = RATE_SHARE
    silent_s: float = SILENT_S
    beat_s: float = BEAT_S
    flat_s: float = FLAT_S
    saturated_share: float = SATURATED_SHARE
    contact_us: float = CONTACT_US
    offset_jump_s: float = OFFSET_JUMP_S
    growth_ppm: float = GROWTH_PPM
    late_s: float = LATE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something began to be wrong with a stream (``begins``), or ended."""

    time_s: float
    stream: str
    code: str
    text: str
    begins: bool = True

    @property
    def words(self) -> str:
        """As it goes into the file."""
        return f"{'alarm' if self.begins else 'over'} {self.code} {self.stream}: {self.text}"


class Watch:
    """Watches one stream; fed by the recorder, asked once a second.

    Examples
    --------
    >>> info = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=4, format="float32")
    >>> watch = Watch(info)
    >>> for second in range(10):
    ...     watch.see(second + np.arange(4) / 4, np.full((4, 1), 0.01), now_s=second + 1.0)
    >>> [a.code for a in watch.look(10.0)]
    ['flat', 'contact']
    """

    def __init__(
        self, info: StreamInfo, limits: Limits | None = None, began_s: float = 0.0
    ) -> None:
        self.info, self.limits = info, limits or Limits()
        self._began_s, self._last_s = began_s, began_s
        self._last_stamp = math.nan
        self._lock = threading.Lock()
        self._counts: deque[tuple[float, int]] = deque()
        self._values: deque[tuple[float, NDArray[np.generic]]] = deque()
        self._offsets: deque[tuple[float, float]] = deque(maxlen=24)
        self._on: dict[str, str] = {}
        self._gap = self._late = self._jump = ""

    @property
    def active(self) -> tuple[str, ...]:
        """Codes of the alarms that are on."""
        return tuple(self._on)

    @property
    def offset_s(self) -> float:
        """The last measured clock offset; NaN before the first."""
        return self._offsets[-1][1] if self._offsets else math.nan

    @property
    def growth_ppm(self) -> float:
        """How fast the clock offset grows; NaN before it is known."""
        if len(self._offsets) < 3:
            return math.nan
        table = np.array(self._offsets)
        times, offsets = table.T
        if np.ptp(times) < 10.0:
            return math.nan
        return float(np.polyfit(times - times[0], offsets - offsets[0], 1)[0]) * 1e6

    def rate_hz(self, now_s: float) -> float:
        """Samples per second over the last 10 s; NaN before."""
        with self._lock:
            self._forget(now_s)
            came = sum(n for _, n in self._counts)
        seen = min(WINDOW_S, now_s - self._began_s)
        return came / seen if seen >= WINDOW_S / 2 else math.nan

    def age_s(self, now_s: float) -> float:
        """How long ago the last sample came."""
        return now_s - self._last_s

    def see(self, stamps_s: Array, values: object, now_s: float) -> None:
        """Take note of what came."""
        if not stamps_s.size:
            return
        rate = self.info.nominal_rate_hz
        if rate > 0:
            longest = max(5 / rate, 0.1)
            steps = np.diff(stamps_s, prepend=self._last_stamp)
            wide = float(np.nanmax(steps)) if np.isfinite(steps).any() else 0.0
            if wide > longest:
                self._gap = f"{wide:.3g} s between two samples"
            late_s = stamps_s.size / rate
            if late_s > self.limits.late_s:
                self._late = f"{late_s:.0f} s of samples had been waiting"
        self._last_stamp = float(stamps_s[-1])
        self._last_s = now_s
        with self._lock:
            self._counts.append((now_s, stamps_s.size))
            if isinstance(values, np.ndarray):
                self._values.append((now_s, values))

    def see_offset(self, time_s: float, offset_s: float) -> None:
        """Take note of a measured clock offset."""
        if self._offsets and abs(offset_s - self.offset_s) > self.limits.offset_jump_s:
            self._jump = f"the clock offset jumped by {offset_s - self.offset_s:+.3g} s"
            self._offsets.clear()
        self._offsets.append((time_s, offset_s))

    def look(self, now_s: float) -> list[Alarm]:
        """Give the alarms that began or ended since the last look."""
        found = {**self._of_time(now_s), **self._of_values(now_s)}
        changed = [
            Alarm(time_s=now_s, stream=self.info.name, code=code, text=text)
            for code, text in found.items()
            if code not in self._on
        ]
        changed += [
            Alarm(time_s=now_s, stream=self.info.name, code=code, text=text, begins=False)
            for code, text in self._on.items()
            if code not in found
        ]
        self._on = found
        self._gap = self._late = self._jump = ""
        return changed

    def _forget(self, now_s: float) -> None:
        for kept in (self._counts, self._values):
            while kept and kept[0][0] <= now_s - WINDOW_S:
                kept.popleft()

    def _of_time(self, now_s: float) -> dict[str, str]:
        """Alarms of stamps, arrivals and clocks."""
        found = {}
        nominal, lim = self.info.nominal_rate_hz, self.limits
        if nominal > 0:
            rate, age = self.rate_hz(now_s), self.age_s(now_s)
            if age > max(lim.silent_s, 5 / nominal):
                found["silent"] = f"no sample for {age:.1f} s"
            enough = now_s - self._began_s >= WINDOW_S
            if enough and abs(rate - nominal) > max(lim.rate_share * nominal, 2 / WINDOW_S):
                found["rate"] = f"{rate:.4g} Hz instead of {nominal:g} Hz"
        elif self.info.is_beats and self.age_s(now_s) > lim.beat_s:
            found["silent"] = f"no beat for {self.age_s(now_s):.1f} s"
        seen = {"gap": self._gap, "overrun": self._late, "offset": self._jump}
        found |= {code: text for code, text in seen.items() if text}
        if abs(self.growth_ppm) > lim.growth_ppm:
            found["drift"] = f"the clock offset grows by {self.growth_ppm:.0f} ppm"
        return found

    def _of_values(self, now_s: float) -> dict[str, str]:
        """Alarms of what the channels show."""
        with self._lock:
            self._forget(now_s)
            kept = [v for _, v in self._values]
        if not kept or self.info.nominal_rate_hz <= 0:
            return {}
        table = np.concatenate(kept)
        found: dict[str, str] = {}
        recent = max(2, int(self.limits.flat_s * self.info.nominal_rate_hz))
        if len(table) >= recent:
            last = table[-recent:]
            flat = np.flatnonzero(np.all(last == last[0], axis=0))
            if flat.size:
                found["flat"] = f"{self._names(flat)} shows one value for {self.limits.flat_s:g} s"
        stuck = np.flatnonzero(self._at_extreme(table) > self.limits.saturated_share)
        if stuck.size and "flat" not in found:
            found["saturated"] = f"{self._names(stuck)} is at its limit"
        off = self._without_contact(table)
        if off.size:
            found["contact"] = f"{self._names(off)} below {self.limits.contact_us:g} uS: no contact"
        return found

    def _at_extreme(self, table: NDArray[np.generic]) -> Array:
        """Share of samples at the highest or lowest value, per channel, where it repeats."""
        rows: NDArray[np.generic] = table
        if len(rows) < 50:
            return np.zeros(rows.shape[1])
        high, low = (_share_again(rows == end(axis=0)) for end in (rows.max, rows.min))
        moves = np.ptp(rows.astype(np.float64), axis=0) > 0
        few = np.array([np.unique(rows[:, c]).size < 10 for c in range(rows.shape[1])])
        out: Array = np.where(moves & ~few, np.maximum(high, low), 0.0)
        return out

    def _without_contact(self, table: NDArray[np.generic]) -> NDArray[np.int64]:
        """Channels of skin conductance that show none, in the last two seconds."""
        recent = table[-max(1, int(2 * self.info.nominal_rate_hz)) :].astype(np.float64)
        off = []
        for c in range(table.shape[1]):
            said = self.info.channels[c] if self.info.channels else None
            kinds = {kind_of(said.label), kind_of(said.type)} if said else set()
            if "eda" in kinds | {kind_of(self.info.type), kind_of(self.info.name)}:
                scale = 1e-3 if said and said.unit in ("nS", "nanosiemens") else 1.0
                if np.median(recent[:, c]) * scale < self.limits.contact_us:
                    off.append(c)
        return np.array(off, dtype=np.int64)

    def _names(self, channels: NDArray[np.int64]) -> str:
        """Name a few channels."""
        said = self.info.channels
        names = [
            said[c].label or f"channel {c + 1}" if said else f"channel {c + 1}" for c in channels
        ]
        return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _share_again(there: NDArray[np.bool_]) -> Array:
    """Share of rows, per channel, where it comes in two stretches or more."""
    begins = there[0] + np.sum(there[1:] & ~there[:-1], axis=0)
    out: Array = np.where(begins > 1, there.mean(axis=0), 0.0)
    return out
