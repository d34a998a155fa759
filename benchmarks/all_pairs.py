"""Lagged correlation of all pairs of a corpus beside its bare matrix products, in one process.

Run: python benchmarks/all_pairs.py
Sizes: 200 signals of 50 min at 4 Hz (11,940 samples), 198 windows of 120, 41 lags; 19,900 pairs,
161 million cells. CPU time on one thread, least of three runs of either. Bare products: for
every window and lag (200 x 120) times (120 x 200), float64, into an array that is there already.
"""

import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import time

import numpy as np
from figures import figure

from syntony.synchrony.all_pairs import all_pairs_lagged
from syntony.synchrony.correlation import lagged_correlation
from syntony.synchrony.registry import get

N_SIGNALS, WINDOW, LAG, N_WINDOWS = 200, 120, 20, 198
N = (N_WINDOWS - 1) * 60 + WINDOW


def cpu_s(call):
    start = time.process_time_ns()
    call()
    return (time.process_time_ns() - start) * 1e-9


def bare_products(a, b, out):
    for _ in range(N_WINDOWS * (2 * LAG + 1)):
        np.matmul(a, b.T, out=out)


def one_by_one(signals, pairs):
    entry = get("lagged_correlation")
    return [
        entry.summarise(lagged_correlation(signals[i], signals[j], rate_hz=4.0)) for i, j in pairs
    ]


def main():
    rng = np.random.default_rng(1)
    signals = np.cumsum(rng.standard_normal((N_SIGNALS, N)), axis=1)
    a, b = rng.standard_normal((2, N_SIGNALS, WINDOW))
    out = np.empty((N_SIGNALS, N_SIGNALS))
    all_pairs_lagged(signals[:3], rate_hz=4.0)  # compiles
    times = [
        (
            cpu_s(lambda: bare_products(a, b, out)),
            cpu_s(lambda: all_pairs_lagged(signals, rate_hz=4.0)),
        )
        for _ in range(3)
    ]
    bare, ours = (min(column) for column in zip(*times, strict=True))
    figure("200 signals: bare matrix products", bare, "s")
    figure("200 signals: mean z and mean |z| of 19,900 pairs", ours, "s")
    figure("200 signals: as much as the bare products", ours / bare, "times", at_most=1.5)
    pairs = [(i, 199 - i) for i in range(0, 100, 5)]
    found = all_pairs_lagged(signals, rate_hz=4.0)
    want = one_by_one(signals, pairs)
    for name in ("mean_z", "mean_abs_z"):
        apart = max(
            abs(getattr(found, name)[p] - w[name]) for p, w in zip(pairs, want, strict=True)
        )
        figure(f"200 signals: {name} and one by one, difference", apart, "", at_most=1e-12)
    alone = cpu_s(lambda: one_by_one(signals, pairs)) * found.cells.size / 2 / len(pairs)
    figure("200 signals: pairs one by one (scaled), slower", alone / ours, "times")
    gappy = signals.copy()
    for row in gappy:  # 5 % in gaps of 50 s
        for start in rng.integers(0, N - 200, 3):
            row[start : start + 200] = np.nan
    gaps = cpu_s(lambda: all_pairs_lagged(gappy, rate_hz=4.0))
    figure("200 signals: 5 % missing in gaps, slower", gaps / ours, "times")


if __name__ == "__main__":
    main()
