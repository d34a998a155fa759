"""Connectivity of all pairs of channels, epoch by epoch, from their analytic signals.

Whatever is a sum of products over samples is a matrix product; what takes the sign or the size
of every single product (PLI, wPLI) runs over blocks of samples with all partners of a channel
side by side. No array holds pairs times samples.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from syntony.kernels._arrays import Floats, kernel

Complexes = NDArray[np.complex128]

_BLOCK = 16  # samples whose rows stay in the fastest memory


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


def _size(z: Complexes) -> Floats:
    """Absolute values: several times faster than ``abs``, which guards against overflow."""
    size: Floats = np.sqrt(z.real * z.real + z.imag * z.imag)
    return size


def _sides(z: Complexes) -> Floats:
    """Real parts, then imaginary parts, in one row per channel."""
    return np.concatenate([z.real, z.imag], axis=1)


def _directions(z: Complexes) -> Floats:
    """Cosines, then sines of the phases, in one row per channel."""
    n = z.shape[1]
    sides, one = _sides(z), 1.0 / _size(z)
    sides[:, :n] *= one
    sides[:, n:] *= one
    return sides


def _cross_imaginary(sides: Floats) -> Floats:
    """Imaginary part of the sums of z1 conj(z2)."""
    n = sides.shape[1] // 2
    half = sides[:, n:] @ sides[:, :n].T
    imaginary: Floats = half - half.T
    return imaginary


def _phase_locking(z: Complexes) -> Floats:
    sides = _directions(z)
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
    sides = _directions(z)
    c, s = sides[:, :n], sides[:, n:]
    cosine, sine = c.sum(axis=1), s.sum(axis=1)
    size = np.sqrt(cosine * cosine + sine * sine)
    return _correlation(s * (cosine / size)[:, None] - c * (sine / size)[:, None])


def _adjusted_circular(z: Complexes) -> Floats:
    n = z.shape[1]
    sides = _directions(z)
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


def _envelope(z: Complexes) -> Floats:
    size = _size(z)
    return _correlation(size - size.mean(axis=1, keepdims=True))


def _power(z: Complexes) -> Floats:
    power = z.real * z.real + z.imag * z.imag
    return _correlation(power - power.mean(axis=1, keepdims=True))


def _phase_lag(z: Complexes) -> Floats:
    out = np.zeros((z.shape[0], z.shape[0]))
    _add_signs(np.ascontiguousarray(z.real.T), np.ascontiguousarray(z.imag.T), out)
    out /= z.shape[1]
    return _mirrored(out, z)


def _weighted_phase_lag(z: Complexes) -> Floats:
    signed, size = np.zeros((2, z.shape[0], z.shape[0]))
    _add_sizes(np.ascontiguousarray(z.real.T), np.ascontiguousarray(z.imag.T), signed, size)
    signed /= np.where(size == 0.0, 1.0, size)  # nothing off the axis: 0, as the plain index
    return _mirrored(signed, z)


def _mirrored(upper: Floats, z: Complexes) -> Floats:
    """Both triangles of sizes; NaN where a channel is missing or has no amplitude."""
    value: Floats = np.abs(upper)
    value += value.T
    bad = ~(np.einsum("ct->c", z.real * z.real + z.imag * z.imag) > 0.0)
    value[bad] = np.nan
    value[:, bad] = np.nan
    return value


@kernel
def _add_signs(real, imag, out):  # type: ignore[no-untyped-def]
    """Add the signs of Im(z_a conj(z_b)) over samples, for b above a."""
    n, channels = real.shape
    for begin in range(0, n, _BLOCK):
        end = min(begin + _BLOCK, n)
        for a in range(channels - 1):
            held = out[a, a + 1 :]
            for t in range(begin, end):
                x, y = real[t, a], imag[t, a]
                c, s = real[t, a + 1 :], imag[t, a + 1 :]
                for b in range(held.size):
                    im = y * c[b] - x * s[b]
                    held[b] += (1.0 if im > 0.0 else 0.0) - (1.0 if im < 0.0 else 0.0)


@kernel
def _add_sizes(real, imag, signed, size):  # type: ignore[no-untyped-def]
    """Add Im(z_a conj(z_b)), and its size, over samples, for b above a."""
    n, channels = real.shape
    for begin in range(0, n, _BLOCK):
        end = min(begin + _BLOCK, n)
        for a in range(channels - 1):
            held, sizes = signed[a, a + 1 :], size[a, a + 1 :]
            for t in range(begin, end):
                x, y = real[t, a], imag[t, a]
                c, s = real[t, a + 1 :], imag[t, a + 1 :]
                for b in range(held.size):
                    im = y * c[b] - x * s[b]
                    held[b] += im
                    sizes[b] += abs(im)


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
