"""Wavelet coherence of two series over time and scale, missing samples left out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array, Bools
from syntony.synchrony._wavelet import Block, Plan, gaussian

Complex = NDArray[np.complex128]


_LEAST_SEEN = 1e-3  # share of an envelope on present samples under which it has no mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Squared coherence, phase and coverage, shape (n_times, n_frequencies), or no coverage."""

    squared: Array
    phase_rad: Array
    coverage: Array | None


def coherence_map(
    x: Array, y: Array, plan: Plan, *, min_coverage: float = 0.8, phase: bool = True
) -> Map:
    """Transform, smooth and compare two series.

    Without ``phase`` that array has no cells. Scales that the plan does not use are NaN.

    A sample that one person lacks is left out for both. Its place is taken out of the wavelet,
    the mean of what is left is that under the wavelet's own envelope (so that a level that
    drifts does not look like a rhythm where samples are missing), and the result is divided by
    the envelope's share that was there. A cell with less than ``min_coverage`` of the wavelet's
    energy on present samples is NaN and does not enter the smoothing. Without missing samples
    nothing of this is done.
    """
    there = np.isfinite(x) & np.isfinite(y)
    gone = None if there.all() else ~there
    a, b = _centred(x, there), _centred(y, there)
    smoothed = _empty(plan)
    n_times = plan.times_s.size
    raw = np.empty((plan.n_used, n_times)) if plan.how.raw_phase and phase else None
    covered = None if gone is None else np.empty((plan.n_used, n_times))
    spectra: dict[int, list[Complex]] = {}
    for block in plan.blocks:
        one, two, shares = _transforms(a, b, gone, block, plan, spectra)
        weights = np.empty((0, 0)) if shares is None else (shares >= min_coverage).astype(float)
        if covered is not None and shares is not None:
            covered[block.scales] = shares[:, :: plan.stride]
        if raw is not None:
            sampled = one[:, :: plan.stride] * two[:, :: plan.stride].conj()
            raw[block.scales] = np.angle(sampled)
        _smooth(one, two, weights, block, plan, smoothed)
    found = _over_scales(smoothed, plan, phase)
    squared, phase_rad = found.squared, found.phase_rad
    last = slice(squared.shape[1] - plan.n_used, None)
    if raw is not None:
        phase_rad[:, last] = np.where(np.isfinite(squared[:, last]), raw[::-1].T, np.nan)
    if covered is None:
        return found
    low = (covered < min_coverage)[::-1].T
    squared[:, last][low] = np.nan
    if phase:
        phase_rad[:, last][low] = np.nan
    return Map(squared=squared, phase_rad=phase_rad, coverage=_told(covered, squared.shape))


def compare(one: Complex, two: Complex, plan: Plan) -> Map:
    """Smooth and compare transforms that were made elsewhere, shape (n_scales, n_samples).

    Each must be divided by the root of its scale, if it grows by it.
    """
    smoothed = _empty(plan)
    for block in plan.blocks:
        _smooth(one[block.scales], two[block.scales], np.empty((0, 0)), block, plan, smoothed)
    return _over_scales(smoothed, plan, True)


def _empty(plan: Plan) -> tuple[Complex, Complex]:
    """Room for smoothed powers and products."""
    shape = (plan.n_used, plan.times_s.size)
    return np.empty(shape, dtype=np.complex128), np.empty(shape, dtype=np.complex128)


def _over_scales(smoothed: tuple[Complex, Complex], plan: Plan, phase: bool) -> Map:
    """Average over scales, and compare; frequencies ascend, those that were not used are NaN."""
    from syntony.kernels.wavelet import coherence_over_scales

    n_times, used = plan.times_s.size, plan.n_used
    cells = np.empty((n_times, used))
    phases = np.empty(cells.shape if phase else (0, 0))
    powers, cross = (v.view(np.float64) for v in smoothed)
    coherence_over_scales(powers, cross, plan.weights, plan.how.nearest, cells, phases)
    absent = plan.frequency_hz.size - used
    if absent:
        cells = np.pad(cells, ((0, 0), (absent, 0)), constant_values=np.nan)
        if phase:
            phases = np.pad(phases, ((0, 0), (absent, 0)), constant_values=np.nan)
    return Map(squared=cells, phase_rad=phases, coverage=None)


def _told(covered: Array, shape: tuple[int, ...]) -> Array:
    """Coverage of all frequencies; of those that were not computed, that of the nearest."""
    out = np.empty(shape)
    used = covered.shape[0]
    out[:, shape[1] - used :] = covered[::-1].T
    out[:, : shape[1] - used] = covered[-1][:, None]
    return out


def _centred(values: Array, there: Bools) -> Array:
    """Values in units of their SD, without their mean, 0 where missing or where none changes.

    In one unit the powers of both can share a transform, and rounding of the one does not
    cover the other.
    """
    present = values[there]
    if present.size == 0 or np.ptp(present) == 0.0:
        return np.zeros(values.size)
    out: Array = np.where(there, values - present.mean(), 0.0)
    out[there] -= out[there].mean()
    out /= math.sqrt(float(out @ out) / present.size)
    return out


def _transforms(
    a: Array,
    b: Array,
    gone: Bools | None,
    block: Block,
    plan: Plan,
    spectra: dict[int, list[Complex]],
) -> tuple[Complex, Complex, Array | None]:
    """Wavelet transforms of both series at the scales of a block; coverage of each cell."""
    from scipy import fft

    n, size = plan.n_samples, block.size
    if size not in spectra:
        spectra.clear()
        rows = [a, b] if gone is None else [a, b, gone.astype(np.float64), np.ones(n)]
        spectra[size] = [fft.rfft(v, size, workers=1) for v in rows]
    found = spectra[size]
    one, two = (_wavelet(v, block)[:, :n] for v in found[:2])
    if gone is None:
        return one, two, None
    holes = _wavelet(found[2], block)[:, :n]
    scales = plan.scales[block.scales]
    wide, narrow = gaussian(scales, size), gaussian(scales / math.sqrt(2.0), size)
    levels = _under(found[0], found[1], wide, size)[:, :n]
    counts = _under(found[3] - found[2], found[2], wide, size)[:, :n]
    energy = _under(found[2], None, narrow, size)[:, :n]
    enough = counts.real > _LEAST_SEEN
    level = np.divide(levels, counts.real, where=enough, out=np.zeros_like(levels))
    envelope = np.where(enough, 1.0 - counts.imag, 1.0)
    one = (one + level.real * holes) / envelope
    two = (two + level.imag * holes) / envelope
    return one, two, np.clip(1.0 - energy.real, 0.0, 1.0)


def _wavelet(spectrum: Complex, block: Block) -> Complex:
    """Transform of one series at the scales of a block, zeros included."""
    from scipy import fft

    rows = np.zeros((block.rise.shape[0], block.size), dtype=np.complex128)
    last = block.first + block.rise.shape[1]
    np.multiply(spectrum[block.first : last], block.rise, out=rows[:, block.first : last])
    below = block.fall.shape[1]
    if below:
        rows[:, -below:] = (spectrum[1 : below + 1].conj() * block.fall)[:, ::-1]
    made: Complex = fft.ifft(rows, axis=1, overwrite_x=True, workers=1)
    return made


def _under(real: Complex, imaginary: Complex | None, weights: Array, size: int) -> Complex:
    """Two real series, given by their spectra, under Gaussians: real and imaginary part."""
    from scipy import fft

    k = weights.shape[1]
    upper = min(k, size - size // 2)
    other = 0.0 if imaginary is None else 1j * imaginary[:k]
    mirrored = 0.0 if imaginary is None else 1j * imaginary[1:upper].conj()
    both = np.zeros((weights.shape[0], size), dtype=np.complex128)
    both[:, :k] = (real[:k] + other) * weights
    both[:, size - upper + 1 :] = ((real[1:upper].conj() + mirrored) * weights[:, 1:upper])[:, ::-1]
    made: Complex = fft.ifft(both, axis=1, overwrite_x=True, workers=1)
    return made


def _smooth(
    one: Complex,
    two: Complex,
    weights: Array,
    block: Block,
    plan: Plan,
    out: tuple[Complex, Complex],
) -> None:
    """Smooth powers and product of a block in time; write every ``stride``-th sample."""
    from scipy import fft

    from syntony.kernels.wavelet import products

    size = block.size_smooth
    rows = one.shape[0]
    powers = np.empty((rows, size), dtype=np.complex128)
    cross = np.empty((rows, size), dtype=np.complex128)
    products(
        np.ascontiguousarray(one).view(np.float64),
        np.ascontiguousarray(two).view(np.float64),
        weights,
        powers.view(np.float64),
        cross.view(np.float64),
    )
    n_times = plan.times_s.size
    for made, target in zip((powers, cross), out, strict=True):
        spectrum = fft.fft(made, axis=1, overwrite_x=True, workers=1)
        target[block.scales] = _faded(spectrum, block, plan.stride)[:, :n_times]


def _faded(spectrum: Complex, block: Block, stride: int) -> Complex:
    """Multiply by the smoothing's spectrum and go back to time, at every stride-th sample.

    What the inverse gives there is the inverse of the spectrum folded on itself.
    """
    from scipy import fft

    size, k = block.size_smooth, block.fade.shape[1]
    upper = min(k, size - size // 2)
    spectrum[:, :k] *= block.fade
    spectrum[:, k : size - upper + 1] = 0.0
    spectrum[:, size - upper + 1 :] *= block.fade[:, 1:upper][:, ::-1]
    if size % stride:
        full: Complex = fft.ifft(spectrum, axis=1, overwrite_x=True, workers=1)
        return full[:, ::stride]
    if stride > 1:
        spectrum = spectrum.reshape(spectrum.shape[0], stride, -1).sum(axis=1) / stride
    made: Complex = fft.ifft(spectrum, axis=1, overwrite_x=True, workers=1)
    return made
