"""Naive twins of the fits behind calibration: numpy only."""

import math

import numpy as np

RISE_S, DECAY_S, KERNEL_S = 0.7, 2.0, 30.0


def response(since_s):
    """One response of height 1, from its formula."""
    at = math.log(DECAY_S / RISE_S) * RISE_S * DECAY_S / (DECAY_S - RISE_S)
    peak = math.exp(-at / DECAY_S) - math.exp(-at / RISE_S)
    if not 0 <= since_s < KERNEL_S:
        return 0.0
    return (math.exp(-since_s / DECAY_S) - math.exp(-since_s / RISE_S)) / peak


def impulses(values, rate_hz):
    """Impulses whose responses give the values: solved as linear equations, one a sample."""
    n = len(values)
    shape = [response(k / rate_hz) for k in range(1, n + 1)]
    grid = np.array([[shape[i - j] if i >= j else 0.0 for j in range(n)] for i in range(n)])
    return np.linalg.solve(grid, np.asarray(values))


def mean_squared_step(values, k):
    """Mean squared step over k samples, pair by pair."""
    pairs = [
        (values[t + k] - values[t]) ** 2
        for t in range(len(values) - k)
        if not (math.isnan(values[t]) or math.isnan(values[t + k]))
    ]
    return sum(pairs) / len(pairs) if pairs else math.nan


def bins(values, size, end_bins):
    """Means of bins from the start, and of the last bins from the end; NaN where half is gone."""
    whole = len(values) // size
    tail = min(end_bins, whole)
    starts = [k * size for k in range(whole - tail)]
    ends = [len(values) - (tail - k) * size for k in range(tail)]
    out = []
    for places in (starts, ends):
        means = []
        for at in places:
            there = [v for v in values[at : at + size] if not math.isnan(v)]
            means.append(sum(there) / len(there) if 2 * len(there) >= size else math.nan)
        out.append(means)
    return out
