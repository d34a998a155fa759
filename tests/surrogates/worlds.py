"""Worlds in which nobody is coupled, and two plain statistics of our own to try them with."""

import numpy as np
from scipy.signal import lfilter


def slow_noise(rng, n, phi=0.95):
    """Independent AR(1): smooth enough to correlate by accident."""
    return lfilter([1.0], [1.0, -phi], rng.standard_normal(n + 500))[500:]


def conductance(rng, duration_s=1800, rate_hz=4, per_minute=5.0):
    """One person's skin conductance (uS): responses, drift and sensor noise (science, App. A).

    ``per_minute``: responses a minute, one number or one a sample.
    """
    n = duration_s * rate_hz
    t = np.arange(30 * rate_hz) / rate_hz
    kernel = np.exp(-t / 2.0) - np.exp(-t / 0.7)
    onsets = rng.poisson(per_minute / 60 / rate_hz, n)
    impulses = np.zeros(n)
    at = np.repeat(np.arange(n), onsets)
    np.add.at(impulses, at, rng.lognormal(-1.2, 0.8, at.size))
    responses = np.convolve(impulses, kernel / kernel.max())[:n]
    drift = np.cumsum(rng.standard_normal(n)) * 0.01 / np.sqrt(rate_hz)
    return responses + drift + 0.002 * rng.standard_normal(n)


def shared_course(duration_s=1800, rate_hz=4):
    """What a session does to everybody (uS): settling at the start, rising at the end."""
    t = np.arange(duration_s * rate_hz) / rate_hz
    return 3 * np.exp(-t / 300) + 1.5 * np.exp(-(duration_s - t) / 200)


def shared_pace(duration_s=1800, rate_hz=4):
    """How often everybody responds in the course of a session (a minute): 10, falling to 2."""
    return 2 + 8 * np.exp(-np.arange(duration_s * rate_hz) / rate_hz / 300)


def mean_correlation(x, y, window=120):
    """Mean Fisher z of the correlations in windows side by side; NaN pairs left out by window."""
    n = x.size // window
    a, b = (v[: n * window].reshape(n, window) for v in (x, y))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    r = (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return float(np.nanmean(np.arctanh(np.clip(r, -0.999999, 0.999999))))


def mean_lagged(x, y, rate_hz=4):
    """Mean Fisher z of the biased cross-correlation in 30-s segments, lags -5 .. 5 s."""
    window = 30 * rate_hz
    n = x.size // window
    a, b = (v[: n * window].reshape(n, window) for v in (x, y))
    a = (a - a.mean(axis=1, keepdims=True)) / a.std(axis=1, keepdims=True)
    b = (b - b.mean(axis=1, keepdims=True)) / b.std(axis=1, keepdims=True)
    r = [np.einsum("ij,ij->i", a, b)]
    for k in range(1, 6):
        lag = k * rate_hz
        r.append(np.einsum("ij,ij->i", a[:, :-lag], b[:, lag:]))
        r.append(np.einsum("ij,ij->i", a[:, lag:], b[:, :-lag]))
    return float(np.arctanh(np.clip(np.array(r) / window, -0.999999, 0.999999)).mean())


def slopes(x, rate_hz=4):
    """Mean gradient (uS/s) in windows of 5 s every second."""
    total = np.concatenate([[0.0], np.cumsum(np.gradient(x))])
    width = 5 * rate_hz
    starts = np.arange(0, x.size - width + 1, rate_hz)
    return (total[starts + width] - total[starts]) / 5


def concordance(x, y, rate_hz=4):
    """ln(sum of positive / |sum of negative|) of correlations of slopes in 15-s windows."""
    a, b = slopes(x, rate_hz), slopes(y, rate_hz)

    def moving(v):
        total = np.concatenate([[0.0], np.cumsum(v)])
        return total[15:] - total[:-15]

    sa, sb = moving(a), moving(b)
    cov = moving(a * b) - sa * sb / 15
    var = (moving(a * a) - sa**2 / 15) * (moving(b * b) - sb**2 / 15)
    r = cov / np.sqrt(np.maximum(var, 1e-30))
    return float(np.log(r[r > 0].sum() / -r[r < 0].sum()))
