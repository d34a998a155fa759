"""Naive twins of empathic accuracy: loops that say what is meant. NumPy only."""

import math

import numpy as np


def z_at(perceived, truth, lag, least):
    """Fisher z over pairs (perceived at t + lag, truth at t) that are both there."""
    a, b = [], []
    for t in range(len(truth)):
        if 0 <= t + lag < len(perceived):
            p, q = perceived[t + lag], truth[t]
            if not (math.isnan(p) or math.isnan(q)):
                a.append(p)
                b.append(q)
    if len(a) < least or len(set(a)) < 2 or len(set(b)) < 2:
        return float("nan")
    a, b = np.array(a), np.array(b)
    r = ((a - a.mean()) * (b - b.mean())).sum()
    r /= math.sqrt(((a - a.mean()) ** 2).sum() * ((b - b.mean()) ** 2).sum())
    return math.atanh(max(-1 + 1e-9, min(1 - 1e-9, r)))


def best_z(perceived, truth, lags, least):
    found = [z_at(perceived, truth, lag, least) for lag in lags]
    found = [z for z in found if not math.isnan(z)]
    return max(found) if found else float("nan")


def half(truth, sign, neutral=None):
    there = sorted(v for v in truth if not math.isnan(v))
    line = float(np.median(there)) if neutral is None else neutral
    return [v if (not math.isnan(v) and (v - line) * sign > 0) else float("nan") for v in truth]


def rotated_z(perceived, truth, offset, lags, least):
    """The perceiver's stretch turned round: what stood at t stands at t + offset."""
    there = [t for t, v in enumerate(perceived) if not math.isnan(v)]
    first, last = there[0], there[-1] + 1
    n = last - first
    turned = [float("nan")] * len(perceived)
    for k in range(n):
        turned[first + (k + offset) % n] = perceived[first + k]
    return best_z(turned, truth, lags, least)


def on_cut(perceived, truth, start, stop, lags, least):
    cut = [v if start <= t < stop else float("nan") for t, v in enumerate(truth)]
    return best_z(perceived, cut, lags, least)


def truth_and_bias(perceived, truth, own):
    rows = [
        (p, t, o)
        for p, t, o in zip(perceived, truth, own, strict=True)
        if not any(map(math.isnan, (p, t, o)))
    ]
    p, t, o = (np.array(c) for c in zip(*rows, strict=True))
    design = np.column_stack([np.ones(len(t)), t - t.mean(), o - o.mean()])
    return np.linalg.lstsq(design, p - t.mean(), rcond=None)[0]


def percent_right(rows):
    """rows: (stop, judge, points); mean over judges at each stop, then sum / (2 n) x 100."""
    stops = {}
    for stop, _, points in rows:
        stops.setdefault(stop, []).append(points)
    means = [sum(v) / len(v) for v in stops.values()]
    return sum(means) / (2 * len(means)) * 100
