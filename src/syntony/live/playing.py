"""A session sent as LSL streams, as if its people sat here: made ones, or recorded ones again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.events import Events
from syntony.core.session import Session
from syntony.core.signal import Signal
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.live.sources import Computed, Timed
from syntony.live.streams import lsl

SEND_S = 0.02
REHEARSED = "syntony-"
"""Source ids of all that is sent here begin so."""


def sources_of(session: Session, clock: Callable[[], float]) -> tuple[Computed | Timed, ...]:
    """Make a source of every signal and of every kind of beats of a session.

    Streams are called ``<role> <kind>``. Missing samples are sent as NaN. What lies before
    second zero of the session is left out.

    Examples
    --------
    >>> from syntony.simulate.session import StudySetup
    >>> from syntony.simulate.study import make_study
    >>> made = make_study(StudySetup(dyads=1, minutes=1.0, rate_hz=4.0, seed=1)).sessions[0]
    >>> [s.info.name for s in sources_of(made, time.monotonic)]
    ['patient eda', 'therapist eda']
    """
    roles = {p.id: p.role for p in session.people}
    out: list[Computed | Timed] = []
    for signal in session.signals:
        info = _info(session, signal, roles[signal.person], signal.rate_hz)
        whole = signal.between(0.0, signal.stop_s)
        out.append(Computed(info, _lookup(whole.values), clock=clock, count=whole.values.size))
    for events in session.events:
        if events.values is None:
            continue
        keep = events.times_s >= 0
        info = _info(session, events, roles[events.person], 0.0)
        out.append(Timed(info, events.times_s[keep], events.values[keep][:, None], clock))
    return tuple(out)


def _lookup(values: Array) -> Callable[[Ints], Array]:
    return lambda numbers: values[numbers][:, None].astype(np.float32)


def _info(session: Session, value: Signal | Events, role: str, rate_hz: float) -> StreamInfo:
    return StreamInfo(
        name=f"{role} {value.kind}",
        type=value.kind.upper(),
        nominal_rate_hz=rate_hz,
        format="float32",
        source_id=f"{REHEARSED}{session.id}-{value.person}-{value.kind}",
        channels=(ChannelInfo(label=value.kind, unit=value.unit, type=value.kind),),
    )


def play(
    session: Session,
    *,
    seconds: float | None = None,
    stop: threading.Event | None = None,
    on_start: Callable[[tuple[StreamInfo, ...]], object] = lambda infos: None,
) -> int:
    """Send a session over LSL in real time, on the settings that LSL was loaded with.

    Parameters
    ----------
    session : Session
    seconds : float, optional
        How long; without it to the end.
    stop : threading.Event, optional
        Ends it early.
    on_start : callable, optional
        Called when the streams are up.

    Returns
    -------
    int
        Samples sent.
    """
    pylsl, over = lsl(), stop or threading.Event()
    sources = sources_of(session, pylsl.local_clock)
    outlets = [(s, pylsl.StreamOutlet(_handle(pylsl, s.info))) for s in sources]
    on_start(tuple(s.info for s in sources))
    until = None if seconds is None else time.monotonic() + seconds
    sent = 0
    while not over.is_set() and not all(s.is_over for s in sources):
        for source, outlet in outlets:
            stamps, values = source.pull()
            for stamp, row in zip(stamps, values, strict=True):
                outlet.push_sample([float(v) for v in row], float(stamp))
            sent += len(stamps)
        if until is not None and time.monotonic() >= until:
            break
        over.wait(SEND_S)
    return sent


def _handle(pylsl: Any, info: StreamInfo) -> Any:
    """Make the library's own description of a stream."""
    handle = pylsl.StreamInfo(
        info.name,
        info.type,
        info.channel_count,
        info.nominal_rate_hz,
        info.format,
        info.source_id,
    )
    channels = handle.desc().append_child("channels")
    for said in info.channels:
        channel = channels.append_child("channel")
        channel.append_child_value("label", said.label)
        channel.append_child_value("unit", said.unit)
        channel.append_child_value("type", said.type)
    return handle
