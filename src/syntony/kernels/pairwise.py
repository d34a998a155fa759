"""Pearson correlations of every row with every row, pairwise complete, as matrix products."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDING = 1e-12
"""Variance below this share of the mean square is rounding, not variance."""


def pairwise_correlations(x: Floats, y: Floats, least: int) -> Floats:
    """Correlate each row of ``x`` with each row of ``y`` over the samples both have.

    Parameters
    ----------
    x : ndarray of float64, shape (n, n_samples)
    y : ndarray of float64, shape (m, n_samples)
        NaN where missing.
    least : int
        Fewer joint samples give NaN.

    Returns
    -------
    ndarray of float64, shape (n, m)
        NaN also where a row does not vary over the joint samples.
    """
    if min(x.shape[1], least) >= 2 and np.isfinite(x).all() and np.isfinite(y).all():
        return _without_gaps(x, y) if x.shape[1] >= least else np.full((len(x), len(y)), np.nan)
    (x, here), (y, there) = _filled(x), _filled(y)
    return _from_sums(
        here @ there.T, x @ there.T, here @ y.T, x**2 @ there.T, here @ (y**2).T, x @ y.T, least
    )


def paired_correlations(x: Floats, y: Floats, inside: Floats, least: int) -> Floats:
    """Correlate row i of ``x`` with row i of ``y`` over each of several choices of samples.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n, n_samples)
    inside : ndarray of float64, shape (m, n_samples)
        1 for a sample that the choice holds, 0 for the others.
    least : int

    Returns
    -------
    ndarray of float64, shape (n, m)
    """
    (x, here), (y, there) = _filled(x), _filled(y)
    both, to = here * there, inside.T
    x, y = x * both, y * both
    return _from_sums(both @ to, x @ to, y @ to, x**2 @ to, y**2 @ to, (x * y) @ to, least)


def rotated_correlations(x: Floats, y: Floats, offsets: Ints, least: int) -> Floats:
    """Correlate ``x`` turned round by each offset with ``y``, pairwise complete, by FFT.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN where missing.
    offsets : ndarray of int64, shape (n_draws,)
        As for ``np.roll(x, offset)``.
    least : int

    Returns
    -------
    ndarray of float64, shape (n_draws,)
    """
    (a, here), (b, there) = (tuple(v[0] for v in _filled(row[None])) for row in (x, y))
    size = x.size
    ahead = {k: np.fft.rfft(v) for k, v in (("x", a), ("xx", a**2), ("here", here))}
    behind = {k: np.fft.rfft(v) for k, v in (("y", b), ("yy", b**2), ("there", there))}

    def sums(one: str, two: str) -> Floats:
        whole = np.fft.irfft(ahead[one].conj() * behind[two], size)
        out: Floats = whole[offsets % size]
        return out

    n = np.rint(sums("here", "there"))
    few = n < max(least, 2)
    n = np.maximum(n, 1.0)
    sx, sy = sums("x", "there"), sums("here", "y")
    vx, vy = sums("xx", "there") - sx**2 / n, sums("here", "yy") - sy**2 / n
    # below this share of all there is, a transform leaves rounding, not variance
    flat = (vx <= 1e-10 * (a**2).sum()) | (vy <= 1e-10 * (b**2).sum())
    scale = np.sqrt(np.where(flat | few, 1.0, vx * vy))
    return np.where(flat | few, np.nan, np.clip((sums("x", "y") - sx * sy / n) / scale, -1.0, 1.0))


def _without_gaps(x: Floats, y: Floats) -> Floats:
    """The same where nothing is missing: one product instead of six."""
    scaled = []
    for rows in (x, y):
        apart = rows - rows.mean(axis=1, keepdims=True)
        size = np.sqrt((apart**2).sum(axis=1, keepdims=True))
        flat = size <= np.sqrt(ROUNDING) * np.abs(rows).max(axis=1, keepdims=True)
        scaled.append(np.where(flat, np.nan, apart) / np.where(flat, 1.0, size))
    return np.clip(scaled[0] @ scaled[1].T, -1.0, 1.0)


def _filled(rows: Floats) -> tuple[Floats, Floats]:
    """Rows about their own mean with zeros where missing, and 1 where present."""
    there = np.isfinite(rows)
    number = np.maximum(there.sum(axis=1, keepdims=True), 1)
    filled = np.where(there, rows, 0.0)
    filled = np.where(there, filled - filled.sum(axis=1, keepdims=True) / number, 0.0)
    return filled, there.astype(np.float64)


def _from_sums(
    n: Floats, sx: Floats, sy: Floats, sxx: Floats, syy: Floats, sxy: Floats, least: int
) -> Floats:
    """Correlations from counts, sums, squares and products."""
    few = n < max(least, 2)
    n = np.maximum(n, 1.0)
    vx, vy = sxx - sx**2 / n, syy - sy**2 / n
    flat = (vx <= ROUNDING * sxx) | (vy <= ROUNDING * syy)
    scale = np.sqrt(np.where(flat | few, 1.0, vx * vy))
    return np.where(flat | few, np.nan, np.clip((sxy - sx * sy / n) / scale, -1.0, 1.0))
