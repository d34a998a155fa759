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


def robust_mean(values, blocks):
    """Standard error and degrees of freedom of a mean by CR2, with every matrix written out."""
    y, n = np.asarray(values, float), len(values)
    x = np.ones((n, 1))
    rest = np.eye(n) - x @ np.linalg.inv(x.T @ x) @ x.T
    error = y - y.mean()
    variance, columns = 0.0, []
    for g in sorted(set(blocks)):
        rows = [i for i in range(n) if blocks[i] == g]
        size, vectors = np.linalg.eigh(rest[np.ix_(rows, rows)])
        adjust = vectors @ np.diag(size**-0.5) @ vectors.T
        variance += float(np.ones(len(rows)) @ adjust @ error[rows] / n) ** 2
        columns.append(rest[:, rows] @ adjust @ np.ones(len(rows)) / n)
    spread = np.linalg.eigvalsh(np.array(columns) @ np.array(columns).T)
    return math.sqrt(variance), spread.sum() ** 2 / (spread**2).sum()


def drawn_blocks(profiles, blocks, rows):
    """Mean profile over the dyads of the blocks drawn, dyad by dyad."""
    order = sorted(set(blocks))
    out = []
    for draw in rows:
        held = [p for g in draw for p, b in zip(profiles, blocks, strict=True) if b == order[g]]
        out.append(np.mean(held, axis=0))
    return np.array(out)


def difference_of_r(rows):
    """Correlation of the first with the third column less that of the second with the third."""
    a, b, c = np.asarray(rows).T
    return np.corrcoef(a, c)[0, 1] - np.corrcoef(b, c)[0, 1]
