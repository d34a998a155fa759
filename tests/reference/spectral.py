"""Naive twins of the surrogates by spectrum and by autoregression: sums written out."""

import math

import numpy as np


def amplitudes(values):
    """Amplitude of every frequency, by the definition of the transform."""
    n = len(values)
    return np.array(
        [
            abs(sum(v * complex(math.cos(a * t), -math.sin(a * t)) for t, v in enumerate(values)))
            for a in (2 * math.pi * k / n for k in range(n // 2 + 1))
        ]
    )


def ends_apart(values, start, stop):
    jump = values[start] - values[stop - 1]
    step = (values[start + 1] - values[start]) - (values[stop - 1] - values[stop - 2])
    return jump**2 + step**2


def is_quick(length):
    """No prime factor over 7: some product of small powers is the length."""
    powers = (
        2**a * 3**b * 5**c * 7**d
        for a in range(12)
        for b in range(8)
        for c in range(6)
        for d in range(5)
    )
    return length in set(powers)


def matching_ends(values):
    n = len(values)
    most = int(0.05 * n)
    spans = [(a, n - b) for a in range(most + 1) for b in range(most + 1)]
    quick = {length for length in range(n - 2 * most, n + 1) if is_quick(length)}
    spans = [s for s in spans if s[1] - s[0] in quick] or spans
    return min(spans, key=lambda s: (ends_apart(values, *s), s[0] - s[1]))


def iaaft(values, order, rounds):
    """Amplitudes and values in turns, the plain way; the order before and after every round."""
    wanted = np.abs(np.fft.fft(values))
    drawn = np.array([values[i] for i in order])
    for _ in range(rounds):
        phases = np.angle(np.fft.fft(drawn))
        shaped = np.fft.ifft(wanted * np.exp(1j * phases)).real
        places = sorted(range(len(values)), key=lambda t: shaped[t])
        drawn = np.empty(len(values))
        for place, value in zip(places, sorted(values), strict=True):
            drawn[place] = value
    return drawn


def burg(values, max_order):
    """Reflection coefficients, window by window, each order from the coefficients so far."""
    there = [v for v in values if not math.isnan(v)]
    mean = math.fsum(there) / len(there)
    d = [v - mean for v in values]
    variances = [math.fsum((v - mean) ** 2 for v in there) / len(there)]
    coefficients, reflections = [], []
    for p in range(1, max_order + 1):
        top = bottom = 0.0
        for t in range(p, len(d)):
            window = d[t - p : t + 1]
            if any(math.isnan(v) for v in window):
                continue
            ahead = window[p] - sum(a * window[p - 1 - i] for i, a in enumerate(coefficients))
            behind = window[0] - sum(a * window[1 + i] for i, a in enumerate(coefficients))
            top += 2 * ahead * behind
            bottom += ahead**2 + behind**2
        k = top / bottom
        coefficients = [a - k * b for a, b in zip(coefficients, coefficients[::-1], strict=True)]
        coefficients.append(k)
        reflections.append(k)
        variances.append(variances[-1] * (1 - k * k))
    bic = [len(there) * math.log(v) + p * math.log(len(there)) for p, v in enumerate(variances)]
    return mean, reflections, variances, bic


def memory(values):
    """First lag in samples at which the autocorrelation is under 1/e."""
    n = len(values)
    there = [v for v in values if not math.isnan(v)]
    mean = math.fsum(there) / len(there)
    variance = math.fsum((v - mean) ** 2 for v in there) / len(there)
    for k in range(n):
        products = [(values[t] - mean) * (values[t + k] - mean) for t in range(n - k)]
        products = [p for p in products if not math.isnan(p)]
        if products and math.fsum(products) / len(products) / variance * (n - k) / n < 1 / math.e:
            return k
    return n
