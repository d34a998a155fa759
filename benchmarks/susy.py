"""SUSY with all surrogate pairs beside a plain loop over pairs and lags, in one process.

Run: python benchmarks/susy.py
Sizes: two people, 50 min at 4 Hz, 100 segments of 120 samples, 25 lags, all 9,900 pairs of
different segments; also 5 % of the samples missing, and 25 Hz (750 samples, 151 lags).
CPU time of one thread; medians of many calls and, since the machine may be busy, the least.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is loaded

import time  # noqa: E402

import numpy as np  # noqa: E402
from figures import figure  # noqa: E402

from syntony.kernels.segments import cross_segments  # noqa: E402
from syntony.surrogates.sessions import susy_evidence  # noqa: E402
from syntony.synchrony.mvsusy import mvsusy  # noqa: E402
from syntony.synchrony.registry import get  # noqa: E402
from syntony.synchrony.suco import suco  # noqa: E402
from syntony.synchrony.susy import susy  # noqa: E402

SEGMENTS, LENGTH, LAG = 100, 120, 12


def cpu_s(call, times):
    """Median and least CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return float(np.median(taken)), min(taken)


def loop(x, y):
    """Mean z and mean absolute z of all pairs of different segments, a pair at a time."""
    z = absolute = np.zeros(2 * LAG + 1)
    unit = [(v - v.mean(axis=1, keepdims=True)) / v.std(axis=1, keepdims=True) for v in (x, y)]
    for i, a in enumerate(unit[0]):
        for h, b in enumerate(unit[1]):
            if i == h:
                continue
            r = [
                np.dot(a[max(0, -k) : LENGTH - max(0, k)], b[max(0, k) : LENGTH - max(0, -k)])
                for k in range(-LAG, LAG + 1)
            ]
            pair = np.arctanh(np.array(r) / LENGTH)
            z = z + pair
            absolute = absolute + np.abs(pair)
    pairs = SEGMENTS * (SEGMENTS - 1)
    return z / pairs, absolute / pairs


def main():
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, SEGMENTS * LENGTH)), axis=1)
    a, b = x.reshape(SEGMENTS, LENGTH), y.reshape(SEGMENTS, LENGTH)
    gappy = a.copy()
    gappy[rng.random(gappy.shape) < 0.05] = np.nan
    slow = cpu_s(lambda: loop(a, b), 2)[1]
    fast, least = cpu_s(lambda: cross_segments(a, b, LAG), 300)
    holed = cpu_s(lambda: cross_segments(gappy, b, LAG, min_share=0.8), 50)[0]
    found = cross_segments(a, b, LAG).sums.sum(axis=2) / (SEGMENTS * (SEGMENTS - 1))
    figure("loop over pairs and lags", 1e3 * slow, "ms")
    figure("all pairs, 25 lags (median)", 1e3 * fast, "ms", at_most=5)
    figure("all pairs, 25 lags (least)", 1e3 * least, "ms", at_most=5)
    figure("faster than the loop", slow / fast, "times")
    figure(
        "largest difference to the loop", np.abs(found[:2] - loop(a, b)).max(), "", at_most=1e-12
    )
    figure("5 % missing singly, slower than without", holed / fast, "times")
    entry = get("susy")
    draw = cpu_s(lambda: entry.summarise(susy(x, y, rate_hz=4.0, max_lag_s=3.0)), 100)[0]
    figure("one draw of susy, summary too", 1e3 * draw, "ms", at_most=5)
    ranked = cpu_s(lambda: susy_evidence(x, y, rate_hz=4.0, max_lag_s=3.0, seed=1), 10)[0]
    figure("rank among 999 surrogate sessions", 1e3 * ranked, "ms")
    wide = np.cumsum(rng.standard_normal((2, SEGMENTS, 750)), axis=2)
    figure(
        "25 Hz: 750 samples, 151 lags", 1e3 * cpu_s(lambda: cross_segments(*wide, 75), 5)[0], "ms"
    )
    figure(
        "one draw of suco (300 segments)", 1e3 * cpu_s(lambda: suco(x, y, rate_hz=4.0), 30)[0], "ms"
    )
    both = np.stack([x, y])
    figure("one draw of mvsusy", 1e3 * cpu_s(lambda: mvsusy(both, rate_hz=4.0), 30)[0], "ms")


if __name__ == "__main__":
    main()
