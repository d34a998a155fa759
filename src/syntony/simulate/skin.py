"""Skin conductance of one person: response trains, tonic level, drift, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError

RISE_S, DECAY_S = 0.7, 2.0
KERNEL_S = 30.0
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """What a person's skin conductance is made of.

    The first five figures are those of the simulation behind the project's figures for
    the concordance index (science notes, appendix A); the rest are choices of ours.

    Attributes
    ----------
    rate_per_min : float
        Mean number of responses per minute (Poisson).
    log_amplitude, log_amplitude_sd : float
        Mean and SD of the natural logarithm of a response's height in uS: median 0.30 uS,
        one response in ten above 0.84 uS.
    drift_us : float
        SD of the random walk of the tonic level after one second (uS per root second).
    noise_us : float
        SD of the sensor noise of a sample (uS), independent from sample to sample.
    gain : float
        Factor on every response (choice: 1).
    level_us : float
        Tonic level at the start of the recording (uS; choice: 6).
    habituation : float
        Share of a response's height that is lost in the course of the session, 0 to 1
        (choice: 0), approached exponentially with ``habituation_s`` (choice: 600 s).

    Examples
    --------
    >>> Skin(gain=0.5).rate_per_min
    5.0
    """

    rate_per_min: float = 5.0
    log_amplitude: float = -1.2
    log_amplitude_sd: float = 0.8
    drift_us: float = 0.01
    noise_us: float = 0.002
    gain: float = 1.0
    level_us: float = 6.0
    habituation: float = 0.0
    habituation_s: float = 600.0

    def __post_init__(self) -> None:
        for name in ("rate_per_min", "log_amplitude_sd", "drift_us", "noise_us", "gain"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise InputError(name, getattr(self, name), "a finite number, 0 or more")
        if not np.isfinite(self.level_us):
            raise InputError("level_us", self.level_us, "a finite number of microsiemens")
        if not 0 <= self.habituation <= 1:
            raise InputError("habituation", self.habituation, "a share, 0 to 1")
        if not self.habituation_s > 0:
            raise InputError("habituation_s", self.habituation_s, "more than 0 s")


def bateman(since_onset_s: Array) -> Array:
    """Shape of one response: rises with 0.7 s, falls with 2.0 s, height 1 at 1.13 s.

    Parameters
    ----------
    since_onset_s : ndarray of float64
        Seconds since the onset; 0 before it and after 30 s.

    Returns
    -------
    ndarray of float64
        Same shape, 0 to 1.

    References
    ----------
    .. [1] Greco et al. (2016), IEEE Trans Biomed Eng: the same two time
       constants. https://doi.org/10.1109/TBME.2015.2474131

    Examples
    --------
    >>> float(bateman(np.array([1.1307]))[0].round(4))
    1.0
    """
    inside = (since_onset_s >= 0) & (since_onset_s < KERNEL_S)
    t = np.where(inside, since_onset_s, 0.0)
    shape: Array = np.where(inside, (np.exp(-t / DECAY_S) - np.exp(-t / RISE_S)) / PEAK, 0.0)
    return shape


_PEAK_S = RISE_S * DECAY_S / (DECAY_S - RISE_S) * np.log(DECAY_S / RISE_S)
PEAK = float(np.exp(-_PEAK_S / DECAY_S) - np.exp(-_PEAK_S / RISE_S))


def scr_onsets(
    rng: np.random.Generator,
    *,
    duration_s: float,
    rate_per_min: float | Array,
    lead_in_s: float = KERNEL_S,
) -> Array:
    """Draw onsets of skin conductance responses as a Poisson process.

    Parameters
    ----------
    rng : numpy.random.Generator
    duration_s : float
        End of the stretch in seconds.
    rate_per_min : float or ndarray of float64, shape (n_seconds,)
        Responses per minute; an array gives the rate of each second from zero on (its
        first value also before zero, its last also after its end).
    lead_in_s : float, default 30
        Also draw this long before zero, so that the recording starts in mid-stream.

    Returns
    -------
    ndarray of float64, shape (n_onsets,)
        Ascending times in [-lead_in_s, duration_s), in seconds.

    Raises
    ------
    InputError
        If the duration is not above 0 or a rate is negative or not finite.

    Examples
    --------
    >>> times = scr_onsets(np.random.default_rng(1), duration_s=6000.0, rate_per_min=5.0)
    >>> bool(abs(times.size - 502) < 3 * 502**0.5)
    True
    """
    if not (np.isfinite(duration_s) and duration_s > 0):
        raise InputError("duration_s", duration_s, "a finite number of seconds above 0")
    rate = np.atleast_1d(np.asarray(rate_per_min, dtype=np.float64))
    if rate.size == 0 or not np.isfinite(rate).all() or rate.min() < 0:
        raise InputError("rate_per_min", rate_per_min, "finite rates, 0 or more")
    top = float(rate.max())
    count = rng.poisson(top / 60.0 * (duration_s + lead_in_s))
    times = np.sort(rng.uniform(-lead_in_s, duration_s, count))
    if rate.size > 1:
        times = times[rng.random(count) * top < per_second(rate, times)]
    return times


def per_second(values: Array, times_s: Array) -> Array:
    """Look up a per-second series at given times; held constant beyond both ends."""
    at = np.clip(np.floor(times_s).astype(np.int64), 0, values.size - 1)
    taken: Array = values[at]
    return taken


def scr_amplitudes(
    rng: np.random.Generator, onsets_s: Array, *, skin: Skin, shared: Array | None = None
) -> Array:
    """Draw a height in uS for each response: lognormal, gain, habituation.

    Parameters
    ----------
    rng : numpy.random.Generator
    onsets_s : ndarray of float64, shape (n_onsets,)
        For the habituation; before zero there is none.
    skin : Skin
    shared : ndarray of float64, shape (n_onsets,), optional
        Standard normal numbers to use instead of fresh ones.

    Returns
    -------
    ndarray of float64, shape (n_onsets,)
        Heights in uS, above 0.

    Examples
    --------
    >>> a = scr_amplitudes(np.random.default_rng(1), np.zeros(4000), skin=Skin())
    >>> bool(abs(np.log(a).mean() + 1.2) < 0.05)
    True
    """
    normal = rng.standard_normal(onsets_s.size) if shared is None else shared
    height = skin.gain * np.exp(skin.log_amplitude + skin.log_amplitude_sd * normal)
    if skin.habituation:
        lost = 1.0 - np.exp(-np.maximum(onsets_s, 0.0) / skin.habituation_s)
        height = height * (1.0 - skin.habituation * lost)
    out: Array = height
    return out


def responses(
    onsets_s: Array, amplitudes_us: Array, *, start_s: float, step_s: float, n_samples: int
) -> Array:
    """Sum the responses on an even grid; onsets may fall between samples.

    Parameters
    ----------
    onsets_s, amplitudes_us : ndarray of float64, shape (n_onsets,)
        Onsets in seconds, in any order, and heights in uS.
    start_s, step_s : float
        Time of the first sample and seconds between two samples.
    n_samples : int

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        In uS, 0 where no response reaches.

    Notes
    -----
    Exact at any rate: both exponentials are products of a part that depends on the
    onset and a part that depends on the sample, so no kernel is rounded to the grid.

    Examples
    --------
    >>> one = responses(np.array([1.0]), np.array([0.5]), start_s=0.0, step_s=0.01, n_samples=900)
    >>> int(one.argmax()), float(one.max().round(3))
    (213, 0.5)
    """
    reach = int(np.ceil(KERNEL_S / step_s))
    first = np.ceil((onsets_s - start_s) / step_s).astype(np.int64)
    near = (first > -reach) & (first < n_samples)
    first, height = first[near], amplitudes_us[near] / PEAK
    since = start_s + first * step_s - onsets_s[near]
    steps = np.arange(reach)
    slow, fast = np.exp(-steps * step_s / DECAY_S), np.exp(-steps * step_s / RISE_S)
    total = np.zeros(n_samples + 2 * reach)
    size = max(1, _CHUNK // reach)
    for k in range(0, first.size, size):
        some = slice(k, k + size)
        wave = np.outer(height[some] * np.exp(-since[some] / DECAY_S), slow)
        wave -= np.outer(height[some] * np.exp(-since[some] / RISE_S), fast)
        at = (first[some, None] + steps + reach).ravel()
        total += np.bincount(at, wave.ravel(), total.size)
    return total[reach : reach + n_samples]


def skin_conductance(
    rng: np.random.Generator,
    onsets_s: Array,
    amplitudes_us: Array,
    *,
    n_samples: int,
    rate_hz: float,
    skin: Skin,
    start_s: float = 0.0,
    step_s: float | None = None,
) -> Array:
    """Skin conductance: tonic level, responses, random-walk drift and sensor noise.

    Parameters
    ----------
    rng : numpy.random.Generator
        For drift and noise only: the same responses may be recorded again.
    onsets_s, amplitudes_us : ndarray of float64, shape (n_onsets,)
        Onsets in seconds, heights in uS.
    n_samples : int
    rate_hz : float
        Samples per second.
    skin : Skin
    start_s : float, default 0
        Time of the first sample, in the seconds of ``onsets_s``.
    step_s : float, optional
        True seconds between two samples; ``1 / rate_hz`` unless the device's clock is off.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        In uS, finite. The drift starts at 0 with the first sample.

    Raises
    ------
    InputError
        If the rate is not above 0.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> times = scr_onsets(rng, duration_s=60.0, rate_per_min=5.0)
    >>> heights = scr_amplitudes(rng, times, skin=Skin())
    >>> skin_conductance(rng, times, heights, n_samples=240, rate_hz=4.0, skin=Skin()).shape
    (240,)
    """
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InputError("rate_hz", rate_hz, "a finite number above 0 Hz")
    step = 1.0 / rate_hz if step_s is None else step_s
    values = responses(onsets_s, amplitudes_us, start_s=start_s, step_s=step, n_samples=n_samples)
    values += skin.level_us
    if n_samples:
        walk = rng.standard_normal(n_samples)
        walk[0] = 0.0
        values += skin.drift_us * np.sqrt(step) * np.cumsum(walk)
    values += skin.noise_us * rng.standard_normal(n_samples)
    return values
