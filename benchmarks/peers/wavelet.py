"""Times of pycwt and HyPyP, in an environment that has them; prints one JSON object."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import json  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from importlib.metadata import version  # noqa: E402

import numpy as np  # noqa: E402

warnings.simplefilter("ignore")

N, RATE_HZ, VOICES, SCALES = 12_000, 4.0, 12, 121


def cpu_s(call, times=3):
    call()
    taken = []
    for _ in range(times):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return min(taken)


def main():
    import pycwt
    from hypyp.wavelet import ComplexMorletWavelet
    from hypyp.wavelet.pair_signals import PairSignals

    x, y = np.cumsum(np.random.default_rng(1).standard_normal((2, N)), axis=1)

    def by_pycwt():
        pycwt.wct(x, y, 1 / RATE_HZ, dj=1 / VOICES, s0=-1, J=SCALES - 1, sig=False)

    names = {f"label_{k}": k for k in ("s1", "s2", "ch1", "ch2", "dyad", "task")}
    pair = PairSignals(np.arange(N) / RATE_HZ, x, y, **names)
    periods = (2 / RATE_HZ, 2 / RATE_HZ * 2 ** (SCALES / VOICES))

    def by_hypyp():
        ComplexMorletWavelet(period_range=periods, dj=1 / VOICES).wtc(pair)

    told = {
        "pycwt": cpu_s(by_pycwt),
        "pycwt_version": version("pycwt"),
        "hypyp": cpu_s(by_hypyp),
        "hypyp_version": version("hypyp"),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
