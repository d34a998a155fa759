"""Wavelet coherence beside red noise: where it is higher than unrelated noise would be."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony._fisher import mean_present
from syntony.synchrony._inputs import check_number, fixed
from syntony.synchrony._wavelet import CONVENTIONS, Conventions, Plan, lay_out, scale_weights
from syntony.synchrony._wavelet_map import coherence_map
from syntony.synchrony.registry import Statistic, method
from syntony.synchrony.wavelet import (
    ANTI_PHASE_RAD,
    IN_PHASE_RAD,
    UNITS,
    WORDS,
    bands,
    planned,
    share_of,
)

_GRID = 0.1  # to which the inverse hyperbolic tangent of a coefficient is rounded
_MOST = 0.9999
_FINE = 3.0  # samples that the shortest scale must span where noise is made at a lower rate
_SHORT = 400  # samples of noise that are quicker to transform at all scales at once
_TIMES = 256  # moments at which a surrogate is read, at most


def lag_one(values: Array) -> float:
    """Correlation of neighbouring samples, of those that are both there; 0 where there are none.

    Examples
    --------
    >>> lag_one(np.array([1.0, 2.0, np.nan, 1.0, 2.0]))
    -1.0
    """
    there = np.isfinite(values)
    if not there.any():
        return 0.0
    off = values - values[there].mean()
    both = there[1:] & there[:-1]
    power = float((off[there] ** 2).mean())
    if power == 0.0 or not both.any():
        return 0.0
    return float((off[1:][both] * off[:-1][both]).mean()) / power


def rounded(coefficient: float) -> float:
    """The coefficient for which a threshold is computed: its inverse tanh, to the nearest 0.1.

    Examples
    --------
    >>> round(rounded(0.96), 4), round(rounded(0.9999), 4)
    (0.9562, 0.9999)
    """
    held = min(max(coefficient, -_MOST), _MOST)
    return math.tanh(round(math.atanh(held) / _GRID) * _GRID)


@lru_cache(maxsize=512)
def red_noise_threshold(
    first: float,
    second: float,
    n_samples: int,
    rate_hz: float,
    period_s: tuple[float, ...],
    voices: int,
    convention: str,
    *,
    count: int,
    level: float,
    seed: int,
) -> Array:
    """Squared coherence that unrelated red noise exceeds in 1 - ``level`` of its cells.

    Parameters
    ----------
    first, second : float
        Lag-one correlations of the two noises.
    n_samples : int
    rate_hz : float
    period_s : tuple of float
        Periods of the scales, ascending.
    voices : int
    convention : str
        As in :func:`~syntony.synchrony.wavelet.wavelet_coherence`.
    count : int
        Pairs of noise.
    level : float
    seed : int

    Returns
    -------
    ndarray, shape (n_periods,)
        One threshold per period, read-only; NaN where all cells lie in the cone of influence.
        Kept for the next call with the very same arguments, all of which decide the result.

    Notes
    -----
    The scales are worked off an octave at a time, with the neighbours that smoothing brings in;
    once the noise is short, the rest together. Where the shortest scale spans many samples,
    only every 2nd, 4th, 8th ... sample is made: every d-th sample of such noise is such noise
    with the coefficient to the power of d.
    """
    out = np.full(len(period_s), np.nan)
    how = CONVENTIONS[convention]
    margin = scale_weights(how.boxcar, voices).size // 2
    begin = 0
    while begin < out.size:
        low = max(0, begin - margin)
        wide = period_s[low] * rate_hz / how.cycle / _FINE
        thin = 1 if how.bartlett else 2 ** max(0, math.floor(math.log2(wide)))
        n_thin = math.ceil(n_samples / thin)
        end = min(begin + voices, out.size) if n_thin > _SHORT else out.size
        stride = math.ceil(n_thin / _TIMES)
        some = period_s[low : end + margin]
        plan = lay_out(n_thin, rate_hz / thin, some, voices, stride, convention, False)
        rng = np.random.default_rng([seed, begin])
        out[begin:end] = _quantiles(
            plan,
            (first**thin, second**thin),
            slice(begin - low, end - low),
            rng,
            count=count,
            level=level,
        )
        begin = end
    return fixed(out)


def _quantiles(
    plan: Plan,
    coefficients: tuple[float, float],
    inner: slice,
    rng: np.random.Generator,
    *,
    count: int,
    level: float,
) -> Array:
    """Quantile of the coherence of noise at each scale, over all cells outside the cone."""
    from syntony.kernels.wavelet import red_noise

    outside = plan.outside[:, ::-1][:, inner]
    cells = np.empty((count, *outside.shape))
    for k in range(count):
        shocks = rng.standard_normal((2, plan.n_samples))
        x, y = (red_noise(s, c) for s, c in zip(shocks, coefficients, strict=True))
        cells[k] = coherence_map(x, y, plan, phase=False).squared[:, ::-1][:, inner]
    out = np.full(outside.shape[1], np.nan)
    for j in range(out.size):
        here = cells[:, outside[:, j], j]
        here = here[np.isfinite(here)]
        if here.size:
            out[j] = np.quantile(here, level)
    return out


def _summary(coupling: Coupling) -> dict[str, float]:
    """One number per statistic of ``wavelet_significance``."""
    values, phase_rad = coupling.values, np.abs(coupling.parts["phase_rad"])
    there = np.isfinite(values)
    high = values > 0.5
    found = {"significant_share": mean_present(values)}
    for name, band in bands(coupling).items():
        here = there & band
        found |= {
            f"{name}_significant": share_of(high, here),
            f"{name}_in_phase": share_of(high & (phase_rad < IN_PHASE_RAD), here),
            f"{name}_anti_phase": share_of(high & (phase_rad > ANTI_PHASE_RAD), here),
        }
    return found


def _share(name: str, title: str, explain: str, chance: float) -> Statistic:
    """Describe a share of the map."""
    return Statistic(name=name, title=title, explain=explain, bounds=(0.0, 1.0), chance=chance)


_STATISTICS = (
    _share(
        "significant_share",
        "Share of the map above red noise",
        "Share of all times and frequencies at which the two kept step better than unrelated "
        "noise with the same sluggishness mostly does. 5 in 100 for strangers at the default "
        "level: only more than that, and more than for surrogates, says something.",
        0.05,
    ),
    *(
        _share(f"{band}_{name}", f"{title}, {band} band", explain, chance)
        for band in ("slow", "fast")
        for name, title, explain, chance in (
            (
                "significant",
                "Share above red noise",
                "Share of the times and frequencies of the band at which the two kept step "
                "better than unrelated noise mostly does.",
                0.05,
            ),
            (
                "in_phase",
                "Share above red noise and in phase",
                "Share of the times and frequencies of the band at which the two kept step "
                "better than noise and rose and fell together.",
                0.0125,
            ),
            (
                "anti_phase",
                "Share above red noise and in anti-phase",
                "Share of the times and frequencies of the band at which the two kept step "
                "better than noise and one rose while the other fell.",
                0.0125,
            ),
        )
    ),
)


@method(
    name="wavelet_significance",
    title="Wavelet coherence above red noise",
    summarise=_summary,
    statistics=_STATISTICS,
    dims=("time", "frequency"),
    bounds=(0.0, 1.0),
    chance=0.05,
    swap="same",
    scale_free=True,
    cites=("Grinsted2004", "TorrenceCompo1998"),
    sentence="Wavelet coherence [@Grinsted2004; @TorrenceCompo1998], Morlet wavelet, {voices} "
    "scales per octave from {low_hz:g} to {high_hz:g} Hz (bands split at {split_hz:g} Hz), every "
    "{step_s:g} s, {convention}, outside the cone of influence and with at least "
    "{min_coverage:g} of the wavelet's energy on present samples, was called high where it "
    "exceeded the {level:g} quantile, per scale, of {count} pairs of first-order autoregressive "
    "noise with the signals' lag-one correlations (seed {seed}).",
    question="On how large a share of the session, and in which rhythms, did the two keep step "
    "better than unrelated noise as sluggish as their signals would?",
    not_when="A decision about a dyad or a sample is wanted: 5 in 100 of the map is high by "
    "chance, in islands, and red noise has neither the shape of a session nor of skin "
    "conductance. Compare the share with surrogates. For the strength itself use "
    "wavelet_coherence.",
    words=WORDS,
    lags="up to half a cycle of each frequency, by its phase",
    units={**UNITS, "level": "1", "count": "1", "seed": "1"},
)
def wavelet_significance(
    x: Array,
    y: Array,
    *,
    rate_hz: float,
    low_hz: float = 0.01,
    split_hz: float = 0.045,
    high_hz: float = 0.25,
    voices: int = 12,
    step_s: float = 1.0,
    convention: Conventions = "grinsted",
    min_coverage: float = 0.8,
    level: float = 0.95,
    count: int = 300,
    seed: int = 0,
) -> Coupling:
    """Where the wavelet coherence of two signals is higher than that of red noise.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        The two signals on one clock. NaN marks missing samples.
    rate_hz : float
        Samples per second of both signals; it need not be a whole number.
    low_hz, split_hz, high_hz, voices, step_s, convention, min_coverage
        As in :func:`~syntony.synchrony.wavelet.wavelet_coherence`; ``low_hz``, ``split_hz`` and
        ``high_hz`` in Hz, ``step_s`` in s.
    level : float
        Share of noise that stays under the threshold.
    count : int
        Pairs of noise from which the threshold is read, at least 19.
    seed : int
        Of that noise.

    Returns
    -------
    Coupling
        ``values`` : 1 where coherence exceeds the threshold, 0 elsewhere, shape (n_times,
        n_frequencies); NaN where there is no coherence, as in ``wavelet_coherence``.
        ``parts["r2"]`` and ``parts["phase_rad"]`` : coherence and phase, shape of ``values``;
        ``parts["threshold_r2"]`` : shape (n_frequencies,); ``parts["lag_one"]`` : the two
        coefficients for which it was computed.

    Raises
    ------
    InputError
        As ``wavelet_coherence``.

    Notes
    -----
    Noise is ``n[t] = a n[t - 1] + e[t]``, as long as the signals and without gaps, a being each
    signal's correlation of neighbouring samples, of which the inverse hyperbolic tangent is
    rounded to the nearest 0.1. The threshold of a frequency is the quantile over all cells
    outside the cone of influence of all ``count`` pairs. Thresholds are kept in memory by
    everything that decides them: both rounded coefficients, length, rate, scales, convention,
    level, count and seed. (pycwt 0.5.0b0 keys its cache by arctanh(4 a), which is no number for
    a above 0.25: all strongly autocorrelated pairs share one threshold.) Long scales are
    simulated at a lower rate, which leaves the statistics of a scale as they are.

    References
    ----------
    .. [1] Grinsted, Moore & Jevrejeva (2004), Nonlinear Processes in Geophysics 11, 561-566,
       section 3.4. https://doi.org/10.5194/npg-11-561-2004
    .. [2] Torrence & Compo (1998), Bulletin of the American Meteorological Society 79, 61-78.

    Examples
    --------
    >>> x, y = np.random.default_rng(1).standard_normal((2, 1200))
    >>> apart = wavelet_significance(x, y, rate_hz=4.0, count=19)
    >>> same = wavelet_significance(x, x + 0.3 * y, rate_hz=4.0, count=19)
    >>> float(np.nanmean(apart.values)) < 0.2 < float(np.nanmean(same.values))
    True
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    plan = planned(
        x,
        y,
        rate_hz,
        edges_hz=(low_hz, split_hz, high_hz),
        voices=voices,
        step_s=step_s,
        convention=convention,
        min_coverage=min_coverage,
    )
    check_number("level", level, 0.5, 0.9999, "a share from 0.5 to 0.9999")
    if not (isinstance(count, int) and count >= 19):
        raise InputError("count", count, "a whole number, 19 or more")
    if not (isinstance(seed, int) and seed >= 0):
        raise InputError("seed", seed, "a whole number, 0 or more")
    found = coherence_map(x, y, plan, min_coverage=min_coverage)
    r2 = np.where(plan.outside, found.squared, np.nan)
    there = np.isfinite(r2)
    memory = [rounded(lag_one(v)) for v in (x, y)]
    threshold = np.full(plan.frequency_hz.size, np.nan)
    if there.any():
        period_s = tuple((1.0 / plan.frequency_hz[::-1]).tolist())
        ascending = red_noise_threshold(
            min(memory),
            max(memory),
            x.size,
            rate_hz,
            period_s,
            voices,
            convention,
            count=count,
            level=level,
            seed=seed,
        )
        threshold = ascending[::-1]
    return Coupling(
        values=np.where(there, (r2 > threshold).astype(np.float64), np.nan),
        dims=("time", "frequency"),
        coords={"time": plan.times_s, "frequency": plan.frequency_hz},
        coverage=np.ones(r2.shape) if found.coverage is None else found.coverage,
        reach_s=(plan.reach_s, plan.reach_s),
        method="wavelet_significance",
        options={
            "low_hz": low_hz,
            "split_hz": split_hz,
            "high_hz": high_hz,
            "voices": voices,
            "step_s": plan.stride / rate_hz,
            "convention": convention,
            "min_coverage": min_coverage,
            "level": level,
            "count": count,
            "seed": seed,
        },
        parts={
            "r2": r2,
            "phase_rad": np.where(there, found.phase_rad, np.nan),
            "threshold_r2": threshold,
            "lag_one": np.array(memory),
        },
    )
