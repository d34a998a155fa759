"""Lagged correlation of all pairs of many signals, for a corpus."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_number, check_pair, check_seconds
from syntony.synchrony._pair_products import AllPairs, Products, Stretch, take_window
from syntony.synchrony._windowed import lay_windows


def all_pairs_lagged(
    signals: Array,
    *,
    rate_hz: float,
    window_s: float = 30.0,
    step_s: float = 15.0,
    max_lag_s: float = 5.0,
    min_coverage: float = 0.8,
) -> AllPairs:
    """Mean z and mean absolute z of the windowed lagged correlation of all pairs.

    The figures are those of ``lagged_correlation`` and its statistics for every pair, at about
    the cost of the matrix products: for strangers across a corpus, for many people in a room,
    or for matrices of pseudo pairs.

    Parameters
    ----------
    signals : ndarray of float64, shape (n_signals, n_samples)
        One signal a row, on one clock or from each session's start. NaN marks missing samples;
        fill a shorter recording up with NaN.
    rate_hz : float
        Samples per second of all signals.
    window_s, step_s, max_lag_s, min_coverage : float
        As of :func:`syntony.synchrony.correlation.lagged_correlation`.

    Returns
    -------
    AllPairs

    Raises
    ------
    InputError
        If there are not two signals, a length makes no sense, or no whole window fits.

    Notes
    -----
    For every window and lag one matrix product of standardised windows holds r of all pairs.
    Fisher's z is not taken cell by cell: the sum of ``atanh(r)`` is half the logarithm of the
    product of ``(1 + r) / (1 - r)``, and the sum of its absolute values half that of the larger
    over the smaller of ``1 + r`` and ``1 - r``; three running products for each pair, with
    their exponents apart, stand for all cells. The means agree with the direct way to about
    1e-14. z is held within +-10, as everywhere.

    Where a signal misses some, but not too many, samples of a window, its cells come from
    masked products (sums over complete pairs), which take about six times as long; a window
    with too many missing costs nothing. The products run on as many threads as the BLAS of
    NumPy is given.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(800) / 7.0) + np.sin(np.arange(800) / 31.0)
    >>> found = all_pairs_lagged(np.stack([x, np.roll(x, 4), -x]), rate_hz=4.0, max_lag_s=1.0)
    >>> bool(found.first_leads[0, 1] > found.second_leads[0, 1]), float(found.lag_zero[0, 2])
    (True, -10.0)
    """
    signals = np.ascontiguousarray(signals, dtype=np.float64)
    if signals.ndim != 2 or signals.shape[0] < 2:
        raise InputError("signals", signals.shape, "an array of at least two rows")
    check_pair(signals.ravel(), signals.ravel(), rate_hz)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_seconds(window_s=window_s, step_s=step_s, max_lag_s=max_lag_s)
    spans_s = (window_s, step_s, max_lag_s)
    plan = lay_windows(signals.shape[1], rate_hz, spans_s, min_coverage)
    products = Products.of(len(signals), len(signals), above=True)
    for start in plan.starts:
        stretch = Stretch.of(signals, int(start), plan)
        take_window(stretch, stretch, int(start), plan, products)
    return products.told()
