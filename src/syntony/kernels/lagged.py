"""Windowed lagged Pearson correlation: many windows, many lags, missing samples allowed.

Two signals are cut into blocks. In every block both are centred at a value of their own
(``x`` at its mean, ``y`` at the mean of all samples that some lag touches), the sums are
taken there, and the blocks of a window are joined by moving their sums to one centre.
Overlapping windows share their blocks; where they overlap much, ``overlapping`` does better.
Sums about a local centre lose no digits to a large
offset; a cell whose variance is still small beside the sums it came from is computed again in
two passes. No fast-math: its flags assume NaN away. Not parallel: the pipeline owns the cores.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly

_SMALL = 1e-3  # variance / raw sum of squares, below which a cell is computed again
_TILE = 64  # lags taken together
_ROOM = 8  # zeros behind a buffer, so that unrolled loops may read past the end


def lagged_pearson(
    x: Floats,
    y: Floats,
    starts: Indices,
    window: int,
    lags: tuple[int, int],
    *,
    min_pairs: int = 3,
) -> tuple[Floats, Floats]:
    """Pearson r of ``x[t]`` and ``y[t + lag]`` in windows of ``x``, pair by pair complete.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n_samples_x,), (n_samples_y,)
        NaN marks missing samples. No infinities.
    starts : ndarray of int64, shape (n_windows,)
        First sample of every window; the window lies whole inside ``x``.
    window : int
        Samples of a window.
    lags : (int, int)
        First and last lag in samples, both included.
    min_pairs : int
        Fewer complete pairs than this give NaN.

    Returns
    -------
    r : ndarray of float64, shape (n_windows, n_lags)
        In [-1, 1]. NaN where there are too few pairs or one side does not vary at all.
    share : ndarray of float64, shape (n_windows, n_lags)
        Complete pairs / ``window``. A pair that falls outside ``y`` is not complete.

    Notes
    -----
    The error stays near 1e-13 for any offset and drift: sums are about a local centre, and a
    variance under 1e-3 of its raw sum of squares is computed again in two passes.

    References
    ----------
    .. [1] Chan, Golub & LeVeque (1983), The American Statistician 37(3), 242-247
       (sums of squares moved from one centre to another).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> r, share = lagged_pearson(x, np.roll(x, 2), np.array([5]), 20, (-2, 2))
    >>> int(np.argmax(r[0])) - 2, float(share.min())
    (2, 1.0)
    """
    r, share = lagged_maps(x, y[None], starts, window, lags, min_pairs=min_pairs)
    return r[0], share[0]


def lagged_maps(
    x: Floats,
    ys: Floats,
    starts: Indices,
    window: int,
    lags: tuple[int, int],
    *,
    min_pairs: int = 3,
) -> tuple[Floats, Floats]:
    """Pearson r of ``x`` beside every row of ``ys``, cell by cell that of :func:`lagged_pearson`.

    Parameters
    ----------
    x : ndarray of float64, shape (n_samples_x,)
    ys : ndarray of float64, shape (n_rows, n_samples_y)
    starts, window, lags, min_pairs
        As of :func:`lagged_pearson`.

    Returns
    -------
    r, share : ndarray of float64, shape (n_rows, n_windows, n_lags)

    Examples
    --------
    >>> x = np.sin(np.arange(40) / 3.0)
    >>> r, _ = lagged_maps(x, np.stack([x, -x]), np.array([5]), 20, (0, 0))
    >>> r.round(12).ravel().tolist()
    [1.0, -1.0]
    """
    n_lags, min_pairs = lags[1] - lags[0] + 1, max(2, min_pairs)
    x, ys, starts = readonly(x), readonly(ys), readonly(starts)
    step = _even_step(starts)
    if step > 0 and _overlap_much(window, step):
        r, share, doubtful = _overlapping(x, ys, starts, window, lags, min_pairs)
    else:
        shape = (len(ys), starts.size, n_lags)
        r, share, doubtful = np.empty(shape), np.empty(shape), np.zeros(len(ys), dtype=np.int64)
        block, per_window, hop = _cut_up(window, step)
        plan, scratch = (block, per_window, hop, lags[0], min_pairs), _scratch(block, per_window)
        for k, y in enumerate(ys):  # a kernel over rows would take a second more to compile
            doubtful[k] = _correlate(x, y, starts, plan, scratch, r[k], share[k])
    for k in np.flatnonzero(doubtful).tolist():
        mend_doubtful(x, ys[k], starts, window, lags[0], min_pairs, r[k], share[k])
    return r, share


def _overlapping(
    x: Floats, ys: Floats, starts: Indices, window: int, lags: tuple[int, int], min_pairs: int
) -> tuple[Floats, Floats, Indices]:
    """The same of windows that overlap much; a single row is not copied."""
    from syntony.kernels.overlapping import overlapping_pearson

    maps = [overlapping_pearson(x, y, starts, window, lags, min_pairs) for y in ys]
    doubtful = np.array([d for _, _, d in maps], dtype=np.int64)
    if len(maps) == 1:
        return maps[0][0][None], maps[0][1][None], doubtful
    return np.stack([r for r, _, _ in maps]), np.stack([s for _, s, _ in maps]), doubtful


def _cut_up(window: int, step: int) -> tuple[int, int, int]:
    """Samples of a block, blocks of a window, and blocks from one window to the next."""
    if 0 < step < window:
        size = math.gcd(window, step)
        if step + 5 * (window // size) < window:  # sharing saves more than joining costs
            return size, window // size, step // size
    return window, 1, 1


def _scratch(block: int, per_window: int) -> tuple[Floats, ...]:
    """Room for the sums of blocks."""
    wide = _TILE + _ROOM
    return (
        np.zeros((per_window, 6 * _TILE)),
        np.zeros(6 * _TILE),
        np.zeros((per_window, 5)),
        np.zeros(4 * (block + _ROOM)),
        np.zeros(2 * (block + wide)),
    )


def _even_step(starts: Indices) -> int:
    """Count samples from one window to the next; 0 where that is not always the same."""
    if starts.size < 2:
        return 0
    steps = np.diff(starts)
    return int(steps[0]) if (steps == steps[0]).all() else 0


def _overlap_much(window: int, step: int) -> bool:
    """Whether running sums over blocks cost less than the sums of every window by itself."""
    block = math.gcd(window, step)
    cost = 2 * step + 6 * (step // block) + 12
    return cost < min(window, step + 5 * (window // block)) and window // block <= 4096


@kernel
def _correlate(x, y, starts, plan, scratch, r, share):  # type: ignore[no-untyped-def]
    """Fill ``r`` and ``share``, some lags at a time; how many cells are doubtful (NaN in ``r``).

    Blocks live in a ring as long as a window; ``ring[slot]`` holds, in rows of ``_TILE`` lags,
    the sums of n, x, xx, y, yy, xy over pairs.
    """
    block, per_window, hop, first_lag, min_pairs = plan
    ring, total, facts, near, far = scratch
    window, doubtful = block * per_window, 0
    for first in range(0, r.shape[1], _TILE):
        n_lags = min(_TILE, r.shape[1] - first)
        made = 0
        for w in range(starts.size):
            while made < w * hop + per_window:
                start = starts[w] if per_window == 1 else starts[0] + made * block
                slot = made % per_window
                xs = x[start : start + block]
                begin = start + first_lag + first
                _block(xs, y, begin, n_lags, ring[slot], facts[slot], near, far)
                made += 1
            doubtful += _join(ring, facts, n_lags, min_pairs, total)
            for k in range(n_lags):
                share[w, first + k] = total[k] / window
            for k in range(n_lags):
                r[w, first + k] = total[5 * _TILE + k]
    return doubtful


@part
def _centred(v, out):  # type: ignore[no-untyped-def]
    """Write ``v`` minus a value amid it to ``out``, 0 where missing; that value, the count."""
    amid, found, count = 0.0, 0, 0
    for quarter in range(4 if v.size else 0):
        i = quarter * (v.size - 1) // 3
        while i < v.size and v[i] != v[i]:
            i += 1
        if i < v.size:
            amid += v[i]
            found += 1
    if found:
        amid /= found
    for i in range(v.size):
        d = v[i] - amid
        there = d == d
        out[i] = d if there else 0.0
        count += there
    return amid, count


@part
def _sums(v, n):  # type: ignore[no-untyped-def]
    """Sum and sum of squares of the first ``n``, in strands so that adds overlap."""
    a, b, aa, bb = 0.0, 0.0, 0.0, 0.0
    for i in range(0, n - 3, 4):
        a += v[i] + v[i + 1]
        b += v[i + 2] + v[i + 3]
        aa += v[i] * v[i] + v[i + 1] * v[i + 1]
        bb += v[i + 2] * v[i + 2] + v[i + 3] * v[i + 3]
    for i in range(n - n % 4, n):
        a += v[i]
        aa += v[i] * v[i]
    return a + b, aa + bb


@part
def _block(xs, y, begin, n_lags, out, facts, near, far):  # type: ignore[no-untyped-def]
    """Take the sums of one block at every lag, about centres of its own.

    ``near`` holds the samples of x, ``far`` those of y that some lag touches, from sample
    ``begin`` on; missing ones, and those outside y, are 0.
    """
    length = xs.size
    span = length + n_lags - 1
    low, high = max(0, begin), min(y.size, begin + span)
    ys = y[low : max(low, high)]
    if ys.size < span:
        far[:span] = 0.0
    facts[0], count = _centred(xs, near)
    facts[1], there = _centred(ys, far[low - begin :])
    facts[2] = count if there else 0
    if not (count and there):
        return
    sx, sxx = _sums(near, length)
    s, ss = _sums(far, length)
    every = ss
    for k in range(n_lags):  # y: a running sum over few steps
        out[3 * _TILE + k], out[4 * _TILE + k] = s, ss
        leaves, comes = far[k], far[k + length]
        s += comes - leaves
        ss += comes * comes - leaves * leaves
        every += comes * comes
    facts[3], facts[4] = sxx, every
    wide = (n_lags + 3) // 4 * 4
    for k in range(wide):
        out[k], out[_TILE + k], out[2 * _TILE + k], out[5 * _TILE + k] = count, sx, sxx, 0.0
    products = out[5 * _TILE :]
    for t in range(0, length, 4):  # xy: four samples a pass, all lags side by side
        a, b, c, d = near[t], near[t + 1], near[t + 2], near[t + 3]
        v = far[t : t + wide + 4]
        for k in range(wide):
            products[k] += (a * v[k] + b * v[k + 1]) + (c * v[k + 2] + d * v[k + 3])
    if count < length or there < span:
        _take_out_missing(xs, ys, low - begin, n_lags, out, near, far)


@part
def _take_out_missing(xs, ys, shift, n_lags, out, near, far):  # type: ignore[no-untyped-def]
    """Turn sums over one side into sums over complete pairs: a missing sample at a time."""
    length, span = xs.size, xs.size + n_lags - 1
    row, far_row = near.size // 4, far.size // 2
    for i in range(length):  # back to front: marks, values, squares
        back = row + length - 1 - i
        near[back] = 1.0 if xs[i] == xs[i] else 0.0
        near[row + back] = near[i]
        near[2 * row + back] = near[i] * near[i]
    for j in range(span):
        far[far_row + j] = far[j] * far[j]
        if shift <= j < shift + ys.size and ys[j - shift] == ys[j - shift]:
            continue
        low, high = max(0, j - length + 1), min(n_lags, j + 1)
        for each in range(near.size // row - 1):
            what = near[(each + 1) * row + low + length - 1 - j :]
            from_ = out[each * _TILE + low : each * _TILE + high]
            for i in range(from_.size):
                from_[i] -= what[i]
    for t in range(length):
        if xs[t] == xs[t]:
            continue
        for each in range(far.size // far_row):
            what = far[each * far_row + t :]
            from_ = out[(3 + each) * _TILE : (3 + each) * _TILE + n_lags]
            for i in range(n_lags):
                from_[i] -= what[i]


@part
def _join(ring, facts, n_lags, min_pairs, total):  # type: ignore[no-untyped-def]
    """Move the sums of a window's blocks to one centre, add them up, and correlate.

    Leaves n in row 0 of ``total`` and r in row 5, NaN where it is doubtful because the sums
    cancel; returns how many are.
    """
    best = 0
    for b in range(1, ring.shape[0]):
        best = b if facts[b, 2] > facts[best, 2] else best
    total[:] = 0.0
    scale_x, scale_y = 0.0, 0.0
    for b in range(ring.shape[0]):
        if facts[b, 2] == 0.0:
            continue
        dx, dy = facts[b, 0] - facts[best, 0], facts[b, 1] - facts[best, 1]
        scale_x += facts[b, 3] + facts[b, 2] * dx * dx
        scale_y += facts[b, 4] + facts[b, 2] * dy * dy
        v = ring[b]
        for k in range(n_lags):
            n, x, y = v[k], v[_TILE + k], v[3 * _TILE + k]
            total[k] += n
            total[_TILE + k] += x + n * dx
            total[2 * _TILE + k] += v[2 * _TILE + k] + dx * (2.0 * x + n * dx)
            total[3 * _TILE + k] += y + n * dy
            total[4 * _TILE + k] += v[4 * _TILE + k] + dy * (2.0 * y + n * dy)
            total[5 * _TILE + k] += v[5 * _TILE + k] + dx * y + dy * (x + n * dx)
    least_x, least_y = _SMALL * scale_x, _SMALL * scale_y
    doubtful = 0
    for k in range(n_lags):
        n, x, y = total[k], total[_TILE + k], total[3 * _TILE + k]
        one = 1.0 / n
        xx = total[2 * _TILE + k] - x * x * one
        yy = total[4 * _TILE + k] - y * y * one
        both = xx * yy
        few = n < min_pairs
        bad = not (few or (xx > least_x and yy > least_y and both > 1e-280 and both < 1e280))
        doubtful += bad
        r = (total[5 * _TILE + k] - x * y * one) / np.sqrt(both)
        r = 1.0 if r > 1.0 else r
        r = -1.0 if r < -1.0 else r
        total[5 * _TILE + k] = np.nan if few or bad else r
    return doubtful


@part
def _exact(x, y, start, window, lag):  # type: ignore[no-untyped-def]
    """Pearson r of one cell in two passes; NaN where one side does not vary at all."""
    low, high = max(start, -lag), min(start + window, y.size - lag)
    count, x0, y0, sx, sy = 0, 0.0, 0.0, 0.0, 0.0
    flat_x, flat_y = True, True
    for t in range(low, high):
        a, b = x[t], y[t + lag]
        if a != a or b != b:
            continue
        if count == 0:
            x0, y0 = a, b
        count += 1
        flat_x, flat_y = flat_x and a == x0, flat_y and b == y0
        sx += a - x0
        sy += b - y0
    if flat_x or flat_y:
        return np.nan
    mx, my, xx, yy, xy = sx / count, sy / count, 0.0, 0.0, 0.0
    for t in range(low, high):
        dx, dy = (x[t] - x0) - mx, (y[t + lag] - y0) - my
        if dx == dx and dy == dy:
            xx += dx * dx
            yy += dy * dy
            xy += dx * dy
    if not (xx > 0.0 and yy > 0.0):
        return np.nan
    both = xx * yy
    scale = np.sqrt(both) if 1e-280 < both < 1e280 else np.sqrt(xx) * np.sqrt(yy)
    return min(1.0, max(-1.0, xy / scale))  # exactly 1 for a copy


@kernel
def mend_doubtful(x, y, starts, window, first_lag, min_pairs, r, share):  # type: ignore[no-untyped-def]
    """Compute again, in two passes, the cells that are NaN although pairs enough are there."""
    for w in range(r.shape[0]):
        for k in range(r.shape[1]):
            if r[w, k] != r[w, k] and share[w, k] * window > min_pairs - 0.5:
                r[w, k] = _exact(x, y, starts[w], window, first_lag + k)


def unlike_pairs(
    x: Floats, y: Floats, starts: Indices, window: int, lags: tuple[int, int]
) -> Indices:
    """How many complete pairs differ, counted up to 2: an exact copy has none.

    Parameters as in :func:`lagged_pearson`.

    Returns
    -------
    ndarray of int64, shape (n_windows, n_lags)
        0, 1 or 2 (2 stands for two or more).

    Examples
    --------
    >>> import numpy as np
    >>> unlike_pairs(np.arange(4.0), np.arange(4.0), np.array([0]), 3, (0, 1)).tolist()
    [[0, 2]]
    """
    out = np.zeros((starts.size, lags[1] - lags[0] + 1), dtype=np.int64)
    _count_unlike(readonly(x), readonly(y), readonly(starts), window, lags[0], out)
    return out


@kernel
def _count_unlike(x, y, starts, window, first_lag, out):  # type: ignore[no-untyped-def]
    """Fill ``out``."""
    for w in range(starts.size):
        for k in range(out.shape[1]):
            lag = first_lag + k
            low = max(starts[w], -lag)
            high = min(starts[w] + window, y.size - lag)
            for t in range(low, high):
                a, b = x[t], y[t + lag]
                if a != b and a == a and b == b:
                    out[w, k] += 1
                    if out[w, k] == 2:
                        break
