"""Naive twins of peaks, leans, blocks and dominance: every rule read out one by one."""

import itertools
import math

import numpy as np


def highest(curve, draws, axis):
    """(at, value, p): nearest to 0 of the highest, then the lower; p counts draws as high."""
    there = [(v, -abs(a), -a) for v, a in zip(curve, axis, strict=True) if not math.isnan(v)]
    if not there:
        return math.nan, math.nan, math.nan
    value, _, at = max(there)
    at = -at
    reached = 1
    for draw in draws:
        seen = [v for v in draw if not math.isnan(v)]
        reached += not seen or max(seen) >= value
    return at, value, reached / (len(draws) + 1)


def standardised(curve, draws):
    """Curve and draws, each place less its mean over its SD of all together."""
    rows = [list(curve), *(list(d) for d in draws)]
    out = [[math.nan] * len(curve) for _ in rows]
    for k in range(len(curve)):
        seen = [r[k] for r in rows if not math.isnan(r[k])]
        if len(seen) < 2 or max(seen) == min(seen):
            continue
        middle = math.fsum(seen) / len(seen)
        sd = math.sqrt(math.fsum((v - middle) ** 2 for v in seen) / (len(seen) - 1))
        for row, given in zip(out, rows, strict=True):
            row[k] = (given[k] - middle) / sd
    return out[0], out[1:]


def lean(profile, lags_s):
    sides = []
    for side in (1, -1):
        seen = [v for v, lag in zip(profile, lags_s, strict=True) if lag * side > 0 and v == v]
        sides.append(math.fsum(seen) / len(seen) if seen else math.nan)
    return sides[0] - sides[1]


def lead(profile, draws, lags_s):
    """(lean, p, side) beside the draws, two-sided around the mean of all."""
    own, drawn = lean(profile, lags_s), [lean(d, lags_s) for d in draws]
    there = [v for v in drawn if v == v]
    middle = (own + math.fsum(there)) / (1 + len(there))
    far = abs(own - middle)
    reached = 1 + sum(v != v or abs(v - middle) >= far - 1e-12 for v in drawn)
    return own, reached / (1 + len(drawn)), (own > middle) - (own < middle)


def blocks_of(people):
    """Grow each block until nobody in it is met outside."""
    people = [set(p) for p in people]
    found, numbers = [None] * len(people), itertools.count()
    for k in range(len(people)):
        if found[k] is not None:
            continue
        number, members, inside = next(numbers), {k}, set(people[k])
        while True:
            more = {j for j, p in enumerate(people) if p & inside} - members
            if not more:
                break
            members |= more
            inside |= set().union(*(people[j] for j in more))
        for j in members:
            found[j] = number
    return tuple(found)


def sign_flip(values, blocks):
    """(p_one, p_two) over every pattern of signs of the blocks."""
    numbers = sorted(set(blocks))
    sums = [math.fsum(v for v, b in zip(values, blocks, strict=True) if b == n) for n in numbers]
    total, high, low, n = math.fsum(sums), 0, 0, 0
    for signs in itertools.product((1, -1), repeat=len(sums)):
        drawn = math.fsum(s * v for s, v in zip(signs, sums, strict=True))
        high += drawn >= total - 1e-12
        low += drawn <= total + 1e-12
        n += 1
    return high / n, min(1.0, 2 * min(high, low) / n)


def delta_of_dyads(real, pseudo, drawn):
    """Cliff's delta with dyads counted as often as they were drawn."""
    more = less = total = 0.0
    for i, r in enumerate(real):
        for j, k in np.ndindex(pseudo.shape):
            if math.isnan(pseudo[j, k]):
                continue
            weight = drawn[i] * drawn[j] * drawn[k]
            more += weight * (r > pseudo[j, k])
            less += weight * (r < pseudo[j, k])
            total += weight
    return (more - less) / total if total else math.nan
