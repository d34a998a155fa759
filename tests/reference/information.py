"""Naive twins of the estimates of information, from their definitions."""

import itertools
import math

import numpy as np


def digamma(n):
    """For whole numbers: harmonic sum less Euler's constant."""
    return -0.5772156649015329 + sum(1.0 / k for k in range(1, n))


def ksg(x, y, k):
    """First estimator of Kraskov et al., every distance looked at."""
    n = len(x)
    total = 0.0
    for i in range(n):
        dx, dy = np.abs(x - x[i]), np.abs(y - y[i])
        both = np.delete(np.maximum(dx, dy), i)
        eps = np.sort(both)[k - 1]
        nx, ny = np.sum(np.delete(dx, i) < eps), np.sum(np.delete(dy, i) < eps)
        total += digamma(nx + 1) + digamma(ny + 1)
    return digamma(k) + digamma(n) - total / n


def entropy(words):
    """Shannon entropy of a list of words, in nats."""
    words = list(words)
    shares = [words.count(w) / len(words) for w in set(words)]
    return -sum(p * math.log(p) for p in shares)


def transfer(source, target, lag):
    """Conditional entropies from the triples themselves."""
    triples = [
        (target[t], target[t - 1], source[t - lag])
        for t in range(max(lag, 1), len(target))
        if min(target[t], target[t - 1], source[t - lag]) >= 0
    ]
    pairs = [(a, b) for a, b, _ in triples]
    held = entropy(pairs) - entropy(b for _, b in pairs)
    told = entropy(triples) - entropy((b, c) for _, b, c in triples)
    return held - told


def pattern(a, b, c):
    """Number of the pattern of three samples, by what is larger than what."""
    seen = sorted({(q > p, r > q, r > p) for p, q, r in itertools.product(range(3), repeat=3)})
    return seen.index((b > a, c > b, c > a))
