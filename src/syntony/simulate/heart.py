"""Heart beats of one person or two: RR intervals with rhythms in them, and an ECG."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.signal import Signal

GRID_HZ = 10.0
LF_HZ, VLF_HZ = (0.04, 0.15), (0.003, 0.04)
_LEAD_S = 20.0
# name: (centre after R in s, width in s, height in mV); T moves with the root of the interval
WAVES = {
    "P": (-0.17, 0.022, 0.12),
    "Q": (-0.026, 0.009, -0.11),
    "R": (0.0, 0.010, 1.00),
    "S": (0.028, 0.009, -0.22),
    "T": (0.27, 0.048, 0.28),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heart:
    """What a person's beats are made of.

    The bands are the usual ones (HF 0.15-0.40, LF 0.04-0.15 Hz); the sizes are choices of
    ours for a resting adult.

    Attributes
    ----------
    mean_rr_ms : float
        Mean interval in ms.
    breath_hz, breath_sd_hz : float
        Mean rate of breathing, and the SD by which it wanders (slower than 0.04 Hz).
    hf_ms, lf_ms, vlf_ms : float
        SD of the respiratory, the slow and the very slow component in ms.
    """

    mean_rr_ms: float = 850.0
    breath_hz: float = 0.25
    breath_sd_hz: float = 0.015
    hf_ms: float = 25.0
    lf_ms: float = 25.0
    vlf_ms: float = 30.0

    def __post_init__(self) -> None:
        if not 300 <= self.mean_rr_ms <= 2000:
            raise InputError("mean_rr_ms", self.mean_rr_ms, "300 to 2000 ms")
        for name in ("breath_hz", "breath_sd_hz", "hf_ms", "lf_ms", "vlf_ms"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise InputError(name, getattr(self, name), "a finite number, 0 or more")


def band_noise(
    rng: np.random.Generator, *, n_samples: int, rate_hz: float, band_hz: tuple[float, float]
) -> Array:
    """Gaussian noise with power in one band only, SD 1 on average.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_samples : int
    rate_hz : float
    band_hz : (float, float)
        Lowest (included) and highest (excluded) frequency in Hz.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        Periodic: its end runs on into its start. Zero where the band holds no frequency
        of a signal this long.

    Examples
    --------
    >>> x = band_noise(np.random.default_rng(1), n_samples=40000, rate_hz=10.0,
    ...                band_hz=(0.04, 0.15))
    >>> bool(abs(x.std() - 1) < 0.1)
    True
    """
    frequency = np.fft.rfftfreq(n_samples, 1 / rate_hz)
    inside = (frequency >= band_hz[0]) & (frequency < band_hz[1]) & (frequency > 0)
    spectrum = np.zeros(frequency.size, dtype=np.complex128)
    count = int(inside.sum())
    if count:
        draws = rng.standard_normal((2, count))
        spectrum[inside] = (draws[0] + 1j * draws[1]) * n_samples / (2 * np.sqrt(count))
    noise: Array = np.fft.irfft(spectrum, n_samples)
    return noise


def slow_rhythms(rng: np.random.Generator, *, duration_s: float) -> Array:
    """LF and VLF course of the intervals, SD 1 each, on the grid of ``rr_intervals``.

    Parameters
    ----------
    rng : numpy.random.Generator
    duration_s : float

    Returns
    -------
    ndarray of float64, shape (2, n_grid)
        At 10 Hz, from 20 s before the session to 20 s after it.

    Raises
    ------
    InputError
        If the duration is not above 0.

    Examples
    --------
    >>> slow_rhythms(np.random.default_rng(1), duration_s=60.0).shape
    (2, 1000)
    """
    if not (np.isfinite(duration_s) and duration_s > 0):
        raise InputError("duration_s", duration_s, "a finite number of seconds above 0")
    n = round((duration_s + 2 * _LEAD_S) * GRID_HZ)
    return np.stack(
        [band_noise(rng, n_samples=n, rate_hz=GRID_HZ, band_hz=b) for b in (LF_HZ, VLF_HZ)]
    )


def rr_intervals(
    rng: np.random.Generator,
    *,
    duration_s: float,
    person: str,
    heart: Heart | None = None,
    slow: Array | None = None,
) -> Events:
    """Beats of one person, with the interval that ends at each.

    The interval as a function of time is the mean, plus a respiratory component whose
    rate wanders, plus a slow one; beats fall where the integral of its inverse passes a
    whole number (integral pulse frequency modulation).

    Parameters
    ----------
    rng : numpy.random.Generator
    duration_s : float
    person : str
    heart : Heart, optional
    slow : ndarray of float64, shape (2, n_grid), optional
        Slow rhythms to use instead of fresh ones: see ``slow_rhythms``.

    Returns
    -------
    Events
        Kind ``"rr"``: beats in [0, duration_s) in seconds, intervals in ms, all finite (the
        beat before the first is simulated, too) and never under 300 ms by construction.

    Raises
    ------
    InputError
        If the duration is not above 0 or ``slow`` has another shape than it needs.

    Examples
    --------
    >>> beats = rr_intervals(np.random.default_rng(1), duration_s=300.0, person="P01")
    >>> bool(abs(beats.values.mean() - 850) < 25)
    True
    """
    h = heart or Heart()
    rhythms = slow_rhythms(rng, duration_s=duration_s)
    if slow is not None:
        if slow.shape != rhythms.shape:
            raise InputError("slow", slow.shape, f"the shape of the grid, {rhythms.shape}")
        rhythms = slow
    n = rhythms.shape[1]
    wander = band_noise(rng, n_samples=n, rate_hz=GRID_HZ, band_hz=VLF_HZ)
    breath = np.maximum(h.breath_hz + h.breath_sd_hz * wander, 0.05)
    phase = 2 * np.pi * (np.cumsum(breath) / GRID_HZ + rng.random())
    rr_ms = h.mean_rr_ms + h.lf_ms * rhythms[0] + h.vlf_ms * rhythms[1]
    rr_ms += h.hf_ms * np.sqrt(2.0) * np.sin(phase)
    rr_ms = np.maximum(rr_ms, 300.0)
    grid_s = np.arange(n) / GRID_HZ - _LEAD_S
    passed = np.concatenate([[0.0], np.cumsum(1000.0 / rr_ms[:-1]) / GRID_HZ]) + rng.random()
    beats_s = np.interp(np.arange(1, int(passed[-1]) + 1), passed, grid_s)
    values = np.concatenate([[np.nan], np.diff(beats_s) * 1000.0])
    inside = (beats_s >= 0) & (beats_s < duration_s)
    return Events(
        times_s=beats_s[inside], values=values[inside], unit="ms", kind="rr", person=person
    )


def rr_pair(
    rng: np.random.Generator,
    *,
    duration_s: float,
    people: tuple[str, str],
    share: float = 0.0,
    delay_s: float = 0.0,
    hearts: tuple[Heart, Heart] | None = None,
) -> tuple[Events, Events]:
    """Beats of two people whose slow components are partly the same.

    Parameters
    ----------
    rng : numpy.random.Generator
    duration_s : float
    people : (str, str)
    share : float, default 0
        Correlation of the two slow (LF and VLF) components at the delay, 0 to 1.
        Respiration is always each person's own.
    delay_s : float, default 0
        Positive: the second follows, by at most 20 s.
    hearts : (Heart, Heart), optional

    Returns
    -------
    (Events, Events)

    Raises
    ------
    InputError
        If the share leaves 0 to 1 or the delay 20 s.

    Examples
    --------
    >>> a, b = rr_pair(np.random.default_rng(1), duration_s=60.0, people=("P01", "T01"), share=0.5)
    >>> a.kind, b.person
    ('rr', 'T01')
    """
    if not 0 <= share <= 1:
        raise InputError("share", share, "a share, 0 to 1")
    if not abs(delay_s) <= _LEAD_S:
        raise InputError("delay_s", delay_s, f"at most {_LEAD_S:g} s either way")
    pair = hearts or (Heart(), Heart())
    streams = rng.spawn(5)
    common = slow_rhythms(streams[0], duration_s=duration_s)
    grid_s = np.arange(common.shape[1]) / GRID_HZ
    made = []
    for i in range(2):
        late_s = max(0.0, delay_s if i == 1 else -delay_s)
        led = [np.interp(grid_s - late_s, grid_s, c, period=grid_s.size / GRID_HZ) for c in common]
        own = slow_rhythms(streams[1 + i], duration_s=duration_s)
        made.append(
            rr_intervals(
                streams[3 + i],
                duration_s=duration_s,
                person=people[i],
                heart=pair[i],
                slow=np.sqrt(share) * np.stack(led) + np.sqrt(1 - share) * own,
            )
        )
    return made[0], made[1]


def ecg_from_beats(
    rng: np.random.Generator,
    beats: Events,
    *,
    duration_s: float,
    rate_hz: float,
    noise_mv: float = 0.01,
    wander_mv: float = 0.1,
) -> Signal:
    """Draw an ECG with its R peaks at the given beats.

    Each beat is a sum of five bells P, Q, R, S, T whose places, widths and heights are
    choices of ours in the range of a lead II; the T wave moves with the square root of
    the interval. Good for tests of R-peak detectors, not for anything about wave shape.

    Parameters
    ----------
    rng : numpy.random.Generator
    beats : Events
        Kind ``"rr"``: times in seconds; intervals in ms where known (NaN counts as 850).
    duration_s, rate_hz : float
        Length in seconds; samples per second, at least 100.
    noise_mv, wander_mv : float
        SD of the sensor noise and of the baseline (0.05 to 0.4 Hz), in mV.

    Returns
    -------
    Signal
        Kind ``"ecg"``, in mV, finite.

    Raises
    ------
    InputError
        If the rate is under 100 Hz or the events are not beats.

    Examples
    --------
    >>> beats = rr_intervals(np.random.default_rng(1), duration_s=10.0, person="P01")
    >>> ecg_from_beats(np.random.default_rng(2), beats, duration_s=10.0, rate_hz=250.0)
    Signal(ecg of P01, 2500 samples at 250 Hz from 0 s, mV, 100.0 % present)
    """
    if not rate_hz >= 100:
        raise InputError("rate_hz", rate_hz, "at least 100 Hz", "An R wave is 20 ms wide.")
    if beats.kind != "rr":
        raise InputError("beats", beats.kind, "events of kind 'rr'")
    n = round(duration_s * rate_hz)
    reach = round(0.6 * rate_hz)
    offsets = np.arange(-reach, reach + 1)
    rr_ms = np.full(beats.times_s.size, 850.0) if beats.values is None else beats.values
    stretch = np.sqrt(np.where(np.isfinite(rr_ms), rr_ms, 850.0) / 850.0)
    middle = np.round(beats.times_s * rate_hz).astype(np.int64)
    since = (middle[:, None] + offsets) / rate_hz - beats.times_s[:, None]
    wave = np.zeros_like(since)
    for name, (centre_s, width_s, height_mv) in WAVES.items():
        centre = centre_s * (stretch[:, None] if name == "T" else 1.0)
        wave += height_mv * np.exp(-0.5 * ((since - centre) / width_s) ** 2)
    at = middle[:, None] + offsets
    inside = (at >= 0) & (at < n)
    values = np.bincount(at[inside], wave[inside], n).astype(np.float64)
    values += noise_mv * rng.standard_normal(n)
    values += wander_mv * band_noise(rng, n_samples=n, rate_hz=rate_hz, band_hz=(0.05, 0.4))
    return Signal(
        values=values, rate_hz=rate_hz, start_s=0.0, unit="mV", kind="ecg", person=beats.person
    )
