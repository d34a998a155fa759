"""Coherence by Welch's method and by wavelets, from the definitions, sum by sum."""

import numpy as np


def welch(x, y, rate_hz, length, hop, low_hz, high_hz, min_coverage=0.8):
    """Coherence, phase and one-sided cross-spectrum sums over segments, one frequency at a time."""
    n = np.arange(length)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * n / length)
    bins = [k for k in range(length // 2 + 1) if low_hz <= k * rate_hz / length <= high_hz]
    coherence, phase, shared, powers = [], [], 0.0, 0.0
    for k in bins:
        wave = np.exp(-2j * np.pi * k * n / length)
        sxy, sxx, syy = 0.0, 0.0, 0.0
        for start in range(0, x.size - length + 1, hop):
            a, b = x[start : start + length], y[start : start + length]
            there = np.isfinite(a) & np.isfinite(b)
            if there.mean() < min_coverage:
                continue
            gain = np.sqrt((taper**2).sum() / (taper[there] ** 2).sum())
            fa = gain * (taper * wave)[there] @ (a[there] - a[there].mean())
            fb = gain * (taper * wave)[there] @ (b[there] - b[there].mean())
            sxy, sxx, syy = sxy + fa * np.conj(fb), sxx + abs(fa) ** 2, syy + abs(fb) ** 2
        coherence.append(abs(sxy) ** 2 / (sxx * syy))
        phase.append(np.angle(sxy))
        sides = 1 if k == 0 or 2 * k == length else 2
        shared += sides**2 * abs(sxy) ** 2
        powers += sides**2 * sxx * syy
    return np.array(coherence), np.array(phase), shared / powers


def morlet(scale, reach, size=1 << 14):
    """Wavelet of one scale at distances -reach ... reach, from its spectrum, bin by bin."""
    omega = 2 * np.pi * np.arange(1, size // 2 + 1) / size
    spectrum = np.exp(-0.5 * (scale * omega - 6.0) ** 2)
    used = spectrum > 1e-18
    apart = np.arange(-reach, reach + 1)
    return (spectrum[used] * np.exp(1j * np.outer(apart, omega[used]))).sum(axis=1) / size


def bell(scale, reach):
    """Normal density at distances -reach ... reach."""
    apart = np.arange(-reach, reach + 1)
    return np.exp(-0.5 * (apart / scale) ** 2) / (scale * np.sqrt(2 * np.pi))


def _under(values, weights, reach):
    """Sum of values times weights around every place, nothing being there outside."""
    padded = np.concatenate((np.zeros(reach), values, np.zeros(reach)))
    return np.array([padded[t : t + 2 * reach + 1] @ weights for t in range(values.size)])


def transform(x, y, scale, reach):
    """Both transforms of one scale, missing samples left out, and coverage."""
    gone = ~(np.isfinite(x) & np.isfinite(y))
    wave = morlet(scale, reach)[::-1]
    made = []
    counts = _under((~gone).astype(float), bell(scale, reach), reach)
    envelope = 1.0 - _under(gone.astype(float), bell(scale, reach), reach)
    for v in (x, y):
        off = np.where(gone, 0.0, v - v[~gone].mean())
        w = _under(off.astype(complex), wave, reach)
        if gone.any():
            level = _under(off, bell(scale, reach), reach) / counts
            w = (w + level * _under(gone.astype(complex), wave, reach)) / envelope
        made.append(w)
    share = 1.0 - _under(gone.astype(float), bell(scale / np.sqrt(2), reach), reach)
    return *made, share


def wavelet_coherence(x, y, scales, weights, min_coverage=0.8):
    """Squared coherence, phase and coverage, shape (n_scales, n_samples)."""
    reach = int(np.ceil(8.6 * scales.max()))
    smooth, covered = [], []
    for scale in scales:
        one, two, share = transform(x, y, scale, reach)
        kept = share >= min_coverage
        parts = [abs(one) ** 2, abs(two) ** 2, one * np.conj(two)]
        density = bell(scale, reach)
        smooth.append([_under(np.where(kept, p, 0.0), density, reach) for p in parts])
        covered.append(share)
    half = weights.size // 2
    squared, phase = np.empty((2, scales.size, x.size))
    for j in range(scales.size):
        total = [np.zeros(x.size, dtype=complex) for _ in range(3)]
        for i, w in enumerate(weights):
            if 0 <= j + i - half < scales.size:
                total = [t + w * s for t, s in zip(total, smooth[j + i - half], strict=True)]
        squared[j] = abs(total[2]) ** 2 / (total[0].real * total[1].real)
        phase[j] = np.angle(total[2])
    covered = np.array(covered)
    squared[covered < min_coverage] = np.nan
    phase[covered < min_coverage] = np.nan
    return squared, phase, covered


def grinsted_weights(per_octave):
    """Boxcar of 0.6 octaves: 0.3 octaves of whole scales and their fraction on either side."""
    reach = 3 * per_octave / 10
    whole = int(np.floor(reach + 0.5))
    weights = np.concatenate(([reach % 1], np.ones(2 * whole - 1), [reach % 1]))
    return weights / weights.sum()


def red_noise(shocks, coefficient):
    """First-order autoregression of variance 1."""
    out = [shocks[0]]
    for e in shocks[1:]:
        out.append(coefficient * out[-1] + np.sqrt(1 - coefficient**2) * e)
    return np.array(out)
