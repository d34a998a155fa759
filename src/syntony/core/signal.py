"""Signal: one evenly sampled channel of one person."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from syntony.core.arrays import Array, frozen_array
from syntony.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signal:
    """One evenly sampled channel of one person.

    Attributes
    ----------
    values : ndarray of float64, shape (n_samples,)
        Read-only. NaN marks a missing sample; nothing else does.
    rate_hz : float
        Samples per second.
    start_s : float
        Time of ``values[0]`` in seconds: on the session clock, or on the clock of
        the recording (zero at ``Recording.started_at``) before the clocks are aligned.
    unit : str
        UCUM code: ``"uS"``, ``"mV"``, ``"/min"``, ``"ms"``, ``"1"``.
    kind : str
        What was measured: ``"eda"``, ``"ecg"``, ``"hr"``, ``"resp"``, ...
    person : str
        Who it was measured on.

    Examples
    --------
    >>> s = Signal(values=[1.0, 2.0], rate_hz=4.0, start_s=0.0, unit="uS", kind="eda", person="P01")
    >>> s.stop_s
    0.5
    """

    values: Array
    rate_hz: float
    start_s: float
    unit: str
    kind: str
    person: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen_array("values", self.values))
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise InputError("rate_hz", self.rate_hz, "a finite number above 0 Hz")
        if not np.isfinite(self.start_s):
            raise InputError("start_s", self.start_s, "a finite number of seconds")
        if not self.unit or not self.kind:
            raise InputError("unit, kind", (self.unit, self.kind), "the unit and what was measured")

    @property
    def stop_s(self) -> float:
        """End of the last sample, so that ``stop_s - start_s`` is the duration."""
        return self.start_s + self.values.size / self.rate_hz

    @property
    def times_s(self) -> Array:
        """Time of every sample in seconds, shape (n_samples,)."""
        return self.start_s + np.arange(self.values.size) / self.rate_hz

    @property
    def valid_share(self) -> float:
        """Share of samples that are present, 0 for an empty signal."""
        return float(np.isfinite(self.values).mean()) if self.values.size else 0.0

    def between(self, start_s: float, stop_s: float) -> Signal:
        """Cut to the samples whose times lie in [start_s, stop_s)."""
        first = max(0, int(np.ceil((start_s - self.start_s) * self.rate_hz - 1e-9)))
        last = min(self.values.size, int(np.ceil((stop_s - self.start_s) * self.rate_hz - 1e-9)))
        return replace(
            self,
            values=self.values[first : max(first, last)],
            start_s=self.start_s + first / self.rate_hz,
        )

    def __repr__(self) -> str:
        return (
            f"Signal({self.kind} of {self.person or '?'}, {self.values.size} samples at "
            f"{self.rate_hz:g} Hz from {self.start_s:g} s, {self.unit}, "
            f"{100 * self.valid_share:.1f} % present)"
        )
