"""Matching of responses, both versions, at growing lengths of a session.

Run: python benchmarks/amico.py
Sizes: two people at 4 Hz, 50 min (12,000 samples) and up to 8 h; smooth noise with a response
every 7 s or so. CPU time; the median of many calls after the first, which compiles.
"""

import time

import numpy as np
from figures import figure

from syntony.synchrony.amico1 import amico1
from syntony.synchrony.amico2 import amico2
from syntony.synchrony.coincidence import scr_coincidence
from syntony.synchrony.registry import get

RATE_HZ = 4.0


def cpu_s(call, times):
    """Median CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return float(np.median(taken))


def slow_noise(rng, n):
    wide = np.hanning(24)
    return 5 + np.convolve(rng.standard_normal(n + 23), wide / np.sqrt(np.sum(wide**2)), "valid")


def main():
    rng = np.random.default_rng(1)
    x, y = (slow_noise(rng, 12_000) for _ in range(2))
    gappy = x.copy()
    gappy[rng.random(x.size) < 0.05] = np.nan
    for call, limit in ((amico1, 100), (amico2, 100), (scr_coincidence, None)):
        entry = get(call.__name__)

        def run(a, b, call=call, entry=entry):
            return entry.summarise(call(a, b, rate_hz=RATE_HZ))

        whole, holed = (cpu_s(lambda a=a, run=run: run(a, y), 30) for a in (x, gappy))
        figure(f"{entry.name}, 50 min, one draw with statistics", 1e3 * whole, "ms", at_most=limit)
        figure(f"{entry.name}, 5 % missing singly", 1e3 * holed, "ms", at_most=limit)
    for hours in (1, 2, 4, 8):
        long_x, long_y = (slow_noise(rng, hours * 14_400) for _ in range(2))
        taken = cpu_s(lambda a=long_x, b=long_y: amico1(a, b, rate_hz=RATE_HZ), 5)
        figure(f"amico1, {hours} h", 1e3 * taken, "ms")


if __name__ == "__main__":
    main()
