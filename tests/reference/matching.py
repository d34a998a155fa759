"""Smoothing, turning points, likeness and matching of features by their definitions."""

from itertools import pairwise

import numpy as np
from reference.lagged import pearson


def polynomial_smooth(v, order, window, min_count):
    """Fit a polynomial to the samples present in each window; its value at the sample."""
    n, half = len(v), window // 2
    out = np.full(n, np.nan)
    for t in range(n):
        low = min(max(t - half, 0), n - window)
        k = np.arange(low, low + window)
        k = k[~np.isnan(v[k])]
        if len(k) >= max(min_count, order + 1):
            out[t] = np.polyfit(k - t, v[k] - v[k[0]], order)[-1] + v[k[0]]
    return out


def alternate(v, points):
    """Of neighbours of one kind keep the most extreme."""
    kept = []
    for t, kind in points:
        if kept and kept[-1][1] == kind:
            if kind * (v[t] - v[kept[-1][0]]) > 0:
                kept[-1] = (t, kind)
        else:
            kept.append((t, kind))
    return kept


def turning_points(v, smooth, reach, min_rise):
    """(sample, kind, stretch) of every valley (-1) and peak (1)."""
    found = []
    whole = np.flatnonzero(~np.isnan(smooth))
    runs = np.split(whole, np.flatnonzero(np.diff(whole) > 1) + 1) if len(whole) else []
    for number, run in enumerate(runs):
        moves = [(t, np.sign(smooth[t] - smooth[t - 1])) for t in run[1:]]
        moves = [(t, s) for t, s in moves if s != 0]
        turns = [(t, int(s)) for (t, s), (_, s2) in pairwise(moves) if s != s2]
        moved, last = [], run[0] - 1
        for i, (t, kind) in enumerate(turns):
            high = turns[i + 1][0] - 1 if i + 1 < len(turns) else run[-1]
            near = range(max(t - reach, last + 1), min(t + reach, high, run[-1]) + 1)
            near = [u for u in near if not np.isnan(v[u])]
            if near:
                last = max(near, key=lambda u: (kind * v[u], -u))
                moved.append((last, kind))
        moved = alternate(v, moved)
        gone = set()
        for i in range(1, len(moved) - 1):
            (a, _), (_, kind), (b, _) = moved[i - 1 : i + 2]
            if kind == 1 and np.nanmax(v[a : b + 1]) - v[a] < min_rise:
                gone |= {i, i - 1 if v[a] >= v[b] else i + 1}
        kept = alternate(v, [p for i, p in enumerate(moved) if i not in gone])
        found += [(t, kind, number) for t, kind in kept]
    return found


def stretch(v, length):
    """Read a span at evenly spaced places; missing beside a missing sample."""
    out = []
    for k in range(length):
        at = k * (len(v) - 1) / (length - 1) if length > 1 else 0.0
        i, rest = int(at), at - int(at)
        out.append(v[i] if rest == 0 else v[i] * (1 - rest) + v[i + 1] * rest)
    return np.array(out)


def complete(a, b, min_share, least):
    """Complete pairs, or nothing where there are too few."""
    there = ~(np.isnan(a) | np.isnan(b))
    enough = there.sum() >= max(least, min_share * len(a) - 1e-9)
    return (a[there], b[there]) if enough else None


def alike_limbs(x, y, one, two, min_share):
    """Pearson r of two triangles stretched limb by limb."""
    sides = []
    for v, (a, p, e) in ((x, one), (y, two)):
        rise = max(one[1] - one[0], two[1] - two[0]) + 1
        fall = max(one[2] - one[1], two[2] - two[1]) + 1
        sides.append(np.r_[stretch(v[a : p + 1], rise), stretch(v[p : e + 1], fall)[1:]])
    both = complete(*sides, min_share, 3)
    return np.nan if both is None else pearson(*both)


def alike_steps(x, y, one, two, min_share):
    """Square of one minus the mean difference of steps scaled to 0...1."""
    before, after = (min(one[k + 1] - one[k], two[k + 1] - two[k]) for k in (0, 1))
    a, b = (np.diff(v[p - before : p + after + 1]) for v, p in ((x, one[1]), (y, two[1])))
    both = complete(a, b, min_share, 2)
    if both is None or np.ptp(both[0]) == 0 or np.ptp(both[1]) == 0:
        return np.nan
    a, b = ((d - d.min()) / np.ptp(d) for d in both)
    return (1 - np.abs(a - b).mean()) ** 2


def stretched(x, y, span_x, span_y, min_share, cosine=False):
    """Pearson r, or cosine of what is above the lowest value, of two spans."""
    a, b = (v[s : e + 1] for v, (s, e) in ((x, span_x), (y, span_y)))
    n = max(len(a), len(b))
    both = complete(stretch(a, n), stretch(b, n), min_share, 3)
    if both is None:
        return np.nan
    if not cosine:
        return pearson(*both)
    a, b = (v - v.min() for v in both)
    size = np.sqrt(np.sum(a * a) * np.sum(b * b))
    return np.nan if size == 0 else float(np.sum(a * b) / size)


def best_chain(gains):
    """Pairs of the table ``gains`` by the recursion, traced back by its largest cells."""
    n, m = gains.shape
    best = np.zeros((n + 1, m + 1))
    for i in range(n):
        for j in range(m):
            both = best[i, j] + gains[i, j]
            best[i + 1, j + 1] = max(best[i, j + 1], best[i + 1, j], both)
    chosen = []
    while n and m and best[1 : n + 1, 1 : m + 1].max() > 0:
        inside = best[1 : n + 1, 1 : m + 1]
        n, m = np.argwhere(inside == inside.max())[0]
        chosen.append((int(n), int(m)))
    return chosen[::-1]


def weight(lag_s, max_lag_s, malus):
    """Bell with SD 250 s, scaled to 1 at no delay and 1 - malus at the longest."""

    def bell(t):
        return np.exp(-(t**2) / (2 * 250.0**2))

    low = bell(max_lag_s)
    return (bell(lag_s) - low) / (1 - low) * malus + 1 - malus


def triangles(points):
    """Valley, peak, valley of every peak that has both, within one stretch."""
    found = []
    for (a, _, s), (p, kind, t), (e, _, u) in zip(points, points[1:], points[2:], strict=False):
        if kind == 1 and s == t == u:
            found.append((a, p, e))
    return found


def amico1(x, y, rate_hz, max_lag_s, malus, least_alike, min_size_s, window, min_share):
    """Synchrony and delay (s) at every sample."""
    count = int(np.ceil(min_share * window - 1e-9))
    smooth = [polynomial_smooth(v, 2, window, count) for v in (x, y)]
    reach = int(0.5 * rate_hz)
    one, two = (
        triangles(turning_points(v, s, reach, 0.05)) for v, s in zip((x, y), smooth, strict=True)
    )
    broken = np.isnan(smooth[0]) | np.isnan(smooth[1])
    gains = np.zeros((len(one), len(two)))
    for i, f in enumerate(one):
        for j, g in enumerate(two):
            lag_s = (g[1] - f[1]) / rate_hz
            gap = broken[min(f[0], g[0]) : max(f[2], g[2]) + 1].any()
            if abs(lag_s) <= max_lag_s + 1e-9 and not gap:
                alike = alike_steps(x, y, f, g, min_share) * weight(lag_s, max_lag_s, malus)
                gains[i, j] = alike if alike >= least_alike else 0.0
    chain = [(one[i][1], two[j][1]) for i, j in best_chain(gains)]
    values, lags = np.full(len(x), np.nan), np.full(len(x), np.nan)
    runs = []
    for k, (p, q) in enumerate(chain):
        if k and not broken[min(chain[k - 1]) : max(p, q) + 1].any():
            runs[-1].append((p, q))
        else:
            runs.append([(p, q)])
    for run in runs:
        cuts = [0]
        for k in range(1, len(run)):
            longer = max(run[k][who] - run[cuts[-1]][who] for who in (0, 1))
            if longer > min_size_s * rate_hz:
                cuts.append(k)
        if len(cuts) > 1:
            cuts[-1] = len(run) - 1
        for a, b in pairwise(cuts):
            (p, q), (p2, q2) = run[a], run[b]
            t = np.arange(int(np.ceil((p + q) / 2)), int(np.floor((p2 + q2) / 2)) + 1)
            values[t] = stretched(x, y, (p, p2), (q, q2), min_share)
            inner = run[a : b + 1]
            middle = [(i + j) / 2 for i, j in inner]
            lags[t] = np.interp(t, middle, [(j - i) / rate_hz for i, j in inner])
    return values, lags


def half_recovery(v, valley, peak, stop):
    """One past the sample nearest to half of the rise, where the next valley lies below it."""
    half = (v[peak] + v[valley]) / 2
    if v[stop] >= half:
        return stop
    return peak + int(np.nanargmin(np.abs(v[peak : stop + 1] - half))) + 1


def to_even(place):
    """Round samples counted from 1; a half to the even one."""
    return int(np.round(place + 1)) - 1


def amico2(x, y, rate_hz, max_lag_s, malus, least_alike, min_size_s, piece_s, window, min_share):
    """Likeness and delay (s) at every sample, responses ending at half recovery."""
    count = int(np.ceil(min_share * window - 1e-9))
    smooth = [polynomial_smooth(v, 2, window, count) for v in (x, y)]
    broken = np.isnan(smooth[0]) | np.isnan(smooth[1])
    one, two = (
        [
            (a, p, half_recovery(v, a, p, e))
            for a, p, e in triangles(turning_points(v, s, int(0.5 * rate_hz), 0.05))
        ]
        for v, s in zip((x, y), smooth, strict=True)
    )

    def bent(ratio, bend):
        return 1 / (1 + (max(ratio, 1 / ratio) / bend) ** 3.18) ** 25e5

    def near(lag):
        return weight(min(abs(lag) / rate_hz, max_lag_s), max_lag_s, malus)

    gains = np.zeros((len(one), len(two)))
    for i, f in enumerate(one):
        for j, g in enumerate(two):
            gap = broken[min(f[0], g[0]) : max(f[2], g[2]) + 1].any()
            if abs(g[1] - f[1]) <= max_lag_s * rate_hz + 1e-9 and not gap:
                alike = alike_limbs(x, y, f, g, min_share) * near(g[1] - f[1])
                alike *= bent((f[2] - f[0]) / (g[2] - g[0]), 350)
                gains[i, j] = alike if alike >= least_alike else 0.0
    rows = []  # start, peak or middle, end of both, likeness
    for i, j in best_chain(gains):
        f, g = list(one[i]), list(two[j])
        if rows:
            f0, g0, _ = rows[-1]
            whole = not broken[min(f0[1], g0[1]) : max(f[1], g[1]) + 1].any()
            rest = min(f[0] - f0[2], g[0] - g0[2])
            if whole and rest < int(min_size_s * rate_hz):
                for old, new in ((f0, f), (g0, g)):
                    old[2] = new[0] = to_even((old[2] + new[0]) / 2)
            elif whole:
                pieces = max(1, rest // int(np.floor(piece_s * rate_hz + 0.5)))
                starts = f0[2], g0[2]
                sizes = [(new[0] - s + 1) // pieces for s, new in zip(starts, (f, g), strict=True)]
                for k in range(pieces):
                    spans = [
                        (s + k * n, s + k * n + n - 1) for s, n in zip(starts, sizes, strict=True)
                    ]
                    alike = stretched(x, y, *spans, min_share, cosine=True)
                    apart = np.round((sum(spans[1]) - sum(spans[0])) / 2)
                    alike *= near(apart) * bent(sizes[0] / sizes[1], 200)
                    ends = [
                        [a, a + int(np.round(n / 2)) - 1, b]
                        for (a, b), n in zip(spans, sizes, strict=True)
                    ]
                    rows.append((*ends, alike))
        rows.append((f, g, gains[i, j]))
    values, lags = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for f, g, alike in rows:
        t = slice(to_even((f[0] + g[0]) / 2), to_even((f[2] + g[2]) / 2) + 1)
        values[t], lags[t] = alike, (g[1] - f[1]) / rate_hz
    return values, lags
