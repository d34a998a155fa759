"""Coverage and false alarms of the models, over made studies whose coefficients are known.

Finished parts are kept in ``.bench/models``; the same command goes on from there, also with more
studies.

    python benchmarks/models_coverage.py --studies 200 --only apim
    python benchmarks/models_coverage.py --studies 2000 --write
"""

import argparse
import json
import time
from pathlib import Path

from scipy.stats import binom

from syntony.trials.model_coverage import one_study, summary
from syntony.trials.model_studies import WORLDS

PART = 50
ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "methods" / "models_coverage.json"


def part(home, world, planted, number):
    name = world.replace(", ", "-").replace(" ", "_")
    path = home / f"{name}-{'planted' if planted else 'none'}-{number:04d}.json"
    if path.exists():
        return json.loads(path.read_text("utf-8"))
    begun = time.process_time()
    some = range(number * PART, (number + 1) * PART)
    rows = [r for k in some for r in one_study(world, planted, k)]
    held = {"seconds": time.process_time() - begun, "rows": rows}
    home.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_text(json.dumps(held), "utf-8")
    half.replace(path)
    return held


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--studies", type=int, default=200)
    ask.add_argument("--only", choices=list(WORLDS), action="append")
    ask.add_argument("--keep", type=Path, default=ROOT / ".bench" / "models")
    ask.add_argument("--write", action="store_true", help="write the figures of the manual")
    given = ask.parse_args()
    limit = binom.ppf(0.99, given.studies, 0.05) / given.studies
    print(f"{given.studies} studies; claims of nothing should stay below {limit:.1%}")
    told = []
    for world in given.only or WORLDS:
        for planted in (True, False):
            parts = [part(given.keep, world, planted, n) for n in range(given.studies // PART)]
            seconds = sum(p["seconds"] for p in parts)
            what = "planted" if planted else "nothing planted"
            print(f"\n{world}, {what}: {seconds:.0f} s of CPU")
            for row in summary(r for p in parts for r in p["rows"]):
                told.append({"world": world, "planted": planted, **row})
                cover = "" if row["coverage"] is None else f"{row['coverage']:.1%}"
                flips = "" if row["flips"] is None else f"{row['flips']:.1%}"
                mean = "" if row["mean"] is None else f"{row['mean']:.3f}"
                print(
                    f"  {row['term']:24} truth {row['truth']} mean {mean:>7} coverage {cover:>6} "
                    f"(of {row['with_interval']}) claims {row['claims']:.1%} flips {flips}"
                )
    if given.write:
        whole = {"studies": given.studies, "limit": float(limit), "rows": told}
        PAGE.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
