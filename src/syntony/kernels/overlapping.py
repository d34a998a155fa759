"""Lagged Pearson correlation of windows that overlap much: each adds two sums and no more.

Windows are made of blocks as long as what window and step have in common. Blocks stand in
groups of one window's length. Inside a group the sums run from every block to its end, inside
the next one from its beginning; a window that begins in one group ends in the next, and its
sums are one of each. Nothing is ever subtracted from a running sum, so no error runs along the
series, and all lags stand side by side.

Samples are centred over a few groups; a cell whose variance is small beside the raw sum of
squares about that centre is left to be computed again in two passes.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part

_SMALL = 1e-3  # variance / raw sum of squares, below which a cell is computed again
_NEARLY = 1.0 - 1e-12  # |r| from which a cell is computed again: a copy must correlate 1
_TILE = 48  # lags taken together
_STRAND = 16  # lags that the inner loops take at a time
_U = np.uint64  # an index that cannot be negative needs no check; views would be counted
_GROUPS = 4  # groups in which the windows of a chunk begin; one more holds their ends


def overlapping_pearson(
    x: Floats,
    y: Floats,
    starts: Indices,
    window: int,
    lags: tuple[int, int],
    min_pairs: int,
) -> tuple[Floats, Floats, bool]:
    """Pearson r and share of complete pairs, for evenly spaced starts.

    Parameters as of :func:`syntony.kernels.lagged.lagged_pearson`; ``x``, ``y`` and ``starts``
    read-only, ``min_pairs`` at least 2.

    Returns
    -------
    r, share : ndarray of float64, shape (n_windows, n_lags)
    doubtful : bool
        Whether cells of r are NaN only because their sums cancelled, or r is all but 1 or -1.

    Examples
    --------
    >>> from syntony.kernels._arrays import readonly
    >>> x, y = (readonly(f(np.arange(40) / 3.0)) for f in (np.sin, np.cos))
    >>> starts = readonly(np.arange(2, 20, 2))
    >>> r, share, doubtful = overlapping_pearson(x, y, starts, 16, (4, 5), 3)
    >>> r.shape, bool((r < -0.95).all()), doubtful
    ((9, 2), True, False)
    """
    step, n_lags = int(starts[1] - starts[0]), lags[1] - lags[0] + 1
    block = math.gcd(window, step)
    per_window = window // block
    size = (_GROUPS + 1) * window + _TILE + 8
    sides = np.zeros((2, 3, size))
    rows = np.zeros((2, per_window, 6 * _TILE))
    running = np.zeros(6 * _TILE)
    moments, spare = np.zeros((8, size)), np.zeros((3, size))
    plan = (block, per_window, step // block, lags[0], n_lags, min_pairs)
    room = starts.size * n_lags
    r, share = np.empty((2, room + _STRAND))  # one piece: memory given back is not taken anew
    doubtful = _fill(x, y, starts, plan, sides, rows, running, moments, spare, r, share)
    shape = (starts.size, n_lags)
    return r[:room].reshape(shape), share[:room].reshape(shape), bool(doubtful)


@kernel
def _fill(x, y, starts, plan, sides, rows, running, moments, spare, r, share):  # type: ignore[no-untyped-def]
    """Fill ``r`` and ``share``, some lags and a few groups at a time; how many are doubtful.

    ``sides`` holds centred samples of x and y, their squares and marks; ``rows`` the sums of xy,
    n, x, xx, y, yy of each block of two groups, ``_TILE`` lags in a row. Of a group the last five
    are taken only where a window that touches it has something missing.

    Both results are flat. Cells are written some lags too many at a time; what spills over into
    the next row is written later, as the lags are taken from behind.
    """
    block, per_window, hop, first_lag, n_all, min_pairs = plan
    window, n_windows = block * per_window, starts.size
    last = (n_windows - 1) * hop + per_window  # blocks in all
    doubtful = 0
    for tile in range((n_all - 1) // _TILE, -1, -1):
        first = tile * _TILE
        n_lags = min(_TILE, n_all - first)
        wide = (n_lags + _STRAND - 1) // _STRAND * _STRAND
        w = 0  # window that is told next
        for chunk in range(0, last - per_window + 1, _GROUPS * per_window):
            blocks = min((_GROUPS + 1) * per_window, last - chunk)
            begin = starts[0] + chunk * block
            _lay_out(x, begin, blocks * block, sides[0])
            _lay_out(y, begin + first_lag + first, blocks * block + n_lags - 1, sides[1])
            places = blocks - per_window + 1
            _moments(sides, places, block, n_lags, window, moments, spare)
            full = _is_full(sides, 0, window, n_lags)
            before, pieced = full, False
            for group in range(_GROUPS + 1):
                here = group * per_window
                size = max(0, min(per_window, blocks - here))
                more = max(0, min(per_window, blocks - here - size))
                after = _is_full(sides, (here + size) * block, more * block, n_lags)
                whole = before and full
                kinds = 1 if whole and after else 6
                if kinds == 6 and not pieced:
                    pieced = True
                    _pieces(sides, blocks * block + n_lags - block, block, moments, spare)
                one, other = group % 2, 1 - group % 2
                running[:] = 0.0
                for b in range(per_window):
                    at = here - per_window + b
                    if group and w < n_windows and chunk + at == w * hop:
                        to = w * n_all + first
                        if whole:
                            doubtful += _tell_whole(
                                rows, other, b, running, moments, at, block, wide, n_lags, r, to
                            )
                            _put_ones(share, to, wide)
                        else:
                            least = (window, min_pairs, n_lags)
                            doubtful += _tell_pairs(
                                rows,
                                other,
                                b,
                                running,
                                moments,
                                at,
                                block,
                                wide,
                                least,
                                r,
                                share,
                                to,
                            )
                        w += 1
                    if b >= size:
                        break
                    i = (here + b) * block
                    _products(sides, i, block, wide, rows, one, b)
                    if kinds == 6:
                        _pairs(sides, moments, i, block, wide, rows, one, b)
                    if group:
                        _add_on(rows, one, b, kinds, wide, running)
                for b in range(size - 2, -1, -1):
                    _add_back(rows, one, b, kinds, wide)
                before, full = full, after
    return doubtful


@part
def _lay_out(v, begin, span, out):  # type: ignore[no-untyped-def]
    """Values about a middle of them, their squares and marks; 0 where missing or outside."""
    middle, found = 0.0, 0
    low, high = max(0, begin), min(v.size, begin + span)
    for i in range(low, high, 8):
        if v[i] == v[i]:
            middle += v[i]
            found += 1
    if found:
        middle /= found
    out[:, :span] = 0.0
    for i in range(low - begin, high - begin):
        d = v[begin + i] - middle
        mark = 1.0 if d == d else 0.0
        d = d if d == d else 0.0
        out[0, i], out[1, i], out[2, i] = d, d * d, mark


@part
def _is_full(sides, start, span, n_lags):  # type: ignore[no-untyped-def]
    """Whether no sample of x is missing in a span, nor of y at any lag."""
    gone = 0
    for i in range(start, start + span):
        gone += sides[0, 2, i] == 0.0
    for i in range(start, start + span + n_lags - 1 if span else start):
        gone += sides[1, 2, i] == 0.0
    return gone == 0


@part
def _add_on(rows, one, b, kinds, wide, running):  # type: ignore[no-untyped-def]
    """Add a block's sums to those since the group began."""
    g, row = _U(one), _U(b)
    for kind in range(kinds):
        base = _U(kind * _TILE)
        for k in range(_U(wide)):
            running[base + k] += rows[g, row, base + k]


@part
def _add_back(rows, one, b, kinds, wide):  # type: ignore[no-untyped-def]
    """Add to a block's sums those from the next block to the group's end."""
    g, row, after = _U(one), _U(b), _U(b + 1)
    for kind in range(kinds):
        base = _U(kind * _TILE)
        for k in range(_U(wide)):
            rows[g, row, base + k] += rows[g, after, base + k]


@part
def _running_sums(count, window, moments, row, spare):  # type: ignore[no-untyped-def]
    """Row of ``moments``: ``sum(spare[0, i : i + window])`` by doubling; spoils ``spare``.

    Nothing is ever subtracted, so no error runs along.
    """
    out, have, width, done, left = _U(row), 0, 1, 0, window
    for i in range(_U(count)):
        moments[out, i] = 0.0
    while left:
        now, then, shift, skip = _U(have), _U(1 - have), _U(width), _U(done)
        if left & 1:
            for i in range(_U(count)):
                moments[out, i] += spare[now, skip + i]
            done += width
        left >>= 1
        for i in range(_U(count + window - 2 * width if left else 0)):
            spare[then, i] = spare[now, i] + spare[now, shift + i]
        have, width = 1 - have, 2 * width


@part
def _moments(sides, places, block, n_lags, window, moments, spare):  # type: ignore[no-untyped-def]
    """Sums over windows of each side alone, as if nothing were missing.

    Rows 0 to 2: sum, raw sum of squares and 1 / root of the sum of squares about the mean of x,
    for windows from each block on; rows 3 to 5: the same of y, from each sample on, but for the
    mean in place of the sum. Where the sums cancel the root is NaN.
    """
    per_window, samples = window // block, (places - 1) * block + n_lags
    for which in range(2):
        kind = _U(which)
        for b in range(places - 1 + per_window):
            of_block = 0.0
            for t in range(_U(b * block), _U((b + 1) * block)):
                of_block += sides[0, kind, t]
            spare[0, b] = of_block
        _running_sums(places, per_window, moments, which, spare)
        for i in range(_U(samples + window - 1)):
            spare[0, i] = sides[1, kind, i]
        _running_sums(samples, window, moments, 3 + which, spare)
    for side in range(2):
        total, raw, root = _U(3 * side), _U(3 * side + 1), _U(3 * side + 2)
        for i in range(_U(samples if side else places)):
            squares = moments[raw, i] - moments[total, i] * moments[total, i] / window
            sure = squares > _SMALL * moments[raw, i] and 1e-140 < squares < 1e140
            moments[root, i] = 1.0 / np.sqrt(squares) if sure else np.nan
    for i in range(_U(samples)):
        moments[3, i] /= window


@part
def _pieces(sides, count, block, moments, spare):  # type: ignore[no-untyped-def]
    """Rows 6 and 7: sums of y and of its squares over a block, from each sample on."""
    for which in range(2):
        side = _U(which)
        for i in range(_U(count + block - 1)):
            spare[0, i] = sides[1, side, i]
        _running_sums(count, block, moments, 6 + which, spare)


@part
def _products(sides, i, block, wide, rows, one, b):  # type: ignore[no-untyped-def]
    """Sums of products of the block from sample ``i`` on, all lags side by side."""
    g, row, left = _U(one), _U(b), block % 4
    for k in range(_U(wide)):
        rows[g, row, k] = 0.0
    for t in range(_U(i), _U(i + left)):
        a = sides[0, 0, t]
        for k in range(_U(wide)):
            rows[g, row, k] += a * sides[1, 0, t + k]
    for t in range(_U(i + left), _U(i + block), _U(4)):  # four samples a pass
        p, q, s = t + _U(1), t + _U(2), t + _U(3)
        a, b_, c, d = sides[0, 0, t], sides[0, 0, p], sides[0, 0, q], sides[0, 0, s]
        for k in range(_U(wide)):
            rows[g, row, k] += (a * sides[1, 0, t + k] + b_ * sides[1, 0, p + k]) + (
                c * sides[1, 0, q + k] + d * sides[1, 0, s + k]
            )


@part
def _pairs(sides, moments, i, block, wide, rows, one, b):  # type: ignore[no-untyped-def]
    """Sums of n, x, xx, y, yy of the block from sample ``i`` on, over complete pairs."""
    g, row, tile = _U(one), _U(b), _U(_TILE)
    for k in range(_U(wide)):
        rows[g, row, tile + k] = 0.0
        rows[g, row, _U(2) * tile + k] = 0.0
        rows[g, row, _U(3) * tile + k] = 0.0
        rows[g, row, _U(4) * tile + k] = moments[6, _U(i) + k]
        rows[g, row, _U(5) * tile + k] = moments[7, _U(i) + k]
    for t in range(_U(i), _U(i + block)):
        if sides[0, 2, t]:
            v, vv = sides[0, 0, t], sides[0, 1, t]
            for k in range(_U(wide)):
                there = sides[1, 2, t + k]
                rows[g, row, tile + k] += there
                rows[g, row, _U(2) * tile + k] += v * there
                rows[g, row, _U(3) * tile + k] += vv * there
        else:
            for k in range(_U(wide)):
                rows[g, row, _U(4) * tile + k] -= sides[1, 0, t + k]
                rows[g, row, _U(5) * tile + k] -= sides[1, 1, t + k]


@part
def _tell_whole(rows, past, b, running, moments, at, block, wide, n_lags, r, to):  # type: ignore[no-untyped-def]
    """Correlate a window in which nothing is missing; how many cells are doubtful (NaN)."""
    g, row, i, out = _U(past), _U(b), _U(at * block), _U(to)
    sum_x, scale_x = moments[0, at], moments[2, at]
    doubtful = 0
    for k in range(_U(wide)):
        c = (rows[g, row, k] + running[k]) - sum_x * moments[3, i + k]
        c = c * (scale_x * moments[5, i + k])
        sure = -_NEARLY < c < _NEARLY
        doubtful += 1 if not sure and k < _U(n_lags) else 0
        r[out + k] = c if sure else np.nan
    return doubtful


@part
def _put_ones(share, to, wide):  # type: ignore[no-untyped-def]
    """Every pair is there."""
    out = _U(to)
    for k in range(_U(wide)):
        share[out + k] = 1.0


@part
def _tell_pairs(rows, past, b, running, moments, at, block, wide, least, r, share, to):  # type: ignore[no-untyped-def]
    """Correlate over complete pairs; how many cells are doubtful (NaN though pairs enough)."""
    window, min_pairs, n_lags = least
    g, row, i, out, tile = _U(past), _U(b), _U(at * block), _U(to), _U(_TILE)
    least_x, doubtful = _SMALL * moments[1, at], 0
    for k in range(_U(wide)):
        xy = rows[g, row, k] + running[k]
        n = rows[g, row, tile + k] + running[tile + k]
        x = rows[g, row, _U(2) * tile + k] + running[_U(2) * tile + k]
        xx = rows[g, row, _U(3) * tile + k] + running[_U(3) * tile + k]
        y = rows[g, row, _U(4) * tile + k] + running[_U(4) * tile + k]
        yy = rows[g, row, _U(5) * tile + k] + running[_U(5) * tile + k]
        vx, vy = n * xx - x * x, n * yy - y * y  # n times the sums about the means
        both = vx * vy
        c = (n * xy - x * y) / np.sqrt(both)
        sure = (
            vx > n * least_x
            and -_NEARLY < c < _NEARLY
            and vy > n * (_SMALL * moments[4, i + k])
            and 1e-270 < both < 1e270
        )
        enough = n >= min_pairs
        doubtful += 1 if enough and not sure and k < _U(n_lags) else 0
        r[out + k] = c if sure and enough else np.nan
        share[out + k] = n / window
    return doubtful
