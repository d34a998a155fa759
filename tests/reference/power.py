"""Power over numbers of dyads, as the definitions say, one number at a time."""

import numpy as np


def rising_simple(power):
    """Pool neighbours that fall until none does."""
    blocks = [[float(p)] for p in power]
    k = 0
    while k + 1 < len(blocks):
        if np.mean(blocks[k]) > np.mean(blocks[k + 1]) + 1e-15:
            blocks[k : k + 2] = [blocks[k] + blocks[k + 1]]
            k = max(0, k - 1)
        else:
            k += 1
    return np.array([np.mean(b) for b in blocks for _ in b])


def power_of_mean_simple(rows, alpha, planted):
    """Whether the mean of column 0 lies beyond the means of the other columns, both sides."""
    means = [np.mean(rows[:, k]) for k in range(rows.shape[1])]
    above = 1 + sum(m >= means[0] for m in means[1:])
    below = 1 + sum(m <= means[0] for m in means[1:])
    p = min(1.0, 2 * min(above, below) / len(means))
    return p <= alpha and np.sign(means[0]) == np.sign(planted)


def wilson_simple(p, n, cut):
    """The two shares whose distance from p is ``cut`` of their own standard errors."""
    grid = np.linspace(0, 1, 200_001)
    inside = np.abs(grid - p) <= cut * np.sqrt(grid * (1 - grid) / n)
    return grid[inside].min(), grid[inside].max()
