"""Stability and influence: how much of a person's state is its own past, how much the other's."""

from __future__ import annotations

import math

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.synchrony._inputs import check_number, check_pair, check_seconds, in_samples
from syntony.synchrony._scale import in_spreads
from syntony.synchrony._thin import thinned
from syntony.synchrony.registry import Statistic, method


def without_trend(values: Array) -> Array:
    """Take the straight line out of what is there; NaN stays NaN.

    Examples
    --------
    >>> without_trend(np.array([1.0, 2.0, np.nan, 5.0])).round(6).tolist()
    [0.142857, -0.214286, nan, 0.071429]
    """
    there = np.isfinite(values)
    if there.sum() < 3:
        return np.full(values.shape, np.nan)
    t = np.arange(values.size, dtype=np.float64)
    t -= t[there].mean()
    level = values[there].mean()
    slope = float(t[there] @ (values[there] - level)) / float(t[there] @ t[there])
    rest: Array = values - level - slope * t
    return rest


def stability_and_influence(own: Array, other: Array, lag: int, *, least: int = 10) -> Array:
    """Slopes of a person's state on its own and on the other's state ``lag`` samples before.

    Parameters
    ----------
    own, other : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; a row with one is left out.
    lag : int
        Samples, 1 or more.
    least : int
        Fewer complete rows give NaN.

    Returns
    -------
    ndarray of float64, shape (4,)
        Stability, influence, share of variance explained, complete rows.

    Examples
    --------
    >>> x = np.sin(np.arange(40.0))
    >>> stability_and_influence(np.roll(x, 1)[1:], x[1:], 1)[1:].round(6).tolist()
    [1.0, 1.0, 38.0]
    """
    now = np.stack([own[:-lag], other[:-lag]])
    later = own[lag:]
    there = np.isfinite(now).all(axis=0) & np.isfinite(later)
    count = int(there.sum())
    nothing = np.array([math.nan, math.nan, math.nan, count])
    if count < max(least, 5):
        return nothing
    a, b = now[:, there], later[there]
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean()
    gram = a @ a.T
    size = np.sqrt(np.diag(gram))
    total = float(b @ b)
    if not ((size > 0).all() and total > 0):
        return nothing
    if abs(gram[0, 1]) > (1 - 1e-12) * size[0] * size[1]:
        return nothing
    slopes = np.linalg.solve(gram, a @ b)
    rest = b - slopes @ a
    return np.array([*slopes, 1.0 - float(rest @ rest) / total, count])


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic."""
    first, second = coupling.parts["first"], coupling.parts["second"]
    return {
        "influence": float(coupling.values),
        "influence_on_second": float(second[1]),
        "influence_on_first": float(first[1]),
        "stability_first": float(first[0]),
        "stability_second": float(second[0]),
    }


def _slope(name: str, title: str, explain: str) -> Statistic:
    """Describe a slope."""
    return Statistic(
        name=name,
        title=title,
        explain=explain,
        bounds=(-math.inf, math.inf),
        chance=0.0,
    )


@method(
    name="stability_influence",
    title="Stability and influence",
    summarise=_summary,
    statistics=(
        _slope(
            "influence",
            "Mean influence of one on the other",
            "How far a person's state follows the other's earlier state, beside its own, averaged "
            "over both people. Above 0: drawn towards the other; below 0: pushed away.",
        ),
        _slope(
            "influence_on_second",
            "First person's influence on the second",
            "How far the second person's state follows the first's earlier state, beside its own "
            "earlier state. This is the first person leading.",
        ),
        _slope(
            "influence_on_first",
            "Second person's influence on the first",
            "How far the first person's state follows the second's earlier state, beside its own "
            "earlier state. This is the second person leading.",
        ),
        _slope(
            "stability_first",
            "Stability of the first person",
            "How far the first person's state is told by its own earlier state. Near 1: it "
            "changes slowly; this is no synchrony.",
        ),
        _slope(
            "stability_second",
            "Stability of the second person",
            "How far the second person's state is told by its own earlier state. Near 1: it "
            "changes slowly; this is no synchrony.",
        ),
    ),
    dims=(),
    bounds=(-math.inf, math.inf),
    chance=0.0,
    swap="same",
    scale_free=True,
    lags="one delay, lag_s, in both directions",
    cites=("Thorson2018",),
    sentence="The stability-influence model [@Thorson2018]: each person's state on its own and the "
    "other's state {lag_s:g} s before, of signals averaged to {thin_to_hz:g} Hz and {detrend}, in "
    "units of each person's spread; at least {min_coverage:g} of the samples had to be complete.",
    question="How much of a person's state is carried over from its own past, and how much is "
    "taken over from the other person, at a delay that theory gives?",
    not_when="No theory gives the delay: the result depends on it strongly, even in sign. It is "
    "one regression per person; a common cause counts as influence. Compared with Granger "
    "causality it looks at one delay and keeps the sign.",
    words={"detrend": {True: "freed of a straight trend", False: "not detrended"}},
    units={"lag_s": "s", "thin_to_hz": "Hz", "detrend": "yes/no", "min_coverage": "1"},
)
def stability_influence(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    lag_s: float = 4.0,
    thin_to_hz: float = 1.0,
    detrend: bool = True,
    min_coverage: float = 0.5,
) -> Coupling:
    """Regress each person's state on both people's states a while before.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples; a row with one is left out.
    rate_hz : float
        Samples per second of both signals.
    lag_s : float
        Delay in seconds, from theory.
    thin_to_hz : float
        Signals are averaged to about this rate first; 0: as they are.
    detrend : bool
        Take a straight line out of each signal over the session.
    min_coverage : float
        Share of the rows that must be complete.

    Returns
    -------
    Coupling
        ``values`` : mean of the two influences, shape (), in units of spread; NaN where too
        little is there or a signal does not vary. ``parts["first"]``, ``parts["second"]`` :
        stability, influence of the other, share of variance explained, complete rows.

    Raises
    ------
    InputError
        If the signals differ in length, or the delay is under a sample or too long for them.

    Notes
    -----
    ``x1[t] = b + stability x1[t - L] + influence x2[t - L] + e``, one equation a person [1]_.

    References
    ----------
    .. [1] Thorson, West & Mendes (2018), Psychological Methods.
       https://doi.org/10.1037/met0000166

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(1200)
    >>> y = np.roll(x, 4) + rng.standard_normal(1200)
    >>> c = stability_influence(x, y, rate_hz=1.0)
    >>> c.parts["second"][:2].round(1).tolist()
    [0.0, 0.7]
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_seconds(lag_s=lag_s)
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    in_samples("length of the signals", x.size / rate_hz, rate_hz, 4)
    both, thin_hz = thinned(np.stack([x, y]), rate_hz, thin_to_hz)
    lag = in_samples("lag_s", lag_s, thin_hz, 1)
    longest_s = (both.shape[1] - 10) / thin_hz
    check_number("lag_s", lag_s, 0.0, longest_s, f"at most {longest_s:g} s for these signals")
    if detrend:
        both = np.stack([without_trend(v) for v in both])
    scaled = in_spreads(both)
    rows = scaled.shape[1] - lag
    least = math.ceil(min_coverage * rows)
    first = stability_and_influence(scaled[0], scaled[1], lag, least=least)
    second = stability_and_influence(scaled[1], scaled[0], lag, least=least)
    return Coupling(
        values=np.asarray((first[1] + second[1]) / 2.0),
        dims=(),
        coords={},
        coverage=np.asarray(min(first[3], second[3]) / rows),
        method="stability_influence",
        options={
            "lag_s": lag / thin_hz,
            "thin_to_hz": thin_to_hz,
            "detrend": detrend,
            "min_coverage": min_coverage,
        },
        parts={"first": first, "second": second},
    )
