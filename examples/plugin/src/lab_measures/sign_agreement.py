"""Agreement of the direction of change: do the two go up and down at the same time?"""

import math

import numpy as np

from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony.registry import Method, Statistic

BIB = """@article{GoodmanGrunfeld1961,
  author = {Goodman, Leo A. and Grunfeld, Yehuda},
  title = {Some nonparametric tests for comovements between time series},
  journal = {Journal of the American Statistical Association},
  year = {1961},
  volume = {56},
  pages = {11--26}
}
"""


def sign_agreement(
    x, y, *, rate_hz, window_s=30.0, step_s=15.0, change_s=1.0, min_coverage=0.8
) -> Coupling:
    """Balance of changes in the same and in opposite directions, in moving windows.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a change with a missing end is
        left out.
    rate_hz : float
        Samples per second of both signals.
    window_s, step_s : float
        Length of a window, and seconds from the start of one to the start of the next.
    change_s : float
        A change is the difference of two samples this far apart.
    min_coverage : float
        Share of a window's changes that must be present in both.

    Returns
    -------
    Coupling
        ``values`` : (same - opposite) / (same + opposite), shape (n_windows,), in [-1, 1]. NaN
        where coverage is too low, or where one of the two does not change at all.
        ``coords["time"]`` : centres of the windows, seconds from the first sample.

    Raises
    ------
    InputError
        If the signals differ in length, hold infinite values, or no window fits.

    Notes
    -----
    With s the sign of a change, the value is sum(s_x s_y) / sum(|s_x s_y|) over the window.

    References
    ----------
    .. [1] Goodman & Grunfeld (1961), Journal of the American Statistical Association 56, 11-26.

    Examples
    --------
    >>> x = np.sin(np.arange(400) / 7.0)
    >>> sign_agreement(x, -x, rate_hz=4.0).values.tolist()[:2]
    [-1.0, -1.0]
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    _check(x, y, rate_hz)
    window, change = round(window_s * rate_hz), round(change_s * rate_hz)
    if change < 1 or window <= change or step_s * rate_hz < 1:
        raise InputError("window_s", window_s, f"more than change_s, {change_s:g} s")
    if window > x.size:
        raise InputError("window_s", window_s, f"at most {x.size / rate_hz:g} s, the signals")
    count = math.floor((x.size - window) / (step_s * rate_hz) + 1e-9) + 1
    starts = np.round(np.arange(count) * step_s * rate_hz).astype(int)
    product = np.sign(x[change:] - x[:-change]) * np.sign(y[change:] - y[:-change])
    there = np.isfinite(product)
    sums, moved, present = (
        np.array([part[s : s + window - change].sum() for s in starts], dtype=np.float64)
        for part in (np.where(there, product, 0.0), there & (product != 0), there)
    )
    coverage = present / (window - change)
    enough = (moved > 0) & (coverage >= min_coverage - 1e-9)
    values = np.divide(sums, moved, out=np.full(count, np.nan), where=enough)
    return Coupling(
        values=values,
        dims=("time",),
        coords={"time": (starts + window / 2) / rate_hz},
        coverage=coverage,
        reach_s=(window / 2 / rate_hz, window / 2 / rate_hz),
        method="sign_agreement",
        options={
            "window_s": window_s,
            "step_s": step_s,
            "change_s": change_s,
            "min_coverage": min_coverage,
        },
    )


def _check(x, y, rate_hz) -> None:
    """Refuse what cannot be computed, by name."""
    if x.shape != y.shape:
        raise InputError("y", y.shape, f"the shape of x, {x.shape}", "Align the signals first.")
    if np.isinf(x).any() or np.isinf(y).any():
        raise InputError("x, y", "infinite values", "finite values, or NaN where missing")
    if not (math.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a number above 0")


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic: the mean over windows."""
    there = coupling.values[np.isfinite(coupling.values)]
    return {"agreement": float(there.mean()) if there.size else math.nan}


ENTRY = Method(
    name="sign_agreement",
    title="Agreement of the direction of change",
    compute=sign_agreement,
    summarise=_summary,
    statistics=(
        Statistic(
            name="agreement",
            title="Mean agreement of direction",
            explain="1: the two always rise and fall together; -1: one rises whenever the other "
            "falls; 0: as often the one as the other.",
            bounds=(-1.0, 1.0),
            chance=0.0,
        ),
    ),
    dims=("time",),
    bounds=(-1.0, 1.0),
    chance=0.0,
    swap="same",
    scale_free=True,
    cites=("GoodmanGrunfeld1961",),
    bib=BIB,
    sentence="The balance of changes over {change_s:g} s in the same and in opposite directions "
    "[@GoodmanGrunfeld1961] was taken in windows of {window_s:g} s every {step_s:g} s with at "
    "least {min_coverage:g} of the data present.",
    question="Do the two go up and down at the same time, however far each of them goes?",
    not_when="The signals are noisy from sample to sample: small changes count as much as large "
    "ones, and their direction is then mostly noise.",
    units={"window_s": "s", "step_s": "s", "change_s": "s", "min_coverage": "1"},
    lags="none: the same instant",
)
