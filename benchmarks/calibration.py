"""How often strangers pass: six null worlds beside the methods and surrogates of a recipe.

Says first how many processor hours it will take. A cell is 1,000 made studies of 12 dyads x
15 minutes with 99 draws; where more pass at .05 than the upper 99 % binomial limit allows,
fresh studies decide. Every 25 studies are kept in the cache, so that a run that was stopped goes
on where it was. Writes docs/methods/calibration.md, .json and .svg, and calibration.json of the
package, from which a run quotes.

    python benchmarks/calibration.py [--studies 1000] [--costly 200] [--fresh 10000]
        [--fresh-hours 6] [--worlds stationary gaps] [--jobs 2] [--cache FOLDER] [--only-write]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import platformdirs
from calibration_blocks import BLOCK, SEED, Block, do_blocks, seed_of
from calibration_cells import FRESH, Cell, first_cells, fresh_counts, with_fresh
from calibration_page import write_all
from figures import machine

from syntony.pipeline.plan import STRANGERS
from syntony.trials.null_study import METHODS, NullStudy, outcomes
from syntony.trials.null_table import is_settled, limits

WORLDS = ("stationary", "shared_shape", "shared_activity", "one_flat", "unequal_noise", "gaps")
OFFERED = (STRANGERS, "shift_thirds", "circular_shift", "segment_shuffle")
COSTLY = ("phase_randomisation", "autoregressive")
FIRST = "first"
AT_ONCE = 20  # blocks of fresh studies between two looks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000, help="studies of a cell")
    parser.add_argument("--costly", type=int, default=200, help="studies with slow surrogates")
    parser.add_argument("--fresh", type=int, default=10_000, help="most fresh studies of a cell")
    parser.add_argument("--worlds", nargs="+", default=WORLDS, choices=WORLDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=_cache())
    parser.add_argument("--fresh-hours", type=float, default=6.0, help="processor hours for them")
    parser.add_argument("--only-write", action="store_true", help="make nothing, write the page")
    given = parser.parse_args()
    print(f"blocks are kept in {given.cache}")
    first = first_blocks(given.worlds, OFFERED, given.studies)
    first += first_blocks(given.worlds, COSTLY, given.costly)
    if not given.only_write:
        _say_hours(given, first)
        do_blocks(first, given.cache, jobs=given.jobs, say=_say)
        do_fresh(given, first)
    cells, leaders, spent = first_cells(first, given.cache)
    fresh, spent_fresh = fresh_counts(given.cache)
    told = _how(given, spent / 3600, spent_fresh / 3600)
    write_all(_in_order(with_fresh(cells, fresh)), leaders, told)
    return 0


def _in_order(cells: list[Cell]) -> list[Cell]:
    """By world, method and surrogate as they are listed here."""
    surrogates = OFFERED + COSTLY
    return sorted(
        cells,
        key=lambda c: (
            WORLDS.index(c.world),
            METHODS.index(c.method),
            surrogates.index(c.surrogate),
        ),
    )


def _how(given: argparse.Namespace, first_hours: float, fresh_hours: float) -> dict[str, Any]:
    """What the page says of its own making."""
    asked = NullStudy(world=WORLDS[0])
    return {
        "command": f"python benchmarks/calibration.py --studies {given.studies} "
        f"--costly {given.costly} --fresh {given.fresh} --fresh-hours {given.fresh_hours:g}",
        "seed": SEED,
        "machine": machine(),
        "made_at": time.strftime("%Y-%m-%d"),
        "first_hours": first_hours,
        "fresh_hours": fresh_hours,
        "fresh": given.fresh,
        "studies": given.studies,
        "costly": COSTLY,
        "dyads": asked.dyads,
        "minutes": asked.minutes,
        "draws": asked.draws,
    }


def do_fresh(given: argparse.Namespace, first: list[Block]) -> None:
    """Make fresh studies for cells that are above, until each is settled or time is over.

    Cells of people who never met come first, then those nearest to the limit: a rate far above
    is settled soon.
    """
    number = 0
    while number * BLOCK < given.fresh:
        cells, _, _ = first_cells(first, given.cache)
        counts, spent = fresh_counts(given.cache)
        open_ = [
            c
            for c in with_fresh(cells, counts)
            if c.first.passed > limits(c.first.n)[1]
            and c.fresh.n < given.fresh
            and not is_settled(c.fresh)
        ]
        if not open_ or spent > 3600 * given.fresh_hours:
            return
        number = min(c.fresh.n for c in open_) // BLOCK
        todo = _fresh_blocks(open_, number, given.fresh)
        print(f"fresh studies from {number * BLOCK} on, {len(open_)} cells", flush=True)
        do_blocks(todo, given.cache, jobs=given.jobs, say=_say)


def _fresh_blocks(cells: list[Cell], number: int, most: int) -> list[Block]:
    """Next blocks of every world with an open cell, with what its open cells need."""
    blocks = []
    for world in sorted({c.world for c in cells}, key=lambda w: _urgency(cells, w)):
        here = [c for c in cells if c.world == world and c.fresh.n // BLOCK == number]
        if not here:
            continue
        asked = NullStudy(
            world=world,
            methods=tuple(m for m in METHODS if m in {c.method for c in here}),
            surrogates=tuple(s for s in OFFERED + COSTLY if s in {c.surrogate for c in here}),
        )
        last = min(number + AT_ONCE, -(-most // BLOCK))
        blocks += [Block(asked, FRESH, k) for k in range(number, last)]
    return blocks


def _urgency(cells: list[Cell], world: str) -> tuple[bool, float]:
    """Strangers first, then rates near the limit."""
    here = [c for c in cells if c.world == world]
    return STRANGERS not in {c.surrogate for c in here}, min(c.first.rate for c in here)


def _cache() -> Path:
    return Path(platformdirs.user_cache_dir("syntony")) / "calibration"


def first_blocks(worlds: list[str], surrogates: tuple[str, ...], studies: int) -> list[Block]:
    """Blocks of the first stage, all worlds in turn so that a stopped run has some of each."""
    asked = [NullStudy(world=w, methods=METHODS, surrogates=surrogates) for w in worlds]
    return [Block(a, FIRST, k) for k in range(-(-studies // BLOCK)) for a in asked]


def _say_hours(given: argparse.Namespace, blocks: list[Block]) -> None:
    """Estimate the processor hours of what is not there yet from two studies of each kind."""
    hours = 0.0
    todo = [b for b in blocks if not b.path(given.cache).exists()]
    for asked in dict.fromkeys(b.asked for b in todo):
        outcomes(seed_of(asked.world, "estimate", 0), asked)
        began = time.process_time()
        for study in (1, 2):
            outcomes(seed_of(asked.world, "estimate", study), asked)
        each = (time.process_time() - began) / 2
        hours += each * sum(b.asked == asked for b in todo) * BLOCK / 3600
    print(f"about {hours:.2f} processor hours to go, before fresh studies", flush=True)


def _say(done: int, of: int) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {done} of {of} blocks", flush=True)


if __name__ == "__main__":
    sys.exit(main())
