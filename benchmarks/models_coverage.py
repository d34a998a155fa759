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
PAGE = ROOT / "docs" / "methods" / "models-coverage.json"


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


WORDS = """# How good are the intervals of the models?

Measured on {studies:,} simulated studies a world
(`python benchmarks/models_coverage.py --studies {studies} --write`). The worlds are named after
the model fitted and the size of the study; they are made at the level of index and score, without
signals (`syntony.trials.model_studies`). All data on this page are simulated.

An interval of 95 % should hold the truth in 93 to 97 of 100 studies. Where nothing is planted, a
term should be claimed (p at or below .05) in no more than {limit:.2%} of the studies, the upper
99 % binomial limit around 5. *Flips* are the second opinion, the signs of whole clusters turned.

| world | term | truth | mean estimate | interval holds it | claimed | flips |
| --- | --- | --- | --- | --- | --- | --- |
"""
END = """
`few` is a study of 6 therapists, 18 dyads and 4 sessions each: its intervals lean to the safe side.
`threshold` gives an interval only where the search found a threshold, so with nothing planted the
few intervals are those of false alarms, chosen for lying away from 0; what counts there is how
often one is claimed.
"""


def page(whole):
    """The same figures as a page of the manual."""
    rows = []
    for row in whole["rows"]:
        share = ("" if row[k] is None else f"{row[k]:.1%}" for k in ("coverage", "claims", "flips"))
        cover, claims, flips = share
        if row["with_interval"] < whole["studies"] and cover:
            cover += f" of {row['with_interval']:,}"
        world = row["world"] + ("" if row["planted"] else ", nothing planted")
        mean = "" if row["mean"] is None else f"{row['mean']:.3f}"
        cells = (world, f"`{row['term']}`", f"{row['truth']:g}", mean, cover, claims, flips)
        rows.append("| " + " | ".join(cells) + " |")
    return WORDS.format(**whole) + "\n".join(rows) + "\n" + END


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--studies", type=int, default=200)
    ask.add_argument("--only", choices=list(WORLDS), action="append")
    ask.add_argument("--keep", type=Path, default=ROOT / ".bench" / "models")
    ask.add_argument("--write", action="store_true", help="write the figures of the manual")
    ask.add_argument("--only-write", action="store_true", help="the page again, from its figures")
    given = ask.parse_args()
    if given.only_write:
        PAGE.with_suffix(".md").write_text(page(json.loads(PAGE.read_text("utf-8"))), "utf-8")
        return
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
        PAGE.with_suffix(".md").write_text(page(whole), "utf-8")


if __name__ == "__main__":
    main()
