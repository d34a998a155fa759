"""Naive twins of the agreement of coders: one unit at a time, as the definitions read."""

from itertools import permutations

import numpy as np


def kappa(first, second):
    """Cohen (1960), over pairs of codes."""
    pairs = list(zip(first, second, strict=True))
    n = len(pairs)
    agree = sum(a == b for a, b in pairs) / n
    chance = sum(
        sum(a == c for a, _ in pairs) / n * sum(b == c for _, b in pairs) / n
        for c in set(first) | set(second)
    )
    return (agree - chance) / (1 - chance)


def weighted_kappa(first, second, k, power):
    """One less the mean cost of a pair over the mean cost of all pairs of both margins."""

    def cost(a, b):
        return (abs(a - b) / (k - 1)) ** power

    seen = np.mean([cost(a, b) for a, b in zip(first, second, strict=True)])
    chance = np.mean([cost(a, b) for a in first for b in second])
    return 1 - seen / chance


def tally_with_tolerance(first, second, k, tolerance):
    """Each second of the first coder beside those of the second that are close by."""
    table = np.zeros((k, k))
    for t, (a, b) in enumerate(zip(first, second, strict=True)):
        if a < 0 or b < 0:
            continue
        near = second[max(0, t - tolerance) : t + tolerance + 1]
        table[a, a if a in near else b] += 1
    return table


def event_kappa(table, rounds=5000):
    """Chance by iterative proportional fitting with an empty last cell (Holle & Rein)."""
    table = np.asarray(table, float)
    fit = np.ones_like(table)
    fit[-1, -1] = 0.0
    for _ in range(rounds):
        before = fit
        sums = fit.sum(axis=1, keepdims=True)
        fit = fit * np.divide(
            table.sum(axis=1, keepdims=True), sums, out=np.zeros_like(sums), where=sums > 0
        )
        sums = fit.sum(axis=0, keepdims=True)
        fit = fit * np.divide(
            table.sum(axis=0, keepdims=True), sums, out=np.zeros_like(sums), where=sums > 0
        )
        if np.abs(fit - before).max() < 1e-13:
            break
    n = table.sum()
    agree, chance = np.trace(table) / n, np.trace(fit) / n
    return (agree - chance) / (1 - chance)


def alpha(values, distance):
    """Krippendorff's alpha over all pairs of values, within units and over all."""
    units = [[v for v in column if v == v] for column in np.asarray(values, float).T]
    units = [u for u in units if len(u) > 1]
    given = [v for u in units for v in u]
    n = len(given)
    seen = (
        sum(
            sum(distance(u[i], u[j], given) for i in range(len(u)) for j in range(len(u)) if i != j)
            / (len(u) - 1)
            for u in units
        )
        / n
    )
    chance = sum(
        distance(given[i], given[j], given) for i in range(n) for j in range(n) if i != j
    ) / (n * (n - 1))
    return 1 - seen / chance


def nominal(a, b, given):
    return float(a != b)


def interval(a, b, given):
    return (a - b) ** 2


def ordinal(a, b, given):
    low, high = min(a, b), max(a, b)
    between = sum(low <= v <= high for v in given)
    return (between - (given.count(a) + given.count(b)) / 2) ** 2 if a != b else 0.0


def most_pairs(may, apart):
    """Every way to pair the smaller side with the larger one: most pairs, then closest."""
    n, m = may.shape
    if n > m:
        pairs, total = most_pairs(may.T, apart.T)
        return pairs, total
    best = (0, 0.0)
    for chosen in permutations(range(m), n):
        allowed = [(i, j) for i, j in enumerate(chosen) if may[i, j]]
        found = (-len(allowed), sum(apart[i, j] for i, j in allowed))
        best = min(best, found)
    return -best[0], best[1]


def icc_3_1(ratings):
    """From variance components of a two-way layout without interaction."""
    x = np.asarray(ratings, float)
    n, k = x.shape
    rest = x - x.mean(axis=1, keepdims=True) - x.mean(axis=0, keepdims=True) + x.mean()
    noise = (rest**2).sum() / ((n - 1) * (k - 1))
    units = x.mean(axis=1).var(ddof=1) - noise / k
    return units / (units + noise)
