"""How often the 95 % intervals of r and d hold the truth: 2,000 made studies, N = 6 to 60.

The truth is that of the index as measured: r and d over the dyads of all studies. Every 20
studies are kept in the cache, so that a run that was stopped goes on where it was. Writes
docs/methods/coverage.md and .json.

    python benchmarks/interval_coverage.py [--studies 2000] [--minutes 15] [--jobs 2]
        [--dyads 6 12 20 60] [--cache FOLDER] [--only-write]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from figures import machine

from syntony.core.files import read_arrays, write_arrays
from syntony.core.seeds import rng_for
from syntony.trials.coverage import INTERVALS, Measured, Truth, intervals_of, measured, truth_of
from syntony.trials.null_table import Count

SEED = 20261129
VERSION = 1  # raise it where a change of the program changes a figure
BLOCK = 20
DYADS = 60
DOCS = Path(__file__).parents[1] / "docs" / "methods"


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


def coverages(studies: list[Measured], n: int, truth: Truth, most: int) -> list[dict[str, Any]]:
    """How often each interval holds the truth in studies of ``n`` dyads, none in two of them."""
    cut = [part for study in studies for part in study.parts(n)][:most]
    found = [intervals_of(study, k) for k, study in enumerate(cut)]
    rows = []
    for name in INTERVALS:
        value, low, high = np.stack([f[name] for f in found]).T
        true = truth.r if name.startswith("r") else truth.d
        held = Count(passed=int(((low <= true) & (true <= high)).sum()), n=len(cut))
        near, far = held.interval()
        rows.append(
            {
                "interval": name,
                "dyads": n,
                "truth": round(true, 4),
                "mean": round(float(value.mean()), 4),
                "covered": round(held.rate, 4),
                "low": round(near, 4),
                "high": round(far, 4),
                "below": round(float((true < low).mean()), 4),
                "above": round(float((true > high).mean()), 4),
                "width": round(float(np.median(high - low)), 3),
                "studies": len(cut),
            }
        )
    return rows


NAMES = {
    "r_fisher": "r of index and score, Fisher",
    "r_bootstrap": "r of index and score, bootstrap (BCa)",
    "d_bootstrap": "d, real beside pseudo-dyads, bootstrap over dyads (expanded percentile)",
    "d_percentile": "the same by plain percentiles (not in the report)",
}


def page(rows: list[dict[str, Any]], truth: Truth, how: dict[str, Any]) -> str:
    """The whole page."""
    lines = [
        "| interval | dyads | studies | holds the truth | truth below / above it | median width |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        covered, low, high = (100 * row[k] for k in ("covered", "low", "high"))
        met = "" if 93 <= covered <= 97 else " (outside 93 to 97 %)"
        lines.append(
            f"| {NAMES[row['interval']]} | {row['dyads']} | {row['studies']:,} | {covered:.1f} % "
            f"({low:.1f} to {high:.1f}){met} | {100 * row['below']:.1f} % / "
            f"{100 * row['above']:.1f} % | {row['width']:.2f} |"
        )
    table = "\n".join(lines)
    asked = how["asked"]
    short = f" (**not finished:** {asked:,} are meant)" if how["studies"] < asked else ""
    return f"""# How often an interval holds the truth

A 95 % interval should hold the true value in 95 of 100 studies. Here that is counted over
simulated studies whose dyads *are* coupled, some more and some less, as in the demo. All data on
this page are simulated.

**What is the truth?** Not the planted correlation, but that of the index *as it can be measured*
in a session of {how["minutes"]:g} minutes: the r, or the d, of all {truth.dyads:,} simulated dyads
together ({truth.pairs:,} pseudo-dyads). It is r = {truth.r:.3f} and d = {truth.d:.3f}. The r is
smaller than the planted .47 because a short session measures coupling with noise.

{table}

In brackets: 99 % binomial interval of the share. The bar is 93 to 97 % with 20 and 60 dyads.

## How to read this

* An interval that holds the truth less often than it says makes a study look more certain than it
  is.
* With 20 dyads the intervals are *wide*. They are honest, not precise: a single small study says
  little about how strong the link is.
* Six dyads are the fewest that are tested. Their d says next to nothing, and its interval shows it.
* The plain percentile interval of d is shown to say why the report does not use it: it serves with
  20 dyads and more, but in small studies a bootstrap varies too little. The expanded one reads its
  quantiles farther out, by sqrt(n / (n - 1)) and Student's t, and is a little too wide there
  rather than too narrow.

## How it was made

`{how["command"]}`, seed {SEED}, on {how["machine"]}, {how["made_at"]}: {how["hours"]:.2f} processor
hours of making and measuring. Single session index with its defaults; every dyad has a therapist
of its own. {how["studies"]:,} studies of {DYADS} dyads were made{short}; each was also cut into
smaller studies that have no dyad in common, so the rows of one interval are not independent of
each other. 2,000 bootstrap samples. The intervals are those of the program
(`link.dyadic.fisher_interval`, `link.intervals.bca_interval`, `surrogates.effects.effect_d`).
"""


def write_page(given: argparse.Namespace) -> None:
    """Write coverage.md and coverage.json from the studies that are there."""
    studies = read_studies(given.cache, given.minutes, given.studies)
    truth = truth_of(studies)
    rows = [row for n in given.dyads for row in coverages(studies, n, truth, given.studies)]
    rows.sort(key=lambda row: INTERVALS.index(row["interval"]))
    numbers = range(-(-given.studies // BLOCK))
    paths = [block_path(given.cache, given.minutes, k) for k in numbers]
    spent = sum(float(read_arrays(p)["cpu_s"]) for p in paths if p.exists())
    how = {
        "command": f"python benchmarks/interval_coverage.py --studies {given.studies} "
        f"--minutes {given.minutes:g}",
        "studies": len(studies),
        "asked": given.studies,
        "minutes": given.minutes,
        "machine": machine(),
        "made_at": time.strftime("%Y-%m-%d"),
        "hours": spent / 3600,
    }
    told = {"how": how, "truth": asdict(truth), "rows": rows}
    (DOCS / "coverage.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (DOCS / "coverage.md").write_text(page(rows, truth, how), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--dyads", type=int, nargs="+", default=(6, 12, 20, 60))
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--jobs", type=int, default=2)
    cache = Path(platformdirs.user_cache_dir("syntony")) / "coverage"
    parser.add_argument("--cache", type=Path, default=cache)
    parser.add_argument("--only-write", action="store_true", help="make nothing, write the page")
    given = parser.parse_args()
    if not given.only_write:
        make_blocks(given)
    write_page(given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
