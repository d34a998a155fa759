"""Distances between the states of two series, one diagonal at a time: no matrix is built.

A state is made of the samples of all channels at one time, and at ``dimension - 1`` later
times ``delay`` apart. Along a diagonal (one lag) the later terms are those of the cells further
on, so that each difference is taken once. Euclidean distances stay squared. A state that lacks
a sample is at no distance (NaN). No fast-math: its flags assume NaN away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, part, readonly

_SMALL = 300  # states, up to which a sample of the diagonals tells too little
_STRIDE = 16  # diagonals from one of a sample to the next
_KEPT = 64  # distances kept for each state
CHUNK = 1024  # cells of a diagonal taken together, so that buffers stay in the nearest cache


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """Two series of states on one clock, and which pairs of them count.

    Attributes
    ----------
    a, b : ndarray of float64, shape (n_channels, n_samples)
        The same array twice for one series against itself. Where one channel is NaN, all are.
    dimension, delay : int
        Samples of a state, and how far they lie apart.
    maximum : bool
        Largest difference in place of the Euclidean distance.
    lags : (int, int)
        First and last diagonal that counts: the second's time less the first's.
    theiler : int
        Diagonals nearer to 0 than this do not count.
    """

    a: Floats
    b: Floats
    dimension: int
    delay: int
    maximum: bool
    lags: tuple[int, int]
    theiler: int

    @property
    def n(self) -> int:
        """States of each series, those that lack a sample included."""
        return int(self.a.shape[1]) - (self.dimension - 1) * self.delay

    @property
    def plan(self) -> tuple[int, int, bool, int, int, int]:
        """What a kernel is told besides the samples."""
        return (self.dimension, self.delay, self.maximum, *self.lags, self.theiler)

    @property
    def scratch(self) -> tuple[Floats, Floats]:
        """Room for one chunk: the cells, and the terms that they are made of."""
        return np.empty(CHUNK), np.empty(CHUNK + (self.dimension - 1) * self.delay)


@part
def fill(a, b, lag, start, count, dimension, delay, maximum, out, terms):  # type: ignore[no-untyped-def]
    """Write the distances of ``count`` cells of a diagonal, from row ``start`` on, to ``out``."""
    wide = count + (dimension - 1) * delay
    into = out if dimension == 1 else terms
    for c in range(a.shape[0]):
        p, q = a[c, start : start + wide], b[c, start + lag : start + lag + wide]
        if maximum:
            for i in range(wide):
                d = abs(p[i] - q[i])
                into[i] = d if c == 0 or not d <= into[i] else into[i]
        elif c == 0:
            for i in range(wide):
                d = p[i] - q[i]
                into[i] = d * d
        else:
            for i in range(wide):
                d = p[i] - q[i]
                into[i] += d * d
    if dimension == 1:
        return
    for i in range(count):
        out[i] = terms[i]
    for m in range(1, dimension):
        later = terms[m * delay : m * delay + count]
        if maximum:
            for i in range(count):  # a NaN on either side stays
                d = later[i]
                out[i] = out[i] if out[i] > d or out[i] != out[i] else d
        else:
            for i in range(count):
                out[i] += later[i]


@part
def counts(lag, theiler):  # type: ignore[no-untyped-def]
    """Whether a diagonal lies outside the band about the main one that is left out."""
    return abs(lag) >= theiler


def distance_facts(states: States) -> tuple[float, float, float, int, int]:
    """Sum, largest and smallest of all distances, how many, and how many on the main diagonal.

    Diagonals that do not count for recurrence are in it. Euclidean distances are the roots.
    """
    found = np.array([0.0, -np.inf, np.inf, 0.0, 0.0])
    _facts(readonly(states.a), readonly(states.b), states.plan, states.n, states.scratch, found)
    return float(found[0]), float(found[1]), float(found[2]), int(found[3]), int(found[4])


@kernel
def _facts(a, b, plan, n, scratch, found):  # type: ignore[no-untyped-def]
    """Fill ``found``."""
    dimension, delay, maximum = plan[0], plan[1], plan[2]
    out, terms = scratch
    for lag in range(1 - n, n):
        first, last = max(0, -lag), min(n, n - lag)
        total, there = 0.0, 0
        for start in range(first, last, CHUNK):
            count = min(CHUNK, last - start)
            fill(a, b, lag, start, count, dimension, delay, maximum, out, terms)
            for i in range(count):
                d = out[i] if maximum else np.sqrt(out[i])
                if d == d:
                    total += d
                    there += 1
                    found[1], found[2] = max(found[1], d), min(found[2], d)
        found[0] += total
        found[3] += there
        if lag == 0:
            found[4] = there


def distance_of_rank(states: States, share: float) -> float:
    """Find the smallest distance within which at least ``share`` of the pairs that count lie.

    Returns
    -------
    float
        Squared where Euclidean; NaN where no pair counts.

    Notes
    -----
    Every 16th diagonal tells between which two distances the answer must lie; one run over all
    pairs counts those below and keeps those between, some dozens for each state. Where the
    answer does not lie there, it is found digit by digit of the binary number, in four runs.
    Both are exact.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0, 3.0]])
    >>> them = States(a=x, b=x, dimension=1, delay=1, maximum=True, lags=(1, 2), theiler=1)
    >>> distance_of_rank(them, 0.5)
    2.0
    """
    found = _between(states, share) if states.n > _SMALL else None
    if found is not None:
        return found
    bits, pairs = _bits_of_rank(states, share, 1, (48, 32, 16, 0))
    return _as_number(bits) if pairs else float("nan")


def _between(states: States, share: float) -> float | None:
    """Look among the distances that a sample says are near it; None where it is not there."""
    a, b = readonly(states.a), readonly(states.b)
    sampled = _bits_of_rank(states, share, _STRIDE, (48,))[1]
    if not sampled:
        return None
    width = min(0.5, _KEPT / 3 * states.n / (share * sampled * _STRIDE))
    low, high = (
        _bits_of_rank(states, share * by, _STRIDE, (48, 32))[0] for by in (1 - width, 1 + width)
    )
    ends = _as_number(low << 32), _as_number((high + 1) << 32)
    kept = np.empty(_KEPT * states.n + CHUNK)
    told = np.zeros(3, dtype=np.int64)
    _collect(a, b, states.plan, states.n, states.scratch, ends, kept, told)
    pairs, below, between = (int(v) for v in told)
    rank = _rank(share, pairs) - below
    if not 0 < rank <= between or between > _KEPT * states.n:
        return None
    return float(np.partition(kept[:between], rank - 1)[rank - 1])


def _rank(share: float, pairs: int) -> int:
    """How many pairs make that share of them; never none."""
    return min(pairs, max(1, int(np.ceil(share * pairs - 1e-9))))


def _as_number(bits: int) -> float:
    """Read 64 bits as a floating-point number."""
    return float(np.array([bits], dtype=np.uint64).view(np.float64)[0])


def _bits_of_rank(
    states: States, share: float, stride: int, shifts: tuple[int, ...]
) -> tuple[int, int]:
    """First bits of the distance of that rank, 16 for each shift; how many pairs there are.

    Positive floating-point numbers have the order of their bits.
    """
    bins = np.zeros(65_536, dtype=np.int64)
    out, terms = states.scratch
    scratch = (out, out.view(np.uint64), terms)
    a, b = readonly(states.a), readonly(states.b)
    prefix, rank, pairs = 0, 0, 0
    for shift in shifts:
        bins[:] = 0
        _tally(a, b, states.plan, states.n, stride, scratch, np.uint64(prefix), shift, bins)
        if shift == 48:
            pairs = int(bins.sum())
            if not pairs:
                break
            rank = _rank(share, pairs)
        upto = np.cumsum(bins)
        place = int(np.searchsorted(upto, rank))
        rank -= int(upto[place - 1]) if place else 0
        prefix = (prefix << 16) | place
    return prefix, pairs


@kernel
def _tally(a, b, plan, n, stride, scratch, prefix, shift, bins):  # type: ignore[no-untyped-def]
    """Count the next 16 bits of every distance that begins with ``prefix``."""
    dimension, delay, maximum, low, high, theiler = plan
    out, bits, terms = scratch
    for lag in range(low, high + 1, stride):
        if not counts(lag, theiler):
            continue
        first, last = max(0, -lag), min(n, n - lag)
        for start in range(first, last, CHUNK):
            count = min(CHUNK, last - start)
            fill(a, b, lag, start, count, dimension, delay, maximum, out, terms)
            if shift == 48:
                for i in range(count):
                    if out[i] == out[i]:
                        bins[bits[i] >> np.uint64(48)] += 1
            else:
                above = np.uint64(shift + 16)
                for i in range(count):
                    if bits[i] >> above == prefix:
                        bins[(bits[i] >> np.uint64(shift)) & np.uint64(65_535)] += 1


@kernel
def _collect(a, b, plan, n, scratch, ends, kept, told):  # type: ignore[no-untyped-def]
    """Keep distances from the first end to below the second; count all, those below, those kept.

    What finds no room in ``kept`` is counted only.
    """
    dimension, delay, maximum, low, high, theiler = plan
    out, terms = scratch
    room = kept.size - CHUNK
    for lag in range(low, high + 1):
        if not counts(lag, theiler):
            continue
        first, last = max(0, -lag), min(n, n - lag)
        for start in range(first, last, CHUNK):
            count = min(CHUNK, last - start)
            fill(a, b, lag, start, count, dimension, delay, maximum, out, terms)
            there, below = 0, 0
            for i in range(count):
                there += out[i] == out[i]
                below += out[i] < ends[0]
            told[0] += there
            told[1] += below
            put = told[2]
            at = min(put, room)
            for i in range(count):
                kept[at] = out[i]
                at += ends[0] <= out[i] < ends[1]
            told[2] = put + at - min(put, room)


def nearest_states(states: States) -> tuple[Indices, Floats]:
    """For every state of ``a``, the nearest of ``b`` among the pairs that count.

    Returns
    -------
    nearest : ndarray of int64, shape (n_states,)
        The earliest of equals; -1 where there is none.
    distance : ndarray of float64, shape (n_states,)
        Squared where Euclidean; infinite where there is none.
    """
    nearest = np.full(states.n, -1, dtype=np.int64)
    least = np.full(states.n, np.inf)
    a, b = readonly(states.a), readonly(states.b)
    _nearest(a, b, states.plan, states.n, states.scratch, nearest, least)
    return nearest, least


@kernel
def _nearest(a, b, plan, n, scratch, nearest, least):  # type: ignore[no-untyped-def]
    """Fill ``nearest`` and ``least``."""
    dimension, delay, maximum, low, high, theiler = plan
    out, terms = scratch
    for lag in range(low, high + 1):
        if not counts(lag, theiler):
            continue
        first, last = max(0, -lag), min(n, n - lag)
        for start in range(first, last, CHUNK):
            count = min(CHUNK, last - start)
            fill(a, b, lag, start, count, dimension, delay, maximum, out, terms)
            for i in range(count):
                if out[i] < least[start + i]:
                    least[start + i] = out[i]
                    nearest[start + i] = start + i + lag
