"""Granger causality: does one person's past tell of the other's future, beside its own past?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_number, check_pair, in_samples
from syntony.synchrony._thin import thinned
from syntony.synchrony.registry import Statistic, method
from syntony.synchrony.stationarity import stationarity


@dataclass(frozen=True, slots=True)
class Prediction:
    """How much one signal's past adds to the prediction of the other.

    ``log_ratio`` : ln(residual variance without / with the other's past), 0 or more.
    ``f``, ``p`` : F test of the same, with ``df`` degrees of freedom. It presumes white
    residuals and stationary signals; a surrogate does not.
    """

    log_ratio: float
    f: float
    p: float
    df: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Granger:
    """Both directions of one pair: the order in samples, and the complete samples used."""

    first_to_second: Prediction
    second_to_first: Prediction
    order: int
    used: int


NOTHING = Prediction(math.nan, math.nan, math.nan, (0, 0))


def _lagged(x: Array, y: Array, most: int) -> tuple[Array, Array]:
    """Rows of (now, the ``most`` samples before) of both people, complete ones only."""
    n = x.size - most
    both = np.stack([v[most - k : most - k + n] for v in (x, y) for k in range(most + 1)])
    whole: Array = both[:, np.isfinite(both).all(axis=0)]
    return whole[: most + 1], whole[most + 1 :]


def _left_over(gram: Array, target: int, known: list[int]) -> float:
    """Residual sum of squares of one column on others, from the matrix of their products."""
    if not known:
        return float(gram[target, target])
    inside, towards = gram[np.ix_(known, known)], gram[known, target]
    try:
        slopes = np.linalg.solve(inside, towards)
    except np.linalg.LinAlgError:
        return math.nan
    return float(gram[target, target] - towards @ slopes)


def granger_pair(
    x: Array, y: Array, *, max_order: int = 10, order: int | None = None, least: int = 30
) -> Granger:
    """Granger's comparison of two vector autoregressions, both ways.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; rows with one are left out, nothing is bridged.
    max_order : int
        Largest number of past samples tried.
    order : int, optional
        Take this many; default: the number with the smallest BIC of the two-signal model.
    least : int
        Fewer complete rows than this give NaN.

    Returns
    -------
    Granger
        NaN where rows are too few, or one signal is a copy of the other.

    Notes
    -----
    All orders are compared on the same rows. BIC is ``n ln det(S) + ln(n) 4 p``, S the residual
    covariance of both equations; each equation has an intercept.

    References
    ----------
    .. [1] Granger (1969), Econometrica 37(3), 424-438.
    .. [2] Lutkepohl (2005), New Introduction to Multiple Time Series Analysis, Springer.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(1000)
    >>> y = 0.5 * np.roll(x, 1) + rng.standard_normal(1000)
    >>> found = granger_pair(x, y)
    >>> found.first_to_second.p < 0.001 < found.second_to_first.p
    True
    """
    most = order if order is not None else max_order
    empty = Granger(NOTHING, NOTHING, 0, 0)
    if x.size < 2 * most + 3:
        return empty
    xs, ys = _lagged(x, y, most)
    n = xs.shape[1]
    if n < max(least, 3 * (2 * most + 1)):
        return Granger(NOTHING, NOTHING, 0, n)
    rows = np.vstack([xs, ys])
    spread = rows.std(axis=1, keepdims=True)
    if not (spread > 1e-300).all() or (rows.max(axis=1) == rows.min(axis=1)).any():
        return Granger(NOTHING, NOTHING, 0, n)
    rows = (rows - rows.mean(axis=1, keepdims=True)) / spread
    gram = rows @ rows.T
    if np.linalg.cond(gram[np.ix_([0, most + 1], [0, most + 1])]) > 1e12:
        return Granger(NOTHING, NOTHING, 0, n)
    p = order if order is not None else _best_order(gram, most, n)
    past_x, past_y = list(range(1, p + 1)), list(range(most + 2, most + 2 + p))
    forth = _compare(gram, most + 1, past_y, past_x, n)
    back = _compare(gram, 0, past_x, past_y, n)
    return Granger(forth, back, p, n)


def _best_order(gram: Array, most: int, n: int) -> int:
    """Order with the smallest BIC of the model of both signals."""
    now = [0, most + 1]
    best, found = math.inf, 1
    for p in range(1, most + 1):
        past = [*range(1, p + 1), *range(most + 2, most + 2 + p)]
        try:
            slopes = np.linalg.solve(gram[np.ix_(past, past)], gram[np.ix_(past, now)])
        except np.linalg.LinAlgError:
            break
        rest = (gram[np.ix_(now, now)] - gram[np.ix_(now, past)] @ slopes) / n
        sign, log_det = np.linalg.slogdet(rest)
        bic = n * log_det + math.log(n) * 4 * p if sign > 0 else math.inf
        if bic < best:
            best, found = bic, p
    return found


def _compare(gram: Array, target: int, own: list[int], other: list[int], n: int) -> Prediction:
    """Compare the regression on a signal's own past with that on both pasts."""
    alone, both = _left_over(gram, target, own), _left_over(gram, target, own + other)
    p, df = len(own), n - 2 * len(own) - 1
    if not (alone > 0 and both > 1e-10 * alone and df > 0):
        return NOTHING
    from scipy.special import fdtrc

    f = max(0.0, (alone - both) / p / (both / df))
    return Prediction(max(0.0, math.log(alone / both)), f, float(fdtrc(p, df, f)), (p, df))


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    forth, back = (float(coupling.parts[k]) for k in ("first_to_second", "second_to_first"))
    return {
        "linkage": float(coupling.values),
        "first_to_second": forth,
        "second_to_first": back,
        "first_leads": forth - back,
    }


@method(
    name="granger",
    title="Granger causality (linkage in both directions)",
    summarise=_summary,
    statistics=(
        Statistic(
            name="linkage",
            title="Linkage (mean log ratio)",
            explain="How much better a person's next moment is predicted when the other's past is "
            "known too, averaged over both directions. Never below 0, and a little above it for "
            "strangers, because any past fits a little.",
            bounds=(0.0, float("inf")),
            chance=0.005,
        ),
        Statistic(
            name="first_to_second",
            title="First person's past tells of the second's future",
            explain="Gain in predicting the second person from the first person's past, beside "
            "the second's own past (log ratio of what is left unexplained).",
            bounds=(0.0, float("inf")),
            chance=0.005,
        ),
        Statistic(
            name="second_to_first",
            title="Second person's past tells of the first's future",
            explain="Gain in predicting the first person from the second person's past, beside "
            "the first's own past (log ratio of what is left unexplained).",
            bounds=(0.0, float("inf")),
            chance=0.005,
        ),
        Statistic(
            name="first_leads",
            title="First leads more than it follows",
            explain="The first person's gain less the second's. Above 0: the first leads; below "
            "0: the second does. Read it beside chance only.",
            bounds=(-float("inf"), float("inf")),
            chance=0.0,
        ),
    ),
    dims=(),
    bounds=(0.0, float("inf")),
    chance=0.005,
    swap="same",
    scale_free=True,
    lags="the past that the model takes in, up to max_order samples of the thinned signal",
    cites=("Granger1969",),
    sentence="Granger causality [@Granger1969] in both directions from vector autoregressions "
    "with up to {max_order} past samples (chosen by BIC), of signals averaged to {thin_to_hz:g} "
    "Hz, {difference}; at least {min_coverage:g} of the samples had to be complete.",
    question="Does what one person's body did some seconds ago tell of what the other's does "
    "next, beside what the other's own past tells, and in which direction more?",
    not_when="Signals drift (look at the stationarity that is reported; take differences), a "
    "third cause reaches one person before the other, or the answer comes within one sample of "
    "the thinned signal. Unlike transfer entropy it sees straight-line relations only; unlike "
    "correlation it does not count what both people would have done anyway from their own past.",
    words={"difference": {True: "differenced once", False: "not differenced"}},
    units={
        "max_order": "samples",
        "thin_to_hz": "Hz",
        "difference": "yes/no",
        "min_coverage": "1",
    },
)
def granger(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    max_order: int = 10,
    thin_to_hz: float = 1.0,
    difference: bool = True,
    min_coverage: float = 0.5,
) -> Coupling:
    """How much each person's past adds to the prediction of the other.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a row of the regression with
        a NaN in it is left out, nothing is bridged.
    rate_hz : float
        Samples per second of both signals.
    max_order : int
        Largest number of past samples of the thinned signal; BIC chooses.
    thin_to_hz : float
        Signals are averaged to about this rate first: at a high rate every next sample is told
        by the sample before, and seconds would need hundreds of coefficients. 0: as they are.
    difference : bool
        Take the change from sample to sample, so that slow drift is no cause.
    min_coverage : float
        Share of the rows that must be complete.

    Returns
    -------
    Coupling
        ``values`` : mean of both log ratios, shape (), 0 or more; NaN where rows are too few
        or a signal does not vary. ``parts`` : ``first_to_second`` and ``second_to_first`` (log
        ratios), ``p_first_to_second`` and ``p_second_to_first`` (F tests; white residuals
        presumed), ``order`` (samples), ``order_s``, ``adf`` and ``kpss`` (both people, after
        thinning and differencing; see :func:`syntony.synchrony.stationarity.stationarity`).

    Raises
    ------
    InputError
        If the signals differ in length or an option makes no sense.

    Notes
    -----
    ``F = ln(var(e_own) / var(e_both))``, residuals of the regressions of a person's next sample
    on its own past, and on both pasts, with intercept [1]_.

    References
    ----------
    .. [1] Granger (1969), Econometrica 37(3), 424-438. https://doi.org/10.2307/1912791

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(1200)
    >>> y = 0.6 * np.roll(x, 2) + rng.standard_normal(1200)
    >>> c = granger(x, y, rate_hz=1.0, difference=False)
    >>> bool(c.parts["first_to_second"] > 10 * c.parts["second_to_first"])
    True
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_number("max_order", max_order, 1, 200, "a whole number of samples from 1 to 200")
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    in_samples("length of the signals", x.size / rate_hz, rate_hz, 4)
    both, thin_hz = thinned(np.stack([x, y]), rate_hz, thin_to_hz)
    if difference:
        both = np.diff(both, axis=1)
    rows = both.shape[1] - int(max_order)
    if rows < 3 * (2 * max_order + 1):
        need_s = (7 * max_order + 4) / thin_hz
        raise InputError("max_order", max_order, f"fewer, or signals of at least {need_s:g} s")
    least = math.ceil(min_coverage * rows)
    found = granger_pair(both[0], both[1], max_order=int(max_order), least=least)
    told = [stationarity(v) for v in both]
    forth, back = found.first_to_second, found.second_to_first
    return Coupling(
        values=np.asarray((forth.log_ratio + back.log_ratio) / 2.0),
        dims=(),
        coords={},
        coverage=np.asarray(found.used / rows),
        method="granger",
        options={
            "max_order": max_order,
            "thin_to_hz": thin_to_hz,
            "difference": difference,
            "min_coverage": min_coverage,
        },
        parts={
            "first_to_second": np.asarray(forth.log_ratio),
            "second_to_first": np.asarray(back.log_ratio),
            "p_first_to_second": np.asarray(forth.p),
            "p_second_to_first": np.asarray(back.p),
            "order": np.asarray(float(found.order)),
            "order_s": np.asarray(found.order / thin_hz),
            "adf": np.array([t.adf for t in told]),
            "kpss": np.array([t.kpss for t in told]),
        },
    )
