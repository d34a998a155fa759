"""Parts of the lagged correlation of all pairs of many signals: all but the matrix products.

Fisher's z of a correlation is half the logarithm of ``(1 + r) / (1 - r)``, so a sum of z over
many cells is half the logarithm of a product. The products of ``1 + r``, of ``1 - r`` and of
the larger of the two are kept for every pair, their exponents apart as whole numbers, and one
logarithm at the end does for all cells. The product of the smaller of the two, which the sum of
absolute z needs as well, follows from the three.
"""

from __future__ import annotations

import math

import numpy as np

from syntony.kernels._arrays import Floats, kernel, part

CAP = math.tanh(10.0)
"""Largest r of which z is taken; beyond it z counts as 10."""

AT_MOST = 32
"""Cells that may be multiplied before the exponents must be put apart: (1 - CAP)**32 > 1e-270."""

_LEAST = math.exp(-20.0)  # (1 - r) / (1 + r) where z is 10
_SMALL = 1e-3  # variance / raw sum of squares, below which a window is standardised by itself
_U = np.uint64  # an index that cannot be negative needs no check
_MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
_ONE = np.int64(0x3FF0000000000000)


@kernel
def lay_out(signals, begin, stretch, present):  # type: ignore[no-untyped-def]
    """Samples from ``begin`` on less their mean, 0 where missing; 1.0 where present.

    Returns
    -------
    bool
        Whether nothing is missing inside the recording.
    """
    whole = True
    for i in range(signals.shape[0]):
        total, count, first = 0.0, 0, 0.0
        low, high = max(0, begin), min(signals.shape[1], begin + stretch.shape[1])
        for t in range(low, high):
            v = signals[i, t]
            if v == v:
                first = v if count == 0 else first
                total += v - first
                count += 1
        mean = total / count if count else 0.0
        whole = whole and count == high - low
        for k in range(stretch.shape[1]):
            t = begin + k
            v = signals[i, t] if low <= t < high else np.nan
            there = v == v
            stretch[i, k] = (v - first) - mean if there else 0.0
            present[i, k] = 1.0 if there else 0.0
    return whole


@kernel
def standardise(stretch, present, begin, out, sound):  # type: ignore[no-untyped-def]
    """Windows from column ``begin`` on with mean 0 and sum of squares 1, in two passes.

    Row and entry of ``sound`` are 0 where a sample is missing or the window does not vary.
    """
    window = out.shape[1]
    for i in range(out.shape[0]):
        total, gone, flat = 0.0, 0.0, True
        for t in range(window):
            total += stretch[i, begin + t]
            gone += 1.0 - present[i, begin + t]
            flat = flat and stretch[i, begin + t] == stretch[i, begin]
        mean, squares = total / window, 0.0
        for t in range(window):
            out[i, t] = stretch[i, begin + t] - mean
            squares += out[i, t] * out[i, t]
        usable = gone == 0.0 and not flat and squares > 0.0
        sound[i] = 1.0 if usable else 0.0
        scale = 1.0 / np.sqrt(squares) if usable else 0.0
        for t in range(window):
            out[i, t] = out[i, t] * scale if usable else 0.0


@kernel
def scales(stretch, present, window, scale, sound):  # type: ignore[no-untyped-def]
    """1 / root of the sum of squares about the mean of the window at every lag.

    ``scale`` has the shape (n_lags, n_signals); 0 where a sample is missing. ``sound`` of a lag
    is 0 where some window's sums cancel, so that the lag must be standardised by itself.
    """
    sound[:] = 1.0
    for i in range(stretch.shape[0]):
        s, ss, there, every = 0.0, 0.0, 0.0, 0.0
        for t in range(stretch.shape[1]):
            every += stretch[i, t] * stretch[i, t]
        for t in range(window):
            s += stretch[i, t]
            ss += stretch[i, t] * stretch[i, t]
            there += present[i, t]
        for k in range(scale.shape[0]):
            squares = ss - s * s / window
            whole = there == window
            sure = squares > _SMALL * every and squares > 1e-280  # beside all that ss has held
            scale[k, i] = 1.0 / np.sqrt(squares) if whole and sure else 0.0
            if whole and not sure:
                sound[k] = 0.0
            if k + 1 < scale.shape[0]:
                leaves, comes = stretch[i, k], stretch[i, k + window]
                s += comes - leaves
                ss += comes * comes - leaves * leaves
                there += present[i, k + window] - present[i, k]


@kernel
def multiply(r, scale, corner, above, plus, minus, larger):  # type: ignore[no-untyped-def]
    """Multiply every pair's products by its cells ``r[k, p, q] * scale[k, left + q]``.

    ``corner`` is (top, left): row p and column q of ``r`` stand for signals ``top + p`` and
    ``left + q``. With ``above`` only pairs count where q is above p.
    """
    top, left = _U(corner[0]), _U(corner[1])
    for p in range(r.shape[1]):
        row = _U(p)
        for lag in range(r.shape[0]):
            k = _U(lag)
            for q in range(_U(p + 1 if above else 0), _U(r.shape[2])):
                v = r[k, row, q] * scale[k, left + q]
                a, b = 1.0 + v, 1.0 - v
                a, b = (1.0, _LEAST) if v > CAP else (a, b)
                a, b = (_LEAST, 1.0) if v < -CAP else (a, b)
                plus[top + row, left + q] *= a
                minus[top + row, left + q] *= b
                larger[top + row, left + q] *= max(a, b)


@kernel
def put_exponents_apart(products, exponents):  # type: ignore[no-untyped-def]
    """Bring products back to [1, 2) and count what was taken out in ``exponents``."""
    bits, powers = products.view(np.int64).ravel(), exponents.ravel()
    for i in range(bits.size):
        powers[i] += (bits[i] >> 52) - 1023
        bits[i] = (bits[i] & _MANTISSA) | _ONE


def logarithms(products: Floats, exponents: Floats) -> Floats:
    """Natural logarithm of every product."""
    out: Floats = np.log(products) + exponents * math.log(2.0)
    return out


@kernel
def multiply_pairs(sums, raw, places, first, second, begins, least, above, state):  # type: ignore[no-untyped-def]
    """Multiply in the cells of pairs that miss samples, from sums over complete pairs.

    ``sums`` holds n, x, xx, y, yy, xy, each of shape (rows, columns); ``raw`` the sums of
    squares of the windows by themselves, of rows and of columns; ``places`` the signals that rows
    and columns stand for; ``first`` and ``second`` values and presence of all; ``begins`` the
    columns of those at which the two windows begin and their length; ``state`` the three products
    and the count of cells of every pair. With ``above`` only pairs above the diagonal count.
    """
    rows, columns = places
    xs, there_x = first
    ys, there_y = second
    plus, minus, larger, cells = state
    begin_x, begin_y, window = begins
    raw_x, raw_y = raw
    for p in range(rows.size):
        for q in range(columns.size):
            i, j = rows[p], columns[q]
            n = sums[0, p, q]
            if (above and i >= j) or n < least:
                continue
            x, y = sums[1, p, q], sums[3, p, q]
            vx, vy = sums[2, p, q] - x * x / n, sums[4, p, q] - y * y / n
            if vx > _SMALL * raw_x[p] and vy > _SMALL * raw_y[q] and 1e-280 < vx * vy < 1e280:
                v = (sums[5, p, q] - x * y / n) / np.sqrt(vx * vy)
            else:
                v = _exact(xs[i], there_x[i], begin_x, ys[j], there_y[j], begin_y, window)
            if v != v:
                continue
            a, b = 1.0 + v, 1.0 - v
            a, b = (1.0, _LEAST) if v > CAP else (a, b)
            a, b = (_LEAST, 1.0) if v < -CAP else (a, b)
            plus[i, j] *= a
            minus[i, j] *= b
            larger[i, j] *= max(a, b)
            cells[i, j] += 1.0


@part
def _exact(xs, there_x, begin_x, ys, there_y, begin_y, window):  # type: ignore[no-untyped-def]
    """Pearson r of one cell in two passes; NaN where one side does not vary at all."""
    n, x0, y0, sx, sy = 0, 0.0, 0.0, 0.0, 0.0
    flat_x, flat_y = True, True
    for t in range(window):
        if there_x[begin_x + t] == 0.0 or there_y[begin_y + t] == 0.0:
            continue
        a, b = xs[begin_x + t], ys[begin_y + t]
        if n == 0:
            x0, y0 = a, b
        n += 1
        flat_x, flat_y = flat_x and a == x0, flat_y and b == y0
        sx += a - x0
        sy += b - y0
    if flat_x or flat_y:
        return np.nan
    mx, my, xx, yy, xy = sx / n, sy / n, 0.0, 0.0, 0.0
    for t in range(window):
        if there_x[begin_x + t] != 0.0 and there_y[begin_y + t] != 0.0:
            dx, dy = (xs[begin_x + t] - x0) - mx, (ys[begin_y + t] - y0) - my
            xx += dx * dx
            yy += dy * dy
            xy += dx * dy
    if not (xx > 0.0 and yy > 0.0):
        return np.nan
    return xy / (np.sqrt(xx) * np.sqrt(yy))
