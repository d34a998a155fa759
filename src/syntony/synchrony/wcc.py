"""What the CRAN package wcc makes of picked peaks, over all windows."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony.peaks import find_peaks, smoothing

_WINDOWS = 9  # peaks in a row to which wcc fits a parabola


def wcc_aggregate(coupling: Coupling, x: Array, y: Array) -> dict[str, float]:
    """Summaries of picked peaks as ``wccAggregate`` gives them, under our sign and in seconds.

    Parameters
    ----------
    coupling : Coupling
        Of :func:`peak_picking`, usually with the options ``WCC``.
    x, y : ndarray of float64, shape (n_samples,)
        The signals it was computed from.

    Returns
    -------
    dict of str to float
        ``samples``, ``windows``; ``share_missing_samples`` of both signals (their
        ``pctmissing``); ``share_missing_windows``, windows without a value at the lag next to
        wcc's first (their ``pctmissingwindows``); mean and variance (divisor n - 1) of Fisher's
        z without a cap: ``max_mean``, ``max_var`` of the peaks, ``total_mean`` of all lags
        without their sign and ``total_var`` with it, ``zero_lag_mean``, ``zero_lag_var``; of
        the lag ``lag_mean_s``, ``lag_var_s2``, and of its first and second difference from
        window to window ``dlag_mean_s``, ``dlag_var_s2``, ``d2lag_mean_s``, ``d2lag_var_s2``.

    Raises
    ------
    InputError
        If there are fewer than nine windows.

    Notes
    -----
    As theirs, it reads a missing correlation as 0, also where it searches for peaks: a window
    without any value gets a peak of 0 a half step of lag beyond ``clear_s``. A cell of exactly 1
    makes the mean infinite and the variance NaN, and a smooth peak beyond +-1 is left out. For
    numbers to be believed take the statistics of :func:`peak_picking`.
    The lag and its differences are those of the parabola fitted to the lags of nine windows in
    a row, in its middle; nine windows of which one has no peak give none. Their
    ``lagMean``, ``dlagMean`` and ``d2lagMean`` are in lag steps and have the opposite sign:
    minus ours / ``lag_step_s``. Their ``zeroLag`` is at another lag if ``tInc`` is not 1.

    References
    ----------
    .. [1] CRAN package wcc 0.4.1, ``wccAggregate``.
    """
    if coupling.values.size < _WINDOWS:
        raise InputError("windows", coupling.values.size, f"at least {_WINDOWS}")
    options, r = coupling.options, np.array(coupling.parts["r"])
    n_lags = r.shape[1]
    missing = np.isnan(r)
    r[missing] = 0.0
    step_s = float(options["lag_step_s"])
    clear = round(2 * float(options["clear_s"]) / step_s)
    curve_of = smoothing(n_lags, options["span"], options["smoother"])
    _, value, place = find_peaks(r, curve_of, clear, options["peak"])
    empty = (r == 0.0).all(axis=1)  # of equal points theirs takes the outermost that was seen
    place[empty] = clear + 1 if 2 * clear + 1 < n_lags else np.nan
    value[empty] = 0.0 if 2 * clear + 1 < n_lags else np.nan
    t = np.arange(_WINDOWS) - _WINDOWS // 2
    parabola = np.linalg.pinv(np.stack([np.ones(t.size), t, t**2 / 2], axis=1))
    lag_s = np.lib.stride_tricks.sliding_window_view(place * step_s / 2, _WINDOWS) @ parabola.T
    lag_s = lag_s[~np.isnan(lag_s[:, 0])]
    with np.errstate(divide="ignore", invalid="ignore"):
        z, peak_z = np.arctanh(r), np.arctanh(value)
    told = {
        "samples": float(x.size),
        "windows": float(r.shape[0]),
        "share_missing_samples": float((np.isnan(x).mean() + np.isnan(y).mean()) / 2),
        "share_missing_windows": float(missing[:, n_lags - 2].mean()),
    }
    told["max_mean"], told["max_var"] = _mean_var(peak_z[~np.isnan(peak_z)])
    told["total_mean"], told["total_var"] = _mean_var(np.abs(z))[0], _mean_var(z)[1]
    told["zero_lag_mean"], told["zero_lag_var"] = _mean_var(z[:, n_lags // 2])
    for name, values in zip(("lag", "dlag", "d2lag"), lag_s.T, strict=True):
        told[f"{name}_mean_s"], told[f"{name}_var_s2"] = _mean_var(values)
    return told


def _mean_var(values: Array) -> tuple[float, float]:
    """Mean and variance (divisor n - 1); NaN where there are too few values, or infinite ones."""
    if not values.size:
        return math.nan, math.nan
    with np.errstate(invalid="ignore"):
        variance = float(values.var(ddof=1)) if values.size > 1 else math.nan
        return float(values.mean()), variance
