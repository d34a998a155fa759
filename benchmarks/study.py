"""A study of 20 dyads x 50 min: all 380 pseudo-dyads, 999 shifts a dyad, both methods, 2 jobs.

Run: python benchmarks/study.py
The run is a fresh process of its own after a small one that compiled every kernel. Time until
the report begins, and with the report; memory of the largest process, and of all together
(resident sizes added, pages that processes share counted more than once), read every 50 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import clean_environment, figure

DYADS, MINUTES, JOBS = 20, 50.0, 2


def write_study(root: Path, dyads: int, minutes: float) -> None:
    from syntony.io.study_write import create_study, write_session
    from syntony.simulate.study import demo_setup, make_study

    made = make_study(demo_setup(dyads=dyads, minutes=minutes))
    create_study(root, title="benchmark", roles=("patient", "therapist"), simulated=True, truth={})
    for session in made.sessions:
        write_session(root, session)


def work(root: Path) -> None:
    """Run the study and print as JSON how long it took until the report, and with it."""
    import syntony as sy
    from syntony.config import Recipe

    recipe = Recipe()
    began = time.perf_counter()
    before_report = 0.0

    def watch(done: int, total: int) -> None:
        nonlocal before_report
        if not before_report and done == 3 * (total - 1) // 4 + 1:  # 3 n + 1 of 4 n + 1 steps
            before_report = time.perf_counter() - began

    run = sy.run(root, recipe, name="benchmark", jobs=JOBS, on_progress=watch)
    whole = time.perf_counter() - began
    pseudo = run.table("pseudo")
    one = pseudo[(pseudo.step == 0) & (pseudo.statistic == pseudo.statistic.iloc[0])]
    facts = {
        "before_report_s": before_report,
        "whole_s": whole,
        "pseudo_dyads": len(one),
        "draws": recipe.surrogates[1].count,
        "methods": [s.method for s in recipe.synchrony],
    }
    print(json.dumps(facts))


def resident_mb(root_pid: int) -> dict[int, float]:
    """Resident memory of a process and everything below it, in MB; empty where /proc is not."""
    parents, sizes = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
            pages = int((entry / "statm").read_text().split()[1])
        except OSError:
            continue  # it ended between the listing and the reading
        parents[int(entry.name)] = int(stat.rsplit(")", 1)[1].split()[1])
        sizes[int(entry.name)] = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    ours = {root_pid}
    while more := {p for p, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return {p: sizes[p] for p in ours if p in sizes}


def measured(root: Path) -> tuple[dict[str, float], float, float]:
    """Run the study in a fresh process; its facts, largest process and largest sum in MB."""
    command = [sys.executable, __file__, "--work", str(root)]
    process = subprocess.Popen(command, env=clean_environment(), stdout=subprocess.PIPE, text=True)
    largest = together = 0.0
    while process.poll() is None:
        sizes = resident_mb(process.pid)
        largest = max([largest, *sizes.values()])
        together = max(together, sum(sizes.values()))
        time.sleep(0.05)
    told = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}")
    return json.loads(told.splitlines()[-1]), largest, together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    if given.work:
        work(given.work)
        return
    with tempfile.TemporaryDirectory() as place:
        write_study(Path(place) / "small", 8, 22.0)
        write_study(Path(place) / "study", DYADS, MINUTES)
        measured(Path(place) / "small")  # compiles
        facts, largest, together = measured(Path(place) / "study")
    what = f"{DYADS} dyads, {facts['pseudo_dyads']} pseudo-dyads, {facts['draws']} shifts"
    figure(f"{what}, wall", facts["before_report_s"], "s", at_most=60)
    figure("with the report, wall", facts["whole_s"], "s", at_most=60)
    figure("largest process", largest, "MB", at_most=1000)
    figure("all processes together", together, "MB", at_most=1000)


if __name__ == "__main__":
    main()
