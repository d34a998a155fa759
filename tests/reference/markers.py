"""Naive twins of the clock code: slow, plain, numpy only."""

import numpy as np


def best_offset(a, b, tolerance):
    """Offset at which most of ``b`` has a partner in ``a``, tried on a fine grid."""
    tries = np.arange(a.min() - b.max() - 1, a.max() - b.min() + 1, 0.02)
    scores = []
    for offset in tries:
        nearest = [int(np.argmin(np.abs(a - (t + offset)))) for t in b]
        near = {i for i, t in zip(nearest, b, strict=True) if abs(a[i] - t - offset) <= tolerance}
        scores.append(len(near))
    good = tries[np.array(scores) == max(scores)]
    return good.mean(), max(scores)


def covered(spans, others, step=0.001):
    """Seconds covered by both lists of stretches, counted in milliseconds."""
    low = min(s for s, _ in [*spans, *others])
    high = max(e for _, e in [*spans, *others])
    t = np.arange(low, high, step) + step / 2
    there = np.zeros((2, t.size), dtype=bool)
    for row, given in zip(there, (spans, others), strict=True):
        for start, stop in given:
            row |= (t >= start) & (t < stop)
    return there.all(axis=0).sum() * step
