"""Nearest neighbours and counts of symbols: what estimates of information stand on."""

from __future__ import annotations

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly


def neighbour_counts(x: Floats, y: Floats, k: int) -> tuple[Indices, Indices]:
    """How many points lie nearer in x, and in y, than the k-th neighbour in the plane.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_points,)
        Finite. Distance in the plane is the larger of the two.
    k : int
        At least 1 and under ``n_points``.

    Returns
    -------
    near_x, near_y : ndarray of int64, shape (n_points,)
        Other points strictly nearer than the k-th neighbour, in each coordinate by itself.

    Notes
    -----
    Points are visited in the order of x, outward from each, until x alone is too far.

    Examples
    --------
    >>> import numpy as np
    >>> v = np.array([0.0, 1.0, 3.0, 7.0])
    >>> [c.tolist() for c in neighbour_counts(v, v, 1)]
    [[0, 0, 0, 0], [0, 0, 0, 0]]
    """
    order = np.argsort(x, kind="stable")
    out = np.zeros((2, x.size), dtype=np.int64)
    xs, ys = readonly(x[order]), readonly(y[order])
    _count(xs, ys, readonly(np.sort(y)), k, np.empty(k), out)
    near = np.empty_like(out)
    near[:, order] = out
    return near[0], near[1]


@part
def _within(ordered, centre, radius):  # type: ignore[no-untyped-def]
    """How many values of an ascending row lie strictly within ``radius`` of ``centre``."""
    low, high = 0, ordered.size
    while low < high:
        middle = (low + high) // 2
        if centre - ordered[middle] < radius:
            high = middle
        else:
            low = middle + 1
    first = low
    high = ordered.size
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] - centre < radius:
            low = middle + 1
        else:
            high = middle
    return low - first


@kernel
def _count(xs, ys, sorted_y, k, nearest, out):  # type: ignore[no-untyped-def]
    """Fill ``out``; ``xs`` ascends, ``nearest`` is room for k distances."""
    n = xs.size
    for i in range(n):
        nearest[:] = np.inf
        left, right = i - 1, i + 1
        while True:
            dl = xs[i] - xs[left] if left >= 0 else np.inf
            dr = xs[right] - xs[i] if right < n else np.inf
            dx = min(dl, dr)
            if not dx < nearest[k - 1]:
                break
            j = left if dl <= dr else right
            left -= dl <= dr
            right += dl > dr
            d = max(dx, abs(ys[j] - ys[i]))
            if d < nearest[k - 1]:
                place = k - 1
                while place > 0 and nearest[place - 1] > d:
                    nearest[place] = nearest[place - 1]
                    place -= 1
                nearest[place] = d
        radius = nearest[k - 1]
        out[0, i] = max(0, _within(xs, xs[i], radius) - 1)
        out[1, i] = max(0, _within(sorted_y, ys[i], radius) - 1)


def transfer_counts(
    source: Indices, target: Indices, n_symbols: int, lag: int, shift: int = 0
) -> Indices:
    """Count triples (target now, target one sample before, source ``lag`` samples before).

    Parameters
    ----------
    source, target : ndarray of int64, shape (n_samples,)
        Symbols 0 to ``n_symbols - 1``; -1 marks a missing one, and triples with it are not
        counted.
    n_symbols : int
    lag : int
        Samples, at least 1.
    shift : int
        The source is turned on by this many samples, around the end, before counting.

    Returns
    -------
    ndarray of int64, shape (n_symbols, n_symbols, n_symbols)

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0, 1, 1, 0, 1])
    >>> transfer_counts(x, x, 2, 2)[1].tolist()
    [[0, 1], [1, 0]]
    """
    out = np.zeros((n_symbols, n_symbols, n_symbols), dtype=np.int64)
    _transfer(readonly(source), readonly(target), lag, shift, out)
    return out


@kernel
def _transfer(source, target, lag, shift, out):  # type: ignore[no-untyped-def]
    """Fill ``out``."""
    n = target.size
    for t in range(max(lag, 1), n):
        at = t - lag - shift
        at += n if at < 0 else 0
        now, before, other = target[t], target[t - 1], source[at]
        if now >= 0 and before >= 0 and other >= 0:
            out[now, before, other] += 1
