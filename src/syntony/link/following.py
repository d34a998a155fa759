"""How much more often a code of one person follows a code of the other: counts at a lag.

Tracks hold 1 where an interval has the code, 0 where it has not, NaN where it was not coded.
Positive lag: the second follows the first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError

STATISTICS = ("given_own", "raw")
SCALES = ("difference", "log_odds")


class Following(NamedTuple):
    """How a code follows another, first tracks in rows and second in columns, (n, m).

    ``difference`` is the probability of the second code ``lag`` intervals after the first
    less that after an interval without it; ``log_odds`` the same as a log odds ratio.
    """

    difference: Array
    log_odds: Array


def following(
    first: Array, second: Array, lag: int, *, given_own: bool = True, least: int = 3
) -> Following:
    """Compare the second code after the first code with that after its absence, for all pairs.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n, n_intervals) and (m, n_intervals)
        1, 0, or NaN where not coded; shorter sessions end in NaN.
    lag : int
        Intervals, 1 or more.
    given_own : bool, default True
        Compare only intervals in which the second person's own code was alike, so that its
        going on by itself is no answer (difference of Mantel and Haenszel's weights over the
        two strata).
    least : int, default 3
        Intervals with the first code, and without it, that a pair must have.

    Returns
    -------
    Following
        NaN where there are too few. The log odds ratio has .5 added to each cell.

    Raises
    ------
    InputError
        If the lag is below 1, or the tracks differ in length.

    References
    ----------
    .. [1] Mantel & Haenszel (1959), Journal of the National Cancer Institute 22(4), 719-748.
       https://doi.org/10.1093/jnci/22.4.719

    Examples
    --------
    >>> a = np.array([[1.0, 0, 1, 0, 0, 1, 1, 0]])
    >>> b = np.array([[0.0, 1, 0, 1, 0, 0, 1, 1]])
    >>> found = following(a, b, 1, given_own=False)
    >>> found.difference.tolist()
    [[1.0]]
    """
    if lag < 1:
        raise InputError("lag", lag, "1 interval or more")
    if first.shape[-1] != second.shape[-1]:
        raise InputError("second", second.shape, f"{first.shape[-1]} intervals, as first has")
    if lag >= first.shape[-1]:
        none = np.full((len(first), len(second)), np.nan)
        return Following(none, none)
    before, after, own = first[:, :-lag], second[:, lag:], second[:, :-lag]
    strata = [own == 1, own == 0] if given_own else [np.ones(after.shape, dtype=bool)]
    cells = [_cells(before, after, inside) for inside in strata]
    with_first, without = (sum(c[k] + c[k + 1] for c in cells) for k in (0, 2))
    enough = (with_first >= least) & (without >= least)
    return Following(
        np.where(enough, _difference(cells), np.nan), np.where(enough, _log_odds(cells), np.nan)
    )


def _cells(before: Array, after: Array, inside: Bools) -> tuple[Array, ...]:
    """Counts of (first, second) = (1, 1), (1, 0), (0, 1), (0, 0) over intervals inside."""
    there, absent = (before == 1).astype(float), (before == 0).astype(float)
    yes, no = ((after == v) & inside for v in (1, 0))
    yes, no = yes.astype(float).T, no.astype(float).T
    return there @ yes, there @ no, absent @ yes, absent @ no


def _difference(cells: list[tuple[Array, ...]]) -> Array:
    """Difference of the shares, weighted over the strata."""
    top = bottom = np.zeros(1)
    for a, b, c, d in cells:
        one, other = a + b, c + d
        n = one + other
        weight = _over(one * other, n, 0.0)
        gap = _over(a, one, 0.0) - _over(c, other, 0.0)
        top, bottom = top + weight * gap, bottom + weight
    return _over(top, bottom, np.nan)


def _log_odds(cells: list[tuple[Array, ...]]) -> Array:
    """Log of the common odds ratio, .5 added to each cell of a stratum that can be compared."""
    up = down = np.zeros(1)
    for a, b, c, d in cells:
        use = ((a + b) > 0) & ((c + d) > 0)
        n = a + b + c + d + 2.0
        up = up + np.where(use, (a + 0.5) * (d + 0.5) / n, 0.0)
        down = down + np.where(use, (b + 0.5) * (c + 0.5) / n, 0.0)
    there = (up > 0) & (down > 0)
    out: Array = np.full(there.shape, np.nan)
    np.log(np.divide(up, down, out=np.ones(there.shape), where=there), out=out, where=there)
    return out


def _over(part: Array, whole: Array, missing: float) -> Array:
    """Quotient, or what stands where there is nothing to divide by."""
    out: Array = np.full(np.broadcast(part, whole).shape, missing)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def rotated(track: Array, offsets: Ints) -> Array:
    """One track turned round its own length by each offset, shape (n_offsets, n_intervals).

    NaN at its end is no part of it and stays there.
    """
    there = np.flatnonzero(np.isfinite(track))
    n = int(there[-1]) + 1 if there.size else 0
    out: Array = np.full((len(offsets), track.size), np.nan)
    for row, offset in enumerate(offsets.tolist()):
        out[row, :n] = np.roll(track[:n], offset)
    return out


def length_of(track: Array) -> int:
    """Intervals up to the last that is coded."""
    there = np.flatnonzero(np.isfinite(track))
    return int(there[-1]) + 1 if there.size else 0
