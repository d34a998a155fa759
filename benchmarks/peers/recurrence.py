"""Time and memory of multiSyncPy's recurrence of a group, on the input of ../recurrence.py."""

import json
import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import time
import tracemalloc
from importlib.metadata import version

import numpy as np
from multiSyncPy.synchrony_metrics import recurrence_matrix, rqa_metrics

N, PEOPLE, RADIUS = 5_000, 4, 1.2


def main():
    noise = np.random.default_rng(1).standard_normal((PEOPLE, N + 9))
    signals = np.array([np.convolve(v, np.ones(10) / 10, "valid") for v in noise])

    def run():
        return rqa_metrics(recurrence_matrix(signals, RADIUS), min_length=2)

    taken = []
    for _ in range(5):
        start = time.process_time_ns()
        rec, det, *_ = run()
        taken.append((time.process_time_ns() - start) * 1e-9)
    tracemalloc.start()
    run()
    peak_mb = tracemalloc.get_traced_memory()[1] / 2**20
    told = {"mdrqa": sorted(taken)[2], "peak_mb": peak_mb, "rec": float(rec), "det": float(det)}
    print(json.dumps(told | {"version": version("multiSyncPy")}))


if __name__ == "__main__":
    main()
