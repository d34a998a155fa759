"""Naive twins of the correlations between indices."""

import math

import numpy as np


def pearson(x, y):
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if not (np.isnan(a) or np.isnan(b))]
    if len(pairs) < 3 or len({a for a, _ in pairs}) < 2 or len({b for _, b in pairs}) < 2:
        return math.nan
    return float(np.corrcoef(np.array(pairs).T)[0, 1])


def ranks(values):
    return [sum(v < w for v in values) + (sum(v == w for v in values) + 1) / 2 for w in values]


def spearman(x, y):
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if not (np.isnan(a) or np.isnan(b))]
    return pearson(ranks([a for a, _ in pairs]), ranks([b for _, b in pairs]))
