"""Recurrence of states: how many pairs are near, and the lines they form, without a matrix.

All diagonals are passed once, from the lowest lag to the highest, eight cells to a word. Along
a diagonal lines are counted directly. Along a row (one moment of the first series, all moments
of the second) the next cell lies on the next diagonal: each row keeps the state of its last cell
and since when it is so, and is looked at where that changes. Memory grows with the length of
the series alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.kernels._arrays import Indices, kernel, part, readonly
from syntony.kernels.distances import CHUNK, States, counts, fill

_OUTSIDE = 2  # a cell that is not there, is left out, or lacks a sample
_ALL_OUTSIDE = np.uint64(0x0202020202020202)
_FIRST_BITS = np.uint64(0x0101010101010101)  # the bit of each cell that says near
_NONE, _ONE, _EIGHT = np.uint64(0), np.uint64(1), np.uint64(8)  # never mixed with signed numbers
_LAST_BYTE = np.uint64(56)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Near pairs on every diagonal, and lines by their length.

    Attributes
    ----------
    near, pairs : ndarray of int64, shape (n_lags,)
        Pairs that are near, and pairs of whole states, on each diagonal; 0 on those left out.
    diagonal, row, white : ndarray of int64, shape (n_states + 1,)
        How many lines are as long as the place in the array: along diagonals, along rows, and
        of pairs that are not near along rows. The last two are 0 where rows were not asked for.
    """

    near: Indices
    pairs: Indices
    diagonal: Indices
    row: Indices
    white: Indices


def recurrence_lines(states: States, limit: float, *, rows: bool = True) -> Lines:
    """Count near pairs and lines among them.

    Parameters
    ----------
    states : States
    limit : float
        A pair is near where its distance (squared where Euclidean) is at most this.
    rows : bool
        Count lines along rows too.

    Returns
    -------
    Lines

    Notes
    -----
    A pair of which one state lacks a sample is not near, and ends every line.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]])
    >>> them = States(a=x, b=x, dimension=1, delay=1, maximum=True, lags=(-5, 5), theiler=1)
    >>> found = recurrence_lines(them, 0.0)
    >>> found.near.tolist(), found.diagonal[3]
    ([0, 0, 3, 0, 0, 0, 0, 0, 3, 0, 0], np.int64(2))
    """
    n = states.n
    n_lags = states.lags[1] - states.lags[0] + 1
    near, pairs = np.zeros(n_lags, dtype=np.int64), np.zeros(n_lags, dtype=np.int64)
    diagonal = np.zeros(n + 1, dtype=np.int64)
    by_row = np.zeros((2, n + 1), dtype=np.int64)
    words = n // 8 + 2
    cells, was = (np.full(size, _ALL_OUTSIDE) for size in (CHUNK // 8 + 2, words))
    since = np.zeros(8 * words, dtype=np.int64)
    scratch = (*states.scratch, cells, cells.view(np.uint8), was, was.view(np.uint8), since)
    a, b = readonly(states.a), readonly(states.b)
    whole = not (np.isnan(a).any() or np.isnan(b).any())
    out = (near, pairs, diagonal, by_row)
    _count(a, b, states.plan, n, limit, (rows, whole), scratch, out)
    return Lines(near=near, pairs=pairs, diagonal=diagonal, row=by_row[1], white=by_row[0])


@kernel
def _count(a, b, plan, n, limit, asked, scratch, result):  # type: ignore[no-untyped-def]
    """Fill ``result``."""
    dimension, delay, maximum, low, high, theiler = plan
    out, terms, words, cells, was_words, was, since = scratch
    near, pairs, diagonal, by_row = result
    rows, whole = asked
    for lag in range(low, high + 1):
        if not counts(lag, theiler):
            if rows:
                _end_rows(was, since, lag, by_row)
            continue
        first, last = max(0, -lag), min(n, n - lag)
        begun, found, gone = -1, 0, 0
        base = first - first % 8  # chunks begin at whole words of rows
        while base <= last:
            start, stop = max(first, base), min(last, base + CHUNK)
            count, shift = max(0, stop - start), start - base
            n_words = (max(stop, start) - base) // 8 + 1 if stop < base + CHUNK else CHUNK // 8
            words[0], words[n_words - 1] = _ALL_OUTSIDE, _ALL_OUTSIDE
            if count:
                fill(a, b, lag, start, count, dimension, delay, maximum, out, terms)
                gone += _mark(out, limit, whole, cells[shift : shift + count])
            begun, found = _along(words, n_words, base, begun, found, diagonal)
            if rows:
                _across(words, n_words, base, was_words, was, since, lag, by_row)
            base += CHUNK
        near[lag - low] = found
        pairs[lag - low] = last - first - gone
    if rows:
        _end_rows(was, since, high + 1, by_row)


@part
def _mark(out, limit, whole, cells):  # type: ignore[no-untyped-def]
    """Mark cells as near (1), not near (0) or outside (2); how many are outside."""
    gone = 0
    if whole:
        for i in range(cells.size):
            cells[i] = out[i] <= limit
        return 0
    for i in range(cells.size):
        missing = out[i] != out[i]
        cells[i] = (out[i] <= limit) + 2 * missing
        gone += missing
    return gone


@part
def _place(bits):  # type: ignore[no-untyped-def]
    """Find which of the eight cells the lowest of these bits, one per cell, belongs to."""
    below = ((bits & (~bits + _ONE)) - _ONE) & _FIRST_BITS
    return np.int64((below * _FIRST_BITS) >> _LAST_BYTE)


@part
def _along(words, n_words, at, begun, found, diagonal):  # type: ignore[no-untyped-def]
    """Go on along a diagonal, from place ``at``, looking only where a line begins or ends.

    ``begun`` is where the open line began, -1 where none is; ``found`` counts cells of lines.
    """
    before = _ONE if begun >= 0 else _NONE
    for w in range(n_words):
        near = words[w] & _FIRST_BITS
        change = near ^ ((near << _EIGHT) | before)
        before = near >> _LAST_BYTE
        while change != _NONE:
            place = at + 8 * w + _place(change)
            if begun < 0:
                begun = place
            else:
                diagonal[place - begun] += 1
                found += place - begun
                begun = -1
            change &= change - _ONE
    return begun, found


@part
def _across(words, n_words, base, was_words, was, since, lag, by_row):  # type: ignore[no-untyped-def]
    """Close the lines of rows whose cell is not as the one before."""
    for w in range(n_words):
        change = was_words[base // 8 + w] ^ words[w]
        change = (change | (change >> _ONE)) & _FIRST_BITS
        while change != _NONE:
            row = base + 8 * w + _place(change)
            if was[row] < _OUTSIDE:
                by_row[was[row], lag - since[row]] += 1
            since[row] = lag
            change &= change - _ONE
        was_words[base // 8 + w] = words[w]


@part
def _end_rows(was, since, lag, by_row):  # type: ignore[no-untyped-def]
    """Close the lines of all rows."""
    for row in range(was.size):
        if was[row] < _OUTSIDE:
            by_row[was[row], lag - since[row]] += 1
            was[row] = _OUTSIDE
