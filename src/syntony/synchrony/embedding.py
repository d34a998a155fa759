"""How to make states of a signal: delay, dimension and radius for the recurrence methods."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_number, check_pair, check_seconds, fixed, whole_steps
from syntony.synchrony._recurrence import channels, check_whole, normalised, thinned

_FALSE_RATIO = 15.0  # of the distance of neighbours: what the next sample adds to false ones
_FALSE_SIZE = 2.0  # SD of the signal: a neighbour further away than this is false as well
_FEW = 0.01  # share of false neighbours that is as good as none


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """What :func:`suggest_embedding` found.

    Attributes
    ----------
    delay_s : float
        Seconds from one sample of a state to the next.
    dimension : int
        Samples of a state.
    radius : float
        Euclidean distance of standardised states within which the wanted share of pairs lies.
    delays_s : ndarray of float64, shape (n_delays,)
        Delays looked at, from 0.
    information : ndarray of float64, shape (n_signals, n_delays)
        Average mutual information at each, in nats.
    false_share : ndarray of float64, shape (n_signals, n_dimensions)
        Share of false neighbours at dimension 1, 2, ...
    """

    delay_s: float
    dimension: int
    radius: float
    delays_s: Array
    information: Array
    false_share: Array


def suggest_embedding(
    x: Array,
    y: Array | None = None,
    *,
    rate_hz: float,
    thin_to_hz: float = 1.0,
    rate: float = 0.05,
    max_delay_s: float = 30.0,
    max_dimension: int = 6,
    min_coverage: float = 0.5,
) -> Embedding:
    """Suggest delay, dimension and radius for one signal or a pair.

    Decide on one embedding for a whole study, from all of its sessions; chosen anew for every
    pair, it makes their figures incomparable.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        One signal, or two on one clock; NaN marks missing samples.
    rate_hz, thin_to_hz : float
        Samples per second, and the rate to which they are thinned as in :func:`.crqa`.
    rate : float
        Share of pairs of states that should lie within ``radius``.
    max_delay_s : float
        Longest delay looked at.
    max_dimension : int
        Highest dimension looked at.
    min_coverage : float
        Share of the samples that a mean of the thinned signal needs.

    Returns
    -------
    Embedding
        For a pair the longer delay and the higher dimension of the two.

    Raises
    ------
    InputError
        If the signals differ in length, an option makes no sense, a signal does not vary, or
        too little of it is there.

    Notes
    -----
    The delay is the first local minimum of the average mutual information of the signal and
    itself later [1]_ (:func:`information_by_delay`); where there is none up to ``max_delay_s``,
    the delay of the lowest value. The dimension is the first at which at most 1 % of neighbours
    are false [2]_ (:func:`false_neighbours`), or whose share the next dimension does not lower.

    References
    ----------
    .. [1] Fraser & Swinney (1986), Physical Review A 33(2), 1134-1140.
       https://doi.org/10.1103/PhysRevA.33.1134
    .. [2] Kennel, Brown & Abarbanel (1992), Physical Review A 45(6), 3403-3411.
       https://doi.org/10.1103/PhysRevA.45.3403

    Examples
    --------
    Two samples, a quarter of a period apart, say where on a circle one is:

    >>> x = np.sin(np.arange(1000) / 3.2)
    >>> found = suggest_embedding(x, rate_hz=1.0)
    >>> found.delay_s, found.dimension
    (5.0, 2)
    """
    from syntony.kernels.distances import States, distance_of_rank

    x = np.asarray(x, dtype=np.float64)
    y = x if y is None else np.asarray(y, dtype=np.float64)
    check_pair(x, y, rate_hz)
    check_number("rate", rate, 1e-9, 1.0, "a share above 0, up to 1")
    check_number("thin_to_hz", thin_to_hz, 0.0, math.inf, "hertz; 0: not thinner")
    check_number("min_coverage", min_coverage, 0.0, 1.0, "a share from 0 to 1")
    check_seconds(max_delay_s=max_delay_s)
    check_whole("max_dimension", max_dimension)
    rows, at_hz = [], rate_hz
    for name, v in (("x", x),) if y is x else (("x", x), ("y", y)):
        thin, at_hz = thinned(channels(name, v), rate_hz, thin_to_hz, min_coverage)
        rows.append(normalised(thin, "z")[0])
        if np.isnan(rows[-1]).all():
            raise InputError(name, "no two different values", "a signal that varies")
    reach = whole_steps(max_delay_s, at_hz)
    if reach < 1 or rows[0].size < (max_dimension + 1) * reach + 3:
        raise InputError(
            "max_delay_s",
            max_delay_s,
            f"from {1 / at_hz:g} s to {rows[0].size / at_hz / (max_dimension + 2):g} s",
        )
    information = np.array([information_by_delay(v, reach) for v in rows])
    delay = max(_first_minimum(curve) for curve in information)
    dimensions = range(1, max_dimension + 1)
    shares = np.array([[false_neighbours(v, m, delay) for m in dimensions] for v in rows])
    dimension = max(_first_low(curve) for curve in shares)
    last = rows[0].size - 1 - (dimension - 1) * delay
    states = States(
        a=rows[0][None],
        b=rows[-1][None],
        dimension=dimension,
        delay=delay,
        maximum=False,
        lags=(1, last) if y is x else (-last, last),
        theiler=0,
    )
    return Embedding(
        delay_s=delay / at_hz,
        dimension=dimension,
        radius=math.sqrt(distance_of_rank(states, rate)),
        delays_s=fixed(np.arange(reach + 1) / at_hz),
        information=fixed(information),
        false_share=fixed(shares),
    )


def information_by_delay(values: Array, max_delay: int, bins: int | None = None) -> Array:
    """Average mutual information of a signal and itself later, in nats.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; pairs with one are left out.
    max_delay : int
        Longest delay in samples.
    bins : int, optional
        Equally wide bins from the lowest value to the highest. Default:
        ``ceil(log2(n) + 1)`` for n samples that are there.

    Returns
    -------
    ndarray of float64, shape (max_delay + 1,)
        At delay 0, 1, ...; NaN where there is no pair.

    Notes
    -----
    ``I = sum(p[i, j] ln(p[i, j] / (p[i] p[j])))``, all p from the pairs of that delay.

    Examples
    --------
    >>> information_by_delay(np.array([0.0, 1.0] * 8), 1, bins=2).round(3).tolist()
    [0.693, 0.691]
    """
    there = np.isfinite(values)
    low, high = values[there].min(), values[there].max()
    count = bins or math.ceil(math.log2(there.sum()) + 1)
    scaled = (np.where(there, values, low) - low) * (count / (high - low))
    code = np.minimum(scaled.astype(np.int64), count - 1)
    out = np.full(max_delay + 1, np.nan)
    for delay in range(max_delay + 1):
        now, later = slice(0, values.size - delay), slice(delay, values.size)
        both = there[now] & there[later]
        if not both.any():
            continue
        pairs = np.bincount(code[now][both] * count + code[later][both], minlength=count * count)
        p = pairs.reshape(count, count) / both.sum()
        alone = p.sum(axis=1)[:, None] * p.sum(axis=0)[None, :]
        out[delay] = (p[p > 0] * np.log(p[p > 0] / alone[p > 0])).sum()
    return out


def false_neighbours(values: Array, dimension: int, delay: int) -> float:
    """Share of nearest neighbours that one more sample shows to be no neighbours.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; a state or neighbour that lacks one is left out.
    dimension, delay : int
        Samples of a state, and how far they lie apart.

    Returns
    -------
    float
        NaN where no state has a neighbour.

    Notes
    -----
    With the nearest other state, at least ``delay`` samples away, at distance R, and d the
    difference of the sample that the next dimension adds, a neighbour is false where
    ``d / R > 15`` or ``sqrt(R^2 + d^2) > 2 SD``.

    References
    ----------
    .. [1] Kennel, Brown & Abarbanel (1992), Physical Review A 45(6), 3403-3411.
       https://doi.org/10.1103/PhysRevA.45.3403

    Examples
    --------
    >>> false_neighbours(np.sin(np.arange(300) / 5.0), 2, 8)
    0.0
    """
    from syntony.kernels.distances import States, nearest_states

    n = values.size - dimension * delay
    row = np.ascontiguousarray(values[None, : values.size - delay])
    states = States(
        a=row,
        b=row,
        dimension=dimension,
        delay=delay,
        maximum=False,
        lags=(1 - n, n - 1),
        theiler=delay,
    )
    nearest, square = nearest_states(states)
    added = values[dimension * delay :]
    step = np.abs(added - added[nearest])
    kept = (nearest >= 0) & np.isfinite(step)
    if not kept.any():
        return math.nan
    step, square = step[kept], square[kept]
    far = step * step > _FALSE_RATIO**2 * square
    wide = square + step * step > (_FALSE_SIZE * np.nanstd(values)) ** 2
    return float((far | wide).mean())


def _first_minimum(curve: Array) -> int:
    """First place, from 1, that is lower than the one before and no higher than the next."""
    for k in range(1, curve.size - 1):
        if curve[k] < curve[k - 1] and curve[k] <= curve[k + 1]:
            return k
    return 1 + int(np.nanargmin(curve[1:]))


def _first_low(shares: Array) -> int:
    """First dimension with few false neighbours, or with no more at the next."""
    for m in range(shares.size - 1):
        if shares[m] <= _FEW or shares[m + 1] >= shares[m]:
            return m + 1
    return int(shares.size)
