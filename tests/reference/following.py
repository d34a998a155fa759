"""Naive twin of what follows what: one interval at a time."""

import math


def counts(first, second, lag, own=None):
    """Pairs (first, second ``lag`` later), in the intervals where the second's own state is so."""
    seen = {(a, b): 0 for a in (0, 1) for b in (0, 1)}
    for t in range(len(first) - lag):
        a, b = first[t], second[t + lag]
        if a != a or b != b or (own is not None and second[t] != own):
            continue
        seen[int(a), int(b)] += 1
    return seen


def difference(first, second, lag, given_own, least):
    """Difference of shares, strata weighted by n1 n0 / (n1 + n0)."""
    strata = [counts(first, second, lag, own) for own in ((0, 1) if given_own else (None,))]
    ones = sum(s[1, 1] + s[1, 0] for s in strata)
    zeros = sum(s[0, 1] + s[0, 0] for s in strata)
    if ones < least or zeros < least:
        return math.nan
    top = bottom = 0.0
    for s in strata:
        n1, n0 = s[1, 1] + s[1, 0], s[0, 1] + s[0, 0]
        if n1 and n0:
            weight = n1 * n0 / (n1 + n0)
            top += weight * (s[1, 1] / n1 - s[0, 1] / n0)
            bottom += weight
    return top / bottom if bottom else math.nan


def log_odds(first, second, lag):
    """Log odds ratio with half a case in every cell."""
    s = counts(first, second, lag)
    return math.log((s[1, 1] + 0.5) * (s[0, 0] + 0.5) / ((s[1, 0] + 0.5) * (s[0, 1] + 0.5)))
