"""Banded dynamic time warping beside dtaidistance's C, and a session in windows.

Run: SYNTONY_PEERS=.venv-peers/bin/python python benchmarks/dtw.py
Sizes: random walks of 2,400 and 12,000 samples (10 and 50 min at 4 Hz), bands of 5, 20 and 60 s.
CPU time; the median of many calls. Without SYNTONY_PEERS only ours is measured.
"""

import time

import numpy as np
from figures import figure, peer_times

from syntony.kernels.warping import warping_cost
from syntony.synchrony.registry import get
from syntony.synchrony.warping import dtw

SIZES = ((2_400, 20), (12_000, 20), (12_000, 80), (12_000, 240))


def cpu_s(call, times):
    """Median CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return float(np.median(taken))


def main():
    theirs = peer_times("dtw")
    for n, band in SIZES:
        x, y = np.cumsum(np.random.default_rng(1).standard_normal((2, n)), axis=1)
        taken = cpu_s(lambda x=x, y=y, band=band: warping_cost(x, y, band), 50)
        name = f"{n} samples, band {band}"
        figure(f"distance, {name}", 1e3 * taken, "ms")
        if theirs:
            told, distance = theirs[f"{n} {band}"], theirs[f"{n} {band} distance"]
            figure(f"... dtaidistance {theirs['version']}", 1e3 * told, "ms")
            figure("... faster than dtaidistance", told / taken, "times", at_least=1)
            apart = abs(np.sqrt(warping_cost(x, y, band)) / distance - 1)
            figure("... relative difference of the distances", apart, "", at_most=1e-12)
    x, y = np.cumsum(np.random.default_rng(2).standard_normal((2, 12_000)), axis=1)
    gappy = x.copy()
    gappy[np.random.default_rng(3).random(x.size) < 0.05] = np.nan
    entry = get("dtw")
    for what, a in (("nothing missing", x), ("5 % missing", gappy)):
        taken = cpu_s(lambda a=a: entry.summarise(dtw(a, y, rate_hz=4.0)), 50)
        figure(f"50 min in 99 windows with paths, {what}", 1e3 * taken, "ms")


if __name__ == "__main__":
    main()
