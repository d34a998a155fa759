"""Skin conductance of a study taken apart: responses, drifting level, noise, common courses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.seeds import rng_for
from syntony.simulate.courses import Course, binned, common_course
from syntony.simulate.responses import find_responses
from syntony.simulate.skin import Skin, scr_amplitudes, scr_onsets, skin_conductance

FEW = 8  # responses from which a distribution of heights can be told
ROUNDS = 2
LONG, LONGEST_S = 3.0, 9000.0
LAG_S = 480.0
WALK = 0.85  # of what a random walk gives: less than this, and the level returns
USUAL_LOG_HEIGHT, USUAL_LOG_HEIGHT_SD = -2.5, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinLikeness:
    """One person's skin conductance in one session.

    Attributes
    ----------
    rate_per_min : float
        Responses per minute.
    log_height, log_height_sd : float
        Mean and SD of the natural logarithm of their heights in uS.
    drift_us : float
        SD of the level's random steps after one second (uS per root second).
    noise_us : float
        SD of the noise of a sample before the feature was cleaned (uS). Noise far smaller than
        what responses leave behind (some thousandths) is known within a factor of two.
    level_us : float
        Median level (uS).
    spread_us : float
        SD of the level in bins of 30 s (uS): the scale of the course that strangers share.
    """

    rate_per_min: float
    log_height: float
    log_height_sd: float
    drift_us: float
    noise_us: float
    level_us: float
    spread_us: float

    def as_skin(self) -> Skin:
        """The same for the simulator, without level and drift."""
        return Skin(
            rate_per_min=self.rate_per_min,
            log_amplitude=self.log_height,
            log_amplitude_sd=self.log_height_sd,
            drift_us=0.0,
            noise_us=self.noise_us,
            level_us=0.0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinFit:
    """Everybody's skin, and what strangers have in common."""

    people: tuple[SkinLikeness, ...]
    course: Course
    pace: Course
    memory_s: float


def clean_nothing(values: Array) -> Array:
    """Leave values as they are."""
    return values


def fit_skin(
    bodies: Sequence[Array],
    dyads: Sequence[str],
    rate_hz: float,
    *,
    seed: int,
    clean: Callable[[Array], Array],
    end_bins: int,
) -> SkinFit:
    """Fit everybody's skin conductance, one after another, and what strangers share.

    Parameters
    ----------
    bodies : sequence of ndarray of float64
        One signal a person and session, in uS, NaN where missing.
    dyads : sequence of str
        Dyad of each.
    rate_hz : float
    seed : int
    clean : callable
        What the signals went through.
    end_bins : int
        Bins of 30 s that are laid together at the end of the sessions.

    Returns
    -------
    SkinFit

    Notes
    -----
    Heights and rate come from the responses found, drift and memory from how fast the rest
    wanders off: ``D(L)``, its mean squared step over L seconds, at three lags. Differences of
    them are free of what short-lived remains leave. What such estimates miss (responses that
    overlap) is corrected by what the same estimates give on a twin three times as long, twice
    over. Responses that drown in noise are not found, and the twins lack them.
    """
    found = [find_responses(v, rate_hz) for v in bodies]
    levels = [scaled_level(f.rest_us, rate_hz, end_bins) for f in found]
    course = common_course(levels, dyads, rng_for(seed, "course"))
    paces = [_pace(f.onsets_s, v, rate_hz, end_bins) for f, v in zip(found, bodies, strict=True)]
    pace = common_course(paces, dyads, rng_for(seed, "pace"))
    lags = _lags([v.size / rate_hz for v in bodies])
    free = [_without(f.rest_us, rate_hz, course) for f in found]
    memory_s = memory_of(np.array([steps(r, rate_hz, lags) for r in free]), lags)
    look = _Look(rate_hz, lags, memory_s)
    raw = [look.at(v, course) for v in bodies]
    people = [
        _corrected(one, v.size, look, clean, rng_for(seed, "correction", k))
        for k, (one, v) in enumerate(zip(raw, bodies, strict=True))
    ]
    return SkinFit(people=tuple(people), course=course, pace=pace, memory_s=memory_s)


def scaled_level(rest_us: Array, rate_hz: float, end_bins: int) -> tuple[Array, Array]:
    """Level in bins of 30 s, less its mean, in its own SDs; zeros where it does not vary."""
    start, end = binned(rest_us, rate_hz, end_bins)
    both = np.concatenate([start, end])
    if np.isfinite(both).sum() < 2 or not np.nanstd(both) > 0:
        return np.zeros(start.size), np.zeros(end.size)
    mean, sd = np.nanmean(both), np.nanstd(both)
    return (start - mean) / sd, (end - mean) / sd


def _pace(onsets_s: Array, values: Array, rate_hz: float, end_bins: int) -> tuple[Array, Array]:
    """Responses in each bin relative to the mean, less 1; NaN where nothing was recorded."""
    events = np.where(np.isfinite(values), 0.0, np.nan)
    np.add.at(events, np.rint(onsets_s * rate_hz).astype(np.int64), 1.0)
    mean = float(np.nanmean(events))
    start, end = binned(events, rate_hz, end_bins)
    if not mean > 0:
        return np.zeros(start.size), np.zeros(end.size)
    return start / mean - 1.0, end / mean - 1.0


def _without(rest_us: Array, rate_hz: float, course: Course) -> Array:
    """The rest without the course that strangers share, on this person's scale."""
    at = course.at(np.arange(rest_us.size) / rate_hz, rest_us.size / rate_hz)
    return rest_us - spread_of(rest_us, rate_hz) * at


def spread_of(rest_us: Array, rate_hz: float) -> float:
    """SD of the level in bins of 30 s; 0 where fewer than two bins are there."""
    bins, _ = binned(rest_us, rate_hz, 0)
    return float(np.nanstd(bins)) if np.isfinite(bins).sum() > 1 else 0.0


def _lags(durations_s: Sequence[float]) -> tuple[float, float, float]:
    """Three lags, each four times the one before; 30, 120 and 480 s from 32 minutes on."""
    longest = min(LAG_S, float(np.median(durations_s)) / 4.0)
    return longest / 16.0, longest / 4.0, longest


def steps(rest_us: Array, rate_hz: float, lags_s: Sequence[float]) -> Array:
    """Mean squared step of a level over each lag, shape (n_lags,); NaN without a pair.

    Examples
    --------
    >>> steps(np.arange(20.0), 1.0, (1.0, 3.0)).tolist()
    [1.0, 9.0]
    """
    out = []
    for lag_s in lags_s:
        k = max(1, round(lag_s * rate_hz))
        apart = rest_us[k:] - rest_us[:-k]
        apart = apart[np.isfinite(apart)]
        out.append(float(np.mean(apart**2)) if apart.size else math.nan)
    return np.array(out)


def memory_of(every: Array, lags_s: Sequence[float]) -> float:
    """Time constant with which levels return, over all people; infinite for random walks.

    Parameters
    ----------
    every : ndarray of float64, shape (n_people, 3)
        Mean squared steps, as :func:`steps` gives them.
    lags_s : (float, float, float)

    Returns
    -------
    float
        Seconds.

    Notes
    -----
    A level that drifts and returns with time constant T has
    ``D(L) = d ** 2 T (1 - exp(-L / T))``; T follows from the ratio of the two differences of
    D, summed over people after each is divided by its own D at the middle lag.

    Examples
    --------
    >>> lags = np.array([30.0, 120.0, 480.0])
    >>> memory_of(np.array([1.0 + lags]), lags)
    inf
    >>> round(memory_of(np.array([0.3 + 100 * (1 - np.exp(-lags / 100))]), lags))
    100
    """
    good = np.isfinite(every).all(axis=1) & (every[:, 1] > every[:, 0])
    if not good.any():
        return math.inf
    own = every[good] / every[good, 1:2]
    ratio = float((own[:, 2] - own[:, 1]).sum() / (own[:, 1] - own[:, 0]).sum())
    short, middle, long = lags_s
    if ratio >= WALK * (long - middle) / (middle - short):
        return math.inf
    grid = np.geomspace(short / 2.0, 50.0 * long, 4000)
    e = [np.exp(-lag / grid) for lag in (short, middle, long)]
    given = (e[1] - e[2]) / np.maximum(e[0] - e[1], 1e-300)
    return float(grid[int(np.argmin(np.abs(given - ratio)))])


@dataclass(frozen=True)
class _Look:
    """How one signal is measured: the same way for the data and for the twins."""

    rate_hz: float
    lags_s: tuple[float, float, float]
    memory_s: float

    def at(self, values: Array, course: Course | None = None) -> SkinLikeness:
        """Plain estimates, not corrected."""
        found = find_responses(values, self.rate_hz)
        rest = found.rest_us
        free = rest if course is None else _without(rest, self.rate_hz, course)
        minutes = np.isfinite(values).sum() / self.rate_hz / 60.0
        low, middle, high = _quartiles(found.heights_us)
        return SkinLikeness(
            rate_per_min=found.onsets_s.size / minutes,
            log_height=middle,
            log_height_sd=(high - low) / 1.349,
            drift_us=self.drift(free),
            noise_us=_rough(rest),
            level_us=float(np.nanmedian(rest)),
            spread_us=spread_of(rest, self.rate_hz),
        )

    def drift(self, free: Array) -> float:
        """Size of the level's random steps, from the growth of its mean squared step."""
        short, middle, _ = self.lags_s
        of = steps(free, self.rate_hz, (short, middle))
        t = self.memory_s
        grown = middle - short
        if math.isfinite(t):
            grown = t * (math.exp(-short / t) - math.exp(-middle / t))
        more = float(of[1] - of[0])
        return math.sqrt(max(0.0, more) / grown) if math.isfinite(more) else 0.0


def _quartiles(heights_us: Array) -> tuple[float, float, float]:
    """Quartiles of the log heights; those of small responses where too few were found."""
    if heights_us.size < FEW:
        half = 1.349 / 2 * USUAL_LOG_HEIGHT_SD
        return USUAL_LOG_HEIGHT - half, USUAL_LOG_HEIGHT, USUAL_LOG_HEIGHT + half
    low, middle, high = np.quantile(np.log(heights_us), [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def _rough(rest_us: Array) -> float:
    """Median size of the second difference, on the scale of an SD of white noise."""
    bent = np.abs(np.diff(rest_us, 2))
    bent = bent[np.isfinite(bent)]
    return 1.4826 * float(np.median(bent)) / math.sqrt(6.0) if bent.size else 0.0


def _corrected(
    raw: SkinLikeness,
    samples: int,
    look: _Look,
    clean: Callable[[Array], Array],
    rng: np.random.Generator,
) -> SkinLikeness:
    """Correct estimates by what they give on twins whose figures are known."""
    seconds = min(LONG * samples / look.rate_hz, LONGEST_S)
    few = raw.rate_per_min * samples / look.rate_hz / 60.0 < FEW
    now = raw
    for _ in range(ROUNDS):
        twin = clean(skin_alone(rng, now, seconds, look.rate_hz, look.memory_s))
        got = look.at(twin)
        now = SkinLikeness(
            rate_per_min=now.rate_per_min * (1.0 if few else _ratio(raw, got, "rate_per_min")),
            log_height=now.log_height + (0.0 if few else raw.log_height - got.log_height),
            log_height_sd=now.log_height_sd * (1.0 if few else _ratio(raw, got, "log_height_sd")),
            drift_us=now.drift_us * _ratio(raw, got, "drift_us"),
            noise_us=now.noise_us * _ratio(raw, got, "noise_us"),
            level_us=raw.level_us,
            spread_us=raw.spread_us,
        )
    return now


def _ratio(raw: SkinLikeness, got: SkinLikeness, name: str) -> float:
    """Factor by which an estimate is off, never more than three either way."""
    wanted, given = getattr(raw, name), getattr(got, name)
    return float(np.clip(wanted / given, 1 / 3, 3.0)) if given > 0 and wanted > 0 else 1.0


def skin_alone(
    rng: np.random.Generator, person: SkinLikeness, seconds: float, rate_hz: float, memory_s: float
) -> Array:
    """One person's skin conductance without any common course, before it is cleaned.

    Examples
    --------
    >>> one = SkinLikeness(rate_per_min=5.0, log_height=-1.2, log_height_sd=0.8, drift_us=0.01,
    ...     noise_us=0.002, level_us=6.0, spread_us=0.3)
    >>> skin_alone(np.random.default_rng(1), one, 60.0, 4.0, math.inf).shape
    (240,)
    """
    skin = person.as_skin()
    samples = max(2, round(seconds * rate_hz))
    onsets = scr_onsets(rng, duration_s=seconds, rate_per_min=person.rate_per_min)
    heights = scr_amplitudes(rng, onsets, skin=skin)
    values = skin_conductance(rng, onsets, heights, n_samples=samples, rate_hz=rate_hz, skin=skin)
    return values + tonic(rng, person, samples, rate_hz, memory_s)


def tonic(
    rng: np.random.Generator, person: SkinLikeness, samples: int, rate_hz: float, memory_s: float
) -> Array:
    """A level that drifts, and returns with a time constant unless that is infinite.

    Parameters
    ----------
    rng : numpy.random.Generator
    person : SkinLikeness
    samples : int
    rate_hz : float
    memory_s : float

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        In uS. A random walk starts at the level; a level that returns starts anywhere in its
        stationary range.

    Examples
    --------
    >>> one = SkinLikeness(rate_per_min=0.0, log_height=0.0, log_height_sd=0.0, drift_us=0.0,
    ...     noise_us=0.0, level_us=6.0, spread_us=0.0)
    >>> tonic(np.random.default_rng(1), one, 3, 4.0, math.inf).tolist()
    [6.0, 6.0, 6.0]
    """
    from scipy.signal import lfilter

    walk = rng.standard_normal(samples)
    if math.isinf(memory_s):
        walk[0] = 0.0
        return person.level_us + person.drift_us / math.sqrt(rate_hz) * np.cumsum(walk)
    kept = math.exp(-1.0 / (rate_hz * memory_s))
    sd = person.drift_us * math.sqrt(memory_s / 2.0)
    walk[1:] *= math.sqrt(1.0 - kept**2)
    drifted: Array = lfilter([1.0], [1.0, -kept], walk)
    return person.level_us + sd * drifted
