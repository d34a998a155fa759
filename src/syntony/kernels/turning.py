"""Smoothing by moving polynomials, and turning points: valleys and peaks of a signal.

Missing samples are allowed. A polynomial is fitted to the samples that its window holds; where
too few are there it has no value, and turning points on its two sides have nothing to do with
each other.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly


def polynomial_smooth(v: Floats, order: int, window: int, min_count: int) -> Floats:
    """Value at every sample of the polynomial fitted to the window around it.

    Parameters
    ----------
    v : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    order : int
        Of the polynomial, below ``window``.
    window : int
        Samples of the window, odd. At both ends of ``v`` the window stays inside it, so that
        its polynomial is read off beside its middle (Savitzky & Golay with fitted ends).
    min_count : int
        A window with fewer samples present gives NaN.

    Returns
    -------
    ndarray of float64, shape (n_samples,)
        Also at a missing sample, where its window holds enough others.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(9.0) ** 2
    >>> bool(np.allclose(polynomial_smooth(x, 2, 5, 5), x))
    True
    """
    out = np.full(v.size, np.nan)
    there = v[v == v]
    if v.size < window or not there.size:
        return out
    base = float(there[0])
    _smooth(readonly(v), base, order, _rows(order, window), max(min_count, order + 1), out)
    return out


@lru_cache(maxsize=16)
def _rows(order: int, window: int) -> Floats:
    """Weights with which a whole window gives the polynomial's value at each of its places."""
    u = (np.arange(window) - window // 2) / max(1, window // 2)
    basis, _ = np.linalg.qr(np.vander(u, order + 1))
    return readonly(np.asarray(basis @ basis.T))


@kernel
def _smooth(v, base, order, rows, min_count, out):  # type: ignore[no-untyped-def]
    """Fill ``out``, which is NaN; sums are taken about ``base``."""
    window = rows.shape[0]
    half = window // 2
    terms = np.empty((order + 1, order + 2))
    for t in range(v.size):
        low = min(max(t - half, 0), v.size - window)
        place = t - low
        count, total = 0, 0.0
        for k in range(window):
            d = v[low + k] - base
            if d == d:
                count += 1
                total += rows[place, k] * d
        if count == window:
            out[t] = base + total
        elif count >= min_count:
            out[t] = base + _fit(v[low : low + window], base, order, place, terms)


@part
def _fit(v, base, order, place, terms):  # type: ignore[no-untyped-def]
    """Fit by least squares to the samples present; the polynomial's value at ``place``."""
    half = max(1, v.size // 2)
    terms[:] = 0.0
    for k in range(v.size):
        d = v[k] - base
        if d == d:
            u = (k - place) / half  # about the place, so that its value is the first term
            across = 1.0
            for i in range(order + 1):
                power = across
                for j in range(order + 1):
                    terms[i, j] += power
                    power *= u
                terms[i, order + 1] += across * d
                across *= u
    for i in range(order, -1, -1):  # eliminate from the highest term down to the first
        if terms[i, i] <= 0.0:
            return np.nan
        for r in range(i):
            f = terms[r, i] / terms[i, i]
            for j in range(order + 2):
                terms[r, j] -= f * terms[i, j]
    return terms[0, order + 1] / terms[0, 0]


def turning_points(
    v: Floats, smooth: Floats, reach: int, min_rise: float
) -> tuple[Indices, Indices, Indices]:
    """Valleys and peaks of ``smooth``, moved to the extremes of ``v`` close by.

    Parameters
    ----------
    v, smooth : ndarray of float64, shape (n_samples,)
        The signal and its smoothed form, as :func:`polynomial_smooth` gives it. Each stretch
        of ``smooth`` without NaN is looked at by itself.
    reach : int
        Samples by which a turning point may move; it never passes one of its neighbours.
    min_rise : float
        A peak is dropped if no sample between its valleys lies that high above the first of
        them, and the higher of the two valleys with it. The first and last of a stretch stay.

    Returns
    -------
    at : ndarray of int64, shape (n_points,)
        Samples, ascending.
    kind : ndarray of int64, shape (n_points,)
        1 peak, -1 valley; they alternate within a stretch.
    stretch : ndarray of int64, shape (n_points,)
        Number of the stretch.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0, 1, 3, 1, 0, 2, 0.0])
    >>> at, kind, _ = turning_points(x, x, 0, 0.5)
    >>> at.tolist(), kind.tolist()
    ([2, 4, 5], [1, -1, 1])
    """
    at, kind, stretch = (np.empty(v.size, dtype=np.int64) for _ in range(3))
    n = _turns(readonly(v), readonly(smooth), reach, min_rise, at, kind, stretch)
    return at[:n].copy(), kind[:n].copy(), stretch[:n].copy()


@kernel
def _turns(v, smooth, reach, min_rise, at, kind, stretch):  # type: ignore[no-untyped-def]
    """Fill the three lists stretch by stretch; how many points there are."""
    n, number, stop = 0, 0, 0
    while stop < v.size:
        start = stop
        while start < v.size and smooth[start] != smooth[start]:
            start += 1
        stop = start
        while stop < v.size and smooth[stop] == smooth[stop]:
            stop += 1
        found = _changes(smooth, start, stop, at[n:], kind[n:])
        found = _move(v, start, stop, reach, at[n : n + found], kind[n : n + found])
        found = _alternate(v, at[n : n + found], kind[n : n + found])
        _drop_small(v, min_rise, at[n : n + found], kind[n : n + found])
        found = _alternate(v, at[n : n + found], kind[n : n + found])
        stretch[n : n + found] = number
        n += found
        number += 1
    return n


@part
def _changes(smooth, start, stop, at, kind):  # type: ignore[no-untyped-def]
    """Where the smoothed signal turns; a plateau turns at its first sample."""
    n, before, moved = 0, 0, start
    for t in range(start + 1, stop):
        now = (smooth[t] > smooth[t - 1]) - (smooth[t] < smooth[t - 1])
        if now != 0:
            if before != 0 and now != before:
                at[n], kind[n] = moved, before
                n += 1
            before, moved = now, t
    return n


@part
def _move(v, start, stop, reach, at, kind):  # type: ignore[no-untyped-def]
    """Move each to the extreme of ``v`` near it, after the last and before the next."""
    n, last = 0, start - 1
    for i in range(at.size):
        low = max(at[i] - reach, last + 1)
        high = min(at[i] + reach, stop - 1)
        if i + 1 < at.size:
            high = min(high, at[i + 1] - 1)
        best = -1
        for t in range(low, high + 1):
            if v[t] == v[t] and (best < 0 or (v[t] - v[best]) * kind[i] > 0.0):
                best = t
        if best >= 0:
            at[n], kind[n] = best, kind[i]
            n, last = n + 1, best
    return n


@part
def _alternate(v, at, kind):  # type: ignore[no-untyped-def]
    """Leave out what is marked 0, and of equal neighbours all but the most extreme one."""
    n = 0
    for i in range(at.size):
        if kind[i] == 0:
            continue
        if n and kind[n - 1] == kind[i]:
            if (v[at[i]] - v[at[n - 1]]) * kind[i] > 0.0:
                at[n - 1] = at[i]
        else:
            at[n], kind[n] = at[i], kind[i]
            n += 1
    return n


@part
def _drop_small(v, min_rise, at, kind):  # type: ignore[no-untyped-def]
    """Mark with 0 the peaks that do not rise enough, each with its higher valley."""
    gone = np.zeros(at.size, dtype=np.bool_)
    for i in range(1, at.size - 1):
        if kind[i] != 1:
            continue
        first, second = v[at[i - 1]], v[at[i + 1]]
        top = first
        for t in range(at[i - 1], at[i + 1] + 1):
            if v[t] > top:
                top = v[t]
        if top - first < min_rise:
            gone[i] = True
            gone[i - 1 if first >= second else i + 1] = True
    for i in range(at.size):
        if gone[i]:
            kind[i] = 0
