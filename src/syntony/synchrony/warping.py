"""Dynamic time warping in moving windows, and of two whole series."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import (
    check_choice,
    check_number,
    check_pair,
    check_seconds,
    fixed,
    in_samples,
    least_pairs,
    whole_steps,
    window_starts,
)
from syntony.synchrony.registry import Statistic, method

Of = Literal["values", "derivative"]


def derivative(values: Array) -> Array:
    """Slope at every sample as Keogh and Pazzani take it; NaN beside a missing sample.

    Examples
    --------
    >>> derivative(np.array([0.0, 1.0, 4.0, 9.0])).tolist()
    [nan, 1.5, 3.5, nan]
    """
    out = np.full(values.size, np.nan)
    back, across = values[1:-1] - values[:-2], values[2:] - values[:-2]
    out[1:-1] = (back + across / 2) / 2
    return out


def warping_path(
    x: Array, y: Array, *, rate_hz: float, max_lag_s: float | None = None
) -> tuple[float, Ints]:
    """Warp two whole series onto each other, as they are.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples. Scale both first where that is wanted.
    rate_hz : float
        Samples per second.
    max_lag_s : float, optional
        Samples further apart are not laid on each other; without it any may be.

    Returns
    -------
    distance : float
        Square root of the sum of squared differences along the path, as tslearn and
        dtaidistance give it.
    path : ndarray of int64, shape (n_steps, 2)
        Samples of ``x`` and ``y`` laid on each other.

    Raises
    ------
    InputError
        If the series differ in length or a number makes no sense.

    Notes
    -----
    The band is ``|i - j| <= max_lag``: tslearn's ``sakoe_chiba_radius``; dtaidistance's
    ``window`` is one more. The table of the path takes a byte per cell inside the band.

    Examples
    --------
    >>> x = np.array([0.0, 0.0, 1.0, 2.0, 0.0])
    >>> y = np.array([0.0, 1.0, 2.0, 0.0, 0.0])
    >>> warping_path(x, y, rate_hz=4.0, max_lag_s=0.25)[0]
    0.0
    """
    from syntony.kernels.warping import warping_path as warp

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    if not x.size:
        raise InputError("x", 0, "at least one sample")
    band = x.size
    if max_lag_s is not None:
        check_seconds(max_lag_s=max_lag_s)
        band = min(band, whole_steps(max_lag_s, rate_hz))
    cost, path = warp(x, y, band)
    return math.sqrt(cost), path


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``dtw``."""
    lag_s = coupling.parts["lag_s"]
    lag_s = lag_s[lag_s == lag_s]
    there = coupling.values[coupling.values == coupling.values]
    return {
        "mean_similarity": mean_present(coupling.values),
        "lowest_similarity": float(np.percentile(there, 10)) if there.size else math.nan,
        "mean_lag_s": mean_present(coupling.parts["mean_lag_s"]),
        "first_leads_share": float(np.mean((np.sign(lag_s) + 1) / 2)) if lag_s.size else math.nan,
    }


@method(
    name="dtw",
    title="Dynamic time warping",
    summarise=_summary,
    statistics=(
        Statistic(
            name="mean_similarity",
            title="Mean similarity after warping",
            explain="How alike the two signals are on average once one was stretched and squeezed "
            "in time to fit the other, 1 for the same course, near 0 for very different ones. "
            "Warping makes strangers alike too: read it only beside its chance distribution.",
            bounds=(0.0, 1.0),
            chance=0.61,
        ),
        Statistic(
            name="lowest_similarity",
            title="Similarity of the least alike stretches (10th percentile)",
            explain="The similarity that nine in ten windows lie above: how far the two fit even "
            "where they fit worst. Above 0 for strangers as well.",
            bounds=(0.0, 1.0),
            chance=0.55,
        ),
        Statistic(
            name="mean_lag_s",
            title="Mean delay along the path (s)",
            explain="Seconds by which the second person's course lags behind the first's where "
            "the two fit best, on average. Positive: the second follows the first; negative: the "
            "first follows the second. Paths begin and end without delay, which draws it to 0.",
            bounds=(-math.inf, math.inf),
            chance=0.0,
        ),
        Statistic(
            name="first_leads_share",
            title="Share of time in which the first leads",
            explain="The share of samples at which the path lays the first person's moment on a "
            "later moment of the second; moments without delay count half. One half: neither "
            "leads.",
            bounds=(0.0, 1.0),
            chance=0.5,
        ),
    ),
    dims=("time",),
    bounds=(0.0, 1.0),
    chance=0.62,
    swap="same",
    scale_free=True,
    cites=("SakoeChiba1978", "KeoghPazzani2001"),
    sentence="Dynamic time warping [@SakoeChiba1978; @KeoghPazzani2001] of {of}, z-scored in "
    "windows of {window_s:g} s every {step_s:g} s, with paths that reach up to {max_lag_s:g} s "
    "from the diagonal; similarity is 1 / (1 + d), d the root mean squared difference along the "
    "path; windows with less than {min_coverage:g} of the data present were left out.",
    question="How alike is the course of the two signals from one stretch of the session to the "
    "next, when either may run a little ahead or behind, now more and now less?",
    not_when="There are no surrogates: warping always finds an alignment, and any two signals "
    "become alike, the more so the further the path may reach. It is not a correlation: it knows "
    "no opposite courses, and no value of it stands for chance. Where one delay holds for a "
    "whole window, lagged_correlation says more; where single responses are to be matched, "
    "amico1 does.",
    words={
        "of": {"values": "the signals", "derivative": "the slopes of the signals"},
    },
    units={
        "window_s": "s",
        "step_s": "s",
        "max_lag_s": "s",
        "of": "choice",
        "min_coverage": "1",
    },
)
def dtw(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    window_s: float = 60.0,
    step_s: float = 30.0,
    max_lag_s: float = 5.0,
    of: Of = "values",
    min_coverage: float = 0.8,
) -> Coupling:
    r"""Warp two signals onto each other in moving windows.

    A positive lag means that ``y`` follows ``x``.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    max_lag_s : float
        How far the path may leave the diagonal (Sakoe-Chiba band).
    of : {"values", "derivative"}
        Warp the signals, or their slopes.
    min_coverage : float
        Share of a window's samples that must be present in both.

    Returns
    -------
    Coupling
        ``values`` : similarity, shape (n_windows,), in [0, 1]; NaN where coverage is too low
        or a side does not vary in the window.
        ``coords["time"]`` : centre of the window, seconds from the first sample. ``coverage`` :
        share of samples that both have.
        ``parts["lag_s"]`` : delay of the path at every sample of the first person's window,
        shape (n_windows, n_window_samples), NaN where that sample is missing;
        ``parts["mean_lag_s"]`` : its mean, shape (n_windows,).
        ``parts["distance"]`` : root mean squared difference along the path, in standard
        deviations, shape (n_windows,); ``parts["step_count"]`` : steps of the path at which
        both have a sample, shape (n_windows,).

    Raises
    ------
    InputError
        If the signals differ in length, a length or choice makes no sense, or no whole window
        fits.

    Notes
    -----
    With both sides z-scored in the window (divisor n, present samples)::

        D[i, j] = (x[i] - y[j])**2 + min(D[i-1, j], D[i, j-1], D[i-1, j-1])

    for ``abs(i - j)`` up to ``max_lag_s`` [1]_; the path leads from the first samples to the
    last. d is the root of its cost divided by its number of steps; similarity is
    ``1 / (1 + d)``. Slopes are ``(x[i] - x[i-1] + (x[i+1] - x[i-1]) / 2) / 2`` [2]_.

    A missing sample costs nothing, its steps are not counted, and its cells are entered from the
    diagonal only: otherwise a path could skip whole stretches of the other person there for
    nothing. Without missing samples the cost is that of tslearn and dtaidistance, which give
    its square root without dividing by steps: :func:`warping_path` gives that, for series of any
    length.

    References
    ----------
    .. [1] Sakoe & Chiba (1978), IEEE Transactions on Acoustics, Speech, and Signal Processing
       26(1), 43-49. https://doi.org/10.1109/TASSP.1978.1163055
    .. [2] Keogh & Pazzani (2001), Derivative dynamic time warping. SIAM International
       Conference on Data Mining. https://doi.org/10.1137/1.9781611972719.1

    Examples
    --------
    A signal leads its own copy by two seconds:

    >>> import numpy as np
    >>> x = np.sin(np.arange(800) / 9.0)
    >>> c = dtw(x, np.roll(x, 8), rate_hz=4.0)
    >>> bool(np.nanmin(c.values) > 0.8), float(np.nanmedian(c.parts["lag_s"]))
    (True, 2.0)
    """
    from syntony.kernels.warping import warped_windows

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_choice("of", of, ("values", "derivative"))
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_seconds(window_s=window_s, step_s=step_s, max_lag_s=max_lag_s)
    window = in_samples("window_s", window_s, rate_hz, 3)
    in_samples("step_s", step_s, rate_hz, 1)
    band = whole_steps(max_lag_s, rate_hz)
    starts = window_starts(x.size, window, step_s * rate_hz)
    if not starts.size:
        raise InputError(
            "window_s", window_s, f"at most {x.size / rate_hz:g} s, the length of the signals"
        )
    if of == "derivative":
        x, y = derivative(x), derivative(y)
    apart, steps, lag = warped_windows(
        x, y, starts, window, min(band, window - 1), least_pairs(min_coverage, window)
    )
    both = np.concatenate(([0], np.cumsum(~(np.isnan(x) | np.isnan(y)))))
    there = lag == lag
    sums, counts = np.where(there, lag, 0.0).sum(axis=1), there.sum(axis=1)
    mean_lag = np.full(starts.size, np.nan)
    np.divide(sums, counts * rate_hz, out=mean_lag, where=counts > 0)
    half_s = (window / 2 + (of == "derivative")) / rate_hz
    return Coupling(
        values=fixed(1.0 / (1.0 + apart)),
        dims=("time",),
        coords={"time": fixed(np.asarray((starts + window / 2) / rate_hz))},
        coverage=fixed(np.asarray((both[starts + window] - both[starts]) / window)),
        reach_s=(half_s, half_s),
        method="dtw",
        options={
            "window_s": window / rate_hz,
            "step_s": step_s,
            "max_lag_s": band / rate_hz,
            "of": of,
            "min_coverage": min_coverage,
        },
        parts={
            "lag_s": fixed(lag / rate_hz),
            "mean_lag_s": fixed(mean_lag),
            "distance": fixed(apart),
            "step_count": fixed(np.where(apart == apart, steps, np.nan)),
        },
    )
