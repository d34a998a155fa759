"""Recording: what one source held, before it joins a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syntony.core.events import Events
from syntony.core.notes import Note
from syntony.core.signal import Signal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """What one file or folder held, on its own clock.

    Attributes
    ----------
    signals, events : tuple
        Their times count from ``started_at``.
    started_at : datetime or None
        Absolute time of second zero, as the source states it; None where the source
        has no clock. Naive where the source does not say its zone.
    started_at_error_s : float
        Half the resolution of that stamp in seconds (0.5 for a stamp in whole seconds);
        NaN where ``started_at`` is None.
    clock : str
        Whose clock it is: sources with the same name share one.
    clock_error_s : float
        How far the times may be off that clock, in seconds: what is left where a device's own
        clock had to be laid onto it. NaN where nobody knows.
    notes : tuple of Note
        Oddities that the reader met.
    """

    signals: tuple[Signal, ...] = ()
    events: tuple[Events, ...] = ()
    started_at: datetime | None = None
    started_at_error_s: float = float("nan")
    clock: str = ""
    clock_error_s: float = 0.0
    notes: tuple[Note, ...] = ()
