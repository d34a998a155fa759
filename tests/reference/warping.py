"""Dynamic time warping by its definition."""

import numpy as np


def table(x, y, band):
    """Lowest cost of a path to every cell; a missing sample is passed one for one."""
    cost = np.full((len(x), len(y)), np.inf)
    for i in range(len(x)):
        for j in range(len(y)):
            if abs(i - j) > band:
                continue
            d = (x[i] - y[j]) ** 2
            before = [cost[i - 1, j - 1] if i and j else np.inf]
            if not np.isnan(d):
                before += [cost[i - 1, j] if i else np.inf, cost[i, j - 1] if j else np.inf]
            first = 0.0 if i == j == 0 else min(before)
            cost[i, j] = first + (0.0 if np.isnan(d) else d)
    return cost


def path(x, y, cost):
    """Way back from the last cell; the diagonal where ways are equal."""
    i, j = len(x) - 1, len(y) - 1
    steps = [(i, j)]
    while i or j:
        ways = [(cost[i - 1, j - 1] if i and j else np.inf, 0, (i - 1, j - 1))]
        if not np.isnan(x[i] - y[j]):
            ways += [
                (cost[i - 1, j] if i else np.inf, 1, (i - 1, j)),
                (cost[i, j - 1] if j else np.inf, 2, (i, j - 1)),
            ]
        i, j = min(ways)[2]
        steps.append((i, j))
    return steps[::-1]


def window(x, y, band):
    """Similarity and mean delay (samples) of the path of one window, both sides z-scored."""
    x, y = ((v - np.nanmean(v)) / np.nanstd(v) for v in (x, y))
    cost = table(x, y, band)
    steps = path(x, y, cost)
    counted = sum(not np.isnan(x[i] - y[j]) for i, j in steps)
    lags = [np.mean([j - i for i, j in steps if i == t]) for t in range(len(x))]
    lags = [np.nan if np.isnan(v) else lag for v, lag in zip(x, lags, strict=True)]
    return 1 / (1 + np.sqrt(cost[-1, -1] / counted)), np.array(lags)
