"""Phase and amplitude of one band, straight from the definitions; slow and plain."""

import math

import numpy as np


def band_signal(x, rate_hz, low_hz, high_hz, min_coverage):
    """Weighted covariance with the ideal band around every sample, over what is there."""
    n = len(x)
    half = math.ceil(rate_hz / min(low_hz, high_hz - low_hz) - 1e-9)
    ks = list(range(-half, half + 1))
    w = {k: 0.54 + 0.46 * math.cos(math.pi * k / (half + 1)) for k in ks}
    s = {}
    for k in ks:
        t = k / rate_hz
        if k == 0:
            s[k] = 2.0 * (high_hz - low_hz) / rate_hz
        else:
            turn = np.exp(2j * np.pi * high_hz * t) - np.exp(2j * np.pi * low_hz * t)
            s[k] = 2.0 / rate_hz * turn / (2j * np.pi * t)
    total = sum(w.values())
    z = np.full(n, np.nan, dtype=complex)
    for t in range(n):
        if math.isnan(x[t]):
            continue
        near = [k for k in ks if 0 <= t - k < n and not math.isnan(x[t - k])]
        weight = sum(w[k] for k in near)
        if weight < min_coverage * total - 1e-9 or len({x[t - k] for k in near}) == 1:
            continue
        xm = sum(w[k] * x[t - k] for k in near) / weight
        sm = sum(w[k] * s[k] for k in near) / weight
        z[t] = total / weight * sum(w[k] * (s[k] - sm) * (x[t - k] - xm) for k in near)
    return z


def _im(a, b):
    """Imaginary parts of a conj(b); 0 where phases differ by less than 1e-9."""
    im = (a * np.conj(b)).imag
    return np.where(np.abs(im) <= 1e-9 * np.abs(a) * np.abs(b), 0.0, im)


def _pearson(a, b):
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan
    return float(np.corrcoef(a, b)[0, 1])


def _circular(p, q):
    """Jammalamadaka's correlation about circular means."""
    s = np.sin(p - np.angle(np.exp(1j * p).mean()))
    t = np.sin(q - np.angle(np.exp(1j * q).mean()))
    return float((s * t).sum() / math.sqrt((s * s).sum() * (t * t).sum()))


def _adjusted(p, q):
    """Zimmermann's adjusted form, sample by sample."""
    apart, added = np.exp(1j * (p - q)).sum(), np.exp(1j * (p + q)).sum()
    n = -(np.angle(apart) - np.angle(added)) / 2
    m = np.angle(apart) + n
    size = (np.sin(p - m) ** 2).sum() * (np.sin(q - n) ** 2).sum()
    return float((abs(apart) - abs(added)) / (2 * math.sqrt(size)))


def measure(name, a, b):
    """One measure of two stretches of analytic signals without a gap."""
    p, q = np.angle(a), np.angle(b)
    power = math.sqrt((np.abs(a) ** 2).sum() * (np.abs(b) ** 2).sum())
    if name == "phase_locking":
        return abs(np.exp(1j * (p - q)).mean())
    if name == "circular_correlation":
        return _circular(p, q)
    if name == "adjusted_circular_correlation":
        return _adjusted(p, q)
    if name == "band_coherence":
        return abs((a * np.conj(b)).sum()) / power
    if name == "imaginary_coherence":
        return _im(a, b).sum() / power
    if name == "phase_lag_index":
        return abs(np.sign(_im(a, b)).mean())
    if name == "weighted_phase_lag_index":
        size = np.abs(_im(a, b)).sum()
        return abs(_im(a, b).sum()) / size if size else 0.0
    if name == "envelope_correlation":
        return _pearson(np.abs(a), np.abs(b))
    return _pearson(np.abs(a) ** 2, np.abs(b) ** 2)


def windowed(name, x, y, *, rate_hz, low_hz, high_hz, window, step, min_coverage):
    """Values and coverage in windows of samples."""
    a, b = (band_signal(v, rate_hz, low_hz, high_hz, min_coverage) for v in (x, y))
    values, share = [], []
    start = 0
    while start + window <= len(x):
        u, v = a[start : start + window], b[start : start + window]
        there = (np.abs(u) > 0) & (np.abs(v) > 0)
        share.append(there.mean())
        enough = there.sum() >= max(3, min_coverage * window - 1e-9)
        values.append(measure(name, u[there], v[there]) if enough else math.nan)
        start += step
    return np.array(values), np.array(share)


def pair_matrix(name, z):
    """One measure for every pair of rows of analytic signals."""
    n = len(z)
    out = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            out[i, j] = measure(name, z[i], z[j])
    return out
