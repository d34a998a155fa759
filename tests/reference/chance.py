"""Naive twins of the surrogates and of the decisions on them."""

import math
from itertools import permutations, product

import numpy as np


def p_values(observed, null):
    if math.isnan(observed):
        return math.nan, math.nan, math.nan
    high = low = 1
    for draw in null:
        if math.isnan(draw) or draw >= observed:
            high += 1
        if math.isnan(draw) or draw <= observed:
            low += 1
    p_hi, p_lo = high / (len(null) + 1), low / (len(null) + 1)
    return p_hi, p_lo, min(1.0, 2 * min(p_hi, p_lo))


def sign_flip(values):
    """Every pattern of signs, the observed one among them."""
    observed = math.fsum(values)
    sums = [
        math.fsum(s * v for s, v in zip(signs, values, strict=True))
        for signs in product((1, -1), repeat=len(values))
    ]
    slack = 1e-9 * math.fsum(abs(v) for v in values)
    p_hi = sum(s >= observed - slack for s in sums) / len(sums)
    p_lo = sum(s <= observed + slack for s in sums) / len(sums)
    return p_hi, min(1.0, 2 * min(p_hi, p_lo))


def cliffs_delta(a, b):
    return sum((x > y) - (x < y) for x in a for y in b) / (len(a) * len(b))


def derangements(allowed):
    n = len(allowed)
    return {s for s in permutations(range(n)) if all(allowed[i][s[i]] for i in range(n))}


def admissible(meetings, same_therapist):
    """Who may be paired: every rule read out one by one."""

    def dyad_of(m):
        return m.dyad or (m.first, m.second)

    def people_of(dyad):
        return {p for m in meetings if dyad_of(m) == dyad for p in (m.first, m.second, *m.others)}

    def met(a, b):
        return any({a, b} <= {m.first, m.second, *m.others} for m in meetings)

    return [
        [
            one.first != two.second
            and not met(one.first, two.second)
            and (one.type, one.number) == (two.type, two.number)
            and (same_therapist or not (people_of(dyad_of(one)) & people_of(dyad_of(two))))
            for two in meetings
        ]
        for one in meetings
    ]


def effect_d(real, pseudo):
    """d over the pairs that are there."""
    values = [v for row in pseudo for v in row if not math.isnan(v)]
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return (math.fsum(real) / len(real) - mean) / spread


def study_null(real, pseudo, real_cut, swaps):
    """Draws on the scale of the observed mean, drawn out; and the p of the plain formula."""
    n = len(real)
    observed = sum(real) / n
    differences = []
    for s in swaps:
        made_up = sum(pseudo[i][s[i]] for i in range(n)) / n
        cut = sum(real_cut[i][s[i]] for i in range(n)) / n
        differences.append(made_up - cut)
    shares = np.zeros((n, n))
    for s in swaps:
        for i in range(n):
            shares[i, s[i]] += 1 / len(swaps)
    together = float((shares**2).sum())
    spread = math.sqrt((n + together) / (n - together))
    middle = sum(differences) / len(differences)
    null = [observed + middle + spread * (d - middle) for d in differences]
    p_plain = (1 + sum(d >= -1e-12 for d in differences)) / (len(differences) + 1)
    return null, p_plain


def rolled(y, offset):
    return np.array([y[(t - offset) % len(y)] for t in range(len(y))])
