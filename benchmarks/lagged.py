"""Windowed lagged correlation beside a loop over numpy.corrcoef, in one process.

Run: python benchmarks/lagged.py
Sizes: two people, 50 min at 4 Hz (12,000 samples), windows of 120, 41 lags; 198 windows (every
60 samples) and 2,966 (every 4).
CPU time. The kernel's figure is the median of many calls; the loop runs three times over 198
windows, and for 2,966 its time is scaled up, as every window costs it the same.
"""

import time

import numpy as np
from figures import figure

from syntony.kernels.lagged import lagged_pearson
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.registry import get

N, WINDOW, STEP, LAG = 12_000, 120, 60, 20


def cpu_s(call, times):
    """Median CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return float(np.median(taken))


def loop(x, y, starts):
    out = np.empty((starts.size, 2 * LAG + 1))
    for w, s in enumerate(starts):
        a = x[s : s + WINDOW]
        for k in range(-LAG, LAG + 1):
            low = min(max(s + k, 0), N - WINDOW)  # the loop need not care for the ends
            out[w, k + LAG] = np.corrcoef(a, y[low : low + WINDOW])[0, 1]
    return out


def main():
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, N)), axis=1)
    gappy_x, gappy_y = x.copy(), y.copy()
    gappy_x[rng.random(N) < 0.05] = np.nan
    gappy_y[rng.random(N) < 0.05] = np.nan
    long_gaps = x.copy()
    for start in range(500, N, 4000):
        long_gaps[start : start + 200] = np.nan  # 5 %
    starts = np.arange(0, N - WINDOW + 1, STEP)[:198]
    close = np.arange(0, N - WINDOW + 1, 4)[:2966]

    def run(a, b, at=starts):
        return lagged_pearson(a, b, at, WINDOW, (-LAG, LAG), min_pairs=96)

    slow = cpu_s(lambda: loop(x, y, starts), 3)
    fast = cpu_s(lambda: run(x, y), 400)
    nan = cpu_s(lambda: run(gappy_x, gappy_y), 400)
    gap = cpu_s(lambda: run(long_gaps, y), 400)
    off = 1e5 + 1e-2 * rng.standard_normal((2, N))
    error = np.abs(run(*off)[0] - loop(*off, starts))[1:-1].max()
    figure("loop over numpy.corrcoef", 1e3 * slow, "ms")
    figure("kernel, nothing missing", 1e3 * fast, "ms")
    figure("kernel, nothing missing, faster than the loop", slow / fast, "times", at_least=800)
    figure("kernel, 5 % missing singly, slower than without", nan / fast, "times", at_most=4)
    figure("kernel, 5 % missing in gaps, slower than without", gap / fast, "times", at_most=4)
    figure("mean 1e5, spread 1e-2: largest difference", error, "", at_most=1e-9)
    slow *= close.size / starts.size
    fast = cpu_s(lambda: run(x, y, close), 200)
    nan = cpu_s(lambda: run(gappy_x, gappy_y, close), 100)
    gap = cpu_s(lambda: run(long_gaps, y, close), 100)
    some = close[5:-5:50]
    error = np.abs(run(*off, close)[0][5:-5:50] - loop(*off, some)).max()
    figure("2,966 windows: loop over numpy.corrcoef (scaled)", 1e3 * slow, "ms")
    figure("2,966 windows: kernel", 1e3 * fast, "ms")
    figure("2,966 windows: faster than the loop", slow / fast, "times", at_least=3000)
    figure("2,966 windows: 5 % missing singly, slower", nan / fast, "times", at_most=4)
    figure("2,966 windows: 5 % missing in gaps, slower", gap / fast, "times", at_most=4)
    figure("2,966 windows: mean 1e5, spread 1e-2: difference", error, "", at_most=1e-9)
    entry = get("lagged_correlation")
    whole = cpu_s(lambda: lagged_correlation(x, y, rate_hz=4.0), 400)
    coupling = lagged_correlation(x, y, rate_hz=4.0)
    summary = cpu_s(lambda: entry.summarise(coupling), 400)
    figure("one draw: compute", 1e3 * whole, "ms")
    figure("one draw: summarise", 1e3 * summary, "ms")


if __name__ == "__main__":
    main()
