"""What each method costs: one computation, and 999 surrogates; kept in costs.json.

Run: python benchmarks/costs.py [NAME ...]
Size: two people, 50 min at 4 Hz (12,000 samples), options at their defaults. CPU time of compute
and summarise, after a first call that compiles; the median of up to 25 calls. Surrogates are
drawn by the shift within thirds and go through the same path: as many of the 999 as fit into
about 20 s (at least 3), then scaled. With names, only these are measured and the rest is kept.
Not part of all.py: it takes minutes.
"""

import json
import platform
import sys
import time
from pathlib import Path

import numba
import numpy as np
from figures import figure

import syntony.synchrony  # noqa: F401  fills the list
from syntony.core.seeds import rng_for
from syntony.surrogates.registry import get as surrogate
from syntony.synchrony.registry import methods

TARGET = Path(__file__).parents[1] / "src" / "syntony" / "synchrony" / "costs.json"
RATE_HZ, MINUTES, DRAWS, MOST_S = 4.0, 50.0, 999, 20.0


def pair():
    """Two slow signals that share a part, above 0 as skin conductance is."""
    rng = np.random.default_rng(1)
    n = round(60 * MINUTES * RATE_HZ)
    shape = np.hanning(24)
    common, a, b = (np.convolve(rng.standard_normal(n + 23), shape, "valid") for _ in range(3))
    return 8 + 0.2 * (0.6 * common + a), 9 + 0.2 * (0.6 * common + b)


def cpu_s(call):
    began = time.process_time()
    call()
    return time.process_time() - began


def measure(entry, x, y):
    """CPU seconds of one computation and of 999 surrogates."""

    def once(second):
        entry.summarise(entry.of_pair(x, second, rate_hz=RATE_HZ))

    once(y)
    first = cpu_s(lambda: once(y))
    again = [cpu_s(lambda: once(y)) for _ in range(int(min(24, 5.0 / max(first, 1e-4))))]
    once_s = float(np.median([first, *again]))
    draw = surrogate("shift_thirds").draw
    rng = rng_for(1, "costs", entry.name)
    count = int(np.clip(MOST_S / once_s, 3, DRAWS))

    def draws():
        for _ in range(count):
            once(draw(y, rng, rate_hz=RATE_HZ))

    return {
        "once_s": float(f"{once_s:.3g}"),
        "surrogates_s": float(f"{cpu_s(draws) * DRAWS / count:.3g}"),
        "draws_timed": count,
    }


def machine():
    """Processor and versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [x for x in info.read_text("utf-8").splitlines() if x.startswith("model name")]
        cpu = lines[0].split(":")[1].strip() if lines else cpu
    return {
        "processor": cpu,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def main(names):
    x, y = pair()
    kept = json.loads(TARGET.read_text("utf-8"))["methods"] if names and TARGET.exists() else {}
    for name, entry in sorted(methods().items()):
        if (names and name not in names) or not entry.compute.__module__.startswith("syntony."):
            continue
        kept[name] = measure(entry, x, y)
        figure(f"{name}, once", 1e3 * kept[name]["once_s"], "ms")
        figure(f"{name}, 999 surrogates", kept[name]["surrogates_s"], "s")
    told = {
        "machine": machine(),
        "pair": {"minutes": MINUTES, "rate_hz": RATE_HZ},
        "methods": dict(sorted(kept.items())),
    }
    TARGET.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
