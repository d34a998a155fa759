"""A whole run of a corpus that gets larger: time by stage, memory, and who does the work.

Run: python benchmarks/scaling.py FOLDER [--sizes 25,50,100,200,400] [--compare 200]
Made sessions of 40 to 50 min at 4 Hz, each of a length of its own, lagged correlation and
concordance beside all pseudo-dyads, report and tables included. Every size with one process; the
size to compare also with two processes and with Dask and two workers. Writes ``scaling.json``,
``scaling.svg`` and the manual's page ``scaling.md`` to FOLDER; with --from, from figures measured
before. CPU seconds are of all processes; memory is the peak of the largest.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from figures import figure

RECIPE = """
[[synchrony]]
method = "marci"
[[synchrony]]
method = "lagged_correlation"
[[surrogates]]
name = "pseudo_dyads"
"""
STAGES = ("prepare", "real pairs", "pseudo-pairs", "tables", "report")
RATE_HZ = 4.0
MB = 1e6 / (1 if sys.platform == "darwin" else 1024)


def make_corpus(root: Path, sessions: int) -> None:
    """Write a study of made skin conductance."""
    from syntony.core.session import Person, Session
    from syntony.core.signal import Signal
    from syntony.io.study_write import create_study, write_session

    create_study(root, title="Made corpus", roles=("patient", "therapist"), simulated=True)
    (root / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    for k in range(sessions):
        rng = np.random.default_rng((1, k))
        people = tuple(
            Person(id=f"{r[0].upper()}{k:04d}", role=r) for r in ("patient", "therapist")
        )
        n = int(rng.uniform(40.0, 50.0) * 60.0 * RATE_HZ)
        signals = tuple(
            Signal(
                values=5.0 + np.abs(np.cumsum(rng.standard_normal(n))) * 0.01,
                rate_hz=RATE_HZ,
                start_s=0.0,
                unit="uS",
                kind="eda",
                person=p.id,
            )
            for p in people
        )
        write_session(
            root, Session(id=f"s{k:04d}", dyad=f"d{k:04d}", people=people, signals=signals)
        )


def part_of(whole: Path, root: Path, sessions: int) -> Path:
    """Make a study of the first sessions of another; their files are links."""
    root.mkdir()
    for name in ("study.toml", "recipe.toml", "dataset_description.json", ".bidsignore"):
        (root / name).write_bytes((whole / name).read_bytes())
    for name, rows in (("sessions", 1), ("people", 2), ("participants", 2)):
        lines = (whole / f"{name}.tsv").read_text("utf-8").splitlines()
        (root / f"{name}.tsv").write_text(
            "\n".join(lines[: 1 + rows * sessions]) + "\n", encoding="utf-8"
        )
    for k in range(sessions):
        for role in "PT":
            (root / f"sub-{role}{k:04d}").symlink_to(whole / f"sub-{role}{k:04d}")
    return root


def cpu_s() -> float:
    """CPU seconds of this process and of all that it has waited for."""
    of = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in of)


def one_run(root: str, jobs: int, dask: str) -> None:
    """Run a study in this process and print what it took."""
    import syntony as sy

    sessions = len((Path(root) / "sessions.tsv").read_text("utf-8").splitlines()) - 1
    ends = [sessions, 2 * sessions, 3 * sessions, 3 * sessions + 1]
    seen, begun = [(time.monotonic(), cpu_s())], time.monotonic()

    def watch(done: int, _: int) -> None:
        while len(seen) <= len(ends) and done >= ends[len(seen) - 1]:
            seen.append((time.monotonic(), cpu_s()))

    run = sy.run(root, jobs=jobs, dask=dask or None, on_progress=watch)
    seen.append((time.monotonic(), cpu_s()))
    peak = [
        resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    told = {
        "sessions": sessions,
        "pairs": sum(1 for _ in run.table("pseudo").groupby(["session_a", "session_b"])),
        "jobs": jobs,
        "dask": bool(dask),
        "wall_s": seen[-1][0] - begun,
        "cpu_s": seen[-1][1] - seen[0][1],
        "stages_cpu_s": {n: b[1] - a[1] for n, a, b in zip(STAGES, seen, seen[1:], strict=False)},
        "stages_wall_s": {n: b[0] - a[0] for n, a, b in zip(STAGES, seen, seen[1:], strict=False)},
        "peak_mb": max(peak) / MB,
    }
    print(json.dumps(told))


def measured(root: Path, jobs: int = 1, dask: str = "") -> dict[str, Any]:
    """Run a study in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", str(root), str(jobs), dask],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    who = f"{'dask, ' if dask else ''}{jobs} process{'es' if jobs > 1 else ''}"
    what = f"{told['sessions']} sessions, {told['pairs']:,} pseudo-pairs, {who}"
    figure(f"{what}: CPU", told["cpu_s"], "s")
    figure(f"{what}: elapsed", told["wall_s"], "s")
    figure(f"{what}: peak of the largest process", told["peak_mb"], "MB")
    for name, seconds in told["stages_cpu_s"].items():
        figure(f"    {name}", seconds, "s")
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="25,50,100,200,400")
    parser.add_argument("--compare", type=int, default=200)
    parser.add_argument("--from", dest="before", type=Path, help="scaling.json of an earlier run")
    parser.add_argument("--one", action="store_true")
    parser.add_argument("more", nargs="*")
    given = parser.parse_args()
    if given.one:
        one_run(str(given.folder), int(given.more[0]), "".join(given.more[1:]))
        return
    told = (
        json.loads(given.before.read_text("utf-8"))
        if given.before
        else measure([int(s) for s in given.sizes.split(",")], given.compare)
    )
    (given.folder / "scaling.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    draw([f for f in told["runs"] if f["jobs"] == 1], given.folder / "scaling.svg")
    (given.folder / "scaling.md").write_text(page(told), encoding="utf-8")


def measure(sizes: list[int], compare: int) -> dict[str, Any]:
    """Run every size with one process, and one of them with two processes and with Dask."""
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        make_corpus(whole, max(*sizes, compare))
        found = [measured(part_of(whole, Path(place) / f"n{n}", n)) for n in sizes]
        for jobs, dask in ((2, ""), (2, "local")) if compare else ():
            root = part_of(whole, Path(place) / f"c{jobs}{dask}", compare)
            found.append(measured(root, jobs, dask))
    return {"processors": os.cpu_count(), "load": os.getloadavg()[0], "runs": found}


def page(told: dict[str, Any]) -> str:
    """The page of the manual."""
    stages = " | ".join(STAGES)
    lines = [
        "# Scaling",
        "",
        "What a whole run of a corpus takes: from recordings to report, with lagged correlation "
        "and concordance beside all pseudo-dyads. Sessions are made, 40 to 50 min at 4 Hz, each "
        "of a length of its own, so that the real pair is computed again at the length of every "
        "partner. Made by `python benchmarks/scaling.py docs/methods`, on "
        f"{told['processors']} processors that also did other work (load {told['load']:.0f} at "
        "the end): CPU seconds of all processes, and elapsed time as it was.",
        "",
        "![CPU seconds by stage against sessions, on log scales](scaling.svg)",
        "",
        f"| sessions | pseudo-pairs | by | CPU, s | elapsed, s | peak, MB | {stages} |",
        "| --- " * (6 + len(STAGES)) + "|",
    ]
    for f in told["runs"]:
        who = "Dask, 2 workers" if f["dask"] else f"{f['jobs']} process{'es' * (f['jobs'] > 1)}"
        parts = (f"{f['stages_cpu_s'].get(n, float('nan')):.0f}" for n in STAGES)
        # what workers of a cluster compute is counted when they end, not by stage
        cells = "– | " * (len(STAGES) - 1) + "–" if f["jobs"] > 1 else " | ".join(parts)
        lines.append(
            f"| {f['sessions']:,} | {f['pairs']:,} | {who} | {f['cpu_s']:.0f} | "
            f"{f['wall_s']:.0f} | {f['peak_mb']:.0f} | {cells} |"
        )
    lines += [
        "",
        "Real pairs: each session's own index, the index at the length of every partner, and the "
        "search for stretches beside up to 199 pairs of strangers. Pseudo-pairs grow with the "
        "square of the sessions; real pairs grow faster than the sessions until each has 199 "
        "pairs to be searched beside. Memory is that of the largest process; a worker holds one "
        "tile, the process that gathers holds every session's results.",
        "",
        "Kernels alone, all pairs of 1,000 sessions: [speed](speed.md).",
    ]
    return "\n".join(lines) + "\n"


def draw(found: list[dict[str, Any]], path: Path) -> None:
    """Draw CPU time by stage over the number of sessions, on log scales."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "syntony"
    from matplotlib import pyplot, ticker

    drawn, axes = pyplot.subplots(figsize=(6.5, 4.2))
    sessions = np.array([f["sessions"] for f in found])
    colours = ("#8c8c8c", "#30608f", "#b3541e", "#4f7f4f", "#7a5c8e")
    for name, colour in zip(STAGES, colours, strict=True):
        seconds = np.array([f["stages_cpu_s"][name] for f in found])
        axes.loglog(sessions, seconds, "o-", color=colour, label=name, markersize=4)
    axes.loglog(sessions, [f["cpu_s"] for f in found], "k--", label="all", linewidth=1)
    axes.set_xticks(sessions, [f"{s:,}" for s in sessions])
    axes.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    axes.minorticks_off()
    axes.set_xlabel("sessions of 40 to 50 min (pseudo-pairs grow with their square)")
    axes.set_ylabel("CPU seconds")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    drawn.tight_layout()
    drawn.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
