"""Events: moments of one person, unevenly spaced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, frozen_array
from syntony.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Events:
    """Moments of one person, such as heart beats or skin conductance responses.

    Attributes
    ----------
    times_s : ndarray of float64, shape (n_events,)
        Ascending, in seconds, on the same clock as the signals beside it. No NaN.
    values : ndarray of float64, shape (n_events,), or None
        One number per event in ``unit`` (for beats: the interval that *ends* at the
        beat, in ms; NaN where there is none).
    unit : str
        UCUM code of ``values``; ``""`` where there are none.
    kind : str
        ``"rr"`` (beats with their intervals), ``"scr"``, ``"marker"``, ...
    person : str
        Who it belongs to.

    Examples
    --------
    >>> Events(times_s=[0.8, 1.6], values=[800, 800], unit="ms", kind="rr", person="P01")
    Events(rr of P01, 2 from 0.8 to 1.6 s)
    """

    times_s: Array
    values: Array | None = None
    unit: str = ""
    kind: str
    person: str

    def __post_init__(self) -> None:
        times = frozen_array("times_s", self.times_s)
        if np.isnan(times).any():
            raise InputError("times_s", "NaN", "a time for every event", "Drop events untimed.")
        if np.any(np.diff(times) < 0):
            at = int(np.argmax(np.diff(times) < 0)) + 1
            raise InputError("times_s", f"event {at} before event {at - 1}", "ascending times")
        object.__setattr__(self, "times_s", times)
        if self.values is not None:
            values = frozen_array("values", self.values)
            if values.shape != times.shape:
                raise InputError("values", values.shape, f"one per event, {times.shape}")
            if not self.unit:
                raise InputError("unit", self.unit, "the unit of the values")
            object.__setattr__(self, "values", values)

    def __repr__(self) -> str:
        span = f" from {self.times_s[0]:g} to {self.times_s[-1]:g} s" if self.times_s.size else ""
        return f"Events({self.kind} of {self.person or '?'}, {self.times_s.size}{span})"
