"""How steeply a signal climbs inside moving windows."""

from __future__ import annotations

from typing import Literal

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly

How = Literal["mean_gradient", "ols", "endpoint"]
_HOWS: dict[str, int] = {"mean_gradient": 0, "ols": 1, "endpoint": 2}


def moving_slopes(
    v: Floats, starts: Indices, length: int, how: How, *, min_share: float = 1.0
) -> Floats:
    """Slope of ``v`` in windows of ``length`` samples, in units per sample.

    Parameters
    ----------
    v : ndarray of float64, shape (n_samples,) or (n_rows, n_samples)
        NaN marks missing samples. Rows are signals of their own.
    starts : ndarray of int64, shape (n_windows,)
        First sample of every window, ascending; each window lies whole inside ``v``.
    length : int
        Samples of a window, at least 2.
    how : {"mean_gradient", "ols", "endpoint"}
        Mean of the gradient as ``numpy.gradient`` of the window gives it (central
        differences, one-sided at both ends); slope of the least-squares line; last minus
        first sample over their distance.
    min_share : float
        Present samples / ``length``, below which the slope is NaN.

    Returns
    -------
    ndarray of float64, shape (n_windows,) or (n_rows, n_windows)
        With samples missing: the mean of the gradients that exist, the line through the
        samples that exist, NaN if an end point is missing.

    Notes
    -----
    In a window without gaps the gradients telescope: their sum is
    ``1.5 (v[-1] - v[0]) - 0.5 (v[-2] - v[1])``. The mean gradient thus looks at four samples
    only, and the end points at two.

    Examples
    --------
    >>> import numpy as np
    >>> moving_slopes(np.arange(10.0) * 3, np.array([0, 4]), 5, "ols")
    array([3., 3.])
    """
    rows, starts = readonly(v.reshape(-1, v.shape[-1])), readonly(starts)
    out = np.empty((len(rows), starts.size))
    least = max(2, int(np.ceil(min_share * length - 1e-9)))
    for row, slopes in zip(rows, out, strict=True):
        _slopes(row, starts, length, _HOWS[how], least, slopes)
    return out.reshape(*v.shape[:-1], starts.size)


@kernel
def _slopes(v, starts, length, how, least, out):  # type: ignore[no-untyped-def]
    """Fill ``out``; every sample is looked at once to know where gaps are."""
    seen, last_gap = 0, -1
    centre = 0.5 * (length - 1)
    spread = length * (length * length - 1.0) / 12.0
    for w in range(starts.size):
        start = starts[w]
        stop = start + length
        for i in range(max(seen, start), stop):
            if v[i] != v[i]:
                last_gap = i
        seen = max(seen, stop)
        if last_gap >= start:
            out[w] = _slope_with_gaps(v[start:stop], how, least)
        elif how == 0:
            ends, inner = v[stop - 1] - v[start], v[stop - 2] - v[start + 1]
            out[w] = (1.5 * ends - 0.5 * inner) / length
        elif how == 1:
            total, base = 0.0, v[start]
            for i in range(length):
                total += (i - centre) * (v[start + i] - base)
            out[w] = total / spread
        else:
            out[w] = (v[stop - 1] - v[start]) / (length - 1)


@part
def _slope_with_gaps(v, how, least):  # type: ignore[no-untyped-def]
    """Slope of one window from the samples that are there."""
    n, there, mean_t, base = v.size, 0, 0.0, np.nan
    for i in range(n):
        if v[i] == v[i]:
            base = v[i] if there == 0 else base
            there += 1
            mean_t += i
    if there < least:
        return np.nan
    if how == 2:
        return (v[n - 1] - v[0]) / (n - 1)
    mean_t /= there
    total, weight = 0.0, 0.0
    for i in range(n):
        if how == 1:
            if v[i] == v[i]:
                total += (i - mean_t) * (v[i] - base)
                weight += (i - mean_t) * (i - mean_t)
        else:
            low, high = max(0, i - 1), min(n - 1, i + 1)
            gradient = (v[high] - v[low]) / (high - low)
            if gradient == gradient:
                total += gradient
                weight += 1.0
    return total / weight if weight > 0.0 else np.nan
