"""Wavelet coherence of two people, and its threshold against red noise, beside pycwt and HyPyP.

Run: python benchmarks/wavelet.py  (SYNTONY_PEERS names the Python that has the peers)
Sizes: 50 min at 4 Hz (12,000 samples), 121 scales, 12 to the octave, from the shortest; each of
the times is computed and given. CPU time of one thread, the best of several calls; the
threshold is that of 300 pairs of noise, once.
"""

import time

import numpy as np
from figures import figure, peer_times

from syntony.synchrony._wavelet import make_plan, periods
from syntony.synchrony._wavelet_map import coherence_map
from syntony.synchrony.red_noise import red_noise_threshold
from syntony.synchrony.registry import get
from syntony.synchrony.wavelet import wavelet_coherence

N, RATE_HZ, VOICES, SCALES = 12_000, 4.0, 12, 121
BAND_HZ = (2.0 / 2 ** ((SCALES - 1) / VOICES), 2.0)


def cpu_s(call, times=9):
    """Fewest CPU seconds of a call."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return min(taken)


def main():
    rng = np.random.default_rng(1)
    x, y = np.cumsum(rng.standard_normal((2, N)), axis=1)
    gappy = np.where(rng.random(N) < 0.02, np.nan, x)
    plan = make_plan(N, RATE_HZ, BAND_HZ, VOICES, 1, "grinsted", whole=True)
    whole = cpu_s(lambda: coherence_map(x, y, plan))
    figure("coherence and phase, 12,000 x 121", 1e3 * whole, "ms")
    peers = peer_times("wavelet")
    for name in ("pycwt", "hypyp") if peers else ():
        figure(f"{name} {peers[f'{name}_version']}", 1e3 * peers[name], "ms")
        figure(f"faster than {name}", peers[name] / whole, "times", at_least=2)
    missing = cpu_s(lambda: coherence_map(gappy, y, plan), 3)
    figure("2 % missing singly, slower than without", missing / whole, "times")
    entry = get("wavelet_coherence")
    draw = cpu_s(lambda: wavelet_coherence(x, y, rate_hz=RATE_HZ))
    coupling = wavelet_coherence(x, y, rate_hz=RATE_HZ)
    figure("one draw at the defaults: compute", 1e3 * draw, "ms")
    figure("one draw: summarise", 1e3 * cpu_s(lambda: entry.summarise(coupling)), "ms")
    period_s = tuple(periods(*BAND_HZ, VOICES, "grinsted").tolist())
    options = {"count": 300, "level": 0.95, "seed": 1}
    for what, some in (("121 scales", period_s), ("56 scales (default)", None)):
        chosen = some or tuple(periods(0.01, 0.25, VOICES, "grinsted").tolist())
        start = time.process_time()
        red_noise_threshold(0.9, 0.95, N, RATE_HZ, chosen, VOICES, "grinsted", **options)
        spent = time.process_time() - start
        figure(f"threshold of 300 surrogates, {what}", spent, "s", at_most=60)


if __name__ == "__main__":
    main()
