"""Peak picking and the elastic path, beside one local regression after the other.

Run: python benchmarks/peaks.py
Sizes: two people, 50 min at 4 Hz (12,000 samples), windows of 30 s every second (2,965), 41 lags.
CPU time; the median of many calls. The plain way fits a parabola at every lag of every window
and is measured on 20 windows.
"""

import time

import numpy as np
from figures import figure

from syntony.kernels.peaks import best_path
from syntony.synchrony.elastic import best_lag
from syntony.synchrony.peaks import find_peaks, peak_picking, smoothing
from syntony.synchrony.registry import get

N, LAGS, SPAN, CLEAR = 12_000, 41, 0.25, 8
OPTIONS = {"rate_hz": 4.0, "window_s": 30.0, "step_s": 1.0, "max_lag_s": 5.0}


def cpu_s(call, times):
    """Median CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return float(np.median(taken))


def plain(rows):
    """Smooth row by row, lag by lag."""
    x, q = np.arange(LAGS), int(LAGS * SPAN)
    out = np.empty(rows.shape)
    for w, row in enumerate(rows):
        for at in x:
            d = np.abs(x - at)
            h = np.sort(d)[q - 1]
            inside = d < h
            root = np.sqrt((1 - (d[inside] / h) ** 3) ** 3)
            out[w, at] = np.polyfit(x[inside] - at, row[inside], 2, w=root)[-1]
    return out


def main():
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, N)), axis=1)
    picked, followed = peak_picking(x, y, **OPTIONS), best_lag(x, y, **OPTIONS)
    r = picked.parts["r"]
    curve_of, reach = smoothing(LAGS, SPAN, "loess"), np.full(r.shape[0], 2.0)
    slow = cpu_s(lambda: plain(r[:20]), 3) * r.shape[0] / 20
    fast = cpu_s(lambda: find_peaks(r, curve_of, CLEAR, "highest"), 200)
    apart = np.abs(plain(r[:20]) - picked.parts["smooth_r"][:20, ::2]).max()
    figure(f"smoothing alone, parabola by parabola, {r.shape[0]} windows", 1e3 * slow, "ms")
    figure("smooth, spline and search, all windows", 1e3 * fast, "ms", at_most=5)
    figure("... faster than smoothing alone", slow / fast, "times", at_least=1000)
    figure("largest difference of the smooth values", apart, "", at_most=1e-12)
    path = cpu_s(lambda: best_path(r, reach, 1, 0.1, 1000.0), 200)
    figure("elastic path, all windows", 1e3 * path, "ms", at_most=1)
    matrix = cpu_s(lambda: (smoothing.cache_clear(), smoothing(LAGS, SPAN, "r")), 20)
    figure("matrix of the smoother, once for all draws", 1e3 * matrix, "ms")
    for entry, call, coupling in (
        (get("peak_picking"), peak_picking, picked),
        (get("best_lag"), best_lag, followed),
    ):
        whole = cpu_s(lambda call=call: call(x, y, **OPTIONS), 100)
        told = cpu_s(lambda entry=entry, coupling=coupling: entry.summarise(coupling), 100)
        figure(f"one draw of {entry.name}, correlations included", 1e3 * whole, "ms", at_most=50)
        figure("... its statistics", 1e3 * told, "ms")


if __name__ == "__main__":
    main()
