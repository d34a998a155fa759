"""Segment cross-correlation, slope concordance and group segments by their definitions."""

import itertools
import math

import numpy as np


def biased_r(a, b, lag, min_share):
    """One pair of segments at one lag; NaN where products are too few or nothing varies."""
    a_there, b_there = a[~np.isnan(a)], b[~np.isnan(b)]
    if len(a_there) == 0 or len(b_there) == 0 or np.ptp(a_there) == 0 or np.ptp(b_there) == 0:
        return np.nan
    n = len(a)
    a0, b0 = a_there.mean(), b_there.mean()
    products = [
        (a[t] - a0) * (b[t + lag] - b0)
        for t in range(n)
        if 0 <= t + lag < n and not np.isnan(a[t]) and not np.isnan(b[t + lag])
    ]
    possible = n - abs(lag)
    if len(products) < max(1, min_share * possible - 1e-9):
        return np.nan
    spread = math.sqrt(np.mean((a_there - a0) ** 2) * np.mean((b_there - b0) ** 2))
    r = possible / n * np.mean(products) / spread
    return min(1.0, max(-1.0, r))


def crossed(x, y, max_lag, min_share):
    """r of all pairs, shape (n_segments, n_segments, n_lags); a pair has all lags or none."""
    out = np.array(
        [
            [[biased_r(a, b, k, min_share) for k in range(-max_lag, max_lag + 1)] for b in y]
            for a in x
        ]
    )
    out[np.isnan(out).any(axis=2)] = np.nan
    return out


def fisher(r):
    """Fisher z held at 10."""
    with np.errstate(divide="ignore"):
        return np.clip(np.arctanh(r), -10, 10)


def susy_curves(x, y, max_lag, min_share=1.0):
    """Real and pseudo curves over the lags, of z and of absolute z."""
    z = fisher(crossed(x, y, max_lag, min_share))
    n = len(x)
    real = np.array([z[i, i] for i in range(n)])
    pseudo = np.array([z[i, h] for i in range(n) for h in range(n) if i != h])
    curves = {}
    for name, rows in (("z", real), ("pseudo_z", pseudo)):
        rows = rows[~np.isnan(rows[:, 0])]
        curves[name] = rows.mean(axis=0)
        curves[name.replace("z", "abs_z")] = np.abs(rows).mean(axis=0)
    return curves


def pearson(a, b):
    """Pearson r of complete pairs; NaN where one side does not vary."""
    there = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[there], b[there]
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    a, b = a - a[0], b - b[0]
    a, b = a - a.mean(), b - b.mean()
    return float(np.sum(a * b) / np.sqrt(np.sum(a * a)) / np.sqrt(np.sum(b * b)))


def line_slope(v, min_share):
    """Least-squares slope per sample of the samples that are there."""
    t = np.arange(len(v), dtype=float)
    there = ~np.isnan(v)
    if there.sum() < max(2, math.ceil(min_share * len(v) - 1e-9)):
        return np.nan
    t, v = t[there] - t[there].mean(), v[there] - v[there][0]
    return float(np.sum(t * (v - v.mean())) / np.sum(t * t))


def suco(x, y, segment, slope_starts, slope_length, min_share):
    """r of the slopes of each segment of x with each of y, shape (n_segments, n_segments)."""
    n = len(x) // segment
    slopes = [
        [
            np.array(
                [
                    line_slope(v[i * segment + s : i * segment + s + slope_length], min_share)
                    for s in slope_starts
                ]
            )
            for i in range(n)
        ]
        for v in (x, y)
    ]
    least = max(3, math.ceil(min_share * len(slope_starts) - 1e-9))

    def one(a, b):
        enough = np.sum(~np.isnan(a) & ~np.isnan(b)) >= least
        return pearson(a, b) if enough else np.nan

    return np.array([[one(a, b) for b in slopes[1]] for a in slopes[0]])


def group_segment(columns, measure):
    """Lambda max in percent, or omega, of columns from any segments; complete rows only."""
    rows = np.array(columns).T
    rows = rows[~np.isnan(rows).any(axis=1)]
    if len(rows) < 3 or (np.ptp(rows, axis=0) == 0).any():
        return np.nan
    k = rows.shape[1]
    r = np.eye(k)
    for i, j in itertools.combinations(range(k), 2):
        r[i, j] = r[j, i] = pearson(rows[:, i], rows[:, j])
    if measure == "lambda_max":
        return 100 * max(np.linalg.eigvalsh(r)) / k
    return 1 - np.linalg.det(np.abs(r) if measure == "omega_absolute" else r)
