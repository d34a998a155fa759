"""How often intervals of accuracy hold what was planted, and how often nothing is called something.

2,000 made studies of 20 dyads by default, and as many in which every perceiver is in four dyads
and has habits, half of the variance of accuracy. Every 50 studies are kept in the cache, so that a
run that was stopped goes on where it was. Writes docs/methods/accuracy-coverage.md and .json.

    python benchmarks/accuracy_coverage.py [--studies 2000] [--dyads 20] [--minutes 10] [--jobs 2]
        [--cache FOLDER] [--only-write]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from figures import machine

from syntony.core.files import read_arrays, write_arrays
from syntony.core.seeds import rng_for
from syntony.trials.accuracy_coverage import (
    NOTHING,
    PLANTED,
    RatedDyads,
    alarms_of,
    intervals_of,
    shared_intervals_of,
    truth_of,
)
from syntony.trials.null_table import Count

SEED = 20261129
VERSION = 2  # raise it where a change of the program changes a figure
BLOCK = 50
SHARED = {"per_perceiver": 4, "habit": 0.5}
SHARED_TITLES = {
    "dyads": "dyads as the cases (as if nobody were shared)",
    "blocks": "dyads of one perceiver taken together",
}
LAGS = ("zero", "best", "estimated")
TITLES = {
    "accuracy": "accuracy, mean Fisher z",
    "bias": "bias, mean difference",
    "truth_force": "truth force",
    "bias_force": "assumed similarity, truth held constant",
    "reaction_lag": "lag of the perceiver behind the target, s",
}
NULLS = {"pseudo_dyads": "strangers", "rating_rotation": "ratings rotated within sessions"}
DOCS = Path(__file__).parents[1] / "docs" / "methods"


def block_path(cache: Path, size: RatedDyads, number: int) -> Path:
    shared = f"-{size.per_perceiver}-{size.habit:g}" if size.habit else ""
    folder = f"v{VERSION}-{SEED}-{size.dyads}x{size.minutes:g}{shared}"
    return cache / folder / f"{number:04d}.npz"


def do_block(number: int, cache: Path, size: RatedDyads) -> float:
    """Make the studies of a block; processor seconds."""
    began = time.process_time()
    held: dict[str, list[Any]] = {}
    for study in range(number * BLOCK, (number + 1) * BLOCK):
        seed = int(rng_for(SEED, "accuracy", study).integers(2**31))
        if size.habit:
            for name, interval in shared_intervals_of(seed, PLANTED, size).items():
                held.setdefault(f"in_{name}", []).append(interval)
            continue
        for name, interval in intervals_of(seed, PLANTED, size).items():
            held.setdefault(f"in_{name}", []).append(interval)
        for lag in LAGS:
            for name, p in alarms_of(seed + 1, NOTHING, size, lag=lag).items():
                held.setdefault(f"p_{lag}_{name}", []).append(p)
    arrays = {name: np.array(values) for name, values in held.items()}
    seconds = time.process_time() - began
    write_arrays(block_path(cache, size, number), arrays | {"cpu_s": np.array(seconds)})
    return seconds


def make_blocks(given: argparse.Namespace, size: RatedDyads) -> None:
    numbers = range(-(-given.studies // BLOCK))
    todo = [k for k in numbers if not block_path(given.cache, size, k).exists()]
    if not todo:
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(do_block, k, given.cache, size) for k in todo]
        for done, future in enumerate(as_completed(waiting), 1):
            cost = future.result()
            left = cost * (len(todo) - done) / given.jobs / 60
            print(f"{done} of {len(todo)} blocks, about {left:.0f} min to go", flush=True)


def read_blocks(given: argparse.Namespace, size: RatedDyads) -> dict[str, np.ndarray]:
    paths = [block_path(given.cache, size, k) for k in range(-(-given.studies // BLOCK))]
    parts = [read_arrays(p) for p in paths if p.exists()]
    names = [n for n in parts[0] if n != "cpu_s"]
    return {n: np.concatenate([p[n] for p in parts])[: given.studies] for n in names}


def rows_of(held: dict[str, np.ndarray]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of both tables: what intervals hold, and what passes where nothing is."""
    intervals, alarms = [], []
    for name, true in truth_of(PLANTED).items():
        intervals.append(covered(name, true, held[f"in_{name}"]))
    for lag in LAGS:
        for name in NULLS:
            p = held[f"p_{lag}_{name}"]
            count = Count(passed=int((p <= 0.05).sum()), n=p.size)
            alarms.append(
                {
                    "lag": lag,
                    "chance": name,
                    "passed": round(count.rate, 4),
                    "limit": round(upper_limit(p.size), 4),
                    "studies": p.size,
                }
            )
    return intervals, alarms


def covered(name: str, true: float, held: np.ndarray) -> dict[str, Any]:
    """How often intervals, shape (n_studies, 3), hold what is true."""
    value, low, high = held.T
    count = Count(passed=int(((low <= true) & (true <= high)).sum()), n=value.size)
    near, far = count.interval()
    return {
        "estimate": name,
        "planted": round(true, 4),
        "mean": round(float(np.nanmean(value)), 4),
        "covered": round(count.rate, 4),
        "low": round(near, 4),
        "high": round(far, 4),
        "width": round(float(np.nanmedian(high - low)), 3),
        "studies": value.size,
    }


def shared_rows(given: argparse.Namespace, size: RatedDyads) -> list[dict[str, Any]]:
    """What intervals of mean accuracy hold where perceivers are shared."""
    held = read_blocks(given, size)
    return [covered(name, PLANTED.accuracy, held[f"in_{name}"]) for name in SHARED_TITLES]


def upper_limit(n: int) -> float:
    """Upper 99 % binomial limit around .05."""
    from scipy.stats import binom

    return float(binom.ppf(0.995, n, 0.05) / n)


def page(given: argparse.Namespace, size: RatedDyads) -> tuple[str, dict[str, Any]]:
    intervals, alarms = rows_of(read_blocks(given, size))
    shared = shared_rows(given, replace(size, **SHARED))
    told = {
        "settings": vars(given) | {"cache": ""},
        "intervals": intervals,
        "shared": shared,
        "alarms": alarms,
    }
    lines = [
        "# How good are the intervals of accuracy?",
        "",
        f"Measured on {intervals[0]['studies']:,} simulated studies of {size.dyads} dyads, one "
        f"session of {size.minutes:g} minutes each, ratings compared once a second "
        "(`benchmarks/accuracy_coverage.py`). Between seconds the ratings remember about "
        f"{PLANTED.memory_s:g} s.",
        "",
        "| estimate | planted | mean estimate | 95 % interval holds it | median width |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {TITLES[r['estimate']]} | {r['planted']:g} | {r['mean']:g} | "
        f"{100 * r['covered']:.1f} % ({100 * r['low']:.1f} to {100 * r['high']:.1f}) | "
        f"{r['width']:g} |"
        for r in intervals
    ]
    lines += [
        "",
        f"The same with every perceiver in {SHARED['per_perceiver']} dyads (a therapist of "
        f"{SHARED['per_perceiver']} patients), {100 * SHARED['habit']:.0f} % of the variance of "
        f"accuracy over dyads being the perceiver’s ({shared[0]['studies']:,} studies). "
        "What a run writes is the second row.",
        "",
        "| interval of mean accuracy | planted | mean estimate | 95 % interval holds it "
        "| median width |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {SHARED_TITLES[r['estimate']]} | {r['planted']:g} | {r['mean']:g} | "
        f"{100 * r['covered']:.1f} % ({100 * r['low']:.1f} to {100 * r['high']:.1f}) | "
        f"{r['width']:g} |"
        for r in shared
    ]
    lines += [
        "",
        "Where no accuracy was planted, shares of studies with p at or below .05 (one-sided); the "
        "upper 99 % binomial limit around .05 stands beside them.",
        "",
        "| lag | chance | called accurate | limit |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {r['lag']} | {NULLS[r['chance']]} | {100 * r['passed']:.1f} % | "
        f"{100 * r['limit']:.1f} % |"
        for r in alarms
    ]
    return "\n".join([*lines, "", machine(), ""]), told


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--studies", type=int, default=2000)
    ask.add_argument("--dyads", type=int, default=20)
    ask.add_argument("--minutes", type=float, default=10.0)
    ask.add_argument("--jobs", type=int, default=2)
    ask.add_argument("--only-write", action="store_true")
    ask.add_argument("--dry", action="store_true", help="print the page; write nothing")
    cache = Path(platformdirs.user_cache_dir("syntony")) / "accuracy-coverage"
    ask.add_argument("--cache", type=Path, default=cache)
    given = ask.parse_args()
    size = RatedDyads(dyads=given.dyads, minutes=given.minutes)
    if not given.only_write:
        make_blocks(given, size)
        make_blocks(given, replace(size, **SHARED))
    text, told = page(given, size)
    if given.dry:
        print(text)
        return
    (DOCS / "accuracy-coverage.md").write_text(text, encoding="utf-8")
    kept = json.dumps(
        told | {"settings": {k: str(v) for k, v in told["settings"].items()}}, indent=1
    )
    (DOCS / "accuracy-coverage.json").write_text(kept + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
