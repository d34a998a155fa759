"""The last seconds of a recording as an ordinary Session: what is shown is preliminary."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.session import Clock, Person, Session
from syntony.core.signal import Signal
from syntony.core.units import KINDS, convert
from syntony.io.channels import kind_of
from syntony.io.xdf.even import lay_evenly
from syntony.io.xdf.headers import StreamInfo

_Chunk = tuple[Array, NDArray[np.generic]]


class Window:
    """Keeps the last seconds of every stream with a rate; fed by the recorder.

    Examples
    --------
    >>> info = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=4, format="float32")
    >>> window = Window({"skin": info}, seconds=10)
    >>> window.see("skin", np.arange(200) / 4, np.full((200, 1), 5.0))
    >>> window.session({"patient": ["skin"]}, seconds=5).signals
    (Signal(eda of patient, 20 samples at 4 Hz from 0 s, 1, 100.0 % present),)
    """

    def __init__(self, infos: Mapping[str, StreamInfo], *, seconds: float) -> None:
        self._infos = {
            n: i
            for n, i in infos.items()
            if i.is_beats or (i.nominal_rate_hz > 0 and not i.is_text)
        }
        self._seconds = seconds
        self._lock = threading.Lock()
        self._chunks: dict[str, deque[_Chunk]] = {n: deque() for n in self._infos}
        self._offsets: dict[str, float] = dict.fromkeys(self._infos, 0.0)

    def see(self, name: str, stamps_s: Array, values: object) -> None:
        """Take note of what came."""
        if name not in self._infos or not isinstance(values, np.ndarray):
            return
        with self._lock:
            kept = self._chunks[name]
            kept.append((stamps_s, values))
            while len(kept) > 1 and kept[0][0][-1] < stamps_s[-1] - self._seconds:
                kept.popleft()

    def see_offset(self, name: str, time_s: float, offset_s: float) -> None:
        """Take note of a measured clock offset; the last one counts."""
        if name in self._offsets:
            self._offsets[name] = offset_s

    def session(
        self,
        people: Mapping[str, Sequence[str]],
        *,
        seconds: float,
        id: str = "live",
        units: Mapping[str, str] | None = None,
    ) -> Session:
        """The last ``seconds`` of these people, on one clock that begins with the window.

        Parameters
        ----------
        people : mapping of role to sequence of str
            Whose streams are whose, by the names given to the recorder.
        seconds : float
            At most what is kept.
        id : str
        units : mapping of label to unit, optional
            Where a stream does not say its unit; without it the numbers are arbitrary ("1").

        Raises
        ------
        InputError
            If a stream is not among those recorded, or nothing has come yet.
        """
        unknown = [s for names in people.values() for s in names if s not in self._infos]
        if unknown:
            raise InputError("people", unknown[0], f"one of {sorted(self._infos)}")
        with self._lock:
            taken = {s: list(self._chunks[s]) for names in people.values() for s in names}
        times = {
            s: np.concatenate([t for t, _ in c]) + self._offsets[s] for s, c in taken.items() if c
        }
        if not times:
            raise InputError("people", dict(people), "streams from which something has come")
        stop = max(float(t[-1]) for t in times.values())
        signals: list[Signal] = []
        beats: list[Events] = []
        for role, s in ((role, s) for role, names in people.items() for s in names if s in times):
            chunks = [v for _, v in taken[s]]
            if self._infos[s].is_beats:
                beats += _beats(times[s], chunks, role, stop - seconds)
            else:
                given = self._infos[s], times[s], chunks, role
                signals += _signals(*given, stop - seconds, units or {})
        note = Note(id, "preliminary", f"The last {seconds:g} s while recording; preliminary.")
        clock = Clock(offset_s=0.0, error_s=float("nan"), source="last measured offset")
        return Session(
            id=id,
            people=tuple(Person(id=role, role=role) for role in people),
            signals=tuple(signals),
            events=tuple(beats),
            clocks=dict.fromkeys(people, clock),
            notes=(note,),
        )


def _beats(
    times_s: Array, chunks: Sequence[NDArray[np.generic]], person: str, start_s: float
) -> list[Events]:
    """Beats from ``start_s`` on."""
    values, keep = np.concatenate(chunks)[:, 0].astype(np.float64), times_s > start_s
    order = np.argsort(times_s[keep], kind="stable")
    if not keep.any():
        return []
    at = times_s[keep][order] - start_s
    return [Events(times_s=at, values=values[keep][order], unit="ms", kind="rr", person=person)]


def _signals(
    info: StreamInfo,
    times_s: Array,
    chunks: Sequence[NDArray[np.generic]],
    person: str,
    start_s: float,
    units: Mapping[str, str],
) -> list[Signal]:
    """Channels of a stream from ``start_s`` on."""
    values = np.concatenate(chunks)
    keep = times_s > start_s
    if keep.sum() < 2:
        return []
    even = lay_evenly(times_s[keep], info.nominal_rate_hz)
    if even.back_s or even.too_empty:
        return []
    out = []
    for c in range(info.channel_count):
        said = info.channels[c] if info.channels else None
        label = (said.label if said else "") or info.name
        kind = kind_of(label)
        if kind not in KINDS and info.channel_count == 1:
            kind = kind_of(info.type) if kind_of(info.type) in KINDS else kind
        column = values[keep, c].astype(np.float64)
        column[np.isinf(column)] = np.nan
        unit = units.get(label) or (said.unit if said else "") or "1"
        laid, ours = convert(even.lay(column), unit, kind)
        out.append(
            Signal(
                values=laid,
                rate_hz=even.rate_hz,
                start_s=max(0.0, even.start_s - start_s - 1 / even.rate_hz),
                unit=ours,
                kind=kind,
                person=person,
            )
        )
    return out
