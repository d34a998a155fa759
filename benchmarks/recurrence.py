"""Recurrence beside multiSyncPy, and what a draw of cross-recurrence costs.

Run: python benchmarks/recurrence.py
Sizes: a group of four, 5,000 points of slow noise, recurrence rate near 0.05 (12.5 million
pairs); two people, 50 min at 4 Hz, thinned to 1, 2 or 4 Hz. CPU time, median of many calls.
Memory is what is allocated while a call runs, beyond its input.
"""

import tracemalloc

import numpy as np
from figures import cpu_s, figure, peer_times

from syntony.synchrony.group_recurrence import MULTISYNCPY, mdrqa
from syntony.synchrony.recurrence import crqa
from syntony.synchrony.registry import get

N, PEOPLE, RADIUS = 5_000, 4, 1.2


def group():
    """Four people's slow noise; benchmarks/peers/recurrence.py makes the same."""
    noise = np.random.default_rng(1).standard_normal((PEOPLE, N + 9))
    return np.array([np.convolve(v, np.ones(10) / 10, "valid") for v in noise])


def peak_mb(call):
    """Largest memory allocated during a call, in MB."""
    call()
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def main():
    signals = group()
    options = MULTISYNCPY | {"rate_hz": 1.0, "radius": float(np.nextafter(RADIUS, 0.0))}

    def run(size):
        return mdrqa(np.tile(signals, 4)[:, :size], **options)

    ours = cpu_s(lambda: run(N), 25)
    found = get("mdrqa").summarise(run(N))
    figure("MdRQA, 4 people, 5,000 points", 1e3 * ours, "ms")
    figure("its recurrence rate", found["rec"], "")
    theirs = peer_times("recurrence")
    if theirs:
        figure(f"multiSyncPy {theirs['version']}, the same", 1e3 * theirs["mdrqa"], "ms")
        figure("multiSyncPy: its memory", theirs["peak_mb"], "MB")
        figure("MdRQA, faster than multiSyncPy", theirs["mdrqa"] / ours, "times", at_least=20)
        figure("difference of REC", abs(theirs["rec"] - found["rec"]), "", at_most=1e-12)
        figure("difference of DET", abs(theirs["det"] - found["det"]), "", at_most=1e-12)
    small, large = (peak_mb(lambda size=size: run(size)) for size in (N, 4 * N))
    figure("MdRQA, 5,000 points: memory", small, "MB")
    figure("MdRQA, 20,000 points: memory", large, "MB")
    figure("memory of four times the points", large / small, "times", at_most=5)
    x, y = np.tile(signals, 3)[:2, :12_000]
    for thin_to_hz in (1.0, 2.0, 4.0):

        def draw(thin_to_hz=thin_to_hz):
            return crqa(x, y, rate_hz=4.0, thin_to_hz=thin_to_hz)

        took = cpu_s(draw, 15 if thin_to_hz < 4 else 3)
        figure(f"cross-recurrence, 50 min at {thin_to_hz:g} Hz, one draw", 1e3 * took, "ms")
    figure("cross-recurrence, 50 min at 4 Hz: memory", peak_mb(draw), "MB")


if __name__ == "__main__":
    main()
