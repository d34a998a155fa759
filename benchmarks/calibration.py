"""How often strangers pass: six null worlds beside the methods and surrogates of a recipe.

Says first how many processor hours it will take. A cell is 1,000 made studies of 12 dyads x
15 minutes with 99 draws; where more pass at .05 than the upper 99 % binomial limit allows,
fresh studies decide. Every 25 studies are kept in the cache, so that a run that was stopped goes
on where it was. Writes docs/methods/calibration.md, .json and .svg.

    python benchmarks/calibration.py [--studies 1000] [--costly 200] [--fresh 10000]
        [--worlds stationary gaps] [--jobs 2] [--cache FOLDER] [--only-write]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import platformdirs
from calibration_blocks import BLOCK, Block, do_blocks, seed_of

from syntony.pipeline.plan import PARTNERS
from syntony.trials.null_study import METHODS, NullStudy, outcomes

WORLDS = ("stationary", "shared_shape", "shared_activity", "one_flat", "unequal_noise", "gaps")
OFFERED = (PARTNERS, "shift_thirds", "circular_shift", "segment_shuffle")
COSTLY = ("phase_randomisation", "autoregressive")
FIRST, FRESH = "first", "fresh"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000, help="studies of a cell")
    parser.add_argument("--costly", type=int, default=200, help="studies with slow surrogates")
    parser.add_argument("--fresh", type=int, default=10_000, help="most fresh studies of a cell")
    parser.add_argument("--worlds", nargs="+", default=WORLDS, choices=WORLDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=_cache())
    given = parser.parse_args()
    print(f"blocks are kept in {given.cache}")
    first = first_blocks(given.worlds, OFFERED, given.studies)
    costly = first_blocks(given.worlds, COSTLY, given.costly)
    _say_hours(given, first, costly)
    do_blocks(first, given.cache, jobs=given.jobs, say=_say)
    do_blocks(costly, given.cache, jobs=given.jobs, say=_say)
    return 0


def _cache() -> Path:
    return Path(platformdirs.user_cache_dir("syntony")) / "calibration"


def first_blocks(worlds: list[str], surrogates: tuple[str, ...], studies: int) -> list[Block]:
    """Blocks of the first stage, all worlds in turn so that a stopped run has some of each."""
    asked = [NullStudy(world=w, methods=METHODS, surrogates=surrogates) for w in worlds]
    return [Block(a, FIRST, k) for k in range(-(-studies // BLOCK)) for a in asked]


def _say_hours(given: argparse.Namespace, *groups: list[Block]) -> None:
    """Estimate the processor hours of what is not there yet from two studies of each kind."""
    hours = 0.0
    for blocks in groups:
        todo = [b for b in blocks if not b.path(given.cache).exists()]
        for asked in {b.asked.world: b.asked for b in todo}.values():
            outcomes(seed_of(asked.world, "estimate", 0), asked)
            began = time.process_time()
            for study in (1, 2):
                outcomes(seed_of(asked.world, "estimate", study), asked)
            each = (time.process_time() - began) / 2
            count = sum(b.asked.world == asked.world for b in todo)
            hours += each * count * BLOCK / 3600
    print(f"about {hours:.2f} processor hours to go, before fresh studies", flush=True)


def _say(done: int, of: int) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {done} of {of} blocks", flush=True)


if __name__ == "__main__":
    sys.exit(main())
