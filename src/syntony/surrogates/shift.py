"""Shifts: the second person's own signal, moved in time."""

from __future__ import annotations

from math import ceil

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.surrogates.memory import memory_s
from syntony.surrogates.registry import surrogate

LEAST_GUARD_S = 60.0
LEAST_THIRD_S = 60.0
SHARE_OF_THIRD = 0.25
MEMORIES = 5.0


@surrogate(
    name="circular_shift",
    title="Circular time shift",
    keeps="everything inside each person's signal except one seam: its values, its rhythm "
    "and its course",
    destroys="which moment of one person meets which moment of the other, over the whole session",
    question="Do these two move together more at the true times than when one of them is moved "
    "by a minute or more?",
    pitfall="It takes for granted that a session is alike throughout. Where both people settle at "
    "the start and rise at the end it mistakes that shared course for synchrony: 24 % of 600 "
    "simulated pairs of strangers at .05 (30 minutes of skin conductance, mean lagged "
    "correlation of levels; beside people who never met 4 %). Use the shift within thirds, and "
    "people who never met. The guard should also be at least five times as long as the signal "
    "remembers itself, as guard_s = 'memory' sets it; a signal with a course then often asks for "
    "a longer session.",
    cites=("Moulder2018",),
)
def circular_shift(
    y: Array, rng: np.random.Generator, *, rate_hz: float, guard_s: float | str = LEAST_GUARD_S
) -> Array:
    """Roll a signal by a random offset, never less than the guard either way.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        The second person's signal. NaN is carried along with the rest.
    rng : numpy.random.Generator
        From :func:`syntony.core.seeds.rng_for`, so that the draw does not hang on the order.
    rate_hz : float
        Samples per second.
    guard_s : float or "memory", default 60
        Smallest offset in seconds, forwards and backwards; at least 60. ``"memory"`` takes five
        times the first lag at which the autocorrelation of ``y`` falls under 1/e
        (:func:`syntony.surrogates.memory.memory_s`, missing samples left out), and 60 s where
        that is shorter.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        ``y[t - k]`` at ``t``, wrapped round the end. The offset ``k`` is a whole number of
        samples, every one from ``guard_s`` to ``duration - guard_s`` equally likely.

    Raises
    ------
    InputError
        If the guard is under 60 s, or the signal is shorter than three guards; with ``"memory"``
        also if the signal does not vary or has less than 60 s of valid samples.

    References
    ----------
    .. [1] Moulder, Boker, Ramseyer & Tschacher (2018), Psychological Methods 23(4), 757-773.
       https://doi.org/10.1037/met0000172

    Examples
    --------
    >>> import numpy as np
    >>> y = np.arange(200.0)
    >>> shifted = circular_shift(y, np.random.default_rng(1), rate_hz=1.0)
    >>> bool(60 <= shifted[0] <= 140), bool((np.sort(shifted) == y).all())
    (True, True)
    """
    if guard_s == "memory":
        guard_s = max(LEAST_GUARD_S, MEMORIES * memory_s(y, rate_hz))
    elif isinstance(guard_s, str):
        raise InputError("guard_s", guard_s, "seconds, or 'memory'")
    guard = _guard_samples(y, rate_hz, guard_s)
    if y.size < 3 * guard:
        raise InputError(
            "y",
            f"{y.size / rate_hz:g} s",
            f"at least {3 * guard / rate_hz:g} s, three times the guard of {guard_s:g} s",
            "A shorter session has too few shifts to say what chance gives.",
        )
    return _rolled(y, int(rng.integers(guard, y.size - guard, endpoint=True)))


@surrogate(
    name="shift_thirds",
    title="Shift within session thirds",
    keeps="everything inside each person's signal except a few seams, and which third of the "
    "session it happened in",
    destroys="which moment of one person meets which moment of the other, inside each third",
    question="Do these two move together more at the true times than when one of them is moved "
    "inside the same third of the session?",
    pitfall="A course that both share and that changes inside a third, such as settling in the "
    "first minutes, can still pass for synchrony: 12 % of 600 simulated pairs of strangers at "
    ".05 (30 minutes of skin conductance, mean lagged correlation of levels; the whole shift "
    "24 %, people who never met 4 %). The seams at the ends of the thirds are jumps that the "
    "observed signal does not have.",
    cites=("Moulder2018",),
)
def shift_thirds(
    y: Array, rng: np.random.Generator, *, rate_hz: float, guard_s: float = LEAST_GUARD_S
) -> Array:
    """Roll each third of a signal by a random offset of its own.

    The thirds start at samples ``round(n / 3)`` and ``round(2 n / 3)``. The guard inside a
    third is ``guard_s`` or a quarter of the third, whichever is shorter, so that at least
    half of all offsets remain.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        The second person's signal over the whole session. NaN is carried along.
    rng : numpy.random.Generator
    rate_hz : float
        Samples per second.
    guard_s : float, default 60
        Smallest offset in seconds, forwards and backwards, where the third is long enough
        (four guards); at least 60.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        Each third holds its own samples, rolled by a whole number of samples.

    Raises
    ------
    InputError
        If the guard is under 60 s, or the signal is shorter than 180 s.

    References
    ----------
    .. [1] Moulder, Boker, Ramseyer & Tschacher (2018), Psychological Methods 23(4), 757-773
       (the shift; within thirds is ours). https://doi.org/10.1037/met0000172

    Examples
    --------
    >>> import numpy as np
    >>> y = np.arange(300.0)
    >>> shifted = shift_thirds(y, np.random.default_rng(1), rate_hz=1.0)
    >>> bool((np.sort(shifted[:100]) == y[:100]).all())
    True
    """
    guard = _guard_samples(y, rate_hz, guard_s)
    n = y.size
    if n < 3 * LEAST_THIRD_S * rate_hz:
        raise InputError(
            "y",
            f"{n / rate_hz:g} s",
            f"at least {3 * LEAST_THIRD_S:g} s, {LEAST_THIRD_S:g} s in each third",
            "A shorter session has too few shifts to say what chance gives.",
        )
    out = np.empty(n)
    first, second = round(n / 3), round(2 * n / 3)
    for start, stop in ((0, first), (first, second), (second, n)):
        length = stop - start
        inner = min(guard, ceil(SHARE_OF_THIRD * length))
        offset = int(rng.integers(inner, length - inner, endpoint=True))
        out[start + offset : stop] = y[start : stop - offset]
        out[start : start + offset] = y[stop - offset : stop]
    return out


def _guard_samples(y: Array, rate_hz: float, guard_s: float) -> int:
    """Check what every shift needs and give the guard in whole samples, rounded up."""
    if y.ndim != 1:
        raise InputError("y", y.shape, "shape (n_samples,)")
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    if not (np.isfinite(guard_s) and guard_s >= LEAST_GUARD_S):
        raise InputError(
            "guard_s",
            guard_s,
            f"at least {LEAST_GUARD_S:g} s",
            "Smaller shifts leave slow signals nearly where they were.",
        )
    return ceil(guard_s * rate_hz - 1e-9)


def _rolled(y: Array, offset: int) -> Array:
    """Give ``y[t - offset]`` at ``t``, wrapped; several times faster than ``np.roll``."""
    out = np.empty(y.size)
    out[offset:] = y[: y.size - offset]
    out[:offset] = y[y.size - offset :]
    return out
