"""What every method for several people asks of its signals and of its windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.synchrony._inputs import fixed, in_samples, least_pairs, window_starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Where windows lie for signals of one length: what all draws share."""

    starts: Ints
    length: int
    least: int
    times_s: Array
    reach_s: tuple[float, float]


def check_people(signals: Array, rate_hz: float) -> None:
    """Refuse what is not at least two finite-or-NaN signals of one length at a positive rate."""
    if signals.ndim != 2 or signals.shape[0] < 2:
        raise InputError(
            "signals",
            signals.shape,
            "shape (n_people, n_samples) with at least two people",
            "Put one person in each row.",
        )
    if not (math.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    if np.isinf(signals).any():
        raise InputError("signals", "inf", "finite numbers or NaN", "Mark saturated as NaN.")


@lru_cache(maxsize=16)
def lay_windows(
    n_samples: int, rate_hz: float, window_s: float, step_s: float, min_coverage: float
) -> Windows:
    """Lay windows out, or say why that cannot be done."""
    length = in_samples("window_s", window_s, rate_hz, 3)
    in_samples("step_s", step_s, rate_hz, 1)
    starts = window_starts(n_samples, length, step_s * rate_hz)
    if not starts.size:
        longest = f"at most {n_samples / rate_hz:g} s, the length of the signals"
        raise InputError("window_s", window_s, longest)
    half_s = length / 2 / rate_hz
    return Windows(
        starts=starts,
        length=length,
        least=least_pairs(min_coverage, length),
        times_s=fixed(np.asarray((starts + length / 2) / rate_hz, dtype=np.float64)),
        reach_s=(half_s, half_s),
    )


def without_the_still(signals: Array) -> Array:
    """The signals, with those that never change made missing: they say nothing of anybody.

    Examples
    --------
    >>> without_the_still(np.array([[1.0, 2.0], [3.0, 3.0]])).tolist()
    [[1.0, 2.0], [nan, nan]]
    """
    there = np.isfinite(signals)
    low = np.where(there, signals, np.inf).min(axis=1)
    high = np.where(there, signals, -np.inf).max(axis=1)
    moves: Array = np.where((high > low)[:, None], signals, np.nan)
    return moves
