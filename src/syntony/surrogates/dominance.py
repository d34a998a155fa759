"""How often a real dyad exceeds a pseudo-dyad, with its interval over dyads."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from syntony.core.arrays import Array
from syntony.core.errors import InputError

AT_ONCE = 2**21


def effect_delta(
    real: ArrayLike, pseudo_by_dyad: ArrayLike, rng: np.random.Generator, bootstrap: int = 2000
) -> tuple[float, float, float]:
    """Cliff's delta of real beside pseudo-dyads, with its interval over dyads.

    The share of (real, pseudo) comparisons in which the real value is higher less the share in
    which it is lower; the probability of superiority is (delta + 1) / 2. Ranks only: neither
    a transformation nor a single extreme dyad changes much. The interval comes from drawing
    dyads, as that of :func:`syntony.surrogates.decision.effect_d`.

    Parameters
    ----------
    real : array_like, shape (n_dyads,)
        A dyad whose value is NaN is left out on both sides.
    pseudo_by_dyad : array_like, shape (n_dyads, n_dyads)
        [i, j]: first person of dyad i beside the second person of dyad j; NaN where there is no
        such pair, and on the diagonal.
    rng : numpy.random.Generator
    bootstrap : int, default 2000
        Samples of dyads; 0 leaves the interval out.

    Returns
    -------
    delta, low, high : float
        With the central 95 % of the samples; NaN where there is no value.

    Raises
    ------
    InputError
        If the shapes do not fit.

    References
    ----------
    .. [1] Cliff (1993), Psychological Bulletin 114(3), 494-509.
       https://doi.org/10.1037/0033-2909.114.3.494

    Examples
    --------
    >>> pseudo = np.array([[np.nan, 0.0, 1.0], [2.0, np.nan, 0.0], [1.0, 2.0, np.nan]])
    >>> effect_delta([3.0, 1.0, 3.0], pseudo, np.random.default_rng(0), 0)[0].__round__(6)
    0.666667
    """
    value = np.asarray(real, dtype=np.float64)
    pseudo = np.asarray(pseudo_by_dyad, dtype=np.float64)
    if value.ndim != 1 or pseudo.shape != (value.size, value.size):
        raise InputError("pseudo_by_dyad", pseudo.shape, f"({value.size}, {value.size}), as real")
    there = np.isfinite(value)
    value, pseudo = value[there], pseudo[np.ix_(there, there)]
    none = float("nan")
    if not np.isfinite(pseudo).any():
        return none, none, none
    delta = float(_delta_of_weights(np.ones((1, value.size)), value, pseudo)[0])
    if not bootstrap:
        return delta, none, none
    even = np.full(value.size, 1.0 / value.size)
    weights = rng.multinomial(value.size, even, size=bootstrap).astype(np.float64)
    samples = _delta_of_weights(weights, value, pseudo)
    samples = samples[np.isfinite(samples)]
    low, high = np.quantile(samples, [0.025, 0.975]) if samples.size else (none, none)
    return delta, float(low), float(high)


def _delta_of_weights(weights: Array, real: Array, pseudo: Array) -> Array:
    """Compute delta for each row of dyad weights; a pair counts as often as both its dyads."""
    first, second = np.nonzero(np.isfinite(pseudo))
    order = np.argsort(pseudo[first, second], kind="stable")
    first, second = first[order], second[order]
    values = pseudo[first, second]
    below = np.searchsorted(values, real, side="left")
    upto = np.searchsorted(values, real, side="right")
    rows = max(1, AT_ONCE // max(values.size, 1))
    out = np.full(len(weights), np.nan)
    for k in range(0, len(weights), rows):
        some = weights[k : k + rows]
        sums = np.zeros((len(some), values.size + 1))
        np.cumsum(some[:, first] * some[:, second], axis=1, out=sums[:, 1:])
        total = sums[:, -1]
        higher = sums[:, below] - (total[:, None] - sums[:, upto])
        np.divide(
            (some * higher).sum(axis=1),
            some.sum(axis=1) * total,
            out=out[k : k + rows],
            where=total > 0,
        )
    return out
