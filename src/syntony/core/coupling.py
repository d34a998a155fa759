"""Coupling: how strongly two people moved together, when, and at which lag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from syntony.core.arrays import Array, frozen_array
from syntony.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coupling:
    """A measure of two signals, laid out over time, lag or frequency.

    Attributes
    ----------
    values : ndarray of float64, shape by ``dims``
        NaN where too little was there to say anything.
    dims : tuple of str
        From ``"time"``, ``"lag"``, ``"frequency"``.
    coords : mapping of str to ndarray
        Seconds, seconds, hertz. ``time`` is the centre of the first person's window,
        in seconds from the first sample. Positive ``lag``: the second follows the first.
    coverage : ndarray of float64, shape of ``values`` or None
        Jointly valid samples / samples of the window, 0 to 1.
    reach_s : (float, float)
        Seconds from a ``time`` back to the first and on to the end of the last sample used.
    method : str
    options : mapping
        Every option with the value used.
    parts : mapping of str to ndarray
        Further arrays of the method's own, of any shape, such as ``phase_rad`` beside a
        coherence or ``lag_s`` beside a peak; its documentation says what they are. Read-only.
    """

    values: Array
    dims: tuple[str, ...]
    coords: Mapping[str, Array]
    coverage: Array | None = None
    reach_s: tuple[float, float] = (0.0, 0.0)
    method: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = frozen_array("values", self.values, None)
        want = tuple(len(self.coords[d]) for d in self.dims)
        if values.shape != want:
            raise InputError("values", values.shape, f"the shape of the coordinates, {want}")
        object.__setattr__(self, "values", values)
        if self.coverage is not None:
            coverage = frozen_array("coverage", self.coverage, None)
            if coverage.shape != values.shape:
                raise InputError("coverage", coverage.shape, f"the shape of values, {values.shape}")
            object.__setattr__(self, "coverage", coverage)
        if self.parts:
            kept = {name: frozen_array(name, part, None) for name, part in self.parts.items()}
            object.__setattr__(self, "parts", kept)

    def over_time(self) -> Array | None:
        """One value per ``time``: at lag 0, and averaged over frequencies; None without time.

        A time at which no frequency has a value is NaN.
        """
        return _over_time(self, self.values)

    def coverage_over_time(self) -> Array | None:
        """Coverage laid out as :meth:`over_time`; None where none is told."""
        return None if self.coverage is None else _over_time(self, self.coverage)

    def at_lag(self, lag_s: float) -> Array:
        """Values over time at the lag nearest to ``lag_s``."""
        lags = self.coords["lag"]
        taken: Array = np.take(
            self.values, int(np.argmin(np.abs(lags - lag_s))), axis=self.dims.index("lag")
        )
        return taken

    def to_frame(self) -> pd.DataFrame:
        """Long table: one row per cell, one column per dimension, ``value``, ``coverage``."""
        import pandas as pd

        mesh = np.meshgrid(*[self.coords[d] for d in self.dims], indexing="ij")
        table = {d: m.ravel() for d, m in zip(self.dims, mesh, strict=True)}
        table["value"] = self.values.ravel()
        if self.coverage is not None:
            table["coverage"] = self.coverage.ravel()
        return pd.DataFrame(table)


def _over_time(coupling: Coupling, values: Array) -> Array | None:
    """Values over time: lag 0, mean over the frequencies that have a value."""
    if "time" not in coupling.dims:
        return None
    dims = list(coupling.dims)
    if "lag" in dims:
        place = int(np.argmin(np.abs(coupling.coords["lag"])))
        values = np.take(values, place, axis=dims.index("lag"))
        dims.remove("lag")
    if "frequency" in dims:
        axis = dims.index("frequency")
        there = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            values = np.where(there, values, 0.0).sum(axis=axis) / there.sum(axis=axis)
    return values
