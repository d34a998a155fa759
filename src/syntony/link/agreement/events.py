"""Events of two coders brought together in time, and their table with a place for the unseen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.session import Span

_ROUNDING = 1e-9


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
    i, j = _near(a, b, tolerance_s, overlap)
    shared = np.minimum(a[i, 1], b[j, 1]) - np.maximum(a[i, 0], b[j, 0])
    longer = np.maximum(a[i, 1] - a[i, 0], b[j, 1] - b[j, 0])
    begin = np.abs(a[i, 0] - b[j, 0])
    may = (begin <= tolerance_s) | ((shared > 0) & (shared >= overlap * longer - _ROUNDING))
    apart = begin + np.abs(a[i, 1] - b[j, 1])
    pairs: list[tuple[int, int]] = []
    for group in _parts(i[may], j[may], len(a), len(b)):
        pairs += _best(i[may][group], j[may][group], apart[may][group])
    return sorted(pairs)


def _near(a: Array, b: Array, tolerance_s: float, overlap: float) -> tuple[Ints, Ints]:
    """Every pair that may be one event, and few others, by place: a band and not a table.

    Of two events that share the part ``overlap`` of the longer one, the longer has at most
    1 / overlap times the length of the other, and they begin at most the rest of it apart.
    """
    order = np.argsort(b[:, 0], kind="stable")
    longest = (a[:, 1] - a[:, 0]) / overlap
    reach = np.maximum(tolerance_s, (1 - overlap) * longest) + _ROUNDING * (2 + 1 / overlap)
    low = np.searchsorted(b[order, 0], a[:, 0] - reach, side="left")
    high = np.searchsorted(b[order, 0], a[:, 0] + reach, side="right")
    many = high - low
    i = np.repeat(np.arange(len(a)), many)
    step = np.arange(i.size) - np.repeat(np.cumsum(many) - many, many)
    return i, order[np.repeat(low, many) + step]


def _parts(i: Ints, j: Ints, n: int, m: int) -> list[Ints]:
    """Places of the pairs, in groups of events that only may meet within the group."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(i.size), (i, n + j)), shape=(n + m, n + m))
    _, label = connected_components(edges, directed=False)
    order = np.lexsort((j, i, label[i]))
    return np.split(order, np.flatnonzero(np.diff(label[i][order])) + 1) if i.size else []


def _best(i: Ints, j: Ints, apart: Array, *, most: int = 250_000) -> list[tuple[int, int]]:
    """Most pairs first, then the closest; up to ``most`` cells as a table, else as a band."""
    rows, row = np.unique(i, return_inverse=True)
    columns, column = np.unique(j, return_inverse=True)
    dear = 1.0 + float(apart.sum())  # dearer than every allowed pair together
    if rows.size * columns.size > most:
        chosen = _in_band(row, column, apart, dear)
    else:
        chosen = _in_table(row, column, apart, dear)
    return [(int(rows[p]), int(columns[q])) for p, q in chosen]


def _in_table(row: Ints, column: Ints, apart: Array, dear: float) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    cost = np.full((row.max() + 1, column.max() + 1), dear)
    cost[row, column] = apart
    p, q = linear_sum_assignment(cost)
    keep = cost[p, q] < dear
    return list(zip(p[keep].tolist(), q[keep].tolist(), strict=True))


def _in_band(row: Ints, column: Ints, apart: Array, dear: float) -> list[tuple[int, int]]:
    """The same by a sparse search, in which every event may stay alone, at the price ``dear``."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    n, m = int(row.max()) + 1, int(column.max()) + 1
    alone_rows, alone_columns = np.arange(n), np.arange(m)
    one = np.ones(row.size)  # no price may be 0: that would be no pair
    price = np.concatenate([apart + one, np.full(n + m, dear + 2), one])
    p = np.concatenate([row, alone_rows, n + alone_columns, n + column])
    q = np.concatenate([column, m + alone_rows, alone_columns, m + row])
    table = coo_matrix((price, (p, q)), shape=(n + m, n + m)).tocsr()
    p, q = min_weight_full_bipartite_matching(table)
    keep = (p < n) & (q < m)
    return list(zip(p[keep].tolist(), q[keep].tolist(), strict=True))


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
