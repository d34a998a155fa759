"""Connectivity of two brains beside HyPyP, kernel against kernel, one thread.

Run: python benchmarks/phase.py (with SYNTONY_PEERS naming a Python that has hypyp and numba)
Sizes: 64 channels per person (128 x 128 pairs), 60 epochs of 512 samples, analytic signals
given. CPU time; the least of several calls, as for HyPyP. Then one draw of two signals of 50 min.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import time  # noqa: E402

import numpy as np  # noqa: E402
from figures import figure, peer_times  # noqa: E402

from syntony.synchrony.connectivity import HYPYP, connectivity  # noqa: E402
from syntony.synchrony.registry import get  # noqa: E402

BARS = {
    ("plv", "numpy"): 5,
    ("plv", "numba"): 2,
    ("coh", "numpy"): 5,
    ("coh", "numba"): 2,
    ("imaginary_coh", "numpy"): 5,
    ("imaginary_coh", "numba"): 2,
    ("wpli", "numpy"): 50,
}


def cpu_s(call, times):
    """Least CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        begin = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - begin) * 1e-9)
    return min(taken)


def brains(peers):
    rng = np.random.default_rng(1)
    shape = (2, 60, 64, 512)
    first, second = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    for theirs, (measure, absolute) in HYPYP.items():
        options = {"rate_hz": 256.0, "band": None, "measure": measure, "absolute": absolute}
        ours = cpu_s(lambda options=options: connectivity(first, second, **options), 5)
        figure(f"{theirs}: ours", 1e3 * ours, "ms")
        for how in ("numpy", "numba"):
            if peers is not None:
                ratio = peers[f"{theirs} {how}"] / ours
                bar = BARS.get((theirs, how))
                figure(
                    f"{theirs}: faster than HyPyP {peers['version']}, {how}",
                    ratio,
                    "times",
                    at_least=bar,
                )


def two_signals():
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((2, 12_000))
    gappy = x.copy()
    gappy[rng.random(x.size) < 0.02] = np.nan
    for measure, _ in HYPYP.values():
        compute = get(measure).compute
        draw = cpu_s(lambda f=compute: f(x, y, rate_hz=4.0), 10)
        holes = cpu_s(lambda f=compute: f(gappy, y, rate_hz=4.0), 10)
        figure(f"{measure}, 50 min at 4 Hz: one draw", 1e3 * draw, "ms")
        figure(f"{measure}, 2 % missing: one draw", 1e3 * holes, "ms")


def main():
    brains(peer_times("phase"))
    two_signals()


if __name__ == "__main__":
    main()
