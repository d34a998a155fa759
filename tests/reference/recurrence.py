"""Recurrence by its definition: the whole matrix of distances, line by line."""

import math

import numpy as np


def embedded(channels, dimension, delay):
    """States, shape (n_channels * dimension, n_states)."""
    n = channels.shape[1] - (dimension - 1) * delay
    return np.vstack([channels[:, m * delay : m * delay + n] for m in range(dimension)])


def distances(a, b, dimension, delay, norm):
    """Matrix of distances, rows are moments of ``a``; NaN where a state lacks a sample."""
    u, v = embedded(a, dimension, delay), embedded(b, dimension, delay)
    apart = np.abs(u[:, :, None] - v[:, None, :])
    gone = np.isnan(apart).any(axis=0)
    d = np.sqrt((apart**2).sum(axis=0)) if norm == "euclidean" else apart.max(axis=0)
    d[gone] = np.nan
    return d


def countable(d, lags, theiler):
    """Cells that count: inside the lags, outside the Theiler window, with a distance."""
    n = len(d)
    lag = np.arange(n)[None, :] - np.arange(n)[:, None]
    return (lag >= lags[0]) & (lag <= lags[1]) & (np.abs(lag) >= theiler) & ~np.isnan(d)


def rank_distance(d, cells, share):
    """Smallest distance within which at least that share of the cells lies."""
    ordered = sorted(d[cells])
    return ordered[max(1, math.ceil(share * len(ordered) - 1e-9)) - 1]


def runs(row):
    """Lengths of the unbroken stretches of True."""
    found, length = [], 0
    for cell in row:
        if cell:
            length += 1
        elif length:
            found.append(length)
            length = 0
    return found + [length] * (length > 0)


def diagonal_runs(r):
    """Lengths of all diagonal lines."""
    n = len(r)
    return [length for k in range(1 - n, n) for length in runs(np.diagonal(r, k))]


def row_runs(r):
    """Lengths of all lines along rows."""
    return [length for row in r for length in runs(row)]


def measures(lengths, near, least):
    """Share of near cells, count, longest, mean, entropy and relative entropy of long lines."""
    kept = [length for length in lengths if length >= least]
    p = [kept.count(length) / len(kept) for length in sorted(set(kept))]
    entropy = -sum(q * math.log(q) for q in p)
    return {
        "share": sum(kept) / near,
        "count": len(kept),
        "longest": max(kept),
        "mean": sum(kept) / len(kept),
        "entropy": entropy,
        "relative": entropy / math.log(len(p)) if len(p) > 1 else math.nan,
        "mean_all": sum(lengths) / len(lengths),
    }


def block_means(v, size, least):
    """Means of whole blocks; NaN where fewer than ``least`` samples are there."""
    out = []
    for start in range(0, len(v) - size + 1, size):
        block = [q for q in v[start : start + size] if not math.isnan(q)]
        out.append(sum(block) / len(block) if len(block) >= least else math.nan)
    return np.array(out)


def standardised(v, ddof):
    """Mean 0 and SD 1 of what is there."""
    return (v - np.nanmean(v)) / np.nanstd(v, ddof=ddof)


def mutual_information(v, delay, bins):
    """Average mutual information of ``v[t]`` and ``v[t + delay]``, in nats."""
    low, high = np.nanmin(v), np.nanmax(v)

    def place(q):
        return min(int((q - low) * (bins / (high - low))), bins - 1)

    pairs = [
        (place(v[t]), place(v[t + delay]))
        for t in range(len(v) - delay)
        if not (math.isnan(v[t]) or math.isnan(v[t + delay]))
    ]
    n, total = len(pairs), 0.0
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    for a, b in set(pairs):
        p = pairs.count((a, b)) / n
        total += p * math.log(p / (first.count(a) / n * second.count(b) / n))
    return total


def false_share(v, dimension, delay):
    """Share of nearest neighbours that the next sample shows to be false."""
    n = len(v) - dimension * delay
    states = [v[i : i + dimension * delay : delay] for i in range(n)]
    false, asked = 0, 0
    for i in range(n):
        best, where = math.inf, -1
        for j in range(n):
            d = float(np.sum((states[i] - states[j]) ** 2))
            if abs(i - j) >= delay and d < best:
                best, where = d, j
        if where < 0:
            continue
        step = abs(v[i + dimension * delay] - v[where + dimension * delay])
        if math.isnan(step):
            continue
        asked += 1
        apart = math.sqrt(best + step**2)
        false += step > 15 * math.sqrt(best) or apart > 2 * np.nanstd(v)
    return false / asked
