"""Phase agreement of whole signals, as NeuroKit2 gives it, and why it misleads."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.synchrony._inputs import check_pair


def phase_agreement(x: Array, y: Array, *, centre: bool = True) -> Array:
    r"""How near the two phases are at every sample, by the Hilbert transform of whole signals.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals. One missing sample makes the whole result NaN: the transform spreads
        it over all samples.
    centre : bool
        Take the mean of each signal away first. False gives ``signal_synchrony(x, y,
        method="hilbert")`` of NeuroKit2.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        1: the same phase; 0: opposite phases.

    Raises
    ------
    InputError
        If the signals differ in length or hold infinities.

    Notes
    -----
    .. math:: a_t = 1 - \sin\left( |\varphi_1(t) - \varphi_2(t)| / 2 \right)

    It is here for comparison only, and no method of the list. With the mean left in, the
    analytic signal of anything that stays far from 0, such as a heart rate near 70 or a skin
    conductance near 5, hardly turns: its phase is always about 0, so that any two such signals
    score near 1, strangers included. With the mean removed, signals without a band of their own
    still have no phase worth the name, and strangers score 0.36 on average,
    1 - 2 / pi. Use :func:`.phase_locking`, which takes a band out first.

    References
    ----------
    .. [1] NeuroKit2 0.2.13, ``signal_synchrony``.

    Examples
    --------
    Two strangers' noise around 70 and 80 looks like perfect synchrony while the means are in:

    >>> x, y = np.random.default_rng(1).standard_normal((2, 1000))
    >>> raw, fair = (phase_agreement(70 + x, 80 + y, centre=c).mean() for c in (False, True))
    >>> round(float(raw), 2), round(float(fair), 2)
    (0.99, 0.37)
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, 1.0)
    first, second = (_phase(v - v.mean() if centre else v) for v in (x, y))
    agreement: Array = 1.0 - np.sin(np.abs(first - second) / 2.0)
    return agreement


def _phase(values: Array) -> Array:
    """Phase of the analytic signal: positive frequencies twice, negative ones not at all."""
    n = values.size
    weights = np.zeros(n)
    weights[0] = 1.0
    weights[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        weights[n // 2] = 1.0
    phase: Array = np.angle(np.fft.ifft(np.fft.fft(values) * weights))
    return phase
