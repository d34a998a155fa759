"""Many paths tested together, in the plainest way: loops over paths, draws and dyads."""

import numpy as np


def spread(swaps):
    """How much farther the real pairing lies from the draws than they from their own mean."""
    draws, n = swaps.shape
    times = np.zeros((n, n))
    for s in swaps:
        for i, j in enumerate(s):
            times[i, j] += 1
    mean = times / draws
    real = ((np.eye(n) - mean) ** 2).sum()
    apart = 0.0
    for s in swaps:
        own = np.zeros((n, n))
        own[np.arange(n), s] = 1
        apart += ((own - mean) ** 2).sum() / draws
    return np.sqrt(real / apart)


def effects(real, pseudo, real_cut, swaps):
    """Effect of the real pairing and of every draw, path by path.

    The SD is over pairs, each weighted by how often draws hold it, the weights adding up to
    the number of pairs.
    """
    paths, n = real.shape
    out = np.full((1 + len(swaps), paths), np.nan)
    for m in range(paths):
        pairs, weights = [], []
        for i in range(n):
            for j in range(n):
                held = sum(s[i] == j for s in swaps)
                if i != j:
                    pairs.append(pseudo[m, i, j] - real_cut[m, i, j] + real[m, i])
                    weights.append(held)
        pairs, weights = np.array(pairs), np.array(weights, dtype=float)
        weights *= len(pairs) / weights.sum()
        middle = (weights * pairs).sum() / weights.sum()
        sd = np.sqrt((weights * (pairs - middle) ** 2).sum() / (weights.sum() - 1))
        means = np.array(
            [np.mean([pseudo[m, i, s[i]] - real_cut[m, i, s[i]] for i in range(n)]) for s in swaps]
        )
        out[0, m] = (0.0 - means.mean()) / sd
        out[1:, m] = spread(swaps) * (means - means.mean()) / sd
    return out


def p_of(values):
    """How often the first value is reached, itself counted."""
    return sum(v >= values[0] for v in values) / len(values)


def together(all_):
    """Median, share of the commoner sign, share among the largest 5 %, each with its p."""
    median = [np.median(row) for row in all_]
    sign = [max(np.mean(row > 0), np.mean(row < 0)) for row in all_]
    beyond = []
    for row in all_:
        high = [
            sum(other >= row[m] for other in all_[:, m]) / len(all_) <= 0.05 + 1e-12
            for m in range(len(row))
        ]
        beyond.append(np.mean(high))
    return {
        name: (v[0], p_of(v))
        for name, v in (("median", median), ("same_sign", sign), ("beyond", beyond))
    }


def matched_share(effects_, choices, name):
    """Share of variance between paths that differ in one choice alone."""
    sets = {}
    for e, c in zip(effects_, choices, strict=True):
        sets.setdefault(tuple(v for k, v in c.items() if k != name), []).append(e)
    sets = [np.array(s) for s in sets.values() if len(s) > 1]
    used = np.concatenate(sets)
    return sum(((s - s.mean()) ** 2).sum() for s in sets) / ((used - used.mean()) ** 2).sum()
