"""Write docs/methods/speed.md: kernels beside the tools that people use today, and growth.

Run: SYNTONY_PEERS=.venv-peers/bin/python python benchmarks/speed_table.py (``make speed``)
Each benchmark runs in a process of its own on one core; other tools run in theirs, on one core
too, with the same input. ``make peers`` makes their environment.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from figures import clean_environment

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "methods" / "speed.md"
WORK = {
    "lagged.py": "Windowed lagged correlation",
    "all_pairs.py": "All pairs of many series",
    "susy.py": "Segment surrogates (SUSY)",
    "peaks.py": "Peak picking",
    "recurrence.py": "Multidimensional recurrence",
    "phase.py": "Phase and coherence of two brains",
    "wavelet.py": "Wavelet coherence",
    "amico.py": "Adaptive matching (AMICo)",
    "dtw.py": "Dynamic time warping",
}
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
COLUMNS = ((0, 58), (59, 69), (70, 76), (77, 120))
"""Where ``figure`` prints what, value, unit and limit."""


def processor() -> str:
    """Name of the processor, where the machine tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in told.splitlines() if "model name" in line]
    return names[0] if names else platform.machine()


def lines_of(script: str, *arguments: str) -> list[str]:
    """What one benchmark prints."""
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(**SINGLE),
    )
    if done.returncode:
        raise SystemExit(f"{script} failed: {done.stderr[-2000:]}")
    print(done.stdout, flush=True)
    return [line for line in done.stdout.splitlines() if line.strip()]


def row(line: str) -> str:
    """Turn a printed figure into a row of the table; the columns are those of ``figure``."""
    what, value, unit, limit = (line[a:b].strip() for a, b in COLUMNS)
    bar, _, word = limit.rpartition(" ") if limit else ("", "", "")
    verdict = {"ok": "yes", "OVER": "**no**"}.get(word, "")
    cell = what.replace("|", "\\|")
    return f"| {cell} | {value} {unit} | {bar.strip()} | {verdict} |"


def main() -> None:
    import numpy
    import scipy

    text = [
        "# Speed",
        "",
        "Kernel against kernel, one core, CPU time; the median of several calls after one that "
        "is not counted. Made by `make peers` and `make speed` "
        f"on {date.today():%Y-%m-%d}: {processor()}, {platform.system()}, Python "
        f"{platform.python_version()}, numpy {numpy.__version__}, scipy {scipy.__version__}. "
        "Other tools ran in an environment of their own, with the same input.",
        "",
    ]
    if not os.environ.get("SYNTONY_PEERS"):
        text += ["Other tools were not there when this page was made.", ""]
    for script, title in WORK.items():
        text += [f"## {title}", "", "| what | figure | bar | met |", "| --- | --- | --- | --- |"]
        text += [row(line) for line in lines_of(script)] + [""]
    lines_of("growth.py", str(PAGE.parent))
    grown = json.loads((PAGE.parent / "growth.json").read_text(encoding="utf-8"))
    text += [
        "## Growth",
        "",
        "![Time against size on log scales, for windows, lags, length, people and sessions]"
        "(growth.svg)",
        "",
        "An exponent of 1: twice the size takes twice the time. Pairs of people and pseudo-dyads "
        "grow with the square, because that is how many pairs there are.",
        "",
        "| work | from | to | ms | exponent |",
        "| --- | --- | --- | --- | --- |",
    ]
    for g in grown:
        ends = g["sizes"][0], g["sizes"][-1]
        ms = f"{1e3 * g['seconds'][0]:.3g} to {1e3 * g['seconds'][-1]:.3g}"
        text.append(
            f"| {g['what']} | {ends[0]:,} | {ends[1]:,} {g['unit']} | {ms} | {g['slope']:.2f} |"
        )
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
