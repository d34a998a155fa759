"""Who comes first: synchrony beside the same codes earlier and later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.link.codes import CLASSES, UNCODED
from syntony.link.joined.pool import Pooled, beside_turns

MIN_DYADS = 4


def order_table(
    z: Array,
    classes: Ints,
    name: str,
    shifts: Ints,
    *,
    reach_s: int = 60,
    min_class_s: float = 10.0,
) -> Array:
    """Synchrony of a class less that of the other coded seconds, with the codes moved in time.

    Parameters
    ----------
    z : ndarray of float64, shape (seconds,)
        Synchrony on the scale on which it is averaged; NaN where missing.
    classes : ndarray of int64, shape (seconds,)
        Place in ``CLASSES``.
    name : str
        The class.
    shifts : ndarray of int64, shape (draws,)
        Turns of the codes in a session that is ``reach_s`` longer, from ``rotation_offsets``.
    reach_s : int, default 60
        Largest lag.
    min_class_s : float, default 10
        A contrast needs this many seconds of synchrony in the class, and in the rest.

    Returns
    -------
    ndarray of float64, shape (1 + draws, 2 * reach_s + 1)
        By lag from ``-reach_s`` to ``reach_s``: synchrony is the first, the code the second.
        At lag 10 the code of second t + 10 is read beside the synchrony of second t, so that
        a peak at a positive lag says that synchrony comes before the code.

    Notes
    -----
    The session is made ``reach_s`` longer by seconds without synchrony and without code, so
    that no lag reads a code from the other end of the session. A draw turns the codes round
    this longer session, and reads every lag from there.

    Examples
    --------
    The code begins 20 s after synchrony rises:

    >>> z = np.zeros(900)
    >>> z[200:230] = z[600:640] = 1.0
    >>> classes = np.where(np.roll(z, 20) > 0, 0, 2)
    >>> table = order_table(z, classes, "shared_positive", np.array([200]))
    >>> int(np.argmax(table[0])) - 60
    20
    """
    n = z.size + reach_s
    there = np.isfinite(z)
    centre = float(z[there].mean()) if there.any() else 0.0
    value = np.zeros(n)
    value[: z.size] = np.where(there, z - centre, 0.0)
    known = np.zeros(n)
    known[: z.size] = there
    padded = np.full(n, UNCODED)
    padded[: z.size] = classes
    inside = (padded == CLASSES.index(name)).astype(np.float64)
    rest = (padded != UNCODED) - inside
    # at turn s the code of second t - s lies beside the synchrony of second t
    of_z, of_known = np.fft.rfft(value), np.fft.rfft(known)
    means = []
    for marks in (inside, rest):
        turned = np.conj(np.fft.rfft(marks))
        total = np.fft.irfft(of_z * turned, n)
        count = np.rint(np.fft.irfft(of_known * turned, n))
        enough = count >= max(1.0, min_class_s)
        means.append(np.divide(total, count, out=np.full(n, np.nan), where=enough))
    apart = means[0] - means[1]
    lags = np.arange(-reach_s, reach_s + 1)
    by_turn = (shifts[:, None] - lags) % n
    # over all turns every lag meets the same values, in another order
    return beside_turns(apart[-lags % n], apart[by_turn], apart[:, None])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """Which comes first, over dyads.

    Attributes
    ----------
    lag_s, low, high : float
        Lag of the largest departure of the mean profile from chance, with the central 95 % of
        resampled dyads. Positive: synchrony comes before the code.
    height : float
        The mean contrast there.
    largest : float
        |z| of that departure; ``null``, shape (draws,), holds the largest |z| of every draw.
    lead : float
        Mean contrast over the positive lags that can be resolved less that over the negative
        ones; ``null_lead``, shape (draws,), the same in every draw.
    band : (ndarray, ndarray), shape (lags,)
        Central 95 % of the draws at every lag, for reading only.
    """

    lag_s: float
    low: float
    high: float
    height: float
    largest: float
    null: Array
    lead: float
    null_lead: Array
    band: tuple[Array, Array]


def order_of(
    pooled: Pooled, rng: np.random.Generator, *, reach_s: int, window_s: float, bootstrap: int
) -> Order:
    """Find the lag at which synchrony and a class go together most, over dyads.

    Parameters
    ----------
    pooled : Pooled
        Of tables of ``order_table``.
    rng : numpy.random.Generator
        For the resampling of dyads.
    reach_s : int
    window_s : float
        Lags shorter than this cannot be told from 0.
    bootstrap : int

    Notes
    -----
    Chance searches too: every draw gives the largest of its own departures over all lags.
    """
    lags = np.arange(-reach_s, reach_s + 1)
    centre = np.nanmean(pooled.null, axis=0)
    spread = np.nanstd(pooled.null, axis=0, ddof=1)
    safe = np.where(spread > 0, spread, np.inf)
    score = (pooled.mean - centre) / safe
    place = int(np.argmax(np.where(np.isfinite(score), np.abs(score), -1.0)))
    scores = np.abs((pooled.null - centre) / safe)
    null = np.where(np.isfinite(scores).all(axis=1), scores.max(axis=1), np.nan)
    sign = 1.0 if score[place] >= 0 else -1.0
    low, high = _peaks(pooled.each, centre, safe, sign, rng, bootstrap)
    far = np.abs(lags) >= window_s
    after, before = far & (lags > 0), far & (lags < 0)

    def lean(profile: Array) -> Array:
        if not after.any():
            return np.full(profile.shape[:-1], np.nan)
        apart: Array = profile[..., after].mean(axis=-1) - profile[..., before].mean(axis=-1)
        return apart

    edges = np.nanquantile(pooled.null, [0.025, 0.975], axis=0)
    return Order(
        lag_s=float(lags[place]),
        low=float(lags[0] + low),
        high=float(lags[0] + high),
        height=float(pooled.mean[place]),
        largest=float(abs(score[place])),
        null=null,
        lead=float(lean(pooled.mean)),
        null_lead=lean(pooled.null),
        band=(edges[0], edges[1]),
    )


def _peaks(
    each: Array, centre: Array, spread: Array, sign: float, rng: np.random.Generator, draws: int
) -> tuple[float, float]:
    """Central 95 % of the place of the peak when dyads are drawn again; NaN under 4."""
    whole = each[np.isfinite(each).all(axis=1)]
    if len(whole) < MIN_DYADS:
        return np.nan, np.nan
    weights = rng.multinomial(len(whole), np.full(len(whole), 1 / len(whole)), size=draws)
    means = weights @ whole / len(whole)
    places = np.argmax(sign * (means - centre) / spread, axis=1)
    low, high = np.quantile(places, [0.025, 0.975])
    return float(low), float(high)
