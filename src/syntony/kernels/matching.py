"""Features of two signals: how alike they are, which belong together, spans stretched alike.

A feature is three samples: the valley before a peak, the peak, and its end. A span is stretched
by straight lines between neighbouring samples; where one of these is missing the stretched value
is missing too, and pairs with a missing side are left out.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly


def alike_limbs(
    x: Floats,
    y: Floats,
    features: tuple[Indices, Indices],
    clear: tuple[Indices, Indices],
    max_lag: int,
    min_share: float,
) -> tuple[Indices, Indices, Floats]:
    """Pearson r of features whose rises, and whose falls, are stretched to one length.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    features : (ndarray of int64, ndarray of int64), shapes (n_first, 3), (n_second, 3)
        Valley, peak and end of every feature of either person, ascending.
    clear : (ndarray of int64, ndarray of int64), shape (n_samples + 1,)
        Samples of either person's signal, counted from the start, that lie in a gap.
    max_lag : int
        Features whose peaks are further apart are not compared.
    min_share : float
        Pairs present / all pairs, below which two features are not compared.

    Returns
    -------
    first, second : ndarray of int64, shape (n_pairs,)
        Numbers of the features compared, in order. No pair reaches over a gap.
    r : ndarray of float64, shape (n_pairs,)
        NaN where a side does not vary or too few pairs are present.
    """
    return _compare(x, y, features, clear, max_lag, min_share, 0)


def alike_steps(
    x: Floats,
    y: Floats,
    features: tuple[Indices, Indices],
    clear: tuple[Indices, Indices],
    max_lag: int,
    min_share: float,
) -> tuple[Indices, Indices, Floats]:
    """Likeness of the steps from sample to sample of features laid peak on peak.

    As :func:`alike_limbs`, but features are cut to what both reach before and after the peak,
    the steps of either are scaled to 0...1, and the likeness is the square of one minus their
    mean absolute difference.
    """
    return _compare(x, y, features, clear, max_lag, min_share, 1)


def _compare(
    x: Floats,
    y: Floats,
    features: tuple[Indices, Indices],
    clear: tuple[Indices, Indices],
    max_lag: int,
    min_share: float,
    how: int,
) -> tuple[Indices, Indices, Floats]:
    """Compare every two features that lie close enough."""
    one, two = (np.ascontiguousarray(f.reshape(-1, 3)) for f in features)
    low = np.searchsorted(two[:, 1], one[:, 1] - max_lag, side="left").astype(np.int64)
    high = np.searchsorted(two[:, 1], one[:, 1] + max_lag, side="right").astype(np.int64)
    n = int((high - low).sum())
    longest = 8 + sum(int((f[:, 2] - f[:, 0]).max(initial=0)) for f in (one, two))
    first, second = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    found = np.empty(n)
    _pairs(
        readonly(x),
        readonly(y),
        readonly(one),
        readonly(two),
        readonly(clear[0]),
        readonly(clear[1]),
        (readonly(low), readonly(high)),
        min_share,
        how,
        np.empty((2, longest)),
        (first, second, found),
    )
    known = found == found
    return first[known], second[known], found[known]


@kernel
def _pairs(x, y, one, two, gaps_x, gaps_y, near, min_share, how, room, out):  # type: ignore[no-untyped-def]
    """Fill ``out``; a pair that reaches over a gap has no value."""
    first, second, found = out
    n = 0
    for i in range(one.shape[0]):
        for j in range(near[0][i], near[1][i]):
            start, stop = min(one[i, 0], two[j, 0]), max(one[i, 2], two[j, 2]) + 1
            first[n], second[n] = i, j
            if gaps_x[stop] > gaps_x[start] or gaps_y[stop] > gaps_y[start]:
                found[n] = np.nan
            elif how == 0:
                found[n] = _limbs(x, y, one[i], two[j], min_share, room)
            else:
                found[n] = _steps(x, y, one[i], two[j], min_share, room)
            n += 1


@part
def _stretch(v, start, stop, length, out):  # type: ignore[no-untyped-def]
    """Write samples ``start`` to ``stop``, both included, as ``length`` values to ``out``."""
    whole = stop - start
    for k in range(length):
        at = k * whole / (length - 1) if length > 1 else 0.0
        i = int(at)
        part_ = at - i
        out[k] = v[start + i]
        if part_ > 0.0:
            out[k] += part_ * (v[start + i + 1] - v[start + i])


@part
def _limbs(x, y, one, two, min_share, room):  # type: ignore[no-untyped-def]
    """Stretch rise and fall of either feature to the longer one; Pearson r."""
    rise = max(one[1] - one[0], two[1] - two[0]) + 1
    fall = max(one[2] - one[1], two[2] - two[1]) + 1
    _stretch(x, one[1], one[2], fall, room[0, rise - 1 :])
    _stretch(y, two[1], two[2], fall, room[1, rise - 1 :])
    _stretch(x, one[0], one[1], rise, room[0])  # the peak stands once
    _stretch(y, two[0], two[1], rise, room[1])
    return _pearson(room[0], room[1], rise + fall - 1, min_share)


@part
def _pearson(a, b, n, min_share):  # type: ignore[no-untyped-def]
    """Pearson r of the first ``n``, pair by pair complete, in two passes."""
    count, mean_a, mean_b = 0, 0.0, 0.0
    base_a, base_b = 0.0, 0.0
    for k in range(n):
        if a[k] == a[k] and b[k] == b[k]:
            if count == 0:
                base_a, base_b = a[k], b[k]
            count += 1
            mean_a += a[k] - base_a
            mean_b += b[k] - base_b
    if count < 3 or count < min_share * n - 1e-9:
        return np.nan
    mean_a, mean_b = mean_a / count, mean_b / count
    aa, bb, ab = 0.0, 0.0, 0.0
    flat_a, flat_b = True, True
    for k in range(n):
        if a[k] == a[k] and b[k] == b[k]:
            p, q = a[k] - base_a, b[k] - base_b
            flat_a = flat_a and p == 0.0
            flat_b = flat_b and q == 0.0
            p, q = p - mean_a, q - mean_b
            aa += p * p
            bb += q * q
            ab += p * q
    if flat_a or flat_b or aa <= 0.0 or bb <= 0.0:
        return np.nan
    return min(1.0, max(-1.0, ab / (math.sqrt(aa) * math.sqrt(bb))))


@part
def _steps(x, y, one, two, min_share, room):  # type: ignore[no-untyped-def]
    """Likeness of the steps of two features laid peak on peak."""
    before = min(one[1] - one[0], two[1] - two[0])
    after = min(one[2] - one[1], two[2] - two[1])
    n = before + after
    count = 0
    low_a, high_a, low_b, high_b = np.inf, -np.inf, np.inf, -np.inf
    for k in range(n):
        i, j = one[1] - before + k, two[1] - before + k
        a, b = x[i + 1] - x[i], y[j + 1] - y[j]
        if a == a and b == b:
            room[0, count], room[1, count] = a, b
            count += 1
            low_a, high_a = min(low_a, a), max(high_a, a)
            low_b, high_b = min(low_b, b), max(high_b, b)
    if count < 2 or count < min_share * n - 1e-9 or high_a <= low_a or high_b <= low_b:
        return np.nan
    apart = 0.0
    for k in range(count):
        a = (room[0, k] - low_a) / (high_a - low_a)
        b = (room[1, k] - low_b) / (high_b - low_b)
        apart += abs(a - b)
    return (1.0 - apart / count) ** 2


def best_chain(first: Indices, second: Indices, gain: Floats) -> Indices:
    """Pairs that together gain most while both their numbers ascend.

    Parameters
    ----------
    first, second : ndarray of int64, shape (n_pairs,)
        Numbers paired, sorted by ``first``; no pair twice.
    gain : ndarray of float64, shape (n_pairs,)
        What a pair adds, above 0.

    Returns
    -------
    ndarray of int64, shape (n_chosen,)
        Places of the chosen pairs, ascending; each number of either side at most once.

    Notes
    -----
    The same optimum as the table ``A[i, j] = max(A[i-1, j], A[i, j-1], A[i-1, j-1] + M[i, j])``,
    in ``n log n`` steps: a tree of running maxima holds the best chain that ends before ``j``.

    Examples
    --------
    >>> import numpy as np
    >>> i, j = np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1])
    >>> best_chain(i, j, np.array([1.0, 0.9, 0.5, 0.4])).tolist()
    [0, 2]
    """
    if not first.size:
        return np.empty(0, dtype=np.int64)
    size = int(second.max()) + 1
    tree = np.full(size + 1, -1, dtype=np.int64)
    before, best = np.empty(first.size, dtype=np.int64), np.empty(first.size)
    _chain(readonly(first), readonly(second), readonly(gain), tree, before, best)
    chosen = [int(np.argmax(best))]
    while before[chosen[-1]] >= 0:
        chosen.append(int(before[chosen[-1]]))
    return np.array(chosen[::-1], dtype=np.int64)


@kernel
def _chain(first, second, gain, tree, before, best):  # type: ignore[no-untyped-def]
    """Best chain that ends with every pair; pairs of one first number do not see each other."""
    n, start = first.size, 0
    while start < n:
        stop = start
        while stop < n and first[stop] == first[start]:
            stop += 1
        for p in range(start, stop):
            last, j = -1, second[p]
            while j > 0:
                q = tree[j]
                if q >= 0 and (last < 0 or best[q] > best[last]):
                    last = q
                j -= j & -j
            before[p] = last
            best[p] = gain[p] + (best[last] if last >= 0 else 0.0)
        for p in range(start, stop):
            j = second[p] + 1
            while j < tree.size:
                if tree[j] < 0 or best[p] > best[tree[j]]:
                    tree[j] = p
                j += j & -j
        start = stop


def stretched_pearson(
    x: Floats, y: Floats, spans_x: Indices, spans_y: Indices, min_share: float
) -> Floats:
    """Pearson r of spans of ``x`` and ``y``, the shorter of two stretched to the longer.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples,)
        NaN marks missing samples.
    spans_x, spans_y : ndarray of int64, shape (n_spans, 2)
        First and last sample of each span, both included.
    min_share : float
        Pairs present / all pairs, below which the value is NaN.

    Returns
    -------
    ndarray of float64, shape (n_spans,)

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0, 1, 2, 1, 0.0])
    >>> y = np.array([0, 0.5, 1, 1.5, 2, 1.5, 1, 0.5, 0])
    >>> stretched_pearson(x, y, np.array([[0, 4]]), np.array([[0, 8]]), 1.0)
    array([1.])
    """
    return _spans(x, y, spans_x, spans_y, min_share, 0)


def stretched_cosine(
    x: Floats, y: Floats, spans_x: Indices, spans_y: Indices, min_share: float
) -> Floats:
    """Cosine of spans stretched as in :func:`stretched_pearson`, each less its lowest value."""
    return _spans(x, y, spans_x, spans_y, min_share, 1)


def _spans(
    x: Floats, y: Floats, spans_x: Indices, spans_y: Indices, min_share: float, how: int
) -> Floats:
    """Compare spans one by one."""
    out = np.empty(len(spans_x))
    if not out.size:
        return out
    longest = 1 + int(max(np.diff(spans_x).max(), np.diff(spans_y).max()))
    room = np.empty((2, longest))
    _each_span(
        readonly(x), readonly(y), readonly(spans_x), readonly(spans_y), min_share, how, room, out
    )
    return out


@kernel
def _each_span(x, y, spans_x, spans_y, min_share, how, room, out):  # type: ignore[no-untyped-def]
    """Stretch every two spans to the longer one and compare them."""
    for s in range(out.size):
        a, b = spans_x[s], spans_y[s]
        n = max(a[1] - a[0], b[1] - b[0]) + 1
        _stretch(x, a[0], a[1], n, room[0])
        _stretch(y, b[0], b[1], n, room[1])
        if how == 0:
            out[s] = _pearson(room[0], room[1], n, min_share)
        else:
            out[s] = _cosine(room[0], room[1], n, min_share)


@part
def _cosine(a, b, n, min_share):  # type: ignore[no-untyped-def]
    """Cosine of the first ``n``, each side less its lowest value among complete pairs."""
    count, low_a, low_b = 0, np.inf, np.inf
    for k in range(n):
        if a[k] == a[k] and b[k] == b[k]:
            count += 1
            low_a, low_b = min(low_a, a[k]), min(low_b, b[k])
    if count < 3 or count < min_share * n - 1e-9:
        return np.nan
    aa, bb, ab = 0.0, 0.0, 0.0
    for k in range(n):
        if a[k] == a[k] and b[k] == b[k]:
            p, q = a[k] - low_a, b[k] - low_b
            aa += p * p
            bb += q * q
            ab += p * q
    if aa <= 0.0 or bb <= 0.0:
        return np.nan
    return min(1.0, ab / (math.sqrt(aa) * math.sqrt(bb)))
