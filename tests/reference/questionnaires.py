"""Naive twins of ``link/questionnaires``: loops that say what is meant. NumPy only."""

import math

import numpy as np


def covariance(table):
    n, k = len(table), len(table[0])
    means = [sum(row[i] for row in table) / n for i in range(k)]
    return np.array(
        [
            [
                sum((row[i] - means[i]) * (row[j] - means[j]) for row in table) / (n - 1)
                for j in range(k)
            ]
            for i in range(k)
        ]
    )


def one_factor(cov, steps=4000):
    """Plain EM for one factor, item by item, on the correlations; loadings and residuals."""
    k = len(cov)
    size = np.sqrt(np.diag(cov))
    r = cov / np.outer(size, size)
    loadings, own = [0.6] * k, [0.6] * k
    for _ in range(steps):
        weight = 1 + sum(a * a / u for a, u in zip(loadings, own, strict=True))
        slope = [a / u / weight for a, u in zip(loadings, own, strict=True)]
        beside = [sum(r[i][j] * slope[j] for j in range(k)) for i in range(k)]
        left = 1 - sum(s * a for s, a in zip(slope, loadings, strict=True))
        spread = left + sum(s * b for s, b in zip(slope, beside, strict=True))
        loadings = [b / spread for b in beside]
        own = [max(0.005, r[i][i] - loadings[i] * beside[i]) for i in range(k)]
    return np.array(loadings) * size, np.array(own) * size**2


def omega(table):
    loadings, own = one_factor(covariance(table))
    shared = abs(sum(loadings)) ** 2
    return shared / (shared + sum(own))


def draw_interval(values, weights_of_draws, statistic):
    """Statistic of every bootstrap sample, written out row by row."""
    out = []
    for weights in weights_of_draws:
        rows = [row for row, w in zip(values, weights, strict=True) for _ in range(int(w))]
        out.append(statistic([r for cluster in rows for r in cluster]))
    return np.array(out)


def double_entry(pairs):
    """Pairwise ICC: Pearson's r of every dyad in both orders."""
    x = [a for a, b in pairs] + [b for a, b in pairs]
    y = [b for a, b in pairs] + [a for a, b in pairs]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    top = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    return top / math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))


def slope(x, y):
    """Least squares through the normal equations: slope and its standard error."""
    n = len(x)
    a = np.array([[n, sum(x)], [sum(x), sum(v * v for v in x)]], dtype=float)
    b = np.array([sum(y), sum(u * v for u, v in zip(x, y, strict=True))], dtype=float)
    inverse = np.linalg.inv(a)
    base, gain = inverse @ b
    rest = sum((v - base - gain * u) ** 2 for u, v in zip(x, y, strict=True))
    return gain, math.sqrt(rest / (n - 2) * inverse[1, 1])
