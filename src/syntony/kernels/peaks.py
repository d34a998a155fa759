"""The peak of each curve that lies nearest to its middle, and the best path through a grid."""

from __future__ import annotations

import numpy as np

from syntony.kernels._arrays import Floats, Indices, kernel, readonly


def outward_peaks(curves: Floats, clear: int, sign: int = 1) -> Indices:
    """Search each curve outward from its middle for the first peak that stands clear.

    Parameters
    ----------
    curves : ndarray of float64, shape (n_rows, n_points)
        ``n_points`` is odd; the search begins at the middle point. NaN: no value.
    clear : int
        Steps that must follow, on both sides at once, without a higher point; and steps that
        must lie between a peak and either end.
    sign : {1, -1}
        1: highest points; -1: lowest points.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
        Place of the peak; -1 where a row has a NaN or no peak that stands clear.

    Notes
    -----
    The stretch around the middle grows by one point on either side at a time, and its highest
    point is kept. The search ends when ``clear`` further steps bring no higher one; the first
    step counts as one that brought it. Of equal points the one found first is kept, at equal
    distance the left one.

    References
    ----------
    .. [1] Boker, Xu, Rotondo & King (2002), Psychological Methods 7(3), 338-355.
       https://doi.org/10.1037/1082-989X.7.3.338

    Examples
    --------
    >>> curve = np.array([[9.0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0]])
    >>> outward_peaks(curve, 2).tolist(), outward_peaks(curve, 5).tolist()
    ([5], [-1])
    """
    places = np.empty(curves.shape[0], dtype=np.int64)
    _outward(readonly(curves), clear, float(sign), places)
    return places


@kernel
def _outward(curves, clear, sign, places):  # type: ignore[no-untyped-def]
    """Fill ``places``."""
    middle = curves.shape[1] // 2
    for row in range(curves.shape[0]):
        v = curves[row]
        best, place, since = sign * v[middle], middle, 0
        for i in range(1, middle + 1):
            left, right = sign * v[middle - i], sign * v[middle + i]
            higher = i == 1
            if left > best:
                best, place, higher = left, middle - i, True
            if right > best:
                best, place, higher = right, middle + i, True
            since = 0 if higher else since + 1
            if since == clear:
                break
        missing = False
        for i in range(v.size):
            missing |= v[i] != v[i]
        clear_of_ends = clear <= place < v.size - clear
        places[row] = place if clear_of_ends and not missing else -1


def best_path(grid: Floats, reach: Floats, weight: int, malus: float, sd: float) -> Indices:
    """Follow the highest value from row to row, a limited number of columns at a time.

    Parameters
    ----------
    grid : ndarray of float64, shape (n_rows, n_columns)
        ``n_columns`` is odd; the path begins at the middle column of the first row that has a
        value there. NaN are passed over.
    reach : ndarray of float64, shape (n_rows,)
        Columns that the path may move since the row before. What a row without a value within
        reach leaves unused adds up.
    weight : {0, 1, 2}
        0: values as they are; 1: times a weight that is 1 at the middle column and
        ``1 - malus`` at the ends; 2: times one that is 1 at the last place and ``1 - malus`` at
        the farther end of the reach.
    malus, sd : float
        The weight is a Gaussian of that SD (columns), stretched to run from 1 - malus to 1.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
        Column; -1 where no value lies within reach.

    Examples
    --------
    >>> grid = np.array([[0.0, 0, 0, 0, 9], [0, 0, 0, 1, 9], [0, 0, 0, 1, 9]])
    >>> best_path(grid, np.ones(3), 0, 0.0, 1.0).tolist()
    [2, 3, 4]
    """
    places = np.empty(grid.shape[0], dtype=np.int64)
    _path(readonly(grid), readonly(reach), weight, malus, 0.5 / (sd * sd), places)
    return places


@kernel
def _path(grid, reach, weight, malus, narrow, places):  # type: ignore[no-untyped-def]
    """Fill ``places``."""
    n = grid.shape[1]
    middle = n // 2
    place, left, begun = middle, 0.0, False
    for row in range(grid.shape[0]):
        left = left + reach[row] if begun else 0.0
        columns = int(min(left + 1e-9, n))
        low, high = max(0, place - columns), min(n - 1, place + columns)
        top = middle if weight == 1 else place
        far = max(top - low, high - top) if weight == 2 else middle
        least = np.exp(-narrow * far * far)
        found, best = -1, -np.inf
        for k in range(low, high + 1):
            v = grid[row, k]
            if weight and least < 1.0:
                near = np.exp(-narrow * (k - top) * (k - top))
                v *= 1.0 - malus + malus * (near - least) / (1.0 - least)
            if v > best:
                found, best = k, v
        places[row] = found
        if found >= 0:
            place, left, begun = found, 0.0, True
