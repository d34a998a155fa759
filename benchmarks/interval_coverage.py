"""How often the 95 % intervals of r and d hold the truth: 2,000 made studies, N = 20 and 60.

The truth is that of the index as measured: r and d over the dyads of all studies. Every 20
studies are kept in the cache, so that a run that was stopped goes on where it was. Writes
docs/methods/coverage.md and .json.

    python benchmarks/interval_coverage.py [--studies 2000] [--minutes 15] [--jobs 2] [--cache FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import platformdirs

from syntony.core.files import read_arrays, write_arrays
from syntony.core.seeds import rng_for
from syntony.trials.coverage import Measured, measured

SEED = 20261129
VERSION = 1  # raise it where a change of the program changes a figure
BLOCK = 20
DYADS = 60


def block_path(cache: Path, minutes: float, number: int) -> Path:
    return cache / f"v{VERSION}-{SEED}-{minutes:g}min" / f"{number:04d}.npz"


def seed_of(study: int) -> int:
    return int(rng_for(SEED, "coverage", study).integers(2**31))


def do_block(number: int, cache: Path, minutes: float) -> float:
    """Make the studies of a block; processor seconds."""
    began = time.process_time()
    studies = range(number * BLOCK, (number + 1) * BLOCK)
    made = [measured(seed_of(k), dyads=DYADS, minutes=minutes) for k in studies]
    arrays = {
        "score": np.stack([m.score for m in made]),
        "index": np.stack([m.index for m in made]),
        "cpu_s": np.array(time.process_time() - began),
    }
    write_arrays(block_path(cache, minutes, number), arrays)
    return float(arrays["cpu_s"])


def read_studies(cache: Path, minutes: float, count: int) -> list[Measured]:
    """Studies that are there, as many as were asked for at most."""
    found: list[Measured] = []
    for number in range(-(-count // BLOCK)):
        path = block_path(cache, minutes, number)
        if path.exists():
            saved = read_arrays(path)
            found += [
                Measured(score=s, index=i)
                for s, i in zip(saved["score"], saved["index"], strict=True)
            ]
    return found[:count]


def make_blocks(given: argparse.Namespace) -> None:
    """Make all blocks that are not there yet, and say beforehand what that takes."""
    numbers = range(-(-given.studies // BLOCK))
    todo = [k for k in numbers if not block_path(given.cache, given.minutes, k).exists()]
    if not todo:
        return
    measured(1, dyads=4, minutes=given.minutes)
    began = time.process_time()
    measured(2, dyads=DYADS, minutes=given.minutes)
    hours = (time.process_time() - began) * len(todo) * BLOCK / 3600
    print(f"about {hours:.2f} processor hours to go", flush=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(do_block, k, given.cache, given.minutes) for k in todo]
        for done, future in enumerate(as_completed(waiting), 1):
            future.result()
            print(f"{time.strftime('%H:%M:%S')}  {done} of {len(todo)} blocks", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--jobs", type=int, default=2)
    cache = Path(platformdirs.user_cache_dir("syntony")) / "coverage"
    parser.add_argument("--cache", type=Path, default=cache)
    make_blocks(parser.parse_args())
    return 0


if __name__ == "__main__":
    sys.exit(main())
