"""One coder's codes of one person as tracks of seconds, and the tallies of two such coders.

Second ``k`` covers [k, k + 1) of the session clock. A second belongs to a code that covers at
least half of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.session import Span
from syntony.link.agreement.kappa import crosstab

NONE = -1
_LATER = 1e-9  # of two codes that share a second evenly, the one that came first has it
_OVERLAP_S = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class CoderTrack:
    """One coder's codes of one person on the seconds of a session.

    Attributes
    ----------
    codes : ndarray of int64, shape (n_seconds,)
        Place of the code; -1 where no code covers half of the second, or where several codes
        lie on one another for longer than a millisecond.
    each : ndarray of bool, shape (n_codes, n_seconds)
        Where each code covers half of the second, whatever else lies there.
    coded : ndarray of bool, shape (n_seconds,)
        Where any code does.
    overlap_s : float
        Seconds on which several codes lie on one another.
    """

    codes: Ints
    each: Bools
    coded: Bools
    overlap_s: float


def coder_track(spans: Sequence[Span], names: Sequence[str], *, seconds: int) -> CoderTrack:
    """Lay one coder's codes of one person on the seconds of the session.

    Parameters
    ----------
    spans : sequence of Span
        Codes of this coder and person; points (without a length) lie on no second.
    names : sequence of str
        Every code, in the order of the tables.
    seconds : int
        Whole seconds of the session; what lies outside is left aside.

    Examples
    --------
    >>> smile = Span(label="smile", start_s=0.4, stop_s=2.0, person="P", coder="kim")
    >>> coder_track([smile], ["frown", "smile"], seconds=3).codes.tolist()
    [1, 1, -1]
    """
    cover = np.zeros((len(names), seconds))
    late = np.zeros((len(names), seconds))
    for span in spans:
        place, start, stop = names.index(span.label), max(span.start_s, 0.0), span.stop_s
        first, last = int(start), min(int(np.ceil(stop)), seconds)
        if first >= last:
            continue
        at = np.arange(first, last)
        cover[place, first:last] += np.minimum(at + 1.0, stop) - np.maximum(at, start)
        late[place, first] += _LATER * (start - first > 0)
    each = np.round(cover, 6) >= 0.5
    total = np.round(cover.sum(axis=0), 6)
    several = total > 1.0 + _OVERLAP_S
    alone = np.argmax(np.round(cover, 6) - late, axis=0) if names else np.zeros(seconds)
    codes = np.where((total >= 0.5) & ~several, alone, NONE).astype(np.int64)
    return CoderTrack(
        codes=codes,
        each=each,
        coded=total >= 0.5,
        overlap_s=float(np.maximum(cover.sum(axis=0) - 1.0, 0.0).sum()),
    )


def tally_seconds(first: Ints, second: Ints, count: int, *, tolerance: int = 0) -> Array:
    """Count the codes of two coders second by second, each coder once as the first.

    A second agrees when the other coder gave the same code at most ``tolerance`` seconds
    away; else it counts with what the other gave in this very second. Seconds that one of
    the two left uncoded are in no cell.

    Parameters
    ----------
    first, second : ndarray of int64, shape (n_seconds,)
        Places of codes, -1 where there is none.
    count : int
        Number of codes.
    tolerance : int, default 0
        Seconds, on both sides.

    Returns
    -------
    ndarray of float64, shape (2, count, count)
        Seen from the first coder, and from the second (transposed, so that the first stands
        in rows in both). Without tolerance the two are the same.

    References
    ----------
    .. [1] Bakeman, Quera & Gnisci (2009), Behavior Research Methods 41(1), 137-147.
       https://doi.org/10.3758/BRM.41.1.137

    Examples
    --------
    >>> a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    >>> tally_seconds(a, b, 2)[0].tolist()
    [[1.0, 1.0], [0.0, 2.0]]
    >>> tally_seconds(a, b, 2, tolerance=1)[0].tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    seen = crosstab(first, _meeting(first, second, tolerance), count)
    back = crosstab(second, _meeting(second, first, tolerance), count)
    return np.stack([seen, back.T])


def _meeting(mine: Ints, other: Ints, tolerance: int) -> Ints:
    """The other's code in each second, or mine where the other gave it close by."""
    close = np.zeros(mine.shape, dtype=bool)
    for shift in range(-tolerance, tolerance + 1):
        near = np.full(other.shape, NONE, dtype=np.int64)
        if abs(shift) < other.size:
            near[max(shift, 0) : other.size + min(shift, 0)] = other[
                max(-shift, 0) : other.size + min(-shift, 0)
            ]
        close |= near == mine
    return np.where(close & (other >= 0), mine, other)
