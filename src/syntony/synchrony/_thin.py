"""Fewer samples for methods that look seconds ahead, not samples."""

from __future__ import annotations

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.synchrony._inputs import check_number


def thinned(
    values: Array, rate_hz: float, thin_to_hz: float, min_coverage: float = 0.5
) -> tuple[Array, float]:
    """Means of blocks of whole samples, about ``thin_to_hz`` of them a second.

    Parameters
    ----------
    values : ndarray of float64, shape (..., n_samples)
        NaN marks missing samples; the last axis is time.
    rate_hz : float
        Samples per second.
    thin_to_hz : float
        Wanted rate; 0, or a rate above ``rate_hz``, leaves the values as they are.
    min_coverage : float
        A block of which less is present becomes NaN; others are the mean of what is there.

    Returns
    -------
    values : ndarray, shape (..., n_blocks)
        The incomplete block at the end is dropped.
    rate_hz : float
        ``rate_hz`` divided by the whole number of samples in a block.

    Examples
    --------
    >>> thinned(np.array([1.0, 3.0, 5.0, np.nan, 9.0]), 4.0, 2.0)
    (array([2., 5.]), 2.0)
    """
    check_number("thin_to_hz", thin_to_hz, 0.0, 1e9, "0 or a number of hertz above 0")
    size = int(np.floor(rate_hz / thin_to_hz + 0.5)) if thin_to_hz > 0 else 1
    if size <= 1:
        return values, rate_hz
    count = values.shape[-1] // size
    if count < 1:
        longest = f"at least {size / values.shape[-1] * thin_to_hz:g} Hz for so short a signal"
        raise InputError("thin_to_hz", thin_to_hz, longest)
    blocks = values[..., : count * size].reshape(*values.shape[:-1], count, size)
    there = np.isfinite(blocks)
    found = there.sum(axis=-1)
    middle = blocks[..., size // 2]
    first = np.where(np.isfinite(middle), middle, 0.0)[..., None]  # keeps digits at an offset
    with np.errstate(invalid="ignore"):
        means = np.where(there, blocks - first, 0.0).sum(axis=-1) / found + first[..., 0]
    enough = found >= max(1, int(np.ceil(min_coverage * size - 1e-9)))
    return np.where(enough, means, np.nan), rate_hz / size
