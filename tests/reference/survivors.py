"""Naive twins of the decisions over many cells: every rule read out cell by cell."""

import math
from itertools import product

import numpy as np


def max_statistic(observed, draws):
    observed, draws = np.asarray(observed, float), np.asarray(draws, float)
    out = np.full(observed.shape, math.nan)
    for cell in np.ndindex(observed.shape):
        if math.isnan(observed[cell]):
            continue
        reached = 1
        for draw in draws:
            values = [v for v in draw.ravel().tolist() if not math.isnan(v)]
            reached += not values or max(values) >= observed[cell]
        out[cell] = reached / (len(draws) + 1)
    return out


def false_discovery_rate(p):
    there = [v for v in p if not math.isnan(v)]
    n = len(there)
    return [
        math.nan
        if math.isnan(v)
        else min(1.0, min(n * w / sum(u <= w for u in there) for w in there if w >= v))
        for v in p
    ]


def thresholds(observed, draws, share):
    """Per cell (low, high, SD) of the draws and the observed value together; None without."""
    out = {}
    for cell in np.ndindex(np.shape(observed)):
        values = sorted(float(m[cell]) for m in [observed, *draws] if not math.isnan(m[cell]))
        n = len(values)
        if n < 2 or values[0] == values[-1]:
            out[cell] = None
            continue
        allowed = math.floor(share * n + 1e-9)  # how many may lie beyond
        middle = math.fsum(values) / n
        sd = math.sqrt(math.fsum((v - middle) ** 2 for v in values) / (n - 1))
        out[cell] = (values[allowed], values[n - 1 - allowed], sd)
    return out


def patches(beyond):
    """Neighbouring cells put together, one after the other; mass of each by its set of cells."""
    left, found = dict(beyond), []
    while left:
        todo, cells, mass = [min(left)], set(), 0.0
        while todo:
            cell = todo.pop()
            if cell not in left:
                continue
            mass += left.pop(cell)
            cells.add(cell)
            for axis, step in product(range(len(cell)), (-1, 1)):
                todo.append((*cell[:axis], cell[axis] + step, *cell[axis + 1 :]))
        found.append((frozenset(cells), mass))
    return found


def clusters(values, limits, two):
    high, low = {}, {}
    for cell, limit in limits.items():
        if limit is None or math.isnan(values[cell]):
            continue
        if values[cell] > limit[1]:
            high[cell] = (values[cell] - limit[1]) / limit[2]
        if two and values[cell] < limit[0]:
            low[cell] = (limit[0] - values[cell]) / limit[2]
    return [(c, m, 1) for c, m in patches(high)] + [(c, m, -1) for c, m in patches(low)]


def cluster_mass(observed, draws, *, two, point=0.05):
    """Set of (cells, mass, sign, p)."""
    limits = thresholds(observed, draws, point / 2 if two else point)
    largest = [
        math.inf
        if np.isnan(draw).all()
        else max([m for _, m, _ in clusters(draw, limits, two)], default=0.0)
        for draw in draws
    ]
    return {
        cells: (mass, sign, (1 + sum(v >= mass * (1 - 1e-9) for v in largest)) / (len(draws) + 1))
        for cells, mass, sign in clusters(observed, limits, two)
    }
