"""HyPyP's connectivity, numpy and numba, one thread; prints CPU seconds as JSON.

Needs hypyp and numba. Sizes: 64 channels per person, epochs of 512 samples; each measure runs
on as many epochs as some seconds allow, and is scaled to 60 (its cost is the same per epoch).
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import json  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from contextlib import redirect_stderr, redirect_stdout  # noqa: E402
from importlib.metadata import version  # noqa: E402

import numpy as np  # noqa: E402

warnings.filterwarnings("ignore")
EPOCHS = {"plv": 8, "coh": 8, "imaginary_coh": 8, "ccorr": 8, "envelope_corr": 8, "pow_corr": 8}
EPOCHS |= {"wpli": 2, "pli": 1, "accorr": 1}


def main():
    from hypyp.analyses import compute_sync

    rng = np.random.default_rng(1)
    shape = (2, 60, 64, 1, 512)
    z = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    times = {}
    for mode, epochs in EPOCHS.items():
        for how in (None, "numba"):
            compute_sync(z[:, :1, :4], mode, optimization=how)  # compile
            taken = []
            for _ in range(3 if epochs > 1 else 1):
                begin = time.process_time()
                compute_sync(z[:, :epochs], mode, optimization=how)
                taken.append(time.process_time() - begin)
            times[f"{mode} {how or 'numpy'}"] = min(taken) * 60 / epochs
    return times | {"version": version("hypyp")}


if __name__ == "__main__":
    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere), redirect_stdout(nowhere):
        told = main()
    print(json.dumps(told))
