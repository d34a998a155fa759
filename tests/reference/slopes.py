"""Slopes and concordance by their definitions."""

import numpy as np


def slope(v, how, min_share):
    """Slope of one window per sample, from the samples that are there."""
    t = np.arange(len(v), dtype=float)
    there = ~np.isnan(v)
    if there.sum() < max(2, np.ceil(min_share * len(v) - 1e-9)):
        return np.nan
    if how == "endpoint":
        return (v[-1] - v[0]) / (len(v) - 1)
    if how == "ols":
        return np.polyfit(t[there], v[there] - v[there][0], 1)[0]
    gradients = np.gradient(v)
    gradients = gradients[~np.isnan(gradients)]
    return gradients.mean() if len(gradients) else np.nan


def moving_slopes(v, starts, length, how, min_share):
    """One slope per window."""
    return np.array([slope(v[s : s + length], how, min_share) for s in starts])


def single_session_index(r):
    """Logarithm of summed positive over summed negative correlations."""
    positive = sum(v for v in r if v > 0)
    negative = -sum(v for v in r if v < 0)
    if positive == 0 and negative == 0:
        return np.nan
    if negative == 0:
        return np.inf
    return np.log(positive / negative) if positive else -np.inf


def ps_mwa(x, y, hz, window_s, step_s, slopes):
    """Correlations of ps_mwa: odd centred windows, zeros where none fits whole."""

    def places(n, hz, window_s, step_s):
        half, step = int(window_s * hz / 2), int(step_s * hz)
        for centre in range(half, n - half, step):
            yield centre // step, slice(centre - half, centre + half + 1)

    if slopes:
        series = []
        for v in (x, y):
            out = np.zeros(-(-len(v) // hz))
            for at, window in places(len(v), hz, 5, 1):
                out[at] = np.gradient(v[window]).mean()
            series.append(out)
        (x, y), hz = series, 1
    r = np.zeros(-(-len(x) // (step_s * hz)))
    for at, window in places(len(x), hz, window_s, step_s):
        a, b = x[window] - x[window].mean(), y[window] - y[window].mean()
        with np.errstate(invalid="ignore"):
            r[at] = np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))
    return r
