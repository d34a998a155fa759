"""A multiverse of 20 dyads x 50 min: all default paths of skin conductance, 2 processes.

Run: python benchmarks/multiverse.py
The run is a fresh process of its own after a small one that compiled every kernel. Wall time, and
CPU time of all its processes, from the study's files to the report.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import clean_environment, figure
from study import write_study

DYADS, MINUTES, JOBS, AT_MOST_S = 20, 50.0, 2, 1200.0


def work(root: Path) -> None:
    """Go through the multiverse and print as JSON what it took."""
    import syntony as sy

    began = time.perf_counter()
    done = sy.multiverse(root, name="benchmark", jobs=JOBS)
    wall_s = time.perf_counter() - began
    spent = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    facts = {
        "wall_s": wall_s,
        "cpu_s": sum(u.ru_utime + u.ru_stime for u in spent),
        "paths": done.joint["paths"],
        "draws": done.joint["synchrony"]["draws"],
        "blocks": len(list((done.path / "blocks").glob("*.npz"))),
    }
    print(json.dumps(facts))


def measured(root: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--work", str(root)]
    told = subprocess.run(
        command, env=clean_environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    facts: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return facts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    if given.work:
        work(given.work)
        return
    with tempfile.TemporaryDirectory() as place:
        write_study(Path(place) / "small", 6, 8.0)
        write_study(Path(place) / "study", DYADS, MINUTES)
        measured(Path(place) / "small")  # compiles
        facts = measured(Path(place) / "study")
    what = f"{DYADS} dyads, {facts['paths']} paths, {facts['blocks']} couplings, "
    what += f"{facts['draws']} joint draws"
    figure(f"{what}, wall", facts["wall_s"], "s", at_most=AT_MOST_S)
    figure("CPU time of all processes", facts["cpu_s"], "s", at_most=JOBS * AT_MOST_S)


if __name__ == "__main__":
    main()
