"""Concordance of slopes beside a loop over numpy.corrcoef, in one process; cost of a draw.

Run: python benchmarks/marci.py
Sizes: two people, 50 min at 4 Hz (12,000 samples): 2,996 slopes, 2,982 windows of 15, 15 lags.
CPU time; figures are medians of many calls, the loop runs over a tenth of the windows.
"""

import time

import numpy as np

from syntony.kernels.sliding import sliding_pearson
from syntony.kernels.slopes import moving_slopes
from syntony.synchrony.registry import get
from syntony.synchrony.slopes import marci

N, WINDOW, LAG = 12_000, 15, 7


def cpu_s(call, times):
    """Median CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return float(np.median(taken))


def loop(a, b):
    """Every tenth window at every lag; the time of all is ten times as much."""
    for w in range(LAG, a.size - WINDOW - LAG, 10):
        for k in range(-LAG, LAG + 1):
            np.corrcoef(a[w : w + WINDOW], b[w + k : w + k + WINDOW])


def main():
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, N)), axis=1)
    single, gaps = x.copy(), x.copy()
    single[rng.random(N) < 0.05] = np.nan
    for start in range(500, N, 4000):
        gaps[start : start + 200] = np.nan  # 5 %
    starts = np.arange(2996) * 4
    a, b = (moving_slopes(v, starts, 20, "mean_gradient") for v in (x, y))
    holed = a.copy()
    holed[rng.random(a.size) < 0.05] = np.nan

    def run(u, v):
        return sliding_pearson(u, v, WINDOW, (-LAG, LAG), min_pairs=12)

    slow = 10 * cpu_s(lambda: loop(a, b), 3)
    fast = cpu_s(lambda: run(a, b), 400)
    nan = cpu_s(lambda: run(holed, b), 400)
    print(f"loop over numpy.corrcoef      {1e3 * slow:9.2f} ms")
    print(f"kernel, nothing missing       {1e3 * fast:9.3f} ms   {slow / fast:7.0f} times")
    print(f"kernel, 5 % of slopes missing {1e3 * nan:9.3f} ms   {nan / fast:7.2f} times slower")
    for how in ("mean_gradient", "ols", "endpoint"):
        cost = [
            1e3 * cpu_s(lambda v=v, h=how: moving_slopes(v, starts, 20, h, min_share=0.8), 400)
            for v in (x, single)
        ]
        print(f"slopes, {how:<14} {cost[0]:.3f} ms, with 5 % missing {cost[1]:.3f} ms")
    entry = get("marci")
    for name, v in (("nothing", x), ("5 % in gaps", gaps), ("5 % singly", single)):
        cost = cpu_s(lambda v=v: marci(v, y, rate_hz=4.0), 400)
        print(f"one draw, {name} missing: compute {1e3 * cost:.3f} ms")
    coupling = marci(x, y, rate_hz=4.0)
    summary = cpu_s(lambda: entry.summarise(coupling), 400)
    print(f"one draw: summarise {1e3 * summary:.3f} ms")


if __name__ == "__main__":
    main()
