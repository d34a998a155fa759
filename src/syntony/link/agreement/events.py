"""Events of two coders brought together in time, and their table with a place for the unseen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syntony.core.arrays import Array, Bools, Ints
from syntony.core.session import Span


def match_events(
    first: Sequence[Span], second: Sequence[Span], *, tolerance_s: float = 2.0, overlap: float = 0.6
) -> list[tuple[int, int]]:
    """Pair the events of two coders, by time alone.

    Two events may be one where they begin at most ``tolerance_s`` apart, or where they share at
    least the part ``overlap`` of the longer one. Of all ways to pair them, each event at most
    once, that with the most pairs is taken, and of those the one whose beginnings and ends lie
    closest. The codes are not looked at: that would make agreement.

    Parameters
    ----------
    first, second : sequence of Span
        Events of one person in one session, of any code, points included.
    tolerance_s : float, default 2
        Largest distance of two beginnings (s).
    overlap : float, default 0.6
        Least share of the longer event, above 0.

    Returns
    -------
    list of (int, int)
        Places in ``first`` and ``second``, by the first.

    References
    ----------
    .. [1] Holle & Rein (2015), https://doi.org/10.3758/s13428-014-0506-7 (the linking problem,
       and 60 % of overlap)
    .. [2] Bakeman, Quera & Gnisci (2009), https://doi.org/10.3758/BRM.41.1.137

    Examples
    --------
    >>> one = [Span(label="a", start_s=0, stop_s=10), Span(label="b", start_s=20, stop_s=21)]
    >>> two = [Span(label="a", start_s=3, stop_s=11), Span(label="c", start_s=40, stop_s=41)]
    >>> match_events(one, two)
    [(0, 0)]
    """
    if not first or not second:
        return []
    a, b = (np.array([(s.start_s, s.stop_s) for s in spans]) for spans in (first, second))
    shared = np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0])
    longer = np.maximum((a[:, 1] - a[:, 0])[:, None], (b[:, 1] - b[:, 0])[None, :])
    begin = np.abs(a[:, None, 0] - b[None, :, 0])
    may = (begin <= tolerance_s) | ((shared > 0) & (shared >= overlap * longer - 1e-9))
    apart = begin + np.abs(a[:, None, 1] - b[None, :, 1])
    pairs: list[tuple[int, int]] = []
    for rows, columns in _parts(may):
        pairs += _best(may[np.ix_(rows, columns)], apart[np.ix_(rows, columns)], rows, columns)
    return sorted(pairs)


def _parts(may: Bools) -> list[tuple[Ints, Ints]]:
    """Groups of events that only may meet within the group."""
    from scipy.sparse import bmat, csr_matrix
    from scipy.sparse.csgraph import connected_components

    n = may.shape[0]
    edges = csr_matrix(may.astype(np.int8))
    _, label = connected_components(bmat([[None, edges], [edges.T, None]]), directed=False)
    groups = []
    for k in np.unique(label[:n]):
        columns = np.flatnonzero(label[n:] == k)
        if columns.size:
            groups.append((np.flatnonzero(label[:n] == k), columns))
    return groups


def _best(may: Bools, apart: Array, rows: Ints, columns: Ints) -> list[tuple[int, int]]:
    """Most pairs first, then the closest."""
    from scipy.optimize import linear_sum_assignment

    dear = 1.0 + float(apart[may].sum())  # dearer than every allowed pair together
    i, j = linear_sum_assignment(np.where(may, apart, dear))
    return [(int(rows[p]), int(columns[q])) for p, q in zip(i, j, strict=True) if may[p, q]]


def tally_events(
    first: Sequence[Span],
    second: Sequence[Span],
    names: Sequence[str],
    *,
    tolerance_s: float = 2.0,
    overlap: float = 0.6,
) -> Array:
    """Count matched events by code; the last row and column hold those without a partner.

    Returns
    -------
    ndarray of float64, shape (n_codes + 1, n_codes + 1)
        First coder in rows; the last cell is 0. See :func:`event_kappa`.

    Examples
    --------
    >>> one = [Span(label="a", start_s=0, stop_s=10), Span(label="b", start_s=20, stop_s=21)]
    >>> two = [Span(label="b", start_s=1, stop_s=11)]
    >>> tally_events(one, two, ["a", "b"]).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    table = np.zeros((len(names) + 1, len(names) + 1))
    pairs = match_events(first, second, tolerance_s=tolerance_s, overlap=overlap)
    for i, j in pairs:
        table[names.index(first[i].label), names.index(second[j].label)] += 1
    for k in set(range(len(first))) - {i for i, _ in pairs}:
        table[names.index(first[k].label), -1] += 1
    for k in set(range(len(second))) - {j for _, j in pairs}:
        table[-1, names.index(second[k].label)] += 1
    return table
