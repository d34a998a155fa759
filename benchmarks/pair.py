"""``syntony pair`` on two files of 50 min at 4 Hz with 999 draws, each time a fresh process.

Run: python benchmarks/pair.py
The first call ever is one with an empty cache of compiled kernels. Memory is the largest
resident size of the process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from figures import clean_environment, figure, fresh

from syntony.core.seeds import rng_for
from syntony.simulate.dyad import PairSetup, make_pair

MINUTES, RATE_HZ, TIMES = 50, 4.0, 5


def write_files(folder: Path) -> list[str]:
    made = make_pair(
        rng_for(1, "benchmark"), PairSetup(duration_s=60.0 * MINUTES, rate_hz=RATE_HZ, share=0.5)
    )
    paths = []
    for name, signal in zip(("patient.csv", "therapist.csv"), made.signals, strict=True):
        rows = (f"{i / RATE_HZ:.2f},{v:.5f}" for i, v in enumerate(signal.values))
        (folder / name).write_text("\n".join(["time,eda", *rows]) + "\n", encoding="utf-8")
        paths.append(str(folder / name))
    return paths


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = write_files(folder)
        facts = ["--kind", "eda", "--unit", "uS", "--time-column", "time", "--together"]

        def command(name: str) -> list[str]:
            return ["-m", "syntony", "pair", *files, *facts, "--out", str(folder / name)]

        warm = clean_environment(NUMBA_CACHE_DIR=str(folder / "cache"))
        first = fresh(command("first"), warm)
        runs = [fresh(command(f"run{k}"), warm) for k in range(TIMES)]
    figure("pair, 50 min, 999 draws, wall", median(r.seconds for r in runs), "s", at_most=4)
    figure("pair, largest memory", max(r.megabytes for r in runs), "MB", at_most=450)
    figure("pair, the first call ever, wall", first.seconds, "s", at_most=12)
    figure("pair, the first call ever, memory", first.megabytes, "MB")


if __name__ == "__main__":
    main()
