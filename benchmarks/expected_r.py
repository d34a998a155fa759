"""Which r to expect between a *measured* index and rated empathy, where .47 was planted.

Simulates dyads at the settings of the demo (not its seed), sends them through the chain's own
cleaning and index, and correlates the index with the questionnaire's sum. Writes
``src/syntony/trials/expected_r.json``, which the demo quotes. The time it takes is printed.

    python benchmarks/expected_r.py [--dyads 2000] [--minutes 50]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from syntony.config import Recipe, Step
from syntony.trials.calibration import expected_link

OUT = Path(__file__).parents[1] / "src" / "syntony" / "trials" / "expected_r.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dyads", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    began = time.process_time()
    recipe = Recipe(synchrony=(Step(),), surrogates=())
    found = expected_link(given.dyads, seed=given.seed, recipe=recipe, minutes=given.minutes)
    text = json.dumps({"made_by": "benchmarks/expected_r.py"} | found, indent=1)
    given.out.write_text(text + "\n", encoding="utf-8")
    print(text)
    print(f"{time.process_time() - began:.1f} s of processor time")


if __name__ == "__main__":
    main()
