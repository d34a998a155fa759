"""Butterworth filters as second-order sections, run forwards and backwards."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from syntony.kernels._arrays import kernel

Floats = NDArray[np.float64]


def butterworth(
    order: int, cutoff: float, kind: Literal["lowpass", "highpass"] = "lowpass"
) -> tuple[Floats, Floats]:
    """Design a digital Butterworth filter by the bilinear transform with pre-warping.

    Parameters
    ----------
    order : int
        At least 1.
    cutoff : float
        Cut-off (-3 dB) as a share of the sampling rate, above 0 and below 0.5.
    kind : {"lowpass", "highpass"}

    Returns
    -------
    sections : ndarray of float64, shape (ceil(order / 2), 5)
        b0, b1, b2, a1, a2 of each; a0 is 1. An odd order ends in a first-order section.
    level : ndarray of float64, shape (ceil(order / 2),)
        Gain of each section for a constant: 1 or 0, exactly.

    Examples
    --------
    >>> sections, level = butterworth(1, 0.25)
    >>> sections.round(12).tolist(), level.tolist()
    ([[0.5, 0.5, 0.0, -0.0, 0.0]], [1.0])
    """
    w = np.tan(np.pi * cutoff)
    rows = []
    for k in range(order // 2):
        damping = 2 * w * np.sin(np.pi * (2 * k + 1) / (2 * order))
        a0 = 1 + damping + w * w
        b = w * w * np.array([1.0, 2, 1]) if kind == "lowpass" else np.array([1.0, -2, 1])
        rows.append([*(b / a0), (2 * w * w - 2) / a0, (1 - damping + w * w) / a0])
    if order % 2:
        b = np.array([w, w, 0.0]) if kind == "lowpass" else np.array([1.0, -1.0, 0.0])
        rows.append([*(b / (1 + w)), (w - 1) / (1 + w), 0.0])
    level = np.full(len(rows), 1.0 if kind == "lowpass" else 0.0)
    return np.array(rows), level


def both_ways(x: Floats, sections: Floats, level: Floats, pad: int) -> Floats:
    """Filter forwards and backwards, so that nothing is delayed.

    Both ends are continued by an odd reflection of ``pad`` samples, and the filter starts
    as if its first input had always been there.

    Parameters
    ----------
    x : ndarray of float64, shape (n_samples,)
        At least one sample, no NaN.
    sections, level : ndarray of float64
        As ``butterworth`` gives them.
    pad : int
        At least 0, less than ``n_samples``.

    Returns
    -------
    ndarray of float64, shape (n_samples,)

    Examples
    --------
    >>> both_ways(np.full(5, 3.0), *butterworth(2, 0.1), 4).round(12).tolist()
    [3.0, 3.0, 3.0, 3.0, 3.0]
    """
    left = 2 * x[0] - x[pad:0:-1]
    right = 2 * x[-1] - x[-2 : -pad - 2 : -1] if pad else x[:0]
    work = np.concatenate((left, x, right))
    _run(work, sections, level)
    work = work[::-1].copy()
    _run(work, sections, level)
    return work[::-1][pad : pad + x.size].copy()


@kernel
def _run(x, sections, level):  # type: ignore[no-untyped-def]
    """Pass ``x`` through all sections in place (transposed direct form II)."""
    for k in range(sections.shape[0]):
        b0, b1, b2, a1, a2 = sections[k]
        start = level[k] * x[0]
        late = b2 * x[0] - a2 * start
        early = b1 * x[0] - a1 * start + late
        for t in range(x.size):
            value = x[t]
            out = b0 * value + early
            early = b1 * value - a1 * out + late
            late = b2 * value - a2 * out
            x[t] = out
