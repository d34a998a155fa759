"""Time of dtaidistance's banded distance in C, on the input of ../dtw.py."""

import json
import os

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

import time
from importlib.metadata import version

import numpy as np
from dtaidistance import dtw

SIZES = ((2_400, 20), (12_000, 20), (12_000, 80), (12_000, 240))


def main():
    told = {"version": version("dtaidistance")}
    for n, band in SIZES:
        x, y = np.cumsum(np.random.default_rng(1).standard_normal((2, n)), axis=1)
        taken = []
        for _ in range(15):
            start = time.process_time_ns()
            distance = dtw.distance_fast(x, y, window=band + 1)
            taken.append((time.process_time_ns() - start) * 1e-9)
        told |= {f"{n} {band}": sorted(taken)[7], f"{n} {band} distance": distance}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
