"""Autoregressive noise: the second person's short memory, and nothing else of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.surrogates.present import present
from syntony.surrogates.registry import surrogate

ROWS_PER_COEFFICIENT = 10
_EXACT = 1e-12
"""Share of the variance below which what is left over is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """Autoregression around a mean, told by its reflection coefficients.

    ``variances`` holds what is left over at the orders 0 to ``reflections.size``, ``bic`` a value
    for every order tried.
    """

    mean: float
    reflections: Array
    variances: Array
    bic: Array

    def coefficients(self) -> list[Array]:
        """Coefficients ``v[t] = sum(a[i] v[t - 1 - i]) + e[t]`` of every order from 0 on."""
        orders = [np.empty(0)]
        for k in self.reflections:
            last = orders[-1]
            orders.append(np.append(last - k * last[::-1], k))
        return orders


def fit_burg(y: Array, max_order: int) -> Model:
    """Fit an autoregression by Burg's method, with the order of lowest BIC.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples; no prediction reaches over one.
    max_order : int
        Highest order tried. An order is tried only where ten windows without a gap are there
        for every coefficient and the mean.

    Returns
    -------
    Model
        Always stationary.

    Notes
    -----
    The reflection coefficient of order p is
    ``2 sum(f[t] b[t - 1]) / sum(f[t]**2 + b[t - 1]**2)``, f and b the errors of predicting
    forwards and backwards at order p - 1, the sums over every window of p + 1 samples without a
    gap [1]_. ``BIC(p) = n ln(variance of p) + p ln n``, n the number of valid samples.

    References
    ----------
    .. [1] de Waele & Broersen (2000), IEEE Transactions on Signal Processing 48(10), 2876-2880
       (Burg's method for segments).
    """
    there = ~np.isnan(y)
    n, mean = int(there.sum()), float(y[there].mean())
    forward = backward = y - mean
    variances, reflections = [float(np.mean(forward[there] ** 2))], []
    for order in range(1, max_order + 1):
        ahead, behind = forward[1:], backward[:-1]
        whole = ~np.isnan(ahead) & ~np.isnan(behind)
        if whole.sum() < ROWS_PER_COEFFICIENT * (order + 1):
            break
        f, b = ahead[whole], behind[whole]
        size = float(f @ f + b @ b)
        k = 2.0 * float(f @ b) / size if size > 0.0 else 0.0
        left = variances[-1] * (1.0 - k * k)
        if left <= _EXACT * variances[0]:
            break
        reflections.append(k)
        variances.append(left)
        forward, backward = ahead - k * behind, behind - k * ahead
    bic = n * np.log(variances) + np.arange(len(variances)) * math.log(n)
    order = int(np.argmin(bic))
    return Model(
        mean=mean,
        reflections=np.array(reflections[:order]),
        variances=np.array(variances[: order + 1]),
        bic=bic,
    )


@lru_cache(maxsize=4)
def _fitted(values: bytes, max_order: int) -> Model:
    """Model of a signal, fitted once however many draws are made; float64 as bytes."""
    return fit_burg(np.frombuffer(values, dtype=np.float64), max_order)


def simulate(model: Model, n: int, rng: np.random.Generator) -> Array:
    """Draw Gaussian noise of an autoregression, stationary from its first sample on.

    Sample t < p is drawn by the model of order t, every later one by that of order p, so that
    no run-in is needed.
    """
    from scipy.signal import lfilter, lfiltic

    orders = model.coefficients()
    noise = rng.standard_normal(n)
    order = min(model.reflections.size, n)
    out = np.empty(n)
    for t in range(order):
        out[t] = orders[t] @ out[:t][::-1] + math.sqrt(model.variances[t]) * noise[t]
    noise[order:] *= math.sqrt(model.variances[-1])
    if order < n:
        poles = np.concatenate(([1.0], -orders[-1]))
        state = lfiltic([1.0], poles, out[:order][::-1])
        out[order:] = lfilter([1.0], poles, noise[order:], zi=state)[0]
    return out + model.mean


@surrogate(
    name="autoregressive",
    title="Autoregressive noise",
    keeps="the mean, the variance and the short memory of the second person's signal: its "
    "autocorrelation as far as an autoregression tells it",
    destroys="everything else: single responses, skewed values, the course of the session and "
    "all timing",
    question="Do these two move together more than one of them moves with noise as sluggish as "
    "the other?",
    pitfall="It takes for granted that a session is alike throughout and its values are Gaussian. "
    "A course that both share passes for synchrony: 27 % of 306 simulated pairs of strangers at "
    ".05 (30 minutes of skin conductance, mean lagged correlation of levels, 99 draws); without a "
    "course 6 %.",
    cites=("deWaele2000", "Schwarz1978"),
)
def autoregressive(
    y: Array, rng: np.random.Generator, *, rate_hz: float, max_order: int = 20
) -> Array:
    """Replace a signal by Gaussian noise with its autocorrelation.

    Parameters
    ----------
    y : ndarray of float64, shape (n_samples,)
        The second person's signal. The model is fitted to windows without a gap, the noise is
        drawn over the whole axis, and NaN is put back where it was.
    rng : numpy.random.Generator
    rate_hz : float
        Samples per second.
    max_order : int, default 20
        Most past samples a value may hang on; the number is the one of lowest BIC.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        In the unit of ``y``; NaN where ``y`` is NaN.

    Raises
    ------
    InputError
        If ``max_order`` is under 1, the signal does not vary or has less than 60 s of valid
        samples.

    See Also
    --------
    syntony.surrogates.autoregressive.fit_burg : the model.

    References
    ----------
    .. [1] de Waele & Broersen (2000), IEEE Transactions on Signal Processing 48(10), 2876-2880.
    .. [2] Schwarz (1978), Annals of Statistics 6(2), 461-464 (BIC).
       https://doi.org/10.1214/aos/1176344136

    Examples
    --------
    >>> import numpy as np
    >>> y = np.sin(np.arange(400.0)) + np.random.default_rng(0).standard_normal(400)
    >>> y[50:60] = np.nan
    >>> drawn = autoregressive(y, np.random.default_rng(1), rate_hz=4.0)
    >>> bool((np.isnan(drawn) == np.isnan(y)).all())
    True
    """
    there = present(y, rate_hz)
    if max_order < 1:
        raise InputError("max_order", max_order, "at least 1 sample")
    drawn = simulate(
        _fitted(np.asarray(y, dtype=np.float64).tobytes(), int(max_order)), y.size, rng
    )
    drawn[~there] = np.nan
    return drawn
