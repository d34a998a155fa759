"""What is drawn while recording: least and most of every thirtieth of a second."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from syntony.app import schema_live as schema
from syntony.core.arrays import Array
from syntony.io.channels import kind_of
from syntony.io.xdf.headers import StreamInfo

BIN_S = 1 / 30
KEPT_S = 120.0
MOST_LANES = 16
Bin = tuple[int, float | None, float | None]


@dataclass
class _Lane:
    shape: schema.LiveLane
    channel: int
    bins: deque[tuple[int, Bin]] = field(
        default_factory=lambda: deque(maxlen=round(KEPT_S / BIN_S))
    )


class Lanes:
    """Channels of everybody, as bins on one clock that begins with the first sample.

    Examples
    --------
    >>> info = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=4, format="float32")
    >>> lanes = Lanes({"patient: Skin": info})
    >>> lanes.see("patient: Skin", np.array([10.0, 10.25]), np.array([[1.0], [3.0]]))
    >>> lanes.since(0)
    (2, {0: [(0, 1.0, 1.0), (7, 3.0, 3.0)]})
    """

    def __init__(self, infos: Mapping[str, StreamInfo]) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, list[_Lane]] = {}
        self._zero_s: float | None = None
        self._told = 0
        self.now_s = 0.0
        number = 0
        for name, info in infos.items():
            if info.is_text or info.nominal_rate_hz <= 0:
                continue
            self._of[name] = []
            for channel in range(min(info.channel_count, MOST_LANES - number)):
                self._of[name].append(_Lane(_shape(number, name, info, channel), channel))
                number += 1

    @property
    def shapes(self) -> list[schema.LiveLane]:
        """What there is to draw."""
        return [lane.shape for lanes in self._of.values() for lane in lanes]

    def see(self, name: str, stamps_s: Array, values: Any) -> None:
        """Take in a chunk of a stream."""
        if name not in self._of or not len(stamps_s):
            return
        with self._lock:
            if self._zero_s is None:
                self._zero_s = float(stamps_s[0])
            times = np.asarray(stamps_s, dtype=np.float64) - self._zero_s
            self.now_s = max(self.now_s, float(times[-1]))
            numbers = np.floor(times / BIN_S + 1e-9).astype(np.int64)
            firsts = np.concatenate([[0], np.flatnonzero(np.diff(numbers)) + 1])
            for lane in self._of[name]:
                column = np.asarray(values)[:, lane.channel].astype(np.float64)
                column[np.isinf(column)] = np.nan
                low, high = np.fmin.reduceat(column, firsts), np.fmax.reduceat(column, firsts)
                for k, a, b in zip(numbers[firsts].tolist(), low, high, strict=True):
                    self._told += 1
                    lane.bins.append((self._told, (k, _plain(a), _plain(b))))

    def since(self, seen: int) -> tuple[int, dict[int, list[Bin]]]:
        """Bins that came after number ``seen``, by lane, and the number of the last one."""
        with self._lock:
            new: dict[int, list[Bin]] = {}
            for lanes in self._of.values():
                for lane in lanes:
                    some: list[Bin] = []
                    for number, one in reversed(lane.bins):
                        if number <= seen:
                            break
                        some.append(one)
                    if some:
                        new[lane.shape.number] = some[::-1]
            return self._told, new


def _plain(value: float) -> float | None:
    """A number with the digits of a picture; None for what is missing."""
    return float(f"{value:.6g}") if value == value else None


def _shape(number: int, name: str, info: StreamInfo, channel: int) -> schema.LiveLane:
    said = info.channels[channel] if info.channels else None
    label = (said.label if said else "") or info.name
    return schema.LiveLane(
        number=number,
        role=name.split(": ", 1)[0],
        stream=name,
        label=label,
        unit=(said.unit if said else "") or "1",
        kind=kind_of(label),
    )
