"""Naive twins of the room `body`: loops after the definitions, NumPy only."""

import math
from itertools import pairwise

import numpy as np


def spread(mask, samples):
    def near(i):
        return range(max(0, i - samples), min(len(mask), i + samples + 1))

    return np.array([any(mask[j] for j in near(i)) for i in range(len(mask))], dtype=bool)


def moving_mean(values, half):
    n = len(values)
    return np.array([np.mean(values[max(0, i - half) : min(n, i + half + 1)]) for i in range(n)])


def flat(values, window, sd):
    out = np.zeros(len(values), dtype=bool)
    for i in range(len(values) - window + 1):
        part = values[i : i + window]
        if not np.isnan(part).any() and np.std(part) <= sd:
            out[i : i + window] = True
    return out


def pchip(times, values, at):
    """Fritsch-Carlson with Butland's weighted harmonic mean; end slopes from three points."""
    h, d = np.diff(times), np.diff(values) / np.diff(times)
    n = len(times)
    if n == 2:
        return values[0] + d[0] * (at - times[0])
    slope = np.zeros(n)
    for i in range(1, n - 1):
        if d[i - 1] * d[i] > 0:
            w1, w2 = 2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1]
            slope[i] = (w1 + w2) / (w1 / d[i - 1] + w2 / d[i])
    for end, a, b in ((0, 0, 1), (n - 1, n - 2, n - 3)):
        s = ((2 * h[a] + h[b]) * d[a] - h[a] * d[b]) / (h[a] + h[b])
        if s * d[a] <= 0:
            s = 0.0
        elif d[a] * d[b] <= 0 and abs(s) > 3 * abs(d[a]):
            s = 3 * d[a]
        slope[end] = s
    out = []
    for t in at:
        i = min(max(int(np.searchsorted(times, t, side="right")) - 1, 0), n - 2)
        u = (t - times[i]) / h[i]
        out.append(
            values[i] * (1 + 2 * u) * (1 - u) ** 2
            + h[i] * slope[i] * u * (1 - u) ** 2
            + values[i + 1] * u**2 * (3 - 2 * u)
            + h[i] * slope[i + 1] * u**2 * (u - 1)
        )
    return np.array(out)


def keys(values, at):
    """Cubic convolution by its kernel; the straight line where an outer sample is missing."""

    def kernel(s):
        s = abs(s)
        if s <= 1:
            return 1.5 * s**3 - 2.5 * s**2 + 1
        return -0.5 * s**3 + 2.5 * s**2 - 4 * s + 2 if s < 2 else 0.0

    def sample(i):
        return values[i] if 0 <= i < len(values) else math.nan

    out = []
    for t in at:
        i = math.floor(t)
        if t == i:
            out.append(sample(i))
            continue
        four = [sample(i + k) for k in (-1, 0, 1, 2)]
        if any(math.isnan(v) for v in four):
            out.append(four[1] * (1 - (t - i)) + four[2] * (t - i))
        else:
            out.append(
                sum(v * kernel(t - (i + k)) for v, k in zip(four, (-1, 0, 1, 2), strict=True))
            )
    return np.array(out)


def linear_heart_rate(times, rr_ms, at, low, high, max_gap):
    """The rule of the golden inputs: straight lines between kept beats at most max_gap apart."""
    keep = [(t, 60000 / r) for t, r in zip(times, rr_ms, strict=True) if low <= r <= high]
    out = []
    for t in at:
        value = math.nan
        for (t0, v0), (t1, v1) in pairwise(keep):
            if t0 <= t <= t1 and t1 - t0 <= max_gap:
                value = v0 + (v1 - v0) * (t - t0) / (t1 - t0)
                break
        out.append(value)
    return np.array(out)


def lipponen(times):
    """Kinds of beats (0 normal, 1 ectopic, 2 missed, 3 extra, 4 long or short), by loops."""
    n = len(times)
    rr = [math.nan] + [times[i] - times[i - 1] for i in range(1, n)]
    rr[0] = float(np.mean(rr[1:]))
    drr = [math.nan] + [rr[i] - rr[i - 1] for i in range(1, n)]
    drr[0] = float(np.mean(drr[1:]))

    def around(x, i, half):
        return x[max(0, i - half) : i + half + 1]

    def threshold(x, i):
        q1, q3 = np.percentile(np.abs(around(x, i, 45)), [25, 75])
        return 5.2 * (q3 - q1) / 2

    median = [float(np.median(around(rr, i, 5))) for i in range(n)]
    mrr = [rr[i] - median[i] for i in range(n)]
    mrr = [2 * m if m < 0 else m for m in mrr]
    th1, th2 = ([threshold(x, i) for i in range(n)] for x in (drr, mrr))
    d = [drr[i] / th1[i] for i in range(n)]
    m = [mrr[i] / th2[i] for i in range(n)]

    def at(i):  # mirrored at both ends
        return d[-i] if i < 0 else d[2 * (n - 1) - i] if i >= n else d[i]

    kinds, i = [0] * n, 0
    while i < n - 2:
        if abs(d[i]) <= 1:
            i += 1
            continue
        neighbours = (at(i - 1), at(i + 1))
        if d[i] > 1 and max(neighbours) < -0.13 * d[i] - 0.17:
            kinds[i] = 1
            i += 1
            continue
        if d[i] < -1 and min(neighbours) > -0.13 * d[i] + 0.17:
            kinds[i] = 1
            i += 1
            continue
        beats = [i, i + 1] if abs(d[i + 1]) < abs(d[i + 2]) else [i]
        for j in beats:
            following = (at(j + 1), at(j + 2))
            long = d[j] > 1 and min(following) < -1
            short = d[j] < -1 and max(following) > 1
            if short and abs(rr[j] + rr[j + 1] - median[j]) < th2[j]:
                kinds[j] = 3
            elif long and abs(rr[j] / 2 - median[j]) < th2[j]:
                kinds[j] = 2
            elif long or short or abs(m[j]) > 3:
                kinds[j] = 4
        i += len(beats)
    return np.array(kinds)
