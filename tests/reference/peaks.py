"""Local regression, spline, peak search and elastic path by their definitions."""

import numpy as np
from reference.lagged import pairs_of, pearson


def local_parabola(x, y, at, q, near=0.0, far=1.0):
    """Value and slope at a place of the parabola fitted to the q nearest points."""
    d = np.abs(x - at)
    h = np.sort(d)[q - 1]
    weight = np.array([(1 - (v / h) ** 3) ** 3 if v > near * h else 1.0 for v in d])
    inside = d < far * h
    a, b, c = np.polyfit(x[inside] - at, y[inside], 2, w=np.sqrt(weight[inside]))
    del a
    return c, b


def loess(y, span):
    """Local regression at every point of an even axis."""
    x, q = np.arange(len(y)) * 1.0, int(len(y) * span + 1e-5)
    return np.array([local_parabola(x, y, at, q)[0] for at in x])


def cut_points(cell, most):
    """Lower medians at which cells are cut until none holds more than ``most`` points."""
    if len(cell) <= most:
        return []
    low = (len(cell) - 1) // 2
    return [cell[low], *cut_points(cell[: low + 1], most), *cut_points(cell[low + 1 :], most)]


def interpolated_loess(y, span):
    """Local regression at the borders of cells only, cubics between them."""
    n = len(y)
    x, q, margin = np.arange(n) * 1.0, int(n * span + 1e-5), 0.005 * (n - 1)
    places = [-margin, *sorted(cut_points(list(x), max(1, int(n * span * 0.2)))), n - 1 + margin]
    fits = [local_parabola(x, y, at, q, 0.001, 0.999) for at in places]
    out = []
    for t in x:
        k = next(i for i in range(1, len(places)) if t <= places[i])
        left, right = places[k - 1], places[k]
        rows = [[v**p for p in range(4)] for v in (left, right)]
        rows += [[p * v ** max(p - 1, 0) for p in range(4)] for v in (left, right)]
        known = [fits[k - 1][0], fits[k][0], fits[k - 1][1], fits[k][1]]
        out.append(np.linalg.solve(np.array(rows), known) @ [t**p for p in range(4)])
    return np.array(out)


def half_steps(y):
    """Cubic spline at points and half-way; at the ends the third derivative of four points."""
    n = len(y)
    rows, known = [], []

    def tell(pieces, value):
        row = np.zeros(4 * (n - 1))
        for piece, parts in pieces:
            row[4 * piece : 4 * piece + 4] += parts
        rows.append(row)
        known.append(value)

    for i in range(n - 1):  # piece i is a + b t + c t^2 + d t^3, t from 0 to 1
        tell([(i, [1, 0, 0, 0])], y[i])
        tell([(i, [1, 1, 1, 1])], y[i + 1])
    for i in range(n - 2):
        tell([(i, [0, 1, 2, 3]), (i + 1, [0, -1, 0, 0])], 0.0)
        tell([(i, [0, 0, 2, 6]), (i + 1, [0, 0, -2, 0])], 0.0)
    tell([(0, [0, 0, 0, 1])], np.polyfit(range(4), y[:4], 3)[0])
    tell([(n - 2, [0, 0, 0, 1])], np.polyfit(range(4), y[-4:], 3)[0])
    parts = np.linalg.solve(np.array(rows), np.array(known)).reshape(n - 1, 4)
    out = np.empty(2 * n - 1)
    out[::2] = y
    out[1::2] = parts @ [1, 0.5, 0.25, 0.125]
    return out


def outward_peak(curve, clear):
    """Place of the peak nearest to the middle; None where none stands clear."""
    if np.isnan(curve).any():
        return None
    middle, highest, since = len(curve) // 2, -np.inf, 0
    for i in range(1, middle + 1):
        seen = curve[middle - i : middle + i + 1]
        since = 0 if seen.max() > highest else since + 1
        highest = seen.max()
        if since == clear:
            break
    place = middle - i + int(np.argmax(seen))
    return place if clear <= place <= len(curve) - 1 - clear else None


def elastic_path(grid, reach, weight, malus, sd):
    """Columns of the greedy path; None where no value lies within reach."""
    middle = grid.shape[1] // 2
    place, may, begun, path = middle, 0.0, False, []
    for row, more in zip(grid, reach, strict=True):
        may = may + more if begun else 0.0
        near = [k for k in range(len(row)) if abs(k - place) <= may + 1e-9]
        top = {"off": 0, "zero": middle, "last": place}[weight]
        span = range(len(row)) if weight == "zero" else near
        bell = {k: np.exp(-0.5 * ((k - top) / sd) ** 2) for k in span}
        low = min(bell.values())
        flat = weight == "off" or low == 1.0
        w = {k: 1 - malus + malus * (bell[k] - low) / (1 - low) if not flat else 1.0 for k in near}
        near = [k for k in near if not np.isnan(row[k])]
        if not near:
            path.append(None)
            continue
        place, may, begun = max(near, key=lambda k: (row[k] * w[k], -k)), 0.0, True
        path.append(place)
    return path


def behrens(x, y, window, step, max_lag, min_pairs):
    """Windows that end on a common last sample; the earlier person's is shifted back."""
    rows = []
    for start in range(max_lag, len(x) - window + 1, step)[:-1]:
        row = []
        for lag in range(-max_lag, max_lag + 1):
            late, early = (x, y) if lag <= 0 else (y, x)
            a, b = pairs_of(late, early, start, window, -abs(lag))
            row.append(pearson(a, b) if len(a) >= min_pairs else np.nan)
        rows.append(row)
    return np.array(rows)
