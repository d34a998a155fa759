"""What every method asks of its two signals and of its windows."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError

_EDGE = 1e-9  # samples: what rounding of seconds times hertz may leave over


def check_pair(x: Array, y: Array, rate_hz: float) -> None:
    """Refuse what is not two finite-or-NaN signals of one length at a positive rate."""
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError(
            "y", y.shape, f"one row of numbers, the shape of x, {x.shape}", "Align the signals."
        )
    if not (math.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    for name, values in (("x", x), ("y", y)):
        if np.isinf(values).any():
            raise InputError(name, "inf", "finite numbers or NaN", "Mark saturated samples as NaN.")


def check_choice(field: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuse a word that is not one of the choices."""
    if value not in choices:
        raise InputError(field, value, f"one of {list(choices)}")


def check_number(field: str, value: float, low: float, high: float, expected: str) -> None:
    """Refuse a number outside [low, high], NaN included."""
    if not (isinstance(value, int | float) and low <= value <= high):
        raise InputError(field, value, expected)


def check_seconds(**durations_s: float) -> None:
    """Refuse durations that are not finite numbers of seconds, 0 or more."""
    for field, value_s in durations_s.items():
        if not (isinstance(value_s, int | float) and math.isfinite(value_s) and value_s >= 0):
            raise InputError(field, value_s, "a finite number of seconds, 0 or more")


def in_samples(field: str, value_s: float, rate_hz: float, at_least: int) -> int:
    """Nearest whole number of samples of a duration, refused where that is too few."""
    count = math.floor(value_s * rate_hz + 0.5 + _EDGE)
    if count < at_least:
        raise InputError(
            field,
            value_s,
            f"at least {at_least / rate_hz:g} s ({at_least} samples) at {rate_hz:g} Hz",
        )
    return count


def whole_steps(value_s: float, rate_hz: float) -> int:
    """How many samples lie inside a duration, for lags that must not exceed it."""
    return math.floor(value_s * rate_hz + _EDGE)


def window_starts(n_samples: int, window: int, step: float) -> Ints:
    """First sample of every whole window, ``step`` samples apart; ``step`` may be fractional.

    Each start is rounded to the nearest sample by itself, so that no drift adds up.

    Examples
    --------
    >>> window_starts(12, 4, 2.5)
    array([0, 3, 5, 8])
    """
    count = max(0, math.floor((n_samples - window) / step + _EDGE) + 2)
    starts = np.floor(np.arange(count) * step + 0.5 + _EDGE).astype(np.int64)
    inside: Ints = starts[starts + window <= n_samples]
    return inside


def least_pairs(min_coverage: float, window: int) -> int:
    """Complete pairs that a window needs; never fewer than three."""
    return max(3, math.ceil(min_coverage * window - _EDGE))


def fixed(values: Array) -> Array:
    """Mark an array that nobody else holds, and the memory it shows, as read-only."""
    if isinstance(values.base, np.ndarray):
        values.base.flags.writeable = False
    values.flags.writeable = False
    return values
