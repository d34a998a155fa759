"""Wavelet coherence: what is done cell by cell between the Fourier transforms."""

from __future__ import annotations

import numpy as np

from syntony.kernels._arrays import Floats, kernel

_BLOCK = 512  # cells of a scale worked on at once: they stay in the nearest cache
_LEAST_POWER = 1e-26  # of a series in units of its SD: what rounding alone leaves
_LEAST_SHARE = 1e-12  # of a scale's largest power: under it rounding of the transform speaks


@kernel
def products(first: Floats, second: Floats, weights: Floats, powers: Floats, cross: Floats) -> None:
    """Powers of two transforms, side by side in one array, and their product.

    Parameters
    ----------
    first, second : ndarray, shape (n_scales, 2 * n_samples)
        Transforms; real and imaginary parts take turns.
    weights : ndarray, shape (n_scales, n_samples) or (0, 0)
        0 where a cell is left out, 1 elsewhere; without cells: all are in.
    powers, cross : ndarray, shape (n_scales, at least 2 * n_samples)
        Written to: abs(first)**2 as real, abs(second)**2 as imaginary part; first times the
        conjugate of second. 0 after the last sample.
    """
    n = first.shape[1] // 2
    some = weights.size > 0
    for j in range(first.shape[0]):
        for t in range(n):
            ar, ai = first[j, 2 * t], first[j, 2 * t + 1]
            br, bi = second[j, 2 * t], second[j, 2 * t + 1]
            powers[j, 2 * t] = ar * ar + ai * ai
            powers[j, 2 * t + 1] = br * br + bi * bi
            cross[j, 2 * t] = ar * br + ai * bi
            cross[j, 2 * t + 1] = ai * br - ar * bi
        if some:
            for t in range(n):
                w = weights[j, t]
                powers[j, 2 * t] *= w
                powers[j, 2 * t + 1] *= w
                cross[j, 2 * t] *= w
                cross[j, 2 * t + 1] *= w
        for t in range(2 * n, powers.shape[1]):
            powers[j, t] = 0.0
            cross[j, t] = 0.0


@kernel
def coherence_over_scales(
    powers: Floats,
    cross: Floats,
    weights: Floats,
    nearest: bool,
    squared: Floats,
    phase_rad: Floats,
) -> None:
    """Average over neighbouring scales, and give coherence and phase.

    Parameters
    ----------
    powers, cross : ndarray, shape (n_scales, 2 * n_times)
        As :func:`products` lays them out, smoothed in time; of series in units of their SD.
    weights : ndarray, shape (odd,)
        Weights of the neighbours, the middle one of the scale itself.
    nearest : bool
        Past the first and last scale: whether they are repeated, or nothing is there.
    squared, phase_rad : ndarray, shape (n_times, n_scales)
        Written to, the last scale first; NaN where one side has no power. Without cells in
        ``phase_rad`` no phase is computed.
    """
    n_scales, n_times = powers.shape[0], powers.shape[1] // 2
    half = weights.size // 2
    some_phase = phase_rad.size > 0
    tops = np.zeros(n_scales)
    for j in range(n_scales):
        for t in range(2 * n_times):
            tops[j] = max(tops[j], powers[j, t])
    p, c = np.empty(2 * _BLOCK), np.empty(2 * _BLOCK)
    for begin in range(0, n_times, _BLOCK):
        size = min(_BLOCK, n_times - begin)
        for j in range(n_scales):
            p[:] = 0.0
            c[:] = 0.0
            top = 0.0
            for i in range(weights.size):
                row = j + i - half
                if row < 0 or row >= n_scales:
                    if not nearest:
                        continue
                    row = min(max(row, 0), n_scales - 1)
                w = weights[i]
                top = max(top, w * tops[row])
                for k in range(2 * size):
                    p[k] += w * powers[row, 2 * begin + k]
                    c[k] += w * cross[row, 2 * begin + k]
            low = max(_LEAST_POWER, _LEAST_SHARE * top)
            for t in range(size):
                a, b = p[2 * t], p[2 * t + 1]
                re, im = c[2 * t], c[2 * t + 1]
                place = n_scales - 1 - j
                if a > low and b > low:
                    squared[begin + t, place] = min((re * re + im * im) / (a * b), 1.0)
                    if some_phase:
                        phase_rad[begin + t, place] = np.arctan2(im, re)
                else:
                    squared[begin + t, place] = np.nan
                    if some_phase:
                        phase_rad[begin + t, place] = np.nan


@kernel
def red_noise(shocks: Floats, coefficient: float) -> Floats:
    """First-order autoregression driven by ``shocks``, in its steady state from the start.

    Parameters
    ----------
    shocks : ndarray, shape (n_samples,)
        Independent, of variance 1.
    coefficient : float
        Correlation of neighbours, under 1 in size.

    Returns
    -------
    ndarray, shape (n_samples,)
        Of variance 1.
    """
    out = np.empty(shocks.size)
    gain = np.sqrt(1.0 - coefficient * coefficient)
    out[0] = shocks[0]
    for t in range(1, shocks.size):
        out[t] = coefficient * out[t - 1] + gain * shocks[t]
    return out
