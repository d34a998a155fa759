"""Concordance index of two skin conductances, as its definition reads; numpy only."""

import numpy as np


def slopes(x, rate_hz, window_s=5.0):
    """Mean of the gradient of each window of 5 s, every second, per second; NaN with any NaN."""
    n, step = round(window_s * rate_hz), round(rate_hz)
    windows = np.lib.stride_tricks.sliding_window_view(x, n)[::step]
    return np.gradient(windows, axis=1).mean(axis=1) * rate_hz


def window_r(a, b, lag=0, length=15, present=0.8):
    """Pearson r of 15 slopes of a and the 15 slopes of b ``lag`` seconds later.

    NaN with less than 80 % of the pairs present or no variance.
    """
    if lag > 0:
        a, b = a[:-lag], b[lag:]
    elif lag < 0:
        a, b = a[-lag:], b[:lag]
    n = min(len(a), len(b))
    there = np.isfinite(a[:n]) & np.isfinite(b[:n])
    pairs = [np.where(there, v[:n], 0.0) for v in (a, b)]
    ones = np.ones(length)

    def total(v):
        return np.convolve(v, ones, "valid")

    count = np.maximum(total(there.astype(float)), 1.0)
    x, y = pairs
    xy = total(x * y) - total(x) * total(y) / count
    xx = total(x * x) - total(x) ** 2 / count
    yy = total(y * y) - total(y) ** 2 / count
    enough = (count >= present * length) & (xx > 1e-18) & (yy > 1e-18)
    return np.where(enough, xy / np.sqrt(np.where(enough, xx * yy, 1.0)), np.nan)


def index(r):
    """ln of the sum of positive r over the absolute sum of negative r."""
    r = r[np.isfinite(r)]
    return np.log(r[r > 0].sum() / -r[r < 0].sum())


def ssi(x, y, rate_hz, lag=0):
    """Index of two signals of one length on one clock."""
    return index(window_r(slopes(x, rate_hz), slopes(y, rate_hz), lag))
