"""Segment shuffling: the second person's own signal, cut and put together in another order."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.errors import InputError
from syntony.surrogates.registry import surrogate

LEAST_SEGMENTS = 10


@surrogate(
    name="segment_shuffle",
    title="Segment shuffling",
    keeps="the values of each person, and what happens inside each segment",
    destroys="the order of the segments and with it the course of the session, and the "
    "continuity at every cut",
    question="Do these two move together more when each stretch meets its own than when it meets "
    "another stretch of the same session?",
    pitfall="Any course that both share, such as settling at the start, passes for synchrony: 24 % "
    "of 600 simulated pairs of strangers at .05 (30 minutes of skin conductance, mean lagged "
    "correlation of levels). With few segments it finds too much without any course: 8 % of "
    "6000 pairs with 10 segments, 7 % with 20, 5 to 6 % from 30 on. It also makes a jump at "
    "every cut, which the observed signal does not have.",
    cites=("TschacherMeier2020", "Moulder2018"),
)
def segment_shuffle(
    y: Array, rng: np.random.Generator, *, rate_hz: float, segment_s: float = 30.0
) -> Array:
    """Cut a signal in segments and give no segment its own place.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        The second person's signal. NaN is carried along with the rest.
    rng : numpy.random.Generator
    rate_hz : float
        Samples per second.
    segment_s : float, default 30
        Length of a segment in seconds, rounded to whole samples.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        The same values; every derangement of the whole segments is equally likely. What is
        left at the end, shorter than a segment, changes places with an equally long piece
        drawn at random from one of the segments before the last, so that it does not stay at
        its true time either.

    Raises
    ------
    InputError
        If a segment has no sample, or fewer than 10 whole segments fit.

    Notes
    -----
    Orders that leave no segment in place share pairs of segments with each other but none with
    the true order, so draws lie closer together than the observed value lies to them: their
    variances are as n - 2 to n with n segments. That is why few segments find too much.

    References
    ----------
    .. [1] Tschacher & Meier (2020), Psychotherapy Research 30(5), 558-573.
       https://doi.org/10.1080/10503307.2019.1612114

    Examples
    --------
    >>> import numpy as np
    >>> y = np.repeat(np.arange(10.0), 30)
    >>> shuffled = segment_shuffle(y, np.random.default_rng(1), rate_hz=1.0)
    >>> bool((shuffled != y).all()), bool((np.sort(shuffled) == y).all())
    (True, True)
    """
    if y.ndim != 1:
        raise InputError("y", y.shape, "shape (n_samples,)")
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    length = round(segment_s * rate_hz) if np.isfinite(segment_s) else 0
    if length < 1:
        raise InputError("segment_s", segment_s, f"at least one sample at {rate_hz:g} Hz")
    count = y.size // length
    if count < LEAST_SEGMENTS:
        raise InputError(
            "y",
            f"{y.size / rate_hz:g} s",
            f"at least {LEAST_SEGMENTS * length / rate_hz:g} s, {LEAST_SEGMENTS} segments "
            f"of {segment_s:g} s",
            "Choose shorter segments, or another surrogate.",
        )
    return _reordered(y, length, _derangement(count, rng), rng)


def _reordered(y: Array, length: int, order: Ints, rng: np.random.Generator) -> Array:
    """Lay the segments in this order; what is left over swaps with a piece of one of them."""
    count = order.size
    whole, rest = count * length, y.size - count * length
    out = np.empty(y.size)
    slots = out[:whole].reshape(count, length)
    # "clip" writes into the slots without a buffer; every index is in range
    np.take(y[:whole].reshape(count, length), order, axis=0, out=slots, mode="clip")
    if rest:
        starts = length - rest + 1
        segment, at = divmod(int(rng.integers((count - 1) * starts)), starts)
        slots[int((order == segment).argmax()), at : at + rest] = y[whole:]
        out[whole:] = y[segment * length + at : segment * length + at + rest]
    return out


def _derangement(n: int, rng: np.random.Generator) -> Ints:
    """Permutation of ``n`` without a fixed point, uniform: draw until none is left in place."""
    places = np.arange(n)
    while True:
        order: Ints = rng.permutation(n)
        if not np.count_nonzero(order == places):
            return order
