"""Connectivity of all pairs of channels, epoch by epoch, from their analytic signals.

Whatever is a sum of products over samples is a matrix product; what takes the sign or the size
of every single product (PLI, wPLI) runs over blocks of samples with all partners of a channel
side by side. No array holds pairs times samples.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from syntony.kernels._arrays import Floats, kernel, part, readonly

Complexes = NDArray[np.complex128]

_BLOCK = 16  # samples whose rows stay in the fastest memory; fours
_TILE = 8  # partners begin at a multiple of it, so that no odd ones are left over


def pair_matrices(z: Complexes, measure: str) -> Floats:
    """Compute one measure for every pair of channels in every epoch.

    Parameters
    ----------
    z : ndarray of complex128, shape (n_epochs, n_channels, n_samples)
        Analytic signals. A NaN anywhere in a channel makes its row and column NaN.
    measure : str
        One of :data:`MEASURES`.

    Returns
    -------
    ndarray of float64, shape (n_epochs, n_channels, n_channels)
        ``[e, a, b]``: channel a as the first. Correlations and ``imaginary_coherence`` keep
        their sign; ``band_coherence`` is not squared. NaN where a channel has no phase (0 at some
        sample) or no amplitude, or does not vary.

    Examples
    --------
    >>> t = np.arange(200) / 10.0
    >>> z = np.exp(1j * np.stack([t, t - 0.5]))[None]
    >>> pair_matrices(z, "band_coherence")[0, 0].round(12).tolist()
    [1.0, 1.0]
    >>> pair_matrices(z, "imaginary_coherence")[0, 0].round(12).tolist()
    [0.0, 0.479425538604]
    """
    compute = MEASURES[measure]
    out = np.empty((z.shape[0], z.shape[1], z.shape[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        for epoch, held in zip(z, out, strict=True):
            held[...] = compute(epoch)
    return out


def _sizes(z: Complexes, squared: bool) -> Floats:
    """Absolute values, or their squares."""
    out = np.empty(z.shape)
    _take_sizes(readonly(z), squared, out)
    return out


def _sides(z: Complexes, directions: bool = False) -> Floats:
    """Real, then imaginary parts in one row per channel; of numbers of size 1, if asked for."""
    out = np.empty((z.shape[0], 2 * z.shape[1]))
    _take_sides(readonly(z), directions, out)
    return out


@kernel
def _take_sizes(z, squared, out):  # type: ignore[no-untyped-def]
    """Fill ``out``; several times faster than ``abs``, which guards against overflow."""
    for a in range(z.shape[0]):
        for t in range(z.shape[1]):
            x, y = z[a, t].real, z[a, t].imag
            out[a, t] = x * x + y * y
    if not squared:
        for a in range(z.shape[0]):
            for t in range(z.shape[1]):
                out[a, t] = np.sqrt(out[a, t])


@kernel
def _take_sides(z, directions, out):  # type: ignore[no-untyped-def]
    """Fill ``out``."""
    n = z.shape[1]
    for a in range(z.shape[0]):
        for t in range(n):
            out[a, t], out[a, n + t] = z[a, t].real, z[a, t].imag
        if directions:
            for t in range(n):
                x, y = out[a, t], out[a, n + t]
                one = 1.0 / np.sqrt(x * x + y * y)
                out[a, t], out[a, n + t] = x * one, y * one


def _cross_imaginary(sides: Floats) -> Floats:
    """Imaginary part of the sums of z1 conj(z2)."""
    n = sides.shape[1] // 2
    half = sides[:, n:] @ sides[:, :n].T
    imaginary: Floats = half - half.T
    return imaginary


def _phase_locking(z: Complexes) -> Floats:
    sides = _sides(z, directions=True)
    value: Floats = np.hypot(sides @ sides.T, _cross_imaginary(sides)) / z.shape[1]
    return value


def _powers(z: Complexes) -> tuple[Floats, Floats]:
    """Both parts in one row, and the square root of every pair's summed power."""
    sides = _sides(z)
    root = np.sqrt(np.einsum("ct,ct->c", sides, sides))
    return sides, root[:, None] * root


def _coherence(z: Complexes) -> Floats:
    sides, power = _powers(z)
    value: Floats = np.hypot(sides @ sides.T, _cross_imaginary(sides)) / power
    return value


def _imaginary_coherence(z: Complexes) -> Floats:
    sides, power = _powers(z)
    value: Floats = _cross_imaginary(sides) / power
    return value


def _correlation(rows: Floats) -> Floats:
    """Sums of products over the square roots of sums of squares: Pearson's r of centred rows."""
    sums = rows @ rows.T
    root = np.sqrt(np.diagonal(sums))
    value: Floats = sums / (root[:, None] * root)
    return value


def _circular(z: Complexes) -> Floats:
    n = z.shape[1]
    sides = _sides(z, directions=True)
    c, s = sides[:, :n], sides[:, n:]
    cosine, sine = c.sum(axis=1), s.sum(axis=1)
    size = np.sqrt(cosine * cosine + sine * sine)
    return _correlation(s * (cosine / size)[:, None] - c * (sine / size)[:, None])


def _adjusted_circular(z: Complexes) -> Floats:
    n = z.shape[1]
    sides = _sides(z, directions=True)
    c, s = sides[:, :n], sides[:, n:]
    cc, ss, sc = c @ c.T, s @ s.T, s @ c.T
    apart = (cc + ss) + 1j * (sc - sc.T)  # sum of exp(i(a - b))
    added = (cc - ss) + 1j * (sc + sc.T)  # sum of exp(i(a + b))
    one, two = np.angle(apart), np.angle(added)
    second = (two - one) / 2.0
    first = one + second
    twice = np.diagonal(added)  # sum of exp(2ia)
    sines = [
        (n - (twice_of * np.exp(-2j * mean)).real) / 2.0
        for twice_of, mean in ((twice[:, None], first), (twice, second))
    ]
    value: Floats = (np.abs(apart) - np.abs(added)) / (2.0 * np.sqrt(sines[0] * sines[1]))
    return value


def _centred_correlation(rows: Floats) -> Floats:
    """Pearson's r of every pair of rows, which are centred in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    return _correlation(rows)


def _envelope(z: Complexes) -> Floats:
    return _centred_correlation(_sizes(z, squared=False))


def _power(z: Complexes) -> Floats:
    return _centred_correlation(_sizes(z, squared=True))


def _phase_lag(z: Complexes) -> Floats:
    signed = np.zeros((z.shape[0], z.shape[0]))
    _add_signs(*_by_sample(z), signed)
    return _mirrored(signed / z.shape[1], z)


def _weighted_phase_lag(z: Complexes) -> Floats:
    signed, size = np.zeros((2, z.shape[0], z.shape[0]))
    _add_sizes(*_by_sample(z), signed, size)
    size[size == 0.0] = 1.0  # nothing off the axis: 0, as the plain index
    return _mirrored(signed / size, z)


def _by_sample(z: Complexes) -> tuple[Floats, Floats]:
    """Real and imaginary parts, a row per sample; rows of 0, which add nothing, fill fours up."""
    n = z.shape[1]
    rows = np.zeros((2, (n + 3) // 4 * 4, z.shape[0]))
    rows[0, :n], rows[1, :n] = z.real.T, z.imag.T
    return rows[0], rows[1]


def _mirrored(signed: Floats, z: Complexes) -> Floats:
    """Size of the upper triangle in both; NaN where a channel is missing or has no amplitude."""
    value: Floats = np.triu(np.abs(signed), 1)
    value += value.T
    bad = ~(_sizes(z, squared=True).sum(axis=1) > 0.0)
    value[bad] = np.nan
    value[:, bad] = np.nan
    return value


@kernel
def _add_signs(real, imag, out):  # type: ignore[no-untyped-def]
    """Add the signs of Im(z_a conj(z_b)) over samples, for b above a (and a few below)."""
    n, channels = real.shape
    for begin in range(0, n, _BLOCK):
        for a in range(channels - 1):
            low = (a + 1) // _TILE * _TILE
            held = out[a, low:]
            for t in range(begin, min(begin + _BLOCK, n), 4):
                c0, c1, c2, c3 = real[t], real[t + 1], real[t + 2], real[t + 3]
                s0, s1, s2, s3 = imag[t], imag[t + 1], imag[t + 2], imag[t + 3]
                x0, x1, x2, x3 = c0[a], c1[a], c2[a], c3[a]
                y0, y1, y2, y3 = s0[a], s1[a], s2[a], s3[a]
                c0, c1, c2, c3 = c0[low:], c1[low:], c2[low:], c3[low:]
                s0, s1, s2, s3 = s0[low:], s1[low:], s2[low:], s3[low:]
                for b in range(held.size):
                    one = _sign(y0 * c0[b], x0 * s0[b]) + _sign(y1 * c1[b], x1 * s1[b])
                    two = _sign(y2 * c2[b], x2 * s2[b]) + _sign(y3 * c3[b], x3 * s3[b])
                    held[b] += one + two


@part
def _sign(more, less):  # type: ignore[no-untyped-def]
    """Sign of a difference."""
    return (1.0 if more > less else 0.0) - (1.0 if more < less else 0.0)


@kernel
def _add_sizes(real, imag, signed, size):  # type: ignore[no-untyped-def]
    """Add Im(z_a conj(z_b)), and its size, over samples, for b above a (and a few below)."""
    n, channels = real.shape
    for begin in range(0, n, _BLOCK):
        for a in range(channels - 1):
            low = (a + 1) // _TILE * _TILE
            held, sizes = signed[a, low:], size[a, low:]
            for t in range(begin, min(begin + _BLOCK, n), 4):
                c0, c1, c2, c3 = real[t], real[t + 1], real[t + 2], real[t + 3]
                s0, s1, s2, s3 = imag[t], imag[t + 1], imag[t + 2], imag[t + 3]
                x0, x1, x2, x3 = c0[a], c1[a], c2[a], c3[a]
                y0, y1, y2, y3 = s0[a], s1[a], s2[a], s3[a]
                c0, c1, c2, c3 = c0[low:], c1[low:], c2[low:], c3[low:]
                s0, s1, s2, s3 = s0[low:], s1[low:], s2[low:], s3[low:]
                for b in range(held.size):
                    i0, i1 = y0 * c0[b] - x0 * s0[b], y1 * c1[b] - x1 * s1[b]
                    i2, i3 = y2 * c2[b] - x2 * s2[b], y3 * c3[b] - x3 * s3[b]
                    held[b] += (i0 + i1) + (i2 + i3)
                    sizes[b] += (abs(i0) + abs(i1)) + (abs(i2) + abs(i3))


MEASURES: dict[str, Callable[[Complexes], Floats]] = {
    "phase_locking": _phase_locking,
    "circular_correlation": _circular,
    "adjusted_circular_correlation": _adjusted_circular,
    "band_coherence": _coherence,
    "imaginary_coherence": _imaginary_coherence,
    "phase_lag_index": _phase_lag,
    "weighted_phase_lag_index": _weighted_phase_lag,
    "envelope_correlation": _envelope,
    "power_correlation": _power,
}
"""How each measure of one epoch is computed, shape (n_channels, n_samples) to a matrix."""
