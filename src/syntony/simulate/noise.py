"""Noise with a person's own spectrum and distribution of values, for any kind of signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array

BANDS = 24
SCORES = np.linspace(-3.5, 3.5, 57)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseLikeness:
    """One person's signal as noise: what it needs to be made again.

    Attributes
    ----------
    values : tuple of float
        Values at normal scores from -3.5 to 3.5 in steps of 0.125: the distribution.
    hz : tuple of float
        Centres of bands with equal ratios, from one cycle a session to half the rate.
    power : tuple of float
        Mean power of the normal scores in each band, relative.
    sd : float
        Of the normal scores without the course that strangers share.
    """

    values: tuple[float, ...]
    hz: tuple[float, ...]
    power: tuple[float, ...]
    sd: float


def normal_scores(values: Array) -> Array:
    """Ranks as quantiles of the normal distribution; equal values get the middle of theirs.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        NaN where ``values`` is.

    Examples
    --------
    >>> normal_scores(np.array([5.0, np.nan, 1.0, 3.0])).round(3).tolist()
    [0.967, nan, -0.967, 0.0]
    """
    from scipy.special import ndtri

    out = np.full(values.size, np.nan)
    there = np.isfinite(values)
    _, place, count = np.unique(values[there], return_inverse=True, return_counts=True)
    if place.size:
        middle = np.cumsum(count) - count / 2.0
        out[there] = ndtri((middle / place.size)[place])
    return out


def fit_noise(values: Array, scores: Array, rate_hz: float) -> NoiseLikeness:
    """Fit distribution and spectrum of one person's signal.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN where missing.
    scores : ndarray of float64, shape (n_samples,)
        Its normal scores, less what strangers share.
    rate_hz : float

    Returns
    -------
    NoiseLikeness

    Notes
    -----
    The spectrum is the periodogram under a Hann window in 24 bands; a band without a frequency
    of its own takes its neighbours'. For the spectrum alone, gaps are drawn as straight lines: a
    step at a gap's edge would pass for fast noise.

    Examples
    --------
    >>> y = np.sin(np.arange(2000) / 4)
    >>> like = fit_noise(y, normal_scores(y), 4.0)
    >>> round(like.hz[int(np.argmax(like.power))], 1)
    0.2
    """
    from scipy.special import ndtr

    there = np.isfinite(values)
    shares = ndtr(SCORES)
    table = np.quantile(values[there], shares)
    at = np.arange(values.size)
    filled = np.interp(at, at[there], scores[there] - scores[there].mean())
    filled *= np.hanning(values.size)
    power = np.abs(np.fft.rfft(filled)[1:]) ** 2
    hz = np.fft.rfftfreq(values.size, 1.0 / rate_hz)[1:]
    edges = np.geomspace(hz[0] * 0.999, hz[-1] * 1.001, BANDS + 1)
    centres = np.sqrt(edges[1:] * edges[:-1])
    band = np.clip(np.searchsorted(edges, hz, side="right") - 1, 0, BANDS - 1)
    count = np.bincount(band, minlength=BANDS)
    total = np.bincount(band, power, minlength=BANDS)
    known = (count > 0) & (total > 0)
    mean = np.full(BANDS, 1e-12)
    if known.any():
        logs = np.log(total[known] / count[known])
        mean = np.exp(np.interp(np.log(centres), np.log(centres[known]), logs))
    return NoiseLikeness(
        values=tuple(map(float, table)),
        hz=tuple(map(float, centres)),
        power=tuple(map(float, mean / mean.max())),
        sd=float(scores[there].std()),
    )


def noise_pair(
    rng: np.random.Generator,
    people: tuple[NoiseLikeness, NoiseLikeness],
    *,
    samples: int,
    rate_hz: float,
    share: float = 0.0,
    delay_s: float = 0.0,
) -> tuple[Array, Array]:
    """Two people's normal scores as noise, of which a share is common.

    Parameters
    ----------
    rng : numpy.random.Generator
    people : (NoiseLikeness, NoiseLikeness)
    samples : int
    rate_hz : float
    share : float, default 0
        Share of the variance that both have in common before each person's spectrum shapes it,
        0 to 1: the correlation of the two at the true delay, where the spectra are equal.
    delay_s : float, default 0
        The second person's common part comes this much later; negative: earlier.

    Returns
    -------
    first, second : ndarray of float64, shape (n_samples,)
        Of mean about 0 and the SD of each person.

    Notes
    -----
    Made twice as long as needed and cut, so that the end does not join the start.

    Examples
    --------
    >>> like = NoiseLikeness(values=(0.0,) * 57, hz=(0.01, 2.0), power=(1.0, 0.1), sd=1.0)
    >>> x, y = noise_pair(np.random.default_rng(1), (like, like), samples=4000, rate_hz=4.0,
    ...     share=0.5, delay_s=2.0)
    >>> bool(abs(np.corrcoef(x[:-8], y[8:])[0, 1] - 0.5) < 0.15)
    True
    """
    size = 2 * samples
    hz: Array = np.fft.rfftfreq(size, 1.0 / rate_hz).astype(np.float64)
    common, *own = np.fft.rfft(rng.standard_normal((3, size)), axis=1)
    later = np.exp(-2j * np.pi * hz * delay_s)
    made = []
    for person, mine, shift in zip(people, own, (1.0, later), strict=True):
        amplitude = _amplitude(person, hz)
        wave = amplitude * (np.sqrt(share) * common * shift + np.sqrt(1.0 - share) * mine)
        values = np.fft.irfft(wave, size)
        scale = np.sqrt(2.0 * np.sum(amplitude**2) / size)  # SD that unit white noise comes to
        made.append(values[:samples] * (person.sd / scale if scale > 0 else 0.0))
    return made[0], made[1]


def _amplitude(person: NoiseLikeness, hz: Array) -> Array:
    """Amplitude at every frequency: straight lines between the bands, both axes logarithmic."""
    out = np.zeros(hz.size)
    log_power = np.interp(np.log(hz[1:]), np.log(person.hz), np.log(person.power))
    out[1:] = np.exp(log_power / 2.0)
    return out


def as_values(scores: Array, person: NoiseLikeness) -> Array:
    """Turn normal scores into a person's values.

    Examples
    --------
    >>> like = NoiseLikeness(values=tuple(70 + SCORES), hz=(1.0,), power=(1.0,), sd=1.0)
    >>> as_values(np.array([0.0, 1.0]), like).tolist()
    [70.0, 71.0]
    """
    return np.interp(scores, SCORES, person.values)
